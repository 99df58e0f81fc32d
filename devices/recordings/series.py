"""A recording as columns: for each source its times and its values, the very numbers that its readings are.

For judging and drawing whole recordings at once. Nothing is filled in or resampled; a cuff value that is shown again
is one measurement here too. Seconds count from `begins`, so that they are exact in any year.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from devices import instant
from devices.reading import USED, Notice, Status
from devices.recordings.recording import Column, Counts, Recording
from devices.signals import NIBP

if TYPE_CHECKING:
    from numpy.typing import NDArray

np.empty(10 << 20, np.uint8)
# The C library hands memory back to the system once twice the largest block that it has seen freed is unused, and each
# page is then faulted in anew: with this one behind it, what the reading of a day takes is kept for the next ones.

_BLOCK = 1 << 14
"""Times that are converted at once: what stands between is small and stays in the cache."""

DIGITS = 4
"""Decimals of a 32-bit float that a device showed (101.300003 is 101.3)."""


class Series(Struct, frozen=True):
    """One source of one signal, ascending in time; all columns of one length.

    Attributes:
        signal, source: as in a Reading.
        seconds: from the recording's beginning.
        values: in the signal's unit; NaN: absent here; 0: no signal (a reading's status ``zero``). 32-bit floats are as
            the file holds them, see `numbers`.
        usable: where the source vouches for the value; None: everywhere.
        place: the number of each value's row or packet, as a Reading's `received`; None: 0, 1 and so on, or not asked
            for.
        cuff: series of one cuff have one number, and share `seconds`; -1: not of a cuff.
    """

    signal: str
    source: str
    seconds: NDArray[np.float64]
    values: NDArray[np.float64] | NDArray[np.float32]
    usable: NDArray[np.bool_] | None = None
    place: NDArray[np.int64] | NDArray[np.int32] | None = None
    cuff: int = -1

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The values as doubles, equal to those of the readings."""
        return doubles(self.values)

    @property
    def present(self) -> Series:
        """Without the rows that hold no value."""
        there = ~np.isnan(self.values)
        if there.all():
            return self
        return replace(
            self,
            seconds=self.seconds[there],
            values=self.values[there],
            usable=None if self.usable is None else self.usable[there],
            place=np.flatnonzero(there) if self.place is None else self.place[there],
        )


class Table(Struct, frozen=True):
    """All series on one axis. `columns` by source, NaN where a source has no value; `seconds` ascend."""

    seconds: NDArray[np.float64]
    columns: dict[str, NDArray[np.float64] | NDArray[np.float32]]


class SeriesRecording(Struct, frozen=True):
    """A recording, read as columns; all but `begins` and `series` as in `Recording`.

    `begins` is an instant, from which seconds count; with `relative` it is 0 unless the recording was given a start.
    """

    begins: int
    series: tuple[Series, ...]
    notices: list[Notice]
    relative: bool
    format: str
    patients: tuple[str, ...]
    counts: Counts
    mapping: tuple[Column, ...]

    @property
    def first(self) -> int:
        """Where notices about the whole recording are dated."""
        return self.begins

    def instants(self, series: Series) -> NDArray[np.int64]:
        """The times of `series` in microseconds."""
        return instants(self.begins, series.seconds)

    def table(self) -> Table:
        """All series side by side. A source's second value of one time gets a row of its own."""
        if not any(len(one.seconds) for one in self.series):
            return Table(np.empty(0), {one.source: one.values for one in self.series})
        by_source: dict[str, Series] = {}
        for one in self.series:
            known = by_source.get(one.source)
            by_source[one.source] = _joined(known, one) if known else one
        series = list(by_source.values())
        first = series[0].seconds
        if all(one.seconds is first or np.array_equal(one.seconds, first) for one in series):
            return Table(first, {one.source: one.values for one in series})
        return _on_grid(series) or _merged(series)


def doubles(values: NDArray[np.float64] | NDArray[np.float32]) -> NDArray[np.float64]:
    """32-bit floats of numbers with few decimals as the doubles that were meant; doubles as they are."""
    if values.dtype == np.float64:
        return values  # type: ignore[return-value]
    wide = values.astype(np.float64)
    return wide.round(DIGITS, out=wide)


def whole_seconds(count: int, step: int = 1) -> NDArray[np.float64]:
    """`count` times, `step` seconds apart, from 0 on."""
    seconds = np.arange(count, dtype=np.int32).astype(np.float64)  # in half the time of doubles counted up
    if step != 1:
        seconds *= step
    return seconds


def instants(begins: int, seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """`seconds` after the instant `begins` as instants, to the nearest microsecond.

    Whole seconds and their fraction apart: their product would lose digits.
    """
    found = np.empty(len(seconds), np.int64)
    for start in range(0, len(seconds), _BLOCK):
        part = seconds[start : start + _BLOCK]
        whole = np.floor(part)
        fraction = np.rint((part - whole) * instant.SECOND).astype(np.int64)
        found[start : start + _BLOCK] = whole.astype(np.int64) * instant.SECOND + fraction + begins
    return found


def series_of(recording: Recording) -> SeriesRecording:
    """Any recording's readings as columns; for formats whose readers make no columns of their own."""
    groups: dict[tuple[str, str], list[int]] = {}
    cuffs: dict[str, list[list[int]]] = {}
    readings = recording.readings
    for index, one in enumerate(readings):
        if one.signal not in NIBP:
            groups.setdefault((one.signal, one.source), []).append(index)
            continue
        held = cuffs.setdefault(one.source.partition(":")[0], [])
        last = readings[held[-1][-1]] if held else None
        if (
            last
            and (last.time, last.received) == (one.time, one.received)
            and all(readings[other].signal != one.signal for other in held[-1])
        ):
            held[-1].append(index)
        else:
            held.append([index])
    begins = 0 if recording.relative else recording.first
    found = []
    # In the order of the columns: of two sources' values in one row that of the later column was received last.
    order = {column.name: place for place, column in enumerate(recording.mapping)}

    def column_of(group: tuple[tuple[str, str], list[int]]) -> int:
        name = group[0][1].partition(":")[2]
        return order.get(name, order.get(name.removeprefix("nibp."), len(order)))

    for (signal, source), rows in sorted(groups.items(), key=column_of):
        column = _column_of(recording, begins, [[index] for index in rows])
        found.append(Series(signal, source, *column(signal)))
    for number, measured in enumerate(cuffs.values()):
        column = _column_of(recording, begins, measured)
        for signal in NIBP:
            sources = [
                readings[index].source for rows in measured for index in rows if readings[index].signal == signal
            ]
            if sources:
                found.append(Series(signal, sources[0], *column(signal), number))
    return SeriesRecording(
        begins, tuple(found), recording.notices, recording.relative, recording.format, recording.patients,
        recording.counts, recording.mapping,
    )  # fmt: skip


_Parts = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.bool_] | None", "NDArray[np.int64]"]


def _column_of(recording: Recording, begins: int, groups: Sequence[Sequence[int]]) -> Callable[[str], _Parts]:
    """What makes columns of `groups` of readings, each the readings of one measurement."""
    readings = recording.readings
    seconds = np.array([readings[rows[0]].time - begins for rows in groups]) / instant.SECOND
    place = np.array([readings[rows[0]].received for rows in groups], np.int64)
    vouched = [all(readings[i].status in USED or readings[i].status is Status.ZERO for i in rows) for rows in groups]
    usable = None if all(vouched) else np.array(vouched)

    def column(signal: str) -> _Parts:
        values = np.full(len(groups), np.nan)
        for number, rows in enumerate(groups):
            for index in rows:
                if readings[index].signal == signal:
                    value = readings[index].value
                    values[number] = 0.0 if value is None else value
        return seconds, values, usable, place

    return column


def _joined(one: Series, other: Series) -> Series:
    """Two series of one source, such as a track that was described anew in another unit."""
    seconds = np.concatenate((one.seconds, other.seconds))
    order = np.argsort(seconds, kind="stable")
    values = np.concatenate((one.numbers, other.numbers))
    return Series(one.signal, one.source, seconds[order], values[order])


def _on_grid(series: Sequence[Series]) -> Table | None:
    """The table, if all times are whole steps of a second with one value each; None if not."""
    filled = [one for one in series if len(one.seconds)]
    begin = min(float(one.seconds[0]) for one in filled)
    count = max(float(one.seconds[-1]) for one in filled) - begin + 1
    if not count <= 4 * sum(len(one.seconds) for one in series):
        return None
    rows = np.zeros(int(count), np.bool_)
    columns: dict[str, NDArray[np.float64] | NDArray[np.float32]] = {}
    last: NDArray[np.float64] | None = None
    for one in series:
        if last is None or not np.array_equal(one.seconds, last):
            last = one.seconds
            offset = one.seconds - begin
            place = offset.astype(np.int64)
            if (place != offset).any() or (place[1:] <= place[:-1]).any():
                return None
            rows[place] = True
        column = np.full(len(rows), np.nan, one.values.dtype)
        column[place] = one.values
        columns[one.source] = column
    seconds = begin + np.arange(len(rows), dtype=np.float64)
    if rows.all():
        return Table(seconds, columns)
    return Table(seconds[rows], {name: column[rows] for name, column in columns.items()})


def _merged(series: Sequence[Series]) -> Table:
    """The table of any series: a row for each time, and for each further value that a source has at that time."""
    again = [_again(one.seconds) for one in series]
    keys = np.zeros(sum(map(len, again)), [("time", np.float64), ("again", np.int64)])
    keys["time"] = np.concatenate([one.seconds for one in series])
    keys["again"] = np.concatenate(again)
    axis, row = np.unique(keys, return_inverse=True)
    columns: dict[str, NDArray[np.float64] | NDArray[np.float32]] = {}
    start = 0
    for one in series:
        column = columns.setdefault(one.source, np.full(len(axis), np.nan, one.values.dtype))
        column[row[start : start + len(one.seconds)]] = one.values
        start += len(one.seconds)
    return Table(axis["time"], columns)


def _again(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many values of the same time stand before each."""
    place = np.arange(len(seconds))
    new = np.ones(len(seconds), np.bool_)
    new[1:] = seconds[1:] != seconds[:-1]
    return place - np.maximum.accumulate(np.where(new, place, 0))
