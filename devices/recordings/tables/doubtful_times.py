"""What the times of a whole table show to be doubtful: a clock of twelve hours, a second recording behind the first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

_LEAST = 7
"""Rows that a recording has at least: fewer may have come late."""


def twelve_hours(times: Sequence[datetime]) -> tuple[datetime, datetime] | None:
    """The first two neighbours of the local `times`, in the order of their rows, between which a clock without AM and
    PM passed from 12 to 1; None where it did not, or where hours above 12 or other steps back show another reason."""
    falls = [(earlier, later) for earlier, later in pairwise(times) if later < earlier]
    if not falls or max(time.hour for time in times) > 12:
        return None
    if 2 * len(falls) >= len(times):
        return twelve_hours(times[::-1])  # the newest first
    passed = [(earlier.date(), earlier.hour, later.hour) == (later.date(), 12, 1) for earlier, later in falls]
    return falls[0] if all(passed) else None


def begins_anew(times: Sequence[int]) -> int:
    """The place at which the `times` from a start, in the order of their rows, begin anew: having climbed, they fall to
    about the first one, and climb again through what was passed; 0 if they do not."""
    if not times:
        return 0
    highest, falls = times[0], 0
    for place, time in enumerate(times):
        if time >= highest:
            highest = time
            continue
        falls += 1
        is_low = time - times[0] <= (highest - times[0]) // 10
        if place >= _LEAST and is_low and (falls - 1) * 10 <= place and _climbs(times, place) >= _LEAST:
            return place
    return 0


def _climbs(times: Sequence[int], place: int) -> int:
    """So many times from `place` on follow each other."""
    until = place + 1
    while until < len(times) and times[until] > times[until - 1]:
        until += 1
    return until - place
