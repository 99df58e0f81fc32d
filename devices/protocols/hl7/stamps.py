"""Times as HL7 writes them, with and without a zone (HL7 sheet, section 4: ``YYYYMMDD[HH[MM[SS[.ffff]]]][+ZZZZ]``)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from devices import instant
from devices.instant import HOUR, MINUTE, SECOND

_EPOCH = date(1970, 1, 1).toordinal()
_STAMP = re.compile(
    r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:[.,](\d{1,6})\d*)?(?:([+-])(\d\d):?(\d\d)|(Z))?$", re.ASCII
)
_made = tuple.__new__
_SECONDS = {f"{second:02d}": second * SECOND for second in range(60)}


class Stamp(NamedTuple):
    """A time as written.

    Attributes:
        local: microseconds since 1970 on the clock that wrote it. offset: of that clock from UTC, microseconds; None
            where it is not said. instant: the two together, None without an offset.
    """

    local: int
    offset: int | None
    instant: int | None


class Stamps:
    """Reads times. Their minute, and what follows their seconds, are nearly always those of the time before."""

    def __init__(self) -> None:
        self._minute = ""
        self._tail = ""
        self._begin = Stamp(0, None, None)

    def parse(self, text: str) -> Stamp | None:
        """As the function `parse`."""
        passed = _SECONDS.get(text[12:14])
        if passed is not None and text[:12] == self._minute and text[14:] == self._tail:
            local, offset, begin = self._begin
            # Not `Stamp(...)`, which takes three times as long: every message has a time of its own.
            return _made(Stamp, (local + passed, offset, None if begin is None else begin + passed))
        stamp = parse(text)
        if stamp is not None and passed is not None and text[:12].isdecimal():
            # Of a time with seconds the text is the minute, two digits, and what follows.
            self._minute, self._tail = text[:12], text[14:]
            self._begin = _stamp(stamp.local - passed, stamp.offset)
        return stamp


def parse(text: str) -> Stamp | None:
    """The time written in `text`; None if there is none, it does not exist, or it is not exact to the minute."""
    found = _STAMP.match(text.strip())
    if found is None:
        return None
    year, month, day, hours, minutes, seconds, fraction, sign, zone_hours, zone_minutes, utc = found.groups()
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH
    except ValueError:
        return None
    hour, minute, second = int(hours), int(minutes), int(seconds or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    local = days * 24 * HOUR + hour * HOUR + minute * MINUTE + second * SECOND
    if fraction:
        local += int((fraction + "00000")[:6])
    if utc:
        return _stamp(local, 0)
    if sign is None:
        return _stamp(local, None)
    offset = int(zone_hours) * HOUR + int(zone_minutes) * MINUTE
    return _stamp(local, -offset if sign == "-" else offset)


def _stamp(local: int, offset: int | None) -> Stamp:
    return Stamp(local, offset, None if offset is None else local - offset)


def resolve(stamp: Stamp, zone: tzinfo, near: int | None = None) -> int:
    """The instant of `stamp`, read in `zone` if it carries no offset.

    An hour that comes twice there: the reading nearest to `near`, the first if that is None. One that the zone skips
    is read as if the clock had not been put forward yet.
    """
    if stamp.instant is not None:
        return stamp.instant
    if zone is UTC:
        return stamp.local
    moment = datetime(1970, 1, 1) + timedelta(microseconds=stamp.local)  # noqa: DTZ001 - local time of `zone`
    first, second = (instant.from_datetime(moment.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if near is None or second <= first:
        return first
    return min(first, second, key=lambda each: abs(each - near))
