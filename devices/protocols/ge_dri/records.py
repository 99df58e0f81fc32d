"""GE DRI records: the 40-byte header, its subrecords and the transmission request (GE DRI sheet, sections 3.1-3.3).

All integers are little-endian and packed. A record is what a frame carries between its flags, unescaped and
without the sum; `devices.protocols.ge_dri.frames` does that part.
"""

from __future__ import annotations

import struct

from msgspec import Struct

HEADER = 40
LARGEST = 1490
"""Header and at most 1450 bytes of data."""

PHYSIOLOGICAL = 0
MAIN_TYPES = {0: "physiological", 1: "waveform", 4: "alarm", 5: "network", 8: "event"}

REQUEST, DISPLAYED, TREND_10S, TREND_60S, AUXILIARY = range(5)
"""Types of a physiological record's subrecords; 0 is the request itself."""

END = 0xFF
"""The subrecord type that ends the list; what stands after it is garbage."""

SIZES = {REQUEST: 9, DISPLAYED: 278, TREND_10S: 278, TREND_60S: 278, AUXILIARY: 114}
"""Bytes of each subrecord type."""

BASIC, EXT1, EXT2, EXT3 = range(4)
"""Classes of a physiological subrecord: bits 8-11 of its last word."""

DENY_BASIC, WANT_EXT1, WANT_EXT2, WANT_EXT3 = 1, 2, 4, 8
"""Bits of a request's class field; the basic class is sent unless denied."""

_HEAD = struct.Struct("<hBBHIBBHh")
_ENTRY = struct.Struct("<hB")
_REQUEST = struct.Struct("<BhIh")
_CLASS_WORD = 276
_CLASS_DATA = 4


class Subrecord(Struct, frozen=True):
    """One subrecord: its type, and its bytes from its own first to its last."""

    type: int
    data: bytes

    @property
    def time(self) -> int:
        """Seconds since 1970 on the monitor's own clock; of displayed values and trends."""
        return int.from_bytes(self.data[:4], "little")

    @property
    def kind(self) -> int:
        """Which class the values are of: BASIC, EXT1, EXT2, EXT3, or a number nobody has described."""
        return self.data[_CLASS_WORD + 1] & 0x0F

    @property
    def values(self) -> bytes:
        """The 270 bytes of class data."""
        return self.data[_CLASS_DATA : _CLASS_DATA + 270]


class Record(Struct, frozen=True):
    """One record whose shape has been checked.

    Attributes:
        number: counts records modulo 256. level: the DRI level. time: seconds since 1970 on the monitor's clock.
        main_type: see MAIN_TYPES.
        subrecords: those of a physiological record; empty for any other.
    """

    number: int
    level: int
    time: int
    main_type: int
    subrecords: tuple[Subrecord, ...]


class Request(Struct, frozen=True):
    """What a host asks for.

    Attributes:
        type: DISPLAYED, TREND_10S, TREND_60S or AUXILIARY.
        interval: seconds; 0 stops this type, -1 asks for one record.
        classes: DENY_BASIC, WANT_EXT1 ... together.
    """

    type: int
    interval: int
    classes: int = 0


def header(length: int, number: int, level: int, time: int, main_type: int, entries: bytes) -> bytes:
    """The 40 bytes before the data; `entries` is the list of subrecords, padded with zeros to its 24 bytes."""
    return _HEAD.pack(length, number, level, 0, time, 0, 0, 0, main_type) + entries.ljust(24, b"\0")


def entry(offset: int, type: int) -> bytes:
    """One entry of the header's list; `offset` counts from the end of the header."""
    return _ENTRY.pack(offset, type)


def request_record(request: Request) -> bytes:
    """The 49 bytes of a transmission request."""
    entries = entry(0, REQUEST) + entry(0, END)
    body = _REQUEST.pack(request.type, request.interval, request.classes, 0)
    return header(HEADER + len(body), 0, 0, 0, PHYSIOLOGICAL, entries) + body


def read_request(subrecord: Subrecord) -> Request:
    """The request in a subrecord of type REQUEST."""
    type, interval, classes, _ = _REQUEST.unpack_from(subrecord.data)
    return Request(type, interval, classes)


def read_record(data: bytes) -> Record | str:
    """The record in `data`, or the reason why it is none: ``length`` or ``subrecord``."""
    if len(data) < HEADER:
        return "length"
    length, number, level, _, time, _, _, _, main_type = _HEAD.unpack_from(data)
    if not HEADER <= length <= LARGEST or length != len(data):
        return "length"
    subrecords: list[Subrecord] = []
    for index in range(8):
        offset, type = _ENTRY.unpack_from(data, 16 + 3 * index)
        if type == END:
            break
        # Sizes are known for physiological records only; of others it is enough that they start inside.
        size = SIZES.get(type, 0) if main_type == PHYSIOLOGICAL else 0
        start = HEADER + offset
        if offset < 0 or start + size > length:
            return "subrecord"
        if main_type == PHYSIOLOGICAL:
            subrecords.append(Subrecord(type, data[start : start + size] if size else data[start:]))
    return Record(number, level, time, main_type, tuple(subrecords))
