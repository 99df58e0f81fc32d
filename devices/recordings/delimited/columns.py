"""A text table straight to columns, where nothing in it needs judging: the same numbers, read faster.

Only what reads the same in every way is taken: times that never go back, numbers and the usual marks for none, every
row as long as the header or longer as its logger's are, every line ended. All else (a quote within a cell, an hour in
which a clock was changed, a second header, a cut row) is left to `reader`, which tells of it: whoever gets None goes
there. The file is read in blocks, so that memory holds the columns and little else.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from devices.recordings.delimited.cells import Numbers, TooLong
from devices.recordings.delimited.events import Events
from devices.recordings.delimited.head import Found, head_of, mark_of
from devices.recordings.delimited.joined import Joined
from devices.recordings.delimited.judged import Judge
from devices.recordings.delimited.last_column import LastColumn
from devices.recordings.delimited.long import read_long
from devices.recordings.delimited.parts import parts_of
from devices.recordings.delimited.refused import Refused
from devices.recordings.delimited.settled import Columns, is_unit_open, longer, settle
from devices.recordings.delimited.table_rows import Several, TableRows, choose_rows
from devices.recordings.delimited.times import times_of
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.delimited.utf8 import TableBytes
from devices.recordings.options import Options
from devices.recordings.tables.columns import say_utc
from devices.recordings.tables.header import PREAMBLE, Layout
from devices.recordings.tables.times import zoned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Kinds = type[np.float32] | type[np.float64]


def columns_of(path: Path, options: Options) -> Columns | None:
    """The table in the file `path`, or in all parts of its case, as columns; None where it must be read row by row.

    Raises:
        ChoiceNeeded: its rows are of several patients, and none was chosen.
        RecordingError: the chosen one is not among them.
        OSError: the file cannot be read.
    """
    said = options.overrides
    if said.missing or said.collapse is not None:
        return None
    paths = list(parts_of(path).values())
    size = sum(each.stat().st_size for each in paths)
    if size > options.limits.text_bytes:
        return None
    source = TableBytes(paths[0])
    found = head_of(source.head(PREAMBLE + 1), options)
    if found is None or (options.patient is not None and not found.header.who):
        return None
    if len(paths) > 1 and (found.header.layout is Layout.LONG or found.header.who):
        return None
    options = zoned(found.header.time_names, options)
    if say_utc(found.header.time_names) and str(options.zone) != "UTC":
        return None
    try:
        source = source if len(paths) == 1 else Joined(paths, found, options)
        try:
            return _in_rows(TableRows(source, found, options), size, found, options)
        except Several:
            chosen = choose_rows(source, found, options)
            return _in_rows(TableRows(source, found, options, chosen), size, found, options)
    except Unfit:
        return None


def _in_rows(rows: TableRows, size: int, found: Found, options: Options) -> Columns | None:
    read = read_long if found.header.layout is Layout.LONG else _read
    try:
        return read(rows, size, found, options, np.float32)
    except TooLong:
        return read(rows.anew(), size, found, options, np.float64)


def _read(table: TableRows, size: int, found: Found, options: Options, kind: Kinds) -> Columns | None:
    header = found.header
    if not header.fields:
        return None
    used = _slice([field.index for field in header.fields])
    mark = mark_of(header, options)
    refused = Refused()
    numbers = Numbers(header.fields, mark, kind, refused, table.is_guessed, with_units=True)
    times, events, last = None, Events(header), LastColumn(header)
    judge = Judge(found, options, table.marks)
    kept: list[NDArray[np.int32]] = []
    rows, is_cut = 0, False
    instants = np.empty(0, np.int64)
    values: NDArray[Any] = np.empty((len(header.fields), 0), kind)
    for block, ends, sizes, places in table:
        if times is None:
            times = times_of(table.first, header, options, mark)
        count = ends.shape[1]
        if rows + count > len(instants):
            # As long as the rest of the file, if its rows are as long as these; what is not used costs nothing.
            most = rows + max(count, int(1.02 * count * size / block.size))
            instants, values = longer(instants, most), longer(values, most)
        until = rows + count
        refused.first = rows
        if until * len(values) > options.limits.readings:
            return None
        if not table.are_all:
            kept.append(np.asarray(places, np.int32))
        events.see(block, ends, sizes, rows)
        when = slice(header.time[0], header.time[0] + len(header.time))
        times.read(block, ends[when], sizes[when], instants[rows:until])
        numbers.read(block, ends[used], sizes[used], values[:, rows:until])
        if table.may_be_cut:
            last.see(block, ends, sizes, values[:, rows:until])
        judge.see(block, ends, sizes)
        is_cut = block.is_cut
        rows = until
    if not rows or times is None:
        return None
    if is_cut and refused:
        return None
    cut_off = last.leave_out(header.fields, values[:, :rows]) if is_cut else ""
    instants = instants[:rows]
    reader = times.finish(instants)
    every = tuple(zip(header.fields, values[:, :rows], strict=True))
    instants, fields, judged = judge.judge(instants, every)
    regular = settle(reader, header, instants, judged.numbers(fields), options)
    if any(is_unit_open(*each) for each in judged.numbers(fields)):
        return None
    return Columns(
        header,
        found.named,
        instants,
        regular,
        tuple(fields),
        reader,
        times.first,
        mark.found,
        cut_off,
        events,
        table.marks,
        table.count,
        refused=refused,
        part=None if table.are_all else np.concatenate(kept),
        who=table.named(),
        judged=judged,
    )


def _slice(places: list[int]) -> slice | list[int]:
    """`places`, as a slice where they follow each other, which copies nothing."""
    first, last = min(places), max(places)
    return slice(first, last + 1) if places == list(range(first, last + 1)) else places
