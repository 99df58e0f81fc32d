"""A long text table, one row a value, straight to columns: neighbouring rows of one time are one sample.

What `long.read_long` does row by row, where nothing needs judging: no quantity comes twice at one time, and no value is
refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from devices.errors import RecordingError
from devices.recordings.header import Header
from devices.recordings.long_kinds import Kinds, text_in
from devices.recordings.mark_columns import take_block
from devices.recordings.marks import Marks
from devices.recordings.options import Options
from devices.recordings.patients import chosen_patient
from devices.recordings.quantities import is_challenge, tell_quantities
from devices.recordings.recording import Builder
from devices.recordings.table_blocks import AHEAD, WORD, Block, Unfit, changes
from devices.recordings.table_bytes import TableBytes
from devices.recordings.table_head import Cut, Found, mark_of
from devices.recordings.table_settled import Columns, Long, is_unit_open, longer, settle
from devices.recordings.table_times import times_of, whole_times
from devices.recordings.wide import BELOW_0
from devices.recordings.wide_columns import SampleRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from devices.recordings.table_blocks import Places, Sizes

    Values = NDArray[np.float32] | NDArray[np.float64]

_ZERO, _NINE = ord("0"), ord("9")


def read_long(
    source: TableBytes, size: int, found: Found, options: Options, kind: type[np.float32] | type[np.float64]
) -> Columns | None:
    """The samples of the table in `source`, a file of `size` bytes. `kind`: as `Numbers` takes it.

    Raises:
        Unfit: it must be read row by row.
    """
    limits, header = options.limits, found.header
    mark = mark_of(header, options)
    times, cut, marks = None, Cut(header, limits.line), Marks(options)
    kinds, samples = Kinds(header, options, mark, kind, source.is_guessed), _Samples(kind)
    whose = _Whose(header, source.is_guessed)
    rows = 0
    when = slice(header.time[0], header.time[0] + len(header.time))
    for block in source.blocks(found.begin, limits.line):
        if block.is_cut:
            return None
        if times is None:
            times = times_of(cut.first(block), header, options, mark)
        ends, sizes = cut.cells(block)
        if rows + ends.shape[1] > min(limits.rows, limits.readings):
            return None
        whose.see(block, ends, sizes)
        if marks.of(header):
            take_block(marks, block, ends, sizes, header)
        new = samples.begin(block, ends[when], sizes[when], size)
        if len(new):
            times.read(block, ends[when][:, new], sizes[when][:, new], samples.times_of(len(new)))
        samples.fill(rows, kinds.read(block, ends, sizes))
        if samples.count * len(kinds.columns) > limits.readings:
            return None
        rows += ends.shape[1]
    # Rows of several patients are told of by all their times and values.
    if times is None or any(True for _ in marks):
        return None
    instants, first, columns = samples.times, samples.rows, samples.columns
    reader = times.finish(instants)
    if (instants[1:] <= instants[:-1]).any():
        return None
    if not (there := first >= 0).all():
        instants, first, columns = instants[there], first[there], [column[there] for column in columns]
    if not len(instants):
        return None
    regular = settle(reader, header, instants, options)
    challenge = is_challenge(kinds.names)
    try:
        fields = tell_quantities(kinds.called, challenge, header, options, Builder(""))
    except RecordingError:
        return None
    none: Values = np.full(len(instants), np.nan, kind)  # type: ignore[assignment]
    places = kinds.columns
    values = tuple((field, columns[places[name]] if name in places else none) for name, field in fields.items())
    if challenge and any((column < 0).any() for field, column in values if field.signal in BELOW_0):
        return None  # -1 is unknown there
    if not challenge and header.unit < 0 and any(is_unit_open(*each) for each in values):
        return None
    told = Long(
        kinds.called, challenge, SampleRows(first, samples.used), kinds.refused(),
        None if header.who else kinds.record, whose.names,
    )  # fmt: skip
    return Columns(header, header, instants, regular, values, reader, times.first, mark.found, "", marks, rows, told)


def tell_long(found: Columns, options: Options, into: Builder) -> None:
    """Notes what the rows of a long table say besides their values and times."""
    header, long = found.header, found.long
    assert long is not None
    if header.who:
        perhaps = [place for place, index in enumerate(header.who) if index in header.perhaps]
        chosen_patient({long.who: found.count}, options, into, perhaps)
    tell_quantities(long.called, long.challenge, header, options, into)
    if long.record is not None:
        into.patients = (long.record,)
    for reason, refused in long.refused.items():
        into.counts.refuse(reason, refused)


class _Samples:
    """The samples of one table: neighbouring rows of one time.

    Attributes:
        count: so many there are. used: so many values they have.
    """

    def __init__(self, kind: type[np.float32] | type[np.float64]) -> None:
        self._kind = kind
        self.count, self.used = 0, 0
        self._times, self._rows = np.empty(0, np.int64), np.empty(0, np.int32)
        self._columns: list[NDArray[Any]] = []
        self._last = b""
        self._of = self._begins = np.empty(0, np.int64)
        """Of the rows of a block their samples, and the first of each sample."""

    @property
    def times(self) -> NDArray[np.int64]:
        return self._times[: self.count]

    @property
    def rows(self) -> NDArray[np.int32]:
        """Of each sample the number of its first row with a value, -1 if it has none."""
        return self._rows[: self.count]

    @property
    def columns(self) -> list[Values]:
        """The values of each quantity, NaN where a sample has none."""
        return [column[: self.count] for column in self._columns]

    def times_of(self, new: int) -> NDArray[np.int64]:
        """The room for the times of the `new` samples."""
        return self._times[self.count - new : self.count]

    def begin(self, block: Block, ends: Places, sizes: Sizes, size: int) -> NDArray[np.int64]:
        """The rows of a block at which a sample begins; cells as (column, row), of the time columns.

        Args:
            size: bytes of the whole file.

        Raises:
            Unfit: a row may be no row: it does not begin with a digit.
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
        digit = block.octets[AHEAD:].take(ends[0][begins] - sizes[0][begins])
        if ((digit < _ZERO) | (digit > _NINE)).any():
            raise Unfit
        until = self.count + len(begins)
        if until > len(self._times):
            # As long as the rest of the file, if its rows are as long as these; what is not used costs nothing.
            most = self.count + max(len(begins), int(1.02 * len(begins) * size / block.size))
            self._times, self._rows = longer(self._times, most), longer(self._rows, most)
            self._columns = [longer(column, most) for column in self._columns]
        self._rows[self.count : until] = -1
        for column in self._columns:
            column[self.count : until] = np.nan
        self.count = until
        return begins

    def fill(self, before: int, read: Iterable[tuple[int, NDArray[np.int64], Values]]) -> None:
        """Takes what was read in the block: of each quantity its column, its rows and their values; NaN is none.

        Args:
            before: so many rows stand before the block.

        Raises:
            Unfit: a quantity comes twice at one time.
        """
        taken: list[NDArray[np.int64]] = []
        seen: set[int] = set()
        for column, rows, values in read:
            there = values == values
            if not there.all():
                rows, values = rows[there], values[there]
            while column >= len(self._columns):
                self._columns.append(np.empty(len(self._times), self._kind))
                self._columns[-1][: self.count] = np.nan
            if not len(rows):
                continue
            into, places = self._columns[column], self._of[rows]
            # The first sample may have begun in the block before.
            already = into[places if column in seen else places[:1]]
            if (places[1:] == places[:-1]).any() or (already == already).any():
                raise Unfit
            into[places] = values
            seen.add(column)
            taken.append(rows)
        self._note_rows(before, taken)

    def _note_rows(self, before: int, taken: Sequence[NDArray[np.int64]]) -> None:
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
        self._rows[places[new]] = rows[new] + before


class _Whose:
    """The columns that name the patient, in all rows the same. `names`: what they hold."""

    def __init__(self, header: Header, is_guessed: bool) -> None:
        self._places, self._is_guessed = header.who, is_guessed
        self.names: tuple[str, ...] = ()

    def see(self, block: Block, ends: Places, sizes: Sizes) -> None:
        """Notes the cells of a block, as (column, row).

        Raises:
            Unfit: they name several.
        """
        names = []
        for place in self._places:
            keys = block.keys(ends[place], sizes[place])
            if keys is None or (keys != keys[0]).any():
                raise Unfit
            names.append(text_in(block, ends[place], sizes[place], 0, self._is_guessed))
        if self.names and self.names != tuple(names):
            raise Unfit
        self.names = tuple(names)
