"""A text table straight to columns, where nothing in it needs judging: the same numbers, read faster.

Only what reads the same in every way is taken: numbers and the usual marks for none, rows as long as the header or
longer as its logger's are. Lines that are no rows are taken out first, where there are such, and rows without a time or
in an hour in which a clock was changed. All else (a quote within a cell, a header with other columns) is left to
`reader`, which tells of it: whoever gets None goes there. The file is read in blocks, so that memory holds the columns
and little else.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from devices.recordings.delimited.cells import TooLong
from devices.recordings.delimited.head import Found, head_of
from devices.recordings.delimited.joined import Joined
from devices.recordings.delimited.long import read_long
from devices.recordings.delimited.odd_lines import Sifted
from devices.recordings.delimited.parts import parts_of
from devices.recordings.delimited.settled import Columns
from devices.recordings.delimited.table_rows import Several, TableRows, choose_rows
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.delimited.untimed import Untimed
from devices.recordings.delimited.utf8 import Source, TableBytes
from devices.recordings.delimited.wide import read_wide
from devices.recordings.options import Options
from devices.recordings.tables.columns import say_utc
from devices.recordings.tables.header import PREAMBLE, Layout
from devices.recordings.tables.times import zoned

if TYPE_CHECKING:
    Kinds = type[np.float32] | type[np.float64]


def columns_of(path: Path, options: Options) -> Columns | None:
    """The table in the file `path`, or in all parts of its case, as columns; None where it must be read row by row.

    Raises:
        ChoiceNeeded: its rows are of several patients, and none was chosen.
        RecordingError: the chosen one is not among them.
        OSError: the file cannot be read.
    """
    said = options.overrides
    if said.missing or said.collapse is not None or said.first_day is not None:
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
        if len(paths) > 1:
            return _of(Joined(paths, found, options), size, found, options)
        return _of(source, size, found, options) or _of(Sifted(source, found, options), size, found, options)
    except Unfit:
        return None


def _of(source: Source, size: int, found: Found, options: Options) -> Columns | None:
    try:
        rows = TableRows(source, found, options)
        try:
            return _in_rows(rows, size, found, options)
        except Untimed as untimed:
            return None if found.header.layout is Layout.LONG else _in_rows(rows.without(untimed), size, found, options)
        except Several:
            chosen = choose_rows(source, found, options)
            return _in_rows(TableRows(source, found, options, chosen), size, found, options)
    except Unfit:
        return None


def _in_rows(rows: TableRows, size: int, found: Found, options: Options) -> Columns | None:
    read = read_long if found.header.layout is Layout.LONG else read_wide
    try:
        return read(rows, size, found, options, np.float32)
    except TooLong:
        return read(rows.anew(), size, found, options, np.float64)
