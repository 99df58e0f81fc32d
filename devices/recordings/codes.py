"""Samples to values: each different code is worked out once, however often it stands in a recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PIECE = 8_192
"""Samples at once: what stays small stays in the processor's cache."""


_WIDEST = 1 << 12
"""So many different codes, from the second lowest to the highest, are worth a table."""


def values_of(
    codes: NDArray[np.int16] | NDArray[np.int32], worth: Callable[[NDArray[np.int64]], NDArray[np.float64]]
) -> NDArray[np.float64] | NDArray[np.float32]:
    """The values of `codes`, where ``worth`` gives the value of each different code; see `series.doubles`."""
    import numpy as np

    from devices.recordings.series import doubles

    if not len(codes):
        return np.empty(0)
    lowest, highest = int(codes.min()), int(codes.max())
    # The lowest one is often far below all others: it says that there is no value.
    second = lowest if highest - lowest <= _WIDEST else int(np.where(codes == lowest, highest, codes).min())
    pieces = [slice(start, start + _PIECE) for start in range(0, len(codes), _PIECE)]
    if highest - second > _WIDEST:
        wide = np.empty(len(codes))
        for piece in pieces:
            wide[piece] = worth(codes[piece].astype(np.int64))
        return wide
    table: NDArray[np.float64] | NDArray[np.float32] = worth(np.concatenate(([lowest], np.arange(second, highest + 1))))
    short = table.astype(np.float32)
    # Half the memory, where 32 bits tell the very same numbers.
    if np.array_equal(doubles(short), table, equal_nan=True):
        table = short
    values = np.empty(len(codes), table.dtype)
    for piece in pieces:
        # What lies below the second lowest is the lowest, and stands first.
        place = np.subtract(codes[piece], second - 1, dtype=np.intp)
        table.take(place, out=values[piece], mode="clip")
    return values


def is_silent(values: NDArray[np.float64] | NDArray[np.float32]) -> bool:
    """Whether there are numbers and all of them are 0; NaN is none. Looks no further than it must."""
    held = False
    for start in range(0, len(values), _PIECE):
        piece = values[start : start + _PIECE]
        there = piece == piece
        if ((piece != 0) & there).any():
            return False
        held = held or bool(there.any())
    return held
