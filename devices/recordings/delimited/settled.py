"""A text table in columns: what was read, and what must be clear before anybody reads it so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from devices import instant
from devices.recordings.delimited.events import Events
from devices.recordings.delimited.judged import Judged
from devices.recordings.delimited.pairs import Pairs
from devices.recordings.delimited.refused import Refused
from devices.recordings.delimited.refused_rows import RefusedRows
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.delimited.untimed import UntimedRows
from devices.recordings.delimited.whose import Named
from devices.recordings.options import Options
from devices.recordings.patients.marks import Marks
from devices.recordings.recording import Builder
from devices.recordings.tables.header import Field, Header
from devices.recordings.tables.method_columns import settled
from devices.recordings.tables.methods import Method
from devices.recordings.tables.order import as_written
from devices.recordings.tables.reading import SLOWEST, is_unit_said, may_count_ticks
from devices.recordings.tables.stamps import Kind
from devices.recordings.tables.times import TimeReader
from devices.recordings.tables.wide_columns import Regular, SampleRows, in_steps, rows_used

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float32] | NDArray[np.float64]


class Long(Struct, frozen=True):
    """What the rows of a long table say besides their values.

    Attributes:
        called: the signals by their names, as `quantities.tell_quantities` takes them. challenge: as there.
        rows: which of the rows the samples are of.
        left_out: how many rows were not read, by reason. refused: rows whose values were refused.
        record: the number of the record that a row says, None if none does.
        standing: the numbers of the rows in which the values of each column stand; empty where no marks are judged.
        have_more: the names of pairs behind which more stands.
    """

    called: Mapping[str, str]
    challenge: bool
    rows: SampleRows
    left_out: Mapping[str, int]
    refused: RefusedRows
    record: str | None
    standing: tuple[NDArray[np.int32], ...]
    have_more: tuple[str, ...]


class Columns(Struct, frozen=True):
    """A table's rows, or a long table's samples; row n is the n-th of the file's data.

    Attributes:
        header, named: the header, and the same without what a row of units under it says.
        times: instants, or microseconds from the start, which do not go back. regular: the same, if they are.
        order: of each row its place among those of the file that were read, None: they stand so in it.
        values: of each signal column, in its signal's unit, NaN where there is none and 0 where there was no signal
            (32-bit floats: see `series.doubles`).
        reader: how the times were read. first: the first as written.
        mark: as `texts.decimal_mark`.
        cut_off: the column whose last value was left out, since it may be cut; "" if none was.
        events: what stands in the column of events. marks: what stands in the columns that are not read.
        count: so many rows the file has. long: what else a long table's rows say. refused: cells of a wide one.
        part: which rows of a wide one were read, None: all. who: whom all rows name, None if no column does.
        judged: what was judged of a wide one, some of whose rows or columns may be left out.
        method: what pressures of unknown method were taken for.
        untimed: the rows of a wide one that were left out since they are of no instant.
        rows_refused: what was told of rows that were refused whole. pairs: the columns that hold pressures as
            ``120/80``; the `header` has them whole.
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
    count: int
    long: Long | None = None
    refused: Refused | None = None
    part: NDArray[np.int32] | None = None
    who: Named | None = None
    judged: Judged | None = None
    order: NDArray[np.int32] | None = None
    method: Method | None = None
    untimed: UntimedRows | None = None
    rows_refused: Builder | None = None
    pairs: Pairs | None = None

    @property
    def numbered(self) -> NDArray[np.int32] | None:
        """The numbers of the rows that were read, of a long one of its samples, as they are written; None: 0, 1 and so
        on."""
        if self.long is not None:
            return None if self.long.rows.first is None else self.as_written(self.long.rows.first)
        judged = None if self.judged is None else self.judged.kept
        if self.part is None:
            return judged
        return self.part if judged is None else self.part[judged]

    @property
    def kept(self) -> NDArray[np.int32] | None:
        """The same in the order of the times."""
        numbered = self.numbered
        return numbered if self.order is None else self.order if numbered is None else numbered[self.order]

    def as_written(self, column: NDArray[Any]) -> NDArray[Any]:
        """A `column` of these rows as they follow each other in the file."""
        return as_written(column, self.order)

    @property
    def rows(self) -> SampleRows | None:
        """Which rows the samples are, where that must be said."""
        if self.long is not None:
            return self.long.rows
        kept = self.kept
        if kept is None and len(self.numbers) == len(self.values):
            return None
        return SampleRows(kept, rows_used([column for _, column in self.values]))

    @property
    def numbers(self) -> Sequence[tuple[Field, Values]]:
        """The `values` without those that are left out, as the signals that they are."""
        return settled(self.values if self.judged is None else self.judged.numbers(self.values), self.method)


def settle(reader: TimeReader, header: Header, times: NDArray[np.int64], options: Options) -> Regular | None:
    """The `times` of a whole table, as they are written, as `Regular`, if they are.

    Raises:
        Unfit: it is to be asked or told row by row what they mean.
    """
    regular = in_steps(times)
    if reader.kind is Kind.JAVA:
        raise Unfit  # there a 0.0 is no value
    if regular is None and reader.kind is Kind.ELAPSED and (times[1:] < times[:-1]).any():
        raise Unfit  # they may pass midnight
    if not reader.relative and (times.min() < instant.EARLIEST or times.max() > instant.LATEST):
        raise Unfit
    if reader.kind is Kind.SECONDS and not header.says_scale and not options.overrides.time_unit:
        if not is_unit_said(header):
            raise Unfit
        if may_count_ticks(header) and (np.diff(times) > SLOWEST * instant.SECOND).any():
            raise Unfit
    return regular


def longer(column: NDArray[Any], most: int) -> NDArray[Any]:
    """`column`, or several, with room for `most` rows, whose memory is not touched yet."""
    found = np.empty((*column.shape[:-1], most), column.dtype)
    found[..., : column.shape[-1]] = column
    return found
