"""What the rows of a long table are of, block by block: the cells that say it are few different texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from devices.recordings.delimited.blocks import LONG, Block
from devices.recordings.delimited.cells import Numbers
from devices.recordings.delimited.digits import DecimalMark, Digits
from devices.recordings.delimited.last_column import LastValue
from devices.recordings.delimited.row_groups import RowGroups
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.names import cut_unit, pair_method, plain
from devices.recordings.options import Options
from devices.recordings.series import doubles
from devices.recordings.tables.header import Field, Header
from devices.recordings.tables.quantities import called_in, converted, quantity
from devices.recordings.tables.row import Row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes
    from devices.recordings.delimited.refused_rows import RefusedRows
    from devices.recordings.delimited.table_rows import TableRows

    Values = NDArray[np.float32] | NDArray[np.float64]


class _Kind(Struct):
    """Rows whose cells but time and value are the same.

    Attributes:
        column: the number of the quantity they are of, by its first appearance; -1: none that is read. field: it.
        numbers: reads their values. refused: why they are not read, "" if they are, or each is refused. count: so many
            are not read so far.
        is_record: their value is the number of the record. may_pair: their values may be pairs.
    """

    column: int
    field: Field | None
    numbers: Numbers | None
    refused: str
    is_record: bool
    may_pair: bool
    count: int = 0


class Kinds:
    """The rows of `table`, told apart. `kind`: as `Numbers` takes it. `refused`: takes values that are.

    Attributes:
        called: as `quantities.tell_quantities` takes it. names: all names of quantities as written.
        columns: the numbers of the quantities that are read, by what they are called. with_unit, without_unit: those
            of them of which rows say a unit, or say none.
        record: the last record number seen, None if there was none.
        cut_off: the quantity whose last value was left out, since it may be cut; "" if none was.
    """

    def __init__(
        self,
        table: TableRows,
        header: Header,
        options: Options,
        mark: DecimalMark,
        kind: type[np.float32] | type[np.float64],
        refused: RefusedRows,
    ) -> None:
        self._header, self._options, self._mark, self._kind = header, options, mark, kind
        self._refused = refused
        self._is_guessed = table.is_guessed
        self._end = LastValue() if table.may_be_cut and header.value == len(header.names) - 1 else None
        told = (header.what, header.unit, header.detail, header.error)
        self._places = [place for place in told if place >= 0]
        self._groups = RowGroups(self._places)
        self._others = None if mark.is_said else Digits(mark)
        self._kinds: list[_Kind] = []
        self.called: dict[str, str] = {}
        self.names: set[str] = set()
        self.columns: dict[str, int] = {}
        self.with_unit: set[str] = set()
        self.without_unit: set[str] = set()
        self.record: str | None = None
        self.cut_off = ""

    def read(
        self, block: Block, ends: Places, sizes: Sizes, numbers: NDArray[np.int64] | range
    ) -> Iterator[tuple[int, NDArray[np.int64], Values]]:
        """Of each kind of rows in the block the column, the rows and their values in the signal's unit, NaN for none;
        cells as (column, row). `numbers`: of the block's rows in the table.

        Raises:
            Unfit: a text or a value must be judged row by row.
        """
        value, last = self._header.value, -1
        groups = self._groups.of(block, ends, sizes)
        self._kinds += [self._kind_of(block, ends, sizes, int(rows[0])) for rows in groups[len(self._kinds) :]]
        for kind, rows in zip(self._kinds, groups, strict=True):
            if not len(rows):
                continue
            until, size = ends[value][rows][None], sizes[value][rows][None]
            if kind.is_record and rows[-1] > last:
                last = int(rows[-1])
                self.record = text_in(block, ends[value], sizes[value], last, self._is_guessed)
            if kind.numbers is None:
                if kind.refused:
                    kind.count += len(rows)
                else:
                    self._refused.all_of(rows)
                self._see_others(kind, block, until, size)
                continue
            self._refused.come_from(rows, kind.may_pair)
            values = np.empty(until.shape, self._kind)
            kind.numbers.read(block, until, size, values)
            if self._end is not None:
                self._see_end(block, kind, rows[-1] == ends.shape[1] - 1, until[0], size[0], values[0])
            yield kind.column, rows, values[0]
        self._refused.keep(block, ends, sizes, numbers)

    def _see_end(self, block: Block, kind: _Kind, is_last: bool, ends: Places, sizes: Sizes, values: Values) -> None:
        """Leaves the last value of the table out, if it may be cut, and notes what it is judged by."""
        assert self._end is not None and kind.field is not None
        if not (block.is_cut and is_last):
            self._end.see(kind.column, sizes, values)
            return
        if sum(each.column == kind.column for each in self._kinds) > 1:
            raise Unfit  # which value came before it is not known here
        self._end.see(kind.column, sizes[:-1], values[:-1])
        value = float(doubles(values[-1:])[0])
        cell = text_in(block, ends, sizes, -1, self._is_guessed)
        if value == value and not self._end.is_whole(kind.column, cell, value, kind.field.signal):
            values[-1] = np.nan
            self.cut_off = kind.field.name

    def left_out(self) -> dict[str, int]:
        """How many rows were not read, by reason."""
        counts: dict[str, int] = {}
        for kind in self._kinds:
            if kind.count:
                counts[kind.refused] = counts.get(kind.refused, 0) + kind.count
        return counts

    def _kind_of(self, block: Block, ends: Places, sizes: Sizes, one_row: int) -> _Kind:
        """The kind that a row is of."""
        header, options = self._header, self._options
        texts = [""] * len(header.names)
        for place in self._places:
            texts[place] = text_in(block, ends[place], sizes[place], one_row, self._is_guessed)
        row = Row(0, "", texts, header)
        written = texts[header.what]
        self.names.add(written)
        name, known = called_in(row, header, options)
        if self.called.setdefault(name, known) != known:
            raise Unfit
        one = quantity(name, known, False, header, options)  # of a Challenge 2012 table a MAP has the same units
        is_record = plain(name) == "recordid"
        may_pair = bool(pair_method(written))
        refused = ""
        if not isinstance(one, Field):
            refused = "of other quantities"
        elif header.error >= 0 and texts[header.error] not in ("", "0"):
            refused = "marked as errors"
        if refused or not isinstance(one, Field):
            return _Kind(-1, None, None, refused, is_record, may_pair)
        try:
            convert = converted(row, header, one, options.overrides.units)
        except ValueError:
            return _Kind(-1, one, None, "", is_record, may_pair)  # in a unit that is none of it
        (self.with_unit if header.unit >= 0 and texts[header.unit] else self.without_unit).add(name)
        column = self.columns.setdefault(name, len(self.columns))
        numbers = Numbers(
            [replace(one, convert=convert)],
            self._mark,
            self._kind,
            self._refused,
            self._is_guessed,
            with_units=self._end is None,
        )
        return _Kind(column, one, numbers, "", is_record, may_pair)

    def _see_others(self, kind: _Kind, block: Block, ends: Places, sizes: Sizes) -> None:
        """Looks for pairs, for units and for the decimal mark among values that are not read."""
        if self._others is None and not kind.may_pair and kind.refused:
            return
        _, _, odd = (self._others or Digits(self._mark)).read(block, ends, sizes)
        if odd is None:
            return
        texts = set(block.texts(ends[odd], sizes[odd]).tolist())
        if any(map(self._mark.is_open, texts)) or (kind.may_pair and any(b"/" in text for text in texts)):
            raise Unfit
        if kind.refused:
            return
        # A unit behind the number counts, in the place of that in the column of units.
        if any((self._is_guessed and not text.isascii()) or cut_unit(text.decode().strip())[1] for text in texts):
            raise Unfit


def text_in(block: Block, ends: Places, sizes: Sizes, row: int, is_guessed: bool) -> str:
    """The cell of a `row` as it is read row by row. `is_guessed`: as `TableBytes` says.

    Raises:
        Unfit: its characters are open, or it is too long.
    """
    if sizes[row] >= LONG:
        raise Unfit
    cell = block.cell(int(ends[row]), int(sizes[row]))
    try:
        text = cell.decode()
    except UnicodeDecodeError:
        raise Unfit from None
    if not text.isprintable() or (is_guessed and not cell.isascii()):
        raise Unfit
    return text.strip()
