"""The cells of a text table in numpy: where they are, ISO 8601 times, numbers.

Plain numbers are worked out digit by digit for all cells of a block at once. Any other cell is read by the rules that
read it row by row (`texts`, `stamps`), so that no number can come out otherwise. What these rules would refuse, or what
does not fit here, is `Unfit`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from devices import instant
from devices.recordings import stamps
from devices.recordings.series import DIGITS, doubles
from devices.recordings.texts import is_missing, number
from devices.recordings.wide import BELOW_0

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.header import Field

    Places = NDArray[np.int64]
    Sizes = NDArray[np.uint8]
    Words = NDArray[np.uint64]
    Values = NDArray[np.float32] | NDArray[np.float64]

WORD = 8
"""Bytes of a word, and of the longest number that is read here."""
AHEAD = 40
"""So many bytes before and behind a block can be looked at."""

_LONG = 254
_LF, _CR, _QUOTE = 10, 13, 34
_ZERO = np.uint8(48)
_POINT = (46 - 48) & 0xFF
_TENS = 10.0 ** np.arange(WORD + 1)
_EXACT = 1024
"""Below it, a 32-bit float tells numbers of four decimals apart."""
_FEW = 64
_REMEMBERED = 100_000
_ISO = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?P<f>\.\d{1,6})?(?P<zone>Z|z|[+-]\d\d:?\d\d)?")
_CLOCK = 19
"""Bytes of a time up to its seconds."""


class Unfit(Exception):
    """This table is not read here."""


class TooLong(Unfit):
    """A number that 32 bits do not tell."""


class Block:
    """The first `size` bytes of a buffer behind `AHEAD` others, whole lines; places in it count from the first line."""

    def __init__(self, buffer: bytearray, size: int) -> None:
        self.octets = np.frombuffer(buffer, np.uint8)
        self.size = size
        self._words = np.ndarray(len(buffer) - WORD + 1, "<u8", buffer, 0, (1,))
        self._fives = np.ndarray(len(buffer) - AHEAD - 5 * WORD + 1, f"V{5 * WORD}", buffer, AHEAD, (1,))

    def split(self, delimiter: int, width: int, longest: int) -> tuple[Places, Sizes]:
        """Where the cells end, and how many bytes they have (`_LONG` for more, too), both as (row, column).

        Raises:
            Unfit: a row of another length or longer than `longest`, a quote, a NUL byte, a carriage return that ends
                no line.
        """
        body = self.octets[AHEAD : AHEAD + self.size]
        marks = body == _LF
        count = int(np.count_nonzero(marks))
        is_plain = np.count_nonzero(body <= _QUOTE) == count
        marks |= body == delimiter
        found = marks.nonzero()[0]
        if len(found) != count * width:
            raise Unfit
        ends = found.reshape(count, width)
        lines = ends[:, -1]
        # As many line ends as rows, each where a row ends: all other marks are delimiters.
        if not (body.take(lines) == _LF).all() or max(int(lines[0]) + 1, int(np.diff(lines).max(initial=0))) > longest:
            raise Unfit
        sizes = _sizes(found).reshape(count, width)
        if not is_plain:
            if (body == _QUOTE).any() or (body == 0).any():
                raise Unfit
            if returns := int(np.count_nonzero(body == _CR)):
                lines -= 1
                if returns != count or not (body.take(lines) == _CR).all():
                    raise Unfit
                sizes[:, -1] -= sizes[:, -1] < _LONG
        return ends, sizes

    def before(self, ends: Places, count: int) -> NDArray[np.uint8]:
        """The bytes that stand `count` before `ends`."""
        return self.octets[AHEAD - count :].take(ends)

    def long(self, start: Places) -> Words:
        """The forty bytes from each place on, as rows of five words; the first byte of a word is the lowest."""
        return self._fives[start].view("<u8").reshape(len(start), 5)

    def short(self, ends: Places, sizes: Sizes) -> Words:
        """The cells of at most eight bytes before `ends`, NUL behind them."""
        found: Words = self._words[ends + (AHEAD - WORD)]
        # A shift by 64 leaves nothing, as it must.
        found >>= (WORD - sizes).astype(np.uint64) << np.uint64(3)
        return found


def _sizes(ends: Places) -> Sizes:
    """The bytes of cells that follow each other, by their ends."""
    sizes = np.empty(len(ends), np.int64)
    sizes[0] = ends[0] + 1
    np.subtract(ends[1:], ends[:-1], out=sizes[1:])
    if sizes.max() > _LONG:
        np.minimum(sizes, _LONG + 1, out=sizes)
    short = sizes.astype(np.uint8)
    short -= 1
    return short


class Numbers:
    """The numbers of all signal columns. `kind`: of what they are given as; 32 bits only while these tell them all."""

    def __init__(self, fields: Sequence[Field], kind: type[np.float32] | type[np.float64]) -> None:
        self._fields = fields
        self._kind = kind
        self._known: list[dict[int, float]] = [{} for _ in fields]

    def read(self, block: Block, ends: Places, sizes: Sizes) -> Values:
        """The values of the cells before `ends`, as (row, column), in the signals' units, NaN where there is none.

        Raises:
            Unfit: a cell that is refused; TooLong: one that 32 bits do not tell.
        """
        if sizes.max() > WORD:
            raise Unfit
        found, odd = self._plain(block, ends, sizes)
        found.reshape(-1)[(sizes == 0).ravel().nonzero()[0]] = np.nan
        if odd is not None:
            for column in np.flatnonzero(odd.any(axis=0)).tolist():
                rows = odd[:, column].nonzero()[0]
                words = block.short(ends[rows, column], sizes[rows, column])
                found[rows, column] = self._fitting(self._look_up(column, words))
        for column, field in enumerate(self._fields):
            if field.convert.note:
                different, which = np.unique(doubles(found[:, column]), return_inverse=True)
                found[:, column] = self._fitting(np.array(list(map(field.convert.apply, different.tolist()))))[which]
        return found

    def _plain(self, block: Block, ends: Places, sizes: Sizes) -> tuple[Values, NDArray[np.bool_] | None]:
        """The numbers of cells of nothing but digits and at most one point; which cells are no such, None: all are.

        A whole number divided by a power of ten, both exact, is the very number that its text means.
        """
        most = int(sizes.max())
        whole = np.zeros(ends.shape, np.uint16 if most <= 4 else np.uint32)
        odd: NDArray[np.bool_] | None = None
        behind = decimals = None
        for place in range(most, 0, -1):
            digit = block.before(ends, place)
            digit -= _ZERO
            digit *= sizes >= place
            if decimals is not None and behind is not None:
                decimals += behind
            other = digit > 9
            if other.any():
                if odd is None or behind is None or decimals is None:
                    odd, behind = np.zeros((2, *ends.shape), np.bool_)
                    decimals = np.zeros(ends.shape, np.uint8)
                point = digit == _POINT
                odd |= other ^ point
                odd |= point & (behind | (sizes == 1))
                behind |= point
                digit *= ~other
                whole *= np.uint8(10) - np.uint8(9) * point
            else:
                whole *= 10
            whole += digit
        if odd is None or decimals is None:
            # Seven digits are told by 32 bits.
            return whole.astype(self._kind) if most < WORD else self._fitting(whole), None  # type: ignore[return-value]
        if not odd.any():
            odd = None
        else:
            whole *= ~odd
        most = int(decimals.max())
        if np.count_nonzero(decimals == most) == np.count_nonzero(sizes):  # an empty cell has none, and becomes NaN
            if most <= DIGITS and whole.max() < _EXACT * 10**most:
                return np.divide(whole, self._kind(_TENS[most]), dtype=self._kind), odd
            return self._fitting(whole / _TENS[most]), odd
        wide = whole / _TENS.take(decimals)
        if most <= DIGITS and wide.max() < _EXACT:
            return wide.astype(self._kind, copy=False), odd
        return self._fitting(wide), odd

    def _fitting(self, exact: NDArray[np.float64] | NDArray[np.uint32]) -> Values:
        """`exact` as given: as 32-bit floats where these tell the very same numbers."""
        wide = exact.astype(np.float64, copy=False)
        if self._kind is np.float64:
            return wide
        with np.errstate(over="ignore"):
            short = wide.astype(np.float32)
        if not np.array_equal(doubles(short), wide, equal_nan=True):
            raise TooLong
        return short

    def _look_up(self, column: int, words: Words) -> NDArray[np.float64]:
        """The values as written of cells that are no plain numbers."""
        if len(words) < _FEW:
            return np.array([self._worth(column, word) for word in words.tolist()])
        different, which = np.unique(words, return_inverse=True)
        return np.array([self._worth(column, word) for word in different.tolist()])[which]

    def _worth(self, column: int, word: int) -> float:
        known = self._known[column]
        value = known.get(word)
        if value is None:
            if len(known) > _REMEMBERED:
                known.clear()
            value = known[word] = self._read(column, word)
        return value

    def _read(self, column: int, word: int) -> float:
        try:
            cell = word.to_bytes(WORD, "little").rstrip(b"\x00").decode("ascii").strip()
            if is_missing(cell):
                return np.nan
            value = number(cell)
        except ValueError:
            raise Unfit from None
        if value < 0 and self._fields[column].signal not in BELOW_0:
            raise Unfit
        return value


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

    def read(self, block: Block, ends: Places, sizes: Sizes) -> NDArray[np.int64]:
        """The instants of the cells before `ends`.

        Raises:
            Unfit: one is written otherwise, or is no time.
        """
        if (sizes != self._width).any():
            raise Unfit
        cells = block.long(ends - self._width)
        if self._zone_size and (
            _word(cells, self._width - self._zone_size) & _lowest(self._zone_size) != self._zone
        ).any():  # fmt: skip
            raise Unfit
        # The first sixteen bytes are the date and the minute; they are read where they differ from those before.
        first, second = cells[:, 0], cells[:, 1]
        new = np.flatnonzero((first[1:] != first[:-1]) | (second[1:] != second[:-1])) + 1
        places = np.concatenate((np.zeros(1, np.int64), new))
        heads = cells[places]
        minutes = _clock(_word(heads, _CLOCK - WORD)) // 60 * instant.MINUTE + self._days(heads)
        found = _seconds(cells[:, 2] & _lowest(3))
        found += np.repeat(minutes, np.diff(places, append=len(cells)))
        if self._fraction > 0:
            found += _fraction(_word(cells, _CLOCK), self._fraction)
        return found

    def _days(self, cells: Words) -> NDArray[np.int64]:
        """When the days of `cells` began; each that differs from the one before is read by itself."""
        year, day = cells[:, 0], cells[:, 1] & _lowest(3)  # up to the mark between date and clock
        new = np.flatnonzero((year[1:] != year[:-1]) | (day[1:] != day[:-1])) + 1
        places = [0, *new.tolist()]
        midnights = []
        for place in places:
            cell = cells[place].tobytes()[:_CLOCK]
            if not _ISO.fullmatch(cell):
                raise Unfit
            try:
                date = datetime.fromisoformat(cell[:10].decode())
                midnights.append(instant.from_datetime(date.replace(tzinfo=UTC)) + self._offset)
            except ValueError:
                raise Unfit from None
        return np.repeat(np.array(midnights, np.int64), np.diff([*places, len(cells)]))


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


def _seconds(words: Words) -> NDArray[np.int64]:
    """The microseconds of ``:30``."""
    marks = words & np.uint64(0xFF)
    found = _pairs().take((words >> np.uint64(8)).view(np.int64))
    if found.min() < 0 or (marks != ord(":")).any():
        raise Unfit
    return found


@cache
def _pairs() -> NDArray[np.int64]:
    """By two digits, the first the lower byte: so many seconds in microseconds, -1 for what are none."""
    found = np.full(1 << 16, -1, np.int64)
    for second in range(60):
        found[int.from_bytes(b"%02d" % second, "little")] = second * instant.SECOND
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
    digits = _digits(words & _lowest(count + 1), (b"." + b"0" * count).ljust(WORD, b"\x00"))
    found = np.zeros(len(words), np.int64)
    for place in range(1, count + 1):
        found = found * 10 + ((digits >> np.uint64(8 * place)) & np.uint64(0xFF)).view(np.int64)
    found *= 10 ** (6 - count)
    return found
