"""The dose that was given, by hand: rates are per hour, times in minutes from the start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.sessions.dose import dose_given, dose_planned, dose_steps
from dashboard.sessions.events import EventKind, SessionEvent
from dashboard.sessions.plan import Plan
from devices.instant import MINUTE

K = EventKind
PLAN = Plan(drug="ketamine", dose_mg_per_kg=0.5, weight_kg=72.0, weight_entered="72 kg", planned_minutes=40.0)
"""36 mg over 40 min: 54 mg/h, 0.9 mg a minute."""


def events(*rows):
    """(kind, minutes, detail) in the order of entry."""
    return [
        SessionEvent(number, row[0], round(row[1] * MINUTE), 0, "Ada", row[2] if len(row) > 2 else {})
        for number, row in enumerate(rows, 1)
    ]


def at(minute, *rows, plan=PLAN):
    found = dose_given(events(*rows), plan, round(minute * MINUTE))
    return None if found is None else (found.amount, found.per_h, found.assumed)


def test_nothing_before_the_start_and_nine_tenths_of_a_milligram_each_minute_after_it():
    assert at(-5, (K.INFUSION_START, 0)) == (0.0, 0.0, False)
    assert at(0, (K.INFUSION_START, 0)) == (0.0, 54.0, False)
    assert at(10, (K.INFUSION_START, 0)) == (pytest.approx(9.0), 54.0, False)


def test_a_pause_gives_nothing_and_the_rate_comes_back_after_it():
    rows = ((K.INFUSION_START, 0), (K.INFUSION_PAUSE, 10), (K.INFUSION_RESUME, 15), (K.INFUSION_STOP, 45))
    assert at(12, *rows) == (pytest.approx(9.0), 0.0, False)
    assert at(20, *rows) == (pytest.approx(13.5), 54.0, False)
    assert at(60, *rows) == (pytest.approx(36.0), 0.0, False)


def test_another_rate_counts_from_its_time_on_also_when_it_is_set_in_a_pause():
    half = {"per_h": 27.0, "unit": "mg"}
    assert at(20, (K.INFUSION_START, 0), (K.INFUSION_RATE, 10, half)) == (pytest.approx(13.5), 27.0, False)
    rows = ((K.INFUSION_START, 0), (K.INFUSION_PAUSE, 10), (K.INFUSION_RATE, 12, half), (K.INFUSION_RESUME, 20))
    assert at(15, *rows) == (pytest.approx(9.0), 0.0, False)
    assert at(30, *rows) == (pytest.approx(13.5), 27.0, False)


def test_a_rate_per_kilogram_is_the_weight_times_it():
    assert at(10, (K.INFUSION_START, 0), (K.INFUSION_RATE, 0, {"per_h": 0.5, "unit": "mg/kg"}))[1] == 36.0


def test_a_pump_gives_no_more_than_was_planned_and_an_end_without_a_stop_is_assumed():
    assert at(40, (K.INFUSION_START, 0)) == (pytest.approx(36.0), 0.0, True)
    assert at(90, (K.INFUSION_START, 0)) == (pytest.approx(36.0), 0.0, True)
    assert at(90, (K.INFUSION_START, 0), (K.INFUSION_STOP, 41)) == (pytest.approx(36.0), 0.0, False)


def test_an_early_stop_leaves_the_rest_and_another_start_goes_on():
    rows = ((K.INFUSION_START, 0), (K.INFUSION_STOP, 10), (K.INFUSION_START, 30), (K.INFUSION_STOP, 40))
    assert at(20, *rows) == (pytest.approx(9.0), 0.0, False)
    assert at(50, *rows) == (pytest.approx(18.0), 0.0, False)


def test_a_corrected_time_counts():
    rows = ((K.INFUSION_START, 5), (K.CORRECTION, 20, {"event": 1, "time": 0, "reason": "read off the pump"}))
    assert at(10, *rows) == (pytest.approx(9.0), 54.0, False)


def test_without_a_weight_it_is_counted_per_kilogram_and_without_a_duration_not_at_all():
    plan = Plan(dose_mg_per_kg=0.5, planned_minutes=40.0)
    found = dose_given(events((K.INFUSION_START, 0)), plan, 20 * MINUTE)
    assert (found.amount, found.planned, found.unit) == (pytest.approx(0.25), 0.5, "mg/kg")
    assert at(20, (K.INFUSION_START, 0), plan=Plan(dose_mg_per_kg=0.5)) is None
    assert at(20, (K.INFUSION_START, 0), plan=None) is None


def test_what_the_plan_would_have_given():
    amounts = [dose_planned(PLAN, 0, minute * MINUTE) for minute in (-1, 0, 10, 40, 90)]
    assert amounts == pytest.approx([0, 0, 9, 36, 36])


@given(st.lists(st.tuples(st.sampled_from([K.INFUSION_PAUSE, K.INFUSION_RESUME]), st.integers(1, 60)), max_size=8))
def test_the_dose_never_falls_nor_passes_the_whole_and_is_one_line_through_its_steps(halts):
    rows = [(K.INFUSION_START, 0), *halts]
    amounts = [dose_given(events(*rows), PLAN, minute * MINUTE).amount for minute in range(90)]
    assert amounts == sorted(amounts)
    assert amounts[-1] <= 36.0 + 1e-9
    for step in dose_steps(events(*rows), PLAN):
        assert dose_given(events(*rows), PLAN, step.time).amount == pytest.approx(step.amount)
