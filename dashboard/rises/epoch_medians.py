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
    number = time - anchor
    number //= EPOCH
    if not len(number):
        return number, value
    first = _firsts(number)
    if (rank != rank[0]).any():
        best = np.repeat(np.minimum.reduceat(rank, first), np.diff(first, append=len(rank)))
        number, value = number[rank == best], value[rank == best]
        first = _firsts(number)
    return number[first], _medians(value, first, np.diff(first, append=len(number)))


def _firsts(number: Instants) -> Instants:
    """Where each epoch begins in the column of epoch numbers."""
    return np.concatenate((np.zeros(1, np.int64), np.flatnonzero(number[1:] != number[:-1]) + 1))


def _medians(value: Values, first: Instants, count: Instants) -> Values:
    """The median of each group of `count` values from `first` on; groups of one size are judged together."""
    found = np.empty(len(first))
    for size in np.flatnonzero(np.bincount(count)).tolist():
        groups = np.flatnonzero(count == size)
        for start in range(0, len(groups), PIECE):
            group = groups[start : start + PIECE]
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
