"""Bytes of a text file to lines and cells: marks, encodings, NUL bytes, delimiters, decimal marks.

A file is read line by line, so that its size is not the memory it takes.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.printable import one_line
from devices.recordings.recording import LARGEST

DELIMITERS = (",", ";", "\t", "|")

MISSING = frozenset(
    {"", "-", "--", "---", "-?-", "nan", "na", "n/a", "null", "none", "#n/a", "***"}
    | {"\\n", "(null)", "<na>", "nat"}  # databases' dumps and pandas
)
"""What stands for "no value" in a cell, in lower case. A cell with one of these is an empty cell."""

FLAG = "(!)"
"""Epic's mark, before a value, that it is not normal."""

_AT_ONCE = 1 << 20
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WITH_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d{1,3})?", re.ASCII)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAID = {"utf-8": "UTF-8", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE", "cp1252": "Windows-1252"}


def _sure(mark: str, other: str) -> re.Pattern[str]:
    """Numbers in which `mark` can only be a decimal mark: three digits behind it could be thousands."""
    mark, other = re.escape(mark), re.escape(other)
    return re.compile(
        rf"[+-]?(?:\d+{mark}(?:\d{{1,2}}|\d{{4,}})|0?{mark}\d+|\d{{4,}}{mark}\d+|\d{{1,3}}(?:{other}\d{{3}})+{mark}\d+)",
        re.ASCII,
    )


_COMMA_SURE, _POINT_SURE = _sure(",", "."), _sure(".", ",")
_EITHER = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})+", re.ASCII)


GUESSED = "Windows-1252, since it is not UTF-8"
"""Said of an encoding that nothing in the file says."""


def encoding_of(path: Path) -> tuple[str, int, str]:
    """The encoding of the text file `path`, the length of its byte order mark, and both said for a person.

    By its byte order mark; else UTF-16 where every other byte is NUL; else UTF-8, else Windows-1252.
    """
    with path.open("rb") as file:
        head = file.read(_AT_ONCE)
        return encoding_at(head, iter(lambda: file.read(_AT_ONCE), b""))


def encoding_at(head: bytes, more: Iterable[bytes] = ()) -> tuple[str, int, str]:
    """As `encoding_of`, of a text that begins with `head` and goes on with `more`."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark), f"{_SAID.get(encoding, encoding.upper())}, by its byte order mark"
    start = head[:4096]
    for encoding, nul, text in (("utf-16-le", start[1::2], start[::2]), ("utf-16-be", start[::2], start[1::2])):
        if len(start) > 3 and nul.count(0) * 10 > len(nul) * 9 and not text.count(0):
            return encoding, 0, f"{_SAID[encoding]}, by its NUL bytes"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
        for piece in more:
            decoder.decode(piece)
    except UnicodeDecodeError:
        return "cp1252", 0, GUESSED
    return "utf-8", 0, "UTF-8"


def decode(data: bytes) -> str:
    """A text file's characters. Bytes that are no character become U+FFFD: a cell with one is no number."""
    encoding, mark, _ = encoding_at(data)
    return data[mark:].decode(encoding, errors="replace")


def refuse_many_lines(path: Path, limit: int) -> None:
    """Refuses a file of more than `limit` lines before any of them is kept.

    Raises:
        RecordingError: it is such.
    """
    if path.stat().st_size <= limit:
        return
    count = 0
    with path.open("rb") as file:
        while data := file.read(_AT_ONCE):
            count += max(data.count(b"\n"), data.count(b"\r"))
            if count > limit:
                raise RecordingError(f"{path.name} has more than {limit} lines: cut it into shorter ones")


def open_text(path: Path, encoding: str, mark: int) -> io.TextIOWrapper:
    """The text file `path`, with line ends (LF, CR LF or CR) as LF. To be closed."""
    file = path.open("rb")
    file.seek(mark)
    return io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=None)


def lines_of(file: io.TextIOBase, longest: int, what: str) -> Iterator[str]:
    """The lines of `file`, each with its LF; one without is the file's last, and may be cut.

    Raises:
        RecordingError: a line of more than `longest` characters: no table has such.
    """
    read = file.readline
    count = 0
    while line := read(longest + 1):
        count += 1
        if len(line) > longest:
            raise RecordingError(f"{what}: line {count} is longer than the {longest} characters that are read")
        yield line


def cells(line: str, delimiter: str) -> list[str]:
    """The fields of one line, trimmed and without what could steer a terminal: names and units are shown.

    A quote may not span lines: an unclosed one must not swallow the next rows.

    Raises:
        ValueError: a quote that is not closed, or a field too long to be a value.
    """
    if '"' not in line:
        found = line.split(delimiter)
    else:
        try:
            found = next(csv.reader([line], delimiter=delimiter, strict=True, skipinitialspace=True))
        except (csv.Error, StopIteration):
            raise ValueError("a quote is not closed") from None
    if line.rstrip("\r\n").isprintable():
        return [cell.strip() for cell in found]
    return [one_line(cell) for cell in found]


def is_missing(cell: str) -> bool:
    """The cell stands for no value."""
    return not cell or cell.lower() in MISSING


def without_flag(cell: str) -> str:
    """`cell` without the mark of a value that is not normal before it."""
    return cell.removeprefix(FLAG).lstrip() if cell.startswith(FLAG) else cell


def decimal_mark(held: Iterable[str], delimiter: str) -> str:
    """The decimal mark of the numbers among the cells `held`: ``,`` or ``.``, "" if none has one.

    Between commas only a cell in quotes can hold a comma: ``"97,5"`` is a decimal one, ``"1,234"`` could be either.

    Raises:
        ChoiceNeeded: both are used.
    """
    comma, point, either = "", "", ""
    for cell in held:
        if "," in cell:
            if _COMMA_SURE.fullmatch(cell):
                comma = comma or cell
            elif _POINT_SURE.fullmatch(cell):
                point = point or cell
            elif _EITHER.fullmatch(cell):
                either = either or cell
        elif "." in cell and not point and _POINT_SURE.fullmatch(cell):
            point = cell
        if comma and point:
            raise ChoiceNeeded(
                f"numbers are written with a decimal comma ({comma!r}) and with a point ({point!r}): say which is meant"
                " with --mapping, as values.decimal_mark",
                "decimal_mark",
                (",", "."),
            )
    if delimiter == ",":
        return "," if comma else "."
    return "," if comma or (either and not point) else "." if point else ""


def number(cell: str, decimal_comma: bool = False) -> float:
    """The number in `cell`; with `decimal_comma` one with a comma in the place of the point, too.

    Raises:
        ValueError: not a finite number. Thousands separators are not read: ``1,234`` could be 1.234.
    """
    if decimal_comma and _WITH_COMMA.fullmatch(cell):
        cell = cell.replace(",", ".")
    if not _NUMBER.fullmatch(cell):
        raise ValueError(f"{cell[:40]!r} is not a number")
    value = float(cell)
    if not abs(value) < LARGEST:
        raise ValueError(f"{cell[:40]!r} is not a number")
    return value


def marked_number(cell: str, mark: str) -> float:
    """The number in `cell` of a table whose decimal mark is `mark`: beside a comma a point could be of thousands.

    Raises:
        ValueError: as `number`.
    """
    if mark == "," and "." in cell:
        raise ValueError(f"{cell[:40]!r} is not a number with a decimal comma")
    return number(cell, mark == ",")


def spreadsheet_text(cell: str) -> str:
    """Text from a file or a device, so that a spreadsheet that opens a written table never runs it as a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def refuse_long(size: int, limit: int, what: str) -> None:
    """Refuses what is larger than `limit` bytes.

    Raises:
        RecordingError: it is.
    """
    if size > limit:
        raise RecordingError(f"{what} has {size} bytes, more than the {limit} that are read: cut it into shorter ones")
