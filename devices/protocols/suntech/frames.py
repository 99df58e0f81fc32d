"""Frames of a SunTech board: ``3A command.. check`` from the host, ``3E length .. check`` from the board.

The length counts the whole frame, and all its bytes sum to 0 modulo 256 (sheet of other pressure monitors, section C).
"""

from __future__ import annotations

import struct

from msgspec import Struct

from devices.protocols.framing import Bad, Look

HOST, BOARD = 0x3A, 0x3E
LONGEST = 67
_SHORTEST = 4

LETTER, PRESSURE, RESULT = 4, 5, 24
"""Lengths of the answers that are known: a letter, the cuff's pressure, the last result."""

_RESULT = struct.Struct("<HHBB8xHHB")
_RATE_LARGEST = 300


def checked(content: bytes) -> bytes:
    """`content` with its check byte."""
    return content + bytes((-sum(content) & 0xFF,))


def answer(data: bytes) -> bytes:
    """A whole frame of the board that holds `data`."""
    return checked(bytes((BOARD, len(data) + 3)) + data)


GET_PRESSURE = checked(b"\x3a\x79\x05\x00")
GET_RESULT = checked(b"\x3a\x79\x03\x00")
START = checked(b"\x3a\x20")
ABORT = checked(b"\x3a\x79\x01\x00")

_HOST_FRAMES = (GET_PRESSURE, GET_RESULT, START, ABORT)


def examine(held: bytes, place: int) -> int | Look | Bad:
    """What begins at `place`, for `devices.protocols.framing.Scanner`; requests in the bytes are frames as well."""
    there = len(held) - place
    if held[place] == HOST:
        for request in _HOST_FRAMES:
            if held.startswith(request, place):
                return len(request)
            if there < len(request) and request.startswith(held[place:]):
                return Look.WAIT
        return Look.NOTHING
    if held[place] != BOARD:
        return Look.NOTHING
    if there < 2:
        return Look.WAIT
    length = held[place + 1]
    if not _SHORTEST <= length <= LONGEST:
        return Look.NOTHING
    if there < length:
        return Look.WAIT
    if sum(held[place : place + length]) & 0xFF:
        return Bad(length, "checksum")
    return length


def pressure(frame: bytes) -> int:
    """The cuff's pressure in mmHg, little endian; below 0 where the board has none."""
    value: int = struct.unpack_from("<h", frame, 2)[0]
    return value


class Result(Struct, frozen=True):
    """The last result: sys, dia, mean in mmHg, rate in /min, all 0 where there is none; `error`: 0 if it is good."""

    sys: int
    dia: int
    mean: int
    rate: int
    beats: int
    status: int
    error: int

    @property
    def is_empty(self) -> bool:
        return not (self.sys or self.dia or self.error)


def result(frame: bytes) -> Result:
    """The fields of a frame of 24 bytes."""
    sys, dia, beats, status, rate, mean, error = _RESULT.unpack_from(frame, 2)
    # The byte after the rate is its high one by two sources and spare by another.
    return Result(sys, dia, mean, rate if rate <= _RATE_LARGEST else rate & 0xFF, beats, status, error)
