"""What a session's rises rest on: its measurements and epochs, each with what spoke against it. For explanation,
annotation and coverage, which look back; the detector itself keeps no readings."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec import Struct

from dashboard.rises.epochs import EPOCH, Epochs
from dashboard.rises.prepare import Prepared, Sample
from dashboard.rises.thresholds import CUFF_SIGNALS
from dashboard.rises.validity import HR_RANGE, SPO2_RANGE, Cuff, Rejection, rejection


class Point(Struct, frozen=True):
    """A valid value: a cuff reading's, or an epoch's. `known`: when it is known (a reading: its time)."""

    time: int
    known: int
    value: float


@dataclass(frozen=True)
class Evidence:
    """The readings of a session, sorted and without doubles.

    Attributes:
        prepared: up to the session's end. t0, end: start of the drug and end of watching.
    """

    prepared: Prepared
    t0: int
    end: int

    @cached_property
    def cuffs(self) -> tuple[tuple[Cuff, Rejection | None], ...]:
        """Every cuff measurement by time, with why it does not count (None: it does)."""
        return tuple((cuff, rejection(cuff)) for cuff in self.prepared.cuffs)

    def points(self, signal: str) -> Sequence[Point]:
        """The valid values of `signal` (SBP, DBP, HR, SPO2) by time, before and after the start."""
        return self._points[signal]

    def between(self, signal: str, first: int, after: int) -> Sequence[Point]:
        """The valid values with first <= time < after."""
        points = self._points[signal]
        return points[bisect_left(points, first, key=_time) : bisect_left(points, after, key=_time)]

    def before(self, signal: str, time: int) -> Point | None:
        """The last valid value before `time`."""
        points = self._points[signal]
        place = bisect_left(points, time, key=_time)
        return points[place - 1] if place else None

    def after(self, signal: str, time: int) -> Point | None:
        """The first valid value after `time`."""
        points = self._points[signal]
        place = bisect_right(points, time, key=_time)
        return points[place] if place < len(points) else None

    @cached_property
    def _points(self) -> dict[str, tuple[Point, ...]]:
        valid = [cuff for cuff, why in self.cuffs if why is None]
        return {
            "SBP": tuple(Point(cuff.time, cuff.time, cuff.sbp) for cuff in valid if cuff.sbp is not None),
            "DBP": tuple(Point(cuff.time, cuff.time, cuff.dbp) for cuff in valid if cuff.dbp is not None),
            "HR": self._epochs(self.prepared.rates, HR_RANGE),
            "SPO2": self._epochs(self.prepared.saturations, SPO2_RANGE),
        }

    def _epochs(self, samples: Sequence[Sample], believed: tuple[float, float]) -> tuple[Point, ...]:
        epochs = Epochs(self.t0, believed)
        for sample in samples:
            epochs.push(sample)
        return tuple(
            Point(span.start, span.end, span.value) for span in epochs.close(self.end) if span.value is not None
        )


def held(point: Point, following: Point | None, signal: str, max_gap: int, end: int) -> int:
    """For how long a value is taken to stand, in µs: an epoch for its 5 s, a cuff reading until the next valid one.

    A cuff reading says nothing of what comes more than `max_gap` after it, nor after the session's `end`.
    """
    if signal not in CUFF_SIGNALS:
        return EPOCH
    until = following.time if following is not None else end
    return max(0, min(until - point.time, max_gap))


def _time(point: Point) -> int:
    return point.time
