"""A session under watch: worked example A of the clinical definition, live, interrupted, resumed, entered late."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from dashboard.rises.columns import unpack
from dashboard.sessions.events import EventKind
from dashboard.store import acts, queries
from dashboard.store import schema as s
from dashboard.store.database import open_store
from dashboard.watch import service
from dashboard.watch.bed import write_beds
from dashboard.watch.desk import Desk
from dashboard.watch.replays import Replays
from devices.instant import MINUTE, SECOND
from devices.reading import Reading, Status

BEFORE = [(-25, 138, 88), (-15, 126, 80), (-10, 124, 78), (-5, 120, 76), (0, 116, 74)]
AFTER = [
    (5, 132, 82), (10, 141, 88), (15, 138, 90), (20, 140, 91), (25, 146, 140), (27, 152, 96), (30, 160, 99),
    (35, 168, 101), (40, 184, 104), (45, 184, 98), (50, 171, 95), (55, 158, 94), (60, 149, 90), (65, 151, 87),
    (70, 142, 86), (75, 136, 84), (85, 130, 80), (90, 128, 78), (95, 124, 76),
]  # fmt: skip

EXPECTED = {
    # signal, level: threshold, clear, onset, confirmed, peak, peak time, return, declared (minutes from the start)
    ("SBP", 1): (140, 130, 20, 27, 184, 40, 85, 90),
    ("SBP", 2): (160, 150, 30, 35, 184, 40, 70, 75),
    ("SBP", 3): (180, 170, 40, 40, 184, 40, 55, 60),
    ("DBP", 1): (91, 86, 20, 27, 104, 40, 70, 75),
    ("DBP", 2): (100, 95, 35, 40, 104, 40, 50, 55),
}


def play_example_a(ward, interruptions=()):
    """The cuff readings at their minutes, the infusion from 0 to 40, a commit after each; crashes before some."""
    begin = ward.now
    ward.open_session()
    for minute, sys, dia in BEFORE:
        ward.now = begin + (minute + 26) * MINUTE
        ward.cuff(sys, dia)
        ward.commit()
    ward.start_infusion(begin + 26 * MINUTE)
    for number, (minute, sys, dia) in enumerate(AFTER):
        ward.now = begin + (minute + 26) * MINUTE
        if number in interruptions:
            ward.restart()
        ward.cuff(sys, dia)
        ward.commit()
        if minute == 40:
            ward.event(EventKind.INFUSION_STOP)
    ward.now = begin + 126 * MINUTE
    ward.commit()


def table(ward):
    return {
        (each.signal, each.level): (
            each.threshold,
            each.clear,
            *(ward.minutes(at) for at in (each.onset, each.confirmed)),
            each.peak,
            *(ward.minutes(at) for at in (each.peak_time, each.return_time, each.declared)),
        )
        for each in ward.rises()
    }


def test_example_a_live_gives_its_table(ward):
    play_example_a(ward)
    assert table(ward) == EXPECTED
    assert {each.outcome for each in ward.rises()} == {"transient"}
    with ward.store.reading() as connection:
        baselines = queries.baselines(connection, ward.session)
    assert (baselines["SBP"].value, baselines["DBP"].value) == (120, 76)


@pytest.mark.parametrize("cut", range(len(AFTER)))
def test_a_crash_before_any_reading_neither_doubles_nor_loses_a_rise(ward, cut):
    play_example_a(ward, interruptions={cut})
    assert len(ward.rises()) == len(EXPECTED)
    assert table(ward) == EXPECTED


def test_crashes_before_every_reading_change_nothing(ward):
    play_example_a(ward, interruptions=set(range(len(AFTER))))
    assert table(ward) == EXPECTED


def test_a_crash_raises_no_alarm_twice(ward):
    play_example_a(ward, interruptions=set(range(len(AFTER))))
    with ward.store.reading() as connection:
        log = connection.execute(
            select(s.alarm.c.signal, s.alarm_event.c.detail)
            .join(s.alarm)
            .where(s.alarm_event.c.event == "raised", s.alarm.c.category == "physiological")
            .order_by(s.alarm_event.c.id)
        ).all()
    # per signal: low when level 1 is confirmed, then medium, then (SBP) high; none of them again
    assert sorted((each.signal, json.loads(each.detail)["priority"]) for each in log) == [
        ("DBP", 1),
        ("DBP", 2),
        ("SBP", 1),
        ("SBP", 2),
        ("SBP", 3),
    ]


def test_a_start_entered_late_runs_over_what_is_stored(ward):
    begin = ward.now
    ward.open_session()
    for minute, sys, dia in BEFORE + AFTER[:8]:
        ward.now = begin + (minute + 26) * MINUTE
        ward.cuff(sys, dia)
        ward.commit()
    assert ward.rises() == []
    ward.start_infusion(begin + 26 * MINUTE)
    ward.commit()
    assert {(each.signal, each.level): ward.minutes(each.onset) for each in ward.rises()} == {
        ("SBP", 1): 20,
        ("SBP", 2): 30,
        ("DBP", 1): 20,
    }
    assert sorted((each.key, each.priority) for each in ward.alarms().values() if each.category == "physiological") == [
        ("rise DBP", 1),
        ("rise SBP", 2),
    ]


def test_the_end_closes_an_open_rise_as_unresolved(ward):
    begin = ward.now
    ward.open_session()
    for minute, sys, dia in BEFORE:
        ward.now = begin + (minute + 26) * MINUTE
        ward.cuff(sys, dia)
        ward.commit()
    ward.start_infusion(begin + 26 * MINUTE)
    for minute, sys, dia in AFTER:
        if minute > 72:
            break
        ward.now = begin + (minute + 26) * MINUTE
        ward.cuff(sys, dia)
        ward.commit()
        if minute == 40:
            ward.event(EventKind.INFUSION_STOP)
    ward.now = begin + 98 * MINUTE
    ward.event(EventKind.SESSION_END)
    ward.commit()
    assert {(each.signal, each.level): each.outcome for each in ward.rises()} == {
        ("SBP", 1): "unresolved",
        ("SBP", 2): "unresolved",
        ("DBP", 1): "unresolved",
        ("SBP", 3): "transient",
        ("DBP", 2): "transient",
    }
    assert ward.watch.session is None
    with ward.store.reading() as connection:
        assert queries.running_alarms(connection).get(ward.bed.id, {}) == {}


def test_a_session_that_ends_is_packed_for_what_if(ward):
    session = ward.open_session()
    for sys in (118, 120, 122):
        ward.cuff(sys, 76)
        ward.pass_time(60)
    ward.start_infusion()
    ward.pass_time(60)
    ward.cuff(150, 90)  # not committed before the end: it counts all the same
    ward.event(EventKind.SESSION_END)
    ward.commit()
    with ward.store.reading() as connection:
        row = connection.exec_driver_sql("SELECT session_id, body FROM packed_session").one()
        stored = queries.session(connection, session)
    columns = unpack(bytes(row.body))
    assert row.session_id == session and columns.sbp.tolist() == [118, 120, 122, 150]
    assert columns.timeline.session_end == stored.ended


def test_another_patients_readings_are_no_baseline(ward):
    first = ward.open_session()
    ward.cuff(118, 76)
    ward.pass_time(60)
    ward.cuff(119, 77)
    ward.pass_time(60)
    ward.event(EventKind.SESSION_END)
    ward.commit()
    ward.pass_time(60)
    second = ward.open_session()
    assert second != first
    ward.start_infusion()
    ward.pass_time(90)
    with ward.store.reading() as connection:
        assert queries.baselines(connection, second)["SBP"].status == "none"


def test_thresholds_changed_in_the_session_act_for_later_readings_only(ward):
    ward.open_session()
    for _ in range(3):
        ward.cuff(120, 76)
        ward.pass_time(300)
    ward.start_infusion()
    ward.pass_time(300)
    ward.cuff(152, 80)  # at or above 140 (level 1) once; below every limit of the next version
    ward.pass_time(10)
    known = acts.thresholds_of(ward.version)
    higher = (replace(each, rise=45.0) if each.signal == "SBP" and each.level < 3 else each for each in known.level)
    looser = replace(known, level=tuple(higher))
    saved = acts.save_thresholds(ward.store, looser, author="Dr. C", reason="known white-coat", now=ward.now)
    ward.event(EventKind.THRESHOLDS, threshold_version_id=saved.id, reason="known white-coat")
    ward.pass_time(290)
    ward.cuff(153, 80)
    ward.pass_time(10)
    assert ward.rises() == []
    ward.pass_time(290)
    ward.cuff(181, 84)
    ward.pass_time(10)
    assert [(each.signal, each.level, each.threshold_version_id) for each in ward.rises()] == [("SBP", 3, saved.id)]


def test_a_manual_baseline_replaces_the_missing_one_for_later_readings(ward):
    ward.open_session()
    ward.start_infusion()
    ward.pass_time(120)
    with ward.store.reading() as connection:
        assert queries.baselines(connection, ward.session)["SBP"].status == "none"
    ward.event(EventKind.BASELINE, signal="SBP", value=118, reason="taken by hand in the waiting room")
    for sys in (139, 140):
        ward.pass_time(60)
        ward.cuff(sys, 80)
        ward.commit()
    with ward.store.reading() as connection:
        baseline = queries.baselines(connection, ward.session)["SBP"]
    assert (baseline.value, baseline.status) == (118, "manual")
    assert [(each.signal, each.level, each.threshold) for each in ward.rises()] == [("SBP", 1, 138)]


def test_a_cuff_shown_again_to_a_restarted_watch_is_not_a_second_measurement(ward):
    ward.open_session()
    ward.cuff(118, 76, 90)
    ward.pass_time(20)
    ward.restart()
    ward.cuff(118, 76, 90, time=ward.now - 19 * SECOND)  # its age, told in whole seconds
    ward.pass_time(1)
    with ward.store.reading() as connection:
        assert len(queries.readings(connection, ward.bed.id)) == 3
    ward.pass_time(60)
    ward.cuff(118, 76, 90)  # measured anew, with the same result
    ward.pass_time(1)
    with ward.store.reading() as connection:
        assert len(queries.readings(connection, ward.bed.id)) == 6


def test_the_provisional_mark_stands_until_the_second_reading(ward):
    ward.open_session()
    for _ in range(3):
        ward.cuff(120, 76)
        ward.pass_time(300)
    ward.start_infusion()
    ward.pass_time(60)
    ward.cuff(150, 80)
    ward.pass_time(1)
    with ward.store.reading() as connection:
        marks = queries.bed_states(connection)[ward.bed.id].provisional
    assert [(each["signal"], each["level"], each["have"], each["need"], each["value"]) for each in marks] == [
        ("SBP", 1, 1, 2, 150)
    ]
    assert "rise SBP" not in ward.alarms()


def test_an_implausible_high_reading_asks_for_a_repeat_until_a_valid_one_comes(ward):
    ward.open_session()
    ward.start_infusion()
    ward.pass_time(60)
    ward.cuff(190, 175)
    ward.pass_time(1)
    alarm = ward.alarms()["cuff-implausible"]
    assert (alarm.category, alarm.priority) == ("technical", 2)
    ward.pass_time(60)
    ward.cuff(150, 85)
    ward.pass_time(1)
    with ward.store.reading() as connection:
        assert "cuff-implausible" not in queries.running_alarms(connection).get(ward.bed.id, {})


def test_a_monitor_that_falls_silent_is_said_to_and_taken_back(ward):
    ward.open_session()
    for _ in range(10):
        ward.rate(72.0)
        ward.pass_time(1)
    assert ward.alarms() == {}
    ward.pass_time(11)
    assert ward.alarms()["no-data"].priority == 2
    assert "hr-lost" not in ward.alarms()
    ward.pass_time(50)
    assert ward.alarms()["no-data"].priority == 3
    ward.rate(73.0)
    ward.pass_time(1)
    with ward.store.reading() as connection:
        assert queries.running_alarms(connection).get(ward.bed.id, {}) == {}


def test_without_a_session_nothing_alarms_but_everything_is_stored(ward):
    ward.rate(72.0)
    ward.cuff(200, 120)
    ward.pass_time(120)
    assert ward.alarms() == {}
    with ward.store.reading() as connection:
        assert len(queries.readings(connection, ward.bed.id)) == 3


def test_what_could_not_be_committed_is_written_with_the_next_commit(ward):
    ward.open_session()
    ward.rate(72.0)
    ward.watch.judge(ward.now)
    with pytest.raises(ZeroDivisionError), ward.store.writing() as connection:
        write_beds(connection, ward.writer, [ward.watch], ward.now)
        raise ZeroDivisionError
    ward.writer.forget()
    ward.now += SECOND
    ward.rate(73.0)
    ward.pass_time(1)
    with ward.store.reading() as connection:
        assert [each.value for each in queries.readings(connection, ward.bed.id)] == [72.0, 73.0]


def test_heart_rate_rises_need_their_epochs(ward):
    ward.open_session()
    for _ in range(301):
        ward.rate(70.0)
        ward.pass_time(1)
    ward.start_infusion()
    for _ in range(65):
        ward.rate(91.0)
        ward.pass_time(1)
    found = ward.rises()
    assert [(each.signal, each.level, each.threshold) for each in found] == [("HR", 1, 90)]
    assert found[0].onset == ward.t0
    assert found[0].confirmed == ward.t0 + 60 * SECOND


def test_readings_that_no_detector_takes_are_stored_all_the_same(ward):
    ward.open_session()
    ward.say(Reading(ward.now, ward.now, "ABP_SYS", 131.0, "mmHg", Status.OK, "ge-dri:p1"))
    ward.pass_time(1)
    with ward.store.reading() as connection:
        assert [each.signal for each in queries.readings(connection, ward.bed.id)] == ["ABP_SYS"]
        assert [each.kind for each in queries.notices(connection, ward.bed.id)] == ["not-flagged"]


def test_a_restarted_watch_does_not_take_its_own_absence_for_the_monitors_silence(ward):
    ward.open_session()
    for _ in range(10):
        ward.rate(72.0)
        ward.pass_time(1)
    ward.now += 30 * SECOND
    ward.restart()
    ward.pass_time(1)
    assert ward.alarms() == {}
    ward.pass_time(10)
    assert ward.alarms()["no-data"].priority == 2


def test_one_patients_alarm_never_stands_under_the_next_ones_name(ward):
    ward.open_session()
    ward.cuff(118, 76)
    ward.pass_time(60)
    ward.start_infusion()
    ward.pass_time(60)
    ward.cuff(205, 120)
    ward.pass_time(1)
    ward.event(EventKind.SESSION_END)
    ward.pass_time(2)
    assert set(ward.alarms()) == {"rise SBP", "rise DBP"}  # nobody has acknowledged them yet
    ward.open_session()
    ward.pass_time(2)
    assert ward.alarms() == {}


def test_an_acknowledgement_for_one_patient_is_none_for_the_next(ward):
    """The watch may see the end of a session and the next one's start at once, as after its own restart."""
    first = ward.open_session()
    ward.rate(80)
    ward.pass_time(1)
    ward.pass_time(70)
    acts.acknowledge(ward.store, ward.alarms()["no-data"].id, author="Ada", now=ward.now)
    acts.record_event(
        ward.store, first, EventKind.SESSION_END, time=ward.now, author="Ada", now=ward.now, bed_now=ward.now
    )
    second = ward.open_session()
    ward.pass_time(1)
    alarm = ward.alarms()["no-data"]
    assert (alarm.session_id, alarm.acknowledged) == (second, None)


@pytest.mark.parametrize("any_place", ["sqlite"], indirect=True)  # PostgreSQL's writers do not lock each other out
def test_readings_that_an_ending_watch_cannot_write_are_told(ward, any_place, monkeypatch, caplog):
    monkeypatch.setattr(service, "BUSY_MS", 50)
    watch = service.Watch(ward.store, "clinic", "live", [ward.watch], Replays(), Desk({}, Path("none")))
    ward.rate(80)
    with open_store(any_place).writing():
        watch._goodbye()
    assert "are lost: 1" in caplog.text


def log_of(ward, alarm_id):
    with ward.store.reading() as connection:
        rows = connection.exec_driver_sql(f"SELECT event FROM alarm_event WHERE alarm_id = {alarm_id} ORDER BY id")
        return [row[0] for row in rows]


def test_what_nobody_acknowledges_is_logged_as_escalated_once_also_over_a_restart(ward):
    ward.open_session()
    ward.cuff(118, 76)
    ward.pass_time(60)
    ward.start_infusion()
    ward.pass_time(60)
    ward.cuff(205, 100)
    ward.pass_time(2)
    high = ward.alarms()["rise SBP"]
    ward.pass_time(50)
    assert log_of(ward, high.id) == ["raised"]
    ward.pass_time(15)
    ward.restart()
    ward.pass_time(30)
    assert log_of(ward, high.id) == ["raised", "escalated"]


def test_a_reminder_of_the_watch_reaches_the_screens(ward):
    ward.open_session()
    ward.cuff(118, 76)
    ward.pass_time(60)
    ward.start_infusion()
    ward.pass_time(60)
    ward.cuff(205, 100)
    ward.pass_time(2)
    high = ward.alarms()["rise SBP"]
    assert high.reminded is None
    acts.acknowledge(ward.store, high.id, author="Ada", now=ward.now)
    ward.pass_time(119)
    assert ward.alarms()["rise SBP"].reminded is None
    ward.pass_time(1)
    first = ward.alarms()["rise SBP"].reminded
    assert first == ward.now
    ward.pass_time(119)
    assert ward.alarms()["rise SBP"].reminded == first
    ward.pass_time(1)
    assert ward.alarms()["rise SBP"].reminded == ward.now
