"""When a Berry board has measured with the cuff: packets carry neither a time nor a number (Berry sheet, section 4).

A result is told on the change to "finished" and dated by its arrival; packets that show it again are the same one.
"""

from __future__ import annotations

from itertools import pairwise

from devices.instant import SECOND
from devices.protocols.speech import Speech
from devices.reading import Item, Status
from devices.signals import NIBP, SIGNALS

GIVEN_UP = 90 * SECOND
"""A measurement without a result for so long has failed, whatever the board says."""

FINISHED, MEASURING, STOPPED, INITIALISING, INITIALISED = 0, 1, 2, 9, 10

FAILURES = {
    STOPPED: "it was stopped",
    3: "the pressure was above 300 mmHg",
    4: "the cuff is loose or missing",
    5: "it took too long",
    6: "error of the cuff module",
    7: "motion disturbed it",
    8: "out of range, no result",
}
_STATES = {INITIALISING: "the cuff module is initialising", INITIALISED: "the cuff module is ready"}

Values = tuple[int, int, int]


class CuffWatch:
    """What the board's cuff packets say, each measurement once."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._result: int | None = None
        self._shown: Values = (0, 0, 0)
        self._since: int | None = None
        self._is_reopened = False

    @property
    def due(self) -> int | None:
        """The instant at which a running measurement is given up."""
        return None if self._since is None else self._since + GIVEN_UP

    def reopened(self) -> None:
        """The link was away: what is finished now may have been so for long."""
        self._is_reopened = True

    def take(self, state: int, values: Values, at: int, raw: bytes) -> list[Item]:
        """A packet: `state` as sent, sys, dia, mean in mmHg."""
        result, before = state >> 2 & 0x0F, self._result
        is_found, self._is_reopened = before is None or self._is_reopened, False
        self._result = result
        if result == MEASURING:
            if before != MEASURING:
                self._since = at
            return []
        self._since = None
        if result == FINISHED:
            is_shown, self._shown = values == self._shown, values
            if before != MEASURING and (is_shown or not any(values)):
                # At rest a board shows its last result, or zeros before the first.
                return []
            return self._finished(values, at, Status.AGE_UNKNOWN if is_found else Status.OK, raw)
        if result == before or (result == STOPPED and before != MEASURING):
            # A host that stops a board after each result makes no failure of it.
            return []
        if result in FAILURES:
            return [self._failed(FAILURES[result], result, at, raw)]
        if result in _STATES and before not in (None, INITIALISING, INITIALISED):
            text = "the board was switched off and on: its cuff module starts anew"
            return [self._speech.notice("device-restarted", text, at, code=f"{result:X}", own="nibp")]
        if result in _STATES:
            return [self._speech.notice("device-event", _STATES[result], at, code=f"{result:X}", own="nibp")]
        text = f"the cuff result {result} is not known"
        notice = self._speech.notice("unknown-parameter", text, at, code=f"{result:X}", own="nibp", raw=raw)
        return self._speech.once(f"result {result}", notice)

    def passed(self, at: int) -> list[Item]:
        """What the passing of time alone says."""
        if self._since is None or at - self._since < GIVEN_UP:
            return []
        self._since = None
        return [self._failed(f"no end after {GIVEN_UP // SECOND} s", MEASURING, at, b"")]

    def _finished(self, values: Values, at: int, status: Status, raw: bytes) -> list[Item]:
        sys, dia, mean = values
        if not sys and not dia:
            return [self._failed("finished without values", FINISHED, at, raw)]
        falling = [value for value in (sys, mean, dia) if value]
        in_order = all(higher > lower for higher, lower in pairwise(falling))
        items: list[Item] = []
        for signal, value in zip(NIBP, values, strict=True):
            known = SIGNALS[signal]
            if value:
                fits = in_order and known.low <= value <= known.high
                worth = status if fits or status is not Status.OK else Status.RANGE
                items.append(self._speech.reading(signal, value, worth, at, "nibp"))
            elif signal != "NIBP_MEAN":
                items.append(self._speech.reading(signal, None, Status.ZERO, at, "nibp"))
        return items

    def _failed(self, why: str, code: int, at: int, raw: bytes) -> Item:
        text = f"the cuff gave no result: {why}"
        return self._speech.notice("cuff-failed", text, at, signal="NIBP", code=f"{code:X}", own="nibp", raw=raw)
