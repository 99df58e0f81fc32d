"""The rows of a text table in columns that have more cells than its header, as `tables.rows` makes them fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from devices.recordings.delimited.blocks import LONG, Block
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.tables.rows import LEADING

if TYPE_CHECKING:
    from devices.recordings.delimited.blocks import Places, Sizes
    from devices.recordings.delimited.splitting import Longer
    from devices.recordings.tables.header import Header

_DIGITS = np.arange(ord("0"), ord("9") + 1, dtype=np.uint8)


def fit_longer(block: Block, longer: Longer, ends: Places, sizes: Sizes, header: Header, loose: bool) -> None:
    """Empties the cells of a block, as (column, row), that do not stand where the header says. `loose`: as there.

    Raises:
        Unfit: a row is refused, or may be a new header.
    """
    first = sizes[0, longer.rows]
    if not (header.is_queensland or loose) or first.max() >= LONG:
        raise Unfit
    if not np.isin(block.before(ends[0, longer.rows] - first, 0), _DIGITS).all():
        raise Unfit
    if header.is_queensland:
        return  # its rows end in texts
    places = zip(*(each.tolist() for each in longer), strict=True)
    shifted = [row for row, begin, end in places if not _is_blank(block.cell(end, end - begin), header.delimiter)]
    sizes[LEADING:, shifted] = 0


def _is_blank(octets: bytes, delimiter: str) -> bool:
    """Whether no cell holds anything.

    Raises:
        Unfit: that is open.
    """
    if not octets.isascii() or not (text := octets.decode()).isprintable():
        raise Unfit
    return not text.replace(delimiter, "").strip()
