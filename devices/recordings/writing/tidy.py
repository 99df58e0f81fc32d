"""The tidy table: one reading a row, with unit, status and source; times to the millisecond, no events."""

from __future__ import annotations

from typing import BinaryIO

from devices import instant
from devices.reading import Reading
from devices.recordings.tables.header import TIDY
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
    from devices.recordings.writing.table_texts import TidyText  # rows alone, as they come from a port, need no numpy

    rows = TidyText(document.readings.kinds, document.relative)
    rounded = 0
    with as_text(file) as text:
        text.write(",".join(TIDY) + "\n")
        for batch in document.readings.batches():
            text.write(rows.of(batch))
            rounded += int((batch.times % 1_000 != 0).sum())
    losses.add("times: rounded to the millisecond", rounded)
    losses.add("events: left out, the table holds readings alone", len(document.events))
