"""What a WFDB record's signals are worth: numbers at rates of their own, and the measurements of a cuff's."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from devices import instant
from devices.reading import Status
from devices.recordings.cuff_columns import Measurements
from devices.recordings.readings.in_columns import ColumnReadings
from devices.recordings.recording import Builder
from devices.recordings.series import Series, doubles, whole_seconds
from devices.signals import NIBP

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = "wfdb"


class Numerics(Struct, frozen=True):
    """A record's numbers: `columns` as (signal, name, values, samples a frame), NaN where absent; the cuff's by row,
    apart.

    `step`: microseconds of a frame. `cuff`: names by signal. `cuff_frame`: its samples a frame. `old`: its first may be
    of any age.
    """

    begins: int
    step: Fraction
    columns: list[tuple[str, str, NDArray[np.float64] | NDArray[np.float32], int]]
    cuff: dict[str, str]
    cuff_frame: int
    measured: Measurements
    old: bool

    @property
    def count(self) -> int:
        """How many values there can be at most."""
        return sum(len(values) for _, _, values, _ in self.columns) + len(self.cuff) * len(self.measured.row)

    def add_to(self, into: Builder) -> None:
        """All readings, one by one."""
        for signal, name, values, frame in self.columns:
            step = self.step / frame
            for row, value in enumerate(doubles(values).tolist()):
                if value == value:
                    into.add(self.begins + round(row * step), row, signal, value, name)
        step = self.step / self.cuff_frame
        columns = {signal: column.tolist() for signal, column in self.measured.values.items()}
        for place, row in enumerate(self.measured.row.tolist()):
            held = {signal: column[place] for signal, column in columns.items() if column[place] == column[place]}
            status = Status.AGE_UNKNOWN if self.old and place == 0 else None
            into.add_cuff(self.begins + round(row * step), row, held, self.cuff, status)

    def in_columns(self) -> ColumnReadings | None:
        """The same in columns; None where the signals differ in rate, or two have one name."""
        rates = {frame for *_, frame in self.columns} | ({self.cuff_frame} if self.cuff else set())
        names = [(signal, name) for signal, name, _, _ in self.columns]
        if len(rates) != 1 or len(set(names)) != len(names):
            return None
        count = max(self._lengths().values())
        times = self.begins + micros(np.arange(count, dtype=np.int64), self.step / rates.pop())
        if (times[1:] <= times[:-1]).any():
            return None
        series = [
            one if one.place is not None or len(one.values) == count else replace(one, place=np.arange(len(one.values)))
            for one in self.series()
        ]
        series.sort(key=lambda one: NIBP.index(one.signal) if one.signal in NIBP else -1)
        return ColumnReadings(times, series)

    def series(self) -> list[Series]:
        """One row a sample for all signals but the cuff's, which has a row a measurement."""
        axes = {frame: _seconds(count, self.step / frame) for frame, count in self._lengths().items()}
        series = [
            Series(signal, f"{FORMAT}:{name}", axes[frame][: len(values)], values)
            for signal, name, values, frame in self.columns
        ]
        seconds = axes[self.cuff_frame]
        if self.cuff:
            usable = None
            if self.old:
                doubted = np.logical_or.reduce([np.nan_to_num(column) != 0 for column in self.measured.values.values()])
                usable = (np.arange(len(doubted)) > 0) | ~doubted
            for signal, name in self.cuff.items():
                where = self.measured.row
                values = self.measured.values[signal]
                series.append(Series(signal, f"{FORMAT}:{name}", seconds[where], values, usable, where, 0))
        return series

    def _lengths(self) -> dict[int, int]:
        """By samples a frame how many rows there are."""
        lengths = {self.cuff_frame: int(self.measured.row[-1]) + 1 if len(self.measured.row) else 0}
        for _, _, values, frame in self.columns:
            lengths[frame] = max(lengths.get(frame, 0), len(values))
        return lengths


def _seconds(count: int, step: Fraction) -> NDArray[np.float64]:
    """When `count` samples were taken, in seconds from the first."""
    period, rest = divmod(step.numerator, instant.SECOND * step.denominator)
    if rest:
        return micros(np.arange(count, dtype=np.int64), step) / instant.SECOND
    return whole_seconds(count, period)


def micros(rows: NDArray[np.int64], step: Fraction) -> NDArray[np.int64]:
    """When the samples `rows` were taken, in microseconds from the first, each rounded from the exact time."""
    if step.denominator == 1:
        return rows * step.numerator
    return np.array([round(row * step) for row in rows.tolist()], np.int64)
