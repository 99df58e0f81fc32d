"""Tables with one row an instant and one column a signal, as columns: what `wide.read_samples` does sample by sample.

Only what is plain is taken here. Pressures of unknown method, rates that may be in Hz and pulses that may be a cuff's
are judged by all their values; whoever has such columns goes by the readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from devices import instant
from devices.recordings.codes import is_silent
from devices.recordings.cuff_columns import Measurements, measured
from devices.recordings.cuffs import reach
from devices.recordings.emitting import is_the_cuffs
from devices.recordings.header import Field
from devices.recordings.names import PLAIN
from devices.recordings.recording import Builder, Column
from devices.recordings.series import Series, SeriesRecording, doubles
from devices.signals import NIBP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64] | NDArray[np.float32]


def are_plain(columns: Sequence[tuple[Field, Values]], times: NDArray[np.int64]) -> bool:
    """Whether `columns`, in rows at `times`, may be read by `read_columns`."""
    signals = {field.signal for field, _ in columns}
    if signals & PLAIN.keys() or len({field.name for field, _ in columns}) != len(columns):
        return False
    if "PR" in signals and signals & set(NIBP) and not signals & {"HR", "SPO2"}:
        return False
    if any(field.signal == "PR" and not field.own and is_the_cuffs(field.name) for field, _ in columns):
        return False
    if not len(times) or not (times[1:] > times[:-1]).all():
        return False
    for field, values in columns:
        if field.signal in ("HR", "PR") and not field.own:
            with np.errstate(invalid="ignore"):
                few = (values > 0) & (values < 5)
            if few.any() and not (values >= 5).any():
                return False
    return True


def read_columns(
    columns: Sequence[tuple[Field, Values]], times: NDArray[np.int64], begins: int, into: Builder
) -> SeriesRecording:
    """The recording of `columns`, each in its signal's unit and NaN where it holds nothing, with rows at `times`."""
    seconds = _seconds(times, begins)
    used = np.zeros(len(times), np.bool_)
    series: list[Series] = []
    cuff: list[tuple[Field, Values]] = []
    for field, values in columns:
        there = values == values  # not NaN
        used |= there
        if not field.own and is_silent(values):
            why = "it is 0 throughout, so nothing was connected"
            into.mapping = [Column(c.name, "", c.unit, why) if c.name == field.name else c for c in into.mapping]
            into.notice("ignored", f"{field.name} was left out: {why}", signal=field.signal)
        elif field.signal in NIBP:
            cuff.append((field, values))
        else:
            series.append(Series(field.signal, f"{into.format}:{field.name}", seconds, values))
    into.counts.used += int(used.sum())
    if cuff:
        series += _cuff(cuff, times, begins, into)
    made = into.build()
    return SeriesRecording(
        begins, tuple(series), made.notices, made.relative, made.format, made.patients, made.counts, made.mapping
    )


def _seconds(times: NDArray[np.int64], begins: int) -> NDArray[np.float64]:
    """Instants as seconds from `begins`, without an array of microseconds between."""
    seconds = np.empty(len(times))
    np.subtract(times, begins, out=seconds, casting="unsafe")
    seconds /= instant.SECOND
    return seconds


def _cuff(
    cuff: Sequence[tuple[Field, Values]],
    times: NDArray[np.int64],
    begins: int,
    into: Builder,
) -> list[Series]:
    rows = np.arange(len(times), dtype=np.int64)
    values = {field.signal: doubles(column) for field, column in cuff}
    usable = None
    if all(field.own for field, _ in cuff):
        there = np.logical_or.reduce([column == column for column in values.values()])
        kept = {signal: column[there] for signal, column in values.items()}
        nothing = np.zeros(int(there.sum()), np.int64)
        one = Measurements(times[there], rows[there], kept, nothing, nothing > 0)
    else:
        steps = np.sort(np.diff(times))
        one = measured(times, rows, values, reach((0, int(steps[len(steps) // 2]))) if len(steps) else reach(()))
        into.counts.repeats = int(one.repeats.sum())
        # On the screen when recording began, and shown again since: nobody knows how old it is.
        if len(one.time) and one.stayed[0] and one.time[0] == times[0]:
            usable = np.ones(len(one.time), np.bool_)
            usable[0] = not any(np.nan_to_num(column[0]) for column in one.values.values())
    seconds = _seconds(one.time, begins)
    return [
        Series(field.signal, f"{into.format}:{field.name}", seconds, one.values[field.signal], usable, one.row, 0)
        for field, _ in cuff
    ]
