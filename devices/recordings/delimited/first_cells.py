"""By what the rows of a text table are told from lines that are none: what their times begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devices.recordings.delimited.blocks import AHEAD, Block

if TYPE_CHECKING:
    from devices.recordings.delimited.blocks import Places, Sizes

_ZERO, _NINE, _MINUS = ord("0"), ord("9"), ord("-")


def are_rows(block: Block, ends: Places, sizes: Sizes) -> bool:
    """Whether all begin with a digit, or a minus and more, where `ends` and `sizes` are those of their times' first
    cells: else they may be empty, or a header."""
    begins = block.octets[AHEAD:].take(ends - sizes)
    is_digit = (begins >= _ZERO) & (begins <= _NINE)
    return bool(((is_digit & (sizes > 0)) | ((begins == _MINUS) & (sizes > 1))).all())
