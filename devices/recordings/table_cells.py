"""The cells of a text table in numpy: short texts as words of 64 bits, ISO 8601 times, numbers.

A table has few different cells. Each different one is read by the rules that read it row by row (`texts`, `stamps`),
so that no number can come out otherwise; where it stands again it is only found again. What these rules would refuse,
or what does not fit here, is `Unfit`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from devices import instant
from devices.recordings import stamps
from devices.recordings.series import doubles
from devices.recordings.texts import is_missing, number
from devices.recordings.wide import BELOW_0

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.header import Field

    Places = NDArray[np.int64]
    Words = NDArray[np.uint64]
    Values = NDArray[np.float32] | NDArray[np.float64]

WORD = 8
"""Bytes of a word, and of the longest number that is read here."""
AHEAD = 40
"""So many bytes before and behind a block can be looked at."""

_SLOTS = 1 << 14
_FIRST, _FEW = 512, 256
_REMEMBERED = 100_000
_SPREAD, _DOWN = np.uint64(0x9E3779B97F4A7C15), np.uint64(64 - 14)
_ISO = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?P<f>\.\d{1,6})?(?P<zone>Z|z|[+-]\d\d:?\d\d)?")
_CLOCK = 19
"""Bytes of a time up to its seconds."""


class Unfit(Exception):
    """This table is not read here."""


class Block:
    """Whole lines of a table, with `AHEAD` bytes before and behind them, as words of eight bytes at any place."""

    def __init__(self, data: bytes) -> None:
        self.octets = np.frombuffer(data, np.uint8)
        self._words = np.ndarray(len(data) - WORD + 1, "<u8", data, 0, (1,))
        self._fives = np.ndarray(len(data) - 5 * WORD + 1, f"V{5 * WORD}", data, 0, (1,))

    def long(self, start: Places) -> Words:
        """The forty bytes from each place on, as rows of five words; the first byte of a word is the lowest."""
        return self._fives[start].view("<u8").reshape(len(start), 5)

    def short(self, start: Places, end: Places) -> Words:
        """The cells of at most eight bytes from `start` to `end`, NUL behind them."""
        length = np.subtract(end, start)
        if length.max() > WORD:
            raise Unfit
        found: Words = self._words[end - WORD]  # `take` would copy all words first
        # A shift by 64 leaves nothing, as it must.
        np.subtract(WORD, length, out=length)
        length <<= 3
        found >>= length.view(np.uint64)
        return found


class Numbers:
    """The numbers of all signal columns. `kind`: of what they are given as; 32 bits only while these tell them all.

    Attributes:
        lowest, highest: by column, of the values other than 0.
    """

    def __init__(self, fields: Sequence[Field], kind: type[np.float32] | type[np.float64]) -> None:
        self._fields = fields
        self._short = kind is np.float32
        self._first = np.arange(0, len(fields) * _SLOTS, _SLOTS)[:, None]
        self._words: Words = np.zeros(len(fields) * _SLOTS, np.uint64)
        self._values = np.full(len(fields) * _SLOTS, np.nan, kind)
        self._known: list[dict[int, float]] = [{} for _ in fields]
        self.lowest, self.highest = [np.inf] * len(fields), [-np.inf] * len(fields)

    def read(self, words: Words) -> Values:
        """The values of the cells `words`, as (column, row), in the signals' units, NaN where there is none.

        Raises:
            Unfit: a cell that is refused; TooLong: one that 32 bits do not tell.
        """
        if not self._known[0]:
            self._known[0][0] = np.nan  # the empty cell
            self.read(words[:, :_FIRST])  # most different cells stand in the first rows: later ones are found at once
        place = (words * _SPREAD >> _DOWN).view(np.int64)
        place += self._first
        found: Values = self._values.take(place)  # type: ignore[assignment]
        other = self._words.take(place) != words
        for column in np.flatnonzero(other.any(axis=1)).tolist():
            rows = np.flatnonzero(other[column])
            found[column, rows] = self._look_up(column, words[column, rows], place[column, rows])
        return found

    def _look_up(self, column: int, words: Words, place: Places) -> Values:
        """The values of cells that do not stand in their slots, into which they go where these are free."""
        if len(words) < _FEW:
            return self._values_of([self._worth(column, word) for word in words.tolist()])
        different, first, which = np.unique(words, return_index=True, return_inverse=True)
        exact, plain = _plain(different)
        if self._fields[column].convert.note:
            plain[:] = False
        for one in np.flatnonzero(~plain).tolist():
            exact[one] = self._worth(column, int(different[one]))
        if len(self._known[column]) > _REMEMBERED:
            self._known[column].clear()
        self._known[column].update(zip(different.tolist(), exact.tolist(), strict=True))
        if len(held := exact[exact != 0]):
            self.lowest[column] = float(np.fmin.reduce(held, initial=self.lowest[column]))
            self.highest[column] = float(np.fmax.reduce(held, initial=self.highest[column]))
        worth = self._values_of(exact)
        slots = place[first]
        free = (self._words[slots] == 0) & (slots != self._first[column])  # the first is the empty cell's
        self._words[slots[free]], self._values[slots[free]] = different[free], worth[free]
        return worth[which]

    def _values_of(self, exact: Sequence[float] | NDArray[np.float64]) -> Values:
        wide = np.array(exact)
        if not self._short:
            return wide
        short = wide.astype(np.float32)
        if not np.array_equal(doubles(short), wide, equal_nan=True):
            raise TooLong
        return short

    def _worth(self, column: int, word: int) -> float:
        known = self._known[column]
        value = known.get(word)
        if value is None:
            if len(known) > _REMEMBERED:
                known.clear()
            value = known[word] = self._read(column, word)
        return value

    def _read(self, column: int, word: int) -> float:
        field = self._fields[column]
        try:
            cell = word.to_bytes(WORD, "little").rstrip(b"\x00").decode("ascii").strip()
            if is_missing(cell):
                return np.nan
            value = number(cell)
        except ValueError:
            raise Unfit from None
        if value < 0 and field.signal not in BELOW_0:
            raise Unfit
        value = field.convert.apply(value)
        if value:
            self.lowest[column] = min(self.lowest[column], value)
            self.highest[column] = max(self.highest[column], value)
        return value


def _plain(words: Words) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The numbers of cells of nothing but digits and at most one point, and which are such.

    A whole number divided by a power of ten, both exact, is the very number that its text means.
    """
    octets = words.view(np.uint8).reshape(-1, WORD)
    digits, points = octets - np.uint8(0x30), octets == 0x2E
    is_digit = digits <= 9
    whole, divisor = np.zeros(len(words)), np.ones(len(words))
    for place in range(WORD):
        there = is_digit[:, place]
        whole = np.where(there, whole * 10 + digits[:, place], whole)
        divisor[there & points[:, :place].any(axis=1)] *= 10
    fits = (is_digit | points | (octets == 0)).all(axis=1) & is_digit.any(axis=1) & (points.sum(axis=1) <= 1)
    return whole / divisor, fits


class TooLong(Unfit):
    """A number that 32 bits do not tell."""


class Times:
    """The times of a table: all written alike, as ISO 8601 with seconds, in one offset or in none (`naive`)."""

    def __init__(self, first: bytes) -> None:
        found = _ISO.fullmatch(first)
        if not found:
            raise Unfit
        self._width = len(first)
        self._fraction = len(found["f"] or b"") - 1
        zone = found["zone"] or b""
        self.naive = not zone
        self._zone, self._zone_size = np.uint64(int.from_bytes(zone, "little")), len(zone)
        self._offset = 0
        if zone:
            try:
                self._offset = instant.from_datetime(stamps.iso(f"2000-01-01T00:00:00{zone.decode()}")) - _MIDNIGHT
            except ValueError:
                raise Unfit from None

    def read(self, block: Block, start: Places, end: Places) -> NDArray[np.int64]:
        """The instants of the cells from `start` to `end`.

        Raises:
            Unfit: one is written otherwise, or is no time.
        """
        if (end - start != self._width).any():
            raise Unfit
        cells = block.long(start)
        if self._zone_size and (
            _word(cells, self._width - self._zone_size) & _lowest(self._zone_size) != self._zone
        ).any():  # fmt: skip
            raise Unfit
        seconds = _clock(_word(cells, _CLOCK - WORD))
        seconds *= instant.SECOND
        if self._fraction > 0:
            seconds += _fraction(_word(cells, _CLOCK), self._fraction)
        seconds += self._days(block, start, cells)
        return seconds

    def _days(self, block: Block, start: Places, cells: Words) -> NDArray[np.int64]:
        """When the days of the cells began; each that differs from the one before is read by itself."""
        year, day = cells[:, 0], cells[:, 1] & _lowest(3)  # up to the mark between date and clock
        new = np.flatnonzero((year[1:] != year[:-1]) | (day[1:] != day[:-1])) + 1
        places = [0, *new.tolist()]
        midnights = []
        for place in places:
            at = int(start[place])
            cell = block.octets[at : at + _CLOCK].tobytes()
            if not _ISO.fullmatch(cell):
                raise Unfit
            try:
                date = datetime.fromisoformat(cell[:10].decode())
                midnights.append(instant.from_datetime(date.replace(tzinfo=UTC)) + self._offset)
            except ValueError:
                raise Unfit from None
        return np.repeat(np.array(midnights, np.int64), np.diff([*places, len(start)]))


_MIDNIGHT = instant.from_datetime(datetime(2000, 1, 1, tzinfo=UTC))


def _lowest(count: int) -> np.uint64:
    """What leaves the lowest `count` bytes of a word."""
    return np.uint64((1 << 8 * count) - 1)


def _word(cells: Words, at: int) -> Words:
    """The eight bytes of each row of `cells` from the byte `at` on."""
    place, bits = at // WORD, at % WORD * 8
    if not bits:
        return cells[:, place]
    found: Words = cells[:, place] >> np.uint64(bits)
    found |= cells[:, place + 1] << np.uint64(64 - bits)
    return found


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
    digits = _digits(words & _lowest(count + 1), (b"." + b"0" * count).ljust(WORD, b"\x00"))
    found = np.zeros(len(words), np.int64)
    for place in range(1, count + 1):
        found = found * 10 + ((digits >> np.uint64(8 * place)) & np.uint64(0xFF)).view(np.int64)
    found *= 10 ** (6 - count)
    return found
