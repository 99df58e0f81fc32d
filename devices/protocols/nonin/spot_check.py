"""Data format 13: one dated record for each spot check (text oximeters sheet, A5)."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, datetime

from msgspec import Struct

from devices.protocols.framing import Bad, Look

MARK = b"\x00\x02"
_END = 0x03
_SHORTEST, _LONGEST_DATA = 14, 64
_AROUND = 8
"""Bytes of a record around its data: mark, type, length, sum, end."""

LONGEST = _LONGEST_DATA + _AROUND


class SpotCheck(Struct, frozen=True):
    """One record. `written`: the oximeter's local time, None if there is no such date; `pulse` 511 and `spo2` 127
    stand for none."""

    written: datetime | None
    pulse: int
    spo2: int
    no_measurement: bool
    from_memory: bool
    low_battery: bool


def examine(data: bytes, at: int) -> int | Look | Bad:
    """Whether a whole record begins at `at`, for a Scanner."""
    if len(data) - at < 6:
        return Look.WAIT
    inside = data[at + 4] << 8 | data[at + 5]
    if not _SHORTEST <= inside <= _LONGEST_DATA:
        return Look.NOTHING
    length = inside + _AROUND
    if len(data) - at < length:
        return Look.WAIT
    if data[at + length - 1] != _END:
        return Bad(length, "no end of record")
    return length if sum(data[at + 6 : at + 6 + inside]) & 0xFF == data[at + length - 2] else Bad(length, "checksum")


def read(record: bytes) -> SpotCheck:
    """A whole, verified record."""
    century, year, month, day, hour, minute, second, hundredths = record[6:14]
    whole_year = century * 100 + year
    try:
        written = datetime(  # noqa: DTZ001 - local time of some zone
            whole_year, month, day, hour, minute, second, min(hundredths, 99) * 10_000
        )
    except ValueError:
        written = None
    if not MINYEAR < whole_year < MAXYEAR:
        written = None  # not every zone has all of these years, and no oximeter means them
    status = record[14] << 8 | record[15]
    return SpotCheck(
        written=written,
        pulse=record[16] << 8 | record[17],
        spo2=record[19],
        no_measurement=bool(status & 0x0100),
        from_memory=bool(status & 0x0010),
        low_battery=bool(status & 0x0001),
    )


def stands_at_end(data: bytes) -> bool:
    """Whether `data` ends with a whole record of a date that exists."""
    if data[-1] != _END:
        return False
    first = max(0, len(data) - LONGEST)
    place = data.find(MARK, first)
    while place >= 0:
        if examine(data, place) == len(data) - place and read(data[place:]).written is not None:
            return True
        place = data.find(MARK, place + 1)
    return False
