"""The native binary output of the DINAMAP PRO 1000: 18-byte blocks, 50 a second (DINAMAP sheet, section 7).

Experimental: only the heart rate's place is known; the cuff's is not. Everything here was inferred from one capture.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

BLOCK = 18
PER_SECOND = 50
SEQUENCES = 200
RATE_PLACE = 43
"""The block of a second that carries record bytes 129 to 131; the heart rate is 130 and 131, big endian."""

CLOCK_PLACES = (45, 46, 47)
"""The blocks that carry record bytes 135 to 143; the clock is 137 to 142."""

_RAW = 256


def _crc_table() -> bytes:
    table = bytearray(256)
    for value in range(256):
        crc = value
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA1 if crc & 1 else crc >> 1
        table[value] = crc
    return bytes(table)


_TABLE = _crc_table()


def crc8(data: bytes) -> int:
    """CRC-8, reflected, polynomial 0xA1, initial value 0, no final inversion."""
    crc = 0
    for byte in data:
        crc = _TABLE[crc ^ byte]
    return crc


def is_block(block: bytes) -> bool:
    """Whether 18 bytes hold together: both complements and the CRC over bytes 1 to 14."""
    return (
        len(block) == BLOCK
        and block[17] == block[0] ^ 0xFF
        and block[16] == block[15] ^ 0xFF
        and block[0] < SEQUENCES
        and block[15] == crc8(block[1:15])
    )


def samples(packed: bytes) -> tuple[int, int, int, int]:
    """Four 10-bit waveform samples of five bytes, high bits first."""
    a, b, c, d, e = packed
    return a << 2 | b >> 6, (b << 4 | c >> 4) & 0x3FF, (c << 6 | d >> 2) & 0x3FF, (d << 8 | e) & 0x3FF


class Rate(Struct, frozen=True):
    """One second's heart rate, /min (0: none); `clock`: the device's local time, None if it did not come whole."""

    value: int
    clock: datetime | None


class Alarm(Struct, frozen=True):
    """The alarm bits of the status byte changed: "", ``warning`` or ``crisis``."""

    level: str


class Lost(Struct, frozen=True):
    """So many blocks are missing by the sequence."""

    count: int


class Stray(Struct, frozen=True):
    """`count` bytes that are no block; `raw` is the beginning of them."""

    count: int
    raw: bytes


Event = Rate | Alarm | Lost | Stray


class Pro1000:
    """Cuts bytes into blocks and reads what is known of them.

    Attributes:
        blocks: whole blocks so far.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._stray = 0
        self._stray_raw = b""
        self._last: int | None = None
        self._alarm = ""
        self._rate: int | None = None
        self._clock = b""
        self.blocks = 0

    def opened(self) -> None:
        """The port was opened anew: a half block will never be whole, and what came between is not counted as lost."""
        self._buffer.clear()
        self._last = None

    def feed(self, data: bytes, wait_for_clock: bool) -> list[Event]:
        """What `data` completes. With `wait_for_clock` a rate comes with the clock that follows it 40 ms later."""
        self._buffer += data
        found: list[Event] = []
        at = 0
        while len(self._buffer) - at >= BLOCK:
            block = bytes(self._buffer[at : at + BLOCK])
            if is_block(block):
                found += self._told_stray()
                found += self._take(block, wait_for_clock)
                at += BLOCK
            else:
                self._skip(block[:1])
                at += 1
        del self._buffer[:at]
        return found

    def end(self) -> list[Event]:
        """The bytes have ended."""
        self._skip(bytes(self._buffer))
        self._buffer.clear()
        return [*self._told_rate(), *self._told_stray()]

    def _skip(self, data: bytes) -> None:
        self._stray += len(data)
        if len(self._stray_raw) < _RAW:
            self._stray_raw += data

    def _told_stray(self) -> Iterator[Event]:
        if self._stray:
            yield Stray(self._stray, self._stray_raw)
            self._stray, self._stray_raw = 0, b""

    def _told_rate(self) -> Iterator[Event]:
        if self._rate is not None:
            yield Rate(self._rate, _clock(self._clock))
            self._rate = None

    def _take(self, block: bytes, wait_for_clock: bool) -> Iterator[Event]:
        sequence = block[0]
        lost = 0 if self._last is None else (sequence - self._last - 1) % SEQUENCES
        if lost:
            yield from self._told_rate()
            yield Lost(lost)
        self.blocks += 1
        self._last = sequence
        alarm = "crisis" if block[1] & 0x40 else "warning" if block[1] & 0x20 else ""
        if alarm != self._alarm:
            self._alarm = alarm
            yield Alarm(alarm)
        place = sequence % PER_SECOND
        if place == RATE_PLACE:
            self._rate, self._clock = block[13] << 8 | block[14], b""
        elif place in CLOCK_PLACES:
            self._clock += block[12:15]
        if place == (CLOCK_PLACES[-1] if wait_for_clock else RATE_PLACE):
            yield from self._told_rate()


def _clock(record: bytes) -> datetime | None:
    """The clock in record bytes 135 to 143; None if they are not whole, or no date."""
    if len(record) != 9:
        return None
    month, day, year, hour, minute, second = record[2:8]
    try:
        return datetime(1900 + year if year >= 80 else 2000 + year, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None
