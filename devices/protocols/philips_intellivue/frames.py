"""Frames of the fixed baud rate transport, and bare messages of the network (Philips sheet, sections 3 and 4.1).

On a serial line a message is framed: ``C0``, the stuffed bytes of header, message and check sequence, ``C1``. Inside,
C0, C1 and 7D are sent as 7D and the byte with bit 5 changed. On the network a datagram is a message, bare. Recordings
of other programs exist whose stuffing was removed when they were written: there a frame is as long as it says.
"""

from __future__ import annotations

import re
from binascii import crc_hqx
from collections.abc import Iterator
from enum import Enum

from devices.protocols.framing import Bad, Look, Piece, Scanner
from devices.protocols.philips_intellivue.messages import LARGEST, bare_length, is_whole

BEGIN, END, ESCAPE = 0xC0, 0xC1, 0x7D
HEADER = b"\x11\x01"
_BEGIN, _END = b"\xc0", b"\xc1"
_AROUND = 8
"""Bytes of an unstuffed frame besides its message: C0, header, length, check sequence, C1."""

LONGEST = 2 * (LARGEST + _AROUND)
"""Bytes of a frame if every one of the largest is escaped."""

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_ESCAPED = re.compile(rb"\x7d(.)", re.DOTALL)
_SPECIAL = re.compile(rb"[\x7d\xc0\xc1]")


class Transport(Enum):
    """How messages are carried."""

    SERIAL = "serial"
    UDP = "udp"


def check_sequence(data: bytes) -> bytes:
    """The two bytes of the check sequence over `data`, low byte first (CRC-16 of PPP and X.25)."""
    # The library's CRC takes the same polynomial with the bits of each byte the other way round.
    turned = crc_hqx(data.translate(_REVERSED), 0xFFFF) ^ 0xFFFF
    return bytes((_REVERSED[turned >> 8], _REVERSED[turned & 0xFF]))


def wrap(message: bytes) -> bytes:
    """The frame that carries `message`."""
    inside = HEADER + len(message).to_bytes(2) + message
    inside += check_sequence(inside)
    return _BEGIN + _SPECIAL.sub(lambda found: bytes((ESCAPE, found[0][0] ^ 0x20)), inside) + _END


def unwrap(frame: bytes) -> bytes:
    """The message in a frame that the Framer found whole, whether it is stuffed, unstuffed or bare."""
    if frame[0] != BEGIN:
        return frame
    inside = frame[1:-1]
    length = int.from_bytes(inside[2:4])
    if len(inside) == length + 6 and inside[-2:] == check_sequence(inside[:-2]):
        return inside[4:-2]
    return _unescape(inside)[4:-2]


def _unescape(inside: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes((found[1][0] ^ 0x20,)), inside) if ESCAPE in inside else inside


def _fault(inside: bytes) -> str:
    """Why the unstuffed bytes between the flags are no frame, "" if they are one."""
    if inside[:2] != HEADER:
        return "header"
    if len(inside) < 6 or len(inside) != int.from_bytes(inside[2:4]) + 6:
        return "length"
    return "" if inside[-2:] == check_sequence(inside[:-2]) else "checksum"


class Framer:
    """Cuts a stream into frames or bare messages, whichever it holds.

    Bare messages carry no check of their own, so they are taken only as long as no good frame has come, and in the
    middle of bytes of unknown origin only where another one follows.

    Args:
        transport: what the bytes are known to be, None to find out.
        live: the bytes come from a port: stuffed as on the wire, and begin with an answer.

    Attributes:
        found: what they turned out to be.
    """

    def __init__(self, transport: Transport | None = None, live: bool = False) -> None:
        self.found = transport
        self._fixed = transport
        self._live = live
        self._stuffed: bool | None = True if live else None
        self._at_begin = True
        self._flag_seen = False
        self._scanner = Scanner(self._examine, LONGEST)

    def feed(self, data: bytes) -> Iterator[Piece]:
        """What is complete with `data`. The iterator must be used up before the next call."""
        return self._scanner.feed(data)

    def end(self) -> Iterator[Piece]:
        """What is left when no more bytes come."""
        return self._scanner.end()

    def _examine(self, held: bytes, place: int) -> int | Look | Bad:
        result: int | Look | Bad = Look.NOTHING
        if held[place] == BEGIN and self._may_be_framed(held, place):
            self._flag_seen = True
            result = self._framed(held, place)
        elif self.found is not Transport.SERIAL:
            result = self._bare(held, place)
        if result is not Look.WAIT:
            self._at_begin = False
        return result

    def _may_be_framed(self, held: bytes, place: int) -> bool:
        """Among bare messages a flag is a byte like any other, unless a header follows."""
        if self.found is not Transport.UDP:
            return True
        return self._fixed is None and held.startswith(HEADER, place + 1)

    def _framed(self, held: bytes, place: int) -> int | Look | Bad:
        end = held.find(_END, place + 1, place + LONGEST)
        again = held.find(_BEGIN, place + 1, end if end >= 0 else place + LONGEST)
        closed = end if again < 0 else -1
        if self._stuffed is not True:
            # Without stuffing the length decides; C0 and C1 may stand anywhere inside.
            length = self._unstuffed_length(held, place)
            if isinstance(length, int) and _fault(held[place + 1 : place + length - 1]) == "":
                if closed != place + length - 1 and self._stuffed is None:
                    self._stuffed = False
                return self._whole(length)
            if length is Look.WAIT and (closed < 0 or self._reason(held, place, closed)):
                return Look.WAIT
        if self._stuffed is False:
            # No flag is surely one; most likely the next frame begins where C1, C0 and a header meet.
            following = held.find(b"\xc1\xc0\x11\x01", place + 1, place + LONGEST)
            if following < 0 and len(held) - place < LONGEST:
                return Look.WAIT
            return Bad((following + 1 if following >= 0 else len(held)) - place, "checksum")
        if closed < 0:
            if again >= 0:
                return Bad(again - place, "cut") if again > place + 1 else Look.NOTHING
            return Look.WAIT if len(held) - place < LONGEST else Bad(LONGEST, "too long")
        reason = self._reason(held, place, closed)
        if reason:
            return Bad(closed + 1 - place, reason)
        if self._stuffed is None and ESCAPE in held[place + 1 : closed]:
            self._stuffed = True
        return self._whole(closed + 1 - place)

    @staticmethod
    def _reason(held: bytes, place: int, closed: int) -> str:
        inside = held[place + 1 : closed]
        if (len(inside) - len(inside.rstrip(b"\x7d"))) % 2:
            return "aborted"
        return _fault(_unescape(inside))

    @staticmethod
    def _unstuffed_length(held: bytes, place: int) -> int | Look:
        """How long the frame there is by its own length, if it then ends with C1."""
        have = len(held) - place
        if not HEADER.startswith(held[place + 1 : place + 3]):
            return Look.NOTHING
        if have < 5:
            return Look.WAIT
        length = int.from_bytes(held[place + 3 : place + 5]) + _AROUND
        if length > LARGEST + _AROUND:
            return Look.NOTHING
        if have < length:
            return Look.WAIT
        return length if held[place + length - 1] == END else Look.NOTHING

    def _whole(self, length: int) -> int:
        self.found = Transport.SERIAL
        return length

    def _bare(self, held: bytes, place: int) -> int | Look | Bad:
        length = bare_length(held, place)
        if length is None:
            return Look.NOTHING
        if length == 0 or len(held) - place < length:
            return Look.WAIT
        if self.found is None and not self._at_begin and not (self._live and not self._flag_seen):
            after = place + length
            following = bare_length(held, after) if len(held) - after >= 4 else 0
            if following == 0 and len(held) - after < 4:
                return Look.WAIT
            if following is None:
                return Look.NOTHING
        if not is_whole(held[place : place + length]):
            return Bad(length, "shape")
        self.found = Transport.UDP
        return length
