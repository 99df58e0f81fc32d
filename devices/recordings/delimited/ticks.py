"""VSCaptureMP's tick counter in numpy: what `tables.ticks` does sample by sample, where every row has a counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from devices.instant import SECOND
from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.digits import EXACT, DecimalMark, Digits
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.tables.ticks import TICK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes

_AT_ONCE = 1 << 14


class Ticks:
    """The counter in all rows of one table."""

    def __init__(self) -> None:
        self._digits = Digits(DecimalMark("."))
        self._passed: list[NDArray[np.int64]] = []

    def see(self, block: Block, ends: Places, sizes: Sizes) -> None:
        """Notes the cells of a block, as (1, row).

        Raises:
            Unfit: one is no count.
        """
        if sizes.max() > EXACT or not sizes.all():
            raise Unfit
        whole, decimals, odd = self._digits.read(block, ends, sizes)
        if odd is not None or np.any(decimals):
            raise Unfit
        self._passed.append(whole[0].astype(np.int64) * TICK)

    def respaced(self, times: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[int]]:
        """The `times` of all rows as `tables.ticks.respace` leaves them, and the rows in which the counter fell."""
        passed = np.concatenate(self._passed)
        fell = ((passed[1:] < passed[:-1]).nonzero()[0] + 1).tolist()
        if (times % SECOND).any():
            return times, fell
        found = passed  # of which nothing else is needed
        begins = times - passed
        for first, end in _runs(begins):
            found[first:end] += begins[first:end].max()
        return found, fell


def _runs(begins: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """The first and the end of each run, in which all of `begins` are less than a second apart."""
    first = 0
    while first < len(begins):
        end, low, high = first, begins[first], begins[first]
        while end < len(begins):
            part = begins[end : end + _AT_ONCE]
            lows, highs = np.minimum.accumulate(part), np.maximum.accumulate(part)
            apart = np.maximum(highs, high) - np.minimum(lows, low) >= SECOND
            if apart.any():
                end += int(apart.argmax())
                break
            end, low, high = end + len(part), min(low, lows[-1]), max(high, highs[-1])
        yield first, end
        first = end
