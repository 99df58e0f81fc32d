"""What people do, as the store keeps it: names, versions, one open session a bed, acknowledgements once."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from dashboard.errors import SessionError, ThresholdError
from dashboard.rises.threshold_files import preset
from dashboard.sessions.events import EventKind
from dashboard.sessions.patient import PatientRecord, patient_of
from dashboard.sessions.plan import Plan
from dashboard.store import acts, queries, writes
from dashboard.store import schema as s
from devices.instant import MINUTE


def start(store, bed, preset_id, **changes):
    given = {"patient": "A. B.", "identifier": "1970-01-01", "author": "Ada", "now": 10, "bed_now": 10, **changes}
    return acts.start_session(store, bed.id, threshold_version_id=preset_id, **given)


def test_a_session_needs_two_identifiers(store, bed, preset_id):
    with pytest.raises(SessionError, match="two identifiers"):
        start(store, bed, preset_id, identifier="  ")


def test_nothing_is_recorded_without_a_name(store, bed, preset_id):
    with pytest.raises(SessionError, match="say who you are"):
        start(store, bed, preset_id, author=" ")


def test_a_bed_has_one_open_session_at_most(store, bed, preset_id):
    first = start(store, bed, preset_id)
    with pytest.raises(SessionError, match="Bed 1 still has an open session"):
        start(store, bed, preset_id)
    acts.record_event(store, first, EventKind.SESSION_END, time=20, author="Ada", now=20, bed_now=20)
    second = start(store, bed, preset_id)
    with store.reading() as connection:
        assert queries.open_sessions(connection)[bed.id].id == second
        assert queries.session(connection, first).ended == 20


def test_events_grow_and_are_given_back_in_the_order_of_entry(store, bed, preset_id):
    session = start(store, bed, preset_id)
    acts.record_event(
        store, session, EventKind.INFUSION_START, time=5 * MINUTE, author="Ada", now=6 * MINUTE, bed_now=6 * MINUTE
    )
    acts.record_event(
        store,
        session,
        EventKind.NOTE,
        time=5 * MINUTE,
        author="Bo",
        now=7 * MINUTE,
        bed_now=7 * MINUTE,
        detail={"text": "calm"},
    )
    with store.reading() as connection:
        events = queries.session_events(connection, session)
    assert [(each.kind, each.author, dict(each.detail)) for each in events] == [
        (EventKind.INFUSION_START, "Ada", {}),
        (EventKind.NOTE, "Bo", {"text": "calm"}),
    ]


def test_an_act_that_does_not_fit_writes_nothing(store, bed, preset_id):
    session = start(store, bed, preset_id)
    with pytest.raises(SessionError, match="not running"):
        acts.record_event(store, session, EventKind.INFUSION_STOP, time=11, author="Ada", now=11, bed_now=11)
    with store.reading() as connection:
        assert queries.session_events(connection, session) == []


def alarm(bed, key="rise SBP 2 0"):
    return {
        "bed_id": bed.id,
        "session_id": None,
        "key": key,
        "category": "physiological",
        "priority": 2,
        "signal": "SBP",
        "text": "SBP 168, limit 165",
        "value": 168.0,
        "threshold": 165.0,
        "unit": "mmHg",
        "since": 0,
        "raised": 1,
        "silent": 0,
    }


def test_an_alarm_is_acknowledged_once_and_the_first_name_stays(store, bed):
    with store.writing() as connection:
        alarm_id = writes.raise_alarm(connection, alarm(bed))
    assert acts.acknowledge(store, alarm_id, author="Ada", now=5)
    assert not acts.acknowledge(store, alarm_id, author="Bo", now=6)
    with store.reading() as connection:
        stored = queries.alarm(connection, alarm_id)
        log = connection.execute(s.alarm_event.select().order_by(s.alarm_event.c.id)).all()
    assert (stored.acknowledged, stored.acknowledged_by) == (5, "Ada")
    assert [(each.event, each.author) for each in log] == [("raised", ""), ("acknowledged", "Ada")]


def test_a_running_alarm_is_not_raised_twice(store, bed):
    with store.writing() as connection:
        assert writes.raise_alarm(connection, alarm(bed)) is not None
        assert writes.raise_alarm(connection, alarm(bed)) is None
    with store.reading() as connection:
        assert len(queries.running_alarms(connection)[bed.id]) == 1


def test_an_ended_medium_alarm_stands_until_someone_acknowledges_it(store, bed):
    with store.writing() as connection:
        alarm_id = writes.raise_alarm(connection, alarm(bed))
        writes.end_alarm(connection, alarm_id, 9)
    with store.reading() as connection:
        assert [each.id for each in queries.standing_alarms(connection)] == [alarm_id]
    acts.acknowledge(store, alarm_id, author="Ada", now=10)
    with store.reading() as connection:
        assert queries.standing_alarms(connection) == []


def test_an_acknowledged_running_alarm_goes_on_standing(store, bed):
    with store.writing() as connection:
        alarm_id = writes.raise_alarm(connection, alarm(bed))
    acts.acknowledge(store, alarm_id, author="Ada", now=10)
    with store.reading() as connection:
        assert [each.acknowledged_by for each in queries.standing_alarms(connection)] == ["Ada"]


def test_acknowledging_what_is_not_there_is_refused(store):
    with pytest.raises(SessionError, match="does not exist"):
        acts.acknowledge(store, 99, author="Ada", now=1)


def edited(**changes):
    return replace(preset("adult-iv"), **changes)


def test_a_changed_set_becomes_the_next_version_and_the_old_one_stays(store):
    saved = acts.save_thresholds(store, edited(x_off_min=60.0), author="Dr. C", reason="local protocol", now=9)
    assert (saved.name, saved.version, saved.author, saved.reason) == ("adult-iv", 2, "Dr. C", "local protocol")
    assert acts.thresholds_of(saved).canonical == edited(x_off_min=60.0).canonical
    with store.reading() as connection:
        versions = [each for each in queries.threshold_versions(connection) if each.name == "adult-iv"]
    assert [(each.version, each.reason) for each in versions] == [(2, "local protocol"), (1, "shipped preset")]
    assert acts.thresholds_of(versions[1]).canonical == preset("adult-iv").canonical


@pytest.mark.parametrize(("author", "reason"), [("", "because"), ("Dr. C", " ")])
def test_a_version_needs_author_and_reason(store, author, reason):
    with pytest.raises(ThresholdError, match="author and the reason"):
        acts.save_thresholds(store, edited(x_off_min=60.0), author=author, reason=reason, now=9)


def test_a_version_that_changes_nothing_is_refused(store):
    with pytest.raises(ThresholdError, match="nothing differs"):
        acts.save_thresholds(store, preset("adult-iv"), author="Dr. C", reason="again", now=9)


def test_a_stored_set_changed_by_hand_is_refused(store, preset_id):
    with store.writing() as connection:
        version = queries.threshold_version(connection, preset_id)
        changed = version.body.replace("absolute = 180", "absolute = 200")
        assert changed != version.body
        connection.execute(
            s.threshold_version.update().where(s.threshold_version.c.id == preset_id).values(body=changed)
        )
    with store.reading() as connection:
        tampered = queries.threshold_version(connection, preset_id)
    with pytest.raises(ThresholdError, match="do not match their hash"):
        acts.thresholds_of(tampered)


def test_only_a_replay_bed_is_ever_cleared(store, bed, preset_id):
    session = start(store, bed, preset_id)
    with pytest.raises(ValueError, match="only a replay bed"), store.writing() as connection:
        writes.clear_bed(connection, bed.id, session)


def test_a_session_begins_with_its_plan_as_an_event(store, bed, preset_id):
    plan = Plan(drug="ketamine", dose_mg_per_kg=0.5, weight_kg=70.0, weight_entered="70 kg", planned_minutes=40.0)
    session = start(store, bed, preset_id, plan=plan)
    with store.reading() as connection:
        (event,) = queries.session_events(connection, session)
        stored = queries.session(connection, session)
    assert (event.kind, event.author, Plan.of_detail(event.detail)) == (EventKind.PLAN, "Ada", plan)
    assert (stored.drug, stored.dose_mg_per_kg, stored.planned_minutes) == ("Ketamine IV (racemic)", 0.5, 40.0)


def test_a_plan_that_cannot_be_opens_no_session(store, bed, preset_id):
    with pytest.raises(SessionError, match="a weight of 10 kg is not possible"):
        start(store, bed, preset_id, plan=Plan(weight_kg=10.0))
    with store.reading() as connection:
        assert queries.open_sessions(connection) == {}


@pytest.mark.parametrize(
    ("kind", "detail", "words"),
    [
        (EventKind.SCORE, {"scale": "moaas", "value": 6}, "MOAA/S is a whole number from 0 to 5"),
        (EventKind.SCORE, {"scale": "cadss", "value": True}, "CADSS total is a whole number from 0 to 92"),
        (EventKind.SCORE, {"scale": "mood", "value": 1}, "that scale is not known"),
        (EventKind.ACTION, {"action": "antiemetic", "text": " "}, "write drug, dose and prescriber"),
        (EventKind.ACTION, {"action": "pray"}, "that intervention is not known"),
        (EventKind.INFUSION_RATE, {"per_h": 0, "unit": "mg"}, "record a pause or a stop"),
        (EventKind.CUFF, {"sys": 120}, "a systolic and a diastolic pressure"),
        (EventKind.CUFF, {"sys": 120, "dia": 80, "mean": 130}, "does not lie between 80 and 120"),
        (EventKind.INFUSION_RATE, {"per_h": 20.0, "unit": "mg"}, "is not running, so its rate cannot be changed"),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_not_written(sqlite_store, kind, detail, words):
    with sqlite_store.reading() as connection:
        bed = queries.beds(connection)[0]
        preset_id = queries.latest_threshold_version(connection, "adult-iv").id
    session = start(sqlite_store, bed, preset_id)
    with pytest.raises(SessionError, match=words):
        acts.record_event(sqlite_store, session, kind, time=11, author="Ada", now=11, bed_now=11, detail=detail)
    with sqlite_store.reading() as connection:
        assert queries.session_events(connection, session) == []


def test_a_correction_is_another_entry_in_the_name_of_who_made_it(store, bed, preset_id):
    session = start(store, bed, preset_id)
    given = {"now": 60 * MINUTE, "bed_now": 60 * MINUTE}
    first = acts.record_event(store, session, EventKind.INFUSION_START, time=10 * MINUTE, author="Ada", **given)
    acts.correct_event(store, session, first, time=8 * MINUTE, reason="pump's log", author="Bo", **given)
    with store.reading() as connection:
        entered, correction = queries.session_events(connection, session)
    assert (entered.time, entered.author) == (10 * MINUTE, "Ada")
    assert (correction.author, correction.time, correction.entered) == ("Bo", 60 * MINUTE, 60 * MINUTE)
    assert dict(correction.detail) == {"event": first, "time": 8 * MINUTE, "reason": "pump's log"}


def test_a_move_is_logged_and_frees_the_bed(store, bed, preset_id):
    session = start(store, bed, preset_id)
    with store.reading() as connection:
        other = queries.beds(connection)[1]
    acts.move_session(store, session, other.id, reason="draught", author="Ada", now=20, bed_now=20)
    acts.record_event(store, session, EventKind.SESSION_END, time=30, author="Ada", now=30, bed_now=30)
    with store.reading() as connection:
        places = queries.session_places(connection, session)
        moved = queries.session_events(connection, session)[0]
    assert [(each.bed_id, each.since, each.until) for each in places] == [(bed.id, 10, 20), (other.id, 20, 30)]
    assert (moved.kind, moved.detail["from"], moved.detail["to"], moved.detail["reason"]) == (
        EventKind.MOVED,
        "Bed 1",
        "Bed 2",
        "draught",
    )
    start(store, bed, preset_id, now=40, bed_now=40)


def test_the_patient_record_is_an_event_that_is_entered_anew_and_checked(store, bed, preset_id):
    session = start(store, bed, preset_id, record=PatientRecord(allergies="latex", drugs=()))
    for wrong, sentence in (({"height_cm": 17.0}, "a height of 17 cm"), ({"birth_date": "soon"}, "is not a date")):
        with pytest.raises(SessionError, match=sentence):
            acts.record_event(store, session, EventKind.PATIENT, time=20, author="Bo", now=20, bed_now=20, detail=wrong)
    detail = PatientRecord(allergies="latex", sex="female", drugs=("maoi",)).to_detail()
    acts.record_event(store, session, EventKind.PATIENT, time=20, author="Bo", now=20, bed_now=20, detail=detail)
    with store.reading() as connection:
        events = queries.session_events(connection, session)
    assert [(each.kind, each.author) for each in events] == [(EventKind.PATIENT, "Ada"), (EventKind.PATIENT, "Bo")]
    assert patient_of(events) == PatientRecord(allergies="latex", sex="female", drugs=("maoi",))


def test_a_hand_over_takes_only_what_another_has_and_no_replay(store, bed, preset_id):
    with store.reading() as connection:
        second = queries.beds(connection)[1]
    mine, other = start(store, bed, preset_id), start(store, second, preset_id, author="Bo")
    assert acts.hand_over(store, [mine, other], taker=" Bo ", remark="", now=30) == [mine]
    with pytest.raises(SessionError, match="Bo has these sessions already"):
        acts.hand_over(store, [mine, other], taker="Bo", remark="", now=40)
    with pytest.raises(SessionError, match="choose the sessions"):
        acts.hand_over(store, [], taker="Bo", remark="", now=40)
    with store.writing() as connection:
        connection.execute(update(s.session).where(s.session.c.id == other).values(mode="replay"))
    with pytest.raises(SessionError, match="nobody's patient"):
        acts.hand_over(store, [mine, other], taker="Cem", remark="", now=50)
    with store.reading() as connection:
        handed = [e for e in queries.session_events(connection, mine) if e.kind is EventKind.HANDOVER]
    assert [(e.time, e.author, dict(e.detail)) for e in handed] == [(30, "Bo", {"from": "Ada", "to": "Bo"})]
