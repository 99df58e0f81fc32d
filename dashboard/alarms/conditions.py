"""What is worth an alarm on one bed at one moment, as conditions: pure, judged afresh at each tick.

A condition lasts while its cause does; `dashboard.alarms.states` turns appearing and vanishing conditions into
raised and ended alarms. Priorities: 1 low, 2 medium, 3 high (clinical definition 4.3). Technical limits: 3.7.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from dashboard.rises.coverage import CUFF_GRACE
from devices.instant import SECOND

LOW, MEDIUM, HIGH = 1, 2, 3


class Category(StrEnum):
    PHYSIOLOGICAL = "physiological"
    TECHNICAL = "technical"


class Condition(Struct, frozen=True):
    """Something that deserves attention as long as it lasts.

    Attributes:
        key: names the cause, stable while it lasts; an alarm is raised once per key.
        since: when it began, on the bed's clock. value, threshold: in `unit`.
    """

    key: str
    category: Category
    priority: int
    text: str
    since: int
    signal: str = ""
    value: float | None = None
    threshold: float | None = None
    unit: str = ""


class Freshness(Struct, frozen=True):
    """How fresh a continuous signal or a link is: `last` valid one (None: never), its own `interval`, both in µs."""

    last: int | None
    interval: int = SECOND


def rate_conditions(rate: Freshness, now: int) -> list[Condition]:
    """The heart (or pulse) rate that stopped coming: low after 10 s or 3 intervals, medium after 30 s or 6.

    A rate that never came is no alarm here: the bed says "HR not evaluable" instead.
    """
    if rate.last is None:
        return []
    age = now - rate.last
    lost, delayed = max(30 * SECOND, 6 * rate.interval), max(10 * SECOND, 3 * rate.interval)
    if age > lost:
        return [_technical("hr-lost", MEDIUM, "HR lost: no valid heart or pulse rate", rate.last, "HR")]
    if age > delayed:
        return [_technical("hr-lost", LOW, "HR delayed: no new valid heart or pulse rate", rate.last, "HR")]
    return []


def cuff_conditions(last: int | None, due_since: int, cycle: int, now: int) -> list[Condition]:
    """A cuff measurement that is overdue: low after the cycle plus 2 minutes, medium after two cycles plus 2.

    Args:
        last: the last cuff measurement that gave values, None if none did yet.
        due_since: from when measurements are expected if none came (the session's start). cycle: µs.
    """
    start = last if last is not None else due_since
    age = now - start
    text = "Cuff overdue" if last is not None else "Cuff overdue: no measurement yet"
    if age > 2 * cycle + CUFF_GRACE:
        return [_technical("cuff-overdue", MEDIUM, text, start, "NIBP")]
    if age > cycle + CUFF_GRACE:
        return [_technical("cuff-overdue", LOW, text, start, "NIBP")]
    return []


def link_conditions(link: Freshness, since: int, now: int) -> list[Condition]:
    """A monitor that fell silent: medium after 10 s or 3 of its intervals, high after 60 s or 6.

    Args:
        since: from when it was expected to speak if it never did.
    """
    start = link.last if link.last is not None else since
    age = now - start
    if age > max(60 * SECOND, 6 * link.interval):
        return [_technical("no-data", HIGH, "No data from the monitor: look at the bedside monitor", start)]
    if age > max(10 * SECOND, 3 * link.interval):
        return [_technical("no-data", MEDIUM, "No data from the monitor: look at the bedside monitor", start)]
    return []


def without_consequences(conditions: Iterable[Condition]) -> dict[str, Condition]:
    """By key, without what another one explains: while a monitor is silent, its missing rate is no second alarm."""
    found = {each.key: each for each in conditions}
    if "no-data" in found:
        found.pop("hr-lost", None)
    return found


def _technical(key: str, priority: int, text: str, since: int, signal: str = "") -> Condition:
    return Condition(key, Category.TECHNICAL, priority, text, since, signal)
