"""What is due, what is there before the start, what is open before the end: facts, never that anything is well."""

import re
from datetime import date

from dashboard.sessions.checklist import before_end, before_start
from dashboard.sessions.events import EventKind, SessionEvent, fold
from dashboard.sessions.plan import Plan
from dashboard.sessions.reminders import reminders
from dashboard.store.records import Alarm, Baseline, BedState, StoredRise
from devices.instant import MINUTE, SECOND

DAY = date(2026, 3, 30)
K = EventKind


def events(*rows):
    return [
        SessionEvent(number, row[0], row[1] * MINUTE, 0, "Ada", row[2] if len(row) > 2 else {})
        for number, row in enumerate(rows, 1)
    ]


def due(now, *rows, cuff=None, plan=None):
    found = events(*rows)
    last = None if cuff is None else cuff * MINUTE
    listed = reminders(found, fold(found, 40), plan, last, 0, round(now * MINUTE))
    return [(each.kind, each.due // MINUTE) for each in listed]


SCORED = {"scale": "moaas", "value": 5}
START, STOP = (K.INFUSION_START, 10), (K.INFUSION_STOP, 50)


def test_scores_are_asked_for_before_the_start_once():
    assert due(5) == [("score-before", 0)]
    assert due(5, (K.SCORE, 3, SCORED)) == []


def test_the_forty_minute_reading_is_shown_five_minutes_before_until_it_is_there():
    assert due(44, START) == []
    assert due(45, START) == [("cuff-40", 50), ("score-40", 50), ("planned-end", 50)]
    kinds = [kind for kind, _ in due(51, START, (K.SCORE, 49, SCORED), cuff=49)]
    assert kinds == ["planned-end"]
    assert ("cuff-40", 50) in due(79, START, STOP)
    assert "cuff-40" not in [kind for kind, _ in due(81, START, STOP)]


def test_after_the_end_a_clock_runs_as_long_as_the_plan_says():
    assert due(60, START, STOP, (K.SCORE, 51, SCORED), cuff=50) == [("observation", 170)]
    assert due(60, START, STOP, (K.SCORE, 51, SCORED), cuff=50, plan=Plan(observe_minutes=60)) == [("observation", 110)]


def baseline(signal, value, n=3, status="ok"):
    return Baseline(signal, value, n, status)


STATE = BedState(1, "connected", "", 99 * SECOND, 1, 0, 1, 0, 0, 0, 1.0, (), None)


def test_before_the_start_it_says_what_is_there_and_what_is_not():
    facts = before_start(
        {"SBP": baseline("SBP", 120.0), "DBP": baseline("DBP", 76.0, 1, "provisional")}, STATE, [], 100 * SECOND, DAY
    )
    assert [(fact.text, fact.there) for fact in facts] == [
        ("Systolic baseline 120, from 3 values", True),
        ("Provisional diastolic baseline 76, from 1 value only", False),
        ("No heart rate baseline yet", False),
        ("The monitor was last heard 1 s ago", True),
        ("Nobody has confirmed the test tone in this session", False),
        (
            "Not recorded: allergies, hypertension, antihypertensive taken today, cardiac history, interacting drugs",
            False,
        ),
        ("Not recorded: the drug's lot and expiry date", False),
    ]
    assert before_start({}, None, events((K.SOUND, 1)), 0, DAY)[3:5] == [
        type(facts[0])("The monitor has not been heard", False),
        type(facts[0])("The test tone was heard by Ada", True),
    ]


def before_the_drug(record=None, plan=None):
    found = [(K.PATIENT, record)] if record else []
    found += [(K.PLAN, plan)] if plan else []
    told = [SessionEvent(n, kind, 0, 0, "Ada", detail) for n, (kind, detail) in enumerate(found, 1)]
    return [(fact.text, fact.there) for fact in before_start({}, None, told, 0, DAY)[5:]]


def test_risk_and_drug_are_said_before_the_start_and_what_was_not_asked_too():
    record = {"allergies": "penicillin", "hypertension": "yes", "antihypertensive": "no", "drugs": ["maoi"]}
    assert before_the_drug(record, {"lot": "A1", "expiry": "2026-03"}) == [
        ("Allergies: penicillin; Hypertension: yes; Antihypertensive taken today: no; Interacting drugs: MAOI", True),
        ("Not recorded: cardiac history", False),
        ("Drug lot A1, expires 2026-03", True),
    ]
    assert before_the_drug(plan={"lot": "A1", "expiry": "2026-02"})[-1] == (
        "The drug's expiry date has passed: 2026-02",
        False,
    )
    assert before_the_drug({"birth_date": "2009-01-01"})[1] == (
        "The patient is 17 years old: Risewatch is not for children",
        False,
    )


def rise(signal, level, back=None):
    return StoredRise(
        1, 1, signal, level, 140.0, 130.0, 120.0, 0, 0, 184.0, 0, back, back, "unresolved", False, 1
    )  # fmt: skip


def test_the_end_names_what_is_open_the_lowest_level_of_each_signal():
    text = "SBP up to 184"
    alarm = Alarm(1, 1, 1, "k", "physiological", 2, "SBP", text, 184, 165, "mmHg", 0, 0, None, None, None, False)
    found = events(START)
    said = before_end(fold(found, 40), [rise("SBP", 2), rise("SBP", 1), rise("HR", 1, 5)], [alarm], found)
    assert said == [
        "The infusion has no recorded stop",
        "Systolic not back to baseline: peak 184, back at 130 or less",
        "Alarm not acknowledged: SBP up to 184",
    ]
    ended = events(START, STOP, (K.SCORE, 55, SCORED))
    assert before_end(fold(ended, 40), [rise("HR", 1, 5)], [], ended) == []


def test_no_line_says_that_anything_is_well():
    facts = before_start({"SBP": baseline("SBP", 120.0)}, STATE, events((K.SOUND, 1)), 100 * SECOND, DAY)
    said = [fact.text for fact in facts]
    said += [each.text for each in reminders([], fold(events(START, STOP), 40), None, None, 0, 60 * MINUTE)]
    assert not re.search(r"\b(safe|normal|ready|fit|fine|ok|go ahead|discharge[ds]?)\b", " ".join(said), re.I)
