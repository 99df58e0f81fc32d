"""What a threshold set must keep to be able to fire and to end (clinical definition 3.10): refused, not warned of.

Every sentence names the field, the value and the bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from dashboard.rises.validity import DBP_RANGE, HR_RANGE, SBP_RANGE, SPO2_RANGE

if TYPE_CHECKING:
    from dashboard.rises.thresholds import ThresholdSet

SIGNALS = ("SBP", "DBP", "HR")
"""The signals whose rises are flagged, in the order in which simultaneous rises are listed."""
CUFF_SIGNALS = ("SBP", "DBP")
LOW_SIGNALS = ("SBP", "HR", "SPO2")
"""The signals that have low limits."""

LIMIT_RANGES: Mapping[str, tuple[float, float]] = {
    "SBP": (60, 260),
    "DBP": (40, 160),
    "HR": (40, 220),
    "SPO2": (30, 100),
}
"""Lowest and highest absolute limit that may be set, ends included."""

VALID_RANGES: Mapping[str, tuple[float, float]] = {
    "SBP": SBP_RANGE,
    "DBP": DBP_RANGE,
    "HR": HR_RANGE,
    "SPO2": SPO2_RANGE,
}
"""Lowest and highest value that counts (3.6): a limit beyond them is never reached."""


def check_all(given: ThresholdSet) -> None:
    """Raises:
    ValueError: the first rule that the set as a whole does not keep.
    """
    for check in (
        _check_cadence,
        _check_levels,
        _check_hysteresis,
        _check_gap,
        _check_due,
        _check_low,
        _check_low_off,
        _check_pre_dose,
    ):
        check(given)


def check_limit(signal: str, field: str, value: float) -> None:
    """Raises:
    ValueError: an absolute limit lies outside `LIMIT_RANGES`.
    """
    low, high = LIMIT_RANGES[signal]
    if not low <= value <= high:
        raise ValueError(f"{field} {value:g} lies outside {low:g} to {high:g}, the limits that may be set for {signal}")


def check_reachable(signal: str, rise: float | None, rise_percent: float | None) -> None:
    """Raises:
    ValueError: a rise leads from the lowest limit that may be set beyond the highest one, whatever the baseline.
    """
    low, high = LIMIT_RANGES[signal]
    if rise is not None and rise > high - low:
        raise ValueError(f"rise {rise:g} must be at most {high - low:g}: no baseline of {signal} leaves room for more")
    highest = (high / low - 1) * 100
    if rise_percent is not None and rise_percent > highest:
        raise ValueError(
            f"rise_percent {rise_percent:g} must be at most {highest:.0f}: no baseline of {signal} leaves room for more"
        )


def _check_cadence(given: ThresholdSet) -> None:
    if (given.cycle_min is None) == (given.due_min is None):
        raise ValueError("needs either cycle_min or due_min, and not both")
    if given.due_min is not None:
        rising = all(earlier < later for earlier, later in pairwise(given.due_min))
        if len(given.due_min) < 2 or not rising:
            raise ValueError("due_min needs two or more times in minutes, each later than the one before")


def _check_levels(given: ThresholdSet) -> None:
    if not given.level:
        raise ValueError("has no level, so it can never fire")
    seen: set[tuple[str, int]] = set()
    for each in given.level:
        if (each.signal, each.level) in seen:
            raise ValueError(f"level {each.level} of {each.signal} is given twice")
        seen.add((each.signal, each.level))


def _check_hysteresis(given: ThresholdSet) -> None:
    for each in given.level:
        hysteresis = given.hysteresis_of(each.signal)
        if each.rise is not None and hysteresis >= each.rise:
            raise ValueError(
                f"hysteresis of {each.signal} is {hysteresis:g}, but must be less than "
                f"the rise of {each.rise:g} of its level {each.level}"
            )
        lowest = VALID_RANGES[each.signal][0]
        if each.absolute is not None and each.absolute - hysteresis < lowest:
            raise ValueError(
                f"hysteresis of {each.signal} is {hysteresis:g}, but must be at most {each.absolute - lowest:g}: else "
                f"its level {each.level} of {each.absolute:g} would be over below {lowest:g}, where no value is valid"
            )


def _cuff_runs(given: ThresholdSet) -> list[tuple[str, int]]:
    """Every count of cuff readings in the set, with its name for a sentence."""
    levels = [each for each in given.level if each.signal in CUFF_SIGNALS]
    runs = [(f"n_on {each.n_on} of {each.signal} level {each.level}", each.n_on) for each in levels]
    signals = [signal for signal in CUFF_SIGNALS if given.levels_of(signal)]
    runs += [(f"n_off {given.n_off_of(signal)} of {signal}", given.n_off_of(signal)) for signal in signals]
    for low in given.low_of("SBP"):
        runs += [(f"n_on {low.n_on} of low SBP", low.n_on), (f"n_off {low.n_off} of low SBP", low.n_off)]
    return runs


def _check_gap(given: ThresholdSet) -> None:
    needed = 2 * given.longest_interval_min
    for said, length in _cuff_runs(given):
        if length > 1 and given.max_gap_min < needed:
            raise ValueError(
                f"max_gap_min {given.max_gap_min:g} must be at least {needed:g}, twice the cuff's longest interval, "
                f"because {said} needs readings in a row"
            )


def _check_due(given: ThresholdSet) -> None:
    """A run longer than all measurements that are due after the start could never be complete."""
    if given.due_min is None:
        return
    due = sum(1 for each in given.due_min if each > 0)
    for said, length in _cuff_runs(given):
        if length > due:
            raise ValueError(f"{said} must be at most {due}, the measurements that due_min has after the start")


def _check_low(given: ThresholdSet) -> None:
    seen: set[tuple[str, str]] = set()
    for each in given.low:
        if (each.signal, each.priority) in seen:
            raise ValueError(f"the {each.priority} low limit of {each.signal} is given twice")
        seen.add((each.signal, each.priority))


def _check_low_off(given: ThresholdSet) -> None:
    """A product that looks only upward is a hazard: what is switched off says why."""
    for signal in LOW_SIGNALS:
        has_limits, reason = bool(given.low_of(signal)), given.low_off.get(signal)
        if not has_limits and reason is None:
            raise ValueError(
                f"low has no limit of {signal}, and low_off does not say why: add the limit, or to the table low_off "
                f'{signal} = "the reason"'
            )
        if has_limits and reason is not None:
            raise ValueError(f"low_off of {signal} is {reason!r}, but low has limits of it: remove one of the two")


def _check_pre_dose(given: ThresholdSet) -> None:
    for signal, value in given.pre_dose.items():
        check_limit(signal, "pre_dose", value)
