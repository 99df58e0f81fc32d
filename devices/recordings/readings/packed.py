"""Any recording's readings as columns of numbers, equal to the last bit: what another process can be handed whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from devices.reading import Reading
from devices.recordings.readings.batches import BATCH, Batch, Kind, spans
from devices.recordings.readings.lazy import AT_ONCE, LazyReadings, readings_in

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
        self._fill(times, received, values, which, list(kinds))

    def _fill(
        self,
        times: NDArray[np.int64],
        received: NDArray[np.int64],
        values: NDArray[np.float64],
        which: NDArray[np.int32],
        kinds: list[Kind],
    ) -> None:
        self._times, self._received, self._values, self._which, self._kinds = times, received, values, which, kinds
        super().__init__([*range(0, len(times), AT_ONCE), len(times)])

    def upto(self, time: int, received: int | None = None) -> int:
        end = int(np.searchsorted(self._times, time, "right"))
        if received is None:
            return end
        start = int(np.searchsorted(self._times, time, "left"))
        return start + int(np.searchsorted(self._received[start:end], received, "right"))

    def through(self, time: int) -> PackedReadings:
        end = self.upto(time)
        found = PackedReadings.__new__(PackedReadings)
        found._fill(self._times[:end], self._received[:end], self._values[:end], self._which[:end], self._kinds)
        return found

    @property
    def kinds(self) -> Sequence[Kind]:
        return self._kinds

    def batches(self) -> Iterator[Batch]:
        whole = Batch(self._times, self._received, self._values, self._which)
        for start, end in spans(self._times, BATCH):
            yield whole.select(slice(start, end))

    def ordered(self, place: Callable[[str, str], tuple[Any, ...]]) -> PackedReadings:
        """The same; these may have been in any order."""
        places = [place(signal, source) for signal, _, _, source, _ in self._kinds]
        ranks = {each: rank for rank, each in enumerate(sorted(set(places)))}
        rank = np.array([ranks[each] for each in places], np.int32)[self._which]
        order = np.lexsort((rank, self._received, self._times))
        found = PackedReadings.__new__(PackedReadings)
        columns = (self._times[order], self._received[order], self._values[order], self._which[order])
        found._fill(*columns, self._kinds)
        return found

    def _make(self, number: int) -> list[Reading]:
        rows = slice(number * AT_ONCE, (number + 1) * AT_ONCE)
        return readings_in(Batch(self._times, self._received, self._values, self._which).select(rows), self._kinds)
