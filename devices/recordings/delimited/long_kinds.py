"""What the rows of a long table are of, block by block: the cells that say it are few different texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from devices.recordings.delimited.blocks import AHEAD, LONG, Block
from devices.recordings.delimited.cells import Numbers
from devices.recordings.delimited.digits import DecimalMark, Digits
from devices.recordings.delimited.last_column import LastValue
from devices.recordings.delimited.pairs import PairCells
from devices.recordings.delimited.row_groups import RowGroups
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.names import Conversion, cut_unit, pair_method, plain
from devices.recordings.options import Options
from devices.recordings.series import doubles
from devices.recordings.tables.header import Field, Header
from devices.recordings.tables.pairs import is_paired, parts_of
from devices.recordings.tables.quantities import called_in, converted, quantity
from devices.recordings.tables.row import Row
from devices.recordings.texts import FLAG

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes
    from devices.recordings.delimited.refused_rows import RefusedRows
    from devices.recordings.delimited.table_rows import TableRows

    Values = NDArray[np.float32] | NDArray[np.float64]

_FLAG, _SPACE = FLAG.encode(), ord(" ")


class _Kind(Struct):
    """Rows whose cells but time and value are the same.

    Attributes:
        column: the number of the quantity they are of, by its first appearance; -1: none that is read. A pair has two.
        field: it, of a pair its last part. numbers: reads their values. refused: why they are not read, "" if they are,
            or each is refused. is_converted: they are in another unit. count: so many are not read so far.
        is_record: their value is the number of the record. may_pair: their values may be pairs. pairs: they are.
    """

    column: int
    field: Field | None
    numbers: Numbers | None
    refused: str
    is_record: bool
    may_pair: bool
    pairs: PairCells | None
    is_converted: bool = False
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
        self._pairs: dict[str, PairCells | None] = {}
        """By name, of the quantities that may hold pairs: None if they do not, as the first that are seen show."""
        self._in_pairs: dict[str, bool] = {}
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
        """Of each kind of rows in the block the first column, the rows and their values, as (column, row), in the
        signal's unit, NaN for none; cells as (column, row). `numbers`: of the block's rows in the table.

        Raises:
            Unfit: a text or a value must be judged row by row.
        """
        value, last = self._header.value, -1
        groups = self._groups.of(block, ends, sizes)
        self._kinds += [self._kind_of(block, ends, sizes, rows) for rows in groups[len(self._kinds) :]]
        bare = _without_flags(block, ends[value], sizes[value])
        for kind, rows in zip(self._kinds, groups, strict=True):
            if not len(rows):
                continue
            until, size = ends[value][rows][None], bare[rows][None]
            none = None
            if kind.pairs is not None:
                until, size, none = kind.pairs.cut(block, until[0], sizes[value][rows])
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
            if none is None:
                self._refused.come_from(rows, kind.may_pair)
            elif len(none):
                self._refused.all_of(rows[none])
            values = np.empty(until.shape, self._kind)
            kind.numbers.read(block, until, size, values)
            if self._end is not None:
                self._see_end(block, kind, rows[-1] == ends.shape[1] - 1, until[-1], size[-1], values[-1])
            yield kind.column, rows, values
        self._refused.keep(block, ends, sizes, numbers)

    def _see_end(self, block: Block, kind: _Kind, is_last: bool, ends: Places, sizes: Sizes, values: Values) -> None:
        """Leaves the last value of the table out, if it may be cut, and notes what it is judged by."""
        assert self._end is not None and kind.field is not None
        last = self.columns[kind.field.name]
        if not (block.is_cut and is_last):
            self._end.see(last, sizes, values)
            return
        if sum(each.column == kind.column for each in self._kinds) > 1:
            raise Unfit  # which value came before it is not known here
        self._end.see(last, sizes[:-1], values[:-1])
        value = float(doubles(values[-1:])[0])
        cell = text_in(block, ends, sizes, -1, self._is_guessed)
        if value == value and not self._end.is_whole(last, cell, value, kind.field.signal):
            values[-1] = np.nan
            self.cut_off = kind.field.name

    def left_out(self) -> dict[str, int]:
        """How many rows were not read, by reason."""
        counts: dict[str, int] = {}
        for kind in self._kinds:
            if kind.count:
                counts[kind.refused] = counts.get(kind.refused, 0) + kind.count
        return counts

    def finish(self) -> list[str]:
        """To be called once all rows were seen: the names of pairs behind which more stands.

        Raises:
            Unfit: a quantity does not hold pairs as it seemed, or pairs in a unit that is not theirs.
        """
        held = {name: cells for name, cells in self._pairs.items() if cells is not None}
        if not all(is_paired(name, cells.matched, cells.there) for name, cells in held.items()):
            raise Unfit
        if any(kind.pairs is not None and kind.pairs.say_unit and kind.is_converted for kind in self._kinds):
            raise Unfit
        return [name for name, cells in held.items() if cells.have_more]

    def _kind_of(self, block: Block, ends: Places, sizes: Sizes, rows: NDArray[np.int64]) -> _Kind:
        """The kind that these `rows` are of, the first of it."""
        header, options, one_row = self._header, self._options, int(rows[0])
        texts = [""] * len(header.names)
        for place in self._places:
            texts[place] = text_in(block, ends[place], sizes[place], one_row, self._is_guessed)
        row = Row(0, "", texts, header)
        written = texts[header.what]
        self.names.add(written)
        may_pair = bool(pair_method(written)) and written not in options.mapping
        if may_pair and written not in self._pairs:
            seem = block.holds_in(b"/", ends[header.value][rows], sizes[header.value][rows])
            self._pairs[written] = PairCells(self._is_guessed) if seem else None
        pairs = self._pairs[written] if may_pair else None
        called = [called_in(each, header, options) for each in (parts_of(row) if pairs else (row,))]
        for name, known in called:
            if self.called.setdefault(name, known) != known:
                raise Unfit
            if self._in_pairs.setdefault(name, pairs is not None) is not (pairs is not None):
                raise Unfit
        # Of a Challenge 2012 table a MAP has the same units.
        found = [quantity(name, known, False, header, options) for name, known in called]
        fields = [each for each in found if isinstance(each, Field)]
        is_record = plain(written) == "recordid"
        refused = ""
        if len(fields) < len(found):
            if fields:
                raise Unfit  # one part of a pair is read alone
            refused = "of other quantities"
        elif header.error >= 0 and texts[header.error] not in ("", "0"):
            refused = "marked as errors"
        if refused:
            return _Kind(-1, None, None, refused, is_record, may_pair, pairs)
        if pairs is not None:
            self._refused.paired.add(written)
        converts = list(self._converts(row, fields))
        if not converts:
            return _Kind(-1, fields[-1], None, "", is_record, may_pair, pairs)  # in a unit that is none of it
        with_it = self.with_unit if header.unit >= 0 and texts[header.unit] else self.without_unit
        with_it.update(one.name for one in fields)
        columns = [self.columns.setdefault(one.name, len(self.columns)) for one in fields]
        numbers = Numbers(
            [replace(one, convert=convert) for one, convert in zip(fields, converts, strict=True)],
            self._mark,
            self._kind,
            self._refused if pairs is None else None,
            self._is_guessed,
            with_units=self._end is None and pairs is None,
        )
        is_converted = any(convert.note for convert in converts)
        return _Kind(columns[0], fields[-1], numbers, "", is_record, may_pair, pairs, is_converted)

    def _converts(self, row: Row, fields: Sequence[Field]) -> Iterator[Conversion]:
        """How the values of a row are converted, those of a pair both; nothing if its unit is none of theirs."""
        failed = 0
        for one in fields:
            try:
                yield converted(row, self._header, one, self._options.overrides.units)
            except ValueError:
                failed += 1
        if 0 < failed < len(fields):
            raise Unfit  # a person said the unit of one part

    def _see_others(self, kind: _Kind, block: Block, ends: Places, sizes: Sizes) -> None:
        """Looks for pairs, for units and for the decimal mark among values that are not read."""
        if self._others is None and (kind.pairs is not None or (not kind.may_pair and kind.refused)):
            return
        _, _, odd = (self._others or Digits(self._mark)).read(block, ends, sizes)
        if odd is None:
            return
        texts = set(block.texts(ends[odd], sizes[odd]).tolist())
        if any(map(self._mark.is_open, texts)):
            raise Unfit
        if kind.pairs is not None:
            return
        if kind.may_pair and any(b"/" in text for text in texts):
            raise Unfit
        if kind.refused:
            return
        # A unit behind the number counts, in the place of that in the column of units.
        if any((self._is_guessed and not text.isascii()) or cut_unit(text.decode().strip())[1] for text in texts):
            raise Unfit


def _without_flags(block: Block, ends: Places, sizes: Sizes) -> Sizes:
    """The `sizes` of cells without the marks of values that are not normal, as `texts.without_flag` leaves them out."""
    if not (block.holds(_FLAG[:1]) and block.holds(_FLAG)):  # a byte alone is found much faster
        return sizes
    begins = block.octets[AHEAD:]
    flagged = (sizes >= len(_FLAG)) & (sizes < LONG)
    for place, byte in enumerate(_FLAG):
        flagged &= begins.take(ends - sizes + place) == byte
    rows = flagged.nonzero()[0]
    left = sizes[rows] - np.uint8(len(_FLAG))
    while len(blank := ((begins.take(ends[rows] - left) == _SPACE) & (left > 0)).nonzero()[0]):
        left[blank] -= np.uint8(1)
    sizes = sizes.copy()
    sizes[rows] = left
    return sizes


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
