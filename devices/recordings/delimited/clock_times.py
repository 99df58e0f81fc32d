"""The clocks of a text table in numpy: times of day with any kind of date, local or with an offset, or from a start.

What a time means is asked of the reader of single times (`tables.times`), once an hour of the table. The minutes and
seconds, which stand at one place in all cells, are added to it here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from devices import instant
from devices.errors import RecordingError
from devices.recordings.delimited.blocks import WORD, Block, changes
from devices.recordings.delimited.digits import FINEST
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.delimited.untimed import Untimed, is_untimed
from devices.recordings.options import Options
from devices.recordings.tables.header import Layout
from devices.recordings.tables.stamps import Kind
from devices.recordings.tables.times import TimeReader, time_reader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes, Words
    from devices.recordings.tables.header import Header

_CLOCK = re.compile(r"\d{1,4}:(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d)(?:[.,](?P<f>\d{1,9}))?)?(?![\d:])", re.ASCII)
_POINTED = re.compile(r"(?<=[T ,])\d{1,2}\.(?P<m>[0-5]\d)\.(?P<s>[0-5]\d)(?:[.,](?P<f>\d{1,9}))?(?![\d.])", re.ASCII)
WIDEST = 40
"""Bytes of a date and a clock."""
_SELDOM_NONE = 4
"""Of so many rows one at most has no time."""
_MOST_NONE = 10_000
_SELDOM = 1000
"""Rows of one hour, on the whole, from which on one hour after another is added."""


def whole_times(ends: Places, sizes: Sizes) -> tuple[Places, Sizes]:
    """Where times end and how many bytes they have, the mark between their two columns with them.

    Raises:
        Unfit: one has none, or more than a time has.
    """
    end, size = ends[-1], sizes[-1]
    if len(ends) > 1:
        size = (end - (ends[0] - sizes[0])).clip(0, 255).astype(np.uint8)
    if size.max() > WIDEST or not size.all():
        raise Unfit
    return end, size


class ClockTimes:
    """Times of day with their dates, or hours from a start: in one column, or the date before the clock in two.

    Minutes, seconds and fractions stand equally far from the ends of all cells. All before and behind them is looked
    at where it differs from the row above.
    """

    def __init__(self, header: Header, options: Options) -> None:
        self._header, self._options = header, options
        self._places: dict[str, tuple[int, int]] | None = None  # of m, s and f: from the end, and digits
        self._rows: list[NDArray[np.int64]] = []
        self._heads: list[str] = []
        self._count = 0
        self._first = ""
        self._no: list[NDArray[np.int64]] = []  # rows whose time is none, and their lines
        self._no_lines: set[bytes] = set()

    def read(self, block: Block, ends: Places, sizes: Sizes, into: NDArray[np.int64]) -> None:
        """What has passed of its hour in each time; cells as (column, row), of the time columns.

        Raises:
            Unfit: one is written otherwise.
        """
        if self._places is None:
            self._first = self._text(block, ends, sizes, 0)
            self._places = _clock_in(self._first)
        if len(ends) == 1:
            ends, sizes = self._without_none(block, ends, sizes)
        end, size = whole_times(ends, sizes)
        if size.min() < self._places["m"][0]:
            raise Unfit  # there is no room for the clock
        cells = block.long(end, -(-int(size.max()) // WORD))
        heads = self._changes(cells, size)
        passed = self._part(cells, "m") * np.uint16(60)
        if self._places["s"][1]:
            passed += self._part(cells, "s")
        np.multiply(passed, np.int64(instant.SECOND), out=into)
        if self._places["f"][1]:
            into += self._fraction(cells)
        self._rows.append(heads + self._count)
        self._heads += [self._text(block, ends, sizes, row) for row in heads.tolist()]
        self._count += len(into)

    def finish(self, into: NDArray[np.int64]) -> TimeReader:
        """Adds to each of `into` when its hour began.

        Raises:
            Untimed: times are none, or lie in hours that their zone skips or has twice.
            Unfit: a time is not of the same kind as the first, or a clock was changed within an hour.
        """
        assert self._places is not None
        is_long = self._header.layout is Layout.LONG
        try:
            reader = time_reader(
                self._header.time_name, self._heads, self._options,
                scale=self._header.scale if self._header.says_scale else None, is_long=is_long,
            )  # fmt: skip
            hours = {text: self._hour(reader, text) for text in set(self._heads)}
        except (ValueError, OverflowError, RecordingError):
            raise Unfit from None
        if reader.kind is Kind.ELAPSED and not (is_long or self._places["s"][1]):
            raise Unfit  # hours and minutes, or minutes and seconds: that is judged by all times
        rows = np.concatenate(self._rows)
        runs = list(pairwise([*rows.tolist(), len(into)]))
        begins = [begin for text in self._heads if (begin := hours[text]) is not None]
        if len(begins) < len(runs) or self._no:
            changed = [run for run, text in zip(runs, self._heads, strict=True) if hours[text] is None]
            raise self._untimed(reader, changed)
        if len(rows) < len(into) // _SELDOM:
            for (first, until), begin in zip(runs, begins, strict=True):
                into[first:until] += begin
        else:
            into += np.repeat(np.array(begins, np.int64), np.diff(rows, append=len(into)))
        return reader

    @property
    def first(self) -> str:
        """The first time as written."""
        return self._first

    def _without_none(self, block: Block, ends: Places, sizes: Sizes) -> tuple[Places, Sizes]:
        """The cells with others in the place of those that are too short for a time, which are noted: that above.

        Raises:
            Unfit: the first row has no time, or many have none.
        """
        assert self._places is not None
        short = sizes[0] < self._places["m"][0]
        if not short.any():
            return ends, sizes
        rows = short.nonzero()[0]
        if short[0] or _SELDOM_NONE * len(rows) > len(short) or len(self._no_lines) + len(rows) > _MOST_NONE:
            raise Unfit
        self._no.append(rows + self._count)
        self._no_lines.update(map(block.line, ends[0, rows].tolist()))
        above = np.maximum.accumulate(np.where(short, 0, np.arange(len(short))))
        return ends[:, above], sizes[:, above]

    def _untimed(self, reader: TimeReader, changed: Sequence[tuple[int, int]]) -> Untimed:
        """`changed`: runs of rows in hours that are skipped, or twice.

        Raises:
            Unfit: what has no time may be no row.
        """
        if not all(is_untimed(line, self._header, reader) for line in self._no_lines):
            raise Unfit
        no = np.concatenate([np.empty(0, np.int64), *self._no])
        hours = np.concatenate([np.empty(0, np.int64), *(np.arange(*run) for run in changed)])
        return Untimed(np.setdiff1d(hours, no, assume_unique=True), no)

    def _text(self, block: Block, ends: Places, sizes: Sizes, row: int) -> str:
        parts = []
        for end, size in zip(ends[:, row].tolist(), sizes[:, row].tolist(), strict=True):
            parts.append(block.cell(end, size))
        try:
            text = b" ".join(parts).decode("ascii")
        except UnicodeDecodeError:
            raise Unfit from None
        if self._header.delimiter in text:
            raise Unfit  # what was taken for a time of the first one's length is two cells
        return text

    def _changes(self, cells: Words, sizes: Sizes) -> NDArray[np.int64]:
        """The rows whose time differs from the one above in more than what has passed of the hour; 0 is one."""
        assert self._places is not None
        kept = bytearray(b"\xff" * (len(cells) * WORD))
        for behind, digits in self._places.values():
            kept[len(kept) - behind : len(kept) - behind + digits] = bytes(digits)
        return changes(cells, sizes, bytes(kept)).nonzero()[0]

    def _part(self, cells: Words, name: str) -> NDArray[np.uint8]:
        """The minutes or seconds."""
        assert self._places is not None
        found = _pairs().take(_bytes(cells, *self._places[name]).view(np.int64))
        if found.max() > 59:
            raise Unfit
        return found

    def _fraction(self, cells: Words) -> NDArray[np.int64]:
        """The microseconds behind the seconds; what is finer is left out."""
        assert self._places is not None
        behind, count = self._places["f"]
        if count > FINEST:
            _digits(cells, behind - FINEST, count - FINEST)
            count = FINEST
        digits = _digits(cells, behind, count)
        found = np.zeros(len(digits), np.int64)
        for place in range(count):
            found = found * 10 + ((digits >> np.uint64(8 * place)) & np.uint64(15)).view(np.int64)
        found *= 10 ** (FINEST - count)
        return found

    def _hour(self, reader: TimeReader, text: str) -> int | None:
        """When the hour in `text` began, in all of which clocks have one offset; None if its zone skips it or has it
        twice."""
        if self._places != _clock_in(text):
            raise Unfit
        begins = _placed(reader, _with(text, self._places, "0").strip())
        if begins is not None and text != self._heads[0] and (not reader.naive or self._options.zone is UTC):
            return begins  # one offset is that of all times
        passed = 59 * instant.MINUTE
        if self._places["s"][1]:
            passed += 59 * instant.SECOND
        if count := self._places["f"][1]:
            passed += instant.SECOND - 10 ** max(FINEST - count, 0)
        ends = _placed(reader, _with(text, self._places, "59").strip())
        if begins is None and ends is None:
            return None
        if begins is None or ends is None or ends - begins != passed:
            raise Unfit  # a clock was changed within it
        return begins


def _placed(reader: TimeReader, text: str) -> int | None:
    """The instant in `text`, None if it is a local time that its zone skips or has twice."""
    try:
        return reader.read(text)
    except instant.ClockChange:
        return None


def _clock_in(text: str) -> dict[str, tuple[int, int]]:
    """Where the minutes, seconds and fractions of a time's clock are, from its end, and how many digits they have."""
    found = _CLOCK.search(text) or _POINTED.search(text)
    if not found:
        raise Unfit
    return {
        name: (len(text) - found.start(name), len(found[name])) if found[name] else (0, 0) for name in ("m", "s", "f")
    }


def _with(text: str, places: dict[str, tuple[int, int]], digit: str) -> str:
    """`text` at the beginning (0) or the end (59) of its hour."""
    for name, (behind, count) in places.items():
        if count:
            at = len(text) - behind
            fill = digit.zfill(2) if name != "f" else digit[-1] * count
            text = text[:at] + fill + text[at + count :]
    return text


def _bytes(cells: Words, behind: int, count: int) -> Words:
    """The `count` bytes, less than a word, of each of `cells` from so many `behind` their end on."""
    place, within = divmod(len(cells) * WORD - behind, WORD)
    found: Words = cells[place] >> np.uint64(8 * within)
    if within + count > WORD:
        found |= cells[place + 1] << np.uint64(8 * (WORD - within))
    return found & np.uint64((1 << 8 * count) - 1)


def _digits(cells: Words, behind: int, count: int) -> Words:
    """The `count` digits of each of `cells` from so many `behind` their end on, a byte each."""
    digits = _bytes(cells, behind, count) ^ np.uint64(int.from_bytes(b"0" * count, "little"))
    # A digit and 6 stay below 16.
    if ((digits | (digits + np.uint64(0x060606060606))) & np.uint64(0xF0F0F0F0F0F0)).any():
        raise Unfit
    return digits


@cache
def _pairs() -> NDArray[Any]:
    """By two digits, the first the lower byte: the number below 60 that they are, 255 for what is none."""
    found = np.full(1 << 16, 255, np.uint8)
    for number in range(60):
        found[int.from_bytes(b"%02d" % number, "little")] = number
    return found
