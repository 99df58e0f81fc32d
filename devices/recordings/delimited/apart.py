"""A date and a clock in columns that do not follow each other: put side by side, as `tables.rows` joins them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from devices.recordings.delimited.blocks import AHEAD, Block
from devices.recordings.delimited.clock_times import WIDEST
from devices.recordings.delimited.unfit import Unfit

if TYPE_CHECKING:
    from devices.recordings.delimited.blocks import Places, Sizes
    from devices.recordings.tables.header import Header

_SPACE = ord(" ")


def time_cells(block: Block, ends: Places, sizes: Sizes, header: Header) -> tuple[Block, Places, Sizes]:
    """The cells of the time columns of a block whose cells are (column, row), and the block in which they stand.

    Raises:
        Unfit: they are too long for times.
    """
    first, *more = header.time
    if more in ([], [first + 1]):
        when = slice(first, first + len(header.time))
        return block, ends[when], sizes[when]
    places = list(header.time)
    return _joined(block, ends[places], sizes[places])


def _joined(block: Block, ends: Places, sizes: Sizes) -> tuple[Block, Places, Sizes]:
    """One cell a row, with a space between its parts."""
    widest = sizes.max(axis=1).astype(np.int64) + 1
    if widest.sum() > WIDEST + len(widest):
        raise Unfit
    count, stride = ends.shape[1], int(widest.sum())
    room = np.zeros(AHEAD + count * stride + AHEAD, np.uint8)
    rows = room[AHEAD : AHEAD + count * stride].reshape(count, stride)
    # Right to left, each part where the one behind it begins: from the end of a row on its bytes follow each other.
    behind = np.zeros(count, np.int64)
    each = np.arange(count)
    for end, size in zip(ends[::-1], sizes[::-1], strict=True):
        for place in range(1, int(size.max()) + 1):
            held = (size >= place).nonzero()[0] if size.min() < place else each
            rows[held, stride - behind[held] - place] = block.before(end[held], place)
        behind += size
        rows[each, stride - behind - 1] = _SPACE
        behind += 1
    behind -= 1  # nothing stands before the first
    joined = Block(bytearray(room.data), block.size, block.is_cut)
    return joined, (each + 1)[None] * stride, behind.astype(np.uint8)[None]
