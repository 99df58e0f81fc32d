"""Low limits (clinical definition 3.15): the same machine turned round. Notices, never counted as rises."""

from __future__ import annotations

from dashboard.rises.criteria import Limit
from dashboard.rises.episodes import PRIORITIES, Scope
from dashboard.rises.ladder import Ladder, Rule
from dashboard.rises.thresholds import ThresholdSet

SIGNALS = ("SBP", "HR", "SPO2")

_LEVELS = {priority: level for level, priority in PRIORITIES.items()}


def rules(thresholds: ThresholdSet, signal: str) -> list[Rule]:
    """The low limits of `signal`: exceeded at or below `limit`, over at or above limit + hysteresis."""
    return [
        Rule(
            level=_LEVELS[low.priority],
            limit=Limit(low.limit, low.limit + low.hysteresis, None, False),
            n_on=low.n_on,
            n_off=low.n_off,
            thresholds=thresholds.hash,
        )
        for low in thresholds.low_of(signal)
    ]


def ladder(thresholds: ThresholdSet, signal: str) -> Ladder:
    """The detectors of the low limits of `signal`."""
    return Ladder(Scope.LOW, signal, rules(thresholds, signal), sign=-1)
