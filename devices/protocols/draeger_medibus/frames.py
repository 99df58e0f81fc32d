"""MEDIBUS frames: commands and responses in ASCII with a sum, one within the other (MEDIBUS sheet, section 3).

A command begins with ESC, a response with SOH; both end with two hexadecimal digits, the sum of all bytes before
them, and CR. A whole command may stand in the middle of a response. Bytes from 80H on are real-time data and may
stand anywhere: they are left out before anything else is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum

from msgspec import Struct

from devices.protocols.framing import JUNK_MOST, RAW_KEPT, Refused, Skipped

ESC, SOH, CR = b"\x1b", b"\x01", b"\r"
SUSPEND, RESUME, ABORT = b"\x11", b"\x13", b"\x18"
"""Flow control, the opposite of what the usual XON and XOFF mean."""

LONGEST = {ESC: 256, SOH: 3_850}
"""Bytes of the longest command (251 of argument) and response (3845), with some slack."""

_REAL_TIME = bytes(range(0x80, 0x100))
_MARKS = re.compile(rb"[\x01\x1b\r\x11\x13\x18]")


class Code(IntEnum):
    """What is asked for, and what a response echoes."""

    NAK = 0x15
    ALARMS_3 = 0x23
    DATA_1 = 0x24
    LOW_LIMITS_1 = 0x25
    HIGH_LIMITS_1 = 0x26
    ALARMS_1 = 0x27
    CLOCK = 0x28
    SETTINGS = 0x29
    TEXTS = 0x2A
    DATA_2 = 0x2B
    LOW_LIMITS_2 = 0x2C
    HIGH_LIMITS_2 = 0x2D
    ALARMS_2 = 0x2E
    NOP = 0x30
    TIME_CHANGED = 0x49
    CONFIGURE = 0x4A
    ICC = 0x51
    IDENTIFY = 0x52
    CURVES = 0x53
    CHOOSE_CURVES = 0x54
    STOP = 0x55
    CURVES_LATER = 0x56
    TREND_STATE = 0x6C
    TREND = 0x6D


class Message(Struct, frozen=True):
    """A whole frame whose sum is right. `raw` is all of it, without real-time bytes."""

    is_command: bool
    code: int
    data: bytes
    raw: bytes


class Flow(Struct, frozen=True):
    """SUSPEND, RESUME or ABORT."""

    byte: bytes


Piece = Message | Refused | Skipped | Flow


def command(code: int, argument: bytes = b"") -> bytes:
    return _frame(ESC, code, argument)


def response(code: int, data: bytes = b"") -> bytes:
    return _frame(SOH, code, data)


def _frame(start: bytes, code: int, data: bytes) -> bytes:
    body = start + bytes([code]) + data
    return body + checksum(body) + CR


def without_real_time(data: bytes) -> bytes:
    """`data` without the bytes that belong to curves."""
    return data.translate(None, _REAL_TIME)


def checksum(body: bytes) -> bytes:
    """The two digits that follow `body`."""
    return b"%02X" % (sum(body) & 0xFF)


class Framer:
    """Cuts bytes into messages; the same for any pieces they come in."""

    def __init__(self) -> None:
        self._open: dict[bytes, bytearray] = {}  # by start: the response being read, the command within it
        self._junk = bytearray()
        self._junk_count = 0

    def feed(self, data: bytes) -> Iterator[Piece]:
        """What is complete with `data`. The iterator must be used up before the next call."""
        data = without_real_time(data)
        place = 0
        for found in _MARKS.finditer(data):
            yield from self._text(data[place : found.start()])
            place = found.end()
            yield from self._mark(found[0])
        yield from self._text(data[place:])

    def end(self) -> Iterator[Piece]:
        """What is left when no more bytes come."""
        for start in (SOH, ESC):
            if start in self._open:
                yield Refused(bytes(self._open.pop(start))[:RAW_KEPT], "cut at the end")
        yield from self._tell_junk()

    def clear(self) -> None:
        """Forgets what is half read."""
        self._open.clear()
        self._junk.clear()
        self._junk_count = 0

    def _mark(self, mark: bytes) -> Iterator[Piece]:
        if mark in (SUSPEND, RESUME, ABORT):
            yield Flow(mark)
        elif mark == CR:
            start = ESC if ESC in self._open else SOH
            if start in self._open:
                yield _checked(bytes(self._open.pop(start)))
            else:
                yield from self._tell_junk()
        else:
            # A response ends all that is open: what came before it was cut. A command may stand within a response.
            for other in (ESC, SOH) if mark == SOH else (ESC,):
                if other in self._open:
                    yield Refused(bytes(self._open.pop(other))[:RAW_KEPT], "cut short")
            yield from self._tell_junk()
            self._open[mark] = bytearray(mark)

    def _text(self, text: bytes) -> Iterator[Piece]:
        while text:
            start = ESC if ESC in self._open else SOH
            if start not in self._open:
                yield from self._skip(text)
                return
            frame = self._open[start]
            room = LONGEST[start] - len(frame)
            frame += text[:room]
            text = text[room:]
            if text:
                yield Refused(bytes(self._open.pop(start))[:RAW_KEPT], "too long")

    def _skip(self, text: bytes) -> Iterator[Piece]:
        while text:
            taken = text[: JUNK_MOST - self._junk_count]
            text = text[len(taken) :]
            self._junk += taken[: max(0, RAW_KEPT - len(self._junk))]
            self._junk_count += len(taken)
            if self._junk_count == JUNK_MOST:
                yield from self._tell_junk()

    def _tell_junk(self) -> Iterator[Piece]:
        if self._junk_count:
            yield Skipped(bytes(self._junk), self._junk_count)
            self._junk.clear()
            self._junk_count = 0


def _checked(frame: bytes) -> Message | Refused:
    body, given = frame[:-2], frame[-2:]
    if len(body) < 2:
        return Refused(frame, "too short")
    if checksum(body) != given:
        return Refused(frame[:RAW_KEPT], "checksum")
    return Message(frame.startswith(ESC), body[1], body[2:], frame + CR)
