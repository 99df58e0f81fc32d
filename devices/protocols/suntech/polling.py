"""Whose turn it is: the cuff's pressure and its last result once a second, one request outstanding.

While a determination runs only the pressure is asked for: the result would be the one before.
"""

from __future__ import annotations

from devices.instant import SECOND
from devices.protocols.speech import Speech
from devices.protocols.suntech import frames
from devices.reading import Item

ROUND = SECOND
SLOW_ROUND = 2 * SECOND
PATIENCE = SECOND
MISSED_TOO_OFTEN = 3
LONGEST_RUN = 180 * SECOND
"""No determination takes longer: after that the result is asked for, whatever the pressure says."""


class Polling:
    """What is asked when. Nothing is asked before `open`.

    Attributes:
        runs_since: when the determination began that is in progress, None without one.
    """

    def __init__(self, speech: Speech) -> None:
        self.runs_since: int | None = None
        self._speech = speech
        self._pending: int | None = None
        self._wants_result = False
        self._round_at: int | None = None
        self._sent = 0
        self._missed = 0
        self._silent_since: int | None = None
        self._waiting: list[Item] = []

    def open(self, at: int) -> None:
        self.runs_since = None
        self._pending = None
        self._wants_result = False
        self._round_at = at

    def wake(self) -> int | None:
        return self._round_at if self._pending is None else self._sent + PATIENCE

    def send(self, at: int) -> bytes:
        """The next request when it is due."""
        if self._round_at is None:
            return b""
        if self._pending is not None:
            if at - self._sent < PATIENCE:
                return b""
            self._miss(at)
        if at < self._round_at:
            return b""
        self._sent = at
        if self._wants_result:
            self._pending = frames.RESULT
            return frames.GET_RESULT
        self._pending = frames.PRESSURE
        return frames.GET_PRESSURE

    def _miss(self, at: int) -> None:
        self._pending = None
        self._missed += 1
        if self._missed == MISSED_TOO_OFTEN:
            self._silent_since = at
            text = f"{MISSED_TOO_OFTEN} requests in a row were not answered: the board is asked every 2 s"
            self._waiting.append(self._speech.notice("not-answering", text, at))
        if self._missed >= MISSED_TOO_OFTEN:
            self._wants_result = False
            self._round_at = at + SLOW_ROUND - PATIENCE
        else:
            self._turn(at)

    def silent_for(self, at: int) -> int:
        """Microseconds since it was found that the board does not answer, 0 if it does."""
        return 0 if self._silent_since is None else max(0, at - self._silent_since)

    def answered(self, length: int, at: int) -> list[Item]:
        """A whole frame came. The next request of the round is due at once, or the next round in its time."""
        if length not in (self._pending, frames.LETTER) or self._pending is None:
            return []
        self._pending = None
        items: list[Item] = []
        if self._silent_since is not None:
            gap = (at - self._silent_since) / SECOND
            text = f"the board answers again, {gap:.0f} s after it was found not to"
            items.append(self._speech.notice("device-event", text, at))
        self._missed, self._silent_since = 0, None
        self._turn(at)
        return items

    def _turn(self, at: int) -> None:
        runs = self.runs_since is not None and at - self.runs_since < LONGEST_RUN
        self._wants_result = not self._wants_result and not runs
        if not self._wants_result and self._round_at is not None:
            # Rounds keep their beat; after a delay they do not pile up.
            self._round_at = max(self._round_at + ROUND, at)

    def told(self) -> list[Item]:
        """What the passing of time had to say since the last call."""
        waiting, self._waiting = self._waiting, []
        return waiting
