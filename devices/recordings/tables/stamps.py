"""How tables write times: the patterns, and each kind's cell to a datetime. No zone is chosen here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal, DecimalException
from enum import Enum

from devices import instant
from devices.recordings.options import DateOrder

_ISO = re.compile(r"\d{4}-?(\d{2}-?\d{2}|W\d{2}-?\d)([T ]\d{2}.*)?", re.ASCII)
_YEAR_FIRST = re.compile(r"(?P<a>\d{4})[/.年-](?P<b>\d{1,2})[/.月-](?P<c>\d{1,2})日?(?:[T ,]+(?P<clock>.+))?", re.ASCII)
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<c>\d{4})(?:[T ,]+(?P<clock>.+))?", re.ASCII)
_SHORT = re.compile(r"(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<c>\d{1,2})(?:[T ,]+(?P<clock>.+))?", re.ASCII)
_SHORT_NAMED = re.compile(
    r"(?P<a>\d{1,2})[ -]?(?P<b>[A-Za-z]{3})[a-z]*\.?[ -]?(?P<c>\d{2})(?:[ ,:]+(?P<clock>.+))?", re.ASCII
)
_MONTHS = {"janfebmaraprmayjunjulaugsepoctnovdec"[3 * index : 3 * index + 3]: index + 1 for index in range(12)}
_NAMED_FIRST = re.compile(r"(?P<m>[A-Za-z]{3})[a-z]*\.? (?P<d>\d{1,2}),? (?P<y>\d{4})(?:[ ,]+(?P<clock>.+))?", re.ASCII)
_NAMED_SECOND = re.compile(
    r"(?P<d>\d{1,2})[ -]?(?P<m>[A-Za-z]{3})[a-z]*\.?[ -]?(?P<y>\d{4})(?:[ ,:]+(?P<clock>.+))?", re.ASCII
)  # SAS writes 06MAY2023:07:12:00
_DATES = (_YEAR_LAST, _SHORT, _SHORT_NAMED, _YEAR_FIRST, _NAMED_FIRST, _NAMED_SECOND)
_CLOCK = re.compile(
    r"(?P<h>\d{1,2})(?P<mark>[:.])(?P<m>\d{2})(?:(?P=mark)(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r" ?(?P<half>[AaPp]\.? ?[Mm]\.?)?(?P<zone> ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?",
    re.ASCII,
)
_HOURS = re.compile(r"(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)", re.ASCII)
"""A clock as hospitals write it: 0915."""
_HALVES = {"上午": " AM", "午前": " AM", "오전": " AM", "下午": " PM", "午後": " PM", "오후": " PM"}
"""The halves of the day as spreadsheets write them in Chinese, Japanese and Korean, before the clock or behind it."""
_CLOCK_FIRST = re.compile(r"(?P<clock>\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?)[ ,]+(?P<date>\S.*)", re.ASCII)
_ELAPSED = re.compile(r"(?P<h>\d{1,4}):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d)(?:\.(?P<f>\d{1,6}))?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)


_JAVA = re.compile(
    r"[A-Z][a-z]{2} (?P<m>[A-Z][a-z]{2}) (?P<d>\d{1,2}) (?P<clock>\d{2}:\d{2}:\d{2})"
    r" (?P<zone>[A-Za-z]{1,5}|GMT[+-]\d{2}:\d{2}) (?P<y>\d{4})",
    re.ASCII,
)


class Kind(Enum):
    """How a file writes its times."""

    ISO = "ISO 8601"
    YEAR_FIRST = "year first"
    YEAR_LAST = "day and month before the year"
    SHORT = "a year of two digits, first or last"
    NAMED = "month by name"
    SECONDS = "a number from the start"
    ELAPSED = "hours and minutes from the start"
    JAVA = "month by name, with an abbreviated zone"
    UNIX = "a number since 1970 UTC"
    EXCEL = "a spreadsheet's number of days"


RELATIVE = frozenset({Kind.SECONDS, Kind.ELAPSED})


_MIDNIGHT = re.compile(r"(?P<date>.*\d)[T ]+(?:0?0:00|12:00:00 ?AM)(?::00(?:\.0+)?)?", re.ASCII)
_NO_DATE = re.compile(r"(?:1899-12-30|1900-01-0[01]|12/30/1899|30[/.]12[/.]1899)[T ]+(?P<clock>\S.*)", re.ASCII)


def joined(cells: Sequence[str]) -> str:
    """The time in the cells of the date and of the clock, or of both in one. A date's column may hold midnights, and a
    clock's the day from which databases and spreadsheets count; a date without its clock is no midnight."""
    if len(cells) == 1:
        return cells[0]
    date, clock = cells
    if not clock:
        return f"{date} (no clock)" if is_bare(date) else date
    if found := _MIDNIGHT.fullmatch(date):
        date = found["date"]
    if found := _NO_DATE.fullmatch(clock):
        clock = found["clock"]
    if _HOURS.fullmatch(clock) and not _ISO.fullmatch(date):
        clock = f"{clock} (no colon)"  # in a column of its own it may be the minutes of the day
    return f"{date} {clock}".strip()


def time_of_day(clock: str) -> timedelta | None:
    """How long after midnight `clock` is, None if it is no time of day."""
    try:
        moment = _at(1970, 1, 1, clock)
    except ValueError:
        return None
    return None if moment.tzinfo else timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)


def turned(cell: str) -> str:
    """`cell` with the date before the clock, where the clock is written first: ``23:59:56 19/09/2026``."""
    found = _CLOCK_FIRST.fullmatch(cell)
    return f"{found['date']} {found['clock']}" if found and _has_date(found["date"]) else cell


def _has_date(text: str) -> bool:
    return any(each.fullmatch(text) for each in _DATES)


def is_bare(cell: str) -> bool:
    """The cell is a date with nothing behind it."""
    if found := next(filter(None, (each.fullmatch(cell) for each in _DATES)), None):
        return found["clock"] is None
    found = _ISO.fullmatch(cell)
    return found is not None and found[2] is None


def kind_of(cell: str) -> Kind | None:
    """How one time cell is written, None if it is not a time."""
    if _NUMBER.fullmatch(cell):
        return Kind.SECONDS
    if _YEAR_LAST.fullmatch(cell):
        return Kind.YEAR_LAST
    if is_short(cell):
        return Kind.SHORT
    if _ISO.fullmatch(cell):
        return Kind.ISO
    if _YEAR_FIRST.fullmatch(cell):
        return Kind.YEAR_FIRST
    if _ELAPSED.fullmatch(cell):
        return Kind.ELAPSED
    if _NAMED_FIRST.fullmatch(cell) or _NAMED_SECOND.fullmatch(cell):
        return Kind.NAMED
    if _JAVA.fullmatch(cell):
        return Kind.JAVA
    return None


def iso(cell: str) -> datetime:
    """The ISO 8601 time in `cell`, naive if it has no offset.

    Raises:
        ValueError: it is none.
    """
    try:
        if _ISO.fullmatch(cell):
            return datetime.fromisoformat(cell[:-1] + "Z" if cell.endswith("z") else cell)
    except ValueError:
        pass
    # Spreadsheets and databases write 9:12 for 09:12, PM, or UTC behind such a date.
    with suppress(ValueError):
        if _YEAR_FIRST.fullmatch(cell):
            return dated(Kind.YEAR_FIRST, cell, None)
    raise ValueError(f"{cell[:40]!r} is not an ISO 8601 time such as 2026-03-01T09:30:00Z")


def dated(kind: Kind, cell: str, order: DateOrder | None) -> datetime:
    """The local time in `cell` that is written as `kind`, a date with or without a clock.

    Raises:
        ValueError: it is written otherwise, or is no date.
    """
    if kind is Kind.NAMED:
        found = _NAMED_FIRST.fullmatch(cell) or _NAMED_SECOND.fullmatch(cell)
        if not found or found["m"].lower() not in _MONTHS:
            raise ValueError(f"{cell[:40]!r} is not a date such as Dec 31, 2025")
        return _at(int(found["y"]), _MONTHS[found["m"].lower()], int(found["d"]), found["clock"])
    if kind is Kind.YEAR_FIRST:
        found = _YEAR_FIRST.fullmatch(cell)
        if not found:
            raise ValueError(f"{cell[:40]!r} is not a date such as 2025/12/31")
        return _at(int(found["a"]), int(found["b"]), int(found["c"]), found["clock"])
    if kind is Kind.SHORT:
        return _short(cell, order)
    found = _YEAR_LAST.fullmatch(cell)
    if not found:
        raise ValueError(f"{cell[:40]!r} is not a date such as 31/12/2025")
    first, second = int(found["a"]), int(found["b"])
    day, month = (first, second) if order is DateOrder.DMY else (second, first)
    return _at(int(found["c"]), month, day, found["clock"])


def _short(cell: str, order: DateOrder | None) -> datetime:
    found = _SHORT.fullmatch(cell) or _SHORT_NAMED.fullmatch(cell)
    # A month by name stands second.
    if not found or order is None or (found["b"].isalpha() and order is DateOrder.MDY):
        raise ValueError(f"{cell[:40]!r} is not a date such as 31/12/25")
    month = str(_MONTHS.get(found["b"].lower(), found["b"]))
    part = dict(zip(order.value, map(int, (found["a"], month, found["c"])), strict=True))
    # Two digits reach from 1969 to 2068, as in POSIX.
    return _at(part["y"] + (1900 if part["y"] >= 69 else 2000), part["m"], part["d"], found["clock"])


def java(cell: str) -> tuple[datetime, str]:
    """A Java program's ``Thu Apr 29 01:21:35 IST 2021``: the local time, and its zone as written.

    Raises:
        ValueError: it is none.
    """
    found = _JAVA.fullmatch(cell)
    if not found or found["m"].lower() not in _MONTHS:
        raise ValueError(f"{cell[:40]!r} is not a time such as Thu Apr 29 01:21:35 UTC 2021")
    return _at(int(found["y"]), _MONTHS[found["m"].lower()], int(found["d"]), found["clock"]), found["zone"]


def unix(cell: str, per_second: int) -> int:
    """The instant in a number of 1/`per_second` s since 1970 UTC.

    Raises:
        ValueError: it is no number, or lies outside the calendar.
    """
    try:
        value = Decimal(cell) * instant.SECOND / per_second
    except DecimalException:  # also too large a number
        raise ValueError(f"{cell[:40]!r} is no Unix time") from None
    if not value.is_finite() or abs(value) > 10**18:
        raise ValueError(f"{cell[:40]!r} is no Unix time")
    return instant.dated(round(value))


def excel(days: float) -> datetime:
    """A spreadsheet's day number, whole milliseconds: its digits reach no further.

    Raises:
        ValueError: before 1900-03-01, where spreadsheets count a day that never was, or outside the calendar.
    """
    if not 61 <= days < 2_958_466:
        raise ValueError(f"{days:g} is no spreadsheet's day number")
    return datetime(1899, 12, 30) + timedelta(milliseconds=round(days * 86_400_000))  # noqa: DTZ001


def _at(year: int, month: int, day: int, clock: str | None) -> datetime:
    if clock is None:
        return datetime(year, month, day)  # noqa: DTZ001
    for half, mark in _HALVES.items():
        if half in clock:
            clock = clock.replace(half, "", 1).strip() + mark
            break
    clock = clock.strip()
    if found := _HOURS.fullmatch(clock):
        clock = f"{found['h']}:{found['m']}"
    found = _CLOCK.fullmatch(clock)
    # With a point and without seconds it may be a part of a day or of an hour.
    if not found or (found["mark"] == "." and found["s"] is None):
        raise ValueError(f"{clock[:40]!r} is not a time of day such as 14:05:30")
    hour = int(found["h"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"{clock[:40]!r} is not a time of day such as 2:05:30 PM")
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    micro = int(((found["f"] or "") + "000000")[:6])
    moment = datetime(year, month, day, hour, int(found["m"]), int(found["s"] or 0), micro)  # noqa: DTZ001
    zone = (found["zone"] or "").strip()
    if not zone:
        return moment
    if zone in ("Z", "UTC", "GMT"):
        return moment.replace(tzinfo=UTC)
    sign = -1 if zone[0] == "-" else 1
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])) * sign
    if abs(offset) >= timedelta(days=1):
        raise ValueError(f"{zone!r} is no offset from UTC")
    return (moment - offset).replace(tzinfo=UTC)


def elapsed(cell: str) -> int:
    found = _ELAPSED.fullmatch(cell)
    if not found:
        raise ValueError(f"{cell[:40]!r} is not hours and minutes from the start such as 47:59")
    micro = int(((found["f"] or "") + "000000")[:6])
    return (int(found["h"]) * 3600 + int(found["m"]) * 60 + int(found["s"] or 0)) * instant.SECOND + micro


def is_year_last(cell: str) -> tuple[int, int] | None:
    """The first two numbers of a date with its year last, None if `cell` is none."""
    found = _YEAR_LAST.fullmatch(cell)
    return (int(found["a"]), int(found["b"])) if found else None


def is_short(cell: str) -> bool:
    """The cell is a date with a year of two digits."""
    return _SHORT.fullmatch(cell) is not None or is_short_named(cell)


def is_short_named(cell: str) -> bool:
    """The cell is such a date with its month by name: ``21-MAR-26 09.00.00 AM``."""
    found = _SHORT_NAMED.fullmatch(cell)
    return found is not None and found["b"].lower() in _MONTHS


def is_elapsed(cell: str) -> bool:
    """The cell is hours and minutes from a start."""
    return _ELAPSED.fullmatch(cell) is not None
