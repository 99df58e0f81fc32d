"""A wide text table straight to columns, by pyarrow, where nothing in it needs judging: the same numbers, read faster.

Only what reads the same in every way is taken: one column of ISO times that never go back, numbers and the usual
marks for none, every row as long as the header, every line ended. All else (quotes, local times of a zone, several
patients, a second header, a cut row, a cell that is no number) is left to `delimited`, which tells of it: whoever
gets None goes there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from devices import instant
from devices.errors import RecordingError
from devices.recordings.columns import ticks_column
from devices.recordings.header import PREAMBLE, Field, Header, Layout, find_header
from devices.recordings.judging import unit_asked
from devices.recordings.options import Options
from devices.recordings.overrides import Overrides
from devices.recordings.rows import is_vscapture
from devices.recordings.texts import LARGEST, MISSING
from devices.recordings.wide import BELOW_0

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_MARK = b"\xef\xbb\xbf"
_BLOCK = 1 << 20
_NONE = sorted({each for word in MISSING for each in (word, word.upper(), word.capitalize(), word.title())} | {"NaN"})


@dataclass(frozen=True, slots=True)
class Columns:
    """A table's rows: `times` are instants, ascending; `values` of each signal column, in its signal's unit, NaN where
    there is none and 0 where there was no signal; row n is the n-th of the file's data."""

    header: Header
    times: NDArray[np.int64]
    values: tuple[tuple[Field, NDArray[np.float64]], ...]
    naive: bool


def columns_of(path: Path, options: Options) -> Columns | None:
    """The table in the file `path` as columns, None where it must be read row by row.

    Raises:
        OSError: the file cannot be read.
    """
    plain = Overrides(columns=options.overrides.columns)
    if options.patient is not None or options.start is not None or options.overrides != plain:
        return None
    if path.stat().st_size > options.limits.text_bytes:
        return None
    data = path.read_bytes()
    start = len(_MARK) if data.startswith(_MARK) else 0
    if (
        not data.endswith(b"\n")
        or b'"' in data
        or b"\x00" in data
        or (b"\xef" in data and data.find(_MARK, start) >= 0)
    ):
        return None
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return None
    header = _header(data, start, options)
    if header is None:
        return None
    begin = start
    for _ in range(header.line + 1):
        begin = data.index(b"\n", begin) + 1
    table, naive = _table(data, begin, header, options)
    return None if table is None else _checked(table, header, naive, options)


def _header(data: bytes, start: int, options: Options) -> Header | None:
    head = data[start : start + (1 << 16)].split(b"\n")[: PREAMBLE + 1][:-1]
    if any(not line.isascii() for line in head):
        return None  # in which encoding, the whole file tells
    lines = [f"{line.decode().rstrip(chr(13))}\n" for line in head][:PREAMBLE]
    try:
        header = find_header(lines, options, "")
    except RecordingError:
        return None  # it is told by whoever reads row by row
    is_plain = header.layout is Layout.WIDE and len(header.time) == 1 and not header.who and header.event < 0
    odd = header.says_scale or header.is_queensland or ticks_column(header.names) >= 0 or is_vscapture(lines, header)
    return header if is_plain and not odd else None


def _table(data: bytes, begin: int, header: Header, options: Options) -> tuple[pa.Table | None, bool]:
    """The columns that are used, numbered as in the header, and whether their times have no offset."""
    try:
        import pyarrow as pa
        from pyarrow import csv
    except ImportError:
        return None, False
    first = data[begin : data.find(b"\n", begin)].split(header.delimiter.encode())
    if len(first) <= header.time[0]:
        return None, False
    cell = first[header.time[0]].strip()
    naive = not (cell.endswith((b"Z", b"z")) or cell[19:].find(b"+") >= 0 or cell[19:].find(b"-") >= 0)
    if naive and options.zone is not UTC:
        return None, False  # its clock changes are looked for row by row
    numbers = [str(place) for place in range(len(header.names))]
    types = {str(one.index): pa.float64() for one in header.fields}
    types[str(header.time[0])] = pa.timestamp("us", None if naive else "UTC")
    try:
        table = csv.read_csv(
            pa.BufferReader(pa.py_buffer(data).slice(begin)),
            csv.ReadOptions(use_threads=False, column_names=numbers, block_size=_BLOCK),
            csv.ParseOptions(delimiter=header.delimiter, quote_char=False),
            csv.ConvertOptions(
                column_types=types, include_columns=list(types), null_values=_NONE, timestamp_parsers=[csv.ISO8601],
            ),
        )  # fmt: skip
    except pa.ArrowException:
        return None, False
    return table, naive


def _checked(table: pa.Table, header: Header, naive: bool, options: Options) -> Columns | None:
    import pyarrow as pa

    column = table.column(str(header.time[0]))
    if column.null_count or not 0 < len(column) <= options.limits.rows:
        return None
    times: NDArray[np.int64] = column.cast(pa.int64()).to_numpy()
    if (times[1:] < times[:-1]).any() or times[0] < instant.EARLIEST or times[-1] > instant.LATEST:
        return None
    values: list[tuple[Field, NDArray[np.float64]]] = []
    for one in header.fields:
        column = table.column(str(one.index))
        found: NDArray[np.float64] = column.to_numpy()  # NaN where there is none
        lowest, highest = (np.fmin.reduce(found), np.fmax.reduce(found))
        held = len(found) - column.null_count
        if held and not (np.isfinite(lowest) and np.isfinite(highest) and highest < LARGEST and lowest > -LARGEST):
            return None
        if held and np.count_nonzero(found == found) != held:
            return None  # a number that is none, in a spelling that row by row is told of
        if held and lowest < 0 and one.signal not in BELOW_0:
            return None
        if held and _is_unit_open(one, found, lowest, highest):
            return None
        if one.convert.note:
            found = np.array([one.convert.apply(value) for value in found.tolist()])
        values.append((one, found))
    return Columns(header, times, tuple(values), naive)


def _is_unit_open(one: Field, found: NDArray[np.float64], lowest: float, highest: float) -> bool:
    asked = unit_asked(one)
    if asked is None or lowest > asked[1] or highest < asked[0]:
        return False
    there = found[(found == found) & (found != 0)]
    return len(there) > 0 and bool(asked[0] <= np.median(there) <= asked[1])
