"""The rows of a text table that are read in columns, block by block: cut into cells, and of one patient.

A table of one patient is gone through once. Where a second one is seen, its rows are counted first by whose they are,
as a choice needs to know, and then read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.cutting import Cut
from devices.recordings.delimited.first_cells import are_rows
from devices.recordings.delimited.head import Found
from devices.recordings.delimited.long_kinds import text_in
from devices.recordings.delimited.odd_lines import Sifted
from devices.recordings.delimited.pairs import Pairs
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.delimited.untimed import Untimed, UntimedRows
from devices.recordings.delimited.whose import Chosen, Named, Whose
from devices.recordings.options import Options
from devices.recordings.patients.mark_columns import take_block
from devices.recordings.patients.marks import Marks
from devices.recordings.recording import Builder
from devices.recordings.tables.decimal_commas import perhaps_tenths
from devices.recordings.tables.header import Header
from devices.recordings.tables.summaries import ENDS, statistic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes
    from devices.recordings.delimited.utf8 import Source

    Numbering = NDArray[np.int64] | range
    Piece = tuple[Block, Places, Sizes, Numbering]


class Several(Unfit):
    """Not all rows are of one patient, and whose are read was not chosen."""


class TableRows:
    """The rows of the table in `source`: all, which must be of one patient, or those that were `chosen`; without the
    `untimed` ones.

    Attributes:
        first: the time of the first row that is read, a cell each column.
        marks: what stands in the columns that are not read, in all rows.
        pairs: the columns that hold pressures as ``120/80``, of each of which two are made.
    """

    def __init__(
        self,
        source: Source,
        found: Found,
        options: Options,
        chosen: Chosen | None = None,
        untimed: UntimedRows | None = None,
    ) -> None:
        self._source, self._found, self._options, self._chosen = source, found, options, chosen
        self.untimed = untimed
        self._whose = Whose(found.header, source.is_guessed)
        self._count = self._fit = 0
        self.first: tuple[str, ...] = ()
        self.marks = Marks(options)
        self.pairs = Pairs(found.header, options, source.is_guessed)

    @property
    def are_all(self) -> bool:
        """Every row is read, and all lines are rows."""
        return self._chosen is None and self.untimed is None and not isinstance(self._source, Sifted)

    @property
    def count(self) -> int:
        """So many rows were seen so far: those of others with them, and those that were refused."""
        return self._source.count if isinstance(self._source, Sifted) else self._count

    @property
    def refused(self) -> Builder | None:
        """What was told of rows that were refused."""
        return self._source.told if isinstance(self._source, Sifted) else None

    @property
    def may_be_cut(self) -> bool:
        return self._source.may_be_cut

    @property
    def is_guessed(self) -> bool:
        return self._source.is_guessed

    def anew(self) -> TableRows:
        """The same rows from the first on."""
        untimed = None if self.untimed is None else self.untimed.anew()
        return TableRows(self._source, self._found, self._options, self._chosen, untimed)

    def without(self, untimed: Untimed) -> TableRows:
        """The same without the rows that `untimed` tells.

        Raises:
            Unfit: they are not left out here.
        """
        if self._chosen is not None or self._found.is_vscapture:
            raise Unfit
        rows = UntimedRows(untimed, self._found.header, self._source.is_guessed)
        return TableRows(self._source, self._found, self._options, untimed=rows)

    def __iter__(self) -> Iterator[Piece]:
        """Of each block that has such rows itself, where their cells end and how many bytes they have, both as (column,
        row) of the header that `pairs` has then, and the numbers of the rows. A last row that nothing ends is a block
        of its own.

        Raises:
            Several. Unfit: they must be read row by row.
        """
        for block, ends, sizes, numbers in self._pieces():
            yield block, *self.pairs.widen(block, ends, sizes, numbers), numbers
        self.pairs.finish()

    def _pieces(self) -> Iterator[Piece]:
        """The same with each pair in one cell."""
        header, limits, marks = self._found.header, self._options.limits, self.marks
        loose = self._found.is_vscapture
        tenths = [] if loose else perhaps_tenths(header, self._options)
        cut, width = Cut(header, limits.line, loose, tenths), len(header.names)
        for block in self._source.blocks(self._found.begin, limits.line):
            if block.is_cut and any(place == width - 1 for place, _ in marks.of(header)):
                raise Unfit
            if self._chosen is None and not self.first:
                self.first = cut.first(block)
            ends, sizes = cut.cells(block)
            _refuse_labels(block, ends, sizes, header, self.is_guessed)
            begin, self._fit = self._fit, self._fit + ends.shape[1]
            numbers: Numbering = range(begin, self._fit) if block.numbers is None else block.numbers
            self._count = int(numbers[-1]) + 1
            if self._count > limits.rows:
                raise Unfit
            for name in self.pairs.begin(block, ends, sizes):
                marks.drop(name)  # it is read
            if marks.of(header):
                take_block(marks, block, ends, sizes, header, int(numbers[0]))
            if self._chosen is not None:
                yield from self._of_chosen(self._chosen, block, ends, sizes, numbers)
                continue
            if header.who:
                self._whose.see(block, ends, sizes)
                if self._whose.several:
                    raise Several
            if self.untimed is None:
                yield block, ends, sizes, numbers
            elif len(rows := self.untimed.others(block, ends, begin, numbers)):
                yield block, ends[:, rows], sizes[:, rows], _of(numbers, rows)

    def _of_chosen(
        self, chosen: Chosen, block: Block, ends: Places, sizes: Sizes, numbers: Numbering
    ) -> Iterator[Piece]:
        rows = chosen.rows(block, ends, sizes)
        if not len(rows):
            return
        ends, sizes = ends[:, rows], sizes[:, rows]
        if not self.first:
            guessed = self._source.is_guessed
            self.first = tuple(
                text_in(block, ends[place], sizes[place], 0, guessed) for place in self._found.header.time
            )
        yield block, ends, sizes, _of(numbers, rows)

    def named(self) -> Named | None:
        """Whom the rows name, once all were seen; None if no column does.

        Raises:
            Unfit: it is not clear, or the file grew meanwhile.
        """
        if not self._found.header.who:
            return None
        if self._chosen is None:
            return self._whose.named()
        if sum(self._chosen.named.counts.values()) != self._fit:
            raise Unfit
        return self._chosen.named


def _of(numbers: Numbering, rows: NDArray[np.int64]) -> Numbering:
    return rows + numbers[0] if isinstance(numbers, range) else numbers[rows]


def choose_rows(source: Source, found: Found, options: Options) -> Chosen:
    """The rows of the patient that is read, in a table of several.

    Raises:
        ChoiceNeeded: none was chosen. RecordingError: the chosen one is not among them.
        Unfit: it must be found out row by row.
    """
    header, limits = found.header, options.limits
    cut, whose, count = Cut(header, limits.line, found.is_vscapture), Whose(header, source.is_guessed), 0
    for block in source.blocks(found.begin, limits.line):
        ends, sizes = cut.cells(block)
        if not are_rows(block, ends[header.time[0]], sizes[header.time[0]]):
            raise Unfit
        if (count := count + ends.shape[1]) > limits.rows:
            raise Unfit
        _refuse_labels(block, ends, sizes, header, source.is_guessed)
        whose.see(block, ends, sizes)
    return whose.choose(options)


def _refuse_labels(block: Block, ends: Places, sizes: Sizes, header: Header, is_guessed: bool) -> None:
    """Refuses rows that may be statistics, which `summaries.without_summaries` looks for at a table's ends.

    Raises:
        Unfit: there are such.
    """
    count = ends.shape[1]
    rows = {*range(min(ENDS, count)), *range(max(0, count - ENDS), count)}
    for place in header.labels:
        for row in rows:
            cell = block.cell(int(ends[place][row]), int(sizes[place][row]))
            if cell and statistic(cell.decode("cp1252" if is_guessed else "utf-8", errors="replace")):
                raise Unfit
