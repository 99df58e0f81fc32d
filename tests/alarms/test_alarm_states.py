"""How conditions become alarms: raised once, ended with their cause, asked anew when more urgent."""

from msgspec.structs import replace

from dashboard.alarms.conditions import HIGH, LOW, MEDIUM, Category, Condition
from dashboard.alarms.states import Change, End, Raise, compare, escalated, reminder_due
from dashboard.store.records import Alarm
from devices.instant import MINUTE, SECOND

CONDITION = Condition("k", Category.PHYSIOLOGICAL, MEDIUM, "SBP 168, limit 160", 0, "SBP", 168, 160, "mmHg")
ALARM = Alarm(
    7, 1, 1, "k", "physiological", MEDIUM, "SBP", "SBP 168, limit 160", 168, 160, "mmHg", 0, 0, None, None, None, False
)


def test_a_new_condition_raises_once():
    assert compare({}, {"k": CONDITION}) == [Raise(CONDITION)]
    assert compare({"k": ALARM}, {"k": CONDITION}) == []


def test_a_vanished_condition_ends_its_alarm():
    assert compare({"k": ALARM}, {}) == [End(ALARM)]


def test_a_new_value_changes_the_alarm_and_keeps_its_acknowledgement():
    higher = replace(CONDITION, value=171, text="SBP 171, limit 160")
    assert compare({"k": ALARM}, {"k": higher}) == [Change(ALARM, higher)]


def test_a_more_urgent_condition_asks_anew():
    urgent = replace(CONDITION, priority=HIGH)
    assert compare({"k": ALARM}, {"k": urgent}) == [End(ALARM, superseded=True), Raise(urgent)]


def test_a_less_urgent_condition_does_not_sound_again():
    calmer = replace(CONDITION, priority=LOW)
    assert compare({"k": ALARM}, {"k": calmer}) == [Change(ALARM, calmer)]


def test_reminders_come_only_for_acknowledged_running_alarms():
    acknowledged = replace(ALARM, acknowledged=0, acknowledged_by="Ada")
    assert not reminder_due(ALARM, None, 10 * MINUTE)
    assert not reminder_due(acknowledged, None, 3 * MINUTE - 1)
    assert reminder_due(acknowledged, None, 3 * MINUTE)
    assert reminder_due(replace(acknowledged, priority=HIGH), None, 2 * MINUTE)
    assert not reminder_due(acknowledged, 2 * MINUTE, 4 * MINUTE)
    assert not reminder_due(replace(acknowledged, priority=LOW), None, 60 * MINUTE)
    assert not reminder_due(replace(acknowledged, ended=MINUTE), None, 60 * MINUTE)


def test_an_unacknowledged_alarm_escalates_high_after_a_minute_medium_after_three():
    assert not escalated(replace(ALARM, priority=HIGH), 60 * SECOND - 1)
    assert escalated(replace(ALARM, priority=HIGH), 60 * SECOND)
    assert not escalated(ALARM, 3 * MINUTE - 1)
    assert escalated(ALARM, 3 * MINUTE)
    assert not escalated(replace(ALARM, acknowledged=1), 9 * MINUTE)
    assert not escalated(replace(ALARM, silent=True), 9 * MINUTE)
