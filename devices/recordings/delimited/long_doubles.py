"""A quantity that comes twice at one time in a long table: its second value begins another sample, as row by row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]

_NONE, _EARLIER = -2, -1


def further_samples(of: Rows, held: Mapping[int, Rows], begun: frozenset[int]) -> Rows:
    """The rows at which further samples begin, since what they hold is there already.

    Args:
        of: of each row of a block its sample. held: by quantity the rows with a value, ascending.
        begun: the quantities that the first sample had before the block.
    """
    before = np.full(len(of), _NONE)
    for quantity, rows in held.items():
        samples = of[rows]
        same = samples[1:] == samples[:-1]
        before[rows[1:][same]] = rows[:-1][same]
        if quantity in begun and samples[0] == of[0]:
            before[rows[0]] = _EARLIER
    again = (before > _NONE).nonzero()[0]
    found, sample, begin = [], -1, _EARLIER
    for row, one, last in zip(again.tolist(), of[again].tolist(), before[again].tolist(), strict=True):
        if one != sample:
            sample, begin = one, _EARLIER
        if last >= begin:
            begin = row
            found.append(row)
    return np.array(found, np.int64)
