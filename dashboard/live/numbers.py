"""The newest number of each signal of one bed, and how often its source speaks. Pure; kept up by the tail."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import pairwise
from statistics import median

from msgspec import Struct, field

from dashboard.rises.prepare import sample_of
from dashboard.rises.suspect import Doubts, is_jump
from dashboard.rises.validity import Cuff, Rejection, cuff_of, explain, rate_is_valid, rejection
from devices import instant
from devices.reading import USED, Reading
from devices.signals import NIBP, PulseOrigin, pulse_origin

CONTINUOUS = ("HR", "PR", "SPO2", "RR", "TEMP", "ABP_SYS", "ABP_DIA", "ABP_MEAN")
"""Signals shown as one number each; the cuff's three are shown together."""

_REMEMBERED = 6
_ON_THE_WAY = instant.SECOND
"""The two rates of a span are compared so long after its end: one may come later than the other."""
_ORIGIN = {PulseOrigin.LINE: 2, PulseOrigin.OXIMETER: 1, PulseOrigin.CUFF: 0}


def of_cuff(reading: Reading) -> bool:
    """A pulse rate measured with the cuff: true when it was measured, no current rate for its whole cycle."""
    return reading.signal == "PR" and pulse_origin(reading.source) is PulseOrigin.CUFF


class CuffMeasurement(Struct, frozen=True):
    """One cuff measurement: its readings by signal, all of one time."""

    time: int
    received: int
    readings: dict[str, Reading]

    @property
    def complete(self) -> bool:
        """Systolic and diastolic both have a value."""
        return all(name in self.readings and self.readings[name].value is not None for name in NIBP[:2])

    @property
    def measured(self) -> Cuff:
        return cuff_of(*(self.readings.get(name) for name in NIBP))

    @property
    def rejected(self) -> str | None:
        """Why the detector does not use this measurement (clinical definition 3.6), None if it does."""
        cuff = self.measured
        why: Rejection | None = rejection(cuff)
        return None if why is None else explain(cuff, why)


class _Source(Struct):
    last: Reading
    times: deque[int] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    @property
    def interval(self) -> int | None:
        """The source's own interval in microseconds, None until it has spoken three times."""
        if len(self.times) < 3:
            return None
        ordered = sorted(self.times)
        return round(median(after - before for before, after in pairwise(ordered)))


class Newest:
    """The newest readings of one bed, fed in any order; a late reading never replaces a newer one."""

    def __init__(self, readings: Iterable[Reading] = ()) -> None:
        self._sources: dict[tuple[str, str], _Source] = {}
        self.cuff: CuffMeasurement | None = None
        self._cuffs: dict[tuple[int, int], CuffMeasurement] = {}
        self._doubts = Doubts()
        self._has_both_rates = False
        self.add(readings)

    def add(self, readings: Iterable[Reading]) -> bool:
        """Takes readings in; whether they say more than a number: a cuff measurement, or a source not heard before."""
        more = False
        for each in readings:
            if each.signal in NIBP:
                more = True
                self._add_cuff(each)
                continue
            source = self._sources.get((each.signal, each.source))
            if source is None:
                more = True
                source = self._sources[each.signal, each.source] = _Source(each)
                self._has_both_rates = {"HR", "PR"} <= {name for name, _ in self._sources}
            elif (each.time, each.received) >= (source.last.time, source.last.received):
                source.last = each
            if each.time not in source.times:
                source.times.append(each.time)
            if self._has_both_rates and each.signal in ("HR", "PR") and (sample := sample_of(each)) is not None:
                self._doubts.push([sample])
        return more

    def _add_cuff(self, each: Reading) -> None:
        key = (each.time, each.received)
        self._cuffs.setdefault(key, CuffMeasurement(*key, {})).readings[each.signal] = each
        if len(self._cuffs) > _REMEMBERED:
            del self._cuffs[min(self._cuffs)]
        now = self._cuffs[max(self._cuffs)]
        # A failed measurement does not take the last numbers off the screen: they stand there with their age.
        if self.cuff is None or now.complete or not self.cuff.complete:
            self.cuff = now

    @property
    def suspect(self) -> str | None:
        """Why the measurement that is shown is to be doubted, though it counts; None if nothing speaks against it."""
        shown = self.cuff
        if shown is None or shown.rejected is not None:
            return None
        earlier = [each for _, each in sorted(self._cuffs.items()) if each.time < shown.time and each.rejected is None]
        if not earlier or not is_jump(earlier[-1].measured, shown.measured):
            return None
        return f"systolic {earlier[-1].measured.sbp:g} before it"

    def rate_suspect(self, now: int) -> str | None:
        """Why the ECG's rate is to be doubted at `now` (the bed's clock), though it counts; None if nothing speaks
        against it."""
        self._doubts.advance(now - _ON_THE_WAY)
        return self._doubts.of_rate()

    def interval(self, signal: str, source: str) -> int | None:
        found = self._sources.get((signal, source))
        return found.interval if found else None

    def shown(self, signal: str, now: int) -> Reading | None:
        """The reading to show for a continuous signal at `now` (the bed's clock); None if none ever came.

        Of several sources the one with a fresh value, then (pulse rates) the arterial line's before the
        oximeter's before the cuff's, then the newest.
        """
        candidates = [source for (name, _), source in self._sources.items() if name == signal]
        if not candidates:
            return None
        best = max(
            candidates,
            key=lambda source: (
                self._fresh(source, now),
                _ORIGIN[pulse_origin(source.last.source)] if signal == "PR" else 0,
                source.last.time,
                source.last.source,
            ),
        )
        return best.last

    def rate(self, now: int) -> str:
        """Which is the heart rate to show: HR where a fresh valid one is there, else PR where one is, else HR."""
        for signal in ("HR", "PR"):
            if any(name == signal and self._fresh(source, now) for (name, _), source in self._sources.items()):
                return signal
        names = {name for name, _ in self._sources}
        return "PR" if "PR" in names and "HR" not in names else "HR"

    @staticmethod
    def _fresh(source: _Source, now: int) -> bool:
        # Clinical definition 3.7: after 10 s, or three of the source's own intervals, a rate is delayed.
        last = source.last
        own = 0 if of_cuff(last) else 3 * (source.interval or 0)
        limit = max(10 * instant.SECOND, own)
        valid = last.value is not None and last.status in USED
        if last.signal in ("HR", "PR"):
            valid = rate_is_valid(last.value, last.status)
        return valid and now - last.time <= limit
