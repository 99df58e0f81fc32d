"""Samples of a continuous signal become epochs of 5 s (clinical definition 3.1).

Epoch k is [anchor + 5 s * k, anchor + 5 s * (k + 1)); its value is the median of the valid samples in it. Of several
sources of the heart rate only the best one with a valid sample in the epoch is used: they are never mixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from dashboard.rises.prepare import Sample
from devices.instant import SECOND

EPOCH = 5 * SECOND
SLOWEST = 15 * SECOND
"""A source with longer intervals leaves three epochs in a row empty, so no run can complete (3.7)."""


@dataclass(frozen=True, slots=True)
class Span:
    """One epoch with a value, or any number of missing ones in a row.

    Attributes:
        start, end: instants. value: median, None if missing. count: how many epochs (1 if there is a value).
        rank: of the source used, see `dashboard.rises.prepare.ECG`.
    """

    start: int
    end: int
    value: float | None
    count: int
    rank: int = 0


class Epochs:
    """Collects samples until the clock closes their epoch. Holds only what is not closed yet."""

    __slots__ = ("_anchor", "_next", "_open")

    def __init__(self, anchor: int) -> None:
        """`anchor`: start of epoch 0, that is t0; any instant while there is none."""
        self._anchor = anchor
        self._next: int | None = None
        self._open: dict[int, dict[tuple[int, int], Sample]] = {}

    def push(self, sample: Sample) -> Sample | None:
        """Takes a sample.

        Returns:
            None if it was taken (or is known already); the sample that stands in its place if another value of the
            same source and time came first; the sample itself if its epoch is closed: it came late.
        """
        index = (sample.time - self._anchor) // EPOCH
        if self._next is not None and index < self._next:
            return sample
        epoch = self._open.setdefault(index, {})
        known = epoch.setdefault((sample.rank, sample.time), sample)
        return None if known is sample or known.same_value(sample) else known

    def close(self, until: int) -> Iterator[Span]:
        """Closes the epochs that end at or before `until` and yields them, the first one that held a sample on."""
        limit = (until - self._anchor) // EPOCH
        at = self._next
        for index in sorted(index for index in self._open if index < limit):
            if at is not None and index > at:
                yield self._missing(at, index)
            yield self._closed(index, self._open.pop(index))
            at = index + 1
        if at is not None and at < limit:
            yield self._missing(at, limit)
            at = limit
        self._next = at

    def _missing(self, first: int, after: int) -> Span:
        return Span(self._start(first), self._start(after), None, after - first)

    def _closed(self, index: int, samples: dict[tuple[int, int], Sample]) -> Span:
        start = self._start(index)
        rank = min((sample.rank for sample in samples.values() if sample.valid), default=None)
        if rank is None:
            return Span(start, start + EPOCH, None, 1)
        values = [sample.value for sample in samples.values() if sample.valid and sample.rank == rank]
        return Span(start, start + EPOCH, median(value for value in values if value is not None), 1, rank)

    def _start(self, index: int) -> int:
        return self._anchor + index * EPOCH


def is_evaluable(times: Sequence[int]) -> bool:
    """Whether samples at `times` (sorted instants) come often enough for a run of epochs to complete."""
    gaps = [later - earlier for earlier, later in pairwise(times) if later > earlier]
    return bool(gaps) and median(gaps) <= SLOWEST
