"""A text table without its lines that are no rows: those of another length, comments, empty ones, its header again.

Such lines are few. They are judged one by one, as `tables.rows` judges them, and taken out of the blocks, so that all
others can be read in columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from devices.errors import RecordingError
from devices.recordings.delimited.blocks import AHEAD, Block
from devices.recordings.delimited.marks import line_ends
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.options import Options
from devices.recordings.patients.marks import Marks
from devices.recordings.recording import Builder
from devices.recordings.tables.rows import Odd, Rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places
    from devices.recordings.delimited.head import Found
    from devices.recordings.delimited.utf8 import Source

_LF, _CR, _QUOTE = 10, 13, 34
_BEGINS = np.isin(np.arange(256), list(b'0123456789"- '))
"""A row whose time comes first begins with one of these, or is looked at."""


class Sifted:
    """The rows of `source` without its odd lines; each block has the `numbers` of its rows.

    Attributes:
        count: so many rows were seen so far, those that were refused with them.
        told: what was refused.
    """

    def __init__(self, source: Source, found: Found, options: Options) -> None:
        self._source, self._found, self._options = source, found, options
        self.is_guessed, self.may_be_cut = source.is_guessed, source.may_be_cut
        self._begin_anew()

    def _begin_anew(self) -> None:
        found, options = self._found, self._options
        self.count, self._above = 0, b""
        self.told = Builder("", options.limits)
        owners = dict(found.owners)
        self._rows = Rows(found.header, found.is_vscapture, options, self.told, Marks(options), owners)

    def blocks(self, begin: int, longest: int) -> Iterator[Block]:
        """As of `source`; blocks without rows are left out.

        Raises:
            Unfit: as there; or a line changes how those below it are read.
        """
        self._begin_anew()
        for block in self._source.blocks(begin, longest):
            lines = line_ends(block.body, len(block.first()))
            starts = np.zeros_like(lines)
            np.add(lines[:-1], 1, out=starts[1:])
            kept, counted = self._judge(block, starts, lines)
            numbers = self.count + counted.cumsum() - 1
            self.count += int(np.count_nonzero(counted))
            self._above = _line(block, starts, lines, -1).removesuffix(b"\r")
            if kept.any():
                yield _without(block, starts, lines, kept, numbers[kept])

    def _judge(self, block: Block, starts: Places, lines: Places) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which lines of a block are rows, and which count as such."""
        ends = lines - (block.body.take(np.maximum(lines - 1, 0)) == _CR) * (lines > starts)
        kept = ~self._odd(block, starts, ends)
        counted = starts < ends
        passed, again = counted.cumsum(), 0
        for line in (~kept & counted).nonzero()[0].tolist():
            number = self.count + int(passed[line]) - 1 - again
            text = self._text(_line(block, starts, ends, line))
            text = text if block.is_cut else f"{text}\n"
            try:
                what = self._rows.odd(text, number, self._line_above(block, starts, ends, line))
            except RecordingError:
                raise Unfit from None
            if what is Odd.OTHER:
                raise Unfit
            if what is not Odd.REFUSED:
                counted[line] = False
                again += 1
        return kept, counted

    def _odd(self, block: Block, starts: Places, ends: Places) -> NDArray[np.bool_]:
        """Which lines may be no rows."""
        header, body = self._found.header, block.body
        wanted = len(header.names) - 1
        marks = (body == ord(header.delimiter)).nonzero()[0]
        odd = np.zeros(len(starts), np.bool_)
        if block.holds(b'"'):
            quotes = (body == _QUOTE).nonzero()[0]
            before = quotes.searchsorted(starts)
            odd |= (quotes.searchsorted(ends) - before) % 2 == 1
            line = starts.searchsorted(marks, "right") - 1
            marks = marks[(quotes.searchsorted(marks) - before[line]) % 2 == 0]
        first = marks.searchsorted(starts)
        count = marks.searchsorted(ends) - first
        odd |= count < wanted
        longer = ((count > wanted) & ~odd).nonzero()[0]
        if len(longer) and not (self._found.is_vscapture or header.is_queensland):
            behind = ends[longer] - marks[first[longer] + wanted]
            odd[longer[behind != count[longer] - wanted]] = True  # something stands there
        odd |= ends - starts == wanted  # nothing but marks
        if header.time[0] == 0:
            begins = body.take(starts)
            begins[begins == _QUOTE] = body.take(starts[begins == _QUOTE] + 1)
            odd |= ~_BEGINS.take(begins)
        if block.holds(b"\x00"):
            odd[starts.searchsorted((body == 0).nonzero()[0], "right") - 1] = True
        return odd

    def _line_above(self, block: Block, starts: Places, ends: Places, line: int) -> str:
        while line:
            line -= 1
            if starts[line] < ends[line]:
                return self._text(_line(block, starts, ends, line))
        return self._text(self._above)

    def _text(self, octets: bytes) -> str:
        if (self.is_guessed and not octets.isascii()) or b"\r" in octets:
            raise Unfit  # what it says, or where it ends, rests on the whole file
        return octets.decode(errors="replace")


def _line(block: Block, starts: Places, ends: Places, line: int) -> bytes:
    return block.cell(int(ends[line]), int(ends[line] - starts[line]))


def _without(block: Block, starts: Places, lines: Places, kept: NDArray[np.bool_], numbers: NDArray[np.int64]) -> Block:
    """The lines of a block that are `kept`."""
    if kept.all():
        return block.numbered(numbers)
    changes = np.diff(kept, prepend=False, append=False).nonzero()[0]
    begins, ends = starts[changes[::2]] + AHEAD, lines[changes[1::2] - 1] + AHEAD + 1
    pieces = [block.octets[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
    room = np.zeros(AHEAD, np.uint8)
    whole = np.concatenate([room, *pieces, room])
    return Block(bytearray(whole.data), len(whole) - 2 * AHEAD, block.is_cut, numbers)
