"""Whose turn it is: a round of requests each second, one outstanding, each repeated once.

DINAMAP sheet, sections 1 (3 s for a reply), 4 (repeated once) and 6 (after three missed replies every 2 s).
"""

from __future__ import annotations

from devices.instant import SECOND
from devices.protocols.dinamap import frames
from devices.reading import Item, Notice

REPLY_TIMEOUT = 3 * SECOND
ROUND = SECOND
SLOW_ROUND = 2 * SECOND
MISSED_TOO_OFTEN = 3

SOURCE = "dinamap"


class Polling:
    """What is asked when. Nothing is asked before `opened`.

    Args:
        items: the requests of one round, such as NA, RA, OA.

    Attributes:
        pending: the request whose reply is awaited.
    """

    def __init__(self, items: tuple[str, ...]) -> None:
        self.pending: str | None = None
        self._items = items
        self._turn = 0
        self._round_at: int | None = None
        self._sent = 0
        self._tries = 0
        self._missed = 0
        self._silent_since: int | None = None
        self._waiting: list[Item] = []

    def opened(self, at: int) -> None:
        self.pending = None
        self._turn = self._tries = 0
        self._round_at = at

    def wake(self) -> int | None:
        return self._round_at if self.pending is None else self._sent + self._patience()

    def send(self, at: int) -> bytes:
        """The next request when it is due; the same one once more when its reply did not come in time."""
        if self._round_at is None:
            return b""
        if self.pending is not None:
            if at - self._sent < self._patience():
                return b""
            self._missed += 1
            if self._missed == MISSED_TOO_OFTEN:
                self._silent_since = at
                text = f"{MISSED_TOO_OFTEN} requests in a row were not answered: the monitor is asked every 2 s"
                self._waiting.append(Notice(at, at, "not-answering", text, source=SOURCE))
            if self._tries < 2 and self._missed < MISSED_TOO_OFTEN:
                self._tries += 1
                self._sent = at
                # The CR ends what the monitor may have half received.
                return b"\r" + frames.encode(self.pending)
            if self._missed >= MISSED_TOO_OFTEN:
                # Nothing answers: it begins anew with the cuff.
                self._turn, self._round_at = 0, at
            else:
                # The monitor may not have this item: the others are not to wait for it.
                self._next_turn(at)
            self.pending = None
        if at < self._round_at:
            return b""
        self.pending = self._items[self._turn]
        self._sent = at
        self._tries = 1
        prefix = b"\r" if self._silent_since is not None else b""
        return prefix + frames.encode(self.pending)

    def _patience(self) -> int:
        return REPLY_TIMEOUT if self._silent_since is None else SLOW_ROUND

    def answered(self, header: str, at: int) -> list[Item]:
        """A whole reply came. The next request of the round is due at once, or the next round in its time."""
        if self.pending != header:
            return []
        self.pending = None
        items: list[Item] = []
        if self._silent_since is not None:
            gap = (at - self._silent_since) / SECOND
            text = f"the monitor answers again, {gap:.0f} s after it was found not to"
            items.append(Notice(at, at, "device-event", text, source=SOURCE))
        self._missed, self._silent_since = 0, None
        self._next_turn(at)
        return items

    def _next_turn(self, at: int) -> None:
        self._turn = (self._turn + 1) % len(self._items)
        if self._turn == 0 and self._round_at is not None:
            # Rounds keep their beat; after a delay they do not pile up.
            self._round_at = max(self._round_at + ROUND, at)

    def told(self) -> list[Item]:
        """What the passing of time had to say since the last call."""
        waiting, self._waiting = self._waiting, []
        return waiting
