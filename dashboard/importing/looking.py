"""A recording as it is shown before it is imported: how it was understood, from when to when, what it says happened.

Much smaller than the recording itself, which a page must not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from msgspec import Struct

from dashboard.errors import SessionError
from dashboard.importing.choices import Choices
from dashboard.importing.file_hash import Origin, origin_of
from devices import instant
from devices.reading import Notice
from devices.recordings.explanation import as_json


class Look(Struct, frozen=True):
    """Attributes:
    how: as ``risewatch read --explain --json`` prints it. first, last: instants of readings.
    relative: they count from an undated start. notices: of events that the file tells.
    """

    how: Mapping[str, Any]
    first: int
    last: int
    relative: bool
    notices: Sequence[Notice]


def look(path: Path, choices: Choices, progress: Callable[[float], None] = lambda done: None) -> tuple[Look, Origin]:
    """Reads the recording and keeps what is to be shown of it, and what its file is known by.

    Raises as `Choices.read` and `origin_of`. `progress` is told of the second alone.
    """
    read = choices.read(path)
    events = tuple(each for each in read.notices if each.kind == "device-event")
    found = Look(as_json(read), read.first, read.last, read.relative, events)
    return found, origin_of(path, progress, member=choices.member or None, also=choices.also)


def said_time(text: str, what: str, first: int, last: int, relative: bool, zone: tzinfo) -> int | None:
    """The instant meant by a time as typed, on the clock of a recording from `first` to `last`; None if empty.

    Args:
        text: ISO 8601 (without an offset: in `zone`), or seconds from `first` as ``+600``.

    Raises:
        SessionError: neither, a date for a recording without dates, or a time outside the recording.
    """
    given = text.strip()
    if not given:
        return None
    shown = f"{instant.format(first, relative)} to {instant.format(last, relative)}"
    try:
        if given.startswith("+"):
            at = first + instant.parse_relative(given)
        elif relative:
            raise SessionError(f"this recording has no dates: give the {what} as seconds from its start, such as +600")
        else:
            at = instant.parse(given, zone)
    except ValueError:
        raise SessionError(
            f"the {what} {given!r} is neither an ISO 8601 time such as 2026-03-01T09:30:00Z "
            "nor seconds from the recording's start such as +600"
        ) from None
    if not first <= at <= last:
        raise SessionError(f"the {what} lies outside the recording, which goes from {shown}")
    return at
