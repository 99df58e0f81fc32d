"""The time cells of a table to instants: ISO 8601, local day and month orders, offsets from a start.

Absolute or relative is decided once per file. Nothing is guessed: a file in which no date has a day above 12
needs ``--date-order``; local times that a zone skips or has twice are refused row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import pairwise

from devices import instant
from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.recording import DateOrder, Options
from devices.recordings.texts import number

LONGEST = 10_000_000
"""Seconds (115 days): numbers beyond it are no seconds from a start, but Unix times or dates run together."""

_ISO = re.compile(r"\d{4}-?(\d{2}-?\d{2}|W\d{2}-?\d)([T ]\d{2}.*)?", re.ASCII)
_YEAR_FIRST = re.compile(r"(?P<a>\d{4})[/.-](?P<b>\d{1,2})[/.-](?P<c>\d{1,2})(?:[T ,]+(?P<clock>.+))?", re.ASCII)
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<c>\d{4})(?:[T ,]+(?P<clock>.+))?", re.ASCII)
_SHORT = re.compile(r"(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<c>\d{1,2})(?:[T ,]+(?P<clock>.+))?", re.ASCII)
_MONTHS = {"janfebmaraprmayjunjulaugsepoctnovdec"[3 * index : 3 * index + 3]: index + 1 for index in range(12)}
_NAMED_FIRST = re.compile(r"(?P<m>[A-Za-z]{3})[a-z]*\.? (?P<d>\d{1,2}),? (?P<y>\d{4})(?:[ ,]+(?P<clock>.+))?", re.ASCII)
_NAMED_SECOND = re.compile(
    r"(?P<d>\d{1,2})[ -](?P<m>[A-Za-z]{3})[a-z]*\.?[ -](?P<y>\d{4})(?:[ ,]+(?P<clock>.+))?", re.ASCII
)
_CLOCK = re.compile(
    r"(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)? ?(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"(?P<zone> ?(?:Z|[+-]\d{2}:?\d{2}))?",
    re.ASCII,
)
_ELAPSED = re.compile(r"(?P<h>\d{1,4}):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d)(?:\.(?P<f>\d{1,6}))?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)


class Kind(Enum):
    """How a file writes its times."""

    ISO = "ISO 8601"
    YEAR_FIRST = "year first"
    YEAR_LAST = "day and month before the year"
    SHORT = "a year of two digits, first or last"
    NAMED = "month by name"
    SECONDS = "a number from the start"
    ELAPSED = "hours and minutes from the start"


RELATIVE = frozenset({Kind.SECONDS, Kind.ELAPSED})


def kind_of(cell: str) -> Kind | None:
    """How one time cell is written, None if it is not a time."""
    if _NUMBER.fullmatch(cell):
        return Kind.SECONDS
    if _YEAR_LAST.fullmatch(cell):
        return Kind.YEAR_LAST
    if _SHORT.fullmatch(cell):
        return Kind.SHORT
    if _ISO.fullmatch(cell):
        return Kind.ISO
    if _YEAR_FIRST.fullmatch(cell):
        return Kind.YEAR_FIRST
    if _ELAPSED.fullmatch(cell):
        return Kind.ELAPSED
    if _NAMED_FIRST.fullmatch(cell) or _NAMED_SECOND.fullmatch(cell):
        return Kind.NAMED
    return None


@dataclass(slots=True)
class TimeReader:
    """Reads the time cells of one file.

    Attributes:
        kind: how they are written. scale: seconds per unit of a number. order: of dates with the year last.
        naive: a time without an offset has been read, so that the zone was assumed.
    """

    kind: Kind
    options: Options
    scale: float = 1.0
    order: DateOrder | None = None
    decimal_comma: bool = False
    naive: bool = field(default=False, init=False)

    @property
    def relative(self) -> bool:
        """Times count from the recording's start (and `--start` was not given)."""
        return self.kind in RELATIVE and self.options.start is None

    def read(self, cell: str) -> int:
        """The instant in `cell`.

        Raises:
            ValueError: it is not a time, or not one of this file's kind.
        """
        if self.kind is Kind.ISO:
            return self._iso(cell)
        if self.kind in RELATIVE:
            offset = self._number(cell) if self.kind is Kind.SECONDS else _elapsed(cell)
            return offset if self.options.start is None else self.options.start + offset
        return self._place(self._dated(cell))

    def _iso(self, cell: str) -> int:
        if not _ISO.fullmatch(cell):
            raise ValueError(f"{cell[:40]!r} is not an ISO 8601 time such as 2026-03-01T09:30:00Z")
        try:
            moment = datetime.fromisoformat(cell[:-1] + "Z" if cell.endswith("z") else cell)
        except ValueError:
            raise ValueError(f"{cell[:40]!r} is not an ISO 8601 time such as 2026-03-01T09:30:00Z") from None
        return self._place(moment)

    def _place(self, moment: datetime) -> int:
        if moment.tzinfo is None:
            self.naive = True
            zone = self.options.zone
            moment = moment.replace(tzinfo=UTC) if zone is UTC else instant.localize(moment, zone)
        return instant.from_datetime(moment)

    def _number(self, cell: str) -> int:
        if self.scale == 1.0 and "," not in cell:
            found = instant.parse_relative(cell)
        else:
            found = instant.seconds(number(cell, self.decimal_comma) * self.scale)
        if abs(found) > LONGEST * instant.SECOND:
            raise ValueError(f"{cell[:40]!r} is too far from the start")
        return found

    def _dated(self, cell: str) -> datetime:
        if self.kind is Kind.NAMED:
            found = _NAMED_FIRST.fullmatch(cell) or _NAMED_SECOND.fullmatch(cell)
            if not found or found["m"].lower() not in _MONTHS:
                raise ValueError(f"{cell[:40]!r} is not a date such as Dec 31, 2025")
            return _at(int(found["y"]), _MONTHS[found["m"].lower()], int(found["d"]), found["clock"])
        if self.kind is Kind.YEAR_FIRST:
            found = _YEAR_FIRST.fullmatch(cell)
            if not found:
                raise ValueError(f"{cell[:40]!r} is not a date such as 2025/12/31")
            return _at(int(found["a"]), int(found["b"]), int(found["c"]), found["clock"])
        if self.kind is Kind.SHORT:
            return self._short(cell)
        found = _YEAR_LAST.fullmatch(cell)
        if not found:
            raise ValueError(f"{cell[:40]!r} is not a date such as 31/12/2025")
        first, second = int(found["a"]), int(found["b"])
        day, month = (first, second) if self.order is DateOrder.DMY else (second, first)
        return _at(int(found["c"]), month, day, found["clock"])

    def _short(self, cell: str) -> datetime:
        found = _SHORT.fullmatch(cell)
        if not found or self.order is None:
            raise ValueError(f"{cell[:40]!r} is not a date such as 31/12/25")
        part = dict(zip(self.order.value, (int(found[name]) for name in "abc"), strict=True))
        # Two digits reach from 1969 to 2068, as in POSIX.
        return _at(part["y"] + (1900 if part["y"] >= 69 else 2000), part["m"], part["d"], found["clock"])


def _at(year: int, month: int, day: int, clock: str | None) -> datetime:
    if clock is None:
        return datetime(year, month, day)  # noqa: DTZ001
    found = _CLOCK.fullmatch(clock.strip())
    if not found:
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
    if zone == "Z":
        return moment.replace(tzinfo=UTC)
    sign = -1 if zone[0] == "-" else 1
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])) * sign
    return (moment - offset).replace(tzinfo=UTC)


def _elapsed(cell: str) -> int:
    found = _ELAPSED.fullmatch(cell)
    if not found:
        raise ValueError(f"{cell[:40]!r} is not hours and minutes from the start such as 47:59")
    micro = int(((found["f"] or "") + "000000")[:6])
    return (int(found["h"]) * 3600 + int(found["m"]) * 60 + int(found["s"] or 0)) * instant.SECOND + micro


def time_reader(
    column: str, times: Sequence[str], options: Options, *, scale: float = 1.0, decimal_comma: bool = False
) -> TimeReader:
    """Finds out how the time cells `times` of one file, from the column called `column`, are written.

    The first one that is a time at all decides; what then differs is refused row by row.

    Raises:
        ChoiceNeeded: the order of day and month is open.
        RecordingError: no cell is a time, or the times have dates and `--start` was given.
    """
    kind = next((found for cell in times if (found := kind_of(cell)) is not None), None)
    if kind is None:
        if not any(times):
            return TimeReader(Kind.ISO, options)  # a table without rows is a recording without readings
        shown = next(cell for cell in times if cell)[:40]
        raise RecordingError(
            f"the time column {column!r} holds no times that are understood (the first is {shown!r}): write ISO 8601"
            " such as 2026-03-01T09:30:00Z, or seconds from the start"
        )
    reader = TimeReader(kind, options, scale, decimal_comma=decimal_comma)
    if kind not in RELATIVE and options.start is not None:
        raise RecordingError("the recording carries its own dates and times: leave --start out")
    if kind is Kind.SECONDS:
        _check_seconds(column, times, reader)
    elif kind is Kind.ELAPSED:
        _check_elapsed(column, times)
    elif kind is Kind.YEAR_LAST:
        reader.order = _order(times, options)
    elif kind is Kind.SHORT:
        reader.order = options.date_order
        if reader.order is None:
            shown = next(cell for cell in times if _SHORT.fullmatch(cell)).split()[0]
            raise ChoiceNeeded(
                f"the file does not show which part of {shown!r} is the year: say --date-order dmy, mdy or ymd"
            )
    return reader


def _check_seconds(column: str, times: Iterable[str], reader: TimeReader) -> None:
    values: list[float] = []
    for cell in times:
        with suppress(ValueError):  # refused in its row
            values.append(number(cell, True) * reader.scale)
    far = [value for value in values if abs(value) > LONGEST]
    # A few are damaged cells, which are refused in their rows.
    if far and len(far) * 2 >= len(values):
        raise RecordingError(
            f"the time column {column!r} holds numbers up to {max(far, key=abs):g}, which are no seconds from a start"
            " (Unix times, or dates run together?): write ISO 8601"
        )
    low, high = min(values, default=0.0), max(values, default=0.0)
    # Days since 1900, as spreadsheets store them: 30000 is 1982, 60000 is 2064.
    if len(values) > 2 and low >= 30_000 and high <= 60_000 and high - low < 10 and any(v % 1 for v in values):
        raise RecordingError(
            f"the time column {column!r} looks like a spreadsheet's day numbers (the first is {values[0]:g}): have the"
            " spreadsheet write ISO 8601"
        )


def _check_elapsed(column: str, times: Iterable[str]) -> None:
    found = [_elapsed(cell) for cell in times if _ELAPSED.fullmatch(cell)]
    # Rows an hour or so out of order happen; half a day back is midnight.
    midnight = any(later < earlier - 12 * instant.HOUR for earlier, later in pairwise(found))
    if max(found) < 24 * instant.HOUR and (midnight or min(found) >= instant.HOUR):
        raise RecordingError(
            f"the time column {column!r} holds times of day without a date, or hours since some start, and does not say"
            " which: write ISO 8601"
        )


def _order(times: Iterable[str], options: Options) -> DateOrder:
    chosen = None if options.date_order is DateOrder.YMD else options.date_order
    shown, dmy, mdy = "", False, False
    for cell in times:
        if found := _YEAR_LAST.fullmatch(cell):
            shown = shown or cell
            first, second = int(found["a"]) > 12, int(found["b"]) > 12
            dmy = dmy or (first and not second)  # 13/45/2026 is no date either way and shows nothing
            mdy = mdy or (second and not first)
    if dmy and mdy and chosen is None:
        raise RecordingError("some dates have a day above 12 first and others second: they cannot all be meant alike")
    if dmy is mdy:
        if chosen is not None:
            return chosen
        raise ChoiceNeeded(
            f"the file does not show whether {shown.split()[0]!r} means day/month or month/day: say --date-order dmy or"
            " mdy"
        )
    seen = DateOrder.DMY if dmy else DateOrder.MDY
    if chosen not in (None, seen):
        # The days up to the 12th would be read as other months, and only the rest be refused.
        raise RecordingError(f"the file shows by its days above 12 that its dates are {seen}: leave --date-order out")
    return seen
