"""What is judged of a wide text table in columns once its cells are read: rows that are averages, when its rows were,
what holds no numbers; as `tables.wide` does row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.head import Found
from devices.recordings.delimited.oximeters import leave_marks_out
from devices.recordings.delimited.ticks import Ticks
from devices.recordings.delimited.trends import Trends
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.options import Options
from devices.recordings.patients.marks import Marks
from devices.recordings.recording import Builder
from devices.recordings.tables.columns import ticks_column
from devices.recordings.tables.judging import CURVE, INTERVALS, leave_out
from devices.recordings.tables.judging_columns import curves_in, intervals_in
from devices.recordings.tables.pairs import perhaps_pairs
from devices.recordings.tables.ticks import tell_restart
from devices.recordings.tables.wide import NO_SIGNAL, tell_trends

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes
    from devices.recordings.tables.header import Field, Header

    Values = NDArray[np.float32] | NDArray[np.float64]
    Fields = Sequence[tuple[Field, Values]]


class Judged(Struct, frozen=True):
    """What was judged of one table.

    Attributes:
        kept: the numbers of the rows that are of an instant; None: all are.
        written: the times of all rows as they are written.
        restarts: the rows in which a monitor's counter began again.
        curves, intervals: the names of the columns that are curves, or times between beats.
        marks: so many values were an oximeter's marks for none.
    """

    kept: NDArray[np.int32] | None
    written: NDArray[np.int64]
    restarts: Sequence[int]
    curves: Sequence[str]
    intervals: Sequence[str]
    marks: int

    @property
    def gone(self) -> Sequence[str]:
        """The names of the columns that are left out."""
        return [*self.curves, *self.intervals]

    @property
    def times(self) -> NDArray[np.int64]:
        """Those of `written` that are of the rows `kept`."""
        return self.written if self.kept is None else self.written[self.kept]

    def numbers(self, values: Fields) -> Fields:
        """The columns that hold numbers."""
        gone = self.gone
        return [each for each in values if each[0].name not in gone] if gone else values

    def tell(self, values: Fields, numbers: Sequence[int] | NDArray[np.int32], into: Builder) -> None:
        """Tells what of the `values` is left out, and the restarts. `numbers`: of the rows in the table."""
        if self.kept is not None:
            tell_trends(len(self.written) - len(self.kept), into)
        for row in self.restarts:
            tell_restart(int(self.written[row]), int(numbers[row]), into)
        fields = {field.name: field for field, _ in values}
        leave_out(fields, self.curves, CURVE, into)
        leave_out(fields, self.intervals, INTERVALS, into)
        if self.marks:
            into.counts.refuse(NO_SIGNAL, self.marks)


class Judge:
    """Looks at the blocks of one table, and judges it.

    `header`: of the cells that are looked at. `marks`: filled with what stands in its other columns.
    """

    def __init__(self, found: Found, header: Header, options: Options, marks: Marks) -> None:
        pairs = [name for name in perhaps_pairs(header) if name not in options.mapping]
        self._pairs = [header.names.index(name) for name in pairs]
        self._trends = Trends(header) if found.is_vscapture else None
        self._counter = ticks_column(header.names)
        self._ticks = Ticks() if self._counter >= 0 else None
        self._marks = marks

    def see(self, block: Block, ends: Places, sizes: Sizes) -> None:
        """Notes a block, whose cells are (column, row).

        Raises:
            Unfit: a column may hold pressures as ``120/80``, which are two; a cell in it is not clear.
        """
        if self._pairs and block.holds_in(b"/", ends[self._pairs], sizes[self._pairs]):
            raise Unfit
        if self._trends is not None:
            if block.is_cut:
                raise Unfit
            self._trends.see(block, ends, sizes)
        if self._ticks is not None:
            self._ticks.see(block, ends[[self._counter]], sizes[[self._counter]])

    def judge(self, times: NDArray[np.int64], values: Fields) -> tuple[NDArray[np.int64], Fields, Judged]:
        """The times and the values of the rows that are of an instant, and what was judged of all.

        Args:
            values: an oximeter's marks are taken out of them.

        Raises:
            Unfit: rows of one time may tell patients apart.
        """
        written, kept = times, None
        marks = leave_marks_out(values)
        restarts: list[int] = []
        if self._trends is not None:
            kept = self._trends.others(times, values)
        if kept is not None:
            times, values = times[kept], [(field, column[kept]) for field, column in values]
        if self._ticks is not None:
            times, restarts = self._ticks.respaced(times)
            if (written[1:] <= written[:-1]).any() and self._marks.are_there:
                raise Unfit
        curves = curves_in(values, times)
        intervals = intervals_in([each for each in values if each[0].name not in curves])
        return times, values, Judged(kept, written, restarts, curves, intervals, marks)
