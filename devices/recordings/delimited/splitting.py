"""Where the cells of a block of a text table are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from devices.recordings.delimited.blocks import AHEAD, LONG, OF_NUMBERS, Block
from devices.recordings.delimited.marks import SHORT, line_ends, marks_within
from devices.recordings.delimited.unfit import Unfit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes

_CR, _QUOTE, _SPACE = 13, 34, 32
_OF_NUMBERS = np.isin(np.arange(256), list(OF_NUMBERS))
_SPACES = 16
"""So many before or behind a cell are taken from it here; with more it is still read."""


class Longer(NamedTuple):
    """The rows of a block that have more cells than was asked for, and what follows: from its first byte to its end.

    More marks alone, with nothing between them, are no cells.
    """

    rows: Places
    begins: Places
    ends: Places


class Split(NamedTuple):
    """Where the cells of a block end, and how many bytes they have (`LONG` for more, too), both as (column, row).

    `longer`: rows with more cells. `marked`: rows with more marks, whether anything stands between these or not.
    """

    ends: Places
    sizes: Sizes
    longer: Longer | None
    marked: Places


_NONE: Any = np.empty(0, np.int64)


def split(block: Block, delimiter: int, width: int, longest: int, known: int = 0, alike: bool = True) -> Split:
    """The cells of a block.

    Args:
        known: so many bytes at the beginning of a row are not looked at. Whoever asks for the cells must find there
            what cannot be a mark.
        alike: no row has more cells than `width`. Else its first are given, and what follows.

    Quotes about a whole cell are no part of it.

    Raises:
        Unfit: a row with fewer cells, or more, or longer than `longest`, a quote elsewhere, a NUL byte, a carriage
            return that ends no line.
    """
    if block.holds(b"\x00"):
        raise Unfit
    body = block.body
    lines = line_ends(body, len(block.first()))
    starts = np.zeros_like(lines)
    np.add(lines[:-1], 1, out=starts[1:])
    if block.holds(b"\r"):
        lines -= 1
        if np.count_nonzero(body == _CR) != len(lines) or not (body.take(lines) == _CR).all():
            raise Unfit
    lengths = lines - starts
    most = int(lengths.max())
    if most >= longest or lengths.min() < known:
        raise Unfit
    marks = body == delimiter
    quoted = block.holds(b'"')
    if quoted and np.count_nonzero(marks) != len(lines) * (width - 1):
        _clear_quoted(block, marks, lines, delimiter)
    longer, marked = None, _NONE
    if alike and most - known <= SHORT:
        begins = starts + known
        sizes = marks_within(marks, begins, width, lengths - known)
        ends = sizes.astype(np.int64)
        ends += begins
        sizes[1:] -= sizes[:-1] + np.uint8(1)
        sizes[0] += np.uint8(known)
    else:
        marks[lines] = True
        ends, longer, marked = _places(block, marks.nonzero()[0], lines, width, alike)
        sizes = np.minimum(np.diff(ends, axis=0, prepend=(starts - 1)[None]) - 1, LONG).astype(np.uint8)
    if quoted:
        _unquote(block, ends, sizes)
    first, mark = block.first(), bytes((delimiter,))
    if mark + b" " in first or b" " + mark in first:
        _strip(block, ends, sizes)
    return Split(ends, sizes, longer, marked)


def _clear_quoted(block: Block, marks: NDArray[np.bool_], lines: Places, delimiter: int) -> None:
    """Takes from `marks` those between quotes, which are no marks.

    Raises:
        Unfit: a quote is not closed in its line, or a number in quotes holds one: it may show the decimal mark.
    """
    body = block.body
    quotes = (body == _QUOTE).nonzero()[0]
    if len(quotes) % 2 or (lines.searchsorted(quotes[::2]) != lines.searchsorted(quotes[1::2])).any():
        raise Unfit
    lengths = quotes[1::2] - quotes[::2]  # with the quote before a cell
    begins = lengths.cumsum() - lengths
    places = np.arange(int(lengths.sum())) + np.repeat(quotes[::2] - begins, lengths)
    within = marks.take(places)
    if delimiter == ord(","):
        held = np.add.reduceat(within, begins, dtype=np.int64)
        others = np.add.reduceat(~_OF_NUMBERS.take(body.take(places)), begins, dtype=np.int64)
        if ((held > 0) & (others == 1)).any():
            raise Unfit
    marks[places[within]] = False


def _places(
    block: Block, marks: Places, lines: Places, width: int, alike: bool
) -> tuple[Places, Longer | None, Places]:
    """Where the first `width` of the `marks` of each row are, as (mark, row); the last of a row ends its line. Behind
    it `longer` and `marked`, as of `Split`.

    Raises:
        Unfit: as `split`.
    """
    if len(marks) == len(lines) * width and (marks[width - 1 :: width] == lines).all():
        return np.ascontiguousarray(marks.reshape(-1, width).T), None, _NONE
    last = marks.searchsorted(lines)
    more = np.diff(last, prepend=-1) - width
    if alike or more.min() < 0 or (block.is_cut and more[-1]):
        raise Unfit
    ends: Places = marks.take(last - more - np.arange(width)[::-1, None])
    rows = (lines - ends[-1] != more).nonzero()[0]
    longer = Longer(rows, ends[-1, rows] + 1, lines[rows]) if len(rows) else None
    return ends, longer, more.nonzero()[0]


def _unquote(block: Block, ends: Places, sizes: Sizes) -> None:
    """Takes the quotes about whole cells from these.

    Raises:
        Unfit: there are others; between them could be a mark or a line end.
    """
    if sizes.max() >= LONG:
        raise Unfit
    quoted = (block.before(ends, 1) == _QUOTE) & (sizes >= 2)
    quoted &= block.octets[AHEAD:].take(ends - sizes) == _QUOTE
    if 2 * np.count_nonzero(quoted) != np.count_nonzero(block.body == _QUOTE):
        raise Unfit
    ends -= quoted
    sizes -= quoted.view(np.uint8) * np.uint8(2)


def _strip(block: Block, ends: Places, sizes: Sizes) -> None:
    """Takes the spaces before and behind whole cells from these."""
    left = np.count_nonzero(block.body == _SPACE)
    for _ in range(_SPACES):
        leading = (block.octets[AHEAD:].take(ends - sizes) == _SPACE) & (sizes > 0) & (sizes < LONG)
        sizes -= leading.view(np.uint8)
        left -= np.count_nonzero(leading)
        if not left:
            return
        trailing = (block.before(ends, 1) == _SPACE) & (sizes > 0) & (sizes < LONG)
        ends -= trailing
        sizes -= trailing.view(np.uint8)
        left -= np.count_nonzero(trailing)
        if not left or not (leading.any() or trailing.any()):
            return
