"""Lines of a Masimo oximeter, read by key (text oximeters sheet, section B)."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct

STAMP = re.compile(rb"\d\d/\d\d/\d\d \d\d:\d\d:\d\d")
_LINE = re.compile(rb"(\d\d)/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)((?: +[\x21-\x7e]+)*) *")
_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9]{0,11})=(\S{1,40})", re.ASCII)
_NUMBER = re.compile(r"(?:(\d{3})|-+)%?", re.ASCII)
_MASK = re.compile(r"([0-9A-Fa-f]{3,16})(?::\S*)?", re.ASCII)

HIGHEST_SPO2, HIGHEST_PULSE = 100, 300


class BadLine(ValueError):
    """A line that is refused. The message is the reason under which it is counted."""


class Line(Struct, frozen=True):
    """One line.

    Attributes:
        written: the monitor's own local time.
        spo2, pulse: None for dashes.
        exceptions: the mask EXC, None if the line has none.
        fields: every field as it stands, by its key in capitals.
        is_trend: a line from the monitor's memory, which names its fields otherwise (``SpO2=``, ``PR=``).
    """

    written: datetime
    spo2: int | None
    pulse: int | None
    exceptions: int | None
    fields: dict[str, str]
    is_trend: bool


def read(line: bytes) -> Line:
    """A line that begins with its date. Without a checksum its shape must be exact.

    Raises:
        BadLine: another shape, a date that does not exist, a key that comes twice, SpO2 or the pulse rate missing or
            not three digits or dashes, a number that no oximeter shows.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise BadLine("not the form of a line")
    month, day, year, hour, minute, second = (int(text) for text in found.groups()[:6])
    try:
        written = datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001 - local time of some zone
    except ValueError:
        raise BadLine("a date that does not exist") from None
    fields: dict[str, str] = {}
    for text in found[7].decode("ascii").split():
        pair = _PAIR.fullmatch(text)
        if pair is None:
            raise BadLine("not the form of a line")
        if pair[1].upper() in fields:
            raise BadLine("a field that comes twice")
        fields[pair[1].upper()] = pair[2]
    is_trend = "BPM" not in fields and "PR" in fields
    spo2, pulse = _number(fields, "SPO2"), _number(fields, "PR" if is_trend else "BPM")
    if (spo2 or 0) > HIGHEST_SPO2 or (pulse or 0) > HIGHEST_PULSE:
        raise BadLine("a number no oximeter shows")
    return Line(written, spo2, pulse, _mask(fields), fields, is_trend)


def _number(fields: dict[str, str], key: str) -> int | None:
    found = _NUMBER.fullmatch(fields.get(key, ""))
    if found is None:
        raise BadLine(f"no {key} in three digits or dashes")
    return None if found[1] is None else int(found[1])


def _mask(fields: dict[str, str]) -> int | None:
    if "EXC" not in fields:
        return None
    found = _MASK.fullmatch(fields["EXC"])
    if found is None:
        raise BadLine("EXC is no mask")
    return int(found[1], 16)
