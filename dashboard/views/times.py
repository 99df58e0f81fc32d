"""Times as people write and read them: local, in the clinic's zone. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from dashboard.errors import SessionError
from devices import instant

_CLOCK = re.compile(r"^\s*(yesterday\s+)?(\d{1,2})[:.h ]?(\d{2})(?:[:.](\d{2}))?\s*$", re.IGNORECASE)

_LONG_AGO = 12 * instant.HOUR
"""A time of day further back than this is nearer to the one still to come: which is meant is asked, not guessed."""


def clock_text(at: int, zone: str, seconds: bool = True) -> str:
    """`at` as the clock on the wall shows it."""
    return instant.to_datetime(at, instant.zone_named(zone)).strftime("%H:%M:%S" if seconds else "%H:%M")


def day_of(at: int, zone: str) -> date:
    """The day by the clinic's calendar."""
    return instant.to_datetime(at, instant.zone_named(zone)).date()


def moment_text(at: int, zone: str) -> str:
    """`at` with its date and offset."""
    moment = instant.to_datetime(at, instant.zone_named(zone))
    return moment.strftime("%Y-%m-%d %H:%M:%S ") + moment.strftime("%z")[:3] + ":" + moment.strftime("%z")[3:5]


def lately_text(at: int, now: int, zone: str) -> str:
    """`at` as the clock shows it, with its date where that is not of the last day."""
    return clock_text(at, zone) if abs(now - at) < 24 * instant.HOUR else moment_text(at, zone)


def recent(text: str, now: int, zone: str) -> int:
    """The latest instant at or before `now` (plus a minute) at which the clinic's clock showed `text`.

    So at five past midnight ``23:58`` means yesterday's, and no date need be entered. What would lie more than half a
    day back may as well be a time still to come: it is taken only as ``yesterday 11:00``.

    Args:
        text: ``10:42``, ``1042`` or ``10:42:30``, perhaps after ``yesterday``. now: on the bed's clock.

    Raises:
        SessionError: not a time of day, one still to come, or one that was skipped or shown twice by a clock change.
    """
    match = _CLOCK.match(text)
    hour, minute, second = (int(part or 0) for part in match.groups()[1:]) if match else (99, 0, 0)
    yesterday = bool(match and match[1])
    if hour > 23 or minute > 59 or second > 59:
        raise SessionError(f"{text!r} is not a time such as 10:42 or 10:42:30")
    tz = instant.zone_named(zone)
    today = instant.to_datetime(now, tz).date()
    for back in (1,) if yesterday else (0, 1):
        day = today - timedelta(days=back)
        naive = datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 (placed in its zone below)
        try:
            at = instant.from_datetime(instant.localize(naive, tz))
        except ValueError as error:
            raise SessionError(f"the time cannot be told: {error}") from None
        if at <= now + instant.MINUTE:
            if now - at > _LONG_AGO and not yesterday:
                raise SessionError(
                    f"{text.strip()} is still to come, it is {clock_text(now, zone, seconds=False)} now; "
                    f"if it was yesterday, write: yesterday {text.strip()}"
                )
            return min(at, now) if at > now else at
    raise SessionError(f"{text!r} cannot be placed in the last day")


def span_text(span: int) -> str:
    """A duration as ``23:41`` or ``1:02:03``."""
    whole = max(0, span) // instant.SECOND
    hours, rest = divmod(whole, 3_600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
