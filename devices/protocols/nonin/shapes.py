"""What the frames of each data format look like, and how they are found in the bytes (text oximeters sheet, A1-A5).

Formats 1, 7 and 8 have no mark, 1 and 8 no sum either: single frames of them are found in any noise. They are taken
only where several follow each other without a gap, and after a break again only then.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from devices.protocols.framing import Bad, Lines, Look, Scanner
from devices.protocols.nonin import spot_check

FORMATS = ("ascii", "1", "2", "7", "8", "13")

MARK = b"\x01"
SYNC = 0x01
ALWAYS = 0x80
"""Bit 7 of every status byte."""

PER_PACKET = 25
NO_PULSE, NO_SPO2 = 511, 127
_SLOWEST, _FASTEST = 18, 321
"""Pulse rates a Nonin measures, /min."""

Check = Callable[[bytes, int], bool]


def is_frame_2(data: bytes, at: int) -> bool:
    """Whether a whole frame of format 2 stands at `at`, five bytes long."""
    return data[at] == MARK[0] and data[at + 1] >= ALWAYS and sum(data[at : at + 4]) & 0xFF == data[at + 4]


def is_frame_7(data: bytes, at: int) -> bool:
    """The same of format 7, five bytes long."""
    return data[at] >= ALWAYS and sum(data[at : at + 4]) & 0xFF == data[at + 4]


def is_record_8(data: bytes, at: int) -> bool:
    """The same of format 8, four bytes long; there is no sum."""
    return data[at] >= ALWAYS and data[at + 1] < ALWAYS and data[at + 2] < ALWAYS and data[at + 3] < ALWAYS


def is_record_1(data: bytes, at: int) -> bool:
    """The same of format 1, three bytes long; there is no sum."""
    return data[at] >= ALWAYS and data[at + 1] < ALWAYS and data[at + 2] < ALWAYS


_STATUSES = bytes(byte & SYNC if byte >= ALWAYS else 2 for byte in range(256))
_ONE_SYNC = bytes([1]) + bytes(PER_PACKET - 1)
PACKET = PER_PACKET * 5


def is_packet(data: bytes, at: int, mark: bytes) -> bool:
    """Whether a whole packet of format 2 (its frames begin with `mark`) or 7 (b"") stands at `at`.

    Looks at all its frames together: a stream is read some ten times as fast as frame by frame.
    """
    block = data[at : at + PACKET]
    status = len(mark)
    if len(block) < PACKET or block[status::5].translate(_STATUSES) != _ONE_SYNC:
        return False
    if mark and block[0::5] != mark * PER_PACKET:
        return False
    return all(
        (a + b + c + d) & 0xFF == given
        for a, b, c, d, given in zip(block[0::5], block[1::5], block[2::5], block[3::5], block[4::5], strict=True)
    )


def pulse_of(high: int, low: int) -> int:
    """A pulse rate of nine bits from the byte with its two highest and that with its seven lowest."""
    return (high & 0x03) << 7 | low & 0x7F


def _likely_1(data: bytes, at: int) -> bool:
    if not is_record_1(data, at):
        return False
    pulse, spo2 = pulse_of(data[at], data[at + 1]), data[at + 2]
    return (spo2 <= 100 or spo2 == NO_SPO2) and (pulse in (0, NO_PULSE) or _SLOWEST <= pulse <= _FASTEST)


def _likely_8(data: bytes, at: int) -> bool:
    return is_record_8(data, at) and _likely_1(data, at) and not data[at + 3] & 0x50


class Shape(Struct, frozen=True):
    """Frames without a mark.

    Attributes:
        length: bytes of a frame. check: whether one stands at a place.
        likely: what they must be before they are believed. in_a_row: how many of those without a gap.
        reason: why one is refused that stands where one must.
    """

    length: int
    check: Check
    likely: Check
    in_a_row: int
    reason: str

    @property
    def row(self) -> int:
        """Bytes of as many of them as are needed to believe them."""
        return self.length * self.in_a_row

    def stand_at(self, data: bytes, at: int, count: int) -> bool:
        """Whether `count` likely frames stand from `at` on; they must all be there."""
        return all(self.likely(data, at + turn * self.length) for turn in range(count))


SHAPES = {
    "1": Shape(3, is_record_1, _likely_1, 6, "not the form of a record"),
    "7": Shape(5, is_frame_7, is_frame_7, 3, "checksum"),
    "8": Shape(4, is_record_8, _likely_8, 4, "not the form of a record"),
}


class InARow:
    """Examines bytes for a Scanner: frames of one shape, believed where several follow each other.

    Args:
        shape: theirs. known: the format is known already, so that the very first needs no others.
    """

    def __init__(self, shape: Shape, known: bool) -> None:
        self._shape = shape
        self._needed = 1 if known else shape.in_a_row
        self._in_step = False

    def __call__(self, data: bytes, at: int) -> int | Look | Bad:
        shape = self._shape
        there = (len(data) - at) // shape.length
        if self._in_step:
            if not there:
                return Look.WAIT
            if self._shape.check is is_frame_7 and is_packet(data, at, b""):
                return PACKET
            if shape.check(data, at):
                return shape.length
            self._in_step, self._needed = False, shape.in_a_row
            return Bad(shape.length, shape.reason)
        if not shape.stand_at(data, at, min(there, self._needed)):
            return Look.NOTHING
        if there < self._needed:
            return Look.WAIT
        self._in_step = True
        return shape.length


def _examine_2(data: bytes, at: int) -> int | Look | Bad:
    if len(data) - at > 1 and data[at + 1] < ALWAYS:
        return Look.NOTHING
    if len(data) - at < 5:
        return Look.WAIT
    if is_packet(data, at, MARK):
        return PACKET
    return 5 if is_frame_2(data, at) else Bad(5, "checksum")


def framer(data_format: str, known: bool = False) -> Scanner | Lines:
    """What finds the frames of `data_format`, one of FORMATS; `known`: it is sure to be this one."""
    if data_format == "ascii":
        return Lines(256)
    if data_format == "2":
        return Scanner(_examine_2, 5, MARK)
    if data_format == "13":
        return Scanner(spot_check.examine, spot_check.LONGEST, spot_check.MARK)
    shape = SHAPES[data_format]
    return Scanner(InARow(shape, known), shape.row)
