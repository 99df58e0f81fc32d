"""The tidy table: one reading a row, with unit, status and source; times to the millisecond, no events."""

from __future__ import annotations

import csv
from typing import BinaryIO

from devices import instant
from devices.reading import Reading
from devices.recordings.header import TIDY
from devices.recordings.texts import spreadsheet_text
from devices.recordings.writing.document import Document, Losses
from devices.recordings.writing.whole_file import as_text


def number(value: float | None) -> str:
    """The shortest text that is exactly `value`: ``98``, ``101.3``; empty for None."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def tidy_row(reading: Reading, relative: bool) -> tuple[str, ...]:
    """A reading as the cells of a tidy table."""
    return (
        instant.format(reading.time, relative),
        reading.signal,
        number(reading.value),
        reading.unit,
        reading.status.value,
        spreadsheet_text(reading.source),
    )


def write(file: BinaryIO, document: Document, losses: Losses) -> None:
    """Writes the table to `file`."""
    with as_text(file) as text:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(TIDY)
        rows.writerows(tidy_row(each, document.relative) for each in document.readings)
    losses.add("times: rounded to the millisecond", sum(each.time % 1_000 != 0 for each in document.readings))
    losses.add("events: left out, the table holds readings alone", len(document.events))
