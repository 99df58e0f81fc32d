"""VSCapture's averages over a minute in numpy: rows that `tables.wide` leaves out, since they are of no instant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from devices import instant
from devices.recordings.delimited.blocks import AHEAD, Block
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.tables.wide import TREND_TAIL
from devices.recordings.texts import is_missing
from devices.signals import NIBP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes
    from devices.recordings.tables.header import Field, Header

    Values = NDArray[np.float32] | NDArray[np.float64]

_ZERO, _NINE, _NONE = ord("0"), ord("9"), ord("-")


class Trends:
    """What tells the averages of one table from its other rows: how many of the last cells of each hold something."""

    def __init__(self, header: Header) -> None:
        if len(header.names) < TREND_TAIL:
            raise Unfit
        self._tails: list[NDArray[np.int64]] = []

    def see(self, block: Block, ends: Places, sizes: Sizes) -> None:
        """Notes the rows of a block, whose cells are (column, row).

        Raises:
            Unfit: a cell of which it is open here whether it holds something.
        """
        ends, sizes = ends[-TREND_TAIL:], sizes[-TREND_TAIL:]
        first = block.before(ends - sizes, 0)
        held = sizes > 0
        held &= (sizes != 1) | (first != _NONE)
        odd = held & ((first < _ZERO) | (first > _NINE))
        if odd.any():
            if sizes[odd].max() > AHEAD:
                raise Unfit
            different, which = np.unique(block.texts(ends[odd], sizes[odd]), return_inverse=True)
            held[odd] = np.array(list(map(_holds, different.tolist())))[which]
        self._tails.append(np.count_nonzero(held, axis=0))

    def others(self, times: NDArray[np.int64], values: Sequence[tuple[Field, Values]]) -> NDArray[np.int32] | None:
        """The numbers of all other rows; None if there are no averages. All are at `times` and hold these `values`."""
        tails = np.concatenate(self._tails)
        middle = (len(tails) - 1) // 2
        trends = (times % instant.MINUTE == 0) & (tails > np.sort(tails)[middle])
        for field, column in values:
            if field.signal in NIBP:
                trends &= column != column
        return (~trends).nonzero()[0].astype(np.int32) if trends.any() else None


def _holds(cell: bytes) -> bool:
    if not cell.isascii() or not (text := cell.decode()).isprintable():
        raise Unfit
    return not is_missing(text.strip())
