"""The times of a text table in numpy: ISO 8601, all written alike, checked byte by byte."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from devices import instant
from devices.recordings import stamps
from devices.recordings.table_blocks import WORD, Block, Unfit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.table_blocks import Places, Sizes, Words

_ISO = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?P<f>\.\d{1,6})?(?P<zone>Z|z|[+-]\d\d:?\d\d)?")
_CLOCK = 19
"""Bytes of a time up to its seconds."""


class Times:
    """The times of a table: all written alike, in `width` bytes as ISO 8601 with seconds, in one offset or in none
    (`naive`)."""

    def __init__(self, first: bytes) -> None:
        found = _ISO.fullmatch(first)
        if not found:
            raise Unfit
        self.width = len(first)
        self._fraction = len(found["f"] or b"") - 1
        zone = found["zone"] or b""
        self.naive = not zone
        self._marks = _marks_behind(first, len(first) - len(zone))
        self._offset = 0
        if zone:
            try:
                self._offset = instant.from_datetime(stamps.iso(f"2000-01-01T00:00:00{zone.decode()}")) - _MIDNIGHT
            except ValueError:
                raise Unfit from None

    def read(self, block: Block, ends: Places, sizes: Sizes, into: NDArray[np.int64]) -> None:
        """The instants of the cells before `ends`.

        Raises:
            Unfit: one is written otherwise, or is no time.
        """
        if (sizes != self.width).any():
            raise Unfit
        cells = block.long(ends - self.width, -(-self.width // WORD))
        if any((cells[place] & which != marks).any() for place, which, marks in self._marks):
            raise Unfit
        # The first sixteen bytes are the date and the minute; they are read where they differ from those before.
        places = _changes(cells[0], cells[1])
        heads = cells[:, places]
        minutes = _clock(_bytes(heads, _CLOCK - WORD, WORD)) // 60 * instant.MINUTE + self._days(heads)
        np.multiply(_seconds(cells[2]), np.int64(instant.SECOND), out=into)
        into += np.repeat(minutes, np.diff(places, append=len(into)))
        if self._fraction > 0:
            into += _fraction(_bytes(cells, _CLOCK, self._fraction + 1), self._fraction)

    def _days(self, cells: Words) -> NDArray[np.int64]:
        """When the days of `cells` began; each that differs from the one before is read by itself."""
        places = _changes(cells[0], cells[1] & _lowest(3))  # up to the mark between date and clock
        midnights = []
        for place in places.tolist():
            cell = cells[:, place].tobytes()[:_CLOCK]
            if not _ISO.fullmatch(cell):
                raise Unfit
            try:
                date = datetime.fromisoformat(cell[:10].decode())
                midnights.append(instant.from_datetime(date.replace(tzinfo=UTC)) + self._offset)
            except ValueError:
                raise Unfit from None
        return np.repeat(np.array(midnights, np.int64), np.diff(places, append=cells.shape[1]))


_MIDNIGHT = instant.from_datetime(datetime(2000, 1, 1, tzinfo=UTC))


def _marks_behind(first: bytes, zone: int) -> list[tuple[int, np.uint64, np.uint64]]:
    """What stands in all times behind the minute: all but digits before the byte `zone`, and what follows that; by
    word, as (word, its bytes that count, what these are)."""
    found = []
    for begin in range(2 * WORD, len(first), WORD):
        part = range(begin, min(begin + WORD, len(first)))
        which = [255 if place >= zone or not first[place : place + 1].isdigit() else 0 for place in part]
        counted, marks = (int.from_bytes(bytes(each), "little") for each in (which, first[begin : part.stop]))
        found.append((begin // WORD, np.uint64(counted), np.uint64(counted & marks)))
    return found


def _changes(first: Words, second: Words) -> NDArray[np.int64]:
    """The places where either differs from what stands before; 0 is one."""
    new = np.ones(len(first), np.bool_)
    np.not_equal(first[1:], first[:-1], out=new[1:])
    new[1:] |= second[1:] != second[:-1]
    return new.nonzero()[0]


def _lowest(count: int) -> np.uint64:
    """What leaves the lowest `count` bytes of a word."""
    return np.uint64((1 << 8 * count) - 1)


def _bytes(cells: Words, at: int, count: int) -> Words:
    """The `count` bytes of each of `cells` from the byte `at` on."""
    place, bits = at // WORD, at % WORD * 8
    found: Words = cells[place] >> np.uint64(bits)
    if bits + 8 * count > 64:
        found |= cells[place + 1] << np.uint64(64 - bits)
    return found & _lowest(count) if count < WORD else found


def _digits(words: Words, template: bytes) -> Words:
    """`words` with the digits that stand where `template` has a 0 as numbers; Unfit if it is otherwise elsewhere."""
    wanted = np.uint64(int.from_bytes(template, "little"))
    high = np.uint64(int.from_bytes(bytes(0xF0 if each == 0x30 else 0xFF for each in template), "little"))
    six = np.uint64(int.from_bytes(bytes(0x06 if each == 0x30 else 0 for each in template), "little"))
    digits = words ^ wanted
    # A digit and 6 stay below 16.
    if ((digits | (digits + six)) & high).any():
        raise Unfit
    return digits


def _seconds(words: Words) -> NDArray[np.uint8]:
    """The seconds of ``:30`` and what follows, the mark unseen."""
    found = _pairs().take((words >> np.uint64(8) & np.uint64(0xFFFF)).view(np.int64))
    if found.max() > 59:
        raise Unfit
    return found


@cache
def _pairs() -> NDArray[np.uint8]:
    """By two digits, the first the lower byte: so many seconds, 255 for what are none."""
    found = np.full(1 << 16, 255, np.uint8)
    for second in range(60):
        found[int.from_bytes(b"%02d" % second, "little")] = second
    return found


def _clock(words: Words) -> NDArray[np.int64]:
    """The seconds since midnight of ``09:30:00``."""
    pairs = _digits(words, b"00:00:00")
    pairs = pairs * np.uint64(10) + (pairs >> np.uint64(8))  # of two digits the lower byte; none reaches the next
    byte = np.uint64(0xFF)
    hour, minute, second = pairs & byte, (pairs >> np.uint64(24)) & byte, (pairs >> np.uint64(48)) & byte
    if hour.max() > 23 or minute.max() > 59 or second.max() > 59:
        raise Unfit
    hour *= np.uint64(3600)
    minute *= np.uint64(60)
    hour += minute
    hour += second
    return hour.view(np.int64)


def _fraction(words: Words, count: int) -> NDArray[np.int64]:
    """The microseconds of ``.125`` and what follows, of which `count` digits count."""
    digits = _digits(words, (b"." + b"0" * count).ljust(WORD, b"\x00"))
    found = np.zeros(len(words), np.int64)
    for place in range(1, count + 1):
        found = found * 10 + ((digits >> np.uint64(8 * place)) & np.uint64(0xFF)).view(np.int64)
    found *= 10 ** (6 - count)
    return found
