"""The samples of a long table, block by block: its neighbouring rows of one time, and their values in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from devices.recordings.delimited.blocks import WORD, Block, changes
from devices.recordings.delimited.clock_times import whole_times
from devices.recordings.delimited.first_cells import are_rows
from devices.recordings.delimited.long_doubles import further_samples
from devices.recordings.delimited.settled import longer
from devices.recordings.delimited.unfit import Unfit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes

    Values = NDArray[np.float32] | NDArray[np.float64]
    _Piece = tuple[int, NDArray[np.int64], Values]


class Samples:
    """The samples of one table: neighbouring rows of one time.

    Attributes:
        count: so many there are. used: so many values they have.
    """

    def __init__(self, kind: type[np.float32] | type[np.float64], keep_rows: bool) -> None:
        self._kind, self._keep_rows = kind, keep_rows
        self._standing: list[list[NDArray[np.int32]]] = []
        self._first: list[int] = []
        """Of each column the first of its quantity: a pair has two."""
        self.count, self.used = 0, 0
        self._instants = 0
        self._parted: list[NDArray[np.int64]] = []
        self._times, self._rows = np.empty(0, np.int64), np.empty(0, np.int32)
        self._columns: list[NDArray[Any]] = []
        self._last = b""
        self._of = self._begins = np.empty(0, np.int64)
        """Of the rows of a block their samples, and the first of each sample."""

    @property
    def times(self) -> NDArray[np.int64]:
        """Each once, where several samples are of one time, too."""
        return self._times[: self._instants]

    @property
    def rows(self) -> NDArray[np.int32]:
        """Of each sample the number of its first row with a value, -1 if it has none."""
        return self._rows[: self.count]

    @property
    def columns(self) -> list[Values]:
        """The values of each quantity, NaN where a sample has none."""
        return [column[: self.count] for column in self._columns]

    @property
    def standing(self) -> list[NDArray[np.int32]]:
        """The numbers of the rows in which the values of each quantity stand, if they are kept; none at the end."""
        none = [np.empty(0, np.int32)]
        return [*(np.sort(np.concatenate(each)) for each in self._standing), *none]

    def times_of(self, new: int) -> NDArray[np.int64]:
        """The room for the times of the `new` samples."""
        return self._times[self._instants - new : self._instants]

    def of_each(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of each sample its time, of the `times` once each."""
        if not self._parted:
            return times
        begins = np.ones(self.count, np.bool_)
        begins[np.concatenate(self._parted)] = False
        found: NDArray[np.int64] = times[begins.cumsum() - 1]
        return found

    def begin(self, block: Block, ends: Places, sizes: Sizes, size: int) -> NDArray[np.int64]:
        """The rows of a block at which a sample begins; cells as (column, row), of the time columns.

        Args:
            size: bytes of the whole file.

        Raises:
            Unfit: a row may be no row.
        """
        end, wide = whole_times(ends, sizes)
        cells = block.long(end, -(-int(wide.max()) // WORD))
        new = changes(cells, wide, b"\xff" * (len(cells) * WORD))
        new[0] = block.cell(int(end[0]), int(wide[0])) != self._last
        self._last = block.cell(int(end[-1]), int(wide[-1]))
        self._of = new.cumsum() + (self.count - 1)
        begins = new.nonzero()[0]
        new[0] = True
        self._begins = new.nonzero()[0]
        if not are_rows(block, ends[0][begins], sizes[0][begins]):
            raise Unfit
        # As long as the rest of the file, if its rows are as long as these; what is not used costs nothing.
        room = int(1.02 * len(begins) * size / block.size)
        self._add(len(begins), room)
        self._instants += len(begins)
        if self._instants > len(self._times):
            self._times = longer(self._times, self._instants - len(begins) + max(len(begins), room))
        return begins

    def _add(self, new: int, room: int) -> None:
        """Adds `new` samples, and if there is no room for them that for `room`."""
        until = self.count + new
        if until > len(self._rows):
            most = self.count + max(new, room)
            self._rows = longer(self._rows, most)
            self._columns = [longer(column, most) for column in self._columns]
        self._rows[self.count : until] = -1
        for column in self._columns:
            column[self.count : until] = np.nan
        self.count = until

    def fill(self, numbers: NDArray[np.int64] | range, read: Iterable[_Piece]) -> None:
        """Takes what was read in the block: of each quantity its first column, its rows and their values, as (column,
        row); NaN is none.

        Args:
            numbers: of the block's rows in the table.
        """
        if isinstance(numbers, range):
            numbers = np.arange(numbers.start, numbers.stop)
        taken: dict[int, tuple[NDArray[np.int64], int]] = {}
        late: list[_Piece] = []
        used: list[NDArray[np.int64]] = []
        for column, rows, values in read:
            there = values == values
            if not (any_there := np.logical_or.reduce(there)).all():
                rows, values, there = rows[any_there], values[:, any_there], there[:, any_there]
            until = column + len(values)
            while until > len(self._columns):
                self._columns.append(np.empty(len(self._rows), self._kind))
                self._columns[-1][: self.count] = np.nan
                self._standing.append([np.empty(0, np.int32)])
                self._first.append(column)
            if not len(rows):
                continue
            held, places = self._columns[column:until], self._of[rows]
            # The first sample may have begun in the block before.
            already = any(into[places[0]] == into[places[0]] for into in held)
            if late or column in taken or already or (places[1:] == places[:-1]).any():
                late.append((column, rows, values))
            else:
                for into, each in zip(held, values, strict=True):
                    into[places] = each
                taken[column] = rows, len(values)
            used.append(rows)
            if self._keep_rows:
                for at, each in enumerate(there, column):
                    self._standing[at].append(numbers[rows[each]].astype(np.int32))
        if late:
            self._part([*self._taken_back(taken), *late])
        self._note_rows(numbers, used)

    def _taken_back(self, taken: Mapping[int, tuple[NDArray[np.int64], int]]) -> Iterator[_Piece]:
        """The values that were `taken` of the rows of each quantity, in so many columns, which are not there any
        more."""
        for column, (rows, count) in taken.items():
            held, places = self._columns[column : column + count], self._of[rows]
            yield column, rows, np.stack([into[places] for into in held])
            for into in held:
                into[places] = np.nan

    def _part(self, held: Sequence[_Piece]) -> None:
        """Takes all values of a block, as `fill`; further samples begin where a quantity comes twice in one."""
        first = int(self._of[0])
        columns = zip(self._first, self._columns, strict=True)
        begun = frozenset(of for of, column in columns if column[first] == column[first])
        parts = further_samples(self._of, _by_quantity(held), begun)
        if len(parts):
            self._add(len(parts), len(self._rows) // 4)
            more = np.zeros(len(self._of), np.int64)
            more[parts] = 1
            self._of = self._of + more.cumsum()
            self._begins = np.sort(np.append(self._begins, parts))
            self._parted.append(self._of[parts])
        for column, rows, values in held:
            for into, each in zip(self._columns[column:], values, strict=False):
                into[self._of[rows]] = each

    def _note_rows(self, numbers: NDArray[np.int64], taken: Sequence[NDArray[np.int64]]) -> None:
        """Notes the first rows of the samples in a block, of all its rows that were `taken`."""
        used = sum(map(len, taken))
        self.used += used
        rows, places = self._begins, self._of
        if used < len(places):
            held = np.zeros(len(places), np.bool_)
            for each in taken:
                held[each] = True
            kept = held.nonzero()[0]
            of = places[kept]
            begins = np.ones(len(kept), np.bool_)
            begins[1:] = of[1:] != of[:-1]
            rows = kept[begins]
        places = places[rows]
        new = self._rows[places] < 0
        self._rows[places[new]] = numbers[rows[new]]


def _by_quantity(held: Iterable[tuple[int, NDArray[np.int64], Any]]) -> dict[int, NDArray[np.int64]]:
    """The rows of each quantity; one in several units is `held` in several pieces."""
    found: dict[int, list[NDArray[np.int64]]] = {}
    for column, rows, _ in held:
        found.setdefault(column, []).append(rows)
    return {
        column: pieces[0] if len(pieces) == 1 else np.sort(np.concatenate(pieces)) for column, pieces in found.items()
    }
