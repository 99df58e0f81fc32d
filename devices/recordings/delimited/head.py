"""The head of a text table that may be read in columns."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from devices.errors import RecordingError
from devices.recordings.delimited.digits import DecimalMark
from devices.recordings.options import Options
from devices.recordings.tables.columns import ticks_column
from devices.recordings.tables.finding import find_header
from devices.recordings.tables.header import PREAMBLE, Header, Layout
from devices.recordings.tables.rows import fits, is_vscapture, owners_in, units_row
from devices.recordings.texts import cells


class Found(Struct, frozen=True):
    """The header, the same without the units in the row under it, and the byte at which the rows begin.

    `is_vscapture`: VSCapture wrote the table. `owners`: whom the lines above the header name, as `owners_in` says.
    """

    header: Header
    named: Header
    begin: int
    is_vscapture: bool
    owners: dict[str, str]


def head_of(head: Sequence[bytes], options: Options) -> Found | None:
    """The header among the first lines of a table; None if its rows are not read in columns."""
    try:
        lines = [f"{line.decode().removesuffix(chr(10)).removesuffix(chr(13))}\n" for line in head]
        header = find_header(lines[:PREAMBLE], options, "")
        owners = owners_in(lines[: header.line], header.delimiter)
    except (UnicodeDecodeError, RecordingError):
        return None  # it is told by whoever reads row by row
    if any("\r" in line for line in lines):
        return None
    if header.layout is Layout.TIDY or header.verdicts:
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
    return Found(units or header, header, begin, vscapture, owners)


def mark_of(header: Header, options: Options) -> DecimalMark:
    """The decimal mark of the table's numbers, as far as it is known beforehand."""
    return DecimalMark(options.overrides.decimal_mark or ("." if header.delimiter == "," else ""))
