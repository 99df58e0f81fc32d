"""The native binary output of the DINAMAP PRO 1000: 18-byte blocks, 50 a second (DINAMAP sheet, section 7).

Experimental: only the heart rate's place is known; the cuff's is not. Everything here was inferred from one capture.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

BLOCK = 18
PER_SECOND = 50
SEQUENCES = 200
RECORD = 150
_RATE, _CLOCK = 130, 137


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


@dataclass(frozen=True, slots=True)
class SecondRecord:
    """One second's numeric record: `rate` in /min (0: none), `clock` the device's local time or None."""

    rate: int
    clock: datetime | None


class Pro1000:
    """Blocks from bytes, numeric records from blocks."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._record = bytearray(RECORD)
        self._have = 0
        self._last: int | None = None
        self.blocks = 0
        self.in_a_row = 0
        self.skipped = 0
        self.lost = 0

    def feed(self, data: bytes) -> list[SecondRecord]:
        """The records completed by `data`. Bytes outside blocks are counted in `skipped`, lost blocks in `lost`."""
        self._buffer += data
        found = []
        at = 0
        while len(self._buffer) - at >= BLOCK:
            block = bytes(self._buffer[at : at + BLOCK])
            if not is_block(block):
                at += 1
                self.skipped += 1
                self.in_a_row = 0
                continue
            at += BLOCK
            record = self._take(block)
            if record is not None:
                found.append(record)
        del self._buffer[:at]
        return found

    def _take(self, block: bytes) -> SecondRecord | None:
        sequence = block[0]
        follows = self._last is None or sequence == (self._last + 1) % SEQUENCES
        if not follows:
            assert self._last is not None
            self.lost += (sequence - self._last - 1) % SEQUENCES
        self.blocks += 1
        self.in_a_row = self.in_a_row + 1 if follows else 1
        self._last = sequence
        place = sequence % PER_SECOND
        if place == 0:
            self._have = 0
        # A record with a block missing is no record.
        if place != self._have:
            self._have = -1
            return None
        self._record[place * 3 : place * 3 + 3] = block[12:15]
        self._have += 1
        if self._have < PER_SECOND:
            return None
        return self._read()

    def _read(self) -> SecondRecord:
        record = self._record
        month, day, year, hour, minute, second = record[_CLOCK], *record[_CLOCK + 1 : _CLOCK + 6]
        try:
            clock = datetime(2000 + year % 100, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            clock = None
        return SecondRecord(record[_RATE] << 8 | record[_RATE + 1], clock)
