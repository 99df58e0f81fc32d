"""The marks between a text table's cells: where its lines end, and where in each the cells do.

The bytes of a block are compared all at once, and what is found is kept a bit each: a lowest bit is found by counting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from devices.recordings.delimited.unfit import Unfit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.int64]
    Sizes = NDArray[np.uint8]

SHORT = 62
"""The marks of so many bytes stand in one word, with a bit to spare."""

_LF = 10


def line_ends(body: NDArray[np.uint8], length: int) -> Places:
    """Where the lines of `body` end, if they are about as long as `length`, or not."""
    marks = body == _LF
    # Words that hold one end at most, as most lines are longer.
    kind = np.dtype("<u4" if length > 32 else "<u2" if length > 16 else "u1")
    packed = np.packbits(marks, bitorder="little")
    words = np.zeros(-(-len(packed) // kind.itemsize), kind)
    words.view(np.uint8)[: len(packed)] = packed
    held: Places = (words != 0).nonzero()[0]
    found = words.take(held)
    below = found - kind.type(1)
    if (found & below).any():
        several: Places = marks.nonzero()[0]
        return several
    held *= 8 * kind.itemsize
    held += np.bitwise_count(below)
    return held


def marks_within(marks: NDArray[np.bool_], begins: Places, width: int, lengths: Places) -> Sizes:
    """Where the first `width` marks from each place of `begins` on are, counted from that, as (mark, place): the others
    are in `marks`, the last is `lengths` behind that place, at most `SHORT`.

    Raises:
        Unfit: a row has more, or less.
    """
    words = np.zeros(len(marks) // 64 + 2, "<u8")
    packed = np.packbits(marks, bitorder="little")
    words.view(np.uint8)[: len(packed)] = packed
    word, shift = begins >> 6, (begins & 63).view(np.uint64)
    left: Any = words.take(word) >> shift
    # A shift by 64 leaves nothing, as it must.
    left |= words[1:].take(word) << (np.uint64(64) - shift)
    if lengths.max() < 32:
        left = left.astype(np.uint32)  # half the bytes, half the time
    found = np.empty((width, len(lengths)), np.uint8)
    one = left.dtype.type(1)
    for place in found[:-1]:
        below = left - one
        np.bitwise_count(left ^ below, out=place)  # the lowest bit that is set, and those below it
        left &= below
    found[-1] = lengths
    found[:-1] -= np.uint8(1)
    behind = np.bitwise_count(left ^ (left - one)) - np.uint8(1)  # all bits, if none is set
    if (behind < found[-1]).any() or (width > 1 and (found[-2] >= found[-1]).any()):
        raise Unfit
    return found
