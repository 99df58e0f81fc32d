"""Samples to values: each different code is worked out once, however often it stands in a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from msgspec import Struct

from devices.errors import RecordingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PIECE = 1 << 17
"""Samples at once: what stays small stays in the processor's cache, what is too small is Python's work alone."""
_LOOKED_AT = 1 << 12
"""Samples at once where the first mostly tell enough."""
_FIRST = 8
"""Samples of which one mostly settles whether a signal was connected."""
_WIDEST = 1 << 12
"""So many different codes, from the second lowest to the highest, are worth a table."""


class Themselves(Struct, frozen=True):
    """Codes that are their own values. `lowest`: it and what is below are no value; so is what is above `highest`, and
    each of `others`."""

    lowest: int
    highest: int
    others: tuple[int, ...] = ()


def frames(file: BinaryIO, name: str, width: int, count: int) -> Iterator[tuple[int, NDArray[np.int16]]]:
    """The next `count` frames of `width` 16-bit words in pieces, as (first frame, frames); each piece is overwritten by
    the next, for new memory costs more than the reading.

    Raises:
        RecordingError: the file, which messages call `name`, holds fewer.
    """
    import numpy as np

    step = max(1, _PIECE // width)
    buffer = np.empty((min(step, count), width), "<i2")
    for first in range(0, count, step):
        piece = buffer[: count - first]
        if file.readinto(piece.data.cast("B")) < piece.nbytes:  # type: ignore[attr-defined]
            raise RecordingError(f"{name} became shorter while it was read: is it still being written?")
        yield first, piece


def values_of(
    codes: NDArray[np.int16] | NDArray[np.int32],
    worth: Callable[[NDArray[np.int64]], NDArray[np.float64]],
    themselves: Themselves | None = None,
) -> NDArray[np.float64] | NDArray[np.float32]:
    """The values of `codes`, where ``worth`` gives the value of each different code; see `series.doubles`.

    `themselves`: they are their own values, as ``worth`` would say too.
    """
    import numpy as np

    from devices.recordings.series import doubles

    if not len(codes):
        return np.empty(0)
    if themselves is not None and codes.dtype == np.int16:
        return _themselves(codes, themselves)
    lowest, highest = int(codes.min()), int(codes.max())
    # The lowest one is often far below all others: it says that there is no value.
    second = lowest
    if highest - lowest > _WIDEST:
        if codes.dtype == np.int16:
            # Counted from the code above the lowest, round the end of 16 bits, the lowest itself is the last.
            above = np.array(lowest + 1, np.int16)
            second += 1 + min(int((piece - above).view(np.uint16).min()) for piece in pieces(codes))
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
    short = table.astype(np.float32)
    # Half the memory, where 32 bits tell the very same numbers.
    if np.array_equal(doubles(short), table, equal_nan=True):
        table = short
    values = np.empty(len(codes), table.dtype)
    for some, into in zip(pieces(codes), pieces(values), strict=True):
        # What lies below the second lowest is the lowest, and stands first.
        place = np.subtract(some, second - 1, dtype=np.intp)
        table.take(place, out=into, mode="clip")
    return values


def _themselves(codes: NDArray[Any], told: Themselves) -> NDArray[np.float32]:
    """The values of codes that are their own values; 32 bits tell each of them."""
    import numpy as np

    values = np.empty(len(codes), np.float32)
    others = [code for code in told.others if -32768 <= code <= 32767]
    for piece, into in zip(pieces(codes), pieces(values), strict=True):
        into[:] = piece
        absent = piece <= told.lowest
        if told.highest < 32767:
            absent |= piece > told.highest
        for code in others:
            absent |= piece == code
        into[absent.nonzero()[0]] = np.nan
    return values


def pieces(column: NDArray[Any], size: int = _PIECE) -> Iterator[NDArray[Any]]:
    """`column` in pieces that stay in the processor's cache."""
    if len(column) <= size:
        return iter((column,))
    return (column[start : start + size] for start in range(0, len(column), size))


def glances(column: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """`column` in small pieces, for whom the first of them mostly tells enough."""
    return pieces(column, _LOOKED_AT)


def is_silent(values: NDArray[np.float64] | NDArray[np.float32]) -> bool:
    """Whether there are numbers and all of them are 0; NaN is none. Looks no further than it must."""
    if any(value > 0 or value < 0 for value in values[:_FIRST].tolist()):
        return False
    held = False
    for piece in glances(values):
        if (piece > 0).any() or (piece < 0).any():
            return False
        held = held or bool((piece == 0).any())
    return held
