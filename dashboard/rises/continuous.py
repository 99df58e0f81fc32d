"""A continuous signal of a whole session, reduced to what is asked of it afterwards: a month has millions of values."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from math import nan
from typing import overload

from msgspec import Struct

from dashboard.rises.baseline import RATE_WINDOW
from dashboard.rises.epochs import EPOCH, Epochs, is_evaluable
from dashboard.rises.prepare import Sample
from devices.reading import Status

_STATUSES = tuple(Status)
_NUMBER = {status: number for number, status in enumerate(_STATUSES)}


class Point(Struct, frozen=True):
    """A valid value: a cuff reading's, or an epoch's. `known`: when it is known (a reading: its time)."""

    time: int
    known: int
    value: float


class Points(Sequence[Point]):
    """Values by time, each known `lasting` µs after its time."""

    def __init__(self, lasting: int, times: array[int] | None = None, values: array[float] | None = None) -> None:
        self._lasting = lasting
        self.times = array("q") if times is None else times
        self.values = array("d") if values is None else values

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[Point]:
        for time, value in zip(self.times, self.values, strict=True):
            yield Point(time, time + self._lasting, value)

    @overload
    def __getitem__(self, index: int) -> Point: ...

    @overload
    def __getitem__(self, index: slice) -> Points: ...

    def __getitem__(self, index: int | slice) -> Point | Points:
        if isinstance(index, slice):
            return Points(self._lasting, self.times[index], self.values[index])
        time = self.times[index]
        return Point(time, time + self._lasting, self.values[index])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Points):
            return NotImplemented
        return (self._lasting, self.times, self.values) == (other._lasting, other.times, other.values)

    __hash__ = None  # type: ignore[assignment]


class Refused(Struct, frozen=True):
    """A sample that does not count. `value`: None where absent."""

    time: int
    value: float | None
    status: Status


class Continuous:
    """The samples of one signal, taken in by and by.

    Attributes:
        points: the epochs with a value. heard: a sample came at all.
    """

    def __init__(self, t0: int, believed: tuple[float, float]) -> None:
        """`believed`: the range of validity."""
        self.heard = False
        self.points = Points(EPOCH)
        self._since = t0 - RATE_WINDOW
        self._epochs = Epochs(t0, believed)
        self._used = array("q")
        self._refused: tuple[array[int], array[float], array[int]] = (array("q"), array("d"), array("B"))

    def take(self, samples: Sequence[Sample], until: int) -> None:
        """Takes the next samples, in order; epochs that end after the instant `until` are left out."""
        if not samples:
            return
        self.heard = True
        push, used, since = self._epochs.push, self._used, self._since
        times, values, statuses = self._refused
        for each in samples:
            push(each)
            if not each.valid:
                times.append(each.time)
                values.append(nan if each.value is None else each.value)
                statuses.append(_NUMBER[each.status])
            elif each.time >= since:
                used.append(each.time)
        points = self.points
        for span in self._epochs.close(until):
            if span.value is not None:
                points.times.append(span.start)
                points.values.append(span.value)

    @property
    def valid_since(self) -> Sequence[int]:
        """The times of what counts, from where a baseline begins."""
        return self._used

    @property
    def is_evaluable(self) -> bool:
        """Whether what counts comes often enough, from where a baseline begins."""
        return is_evaluable(self._used)

    def refused(self, since: int | None = None, until: int | None = None) -> Iterator[Refused]:
        """What does not count with `since` <= time < `until`, by time."""
        times, values, statuses = self._refused
        first = 0 if since is None else bisect_left(times, since)
        end = len(times) if until is None else bisect_left(times, until)
        for time, value, status in zip(times[first:end], values[first:end], statuses[first:end], strict=True):
            yield Refused(time, None if value != value else value, _STATUSES[status])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Continuous):
            return NotImplemented
        return self._said() == other._said()

    __hash__ = None  # type: ignore[assignment]

    def _said(self) -> tuple[object, ...]:
        return self._since, self.heard, self.points, self._used, *(each.tobytes() for each in self._refused)
