"""A text table in columns: what was read, and what must be clear before anybody reads it so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from devices import instant
from devices.recordings.codes import is_silent
from devices.recordings.delimited.events import Events
from devices.recordings.delimited.judged import Judged
from devices.recordings.delimited.refused import Refused
from devices.recordings.delimited.refused_rows import RefusedRows
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.delimited.whose import Named
from devices.recordings.options import Options
from devices.recordings.patients.marks import Marks
from devices.recordings.series import doubles
from devices.recordings.tables.clock_changes import is_change_in
from devices.recordings.tables.header import Field, Header
from devices.recordings.tables.judging import unit_asked
from devices.recordings.tables.reading import SLOWEST, is_unit_said, may_count_ticks
from devices.recordings.tables.stamps import Kind
from devices.recordings.tables.times import TimeReader
from devices.recordings.tables.wide_columns import Regular, SampleRows, in_steps, rows_used
from devices.signals import NIBP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float32] | NDArray[np.float64]

_SLOW = 10 * instant.MINUTE


class Long(Struct, frozen=True):
    """What the rows of a long table say besides their values.

    Attributes:
        called: the signals by their names, as `quantities.tell_quantities` takes them. challenge: as there.
        rows: which of the rows the samples are of.
        left_out: how many rows were not read, by reason. refused: rows whose values were refused.
        record: the number of the record that a row says, None if none does.
        standing: the numbers of the rows in which the values of each column stand; empty where no marks are judged.
    """

    called: Mapping[str, str]
    challenge: bool
    rows: SampleRows
    left_out: Mapping[str, int]
    refused: RefusedRows
    record: str | None
    standing: tuple[NDArray[np.int32], ...]


class Columns(Struct, frozen=True):
    """A table's rows, or a long table's samples; row n is the n-th of the file's data.

    Attributes:
        header, named: the header, and the same without what a row of units under it says.
        times: instants, ascending, or microseconds from the start. regular: the same, if they are.
        values: of each signal column, in its signal's unit, NaN where there is none and 0 where there was no signal
            (32-bit floats: see `series.doubles`).
        reader: how the times were read. first: the first as written.
        mark: as `texts.decimal_mark`.
        cut_off: the column whose last value was left out, since it may be cut; "" if none was.
        events: what stands in the column of events. marks: what stands in the columns that are not read.
        count: so many rows the file has. long: what else a long table's rows say. refused: cells of a wide one.
        part: which rows of a wide one were read, None: all. who: whom all rows name, None if no column does.
        judged: what was judged of a wide one, some of whose rows or columns may be left out.
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

    @property
    def kept(self) -> NDArray[np.int32] | None:
        """The numbers of the rows of a wide one that the times are of, None: all are."""
        judged = None if self.judged is None else self.judged.kept
        assert self.part is None or judged is None, "what is judged of a part is told by numbers of the whole table"
        return self.part if judged is None else judged

    @property
    def rows(self) -> SampleRows | None:
        """Which rows the samples are, where that must be said."""
        if self.long is not None:
            return self.long.rows
        if self.kept is None and (self.judged is None or not self.judged.curves):
            return None
        return SampleRows(self.kept, rows_used([column for _, column in self.values]))

    @property
    def numbers(self) -> Sequence[tuple[Field, Values]]:
        """The `values` without those that are left out."""
        return self.values if self.judged is None else self.judged.numbers(self.values)


def settle(
    reader: TimeReader,
    header: Header,
    times: NDArray[np.int64],
    values: Sequence[tuple[Field, Values]],
    options: Options,
) -> Regular | None:
    """The `times` of a whole table with these `values` as `Regular`, if they are.

    Raises:
        Unfit: they go back, or it is to be asked or told row by row what they mean.
    """
    regular = in_steps(times)
    if reader.kind is Kind.JAVA:
        raise Unfit  # there a 0.0 is no value
    if regular is None and (times[1:] < times[:-1]).any():
        raise Unfit
    if not reader.relative and (times[0] < instant.EARLIEST or times[-1] > instant.LATEST):
        raise Unfit
    if reader.kind is Kind.SECONDS and not header.says_scale and not options.overrides.time_unit:
        if not is_unit_said(header):
            raise Unfit
        if may_count_ticks(header) and (np.diff(times) > SLOWEST * instant.SECOND).any():
            raise Unfit
    if reader.naive and options.zone is UTC and not options.zone_said and _may_show_a_change(times, values):
        raise Unfit
    return regular


def _may_show_a_change(times: NDArray[np.int64], values: Sequence[tuple[Field, Values]]) -> bool:
    """Whether the times of the readings may be such as a clock's change leaves them, see `clock_changes`.

    Rows that give none do not count there: empty ones, and those in which a cuff's value is shown again.
    """
    read, perhaps = np.zeros((2, len(times)), np.bool_)
    for field, column in values:
        if not field.own and field.signal in NIBP:
            perhaps |= column == column
        elif field.own or not is_silent(column):
            read |= column == column
            if read.all():
                return is_change_in(times)
    kept, shown = times[read], times[perhaps & ~read]
    if np.isin(shown, kept).all():  # what a sample more shows at a time, it shows whether others are there or not
        return is_change_in(np.sort(np.append(kept, shown)))
    steps = np.diff(kept, prepend=times[0], append=times[-1])
    steps = steps[steps > 0]
    # A clock that was set back shows in slow rows. A cuff's readings may cut each slow step into six, slow ones too.
    slow = int(np.count_nonzero(steps > _SLOW))
    if 6 * slow > max(0, len(steps) - 2 - slow):
        return True
    # One that was set forward leaves an hour out, at night. Where in a gap a cuff's readings stand is not known here.
    return bool((steps > instant.HOUR).any())


def longer(column: NDArray[Any], most: int) -> NDArray[Any]:
    """`column`, or several, with room for `most` rows, whose memory is not touched yet."""
    found = np.empty((*column.shape[:-1], most), column.dtype)
    found[..., : column.shape[-1]] = column
    return found


def is_unit_open(one: Field, found: Values) -> bool:
    """As `judging.ask_units` asks."""
    asked = unit_asked(one)
    if asked is None or np.fmin.reduce(found) > asked[1]:
        return False
    there = doubles(found[(found == found) & (found != 0)])
    return len(there) > 0 and bool(asked[0] <= np.median(there) <= asked[1])


def may_be_open(one: Field, found: Values) -> bool:
    """Whether the unit of a column may be open by some of its values: their median lies between two of them."""
    asked = unit_asked(one)
    there = found[(found == found) & (found != 0)]
    return asked is not None and len(there) > 0 and bool(there.min() <= asked[1] and there.max() >= asked[0])
