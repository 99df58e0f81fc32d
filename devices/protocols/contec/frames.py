"""The frames of both generations of Contec oximeters, found by their shape alone (Contec sheet, sections 1 and 2).

Old ones send the 5-byte frame (`devices.protocols.bci`). New ones answer with a byte below 80, the answer's name, and
bytes of 80 and above: the first holds bit 7 of those after it, bit i that of byte i + 2. So neither generation ever
sends what the other does: old ones no two high bytes in a row, new ones no two low ones. There is no checksum.
"""

from __future__ import annotations

from devices.protocols import bci
from devices.protocols.framing import Bad, Look, Run, Scanner
from devices.protocols.steps import Steps

LIVE, MODEL, MAKER, USER, DONE, STORED = 0x01, 0x02, 0x03, 0x04, 0x0C, 0x0F
LENGTHS = {
    LIVE: 9, MODEL: 9, MAKER: 9, USER: 9, 0x06: 4, DONE: 2, 0x0E: 3, STORED: 8, 0x11: 9, 0x13: 9, 0x14: 9,
}  # fmt: skip
"""Bytes of each known answer."""

COMMAND = 0x7D
"""Begins what a host sends: in a capture of both directions it stands between the answers, and is as long as they."""

UNKNOWN_LENGTH = 9
"""An answer that is not known is taken for one if it is as long as the longest that are."""

OLD, NEW = "old", "new"

START, STOP, STOP_STORED, ALIVE = 0xA1, 0xA2, 0xA7, 0xAF
"""What is sent. AE erases what the oximeter has stored: never."""

_GIVEN_UP = 512
"""After so many places without a frame either generation may come again."""


def command(code: int) -> bytes:
    """The request of a host to an oximeter of the new generation."""
    return bytes((COMMAND, 0x81, code, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80))


def unpack(frame: bytes) -> bytes:
    """The bytes after the second of an answer, bit 7 put back."""
    high = frame[1]
    return bytes(byte & 0x7F | (high >> at & 1) << 7 for at, byte in enumerate(frame[2:]))


def pack(name: int, data: bytes) -> bytes:
    """The answer `name` that carries `data`, 7 bytes at most."""
    high = sum((byte >> 7) << at for at, byte in enumerate(data))
    return bytes((name, 0x80 | high, *(byte | 0x80 for byte in data)))


class Finder:
    """Finds the frames of a stream and with them the oximeter's generation.

    Attributes:
        generation: `OLD` or `NEW`; "" while nothing told.
    """

    def __init__(self) -> None:
        self.generation = ""
        self._old = bci.steps()
        self._new = Steps(LENGTHS[LIVE], _is_live, lambda byte: byte < 0x80)
        self.scanner = Scanner(self._examine, max(self._old.longest, self._new.longest))
        self._missed = 0

    def last_runs(self) -> list[Run]:
        """What is left when no more bytes come; should more come all the same, they begin anew."""
        self._old.ending = self._new.ending = True
        runs = self.scanner.last_runs()
        self._old.ending = self._new.ending = False
        return runs

    def _examine(self, held: bytes, place: int) -> int | Look | Bad:
        found = self._look(held, place)
        if isinstance(found, int):
            self._missed = 0
        elif found is not Look.WAIT:
            self._missed += 1
            if self._missed > _GIVEN_UP:
                self.generation = ""
        return found

    def _look(self, held: bytes, place: int) -> int | Look | Bad:
        found: int | Look | Bad = Look.NOTHING
        if self.generation != OLD:
            if held[place] < 0x80 and held[place] != LIVE:
                found = _answer(held, place, self._new.ending)
            if found is Look.NOTHING:
                found = self._new.examine(held, place, self.generation == NEW)
            if isinstance(found, int) and held[place] == LIVE:
                self.generation = NEW
        if found is Look.NOTHING and self.generation != NEW:
            found = self._old.examine(held, place)
            if isinstance(found, int):
                self.generation = OLD
        return found


def _is_live(held: bytes, place: int) -> bool | None:
    part = held[place : place + LENGTHS[LIVE]]
    if any(byte != LIVE if not at else byte < 0x80 for at, byte in enumerate(part)):
        return False
    return True if len(part) == LENGTHS[LIVE] else None


def _answer(held: bytes, place: int, ending: bool) -> int | Look | Bad:
    """What answer other than live data begins at `place`, a byte below 80.

    "Done" is two bytes, known whole. What else looks like an answer must be followed by the next one: such bytes are
    common in noise.
    """
    if held[place] == DONE:
        if len(held) == place + 1:
            return Look.WAIT
        return LENGTHS[DONE] if held[place + 1] == 0x80 else Look.NOTHING
    after = place + LENGTHS.get(held[place], UNKNOWN_LENGTH)
    if any(byte < 0x80 for byte in held[place + 1 : after]):
        return Look.NOTHING
    if len(held) < after or (len(held) == after and not ending):
        return Look.WAIT
    return after - place if len(held) == after or held[after] < 0x80 else Look.NOTHING
