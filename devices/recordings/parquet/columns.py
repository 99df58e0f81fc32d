"""A wide Parquet table straight to columns, where its types leave little to be judged.

One column of times without holes, of instants or in UTC, and columns of numbers. All else (a zone's local times, texts,
decimals, several patients) is read as rows, which gives the same where both can.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from devices import instant
from devices.recordings.names import PLAIN
from devices.recordings.options import Options
from devices.recordings.patients.mark_columns import judge_columns
from devices.recordings.readings.in_columns import ColumnReadings
from devices.recordings.readings.lazy import MANY
from devices.recordings.recording import LARGEST, Builder, Recording
from devices.recordings.series import DIGITS, Series, SeriesRecording, doubles
from devices.recordings.tables.columns import say_utc, zone_column
from devices.recordings.tables.header import Field, Header, Layout
from devices.recordings.tables.judging_columns import are_plain, curves_in, is_unit_open
from devices.recordings.tables.method_columns import method_in, settled
from devices.recordings.tables.methods import Method
from devices.recordings.tables.order import Clock, as_written, order_of, tell_order
from devices.recordings.tables.reading import explain_times, tell_zone
from devices.recordings.tables.stamps import Kind
from devices.recordings.tables.summaries import ENDS, statistic
from devices.recordings.tables.times import zoned
from devices.recordings.tables.wide import BELOW_0
from devices.recordings.tables.wide_columns import Regular, SampleRows, as_series, in_steps, rows_used, series_in

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    import pyarrow.parquet as pq
    from numpy.typing import DTypeLike, NDArray

    from devices.recordings.patients.marks import Marks

    Values = NDArray[np.float64] | NDArray[np.float32]

_LONG = 1_000_000
"""Rows from which on threads save more time than they cost."""
_FEW_DIGITS = 1024
"""Below it, a 32-bit float tells numbers of four decimals apart."""


class _Found(Struct, frozen=True):
    """The rows of one table, by time.

    Attributes:
        times: of them. order: as `order_of` gives it. naive: they say no zone.
        columns: of each signal column the values, in its signal's unit, NaN where there is none.
        method: what pressures of unknown method were taken for.
    """

    times: NDArray[np.int64] | Regular
    order: NDArray[np.int32] | None
    naive: bool
    columns: Sequence[tuple[Field, Values]]
    method: Method | None

    @property
    def rows(self) -> SampleRows | None:
        if self.order is None and (self.method is None or not self.method.has_own):
            return None
        return SampleRows(self.order, rows_used([column for _, column in self.columns]))

    @property
    def instants(self) -> NDArray[np.int64]:
        return self.times.instants() if isinstance(self.times, Regular) else self.times

    @property
    def begins(self) -> int:
        return self.times.first if isinstance(self.times, Regular) else int(self.times[0])


def in_columns(
    file: pq.ParquetFile, schema: pa.Schema, header: Header, wanted: list[str], options: Options, into: Builder,
    marks_of: Callable[[], Marks],
) -> SeriesRecording | None:  # fmt: skip
    """The table in `file`, which is of `schema`, in columns; None where it must be read as rows. `marks_of`: gives what
    stands in the columns that are not read.

    Raises:
        ChoiceNeeded: one of these tells patients apart, as it seems, or the times go as in a night of a clock change.
    """
    if (found := _found(file, schema, header, wanted, options)) is None:
        return None
    begins = found.begins // instant.SECOND * instant.SECOND
    options = zoned(header.time_names, options)
    series = _told(found, begins, header, options, into, marks_of)
    return as_series(series, begins, into, found.rows)


def readings_in_columns(
    file: pq.ParquetFile, schema: pa.Schema, header: Header, wanted: list[str], options: Options, into: Builder,
    marks_of: Callable[[], Marks],
) -> Recording | None:  # fmt: skip
    """The same with its readings in columns; None also where there are few. Arguments and errors as of `in_columns`."""
    if file.metadata.num_rows * len(header.fields) < MANY:
        return None
    if (found := _found(file, schema, header, wanted, options)) is None:
        return None
    options = zoned(header.time_names, options)
    series = _told(found, found.begins, header, options, into, marks_of)
    into.keep(ColumnReadings(found.instants, series, found.order))
    explain_times(header, Kind.ISO.value, found.naive, options, into)
    return into.build()


def _told(
    found: _Found, begins: int, header: Header, options: Options, into: Builder, marks_of: Callable[[], Marks]
) -> list[Series]:
    into.counts.rows = len(found.times)
    if (marks := marks_of()).are_there:
        written = [(field, as_written(column, found.order)) for field, column in found.columns]
        times = found.times if found.order is None else as_written(found.instants, found.order)
        judge_columns(marks, times, written, header, into)
    series = series_in(settled(found.columns, found.method), found.times, begins, into, found.rows, found.method)
    if found.naive:
        tell_zone(options, into)
    if found.order is not None or found.naive:
        clock = Clock(found.naive, says_utc=say_utc(header.time_names))
        tell_order(found.instants, found.order, None, clock, series, options, into)
    return series


def _found(
    file: pq.ParquetFile, schema: pa.Schema, header: Header, wanted: list[str], options: Options
) -> _Found | None:
    """The rows, None where they must be read as text."""
    import pyarrow as pa

    said = options.overrides
    if said.missing or said.collapse is not None or said.time_unit or said.first_day:
        return None
    if header.pairs or header.verdicts:
        return None
    plain = (
        header.layout is Layout.WIDE and not header.who and len(header.time) == 1 and len(set(wanted)) == len(wanted)
    )
    if not plain or options.patient is not None or options.start is not None:
        return None
    if file.metadata.num_rows > options.limits.rows:
        return None  # refused by the other way, in its own words
    if header.event >= 0 or any(key.startswith(b"risewatch.") for key in schema.metadata or {}):
        return None  # its events are told by the other way
    types = [schema.field(name).type for name in wanted]
    when = types[header.time[0]]
    if not pa.types.is_timestamp(when):
        return None
    if not when.tz and (zoned(header.time_names, options).zone is not UTC or zone_column(header.names) >= 0):
        return None
    if not all(_is_number(types[field.index]) for field in header.fields):
        return None
    table = file.read(columns=wanted, use_threads=file.metadata.num_rows > _LONG)
    times = _times(table.column(wanted[header.time[0]]))
    if times is None or any(_may_say_statistics(table.column(wanted[place])) for place in header.labels):
        return None
    columns: list[tuple[Field, Values]] = []
    for field in header.fields:
        values = _numbers(table.column(wanted[field.index]), field)
        if values is None:
            return None
        columns.append((field, values))
    order = None if isinstance(times, Regular) else order_of(times)
    if curves_in(columns, times) or any(is_unit_open(*each) for each in columns):
        return None
    if order is not None and not isinstance(times, Regular):
        times, columns = times[order], [(field, column[order]) for field, column in columns]
        times = in_steps(times) or times
    method = None
    if any(field.signal in PLAIN for field, _ in columns):
        method = method_in(columns, times.instants() if isinstance(times, Regular) else times)
    return _Found(times, order, not when.tz, columns, method) if are_plain(settled(columns, method)) else None


def _may_say_statistics(column: pa.ChunkedArray) -> bool:
    """Whether a column of texts may say that rows are statistics, as `without_summaries` looks for it."""
    ends = [column.slice(0, ENDS), column.slice(max(0, len(column) - ENDS))]
    return any(statistic(text) for end in ends for text in end.to_pylist() if isinstance(text, str))


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_float32(kind) or pa.types.is_float64(kind) or pa.types.is_integer(kind))


def _times(column: pa.ChunkedArray) -> NDArray[np.int64] | Regular | None:
    """Instants of a whole column, None where one is missing or is in no year that can be written."""
    import pyarrow as pa

    if column.null_count or not len(column):
        return None
    if column.type.unit != "us":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=column.type.unit != "ns")
    found: NDArray[np.int64] = _array(column, np.int64)
    if (regular := in_steps(found)) is not None:
        return regular if found[0] >= instant.EARLIEST and found[-1] <= instant.LATEST else None
    return found if found.min() >= instant.EARLIEST and found.max() <= instant.LATEST else None


def _numbers(column: pa.ChunkedArray, field: Field) -> NDArray[np.float64] | NDArray[np.float32] | None:
    """The numbers of a whole column in the signal's unit, NaN where there is none; None if they must be looked at."""
    import pyarrow as pa

    if pa.types.is_integer(column.type):
        column = column.cast(pa.float64(), safe=False)  # those beyond 53 bits are rounded, as Python rounds them
    values = np.empty(len(column), np.dtype(f"f{column.type.bit_width // 8}"))
    short = values.dtype == np.float32
    start, whole, few, most = 0, True, True, 0.0
    for chunk in filter(len, column.chunks):
        into = values[start : start + len(chunk)]
        held = _buffer(chunk, values.dtype)
        if not short or not _are_whole(held, into):
            into[:] = held
            whole = False
        if few and (top := _top(into)) is not None:
            most = max(most, top)
        else:
            few = False
        if chunk.null_count:
            into[_holes(chunk)] = np.nan
        start += len(chunk)
    lowest, highest = 0.0, most
    if not few:
        # With what stands where there is no number, or a NaN: without them, which takes four times as long.
        lowest, highest = float(np.fmin.reduce(values, initial=0)), float(np.fmax.reduce(values, initial=0))
    if lowest < 0 and field.signal not in BELOW_0:
        return None  # a mark for no value, refused and counted by the other way
    highest = max(-lowest, highest)
    if not highest < LARGEST or (short and not (highest < _FEW_DIGITS and (whole or _are_short(values)))):
        return None
    if field.convert.note:
        return field.convert.apply_to(doubles(values))
    return values


def _array(column: pa.ChunkedArray, kind: DTypeLike) -> NDArray[Any]:
    """The numbers of a column without holes. Not to be changed."""
    parts = [_buffer(chunk, kind) for chunk in column.chunks if len(chunk)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else np.empty(0, kind)


def _buffer(chunk: pa.Array, kind: DTypeLike) -> NDArray[Any]:
    """The numbers of a chunk; anything where there is none. Not to be changed; ``to_numpy`` would import pandas."""
    return np.frombuffer(chunk.buffers()[1], kind, len(chunk), chunk.offset * np.dtype(kind).itemsize)


def _holes(chunk: pa.Array) -> NDArray[np.int64]:
    """The places in a chunk where there is no number."""
    first = chunk.offset % 8
    marks = np.frombuffer(chunk.buffers()[0], np.uint8, -(-(first + len(chunk)) // 8), chunk.offset // 8)
    eights = (marks != 255).nonzero()[0]  # a byte is for eight numbers, and mostly all of them are there
    which, bit = (np.unpackbits(marks[eights], bitorder="little").reshape(-1, 8) == 0).nonzero()
    places: NDArray[np.int64] = eights[which] * 8 + bit - first
    return places[(places >= 0) & (places < len(chunk))]


def _top(values: NDArray[Any]) -> float | None:
    """The largest of `values`, None if one of them is below 0 (or -0), NaN or not below `_FEW_DIGITS`.

    The bits of floats, read as a whole number, are in the floats' order from 0 up; then come NaN and all with a sign.
    """
    top = values.view(f"u{values.itemsize}").max().view(values.dtype)
    return float(top) if top < _FEW_DIGITS and not np.signbit(top) else None


def _are_whole(held: NDArray[Any], into: NDArray[Any]) -> bool:
    """Whether `held` is of whole numbers throughout, which then are in `into` too."""
    np.rint(held, out=into)
    return not np.count_nonzero(into != held)


def _are_short(values: NDArray[np.float64] | NDArray[np.float32]) -> bool:
    """Whether each of `values` but NaN is the nearest to a number of few decimals, as its digits as text would show."""
    there = values[values == values]
    if (np.rint(there) == there).all():
        return True
    return bool((np.round(there.astype(np.float64), DIGITS).astype(np.float32) == there).all())
