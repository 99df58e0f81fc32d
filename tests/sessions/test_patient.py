"""The patient record of a session: not asked, none and unknown stay three things; what cannot be is refused."""

from datetime import date

import pytest

from dashboard.errors import SessionError
from dashboard.sessions.events import EventKind, SessionEvent, nurse_of
from dashboard.sessions.marks import kind_of, told
from dashboard.sessions.patient import PatientRecord, nameless_rows, patient_of, patient_rows, risk_rows
from dashboard.sessions.plan import Plan, last_day

DAY = date(2026, 3, 30)


def event(id, kind, detail, time=0):
    return SessionEvent(id, kind, time, time, "Ada", detail)


def test_not_asked_none_and_unknown_are_three_things():
    assert dict(risk_rows(None)) == dict.fromkeys(
        ("Allergies", "Hypertension", "Antihypertensive taken today", "Cardiac history", "Interacting drugs"),
        "not recorded",
    )
    rows = dict(risk_rows(PatientRecord(allergies="none known", hypertension="unknown", drugs=())))
    assert rows == {
        "Allergies": "none known",
        "Hypertension": "not known",
        "Antihypertensive taken today": "not recorded",
        "Cardiac history": "not recorded",
        "Interacting drugs": "none of SSRI or SNRI, stimulant, MAOI, benzodiazepine",
    }


def test_the_record_entered_last_counts_and_comes_back_as_it_was():
    record = PatientRecord("1970-03-31", "female", 170.0, "penicillin", "yes", "no", "none known", ("maoi",))
    events = [
        event(1, EventKind.PATIENT, {"sex": "male", "drugs": []}),
        event(2, EventKind.PATIENT, record.to_detail()),
    ]
    assert patient_of(events) == record
    assert patient_of(events[:1]) == PatientRecord(sex="male", drugs=())
    assert patient_of([]) is None


@pytest.mark.parametrize(
    ("day", "years", "child"),
    [(date(2026, 3, 30), 55, False), (date(2026, 3, 31), 56, False), (date(1988, 3, 30), 17, True)],
)
def test_the_age_counts_whole_years(day, years, child):
    record = PatientRecord(birth_date="1970-03-31")
    assert (record.age(day), record.is_child(day)) == (years, child)
    assert dict(patient_rows(record, day))["Birth date"] == f"1970-03-31 ({years} years)"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"birth_date": "31.3.1970"}, "'31.3.1970' is not a date; write it as 1970-03-31"),
        ({"birth_date": "2026-03-31"}, "a birth date of 2026-03-31 is not possible"),
        ({"birth_date": "1870-03-31"}, "a birth date of 1870-03-31 is not possible"),
        ({"height_cm": 1.7}, "a height of 1.7 cm is not possible: give 100 to 250 cm"),
        ({"height_cm": float("nan")}, "a height of nan cm is not possible"),
        ({"hypertension": "perhaps"}, "hypertension: 'perhaps' is not one of yes, no, unknown"),
        ({"drugs": ("aspirin",)}, "interacting drugs are ssri-snri"),
        ({"allergies": "x" * 201}, "allergies: write at most 200 characters"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(given, sentence):
    with pytest.raises(SessionError) as refused:
        PatientRecord(**given).check(DAY)
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    ("expiry", "last", "passed"),
    [("2026-03", date(2026, 3, 31), False), ("2026-02", date(2026, 2, 28), True), ("2026-03-30", DAY, False)],
)
def test_a_package_may_be_used_to_the_end_of_its_month(expiry, last, passed):
    assert last_day(expiry) == last
    assert Plan(expiry=expiry).expired(DAY) is passed
    assert not Plan().expired(DAY)


@pytest.mark.parametrize("expiry", ["03/2027", "2027-13", "2027", "2027-02-30", "soon"])
def test_what_is_no_expiry_date_is_refused(expiry):
    with pytest.raises(SessionError, match="is not an expiry date; write it as 2027-03"):
        Plan(expiry=expiry).check()


def test_a_file_that_names_nobody_has_fixed_words_and_numbers_only():
    record = PatientRecord(
        "1930-01-01", "female", 170.0, "penicillin, says Anna", "yes", "unknown", "MI 2019", ("maoi",)
    )
    text = told(event(1, EventKind.PATIENT, record.to_detail()), DAY)
    assert text == (
        "patient: age 90 or more; sex female; height 170 cm; hypertension yes; antihypertensive taken today not known; "
        "interacting drugs MAOI"
    )
    plan = Plan(
        "ketamine", 0.5, 70.0, "154 lb", "stated", 2.0, 40.0, lot="AB-1234", expiry="2027-03", prescriber="Dr. Ruiz"
    )
    text = told(event(2, EventKind.PLAN, plan.to_detail()), DAY)
    assert text == (
        "plan: drug Ketamine IV (racemic); dose 0.5 mg/kg; weight 70 kg; concentration 2 mg/ml; duration 40 min; "
        "lot AB-1234; expires 2027-03"
    )
    assert told(event(3, EventKind.PLAN, Plan("for Anna", lot="Anna Berger").to_detail()), DAY) is None
    assert told(event(4, EventKind.SCORE, {"scale": "nausea", "value": 2}), DAY) == "score Nausea 2, moderate"
    assert told(event(5, EventKind.INFUSION_RATE, {"per_h": 30.0, "unit": "mg", "entered": "15 ml/h"}), DAY) == (
        "infusion rate 30 mg/h"
    )
    for kind in (EventKind.NOTE, EventKind.ACTION, EventKind.HANDOVER, EventKind.MOVED, EventKind.BASELINE):
        assert told(event(6, kind, {"text": "Anna", "to": "Ada"}), DAY) is None


def test_what_is_told_in_a_file_is_never_read_back_as_an_infusion_event():
    record = PatientRecord("1970-03-31", drugs=())
    for each in (
        event(1, EventKind.PATIENT, record.to_detail()),
        event(2, EventKind.PLAN, Plan("ketamine", 0.5).to_detail()),
        event(3, EventKind.INFUSION_RATE, {"per_h": 30.0, "unit": "mg"}),
    ):
        assert kind_of(told(each, DAY)) is None


def test_ages_that_may_leave_the_clinic():
    assert nameless_rows(PatientRecord("1936-03-31"), DAY) == [("age", "89")]
    assert nameless_rows(PatientRecord("1936-03-30"), DAY) == [("age", "90 or more")]
    assert nameless_rows(None, DAY) == []


def test_who_has_a_session_is_who_took_it_over_last():
    events = [event(4, EventKind.HANDOVER, {"from": "Ada", "to": "Ben"}, 70)]
    assert nurse_of([], "Ada") == ("Ada", None)
    assert nurse_of([*events, event(9, EventKind.HANDOVER, {"from": "Ben", "to": "Cem"}, 90)], "Ada") == ("Cem", 90)
