"""The rows of a long table in columns whose values are refused, as `tables.long` refuses them row by row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.long_kinds import text_in
from devices.recordings.delimited.refused import Below0
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.options import Options
from devices.recordings.recording import TOLD, Builder
from devices.recordings.tables.header import Field, Header
from devices.recordings.tables.long import REFUSED, refuse_row, value_in
from devices.recordings.tables.pairs import parts_of
from devices.recordings.tables.quantities import called_in
from devices.recordings.tables.row import Row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes, Texts

    Numbering = NDArray[np.int64] | range


class RefusedRows(Below0):
    """What was refused of one long table: all are counted, and the first are kept whole, to be told.

    `is_guessed`: as `TableBytes` says.

    Attributes:
        paired: the names of the quantities that hold pairs.
    """

    def __init__(self, header: Header, is_guessed: bool) -> None:
        super().__init__()
        self._header, self._is_guessed = header, is_guessed
        self._rows = np.empty(0, np.int64)
        self._may_pair = False
        self.paired: set[str] = set()
        self._new: list[NDArray[np.int64]] = []
        self._held: list[Row] = []
        self._count = 0

    def come_from(self, rows: NDArray[np.int64], may_pair: bool) -> None:
        """What is refused next is of these `rows` of a block. `may_pair`: their values may be pairs."""
        self._rows, self._may_pair = rows, may_pair

    def no_numbers(self, column: int, rows: NDArray[np.int64], texts: Texts) -> None:
        """As `Refusals`.

        Raises:
            Unfit: a pair may be among them, which is none.
        """
        if self._may_pair and any(b"/" in text for text in set(texts.tolist())):
            raise Unfit
        self.all_of(self._rows[rows])

    def all_of(self, rows: NDArray[np.int64]) -> None:
        """Notes these rows of a block, whatever their values."""
        self._count += len(rows)
        if len(self._held) < TOLD:
            self._new.append(rows[:TOLD])

    def keep(self, block: Block, ends: Places, sizes: Sizes, numbers: Numbering) -> None:
        """Keeps those of a block that are told, whose cells are (column, row). `numbers`: of its rows in the table.

        Raises:
            Unfit: the characters of such a row are open.
        """
        if not self._new:
            return
        first = np.sort(np.concatenate(self._new))[: TOLD - len(self._held)]
        self._new.clear()
        for row in first.tolist():
            texts = [text_in(block, end, size, row, self._is_guessed) for end, size in zip(ends, sizes, strict=True)]
            self._held.append(Row(int(numbers[row]), "", texts, self._header))

    def tell(self, fields: Mapping[str, Field], options: Options, mark: str, into: Builder) -> None:
        """Counts and tells them. `fields`: by what the quantities are called."""
        self.count_below(into)
        for row in self._held:
            if row.cells[self._header.what] in self.paired:
                row, _ = parts_of(row)
            name, _ = called_in(row, self._header, options)
            try:
                value_in(row, self._header, fields[name], options, mark)
            except ValueError as error:
                refuse_row(row, self._header, error, into)
        if more := self._count - len(self._held):
            into.counts.refuse(REFUSED, more)
            into.leave_untold(more)
