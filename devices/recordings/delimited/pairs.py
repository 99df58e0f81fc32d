"""Pressures written as one text, ``120/80``, in columns: two cells are made of each, as `tables.pairs` makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from devices.errors import RecordingError
from devices.recordings.delimited.blocks import AHEAD, LONG, Block
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.options import Options
from devices.recordings.recording import TOLD, Builder
from devices.recordings.tables.header import Header, Layout
from devices.recordings.tables.pairs import (
    NO_NUMBER,
    are_pairs,
    is_converted,
    is_pair,
    perhaps_pairs,
    says_mmhg,
    tell_more,
    tell_no_pair,
    tell_no_pairs,
    tell_pairs,
    wider,
)

if TYPE_CHECKING:
    import re

    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes

_SLASH = ord("/")
_DIGITS = 3


class Pairs:
    """The columns of one table that hold pairs, as its first rows show. `is_guessed`: as `TableBytes` says."""

    def __init__(self, header: Header, options: Options, is_guessed: bool) -> None:
        self.header, self._options, self._is_guessed = header, options, is_guessed
        names = perhaps_pairs(header) if header.layout is Layout.WIDE else []
        self._names = [name for name in names if name not in options.mapping]
        self._columns: list[_Column] | None = None

    def widen(
        self, block: Block, ends: Places, sizes: Sizes, numbers: NDArray[np.int64] | range
    ) -> tuple[Places, Sizes]:
        """The cells of a block, as (column, row), with two in the place of each pair: those of the wider `header`. To
        be called once the table has begun.

        Args:
            numbers: of the rows in the table.

        Raises:
            Unfit: a cell is not clear.
        """
        for column in self._columns or ():
            ends, sizes = column.cut(block, ends, sizes, numbers)
        return ends, sizes

    def begin(self, block: Block, ends: Places, sizes: Sizes) -> list[str]:
        """The names of the columns of pairs, by the first block of the table, whose cells are (column, row).

        Raises:
            Unfit: they are refused.
        """
        if self._columns is None:
            self._columns = self._found(block, ends, sizes)
        return [column.name for column in self._columns]

    def _found(self, block: Block, ends: Places, sizes: Sizes) -> list[_Column]:
        found, places = [], [self.header.names.index(name) for name in self._names]
        for name, place in zip(self._names, places, strict=True):
            if not block.holds_in(b"/", ends[[place]], sizes[[place]]):
                continue
            found.append(_Column(name, self.header.names.index(name), self._is_guessed))
            try:
                self.header = wider(self.header, name, self._options)
            except RecordingError:
                raise Unfit from None
        return found

    def finish(self) -> None:
        """To be called once all rows were seen.

        Raises:
            Unfit: a column holds too few pairs, or pairs in a unit that is not its.
        """
        for column in self._columns or ():
            if not column.holds_pairs or (column.say_unit and is_converted(self.header, column.name)):
                raise Unfit

    def tell(self, into: Builder) -> None:
        """Tells what became of the columns that may hold pairs."""
        columns = {column.name: column for column in self._columns or ()}
        for name in self._names:
            if name in columns:
                columns[name].tell(self.header, into)
            else:
                tell_no_pairs(name, into)


class _Column:
    """One column of pairs, at a place among those of its table in which the columns before it are cut."""

    def __init__(self, name: str, place: int, is_guessed: bool) -> None:
        self.name, self._place = name, place
        self._cells = PairCells(is_guessed)
        self._told: list[tuple[int, str]] = []

    @property
    def holds_pairs(self) -> bool:
        return are_pairs(self._cells.matched, self._cells.there)

    @property
    def say_unit(self) -> bool:
        return self._cells.say_unit

    def tell(self, header: Header, into: Builder) -> None:
        for number, cell in self._told:
            tell_no_pair(number, self.name, cell, into)
        if more := self._cells.refused - len(self._told):
            into.counts.refuse(NO_NUMBER, more)
            into.leave_untold(more)
        tell_pairs(header, self.name, into)
        if self._cells.have_more:
            tell_more(self.name, into)

    def cut(self, block: Block, ends: Places, sizes: Sizes, numbers: NDArray[np.int64] | range) -> tuple[Places, Sizes]:
        """The cells with two in the place of each of this column."""
        at = self._place
        parts, lengths, none = self._cells.cut(block, ends[at], sizes[at])
        for row in none[: TOLD - len(self._told)].tolist():
            text = block.cell(int(ends[at, row]), int(sizes[at, row])).decode().strip()
            self._told.append((int(numbers[row]), text))
        joined = np.concatenate
        return joined((ends[:at], parts, ends[at + 1 :])), joined((sizes[:at], lengths, sizes[at + 1 :]))


class PairCells:
    """The cells of one column, or of one quantity of a long table, that hold pairs.

    Attributes:
        matched, refused: so many are pairs, or are none though they hold something.
        have_more: something follows a pair. say_unit: one says its unit.
    """

    def __init__(self, is_guessed: bool) -> None:
        self._is_guessed = is_guessed
        self.matched = self.refused = 0
        self.have_more = self.say_unit = False
        self._known: dict[bytes, re.Match[str] | bool | None] = {}

    @property
    def there(self) -> int:
        """So many hold something."""
        return self.matched + self.refused

    def cut(self, block: Block, ends: Places, sizes: Sizes) -> tuple[Places, Sizes, NDArray[np.int64]]:
        """Of the cells before `ends`, in the order of their rows, the two parts as (part, row), and which are no pairs.

        Raises:
            Unfit: one is not clear.
        """
        begin = ends - sizes
        slashes = (block.body == _SLASH).nonzero()[0]
        if len(slashes) == len(ends) and (slashes >= begin).all() and (slashes < ends).all():
            slash = slashes
        else:
            slash = np.append(slashes, block.size).take(slashes.searchsorted(begin))
        plain = (slash < ends) & _are_digits(block, slash, slash - begin) & _are_digits(block, ends, ends - slash - 1)
        self.matched += int(np.count_nonzero(plain))
        middle = np.where(plain, slash, ends)
        parts = np.stack((middle, np.where(plain, ends, middle)))
        lengths = np.stack((np.where(plain, middle - begin, 0), np.where(plain, ends - middle - 1, 0))).astype(np.uint8)
        odd = (~plain & (sizes > 0)).nonzero()[0]
        if not len(odd):
            return parts, lengths, odd
        return parts, lengths, self._cut_odd(block, begin, sizes, odd, parts, lengths)

    def _cut_odd(
        self, block: Block, begin: Places, sizes: Sizes, odd: NDArray[np.int64], parts: Places, lengths: Sizes
    ) -> NDArray[np.int64]:
        if sizes[odd].max() >= LONG:
            raise Unfit
        none = []
        for row, first, length in zip(odd.tolist(), begin[odd].tolist(), sizes[odd].tolist(), strict=True):
            cell = block.cell(first + length, length)
            if cell not in self._known:
                self._known[cell] = self._pair_in(cell)
            found = self._known[cell]
            if found is None:
                none.append(row)
            elif not isinstance(found, bool):
                self.matched += 1
                first += length - len(cell.lstrip())
                for part, name in enumerate(("sys", "dia")):
                    start, stop = found.span(name)
                    parts[part, row] = first + stop
                    lengths[part, row] = stop - start
        self.refused += len(none)
        return np.array(none, np.int64)

    def _pair_in(self, cell: bytes) -> re.Match[str] | bool | None:
        try:
            text = cell.decode("ascii" if self._is_guessed else "utf-8")
        except UnicodeDecodeError:
            raise Unfit from None
        found = is_pair(text)
        if not text.isprintable() or (not isinstance(found, bool) and not text.isascii()):
            raise Unfit
        if found and not isinstance(found, bool):
            self.have_more = self.have_more or bool(found["more"])
            self.say_unit = self.say_unit or says_mmhg(text)
        return found


def _are_digits(block: Block, ends: Places, sizes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether so many bytes before `ends` are one, two or three digits."""
    found = (sizes >= 1) & (sizes <= _DIGITS)
    for place in range(1, _DIGITS + 1):
        byte = block.octets[AHEAD - place :].take(ends, mode="clip")
        found &= ((byte >= 48) & (byte <= 57)) | (sizes < place)
    return found
