"""Where the header of a text table is: the first line with a known time name and a known signal name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from devices.errors import RecordingError
from devices.recordings.options import Options
from devices.recordings.tables.header import PREAMBLE, Header, Layout, header_of, read_header
from devices.recordings.texts import DELIMITERS, cells

_BROKEN = 20
"""In so many lines at most a header is written."""
_BLANKS = re.compile(r" +")


def find_header(lines: Sequence[str], options: Options, what: str, is_guessed: bool = False) -> Header:
    """The header among the first lines of the file called `what`. `is_guessed`: nothing in it says its encoding.

    Raises:
        RecordingError: there is none, or it names one quantity twice.
    """
    perhaps = None
    for first in range(len(lines[:PREAMBLE])):
        found = _at(lines, first, options)
        if found is not None and (found.fields or found.layout is not Layout.WIDE):
            return found
        if perhaps is not None:
            return perhaps
        perhaps = found  # of pressures in one cell alone: it may be the line of groups above the header
    if perhaps is not None:
        return perhaps
    if told := options.overrides.time_columns:
        raise RecordingError(
            f"{what} has no header with the columns {' and '.join(map(repr, told))}, which time.columns in the mapping"
            " names, and a known signal"
        )
    shown = next((line.strip() for line in lines if line.strip()), "")
    by_blanks = (_BLANKS.sub("\t", line.strip()) for line in lines[:PREAMBLE])
    if any("\t" in line and _is_header(line, options) for line in by_blanks):
        raise RecordingError(
            f"{what} is a table whose columns stand apart by blanks, which names and times may hold, too: save it with"
            " commas, semicolons or tabs"
        )
    how = "say which with --mapping"
    if is_guessed and not shown.isascii():
        how = f"save it as UTF-8, which it is not, or {how}"
    raise RecordingError(
        f"{what} is not a table that is understood: none of its first {PREAMBLE} lines names a time and a known signal"
        f" (the first is {shown[:60]!r}); if its columns hold them, {how}"
    )


def _at(lines: Sequence[str], first: int, options: Options) -> Header | None:
    """The header that begins in line `first`, None if none does."""
    if not lines[first].strip():
        return None
    above = lines[first - 1] if first else ""
    line, index = _whole(lines, first)
    for delimiter in DELIMITERS:
        if delimiter in line and (found := read_header(line, index, delimiter, options, above)):
            under = next((each for each in lines[index + 1 :] if each.strip()), "")
            return _with_row_names(found, line, under, options)
    return None


def _whole(lines: Sequence[str], first: int) -> tuple[str, int]:
    """The header that may begin in line `first`, and its last line: names in quotes may break within their cells."""
    for until in range(first, min(first + _BROKEN, len(lines))):
        whole = " ".join(line.strip() for line in lines[first : until + 1])
        if not whole.count('"') % 2:
            return (whole, until) if until > first else (lines[first], first)
    return lines[first], first


def _with_row_names(header: Header, line: str, under: str, options: Options) -> Header:
    """The header in `line`, with a nameless column before the others where R wrote the table: it gives names and
    numbers to rows, in quotes, and the column of these no name."""
    names = header.written or header.names
    if not line.lstrip("\ufeff").startswith('"') or not under.startswith('"1"'):
        return header
    try:
        row = cells(under, header.delimiter)
    except ValueError:
        return header
    if len(row) != len(names) + 1 or not all(row):
        return header
    return header_of(("", *names), header.line, header.delimiter, options) or header


def _is_header(line: str, options: Options) -> bool:
    try:
        return read_header(line, 0, "\t", options) is not None
    except RecordingError:
        return False
