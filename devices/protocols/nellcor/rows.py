"""Rows and headers of a Nellcor oximeter, read (text oximeters sheet, section C)."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct

STAMP = re.compile(rb"\d\d-[A-Za-z]{3}-\d\d \d\d:\d\d:\d\d")
_ROW = re.compile(
    rb"(\d\d)-([A-Za-z]{3})-(\d\d) (\d\d):(\d\d):(\d\d)"
    rb" +(\d{1,3}|-{3})\*? +(\d{1,3}|-{3})\*? +(\d{1,3}|-{3})\*?((?: +[A-Z]{2})*) *"
)
_HEADER = re.compile(
    r"(N(?:PB)?-\w{1,8}) +VERSION +(\S{1,20}) +(?:TREND|CRC:? ?\S{1,8}(?: +TREND)?)"
    r" +SpO2 Limit: *(\d{1,3}) ?- ?(\d{1,3})% +PR Limit: *(\d{1,3}) ?- ?(\d{1,3}) ?BPM(?: +\S{1,20})? *",
    re.IGNORECASE | re.ASCII,
)
_INFO = re.compile(r"(N(?:PB)?-\w{1,8}) +VERSION +(\S{1,20}) +INFO +CRC:.{0,60}", re.IGNORECASE | re.ASCII)
_MODE = re.compile(r" +([A-Z]{2,12}) +((?:\d{1,3}|OFF) ?SAT-S)(?: +SPO2 RESP MODE: ?(\w{1,12}).{0,20})? *", re.ASCII)
_MENU = re.compile(r"\S{1,12} +Interactive Mode|(?: {0,8}(?:Command\?|\d\) [A-Za-z ]{1,40}))", re.ASCII)
_COLUMNS = re.compile(r"TIME +%SpO2 +BPM +PA(?: +Status)? *", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CENTURY_BEGINS = 70
"""Years of two digits from here on are of the 1900s: the oldest of these monitors are of 1997."""

HIGHEST_SPO2, HIGHEST_PULSE = 100, 300


class BadRow(ValueError):
    """A line that is refused. The message is the reason under which it is counted."""


class Row(Struct, frozen=True):
    """One row. `written`: the monitor's own local time; numbers None for ``---``; `codes`: two letters each."""

    written: datetime
    spo2: int | None
    pulse: int | None
    codes: tuple[str, ...]


class Header(Struct, frozen=True):
    """The first line of a header: who speaks, its alarm limits ("" where it does not say), and whether rows from
    memory follow it."""

    model: str
    version: str
    limits: str = ""
    is_trend: bool = False


def read(line: bytes) -> Row:
    """A row that begins with its date. Without a checksum its shape must be exact.

    Raises:
        BadRow: another shape, a date that does not exist, a number that no oximeter shows.
    """
    found = _ROW.fullmatch(line)
    if found is None:
        raise BadRow("not the form of a row")
    day, month, year, hour, minute, second, spo2, pulse, _, codes = (text.decode("ascii") for text in found.groups())
    century = 1900 if int(year) >= _CENTURY_BEGINS else 2000
    try:
        number = _MONTHS.index(month.lower()) + 1
        written = datetime(century + int(year), number, int(day), int(hour), int(minute), int(second))  # noqa: DTZ001
    except ValueError:
        raise BadRow("a date that does not exist") from None
    row = Row(written, _number(spo2), _number(pulse), tuple(codes.split()))
    if (row.spo2 or 0) > HIGHEST_SPO2 or (row.pulse or 0) > HIGHEST_PULSE:
        raise BadRow("a number no oximeter shows")
    return row


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def header(text: str) -> Header | None:
    """The first line of a header, or what a monitor says of itself; None if `text` is neither."""
    info = _INFO.fullmatch(text)
    if info is not None:
        return Header(info[1], info[2])
    found = _HEADER.fullmatch(text)
    if found is None:
        return None
    model, version, low, high, slow, fast = found.groups()
    limits = f"alarm limits SpO2 {low}-{high} %, pulse {slow}-{fast} /min"
    return Header(model, version, limits, "TREND" in text.upper())


def mode(text: str) -> str | None:
    """What the second line of a header says (``ADULT 0SAT-S``), None if `text` is none."""
    found = _MODE.fullmatch(text)
    if found is None:
        return None
    return f"{found[1]} {found[2]}" + (f", response {found[3]}" if found[3] else "")


def is_menu(text: str) -> bool:
    """Whether `text` is of the menu that a monitor shows to somebody who types."""
    return _MENU.fullmatch(text) is not None


def is_columns(text: str) -> bool:
    """Whether `text` is the last line of a header, the names of the columns."""
    return _COLUMNS.fullmatch(text) is not None
