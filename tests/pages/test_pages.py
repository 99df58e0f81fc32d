"""The pages as people use them: nothing without a name, one sentence where something is refused, marks always there."""

import pytest
from clinic import S, T
from page_driver import Pages

from dashboard.sessions.events import EventKind, Phase, fold
from dashboard.statements import STATEMENTS
from dashboard.store import queries, writes
from devices import instant

ALL = ("wall", "bed", "session", "handover", "thresholds", "replay", "history", "monitors")


def sessions(clinic):
    with clinic.store.reading() as connection:
        return queries.open_sessions(connection)


def fill(at, bed="Bed 2", patient="A. B.", identifier="1970-01-01", compared=True, drug="ketamine", **more):
    if bed:
        at.button_group("bed_choice").set_value(bed)
    if drug:
        at.selectbox("plan_drug").select(drug)
    for key, value in {"patient": patient, "identifier": identifier, **more}.items():
        if key in ("dose", "planned", "weight"):
            at.number_input(f"plan_{key}").set_value(value)
        elif key in ("unit", "how"):
            at.button_group(f"plan_{key}").set_value(value)
        else:
            at.text_input(key).set_value(value)
    at.checkbox("compared").set_value(compared)
    next(each for each in at.button if each.label == "Start session").click()
    at.run()
    return at


@pytest.mark.parametrize("page", ALL)
def test_every_page_carries_the_six_statements(pages, page):
    pages.open(page)
    said = pages.text()
    for statement in STATEMENTS:
        assert statement.format(delay="1") in said


@pytest.mark.parametrize("page", ALL)
def test_a_demonstration_is_marked_on_every_page(pages, clinic, page):
    pages.open(page)
    assert "DEMONSTRATION" not in pages.text()
    clinic.beat(instant.now(), mode="demo")
    pages.open(page)
    assert "DEMONSTRATION" in pages.text()


@pytest.mark.parametrize("page", ["session", "replay"])
def test_pages_that_write_ask_for_a_name_first(pages, page):
    at = pages.open(page)
    assert [each.label for each in at.button] == ["Begin shift"]
    assert not at.selectbox


def test_a_shift_begins_with_a_name_one_can_read(pages):
    at = pages.open("session")
    at.text_input("name_gate").set_value(" ")
    at.button[0].click().run()
    assert [each.value for each in at.error] == ["Give your name as it shall stand in the record, such as A. Meyer RN"]
    at.text_input("name_gate").set_value("A.  Meyer RN")
    at.button[0].click().run()
    assert "Start session" in [each.label for each in at.button]


def test_a_shift_ends_after_twelve_hours(clinic):
    from dashboard.access.people import begin_shift, on_shift

    state = {}
    begin_shift(state, "Nurse One", T)
    assert on_shift(state, T + 12 * 3_600 * S - 1).name == "Nurse One"
    assert on_shift(state, T + 12 * 3_600 * S) is None
    assert state == {}


def test_a_session_is_started_in_the_persons_name(pages, clinic):
    at = fill(pages.named().open("session"), dose=0.5, planned=40)
    assert not at.error
    started = sessions(clinic)[clinic.beds[1]]
    assert (started.patient, started.identifier, started.drug, started.dose_mg_per_kg, started.planned_minutes) == (
        "A. B.",
        "1970-01-01",
        "Ketamine IV (racemic)",
        0.5,
        40.0,
    )
    assert started.started_by == "Nurse One"
    assert abs(started.started - instant.now()) < 60 * S
    assert "has started" in pages.text()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"bed": None}, "Choose the bed"),
        ({"patient": " "}, "Two identifiers of the patient are needed, such as initials and birth date"),
        ({"identifier": ""}, "Two identifiers of the patient are needed, such as initials and birth date"),
        ({"compared": False}, "Compare both identifiers with the patient first, then tick the box"),
        ({"drug": "other"}, "Name the drug"),
        ({"weight": 70.0}, "Say whether the weight is in kg or in lb"),
        ({"weight": 12.0, "unit": "kg"}, "A weight of 12 kg is not possible: give 25 to 350 kg"),
    ],
)
def test_a_session_that_cannot_be_started_says_why_and_starts_nothing(pages, clinic, wrong, sentence):
    at = fill(pages.named().open("session"), **wrong)
    assert [each.value for each in at.error] == [sentence]
    assert sessions(clinic) == {}


def test_an_unusual_dose_is_asked_about_once(pages, clinic):
    at = fill(pages.named().open("session"), dose=15.0)
    assert "15 mg per kg is more than 2" in at.warning[0].value
    assert [each.value for each in at.error] == ["Say that 15 mg per kg is meant, or correct the dose"]
    assert sessions(clinic) == {}
    at.checkbox("plan_sure").set_value(True)
    next(each for each in at.button if each.label == "Start session").click()
    at.run()
    assert sessions(clinic)[clinic.beds[1]].dose_mg_per_kg == 15.0


def test_a_bed_that_was_taken_meanwhile_is_said_to_be(pages, clinic):
    at = pages.named("Nurse Two").open("session")
    clinic.start(clinic.beds[1], instant.parse("2026-03-01T10:02:00Z"))  # by Nurse One, while this form was open
    at = fill(at)
    (said,) = (each.value for each in at.error)
    assert said.startswith("Bed 2 has an open session, started at 10:02 by Nurse One")
    assert [each.started_by for each in sessions(clinic).values()] == ["Nurse One"]


def test_a_bed_with_an_open_session_takes_no_second(pages, clinic):
    clinic.start(clinic.beds[0])
    pages.named().open("session")
    clinic.start(clinic.beds[1])
    pages.open("session")
    assert "Every bed has an open session" in pages.text()


def test_without_beds_the_pages_say_what_to_do(pages, clinic):
    with clinic.store.writing() as connection:
        writes.set_up_beds(connection, [])
    for page in ("wall", "session"):
        pages.named().open(page)
        assert "No bed is configured yet" in pages.text()


def test_the_bed_page_asks_which_bed_and_refuses_one_that_is_not(pages, clinic):
    at = pages.open("bed")
    assert [each.label for each in at.button] == ["Bed 1", "Bed 2"]
    for wrong in ("99", "x", "1;drop", ""):
        at = pages.open("bed", bed=wrong)
        assert [each.label for each in at.button] == ["Bed 1", "Bed 2"]


def acts_offered(at):
    return [each.label for each in at.button if (each.key or "").startswith("act_")]


def test_without_a_name_the_bed_page_only_shows(pages, clinic):
    clinic.start(clinic.beds[0])
    at = pages.open("bed", bed=clinic.beds[0])
    assert acts_offered(at) == []
    assert "does not acknowledge or record" in pages.text()


def test_only_what_the_phase_allows_is_offered(pages, clinic):
    bed = clinic.beds[0]
    at = pages.named().open("bed", bed=bed)
    assert acts_offered(at) == []
    session = clinic.start(bed)
    common = ["Note", "Score", "Intervention", "Cuff by hand"]
    steps = [
        (None, ["Start infusion", *common, "More", "End session"]),
        (EventKind.INFUSION_START, ["Pause infusion", "Stop infusion", *common, "Rate", "More"]),
        (EventKind.INFUSION_PAUSE, ["Resume infusion", "Stop infusion", *common, "Rate", "More"]),
        (EventKind.INFUSION_RESUME, ["Pause infusion", "Stop infusion", *common, "Rate", "More"]),
        (EventKind.INFUSION_STOP, ["Start infusion again", *common, "More", "End session"]),
    ]
    for minute, (kind, offered) in enumerate(steps):
        if kind is not None:
            clinic.event(session, kind, T + minute * 60 * S)
        assert acts_offered(pages.open("bed", bed=bed)) == offered


def test_an_act_takes_a_second_tap(pages, clinic):
    bed = clinic.beds[0]
    session = clinic.start(bed, instant.now() - 60 * S)
    at = pages.named().open("bed", bed=bed)
    at.button("act_infusion-start").click().run()
    with clinic.store.reading() as connection:
        assert [each.kind for each in queries.session_events(connection, session)] == [EventKind.PLAN]
    assert at.button("confirm_infusion-start").label == "Record: start infusion"
    assert "A. B." in pages.text()


def test_a_replay_bed_is_marked_with_a_name_or_without(pages, clinic):
    row = {"name": "Replay", "place": 0, "grp": "", "protocol": "csv", "port": "a.csv", "mode": "replay"}
    with clinic.store.writing() as connection:
        bed = writes.set_up_beds(connection, [row])["Replay"]
    pages.open("bed", bed=bed)
    assert "REPLAY" in pages.text()
    pages.named().open("bed", bed=bed)
    assert "REPLAY" in pages.text()
    pages.open("session")
    assert "Every bed has an open session" in pages.text()  # a replay takes no patient


def test_a_store_that_cannot_be_opened_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "risewatch.db").write_bytes(b"not a database" * 100)
    monkeypatch.setenv("RISEWATCH_DATA", str(tmp_path))
    pages = Pages()
    pages.open("wall")
    assert "The database cannot be opened" in pages.at.error[0].value


def test_the_phases_of_the_words_are_all_there_are():
    from dashboard.sessions.words import KINDS
    from dashboard.views.words import PHASES

    assert set(PHASES) == {each.value for each in Phase}
    assert set(KINDS) == set(EventKind)
    assert fold([], None).phase is Phase.BASELINE


def views(at):
    """The live components that present alarms."""
    return [each.key for each in at.get("bidi_component") if each.key.startswith(("wall", "bed_", "strip"))]


@pytest.mark.parametrize("page", ALL)
def test_every_page_has_one_live_component_for_alarms_sound_and_cover(pages, clinic, page):
    at = pages.named().open(page, **({"bed": clinic.beds[0]} if page == "bed" else {}))
    assert len(views(at)) == 1


def test_a_page_without_its_view_has_the_strip_instead(pages, clinic):
    assert views(pages.open("bed")) == ["strip"]
    with clinic.store.writing() as connection:
        writes.set_up_beds(connection, [])
    assert views(pages.open("wall")) == ["strip"]


def test_154_kg_is_asked_about_with_both_doses_before_a_session_starts(pages, clinic):
    """Hazard 24 of the clinical definition."""
    at = fill(pages.named().open("session"), dose=0.5, planned=40.0, weight=154.0, unit="kg")
    assert [each.value for each in at.error] == ["Say whether 154 is in kg or in lb"]
    assert at.radio("plan_doubt").options == ["154 kg (154.0 kg, dose 77.0 mg)", "154 lb (69.9 kg, dose 34.9 mg)"]
    at.radio("plan_doubt").set_value("lb").run()
    assert "154 lb = 69.85 kg" in at.info[0].value
    at.button("start_session").click().run()
    with clinic.store.reading() as connection:
        (event,) = queries.session_events(connection, sessions(clinic)[clinic.beds[1]].id)
    assert (event.kind, event.author) == (EventKind.PLAN, "Nurse One")
    assert event.detail["weight_kg"] == pytest.approx(69.853, abs=0.001)
    assert event.detail["weight_entered"] == "154 lb"


def test_an_example_fills_the_plan_in_and_names_its_source(pages, clinic):
    at = pages.named().open("session")
    at.button_group("plan_template").set_value("Chronic pain (CRPS)").run()
    assert at.number_input("plan_dose").value == 1.4
    assert at.number_input("plan_planned").value == 240
    assert at.selectbox("thresholds_choice").value == "pain-infusion"
    assert "Source: 0.35 mg/kg/h" in pages.text()
