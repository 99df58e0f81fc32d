"""Samples as columns, one a signal: what `emitting.read_samples` does sample by sample.

Only what is plain is taken here: see `judging_columns`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from devices import instant
from devices.recordings.codes import is_silent
from devices.recordings.cuff_columns import Measurements, measured
from devices.recordings.cuffs import reach
from devices.recordings.names import PLAIN
from devices.recordings.recording import Builder, Column
from devices.recordings.series import Series, SeriesRecording, doubles, whole_seconds
from devices.recordings.tables.emitting import is_the_cuffs
from devices.recordings.tables.header import Field
from devices.recordings.tables.methods import Method
from devices.signals import NIBP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64] | NDArray[np.float32]


class SampleRows(Struct, frozen=True):
    """Of which rows the samples are.

    Attributes:
        first: of each sample the number of its first row that has a value; None: 0, 1 and so on.
        used: in how many rows a value stands.
    """

    first: NDArray[np.int32] | None
    used: int


_BLOCK = 1 << 14
"""Times that are compared at once: what stands between stays in the cache."""


class Regular(Struct, frozen=True):
    """`count` instants, `step` microseconds apart, from `first` on."""

    first: int
    step: int
    count: int

    def __len__(self) -> int:
        return self.count

    def instants(self) -> NDArray[np.int64]:
        return np.arange(self.first, self.first + self.step * self.count, self.step, dtype=np.int64)


def in_steps(times: NDArray[np.int64]) -> Regular | None:
    """The same `times`, if they ascend by one step throughout."""
    steps = len(times) - 1
    if steps < 1:
        return None
    first = int(times[0])
    step = int(times[1]) - first
    if step <= 0 or step * steps != int(times[-1]) - first:
        return None
    room = np.empty(min(_BLOCK, steps), np.int64)
    for start in range(0, steps, _BLOCK):
        part = times[start : start + _BLOCK + 1]
        if (np.subtract(part[1:], part[:-1], out=room[: len(part) - 1]) != step).any():
            return None
    return Regular(first, step, len(times))


def read_columns(
    columns: Sequence[tuple[Field, Values]],
    times: NDArray[np.int64] | Regular,
    begins: int,
    into: Builder,
    rows: SampleRows | None = None,
) -> SeriesRecording:
    """The recording of `columns`, each in its signal's unit and NaN where it holds nothing, with rows at `times`.

    `rows`: of the samples, where these are not all rows or not all that was in them.
    """
    return as_series(series_in(columns, times, begins, into, rows), begins, into, rows)


def as_series(series: list[Series], begins: int, into: Builder, rows: SampleRows | None = None) -> SeriesRecording:
    """The recording of what `series_in` found."""
    series.sort(key=lambda one: one.cuff >= 0)
    if rows is not None and (firsts := rows.first) is not None:
        series = [replace(one, place=firsts if one.place is None else firsts[one.place]) for one in series]
    made = into.build()
    return SeriesRecording(
        begins, tuple(series), made.notices, made.relative, made.format, made.patients, made.counts, made.mapping
    )


def series_in(
    columns: Sequence[tuple[Field, Values]],
    times: NDArray[np.int64] | Regular,
    begins: int,
    into: Builder,
    rows: SampleRows | None = None,
    method: Method | None = None,
) -> list[Series]:
    """The series of `columns`, as `read_columns` takes them, in the order of a row's readings; counted in `into`.

    `method`: what those of unknown method were taken for, which is told.

    Their `place` is that in `times`.
    """
    seconds = _seconds(times, begins)
    into.counts.used += rows_used([values for _, values in columns]) if rows is None else rows.used
    series: list[Series] = []
    cuff: list[tuple[Field, Values]] = []
    pulses: list[int] = []
    place = 0
    for field, values in columns:
        if not field.own and is_silent(values):
            why = "it is 0 throughout, so nothing was connected"
            into.mapping = [Column(c.name, "", c.unit, why) if c.name == field.name else c for c in into.mapping]
            signal = "" if field.signal in PLAIN else field.signal
            into.notice("ignored", f"{field.name} was left out: {why}", signal=signal)
        elif field.signal in NIBP:
            place = len(series) if not cuff else place
            cuff.append((field, values))
        else:
            name = f"nibp.{field.name}" if _counts_with_cuff(field) else field.name
            pulses += [len(series)] if name != field.name else []
            series.append(Series(field.signal, f"{into.format}:{name}", seconds, values))
    if method is not None:
        method.tell(into)
    if cuff:
        measured = _cuff(cuff, times.instants() if isinstance(times, Regular) else times, begins, into)
        # It is shown again as long as the measurement that it came from.
        for pulse in pulses:
            one, shown = series[pulse], measured[0].place
            series[pulse] = replace(one, seconds=one.seconds[shown], values=one.values[shown], place=shown)
        series[place:place] = sorted(measured, key=lambda one: NIBP.index(one.signal))
    return series


def _counts_with_cuff(field: Field) -> bool:
    return field.signal == "PR" and not field.own and is_the_cuffs(field.name)


def rows_used(columns: Sequence[Values]) -> int:
    """In how many rows of `columns`, which are of one length, a value stands."""
    first, *others = columns
    rows = (first != first).nonzero()[0]  # NaN
    unused = np.ones(len(rows), np.bool_)
    for column in others:
        held = column[rows]
        unused &= held != held
    return len(first) - int(np.count_nonzero(unused))


def _seconds(times: NDArray[np.int64] | Regular, begins: int) -> NDArray[np.float64]:
    """Instants as seconds from `begins`, without an array of microseconds between."""
    if isinstance(times, Regular):
        if times.step % instant.SECOND == 0 and times.first == begins:
            return whole_seconds(times.count, times.step // instant.SECOND)
        seconds = whole_seconds(times.count, times.step)
        seconds += times.first - begins
        seconds /= instant.SECOND
        return seconds
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
        steps = np.diff(times)
        steps = np.sort(steps[steps > 0])
        one = measured(times, rows, values, reach((0, int(steps[len(steps) // 2]))) if len(steps) else reach(()))
        into.counts.repeats = int(one.repeats.sum())
        # On the screen when recording began, and shown again since: nobody knows how old it is.
        old = one.stayed & (one.time == times[:1])
        if old.any():
            usable = np.ones(len(one.time), np.bool_)
            usable[old] = ~np.any([np.nan_to_num(column[old]) != 0 for column in one.values.values()], axis=0)
    seconds = _seconds(one.time, begins)
    return [
        Series(field.signal, f"{into.format}:{field.name}", seconds, one.values[field.signal], usable, one.row, 0)
        for field, _ in cuff
    ]
