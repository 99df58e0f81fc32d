"""A table's columns as its readings, made only where somebody looks at them: a month of seconds has millions.

They are the very readings, in the very order, that reading row by row gives: by time, in a row by its columns, a cuff's
three together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, overload

import numpy as np
from msgspec import Struct, field

from devices.reading import Reading, Status
from devices.recordings.recording import FEWEST_STEPS, Gap, judge
from devices.recordings.series import Series, doubles
from devices.signals import NIBP, SIGNALS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROWS = 1 << 13
"""Rows whose readings are made at once."""
_KNOWN = 10_000


class _Source(Struct, frozen=True):
    """One column: `rows` as in `Series.place`, None where it has a value or NaN in every row.

    `known`: values that were judged before; readings share them, for a column has few different ones.
    """

    series: Series
    rows: NDArray[np.int64] | NDArray[np.int32] | None
    known: dict[float, tuple[float | None, Status]] = field(default_factory=dict)

    def between(self, first: int, end: int) -> tuple[int, int]:
        """Which of its values stand in the rows from `first` to `end`."""
        if self.rows is None:
            return first, end
        start, stop = np.searchsorted(self.rows, (first, end)).tolist()
        return start, stop

    def readings(self, times: list[int], numbers: list[int]) -> list[Reading | None]:
        """Its reading in each of the rows `numbers`, whose times are `times`; None where it has none."""
        one, first = self.series, numbers[0]
        start, stop = self.between(first, first + len(times))
        values = doubles(one.values[start:stop]).tolist()
        signal, unit, source = one.signal, SIGNALS[one.signal].unit, one.source
        if self.rows is None:
            places: Sequence[int] = range(len(times))
        else:
            places = (self.rows[start:stop] - first).tolist()
        doubted = set() if one.usable is None else set(np.flatnonzero(~one.usable[start:stop]).tolist())
        found: list[Reading | None] = [None] * len(times)
        known = self.known
        if len(known) > _KNOWN:
            known.clear()
        for which, (place, value) in enumerate(zip(places, values, strict=True)):
            if value == value:
                judged = known.get(value)
                if judged is None:
                    judged = known[value] = judge(signal, value)
                shown, status = judged
                if which in doubted and status is not Status.ZERO:
                    status = Status.AGE_UNKNOWN
                found[place] = Reading(times[place], numbers[place], signal, shown, unit, status, source)
        return found


class ColumnReadings(Sequence[Reading]):
    """The readings of a table with rows at `times`, which ascend; a reading's `received` is the number of its row.

    `series`: in the order in which a row's readings follow each other; `place` as the numbers of rows, None where there
    is a value or NaN in every row.
    """

    def __init__(self, times: NDArray[np.int64], series: Sequence[Series]) -> None:
        self._times = times
        self._sources = [_Source(one, one.place) for one in series]
        held = np.zeros(-(-len(times) // _ROWS), np.int64)
        for one in self._sources:
            for number in range(len(held)):
                start, stop = one.between(number * _ROWS, min(len(times), (number + 1) * _ROWS))
                values = one.series.values[start:stop]
                held[number] += int(np.count_nonzero(values == values))
        self._before = [0, *np.cumsum(held).tolist()]
        self._last: tuple[int, list[Reading]] = (-1, [])

    def __len__(self) -> int:
        return int(self._before[-1])

    def __iter__(self) -> Iterator[Reading]:
        for number in range(len(self._before) - 1):
            yield from self._piece(number)

    @overload
    def __getitem__(self, index: int) -> Reading: ...

    @overload
    def __getitem__(self, index: slice) -> list[Reading]: ...

    def __getitem__(self, index: int | slice) -> Reading | list[Reading]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return [self[each] for each in range(start, stop, step)]
            return list(islice(self._from(start), max(0, stop - start)))
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(index)
        return next(self._from(place))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(other) != len(self):
            return False
        return all(one == another for one, another in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{len(self)} readings of {len(self._sources)} columns>"

    def streams(self) -> dict[tuple[str, str], int]:
        """How many readings there are, by signal and source; those that have none are left out."""
        counts = {(one.series.signal, one.series.source): one.series.values for one in self._sources}
        held = {key: int(np.count_nonzero(values == values)) for key, values in counts.items()}
        return {key: count for key, count in held.items() if count}

    def gaps(self) -> Iterator[tuple[str, str, Gap]]:
        """Of each source that is interrupted its signal, its name and the gap, as `Builder` finds them in readings."""
        found = []
        for number, one in enumerate(self._sources):
            values = one.series.values
            there = np.flatnonzero((values == values) & (values != 0))
            rows = there if one.rows is None else one.rows[there]
            if one.series.signal not in NIBP[1:] and len(rows) > FEWEST_STEPS:
                times = self._times[rows]
                steps = np.diff(times)
                usual, longest = int(np.partition(steps, len(steps) // 2)[len(steps) // 2]), int(steps.max())
                if longest > 3 * usual:
                    gap = Gap(int((steps > 3 * usual).sum()), longest, int(times[steps.argmax()]))
                    found.append((int(rows[0]), number, one.series, gap))
        for _, _, series, gap in sorted(found, key=lambda each: each[:2]):
            yield series.signal, series.source, gap

    def _from(self, place: int) -> Iterator[Reading]:
        """The readings from the one at `place` on."""
        first = bisect_right(self._before, place) - 1
        for number in range(first, len(self._before) - 1):
            piece = self._piece(number)
            yield from piece if number > first else islice(piece, place - self._before[first], None)

    def _piece(self, number: int) -> list[Reading]:
        """The readings of the rows from `number` times `_ROWS` on; those made last are kept."""
        if self._last[0] != number:
            first = number * _ROWS
            times = self._times[first : first + _ROWS].tolist()
            numbers = list(range(first, first + len(times)))
            columns = [one.readings(times, numbers) for one in self._sources]
            made = [one for row in zip(*columns, strict=True) for one in row if one is not None]
            self._last = number, made
        return self._last[1]
