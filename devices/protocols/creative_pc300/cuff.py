"""When the cuff of a PC-300 has measured: a result is sent once at the end of a run (PC-300 sheet, section 4).

No result has a time or an age. One that answers our own question for the last result is of unknown age, unless a
determination was seen whose result was lost on the line; one that is shown again is not told again.
"""

from __future__ import annotations

from itertools import pairwise

from devices.instant import SECOND
from devices.protocols.creative_pc300.frames import Message
from devices.protocols.speech import Speech
from devices.reading import Item, Status
from devices.signals import NIBP, SIGNALS

ANSWER_WITHIN = 3 * SECOND
"""A result that comes so soon after the last one was asked for is the answer: no determination is that short."""

SHOWN_AGAIN = 10 * SECOND
"""Equal numbers that come sooner, without a determination in between, are the same result sent again."""

LOST_WITHIN = 60 * SECOND
"""A result that was asked for belongs to a determination last seen so long before; later there may have been others."""

UNHEARD = 8 * SECOND
"""After such a silence within a determination its result may have gone by; a capture does not show what was asked."""

_BOTH_MODELS = {1: "the cuff is not wrapped, or leaks", 4: "motion"}
_BY_FAMILY = {
    "PC-300": {
        2: "over-pressure",
        3: "no pulse was found",
        5: "the result is not valid",
        6: "an air leak",
        14: "the battery is low",
    },
    "PC-100": {0: "no pulse was found", 2: "the result is not valid", 3: "over-pressure", 15: "the battery is low"},
}
_SECOND_TABLE = {
    1: "the cuff is not wrapped, or leaks",
    2: "over-pressure",
    3: "no pulse was found",
    4: "motion",
    5: "the result is not valid",
    6: "an air leak",
    7: "the module's self-test failed",
    8: "the valve does not open",
    9: "the signal is too large",
    10: "the leak check found a leak",
    11: "a fault of the module",
    12: "it took too long",
    14: "the battery is low",
    15: "the battery is low",
}


class CuffMemory:
    """What was told of the cuff already."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._asked_at: int | None = None
        self._is_supposed = False
        self._run_at: int | None = None  # the last sign of a determination whose result has not come
        self._heard: int | None = None
        self._is_cut = False  # the monitor was not heard for a while since that sign
        self._shown: tuple[bytes, int] | None = None  # the frame last told of
        self._numbers = b""  # the result last told of

    def asked(self, at: int) -> None:
        """The last result was asked for."""
        self._asked_at, self._is_supposed = at, False

    def supposed(self, at: int) -> None:
        """In a capture: the monitor has told its name, and the last result may have been asked for next."""
        if self._run_at is None:
            self._asked_at, self._is_supposed = at, True

    def heard(self, at: int) -> None:
        """A frame came: the monitor is there."""
        self._is_cut |= self._heard is not None and at - self._heard >= UNHEARD
        self._heard = at

    def opened(self) -> None:
        """The port is a new one: of a run that was seen before, the end may have gone by."""
        self._asked_at = self._heard = None
        self._run_at = None

    def runs(self, at: int) -> None:
        """There is a sign of a determination: the cuff's pressure, or its start."""
        self._run_at, self._is_cut = at, False
        if self._is_supposed:
            self._asked_at = None

    def stopped(self, at: int) -> list[Item]:
        """The monitor says that a determination was stopped."""
        had_run, self._run_at = self._run_at is not None, None
        text = "the cuff measurement was stopped at the monitor"
        return [self._speech.notice("device-event", text, at, signal="NIBP", code="stopped", own="nibp")] * had_run

    def module(self, state: int, at: int) -> list[Item]:
        """The state of the cuff's module, in a frame 41: 0 idle, 1 busy, FF missing or at fault."""
        if not self._speech.changed("cuff module", "fault" if state == 0xFF else "") or state != 0xFF:
            return []
        text = "the cuff's module is missing or has a fault"
        return [self._speech.notice("device-event", text, at, signal="NIBP", code="255", own="nibp")]

    def result(self, message: Message, at: int) -> list[Item]:
        """A frame 43/01: irregular-pulse flag and systolic, mean, diastolic, pulse, in this order."""
        data = message.data[:5]
        is_answer = self._asked_at is not None and at - self._asked_at <= ANSWER_WITHIN
        is_answer |= self._is_cut and self._run_at is not None
        self._asked_at = None
        before, self._shown = self._shown, (data, at)
        measured, status = at, Status.OK
        if is_answer:
            if data == self._numbers:
                return []
            if self._run_at is not None and self._numbers and at - self._run_at <= LOST_WITHIN:
                measured = self._run_at
            else:
                status = Status.AGE_UNKNOWN
        elif self._run_at is None and before is not None and before[0] == data and at - before[1] <= SHOWN_AGAIN:
            return []
        self._run_at = None
        sys, mean, dia, pulse = (data[0] & 0x7F) << 8 | data[1], data[2], data[3], data[4]
        if not sys and not dia:
            if is_answer:
                return []  # nothing was measured yet
            text = "the cuff's result has neither systolic nor diastolic"
            return [self._speech.notice("cuff-failed", text, at, signal="NIBP", code="0", own="nibp", raw=message.raw)]
        self._numbers = data
        items = self._pressures((sys, dia, mean), status, at, measured)
        worth = status if pulse else Status.ZERO
        items.append(self._speech.number("PR", pulse, at, "nibp.pr", status=worth, measured=measured))
        if data[0] & 0x80:
            text = "the cuff found the pulse irregular"
            items.append(
                self._speech.notice(
                    "device-event", text, at, signal="NIBP", code="irregular-pulse", own="nibp", measured=measured
                )
            )
        return items

    def _pressures(self, triple: tuple[int, int, int], status: Status, at: int, measured: int) -> list[Item]:
        sys, dia, mean = triple
        in_order = all(higher > lower for higher, lower in pairwise(value for value in (sys, mean, dia) if value))
        items: list[Item] = []
        for signal, value in zip(NIBP, triple, strict=True):
            known = SIGNALS[signal]
            fits = in_order and known.low <= value <= known.high
            worth = Status.ZERO if not value else Status.RANGE if not fits and status is Status.OK else status
            items.append(self._speech.reading(signal, value, worth, at, "nibp", measured))
        return items

    def failed(self, message: Message, at: int, family: str) -> list[Item]:
        """A frame 43/02: bit 7 says which table of codes, the others the code. Sent again at once, it is told once."""
        code = message.data[0]
        self._asked_at = None
        has_run, self._run_at = self._run_at is not None, None
        before, self._shown = self._shown, (bytes((code,)), at)
        if not has_run and before is not None and before[0] == bytes((code,)) and at - before[1] <= SHOWN_AGAIN:
            return []
        reason = failure(code, family)
        where = f"code {code & 0x7F} of table {code >> 7}"
        text = f"the cuff gave no result: {reason} ({where})" if reason else f"the cuff gave no result: {where}"
        failed = self._speech.notice(
            "cuff-failed", text, at, signal="NIBP", code=str(code), own="nibp", raw=message.raw
        )
        return [failed]


def failure(code: int, family: str) -> str:
    """What the error byte means; "" where the sources disagree and the family is not known, or none says."""
    if code & 0x80:
        return _SECOND_TABLE.get(code & 0x7F, "")
    if code in _BOTH_MODELS:
        return _BOTH_MODELS[code]
    return _BY_FAMILY.get(family, {}).get(code, "")
