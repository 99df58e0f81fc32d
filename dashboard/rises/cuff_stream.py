"""Cuff measurements, one by one (clinical definition 3.1, 3.2, 3.4, 3.6, 3.14)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from dashboard.rises import notices
from dashboard.rises.baseline import CUFF_READINGS, CUFF_WINDOW, Baseline, cuff_baseline
from dashboard.rises.criteria import EQUAL, at_least
from dashboard.rises.episodes import RiseEvent
from dashboard.rises.prepare import conflict
from dashboard.rises.rules import highest_limit
from dashboard.rises.streams import NOTHING, Event, Stream
from dashboard.rises.thresholds import CUFF_SIGNALS, ThresholdSet
from dashboard.rises.timeline import BEFORE_ALL
from dashboard.rises.validity import (
    DBP_RANGE,
    IMPLAUSIBLE,
    SBP_RANGE,
    Cuff,
    implausible,
    least_pulse_pressure,
    rejection,
)
from devices.instant import MINUTE
from devices.reading import Status

REJECTED_IN_A_ROW = 3
CUFF_BASELINE_SETTLED = MINUTE
"""A cuff measured before the start may arrive after it; so long after t0 the baseline is frozen without waiting."""


class CuffStream(Stream):
    """Cuff measurements, in order of measurement time, each processed at once."""

    def __init__(self, t0: int | None, thresholds: ThresholdSet, manual: Mapping[str, float]) -> None:
        super().__init__(CUFF_SIGNALS, t0, thresholds, manual)
        self._newest_pushed: Cuff | None = None
        # The last valid one; where it passed it is the newest, and these are its pressures.
        self._last_valid = BEFORE_ALL
        self._sbp = self._dbp = 0.0
        self._mean: float | None = None
        self._baseline_readings: deque[tuple[int, float, float]] = deque(maxlen=CUFF_READINGS)
        self._rejected = 0
        # What the next one must be like to pass: its time, between which pressures, and the least pulse pressure
        # that is enough for any of them (what is believed grows with the systolic one).
        self._until = BEFORE_ALL
        self._sbp_low = self._sbp_high = self._dbp_low = self._dbp_high = self._pulse_pressure = 0.0
        self._settle()

    def passes(self, time: int, sbp: float, dbp: float, mean: float | None) -> bool:
        """Takes the next measurement if it is one of the common kind, decided by a few comparisons.

        Args:
            time: instant. sbp, dbp, mean: mmHg, vouched for by the monitor.

        Returns:
            Whether it was taken: it is the next after a valid one, valid, and changes nothing. If not, `push` it.
        """
        # Two comparisons are quicker than one of three values.
        if (
            self._sbp_low < sbp
            and sbp < self._sbp_high
            and self._dbp_low < dbp
            and dbp < self._dbp_high
            and sbp - dbp >= self._pulse_pressure
            and (mean is None or (dbp + EQUAL < mean and mean < sbp - EQUAL))
            and self._last_valid < time
            and time <= self._until
        ):
            self._last_valid = time
            self._sbp = sbp
            self._dbp = dbp
            self._mean = mean
            if self._frozen is None:
                self._baseline_readings.append((time, sbp, dbp))
            return True
        return False

    def push(self, cuff: Cuff) -> Sequence[Event]:
        """Takes the next measurement. One older than the newest, or another one of its time, is late: not processed."""
        sbp, dbp = cuff.sbp, cuff.dbp
        if sbp is not None and dbp is not None and cuff.status is Status.OK:
            if self.passes(cuff.time, sbp, dbp, cuff.mean):
                return NOTHING
            return self.push_numbers(cuff.time, sbp, dbp, cuff.mean, cuff.received)
        events = self._push(cuff)
        self._settle()
        return events

    def push_numbers(
        self, time: int, sbp: float, dbp: float, mean: float | None, received: int | None = None
    ) -> Sequence[Event]:
        """The same for a measurement that the monitor vouches for and that did not pass.

        Args:
            time, received: instants; received at its time if not said. sbp, dbp, mean: mmHg.
        """
        if self._last_valid < time <= self._until and implausible(sbp, dbp, mean) is None:
            return self._moved(time, sbp, dbp, mean)
        events = self._push(Cuff(time, time if received is None else received, sbp, dbp, mean, Status.OK))
        self._settle()
        return events

    def _moved(self, time: int, sbp: float, dbp: float, mean: float | None) -> list[RiseEvent]:
        """A measurement like the one before in all but its values."""
        self._last_valid = time
        self._sbp, self._dbp, self._mean = sbp, dbp, mean
        if self._frozen is None:
            self._baseline_readings.append((time, sbp, dbp))
        changed: list[RiseEvent] = []
        self._climb(time, sbp, dbp, changed)
        if not self._sbp_low < sbp < self._sbp_high:
            self._settle_sbp()
        if not self._dbp_low < dbp < self._dbp_high:
            self._settle_dbp()
        return changed

    def _climb(self, time: int, sbp: float, dbp: float, changed: list[RiseEvent]) -> None:
        """Gives each ladder its pressure."""
        for ladder in self._running:
            value = sbp if ladder.signal == "SBP" else dbp
            if not ladder.low < value < ladder.high:
                ladder.push(time, value, time, changed)

    def _settle(self) -> None:
        last, until = self._last_valid, BEFORE_ALL
        # A rejected reading, and what lies before a start that is behind, are not for the short way.
        if last > BEFORE_ALL and self._rejected == 0:
            until = last + self.thresholds.max_gap
            if self.t0 is not None and not self.is_frozen:
                until = min(until, self.t0)
            elif self.t0 is not None and last <= self.t0:
                until = BEFORE_ALL
            if self._changes:
                until = min(until, self._changes[0].at)
        self._until = until
        self._settle_sbp()
        self._settle_dbp()

    def _settle_sbp(self) -> None:
        self._sbp_low, self._sbp_high = self._unmoved("SBP", *SBP_RANGE)
        self._pulse_pressure = least_pulse_pressure(self._sbp_high)

    def _settle_dbp(self) -> None:
        self._dbp_low, self._dbp_high = self._unmoved("DBP", *DBP_RANGE)

    @property
    def _newest(self) -> Cuff | None:
        """The newest measurement, valid or not, None before the first."""
        pushed, last = self._newest_pushed, self._last_valid
        if last == BEFORE_ALL or (pushed is not None and pushed.time >= last):
            return pushed
        return Cuff(last, last, self._sbp, self._dbp, self._mean, Status.OK)

    def _push(self, cuff: Cuff) -> list[Event]:
        newest = self._newest
        if newest is not None and cuff.time <= newest.time:
            return self._not_next(newest, cuff)
        if self.t0 is not None and cuff.time <= self.t0 and self.is_frozen:
            return self._late(cuff)
        self._newest_pushed = cuff
        events: list[Event] = []
        if self._changes:
            self._apply_changes(cuff.time, events)
        why = rejection(cuff)
        if why is not None:
            self._rejected += 1
            events.append(notices.rejected(cuff, why))
            if why in IMPLAUSIBLE and self._reaches_highest(cuff):
                events.append(notices.high_but_rejected(cuff, why))
            if self._rejected == REJECTED_IN_A_ROW:
                events.append(notices.rejected_in_a_row(cuff, self._rejected))
            return events
        self._rejected = 0
        assert cuff.sbp is not None and cuff.dbp is not None  # a valid tuple has both
        self._take(cuff.time, cuff.sbp, cuff.dbp, events)
        return events

    def _not_next(self, newest: Cuff, cuff: Cuff) -> list[Event]:
        if cuff.time < newest.time:
            return self._late(cuff)
        return [] if cuff.same_values(newest) else [conflict(newest, cuff), *self._late(cuff)]

    def _late(self, cuff: Cuff) -> list[Event]:
        return [notices.late(cuff.time, cuff.received, "NIBP", f"cuff reading {cuff}")]

    def _take(self, time: int, sbp: float, dbp: float, events: list[Event]) -> None:
        if self.t0 is not None and time > self.t0:
            if self._frozen is None:
                events += self.freeze()
        else:
            self._baseline_readings.append((time, sbp, dbp))
        last, self._last_valid = self._last_valid, time
        if last > BEFORE_ALL and time - last > self.thresholds.max_gap:
            self._break_runs(time, events)
            if self.t0 is not None and last > self.t0:
                events.append(notices.cuff_gap(last, time))
        changed: list[RiseEvent] = []
        self._climb(time, sbp, dbp, changed)
        events += changed

    def _reaches_highest(self, cuff: Cuff) -> bool:
        for signal, value in (("SBP", cuff.sbp), ("DBP", cuff.dbp)):
            # Also where the first reading after the start is the rejected one, so that nothing is frozen yet.
            started = self.t0 is not None and cuff.time > self.t0
            baseline = self.baselines[signal].value if started else None
            limit = highest_limit(self.thresholds, signal, baseline)
            if limit is not None and value is not None and at_least(value, limit):
                return True
        return False

    def _computed(self) -> dict[str, Baseline]:
        found = list(self._baseline_readings)
        if found:
            end = self.t0 if self.t0 is not None else found[-1][0]
            found = [each for each in found if each[0] >= end - CUFF_WINDOW]
        return {
            "SBP": cuff_baseline([(time, sbp) for time, sbp, _ in found]),
            "DBP": cuff_baseline([(time, dbp) for time, _, dbp in found]),
        }
