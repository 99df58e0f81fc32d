"""DINAMAP / CARESCAPE V100 text frames: ``<SP> C1 C2 arguments K1 K2 <CR>`` and their fields (DINAMAP sheet, 2 to 4).

Numbers are right-aligned decimal digits with leading zeros. The checksum is a plain sum: swapped characters keep it,
so lengths are fixed per header and every value is range-checked as well.
"""

from __future__ import annotations

import re

from msgspec import Struct

LENGTHS = {"NA": 21, "NF": 21, "RA": 9, "RC": 9, "OA": 12, "TC": 18}
"""Characters of each reply before its CR, checksum included."""

REQUESTS = ("NA", "NF", "NC0", "ND", "RA", "RC", "OA", "TC")

_START = re.compile(r" [A-Z][A-Z]")


def checksum(text: str) -> str:
    """The two checksum characters of `text`, which begins with the leading space."""
    total = 0
    for character in text:
        total += ord(character) - 0x1F
        if total > 0xFFF:
            total -= 0xFFF
    return chr(0x20 + (total >> 6)) + chr(0x20 + (total & 0x3F))


def encode(item: str) -> bytes:
    """The frame of a request or reply such as ``NA`` or ``RA2074``, CR included."""
    text = f" {item}"
    return (text + checksum(text)).encode("ascii") + b"\r"


class BadFrame(ValueError):
    """A line that is no frame. The message is the reason under which it is counted."""


class Frame(Struct, frozen=True):
    """A verified frame. `before`: what stood before it on its line."""

    header: str
    arguments: str
    before: str


def decode(line: bytes) -> Frame:
    """The frame in one line (without its CR).

    Line feeds and control bytes are dropped, and what stands before the last space-letter-letter too: the line may
    have begun with the rest of another.

    Raises:
        BadFrame: no frame begins in it, or its length or checksum is wrong.
    """
    text = bytes(byte for byte in line if byte >= 0x20 and byte != 0x7F).decode("latin-1")
    starts = [match.start() for match in _START.finditer(text)]
    if not starts:
        raise BadFrame("no frame")
    # An argument may end in a space before two letters of a checksum: then an earlier start is the right one.
    reasons = [_fault(text[start:]) for start in starts]
    good = [start for start, reason in zip(starts, reasons, strict=True) if not reason]
    if not good:
        raise BadFrame(reasons[-1])
    frame = text[good[-1] :]
    return Frame(frame[1:3], frame[3:-2], text[: good[-1]])


def is_frame(line: bytes) -> bool:
    """Whether `decode` finds a frame in `line`."""
    try:
        decode(line)
    except BadFrame:
        return False
    return True


def _fault(text: str) -> str:
    """Why `text` is no frame, "" if it is one."""
    expected = LENGTHS.get(text[1:3])
    if len(text) < 5 or (expected is not None and len(text) != expected and text[1:-2] not in REQUESTS):
        return "length"
    if any(not " " <= character <= "~" for character in text) or checksum(text[:-2]) != text[-2:]:
        return "checksum"
    return ""


class Pressure(Struct, frozen=True):
    """An NA or NF reply. `age`: seconds, None without a recent determination; sys, dia, mean: mmHg, None if 000."""

    status: int
    age: int | None
    sys: int | None
    dia: int | None
    mean: int | None


def pressure(arguments: str) -> Pressure:
    """Raises BadFrame if a field is not a number."""
    if not arguments.isdigit():
        raise BadFrame("not a number")
    age = int(arguments[3:7])
    sys, dia, mean = (int(arguments[at : at + 3]) or None for at in (7, 10, 13))
    return Pressure(int(arguments[0]), age if age <= 5400 else None, sys, dia, mean)


class Rate(Struct, frozen=True):
    """An RA or RC reply. `source`: 0 none, 2 oximeter, 3 cuff; `value`: /min, None where the text is no number."""

    source: str
    value: int | None


def rate(arguments: str) -> Rate:
    text = arguments[1:4]
    return Rate(arguments[0], int(text) if text.isdigit() else None)


class Saturation(Struct, frozen=True):
    """An OA reply. `state`: 0 standby, 1 valid, 3 no data, 6 unplugged; `value`: %; `strength`: 0 to 9."""

    state: str
    value: int | None
    strength: str


def saturation(arguments: str) -> Saturation:
    text = arguments[1:4]
    return Saturation(arguments[0], int(text) if text.isdigit() else None, arguments[4])


class Temperature(Struct, frozen=True):
    """A TC reply. `counter`: steps at each determination; `age`: seconds or None; `celsius`: degC or None."""

    state: str
    predictive: bool
    counter: str
    age: int | None
    celsius: float | None


def temperature(arguments: str) -> Temperature:
    """Raises BadFrame if a field is not a number."""
    age, tenths = arguments[3:8], arguments[8:12]
    if not (age.isdigit() and tenths.isdigit()):
        raise BadFrame("not a number")
    celsius = (int(tenths) - 320) / 18 if int(tenths) else None
    return Temperature(arguments[0], arguments[1] == "0", arguments[2], int(age) if int(age) < 99999 else None, celsius)
