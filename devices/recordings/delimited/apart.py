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
        Unfit: one is empty, or they are too long for times.
    """
    first, *more = header.time  # one more at most, see `Cut.first`
    if more in ([], [first + 1]):
        when = slice(first, first + len(header.time))
        return block, ends[when], sizes[when]
    places = [first, *more]
    return _joined(block, ends[places], sizes[places])


def _joined(block: Block, ends: Places, sizes: Sizes) -> tuple[Block, Places, Sizes]:
    """One cell a row, with a space between its parts; the cells end equally far from each other."""
    widths = sizes.max(axis=1)
    count, stride = ends.shape[1], int(widths.sum(dtype=np.int64)) + len(widths) - 1
    if stride > WIDEST or not sizes.all():
        raise Unfit
    room = np.zeros(AHEAD + count * stride + AHEAD, np.uint8)
    rows = room[AHEAD:-AHEAD].reshape(count, stride)
    ways, which = np.unique(sizes[0].astype(np.uint16) << 8 | sizes[-1], return_inverse=True)
    for way in range(len(ways)):
        held = (which == way).nonzero()[0] if len(ways) > 1 else slice(None)
        until = stride
        for end, size in zip(ends[::-1], sizes[::-1], strict=True):
            wide = int(size[held][0])
            rows[held, until - wide : until] = block.pieces(end[held] - wide, wide)
            until -= wide + 1
            if until >= 0:
                rows[held, until] = _SPACE
    joined = Block(bytearray(room.data), block.size, block.is_cut)
    return joined, np.arange(1, count + 1)[None] * stride, (sizes.sum(axis=0, dtype=np.uint8) + np.uint8(1))[None]
