"""Frames of the AA 55 protocol: ``AA 55 TOKEN LEN TYPE data.. CRC``, made, found and opened (PC-300 sheet, section 2).

LEN counts the bytes after it, the CRC included; the CRC covers everything before it.
"""

from __future__ import annotations

from msgspec import Struct

from devices.protocols.framing import Bad, Look

MARK = b"\xaa\x55"
_HEAD = 4
_SHORTEST, _LONGEST = 2, 64
"""LEN as it may be: TYPE and CRC at least; an ECG block has 55."""

LONGEST = _HEAD + _LONGEST


def _crc_table() -> bytes:
    table = bytearray(256)
    for value in range(256):
        crc = value
        for _ in range(8):
            crc = (crc >> 1) ^ 0x8C if crc & 1 else crc >> 1
        table[value] = crc
    return bytes(table)


_TABLE = _crc_table()


def crc8(data: bytes | bytearray) -> int:
    """CRC-8 in its "MAXIM" form: reflected, polynomial 0x8C, initial value 0."""
    crc = 0
    for byte in data:
        crc = _TABLE[crc ^ byte]
    return crc


def encode(token: int, kind: int, data: bytes = b"") -> bytes:
    """A whole frame, CRC included."""
    frame = MARK + bytes((token, len(data) + 2, kind)) + data
    return frame + bytes((crc8(frame),))


def examine(held: bytes, place: int) -> int | Look | Bad:
    """What begins at `place`, where the mark stands: for `devices.protocols.framing.Scanner`."""
    there = len(held) - place
    if there < _HEAD:
        return Look.WAIT
    length = held[place + 3]
    if not _SHORTEST <= length <= _LONGEST:
        return Look.NOTHING
    whole = _HEAD + length
    if there < whole:
        return Look.WAIT
    if crc8(held[place : place + whole - 1]) != held[place + whole - 1]:
        return Bad(whole, "checksum")
    return whole


class Message(Struct, frozen=True):
    """A whole, verified frame. `data`: what stands between TYPE and CRC."""

    token: int
    kind: int
    data: bytes
    raw: bytes


def opened(frame: bytes) -> Message:
    """The message in a frame that `examine` found whole."""
    return Message(frame[2], frame[4], frame[5:-1], frame)
