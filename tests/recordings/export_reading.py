"""Tables of other programs, read from their text, and what was read in short."""

from __future__ import annotations

from devices import instant
from devices.recordings.base import Recording
from devices.recordings.delimited.reader import read_text
from devices.recordings.options import Options


def read(text: str, **options: object) -> Recording:
    return read_text(text, Options(**options), "export.csv")  # type: ignore[arg-type]


def told(recording: Recording) -> dict[str, list[tuple[str, float | None]]]:
    """Value by signal, with the local time, or the seconds from the start."""
    found: dict[str, list[tuple[str, float | None]]] = {}
    for one in recording.readings:
        when = f"{one.time / instant.SECOND:g}" if recording.relative else instant.format(one.time)[:19]
        found.setdefault(one.signal, []).append((when, one.value))
    return found


def values(recording: Recording) -> dict[str, list[float | None]]:
    return {signal: [value for _, value in held] for signal, held in told(recording).items()}
