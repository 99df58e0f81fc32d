"""The rows of one patient to readings, whatever held the table: a text file's lines, or Parquet's columns as text."""

from __future__ import annotations

from collections.abc import Sequence

from devices.recordings.header import Header, Layout
from devices.recordings.long import read_long, read_tidy
from devices.recordings.recording import Builder, Options
from devices.recordings.rows import Row, steps_back
from devices.recordings.times import TimeReader, time_reader
from devices.recordings.wide import read_wide


def read_table(rows: Sequence[Row], header: Header, options: Options, into: Builder, trends: bool = False) -> None:
    """Reads `rows` into `into`, by the header's layout. `trends`: as for `read_wide`.

    Raises:
        ChoiceNeeded: the order of day and month is open.
        RecordingError: the time column holds no times.
    """
    comma = header.delimiter in (";", "\t")
    reader = time_reader(header.time_name, [row.time for row in rows], options, scale=header.scale, decimal_comma=comma)
    if header.layout is Layout.TIDY:
        read_tidy(rows, reader, into)
    elif header.layout is Layout.LONG:
        read_long(rows, header, reader, options, into)
    else:
        read_wide(rows, header, reader, trends, into)
    _tell_times(reader, options, into)
    into.relative = reader.relative


def _tell_times(reader: TimeReader, options: Options, into: Builder) -> None:
    if reader.naive:
        into.notice(
            "time-assumed", f"times without an offset were taken to be in {options.zone} (say --timezone if not)"
        )
    ordered = [reading.time for reading in sorted(into.readings, key=lambda reading: reading.received)]
    back = steps_back(ordered)
    if back:
        into.notice("out-of-order", f"the times go back {back} times; values were put in the order of their times")
