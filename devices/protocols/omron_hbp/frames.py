"""Cutting the bytes of arm-in cuffs: text lines, and blocks between STX and ETX with a check byte after it.

What was refused is shown without what may be the subject's number: that is patient data and stays here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devices.protocols.framing import RAW_KEPT, Frame, Lines, Piece, Refused

STX, ETX = b"\x02", b"\x03"
LONGEST = 200
"""Bytes of the longest line or block that is believed."""

_BLOCK_ENDS = re.compile(rb"[\x02\x03\r\n]")
_OPENING = re.compile(rb"\d{4},\d\d,\d\d,\d\d,\d\d,|bp,|MMBP203N|ID(?=\d)|\x02(?:R1,)?")
_LIKE_A_NUMBER = re.compile(rb"[0-9A-Za-z ]{3}")


class Cutter:
    """Gives lines without their end, and blocks from STX up to the byte after ETX."""

    def __init__(self) -> None:
        self._lines = Lines(LONGEST)
        self._block = bytearray()  # empty: not within one

    def feed(self, data: bytes) -> Iterator[Piece]:
        """What is complete with `data`. The iterator must be used up before the next call."""
        while data:
            if self._block:
                piece, data = self._within(data)
                if piece is not None:
                    self._block.clear()
                    yield piece
                continue
            text, mark, data = data.partition(STX)
            yield from self._lines.feed(text)
            if mark:
                yield from self._lines.end()
                self._block += mark

    def end(self) -> Iterator[Piece]:
        """What is left when no more bytes come is refused: a cut number still looks like a number."""
        yield from self._lines.end()
        if self._block:
            yield Refused(bytes(self._block), "cut at the end")
        self.clear()

    def clear(self) -> None:
        """Forgets what is half read."""
        self._lines.clear()
        self._block.clear()

    def _within(self, data: bytes) -> tuple[Piece | None, bytes]:
        """Goes on with a block: the piece it turns out to be, and what is left of `data`."""
        block = self._block
        if block.endswith(ETX):
            return Frame(bytes(block) + data[:1]), data[1:]
        room = LONGEST - len(block)
        found = _BLOCK_ENDS.search(data, 0, room)
        block += data[: found.start() if found else room]
        if found is None:
            return (Refused(bytes(block), "no end") if len(block) >= LONGEST else None), data[room:]
        if found[0] == ETX:
            block += ETX
            return None, data[found.end() :]
        if found[0] == STX:
            return Refused(bytes(block), "cut short"), data[found.start() :]
        # Its STX was noise: behind it may stand a whole line.
        return Frame(bytes(block)), data[found.end() :]


def shown(data: bytes) -> bytes:
    """The beginning of refused `data`, up to where a subject's number may stand; never empty."""
    opening = _OPENING.match(data)
    if opening:
        return opening[0]
    number = _LIKE_A_NUMBER.search(data)
    return data[: number.start() if number else RAW_KEPT][:RAW_KEPT] or b"*"
