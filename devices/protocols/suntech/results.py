"""Which of the results that a SunTech board shows is a new one: none has a time (other monitors' sheet, section C).

A result is new when its numbers change, or when the cuff's pressure has shown a determination since the last one. The
first after connecting is of unknown age, unless its determination was seen.
"""

from __future__ import annotations

from enum import Enum
from itertools import pairwise

from devices.protocols.speech import Speech
from devices.protocols.suntech.frames import Result
from devices.reading import Item, Status
from devices.signals import NIBP, SIGNALS

RUNNING_FROM, OVER_FROM = 40, 15
"""A cuff at or above the one (mmHg) is in use; it is empty again at or below the other. In between it deflates."""

_EMPTY_TOO_OFTEN = 3

_FAILURES = {
    1: "a weak signal, or none",
    2: "motion or an erratic signal",
    3: "outside what it can measure",
    4: "it took too long",
    85: "the air way is blocked",
    86: "it was stopped",
    87: "inflation took too long: a leak, or a loose cuff",
    88: "the safety time was over",
    89: "over-pressure",
    90: "the supply or the hardware",
    91: "the board does not permit it",
    97: "the transducer is out of its range",
    99: "the calibration is lost",
}


class _Cuff(Enum):
    IDLE = "empty"
    RUNS = "a determination is in progress"
    DEFLATES = "its result was told, the air is still going out"


class Results:
    """What was told already, and what the cuff does."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._cuff = _Cuff.IDLE
        self._has_ended = False  # a determination was seen whose result was not told
        self._is_first = True
        self._shown: Result | None = None
        self._empty = 0

    @property
    def runs(self) -> bool:
        return self._cuff is _Cuff.RUNS

    def unheard(self) -> None:
        """The port is a new one, or the board was silent: what changed meanwhile is of unknown age."""
        self._cuff = _Cuff.IDLE
        self._has_ended = False
        self._is_first = True

    def pressure(self, value: int) -> None:
        """The cuff's present pressure, mmHg."""
        if self._cuff is _Cuff.IDLE and value >= RUNNING_FROM:
            self._cuff, self._has_ended = _Cuff.RUNS, False
        elif 0 <= value <= OVER_FROM:
            self._has_ended |= self.runs
            self._cuff = _Cuff.IDLE

    def done(self) -> None:
        """The board says that a command was carried out: while the cuff is in use, the determination."""
        if self.runs:
            self._cuff, self._has_ended = _Cuff.DEFLATES, True

    def aborted(self) -> None:
        """The board says that a determination was stopped."""
        if self.runs:
            self._cuff = _Cuff.DEFLATES

    def result(self, shown: Result, at: int, raw: bytes) -> list[Item]:
        """What the result says that was not told before."""
        if shown.is_empty:
            return self._nothing(shown, at, raw)
        self._empty = 0
        before, self._shown = self._shown, shown
        was_first, self._is_first = self._is_first, False
        if _numbers(before) == _numbers(shown) and not self._has_ended:
            return []
        if self.runs and was_first:
            # Found on connecting: it is the result before the determination in progress.
            is_seen = False
        else:
            is_seen = self._has_ended or self.runs or not was_first
            self._cuff = _Cuff.DEFLATES if self.runs else self._cuff
            self._has_ended = False
        if shown.error:
            return [self._failed(shown.error, at, raw, is_seen)]
        return self._numbers(shown, Status.OK if is_seen else Status.AGE_UNKNOWN, at) + self._status(shown, at, raw)

    def _nothing(self, shown: Result, at: int, raw: bytes) -> list[Item]:
        """No result: none yet, or the board was switched off and on, or a determination ended without."""
        self._is_first = False
        before, self._shown = self._shown, shown
        if not self._has_ended:
            self._empty = 0
            if before is None or before.is_empty or self._cuff is not _Cuff.IDLE:
                return []
            text = "the board shows no result any more: it was switched off and on"
            return [self._speech.notice("device-restarted", text, at, raw=raw)]
        self._empty += 1
        if self._empty < _EMPTY_TOO_OFTEN:
            return []
        self._empty, self._has_ended = 0, False
        return [self._failed(0, at, raw, True)]

    def _failed(self, code: int, at: int, raw: bytes, is_seen: bool) -> Item:
        reason = _FAILURES.get(code, "")
        text = "the cuff gave no result" + (f": {reason}" if reason else "") + f" (error {code})" * (code > 0)
        if not is_seen:
            text = f"{text}; it was found on connecting, its age is unknown"
        return self._speech.notice("cuff-failed", text, at, signal="NIBP", code=str(code), own="nibp", raw=raw)

    def _numbers(self, shown: Result, status: Status, at: int) -> list[Item]:
        in_order = all(higher > lower for higher, lower in pairwise(filter(None, (shown.sys, shown.mean, shown.dia))))
        items: list[Item] = []
        for signal, value in zip(NIBP, (shown.sys, shown.dia, shown.mean), strict=True):
            known = SIGNALS[signal]
            fits = in_order and known.low <= value <= known.high
            worth = Status.ZERO if not value else Status.RANGE if not fits and status is Status.OK else status
            items.append(self._speech.reading(signal, value, worth, at, "nibp"))
        items.append(self._speech.number("PR", shown.rate, at, "nibp.pr", status=status if shown.rate else Status.ZERO))
        return items

    def _status(self, shown: Result, at: int, raw: bytes) -> list[Item]:
        if shown.status in (0, 1):
            return []
        text = f"the result's status {shown.status} is not known; its error says that it is good"
        notice = self._speech.notice("unknown-parameter", text, at, code=f"status {shown.status}", raw=raw)
        return self._speech.once(notice.code, notice)


def _numbers(shown: Result | None) -> tuple[int, ...]:
    """What tells one result from another."""
    if shown is None:
        return ()
    return shown.sys, shown.dia, shown.mean, shown.rate, shown.beats, shown.error
