"""Times in a report: the clinic's clock with one fixed offset, and minutes from the start of the drug. Pure.

The offset is that of the session's start and is printed: a clock change in a session repeats no hour and skips none.
"""

from __future__ import annotations

from datetime import timedelta, timezone

from msgspec import Struct

from devices import instant

DASH = "\N{EN DASH}"
_DATELESS = 366 * 24 * instant.HOUR


class Moments(Struct, frozen=True):
    """How instants are written.

    Attributes:
        zone: an IANA name. start: of the session. t0: start of the drug, None if it was not started.
    """

    zone: str
    start: int
    t0: int | None

    @property
    def dateless(self) -> bool:
        """The recording has no dates: its times count from its own beginning."""
        return abs(self.start) < _DATELESS

    @property
    def offset(self) -> timedelta:
        return instant.to_datetime(self.start, instant.zone_named(self.zone)).utcoffset() or timedelta()

    @property
    def offset_text(self) -> str:
        minutes = round(self.offset.total_seconds() / 60)
        return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"

    def said(self) -> str:
        """What the times are, in one sentence."""
        since = "" if self.t0 is None else "; minutes in brackets count from the start of the drug"
        if self.dateless:
            return f"Times count from the beginning of the recording, which has no dates{since}."
        return (
            f"Times are of {self.zone} with the offset {self.offset_text} of the session's start{since}; +1 d: the day "
            "after its first."
        )

    def clock(self, at: int | None, seconds: bool = True) -> str:
        """``10:42:30``, ``00:13:20 +1 d`` on the day after the session's first; a dash for none."""
        if at is None:
            return DASH
        if self.dateless:
            return instant.format(at, relative=True)
        moment, first = (instant.to_datetime(each, timezone(self.offset)) for each in (at, self.start))
        clock = moment.strftime("%H:%M:%S" if seconds else "%H:%M")
        days = (moment.date() - first.date()).days
        return f"{clock} {days:+d} d" if days else clock

    def at(self, at: int | None) -> str:
        """``10:42:30 (+31 min)``."""
        if at is None or self.t0 is None:
            return self.clock(at)
        return f"{self.clock(at)} ({self.minutes(at)} min)"

    def minutes(self, at: int) -> str:
        """Minutes from the start of the drug: ``+31``, ``-4.5``."""
        assert self.t0 is not None  # whoever asks has one
        return f"{(at - self.t0) / instant.MINUTE:+.1f}".removesuffix(".0")

    def dated(self, at: int | None) -> str:
        """``2026-03-01 10:42:30 +01:00``."""
        if at is None:
            return DASH
        if self.dateless:
            return instant.format(at, relative=True)
        return f"{instant.to_datetime(at, timezone(self.offset)):%Y-%m-%d %H:%M:%S} {self.offset_text}"

    def wall(self, at: int) -> str:
        """An instant of the wall clock (when something was entered or acknowledged), which in a replay is another one
        than the recording's: with its date, and with its offset where that is not the session's."""
        offset = instant.to_datetime(at, instant.zone_named(self.zone)).utcoffset() or timedelta()
        moment = instant.to_datetime(at, timezone(offset))
        is_same = not self.dateless and offset == self.offset
        return moment.replace(tzinfo=None if is_same else moment.tzinfo).isoformat(sep=" ", timespec="seconds")
