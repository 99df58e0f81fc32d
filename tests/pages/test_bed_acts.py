"""What is recorded at a bed: at the time of the first tap, or the corrected one, in the person's name."""

import pytest
from clinic import S, T, cuff
from streamlit.testing.v1 import AppTest

from dashboard.errors import SessionError
from dashboard.sessions.events import EventKind
from dashboard.sessions.plan import Plan
from dashboard.store import acts, queries, writes
from dashboard.store.records import Baseline
from dashboard.views.times import clock_text, moment_text, recent, span_text
from dashboard.views.words import plain
from devices import instant

MIN = 60 * S


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("10:42", "2026-03-01T09:50:00Z", "2026-03-01T09:42:00Z"),
        ("1042", "2026-03-01T09:50:00Z", "2026-03-01T09:42:00Z"),
        ("10:42:30", "2026-03-01T09:50:00Z", "2026-03-01T09:42:30Z"),
        ("23:58", "2026-03-01T23:03:00Z", "2026-03-01T22:58:00Z"),  # five past midnight in Berlin: yesterday's
        ("yesterday 11:00", "2026-03-01T09:50:00Z", "2026-02-28T10:00:00Z"),
        ("22:00", "2026-03-01T08:00:00Z", "2026-02-28T21:00:00Z"),  # 11 hours ago
        ("10:50", "2026-03-01T09:49:40Z", "2026-03-01T09:49:40Z"),  # rounded up by the person: now
    ],
)
def test_a_time_of_day_is_the_last_one_that_was(text, now, expected):
    assert recent(text, instant.parse(now), "Europe/Berlin") == instant.parse(expected)


@pytest.mark.parametrize("text", ["", "soon", "24:00", "10:60", "-1:00", "10:42:61"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(SessionError, match="is not a time"):
        recent(text, T, "UTC")


def test_a_time_still_to_come_is_not_taken_for_yesterdays_without_a_word():
    now = instant.parse("2026-03-01T09:50:00Z")
    with pytest.raises(SessionError, match=r"11:00 is still to come, it is 10:50 now; .* write: yesterday 11:00"):
        recent("11:00", now, "Europe/Berlin")


def test_a_time_that_the_clock_skipped_or_showed_twice_is_refused():
    with pytest.raises(SessionError, match="does not exist"):
        recent("02:30", instant.parse("2026-03-29T02:00:00Z"), "Europe/Berlin")
    with pytest.raises(SessionError, match="happens twice"):
        recent("02:30", instant.parse("2026-10-25T03:00:00Z"), "Europe/Berlin")


def test_times_are_shown_in_the_clinics_zone_with_the_offset_where_there_is_a_date():
    at = instant.parse("2026-07-01T10:42:07Z")
    assert clock_text(at, "Europe/Berlin") == "12:42:07"
    assert moment_text(at, "Europe/Berlin") == "2026-07-01 12:42:07 +02:00"
    assert (span_text(1_421 * S), span_text(3_723 * S), span_text(-5)) == ("23:41", "1:02:03", "0:00")


def page(name, session_id):
    """One dialog's contents, run as a page: AppTest closes dialogs at their next run."""
    import streamlit as st

    from dashboard.access.people import Person
    from dashboard.sessions.events import EventKind, fold, version_in_force
    from dashboard.store import queries
    from dashboard.views import bed_acts, bed_changes, bed_records, frame
    from dashboard.views.at_bed import AtBed
    from devices.clock import LIVE

    store = frame.store()
    with store.reading() as connection:
        session = queries.session(connection, session_id)
        bed = next(each for each in queries.beds(connection) if each.id == session.bed_id)
        events = queries.session_events(connection, session_id)
        version = queries.threshold_version(connection, version_in_force(events, session.threshold_version_id))
    course = fold(events, session.planned_minutes)
    at = AtBed(store, bed, session, course, version, LIVE, "UTC", Person("Nurse One", 0), tuple(events))
    if name == "start":
        bed_acts.confirm(at, EventKind.INFUSION_START, "Start infusion")
    else:
        body = next(getattr(each, name) for each in (bed_acts, bed_changes, bed_records) if hasattr(each, name))
        body(at)
    if st.session_state.get("bed_act_said"):
        st.success(st.session_state["bed_act_said"][0])


def answered_page(session_id, owed_at, cut):
    """A run in which an acknowledgement is told, then one that asks: `cut` stops the first before it could."""
    import streamlit as st

    from dashboard.access.people import Person
    from dashboard.sessions.events import fold
    from dashboard.store import queries
    from dashboard.views import bed_acts, frame
    from dashboard.views.at_bed import AtBed
    from devices.clock import LIVE

    if "told" not in st.session_state:
        st.session_state["told"] = True
        bed_acts.owe_question(owed_at)
        if cut:
            st.rerun()
    store = frame.store()
    with store.reading() as connection:
        session = queries.session(connection, session_id)
        bed = next(each for each in queries.beds(connection) if each.id == session.bed_id)
        version = queries.threshold_version(connection, session.threshold_version_id)
    bed_acts.ask_after_alarm(AtBed(store, bed, session, fold((), 40), version, LIVE, "UTC", Person("Nurse One", 0), ()))


@pytest.fixture
def session(clinic):
    return clinic.start(clinic.beds[0], instant.now() - 30 * MIN)


@pytest.fixture
def opened(clinic, session):
    def open_(name, tapped=None):
        at = AppTest.from_function(page, args=(name, session), default_timeout=20)
        if tapped is not None:
            at.session_state["bed_act_tapped"] = tapped
        at.run()
        assert not at.exception
        return at

    return open_


def events(clinic, session):
    """What was entered after the plan."""
    with clinic.store.reading() as connection:
        return [each for each in queries.session_events(connection, session) if each.kind is not EventKind.PLAN]


def test_the_time_of_the_first_tap_is_recorded_exactly(clinic, session, opened):
    tapped = instant.now() - 7 * S - 123_456
    opened("start", tapped).button("confirm_infusion-start").click().run()
    (event,) = events(clinic, session)
    assert (event.kind, event.time, event.author) == (EventKind.INFUSION_START, tapped, "Nurse One")


def test_a_corrected_time_is_recorded_instead(clinic, session, opened):
    earlier = (instant.now() - 10 * MIN) // S * S
    at = opened("start", instant.now())
    at.text_input("time_infusion-start").set_value(clock_text(earlier, "UTC"))
    at.button("confirm_infusion-start").click().run()
    assert [event.time for event in events(clinic, session)] == [earlier]


def test_an_act_that_no_longer_fits_is_refused_in_the_dialog(clinic, session, opened):
    at = opened("start", instant.now())
    clinic.event(session, EventKind.INFUSION_START, instant.now() - MIN)  # someone else was faster
    at.button("confirm_infusion-start").click().run()
    assert [each.value for each in at.error] == ["The infusion is already running; stop it before starting it again"]
    assert len(events(clinic, session)) == 1


def test_a_common_note_is_one_tap(clinic, session, opened):
    tapped = instant.now() - 3 * S
    opened("note", tapped).button("note_Nausea").click().run()
    (event,) = events(clinic, session)
    assert (event.kind, event.time, dict(event.detail)) == (EventKind.NOTE, tapped, {"text": "Nausea"})


def test_an_empty_note_is_refused(clinic, session, opened):
    at = opened("note")
    at.button("note_record").click().run()
    assert [each.value for each in at.error] == ["Write the note first"]
    assert events(clinic, session) == []


def test_thresholds_change_with_their_reason_and_a_look_at_what_differs(clinic, session, opened):
    at = opened("change_thresholds")
    at.button("thresholds_record").click().run()
    assert [each.value for each in at.error] == ["Choose the version first"]
    at.selectbox("other_thresholds").select_index(0).run()
    assert len(at.dataframe[0].value) > 5
    at.button("thresholds_record").click().run()
    assert [each.value for each in at.error] == ["A change of the thresholds needs its reason"]
    at.text_input("thresholds_reason").set_value("known heart disease")
    at.button("thresholds_record").click().run()
    (event,) = events(clinic, session)
    with clinic.store.reading() as connection:
        chosen = queries.latest_threshold_version(connection, "cardiac-risk")
    assert dict(event.detail) == {"threshold_version_id": chosen.id, "reason": "known heart disease"}


def test_a_baseline_by_hand_needs_a_possible_value_and_a_reason(clinic, session, opened):
    at = opened("set_baseline")
    at.button("baseline_record").click().run()
    assert at.error[0].value == "Choose the signal and give its baseline"
    at.button_group("baseline_signal").set_value("SBP")
    at.number_input("baseline_value").set_value(500.0)
    at.button("baseline_record").click().run()
    assert at.error[0].value == "A baseline of 500 is not possible for SBP: give 40 to 270"
    at.number_input("baseline_value").set_value(131.0)
    at.button("baseline_record").click().run()
    assert at.error[0].value == "A baseline set by hand needs its reason"
    at.text_input("baseline_reason").set_value("ambulance record")
    at.button("baseline_record").click().run()
    (event,) = events(clinic, session)
    assert dict(event.detail) == {"signal": "SBP", "value": 131.0, "reason": "ambulance record"}


def test_a_star_or_colon_in_an_identifier_is_no_markup():
    """An identifier that loses its stars is another patient's."""
    assert plain("1*2*3 :red[x] a_b $y$") == r"1\*2\*3 \:red\[x\] a\_b \$y\$"
    assert plain("A. Meyer-Lund RN, 12:30, adult-iv") == "A. Meyer-Lund RN, 12:30, adult-iv"


def test_limits_are_adjusted_for_this_patient_alone(clinic, session, opened):
    at = opened("change_thresholds")
    at.button("adjust_record").click().run()
    assert [each.value for each in at.error] == ["Nothing differs from adult-iv, which is in force"]
    at.selectbox("adjust_level").select_index(1).run()
    at.number_input("adjust_SBP_2_absolute").set_value(175.0)
    at.text_input("adjust_reason").set_value("known hypertension")
    at.button("adjust_record").click().run()
    (event,) = events(clinic, session)
    with clinic.store.reading() as connection:
        saved = queries.threshold_version(connection, event.detail["threshold_version_id"])
    assert (event.kind, event.author, event.detail["reason"]) == ("thresholds", "Nurse One", "known hypertension")
    assert (saved.session_id, saved.author, saved.reason) == (session, "Nurse One", "known hypertension")
    level = acts.thresholds_of(saved).levels_of("SBP")[1]
    assert (level.absolute, level.rise, level.n_on) == (175, 40, 2)


def test_an_adjustment_that_could_never_fire_is_refused_in_the_dialog(clinic, session, opened):
    at = opened("change_thresholds")
    at.number_input("adjust_SBP_1_rise").set_value(9.0)
    at.text_input("adjust_reason").set_value("tight")
    at.button("adjust_record").click().run()
    assert "hysteresis of SBP is 10, but must be less than the rise of 9" in at.error[0].value
    assert events(clinic, session) == []


def test_what_the_baseline_makes_of_the_limits_is_said_before_the_drug(clinic, session, opened):
    with clinic.store.writing() as connection:
        writes.write_baselines(
            connection, [(session, Baseline("SBP", 150, 3, "ok")), (session, Baseline("DBP", 104, 1, "provisional"))]
        )
    (told,) = [each.value for each in opened("start", instant.now()).warning]
    assert "does not lie above level 1 (170) and comes first" in told
    assert "DBP baseline 104 mmHg is already at or above the level 2 limit 100" in told
    assert "Provisional DBP baseline" in told and "No HR baseline" in told
    clinic.event(session, EventKind.INFUSION_START, instant.now() - MIN)
    clinic.event(session, EventKind.INFUSION_STOP, instant.now() - S)
    assert not opened("start", instant.now()).warning  # a restart: the baseline stood at the first start


def test_the_bed_page_says_why_a_rise_was_flagged(clinic, pages):
    now = instant.now()
    bed, begin = clinic.beds[0], now - 60 * MIN
    session = clinic.start(bed, begin)
    for minute, sys in ((2, 122), (4, 118), (6, 120), (15, 141), (20, 145)):
        clinic.write(bed, *cuff(begin + minute * MIN, sys, 80))
    clinic.event(session, EventKind.INFUSION_START, begin + 10 * MIN)
    values = {"signal": "SBP", "level": 1, "threshold": 140, "clear": 130, "baseline": 120, "peak": 145}
    times = {"onset": 15, "confirmed": 20, "peak_time": 20}
    with clinic.store.reading() as connection:
        version = queries.latest_threshold_version(connection, "adult-iv")
    with clinic.store.writing() as connection:
        writes.write_rise(
            connection,
            session,
            {
                **values,
                **{name: begin + minute * MIN for name, minute in times.items()},
                "return_time": None,
                "declared": None,
                "outcome": "unresolved",
                "present_at_baseline": 0,
                "threshold_version_id": version.id,
            },
        )
    for at in (pages.open("bed", bed=bed), pages.named().open("bed", bed=bed)):
        assert not at.get("selectbox")  # worked out only when asked for
        at.toggle("why_open").set_value(True).run()
        assert "Baseline 120" not in pages.text()
        at.selectbox("why_rise").select_index(0).run()
        assert not at.exception and not at.error
        said = pages.text()
        assert "Baseline 120 mmHg: the median of 122" in said
        assert "baseline + 20" in said and "by 2 readings in a row at or above 140" in said
        assert "The rise goes on" in said and "unresolved" not in said
        at.toggle("why_open").set_value(False).run()


def test_without_a_rise_the_bed_page_says_so_and_promises_nothing(clinic, session, pages):
    at = pages.open("bed", bed=clinic.beds[0])
    at.toggle("why_open").set_value(True).run()
    assert "No rise has been flagged in this session yet." in pages.text()


def test_a_score_is_one_tap_and_the_cadss_total_a_number(clinic, session, opened):
    tapped = instant.now() - 3 * S
    at = opened("score", tapped)
    at.button("moaas_4").click().run()
    at.number_input("cadss").set_value(12)
    at.button("cadss_record").click().run()
    assert [(each.time, dict(each.detail)) for each in events(clinic, session)] == [
        (tapped, {"scale": "moaas", "value": 4}),
        (pytest.approx(tapped, abs=5 * S), {"scale": "cadss", "value": 12}),
    ]


def test_after_a_high_alarm_it_is_asked_what_was_done_and_seen_is_an_answer(clinic, session, opened):
    at = opened("after_alarm")
    at.button(key="alarm_seen").click().run()
    assert not at.exception
    assert events(clinic, session) == []
    at = opened("after_alarm")
    next(each for each in at.button if each.label == "Infusion slowed").click().run()
    assert [(each.kind, each.detail["action"]) for each in events(clinic, session)] == [(EventKind.ACTION, "slow")]


def test_a_drug_given_needs_its_words_and_nothing_is_recommended(clinic, session, opened):
    at = opened("action")
    at.button_group("action_drug").set_value("antihypertensive")
    at.button("action_record").click().run()
    assert [each.value for each in at.error] == ["Write drug, dose and prescriber"]
    at.text_input("action_text").set_value("labetalol 5 mg, Dr. Roy")
    at.button("action_record").click().run()
    (event,) = events(clinic, session)
    assert dict(event.detail) == {"action": "antihypertensive", "text": "labetalol 5 mg, Dr. Roy"}


@pytest.mark.parametrize(
    ("sys", "dia", "sentence"),
    [
        (None, 80, "Give the systolic and the diastolic pressure"),
        (20, 12, "20/12 mmHg is not possible: systolic 40 to 270, diastolic 20 to 200, in mmHg (not kPa)"),
        (80, 120, "80/120 is not possible: the systolic pressure is the higher one"),
    ],
)
def test_a_cuff_reading_that_cannot_be_is_refused(clinic, session, opened, sys, dia, sentence):
    at = opened("cuff")
    at.number_input("cuff_sys").set_value(sys)
    at.number_input("cuff_dia").set_value(dia)
    at.button("cuff_record").click().run()
    assert [each.value for each in at.error] == [sentence]
    assert events(clinic, session) == []


def test_another_rate_is_recorded_in_mg_an_hour_however_it_is_entered(clinic, opened, session):
    plan = Plan(dose_mg_per_kg=0.5, weight_kg=70.0, weight_entered="70 kg", concentration_mg_ml=2.0, planned_minutes=40)
    now = instant.now()
    clinic.event(session, EventKind.PLAN, now - 20 * MIN, **plan.to_detail())
    clinic.event(session, EventKind.INFUSION_START, now - 10 * MIN)
    at = opened("rate")
    at.number_input("rate_value").set_value(12.0)
    at.button("rate_record").click().run()
    assert "12 ml/h is 24 mg/h; planned were 52.5 mg/h. Record it again if it is meant." in at.warning[0].value
    assert events(clinic, session)[-1].kind is EventKind.INFUSION_START
    at.button("rate_record").click().run()
    assert dict(events(clinic, session)[-1].detail) == {"per_h": 24.0, "unit": "mg", "entered": "12 ml/h"}


def test_a_time_is_corrected_with_its_reason_and_the_first_one_stays(clinic, session, opened):
    begun, right = ((instant.now() - ago * MIN) // S * S for ago in (10, 14))
    clinic.event(session, EventKind.INFUSION_START, begun)
    (start,) = events(clinic, session)
    at = opened("correct")
    at.selectbox("correct_event").select_index(0).run()
    at.text_input(f"correct_time_{start.id}").set_value(clock_text(right, "UTC"))
    at.button("correct_record").click().run()
    assert [each.value for each in at.error] == ["A correction needs its reason"]
    at.text_input("correct_reason").set_value("read off the pump")
    at.button("correct_record").click().run()
    first, correction = events(clinic, session)
    assert first.time == begun
    assert dict(correction.detail) == {"event": start.id, "time": right, "reason": "read off the pump"}


def test_a_session_moves_to_a_free_bed_after_the_identifiers_were_compared(clinic, session, opened):
    at = opened("move")
    at.button_group("move_to").set_value("Bed 2")
    at.text_input("move_reason").set_value("monitor failed")
    at.button("move_record").click().run()
    assert [each.value for each in at.error] == [
        "Compare both identifiers with the patient at the new bed first, then tick the box"
    ]
    at.checkbox("move_compared").set_value(True)
    at.button("move_record").click().run()
    with clinic.store.reading() as connection:
        assert {bed: each.id for bed, each in queries.open_sessions(connection).items()} == {clinic.beds[1]: session}


def test_the_end_of_a_session_names_what_is_open_first(clinic, session, opened):
    clinic.event(session, EventKind.INFUSION_START, instant.now() - 20 * MIN)
    at = opened("end")
    assert "The infusion has no recorded stop" in at.warning[0].value
    assert at.button("confirm_session-end").label == "Record: end session"


@pytest.mark.parametrize("cut", [False, True])
def test_what_was_done_is_asked_once_also_if_the_first_run_is_cut_short(clinic, session, cut):
    at = AppTest.from_function(answered_page, args=(session, clinic.beds[0], cut), default_timeout=20).run()
    assert not at.exception
    assert at.session_state["dialog_open"] == "after_alarm"
    at.session_state["dialog_open"] = None
    assert at.run().session_state["dialog_open"] is None


def test_what_was_done_at_one_bed_is_not_asked_at_another(clinic, session):
    at = AppTest.from_function(answered_page, args=(session, clinic.beds[1], False), default_timeout=20).run()
    assert not at.exception
    assert "dialog_open" not in at.session_state
    assert "after_alarm_owed" not in at.session_state
