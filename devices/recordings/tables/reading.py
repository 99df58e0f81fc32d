"""The rows of one patient to readings, whatever held the table: a text file's lines, or Parquet's columns as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC
from itertools import pairwise

from msgspec.structs import replace

from devices import instant
from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.options import Options
from devices.recordings.patients.marks import Marks
from devices.recordings.recording import Builder
from devices.recordings.tables.clock_changes import change_in
from devices.recordings.tables.columns import say_utc
from devices.recordings.tables.decimal_commas import ask_tenths
from devices.recordings.tables.doubtful_times import ask_second_recording, refuse_twelve_hours
from devices.recordings.tables.header import Header, Layout
from devices.recordings.tables.long import read_long, read_tidy
from devices.recordings.tables.pairs import part_in, split_pairs
from devices.recordings.tables.row import Row
from devices.recordings.tables.rows import steps_back
from devices.recordings.tables.stamps import RELATIVE, Kind
from devices.recordings.tables.times import TimeReader, time_reader, zoned
from devices.recordings.tables.undated import with_dates
from devices.recordings.tables.wide import read_wide
from devices.recordings.tables.zones import ask_zone, refuse_other_zone, zones_beside
from devices.recordings.texts import decimal_mark, without_flag

SLOWEST = 60
"""Rows of monitors' numerics come once a second or once a minute."""

_FEW_BACK = 3


def read_table(
    rows: list[Row], header: Header, options: Options, into: Builder, marks: Marks, trends: bool = False
) -> None:
    """Reads `rows` into `into`, by the header's layout; they may be emptied. `trends`: VSCapture's averages are there.

    Raises:
        ChoiceNeeded: the order of day and month, an abbreviated zone, the decimal mark, a unit or whose rows they are
            is open.
        RecordingError: the time column holds no times, or those of a clock of twelve hours that does not say which.
    """
    if not trends:  # each row of VSCapture's ends in a comma, and some are longer for another reason
        ask_tenths(rows, header, options)
    header = split_pairs(rows, header, options, into)
    if options.overrides.first_day is not None:
        rows = with_dates(rows, options.overrides.first_day, header, into)
    options = zoned(header.time_names, options)
    scale, says_scale = _scale(rows, header)
    zones = zones_beside(rows, header)
    clocks = [row.time for row in rows[:1] if row.time]
    mark = options.overrides.decimal_mark or decimal_mark(_numbers(rows, header), header.delimiter)
    reader = time_reader(
        header.time_name, [row.time for row in rows], options,
        scale=scale if says_scale else None, decimal_comma=mark == ",", is_long=header.layout is Layout.LONG,
    )  # fmt: skip
    if reader.kind is Kind.SECONDS and not says_scale and not options.overrides.time_unit:
        _ask_ticks(rows, header, reader)
        _ask_unit(rows, header)
    if header.layout is Layout.TIDY:
        read_tidy(rows, reader, into)
    elif header.layout is Layout.LONG:
        read_long(rows, header, reader, options, into, marks)
    else:
        read_wide(rows, header, reader, options, trends, into, marks)
    into.relative = reader.relative
    if header.layout is Layout.WIDE and clocks:
        tell_clock(reader, clocks[0], into)
    explain(header, reader, mark, options, into)
    if reader.naive:
        refuse_other_zone(header, options)
        ask_zone(zones, options)
    is_long = header.layout is not Layout.WIDE
    _tell_times(reader, options, into, said=say_utc(header.time_names), is_long=is_long)


def _scale(rows: Sequence[Row], header: Header) -> tuple[float, bool]:
    """Seconds per unit of a number in the time column, and whether the table says so: by a name or a row of units.

    Raises:
        RecordingError: a header in the middle says otherwise.
    """
    said = {(one.scale, one.says_scale) for one in {id(row.header): row.header for row in rows}.values()}
    if len(said) > 1:
        raise RecordingError(f"the numbers in {header.time_name!r} do not count the same in all parts of the table")
    return said.pop() if said else (header.scale, header.says_scale)


def _ask_ticks(rows: Sequence[Row], header: Header, reader: TimeReader) -> None:
    """Asks what the times count, where they may be a monitor's ticks, as in MIMIC-IV's numerics: whole numbers in a
    plain column ``time`` beside names such as ``HR [bpm]``, further apart than such tables' rows are in seconds.

    Raises:
        ChoiceNeeded: it is such a table.
    """
    if not may_count_ticks(header):
        return
    held = [row.time for row in rows if row.time.isdigit()]
    steps = sorted(int(later) - int(earlier) for earlier, later in pairwise(held))
    if held and len(held) * 2 > len(rows) and steps and steps[len(steps) // 2] > SLOWEST:
        raise ChoiceNeeded(
            f"the times in {header.time_name!r} may count a monitor's ticks or seconds: say with --mapping time.unit,"
            ' how many there are in a second such as 999.52 (the record\'s header says it), or "s"',
            "time_unit",
        )


def _ask_unit(rows: Sequence[Row], header: Header) -> None:
    """Asks what the times count, where neither the table's own names nor a track's of VitalDB, which counts seconds,
    say it: an anaesthesia record counts minutes.

    Raises:
        ChoiceNeeded: it is not said.
    """
    if is_unit_said(header):
        return
    steps = [row.time for row in rows if row.time]
    raise ChoiceNeeded(
        f"the times in {header.time_name!r} are numbers ({', '.join(steps[:3])} ..) and it is not said of what: say"
        ' "s", "min", "h" or "ms" with --mapping, as time.unit',
        "time_unit",
        ("s", "min", "h", "ms"),
    )


def may_count_ticks(header: Header) -> bool:
    """Whether the times of such a table may be ticks, if they are whole numbers."""
    return header.layout is Layout.WIDE and all("[" in field.name for field in header.fields)


def is_unit_said(header: Header) -> bool:
    """Whether the names of the columns say what times that are numbers count."""
    ours = header.time_name == "time" and all(field.own for field in header.fields)
    tracks = all("/" in field.name for field in header.fields)
    return header.layout is Layout.TIDY or (len(header.fields) > 0 and (ours or tracks))


def _numbers(rows: Sequence[Row], header: Header) -> Iterator[str]:
    """The cells that hold numbers: of the signal columns of each row, and times that are numbers."""
    for row in rows:
        cells = row.cells
        for field in row.header.fields:
            yield cells[field.index]
        if header.value >= 0 and not row.part:
            yield without_flag(cells[row.header.value])
        elif row.part:
            with suppress(ValueError):  # refused in its row
                yield part_in(row)
        if len(header.time) == 1:
            yield row.time


def tell_clock(reader: TimeReader, first: str, into: Builder) -> None:
    """Tells what a time such as the `first` was taken for, where it could be another."""
    if reader.kind is Kind.ELAPSED and first.count(":") == 1:
        into.notice("time-assumed", f"times such as {first} were taken for hours and minutes from the start")


def explain(header: Header, reader: TimeReader, mark: str, options: Options, into: Builder) -> None:
    """Notes how a table's times and numbers were understood."""
    is_local = not reader.relative and (reader.naive or reader.kind is Kind.JAVA)
    day = options.overrides.first_day
    said = reader.said if day is None else f"times of day, from {day.isoformat()} on"
    explain_times(header, said, is_local, options, into)
    order = reader.order.value if reader.order is not None else ""
    into.explanation = replace(into.explanation, decimal_mark=mark, date_order=order)


def explain_times(header: Header, said: str, is_local: bool, options: Options, into: Builder) -> None:
    """Notes how a table's times were understood; its decimal mark is a point if nobody says another."""
    into.explanation = replace(
        into.explanation,
        layout=header.layout.value,
        decimal_mark=".",
        time_columns=tuple(header.names[index] for index in header.time),
        times=said,
        zone=str(options.zone) if is_local else "",
        zone_said=options.zone_said,
    )


def _tell_times(reader: TimeReader, options: Options, into: Builder, said: bool, is_long: bool) -> None:
    """`said`: the column of the times says their zone. `is_long`: rows are of a value each."""
    if reader.naive:
        tell_zone(options, into)
    tell_skipped(reader, options, into)
    by_row = {reading.received: reading.time for reading in into.readings}
    rows = sorted(by_row)
    ordered = [by_row[row] for row in rows]
    back = steps_back(ordered)
    if back and reader.kind in RELATIVE and not options.overrides.one_patient:
        if is_long:
            _ask_of_each(into)
        else:
            ask_second_recording(ordered, rows)
    elif back and reader.naive:
        refuse_twelve_hours(ordered, options.zone)
    is_open = not options.zone_said and not said
    if reader.naive and options.zone is UTC and is_open and may_show_a_change(back):
        ask_clock_change(ordered)
    tell_back(back, into)


def _ask_of_each(into: Builder) -> None:
    """As `ask_second_recording`, of a table in which each quantity may have rows of its own, one after the other."""
    streams: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for reading in into.readings:
        streams.setdefault((reading.signal, reading.source), []).append((reading.received, reading.time))
    for held in streams.values():
        held.sort(key=lambda one: one[0])
        ask_second_recording([time for _, time in held], [row for row, _ in held])


def may_show_a_change(back: int) -> bool:
    """Times that go back more often are merely not in order."""
    return back <= _FEW_BACK


def tell_back(back: int, into: Builder) -> None:
    """Tells that the times go back so often."""
    if back:
        often = "once" if back == 1 else f"{back} times"
        into.notice("out-of-order", f"the times go back {often}; values were put in the order of their times")


def ask_clock_change(times: Sequence[int]) -> None:
    """Local times that go back, or leave one out, as in a night of a clock change: in one zone, their hours would mix.

    Raises:
        ChoiceNeeded: they do.
    """
    if found := change_in(times):
        earlier, later = found
        how = "go back" if later <= earlier else "jump"
        raise ChoiceNeeded(
            f"the times have no zone and {how} from {_clock(earlier)} to {_clock(later)}, as where a clock was"
            " changed: say --timezone, such as Europe/Berlin, or UTC if they are meant as they stand",
            "timezone",
        )


def tell_zone(options: Options, into: Builder) -> None:
    into.notice("time-assumed", f"times without an offset were taken to be in {options.zone} (say --timezone if not)")


def tell_skipped(reader: TimeReader, options: Options, into: Builder) -> None:
    """Tells of rows that were refused for a clock change, if there were any."""
    if reader.skipped:
        into.notice(
            "row-refused",
            f"{reader.skipped} rows lie in an hour that {options.zone} skips or has twice (a clock change): they are"
            " left out; say the offset that the logger kept with --timezone, such as +01:00",
        )


def _clock(time: int) -> str:
    return instant.to_datetime(time).strftime("%H:%M:%S")
