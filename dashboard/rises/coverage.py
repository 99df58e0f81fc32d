"""When a session was not looked at: spans in which the cuff was overdue, or in which a signal could not be judged
(clinical definition 3.7). Shown beside the rises: "none found" is worth as much as what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from itertools import pairwise

from msgspec import Struct

from dashboard.rises.epochs import BRIDGED, EPOCH
from dashboard.rises.evidence import Evidence
from dashboard.rises.thresholds import CUFF_SIGNALS, ThresholdSet
from devices.instant import MINUTE, minutes
from devices.reading import USED

CUFF_GRACE = 2 * MINUTE
"""A cuff is overdue so long after its cycle has run out; the watch's alarm waits as long."""


class Lack(StrEnum):
    CUFF_OVERDUE = "cuff-overdue"
    NOT_EVALUABLE = "not-evaluable"


class Spell(Struct, frozen=True):
    """A time in which something was lacking. `signal`: NIBP or HR."""

    lack: Lack
    signal: str
    since: int
    until: int


def spells(evidence: Evidence, in_force: Callable[[int], ThresholdSet]) -> list[Spell]:
    """What was lacking between the start of the drug and the session's end, by time.

    Args:
        in_force: the threshold set at an instant.
    """
    found = [*_overdue(evidence, in_force), *_cuff_gaps(evidence, in_force), *_rate_gaps(evidence, in_force)]
    return sorted(found, key=lambda each: (each.since, each.lack, each.signal))


def _overdue(evidence: Evidence, in_force: Callable[[int], ThresholdSet]) -> Iterable[Spell]:
    """A measurement that gave values is what the cuff owes, whether it counts or not."""
    measured = [cuff.time for cuff, _ in evidence.cuffs if (cuff.sbp, cuff.dbp) != (None, None) and cuff.status in USED]
    return _lacking(
        Lack.CUFF_OVERDUE, measured, evidence, lambda since: minutes(in_force(since).longest_interval_min) + CUFF_GRACE
    )


def _cuff_gaps(evidence: Evidence, in_force: Callable[[int], ThresholdSet]) -> Iterable[Spell]:
    """So long after a valid reading no run goes on from it."""
    if not any(in_force(evidence.t0).levels_of(signal) for signal in CUFF_SIGNALS):
        return []
    times = [point.time for point in evidence.points("SBP")]
    return _lacking(Lack.NOT_EVALUABLE, times, evidence, lambda since: in_force(since).max_gap)


def _lacking(lack: Lack, times: Sequence[int], evidence: Evidence, allowed: Callable[[int], int]) -> Iterable[Spell]:
    """The stretches after the start that lie more than `allowed` after the last of `times`."""
    t0, end = evidence.t0, evidence.end
    last = max((time for time in times if time <= t0), default=t0)
    for earlier, later in pairwise([last, *(time for time in times if t0 < time <= end), end]):
        since = max(t0, earlier + allowed(earlier))
        if since < later:
            yield Spell(lack, "NIBP", since, later)


def _rate_gaps(evidence: Evidence, in_force: Callable[[int], ThresholdSet]) -> Iterable[Spell]:
    if not in_force(evidence.t0).levels_of("HR"):
        return
    t0, end = evidence.t0, evidence.end
    if end <= t0:
        return
    if not evidence.rates.is_evaluable:
        yield Spell(Lack.NOT_EVALUABLE, "HR", t0, end)
        return
    whole = t0 + (end - t0) // EPOCH * EPOCH
    covered = t0
    for point in evidence.between("HR", t0, end):
        if point.time - covered > BRIDGED * EPOCH:
            yield Spell(Lack.NOT_EVALUABLE, "HR", covered, point.time)
        covered = point.known
    if whole - covered > BRIDGED * EPOCH:
        yield Spell(Lack.NOT_EVALUABLE, "HR", covered, whole)
