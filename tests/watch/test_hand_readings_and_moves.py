"""Worked example A of the clinical definition with readings by hand, and with a session that moves in its middle."""

import pytest
from test_watch_sessions import AFTER, BEFORE, EXPECTED, table

from dashboard.errors import SessionError
from dashboard.sessions.events import EventKind
from dashboard.store import acts, queries, writes
from dashboard.watch.bed import BedWatch, write_beds
from devices.instant import MINUTE, SECOND


def play(ward, give, at_minute=lambda minute: None):
    """Example A's cuff readings, each handed to `give(minute, sys, dia)`."""
    begin = ward.now
    ward.open_session()
    for minute, sys, dia in BEFORE:
        ward.now = begin + (minute + 26) * MINUTE
        give(minute, sys, dia)
        ward.commit()
    ward.start_infusion(begin + 26 * MINUTE)
    for minute, sys, dia in AFTER:
        ward.now = begin + (minute + 26) * MINUTE
        at_minute(minute)
        give(minute, sys, dia)
        ward.commit()
        if minute == 40:
            ward.event(EventKind.INFUSION_STOP)
    ward.now = begin + 126 * MINUTE
    ward.commit()


def by_hand(ward, sys, dia):
    ward.event(EventKind.CUFF, sys=sys, dia=dia)


def test_readings_by_hand_are_flagged_as_a_monitors_and_marked(ward):
    play(ward, lambda minute, sys, dia: by_hand(ward, sys, dia) if minute % 2 else ward.cuff(sys, dia))
    assert table(ward) == EXPECTED
    with ward.store.reading() as connection:
        sources = {each.source for each in queries.readings(connection, ward.bed.id)}
    assert sources == {"line:nibp", "manual:nibp_sys", "manual:nibp_dia"}


def test_a_reading_entered_before_a_crash_is_taken_up_after_it_and_once(ward):
    def give(minute, sys, dia):
        if minute in (27, 40):
            acts.record_event(
                ward.store, ward.session, EventKind.CUFF, time=ward.now, author="Ada", now=ward.now, bed_now=ward.now,
                detail={"sys": sys, "dia": dia},
            )  # fmt: skip
            ward.restart()  # the watch had not looked yet
            ward.commit()
            ward.restart()
        else:
            ward.cuff(sys, dia)

    play(ward, give)
    assert table(ward) == EXPECTED
    with ward.store.reading() as connection:
        times = [each.time for each in queries.readings(connection, ward.bed.id) if each.signal == "NIBP_SYS"]
    assert len(times) == len(set(times)) == len(BEFORE) + len(AFTER) - sum(sys is None for _, sys, _ in AFTER)


@pytest.fixture
def two_beds(ward):
    """The ward with a second bed and its watch; `commit` writes both."""
    rows = [
        {"name": name, "place": place, "grp": "", "protocol": "line", "port": f"/dev/{place}", "mode": "live"}
        for place, name in enumerate(("Bed 1", "Bed 2"))
    ]
    with ward.store.writing() as connection:
        writes.set_up_beds(connection, rows)
    with ward.store.reading() as connection:
        ward.beds = queries.beds(connection)
    ward.watches = [ward.watch, BedWatch(ward.beds[1], type(ward.watch.source)("Bed 2"))]

    def look():
        with ward.store.reading() as connection:
            for watch in ward.watches:
                watch.take_acts(connection, ward.now)

    def commit():
        for watch in ward.watches:
            watch.judge(ward.now)
        with ward.store.writing() as connection:
            write_beds(connection, ward.writer, ward.watches, ward.now)
        for watch in ward.watches:
            watch.written()

    def move(number):
        acts.move_session(
            ward.store, ward.session, ward.beds[number].id, reason="monitor failed", author="Ada", now=ward.now,
            bed_now=ward.now,
        )  # fmt: skip
        ward.watch = ward.watches[number]
        look()

    ward.look, ward.commit, ward.move = look, commit, move
    return ward


def test_a_session_that_moves_in_its_middle_keeps_its_baseline_its_rises_and_its_alarms(two_beds):
    ward = two_beds

    def at_minute(minute):
        if minute != 45:
            return
        with ward.store.reading() as connection:
            before = queries.standing_alarms(connection)
        high = next(each for each in before if each.priority == 3)
        acts.acknowledge(ward.store, high.id, author="Ada", now=ward.now)
        ward.now -= 30 * SECOND
        ward.move(1)
        ward.watches[0].judge(ward.now)
        ward.commit()
        ward.now += 30 * SECOND
        with ward.store.reading() as connection:
            after = queries.standing_alarms(connection)
        assert {each.bed_id for each in after} == {ward.beds[1].id}
        assert next(each for each in after if each.id == high.id).acknowledged_by == "Ada"

    play(ward, lambda minute, sys, dia: ward.cuff(sys, dia), at_minute)
    assert table(ward) == EXPECTED


def test_what_another_monitor_says_before_the_move_is_not_this_patients(two_beds):
    """Hazard 1: the readings follow from the move on."""
    ward = two_beds
    first, second = ward.watches

    def give(minute, sys, dia):
        ward.cuff(sys, dia)
        if minute < 45:
            ward.watch = second
            ward.cuff(230, 120)  # somebody else's, measured at Bed 2 before the move
            ward.watch = first

    play(ward, give, lambda minute: ward.move(1) if minute == 45 else None)
    assert table(ward) == EXPECTED
    with ward.store.reading() as connection:
        own = queries.session_readings(connection, ward.session)
    assert not [each for each in own if each.value == 230]


def test_a_bed_that_was_left_takes_the_next_patient_without_the_last_ones_readings(two_beds):
    ward = two_beds
    ward.open_session()
    ward.cuff(150, 95)
    ward.commit()
    ward.now += 10 * MINUTE
    ward.move(1)
    ward.commit()
    with pytest.raises(SessionError, match="Bed 2 still has an open session"):
        acts.start_session(
            ward.store, ward.beds[1].id, patient="C. D.", identifier="2", threshold_version_id=ward.version.id,
            author="Ada", now=ward.now, bed_now=ward.now,
        )  # fmt: skip
    ward.watch = ward.watches[0]
    ward.now += MINUTE
    next_one = acts.start_session(
        ward.store, ward.beds[0].id, patient="C. D.", identifier="2", threshold_version_id=ward.version.id,
        author="Ada", now=ward.now, bed_now=ward.now,
    )  # fmt: skip
    ward.look()
    ward.cuff(118, 72)
    ward.commit()
    with ward.store.reading() as connection:
        found = queries.session_readings(connection, next_one, 30 * MINUTE)
        assert queries.baselines(connection, next_one)["SBP"].value == 118
    assert {each.value for each in found} == {118, 72}


def test_a_move_that_cannot_be_is_refused(two_beds):
    ward = two_beds
    ward.open_session()
    for number, reason, words in ((0, "x", "is at Bed 1 already"), (1, " ", "needs its reason")):
        with pytest.raises(SessionError, match=words):
            acts.move_session(
                ward.store, ward.session, ward.beds[number].id, reason=reason, author="Ada", now=ward.now,
                bed_now=ward.now,
            )  # fmt: skip


def test_a_start_corrected_afterwards_moves_no_flag_that_was_shown(ward):
    play(ward, lambda minute, sys, dia: ward.cuff(sys, dia))
    with ward.store.reading() as connection:
        start = next(
            each for each in queries.session_events(connection, ward.session) if each.kind is EventKind.INFUSION_START
        )
    acts.correct_event(
        ward.store, ward.session, start.id, time=start.time - 12 * MINUTE, reason="read off the pump", author="Ada",
        now=ward.now, bed_now=ward.now,
    )  # fmt: skip
    ward.look()
    ward.commit()
    ward.restart()
    ward.commit()
    assert table(ward) == EXPECTED
