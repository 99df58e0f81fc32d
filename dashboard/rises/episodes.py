"""What detectors find: rises, limits passed before the start, low limits; and what happens to them, as events."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from dashboard.rises.detector import Step
from dashboard.rises.thresholds import SIGNALS


class Scope(StrEnum):
    """Which list an episode belongs to. Only a RISE that was not present at baseline is counted as a rise."""

    RISE = "rise"
    BEFORE_START = "before-start"  # a level 3 absolute limit before the drug (clinical definition 3.1)
    LOW = "low"  # a low limit (3.15): `peak` is the lowest value


PRIORITIES = {1: "low", 2: "medium", 3: "high"}
"""Of a level, and of a low limit, whose `level` is 2 (medium) or 3 (high)."""

_PLACES = {signal: place for place, signal in enumerate(SIGNALS)}


class Episode(Struct, frozen=True, gc=False):
    """One time that a signal passed a limit.

    Attributes:
        signal: SBP, DBP, HR; in scope LOW also SPO2. level: 1 to 3.
        threshold, clear, baseline: in force when it began, in the signal's unit; baseline None if there was none.
        onset, confirmed, peak_time: instants (HR, SPO2: `onset` and `peak_time` are epoch starts).
        return_time, declared: None while it goes on.
        present_at_baseline: the baseline itself was at or above the threshold: a limit notice, no rise.
        gap: values were missing for too long while it was open.
        thresholds: hash of the threshold set that decided.
    """

    scope: Scope
    signal: str
    level: int
    threshold: float
    clear: float
    baseline: float | None
    onset: int
    confirmed: int
    peak: float
    peak_time: int
    return_time: int | None
    declared: int | None
    present_at_baseline: bool
    gap: bool
    thresholds: str

    @property
    def is_open(self) -> bool:
        return self.return_time is None


class Mark(Struct, frozen=True):
    """A qualifying run that is not yet long enough: "1 of 2, repeat cuff". Shown, never sounded.

    Attributes:
        since: time of its first value. count, needed: values so far, and for confirmation. value: the newest.
    """

    scope: Scope
    signal: str
    level: int
    threshold: float
    since: int
    count: int
    needed: int
    value: float


class RiseEvent(Struct, frozen=True):
    """What one value did.

    Attributes:
        step: PROVISIONAL and RESET carry `mark` (at RESET the run that ended), the others `episode` as it is now.
        time: when it is known.
    """

    step: Step
    time: int
    episode: Episode | None = None
    mark: Mark | None = None


def listing_order(episode: Episode) -> tuple[int, int, int]:
    """By confirmed time, then priority (high first), then SBP, DBP, HR (clinical definition 3.11.10)."""
    return episode.confirmed, -episode.level, _PLACES.get(episode.signal, len(SIGNALS))
