"""One limit of one signal, reading by reading: the machine of clinical definition 3.14.

It keeps counts and extremes, never readings, so a session may last for ever. It knows neither epochs nor gaps:
whoever feeds it says when pending runs break. Turned round (``sign = -1``) the same machine finds low values.
"""

from __future__ import annotations

from enum import StrEnum
from math import inf

from dashboard.rises.criteria import EQUAL


class Step(StrEnum):
    """What one value did to a detector."""

    PROVISIONAL = "provisional"  # a qualifying run began or grew, not yet long enough
    RESET = "reset"  # a qualifying run ended before it was long enough
    CONFIRMED = "confirmed"
    PEAK = "peak"  # the extreme of the open event moved
    RETURNED = "returned"  # the return was declared


# A member of an enumeration looked up by its name costs as much as a call.
_PROVISIONAL, _RESET, _CONFIRMED, _PEAK, _RETURNED = Step


class Detector:
    """Idle, or open since `onset`.

    Attributes:
        n_on, n_off: values in a row that confirm an event, that declare its return.
        is_open: an event is going on.
        run, run_since: length and first time of the pending qualifying run (0: none).
        onset, confirmed, peak, peak_time, return_time, declared: of the open event, or of the last one.
        low, high: the next value (times the sign) changes nothing at all if it lies between the two, neither of them.
    """

    __slots__ = (
        "_below",
        "_from",
        "_peak_until",
        "_run_peak",
        "_run_peak_time",
        "_run_weakest",
        "_sign",
        "back",
        "back_since",
        "confirmed",
        "declared",
        "high",
        "is_open",
        "low",
        "n_off",
        "n_on",
        "onset",
        "peak",
        "peak_time",
        "return_time",
        "run",
        "run_since",
    )

    def __init__(self, threshold: float, clear: float, n_on: int, n_off: int, sign: int = 1) -> None:
        self._sign = sign
        self.is_open = False
        self.run = self.back = 0
        self.run_since = self.back_since = 0
        self._run_peak = self._run_weakest = self._peak_until = 0.0
        self._run_peak_time = 0
        self.onset = self.confirmed = self.peak_time = 0
        self.peak = 0.0
        self.return_time: int | None = None
        self.declared: int | None = None
        self._limits(threshold, clear, n_on, n_off)
        self._settle()

    def _limits(self, threshold: float, clear: float, n_on: int, n_off: int) -> None:
        self._from = self._sign * threshold - EQUAL
        self._below = self._sign * clear + EQUAL
        self.n_on = n_on
        self.n_off = n_off

    def push(self, time: int, value: float, known: int) -> Step | None:
        """Takes the next valid value.

        Args:
            time: of the reading or the epoch's start. known: when it is known (a reading: its time, an epoch: its end).
        """
        if self._sign < 0:
            value = -value
        if self.is_open:
            if value > self._below:
                if self.back:
                    self.back = 0
                    self.low, self.high = self._below, self._peak_until
                # A member of the return run lies below the threshold, so only others can be the peak.
                if value <= self._peak_until:
                    return None
                self.high = self._peak_until = value + EQUAL
                self.peak, self.peak_time = self._sign * value, time
                return _PEAK
            if self.back == 0:
                self.back_since = time
                self.low = self.high = inf
            self.back += 1
            if self.back < self.n_off:
                return None
            self.is_open = False
            self.return_time, self.declared = self.back_since, known
            self.back = 0
            self.low, self.high = -inf, self._from
            return _RETURNED
        if value < self._from:
            if self.run:
                self.run = 0
                self.low, self.high = -inf, self._from
                return _RESET
            return None
        if self.run == 0:
            self.run_since = self._run_peak_time = time
            self._run_peak = self._run_weakest = value
            self.low = self.high = inf
        elif value > self._run_peak + EQUAL:
            self._run_peak, self._run_peak_time = value, time
        elif value < self._run_weakest:
            self._run_weakest = value
        self.run += 1
        if self.run < self.n_on:
            return _PROVISIONAL
        self.is_open = True
        self.onset, self.confirmed = self.run_since, known
        self.peak, self.peak_time = self._sign * self._run_peak, self._run_peak_time
        self._peak_until = self._run_peak + EQUAL
        self.low, self.high = self._below, self._peak_until
        self.return_time = self.declared = None
        self.run = self.back = 0
        return _CONFIRMED

    def _settle(self) -> None:
        """Notes what the next value must be like to change nothing: with a pending run no value is."""
        if self.run or self.back:
            self.low = self.high = inf
        elif self.is_open:
            self.low, self.high = self._below, self._peak_until
        else:
            self.low, self.high = -inf, self._from

    def break_runs(self) -> Step | None:
        """Forgets pending runs, since too much is missing between two values. An open event stays open."""
        pending, self.run, self.back = self.run, 0, 0
        self._settle()
        return _RESET if pending else None

    def retune(self, threshold: float, clear: float, n_on: int, n_off: int) -> Step | None:
        """Changes the limits of an idle detector for the values to come.

        A pending run goes on if all its members also reach the new threshold; with a smaller `n_on` it still needs
        one more value, for a change of limits is no reading.
        """
        self._limits(threshold, clear, n_on, n_off)
        if self.run and self._run_weakest < self._from:
            return self.break_runs()
        self._settle()
        return None

    def state(self) -> tuple[object, ...]:
        """All it remembers, as plain values; `restore` takes it back."""
        return tuple(getattr(self, name) for name in self.__slots__)

    @classmethod
    def restore(cls, state: tuple[object, ...]) -> Detector:
        """A detector that goes on from `state`."""
        detector = cls.__new__(cls)
        for name, value in zip(cls.__slots__, state, strict=True):
            setattr(detector, name, value)
        return detector
