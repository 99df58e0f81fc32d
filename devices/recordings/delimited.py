"""Text tables (CSV, TSV and their kin): session tables, this program's tidy tables, other programs' exports.

Source: the recorded-files sheet, section 1. Read with the standard library alone.
"""

from __future__ import annotations

from pathlib import Path

from devices.recordings.header import find_header
from devices.recordings.recording import Builder, Options, Recording
from devices.recordings.rows import is_vscapture, of_patient, read_rows
from devices.recordings.tables import read_table
from devices.recordings.texts import decode, lines_of, refuse_long
from devices.recordings.wide import tell_columns

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
    read_table(rows, header, options, into, is_vscapture(lines, header))
    return into.build()


__all__ = ["FORMAT", "read", "read_text"]
