"""Any recording's readings as columns of numbers, equal to the last bit: what another process can be handed whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from devices.reading import Reading
from devices.recordings.readings.batches import BATCH, Batch, Kind, spans
from devices.recordings.readings.gaps import gap_in
from devices.recordings.readings.lazy import AT_ONCE, LazyReadings, readings_in
from devices.recordings.recording import Gap
from devices.signals import NIBP

if TYPE_CHECKING:
    from numpy.typing import NDArray


class PackedReadings(LazyReadings):
    """`readings`, which are by time, then receipt."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        kinds: dict[Kind, int] = {}
        count = len(readings)
        times, received = (
            np.fromiter(map(attrgetter(name), readings), np.int64, count) for name in ("time", "received")
        )
        values = np.fromiter((0.0 if each.value is None else each.value for each in readings), np.float64, count)
        numbers = (
            kinds.setdefault((each.signal, each.unit, each.status, each.source, each.value is not None), len(kinds))
            for each in readings
        )
        which = np.fromiter(numbers, np.int32, count)
        self._fill(Batch(times, received, values, which), list(kinds))

    @classmethod
    def of(cls, readings: Batch, kinds: list[Kind]) -> PackedReadings:
        """All of `readings`, which are by time, then receipt."""
        found = cls.__new__(cls)
        found._fill(readings, kinds)
        return found

    def _fill(self, whole: Batch, kinds: list[Kind]) -> None:
        self._whole, self._kinds = whole, kinds
        self._times, self._received, self._values, self._which = whole.times, whole.received, whole.values, whole.which
        super().__init__([*range(0, len(whole), AT_ONCE), len(whole)])

    def upto(self, time: int, received: int | None = None) -> int:
        end = int(np.searchsorted(self._times, time, "right"))
        if received is None:
            return end
        start = int(np.searchsorted(self._times, time, "left"))
        return start + int(np.searchsorted(self._received[start:end], received, "right"))

    def through(self, time: int) -> PackedReadings:
        return PackedReadings.of(self._whole.select(slice(self.upto(time))), self._kinds)

    def streams(self) -> dict[tuple[str, str], int]:
        """How many readings there are, by signal and source; those that have none are left out."""
        held: dict[tuple[str, str], int] = {}
        for (signal, _, _, source, _), count in zip(self._kinds, np.bincount(self._which).tolist(), strict=False):
            if count:
                held[signal, source] = held.get((signal, source), 0) + count
        return held

    def gaps(self) -> Iterator[tuple[str, str, Gap]]:
        """Of each source that is interrupted its signal, its name and the gap, as `Builder` finds them in readings."""
        found = []
        for (signal, source), rows in self._by_stream(True):
            if signal not in NIBP[1:] and len(rows) and (gap := gap_in(self._times[rows])) is not None:
                found.append((int(rows[0]), signal, source, gap))
        for _, signal, source, gap in sorted(found, key=lambda each: each[0]):
            yield signal, source, gap

    def conflicts(self) -> Iterator[tuple[str, str, int, int]]:
        """Of each source with two different values of one time its signal, its name, how often, and when first."""
        has = np.array([kind[4] for kind in self._kinds])
        found = []
        for (signal, source), rows in self._by_stream(False):
            times, values = self._times[rows], np.where(has[self._which[rows]], self._values[rows], np.nan)
            same = (values[1:] == values[:-1]) | (np.isnan(values[1:]) & np.isnan(values[:-1]))
            at = ((times[1:] == times[:-1]) & ~same).nonzero()[0] + 1
            if len(at):
                found.append((int(rows[at[0]]), signal, source, len(at), int(times[at[0]])))
        for _, signal, source, count, first in sorted(found):
            yield signal, source, count, first

    def _by_stream(self, with_value: bool) -> Iterator[tuple[tuple[str, str], NDArray[np.int64]]]:
        """The rows of each signal and source; `with_value`: those alone that have one."""
        numbers: dict[tuple[str, str], list[int]] = {}
        for number, (signal, _, _, source, has) in enumerate(self._kinds):
            if has or not with_value:
                numbers.setdefault((signal, source), []).append(number)
        for key, those in numbers.items():
            yield key, np.isin(self._which, those).nonzero()[0]

    @property
    def kinds(self) -> Sequence[Kind]:
        return self._kinds

    def batches(self) -> Iterator[Batch]:
        for start, end in spans(self._times, BATCH):
            yield self._whole.select(slice(start, end))

    def ordered(self, place: Callable[[str, str], tuple[Any, ...]]) -> PackedReadings:
        """The same; these may have been in any order."""
        places = [place(signal, source) for signal, _, _, source, _ in self._kinds]
        ranks = {each: rank for rank, each in enumerate(sorted(set(places)))}
        rank = np.array([ranks[each] for each in places], np.int32)[self._which]
        order = np.lexsort((rank, self._received, self._times))
        return PackedReadings.of(self._whole.select(order), self._kinds)

    def _make(self, number: int) -> list[Reading]:
        rows = slice(number * AT_ONCE, (number + 1) * AT_ONCE)
        return readings_in(self._whole.select(rows), self._kinds)
