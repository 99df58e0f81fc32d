"""Any recording's readings as columns of numbers, equal to the last bit: what another process can be handed whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from devices.reading import Reading, Status
from devices.recordings.lazy_readings import AT_ONCE, LazyReadings

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Kind = tuple[str, str, Status, str, bool]
"""What many readings share: signal, unit, status, source, and whether they have a value."""


class PackedReadings(LazyReadings):
    """`readings`, which are by time, then receipt."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        kinds: dict[_Kind, int] = {}
        count = len(readings)
        times, received, values = np.empty(count, np.int64), np.empty(count, np.int64), np.zeros(count)
        which = np.empty(count, np.int32)
        for place, each in enumerate(readings):
            times[place], received[place] = each.time, each.received
            kind = (each.signal, each.unit, each.status, each.source, each.value is not None)
            which[place] = kinds.setdefault(kind, len(kinds))
            if each.value is not None:
                values[place] = each.value
        self._fill(times, received, values, which, list(kinds))

    def _fill(
        self,
        times: NDArray[np.int64],
        received: NDArray[np.int64],
        values: NDArray[np.float64],
        which: NDArray[np.int32],
        kinds: list[_Kind],
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

    def _make(self, number: int) -> list[Reading]:
        rows = slice(number * AT_ONCE, (number + 1) * AT_ONCE)
        kinds = self._kinds
        columns = (each[rows].tolist() for each in (self._times, self._received, self._values, self._which))
        made = []
        for time, received, value, which in zip(*columns, strict=True):
            signal, unit, status, source, has_value = kinds[which]
            made.append(Reading(time, received, signal, value if has_value else None, unit, status, source))
        return made
