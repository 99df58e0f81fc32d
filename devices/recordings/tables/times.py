"""The time cells of a table to instants: ISO 8601, local day and month orders, offsets from a start.

Absolute or relative is decided once per file. Nothing is guessed: a file in which no date has a day above 12
needs ``--date-order``; local times that a zone skips or has twice are refused row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from devices import instant
from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.options import DateOrder, Options
from devices.recordings.overrides import EXCEL, TIME_UNITS, UNIX, UNIX_MS
from devices.recordings.tables import forms, stamps
from devices.recordings.tables.columns import say_utc
from devices.recordings.tables.elapsed_times import are_short, ask_day, ask_day_of_halves, ask_minutes
from devices.recordings.tables.stamps import RELATIVE, Kind, kind_of
from devices.recordings.texts import number

LONGEST = 10_000_000
"""Seconds (115 days): numbers beyond it are no seconds from a start, but Unix times or dates run together."""

CHANGED_HOUR = "in the hour of a clock change"
NO_TIME = "without a time"
"""Why rows are refused whose local time their zone skips or has twice, and whose time is none."""

_DATED = frozenset({Kind.ISO, Kind.YEAR_FIRST, Kind.YEAR_LAST, Kind.SHORT, Kind.NAMED})


@dataclass(slots=True)
class TimeReader:
    """Reads the time cells of one file.

    Attributes:
        kind: how they are written. scale: seconds per unit of a number; of Unix times, units per second; 1/60 where
            minutes and seconds stand in the place of hours and minutes.
        order: of dates with the year last. clock_first: the clock stands before the date.
        naive: a time without an offset has been read, so that the zone was assumed.
        skipped: so many local times were refused because of a clock change.
    """

    kind: Kind
    options: Options
    scale: float = 1.0
    order: DateOrder | None = None
    decimal_comma: bool = False
    clock_first: bool = False
    naive: bool = field(default=False, init=False)
    skipped: int = field(default=0, init=False)

    @property
    def said(self) -> str:
        """How the times are written, for a person."""
        if self.kind is Kind.ELAPSED and self.scale != 1:
            return "minutes and seconds from the start"
        if self.kind is not Kind.SECONDS:
            return str(self.kind.value)
        units = {scale: unit for unit, scale in TIME_UNITS.items()}
        return f"numbers of {units.get(self.scale, f'{self.scale:g} s')} from the start"

    @property
    def relative(self) -> bool:
        """Times count from the recording's start (and `--start` was not given)."""
        return self.kind in RELATIVE and self.options.start is None

    def read(self, cell: str) -> int:
        """The instant in `cell`.

        Raises:
            ClockChange: a local time that its zone skips or has twice.
            ValueError: it is not a time, or not one of this file's kind.
        """
        if self.clock_first:
            cell = stamps.turned(cell)
        if self.kind is Kind.ISO:
            return self._place(stamps.iso(cell))
        if self.kind in RELATIVE:
            offset = self._number(cell) if self.kind is Kind.SECONDS else round(stamps.elapsed(cell) * self.scale)
            return offset if self.options.start is None else self.options.start + offset
        if self.kind is Kind.UNIX:
            return stamps.unix(cell.replace(",", ".") if self.decimal_comma else cell, round(self.scale))
        if self.kind is Kind.EXCEL:
            return self._place(stamps.excel(number(cell, self.decimal_comma)))
        if self.kind is Kind.JAVA:
            moment, zone = stamps.java(cell)
            return self._marked(moment, zone)
        return self._place(stamps.dated(self.kind, cell, self.order))

    def _place(self, moment: datetime) -> int:
        if moment.tzinfo is None:
            self.naive = True
            zone = self.options.zone
            try:
                moment = moment.replace(tzinfo=UTC) if zone is UTC else instant.localize(moment, zone)
            except instant.ClockChange:
                self.skipped += 1
                raise
        return instant.from_datetime(moment)

    def _marked(self, moment: datetime, mark: str) -> int:
        """A local time with an abbreviated zone: which zone that is, a person said; it tells the hours of autumn."""
        if mark in ("UTC", "GMT", "Z"):
            return instant.from_datetime(moment.replace(tzinfo=UTC))
        if mark.startswith("GMT"):
            passed = timedelta(hours=int(mark[4:6]), minutes=int(mark[7:9]))
            return instant.from_datetime(moment.replace(tzinfo=UTC)) - int(mark[3] + "1") * (
                passed // timedelta(microseconds=1)
            )
        for fold in (0, 1):
            placed = moment.replace(tzinfo=self.options.zone, fold=fold)
            if placed.tzname() == mark:
                if placed.astimezone(UTC).astimezone(self.options.zone).replace(tzinfo=None) != moment:
                    break
                return instant.from_datetime(placed)
        raise ValueError(f"{self.options.zone} has no {mark} at {moment.isoformat()}")

    def _number(self, cell: str) -> int:
        if self.scale == 1.0 and "," not in cell:
            found = instant.parse_relative(cell)
        else:
            found = instant.seconds(number(cell, self.decimal_comma) * self.scale)
        if abs(found) > LONGEST * instant.SECOND:
            raise ValueError(f"{cell[:40]!r} is too far from the start")
        return found


def zoned(columns: Sequence[str], options: Options) -> Options:
    """The `options` in UTC, where the `columns` of the times say so by their names and nobody says another zone."""
    return options if options.zone_said or not say_utc(columns) else replace(options, zone=UTC)


def time_reader(
    column: str, times: Sequence[str], options: Options, *,
    scale: float | None = None, decimal_comma: bool = False, is_long: bool = False,
) -> TimeReader:  # fmt: skip
    """Finds out how the time cells `times` of one file, from the column called `column`, are written.

    The first one that is a time at all decides; what then differs is refused row by row. `scale`: seconds per unit
    of a number, None where the column's name does not say. `is_long`: of a table with one row a value, where times of
    two numbers are hours and minutes, as in the Challenge of 2012.

    Raises:
        ChoiceNeeded: the order of day and month is open, an abbreviated zone, or of which day times of day are.
        RecordingError: no cell is a time, or the times have dates and `--start` was given.
    """
    first = next((cell for cell in times if kind_of(stamps.turned(cell)) is not None), "")
    clock_first = stamps.turned(first) != first
    if clock_first:
        times = [stamps.turned(cell) for cell in times]
    kind = kind_of(stamps.turned(first))
    if kind in RELATIVE:
        dated = [cell for cell in times if kind_of(cell) in _DATED]
        if 2 * len(dated) >= len(times):
            kind = kind_of(dated[0])  # a report's summary may stand above its rows, with the hours that it is of
    if kind is None:
        if not any(times):
            return TimeReader(Kind.ISO, options)  # a table without rows is a recording without readings
        ask_day_of_halves(column, times)
        shown = next(cell for cell in times if cell)[:40]
        raise RecordingError(
            f"the time column {column!r} holds no times that are understood (the first is {shown!r}): write ISO 8601"
            " such as 2026-03-01T09:30:00Z, or seconds from the start"
        )
    unit = options.overrides.time_unit
    form = forms.form_in(column)
    if kind is Kind.ELAPSED and (form or unit) in ("mm:ss", "hh:mm", "min", "h") and are_short(times):
        scale, unit, form = 1 / 60 if (form or unit) in ("mm:ss", "min") else 1.0, "", "hh:mm"
    elif kind is Kind.ELAPSED:
        scale = None
    counts_hours = kind is Kind.ELAPSED and unit == "h"
    if counts_hours:
        unit = ""
    if unit and kind is not Kind.SECONDS:
        raise RecordingError(f"time.unit = {unit!r} is said of times that are no numbers: leave it out of the mapping")
    reader = TimeReader(kind, options, scale or 1.0, decimal_comma=decimal_comma, clock_first=clock_first)
    if unit in (UNIX, UNIX_MS):
        reader.kind, reader.scale = Kind.UNIX, 1 if unit == UNIX else 1000
    elif unit == EXCEL:
        reader.kind = Kind.EXCEL
    elif unit:
        reader.scale = TIME_UNITS[unit] if unit in TIME_UNITS else 1 / float(unit)
    if reader.kind not in RELATIVE and options.start is not None:
        raise RecordingError("the recording carries its own dates and times: leave --start out")
    if kind in _DATED and all(map(stamps.is_bare, filter(kind_of, times))):
        shown = next(cell for cell in times if kind_of(cell) is not None)[:40]
        raise RecordingError(
            f"the time column {column!r} holds dates without a clock (the first is {shown!r}), which say no instants"
        )
    if reader.kind is Kind.SECONDS:
        _check_seconds(column, times, reader, said=bool(unit) or scale is not None)
    elif reader.kind is Kind.ELAPSED:
        if not counts_hours:
            ask_day(column, times)
        if not (form or is_long) and are_short(times):
            ask_minutes(column, times)
    elif reader.kind is Kind.YEAR_LAST:
        reader.order = _order(times, options, forms.order_in(column))
    elif reader.kind is Kind.JAVA:
        _check_marks(times, reader)
    elif reader.kind is Kind.SHORT:
        reader.order = options.date_order or forms.order_in(column)
        shown = next(cell for cell in times if stamps.is_short(cell))
        orders = ("dmy", "ymd") if stamps.is_short_named(shown) else ("dmy", "mdy", "ymd")
        if reader.order not in orders:
            raise ChoiceNeeded(
                f"the file does not show which part of {shown.split()[0]!r} is the year: say --date-order"
                f" {', '.join(orders[:-1])} or {orders[-1]}",
                "date_order",
                orders,
            )
    return reader


def _check_seconds(column: str, times: Iterable[str], reader: TimeReader, said: bool) -> None:
    values: list[float] = []
    for cell in times:
        with suppress(ValueError):  # refused in its row
            values.append(number(cell, True) * reader.scale)
    far = [value for value in values if abs(value) > LONGEST]
    # A few are damaged cells, which are refused in their rows.
    if far and len(far) * 2 >= len(values):
        raise RecordingError(
            f"the time column {column!r} holds numbers up to {max(far, key=abs):g}, which are no seconds from a start"
            " (Unix times, or dates run together?): write ISO 8601, or say time.unit with --mapping"
        )
    low, high = min(values, default=0.0), max(values, default=0.0)
    # Days since 1900, as spreadsheets store them: 30000 is 1982, 60000 is 2064.
    if said or low < 30_000 or high > 60_000:
        return
    if high - low < 10 and (len(values) < 3 or any(value % 1 for value in values)):
        raise ChoiceNeeded(
            f"the time column {column!r} looks like a spreadsheet's day numbers (the first is {values[0]:g}): have the"
            ' spreadsheet write ISO 8601, or say with --mapping time.unit = "excel", or "s" for seconds',
            "time_unit",
            (EXCEL, "s"),
        )


def _check_marks(times: Iterable[str], reader: TimeReader) -> None:
    """An abbreviation such as IST (India, Ireland, Israel) is no zone: one that has it must be said."""
    for cell in times:
        if kind_of(cell) is not Kind.JAVA:
            continue
        try:
            moment, mark = stamps.java(cell)
        except ValueError:
            continue  # refused in its row
        if mark in ("UTC", "GMT", "Z") or mark.startswith("GMT"):
            continue
        if not reader.options.zone_said:
            raise ChoiceNeeded(
                f"the times are marked {mark}, which is no one zone: say --timezone, such as Asia/Kolkata", "timezone"
            )
        if mark not in [moment.replace(tzinfo=reader.options.zone, fold=fold).tzname() for fold in (0, 1)]:
            raise RecordingError(
                f"the times are marked {mark}, which is not used in {reader.options.zone}: say another --timezone"
            )
        return


def _order(times: Iterable[str], options: Options, named: DateOrder | None) -> DateOrder:
    """The order of day and month. `named`: as the column's name says it."""
    chosen = (None if options.date_order is DateOrder.YMD else options.date_order) or named
    shown, dmy, mdy = "", False, False
    for cell in times:
        if found := stamps.is_year_last(cell):
            shown = shown or cell
            first, second = found[0] > 12, found[1] > 12
            dmy = dmy or (first and not second)  # 13/45/2026 is no date either way and shows nothing
            mdy = mdy or (second and not first)
    if dmy and mdy and chosen is None:
        raise RecordingError("some dates have a day above 12 first and others second: they cannot all be meant alike")
    if dmy is mdy:
        if chosen is not None:
            return chosen
        raise ChoiceNeeded(
            f"the file does not show whether {shown.split()[0]!r} means day/month or month/day: say --date-order dmy or"
            " mdy",
            "date_order",
            ("dmy", "mdy"),
        )
    seen = DateOrder.DMY if dmy else DateOrder.MDY
    if chosen not in (None, seen):
        # The days up to the 12th would be read as other months, and only the rest be refused.
        raise RecordingError(f"the file shows by its days above 12 that its dates are {seen}: leave --date-order out")
    return seen
