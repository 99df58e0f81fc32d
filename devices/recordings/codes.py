"""Samples to values: each different code is worked out once, however often it stands in a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PIECE = 8_192
"""Samples at once: what stays small stays in the processor's cache."""
_FEW = 4
"""So many codes without a value are looked for one by one."""
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
    second = lowest
    if highest - lowest > _WIDEST:
        if codes.dtype == np.int16:
            # Counted from the code above the lowest, round the end of 16 bits, the lowest itself is the last.
            second += 1 + int((codes - np.array(lowest + 1, np.int16)).view(np.uint16).min())
        else:
            second = int(codes[codes > lowest].min())
    if highest - second > _WIDEST:
        wide = np.empty(len(codes))
        for some, into in zip(pieces(codes), pieces(wide), strict=True):
            into[:] = worth(some.astype(np.int64))
        return wide
    meant = np.arange(second - 1, highest + 1)
    meant[0] = lowest
    table: NDArray[np.float64] | NDArray[np.float32] = worth(meant)
    absent = table != table  # NaN
    if codes.dtype == np.int16 and absent.sum() <= _FEW and (absent | (table == meant)).all():
        return _themselves(codes, meant[absent].tolist())
    short = table.astype(np.float32)
    # Half the memory, where 32 bits tell the very same numbers.
    if (absent | (doubles(short) == table)).all():
        table = short
    values = np.empty(len(codes), table.dtype)
    for some, into in zip(pieces(codes), pieces(values), strict=True):
        # What lies below the second lowest is the lowest, and stands first.
        place = np.subtract(some, second - 1, dtype=np.intp)
        table.take(place, out=into, mode="clip")
    return values


def _themselves(codes: NDArray[Any], absent: Sequence[int]) -> NDArray[np.float32]:
    """The values of codes that are their own values, NaN for those that are `absent`; 32 bits tell each of them."""
    import numpy as np

    values = codes.astype(np.float32)
    for code in set(absent):
        np.copyto(values, np.float32(np.nan), where=codes == code)
    return values


def pieces(column: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """`column` in pieces that stay in the processor's cache."""
    return (column[start : start + _PIECE] for start in range(0, len(column), _PIECE))


def is_silent(values: NDArray[np.float64] | NDArray[np.float32]) -> bool:
    """Whether there are numbers and all of them are 0; NaN is none. Looks no further than it must."""
    held = False
    for piece in pieces(values):
        there = piece == piece
        if ((piece != 0) & there).any():
            return False
        held = held or bool(there.any())
    return held
