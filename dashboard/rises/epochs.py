"""Samples of a continuous signal become epochs of 5 s (clinical definition 3.1).

Epoch k is [anchor + 5 s * k, anchor + 5 s * (k + 1)); its value is the median of the valid samples in it. Of several
sources of the heart rate only the best one with a valid sample in the epoch is used: they are never mixed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import inf, nan
from typing import NamedTuple

from msgspec.structs import replace

from dashboard.rises.prepare import Sample
from dashboard.rises.timeline import AFTER_ALL, BEFORE_ALL
from devices.instant import SECOND
from devices.reading import Status

EPOCH = 5 * SECOND
BRIDGED = 2
"""So many missing epochs in a row neither count nor reset; one more resets pending runs."""
SLOWEST = 15 * SECOND
"""A source with longer intervals leaves three epochs in a row empty, so no run can complete (3.7)."""


CALM = (BEFORE_ALL, nan)
"""In place of an epoch's start and median, where all its samples are calm and so nobody needs to know them."""


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


class Epochs:
    """Collects samples until the clock closes their epoch. Holds only what is not closed yet.

    An epoch whose samples are all calm (see `calm`) has a calm median, whichever of them it is: it is not looked for.

    Attributes:
        due: before this instant there is nothing to close.
    """

    __slots__ = (
        "_anchor", "_end", "_has_closed", "_high", "_last", "_least", "_low", "_most", "_newest", "_open", "_others",
        "_rank", "_ranks", "_stirred", "due",
    )  # fmt: skip

    def __init__(self, anchor: int, believed: tuple[float, float]) -> None:
        """`anchor`: start of epoch 0, that is t0; any instant while there is none. `believed`: range of validity."""
        self._least, self._most = believed
        self._low = self._high = inf
        self._stirred = BEFORE_ALL  # epochs that end later than this hold calm samples only
        self._anchor = anchor
        self._has_closed = False  # from then on all epochs follow each other, and `due` is the end of the next one
        # By the epoch's end: the valid samples of one source, by time; its rank, if that is not 0; all other samples.
        self._open: dict[int, dict[int, float]] = {}
        self._ranks: dict[int, int] = {}
        self._others: dict[int, list[Sample]] = {}
        # The latest epoch: its valid samples, their rank, the time of its latest sample, and where it ends. Once it is
        # closed nothing lies between the last two, so that whatever comes is looked up.
        self._newest: dict[int, float] = {}
        self._rank = 0
        self._last = self._end = BEFORE_ALL
        self.due = AFTER_ALL

    def calm(self, low: float, high: float) -> None:
        """From now on samples between the two (neither of them), which lie within the believed range, are calm."""
        if low != self._low or high != self._high:
            self._low, self._high = low, high
            self._stirred = max(self._stirred, self._end, *self._open)

    def passes(self, time: int, value: float, rank: int) -> bool:
        """Takes the next sample if it is one of the common kind, decided by a few comparisons.

        Args:
            time: instant. value: vouched for by the monitor. rank: of its source, see `dashboard.rises.prepare.ECG`.

        Returns:
            Whether it was taken: it is valid, and later than all others, of the same source. If not, `push` it.
        """
        # Two comparisons are quicker than one of three values.
        if self._low < value and value < self._high:
            if self._last < time and time < self._end and self._rank == rank:
                self._newest[time] = value
                self._last = time
                return True
            stirs = False
        elif self._least <= value <= self._most:
            stirs = True
        else:
            return False
        end = self._end
        if time < end:
            if time <= self._last or self._rank != rank:
                return False
            self._newest[time] = value
        elif time < end + EPOCH and rank == self._rank == 0:
            self._end = end = end + EPOCH
            self._newest = self._open[end] = {time: value}
        else:
            end = self._end_of(time)
            self._open_until(end, rank)[time] = value
        self._last = time
        if stirs:
            self._stirred = end
        return True

    def push(self, sample: Sample) -> Sample | None:
        """Takes a sample.

        Returns:
            None if it was taken (or is known already); the sample that stands in its place if another value of the
            same source and time came first; the sample itself if its epoch is closed: it came late.
        """
        time, rank, value = sample.time, sample.rank, sample.value
        if sample.valid and value is not None and self.passes(time, value, rank):
            return None
        end = self._end_of(time)
        if self._has_closed and end < self.due:
            return sample
        plain = self._open.get(end)
        if plain is None:
            plain = self._open_until(end, rank)
        known = self._known(end, sample)
        if known is not None:
            return None if known.same_value(sample) else known
        if sample.valid and value is not None and rank == self._ranks.get(end, 0):
            plain[time] = value
            self._stirred = max(self._stirred, end)
        else:
            self._others.setdefault(end, []).append(sample)
        if self._last < time < self._end:
            self._last = time
        return None

    def plain(self, until: int) -> tuple[int, float] | None:
        """Closes the epoch that is `due` at or before `until` if it is the only one, and all samples in it are plain.

        Returns:
            Its start and median, or CALM; None if this is another case, and nothing was done: `close` then.
        """
        end = self.due
        following = end + EPOCH
        if until >= following or not self._has_closed or (self._others and end in self._others):
            return None
        samples = self._open.pop(end, None)
        if samples is None:
            return None
        if self._ranks:
            self._ranks.pop(end, None)
        self.due = following
        if end == self._end:
            self._last = end
        return CALM if end > self._stirred else (end - EPOCH, middle(sorted(samples.values())))

    def close(self, until: int) -> list[Span]:
        """Closes the epochs that end at or before `until` and returns them, the first one that held a sample on."""
        if until < self.due:
            return []
        found = []
        limit = until - (until - self._anchor) % EPOCH
        for end in sorted([end for end in self._open if end <= limit]):
            if self._has_closed and end > self.due:
                found.append(self._missing(self.due, end - EPOCH))
            found.append(self._closed(end))
            self.due, self._has_closed = end + EPOCH, True
        if self._has_closed:
            if self.due <= limit:
                found.append(self._missing(self.due, limit))
                self.due = limit + EPOCH
            if limit >= self._end:
                self._last = self._end = limit
        return found

    def _end_of(self, time: int) -> int:
        """Where the epoch ends in which the instant `time` lies."""
        return time - (time - self._anchor) % EPOCH + EPOCH

    def _open_until(self, end: int, rank: int) -> dict[int, float]:
        """Opens an epoch for plain samples of `rank`."""
        plain: dict[int, float] = {}
        self._open[end] = plain
        if rank:
            self._ranks[end] = rank
        if end > self._end:
            self._newest, self._rank = plain, rank
            self._last, self._end = end - EPOCH - 1, end
        self.due = min(self.due, end)
        return plain

    def _known(self, end: int, sample: Sample) -> Sample | None:
        """What stands at the time and rank of `sample`."""
        plain = self._open[end]
        if sample.rank == self._ranks.get(end, 0) and sample.time in plain:
            return replace(sample, value=plain[sample.time], status=Status.OK, valid=True)
        for other in self._others.get(end, ()):
            if other.time == sample.time and other.rank == sample.rank:
                return other
        return None

    def _missing(self, first: int, last: int) -> Span:
        """The epochs from the one that ends at `first` to the one that ends at `last`."""
        return Span(first - EPOCH, last, None, (last - first) // EPOCH + 1)

    def _closed(self, end: int) -> Span:
        """With the median of the valid samples of the best source, and its rank; without any no value."""
        rank, values = self._ranks.pop(end, 0), list(self._open.pop(end).values())
        for sample in self._others.pop(end, ()):
            if sample.valid:
                assert sample.value is not None  # what is valid has a value
                if not values or sample.rank < rank:
                    rank, values = sample.rank, [sample.value]
                elif sample.rank == rank:
                    values.append(sample.value)
        if not values:
            return Span(end - EPOCH, end, None, 1)
        return Span(end - EPOCH, end, middle(sorted(values)), 1, rank)


def middle(ordered: Sequence[float]) -> float:
    """The median of `ordered`, which ascend: `statistics` takes as long to load as a day to be judged."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def is_evaluable(times: Sequence[int]) -> bool:
    """Whether samples at `times` (ascending instants) come often enough for a run of epochs to complete: by the median
    of their intervals, which are few different ones."""
    counts = Counter(later - earlier for earlier, later in pairwise(times) if later > earlier)
    number = counts.total()
    found = []
    before = 0
    for gap in sorted(counts):
        # Of an even number both in the middle count.
        found += [gap for place in {(number - 1) // 2, number // 2} if before <= place < before + counts[gap]]
        before += counts[gap]
    return bool(found) and sum(found) <= SLOWEST * len(found)
