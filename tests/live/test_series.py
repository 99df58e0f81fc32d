"""A window of stored readings as lines to draw: bounded, every extreme kept, gaps open, sources never mixed."""

import numpy as np
from clinic import S, T, cuff, reading

from dashboard.live.series import MOST_POINTS, combined, longest_silence, series, series_at
from dashboard.sessions.events import EventKind
from dashboard.store import acts
from devices.reading import Status


def ask(clinic, start=T, end=T + 86_400 * S, points=500, bed=0):
    with clinic.store.reading() as connection:
        return series(connection, clinic.beds[bed], start, end, points)


def test_an_empty_window_is_empty_and_not_zero(clinic):
    answer = ask(clinic)
    assert (answer["streams"], answer["nibp"]) == ({}, [])
    assert (answer["start"], answer["end"]) == (T // 1000, T // 1000 + 86_400_000)


def test_few_readings_come_as_they_are_with_their_gaps(clinic):
    clinic.write(
        clinic.beds[0],
        reading("HR", T, 70.0),
        reading("HR", T + S, 71.0),
        reading("HR", T + 2 * S, None, Status.OFF),
        reading("HR", T + 3 * S, 73.0),
        reading("HR", T + 60 * S, 0.0),
    )
    trace = ask(clinic)["streams"]["HR"]
    assert trace["source"] == "nonin:hr"
    assert trace["v"] == [70.0, 71.0, None, 73.0, None, 0.0]
    assert trace["t"][0] == T // 1000
    assert trace["t"] == sorted(trace["t"])


def test_only_the_window_and_only_this_bed(clinic):
    clinic.write(clinic.beds[0], *(reading("HR", T + n * S, float(n)) for n in range(60)))
    clinic.write(clinic.beds[1], reading("HR", T + 20 * S, 199.0))
    trace = ask(clinic, T + 10 * S, T + 30 * S)["streams"]["HR"]
    assert (trace["v"][0], trace["v"][-1], len(trace["v"])) == (10.0, 30.0, 21)


def test_a_long_window_is_bounded_and_keeps_its_peak(clinic):
    clinic.write(
        clinic.beds[0], *(reading("HR", T + n * S, 188.0 if n == 4_321 else 70.0 + n % 3) for n in range(10_000))
    )
    trace = ask(clinic, points=10**9)["streams"]["HR"]
    assert len(trace["t"]) <= MOST_POINTS
    assert trace["t"][trace["v"].index(188.0)] == (T + 4_321 * S) // 1000


def test_a_correction_received_later_replaces_the_reading_of_that_time(clinic):
    clinic.write(clinic.beds[0], reading("HR", T, 70.0), reading("HR", T, 90.0, received=T + S))
    assert ask(clinic)["streams"]["HR"]["v"] == [90.0]


def test_a_cuff_measurement_is_one_row(clinic):
    clinic.write(clinic.beds[0], *cuff(T + 300 * S, 128, 80), *cuff(T, 120, 76, 91))
    assert ask(clinic)["nibp"] == [
        [T // 1000, 120.0, 76.0, 91.0, "ok"],
        [T // 1000 + 300_000, 128.0, 80.0, None, "ok"],
    ]


def test_cuff_values_repeated_each_second_stay_bounded_with_their_extremes(clinic):
    for n in range(600):
        clinic.write(clinic.beds[0], *cuff(T + n * S, 120 + (n == 411) * 90, 80 - (n == 77) * 30))
    rows = ask(clinic, points=100)["nibp"]
    assert len(rows) <= 100
    assert max(row[1] for row in rows) == 210
    assert min(row[2] for row in rows) == 50


def test_of_two_sources_the_better_speaks_in_each_epoch():
    times = np.arange(0, 30, 5, dtype=np.int64) * S
    line = (times[:3], np.array([60.0, 60.0, 60.0]))
    oximeter = (times + 1, np.array([80.0] * 6))
    out_times, out_values = combined([line, oximeter])
    assert out_values.tolist() == [60.0, 60.0, 60.0, 80.0, 80.0, 80.0]
    assert (np.diff(out_times) > 0).all()


def test_a_slow_source_is_not_torn_apart():
    assert longest_silence(np.arange(0, 10, dtype=np.int64) * 60 * S) == 180 * S
    assert longest_silence(np.arange(0, 10, dtype=np.int64) * S) == 10 * S


def at_bed(clinic, bed, start, end):
    with clinic.store.reading() as connection:
        return series_at(connection, clinic.beds[bed], start, end, 500)


def test_a_screen_draws_nothing_of_the_patient_who_lay_there_before(clinic):
    """Hazard 1 of the clinical definition."""
    bed = clinic.beds[0]
    first = clinic.start(bed, T)
    clinic.write(bed, reading("HR", T + 10 * S, 99.0), *cuff(T + 11 * S, 150, 90))
    clinic.event(first, EventKind.SESSION_END, T + 20 * S)
    clinic.write(bed, reading("HR", T + 30 * S, 61.0), *cuff(T + 31 * S, 110, 70))
    assert at_bed(clinic, 0, T, T + 60 * S)["streams"]["HR"]["v"] == [
        99.0,
        None,
        61.0,
    ]  # nobody's: all of the monitor's
    clinic.start(bed, T + 40 * S)
    found = at_bed(clinic, 0, T, T + 60 * S)
    assert found["streams"]["HR"]["v"] == [61.0]
    assert [each[1:3] for each in found["nibp"]] == [[110, 70]]


def test_a_session_that_moved_is_drawn_from_both_beds_with_a_break_between(clinic):
    session = clinic.start(clinic.beds[0], T)
    clinic.write(clinic.beds[0], reading("HR", T + 10 * S, 70.0), reading("HR", T + 35 * S, 199.0))
    clinic.write(clinic.beds[1], reading("HR", T + 15 * S, 188.0), reading("HR", T + 31 * S, 72.0))
    acts.move_session(
        clinic.store, session, clinic.beds[1], reason="monitor failed", author="Ada", now=T + 30 * S, bed_now=T + 30 * S
    )
    found = at_bed(clinic, 1, T, T + 60 * S)["streams"]["HR"]
    assert found["v"] == [70.0, None, 72.0]
    assert found["t"] == [T // 1000 + 10_000, T // 1000 + 10_000, T // 1000 + 31_000]
