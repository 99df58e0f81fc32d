"""Text tables (CSV, TSV and their kin): session tables, this program's tidy tables, other programs' exports.

Source: the recorded-files sheet, section 1. Read with the standard library alone.
"""

from __future__ import annotations

from pathlib import Path

from devices.recordings.header import Layout, find_header
from devices.recordings.long import read_long, read_tidy
from devices.recordings.recording import Builder, Options, Recording
from devices.recordings.rows import Row, is_vscapture, of_patient, read_rows, steps_back
from devices.recordings.texts import decode, lines_of, refuse_long
from devices.recordings.times import TimeReader, time_reader
from devices.recordings.wide import read_wide, tell_columns

FORMAT = "csv"


def read(path: Path, options: Options) -> Recording:
    """Reads the table in the file `path`.

    Raises:
        ChoiceNeeded: several patients, or the order of day and month is open.
        RecordingError: not a table that is understood, or too large.
    """
    refuse_long(path.stat().st_size, options.limits.text_bytes, path.name)
    return read_text(decode(path.read_bytes()), options, path.name)


def read_text(text: str, options: Options, name: str) -> Recording:
    """Reads the table `text`; `name` is what messages call it. Raises as `read`."""
    into = Builder(FORMAT, options.limits)
    lines = lines_of(text)
    header = find_header(lines, options, name)
    if header.columns:
        tell_columns(header.columns, options, into)
    rows = of_patient(read_rows(lines, header, options, into), header, options, into)
    comma = header.delimiter in (";", "\t")
    reader = time_reader(header.time_name, [row.time for row in rows], options, scale=header.scale, decimal_comma=comma)
    if header.layout is Layout.TIDY:
        read_tidy(rows, reader, into)
    elif header.layout is Layout.LONG:
        read_long(rows, header, reader, options, into)
    else:
        read_wide(rows, header, reader, is_vscapture(lines, header), into)
    _tell_times(rows, reader, options, into)
    into.relative = reader.relative
    return into.build()


def _tell_times(rows: list[Row], reader: TimeReader, options: Options, into: Builder) -> None:
    if reader.naive:
        into.notice(
            "time-assumed", f"times without an offset were taken to be in {options.zone} (say --timezone if not)"
        )
    ordered = [reading.time for reading in sorted(into.readings, key=lambda reading: reading.received)]
    back = steps_back(ordered)
    if back:
        into.notice("out-of-order", f"the times go back {back} times; values were put in the order of their times")


__all__ = ["FORMAT", "read", "read_text"]
