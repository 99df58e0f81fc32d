"""The rows of a wide text table in columns that are of no instant: their time is none, or lies in an hour that its zone
skips or has twice. They are left out and told, as `tables.wide` does row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from devices.instant import ClockChange
from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.refused import Told
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.names import plain
from devices.recordings.recording import TOLD, Builder
from devices.recordings.tables.columns import KNOWN_TIMES, owner_line
from devices.recordings.tables.header import Header
from devices.recordings.tables.rows import WIDEST
from devices.recordings.tables.stamps import joined
from devices.recordings.tables.times import CHANGED_HOUR, NO_TIME, TimeReader
from devices.recordings.texts import cells, is_missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places

    Rows = NDArray[np.int64]


class Untimed(Unfit):
    """There are such rows: their numbers among the rows that were read, ascending, those `changed` for the hour in
    which they lie, and those with `no` time."""

    def __init__(self, changed: Rows, no: Rows) -> None:
        super().__init__()
        self.changed, self.no = changed, no


class UntimedRows:
    """The rows of a table in columns that `found` tells. `is_guessed`: as `TableBytes` says.

    Attributes:
        told: what is said of the first of them.

    Raises:
        Unfit: such rows are judged by more than their times, or are not told as they stand.
    """

    def __init__(self, found: Untimed, header: Header, is_guessed: bool) -> None:
        if header.pairs or header.is_queensland or len(header.names) > WIDEST:  # not all cells of such are told
            raise Unfit
        self._found, self._header, self._is_guessed = found, header, is_guessed
        self._rows = np.sort(np.concatenate((found.changed, found.no)))
        self._lines: list[tuple[int, bytes]] = []
        self.told: list[Told] = []

    def anew(self) -> UntimedRows:
        return UntimedRows(self._found, self._header, self._is_guessed)

    def count(self, into: Builder) -> int:
        """Counts them; how many they are."""
        for reason, rows in ((CHANGED_HOUR, self._found.changed), (NO_TIME, self._found.no)):
            if len(rows):
                into.counts.refuse(reason, len(rows))
        return len(self._rows)

    def others(self, block: Block, ends: Places, begin: int, numbers: Rows | range) -> Rows:
        """The rows of a block that are none of them; the first of those that are one are kept, to be told.

        Args:
            begin: the number of its first row among those that are read. numbers: of its rows in the table.

        Raises:
            Unfit: nothing ends the last line, and it is one.
        """
        kept = np.ones(ends.shape[1], np.bool_)
        first, until = self._rows.searchsorted((begin, begin + len(kept)))
        gone = self._rows[first:until] - begin
        kept[gone] = False
        if block.is_cut and len(gone):
            raise Unfit
        for row in gone[: TOLD - len(self._lines)].tolist():
            self._lines.append((int(numbers[row]), block.line(int(ends[-1, row]))))
        return kept.nonzero()[0]

    def settle(self, reader: TimeReader) -> None:
        """Finds out what is told of them; `reader` notes how many lie in an hour of a clock change.

        Raises:
            Unfit: the characters of one are open.
        """
        header = self._header
        for number, line in self._lines:
            if self._is_guessed and not line.isascii():
                raise Unfit
            got = cells(line.decode(errors="replace"), header.delimiter)
            try:
                reader.read(joined([got[place] for place in header.time]))
            except (ValueError, OverflowError) as error:
                raw = header.delimiter.join(got).encode(errors="replace")
                self.told.append(Told(number, "row-refused", f"row {number + 1}: {error}", raw))
        reader.skipped = len(self._found.changed)


def is_untimed(line: bytes, header: Header, reader: TimeReader) -> bool:
    """Whether a `line` as long as a row is one in which no time stands, and nothing by which the lines below it are
    read otherwise: a header again, the next part of a report, whose they are."""
    try:
        got = cells(line.decode("ascii"), header.delimiter)
    except ValueError:
        return False
    if not is_missing(got[header.time[0]]) or owner_line(got)[0] or any(plain(cell) in KNOWN_TIMES for cell in got):
        return False
    try:
        reader.read(got[header.time[0]])
    except ClockChange:
        return False
    except (ValueError, OverflowError):
        return True
    return False
