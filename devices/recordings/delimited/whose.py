"""Whose the rows of a text table in columns are: those of one patient are read, where its columns name several.

The cells of these columns are compared themselves: two names taken for one would be wrong numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from devices.recordings.delimited.blocks import AHEAD, Block
from devices.recordings.delimited.long_kinds import text_in
from devices.recordings.delimited.row_groups import RowGroups
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.options import Options
from devices.recordings.patients.named import KEY, chosen_patient, hardly_comes_again, tell_numbering
from devices.recordings.recording import Builder
from devices.recordings.tables.header import Header

if TYPE_CHECKING:
    from devices.recordings.delimited.blocks import Places, Sizes, Words
    from devices.recordings.delimited.row_groups import Rows

_FEWEST, _MOST = 100, 4096
"""In so many rows one sees whether a column may number them."""
_ZERO, _NINE = ord("0"), ord("9")
_FIRST, _LAST = ord("!"), ord("~")
_MIXED = 0x9E3779B97F4A7C15


class Named(Struct, frozen=True):
    """Whom the rows of a whole table name.

    Attributes:
        counts: as `chosen_patient` takes it, without columns that number the rows. perhaps: as there.
    """

    counts: Mapping[tuple[str, ...], int]
    perhaps: tuple[int, ...]

    def tell(self, header: Header, options: Options, into: Builder) -> None:
        """Notes it.

        Raises:
            ChoiceNeeded, RecordingError: as `chosen_patient`.
        """
        chosen_patient(self.counts, options, into, self.perhaps)
        tell_numbering(header, into)


class Chosen(Struct, frozen=True):
    """The rows that are read: those of some `groups`. `is_read`: which, in the groups' order."""

    groups: RowGroups
    is_read: tuple[bool, ...]
    named: Named

    def rows(self, block: Block, ends: Places, sizes: Sizes) -> Rows:
        """Those of a block, whose cells are (column, row).

        Raises:
            Unfit: it names somebody whom the file did not name before.
        """
        groups = self.groups.of(block, ends, sizes)
        if len(groups) != len(self.is_read):
            raise Unfit
        held = [rows for rows, is_read in zip(groups, self.is_read, strict=True) if is_read]
        return held[0] if len(held) == 1 else np.sort(np.concatenate(held))


class Whose:
    """The columns of one table that name patients, in all its rows. `is_guessed`: as `TableBytes` says."""

    def __init__(self, header: Header, is_guessed: bool) -> None:
        self._header, self._is_guessed = header, is_guessed
        self._places: list[int] = []
        self._numbering: list[tuple[int, _Numbering]] = []
        self._groups: RowGroups | None = None
        self._names: list[tuple[str, ...]] = []
        self._counts: list[int] = []

    @property
    def several(self) -> bool:
        """Not all rows so far hold the same."""
        return len(self._names) > 1

    def see(self, block: Block, ends: Places, sizes: Sizes) -> None:
        """Notes the cells of a block, as (column, row).

        Raises:
            Unfit: a name is not clear, or there are too many.
        """
        if self._groups is None:
            self._groups = self._begin(block, ends, sizes)
        groups = self._groups.of(block, ends, sizes)
        for rows in groups[len(self._names) :]:
            texts = (text_in(block, ends[at], sizes[at], int(rows[0]), self._is_guessed) for at in self._places)
            self._names.append(tuple(texts))
            self._counts.append(0)
        for number, rows in enumerate(groups):
            self._counts[number] += len(rows)
        for place, numbering in self._numbering:
            numbering.see(block, ends[place], sizes[place])

    def _begin(self, block: Block, ends: Places, sizes: Sizes) -> RowGroups:
        for place in self._header.who:
            numbering = _Numbering()
            if place in self._header.perhaps and numbering.may_begin(block, ends[place], sizes[place]):
                self._numbering.append((place, numbering))
            else:
                self._places.append(place)
        return RowGroups(self._places)

    def named(self) -> Named:
        """Whom all rows name, once all were seen.

        Raises:
            Unfit: a column that seemed to number the rows does not.
        """
        if not all(numbering.is_sure for _, numbering in self._numbering):
            raise Unfit
        counts: dict[tuple[str, ...], int] = {}
        for names, count in zip(self._names, self._counts, strict=True):
            counts[names] = counts.get(names, 0) + count
        perhaps = tuple(at for at, place in enumerate(self._places) if place in self._header.perhaps)
        return Named(counts, perhaps)

    def choose(self, options: Options) -> Chosen:
        """The rows that are read, once all were seen.

        Raises:
            ChoiceNeeded, RecordingError: as `chosen_patient`. Unfit: as `named`.
        """
        named = self.named()
        chosen = chosen_patient(named.counts, options, Builder(""), named.perhaps)
        assert self._groups is not None
        return Chosen(self._groups, tuple(names in chosen for names in self._names), named)


class _Numbering:
    """A column that numbers the rows, as `named` judges it: by numbers made of its cells, equal where these are."""

    def __init__(self) -> None:
        self._keys: list[Words] = []

    def may_begin(self, block: Block, ends: Places, sizes: Sizes) -> bool:
        """Whether the cells of the first block look so."""
        if len(ends) < _FEWEST:
            return False
        try:
            keys = _keys_of(block, ends[:_MOST], sizes[:_MOST])
        except Unfit:
            return False
        return hardly_comes_again(_different(keys), len(keys))

    def see(self, block: Block, ends: Places, sizes: Sizes) -> None:
        """Notes the cells of a block.

        Raises:
            Unfit: one is no number and too short for a key, or is written so that it is not clear.
        """
        self._keys.append(_keys_of(block, ends, sizes))

    @property
    def is_sure(self) -> bool:
        """Hardly a cell comes again: there are no more numbers than cells."""
        keys = np.concatenate(self._keys)
        return hardly_comes_again(_different(keys), len(keys))


def _keys_of(block: Block, ends: Places, sizes: Sizes) -> Words:
    if sizes.max() > AHEAD or not sizes.all():
        raise Unfit
    texts = block.texts(ends, sizes)
    octets = texts.view(np.uint8)  # NUL behind each cell
    first, last = (_ZERO, _NINE) if sizes.min() < KEY else (_FIRST, _LAST)
    if np.count_nonzero((octets >= first) & (octets <= last)) != sizes.sum(dtype=np.int64):
        raise Unfit
    words = texts.view("<u8").reshape(len(texts), -1)
    factors = [pow(_MIXED, number, 1 << 64) for number in range(words.shape[1])]
    keys: Words = words @ np.array(factors, np.uint64)
    return keys


def _different(keys: Words) -> int:
    in_order = np.sort(keys)
    return 1 + int(np.count_nonzero(in_order[1:] != in_order[:-1]))
