"""SESSIONS: a CSV file that names recordings with the times of their infusions."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from msgspec import Struct

from dashboard.errors import ConfigurationError, RisewatchError
from devices.errors import DeviceError

if TYPE_CHECKING:
    from datetime import tzinfo

    from dashboard.rises.whatif import Finished
    from devices.recordings.overrides import Overrides

COLUMNS = ("recording", "infusion_start", "infusion_end", "session_end", "patient")
_REQUIRED = COLUMNS[:2]


class Row(Struct, frozen=True):
    """One line. `where`: for people, "sessions.csv line 3"; times as written, "" where not given."""

    where: str
    recording: Path
    infusion_start: str
    infusion_end: str
    session_end: str
    patient: str


def rows(path: Path) -> list[Row]:
    """The lines of the file; recordings are named from its folder.

    Raises:
        ConfigurationError: it cannot be read, lacks a column or a value, or has no line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            names = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            lines = [(reader.line_num, line) for line in reader]
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror or error}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{path} is not a CSV file in UTF-8: {error}") from None
    for name in _REQUIRED:
        if name not in names:
            raise ConfigurationError(f"{path} has no column {name}; its header should be {','.join(COLUMNS)}")
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise ConfigurationError(f"{path} has a column {unknown[0]!r}; there may be {', '.join(COLUMNS)}")
    found = []
    for number, line in lines:
        where = f"{path.name} line {number}"
        if None in line:
            raise ConfigurationError(f"{where} has more cells than the header has columns")
        cells = {name: (line.get(name) or "").strip() for name in COLUMNS}
        for name in _REQUIRED:
            if not cells[name]:
                raise ConfigurationError(f"{where} has no {name}")
        recording = path.parent / cells.pop("recording")
        found.append(Row(where, recording, **cells))
    if not found:
        raise ConfigurationError(f"{path} names no session")
    return found


def read(lines: list[Row], zone: tzinfo | None, date_order: str | None, mapping: Overrides) -> Iterator[Finished]:
    """The sessions, one after the other.

    Raises:
        ConfigurationError: a line whose recording or times cannot be used; the sentence names the line.
    """
    for line in lines:
        try:
            yield _session(line, zone, date_order, mapping)
        except (RisewatchError, DeviceError) as error:
            raise ConfigurationError(f"{line.where}: {error}") from None


def _session(line: Row, zone: tzinfo | None, date_order: str | None, mapping: Overrides) -> Finished:
    from dashboard.commands import recording_options
    from dashboard.rises import arrays
    from dashboard.rises.columns import reduce
    from dashboard.rises.timeline import AFTER_ALL, Timeline
    from dashboard.rises.whatif import Finished

    in_zone = zone or recording_options.zone(mapping.zone) or UTC
    read = recording_options.read(
        line.recording, zone=zone, start=None, date_order=date_order, patient=line.patient or None, mapping=mapping
    )

    def time(column: str) -> int | None:
        text = getattr(line, column)
        try:
            return recording_options.time(column, text or None, in_zone, read.relative)
        except typer.BadParameter as error:
            raise ConfigurationError(f"{column} {text!r} is no time: {error}") from None

    t0, stop, end = time("infusion_start"), time("infusion_end"), time("session_end")
    assert t0 is not None  # the column is required
    for column, given in (("infusion_end", stop), ("session_end", end)):
        if given is not None and given < t0:
            raise ConfigurationError(f"{column} lies before infusion_start")
    name = line.recording.name + (f" {line.patient}" if line.patient else "")
    whole = arrays.recording_of(read.readings, end if end is not None else AFTER_ALL)
    columns = reduce(whole, Timeline(t0, stop, None, end))
    return Finished(name, columns, read.relative)
