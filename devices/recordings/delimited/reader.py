"""Text tables (CSV, TSV and their kin): session tables, this program's tidy tables, other programs' exports.

Source: the recorded-files sheet, section 1. Read with the standard library alone, line by line.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from devices import instant
from devices.errors import RecordingError
from devices.recordings.delimited.parts import parts_of, tell_parts
from devices.recordings.explanation import Explanation
from devices.recordings.options import Options
from devices.recordings.patients.marks import Marks
from devices.recordings.patients.named import of_patient
from devices.recordings.recording import Builder, Column, Recording
from devices.recordings.tables.columns import say_utc, zone_column
from devices.recordings.tables.finding import find_header
from devices.recordings.tables.header import PREAMBLE, Header
from devices.recordings.tables.reading import explain, read_table, tell_clock, tell_skipped, tell_zone
from devices.recordings.tables.rows import is_vscapture, read_rows, tell_units
from devices.recordings.tables.stamps import RELATIVE
from devices.recordings.tables.times import zoned
from devices.recordings.tables.wide import tell_columns, tell_cut
from devices.recordings.texts import GUESSED, encoding_of, lines_of, open_text, refuse_long, refuse_many_lines
from devices.signals import SIGNALS

if TYPE_CHECKING:
    from devices.recordings.delimited.settled import Columns
    from devices.recordings.delimited.tidy import Tidy
    from devices.recordings.series import SeriesRecording
    from devices.recordings.tables.order import Clock

FORMAT = "csv"

_LONG = 1 << 18
"""Bytes from which on columns are tried first: for less, importing numpy takes longer than reading."""


def read(path: Path, options: Options) -> Recording:
    """Reads the table in the file `path`; of a case in numbered parts all parts, whichever is named.

    Raises:
        ChoiceNeeded: several patients, or the order of day and month is open.
        RecordingError: not a table that is understood, or too large.
    """
    if (found := _in_columns(path, options)) is not None:
        return found
    into = Builder(FORMAT, options.limits)
    parts = parts_of(path)
    tell_parts(parts, into)
    paths = list(parts.values())
    refuse_long(sum(each.stat().st_size for each in paths), options.limits.text_bytes, path.name)
    for each in paths:
        refuse_many_lines(each, options.limits.rows + PREAMBLE)
    into.explanation = Explanation(files=tuple(each.name for each in paths), encoding=encoding_of(paths[0])[2])
    lines = chain.from_iterable(_lines(each, options) for each in paths)
    recording = _read(lines, options, path.name, into)
    if len(paths) > 1 and any(notice.kind == "out-of-order" for notice in recording.notices):
        raise RecordingError(
            f"the times of the parts {', '.join(recording.explanation.files)} do not follow each other"
        )
    return recording


def read_series(path: Path, options: Options) -> Recording | SeriesRecording:
    """As `read`, in columns where the table is plain; else as readings."""
    from devices.recordings.tables.order import tell_order
    from devices.recordings.tables.wide_columns import as_series, series_in

    if (found := _columns_of(path, options)) is None:
        return read(path, options)
    options = zoned(found.header.time_names, options)
    into = Builder(FORMAT, options.limits)
    tell_parts(parts_of(path), into)
    _tell(found, options, into)
    times = found.times if found.regular is None else found.regular
    begins = 0 if found.reader.relative else int(found.times[0]) // instant.SECOND * instant.SECOND
    series = series_in(found.numbers, times, begins, into, found.rows, found.method)
    _tell_times(found, options, into)
    tell_order(found.times, found.order, found.numbered, _clock(found), series, options, into)
    return as_series(series, begins, into, found.rows)


def _in_columns(path: Path, options: Options) -> Recording | None:
    """The recording with its readings in columns, where the table is plain and long; None where it is not."""
    parts = parts_of(path)
    paths = list(parts.values())
    if sum(each.stat().st_size for each in paths) < _LONG:
        return None
    from devices.recordings.delimited.tidy import tidy_of
    from devices.recordings.readings.in_columns import ColumnReadings
    from devices.recordings.tables.order import tell_order
    from devices.recordings.tables.wide_columns import series_in

    if len(paths) == 1 and (tidy := tidy_of(path, options)) is not None:
        return _tidy(path, tidy, options)
    if (found := _columns_of(path, options)) is None:
        return None
    options = zoned(found.header.time_names, options)
    told = Explanation(files=tuple(each.name for each in paths), encoding=encoding_of(paths[0])[2])
    into = Builder(FORMAT, options.limits, explanation=told)
    tell_parts(parts, into)
    _tell(found, options, into)
    rows = found.rows
    series = series_in(found.numbers, found.times, int(found.times[0]), into, rows, found.method)
    into.keep(ColumnReadings(found.times, series, rows.first if rows else None))
    _tell_times(found, options, into)
    tell_order(found.times, found.order, found.numbered, _clock(found), series, options, into)
    _explain(found.header, into)
    explain(found.header, found.reader, found.mark, options, into)
    return into.build()


def _clock(found: Columns) -> Clock:
    from devices.recordings.tables.order import Clock

    is_long = found.long is not None
    return Clock(found.reader.naive, found.reader.kind in RELATIVE, say_utc(found.header.time_names), is_long)


def _tidy(path: Path, found: Tidy, options: Options) -> Recording:
    into = Builder(FORMAT, options.limits)
    into.explanation = Explanation(files=(path.name,), encoding=encoding_of(path)[2])
    into.counts.rows = into.counts.used = len(found.readings)
    into.keep(found.readings)
    into.mapping = [Column(name, name, SIGNALS[name].unit) for name in found.signals]
    into.relative = found.reader.relative
    _explain(found.header, into)
    explain(found.header, found.reader, ".", options, into)
    return into.build()


def _columns_of(path: Path, options: Options) -> Columns | None:
    """The table as columns that mean the same to all who read them, None where it is to be read row by row."""
    from devices.recordings.delimited.columns import columns_of
    from devices.recordings.tables.judging_columns import are_plain

    found = columns_of(path, options)
    if found is None or zone_column(found.header.names) >= 0:
        return None
    if len(parts_of(path)) > 1 and found.order is not None:
        return None
    return found if are_plain(found.numbers, is_judged=True) else None


def _tell(found: Columns, options: Options, into: Builder) -> None:
    """All that is told of a table in columns, but for what its values and its times show."""
    from devices.recordings.delimited.long import tell_long
    from devices.recordings.delimited.refused import tell_first
    from devices.recordings.patients.mark_columns import judge_columns, judge_long

    into.counts.rows = found.count
    into.relative = found.reader.relative
    if found.long is not None:
        if found.rows_refused is not None:
            into.take_over(found.rows_refused)
        if found.who is not None:
            found.who.tell(found.header, options, into)
        tell_long(found, options, into)
        values = [(field, found.as_written(column)) for field, column in found.values]
        judge_long(found.marks, found.as_written(found.times), values, found.long.standing, found.header, into)
        return
    tell_columns(found.named.columns, options, into)
    if found.header is not found.named:
        tell_units(found.named, found.header, into)
    if found.rows_refused is not None:
        into.take_over(found.rows_refused)
    if found.who is not None:
        found.who.tell(found.header, options, into)
    if found.pairs is not None:
        found.pairs.tell(into)
    judged = found.judged
    assert judged is not None
    numbers = range(found.count) if found.part is None else found.part
    found.events.tell(judged.written, numbers, into)
    told = list(found.untimed.told) if found.untimed is not None else []
    count = found.untimed.count(into) if found.untimed is not None else 0
    if found.refused:
        told += found.refused.told([field for field, _ in found.values], found.mark, judged.written, numbers)
        count += found.refused.count(into)
    tell_first(told, count, into)
    if found.cut_off:
        tell_cut(found.cut_off, found.count - 1, into)
    values = [(field, found.as_written(column)) for field, column in found.values]
    judge_columns(found.marks, judged.times, values, found.header, into, found.numbered)
    judged.tell(found.values, numbers, into)


def _tell_times(found: Columns, options: Options, into: Builder) -> None:
    if found.long is None:
        tell_clock(found.reader, found.first, into)
    if found.reader.naive:
        tell_zone(options, into)
    tell_skipped(found.reader, options, into)


def read_text(text: str, options: Options, name: str) -> Recording:
    """Reads the table `text`; `name` is what messages call it. Raises as `read`."""
    into = Builder(FORMAT, options.limits, explanation=Explanation(files=(name,)))
    file = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    return _read(lines_of(file, options.limits.line, name), options, name, into)


def _lines(path: Path, options: Options) -> Iterator[str]:
    encoding, mark, _ = encoding_of(path)
    with open_text(path, encoding, mark) as file:
        yield from lines_of(file, options.limits.line, path.name)


def _read(lines: Iterator[str], options: Options, name: str, into: Builder) -> Recording:
    head = list(islice(lines, PREAMBLE))
    header = find_header(head, options, name, is_guessed=into.explanation.encoding == GUESSED)
    if header.columns:
        tell_columns(header.columns, options, into)
    vscapture = is_vscapture(head, header)
    marks = Marks(options)
    body = chain(head[header.line + 1 :], lines)
    rows = read_rows(body, header, vscapture, options, into, marks, head[: header.line])
    _explain(header, into)
    rows = of_patient(rows, header, options, into)
    read_table(rows, header, options, into, marks, vscapture)
    return into.build()


def _explain(header: Header, into: Builder) -> None:
    into.explanation = replace(into.explanation, delimiter=header.delimiter, header_line=header.line + 1)


__all__ = ["FORMAT", "read", "read_series", "read_text"]
