"""What the event column of a text table in columns says: few cells of it hold anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from devices.recordings.delimited.blocks import LONG, Block
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.recording import NOTED, Builder
from devices.recordings.tables.header import Header

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes


class Events:
    """The texts of the event column, by row."""

    def __init__(self, header: Header) -> None:
        self._place = header.event
        self._found: list[tuple[int, str]] = []

    def see(self, block: Block, ends: Places, sizes: Sizes, first: int) -> None:
        """Notes the texts of a block whose cells are (column, row), and whose first row is number `first`.

        Raises:
            Unfit: a text that is cleaned or whose encoding rests on the whole file; more than are told.
        """
        if self._place < 0:
            return
        rows = sizes[self._place].nonzero()[0]
        if len(rows) + len(self._found) > NOTED:
            raise Unfit
        cells = zip(rows.tolist(), ends[self._place, rows].tolist(), sizes[self._place, rows].tolist(), strict=True)
        for row, end, size in cells:
            octets = block.cell(end, size)
            if size >= LONG or not octets.isascii() or not (text := octets.decode()).isprintable():
                raise Unfit
            self._found.append((first + row, text))

    def tell(self, times: NDArray[np.int64], numbers: Sequence[int] | NDArray[np.int32], into: Builder) -> None:
        """Tells them; the rows are at `times` and have these `numbers` in the table."""
        for row, text in self._found:
            if what := text.strip():
                into.event(int(times[row]), what, int(numbers[row]))
