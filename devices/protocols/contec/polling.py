"""What is sent to a Contec oximeter of the new generation, and when (Contec sheet, section 2).

It is silent until asked: A7 and A2 end what it may be sending, half a second later A1 starts its live data, and AF each
second keeps them coming. An old one streams whatever is sent; it is left alone as soon as its frames show it.
"""

from __future__ import annotations

from devices.instant import SECOND
from devices.protocols.contec.frames import ALIVE, START, STOP, STOP_STORED, command

SETTLE = SECOND // 2
PATIENCE = 3 * SECOND
"""Without live data for so long, it is started anew."""

_TOLD_AFTER = 3


class Polling:
    """What is due to be sent.

    Attributes:
        due: the instant at which `send` has something to say, None for never.
        lost_at: when live data that had come were started anew, until they come again.
    """

    def __init__(self) -> None:
        self.due: int | None = None
        self.lost_at: int | None = None
        self._is_live = False
        self._is_starting = True
        self._is_settling = False
        self._heard = 0
        self._tries = 0

    @property
    def is_in_vain(self) -> bool:
        """Whether it was started so often without an answer that it is to be said."""
        return self._tries > _TOLD_AFTER

    def opened(self, at: int) -> None:
        self.due, self._tries = at, 0
        self._is_starting, self._is_settling, self._is_live = True, False, False
        self.lost_at = None

    def heard(self, at: int) -> None:
        """Live data came."""
        self._heard, self._tries = at, 0
        self._is_live, self.lost_at = True, None

    def stop(self) -> None:
        """It is an old one."""
        self.due = None

    def send(self, at: int) -> bytes:
        """The requests due at `at`."""
        if self.due is None or at < self.due:
            return b""
        if self._is_settling:
            self._is_settling = False
            self.due, self._heard = at + SECOND, at
            return command(START)
        if self._is_starting or at - self._heard >= PATIENCE:
            self._is_starting, self._is_settling = False, True
            self._tries += 1
            if self._is_live:
                self._is_live, self.lost_at = False, at
            self.due = at + SETTLE
            return command(STOP_STORED) + command(STOP)
        self.due = max(self.due, at - SECOND) + SECOND
        return command(ALIVE)
