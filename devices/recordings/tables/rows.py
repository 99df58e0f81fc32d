"""The rows of a text table: cut into cells, counted against the header, refused where they do not fit.

A logger that was restarted writes a new header, possibly with other columns, in the middle of the file; each
header begins a segment of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

from msgspec import Struct, field

from devices.errors import RecordingError
from devices.recordings.names import plain
from devices.recordings.options import Options
from devices.recordings.patients.marks import Marks
from devices.recordings.recording import Builder
from devices.recordings.tables.columns import TIMES, owner_line, ticks_column
from devices.recordings.tables.header import Header, Layout, read_header, with_units
from devices.recordings.tables.row import Row
from devices.recordings.tables.stamps import joined, kind_of, time_of_day
from devices.recordings.tables.summaries import is_title, statistic, without_summaries
from devices.recordings.tables.verdicts import without_left_out
from devices.recordings.texts import cells, is_missing

VSCAPTURE = "VitalSignsCapture"

LEADING = 7
"""Of a VSCapture row longer than its header, only so many leading fields are where the header says."""

_NOT_UNDERSTOOD = "stands under a header that is not understood"
_OF_STATISTICS = "stands under a title that announces statistics"
"""Why rows are of another table."""

STEP_BACK = 1_000_000
"""Microseconds; a clock that is set runs back by less."""

_OFTEN = 4096
_HELD_MOST = 100_000
WIDEST = 64
"""Of rows with more columns only the cells that are used are kept."""


def is_vscapture(lines: Sequence[str], header: Header) -> bool:
    """The preamble says that VSCapture for GE Datex monitors wrote this file."""
    return any(line.lstrip("\ufeff").startswith(VSCAPTURE) for line in lines[: header.line])


def read_rows(
    lines: Iterable[str],
    header: Header,
    loose: bool,
    options: Options,
    into: Builder,
    marks: Marks,
    preamble: Sequence[str] = (),
) -> list[Row]:
    """All rows that fit, of the `lines` under `header`; what does not is refused in `into`.

    Args:
        lines: each with its line end. loose: rows longer than the header keep their leading fields.
        marks: filled with what stands in the columns that are not read.
        preamble: the lines above the header.

    Raises:
        RecordingError: more rows than are read, or they take too long; lines between the rows say that they are of
            several patients; all rows are statistics.
    """
    owners = owners_in(preamble, header.delimiter)
    rows = Rows(header, loose, options, into, marks, owners).read(lines)
    return without_left_out(without_summaries(rows, into), into)


def owners_in(lines: Iterable[str], delimiter: str) -> dict[str, str]:
    """Whom `lines` that are no rows name, by what they call it.

    Raises:
        RecordingError: several.
    """
    owners: dict[str, str] = {}
    for line in lines:
        try:
            got = cells(line, delimiter)
        except ValueError:
            continue  # a title may hold a quote
        _note_owner(got, owners)
    return owners


def _note_owner(got: Sequence[str], owners: dict[str, str]) -> None:
    label, value = owner_line(got)
    if label and (before := owners.setdefault(label, value)) != value:
        raise RecordingError(
            f"the table has parts of several patients ({got[0].partition(':')[0]} {before} and {value}): cut it"
            " into one file a patient"
        )


class Odd(Enum):
    """What a line is that may be no row."""

    BLANK, REFUSED = "it says nothing", "it is counted and not used"
    AGAIN = "the same header again"
    OTHER = "a row, or something by which the lines below it are read otherwise"


class Rows(Struct):
    """The rows of one table, as they are cut; arguments as of `read_rows`. `owners`: whom the preamble names."""

    header: Header
    loose: bool
    options: Options
    into: Builder
    marks: Marks
    owners: dict[str, str] = field(default_factory=dict)
    number: int = -1
    rows: list[Row] = field(default_factory=list)
    _before: str = ""
    _under: bool = True
    _foreign: str = ""
    _held: dict[str, str] = field(default_factory=dict)
    _day: tuple[str, str] = ("", "")
    _is_filled: bool = False
    _narrow: tuple[Header, Header, tuple[int, ...]] | None = None

    @property
    def _blank(self) -> str:
        """What a line consists of that says nothing: spreadsheets pad a table with rows of empty cells."""
        return f'{self.header.delimiter} \t\r\n"\ufeff'

    def odd(self, line: str, number: int, before: str) -> Odd:
        """What a `line` is; if it is refused, that is told, and its `number` if it counts. `before`: the line above.

        Raises:
            RecordingError: as of `read_rows`.
        """
        if not line.strip(self._blank):
            return Odd.BLANK
        header, self.number, self._before = self.header, number, before
        got = self._fitting(line)
        if got is not None and not (mark := got[header.time[0]])[:1].isdigit() and self._is_header(mark, line):
            got = None
        if got is not None or self._foreign:
            return Odd.OTHER
        if self.header is header:
            return Odd.REFUSED
        return Odd.AGAIN if self.header == header else Odd.OTHER

    def read(self, lines: Iterable[str]) -> list[Row]:
        blank = self._blank
        limits = self.options.limits
        ends = time.monotonic() + limits.seconds
        for line in lines:
            if not line.strip(blank):
                continue
            self.number += 1
            if self.number >= limits.rows:
                raise RecordingError(f"the table has more than {limits.rows} rows: cut it into shorter ones")
            if not self.number % _OFTEN and time.monotonic() > ends:
                raise RecordingError(
                    f"reading the table took longer than {limits.seconds:g} s and was given up: cut it into parts"
                )
            if (got := self._fitting(line)) is not None:
                self._take(got, line)
            self._before = line
        self.into.counts.rows = self.number + 1
        if self._is_filled:
            self.into.notice("time-assumed", "rows without a date were taken to be of the date above them")
        return self.rows

    def _take(self, got: list[str], line: str) -> None:
        header = self.header
        mark = got[header.time[0]]
        under, self._under = self._under, False
        if under and (units := units_row(header, got, self.options)):
            tell_units(header, units, self.into)
            self.number, self.header = self.number - 1, units
            return
        if not mark[:1].isdigit():
            if self._is_header(mark, line):
                return
            _note_owner(got, self.owners)
            if not under and _names_columns(got) and not _has_time(header, got):
                self._foreign = _NOT_UNDERSTOOD
        if self._foreign:
            self._refuse("of another table", self._foreign, line)
            return
        header, doubted = self.header, not line.endswith("\n")
        if self.marks.of(header):
            self.marks.take(self.number, [*got[:-1], ""] if doubted else got, header)
        is_wide = len(got) > WIDEST and header.layout is Layout.WIDE
        if is_wide and not self.loose and ticks_column(header.names) < 0:
            if self._narrow is None or self._narrow[0] is not header:
                self._narrow = (header, *header.narrowed())
            _, header, kept = self._narrow
            doubted = doubted and len(got) - 1 in kept
            got = [got[index] for index in kept]
        held = self._held
        if len(held) > _HELD_MOST:
            held.clear()
        got = [held.setdefault(cell, cell) for cell in got]  # a table has the same few texts again and again
        said = joined(self._with_date([got[index] for index in header.time]))
        self.rows.append(Row(self.number, said, got, header, doubted))

    def _with_date(self, time: list[str]) -> list[str]:
        """The cells of a `time`, with the date above where that stands once a day, until the clock goes back."""
        if len(time) < 2:
            return time
        date, clock = time
        if is_missing(date) and clock and self._day[0]:
            day, before = self._day
            passed, ago = time_of_day(clock), time_of_day(before)
            if passed is not None and ago is not None and passed >= ago:
                date, self._is_filled = day, True
        self._day = date, clock
        return [date, clock]

    def _fitting(self, line: str) -> list[str] | None:
        """The row's cells, as many as the header has; None if it is refused, or is a new header of another length."""
        if "\x00" in line:
            self._refuse("with NUL bytes", "holds NUL bytes (a power loss?)", line)
            return None
        header = self.header
        try:
            got = cells(line, header.delimiter)
        except ValueError as error:
            self._refuse("not readable", f"cannot be read: {error}", line)
            return None
        wanted = len(header.names)
        if fits(got, header):
            return got
        if not got[0][:1].isdigit() and self._is_header(got[0], line):
            return None
        if len(got) > wanted and header.is_queensland:
            return got[:wanted]
        if self.loose and len(got) > wanted:
            return [*got[:LEADING], *[""] * (wanted - LEADING)]
        _note_owner(got, self.owners)
        if len(got) < wanted and not line.endswith("\n"):
            self.into.counts.refuse("cut")
            text = f"the last row is cut: {len(got)} of {wanted} fields"
            self.into.notice("incomplete", text, row=self.number, raw=_raw(line))
            return None
        self._refuse("of another length", f"has {len(got)} fields under a header of {wanted}", line)
        return None

    def _refuse(self, reason: str, why: str, line: str) -> None:
        self.into.refuse(reason, f"row {self.number + 1} {why}", row=self.number, raw=_raw(line))

    def _is_header(self, mark: str, line: str) -> bool:
        """Whether `line`, whose time is no time, is a new header: then what follows is read by it."""
        header, row = self.header, self.number + 1
        again = header.written and tuple(cells(line, header.delimiter)) == header.written
        found = header if again else read_header(line, header.line, header.delimiter, self.options, self._before)
        if found is None or found.layout is not header.layout:
            if plain(mark) in ("", *(plain(header.names[index]) for index in header.time)) and plain(mark):
                self._foreign = _NOT_UNDERSTOOD
                self._refuse("of another table", "is a header that is not understood, and so is what follows", line)
                return True
            return False
        if found.names != header.names:
            text = f"a new header with other columns follows row {row - 1} (the logger was restarted)"
            self.into.notice("device-event", text, row=max(self.number - 1, 0))
            self.into.mapping += [column for column in found.columns if column.name not in header.names]
        self.number -= 1
        self.header, self._under = found, True
        self._foreign = _OF_STATISTICS if self._is_titled_as_summary() else ""
        return True

    def _is_titled_as_summary(self) -> bool:
        """Whether the line above a header says that statistics follow, such as the hourly averages of a report."""
        try:
            return is_title(cells(self._before, self.header.delimiter))
        except ValueError:
            return False


def fits(got: Sequence[str], header: Header) -> bool:
    """Whether a row has as many cells as its header, and behind them none that holds anything."""
    wanted = len(header.names)
    return len(got) == wanted or (len(got) > wanted and not any(got[wanted:]))


def units_row(header: Header, got: Sequence[str], options: Options) -> Header | None:
    """The header with the units in the row `got` under it, None if that is a row of data.

    Raises:
        RecordingError: it says of columns that they are statistics, such as the means and the maxima of intervals.
    """
    if _has_time(header, got):
        return None
    if said := [cell for cell in (got[one.index] for one in header.fields) if statistic(cell)]:
        raise RecordingError(
            f"the row under the header says that the columns are statistics ({', '.join(dict.fromkeys(said))}): put it"
            " into the names of the columns, and say with --mapping which are read"
        )
    return with_units(header, got, options)


def tell_units(header: Header, units: Header, into: Builder) -> None:
    """Notes what became of the columns of `header` by the `units` in the row under it."""
    known = [each.name for each in units.fields]
    if gone := [one.name for one in header.fields if one.name not in known]:
        into.notice("ignored", f"columns left out, whose units are not known: {', '.join(gone)}")
    now = {column.name: column for column in units.columns}
    into.mapping = [now.get(column.name, column) for column in into.mapping] or list(units.columns)


def _has_time(header: Header, got: Sequence[str]) -> bool:
    return kind_of(joined([got[index] for index in header.time])) is not None


def _names_columns(got: Sequence[str]) -> bool:
    """The cells are texts all, or one is the name of a time, and none a number: they head the columns of another table,
    such as a report's next part."""
    if any(cell[:1].isdigit() for cell in got) or len(got) < 2:
        return False
    return not any(map(is_missing, got)) or any(plain(cell) in TIMES for cell in got)


def _raw(line: str) -> bytes:
    return line.rstrip("\n").encode(errors="replace")[:200]


def steps_back(times: Iterator[int] | Sequence[int]) -> int:
    """How often a time is more than a second before the one in the row above."""
    count, before = 0, None
    for each in times:
        if before is not None and each < before - STEP_BACK:
            count += 1
        before = each
    return count
