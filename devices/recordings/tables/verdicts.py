"""Columns in which a person or a program says of a row that it does not count: an artefact, a reading left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from devices.recordings.names import plain
from devices.recordings.options import Options
from devices.recordings.recording import Builder

if TYPE_CHECKING:
    from devices.recordings.tables.row import Row

_SAID_YES = "1 1.0 yes y true t x ja oui si sí excluded omitted deleted rejected artifact artefact"
_SAID_NO = "0 0.0 no n false f nein non invalid"
_YES, _NO = frozenset(_SAID_YES.split()), frozenset(_SAID_NO.split())
_LEAVES_OUT = {
    **dict.fromkeys(("excluded", "exclude", "omitted", "deleted", "rejected", "artifact", "artefact"), _YES),
    **dict.fromkeys(("valid", "isvalid", "accepted"), _NO),
    "editstatus": frozenset(("excluded", "omitted", "deleted")),  # Spacelabs
}
"""By the name of such a column, as `plain` gives it: the cells that leave their row out, in lower case."""


def verdict_columns(names: Sequence[str], options: Options) -> tuple[int, ...]:
    """The places of such columns among those called `names`; none that a mapping leaves out."""
    return tuple(
        place for place, name in enumerate(names) if plain(name) in _LEAVES_OUT and name not in options.mapping
    )


def without_left_out(rows: list[Row], into: Builder) -> list[Row]:
    """The `rows` without those that do not count, which are refused in `into`."""
    if not any(row.header.verdicts for row in rows):
        return rows
    kept = []
    for row in rows:
        if not (verdict := _verdict(row)):
            kept.append(row)
            continue
        raw = row.header.delimiter.join(row.cells).encode(errors="replace")
        text = f"row {row.number + 1} does not count, as {verdict} says"
        into.refuse("marked as not to be counted", text, row=row.number, raw=raw)
    return kept


def _verdict(row: Row) -> str:
    """The column that says that a row does not count, and how; "" if none does."""
    for place in row.header.verdicts:
        name, cell = row.header.names[place], row.cells[place]
        if cell.lower() in _LEAVES_OUT[plain(name)]:
            return f"{name!r} ({cell})"
    return ""
