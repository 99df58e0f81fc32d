"""Blocks of a text table's bytes: where its cells are, and what stands in them.

Nothing goes through Python cell by cell. Whoever gets `Unfit` reads row by row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from devices.recordings.delimited.marks import SHORT, line_ends, marks_within
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
_LF, _CR, _QUOTE, _SPACE = 10, 13, 34, 32
_OF_NUMBERS = np.isin(np.arange(256), list(OF_NUMBERS))
_SPACES = 16
"""So many before or behind a cell are taken from it here; with more it is still read."""


class Longer(NamedTuple):
    """The rows of a block that have more cells than was asked for, and what follows: from its first byte to its end.

    More marks alone, with nothing between them, are no cells.
    """

    rows: Places
    begins: Places
    ends: Places


class Block:
    """The first `size` bytes of a buffer behind `AHEAD` others, whole lines; places in it count from the first line.

    `is_cut`: the last line had no end. `longer`: once it is split.
    """

    def __init__(self, buffer: bytearray, size: int, is_cut: bool = False) -> None:
        self.is_cut = is_cut
        self.octets = np.frombuffer(buffer, np.uint8)
        self.size = size
        self._buffer = buffer
        self._words = np.ndarray(len(buffer) - WORD + 1, "<u8", buffer, 0, (1,))
        none = np.empty(0, np.int64)
        self.longer = Longer(none, none, none)

    def first(self) -> bytes:
        """The first line, with its end."""
        return bytes(self._buffer[AHEAD : self._buffer.find(b"\n", AHEAD) + 1])

    def split(
        self, delimiter: int, width: int, longest: int, known: int = 0, alike: bool = True
    ) -> tuple[Places, Sizes]:
        """Where the cells end, and how many bytes they have (`LONG` for more, too), both as (column, row).

        Args:
            known: so many bytes at the beginning of a row are not looked at. Whoever asks for the cells must find there
                what cannot be a mark.
            alike: no row has more cells than `width`. Else its first are given, and `longer` tells what follows.

        Quotes about a whole cell are no part of it.

        Raises:
            Unfit: a row with fewer cells, or more, or longer than `longest`, a quote elsewhere, a NUL byte, a carriage
                return that ends no line.
        """
        if self._holds(b"\x00"):
            raise Unfit
        body = self.octets[AHEAD : AHEAD + self.size]
        lines = line_ends(body, len(self.first()))
        starts = np.zeros_like(lines)
        np.add(lines[:-1], 1, out=starts[1:])
        if self._holds(b"\r"):
            lines -= 1
            if np.count_nonzero(body == _CR) != len(lines) or not (body.take(lines) == _CR).all():
                raise Unfit
        lengths = lines - starts
        most = int(lengths.max())
        if most >= longest or lengths.min() < known:
            raise Unfit
        marks = body == delimiter
        quoted = self._holds(b'"')
        if quoted and np.count_nonzero(marks) != len(lines) * (width - 1):
            self._clear_quoted(marks, lines, delimiter)
        if alike and most - known <= SHORT:
            begins = starts + known
            sizes = marks_within(marks, begins, width, lengths - known)
            ends = sizes.astype(np.int64)
            ends += begins
            sizes[1:] -= sizes[:-1] + np.uint8(1)
            sizes[0] += np.uint8(known)
        else:
            marks[lines] = True
            ends = self._places(marks.nonzero()[0], lines, width, alike)
            sizes = np.minimum(np.diff(ends, axis=0, prepend=(starts - 1)[None]) - 1, LONG).astype(np.uint8)
        if quoted:
            self._unquote(ends, sizes)
        first, mark = self.first(), bytes((delimiter,))
        if mark + b" " in first or b" " + mark in first:
            self._strip(ends, sizes)
        return ends, sizes

    def _clear_quoted(self, marks: NDArray[np.bool_], lines: Places, delimiter: int) -> None:
        """Takes from `marks` those between quotes, which are no marks.

        Raises:
            Unfit: a quote is not closed in its line, or a number in quotes holds one: it may show the decimal mark.
        """
        body = self.octets[AHEAD : AHEAD + self.size]
        quotes = (body == _QUOTE).nonzero()[0]
        if len(quotes) % 2 or (lines.searchsorted(quotes[::2]) != lines.searchsorted(quotes[1::2])).any():
            raise Unfit
        places = marks.nonzero()[0]
        before = quotes.searchsorted(places)
        within = before % 2 == 1
        marks[places[within]] = False
        if delimiter == ord(","):
            others = np.add.reduceat(~_OF_NUMBERS.take(body), quotes, dtype=np.int64)  # with the quote before a cell
            if (others[before[within] - 1] == 1).any():
                raise Unfit

    def _places(self, marks: Places, lines: Places, width: int, alike: bool) -> Places:
        """Where the first `width` of the `marks` of each row are, as (mark, row); the last of a row ends its line.

        Raises:
            Unfit: as `split`.
        """
        if len(marks) == len(lines) * width and (marks[width - 1 :: width] == lines).all():
            return np.ascontiguousarray(marks.reshape(-1, width).T)
        last = marks.searchsorted(lines)
        more = np.diff(last, prepend=-1) - width
        if alike or more.min() < 0 or (self.is_cut and more[-1]):
            raise Unfit
        ends: Places = marks.take(last - more - np.arange(width)[::-1, None])
        rows = (lines - ends[-1] != more).nonzero()[0]
        self.longer = Longer(rows, ends[-1, rows] + 1, lines[rows])
        return ends

    def _unquote(self, ends: Places, sizes: Sizes) -> None:
        """Takes the quotes about whole cells from these.

        Raises:
            Unfit: there are others; between them could be a mark or a line end.
        """
        if sizes.max() >= LONG:
            raise Unfit
        quoted = (self.before(ends, 1) == _QUOTE) & (sizes >= 2)
        quoted &= self.octets[AHEAD:].take(ends - sizes) == _QUOTE
        if 2 * np.count_nonzero(quoted) != np.count_nonzero(self.octets[AHEAD : AHEAD + self.size] == _QUOTE):
            raise Unfit
        ends -= quoted
        sizes -= quoted.view(np.uint8) * np.uint8(2)

    def _strip(self, ends: Places, sizes: Sizes) -> None:
        """Takes the spaces before and behind whole cells from these."""
        for _ in range(_SPACES):
            leading = (self.octets[AHEAD:].take(ends - sizes) == _SPACE) & (sizes > 0) & (sizes < LONG)
            sizes -= leading.view(np.uint8)
            trailing = (self.before(ends, 1) == _SPACE) & (sizes > 0) & (sizes < LONG)
            ends -= trailing
            sizes -= trailing.view(np.uint8)
            if not leading.any() and not trailing.any():
                return

    def _holds(self, byte: bytes) -> bool:
        return self._buffer.find(byte, AHEAD, AHEAD + self.size) >= 0

    def holds_in(self, byte: bytes, ends: Places, sizes: Sizes) -> bool:
        """Whether `byte` stands in one of the cells before `ends`, or may."""
        if not self._holds(byte):
            return False
        places = (self.octets[AHEAD : AHEAD + self.size] == ord(byte)).nonzero()[0]
        return bool(sizes.max() >= LONG or (places.searchsorted(ends) > places.searchsorted(ends - sizes)).any())

    def before(self, ends: Places, count: int) -> NDArray[np.uint8]:
        """The bytes that stand `count` before `ends`."""
        return self.octets[AHEAD - count :].take(ends)

    def long(self, ends: Places, count: int) -> Words:
        """The `count` words, five at most, before each of `ends`, as (word, place); their first byte is the lowest."""
        size = count * WORD
        places = np.ndarray(len(self._buffer) - AHEAD, f"V{size}", self._buffer, AHEAD - size, (1,))
        return np.ascontiguousarray(places[ends].view("<u8").reshape(-1, count).T)

    def texts(self, ends: Places, sizes: Sizes) -> Texts:
        """The cells before `ends`, in whole words where none has more than `AHEAD` bytes."""
        if sizes.max() > AHEAD:
            return np.array(list(map(self.cell, ends.tolist(), sizes.tolist())))
        size = -(-max(int(sizes.max()), 1) // WORD) * WORD
        places = np.ndarray(len(self._buffer) - AHEAD - size + 1, f"V{size}", self._buffer, AHEAD, (1,))
        found = places[ends - sizes].view(np.uint8).reshape(-1, size)
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
