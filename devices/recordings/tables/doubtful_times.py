"""What the times of a whole table show to be doubtful: a clock of twelve hours, a second recording behind the first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import pairwise

from devices import instant
from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.overrides import ONE_PATIENT

_LEAST = 7
"""Rows that a recording has at least: fewer may have come late."""


def refuse_twelve_hours(times: Sequence[int], zone: tzinfo) -> None:
    """As `refuse_hours_twice`, of instants that were read as local times of `zone`."""
    refuse_hours_twice([instant.to_datetime(time).astimezone(zone) for time in times])


def refuse_hours_twice(times: Sequence[datetime]) -> None:
    """Refuses local `times`, in the order of their rows, of a clock that counts to 12 and says neither AM nor PM.

    Raises:
        RecordingError: they are such.
    """
    if found := _twelve_hours(times):
        earlier, later = found
        raise RecordingError(
            f"the times go back from {earlier:%H:%M:%S} to {later:%H:%M:%S} on {later:%Y-%m-%d}, as on a clock of"
            " twelve hours without AM and PM: write the hours from 0 to 23"
        )


def ask_second_recording(times: Sequence[int], rows: Sequence[int]) -> None:
    """Asks whether `times` from a start that begin anew are of a second recording: the two would be mixed. `rows`: the
    numbers of those that they stand in.

    Raises:
        ChoiceNeeded: there are such.
    """
    if place := _begins_anew(times):
        row, before, after = rows[place] + 1, times[place - 1], times[place]
        raise ChoiceNeeded(
            f"the times begin anew in row {row} ({before / instant.SECOND:g} s, then {after / instant.SECOND:g} s), as"
            " where a second recording follows the first: say with --mapping [patient] one = true if all rows are one"
            " recording's, else cut the file there",
            "patient_column",
            (ONE_PATIENT,),
        )


def _twelve_hours(times: Sequence[datetime]) -> tuple[datetime, datetime] | None:
    """The first two neighbours of the local `times`, in the order of their rows, between which a clock without AM and
    PM passed from 12 to 1; None where it did not, or where hours above 12 or other steps back show another reason."""
    falls = [(earlier, later) for earlier, later in pairwise(times) if later < earlier]
    if not falls or max(time.hour for time in times) > 12:
        return None
    if 2 * len(falls) >= len(times):
        return _twelve_hours(times[::-1])  # the newest first
    passed = [(earlier.date(), earlier.hour, later.hour) == (later.date(), 12, 1) for earlier, later in falls]
    return falls[0] if all(passed) else None


def _begins_anew(times: Sequence[int]) -> int:
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
