"""Conditions to alarms: what is to be raised, changed or ended, given what runs. Pure.

An alarm is raised once for a condition and ends with it. Medium and high ones stay on the screens until someone
acknowledges them (the store's query `standing_alarms`); a new cause, or one that became more urgent, asks anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from dashboard.alarms.conditions import HIGH, MEDIUM, Condition
from dashboard.store.records import Alarm
from devices.instant import MINUTE

REMIND_AFTER = {MEDIUM: 3 * MINUTE, HIGH: 2 * MINUTE}
"""An acknowledged alarm whose condition goes on is announced again after this time (4.3)."""

ESCALATE_AFTER = {MEDIUM: 3 * MINUTE, HIGH: 1 * MINUTE}
"""An alarm nobody has acknowledged for this time is said to be so on every screen (4.3)."""


class Raise(Struct, frozen=True):
    condition: Condition


class Change(Struct, frozen=True):
    """The condition goes on, but with another text, value or a lower priority: the acknowledgement stands."""

    alarm: Alarm
    condition: Condition


class End(Struct, frozen=True):
    """The condition is over; or, `superseded`, a more urgent alarm of the same cause takes over."""

    alarm: Alarm
    superseded: bool = False


Step = Raise | Change | End


def compare(running: Mapping[str, Alarm], wanted: Mapping[str, Condition]) -> list[Step]:
    """The steps that lead from the `running` alarms to the `wanted` conditions, both by key.

    A condition that became more urgent ends its alarm and raises a new one, so that it sounds and must be
    acknowledged again.
    """
    steps: list[Step] = [End(alarm) for key, alarm in running.items() if key not in wanted]
    for key, condition in wanted.items():
        alarm = running.get(key)
        if alarm is None:
            steps.append(Raise(condition))
        elif condition.priority > alarm.priority:
            steps += [End(alarm, superseded=True), Raise(condition)]
        elif (condition.text, condition.value, condition.threshold, condition.priority) != (
            alarm.text,
            alarm.value,
            alarm.threshold,
            alarm.priority,
        ):
            steps.append(Change(alarm, condition))
    return steps


def reminder_due(alarm: Alarm, last: int | None, now: int) -> bool:
    """Whether a running, acknowledged alarm is to be announced again.

    Args:
        last: when it was last announced again, None if never. now: the wall clock.
    """
    if alarm.ended is not None or alarm.acknowledged is None or alarm.priority not in REMIND_AFTER:
        return False
    return now - (last if last is not None else alarm.acknowledged) >= REMIND_AFTER[alarm.priority]


def escalated(alarm: Alarm, now: int) -> bool:
    """Whether nobody has acknowledged the alarm for so long that every screen says so."""
    if alarm.acknowledged is not None or alarm.silent or alarm.priority not in ESCALATE_AFTER:
        return False
    return now - alarm.raised >= ESCALATE_AFTER[alarm.priority]
