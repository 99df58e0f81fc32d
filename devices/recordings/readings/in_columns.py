"""A table's columns as its readings.

They are the very readings, in the very order, that reading row by row gives: by time, in a row by its columns, a cuff's
three together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct, field

from devices.reading import Reading, Status
from devices.recordings.readings.batches import BATCH, Batch, Kind, spans
from devices.recordings.readings.gaps import gap_in
from devices.recordings.readings.lazy import AT_ONCE, LazyReadings
from devices.recordings.recording import PLAUSIBLE, Gap, judge
from devices.recordings.series import Series, doubles
from devices.signals import NIBP, SIGNALS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KNOWN = 10_000
_STATUSES = (Status.OK, Status.RANGE, Status.ZERO, Status.AGE_UNKNOWN)
_OK, _RANGE, _ZERO, _AGE_UNKNOWN = range(len(_STATUSES))


class _Source(Struct, frozen=True):
    """One column: its signal, source, `values` and `usable` as in `Series`.

    `rows`: as in `Series.place`, None where it has a value or NaN in every row. `known`: values that were judged
    before; readings share them, for a column has few different ones.
    """

    signal: str
    source: str
    values: NDArray[np.float64] | NDArray[np.float32]
    usable: NDArray[np.bool_] | None
    rows: NDArray[np.int64] | NDArray[np.int32] | None
    known: dict[float, tuple[float | None, Status]] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        return _Source, (self.signal, self.source, self.values, self.usable, self.rows)

    def between(self, first: int, end: int) -> tuple[int, int]:
        """Which of its values stand in the rows from `first` to `end`."""
        if self.rows is None:
            return first, end
        start, stop = np.searchsorted(self.rows, (first, end)).tolist()
        return start, stop

    def ends(self) -> list[int]:
        """The first and the last row in which it has a value, none if it has no value."""
        there = self.values == self.values
        if not there.any():
            return []
        places = [int(there.argmax()), len(there) - 1 - int(there[::-1].argmax())]
        return places if self.rows is None else self.rows[places].tolist()

    def count(self, first: int, end: int) -> int:
        """How many readings it has in the rows from `first` to `end`."""
        start, stop = self.between(first, end)
        values = self.values[start:stop]
        return int(np.count_nonzero(values == values))

    def counts(self, edges: NDArray[np.int64]) -> NDArray[np.int64]:
        """The same between each two of the ascending rows `edges`."""
        there = np.zeros(len(self.values) + 1, np.int64)
        np.cumsum(self.values == self.values, out=there[1:])
        return np.diff(there[edges if self.rows is None else np.searchsorted(self.rows, edges)])

    def before(self, end: int) -> _Source:
        """Without the rows from `end` on."""
        stop = self.between(0, end)[1]
        usable = None if self.usable is None else self.usable[:stop]
        rows = None if self.rows is None else self.rows[:stop]
        return _Source(self.signal, self.source, self.values[:stop], usable, rows)

    def readings(self, first: int, times: list[int], numbers: Sequence[int]) -> list[Reading | None]:
        """Its reading in each of the rows from `first` on, whose times are `times` and which are called by `numbers`;
        None where it has none."""
        start, stop = self.between(first, first + len(times))
        values = doubles(self.values[start:stop]).tolist()
        signal, unit, source = self.signal, SIGNALS[self.signal].unit, self.source
        if self.rows is None:
            places: Sequence[int] = range(len(times))
        else:
            places = (self.rows[start:stop] - first).tolist()
        doubted = set() if self.usable is None else set(np.flatnonzero(~self.usable[start:stop]).tolist())
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

    def kinds(self) -> list[Kind]:
        """The kinds that its readings may be of."""
        unit = SIGNALS[self.signal].unit
        return [(self.signal, unit, status, self.source, status is not Status.ZERO) for status in _STATUSES]

    def fill(self, first: int, end: int, values: NDArray[np.float64], which: NDArray[np.int32]) -> None:
        """Puts its values, and their kinds' numbers, in their places among the rows from `first` to `end`."""
        start, stop = self.between(first, end)
        found = doubles(self.values[start:stop])
        low, high = PLAUSIBLE[self.signal]
        kinds = np.full(len(found), _RANGE, np.int32)
        kinds[(found >= low) & (found <= high)] = _OK
        if self.usable is not None:
            kinds[~self.usable[start:stop]] = _AGE_UNKNOWN
        kinds[found == 0] = _ZERO
        rows = slice(None) if self.rows is None else self.rows[start:stop] - first
        values[rows], which[rows] = found + 0.0, kinds  # a 0 without its sign, as it has no value


class ColumnReadings(LazyReadings):
    """The readings of a table with rows at `times`, which do not go back.

    `series`: in the order in which a row's readings follow each other; `place` as places in `times`, None where there
    is a value or NaN at every time. `numbers`: of each row its readings' `received`, which ascend where rows are of one
    time; None: 0, 1 and so on.
    """

    def __init__(
        self, times: NDArray[np.int64], series: Sequence[Series], numbers: NDArray[np.int32] | None = None
    ) -> None:
        sources = [_Source(one.signal, one.source, one.values, one.usable, one.place) for one in series]
        self._fill(times, sources, numbers)

    def _fill(self, times: NDArray[np.int64], sources: list[_Source], numbers: NDArray[np.int32] | None) -> None:
        self._times, self._sources, self._numbers = times, sources, numbers
        self._rows = max(1, AT_ONCE // max(1, len(sources)))
        edges = np.append(np.arange(0, len(times), self._rows), len(times))
        held = sum((one.counts(edges) for one in sources), np.zeros(len(edges) - 1, np.int64))
        super().__init__([0, *np.cumsum(held).tolist()])

    def __repr__(self) -> str:
        return f"<{len(self)} readings of {len(self._sources)} columns>"

    @property
    def ends(self) -> tuple[int, int]:
        rows = [row for one in self._sources for row in one.ends()]
        return int(self._times[min(rows)]), int(self._times[max(rows)])

    def upto(self, time: int, received: int | None = None) -> int:
        row = int(np.searchsorted(self._times, time, "right"))
        if received is not None:
            first = int(np.searchsorted(self._times, time, "left"))
            if self._numbers is None:
                row = min(row, max(received + 1, first))
            else:
                row = first + int(np.searchsorted(self._numbers[first:row], received, "right"))
        piece = row // self._rows
        return self._before[piece] + sum(one.count(piece * self._rows, row) for one in self._sources)

    def through(self, time: int) -> ColumnReadings:
        row = int(np.searchsorted(self._times, time, "right"))
        found = ColumnReadings.__new__(ColumnReadings)
        numbers = None if self._numbers is None else self._numbers[:row]
        found._fill(self._times[:row], [one.before(row) for one in self._sources], numbers)
        return found

    def streams(self) -> dict[tuple[str, str], int]:
        """How many readings there are, by signal and source; those that have none are left out."""
        held = {(one.signal, one.source): one.count(0, len(self._times)) for one in self._sources}
        return {key: count for key, count in held.items() if count}

    def gaps(self) -> Iterator[tuple[str, str, Gap]]:
        """Of each source that is interrupted its signal, its name and the gap, as `Builder` finds them in readings."""
        found = []
        for number, one in enumerate(self._sources):
            there = np.flatnonzero((one.values == one.values) & (one.values != 0))
            rows = there if one.rows is None else one.rows[there]
            if one.signal not in NIBP[1:] and (gap := gap_in(self._times[rows])) is not None:
                found.append((int(rows[0]), number, one, gap))
        for _, _, one, gap in sorted(found, key=lambda each: each[:2]):
            yield one.signal, one.source, gap

    def conflicts(self) -> Iterator[tuple[str, str, int, int]]:
        """As of tracks."""
        if (self._times[1:] > self._times[:-1]).all():
            return
        found = []
        for number, one in enumerate(self._sources):
            there = np.flatnonzero(one.values == one.values)
            rows = there if one.rows is None else one.rows[there]
            times, values = self._times[rows], one.values[there]
            at = ((times[1:] == times[:-1]) & (values[1:] != values[:-1])).nonzero()[0] + 1
            if len(at):
                found.append((int(rows[at[0]]), number, one, len(at), int(times[at[0]])))
        for _, _, one, count, first in sorted(found, key=lambda each: each[:2]):
            yield one.signal, one.source, count, first

    @property
    def kinds(self) -> Sequence[Kind]:
        return [kind for one in self._sources for kind in one.kinds()]

    def batches(self) -> Iterator[Batch]:
        for first, end in spans(self._times, max(1, BATCH // max(1, len(self._sources)))):
            shape = end - first, len(self._sources)
            values, which = np.full(shape, np.nan), np.zeros(shape, np.int32)
            for number, one in enumerate(self._sources):
                one.fill(first, end, values[:, number], which[:, number])
            which += np.arange(len(self._sources), dtype=np.int32) * len(_STATUSES)
            there = values == values
            if there.any():
                rows = np.flatnonzero(there) // shape[1] + first
                received = rows if self._numbers is None else self._numbers[rows].astype(np.int64)
                yield Batch(self._times[rows], received, values[there], which[there])

    def ordered(self, place: Callable[[str, str], tuple[Any, ...]]) -> ColumnReadings:
        """The same: no two rows have one receipt."""
        found = ColumnReadings.__new__(ColumnReadings)
        sources = sorted(self._sources, key=lambda one: place(one.signal, one.source))
        found._fill(self._times, sources, self._numbers)
        return found

    def _make(self, number: int) -> list[Reading]:
        first = number * self._rows
        times = self._times[first : first + self._rows].tolist()
        numbers: Sequence[int] = range(first, first + len(times))
        if self._numbers is not None:
            numbers = self._numbers[first : first + len(times)].tolist()
        columns = [one.readings(first, times, numbers) for one in self._sources]
        return [one for row in zip(*columns, strict=True) for one in row if one is not None]
