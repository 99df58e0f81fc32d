"""From a threshold set and a baseline to what each detector is set to."""

from __future__ import annotations

from dashboard.rises.criteria import Limit, effective
from dashboard.rises.ladder import Rule
from dashboard.rises.thresholds import Level, ThresholdSet

CHECKED_BEFORE_START = 3
"""The level whose absolute limits also run before the start (clinical definition 3.1)."""


def rise_rules(thresholds: ThresholdSet, signal: str, baseline: float | None) -> list[Rule]:
    """The levels of `signal` that are on at this baseline, lowest first."""
    found = ((level, limit_of(thresholds, level, baseline)) for level in thresholds.levels_of(signal))
    return [_rule(thresholds, level, limit) for level, limit in found if limit is not None]


def before_start_rules(thresholds: ThresholdSet, signal: str) -> list[Rule]:
    """The pre-dose check: the level 3 absolute limit of `signal`, if it has one."""
    found = []
    for level in thresholds.levels_of(signal):
        if level.level == CHECKED_BEFORE_START and level.absolute is not None:
            clear = level.absolute - thresholds.hysteresis_of(signal)
            found.append(_rule(thresholds, level, Limit(level.absolute, clear, None, False)))
    return found


def limit_of(thresholds: ThresholdSet, level: Level, baseline: float | None) -> Limit | None:
    """The limit of `level` at this baseline, None if it is off."""
    return effective(level, baseline, thresholds.hysteresis_of(level.signal), thresholds.combine)


def highest_limit(thresholds: ThresholdSet, signal: str, baseline: float | None) -> float | None:
    """The threshold of the highest level of `signal` that is on: level 3 where the set has one."""
    rules = rise_rules(thresholds, signal, baseline)
    return rules[-1].limit.threshold if rules else None


def _rule(thresholds: ThresholdSet, level: Level, limit: Limit) -> Rule:
    return Rule(level.level, limit, level.n_on, thresholds.n_off_of(level.signal), thresholds.hash)
