"""A level's criteria become one effective threshold and one clear level (clinical definition 3.3).

Two numbers within 1e-9 are equal, in every comparison of the detector (3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, overload

from msgspec import Struct

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dashboard.rises.thresholds import Combine, Level

EQUAL = 1e-9
"""How close two numbers are that count as equal."""


@overload
def at_least(value: float, limit: float) -> bool: ...
@overload
def at_least(value: NDArray[np.float64], limit: float) -> NDArray[np.bool_]: ...
def at_least(value: float | NDArray[np.float64], limit: float) -> bool | NDArray[np.bool_]:
    return value >= limit - EQUAL


@overload
def at_most(value: float, limit: float) -> bool: ...
@overload
def at_most(value: NDArray[np.float64], limit: float) -> NDArray[np.bool_]: ...
def at_most(value: float | NDArray[np.float64], limit: float) -> bool | NDArray[np.bool_]:
    return value <= limit + EQUAL


class Limit(Struct, frozen=True):
    """What a detector compares with.

    Attributes:
        threshold: T; a value at or above it exceeds. clear: C; a value at or below it is back.
        baseline: B the two rest on, None if there is none.
        present_at_baseline: B itself is at or above T: a limit notice, not counted as a rise.
    """

    threshold: float
    clear: float
    baseline: float | None
    present_at_baseline: bool


class Kind(StrEnum):
    """What a level compares the signal with; its name in a threshold file."""

    ABSOLUTE = "absolute"
    RISE = "rise"
    RISE_PERCENT = "rise_percent"


class Criterion(Struct, frozen=True):
    """One criterion of a level. `setting`: as the threshold file has it; `gives`: the threshold it amounts to."""

    kind: Kind
    setting: float
    gives: float


def criteria(level: Level, baseline: float | None) -> list[Criterion]:
    """The criteria of `level` that are on: without a baseline only the absolute limit is."""
    found = [] if level.absolute is None else [Criterion(Kind.ABSOLUTE, level.absolute, level.absolute)]
    if baseline is not None:
        if level.rise is not None:
            found.append(Criterion(Kind.RISE, level.rise, baseline + level.rise))
        if level.rise_percent is not None:
            gives = baseline * (1 + level.rise_percent / 100)
            found.append(Criterion(Kind.RISE_PERCENT, level.rise_percent, gives))
    return found


def decisive(found: Sequence[Criterion], combine: Combine) -> Criterion:
    """The criterion that sets the threshold: the lowest or the highest one; of equal ones the first."""
    choose = min if combine == "any" else max
    return choose(found, key=lambda each: each.gives)


def effective(level: Level, baseline: float | None, hysteresis: float, combine: Combine) -> Limit | None:
    """The limit in force for `level`; None if the level is off, since it has only rises and there is no baseline."""
    found = criteria(level, baseline)
    if not found:
        return None
    threshold = decisive(found, combine).gives
    clear = threshold - hysteresis
    present = baseline is not None and at_least(baseline, threshold)
    if baseline is not None and not present and not at_most(baseline, clear):
        clear = baseline  # a high baseline: the signal cannot be asked to fall below where it came from
    return Limit(threshold, clear, baseline, present)
