"""Times such as ``00:05`` that have no date: hours and minutes from a start, minutes and seconds, or times of day."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from devices import instant
from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.tables import stamps


def check_elapsed(column: str, times: Iterable[str]) -> None:
    found = [stamps.elapsed(cell) for cell in times if stamps.is_elapsed(cell)]
    # Rows an hour or so out of order happen; a night back is a new day.
    midnight = any(later < earlier - 6 * instant.HOUR for earlier, later in pairwise(found))
    if max(found) < 24 * instant.HOUR and (midnight or min(found) >= instant.HOUR):
        raise RecordingError(
            f"the time column {column!r} holds times of day without a date, or hours since some start, and does not say"
            " which: write ISO 8601"
        )


def are_short(times: Iterable[str]) -> bool:
    """Each time is two numbers: hours and minutes, or minutes and seconds."""
    return all(cell.count(":") == 1 for cell in times if stamps.is_elapsed(cell))


def ask_minutes(column: str, times: Iterable[str]) -> None:
    """Asks whether times of two numbers are minutes and seconds, where they follow each other as densely as a second's.

    Raises:
        ChoiceNeeded: they do.
    """
    found = [stamps.elapsed(cell) for cell in times if stamps.is_elapsed(cell)]
    steps = sorted(abs(later - earlier) for earlier, later in pairwise(found) if later != earlier)
    if steps and steps[len(steps) // 2] <= instant.MINUTE:
        shown = next(cell for cell in times if stamps.is_elapsed(cell) and stamps.elapsed(cell))
        raise ChoiceNeeded(
            f"the times in {column!r} such as {shown} are hours and minutes from the start, or minutes and seconds: say"
            ' "h" or "min" for their first number with --mapping, as time.unit',
            "time_unit",
            ("h", "min"),
        )
