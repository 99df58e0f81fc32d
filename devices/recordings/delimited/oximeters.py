"""An oximeter's marks for no value, in columns: left out as `tables.wide` leaves them out row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from devices.recordings.tables.header import Field
from devices.recordings.tables.judging_columns import has_marks
from devices.recordings.tables.wide import NO_PULSE, NO_SATURATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float32] | NDArray[np.float64]


def leave_marks_out(columns: Sequence[tuple[Field, Values]]) -> int:
    """Takes the marks out of `columns`, and the pulses beside them; how many these are.

    In this program's own columns they are marks from the first row on in which another's holds one.
    """
    if not has_marks(columns):
        return 0
    others = [_first(values, _marks_of(field)) for field, values in columns if not field.own]
    since = slice(min(others), None)
    count, without = 0, np.zeros(len(columns[0][1][since]), np.bool_)
    for field, values in columns:
        if field.signal == "SPO2":
            marked = np.isin(values[since], NO_SATURATION)
            without |= marked | (values[since] == 0)
            count += _take_out(values[since], marked)
    for field, values in columns:
        if field.signal in ("HR", "PR"):
            count += _take_out(values[since], without & np.isin(values[since], NO_PULSE))
    return count


def _marks_of(field: Field) -> tuple[float, ...]:
    return NO_SATURATION if field.signal == "SPO2" else NO_PULSE


def _first(values: Values, marks: tuple[float, ...]) -> int:
    """The first row that holds one of `marks`; if none does, that behind the last."""
    found = np.isin(values, marks)
    return int(found.argmax()) if found.any() else len(values)


def _take_out(values: Values, marked: NDArray[np.bool_]) -> int:
    values[marked] = np.nan
    return int(np.count_nonzero(marked))
