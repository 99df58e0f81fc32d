"""Samples of a continuous signal become epochs of 5 s (clinical definition 3.1).

Epoch k is [anchor + 5 s * k, anchor + 5 s * (k + 1)); its value is the median of the valid samples in it. Of several
sources of the heart rate only the best one with a valid sample in the epoch is used: they are never mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf
from statistics import median
from typing import NamedTuple

from dashboard.rises.prepare import Sample
from devices.instant import SECOND
from devices.reading import Status

EPOCH = 5 * SECOND
BRIDGED = 2
"""So many missing epochs in a row neither count nor reset; one more resets pending runs."""
SLOWEST = 15 * SECOND
"""A source with longer intervals leaves three epochs in a row empty, so no run can complete (3.7)."""


class Span(NamedTuple):
    """One epoch with a value, or any number of missing ones in a row.

    Attributes:
        start, end: instants. value: median, None if missing. number: how many epochs (1 if there is a value).
        rank: of the source used, see `dashboard.rises.prepare.ECG`.
    """

    start: int
    end: int
    value: float | None
    number: int
    rank: int = 0


class _Epoch:
    """The samples of one epoch.

    Attributes:
        rank, times, values: of the valid samples of one source. others: the rest, each with a (rank, time) of its own.
    """

    __slots__ = ("others", "rank", "times", "values")

    def __init__(self, rank: int) -> None:
        self.rank = rank
        self.times: list[int] = []
        self.values: list[float] = []
        self.others: list[Sample] = []

    def known(self, sample: Sample) -> Sample | None:
        """What stands at the time and rank of `sample`."""
        if sample.rank == self.rank and sample.time in self.times:
            return replace(sample, value=self.values[self.times.index(sample.time)], status=Status.OK, valid=True)
        for other in self.others:
            if other.time == sample.time and other.rank == sample.rank:
                return other
        return None

    def median(self) -> tuple[float | None, int]:
        """Of the valid samples of the best source, and its rank; None without any."""
        rank, values = self.rank, self.values
        for sample in self.others:
            if sample.valid:
                assert sample.value is not None  # what is valid has a value
                if not values or sample.rank < rank:
                    rank, values = sample.rank, [sample.value]
                elif sample.rank == rank:
                    values.append(sample.value)
        if not values:
            return None, 0
        values.sort()
        middle = len(values) // 2
        return (values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2), rank


class Epochs:
    """Collects samples until the clock closes their epoch. Holds only what is not closed yet.

    Attributes:
        due: before this instant there is nothing to close.
    """

    __slots__ = ("_anchor", "_believed", "_end", "_last", "_newest", "_next", "_open", "due")

    def __init__(self, anchor: int, believed: tuple[float, float]) -> None:
        """`anchor`: start of epoch 0, that is t0; any instant while there is none. `believed`: range of validity."""
        self._believed = believed
        self._anchor = anchor
        self._next: int | None = None
        self._open: dict[int, _Epoch] = {}
        # The epoch that took a sample last, the time of its latest sample, and where it ends.
        self._newest = _Epoch(0)
        self._last = self._end = -(1 << 62)
        self.due: float = inf

    def passes(self, time: int, value: float, rank: int) -> bool:
        """Takes the next sample if it is one of the common kind, decided by a few comparisons.

        Args:
            time: instant. value: vouched for by the monitor. rank: of its source, see `dashboard.rises.prepare.ECG`.

        Returns:
            Whether it was taken: it is valid, and later than all others, of the same source. If not, `push` it.
        """
        low, high = self._believed
        newest = self._newest
        if self._last < time < self._end and low <= value <= high and newest.rank == rank:
            self._last = time
            newest.times.append(time)
            newest.values.append(value)
            return True
        if time < self._end:
            return False
        index = (time - self._anchor) // EPOCH
        if index in self._open or (self._next is not None and index < self._next):
            return False
        self._open_at(index, rank)
        return self.passes(time, value, rank)

    def push(self, sample: Sample) -> Sample | None:
        """Takes a sample.

        Returns:
            None if it was taken (or is known already); the sample that stands in its place if another value of the
            same source and time came first; the sample itself if its epoch is closed: it came late.
        """
        index = (sample.time - self._anchor) // EPOCH
        if self._next is not None and index < self._next:
            return sample
        epoch = self._open.get(index) or self._open_at(index, sample.rank)
        known = epoch.known(sample)
        if known is not None:
            return None if known.same_value(sample) else known
        if sample.valid and sample.value is not None and sample.rank == epoch.rank:
            epoch.times.append(sample.time)
            epoch.values.append(sample.value)
        else:
            epoch.others.append(sample)
        if epoch is self._newest:
            self._last = max(self._last, sample.time)
        return None

    def plain(self, until: int) -> tuple[int, float] | None:
        """Closes one epoch if that is all there is to do, and if only plain samples lie in it.

        Returns:
            Its start and median; None if this is another case, and nothing was done: `close` then.
        """
        newest, end, due = self._newest, self._end, self.due
        if end != due or not due <= until < due + EPOCH or newest.others or len(self._open) != 1:
            return None
        values = newest.values
        size = len(values)
        start = end - EPOCH
        index = (start - self._anchor) // EPOCH
        if not size or (self._next is not None and self._next != index):
            return None
        values.sort()
        value = values[size // 2] if size % 2 else (values[size // 2 - 1] + values[size // 2]) / 2
        del self._open[index]
        self._next = index + 1
        self.due = end + EPOCH
        self._end = start  # whatever comes now is looked up
        return start, value

    def close(self, until: int) -> list[Span]:
        """Closes the epochs that end at or before `until` and returns them, the first one that held a sample on."""
        if until < self.due:
            return []
        at = self._next
        if at is not None and until < self.due + EPOCH:  # the common case: one epoch is over
            self._next = at + 1
            self.due += EPOCH
            return [self._closed(at)]
        found = []
        limit = (until - self._anchor) // EPOCH
        for index in sorted([index for index in self._open if index < limit]):
            if at is not None and index > at:
                found.append(self._missing(at, index))
            found.append(self._closed(index))
            at = index + 1
        if at is not None:
            if at < limit:
                found.append(self._missing(at, limit))
                at = limit
            self.due = self._start(at + 1)
        self._next = at
        return found

    def _open_at(self, index: int, rank: int) -> _Epoch:
        epoch = self._newest = self._open[index] = _Epoch(rank)
        self._last = self._start(index) - 1
        self._end = self._last + 1 + EPOCH
        if self._end < self.due:
            self.due = self._end
        return epoch

    def _missing(self, first: int, after: int) -> Span:
        return Span(self._start(first), self._start(after), None, after - first)

    def _closed(self, index: int) -> Span:
        start = self._start(index)
        epoch = self._open.pop(index, None)
        if epoch is None:
            return Span(start, start + EPOCH, None, 1)
        if epoch is self._newest:
            self._end = start  # whatever comes now is looked up
        value, rank = epoch.median()
        return Span(start, start + EPOCH, value, 1, rank)

    def _start(self, index: int) -> int:
        return self._anchor + index * EPOCH


def is_evaluable(times: Sequence[int]) -> bool:
    """Whether samples at `times` (sorted instants) come often enough for a run of epochs to complete."""
    gaps = [later - earlier for earlier, later in pairwise(times) if later > earlier]
    return bool(gaps) and median(gaps) <= SLOWEST
