"""What a session came to: the detector's values, the highest of each, and curves aligned at the start of the drug."""

from dashboard.resources import sample_data
from dashboard.sessions.summary import Extreme, aligned, columns, extremes
from devices import instant
from devices.instant import MINUTE, SECOND
from devices.reading import Reading, Status
from devices.recordings.base import read_recording
from devices.signals import SIGNALS

T0 = 1_800_000_000 * SECOND


def reading(signal, minute, value, status=Status.OK, source="x:a"):
    at = T0 + round(minute * MINUTE)
    return Reading(at, at, signal, value, SIGNALS[signal].unit, status, source)


def cuff(minute, sys, dia, status=Status.OK):
    return [reading("NIBP_SYS", minute, sys, status), reading("NIBP_DIA", minute, dia, status)]


def test_the_worked_example_peaks_where_its_table_says():
    readings = read_recording(sample_data() / "worked-example-a.csv").readings
    t0 = instant.parse("2026-03-01T09:00:00Z")
    found = extremes(columns(readings, readings[-1].time), t0, readings[-1].time)
    assert found == {
        "SBP": Extreme("SBP", 184.0, t0 + 40 * MINUTE, 18),
        "DBP": Extreme("DBP", 104.0, t0 + 40 * MINUTE, 18),
    }


def test_only_what_the_detector_uses_can_be_a_peak():
    readings = [
        *cuff(0, 199, 90),  # at the start itself: before the drug
        *cuff(5, 150, 90),
        *cuff(10, 240, 235),  # pulse pressure too small
        *cuff(15, 260, 120, Status.QUESTIONABLE),
        *cuff(20, 150, 95),
        *cuff(90, 190, 99),  # after the end
    ]
    found = extremes(columns(readings, T0 + 60 * MINUTE), T0, T0 + 60 * MINUTE)
    assert found["SBP"] == Extreme("SBP", 150.0, T0 + 5 * MINUTE, 2)  # of equals the first
    assert found["DBP"] == Extreme("DBP", 95.0, T0 + 20 * MINUTE, 2)
    assert set(found) == {"SBP", "DBP"}


def test_rates_count_by_epochs_of_five_seconds_and_saturation_by_its_lowest():
    second = 1 / 60
    rates = [60, 61, 200, 62, 63, *[90] * 5, *[80] * 5]  # one wild sample is not the median of its epoch
    readings = [reading("HR", n * second, value) for n, value in enumerate(rates)]
    readings += [reading("SPO2", n * second, value) for n, value in enumerate([98] * 5 + [91] * 5 + [97] * 5)]
    end = T0 + 15 * SECOND
    found = extremes(columns(readings, end), T0, end)
    assert found["HR"] == Extreme("HR", 90.0, T0 + 5 * SECOND, 3)
    assert found["SPO2"] == Extreme("SPO2", 91.0, T0 + 5 * SECOND, 3)
    assert extremes(columns([], end), T0, end) == {}


def test_curves_begin_with_the_drug_and_leave_out_what_is_not_believed():
    readings = [
        *cuff(-31, 120, 80),
        *cuff(-10, 121, 81),
        *cuff(10, 140, 90),
        *cuff(12, 240, 235),
        *[reading("HR", n / 60, 70) for n in range(5)],
    ]
    found = aligned(columns(readings, T0 + 20 * MINUTE), T0, T0 + 20 * MINUTE)
    assert found.sbp == ((-10.0, 121.0), (10.0, 140.0))
    assert found.dbp == ((-10.0, 81.0), (10.0, 90.0))
    assert found.hr == ((0.0, 70.0),)
    assert found.spo2 == ()


def test_two_sessions_on_different_days_lie_on_one_axis():
    day = [reading("HR", 5 + n / 60, 70) for n in range(5)] + cuff(5, 130, 80)
    shift = 36 * 60 * MINUTE
    later = [Reading(e.time + shift, e.received + shift, e.signal, e.value, e.unit, e.status, e.source) for e in day]
    end = T0 + 10 * MINUTE
    assert aligned(columns(day, end), T0, end) == aligned(columns(later, end + shift), T0 + shift, end + shift)
