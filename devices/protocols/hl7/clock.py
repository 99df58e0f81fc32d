"""The clock of a sender against ours: by how much its times are moved, and what is told of that (HL7 sheet, 4)."""

from __future__ import annotations

from devices.instant import SECOND

TOLD = 30 * SECOND
"""Clocks that differ by more are spoken of; so is a change of that size."""

LATE = 10 * SECOND
"""A message is held for delayed if it is later than its clock lets expect by more than this."""

_SLACK = 5 * SECOND
_DRAINED = SECOND // 2
_PATIENCE = 3
"""So many messages of a backlog that does not shrink: it was none, the sender's clock was set."""


class SenderClock:
    """The difference of the clocks, from messages that say when they were sent.

    A message is taken to arrive when it is sent, unless it was held up: after a silence long enough to explain it, as
    when a sender was cut off and now sends what it had kept. Then the difference known before is used.
    """

    def __init__(self) -> None:
        self.told: int | None = None
        self._offset: int | None = None
        self._raw = 0
        self._at = 0
        self._behind = False
        self._steady = 0

    def take(self, sent: int, at: int) -> int:
        """Ours minus the sender's for a message sent at `sent` (its clock) that came at `at`; microseconds."""
        raw = at - sent
        if self._offset is None or raw - self._offset <= LATE:
            self._behind, self._offset = False, raw
        else:
            explained = raw - self._offset <= at - self._at + _SLACK
            draining = self._behind and raw < self._raw - _DRAINED
            self._steady = 0 if explained or draining else self._steady + 1
            if not (explained or draining or (self._behind and self._steady < _PATIENCE)):
                self._behind, self._offset = False, raw
            else:
                self._behind = True
        self._raw, self._at = raw, at
        return self._offset

    def is_news(self, offset: int) -> bool:
        """Whether a difference of `offset` is to be told: large, and not told before."""
        before = self.told or 0
        if abs(offset - before) <= TOLD:
            return False
        self.told = offset
        return True
