"""A replay writes nothing into a live record: whatever is done in it, the live bed's rows stay as they are."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from theatre import Monitor, Stage

from dashboard.errors import SessionError
from dashboard.resources import sample_data
from dashboard.rises.threshold_files import preset
from dashboard.sessions.events import EventKind
from dashboard.sessions.setup import ensure_presets
from dashboard.store import acts, queries, writes
from dashboard.store import schema as s
from dashboard.store.database import open_store
from dashboard.watch.bed import BedWatch
from devices import instant
from devices.instant import MINUTE, SECOND
from devices.reading import Reading, Status

T0 = instant.parse("2026-03-01T09:00:00Z")


@pytest.fixture
def stage(quick_folder):
    store = open_store(quick_folder)
    ensure_presets(store, 0)
    made = Stage(store)
    yield made
    made.replays.close()
    store.close()


@pytest.fixture
def live(stage):
    """A patient under watch at Bed 1, with a note, a rise and an alarm; the session's id."""
    row = {"name": "Bed 1", "place": 0, "grp": "", "protocol": "line", "port": "/dev/x", "mode": "live"}
    with stage.store.writing() as connection:
        writes.set_up_beds(connection, [row])
    with stage.store.reading() as connection:
        (bed,) = queries.beds(connection)
        version = queries.latest_threshold_version(connection, "adult-iv")
    session = acts.start_session(
        stage.store, bed.id, patient="A. B.", identifier="1970", author="Ada", now=stage.now, bed_now=stage.now,
        threshold_version_id=version.id,
    )  # fmt: skip
    watch = BedWatch(bed, Monitor())
    with stage.store.reading() as connection:
        watch.resume(connection, stage.now)
    for minute, value in enumerate((120, 122, 121, 185, 190)):
        if minute == 3:
            at = {"time": stage.now, "author": "Ada", "now": stage.now, "bed_now": stage.now}
            acts.record_event(stage.store, session, EventKind.INFUSION_START, **at)
            acts.record_event(stage.store, session, EventKind.NOTE, **at, detail={"text": "calm"})
            with stage.store.reading() as connection:
                watch.take_acts(connection, stage.now)
        stage.now += MINUTE
        both = (("NIBP_SYS", float(value)), ("NIBP_DIA", 80.0))
        watch.take(
            [Reading(stage.now, stage.now, name, v, "mmHg", Status.OK, "line:nibp") for name, v in both], stage.now
        )
        watch.judge(stage.now)
        stage.commit([watch])
    return session


def record(stage, session_id):
    """Every row of the live bed and its session."""
    with stage.store.reading() as connection:
        session = queries.session(connection, session_id)
        bed = session.bed_id
        streams = select(s.stream.c.id).where(s.stream.c.bed_id == bed)
        alarms = select(s.alarm.c.id).where(s.alarm.c.bed_id == bed)
        of = {
            s.bed: s.bed.c.id == bed,
            s.bed_state: s.bed_state.c.bed_id == bed,
            s.session: s.session.c.id == session_id,
            s.session_place: s.session_place.c.session_id == session_id,
            s.session_event: s.session_event.c.session_id == session_id,
            s.stream: s.stream.c.bed_id == bed,
            s.reading: s.reading.c.stream_id.in_(streams),
            s.rise: s.rise.c.session_id == session_id,
            s.baseline: s.baseline.c.session_id == session_id,
            s.alarm: s.alarm.c.bed_id == bed,
            s.alarm_event: s.alarm_event.c.alarm_id.in_(alarms),
            s.notice: s.notice.c.bed_id == bed,
        }
        return {
            table.name: sorted(map(repr, connection.execute(select(table).where(where)))) for table, where in of.items()
        }


def opened(stage, **more):
    stage.ask(
        "open", recording=str(sample_data() / "worked-example-a.csv"), infusion_start=T0,
        infusion_end=T0 + 40 * MINUTE, speed=600, **more,
    )  # fmt: skip
    return stage.beds[-1]


def play(stage, bed, seconds):
    stage.now += seconds * SECOND
    bed.take(bed.source.poll(stage.now), stage.now)
    bed.judge(stage.now)
    stage.commit([bed])


def test_nothing_that_is_done_in_a_replay_changes_a_live_record(stage, live):
    before = record(stage, live)
    assert before["rise"] and before["alarm"] and before["session_event"]
    bed = opened(stage)
    play(stage, bed, 5)
    session = bed.session.id
    at = {"author": "Ben", "now": stage.now, "bed_now": bed.bed_now(stage.now)}
    time = at["bed_now"]
    note = acts.record_event(stage.store, session, EventKind.NOTE, time=time, **at, detail={"text": "a note"})
    acts.correct_event(stage.store, session, note, time=time - MINUTE, reason="earlier", **at)
    acts.correct_event(stage.store, session, note, time=None, reason="wrong", **at)
    acts.record_event(
        stage.store, session, EventKind.BASELINE, time=time, **at,
        detail={"signal": "SBP", "value": 130.0, "reason": "try"},
    )  # fmt: skip
    acts.adjust_thresholds(stage.store, session, preset("cardiac-risk"), reason="try", **at)
    with stage.store.reading() as connection:
        bed.take_acts(connection, stage.now)
        alarms = [each for each in queries.standing_alarms(connection) if each.bed_id == bed.bed.id]
    assert alarms
    acts.acknowledge(stage.store, alarms[0].id, author="Ben", now=stage.now)
    play(stage, bed, 2)
    for action, detail in (
        ("pause", {}), ("seek", {"to": T0}), ("speed", {"speed": 0.5}), ("play", {}), ("restart", {}), ("close", {}),
    ):  # fmt: skip
        stage.ask(action, bed.bed.id, **detail)
    assert stage.refusals() == []
    assert record(stage, live) == before


def test_a_reading_by_hand_is_refused_in_a_replay(stage, live):
    bed = opened(stage)
    at = bed.bed_now(stage.now)
    with pytest.raises(SessionError, match="a replay takes no reading of a patient"):
        acts.record_event(
            stage.store, bed.session.id, EventKind.CUFF, time=at, author="Ben", now=stage.now, bed_now=at,
            detail={"sys": 120.0, "dia": 80.0},
        )  # fmt: skip


def test_neither_a_replay_moves_to_a_bed_nor_a_patient_to_a_replay(stage, live):
    bed = opened(stage)
    with stage.store.reading() as connection:
        ward = next(each for each in queries.beds(connection) if each.mode == "live")
    before = record(stage, live)
    for session, target in ((bed.session.id, ward.id), (live, bed.bed.id)):
        with pytest.raises(SessionError, match="a replay and a patient cannot change places"):
            acts.move_session(
                stage.store, session, target, reason="try", author="Ben", now=stage.now, bed_now=stage.now
            )
    assert record(stage, live) == before


def test_a_correction_in_a_replay_does_not_reach_a_live_event(stage, live):
    bed = opened(stage)
    with stage.store.reading() as connection:
        events = queries.session_events(connection, live)
    before = record(stage, live)
    for event in events:
        with pytest.raises(SessionError):
            acts.correct_event(
                stage.store, bed.session.id, event.id, time=T0, reason="try", author="Ben", now=stage.now,
                bed_now=bed.bed_now(stage.now),
            )  # fmt: skip
    assert record(stage, live) == before


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        ("play", {}),
        ("pause", {}),
        ("speed", {"speed": 2}),
        ("seek", {"to": 0}),
        ("restart", {}),
        ("close", {}),
        ("step", {"kind": "flag", "back": True}),
    ],
)
def test_no_command_of_a_replay_steers_a_live_bed(stage, live, action, detail):
    with stage.store.reading() as connection:
        (ward,) = queries.beds(connection)
    before = record(stage, live)
    stage.ask(action, ward.id, **detail)
    assert stage.refusals() == ["that replay is no longer open"]
    assert record(stage, live) == before


def test_a_replay_that_asks_for_a_live_beds_name_gets_another_one(stage, live):
    before = record(stage, live)
    bed = opened(stage, name="Bed 1")
    assert bed.bed.name == "Replay 1"
    with pytest.raises(SessionError, match="still has an open session"):
        acts.start_session(
            stage.store, bed.bed.id, patient="C. D.", identifier="1980", author="Ben", now=stage.now,
            bed_now=stage.now, threshold_version_id=1,
        )  # fmt: skip
    assert record(stage, live) == before
