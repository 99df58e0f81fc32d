"""Text lines such as ``SPO2=098 HR=074`` (text oximeters sheet, A1)."""

from __future__ import annotations

import re

from msgspec import Struct

START = re.compile(rb"(?:\d\d:\d\d:\d\d +)?SPO2=", re.IGNORECASE)
_LINE = re.compile(rb"(?:\d\d:\d\d:\d\d +)?SPO2=(\d{3}|---) +HR=(\d{3}|---)([ A-Za-z*]{0,12})", re.IGNORECASE)
_MARKS = frozenset("FB*")
"""F: fast averaging; B: a breath (9847); an asterisk: the event button, on some models an alarm."""

HIGHEST_SPO2, HIGHEST_PULSE = 100, 511


class TextLine(Struct, frozen=True):
    """One line. Numbers None for ``---``; `is_marked`: it ends with an asterisk; `strange`: marks not known."""

    spo2: int | None
    pulse: int | None
    is_marked: bool
    strange: str


def read(line: bytes) -> TextLine | None:
    """A line that begins as START says, None if it is not exactly of that form: nothing else guards it."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    spo2, pulse = (int(text) if text.isdigit() else None for text in found.groups()[:2])
    if (spo2 or 0) > HIGHEST_SPO2 or (pulse or 0) > HIGHEST_PULSE:
        return None
    marks = found[3].decode("ascii").replace(" ", "").upper()
    return TextLine(spo2, pulse, "*" in marks, "".join(sorted(set(marks) - _MARKS)))


def stands_at_end(data: bytes) -> bool:
    """Whether `data` ends with a whole line and the end of it."""
    if data[-1] not in b"\r\n":
        return False
    body = data[-64:].rstrip(b"\r\n")
    starts = list(START.finditer(body))
    return bool(starts) and read(body[starts[-1].start() :]) is not None
