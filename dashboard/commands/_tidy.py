"""The tidy table: one reading a row, the same from ``read``, ``decode`` and ``listen``; notices go to standard error.

Header ``time,signal,value,unit,status,source``; times ISO 8601 UTC with milliseconds and ``Z`` (``+SECONDS.mmm`` for
a recording without a date); an empty value is none, and the status says why. Text from a file or a device that a
spreadsheet would take for a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self, TextIO

import typer

from dashboard.errors import ConfigurationError
from devices import instant
from devices.protocols.base import Counters
from devices.reading import Item, Notice, Reading
from devices.recordings.readings.batches import BATCH
from devices.recordings.readings.lazy import AT_ONCE, LazyReadings
from devices.recordings.tables.header import TIDY
from devices.recordings.texts import spreadsheet_text
from devices.recordings.writing.tidy import tidy_row
from devices.recordings.writing.whole_file import is_regular, part_of, put_in_place

NOTICE_HEADER = ("time", "kind", "signal", "code", "text", "bytes")

TOLD_EACH = 20
"""So many notices of one kind are told on standard error; the others are counted there (all are in --notices)."""


class TidyWriter:
    """Writes readings as rows and tells notices, as they come. A context manager.

    Args:
        out: where the table goes; None: standard output. notices: a file for the notices, besides standard error.
        relative: instants count from a recording's start.
        whole: a file is put in place when all of it is written, so that there never is half of one.
        table: False where the readings go elsewhere, and only notices are told.

    Raises:
        ConfigurationError: a file cannot be written, or both are one.
    """

    def __init__(
        self,
        out: Path | None = None,
        notices: Path | None = None,
        relative: bool = False,
        whole: bool = False,
        table: bool = True,
    ) -> None:
        refuse_same(out, notices)
        self._relative = relative
        self._whole = whole
        self._files = ExitStack()
        self._places: dict[str, Path] = {}
        self._table: TextIO | None = None
        self._rows: Any = None
        if table:
            self._table = self._open(out) if out is not None else sys.stdout
            self._rows = csv.writer(self._table, lineterminator="\n")
        self._notices: Any = None
        self._notice_file: TextIO | None = None
        try:
            if notices is not None:
                self._notice_file = self._open(notices)
                self._notices = csv.writer(self._notice_file, lineterminator="\n")
                self._put(self._notices, self._notice_file, NOTICE_HEADER)
            if self._table is not None:
                self._put(self._rows, self._table, TIDY)
            self._flush()
        except BaseException:
            self._give_up()
            raise
        self.readings = 0
        self.by_kind: dict[str, int] = {}

    def _open(self, path: Path) -> TextIO:
        try:
            name = path
            if self._whole and is_regular(path):
                path = path.resolve()  # a link stays one
                name = part_of(path)
            file = self._files.enter_context(name.open("w", encoding="utf-8", newline=""))
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from None
        self._places[file.name] = path
        return file

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if kind is not None and self._whole:
            self._give_up()
            return
        try:
            self._flush()
        finally:
            with suppress(OSError):  # what a full disk did not take was told by the flush
                self._files.close()
        for name, place in self._places.items():
            if str(place) != name:
                self._put_in_place(Path(name), place)

    def _put_in_place(self, part: Path, place: Path) -> None:
        try:
            put_in_place(part, place)
        except OSError as error:
            self._give_up()
            raise ConfigurationError(f"{place} cannot be written: {error.strerror}") from None

    def _give_up(self) -> None:
        """Closes what was begun, and removes what was to become a file."""
        with suppress(OSError):
            self._files.close()
        for name, place in self._places.items():
            if str(place) != name:
                Path(name).unlink(missing_ok=True)

    def write(self, items: Iterable[Item]) -> None:
        """Writes readings in the order given and tells the notices among them."""
        wrote = False
        for item in items:
            if isinstance(item, Reading):
                self._row(item)
                wrote = True
            else:
                self._tell(item)
        if wrote:
            self._flush()

    def write_all(self, readings: Sequence[Reading]) -> None:
        """Writes many readings in the order given, which is by time."""
        if not isinstance(readings, LazyReadings) and len(readings) <= AT_ONCE:
            self.write(readings)  # what makes many in a short time takes longer to load
            return
        from devices.recordings.writing.table_texts import TidyText

        assert self._table is not None
        for held in _in_columns(readings):
            rows = TidyText(held.kinds, self._relative)
            for batch in held.batches():
                try:
                    self._table.write(rows.of(batch))
                except OSError as error:
                    self._fail(self._table, error)
                self.readings += len(batch)
        self._flush()

    def summary(self, counters: Counters) -> None:
        """One line on standard error: what was understood, what was refused and why."""
        refused = ", ".join(f"{count} {reason}" for reason, count in sorted(counters.by_reason.items()))
        line = (
            f"{counters.bytes_in} bytes, {counters.frames} frames understood, {counters.rejected} refused"
            + (f" ({refused})" if refused else "")
            + f", {counters.bytes_skipped} bytes outside frames, {self.readings} readings"
        )
        self.tell_summary(line)

    def tell_summary(self, line: str) -> None:
        """`line` on standard error, with the notices that were only counted."""
        more = {kind: count - TOLD_EACH for kind, count in self.by_kind.items() if count > TOLD_EACH}
        if more:
            said = ", ".join(f"{count} more {kind}" for kind, count in sorted(more.items()))
            line += f"; not shown: {said}"
        typer.echo(line, err=True)

    def _row(self, reading: Reading) -> None:
        self.readings += 1
        assert self._table is not None
        self._put(self._rows, self._table, tidy_row(reading, self._relative))

    def _tell(self, notice: Notice) -> None:
        time = instant.format(notice.time, self._relative)
        if self._notices is not None:
            code, text = spreadsheet_text(notice.code), spreadsheet_text(notice.text)
            row = (time, notice.kind, notice.signal, code, text, notice.raw.hex(" "))
            assert self._notice_file is not None
            self._put(self._notices, self._notice_file, row)
        count = self.by_kind[notice.kind] = self.by_kind.get(notice.kind, 0) + 1
        if count <= TOLD_EACH:
            typer.echo(f"{time} {notice.kind}: {notice.text}", err=True)

    def _put(self, rows: Any, file: TextIO, row: Sequence[str]) -> None:
        try:
            rows.writerow(row)
        except OSError as error:
            self._fail(file, error)

    def _flush(self) -> None:
        for file in (self._table, self._notice_file):
            if file is None:
                continue
            try:
                file.flush()
            except OSError as error:
                self._fail(file, error)

    def _fail(self, file: TextIO, error: OSError) -> NoReturn:
        if isinstance(error, BrokenPipeError):
            raise error
        # What could not be written would be tried again when the file is closed.
        self._give_up()
        place: Path | str = self._places.get(file.name, "standard output")
        if file is sys.stdout:
            with suppress(OSError, ValueError):  # a test's own standard output has no number
                os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
        raise ConfigurationError(f"{place} cannot be written: {error.strerror}")


def _in_columns(readings: Sequence[Reading]) -> Iterator[LazyReadings]:
    """The same as columns, so that never all of them are twice in memory."""
    if isinstance(readings, LazyReadings):
        yield readings
        return
    from devices.recordings.readings.packed import PackedReadings

    for first in range(0, len(readings), BATCH):
        yield PackedReadings(readings[first : first + BATCH])


def refuse_same(out: Path | None, notices: Path | None) -> None:
    """Refuses one file for the readings and the notices.

    Raises:
        ConfigurationError: they are one.
    """
    if out is not None and notices is not None and is_regular(out) and out.resolve() == notices.resolve():
        raise ConfigurationError(f"{out} cannot hold both the table and the notices: name two files")


def tell_notices(notices: Iterable[Notice], notice_file: Path | None, relative: bool) -> TidyWriter:
    """Tells notices, and writes them to a file if one is named; returns the closed writer for its counts."""
    with TidyWriter(None, notice_file, relative, whole=True, table=False) as writer:
        writer.write(notices)
    return writer


def write_tidy(
    readings: Sequence[Reading], notices: Iterable[Notice], out: Path | None, notice_file: Path | None, relative: bool,
    in_order: bool = False,
) -> TidyWriter:  # fmt: skip
    """Writes a table at once, by time, then receipt, whole or not at all; returns the closed writer for its counts.

    `in_order`: as a recording's readings are, which may be too many to be held at once.
    """
    ordered = readings if in_order else sorted(readings, key=lambda reading: (reading.time, reading.received))
    with TidyWriter(out, notice_file, relative, whole=True) as writer:
        writer.write(notices)
        writer.write_all(ordered)
    return writer


def settings_from(pairs: Sequence[str]) -> dict[str, str | int | float | bool]:
    """``KEY=VALUE`` pairs as a bed's settings, with the types a TOML file would give them.

    Raises:
        ConfigurationError: a pair without ``=``.
    """
    found: dict[str, str | int | float | bool] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key.strip():
            raise ConfigurationError(f"--set {pair!r} is not KEY=VALUE, such as baud=9600")
        found[key.strip()] = _typed(text.strip())
    return found


def _typed(text: str) -> str | int | float | bool:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
