"""Times such as ``00:05`` that have no date: hours and minutes from a start, minutes and seconds, or times of day."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from devices import instant
from devices.errors import ChoiceNeeded
from devices.recordings.tables import stamps

_SAY_DAY = "say with --mapping time.date, the day of the first row such as 2026-03-21"


def ask_day(column: str, times: Iterable[str]) -> None:
    """Asks of which day times are that look like times of day, such as 09:00:01 or 9:00 PM.

    Raises:
        ChoiceNeeded: they do.
    """
    found = [stamps.elapsed(cell) for cell in times if stamps.is_elapsed(cell)]
    # Rows an hour or so out of order happen; a night back is a new day.
    midnight = any(later < earlier - 6 * instant.HOUR for earlier, later in pairwise(found))
    if max(found) < 24 * instant.HOUR and (midnight or min(found) >= instant.HOUR):
        raise ChoiceNeeded(
            f"the time column {column!r} holds times of day without a date, or hours since some start, and does not say"
            f' which: {_SAY_DAY}, or time.unit = "h" for hours from the start',
            "time_date",
        )


def ask_day_of_halves(column: str, times: Iterable[str]) -> None:
    """The same of times whose clock says AM or PM.

    Raises:
        ChoiceNeeded: there are such.
    """
    if any(stamps.time_of_day(cell) is not None for cell in times):
        raise ChoiceNeeded(f"the time column {column!r} holds times of day without a date: {_SAY_DAY}", "time_date")


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
