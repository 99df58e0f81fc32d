"""A wide text table straight to columns, where nothing in it needs judging: the same numbers, read faster.

Only what reads the same in every way is taken: one column of ISO times that never go back, numbers and the usual
marks for none, every row as long as the header, every line ended. All else (quotes, local times of a zone, several
patients, a second header, a cut row, a cell that is no number) is left to `delimited`, which tells of it: whoever
gets None goes there. The file is read in blocks, so that memory holds the columns and little else.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from devices.recordings.overrides import Overrides
from devices.recordings.rows import is_vscapture
from devices.recordings.series import doubles
from devices.recordings.table_blocks import AHEAD, Block, Unfit
from devices.recordings.table_cells import Numbers, TooLong
from devices.recordings.table_times import Times
from devices.recordings.wide_columns import Regular, in_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float32] | NDArray[np.float64]
    Kind = type[np.float32] | type[np.float64]

_MARK = b"\xef\xbb\xbf"
_HEAD = 1 << 16
_SLOW = 10 * instant.MINUTE
_BLOCK = 1 << 21


class Columns(Struct, frozen=True):
    """A table's rows: `times` are instants, ascending, `regular` the same if they are; `values` of each signal column,
    in its signal's unit, NaN where there is none and 0 where there was no signal (32-bit floats: see
    `series.doubles`); row n is the n-th of the file's data. `naive`: the times have no offset. `marks`: what stands in
    the columns that are not read."""

    header: Header
    times: NDArray[np.int64]
    regular: Regular | None
    values: tuple[tuple[Field, Values], ...]
    naive: bool
    marks: Marks


def columns_of(path: Path, options: Options) -> Columns | None:
    """The table in the file `path` as columns, None where it must be read row by row.

    Raises:
        OSError: the file cannot be read.
    """
    plain = Overrides(columns=options.overrides.columns, one_patient=options.overrides.one_patient)
    if options.patient is not None or options.start is not None or options.overrides != plain:
        return None
    size = path.stat().st_size
    if size > options.limits.text_bytes:
        return None
    with path.open("rb") as file:
        head = file.read(_HEAD)
    found = _header(head, options)
    if found is None:
        return None
    header, begin = found
    try:
        try:
            return _read(path, begin, size, header, options, np.float32)
        except TooLong:
            return _read(path, begin, size, header, options, np.float64)
    except Unfit:
        return None


def _header(head: bytes, options: Options) -> tuple[Header, int] | None:
    """The header among the first bytes of a file, and where the rows begin."""
    start = len(_MARK) if head.startswith(_MARK) else 0
    written = head[start:].split(b"\n", PREAMBLE)[:-1]  # the last may be cut
    if any(not line.isascii() for line in written):
        return None  # in which encoding, the whole file tells
    lines = [f"{line.decode().rstrip(chr(13))}\n" for line in written]
    try:
        header = find_header(lines, options, "")
    except RecordingError:
        return None  # it is told by whoever reads row by row
    if header.layout is not Layout.WIDE or len(header.time) != 1 or header.who or header.event >= 0 or header.pairs:
        return None
    if header.says_scale or header.is_queensland or ticks_column(header.names) >= 0 or is_vscapture(lines, header):
        return None
    return header, start + sum(len(line) + 1 for line in written[: header.line + 1])


def _read(path: Path, begin: int, size: int, header: Header, options: Options, kind: Kind) -> Columns | None:
    limits = options.limits
    delimiter, width, place = ord(header.delimiter), len(header.names), header.time[0]
    used = _slice([field.index for field in header.fields])
    numbers = Numbers(header.fields, kind)
    times: Times | None = None
    marks = Marks(options)
    rows = 0
    instants = np.empty(0, np.int64)
    values: NDArray[Any] = np.empty((len(header.fields), 0), kind)
    for block in _blocks(path, begin, limits.line):
        if times is None:
            times = Times(block.first(delimiter, place))
            if times.naive and options.zone is not UTC:
                return None  # its clock changes are looked for row by row
        # Times in the first column are checked byte by byte, so no mark can hide in them.
        ends, sizes = block.split(delimiter, width, limits.line, 0 if place else times.width)
        count = ends.shape[1]
        if rows + count > len(instants):
            # As long as the rest of the file, if its rows are as long as these; what is not used costs nothing.
            most = rows + max(count, int(1.02 * count * size / block.size))
            instants, values = _longer(instants, most), _longer(values, most)
        until = rows + count
        if until > limits.rows or until * len(values) > limits.readings:
            return None
        if marks.of(header):
            take_block(marks, block, ends, sizes, header)
        times.read(block, ends[place], sizes[place], instants[rows:until])
        numbers.read(block, ends[used], sizes[used], values[:, rows:until])
        rows = until
    if not rows or times is None:
        return None
    instants, columns = instants[:rows], tuple(values[:, :rows])
    if instants[0] < instant.EARLIEST or instants[-1] > instant.LATEST:
        return None
    regular = in_steps(instants)
    if regular is None and (instants[1:] < instants[:-1]).any():
        return None
    if times.naive and rows > 1:
        steps = np.diff(instants) if regular is None else np.array([regular.step])
        # A clock that was set forward leaves an hour out, one that was set back shows in slow rows: judged row by row.
        if steps.max() > instant.HOUR or np.partition(steps, len(steps) // 2)[len(steps) // 2] > _SLOW:
            return None
    if any(map(_is_unit_open, header.fields, columns)):
        return None
    return Columns(header, instants, regular, tuple(zip(header.fields, columns, strict=True)), times.naive, marks)


def _longer(column: NDArray[Any], most: int) -> NDArray[Any]:
    """`column`, or several, with room for `most` rows, whose memory is not touched yet."""
    longer = np.empty((*column.shape[:-1], most), column.dtype)
    longer[..., : column.shape[-1]] = column
    return longer


def _blocks(path: Path, begin: int, longest: int) -> Iterator[Block]:
    """The rows of the file in blocks of whole lines; each block is overwritten by the next."""
    buffer = bytearray(AHEAD + min(_BLOCK, path.stat().st_size) + AHEAD)
    held = AHEAD
    with path.open("rb", buffering=0) as file:
        file.seek(begin)
        while count := file.readinto(memoryview(buffer)[held:-AHEAD]):
            until = held + count
            end = buffer.rfind(b"\n", held, until) + 1
            held = until
            if end:
                yield Block(buffer, end - AHEAD)
                held = AHEAD + until - end
                buffer[AHEAD:held] = buffer[end:until]
            elif held - AHEAD > longest:
                raise Unfit
            if held == len(buffer) - AHEAD:
                buffer = buffer + bytes(len(buffer))
    if held > AHEAD:
        raise Unfit  # a line that nothing ends may be cut


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
