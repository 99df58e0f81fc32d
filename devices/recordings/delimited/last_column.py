"""The end of a text table whose last line nothing ends: its last cell may be cut, as `doubt` judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.series import doubles
from devices.recordings.tables.doubt import is_whole
from devices.recordings.tables.header import Field, Header

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes

    Values = NDArray[np.float32] | NDArray[np.float64]


class LastValue:
    """What the last value of a long table is judged by: the last one before it of its quantity, and how long the cells
    of the others are."""

    def __init__(self) -> None:
        self._longest: dict[int, int] = {}
        self._before: dict[int, float] = {}

    def see(self, quantity: int, sizes: Sizes, values: Values) -> None:
        """Notes the next values of a quantity, and the sizes of their cells."""
        there = values == values
        if there.any():
            self._longest[quantity] = max(self._longest.get(quantity, 0), int(sizes[there].max()))
            self._before[quantity] = float(doubles(values[there][-1:])[0])

    def is_whole(self, quantity: int, cell: str, value: float, signal: str) -> bool:
        """As `doubt.is_whole`."""
        above = ["x" * self._longest[quantity]] if quantity in self._longest else []
        return is_whole(cell, value, above, self._before.get(quantity), signal)


class LastColumn:
    """What the last cell is judged by: how long the others of its column are. Those must be of a signal."""

    def __init__(self, header: Header) -> None:
        last = len(header.names) - 1
        self._field = next((at for at, field in enumerate(header.fields) if field.index == last), -1)
        self._says_who = last in header.who
        self._longest = 0
        self._cell = ""

    def see(self, block: Block, ends: Places, sizes: Sizes, values: Values) -> None:
        """Notes the cells of a block, which were read as `values`, each as (column, row)."""
        if self._field < 0:
            return
        there = values[self._field] == values[self._field]
        sizes = sizes[-1] * there
        if block.is_cut:
            self._cell = block.texts(ends[-1, -1:], sizes[-1:])[0].decode()
            sizes = sizes[:-1]
        if len(sizes):
            self._longest = max(self._longest, int(sizes.max()))

    def leave_out(self, fields: tuple[Field, ...], values: NDArray[np.float32] | NDArray[np.float64]) -> str:
        """Takes the last of `values` (column, row) out if it may be cut; the name of its column, else "".

        Raises:
            Unfit: it is no signal's and no patient's, or the only one of its row.
        """
        if self._says_who:
            return ""
        if self._field < 0:
            raise Unfit
        column = doubles(values[self._field])
        if column[-1] != column[-1]:
            return ""
        before = column[:-1][column[:-1] == column[:-1]]
        above = ["x" * self._longest] if self._longest else []
        field = fields[self._field]
        if is_whole(self._cell, float(column[-1]), above, float(before[-1]) if len(before) else None, field.signal):
            return ""
        values[self._field, -1] = np.nan
        if np.isnan(values[:, -1]).all():
            raise Unfit  # the row counts as used
        return field.name
