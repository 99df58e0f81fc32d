"""The rows of a text table in columns, cut into cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.longer import fit_longer
from devices.recordings.delimited.splitting import Split, split
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.tables.header import Header
from devices.recordings.texts import cells

if TYPE_CHECKING:
    from devices.recordings.delimited.blocks import Places, Sizes

_ZERO, _NINE = ord("0"), ord("9")
_WIDEST = 100
"""Bytes of a time at the beginning of a row; what is longer is none."""


class Cut:
    """Cuts the blocks of one table into cells. `loose`: as `fit_longer` takes it. `tenths`: as `perhaps_tenths` gives
    them."""

    def __init__(
        self, header: Header, longest: int, loose: bool = False, tenths: Sequence[tuple[int, int]] = ()
    ) -> None:
        self._header, self._longest, self._loose, self._tenths = header, longest, loose, tenths
        self._ways: list[tuple[int, bool]] = [(0, True), (0, False)]
        """As `split` takes them; the first is the fastest, and each fits all tables that those before it do."""

    def first(self, block: Block) -> tuple[str, ...]:
        """The time of the first row, a cell each column."""
        header, line = self._header, block.first()
        try:
            got = cells(line.decode(), header.delimiter)
        except ValueError:
            raise Unfit from None
        begin, *more = header.time
        if len(got) < len(header.names) or len(more) > 1:
            raise Unfit
        first = line.find(header.delimiter.encode())
        if begin == 0 and 0 < first < _WIDEST:
            self._ways.insert(0, (first, True))
        return tuple(got[place] for place in header.time)

    def cells(self, block: Block) -> tuple[Places, Sizes]:
        """As `split`. Times in the first column are mostly as long as the first is; in them no mark can hide,
        since all that is not as in the row above is looked at."""
        header = self._header
        while True:
            known, alike = self._ways[0]
            try:
                found = split(block, ord(header.delimiter), len(header.names), self._longest, known, alike)
            except Unfit:
                if len(self._ways) == 1:
                    raise
                del self._ways[0]
                continue
            if len(found.marked):
                self._look_at_tenths(block, found)
            if found.longer is not None:
                fit_longer(block, found.longer, found.ends, found.sizes, header, self._loose)
            return found.ends, found.sizes

    def _look_at_tenths(self, block: Block, found: Split) -> None:
        """Looks at the cells behind those of signals, in the rows with more marks.

        Raises:
            Unfit: a column may hold the tenths of the one before, as `decimal_commas.ask_tenths` asks.
        """
        for _, behind in self._tenths:
            ends, sizes = found.ends[behind][found.marked], found.sizes[behind][found.marked]
            there = sizes > 0
            digit = block.before(ends[there], 1)
            if there.any() and (sizes <= 1).all() and ((digit >= _ZERO) & (digit <= _NINE)).all():
                raise Unfit
