"""A wide Parquet table straight to columns, where its types leave nothing to be judged.

One column of instants with a zone, ascending and without holes, and columns of numbers. All else (local times, texts,
decimals, several patients, rows out of order) is read as rows, which gives the same where both can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from devices import instant
from devices.recordings.options import Options
from devices.recordings.patients.mark_columns import judge_columns
from devices.recordings.recording import LARGEST, Builder
from devices.recordings.series import DIGITS, SeriesRecording, doubles
from devices.recordings.tables.header import Field, Header, Layout
from devices.recordings.tables.wide import BELOW_0
from devices.recordings.tables.wide_columns import Regular, are_plain, curves_in, in_steps, read_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    import pyarrow.parquet as pq
    from numpy.typing import DTypeLike, NDArray

    from devices.recordings.patients.marks import Marks

_LONG = 1_000_000
"""Rows from which on threads save more time than they cost."""
_FEW_DIGITS = 1024
"""Below it, a 32-bit float tells numbers of four decimals apart."""


def in_columns(
    file: pq.ParquetFile,
    schema: pa.Schema,
    header: Header,
    wanted: list[str],
    options: Options,
    into: Builder,
    marks_of: Callable[[], Marks],
) -> SeriesRecording | None:
    """The table in `file`, which is of `schema`, in columns; None where it must be read as rows. `marks_of`: gives what
    stands in the columns that are not read.

    Raises:
        ChoiceNeeded: one of these tells patients apart, as it seems.
    """
    import pyarrow as pa

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
    if not pa.types.is_timestamp(when) or not when.tz:
        return None
    if not all(_is_number(types[field.index]) for field in header.fields):
        return None
    table = file.read(columns=wanted, use_threads=file.metadata.num_rows > _LONG)
    times = _times(table.column(wanted[header.time[0]]))
    if times is None:
        return None
    columns: list[tuple[Field, NDArray[np.float64] | NDArray[np.float32]]] = []
    for field in header.fields:
        values = _numbers(table.column(wanted[field.index]), field)
        if values is None:
            return None
        columns.append((field, values))
    if not are_plain(columns) or curves_in(columns, times):
        return None
    into.counts.rows = len(times)
    judge_columns(marks_of(), times, columns, header, into)
    begins = times.first if isinstance(times, Regular) else int(times[0])
    return read_columns(columns, times, begins // instant.SECOND * instant.SECOND, into)


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_float32(kind) or pa.types.is_float64(kind) or pa.types.is_integer(kind))


def _times(column: pa.ChunkedArray) -> NDArray[np.int64] | Regular | None:
    """Instants of a whole column, None where one is missing, goes back or is in no year that can be written."""
    import pyarrow as pa

    if column.null_count or not len(column):
        return None
    if column.type.unit != "us":
        column = column.cast(pa.timestamp("us", "UTC"), safe=column.type.unit != "ns")
    found: NDArray[np.int64] = _array(column, np.int64)
    if found[0] < instant.EARLIEST or found[-1] > instant.LATEST:
        return None
    if (regular := in_steps(found)) is not None:
        return regular
    return found if (found[1:] > found[:-1]).all() else None  # rows that go back are put in order by the other way


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
