"""The history: newest first, a page at a time, narrowed by what a person remembers of a session."""

import pytest
from sqlalchemy import insert, update

from dashboard.sessions.events import EventKind
from dashboard.store import acts, history, queries, writes
from dashboard.store import schema as s
from dashboard.store.history import Filters, Kind, RiseCount
from devices.instant import HOUR, MINUTE
from devices.reading import Notice

T = 1_800_000_000_000_000


@pytest.fixture
def ward(store):
    return Ward(store)


class Ward:
    def __init__(self, store):
        self.store = store
        with store.reading() as connection:
            self.beds = [each.id for each in queries.beds(connection)]

    def session(
        self, patient="A. B.", identifier="1970-01-01", bed=0, at=T, thresholds="adult-iv", ends=True, mode="live"
    ):
        with self.store.writing() as connection:
            connection.execute(update(s.bed).where(s.bed.c.id == self.beds[bed]).values(mode=mode))
            version = queries.latest_threshold_version(connection, thresholds).id
        made = acts.start_session(
            self.store,
            self.beds[bed],
            patient=patient,
            identifier=identifier,
            threshold_version_id=version,
            author="Ada",
            now=at,
            bed_now=at,
        )
        if ends:
            acts.record_event(
                self.store, made, EventKind.SESSION_END, time=at + HOUR, author="Ada", now=at + HOUR, bed_now=at + HOUR
            )
        return made

    def rise(self, session, level=1, outcome="transient", signal="SBP", onset=T, at_baseline=0):
        with self.store.writing() as connection:
            version = queries.session(connection, session).threshold_version_id
            row = {
                "signal": signal,
                "level": level,
                "threshold": 140.0,
                "clear": 130.0,
                "baseline": 120.0,
                "onset": onset,
                "confirmed": onset,
                "peak": 150.0,
                "peak_time": onset,
                "return_time": None,
                "declared": None,
                "outcome": outcome,
                "present_at_baseline": at_baseline,
                "threshold_version_id": version,
            }
            writes.write_rise(connection, session, row)

    def found(self, **filters):
        with self.store.reading() as connection:
            return [each.session.id for each in history.page(connection, Filters(**filters)).entries]


def test_pages_hold_every_session_once_newest_first(ward):
    made = [ward.session(at=T + n * HOUR) for n in range(7)]
    seen, after, sizes = [], None, []
    with ward.store.reading() as connection:
        while True:
            page = history.page(connection, Filters(), after, size=3)
            sizes.append(len(page.entries))
            seen += [each.session.id for each in page.entries]
            if not page.more:
                break
            after = seen[-1]
    assert seen == made[::-1]
    assert sizes == [3, 3, 1]


def test_a_page_is_not_moved_by_a_session_that_starts_meanwhile(ward):
    made = [ward.session(at=T + n * HOUR) for n in range(4)]
    with ward.store.reading() as connection:
        first = history.page(connection, Filters(), size=2)
    ward.session(at=T + 9 * HOUR)
    with ward.store.reading() as connection:
        second = history.page(connection, Filters(), first.entries[-1].session.id, size=2)
    assert [each.session.id for each in second.entries] == made[1::-1]


@pytest.mark.parametrize("text", ["ab", "a.b.", "A. B.", "a b", "anna", "BERG", "1970", "bed 1"])
def test_a_patient_is_found_by_initials_name_identifier_or_bed(ward, text):
    wanted = ward.session("Anna Berger", "1970-01-01")
    ward.session("Carl Dorn", "1980-02-02", bed=1)
    assert ward.found(text=text) == [wanted]


@pytest.mark.parametrize("text", ["%", "_", "\\", "1970%", "xx", "a. c."])
def test_a_search_is_taken_literally(ward, text):
    ward.session("Anna Berger", "1970-01-01")
    assert ward.found(text=text) == []


def test_an_underscore_and_a_percent_are_found_where_they_stand(ward):
    wanted = ward.session("X", "50%_a")
    ward.session("X", "50xya", at=T + HOUR * 2)
    assert ward.found(text="0%_a") == [wanted]


def test_sessions_are_narrowed_by_day_state_kind_and_thresholds(ward):
    early = ward.session(at=T)
    late = ward.session(at=T + 24 * HOUR, thresholds="cardiac-risk")
    running = ward.session(at=T + 48 * HOUR, bed=1, ends=False, mode="demo")
    assert ward.found(since=T + 1) == [running, late]
    assert ward.found(until=T + 24 * HOUR) == [early]
    assert ward.found(since=T, until=T + 24 * HOUR + 1) == [late, early]
    assert ward.found(running=True) == [running]
    assert ward.found(running=False) == [late, early]
    assert ward.found(kind=Kind.DEMO) == [running]
    assert ward.found(kind=Kind.REPLAY) == ward.found(kind=Kind.IMPORTED) == []
    assert ward.found(thresholds="cardiac-risk") == [late]
    assert ward.found(thresholds="cardiac-risk", kind=Kind.DEMO) == []


def test_what_was_imported_is_no_replay(ward):
    imported, replayed = ward.session(mode="replay"), ward.session(mode="replay", at=T + 2 * HOUR)
    row = {
        **dict.fromkeys(("name", "sha256", "format", "reader", "patient", "times_from", "imported_by"), "x"),
        **dict.fromkeys(("files", "choices", "mapping", "refused"), "{}"),
        **dict.fromkeys(("size", "rows_read", "rows_used", "repeats", "readings", "imported"), 0),
    }
    with ward.store.writing() as connection:
        connection.execute(insert(s.recording_import).values(session_id=imported, **row))
    assert ward.found(kind=Kind.IMPORTED) == [imported]
    assert ward.found(kind=Kind.REPLAY) == [replayed]
    with ward.store.reading() as connection:
        assert history.entry(connection, imported).kind is Kind.IMPORTED


def test_rises_are_counted_and_looked_for_by_level_and_outcome_of_the_same_rise(ward):
    quiet, mixed, high = (ward.session(at=T + n * 2 * HOUR) for n in range(3))
    ward.rise(quiet, 3, "unresolved", at_baseline=1)  # present at baseline: listed elsewhere, never counted
    ward.rise(mixed, 1, "unresolved")
    ward.rise(mixed, 2, "transient")
    ward.rise(mixed, 2, "transient", onset=T + MINUTE)
    ward.rise(high, 3, "sustained_returned", "HR")
    assert ward.found(level=1) == [high, mixed]
    assert ward.found(level=2) == [high, mixed]
    assert ward.found(level=3) == [high]
    assert ward.found(outcome="unresolved") == [mixed]
    assert ward.found(level=2, outcome="unresolved") == []
    assert ward.found(level=2, outcome="transient") == [mixed]
    with ward.store.reading() as connection:
        rises = {each.session.id: each.rises for each in history.page(connection, Filters()).entries}
    assert rises == {
        quiet: (),
        mixed: (RiseCount(2, "transient", 2), RiseCount(1, "unresolved", 1)),
        high: (RiseCount(3, "sustained_returned", 1),),
    }


def test_only_the_very_same_two_identifiers_are_the_same_patient(ward):
    first = ward.session("A. B.", "1970-01-01")
    ward.session("A. B.", "1970-01-02", at=T + 2 * HOUR)
    ward.session("A. C.", "1970-01-01", at=T + 4 * HOUR)
    last = ward.session("A. B.", "1970-01-01", bed=1, at=T + 6 * HOUR)
    with ward.store.reading() as connection:
        session = queries.session(connection, last)
        assert [each.session.id for each in history.of_same_patient(connection, session)] == [first]


def test_a_record_holds_all_that_was_said_of_one_session_only(ward):
    other, mine = ward.session(at=T), ward.session(at=T + 2 * HOUR)
    with ward.store.writing() as connection:
        told = [(ward.beds[0], id, Notice(T, T, "gap", f"of {id}", raw=b"\x00")) for id in (other, mine)]
        writes.write_notices(connection, [*told, (ward.beds[0], None, Notice(T, T, "quiet", "nobody's"))])
    ward.rise(mine, 2)
    with ward.store.reading() as connection:
        found = history.record(connection, mine)
        assert history.record(connection, 99) is None
    assert [each.text for each in found.notices] == [f"of {mine}"]
    assert [each.kind for each in found.events] == [EventKind.SESSION_END]
    assert [each.level for each in found.rises] == [2]
    assert found.version.name == "adult-iv"
    assert set(found.versions) == {found.version.id}
    assert (found.alarms, found.baselines) == ([], {})


def test_a_moved_session_has_the_notices_and_the_name_of_every_bed_it_was_at(ward):
    made = ward.session(ends=False)
    acts.move_session(
        ward.store, made, ward.beds[1], reason="room", author="Ada", now=T + 20 * MINUTE, bed_now=T + 20 * MINUTE
    )
    other = ward.session(patient="Z. Z.", identifier="1980-02-02", at=T + 30 * MINUTE)
    with ward.store.writing() as connection:
        told = [
            (ward.beds[0], made, Notice(T + 5 * MINUTE, T + 5 * MINUTE, "probe-off", "the probe is off", "SPO2")),
            (ward.beds[0], other, Notice(T + 40 * MINUTE, T + 40 * MINUTE, "probe-off", "another patient's", "SPO2")),
            (ward.beds[1], made, Notice(T + 25 * MINUTE, T + 25 * MINUTE, "gap", "no cuff for 13 min", "NIBP")),
            (ward.beds[1], None, Notice(T - MINUTE, T - MINUTE, "quiet", "before it came", "")),
        ]
        writes.write_notices(connection, told)
    with ward.store.reading() as connection:
        record = history.record(connection, made)
        by_first_bed = history.page(connection, Filters(text="bed 1")).entries
        by_second_bed = history.page(connection, Filters(text="bed 2")).entries
    assert [each.text for each in record.notices] == ["the probe is off", "no cuff for 13 min"]
    assert (record.entry.bed, record.entry.beds) == ("Bed 2", ("Bed 1", "Bed 2"))
    assert [each.session.id for each in by_first_bed] == [other, made]
    assert [each.session.id for each in by_second_bed] == [made]
