"""Why a rise was flagged, and limits for one patient: the same live, from the store, and from a recording."""

import dataclasses

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from dashboard.errors import SessionError, ThresholdError
from dashboard.rises.analysis import analyse
from dashboard.rises.explanation import NotExplained, explain
from dashboard.rises.explanation_words import sentences
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from dashboard.sessions.events import EventKind
from dashboard.store import acts, queries
from dashboard.store import schema as s
from dashboard.store.judged import judged
from dashboard.views.threshold_form import with_level
from devices.instant import MINUTE
from devices.reading import Reading, Status

ROWS = [
    (-25, 138, 88), (-15, 126, 80), (-10, 124, 78), (-5, 120, 76), (0, 116, 74),
    (5, 132, 82), (10, 141, 88), (15, 138, 90), (20, 140, 91), (25, 146, 140), (27, 152, 96), (30, 160, 99),
    (35, 168, 101), (40, 184, 104), (45, 184, 98), (50, 171, 95), (55, 158, 94), (60, 149, 90), (65, 151, 87),
    (70, 142, 86), (75, 136, 84), (85, 130, 80), (90, 128, 78), (95, 124, 76),
]  # fmt: skip
"""Worked example A of the clinical definition: minutes from the start, mmHg."""


def play(ward, rows=ROWS, restarts=(), end=100):
    begin = ward.now
    ward.open_session()
    for minute, sys, dia in rows:
        if minute > 0 and not hasattr(ward, "t0"):
            ward.start_infusion(begin + 26 * MINUTE)
        ward.now = begin + (minute + 26) * MINUTE
        if minute in restarts:
            ward.restart()
        ward.cuff(sys, dia)
        ward.commit()
        if minute == 40:
            ward.event(EventKind.INFUSION_STOP)
    if end is not None:
        ward.now = begin + (26 + end) * MINUTE
        ward.event(EventKind.SESSION_END)
        ward.commit()


def stored(ward):
    with ward.store.reading() as connection:
        return judged(connection, ward.session, ward.now)


def recorded(ward, rows=ROWS):
    """The same readings as a recording of them has them: in order, by its own numbers."""
    return [
        Reading(ward.t0 + minute * MINUTE, number, signal, value, "mmHg", Status.OK, f"csv:{signal}")
        for number, (minute, sys, dia) in enumerate(rows)
        for signal, value in (("NIBP_SYS", sys), ("NIBP_DIA", dia))
    ]


@pytest.mark.parametrize("restarts", [(), (25, 40, 85)])
def test_a_live_sessions_explanations_are_those_of_its_recording(ward, restarts):
    play(ward, restarts=restarts)
    t0 = ward.t0
    again = analyse(recorded(ward), Timeline(t0, t0 + 40 * MINUTE, None, t0 + 100 * MINUTE), preset("adult-iv"))
    live = stored(ward)
    rises = ward.rises()
    assert len(rises) == 5 and not live.going_on
    for rise, each in zip(rises, again.rises, strict=True):
        found = live.explain(rise)
        assert found.thresholds.version == 1
        plain = replace(found, thresholds=replace(found.thresholds, version=None))
        assert plain == replace(explain(again, each), doubts=plain.doubts)
        # What is told of a doubt is the same; when it was received differs, a recording counts its rows.
        assert [(n.time, n.kind, n.text) for n in plain.doubts] == [
            (n.time, n.kind, n.text) for n in explain(again, each).doubts
        ]


def test_while_the_session_goes_on_an_open_rise_has_no_class(ward):
    play(ward, [row for row in ROWS if row[0] <= 45], end=None)
    live = stored(ward)
    rise = next(each for each in ward.rises() if (each.signal, each.level) == ("SBP", 1))
    told = sentences(live.explain(rise), lambda at: f"{ward.minutes(at):g}", live.going_on)
    assert "The rise goes on: the last value was 184 at 45." in told
    assert not [each for each in told if "unresolved" in each or "transient" in each]


def test_a_reading_that_came_late_is_named_and_does_not_count(ward):
    rows = [row for row in ROWS if row[0] <= 45]
    play(ward, rows[:10], end=None)  # up to 25 min
    begin = ward.now
    ward.now = ward.t0 + 27 * MINUTE
    ward.cuff(152, 96)
    ward.commit()
    ward.cuff(100, 60, time=begin - 2 * MINUTE)  # measured at 23 min: sorted in, it would end the run of 20 and 27
    ward.commit()
    live = stored(ward)
    found = live.explain(ward.rises()[0])
    assert [(ward.minutes(each.time), each.value) for each in found.confirming] == [(20, 140), (27, 152)]
    assert [ward.minutes(each.first) for each in found.refused] == [23, 25]
    assert "came after later readings" in found.refused[0].why


def test_a_rise_that_the_readings_do_not_give_is_not_explained(ward):
    play(ward)
    other = replace(ward.rises()[0], onset=ward.t0 + MINUTE)
    with pytest.raises(NotExplained):
        stored(ward).explain(other)


def test_a_session_without_a_start_has_nothing_to_explain(ward):
    ward.open_session()
    with ward.store.reading() as connection, pytest.raises(SessionError, match="has not started"):
        judged(connection, ward.session, ward.now)


def adjust(ward, reason="white-coat hypertension known", **criteria):
    with ward.store.reading() as connection:
        versions = queries.threshold_versions(connection, ward.session)
    base = acts.thresholds_of(next((each for each in versions if each.session_id is not None), ward.version))
    level = next(each for each in base.levels_of("SBP") if each.level == 1)
    new = with_level(base, level, **{"absolute": None, "rise": None, "rise_percent": None, **criteria})
    saved = acts.adjust_thresholds(
        ward.store, ward.session, new, author="Dr. C", reason=reason, now=ward.now, bed_now=ward.now
    )
    ward.look()
    return saved


def begin(ward):
    ward.open_session()
    for _ in range(3):
        ward.cuff(120, 76)
        ward.pass_time(300)
    ward.start_infusion()


def measure(ward, *values):
    for value in values:
        ward.pass_time(300)
        ward.cuff(value, min(80, value - 30))
        ward.pass_time(1)


@pytest.mark.parametrize("restart", [False, True])
def test_an_adjustment_holds_for_later_readings_and_survives_a_restart(ward, restart):
    begin(ward)
    measure(ward, 141)  # first of two at or above 140
    saved = adjust(ward, rise=30.0)
    if restart:
        ward.restart()
    measure(ward, 142, 143)
    assert ward.rises() == []  # 150 is in force
    measure(ward, 150, 151)
    (rise,) = ward.rises()
    assert (rise.threshold, rise.threshold_version_id) == (150, saved.id)
    found = stored(ward).explain(rise)
    assert (found.thresholds.author, found.thresholds.reason) == ("Dr. C", "white-coat hypertension known")
    assert found.thresholds.name == f"adult-iv in session {ward.session}" and found.thresholds.hash == saved.hash
    assert [each.value for each in found.confirming] == [150, 151]


@pytest.mark.parametrize("restart", [False, True])
def test_an_open_rise_keeps_its_limit_when_others_are_put_in_force(ward, restart):
    begin(ward)
    measure(ward, 145, 146)
    adjust(ward, rise=60.0)
    if restart:
        ward.restart()
    measure(ward, 135, 130, 129)
    (rise,) = ward.rises()
    assert (rise.threshold, rise.clear, rise.outcome) == (140, 130, "transient")
    assert rise.threshold_version_id == ward.version.id
    assert stored(ward).explain(rise).thresholds.since is None
    measure(ward, 150, 151)
    assert len(ward.rises()) == 1  # 180 is in force now


def test_an_adjustment_needs_a_reason_a_difference_and_a_set_that_works(ward):
    begin(ward)
    with pytest.raises(ThresholdError, match="reason"):
        adjust(ward, reason=" ", rise=30.0)
    with pytest.raises(ThresholdError, match="nothing differs"):
        adjust(ward, rise=20.0)
    with pytest.raises(ThresholdError, match="hysteresis of SBP is 10"):
        adjust(ward, rise=9.0)
    with pytest.raises(ThresholdError, match="never fire"):
        adjust(ward)
    with ward.store.reading() as connection:
        assert queries.session_events(connection, ward.session)[-1].kind is EventKind.INFUSION_START


def test_one_patients_limits_are_offered_to_no_other(ward):
    begin(ward)
    first, second = adjust(ward, rise=30.0), adjust(ward, rise=31.0)
    assert (first.version, second.version, first.name) == (1, 2, second.name)
    with ward.store.reading() as connection:
        assert first.name not in {each.name for each in queries.threshold_versions(connection)}
        own = [each.id for each in queries.threshold_versions(connection, ward.session) if each.session_id is not None]
        assert own == [second.id, first.id]
    ward.event(EventKind.SESSION_END)
    ward.commit()
    ward.open_session()
    with pytest.raises(SessionError, match="does not exist for this session"):
        ward.event(EventKind.THRESHOLDS, threshold_version_id=first.id, reason="as before")


def test_a_version_changed_behind_the_programs_back_is_not_put_in_force(ward):
    begin(ward)
    with ward.store.writing() as connection:
        connection.execute(update(s.threshold_version).values(body=s.threshold_version.c.body + "# \n"))
        other = queries.latest_threshold_version(connection, "cardiac-risk")
        body = other.body.replace("absolute = 160", "absolute = 170")
        connection.execute(update(s.threshold_version).where(s.threshold_version.c.id == other.id).values(body=body))
    with pytest.raises(ThresholdError, match="do not match their hash"):
        ward.event(EventKind.THRESHOLDS, threshold_version_id=other.id, reason="heart disease")


@pytest.mark.parametrize(
    ("kind", "detail", "said"),
    [
        (EventKind.BASELINE, {"signal": "SBP", "value": 118.0}, "needs its reason"),
        (EventKind.BASELINE, {"signal": "SBP", "value": 300.0, "reason": "x"}, "give 40 to 270"),
        (EventKind.BASELINE, {"value": 118.0, "reason": "x"}, "choose the signal"),
        (EventKind.THRESHOLDS, {"threshold_version_id": 1, "reason": " "}, "needs its reason"),
        (EventKind.THRESHOLDS, {"reason": "x"}, "choose the version"),
        (EventKind.THRESHOLDS, {"threshold_version_id": 999, "reason": "x"}, "does not exist"),
    ],
)
def test_what_must_be_told_with_a_change_is_asked_for_wherever_it_is_made(ward, kind, detail, said):
    begin(ward)
    with pytest.raises(SessionError, match=said):
        ward.event(kind, **detail)


def test_a_manual_baseline_is_explained_by_who_entered_it_and_why(ward):
    begin(ward)
    measure(ward, 121)
    ward.event(EventKind.BASELINE, signal="SBP", value=130.0, reason="ambulance record")
    ward.restart()
    measure(ward, 149, 150, 151)
    (rise,) = ward.rises()
    assert rise.threshold == 150
    shown = stored(ward).explain(rise).baseline
    assert (shown.value, shown.status, shown.author, shown.reason) == (130, "manual", "Ada", "ambulance record")


def test_a_jump_is_stored_as_a_notice_once(ward):
    begin(ward)
    measure(ward, 165)
    ward.restart()
    measure(ward, 166)
    with ward.store.reading() as connection:
        found = queries.session_notices(connection, ward.session, "suspect-jump")
    assert [each.text for each in found] == ["Suspect: systolic 165 after 120 mmHg; it counts"]


def test_low_limits_alarm_before_the_start_and_after_and_end(ward):
    """As live alarms: medium at 90, high at 80, over at 95 and 85; never among the rises."""
    ward.open_session()
    measure(ward, 89)
    alarm = ward.alarms()["low SBP"]
    assert (alarm.priority, alarm.category, alarm.value, alarm.threshold) == (2, "physiological", 89, 90)
    measure(ward, 96)
    assert ward.alarms()["low SBP"].ended is not None
    ward.start_infusion()
    ward.cuff(80, 50)
    ward.pass_time(1)
    with ward.store.reading() as connection:
        alarm = queries.running_alarms(connection)[ward.bed.id]["low SBP"]
    assert (alarm.priority, alarm.value, alarm.threshold) == (3, 80, 80)
    assert ward.rises() == []


def test_low_limits_that_are_switched_off_give_no_alarm(ward):
    base = acts.thresholds_of(ward.version)
    off = dataclasses.replace(base, low=(), low_off=dict.fromkeys(("SBP", "HR", "SPO2"), "arterial line watched"))
    ward.version = acts.save_thresholds(ward.store, off, author="Dr. C", reason="research bed", now=ward.now)
    ward.open_session()
    measure(ward, 70)
    assert "low SBP" not in ward.alarms()
