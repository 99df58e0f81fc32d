"""What a patient's signals were before the drug (clinical definition 3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from dashboard.rises.epochs import middle
from devices.instant import MINUTE, SECOND

CUFF_WINDOW = 30 * MINUTE
CUFF_READINGS = 3
RATE_WINDOW = 300 * SECOND
RATE_EPOCHS = 12


class BaselineStatus(StrEnum):
    OK = "ok"
    PROVISIONAL = "provisional"  # a single cuff reading: used, and said
    NONE = "none"  # rises and per cents are off, absolute limits stay on
    MANUAL = "manual"  # entered by a person, with a reason


class Baseline(Struct, frozen=True):
    """One signal's baseline.

    Attributes:
        value: mmHg or 1/min, not rounded; None exactly where the status is NONE.
        n: cuff readings or epochs it rests on (NONE: so many were found). times: theirs.
    """

    value: float | None
    n: int
    status: BaselineStatus
    times: tuple[int, ...] = ()


def cuff_baseline(values: Sequence[tuple[int, float]]) -> Baseline:
    """The median of the valid readings (time, mmHg) in the window, of which the caller hands on the last three."""
    if not values:
        return Baseline(None, 0, BaselineStatus.NONE)
    status = BaselineStatus.OK if len(values) >= 2 else BaselineStatus.PROVISIONAL
    return Baseline(
        middle(sorted(value for _, value in values)), len(values), status, tuple(time for time, _ in values)
    )


def rate_baseline(epochs: Iterable[tuple[int, float]]) -> Baseline:
    """The median of the epochs (start, 1/min) in the window; under 12 of them there is no baseline."""
    found = list(epochs)
    times = tuple(time for time, _ in found)
    if len(found) < RATE_EPOCHS:
        return Baseline(None, len(found), BaselineStatus.NONE, times)
    return Baseline(middle(sorted(value for _, value in found)), len(found), BaselineStatus.OK, times)


def manual_baseline(value: float) -> Baseline:
    """A baseline entered by a person."""
    return Baseline(value, 0, BaselineStatus.MANUAL)
