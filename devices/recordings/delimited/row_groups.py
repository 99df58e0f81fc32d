"""Rows of a text table put together where some of their cells are the same, block by block.

By a number made of the cells, which are then compared themselves: two names taken for one would be wrong numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np

from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.unfit import Unfit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes, Words

    Rows = NDArray[np.int64]
    Cells = Mapping[tuple[int, int], Words]
    """Words by the place of their column and their number in the cell."""

_MOST = 4096
"""More different texts are no names."""
_AT_ONCE = 256
"""In so many rows most groups are found."""
_FEW = 12
"""The rows of so few groups are looked for one by one."""


class RowGroups:
    """The groups of the rows of one table, by their cells in the columns at `places`."""

    def __init__(self, places: Sequence[int]) -> None:
        self._places = places
        self._keys: Words = np.empty(0, np.uint64)
        self._cells: list[dict[tuple[int, int], np.uint64]] = []

    def of(self, block: Block, ends: Places, sizes: Sizes) -> list[Rows]:
        """The rows of each group that is known so far, in the order in which these came first; cells as (column, row).

        Raises:
            Unfit: there are too many groups, or two are not told apart.
        """
        words = {
            (place, number): each
            for place in self._places
            for number, each in enumerate(block.words(ends[place], sizes[place]))
        }
        keys: Words = np.zeros(ends.shape[1], np.uint64)
        for at, each in words.items():
            keys += each * _mixer(*at)
        found = self._look_up(keys)
        while sum(map(len, found)) < len(keys):
            self._learn(words, keys, found)
            found = self._look_up(keys)
        if len(words) > 1 or any(len(cells) > 1 for cells in self._cells):  # else no two have one key
            self._compare(words, found)
        return found

    def _compare(self, words: Cells, found: Sequence[Rows]) -> None:
        """Looks whether the cells of the rows `found` in each group are the group's; a word that is not there is 0.

        Raises:
            Unfit: they are not, though they have the same key.
        """
        rows = np.concatenate(found)
        groups = np.repeat(np.arange(len(found)), [len(each) for each in found])
        for at in {*words, *chain.from_iterable(self._cells)}:
            held = np.array([cells.get(at, 0) for cells in self._cells], np.uint64)[groups]
            if (held != words[at][rows]).any() if at in words else held.any():
                raise Unfit

    def _look_up(self, keys: Words) -> list[Rows]:
        if len(self._keys) <= _FEW:
            return [(keys == key).nonzero()[0] for key in self._keys]
        order = self._keys.argsort()
        known = self._keys[order]
        at = known.searchsorted(keys).clip(max=len(order) - 1)
        groups = np.where(known[at] == keys, order[at], len(order))
        by_group = groups.argsort(kind="stable")
        edges = groups[by_group].searchsorted(np.arange(len(order) + 1)).tolist()
        return [by_group[start:stop] for start, stop in pairwise(edges)]

    def _learn(self, words: Cells, keys: Words, found: Sequence[Rows]) -> None:
        """Adds the groups of the first rows that are in none that is `found`."""
        new = np.ones(len(keys), np.bool_)
        for rows in found:
            new[rows] = False
        unknown = new.nonzero()[0][:_AT_ONCE]
        _, first = np.unique(keys[unknown], return_index=True)
        first = unknown[np.sort(first)]
        if len(first) + len(self._keys) > _MOST:
            raise Unfit
        self._keys = np.append(self._keys, keys[first])
        self._cells += [{at: each[row] for at, each in words.items()} for row in first.tolist()]


@cache
def _mixer(place: int, number: int) -> np.uint64:
    """An odd number for each word of a row: as the generator SplitMix64 (Steele, Lea and Flood 2014) makes them."""
    whole = (1 << 64) - 1
    found = (64 * place + number + 1) * 0x9E3779B97F4A7C15 & whole
    found = (found ^ found >> 30) * 0xBF58476D1CE4E5B9 & whole
    found = (found ^ found >> 27) * 0x94D049BB133111EB & whole
    return np.uint64((found ^ found >> 31) | 1)
