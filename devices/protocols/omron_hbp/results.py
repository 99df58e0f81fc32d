"""What one line or block of an arm-in cuff says (other devices sheet, section B), by its strict shape alone.

Omron HBP-9030 format 5: ``YYYY,MM,DD,hh,mm,<20 characters>,E,SSS,DDD,PPP,M``; HBP-9020 mode 5 F3: ``bp,<20
characters>,YYYY/MM/DD,hh:mm,SSS,MMM,DDD,PPP,n``, the mean before the diastolic. Terumo BP-500: STX ``R1,...`` ETX
and the sum of all bytes before it (inferred); A&D TM-2657P: STX ... ETX with fields parted by 1E.
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, datetime

from msgspec import Struct

from devices.protocols.omron_hbp.frames import ETX, STX

FORMAT_5 = 53
"""Characters of a line of the HBP-9030 before its end."""

_ID = rb"([ -+\--~]{20})"
_THREE = rb"(\d{3}| {3})"
_HBP_9030 = re.compile(
    rb"(\d{4}),(\d\d),(\d\d),(\d\d),(\d\d)," + _ID + rb",(\d)," + _THREE + b"," + _THREE + b"," + _THREE + rb",(\d)"
)
_HBP_9020 = re.compile(
    rb"bp," + _ID + rb",(\d{4})/(\d\d)/(\d\d),(\d\d):(\d\d),"
    + _THREE + b"," + _THREE + b"," + _THREE + b"," + _THREE + rb",(\d{1,2})"
)  # fmt: skip
_TERUMO = re.compile(
    rb"\x02R1,([ -+\--~]{1,20}),(\d\d)(\d\d)(\d\d),(\d\d)(\d\d)(\d\d),"
    + _THREE + b"," + _THREE + b"," + _THREE + b"," + _THREE + rb"(?:,[ -~]*)?\x03(.)",
    re.DOTALL,
)  # fmt: skip
_AND = re.compile(rb" *([SDP]) *(\d{1,3}) *")
_AND_PLACES = (5, 7, 8)
Numbers = tuple[int | None, int | None, int | None, int | None]
"""Systolic, diastolic, mean, pulse."""

_OTHER_FORMAT = re.compile(rb"MMBP203N|ID\d")


class BadResult(Exception):
    """No line or block of a known shape. The message is the reason, a few words."""


class Result(Struct, frozen=True):
    """One measurement.

    Attributes:
        model: the device whose shape it has.
        clock: the device's local time, None if it sends none or was never set. `exact`: to the second, else the minute.
        subject: the subject's number as sent, patient data; b"" if there is none.
        error: the device's error code, "" if it succeeded.
        sys, dia, mean: mmHg; pulse: /min; None where not sent.
        movements: how often the subject moved.
        check: of a block: whether the byte after it is the sum of the block; None without such a byte.
    """

    model: str
    clock: datetime | None
    exact: bool
    subject: bytes
    error: str
    sys: int | None
    dia: int | None
    mean: int | None
    pulse: int | None
    movements: int = 0
    check: bool | None = None


def read(data: bytes) -> tuple[bytes, Result]:
    """The result at the end of a line or block, and what stands before it (noise, or a line whose end was lost).

    Raises:
        BadResult: there is none.
    """
    starts = [0]
    if not data.startswith(STX):
        starts += [len(data) - FORMAT_5, data.rfind(b"bp,")]
    elif not data[:-1].endswith(ETX):
        starts += [len(data) - FORMAT_5, data.rfind(b"bp,"), 1]
    reasons = []
    for start in starts:
        if start < 0:
            continue
        try:
            return data[:start], _whole(data[start:])
        except BadResult as error:
            reasons.append(str(error))
    raise BadResult(reasons[0])


def _whole(data: bytes) -> Result:
    if data.startswith(STX):
        return _terumo(data) if data.startswith(b"\x02R") else _and(data)
    if match := _HBP_9030.fullmatch(data):
        *date, subject, error, sys, dia, pulse, movements = match.groups()
        numbers: Numbers = (_number(sys), _number(dia), None, _number(pulse))
        return _result("HBP-9030", date, subject, "" if error == b"0" else error.decode(), numbers, int(movements))
    if match := _HBP_9020.fullmatch(data):
        subject, *date, sys, mean, dia, pulse, movements = match.groups()
        numbers = (_number(sys), _number(dia), _number(mean), _number(pulse))
        return _result("HBP-9020", date, subject, _failure(numbers), numbers, int(movements))
    if _OTHER_FORMAT.match(data):
        raise BadResult("another output format: set item 32 to 5")
    raise BadResult("no line of this protocol")


def _terumo(data: bytes) -> Result:
    match = _TERUMO.fullmatch(data)
    if not match:
        raise BadResult("no block of this protocol")
    subject, *date, sys, mean, dia, pulse, check = match.groups()
    numbers = (_number(sys), _number(dia), _number(mean), _number(pulse))
    date[0] = b"20" + date[0]
    right = sum(data[:-1]) & 0xFF == check[0]
    return _result("BP-500", date, subject, _failure(numbers), numbers, check=right)


def _and(data: bytes) -> Result:
    fields = data[1:-2].split(b"\x1e")
    found = [_AND.fullmatch(fields[place]) if place < len(fields) else None for place in _AND_PLACES]
    if b"".join(match[1] for match in found if match) != b"SDP":
        raise BadResult("no block of this protocol")
    sys, dia, pulse = (int(match[2]) for match in found if match)
    numbers = (sys, dia, None, pulse)
    return _result("TM-2657P", [], b"", _failure(numbers), numbers)


def _result(
    model: str, date: list[bytes], subject: bytes, error: str,
    numbers: tuple[int | None, int | None, int | None, int | None], movements: int = 0, check: bool | None = None,
) -> Result:  # fmt: skip
    """Raises BadResult for a date that is none, and for a success without pressures."""
    sys, dia, mean, pulse = numbers
    if not error and (sys is None or dia is None):
        raise BadResult("a result without values")
    parts = [int(part) for part in date]
    clock = None
    # Before it is ever set, a clock shows zeros.
    if any(parts):
        if not MINYEAR < parts[0] < MAXYEAR:
            raise BadResult("date")  # not every zone has all of these years, and no device means them
        try:
            clock = datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - the device's local time
        except ValueError:
            raise BadResult("date") from None
    return Result(model, clock, len(parts) == 6, subject.strip(b" "), error, sys, dia, mean, pulse, movements, check)


def _number(text: bytes) -> int | None:
    return int(text) if text.strip() else None


def _failure(numbers: Numbers) -> str:
    """The error of a device that sends no error digit: no pressure at all."""
    return "" if numbers[0] or numbers[1] else "no values"
