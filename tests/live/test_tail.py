"""The tail says each thing once, soon, and only of the beds that changed."""

import threading

import pytest
from clinic import S, T, cuff, reading
from sqlalchemy import event

from dashboard.live import tail as tails
from dashboard.live.tail import StoreTail
from dashboard.sessions.events import EventKind
from dashboard.store import acts, writes
from devices.reading import Status

SITE = {"name": "Suite", "zone": "Europe/Berlin"}


@pytest.fixture
def tail(clinic):
    made = StoreTail(clinic.store, SITE)
    made.poll(T)
    yield made
    made.close()


def kinds(events):
    return [event.kind for event in events]


def only(events, kind):
    return [event.data for event in events if event.kind == kind]


def test_nothing_is_said_while_nothing_is_committed(clinic, tail):
    assert tail.poll(T + S) == []
    assert kinds(tail.beat(T + S)) == ["beat"]


def test_a_new_reading_is_said_once(clinic, tail):
    clinic.write(clinic.beds[0], reading("HR", T + S, 71.0))
    first = tail.poll(T + S)
    assert only(first, "readings") == [
        {"bed": clinic.beds[0], "rows": [["HR", (T + S) // 1000, 71.0, "ok", "nonin:hr"]]}
    ]
    clinic.beat(T + 2 * S)
    assert only(tail.poll(T + 2 * S), "readings") == []


def test_readings_of_one_cuff_measurement_are_in_one_message_in_order(clinic, tail):
    clinic.write(clinic.beds[0], *reversed(cuff(T + S, 128, 80, 95)))
    (message,) = only(tail.poll(T + S), "readings")
    assert [(row[0], row[2]) for row in message["rows"]] == [
        ("NIBP_SYS", 128.0),
        ("NIBP_DIA", 80.0),
        ("NIBP_MEAN", 95.0),
    ]


def test_only_the_bed_that_changed_is_said(clinic, tail):
    clinic.start(clinic.beds[1], T)
    (view,) = only(tail.poll(T + S), "bed")
    assert (view["id"], view["session"]["patient"], view["session"]["phase"]) == (clinic.beds[1], "A. B.", "baseline")


def test_readings_and_counters_alone_do_not_repeat_the_bed(clinic, tail):
    bed = clinic.beds[0]
    clinic.write(bed, reading("HR", T + S, 71.0))
    tail.poll(T + S)
    clinic.write(bed, reading("HR", T + 2 * S, 72.0))
    clinic.state(bed, frames=11, last_frame=T + 2 * S, bytes_in=200)
    assert kinds(tail.poll(T + 2 * S)) == ["readings"]
    assert kinds(tail.beat(T + 2 * S)) == ["beat"]
    view = tail.snapshot(T + 2 * S).data["beds"][0]
    assert (view["numbers"]["HR"]["value"], view["monitor"]["frames"]) == (72.0, 11)


def test_a_monitors_state_an_alarm_and_its_acknowledgement_are_said(clinic, tail):
    bed = clinic.beds[0]
    clinic.state(bed, monitor="lost", text="port gone")
    (view,) = only(tail.poll(T + S), "bed")
    assert view["monitor"]["state"] == "lost"
    alarm = clinic.alarm(bed, T + S)
    (view,) = only(tail.poll(T + S), "bed")
    assert [(each["id"], each["acknowledged"]) for each in view["alarms"]] == [(alarm, None)]
    acts.acknowledge(clinic.store, alarm, author="Nurse One", now=T + 2 * S)
    (view,) = only(tail.poll(T + 2 * S), "bed")
    assert view["alarms"][0]["acknowledged_by"] == "Nurse One"


def test_an_acknowledged_alarm_that_is_over_leaves_the_screen(clinic, tail):
    alarm = clinic.alarm(clinic.beds[0], T)
    acts.acknowledge(clinic.store, alarm, author="Nurse One", now=T)
    tail.poll(T)
    with clinic.store.writing() as connection:
        writes.end_alarm(connection, alarm, T + S)
    (view,) = only(tail.poll(T + S), "bed")
    assert view["alarms"] == []


def test_limits_follow_the_baseline_and_the_chosen_version(clinic, tail):
    bed = clinic.beds[0]
    session = clinic.start(bed, T)
    tail.poll(T)

    def threshold(view, signal, level):
        return next(
            (each["threshold"] for each in view["limits"] if (each["signal"], each["level"]) == (signal, level)), None
        )

    (first,) = only([tail.snapshot(T)], "snapshot")
    view = first["beds"][0]
    assert threshold(view, "SBP", 1) is None  # a rise over a baseline that is not there
    assert threshold(view, "SBP", 2) == 165
    from dashboard.store.records import Baseline

    with clinic.store.writing() as connection:
        writes.write_baselines(connection, [(session, Baseline("SBP", 120.0, 3, "ok"))])
    # A baseline is no new row that could be counted: it is on the screens within a second.
    events = tail.poll(T + S // 2) + tail.poll(T + 2 * S)
    (view,) = only(events, "bed")
    assert (threshold(view, "SBP", 1), threshold(view, "SBP", 2)) == (140, 160)
    assert view["cycle_s"] == 300
    with clinic.store.reading() as connection:
        from dashboard.store import queries

        other = queries.latest_threshold_version(connection, "cardiac-risk")
    clinic.event(session, EventKind.THRESHOLDS, T + 3 * S, threshold_version_id=other.id, reason="known heart disease")
    (view,) = only(tail.poll(T + 3 * S), "bed")
    assert view["session"]["thresholds"]["name"] == "cardiac-risk"
    assert threshold(view, "SBP", 1) == 138  # the lower of 120 + 20 and 120 * 1.15


def test_a_late_reading_makes_the_screens_fetch_the_series_and_never_the_shown_number(clinic, tail):
    bed = clinic.beds[0]
    clinic.write(bed, reading("HR", T + 60 * S, 80.0))
    tail.poll(T + 60 * S)
    clinic.write(bed, reading("HR", T + 30 * S, 170.0, received=T + 61 * S))
    clinic.state(bed, late=1)
    events = tail.poll(T + 61 * S)
    assert only(events, "late") == [{"bed": bed}]
    assert only(events, "readings") == []
    assert tail.snapshot(T + 61 * S).data["beds"][0]["numbers"]["HR"]["value"] == 80.0


def test_a_jump_of_a_replay_begins_anew(clinic, tail):
    bed = clinic.beds[0]
    clinic.state(bed, clock_at=T - 900 * S, clock_wall=T, clock_rate=10.0)
    assert kinds(tail.poll(T)) == ["snapshot"]
    clinic.write(bed, reading("HR", T - 800 * S, 90.0))
    tail.poll(T + S)
    clinic.state(bed, clock_at=T - 890 * S, clock_wall=T + S, clock_rate=0.0)  # paused where it was: no jump
    assert kinds(tail.poll(T + S)) == ["bed"]
    with clinic.store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM reading")
    clinic.writer.forget()
    clinic.write(bed, reading("HR", T - 850 * S, 66.0))
    clinic.state(bed, clock_at=T - 850 * S, clock_wall=T + S, clock_rate=10.0)
    events = tail.poll(T + S)
    assert kinds(events) == ["snapshot"]
    assert events[0].data["beds"][0]["numbers"]["HR"]["value"] == 66.0


def test_a_new_bed_begins_anew_and_an_unconfigured_one_is_gone(clinic, tail):
    row = {"name": "Bed 9", "place": 0, "grp": "", "protocol": "nonin", "port": "x", "mode": "live"}
    with clinic.store.writing() as connection:
        writes.set_up_beds(connection, [row])
    (event,) = tail.poll(T + S)
    assert event.kind == "snapshot"
    assert [bed["name"] for bed in event.data["beds"]] == ["Bed 9"]


def test_the_beat_says_whether_the_watch_runs(clinic, tail):
    def watch(at):
        return tail.beat(at)[-1].data["watch"]

    assert watch(T + 3 * S) == {"state": "running", "age": 3_000, "version": "0.1.0", "mode": "live"}
    assert watch(T + 3 * S + 1)["state"] == "stalled"
    with clinic.store.writing() as connection:
        writes.stop_beating(connection, "test", T + 4 * S)
    tail.poll(T + 4 * S)
    assert watch(T + 4 * S)["state"] == "stopped"


def test_a_store_without_a_watch_says_stopped(tmp_path):
    from dashboard.store.database import open_store

    store = open_store(tmp_path / "empty")
    tail = StoreTail(store, SITE)
    tail.poll(T)
    assert tail.beat(T)[-1].data["watch"]["state"] == "stopped"
    assert tail.snapshot(T).data["beds"] == []
    tail.close()


def test_a_burst_of_a_refilled_recording_is_not_sent_row_by_row(clinic, tail):
    bed = clinic.beds[0]
    clinic.write(bed, *(reading("HR", T + n * S, 70.0) for n in range(1, 2_500)))
    events = tail.poll(T)
    assert kinds(events)[0] == "late"
    assert only(events, "readings") == []


def test_the_cost_of_a_poll_does_not_grow_with_the_session(clinic, tail):
    """The statements are counted, and how many rows they may touch is asked of SQLite's own plan: seeks only."""
    bed = clinic.beds[0]
    clinic.write(bed, *(reading("HR", T + n * S, 70.0) for n in range(1_500)))
    tail.poll(T + 1_500 * S)
    asked = []
    event.listen(clinic.store.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    clinic.write(bed, reading("HR", T + 1_501 * S, 71.0))
    asked.clear()
    assert kinds(tail.poll(T + 1_501 * S))[0] == "readings"
    assert len(asked) <= 15
    statement = next(text for text, _ in asked if "WITH mark" in text)
    with clinic.store.reading() as connection:
        plan = [row[3] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement)]
    assert any("SEARCH reading USING PRIMARY KEY (stream_id=? AND time>?)" in step for step in plan), plan


def test_statuses_travel_as_they_are_and_no_value_is_null(clinic, tail):
    clinic.write(clinic.beds[0], reading("SPO2", T + S, None, Status.OFF), reading("HR", T + S, 0.0))
    (message,) = only(tail.poll(T + S), "readings")
    assert sorted((row[0], row[2], row[3]) for row in message["rows"]) == [("HR", 0.0, "ok"), ("SPO2", None, "off")]


def test_the_thread_falls_silent_while_the_database_cannot_be_read_and_comes_back(clinic):
    """No beat, so every screen covers itself; and the tail is there again when reading works."""
    tail = StoreTail(clinic.store, SITE)
    said, stop = [], threading.Event()
    broken = threading.Event()
    sound = tail.poll

    def poll(wall):
        if broken.is_set():
            raise RuntimeError("disk on fire")
        return sound(wall)

    tail.poll = poll
    times = iter(range(T, T + 10_000 * S, S // 2))
    thread = threading.Thread(
        target=tails.run, args=(tail, lambda e, s: said.append(kinds(e)), stop, lambda: next(times))
    )
    thread.start()

    def until(condition):
        for _ in range(100):
            if condition():
                return True
            stop.wait(0.05)
        return False

    assert until(lambda: ["beat"] in said)
    broken.set()
    stop.wait(0.2)
    silent = len(said)
    stop.wait(0.3)
    assert len(said) == silent
    broken.clear()
    assert until(lambda: len(said) > silent)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


class Ticking:
    """A clock that a test holds still and moves."""

    def __init__(self):
        self.now = T

    def __call__(self):
        return self.now


def test_a_watch_that_stalls_or_comes_back_and_a_screen_that_connects_are_told_at_once(clinic):
    """The cover has 4 s to come and 2 s to go: no second of them is spent waiting for the next beat."""
    clinic.beat(T)
    said, stop, asked, clock = [], threading.Event(), threading.Event(), Ticking()

    def publish(events, _snapshot):
        said.extend(each.data["watch"]["state"] for each in events if each.kind == "beat")

    def until(count):
        for _ in range(100):
            if len(said) >= count:
                return
            stop.wait(0.02)
        raise AssertionError(said)

    thread = threading.Thread(target=tails.run, args=(StoreTail(clinic.store, SITE), publish, stop, clock, asked))
    thread.start()
    try:
        until(1)
        for tenths in range(1, 30):
            clock.now = T + tenths * S // 10
            stop.wait(0.06)
        beats = len(said)
        clock.now = T + 3 * S + 1
        until(beats + 1)
        assert said[-1] == "stalled"
        clinic.beat(clock.now)
        until(beats + 2)
        assert said[-1] == "running"
        asked.set()
        until(beats + 3)
        assert said[beats:] == ["stalled", "running", "running"]
    finally:
        stop.set()
        thread.join(5)
