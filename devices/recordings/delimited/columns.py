"""A text table straight to columns, where nothing in it needs judging: the same numbers, read faster.

Only what reads the same in every way is taken: times that never go back, numbers and the usual marks for none, every
row as long as the header, every line ended. All else (a quote within a cell, an hour in which a clock was changed,
several patients, a second header, a cut row) is left to `reader`, which tells of it: whoever gets None goes there. The
file is read in blocks, so that memory holds the columns and little else.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from devices.recordings.delimited.cells import Numbers, TooLong
from devices.recordings.delimited.events import Events
from devices.recordings.delimited.head import Cut, Found, head_of, mark_of
from devices.recordings.delimited.last_column import LastColumn
from devices.recordings.delimited.long import read_long
from devices.recordings.delimited.refused import Refused
from devices.recordings.delimited.settled import Columns, is_unit_open, longer, settle
from devices.recordings.delimited.times import times_of
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.delimited.utf8 import TableBytes
from devices.recordings.options import Options
from devices.recordings.patients.mark_columns import take_block
from devices.recordings.patients.marks import Marks
from devices.recordings.tables.header import PREAMBLE, Layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Kinds = type[np.float32] | type[np.float64]


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
    found = head_of(source.head(PREAMBLE + 1), options)
    if found is None:
        return None
    read = read_long if found.header.layout is Layout.LONG else _read
    try:
        try:
            return read(source, size, found, options, np.float32)
        except TooLong:
            return read(source, size, found, options, np.float64)
    except Unfit:
        return None


def _read(source: TableBytes, size: int, found: Found, options: Options, kind: Kinds) -> Columns | None:
    limits, header = options.limits, found.header
    if not header.fields:
        return None
    used = _slice([field.index for field in header.fields])
    mark = mark_of(header, options)
    refused = Refused()
    numbers = Numbers(header.fields, mark, kind, refused, source.is_guessed, with_units=True)
    times, cut = None, Cut(header, limits.line)
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
            instants, values = longer(instants, most), longer(values, most)
        until = rows + count
        refused.first = rows
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
    if is_cut and refused:
        return None
    cut_off = last.leave_out(header.fields, values[:, :rows]) if is_cut else ""
    instants, columns = instants[:rows], tuple(values[:, :rows])
    reader = times.finish(instants)
    fields = tuple(zip(header.fields, columns, strict=True))
    regular = settle(reader, header, instants, fields, options)
    if any(map(is_unit_open, header.fields, columns)):
        return None
    return Columns(
        header,
        found.named,
        instants,
        regular,
        fields,
        reader,
        times.first,
        mark.found,
        cut_off,
        events,
        marks,
        rows,
        refused=refused,
    )


def _slice(places: list[int]) -> slice | list[int]:
    """`places`, as a slice where they follow each other, which copies nothing."""
    first, last = min(places), max(places)
    return slice(first, last + 1) if places == list(range(first, last + 1)) else places
