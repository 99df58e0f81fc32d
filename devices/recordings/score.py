"""What is played of a recording: its readings and notices in one order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import overload

from devices.reading import Item
from devices.recordings.readings.lazy import AT_ONCE, LazyReadings, upto
from devices.recordings.recording import Recording


class Score(Sequence[Item]):
    """Readings and notices of `recording` by time, then receipt; the readings are made only where they are looked at.

    A reading comes before a notice of the same row: a cuff's three readings must not be torn apart by one.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._readings = recording.readings
        if not isinstance(self._readings, LazyReadings):
            self._readings = sorted(self._readings, key=attrgetter("time", "received"))
        self._notices = sorted(recording.notices, key=attrgetter("time", "received"))
        self._times = [each.time for each in self._notices]
        # Where each notice stands among all items.
        self._places = [
            upto(self._readings, each.time, each.received) + number for number, each in enumerate(self._notices)
        ]

    def upto(self, time: int) -> int:
        """How many items are of the instant `time` or before it."""
        return upto(self._readings, time) + bisect_right(self._times, time)

    def __len__(self) -> int:
        return len(self._readings) + len(self._notices)

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...

    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return self._between(start, max(start, stop))[::step] if step > 0 else self._between(0, len(self))[index]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(index)
        return self._between(place, place + 1)[0]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(other) != len(self):
            return False
        return all(one == another for one, another in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[Item]:
        for first in range(0, len(self), AT_ONCE):
            yield from self._between(first, min(first + AT_ONCE, len(self)))

    def _between(self, start: int, stop: int) -> list[Item]:
        first, last = bisect_left(self._places, start), bisect_left(self._places, stop)
        found: list[Item] = list(self._readings[start - first : stop - last])
        for number in range(first, last):
            found.insert(self._places[number] - start, self._notices[number])
        return found
