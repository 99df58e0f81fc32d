"""Readings that are made only where somebody looks at them: a month of seconds has millions."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Self, overload

from devices.reading import Reading
from devices.recordings.readings.batches import Batch, Kind

AT_ONCE = 1 << 12
"""About so many readings are made at once: a replay shares its thread with live beds, and what is made stays small."""

MANY = 1 << 14
"""Readings from which on a reader keeps them in columns: fewer are made as fast, and take no room."""


class LazyReadings(Sequence[Reading]):
    """Readings by time, then receipt: a promise, on which others need not look.

    Made piece by piece; `before` says how many stand before each piece, and in all.
    """

    def __init__(self, before: list[int]) -> None:
        self._before = before
        self._made: dict[int, list[Reading]] = {}

    @abstractmethod
    def _make(self, number: int) -> list[Reading]:
        """The readings of one piece."""

    @abstractmethod
    def upto(self, time: int, received: int | None = None) -> int:
        """How many were measured before the instant `time`, or at it and received no later than `received`."""

    @abstractmethod
    def through(self, time: int) -> Self:
        """Those measured at or before the instant `time`."""

    @property
    @abstractmethod
    def kinds(self) -> Sequence[Kind]:
        """What `batches` number: all kinds that there may be."""

    @abstractmethod
    def batches(self) -> Iterator[Batch]:
        """All of them as columns, batch by batch, none of which is empty or begins amid an instant."""

    @abstractmethod
    def ordered(self, place: Callable[[str, str], tuple[Any, ...]]) -> Self:
        """The same, those of one time and receipt by the `place` of their signal and source."""

    @property
    def ends(self) -> tuple[int, int]:
        """The instants of the first and the last of them; there must be one."""
        return self[0].time, self[-1].time

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_made": {}}  # what was made can be made again

    def __len__(self) -> int:
        return self._before[-1]

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

    def _from(self, place: int) -> Iterator[Reading]:
        """The readings from the one at `place` on."""
        first = bisect_right(self._before, place) - 1
        for number in range(first, len(self._before) - 1):
            piece = self._piece(number)
            yield from piece if number > first else islice(piece, place - self._before[first], None)

    def _piece(self, number: int) -> list[Reading]:
        """As `_make`; the two made last are kept, as some look to both sides of where two meet."""
        made = self._made.get(number)
        if made is None:
            made = self._make(number)
            self._made = {**dict(list(self._made.items())[-1:]), number: made}
        return made


def readings_in(batch: Batch, kinds: Sequence[Kind]) -> list[Reading]:
    """The readings of `batch`, whose kinds are `kinds`."""
    columns = (each.tolist() for each in (batch.times, batch.received, batch.values, batch.which))
    made = []
    for time, received, value, which in zip(*columns, strict=True):
        signal, unit, status, source, has_value = kinds[which]
        made.append(Reading(time, received, signal, value if has_value else None, unit, status, source))
    return made


def upto(readings: Sequence[Reading], time: int, received: int | None = None) -> int:
    """As `LazyReadings.upto`, of any readings in that order."""
    if isinstance(readings, LazyReadings):
        return readings.upto(time, received)
    if received is None:
        return bisect_right(readings, time, key=lambda each: each.time)
    return bisect_right(readings, (time, received), key=lambda each: (each.time, each.received))


def through(readings: Sequence[Reading], time: int) -> Sequence[Reading]:
    """As `LazyReadings.through`, of any readings in that order."""
    return readings.through(time) if isinstance(readings, LazyReadings) else readings[: upto(readings, time)]
