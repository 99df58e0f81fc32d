"""The session table: one row an instant, one column a signal, and an `event` column where something happened.

Times are exact (ISO 8601 UTC, or seconds from the start); statuses and sources are not held. A cuff measurement is one
row's cells; a 0 that means "no signal" is written as 0, which reads back as that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from devices.recordings.readings.batches import Batch
from devices.recordings.tables.header import EVENT
from devices.recordings.writing.carried import carried
from devices.recordings.writing.document import Document, Event, Losses, cuff_of
from devices.recordings.writing.sources import Seen, one_of_each
from devices.recordings.writing.table_texts import Known, as_row, in_full, times_in_full
from devices.recordings.writing.tidy import number
from devices.recordings.writing.whole_file import as_text
from devices.signals import NIBP, SIGNALS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ALWAYS = ("HR", *NIBP, "SPO2")


def write(file: BinaryIO, document: Document, losses: Losses) -> None:
    """Writes the table to `file`."""
    readings, kinds = document.readings, document.readings.kinds
    seen, written = Seen(kinds), Seen(kinds)
    for batch in readings.batches():
        seen.add(batch)
    kept = one_of_each(seen, losses)

    def held(losses: Losses) -> Iterator[Batch]:
        return carried(kinds, (each.select(kept[each.which]) for each in readings.batches()), losses)

    for batch in held(losses):
        written.add(batch)
    names = written.signals()
    rows = _Rows(document, [*_ALWAYS, *(name for name in SIGNALS if name in names and name not in _ALWAYS)])
    with as_text(file) as text:
        text.write(rows.header())
        for batch in held(Losses()):
            text.writelines(rows.of(batch))
        text.writelines(rows.rest())


class _Rows:
    """The rows of a table whose columns are `signals`, as texts: an event stands before the readings of its instant."""

    def __init__(self, document: Document, signals: Sequence[str]) -> None:
        self._relative, self._signals = document.relative, signals
        self._events, self._next = document.events, 0
        kinds = document.readings.kinds
        cuffs = {name: number for number, name in enumerate(dict.fromkeys(cuff_of(source) for *_, source, _ in kinds))}
        self._column = np.array([signals.index(each[0]) if each[0] in signals else -1 for each in kinds], np.int64)
        self._cuff = np.array([cuffs[cuff_of(each[3])] if each[0] in NIBP else -1 for each in kinds], np.int64)
        self._texts = Known(number)

    def header(self) -> str:
        return as_row(["time", *self._signals, *([EVENT] if self._events else [])])

    def of(self, batch: Batch) -> list[str]:
        """The rows of `batch`, with the events up to its end."""
        if not len(batch):
            return []
        columns = self._column[batch.which]
        begins = self._begins(batch, columns)
        times = batch.times[begins]
        cells = np.full((len(times), len(self._signals)), "", object)
        cells[np.cumsum(begins) - 1, columns] = self._texts.of(batch.values.tolist())
        end = ",\n" if self._events else "\n"
        texts = times_in_full(times, self._relative)
        rows = [f"{time},{','.join(row)}{end}" for time, row in zip(texts, cells.tolist(), strict=True)]
        found: list[str] = []
        start = 0
        while self._next < len(self._events) and self._events[self._next].time <= times[-1]:
            place = int(times.searchsorted(self._events[self._next].time))
            found += [*rows[start:place], self._told(self._events[self._next])]
            start = place
            self._next += 1
        return found + rows[start:]

    def rest(self) -> list[str]:
        """The rows of the events after all readings."""
        return [self._told(each) for each in self._events[self._next :]]

    def _told(self, event: Event) -> str:
        return as_row([in_full(event.time, self._relative), *[""] * len(self._signals), _harmless(event.text)])

    def _begins(self, batch: Batch, columns: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Where a row begins: readings of one instant share one, but never two cuff measurements or two values."""
        begins = np.ones(len(batch), np.bool_)
        begins[1:] = batch.times[1:] != batch.times[:-1]
        instants = np.cumsum(begins) - 1
        width = len(self._signals)
        crowded = np.flatnonzero(np.bincount(instants * width + columns) > 1) // width
        cuff = self._cuff[batch.which]
        rows = np.flatnonzero(cuff >= 0)
        another = (np.diff(batch.received[rows]) != 0) | (np.diff(cuff[rows]) != 0)
        crowded = np.append(crowded, instants[rows[1:]][another & (np.diff(instants[rows]) == 0)])
        if len(crowded):
            edges = np.append(np.flatnonzero(begins), len(batch))
            for one in np.unique(crowded).tolist():
                inside = slice(int(edges[one]), int(edges[one + 1]))
                measured = zip(batch.received[inside].tolist(), cuff[inside].tolist(), strict=True)
                begins[inside] = list(_begin(columns[inside].tolist(), measured))
        return begins


def _begin(columns: Sequence[int], measured: Iterator[tuple[int, int]]) -> Iterator[bool]:
    """Of readings of one instant, whether each begins a row. `measured`: receipt and cuff, -1 if of none."""
    taken: set[int] = set()
    cuff = None
    for column, which in zip(columns, measured, strict=True):
        own = which if which[1] >= 0 else None
        begins = not taken or column in taken or (own is not None and cuff is not None and own != cuff)
        if begins:
            taken, cuff = set(), None
        taken.add(column)
        cuff = own or cuff
        yield begins


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
