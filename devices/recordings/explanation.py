"""How a file was understood, to be shown before it is used: beside what became of each column, all else.

Every reader fills an `Explanation`; `as_json` and `as_lines` put it together with the columns and the counts, for
the command line, the page that imports and the record of an import alike.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from devices import instant
from devices.signals import SIGNALS

if TYPE_CHECKING:
    from devices.recordings.recording import Column, Recording


class Explanation(Struct, frozen=True):
    """How one file was understood. What does not apply to its format is empty.

    Attributes:
        files: the names of the files that were read, in their order.
        encoding, delimiter, decimal_mark: of a text table. header_line: the number of its header's line, from 1.
        layout: what a row is.
        time_columns: the columns that say when. times: how times are written.
        date_order: of dates that leave it open: ``dmy``, ``mdy`` or ``ymd``.
        zone: the zone in which times without an offset were read. zone_said: a person named it.
    """

    files: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    decimal_mark: str = ""
    header_line: int = 0
    layout: str = ""
    time_columns: tuple[str, ...] = ()
    times: str = ""
    date_order: str = ""
    zone: str = ""
    zone_said: bool = False


_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_MARKS = {",": "comma", ".": "point"}


def as_json(recording: Recording) -> dict[str, Any]:
    """How `recording` was understood, as plain data. Times are written as ``instant.format`` does."""
    how, counts, held = recording.explanation, recording.counts, _readings(recording)
    return {
        "format": recording.format,
        "files": list(how.files),
        "encoding": how.encoding or None,
        "delimiter": how.delimiter or None,
        "decimal_mark": how.decimal_mark or None,
        "header_line": how.header_line or None,
        "layout": how.layout or None,
        "time": {
            "columns": list(how.time_columns),
            "written": how.times or None,
            "date_order": how.date_order or None,
            "zone": how.zone or None,
            "zone_said": how.zone_said,
            "relative": recording.relative,
            "first": instant.format(recording.first, recording.relative) if recording.readings else None,
            "last": instant.format(recording.last, recording.relative) if recording.readings else None,
        },
        "patients": list(recording.patients),
        "columns": [
            {
                "name": column.name,
                "signal": column.signal or None,
                "unit": column.unit or None,
                "used": column.is_used,
                "readings": held.get(column.name, 0) if column.signal else None,
                "note": column.note or None,
            }
            for column in recording.mapping
        ],
        "counts": {
            "rows": counts.rows,
            "used": counts.used,
            "repeats": counts.repeats,
            "refused": dict(sorted(counts.refused.items())),
            "readings": len(recording.readings),
        },
        "notices": [
            {"time": instant.format(each.time, recording.relative), "kind": each.kind, "text": each.text}
            for each in recording.notices
        ],
    }


def as_lines(recording: Recording) -> list[str]:
    """How `recording` was understood, for a person: first the file, then its columns."""
    how = recording.explanation
    rows = [("format", recording.format), ("files", ", ".join(how.files)), ("encoding", how.encoding)]
    if how.delimiter:
        rows.append(("delimiter", _DELIMITERS.get(how.delimiter, how.delimiter)))
    if how.decimal_mark:
        rows.append(("decimal mark", _MARKS.get(how.decimal_mark, how.decimal_mark)))
    if how.header_line:
        rows.append(("header", f"line {how.header_line}"))
    rows += [("layout", how.layout), ("times", _times(recording)), ("patients", ", ".join(recording.patients))]
    lines = [f"{name.ljust(12)}  {text}" for name, text in rows if text]
    held = _readings(recording)
    table = [("column", "signal", "unit", "readings", "")]
    for column in recording.mapping:
        used = "" if not column.signal else str(held.get(column.name, 0))
        said = column.note if column.is_used else f"left out: {column.note}"
        table.append((column.name, column.signal or "-", column.unit or _unit(column), used, said))
    widths = [max(len(row[place]) for row in table) for place in range(4)]
    lines.append("")
    for name, signal, unit, used, said in table:
        cells = (name.ljust(widths[0]), signal.ljust(widths[1]), unit.ljust(widths[2]), used.rjust(widths[3]), said)
        lines.append("  ".join(cells).rstrip())
    return lines


def _unit(column: Column) -> str:
    """The unit of a column that names none: the usual one, marked as such."""
    return f"({SIGNALS[column.signal].unit})" if column.signal in SIGNALS else ""


def _readings(recording: Recording) -> Counter[str]:
    """How many readings came of each column or track."""
    found: Counter[str] = Counter()
    for (_, source), count in recording.streams().items():
        name = source.partition(":")[2]
        found[name] += count
        if name.startswith("nibp.") and name not in {column.name for column in recording.mapping}:
            found[name.removeprefix("nibp.")] += count
    return found


def _times(recording: Recording) -> str:
    how = recording.explanation
    parts = [" and ".join(map(repr, how.time_columns)), how.times]
    if how.date_order:
        parts.append(f"in the order {how.date_order}")
    if recording.relative:
        parts.append("without a date")
    elif how.zone:
        parts.append(f"read in {how.zone}" + ("" if how.zone_said else " (assumed)"))
    if recording.readings:
        first, last = (instant.format(each, recording.relative) for each in (recording.first, recording.last))
        parts.append(f"from {first} to {last}")
    return ", ".join(part for part in parts if part)
