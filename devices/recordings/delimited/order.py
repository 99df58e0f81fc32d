"""The rows of a text table in columns in the order of their times, and what is told and asked of times that go back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np

from devices.recordings.delimited.settled import Columns
from devices.recordings.options import Options
from devices.recordings.recording import Builder
from devices.recordings.tables.clock_changes import is_change_in
from devices.recordings.tables.columns import say_utc
from devices.recordings.tables.doubtful_times import ask_second_recording, refuse_twelve_hours
from devices.recordings.tables.reading import ask_clock_change, may_show_a_change, tell_back
from devices.recordings.tables.rows import STEP_BACK
from devices.recordings.tables.stamps import RELATIVE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.series import Series


def order_of(times: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """The rows at `times` in the order of these, those of one time as they stand; None if all stand so."""
    return None if (times[1:] >= times[:-1]).all() else times.argsort(kind="stable")


def tell_order(found: Columns, series: Sequence[Series], options: Options, into: Builder) -> None:
    """Tells how often the times of rows that gave readings go back, as the table was written.

    Args:
        series: what was read; `place` as places in the times.

    Raises:
        ChoiceNeeded: they go as in a night of a clock change, or begin anew. RecordingError: they go as on a clock of
            twelve hours.
    """
    is_said = options.zone_said or say_utc(found.header.time_names)
    is_open = found.reader.naive and options.zone is UTC and not is_said
    if found.order is None and not is_open:
        return
    read = _read_rows(series, len(found.times))
    times = found.times
    if found.order is not None:
        written = np.zeros(len(read), np.bool_)
        written[found.order] = read
        times = found.as_written(times)[written]
    elif not read.all():
        times = times[read]
    back = int(np.count_nonzero(np.diff(times) < -STEP_BACK)) if found.order is not None else 0
    if back and found.reader.kind in RELATIVE and not options.overrides.one_patient:
        numbers = np.arange(len(read)) if found.numbered is None else found.numbered
        ask_second_recording(times.tolist(), numbers[written].tolist())
    elif back and found.reader.naive:
        refuse_twelve_hours(times.tolist(), options)
    if is_open and may_show_a_change(back) and (found.order is not None or is_change_in(times)):
        ask_clock_change(times.tolist())
    tell_back(back, into)


def _read_rows(series: Sequence[Series], count: int) -> NDArray[np.bool_]:
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
