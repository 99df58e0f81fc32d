"""The infusion plan: weights in both units, what follows from a dose, slips that are asked about."""

import pytest

from dashboard.errors import SessionError
from dashboard.rises.threshold_files import PRESETS
from dashboard.sessions.events import EventKind, SessionEvent
from dashboard.sessions.plan import DRUGS, TEMPLATES, Plan, both_units, in_kg, plan_of, template, weight_doubt


def test_dose_volume_and_rate_by_hand():
    plan = Plan(dose_mg_per_kg=0.5, weight_kg=70.0, planned_minutes=40.0, concentration_mg_ml=2.0)
    assert (plan.dose_mg, plan.mg_per_h, plan.volume_ml, plan.ml_per_h) == (35.0, 52.5, 17.5, 26.25)


def test_what_is_not_known_gives_nothing_instead_of_zero():
    plan = Plan(dose_mg_per_kg=0.5)
    assert (plan.dose_mg, plan.mg_per_h, plan.volume_ml, plan.ml_per_h) == (None, None, None, None)
    assert plan.to_detail() == {"dose_mg_per_kg": 0.5}


def test_a_weight_in_both_units():
    assert in_kg(154, "lb") == pytest.approx(69.853, abs=0.001)
    assert both_units(154, "lb") == "154 lb = 69.85 kg"
    assert both_units(70, "kg") == "70 kg = 154.3 lb"


def test_154_kg_is_asked_about_and_both_readings_are_computed():
    """Hazard 24 of the clinical definition."""
    doubt = weight_doubt(154, "kg")
    assert (doubt.kg, doubt.other_unit) == (154, "lb")
    assert doubt.other_kg == pytest.approx(69.853, abs=0.001)
    assert doubt.dose_words(0.5) == ("154 kg (154.0 kg, dose 77.0 mg)", "154 lb (69.9 kg, dose 34.9 mg)")


def test_70_lb_is_asked_about_and_an_everyday_weight_is_not():
    assert weight_doubt(70, "lb").other_kg == 70
    assert [weight_doubt(*each) for each in ((70, "kg"), (120, "kg"), (154, "lb"), (110, "lb"))] == [None] * 4


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (Plan(weight_kg=10), "a weight of 10 kg is not possible: give 25 to 350 kg"),
        (Plan(dose_mg_per_kg=35), "a dose of 35 mg/kg is not possible: give more than 0 to 20 mg/kg"),
        (Plan(dose_mg_per_kg=0.0), "a dose of 0 mg/kg is not possible"),
        (Plan(planned_minutes=0), "a planned duration of 0 minutes is not possible: give 1 to 10080 minutes"),
        (Plan(concentration_mg_ml=float("nan")), "a concentration of nan mg/ml is not possible"),
    ],
)
def test_what_cannot_be_is_refused_with_its_unit(plan, sentence):
    with pytest.raises(SessionError) as refused:
        plan.check()
    assert str(refused.value).startswith(sentence)


def test_the_examples_are_whole_name_their_source_and_a_preset_that_is_there():
    for each in map(template, TEMPLATES):
        assert each.source
        assert each.thresholds in PRESETS
        assert each.drug in DRUGS
        Plan(dose_mg_per_kg=each.dose_mg_per_kg, planned_minutes=float(each.planned_minutes)).check()


def test_the_plan_in_force_is_the_one_entered_last_whole():
    events = [
        SessionEvent(1, EventKind.PLAN, 0, 0, "Ada", Plan(dose_mg_per_kg=0.5, lot="A1").to_detail()),
        SessionEvent(2, EventKind.PLAN, 5, 5, "Ada", Plan(dose_mg_per_kg=0.4).to_detail()),
    ]
    assert plan_of(events) == Plan(dose_mg_per_kg=0.4)
    assert plan_of([]) is None
