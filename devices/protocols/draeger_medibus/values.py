"""What the data of a MEDIBUS response mean (MEDIBUS sheet, sections 4 to 6).

Code page 1 only: the same codes mean other things in page 2. Those of heart rate, cuff, arterial line and
temperatures, and those of alarms, rest on the MEDIBUS.X lists of one family of public programs.
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, datetime

from msgspec import Struct

SPO2, PULSE, HEART = 0xEB, 0xE1, 0xDC
NIBP_CODES = (0x96, 0x8C, 0x91)
"""Systolic, diastolic, mean."""
NIBP_AGE = 0x92
"""Minutes since the last cuff measurement."""

MEASURED: dict[int, tuple[str, str]] = {
    HEART: ("HR", "hr"),
    PULSE: ("PR", "spo2.pr"),
    0xDF: ("PR", "derived.pr"),
    SPO2: ("SPO2", "spo2"),
    0xD2: ("ABP_SYS", "art"),
    0xC8: ("ABP_DIA", "art"),
    0xCD: ("ABP_MEAN", "art"),
    0xD6: ("RR", "rr"),
    0xC3: ("TEMP", "t1"),
    0xBE: ("TEMP", "t2"),
}
"""The signal of each code of page 1, and its own name."""

WANTED = (*MEASURED, *NIBP_CODES, NIBP_AGE)


def _codes(text: str) -> frozenset[int]:
    """Codes and ranges of codes, such as ``50-66 68``."""
    parts = [part.partition("-")[::2] for part in text.split()]
    return frozenset(code for first, last in parts for code in range(int(first, 16), int(last or first, 16) + 1))


NOT_USED = _codes(
    "00-01 03-0B 0D-12 16 19-1F 21-28 2A-39 3C 50-66 68-69 6A-6F 71-74 76 78-7F 81-86 88-8B 8D 9B-A3 A5-A7 AB-B9 BD"
    " C0-C2 C4-C7 C9 D0 D5 D7 D9-DB DD-DE E2-EA EC-F9 FA-FC FF"
)
"""Codes of ventilation, gases, other pressures and derived figures: known, and no signal of ours."""

DEVICES = {
    "8210": "Evita",
    "8200": "Evita 2",
    "8088": "Fabius GS",
    "8230": "Evita 2 dura",
    "8240": "Evita 4",
    "8260": "Evita XL",
}

_ALARMS: dict[tuple[int, int], tuple[str, str]] = {
    (1, 0x01): ("signal-poor", "SPO2"),
    (1, 0x35): ("probe-off", "SPO2"),
    **{(1, code): ("lead-off", "HR") for code in (0x4F, 0x50, 0x51, 0x92, 0xD0)},
    **{(1, code): ("cuff-failed", "NIBP") for code in (0x49, 0x4A)},
    **{(2, code): ("cuff-failed", "NIBP") for code in (0x01, 0x03, 0x07, 0x0B)},
}

_RECORD = 6
_ALARM = 15
_NUMBER = re.compile(r"[+-]?\d{0,4}\.?\d{1,4}", re.ASCII)
_IDENTITY = re.compile(r"([0-9A-Z]{4})'([^']*)'(\d\d\.\d\d):(\d\d\.\d\d)", re.ASCII)
_CLOCK = re.compile(
    r" *(\d{1,2}): *(\d{1,2})(?:: *(\d{1,2}))? *(\d{1,2})-([A-Z]{3})-(\d{2}|\d{4}) *", re.ASCII | re.IGNORECASE
)
_MONTHS = {
    "JAN": 1, "FEB": 2, "MAR": 3, "MRZ": 3, "MAE": 3, "APR": 4, "MAI": 5, "MAY": 5, "JUN": 6, "JUL": 7, "AUG": 8,
    "SEP": 9, "OKT": 10, "OCT": 10, "NOV": 11, "DEZ": 12, "DEC": 12,
}  # fmt: skip
_CENTURY_TURN = 70


class BadData(Exception):
    """A response whose data have not the shape of its kind. The message is the reason, a few words."""


class Alarm(Struct, frozen=True):
    """An alarm of a code page; `kind` and `signal` as a Notice has them; `phrase` is the device's own."""

    page: int
    code: int
    priority: int
    phrase: str

    @property
    def kind(self) -> str:
        return _ALARMS.get((self.page, self.code), ("device-event", ""))[0]

    @property
    def signal(self) -> str:
        return _ALARMS.get((self.page, self.code), ("", ""))[1]


def records(data: bytes) -> list[tuple[int, str]]:
    """Code and text of each measured value. Raises BadData."""
    if len(data) % _RECORD:
        raise BadData("length")
    text = data.decode("latin-1")
    return [(_code(text[at : at + 2]), text[at + 2 : at + _RECORD]) for at in range(0, len(text), _RECORD)]


def number(text: str) -> float | None:
    """The value in four characters padded with spaces on either side, or behind its sign; None if it is none."""
    text = text.strip(" ")
    if text[:1] in ("+", "-"):
        text = text[0] + text[1:].lstrip(" ")
    return float(text) if _NUMBER.fullmatch(text) else None


def alarms(data: bytes, page: int) -> list[Alarm]:
    """The alarms that are on. Raises BadData."""
    if len(data) % _ALARM:
        raise BadData("length")
    text = data.decode("latin-1")
    parts = [text[at : at + _ALARM] for at in range(0, len(text), _ALARM)]
    return [Alarm(page, _code(part[1:3]), ord(part[0]) - 0x30, part[3:].strip()) for part in parts]


def texts(data: bytes) -> list[tuple[int, str]]:
    """Code and words of each text message. Raises BadData."""
    text, place, found = data.decode("latin-1"), 0, []
    while place < len(text):
        length = ord(text[place + 2]) - 0x30 if place + 2 < len(text) else -1
        end = place + 3 + length
        if length < 0 or text[end : end + 1] != "\x03":
            raise BadData("length")
        found.append((_code(text[place : place + 2]), text[place + 3 : end].strip()))
        place = end + 1
    return found


def clock(data: bytes) -> datetime:
    """The device's local date and time; the month in German or English, the seconds may be absent. Raises BadData."""
    match = _CLOCK.fullmatch(data.decode("latin-1"))
    if not match or match[5].upper() not in _MONTHS:
        raise BadData("date")
    hour, minute, second, day, year = (int(match[group] or 0) for group in (1, 2, 3, 4, 6))
    if len(match[6]) == 2:
        year += 1900 if year >= _CENTURY_TURN else 2000
    if not MINYEAR < year < MAXYEAR:
        raise BadData("date")  # not every zone has all of these years, and no device means them
    try:
        return datetime(year, _MONTHS[match[5].upper()], day, hour, minute, second)  # noqa: DTZ001 - local time
    except ValueError:
        raise BadData("date") from None


def identity(data: bytes) -> str:
    """What a device says it is, in words; "" for an empty answer. Raises BadData."""
    if not data:
        return ""
    match = _IDENTITY.fullmatch(data.decode("latin-1"))
    if not match:
        raise BadData("identification")
    number, name, software, protocol = match.groups()
    model = DEVICES.get(number, "")
    named = (
        f"{name.strip() or model} ({number})" if not model or model == name.strip() else f"{name} ({model}, {number})"
    )
    return f"{named}, software {software}, MEDIBUS {protocol}"


def _code(text: str) -> int:
    if not re.fullmatch(r"[0-9A-Fa-f]{2}", text):
        raise BadData("code")
    return int(text, 16)
