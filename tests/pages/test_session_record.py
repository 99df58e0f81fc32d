"""The session record of 2.5: entered at the start or at the bed, shown where a drug is given, in history and files."""

import pytest
from clinic import S, T, cuff
from test_bed_acts import opened, session  # noqa: F401
from test_pages import fill, sessions

from dashboard.reports.export import exported
from dashboard.sessions.events import EventKind
from dashboard.sessions.patient import PatientRecord, patient_of
from dashboard.sessions.plan import Plan, plan_of
from dashboard.store import acts, queries
from dashboard.store.material import material
from devices import instant

MIN = 60 * S


def events_of(clinic, session_id):
    with clinic.store.reading() as connection:
        return queries.session_events(connection, session_id)


def test_a_session_starts_with_lot_expiry_prescriber_and_the_patients_record(pages, clinic):
    at = pages.named().open("session")
    at.text_input("plan_lot").set_value("AB-1234")
    at.text_input("plan_expiry").set_value("2099-03")
    at.text_input("plan_prescriber").set_value("Dr. Ruiz")
    at.text_input("patient_allergies").set_value("penicillin")
    at.text_input("patient_birth_date").set_value("1970-03-31")
    at.number_input("patient_height").set_value(170.0)
    at.session_state["patient_hypertension"] = "yes"
    at.session_state["patient_drugs"] = ["none of these"]
    at = fill(at, dose=0.5, planned=40)
    assert not at.error
    found = events_of(clinic, sessions(clinic)[clinic.beds[1]].id)
    plan = plan_of(found)
    assert (plan.lot, plan.expiry, plan.prescriber) == ("AB-1234", "2099-03", "Dr. Ruiz")
    assert patient_of(found) == PatientRecord(
        birth_date="1970-03-31", height_cm=170.0, allergies="penicillin", hypertension="yes", drugs=()
    )
    assert at.text_input("patient_allergies").value == ""  # the next patient's form is empty


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("plan_expiry", "03/27", "'03/27' is not an expiry date; write it as 2027-03 or 2027-03-31"),
        ("patient_birth_date", "31.3.70", "'31.3.70' is not a date; write it as 1970-03-31"),
    ],
)
def test_a_date_that_is_none_starts_nothing(pages, clinic, field, value, sentence):
    at = pages.named().open("session")
    at.text_input(field).set_value(value)
    at = fill(at, dose=0.5)
    assert [each.value for each in at.error] == [sentence]
    assert sessions(clinic) == {}


def test_the_record_is_completed_at_the_bed_and_the_first_one_stays(clinic, session, opened):  # noqa: F811
    at = opened("change_patient")
    at.checkbox("patient_no_allergies").check()
    at.button("patient_record").click().run()
    assert at.success[0].value.startswith("Bed 1: Patient record, recorded at ")
    again = opened("change_patient")
    assert again.checkbox("patient_no_allergies").value
    again.button("patient_record").click().run()
    assert [each.value for each in again.error] == ["Nothing differs from the record in force"]
    again.text_input("patient_allergies").set_value("latex")
    again.button("patient_record").click().run()
    entered = [each for each in events_of(clinic, session) if each.kind is EventKind.PATIENT]
    assert [dict(each.detail) for each in entered] == [{"allergies": "none known"}, {"allergies": "latex"}]


def test_allergies_stand_where_a_drug_is_given_and_on_the_bed_page(clinic, session, opened, pages):  # noqa: F811
    clinic.event(session, EventKind.PATIENT, instant.now(), allergies="pen*cillin", hypertension="no")
    words = r"**Allergies:** pen\*cillin · **Hypertension:** no · not recorded: antihypertensive taken today"
    assert any(words in each.value for each in opened("action").caption)
    pages.named().open("bed", bed=clinic.beds[0])
    assert "Allergies: pen\\*cillin; Hypertension: no" in pages.text()  # before the start: with what is missing
    clinic.event(session, EventKind.INFUSION_START, instant.now())
    pages.open("bed", bed=clinic.beds[0])
    assert words in pages.text()
    assert "**Nurse:** Nurse One · **Prescriber:** not recorded" in pages.text()


def test_history_shows_the_record_and_the_file_carries_what_names_nobody(pages, clinic):
    plan = Plan("ketamine", 0.5, 70.0, "70 kg", "measured", planned_minutes=40, lot="AB-1234", expiry="2027-03")
    with clinic.store.reading() as connection:
        version = queries.latest_threshold_version(connection, "adult-iv")
    made = acts.start_session(
        clinic.store,
        clinic.beds[0],
        patient="Anna Berger",
        identifier="R-17",
        threshold_version_id=version.id,
        author="Nurse One",
        now=T,
        bed_now=T,
        plan=plan,
        record=PatientRecord("1970-03-31", "female", allergies="<b>latex</b>", hypertension="no"),
    )
    clinic.write(clinic.beds[0], *cuff(T + MIN, 120, 80))
    clinic.event(made, EventKind.SCORE, T + 2 * MIN, scale="pain", value=3)
    pages.open("history", session=made)
    text = pages.text()
    assert "<i>Allergies</i> &lt;b&gt;latex&lt;/b&gt;" in text and "<i>Sex</i> female" in text
    assert "<i>Drug lot, expiry</i> AB-1234, 2027-03" in text and "<i>Cardiac history</i> not recorded" in text
    assert "1970-03-31" not in text  # it identifies: only with both identifiers
    pages.named().open("history", session=made)
    pages.at.toggle("history_in_full").set_value(True).run()
    assert "<i>Birth date</i> 1970-03-31 (55 years)" in pages.text()
    with clinic.store.reading() as connection:
        written = exported(material(connection, made))
    assert [each.text for each in written.document.events] == [
        "plan: drug Ketamine IV (racemic); dose 0.5 mg/kg; weight 70 kg; duration 40 min; lot AB-1234; expires 2027-03",
        "patient: age 55; sex female; hypertension no",
        "score Pain 3",
    ]
    assert written.left == 0
