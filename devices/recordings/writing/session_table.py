"""The session table: one row an instant, one column a signal, and an `event` column where something happened.

Times are exact (ISO 8601 UTC, or seconds from the start); statuses and sources are not held. A cuff measurement is one
row's cells; a 0 that means "no signal" is written as 0, which reads back as that.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO

from devices import instant
from devices.reading import Reading
from devices.recordings.header import EVENT
from devices.recordings.writing.document import Document, Losses, carried, number_of
from devices.recordings.writing.sources import one_of_each
from devices.recordings.writing.tidy import number
from devices.recordings.writing.whole_file import as_text
from devices.signals import NIBP, SIGNALS

_ALWAYS = ("HR", *NIBP, "SPO2")


def write(file: BinaryIO, document: Document, losses: Losses) -> None:
    """Writes the table to `file`."""
    readings = list(carried(one_of_each(document.readings, losses), losses))
    held = {each.signal for each in readings}
    signals = [*_ALWAYS, *(name for name in SIGNALS if name in held and name not in _ALWAYS)]
    names = [*signals, EVENT] if document.events else signals
    with as_text(file) as text:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["time", *names])
        for time, cells in _rows(document, readings):
            rows.writerow([exact(time, document.relative), *(cells.get(name, "") for name in names)])


def exact(time: int, relative: bool) -> str:
    """`time` as `instant.format` writes it, with microseconds where it has any."""
    milli, micro = divmod(time, 1_000)
    if not micro:
        return instant.format(time, relative)
    if relative:
        whole, rest = divmod(abs(time), instant.SECOND)
        return f"{'-' if time < 0 else '+'}{whole}.{rest:06d}"
    return f"{instant.format(milli * 1_000)[:-1]}{micro:03d}Z"


def _rows(document: Document, readings: list[Reading]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows as (time, cell by column), events before the readings of their instant."""
    events = iter(document.events)
    event = next(events, None)
    for time, cells in _instants(readings):
        while event is not None and event.time <= time:
            yield event.time, {EVENT: _harmless(event.text)}
            event = next(events, None)
        yield time, cells
    while event is not None:
        yield event.time, {EVENT: _harmless(event.text)}
        event = next(events, None)


def _instants(readings: list[Reading]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of readings: those of one instant share a row, but never two cuff measurements or two values."""
    time, cells, cuff = 0, dict[str, str](), None
    for each in readings:
        measured = (each.received, each.source.partition(":")[0]) if each.signal in NIBP else None
        another = measured is not None and cuff is not None and measured != cuff
        if cells and (each.time != time or each.signal in cells or another):
            yield time, cells
            cells, cuff = {}, None
        time = each.time
        cells[each.signal] = number(number_of(each))
        cuff = measured or cuff
    if cells:
        yield time, cells


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
