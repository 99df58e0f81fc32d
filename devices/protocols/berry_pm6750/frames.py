"""The frames of Berry devices, and which of the three outputs a stream is (Berry sheet, sections 2, 3, 5 and 5b).

Board: ``55 AA``, N, type, payload, NOT of the sum of N to the payload's end; N counts itself and all that follows,
so a frame has N + 2 bytes. BERRY: ``FF AA``, 17 bytes, the sum of all before it. BCI: `devices.protocols.bci`.
"""

from __future__ import annotations

from zlib import adler32

from devices.protocols import bci
from devices.protocols.framing import Bad, Look, Run, Scanner

MARK = b"\x55\xaa"
SHORTEST, LONGEST = 3, 24
"""N of the shortest frame (a beat mark has no payload) and of the longest."""

BERRY_MARK = b"\xff\xaa"
BERRY_LENGTH = 20

BOARD, BCI, BERRY = "board", "bci", "berry"
OUTPUTS = (BOARD, BCI, BERRY)

_GIVEN_UP = 1_024
"""After so many places without a frame the output is looked for anew: another device may hang there now."""


def encode(kind: int, payload: bytes = b"") -> bytes:
    """The board frame of type (or command) `kind`."""
    body = bytes((len(payload) + 3, kind)) + payload
    return MARK + body + bytes((~sum(body) & 0xFF,))


def encode_berry(content: bytes) -> bytes:
    """The BERRY frame of 17 bytes: index, status, values."""
    body = BERRY_MARK + content
    return body + bytes((sum(body) & 0xFF,))


def examine_board(held: bytes, place: int) -> int | Look | Bad:
    """What board frame begins at `place`."""
    if not held.startswith(MARK, place):
        return Look.WAIT if len(held) == place + 1 and held[place] == MARK[0] else Look.NOTHING
    if len(held) < place + 3:
        return Look.WAIT
    size = held[place + 2]
    if not SHORTEST <= size <= LONGEST:
        return Look.NOTHING
    end = place + 2 + size
    if len(held) < end:
        return Look.WAIT
    # With its own complement the sum is 255: exact, as so few bytes cannot overflow the 16 bits.
    return size + 2 if adler32(held[place + 2 : end], 0) & 0xFF == 0xFF else Bad(size + 2, "checksum")


def leading_board(between: list[bytes]) -> int:
    """How many of the parts that follow a mark make a board frame with it, from the first on."""
    count = 0
    for part in between:
        if not SHORTEST <= len(part) <= LONGEST or len(part) != part[0] or adler32(part, 0) & 0xFF != 0xFF:
            break
        count += 1
    return count


def examine_berry(held: bytes, place: int) -> int | Look | Bad:
    """What BERRY frame begins at `place`: a sample, or a text (see `is_text`)."""
    if not held.startswith(BERRY_MARK, place):
        return Look.WAIT if len(held) == place + 1 and held[place] == BERRY_MARK[0] else Look.NOTHING
    if len(held) < place + BERRY_LENGTH:
        return Look.WAIT
    is_good = sum(held[place : place + BERRY_LENGTH - 1]) & 0xFF == held[place + BERRY_LENGTH - 1]
    return BERRY_LENGTH if is_good else Bad(BERRY_LENGTH, "checksum")


def is_text(frame: bytes) -> bool:
    """Whether a BERRY frame is a version: letters stand where a sample has its index and its four status bits."""
    return frame[3] > 0x0F and frame[2:19].rstrip(b"\0").isascii()


class Finder:
    """Finds the frames of a stream and with them its output: what comes first whole decides.

    Args:
        output: the output, if it is known; "" if it is to be found.

    Attributes:
        output: what it is, "" while nothing whole came.
    """

    def __init__(self, output: str = "") -> None:
        self.output = output
        self._fixed = output
        self._steps = bci.steps()
        longest = max(BERRY_LENGTH, LONGEST + 2, self._steps.longest)
        self.scanner = Scanner(self._examine, longest, leading=self._leading, cut_at=MARK)
        self._missed = 0

    def last_runs(self) -> list[Run]:
        """What is left when no more bytes come; should more come all the same, they begin anew."""
        self._steps.ending = True
        runs = self.scanner.last_runs()
        self._steps.ending = False
        return runs

    def _may_be(self, output: str) -> bool:
        return self.output in ("", output)

    def _examine(self, held: bytes, place: int) -> int | Look | Bad:
        found = self._look(held, place)
        if isinstance(found, int):
            self._missed = 0
        elif found is not Look.WAIT:
            self._missed += 1
            if self._missed > _GIVEN_UP:
                self.output = self._fixed
        return found

    def _look(self, held: bytes, place: int) -> int | Look | Bad:
        if held[place] == MARK[0] and self._may_be(BOARD):
            found = examine_board(held, place)
            if isinstance(found, int):
                self.output = BOARD
            elif found is not Look.WAIT:
                self._steps.lost()
            return found
        if held[place] == BERRY_MARK[0] and self.output != BOARD:
            # The versions come in this form from an oximeter with BCI output, too.
            found = examine_berry(held, place)
            if isinstance(found, int):
                self._berry_came(held[place : place + found])
            if found is not Look.NOTHING and (self._may_be(BERRY) or not isinstance(found, Bad)):
                return found
        if self._may_be(BCI):
            found = self._steps.examine(held, place)
            if isinstance(found, int):
                self.output = BCI
            return found
        return Look.NOTHING

    def _berry_came(self, frame: bytes) -> None:
        if not is_text(frame) and not self._fixed:
            self.output = BERRY

    def _leading(self, between: list[bytes]) -> int:
        count = leading_board(between) if self._may_be(BOARD) else 0
        if count:
            self.output, self._missed = BOARD, 0
        return count
