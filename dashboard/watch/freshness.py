"""How fresh what a bed last heard is: last valid rate, last cuff measurement, last sign of life, own intervals."""

from __future__ import annotations

from collections import deque
from statistics import median

from dashboard.alarms.conditions import Freshness
from devices.instant import SECOND
from devices.reading import USED, Reading
from devices.signals import NIBP, PulseOrigin, pulse_origin

_INTERVALS = 5
"""How many of the last intervals a source's own one is taken from."""


class Pace:
    """When something last came, and its own interval: the median of the last few."""

    def __init__(self) -> None:
        self.last: int | None = None
        self._intervals: deque[int] = deque(maxlen=_INTERVALS)

    def heard(self, time: int) -> None:
        if self.last is not None and time <= self.last:
            return
        if self.last is not None:
            self._intervals.append(time - self.last)
        self.last = time

    @property
    def freshness(self) -> Freshness:
        return Freshness(self.last, round(median(self._intervals)) if len(self._intervals) >= 3 else SECOND)


class BedFreshness:
    """What a bed last heard. Times are measurement times on the bed's clock."""

    def __init__(self) -> None:
        self._link = Pace()
        self._rate = Pace()
        self.cuff: int | None = None
        self.cuff_only = True
        """Nothing but cuff measurements ever came: such a monitor is silent between them, and that is no fault."""

    def take(self, reading: Reading) -> None:
        if reading.signal in NIBP:
            if reading.value is not None and reading.status in USED:
                self.cuff = reading.time if self.cuff is None else max(self.cuff, reading.time)
            return
        if reading.signal == "PR" and pulse_origin(reading.source) is PulseOrigin.CUFF:
            return
        self.cuff_only = False
        self._link.heard(reading.time)
        if reading.signal in ("HR", "PR") and reading.value is not None and reading.status in USED:
            self._rate.heard(reading.time)

    @property
    def link(self) -> Freshness:
        return self._link.freshness

    @property
    def rate(self) -> Freshness:
        return self._rate.freshness
