"""What is sent to a Berry board, and when: it is silent until a parameter is enabled (Berry sheet, section 3).

Nothing is ever sent to a Berry oximeter: it streams of its own accord, takes single bytes for commands, and would take
F6, the checksum of the command that enables the temperature, for its stop. So where it is not known what hangs at the
port, that command waits until a board has answered the others, which hold no byte that changes an oximeter.
"""

from __future__ import annotations

from devices.instant import SECOND
from devices.protocols.berry_pm6750.frames import encode

ECG, NIBP, SPO2, TEMPERATURE = 0x01, 0x02, 0x03, 0x04
ECG_WAVE, SOFTWARE, HARDWARE, PLETH_WAVE, RESPIRATION_WAVE = 0xFB, 0xFC, 0xFD, 0xFE, 0xFF

AGAIN = 3 * SECOND
"""Without a frame for so long, the board is asked again."""

_TOLD_AFTER = 3
"""Enabled so often without an answer, that is said."""

OFF, ON = b"\0", b"\1"

FIRST = b"".join(
    encode(kind, argument)
    for kind, argument in ((ECG, ON), (SPO2, ON), (ECG_WAVE, OFF), (PLETH_WAVE, OFF), (RESPIRATION_WAVE, OFF))
)
"""Harmless to an oximeter."""

THEN = b"".join(encode(kind, argument) for kind, argument in ((TEMPERATURE, ON), (SOFTWARE, OFF), (HARDWARE, OFF)))
"""For a board alone."""


class Enabling:
    """What is due to be sent.

    Args:
        is_board: a person said that a board is at the port; otherwise its frames show it.

    Attributes:
        due: the instant at which `send` has something to say, None for never.
        lost_at: when a board that had answered was enabled anew, until it answers again.
    """

    def __init__(self, is_board: bool) -> None:
        self.due: int | None = None
        self.lost_at: int | None = None
        self._is_told = is_board
        self._is_board = is_board
        self._is_complete = False
        self._is_answered = False
        self._tries = 0

    @property
    def is_in_vain(self) -> bool:
        """Whether it was asked so often without an answer that it is to be said."""
        return self._tries > _TOLD_AFTER

    def opened(self, at: int) -> None:
        self.due, self._tries, self.lost_at = at, 0, None
        self._is_board = self._is_told
        self._is_complete = self._is_answered = False

    def answered(self, at: int) -> None:
        """A frame of a board came."""
        if self.due is None:
            return
        self._is_board = self._is_answered = True
        self._tries, self.lost_at = 0, None
        self.due = at + AGAIN if self._is_complete else at

    def stop(self) -> None:
        """It is no board that streams there."""
        self.due = None

    def send(self, at: int) -> bytes:
        """The commands due at `at`."""
        if self.due is None or at < self.due:
            return b""
        self.due = at + AGAIN
        if self._is_answered and not self._is_complete:
            self._is_complete = True
            return THEN
        if self._is_answered:
            self.lost_at = at
        self._is_answered, self._is_complete = False, self._is_board
        self._tries += 1
        return FIRST + THEN if self._is_board else FIRST
