"""The zone of a table's times, where a column beside them or the name of their own says it."""

from __future__ import annotations

from collections.abc import Sequence

from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.names import plain
from devices.recordings.options import Options
from devices.recordings.tables.columns import say_utc, zone_column
from devices.recordings.tables.header import Header
from devices.recordings.tables.row import Row
from devices.recordings.texts import is_missing


def zones_beside(rows: Sequence[Row], header: Header) -> tuple[str, list[str]]:
    """The column that says the zone of the times, and what it holds; "" if there is none."""
    if (place := zone_column(header.names)) < 0:
        return "", []
    name = header.names[place]
    held = (row.cells[row.header.names.index(name)] for row in rows if name in row.header.names)
    return name, sorted({cell for cell in held if not is_missing(cell)})


def ask_zone(zones: tuple[str, list[str]], options: Options) -> None:
    """Asks for the zone of the times, where a column beside them says it.

    Raises:
        ChoiceNeeded: it does, and nobody said a zone.
        RecordingError: it says several, so that no one zone is right.
    """
    name, held = zones
    if len(held) > 1:
        raise RecordingError(
            f"the times have no offset, and {name!r} says several zones ({', '.join(held[:4])}): write ISO 8601"
        )
    if held and not options.zone_said and plain(name).endswith("offset"):
        raise ChoiceNeeded(
            f"{name!r} says {held[0]!r}, and not whether the times are in UTC or have this offset from it: say UTC or"
            " the offset with --timezone",
            "timezone",
        )
    if held and not options.zone_said:
        raise ChoiceNeeded(f"the times are in {held[0]!r}, as {name!r} says: say that zone with --timezone", "timezone")


def refuse_other_zone(header: Header, options: Options) -> None:
    """Refuses a zone that is said of times that are in UTC by the name of their column.

    Raises:
        RecordingError: there is one.
    """
    if say_utc(header.time_names) and str(options.zone) != "UTC":
        raise RecordingError(
            f"the times are in UTC, as {header.time_name!r} says, and not in {options.zone}: leave --timezone out"
        )
