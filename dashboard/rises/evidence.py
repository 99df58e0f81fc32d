"""What a session's rises rest on: its measurements and epochs, each with what spoke against it. For explanation,
annotation and coverage, which look back; the detector itself keeps no readings."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from dashboard.rises.continuous import Continuous, Point, Points
from dashboard.rises.epochs import EPOCH
from dashboard.rises.prepare import Prepared
from dashboard.rises.thresholds import CUFF_SIGNALS
from dashboard.rises.validity import HR_RANGE, SPO2_RANGE, Cuff, Rejection, rejection


@dataclass(slots=True)
class Evidence:
    """The readings of a session, sorted and without doubles, taken in piece by piece.

    Attributes:
        t0, end: start of the drug and end of watching.
        cuffs: every cuff measurement by time, with why it does not count (None: it does).
        rates, saturations: the heart rate's and SpO2's samples.
    """

    t0: int
    end: int
    cuffs: list[tuple[Cuff, Rejection | None]] = field(default_factory=list)
    rates: Continuous = field(init=False)
    saturations: Continuous = field(init=False)
    _pressures: dict[str, Points] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.rates, self.saturations = Continuous(self.t0, HR_RANGE), Continuous(self.t0, SPO2_RANGE)
        self._pressures = {signal: Points(0) for signal in CUFF_SIGNALS}

    def take(self, prepared: Prepared, until: int) -> None:
        """The next piece; all epochs that end at or before the instant `until` are whole."""
        self.rates.take(prepared.rates, until)
        self.saturations.take(prepared.saturations, until)
        for cuff in prepared.cuffs:
            why = rejection(cuff)
            self.cuffs.append((cuff, why))
            if why is None:
                for signal, value in (("SBP", cuff.sbp), ("DBP", cuff.dbp)):
                    assert value is not None  # a valid tuple has both
                    self._pressures[signal].times.append(cuff.time)
                    self._pressures[signal].values.append(value)

    def points(self, signal: str) -> Points:
        """The valid values of `signal` (SBP, DBP, HR, SPO2) by time, before and after the start."""
        if signal in self._pressures:
            return self._pressures[signal]
        return {"HR": self.rates, "SPO2": self.saturations}[signal].points

    def between(self, signal: str, first: int, after: int) -> Sequence[Point]:
        """The valid values with first <= time < after."""
        points = self.points(signal)
        return points[bisect_left(points.times, first) : bisect_left(points.times, after)]

    def before(self, signal: str, time: int) -> Point | None:
        """The last valid value before `time`."""
        points = self.points(signal)
        place = bisect_left(points.times, time)
        return points[place - 1] if place else None

    def after(self, signal: str, time: int) -> Point | None:
        """The first valid value after `time`."""
        points = self.points(signal)
        place = bisect_right(points.times, time)
        return points[place] if place < len(points) else None


def held(point: Point, following: Point | None, signal: str, max_gap: int, end: int) -> int:
    """For how long a value is taken to stand, in µs: an epoch for its 5 s, a cuff reading until the next valid one.

    A cuff reading says nothing of what comes more than `max_gap` after it, nor after the session's `end`.
    """
    if signal not in CUFF_SIGNALS:
        return EPOCH
    until = following.time if following is not None else end
    return max(0, min(until - point.time, max_gap))
