"""What columns leave open, judged by their values: as `judging` judges samples, in numpy, or left to it.

Only what is plain is read in columns. Rates that may be in Hz and pulses that may be a cuff's are judged by all their
values; whoever has such columns goes by the readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from devices.recordings.codes import glances, is_silent
from devices.recordings.names import PLAIN
from devices.recordings.series import doubles
from devices.recordings.tables.header import Field
from devices.recordings.tables.judging import FASTEST, FEWEST_BREATHS, MOST_BREATHS, may_be_wave, unit_asked
from devices.recordings.tables.wide_columns import Regular
from devices.signals import NIBP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64] | NDArray[np.float32]


def are_plain(columns: Sequence[tuple[Field, Values]], is_judged: bool = False) -> bool:
    """Whether `columns` may be read by `read_columns`.

    Args:
        is_judged: no times between beats and no oximeter's marks are among them, or nobody tells them apart.
    """
    signals = {field.signal for field, _ in columns}
    if len({field.name for field, _ in columns}) != len(columns):
        return False
    if any(field.signal in PLAIN and not is_silent(values) for field, values in columns):
        return False
    if "PR" in signals and signals & set(NIBP) and not any(_is_beside_cuffs(*each) for each in columns):
        return False
    if any(map(_may_be_hertz, _of(("HR", "PR"), columns))):
        return False
    return is_judged or not (has_marks(columns) or _may_be_intervals(_of(("RR",), columns)))


def has_marks(columns: Sequence[tuple[Field, Values]]) -> bool:
    """Whether an oximeter's marks for no value may be in `columns`, which are told from values row by row."""
    saturations = _of(("SPO2",), columns)
    return len(saturations) > 0 and (_exceed(saturations, 126) or _exceed(_of(("HR", "PR"), columns), 254))


def _of(signals: Sequence[str], columns: Sequence[tuple[Field, Values]]) -> list[Values]:
    return [values for field, values in columns if field.signal in signals and not field.own]


def _is_beside_cuffs(field: Field, values: Values) -> bool:
    """Beside it a pulse rate is not taken for a cuff's own."""
    return field.signal in ("HR", "SPO2") and (field.own or not is_silent(values))


def curves_in(columns: Sequence[tuple[Field, Values]], times: NDArray[np.int64] | Regular) -> list[str]:
    """The names of the `columns`, in rows at `times`, that `judging.leave_out_waves` leaves out."""
    perhaps = [(field.name, values) for field, values in columns if may_be_wave(field)]
    if not perhaps or len(times) < 2 or _usual_step(times) >= FASTEST:
        return []
    return [name for name, values in perhaps if _changes(values[values == values])]


def intervals_in(columns: Sequence[tuple[Field, Values]]) -> list[str]:
    """The names of the `columns` that `judging.leave_out_intervals` leaves out."""
    perhaps = [(field.name, held) for field, held in columns if field.signal == "RR" and not field.own]
    return [name for name, held in perhaps if _may_be_intervals([held]) and not _are_breaths(held[held > 0])]


def _may_be_intervals(columns: Sequence[Values]) -> bool:
    return _exceed(columns, MOST_BREATHS) or any(((each > 0) & (each < FEWEST_BREATHS)).any() for each in columns)


def _are_breaths(values: Values) -> bool:
    return bool(FEWEST_BREATHS <= np.median(doubles(values)) <= MOST_BREATHS)


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


def _usual_step(times: NDArray[np.int64] | Regular) -> int:
    if isinstance(times, Regular):
        return times.step
    middle = (len(times) - 1) // 2
    return int(np.sort(np.diff(times))[middle])


def _changes(values: Values) -> bool:
    return 2 * int(np.count_nonzero(values[1:] != values[:-1])) > len(values)


def _exceed(columns: Sequence[Values], most: float) -> bool:
    return any((values > most).any() for values in columns)


def _may_be_hertz(values: Values) -> bool:
    """No value reaches 5, and some are not 0. Looks no further than it must."""
    held = False
    for piece in glances(values):
        if (piece >= 5).any():
            return False
        held = held or bool((piece > 0).any())
    return held
