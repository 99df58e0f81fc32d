"""Columns of samples become columns of epochs: what `epochs.Epochs` does sample by sample (3.1)."""

from __future__ import annotations

import numpy as np

from dashboard.rises.arrays import PIECE, Instants, Samples, Values
from dashboard.rises.epochs import EPOCH


def epoch_medians(samples: Samples, anchor: int, until: int) -> tuple[Instants, Values]:
    """The epochs with a value that end at or before the instant `until`.

    Returns:
        Their numbers, ascending (epoch 0 starts at `anchor`), and the medians of the valid samples of the best source
        in each, exact: of an even count the mean of the middle two.
    """
    limit = (until - anchor) // EPOCH
    used = slice(0, int(np.searchsorted(samples.time, anchor + limit * EPOCH)))
    time, value, rank, valid = samples.time[used], samples.value[used], samples.rank[used], samples.valid[used]
    if not valid.all():
        time, value, rank = time[valid], value[valid], rank[valid]
    if not len(time):
        return time, value
    if rank.strides[0] and (rank != rank[0]).any():  # a column without a step is one value in every row
        _, first = _epochs(time, anchor)
        best = np.repeat(np.minimum.reduceat(rank, first), np.diff(first, append=len(rank)))
        time, value = time[rank == best], value[rank == best]
    number, first = _epochs(time, anchor)
    return number, _medians(value, first, np.diff(first, append=len(time)))


def _epochs(time: Instants, anchor: int) -> tuple[Instants, Instants]:
    """The number of each epoch that holds one of the ascending times, and where it begins in them."""
    numbers = (int(time[0]) - anchor) // EPOCH, (int(time[-1]) - anchor) // EPOCH
    head, tail = np.searchsorted(time, (anchor + (numbers[0] + 1) * EPOCH, anchor + numbers[1] * EPOCH)).tolist()
    if head < tail and (tail - head) % 5 == 0:  # of one sample a second only a fifth of the times needs looking at
        inner = (time[head:tail:5] - anchor) // EPOCH
        last = (time[head + 4 : tail : 5] - anchor) // EPOCH
        if (inner == last).all() and (inner[1:] > inner[:-1]).all():
            return np.concatenate((numbers[:1], inner, numbers[1:])), np.concatenate(
                ([0], np.arange(head, tail, 5), [tail])
            )
    number = time - anchor
    number //= EPOCH
    first = np.concatenate((np.zeros(1, np.int64), np.flatnonzero(number[1:] != number[:-1]) + 1))
    return number[first], first


def _medians(value: Values, first: Instants, count: Instants) -> Values:
    """The median of each group of `count` values from `first` on; groups of one size are judged together."""
    found = np.empty(len(first))
    inner = slice(1, len(first) - 1)
    if (count[inner] == 5).all():  # no need to gather what lies in order: only the ends may be of another size
        for start in range(1, len(first) - 1, PIECE):
            groups = slice(start, min(start + PIECE, len(first) - 1))
            rows = value[first[groups.start] : first[groups.stop]].reshape(-1, 5)
            found[groups] = _middle_of_five([rows[:, place] for place in range(5)])
        for end in {0, len(first) - 1}:
            found[end] = _middle(list(value[first[end] : first[end] + count[end]]))
        return found
    for size in np.flatnonzero(np.bincount(count)).tolist():
        groups_of_size = np.flatnonzero(count == size)
        for start in range(0, len(groups_of_size), PIECE):
            group = groups_of_size[start : start + PIECE]
            at = first[group]
            members = [value[at + place] for place in range(size)]
            found[group] = _middle_of_five(members) if size == 5 else _middle(members)
    return found


def _middle(members: list[Values]) -> Values:
    ranked = np.sort(np.stack(members), axis=0)
    half = len(members) // 2
    middle: Values = ranked[half] if len(members) % 2 else (ranked[half - 1] + ranked[half]) / 2
    return middle


def _middle_of_five(members: list[Values]) -> Values:
    """The middle of five by least and greatest alone: one sample a second is the common case, and sorting is slow."""
    a, b, c, d, e = members
    low = np.maximum(np.minimum(a, b), np.minimum(c, d))  # the least of the four and
    high = np.minimum(np.maximum(a, b), np.maximum(c, d))  # the greatest of the four cannot be the middle
    middle: Values = np.maximum(np.minimum(low, high), np.minimum(np.maximum(low, high), e))
    return middle
