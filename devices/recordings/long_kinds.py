"""What the rows of a long table are of, block by block: the cells that say it are few different texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from devices.recordings.header import Field, Header
from devices.recordings.names import pair_method, plain
from devices.recordings.options import Options
from devices.recordings.quantities import called_in, converted, quantity
from devices.recordings.rows import Row
from devices.recordings.table_blocks import AHEAD, Block, Unfit, mixed
from devices.recordings.table_cells import Numbers
from devices.recordings.table_digits import DecimalMark, Digits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.table_blocks import Places, Sizes, Words

    Values = NDArray[np.float32] | NDArray[np.float64]

_MOST = 4096
"""More different texts name no quantities."""
_AT_ONCE = 256
"""In so many rows most kinds are found."""
_FEW = 12
"""So few numbers are looked for one by one."""


class _Kind(Struct):
    """Rows whose cells but time and value are the same.

    Attributes:
        column: which quantity they are of, by its first appearance; -1: none that is read.
        numbers: reads their values. refused: why they are not read, "" if they are. count: so many have been refused.
        is_record: their value is the number of the record.
    """

    column: int
    numbers: Numbers | None
    refused: str
    is_record: bool
    count: int = 0


class Kinds:
    """The rows of one table, told apart. `kind`: as `Numbers` takes it. `is_guessed`: as `TableBytes` says.

    Attributes:
        called: as `quantities.tell_quantities` takes it. names: all names of quantities as written.
        columns: the numbers of the quantities that are read, by what they are called.
        record: the last record number seen, None if there was none.
    """

    def __init__(
        self,
        header: Header,
        options: Options,
        mark: DecimalMark,
        kind: type[np.float32] | type[np.float64],
        is_guessed: bool,
    ) -> None:
        self._header, self._options, self._mark, self._kind = header, options, mark, kind
        self._is_guessed = is_guessed
        self._places = [at for at in (header.what, header.unit, header.detail, header.error) if at >= 0]
        self._others = None if mark.is_said else Digits(mark)
        self._keys: Words = np.empty(0, np.uint64)
        self._kinds: list[_Kind] = []
        self.called: dict[str, str] = {}
        self.names: set[str] = set()
        self.columns: dict[str, int] = {}
        self.record: str | None = None

    def read(self, block: Block, ends: Places, sizes: Sizes) -> Iterator[tuple[int, NDArray[np.int64], Values]]:
        """Of each kind of rows in the block the column, the rows and their values in the signal's unit, NaN for none;
        cells as (column, row).

        Raises:
            Unfit: a text or a value must be judged row by row.
        """
        value, last = self._header.value, -1
        for kind, rows in self._parted(block, ends, sizes):
            until, size = ends[value][rows][None], sizes[value][rows][None]
            if kind.is_record and rows[-1] > last:
                last = int(rows[-1])
                self.record = text_in(block, ends[value], sizes[value], last, self._is_guessed)
            if kind.numbers is None:
                kind.count += len(rows)
                self._see_others(block, until, size)
                continue
            values = np.empty(until.shape, self._kind)
            kind.numbers.read(block, until, size, values)
            yield kind.column, rows, values[0]

    def refused(self) -> dict[str, int]:
        """How many rows were not read, by reason."""
        counts: dict[str, int] = {}
        for kind in self._kinds:
            if kind.count:
                counts[kind.refused] = counts.get(kind.refused, 0) + kind.count
        return counts

    def _parted(self, block: Block, ends: Places, sizes: Sizes) -> Iterator[tuple[_Kind, NDArray[np.int64]]]:
        """The kinds of rows in a block, and their rows."""
        found: Words | None = None
        for place in self._places:
            more = block.keys(ends[place], sizes[place])
            if more is None:
                raise Unfit
            found = more if found is None else mixed(found, more)
        assert found is not None
        rows = self._look_up(found)
        while sum(map(len, rows)) < len(found):
            self._learn(block, ends, sizes, found, rows)
            rows = self._look_up(found)
        return ((kind, each) for kind, each in zip(self._kinds, rows, strict=True) if len(each))

    def _look_up(self, found: Words) -> list[NDArray[np.int64]]:
        """The rows of each kind."""
        if len(self._keys) <= _FEW:
            return [(found == key).nonzero()[0] for key in self._keys]
        order = self._keys.argsort()
        at = self._keys[order].searchsorted(found).clip(max=len(order) - 1)
        codes = np.where(self._keys[order][at] == found, order[at], len(order))
        by_code = codes.argsort(kind="stable")
        edges = codes[by_code].searchsorted(np.arange(len(order) + 1))
        return [by_code[start:stop] for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)]

    def _learn(self, block: Block, ends: Places, sizes: Sizes, found: Words, rows: list[NDArray[np.int64]]) -> None:
        """Adds the first kinds that are new in a block, in the order in which they appear."""
        new = np.ones(len(found), np.bool_)
        for each in rows:
            new[each] = False
        unknown = new.nonzero()[0][:_AT_ONCE]
        _, first = np.unique(found[unknown], return_index=True)
        if len(first) + len(self._keys) > _MOST:
            raise Unfit
        for row in unknown[np.sort(first)].tolist():
            texts = [""] * len(self._header.names)
            for place in self._places:
                texts[place] = text_in(block, ends[place], sizes[place], row, self._is_guessed)
            self._kinds.append(self._kind_of(texts))
            self._keys = np.append(self._keys, found[row])

    def _kind_of(self, texts: list[str]) -> _Kind:
        header, options = self._header, self._options
        row = Row(0, "", texts, header)
        written = texts[header.what]
        self.names.add(written)
        name, known = called_in(row, header, options)
        if self.called.setdefault(name, known) != known:
            raise Unfit
        one = quantity(name, known, False, header, options)  # of a Challenge 2012 table a MAP has the same units
        is_record = plain(name) == "recordid"
        refused = ""
        if not isinstance(one, Field):
            refused = "of other quantities"
        elif header.error >= 0 and texts[header.error] not in ("", "0"):
            refused = "marked as errors"
        if refused or not isinstance(one, Field):
            if pair_method(written):
                raise Unfit  # their values may be pairs, which are told
            return _Kind(-1, None, refused, is_record)
        try:
            convert = converted(row, header, one, options.overrides.units)
        except ValueError:
            raise Unfit from None
        column = self.columns.setdefault(name, len(self.columns))
        return _Kind(column, Numbers([replace(one, convert=convert)], self._mark, self._kind), "", is_record)

    def _see_others(self, block: Block, ends: Places, sizes: Sizes) -> None:
        """Looks for the decimal mark among values that are not read."""
        if self._others is None:
            return
        if sizes.max() > AHEAD:
            raise Unfit
        _, _, odd = self._others.read(block, ends, sizes)
        if odd is None:
            return
        if any(b"." in text or b"," in text for text in set(block.texts(ends[odd], sizes[odd]).tolist())):
            raise Unfit


def text_in(block: Block, ends: Places, sizes: Sizes, row: int, is_guessed: bool) -> str:
    """The cell of a `row` as it is read row by row. `is_guessed`: as `TableBytes` says.

    Raises:
        Unfit: its characters are open.
    """
    cell = block.cell(int(ends[row]), int(sizes[row]))
    try:
        text = cell.decode()
    except UnicodeDecodeError:
        raise Unfit from None
    if not text.isprintable() or (is_guessed and not cell.isascii()):
        raise Unfit
    return text.strip()
