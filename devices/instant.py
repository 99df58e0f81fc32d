"""Instants: whole microseconds since 1970-01-01T00:00:00 UTC, as a plain ``int``.

Why not ``datetime``: ties decide outcomes (a gap equal to the limit, a return exactly at the deadline), so
arithmetic must be exact; a recording may be dated 2896 or carry no date at all; numpy takes them as int64.
A recording without a date counts from its own start, and its instants are written ``+SECONDS.mmm``.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta, timezone, tzinfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

EARLIEST, LATEST = -62_135_510_400 * SECOND, 253_402_128_000 * SECOND
"""The dates that are read: the years 1 to 9999, less a day or two at the ends so that every zone can write them."""


class ClockChange(ValueError):
    """A local time that its zone skips (spring) or has twice (autumn)."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RELATIVE = re.compile(r"^\+?(-?\d+(?:\.\d+)?)$")
_OFFSET = re.compile(r"([+-])([01]\d):?([0-5]\d)", re.ASCII)


def now() -> int:
    """The wall clock, microseconds since 1970 UTC. Called at the edges only: pure code is given its time."""
    return time.time_ns() // 1_000


def seconds(value: float) -> int:
    """A span of `value` seconds in microseconds, rounded to the nearest one."""
    return round(value * SECOND)


def minutes(value: float) -> int:
    """A span of `value` minutes in microseconds, rounded to the nearest one."""
    return round(value * MINUTE)


def from_datetime(moment: datetime) -> int:
    """The instant of an aware `moment`.

    Raises:
        ValueError: `moment` has no zone, or lies so far away that it cannot be written in every zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return dated((moment - _EPOCH) // timedelta(microseconds=1))


def to_datetime(instant: int, zone: tzinfo = UTC) -> datetime:
    """`instant` as an aware datetime in `zone`."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone)


def parse(text: str, zone: tzinfo = UTC) -> int:
    """The instant written in `text` as ISO 8601; without an offset it is local time in `zone`.

    Raises:
        ValueError: not ISO 8601, outside the years 1 to 9999, or a local time that the zone skips or has twice
            (a clock change).
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is not an ISO 8601 time such as 2026-03-01T09:30:00Z") from None
    if moment.tzinfo is None:
        moment = localize(moment, zone)
    return from_datetime(moment)


def dated(instant: int) -> int:
    """`instant`, if it can be written as a date in every zone.

    Raises:
        ValueError: it lies outside the years 1 to 9999.
    """
    if not EARLIEST <= instant <= LATEST:
        raise ValueError("the time lies outside the years 1 to 9999")
    return instant


def parse_relative(text: str) -> int:
    """The instant written as seconds from a recording's start, such as ``+90.5`` or ``90.5``.

    Raises:
        ValueError: not a number of seconds.
    """
    match = _RELATIVE.match(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a number of seconds such as +90.5")
    whole, _, fraction = match.group(1).partition(".")
    sign = -1 if whole.startswith("-") else 1
    return int(whole) * SECOND + sign * int((fraction + "000000")[:6])


def localize(moment: datetime, zone: tzinfo) -> datetime:
    """A naive local `moment` placed in `zone`.

    Raises:
        ClockChange: the local time does not exist there (spring), or exists twice (autumn).
        ValueError: it lies outside the years 1 to 9999.
    """
    first, second = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
    dated(from_datetime(moment.replace(tzinfo=UTC)))
    if first.utcoffset() == second.utcoffset():
        return first
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise ClockChange(f"{moment.isoformat()} does not exist in {zone} (the clock went forward)")
    raise ClockChange(f"{moment.isoformat()} happens twice in {zone} (the clock went back): write its offset")


def format(instant: int, relative: bool = False) -> str:
    """ISO 8601 UTC with milliseconds and ``Z``; with `relative`, ``+SECONDS.mmm`` from the start.

    Rounds to the nearest millisecond, halves up.
    """
    millis = (instant + 500) // 1_000
    if relative:
        sign = "-" if millis < 0 else "+"
        whole, rest = divmod(abs(millis), 1_000)
        return f"{sign}{whole}.{rest:03d}"
    moment = _EPOCH + timedelta(milliseconds=millis)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.").zfill(20) + f"{millis % 1_000:03d}Z"


def zone_named(name: str) -> tzinfo:
    """The time zone called `name`, such as ``Europe/Berlin``, or the fixed offset ``+02:00``.

    Raises:
        ValueError: no such zone.
    """
    if name.upper() in ("UTC", "Z"):
        return UTC
    if fixed := _OFFSET.fullmatch(name):
        passed = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return timezone(-passed if fixed[1] == "-" else passed)
    from zoneinfo import ZoneInfo  # most who need instants need no zone

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone such as Europe/Berlin or +02:00") from None
