"""The rows of a table in columns in the order of their times, and what is told and asked of times that go back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from devices.recordings.options import Options
from devices.recordings.recording import Builder
from devices.recordings.tables.clock_changes import is_change_in
from devices.recordings.tables.doubtful_times import ask_second_recording, refuse_twelve_hours
from devices.recordings.tables.reading import ask_clock_change, may_show_a_change, tell_back
from devices.recordings.tables.rows import STEP_BACK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.series import Series

    Order = NDArray[np.int32]


def order_of(times: NDArray[np.int64]) -> Order | None:
    """The rows at `times` in the order of these, those of one time as they stand; None if all stand so."""
    return None if (times[1:] >= times[:-1]).all() else times.argsort(kind="stable").astype(np.int32)


def as_written(column: NDArray[Any], order: Order | None) -> NDArray[Any]:
    """A `column` that was put in an `order`, as its rows follow each other in the file."""
    if order is None:
        return column
    written = np.empty_like(column)
    written[order] = column
    return written


class Clock(Struct, frozen=True):
    """What the times of a table count from.

    Attributes:
        naive: they have no offset. relative: they count from a start. says_utc: the name of their column says so.
        of_each: each quantity may have rows of its own, one after the other.
    """

    naive: bool
    relative: bool = False
    says_utc: bool = False
    of_each: bool = False


def tell_order(
    times: NDArray[np.int64],
    order: Order | None,
    numbers: NDArray[np.int32] | None,
    clock: Clock,
    series: Sequence[Series],
    options: Options,
    into: Builder,
) -> None:
    """Tells how often the times of rows that gave readings go back, as the table was written.

    Args:
        times: of all rows, put in this `order`. numbers: of the rows as they were written, None: 0, 1 and so on.
        series: what was read; `place` as places in the times.

    Raises:
        ChoiceNeeded: they go as in a night of a clock change, or begin anew.
        RecordingError: they go as on a clock of twelve hours.
    """
    is_open = clock.naive and options.zone is UTC and not (options.zone_said or clock.says_utc)
    if order is None and not is_open:
        return
    read, back, in_order = as_written(_rows_read(series, len(times)), order), 0, times
    if order is not None or not read.all():
        times = as_written(times, order)[read]
    if order is not None:
        back = int(np.count_nonzero(np.diff(times) < -STEP_BACK))
    if back and clock.relative and clock.of_each and order is not None and not options.overrides.one_patient:
        _ask_of_each(in_order, order, numbers, series)
    elif back and clock.relative and not options.overrides.one_patient:
        rows = read.nonzero()[0] if numbers is None else numbers[read]
        ask_second_recording(times.tolist(), rows.tolist())
    elif back and clock.naive:
        refuse_twelve_hours(times.tolist(), options.zone)
    if is_open and may_show_a_change(back) and (order is not None or is_change_in(times)):
        ask_clock_change(times.tolist())
    tell_back(back, into)


def _ask_of_each(
    times: NDArray[np.int64], order: Order, numbers: NDArray[np.int32] | None, series: Sequence[Series]
) -> None:
    """As `reading` asks of each quantity whether a second recording follows the first."""
    written: list[Order] = []
    for one in series:
        there = one.values == one.values
        places = there.nonzero()[0] if one.place is None else one.place[there]
        written.append(np.sort(order[places]))
    times = as_written(times, order)
    for rows in sorted(written, key=lambda each: int(each[0]) if len(each) else -1):
        ask_second_recording(times[rows].tolist(), (rows if numbers is None else numbers[rows]).tolist())


def _rows_read(series: Sequence[Series], count: int) -> NDArray[np.bool_]:
    """Which of `count` rows gave a reading."""
    read = np.zeros(count, np.bool_)
    for one in series:
        there: NDArray[Any] = one.values == one.values
        if one.place is None:
            read |= there
        else:
            read[one.place[there]] = True
        if read.all():
            break
    return read
