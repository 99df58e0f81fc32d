"""Bytes of a text file to lines and cells: marks, encodings, NUL bytes, delimiters, decimal commas."""

from __future__ import annotations

import codecs
import csv
import re

from devices.errors import RecordingError

DELIMITERS = (",", ";", "\t", "|")

MISSING = frozenset({"", "-", "--", "---", "-?-", "nan", "na", "n/a", "null", "none", "#n/a", "***"})
"""What stands for "no value" in a cell, in lower case. A cell with one of these is an empty cell."""

LARGEST = 1e300
"""Numbers beyond it are none: converted to another unit, they would be infinite."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode(data: bytes) -> str:
    """A text file's characters: by its byte order mark, else UTF-8, else Windows-1252.

    Bytes that are no character become U+FFFD; a row with one in a cell is refused there.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end >= len(data) - 3 and error.reason == "unexpected end of data":
            return data.decode("utf-8", errors="replace")
        return data.decode("cp1252", errors="replace")


def lines_of(text: str) -> list[str]:
    """The lines of `text` without their ends (LF, CR LF or CR)."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def cells(line: str, delimiter: str) -> list[str]:
    """The fields of one line, trimmed. A quote may not span lines: an unclosed one must not swallow the next rows.

    Raises:
        ValueError: a quote that is not closed, or a field too long to be a value.
    """
    if '"' not in line:
        return [cell.strip() for cell in line.split(delimiter)]
    try:
        return [
            cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True, skipinitialspace=True))
        ]
    except csv.Error:
        raise ValueError("a quote is not closed") from None


def is_missing(cell: str) -> bool:
    """The cell stands for no value."""
    return not cell or cell.lower() in MISSING


def number(cell: str, decimal_comma: bool = False) -> float:
    """The number in `cell`.

    Raises:
        ValueError: not a finite number. Thousands separators are not read: ``1,234`` could be 1.234.
    """
    if decimal_comma and _DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(",", ".")
    if not _NUMBER.fullmatch(cell):
        raise ValueError(f"{cell[:40]!r} is not a number")
    value = float(cell)
    if not abs(value) < LARGEST:
        raise ValueError(f"{cell[:40]!r} is not a number")
    return value


def refuse_long(size: int, limit: int, what: str) -> None:
    """Refuses what is larger than `limit` bytes.

    Raises:
        RecordingError: it is.
    """
    if size > limit:
        raise RecordingError(f"{what} has {size} bytes, more than the {limit} that are read: cut it into shorter ones")
