"""The rows of a wide text table in columns that lie in hours which their zone skips or has twice: left out and told, as
`tables.wide` does row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from devices.instant import ClockChange
from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.refused import Told
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.recording import TOLD, Builder
from devices.recordings.tables.header import Header
from devices.recordings.tables.stamps import joined
from devices.recordings.tables.times import CHANGED_HOUR, TimeReader
from devices.recordings.texts import cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places

_WIDEST = 64
"""Of wider tables not all cells are told."""


class Changed(Unfit):
    """Times lie in such hours. `runs`: the first of such rows that follow each other, and the one behind them, each
    counted among the rows that were read."""

    def __init__(self, runs: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        self.runs = runs


class ChangedHours:
    """The rows in `runs`, as of `Changed`, of a table in columns. `is_guessed`: as `TableBytes` says.

    Attributes:
        told: what is said of the first of them.

    Raises:
        Unfit: such rows are judged by more than their times, or are not told as they stand.
    """

    def __init__(self, runs: Sequence[tuple[int, int]], header: Header, is_guessed: bool) -> None:
        if header.pairs or header.is_queensland or len(header.names) > _WIDEST:
            raise Unfit
        self._runs, self._header, self._is_guessed = runs, header, is_guessed
        self._lines: list[tuple[int, bytes]] = []
        self.told: list[Told] = []

    def anew(self) -> ChangedHours:
        return ChangedHours(self._runs, self._header, self._is_guessed)

    @property
    def _count(self) -> int:
        return sum(until - first for first, until in self._runs)

    def count(self, into: Builder) -> int:
        """Counts them; how many they are."""
        into.counts.refuse(CHANGED_HOUR, self._count)
        return self._count

    def others(self, block: Block, ends: Places, begin: int, numbers: NDArray[np.int64] | range) -> NDArray[np.int64]:
        """The rows of a block that are in none of the runs; the first of those that are in one are kept, to be told.

        Args:
            begin: the number of its first row among those that are read. numbers: of its rows in the table.

        Raises:
            Unfit: nothing ends the last line, and it is in one.
        """
        kept = np.ones(ends.shape[1], np.bool_)
        for first, until in self._runs:
            kept[max(first - begin, 0) : max(until - begin, 0)] = False
        gone = (~kept).nonzero()[0]
        if block.is_cut and len(gone):
            raise Unfit
        for row in gone[: TOLD - len(self._lines)].tolist():
            self._lines.append((int(numbers[row]), block.line(int(ends[-1, row]))))
        return kept.nonzero()[0]

    def settle(self, reader: TimeReader) -> None:
        """Finds out what is told of them; `reader` notes how many there are.

        Raises:
            Unfit: the characters of one are open.
        """
        header = self._header
        for number, line in self._lines:
            if self._is_guessed and not line.isascii():
                raise Unfit
            got = cells(line.decode(errors="replace"), header.delimiter)
            try:
                reader.read(joined([got[place] for place in header.time]))
            except ClockChange as error:
                raw = header.delimiter.join(got).encode(errors="replace")
                self.told.append(Told(number, "row-refused", f"row {number + 1}: {error}", raw))
        reader.skipped = self._count
