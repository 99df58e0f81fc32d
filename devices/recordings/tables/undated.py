"""Times of day that have no date, once a person has said of which day the first one is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from msgspec.structs import replace

from devices.errors import RecordingError
from devices.recordings.recording import Builder
from devices.recordings.tables.doubtful_times import refuse_hours_twice
from devices.recordings.tables.header import Header, Layout
from devices.recordings.tables.row import Row
from devices.recordings.tables.stamps import Kind, kind_of, time_of_day

BACK = timedelta(hours=1)
"""Rows come late by less; a clock that goes back further has passed midnight."""

_NEAR = timedelta(hours=6)
"""Two clocks that differ by less are of one night, or of one day."""

_DAY = timedelta(days=1)
_SOON = 3
"""Within so many rows behind a late one the clock stands again where it stood before it."""


def with_dates(rows: Sequence[Row], first: date, header: Header, into: Builder) -> list[Row]:
    """The `rows` with a date before each time of day: the day `first` is that of the first row, and after each midnight
    comes the next.

    Raises:
        RecordingError: the times have dates, or are no times of day, or those of a clock that counts to 12 twice; or
            it could not be seen whether a day lies between two rows.
    """
    name = header.time_name
    clocks = {place: clock for place, row in enumerate(rows) if (clock := time_of_day(row.time)) is not None}
    # 0915 is a clock, but not among other numbers.
    counts = any(kind_of(row.time) is Kind.SECONDS and place not in clocks for place, row in enumerate(rows))
    if counts or not clocks:
        own = any(kind_of(row.time) is not None for row in rows)
        why = "which are none" if own else "of which there are none"
        raise RecordingError(f"time.date is said of times of day, {why} in {name!r}: leave it out of the mapping")
    streams = list(_streams(list(clocks), rows, header))
    for stream in streams:
        refuse_hours_twice([datetime.combine(first, time()) + clocks[place] for place in stream])
        _refuse_sparse([clocks[place] for place in stream], name)
    if any(clocks[stream[0]] < clocks[streams[0][0]] - BACK for stream in streams):
        raise RecordingError(
            f"the times in {name!r} begin anew with each quantity, for some of them earlier than in the first row: of"
            " which day those are is open, so write dates into the file"
        )
    dated, last = list(rows), first
    for stream in streams:
        for place, day in zip(stream, _days([clocks[place] for place in stream]), strict=True):
            on = first + timedelta(days=day)
            dated[place] = replace(rows[place], time=f"{on.isoformat()} {rows[place].time}")
            last = max(last, on)
    until = "" if last == first else f", the last of {last.isoformat()}"
    into.notice(
        "time-assumed",
        f"the times in {name!r} have no date: the first row is of {first.isoformat()}, as was said{until}",
    )
    return dated


def _refuse_sparse(clocks: Sequence[timedelta], name: str) -> None:
    """Refuses `clocks`, from the column called `name`, between which days may lie.

    Raises:
        RecordingError: they are such.
    """
    far = sum(BACK < abs(later - earlier) < _DAY - BACK for earlier, later in pairwise(clocks))
    if 2 * far > len(clocks) - 1:
        raise RecordingError(
            f"the times of day in {name!r} are mostly more than an hour apart, so that a day without a row could not be"
            " seen: write dates into the file"
        )


def _days(clocks: Sequence[timedelta]) -> Iterator[int]:
    """For each of `clocks`, in the order of their rows, so many days after the first one's it is."""
    steps = [later - earlier for earlier, later in pairwise(clocks)]
    near = [step for step in steps if step and abs(step) < _NEAR]
    # The newest row may stand first: its midnights are passed the other way.
    sign = -1 if 2 * sum(step < timedelta() for step in near) > len(near) else 1
    day = 0
    yield day
    for place, step in enumerate(steps):
        if sign * step < -BACK:
            day += sign
        elif sign * step > _DAY - BACK and _comes_back(clocks, place):
            day -= sign  # a row from before midnight that came late
        yield day


def _comes_back(clocks: Sequence[timedelta], place: int) -> bool:
    """Whether the clock soon stands again where it stood at `place`, before the row behind it."""
    return any(abs(clock - clocks[place]) < BACK for clock in clocks[place + 2 : place + 2 + _SOON])


def _streams(places: Sequence[int], rows: Sequence[Row], header: Header) -> Iterator[Sequence[int]]:
    """The `places` of rows whose clocks go on: all, or those of each quantity where one follows the other."""
    if header.layout is Layout.LONG:
        names = {place: rows[place].cells[rows[place].header.what] for place in places}
        blocks = sum(names[later] != names[earlier] for earlier, later in pairwise(places)) + 1
        if 1 < blocks == len(set(names.values())):
            for name in dict.fromkeys(names.values()):
                yield [place for place in places if names[place] == name]
            return
    yield places
