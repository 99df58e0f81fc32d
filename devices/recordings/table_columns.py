"""A wide text table straight to columns, where nothing in it needs judging: the same numbers, read faster.

Only what reads the same in every way is taken: times that never go back, numbers and the usual marks for none, every
row as long as the header, every line ended. All else (a quote within a cell, an hour in which a clock was changed,
several patients, a second header, a cut row, a cell that is no number) is left to `delimited`, which tells of it:
whoever gets None goes there. The file is read in blocks, so that memory holds the columns and little else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from devices import instant
from devices.errors import RecordingError
from devices.recordings.columns import ticks_column
from devices.recordings.header import PREAMBLE, Field, Header, Layout, find_header
from devices.recordings.judging import unit_asked
from devices.recordings.mark_columns import take_block
from devices.recordings.marks import Marks
from devices.recordings.options import Options
from devices.recordings.rows import is_vscapture, units_row
from devices.recordings.series import doubles
from devices.recordings.stamps import Kind
from devices.recordings.table_blocks import Block, Unfit
from devices.recordings.table_bytes import TableBytes
from devices.recordings.table_cells import Numbers, TooLong
from devices.recordings.table_digits import DecimalMark
from devices.recordings.table_end import LastColumn
from devices.recordings.table_events import Events
from devices.recordings.table_times import times_of
from devices.recordings.tables import SLOWEST, is_unit_said, may_count_ticks
from devices.recordings.texts import cells
from devices.recordings.times import TimeReader
from devices.recordings.wide_columns import Regular, in_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.table_blocks import Places, Sizes

    Values = NDArray[np.float32] | NDArray[np.float64]
    Kinds = type[np.float32] | type[np.float64]

_WIDEST = 100
"""Bytes of a time at the beginning of a row; what is longer is none."""
_SLOW = 10 * instant.MINUTE


class Columns(Struct, frozen=True):
    """A table's rows; row n is the n-th of the file's data.

    Attributes:
        header, named: the header, and the same without what a row of units under it says.
        times: instants, ascending, or microseconds from the start. regular: the same, if they are.
        values: of each signal column, in its signal's unit, NaN where there is none and 0 where there was no signal
            (32-bit floats: see `series.doubles`).
        reader: how the times were read. first: the first as written.
        mark: as `texts.decimal_mark`.
        cut_off: the column whose last value was left out, since it may be cut; "" if none was.
        events: what stands in the column of events.
        marks: what stands in the columns that are not read.
    """

    header: Header
    named: Header
    times: NDArray[np.int64]
    regular: Regular | None
    values: tuple[tuple[Field, Values], ...]
    reader: TimeReader
    first: str
    mark: str
    cut_off: str
    events: Events
    marks: Marks


def columns_of(path: Path, options: Options) -> Columns | None:
    """The table in the file `path` as columns, None where it must be read row by row.

    Raises:
        OSError: the file cannot be read.
    """
    said = options.overrides
    if options.patient is not None or said.missing or said.collapse is not None:
        return None
    size = path.stat().st_size
    if size > options.limits.text_bytes:
        return None
    source = TableBytes(path)
    found = _header(source.head(PREAMBLE + 1), options)
    if found is None:
        return None
    try:
        try:
            return _read(source, size, found, options, np.float32)
        except TooLong:
            return _read(source, size, found, options, np.float64)
    except Unfit:
        return None


class _Found(Struct, frozen=True):
    """The header, the same without the units in the row under it, and the byte at which the rows begin."""

    header: Header
    named: Header
    begin: int


def _header(head: Sequence[bytes], options: Options) -> _Found | None:
    """The header among the first lines of a table."""
    try:
        lines = [f"{line.decode().removesuffix(chr(10)).removesuffix(chr(13))}\n" for line in head]
        header = find_header(lines[:PREAMBLE], options, "")
    except (UnicodeDecodeError, RecordingError):
        return None  # it is told by whoever reads row by row
    if any("\r" in line for line in lines):
        return None
    if header.layout is not Layout.WIDE or header.who or header.pairs:
        return None
    if header.is_queensland or ticks_column(header.names) >= 0 or is_vscapture(lines, header):
        return None
    under, units = header.line + 1, None
    try:
        got = cells(lines[under], header.delimiter) if under < len(lines) else []
    except ValueError:
        return None
    if len(got) == len(header.names):
        units = units_row(header, got, options)
    begin = sum(map(len, head[: under + (units is not None)]))
    return _Found(units or header, header, begin)


def _read(source: TableBytes, size: int, found: _Found, options: Options, kind: Kinds) -> Columns | None:
    limits, header = options.limits, found.header
    if not header.fields:
        return None
    used = _slice([field.index for field in header.fields])
    said = options.overrides.decimal_mark or ("." if header.delimiter == "," else "")
    mark = DecimalMark(said)
    numbers = Numbers(header.fields, mark, kind)
    times, cut = None, _Cut(header, limits.line)
    marks, events, last = Marks(options), Events(header), LastColumn(header)
    rows, is_cut = 0, False
    instants = np.empty(0, np.int64)
    values: NDArray[Any] = np.empty((len(header.fields), 0), kind)
    for block in source.blocks(found.begin, limits.line):
        if times is None:
            times = times_of(cut.first(block), header, options, mark)
        ends, sizes = cut.cells(block)
        count = ends.shape[1]
        if rows + count > len(instants):
            # As long as the rest of the file, if its rows are as long as these; what is not used costs nothing.
            most = rows + max(count, int(1.02 * count * size / block.size))
            instants, values = _longer(instants, most), _longer(values, most)
        until = rows + count
        if until > limits.rows or until * len(values) > limits.readings:
            return None
        events.see(block, ends, sizes, rows)
        if marks.of(header):
            take_block(marks, block, ends, sizes, header)
        when = slice(header.time[0], header.time[0] + len(header.time))
        times.read(block, ends[when], sizes[when], instants[rows:until])
        numbers.read(block, ends[used], sizes[used], values[:, rows:until])
        if source.may_be_cut:
            last.see(block, ends, sizes, values[:, rows:until])
        is_cut = block.is_cut
        rows = until
    if not rows or times is None:
        return None
    cut_off = last.leave_out(header.fields, values[:, :rows]) if is_cut else ""
    instants, columns = instants[:rows], tuple(values[:, :rows])
    reader = times.finish(instants)
    if reader.kind is Kind.JAVA:
        return None  # there a 0.0 is no value
    regular = in_steps(instants)
    if regular is None and (instants[1:] < instants[:-1]).any():
        return None
    if not reader.relative and (instants[0] < instant.EARLIEST or instants[-1] > instant.LATEST):
        return None
    if _are_times_open(reader, header, instants, regular, options):
        return None
    if any(map(_is_unit_open, header.fields, columns)):
        return None
    fields = tuple(zip(header.fields, columns, strict=True))
    return Columns(
        header, found.named, instants, regular, fields, reader, times.first, mark.found, cut_off, events, marks
    )


class _Cut:
    """Cuts the blocks of one table into cells."""

    def __init__(self, header: Header, longest: int) -> None:
        self._header, self._longest = header, longest
        self._known = 0

    def first(self, block: Block) -> tuple[str, ...]:
        """The time of the first row, a cell each column."""
        header, line = self._header, block.first()
        try:
            got = cells(line.decode(), header.delimiter)
        except ValueError:
            raise Unfit from None
        begin, *more = header.time
        if len(got) != len(header.names) or more not in ([], [begin + 1]):
            raise Unfit
        first = line.find(header.delimiter.encode())
        if begin == 0 and 0 < first < _WIDEST:
            self._known = first
        return tuple(got[place] for place in header.time)

    def cells(self, block: Block) -> tuple[Places, Sizes]:
        """As `Block.split`. Times in the first column are mostly as long as the first is; in them no mark can hide,
        since all that is not as in the row above is looked at."""
        delimiter, width = ord(self._header.delimiter), len(self._header.names)
        if self._known:
            try:
                return block.split(delimiter, width, self._longest, self._known)
            except Unfit:
                self._known = 0
        return block.split(delimiter, width, self._longest)


def _are_times_open(
    reader: TimeReader, header: Header, times: NDArray[np.int64], regular: Regular | None, options: Options
) -> bool:
    """Whether what the times mean must be asked, or rests on each of them."""
    if reader.kind is Kind.SECONDS and not header.says_scale and not options.overrides.time_unit:
        if not is_unit_said(header):
            return True
        if may_count_ticks(header) and (np.diff(times) > SLOWEST * instant.SECOND).any():
            return True
    if not reader.naive or options.zone is not UTC or len(times) < 2:
        return False
    steps = np.diff(times) if regular is None else np.array([regular.step])
    # A clock that was set forward leaves an hour out, one that was set back shows in slow rows.
    return bool(steps.max() > instant.HOUR or np.partition(steps, len(steps) // 2)[len(steps) // 2] > _SLOW)


def _longer(column: NDArray[Any], most: int) -> NDArray[Any]:
    """`column`, or several, with room for `most` rows, whose memory is not touched yet."""
    longer = np.empty((*column.shape[:-1], most), column.dtype)
    longer[..., : column.shape[-1]] = column
    return longer


def _slice(places: list[int]) -> slice | list[int]:
    """`places`, as a slice where they follow each other, which copies nothing."""
    first, last = min(places), max(places)
    return slice(first, last + 1) if places == list(range(first, last + 1)) else places


def _is_unit_open(one: Field, found: Values) -> bool:
    """As `judging.ask_units` asks."""
    asked = unit_asked(one)
    if asked is None or np.fmin.reduce(found) > asked[1]:
        return False
    there = doubles(found[(found == found) & (found != 0)])
    return len(there) > 0 and bool(asked[0] <= np.median(there) <= asked[1])
