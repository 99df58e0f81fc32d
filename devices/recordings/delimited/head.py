"""The head of a text table that may be read in columns, and what cuts its rows into cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from devices.errors import RecordingError
from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.digits import DecimalMark
from devices.recordings.delimited.longer import fit_longer
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.options import Options
from devices.recordings.tables.columns import ticks_column
from devices.recordings.tables.header import PREAMBLE, Header, Layout, find_header
from devices.recordings.tables.rows import fits, is_vscapture, owners_in, units_row
from devices.recordings.texts import cells

if TYPE_CHECKING:
    from devices.recordings.delimited.blocks import Places, Sizes

_WIDEST = 100
"""Bytes of a time at the beginning of a row; what is longer is none."""


class Found(Struct, frozen=True):
    """The header, the same without the units in the row under it, and the byte at which the rows begin.

    `is_vscapture`: VSCapture wrote the table.
    """

    header: Header
    named: Header
    begin: int
    is_vscapture: bool


def head_of(head: Sequence[bytes], options: Options) -> Found | None:
    """The header among the first lines of a table; None if its rows are not read in columns."""
    try:
        lines = [f"{line.decode().removesuffix(chr(10)).removesuffix(chr(13))}\n" for line in head]
        header = find_header(lines[:PREAMBLE], options, "")
        owners_in(lines[: header.line], header.delimiter)
    except (UnicodeDecodeError, RecordingError):
        return None  # it is told by whoever reads row by row
    if any("\r" in line for line in lines):
        return None
    if header.layout is Layout.TIDY:
        return None
    vscapture, ticks = is_vscapture(lines, header), ticks_column(header.names) >= 0
    if header.who and header.layout is Layout.WIDE and (vscapture or ticks or header.is_queensland):
        return None
    if vscapture and (header.layout is Layout.LONG or ticks):
        return None
    under, units = header.line + 1, None
    try:
        got = cells(lines[under], header.delimiter) if under < len(lines) else []
    except ValueError:
        return None
    if fits(got, header):
        units = units_row(header, got, options)
    begin = sum(map(len, head[: under + (units is not None)]))
    return Found(units or header, header, begin, vscapture)


def mark_of(header: Header, options: Options) -> DecimalMark:
    """The decimal mark of the table's numbers, as far as it is known beforehand."""
    return DecimalMark(options.overrides.decimal_mark or ("." if header.delimiter == "," else ""))


class Cut:
    """Cuts the blocks of one table into cells. `loose`: as `fit_longer` takes it."""

    def __init__(self, header: Header, longest: int, loose: bool = False) -> None:
        self._header, self._longest, self._loose = header, longest, loose
        self._ways: list[tuple[int, bool]] = [(0, True), (0, False)]
        """As `Block.split` takes them; the first is the fastest, and each fits all tables that those before it do."""

    def first(self, block: Block) -> tuple[str, ...]:
        """The time of the first row, a cell each column."""
        header, line = self._header, block.first()
        try:
            got = cells(line.decode(), header.delimiter)
        except ValueError:
            raise Unfit from None
        begin, *more = header.time
        if len(got) < len(header.names) or more not in ([], [begin + 1]):
            raise Unfit
        first = line.find(header.delimiter.encode())
        if begin == 0 and 0 < first < _WIDEST:
            self._ways.insert(0, (first, True))
        return tuple(got[place] for place in header.time)

    def cells(self, block: Block) -> tuple[Places, Sizes]:
        """As `Block.split`. Times in the first column are mostly as long as the first is; in them no mark can hide,
        since all that is not as in the row above is looked at."""
        header = self._header
        while True:
            known, alike = self._ways[0]
            try:
                ends, sizes = block.split(ord(header.delimiter), len(header.names), self._longest, known, alike)
            except Unfit:
                if len(self._ways) == 1:
                    raise
                del self._ways[0]
                continue
            fit_longer(block, ends, sizes, header, self._loose)
            return ends, sizes
