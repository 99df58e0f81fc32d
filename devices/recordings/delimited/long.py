"""A long text table, one row a value, straight to columns: neighbouring rows of one time are one sample.

What `tables.long.read_long` does row by row, where nothing needs judging.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from devices.errors import RecordingError
from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.events import Events
from devices.recordings.delimited.head import Cut, Found, mark_of
from devices.recordings.delimited.long_kinds import Kinds, text_in
from devices.recordings.delimited.long_samples import Samples
from devices.recordings.delimited.refused_rows import RefusedRows
from devices.recordings.delimited.settled import Columns, Long, is_unit_open, settle
from devices.recordings.delimited.times import times_of
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.delimited.utf8 import TableBytes
from devices.recordings.options import Options
from devices.recordings.patients.mark_columns import take_block
from devices.recordings.patients.marks import Marks
from devices.recordings.patients.named import chosen_patient
from devices.recordings.recording import Builder
from devices.recordings.tables.header import Header
from devices.recordings.tables.quantities import is_challenge, tell_quantities
from devices.recordings.tables.wide import BELOW_0
from devices.recordings.tables.wide_columns import SampleRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes

    Values = NDArray[np.float32] | NDArray[np.float64]


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
    refused = RefusedRows(header, source.is_guessed)
    kinds, samples = Kinds(source, header, options, mark, kind, refused), Samples(kind, bool(marks.of(header)))
    whose = _Whose(header, source.is_guessed)
    rows = 0
    when = slice(header.time[0], header.time[0] + len(header.time))
    for block in source.blocks(found.begin, limits.line):
        if block.is_cut and any(place == len(header.names) - 1 for place, _ in marks.of(header)):
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
        samples.fill(rows, kinds.read(block, ends, sizes, range(rows, rows + ends.shape[1])))
        if samples.count * len(kinds.columns) > limits.readings:
            return None
        rows += ends.shape[1]
    if times is None:
        return None
    instants, first, columns = samples.times, samples.rows, samples.columns
    reader = times.finish(instants)
    if (instants[1:] <= instants[:-1]).any():
        return None
    instants = samples.of_each(instants)
    if not (there := first >= 0).all():
        instants, first, columns = instants[there], first[there], [column[there] for column in columns]
    if not len(instants):
        return None
    challenge = is_challenge(kinds.names)
    try:
        fields = tell_quantities(kinds.called, challenge, header, options, Builder(""))
    except RecordingError:
        return None
    standing = samples.standing if any(True for _ in marks) else None
    none: Values = np.full(len(instants), np.nan, kind)  # type: ignore[assignment]
    places = kinds.columns
    values = tuple((field, columns[places[name]] if name in places else none) for name, field in fields.items())
    regular = settle(reader, header, instants, values, options)
    if challenge and (
        refused.are_below or any((column < 0).any() for field, column in values if field.signal in BELOW_0)
    ):
        return None  # -1 is unknown there, and MAP is the arterial line's
    if not challenge and header.unit < 0 and any(is_unit_open(*each) for each in values):
        return None
    told = Long(
        kinds.called, challenge, SampleRows(first, samples.used), kinds.left_out(), refused,
        None if header.who else kinds.record, whose.names,
        tuple(standing[places[name]] if name in places else standing[-1] for name in fields) if standing else (),
    )  # fmt: skip
    return Columns(
        header, header, instants, regular, values, reader, times.first, mark.found, kinds.cut_off, Events(header),
        marks, rows, told,
    )  # fmt: skip


def tell_long(found: Columns, options: Options, into: Builder) -> None:
    """Notes what the rows of a long table say besides their values and times."""
    header, long = found.header, found.long
    assert long is not None
    if header.who:
        perhaps = [place for place, index in enumerate(header.who) if index in header.perhaps]
        chosen_patient({long.who: found.count}, options, into, perhaps)
    fields = tell_quantities(long.called, long.challenge, header, options, into)
    if long.record is not None:
        into.patients = (long.record,)
    for reason, count in long.left_out.items():
        into.counts.refuse(reason, count)
    long.refused.tell(fields, options, found.mark, into)
    if found.cut_off:
        into.notice("incomplete", f"the last row has no end: its {found.cut_off} may be cut, and was not used")


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
            if any((words != words[0]).any() for words in block.words(ends[place], sizes[place])):
                raise Unfit
            names.append(text_in(block, ends[place], sizes[place], 0, self._is_guessed))
        if self.names and self.names != tuple(names):
            raise Unfit
        self.names = tuple(names)
