"""Tracks as readings: each has times of its own, and they are put in one order only where somebody looks at them.

They are the very readings, in the very order, that adding them one by one gives: by time, then receipt, then track.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from devices.reading import Reading, Status
from devices.recordings.readings.batches import BATCH, Batch, Kind
from devices.recordings.readings.gaps import gap_in
from devices.recordings.readings.lazy import AT_ONCE, LazyReadings, readings_in
from devices.recordings.recording import PLAUSIBLE, Gap
from devices.recordings.series import doubles
from devices.signals import NIBP, SIGNALS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_JUDGED = (Status.OK, Status.RANGE, Status.ZERO)
_OK, _RANGE, _ZERO, _DOUBT = range(len(_JUDGED) + 1)


class Stream(Struct, frozen=True):
    """One source of one signal; all columns of one length.

    Attributes:
        times: instants, ascending. received: as in a Reading; no two of one time have the same.
        values: in the signal's unit, none NaN; 0: no signal. 32-bit floats as the file holds them, see `doubles`.
        doubt: what is said of the first `doubted` values, in place of judging them; a 0 keeps its own status.
    """

    signal: str
    source: str
    times: NDArray[np.int64]
    received: NDArray[np.int64] | NDArray[np.int32]
    values: NDArray[np.float64] | NDArray[np.float32]
    doubt: Status = Status.AGE_UNKNOWN
    doubted: int = 0

    def __len__(self) -> int:
        return len(self.times)

    def before(self, end: int) -> Stream:
        """Its first `end` readings."""
        return replace(self, times=self.times[:end], received=self.received[:end], values=self.values[:end])

    def upto(self, time: int, received: int | None) -> int:
        """As `LazyReadings.upto`."""
        end = int(np.searchsorted(self.times, time, "right"))
        if received is None:
            return end
        start = int(np.searchsorted(self.times, time, "left"))
        return start + int(np.count_nonzero(self.received[start:end] <= received))

    def kinds(self) -> list[Kind]:
        """The kinds that `part` numbers."""
        unit = SIGNALS[self.signal].unit
        return [
            (self.signal, unit, status, self.source, status is not Status.ZERO) for status in (*_JUDGED, self.doubt)
        ]

    def part(self, since: int, until: int | None) -> Batch:
        """Its readings from the instant `since` on and before `until`; None: to the end."""
        start = int(np.searchsorted(self.times, since, "left"))
        stop = len(self) if until is None else int(np.searchsorted(self.times, until, "left"))
        values = doubles(self.values[start:stop]) + 0.0  # a 0 without its sign, as it has no value
        low, high = PLAUSIBLE[self.signal]
        kinds = np.full(len(values), _RANGE, np.int32)
        kinds[(values >= low) & (values <= high)] = _OK
        kinds[: max(0, self.doubted - start)] = _DOUBT
        kinds[values == 0] = _ZERO
        return Batch(self.times[start:stop], self.received[start:stop].astype(np.int64), values, kinds)

    def gap(self) -> Gap | None:
        """How it is interrupted. A cuff's three values stop and go on together: its systolic speaks for them."""
        if self.signal in NIBP[1:]:
            return None
        there = doubles(self.values) != 0
        return gap_in(self.times if there.all() else self.times[there])

    def conflicts(self) -> NDArray[np.int64]:
        """Where a value follows that differs from the one before it, of the same time."""
        again = np.flatnonzero(self.times[1:] == self.times[:-1]) + 1
        if not len(again):
            return again
        near = np.union1d(again, again - 1)
        order: NDArray[np.int64] = near[np.lexsort((self.received[near], self.times[near]))]
        values = doubles(self.values[order])
        follows = (self.times[order][1:] == self.times[order][:-1]) & (values[1:] != values[:-1])
        return order[1:].compress(follows)


class TrackReadings(LazyReadings):
    """The readings of `streams`; of one time and receipt they follow each other as the streams do."""

    def __init__(self, streams: Sequence[Stream]) -> None:
        self._streams = [one for one in streams if len(one)]
        # A piece ends where each stream has given about its share, and never amid an instant.
        share = max(1, AT_ONCE // max(1, len(self._streams)))
        marks = np.sort(np.concatenate([np.empty(0, np.int64), *(one.times[::share] for one in self._streams)]))
        self._edges = np.unique(marks[:: max(1, len(self._streams))])
        before = np.zeros(len(self._edges), np.int64)
        for one in self._streams:
            before += np.searchsorted(one.times, self._edges, "left")
        super().__init__([*before.tolist(), sum(map(len, self._streams))])

    def __repr__(self) -> str:
        return f"<{len(self)} readings of {len(self._streams)} tracks>"

    def upto(self, time: int, received: int | None = None) -> int:
        return sum(one.upto(time, received) for one in self._streams)

    def through(self, time: int) -> TrackReadings:
        return TrackReadings([one.before(one.upto(time, None)) for one in self._streams])

    def streams(self) -> dict[tuple[str, str], int]:
        """How many readings there are, by signal and source; those that have none are left out."""
        return {(one.signal, one.source): len(one) for one in self._streams}

    def gaps(self) -> Iterator[tuple[str, str, Gap]]:
        """Of each source that is interrupted its signal, its name and the gap, as `Builder` finds them in readings."""
        found = []
        for number, one in enumerate(self._streams):
            if (gap := one.gap()) is not None:
                first = int(np.flatnonzero(doubles(one.values))[0])
                found.append((int(one.times[first]), int(one.received[first]), number, gap))
        for _, _, number, gap in sorted(found, key=lambda each: each[:3]):
            yield self._streams[number].signal, self._streams[number].source, gap

    def conflicts(self) -> Iterator[tuple[str, str, int, int]]:
        """Of each source with two different values of one time its signal, its name, how often, and when first."""
        found = []
        for number, one in enumerate(self._streams):
            if len(where := one.conflicts()):
                first = int(where[0])
                found.append((int(one.times[first]), int(one.received[first]), number, len(where)))
        for time, _, number, count in sorted(found):
            yield self._streams[number].signal, self._streams[number].source, count, time

    @property
    def kinds(self) -> Sequence[Kind]:
        return [kind for one in self._streams for kind in one.kinds()]

    def batches(self) -> Iterator[Batch]:
        step = max(1, BATCH // AT_ONCE)
        for first in range(0, len(self._edges), step):
            yield self._between(first, first + step)

    def ordered(self, place: Callable[[str, str], tuple[Any, ...]]) -> TrackReadings:
        return TrackReadings(sorted(self._streams, key=lambda one: place(one.signal, one.source)))

    def _make(self, number: int) -> list[Reading]:
        return readings_in(self._between(number, number + 1), self.kinds)

    def _between(self, first: int, end: int) -> Batch:
        """The readings of the pieces from `first` up to `end`."""
        since, until = int(self._edges[first]), int(self._edges[end]) if end < len(self._edges) else None
        parts = [one.part(since, until) for one in self._streams]
        times = np.concatenate([part.times for part in parts])
        received = np.concatenate([part.received for part in parts])
        values = np.concatenate([part.values for part in parts])
        each = len(_JUDGED) + 1
        which = np.concatenate([part.which + np.int32(number * each) for number, part in enumerate(parts)])
        return Batch(times, received, values, which).select(np.lexsort((received, times)))
