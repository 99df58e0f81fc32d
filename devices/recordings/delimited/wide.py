"""A wide text table, one row an instant, straight to columns: what `tables.wide.read_wide` does row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from devices.recordings.delimited.apart import time_cells
from devices.recordings.delimited.cells import Numbers
from devices.recordings.delimited.events import Events
from devices.recordings.delimited.head import Found, mark_of
from devices.recordings.delimited.judged import Judge
from devices.recordings.delimited.last_column import LastColumn
from devices.recordings.delimited.refused import Refused
from devices.recordings.delimited.settled import Columns, longer, settle
from devices.recordings.delimited.table_rows import TableRows
from devices.recordings.delimited.times import times_of
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.options import Options
from devices.recordings.tables.judging_columns import has_marks, is_unit_open
from devices.recordings.tables.method_columns import method_in
from devices.recordings.tables.order import order_of
from devices.recordings.tables.wide_columns import in_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Block, Places, Sizes

    Kinds = type[np.float32] | type[np.float64]


def read_wide(table: TableRows, size: int, found: Found, options: Options, kind: Kinds) -> Columns | None:
    """The rows of `table`, a file of `size` bytes. `kind`: as `Numbers` takes it.

    Raises:
        Unfit: it must be read row by row.
    """
    rows = None
    for block, ends, sizes, numbers in table:
        if rows is None:
            rows = _Rows(table, size, found, options, kind)
        rows.take(block, ends, sizes, numbers)
    return None if rows is None else rows.finish()


class _Rows:
    """The rows of one table, block by block, from the first one on."""

    def __init__(self, table: TableRows, size: int, found: Found, options: Options, kind: Kinds) -> None:
        self._header = header = table.pairs.header
        if not header.fields:
            raise Unfit
        self._table, self._size, self._found, self._options = table, size, found, options
        self._used = _slice([field.index for field in header.fields])
        self._mark = mark = mark_of(header, options)
        self._refused = Refused()
        self._numbers = Numbers(header.fields, mark, kind, self._refused, table.is_guessed, with_units=True)
        self._times = times_of(table.first, header, options, mark)
        self._events, self._last = Events(header), LastColumn(header)
        self._judge = Judge(found, header, options, table.marks)
        self._kept: list[NDArray[np.int32]] = []
        self._count, self._is_cut = 0, False
        self._instants = np.empty(0, np.int64)
        self._values: NDArray[Any] = np.empty((len(header.fields), 0), kind)

    def take(self, block: Block, ends: Places, sizes: Sizes, numbers: NDArray[np.int64] | range) -> None:
        """Reads the rows of a block, whose cells are (column, row). `numbers`: of the rows in the table.

        Raises:
            Unfit: they must be read row by row.
        """
        first, until = self._count, self._count + ends.shape[1]
        if until > len(self._instants):
            # As long as the rest of the file, if its rows are as long as these; what is not used costs nothing.
            most = first + max(until - first, int(1.02 * (until - first) * self._size / block.size))
            self._instants, self._values = longer(self._instants, most), longer(self._values, most)
        self._refused.first = first
        values = self._values[:, first:until]
        if until * len(values) > self._options.limits.readings:
            raise Unfit
        if not self._table.are_all:
            self._kept.append(np.asarray(numbers, np.int32))
        self._events.see(block, ends, sizes, first)
        self._times.read(*time_cells(block, ends, sizes, self._header), self._instants[first:until])
        self._numbers.read(block, ends[self._used], sizes[self._used], values)
        if self._table.may_be_cut:
            self._last.see(block, ends, sizes, values)
        self._judge.see(block, ends, sizes)
        self._is_cut = block.is_cut
        self._count = until

    def finish(self) -> Columns | None:
        """What was read, once all rows were taken.

        Raises:
            Unfit: they must be read row by row.
        """
        header, table, options = self._header, self._table, self._options
        every = tuple(zip(header.fields, self._values[:, : self._count], strict=True))
        if self._is_cut and (self._refused or has_marks(every)):
            return None
        cut_off = self._last.leave_out(header.fields, self._values[:, : self._count]) if self._is_cut else ""
        instants = self._instants[: self._count]
        reader = self._times.finish(instants)
        if table.untimed is not None:
            table.untimed.settle(reader)
        instants, fields, judged = self._judge.judge(instants, every)
        if not len(instants):
            return None
        regular = settle(reader, header, instants, options)
        if any(is_unit_open(*each) for each in judged.numbers(fields)):
            return None
        order = None if regular is not None else order_of(instants)
        if order is not None:
            instants, fields = instants[order], [(field, column[order]) for field, column in fields]
            regular = in_steps(instants)
        return Columns(
            self._found.header,
            self._found.named,
            instants,
            regular,
            tuple(fields),
            reader,
            self._times.first,
            self._mark.found,
            cut_off,
            self._events,
            table.marks,
            table.count,
            refused=self._refused,
            part=None if table.are_all else np.concatenate(self._kept),
            who=table.named(),
            rows_refused=table.refused,
            untimed=table.untimed,
            pairs=table.pairs,
            judged=judged,
            order=order,
            method=method_in(judged.numbers(fields), instants),
        )


def _slice(places: list[int]) -> slice | list[int]:
    """`places`, as a slice where they follow each other, which copies nothing."""
    first, last = min(places), max(places)
    return slice(first, last + 1) if places == list(range(first, last + 1)) else places
