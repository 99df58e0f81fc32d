"""Blocks of a text table's bytes, and what stands in its cells.

Nothing goes through Python cell by cell. Whoever gets `Unfit` reads row by row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from devices.recordings.delimited.unfit import Unfit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Sizes = NDArray[np.uint8]
    Words = NDArray[np.uint64]
    Texts = NDArray[np.bytes_]

WORD = 8
"""Bytes of a word."""
AHEAD = 40
"""So many bytes before and behind a block can be looked at."""

OF_NUMBERS = b"0123456789.,+-eE "
"""A cell with any other byte is no number."""
LONG = 254
"""So many bytes are told of a cell, and of any longer one."""
_MIXED = np.uint64(0x9E3779B97F4A7C15)


class Block:
    """The first `size` bytes of a buffer behind `AHEAD` others, whole lines; places in it count from the first line.

    `is_cut`: the last line had no end. `numbers`: of its rows among those of the file; None: they follow those before.
    """

    def __init__(
        self, buffer: bytearray, size: int, is_cut: bool = False, numbers: NDArray[np.int64] | None = None
    ) -> None:
        self.is_cut, self.numbers = is_cut, numbers
        self.octets = np.frombuffer(buffer, np.uint8)
        self.size = size
        self._buffer = buffer
        self._words = np.ndarray(len(buffer) - WORD + 1, "<u8", buffer, 0, (1,))

    def numbered(self, numbers: NDArray[np.int64]) -> Block:
        """The same with these `numbers`."""
        return Block(self._buffer, self.size, self.is_cut, numbers)

    def first(self) -> bytes:
        """The first line, with its end."""
        return bytes(self._buffer[AHEAD : self._buffer.find(b"\n", AHEAD) + 1])

    @property
    def body(self) -> NDArray[np.uint8]:
        """The bytes of its lines."""
        return self.octets[AHEAD : AHEAD + self.size]

    def holds(self, byte: bytes) -> bool:
        return self._buffer.find(byte, AHEAD, AHEAD + self.size) >= 0

    def holds_in(self, byte: bytes, ends: Places, sizes: Sizes) -> bool:
        """Whether `byte` stands in one of the cells before `ends`, or may."""
        if not self.holds(byte):
            return False
        places = (self.body == ord(byte)).nonzero()[0]
        return bool(sizes.max() >= LONG or (places.searchsorted(ends) > places.searchsorted(ends - sizes)).any())

    def before(self, ends: Places, count: int) -> NDArray[np.uint8]:
        """The bytes that stand `count` before `ends`."""
        return self.octets[AHEAD - count :].take(ends)

    def long(self, ends: Places, count: int) -> Words:
        """The `count` words, five at most, before each of `ends`, as (word, place); their first byte is the lowest."""
        size = count * WORD
        places = np.ndarray(len(self._buffer) - AHEAD, f"V{size}", self._buffer, AHEAD - size, (1,))
        return np.ascontiguousarray(places[ends].view("<u8").reshape(-1, count).T)

    def pieces(self, begins: Places, size: int) -> NDArray[np.uint8]:
        """The `size` bytes from each of `begins` on, as (place, byte)."""
        places = np.ndarray(len(self._buffer) - AHEAD - size + 1, f"V{size}", self._buffer, AHEAD, (1,))
        found: NDArray[np.uint8] = places[begins].view(np.uint8).reshape(-1, size)
        return found

    def texts(self, ends: Places, sizes: Sizes) -> Texts:
        """The cells before `ends`, in whole words where none has more than `AHEAD` bytes."""
        if sizes.max() > AHEAD:
            return np.array(list(map(self.cell, ends.tolist(), sizes.tolist())))
        size = -(-max(int(sizes.max()), 1) // WORD) * WORD
        found = self.pieces(ends - sizes, size)
        found[np.arange(size, dtype=np.uint8) >= sizes[:, None]] = 0
        cells: Texts = found.reshape(-1).view(f"S{size}")
        return cells

    def short(self, ends: Places, sizes: Sizes) -> Words:
        """The cells of at most eight bytes before `ends`, NUL behind them."""
        found: Words = self._words[ends + (AHEAD - WORD)]
        # A shift by 64 leaves nothing, as it must.
        found >>= (WORD - sizes).astype(np.uint64) << np.uint64(3)
        return found

    def cell(self, end: int, size: int) -> bytes:
        """The cell of `size` bytes before `end`."""
        return self.octets[AHEAD + end - size : AHEAD + end].tobytes()

    def line(self, end: int) -> bytes:
        """The line in which a cell ends before `end`, without its own end."""
        first = self._buffer.rfind(b"\n", AHEAD, AHEAD + end)
        until = self._buffer.find(b"\n", AHEAD + end)
        return bytes(self._buffer[first + 1 if first >= 0 else AHEAD : until]).removesuffix(b"\r")

    def words(self, ends: Places, sizes: Sizes) -> list[Words]:
        """All words of the cells before `ends`, the last of each cell first; NUL where a cell has none.

        Raises:
            Unfit: a cell is too long to be a name.
        """
        longest = int(sizes.max())
        if longest >= LONG:
            raise Unfit
        if longest <= WORD:
            return [self.short(ends, sizes)]
        found = []
        left, until = sizes.astype(np.int64), ends
        for _ in range(-(-longest // WORD)):
            part = np.clip(left, 0, WORD).astype(np.uint8)
            found.append(self.short(until, part))
            until, left = until - part, left - part
        return found

    def keys(self, ends: Places, sizes: Sizes) -> Words | None:
        """A number for each cell, equal where the cells are; None where one is too long to be a name."""
        try:
            first, *others = self.words(ends, sizes)
        except Unfit:
            return None
        if not others:
            return first
        keys = sizes.astype(np.uint64)
        for words in (first, *others):
            keys = (keys ^ words) * _MIXED
            keys ^= keys >> np.uint64(29)
        return keys


def changes(cells: Words, sizes: Sizes, kept: bytes) -> NDArray[np.bool_]:
    """Which of `cells`, as `Block.long` gives them, differ from the one before; the first does.

    Args:
        sizes: of the cells, which end with their last byte. kept: 255 for each byte that is looked at, else 0.
    """
    words, widest = len(cells), len(cells) * WORD
    masks = np.frombuffer(kept, "<u8")
    size = int(sizes[0])
    alike = bool((sizes == size).all())
    if alike:
        masks = masks & np.frombuffer(bytes(widest - size) + b"\xff" * size, "<u8")
    else:
        places = np.arange(widest)[None] >= widest - np.arange(widest + 1)[:, None]
        by_size = (places * np.uint8(255)).view("<u8") & masks
    new = np.zeros(cells.shape[1], np.bool_)
    new[0] = True
    for number in range(words):
        seen = cells[number] & (masks[number] if alike else by_size[:, number].take(sizes))
        new[1:] |= seen[1:] != seen[:-1]
    return new
