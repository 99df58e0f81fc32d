"""A long text table, one row a value, straight to columns: neighbouring rows of one time are one sample.

What `tables.long.read_long` does row by row, where nothing needs judging.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from devices.errors import RecordingError
from devices.recordings.delimited.apart import time_cells
from devices.recordings.delimited.events import Events
from devices.recordings.delimited.head import Found, mark_of
from devices.recordings.delimited.long_kinds import Kinds
from devices.recordings.delimited.long_samples import Samples
from devices.recordings.delimited.refused_rows import RefusedRows
from devices.recordings.delimited.settled import Columns, Long, settle
from devices.recordings.delimited.table_rows import TableRows
from devices.recordings.delimited.times import times_of
from devices.recordings.options import Options
from devices.recordings.recording import Builder
from devices.recordings.tables.judging_columns import is_unit_open, may_be_open
from devices.recordings.tables.method_columns import method_in
from devices.recordings.tables.order import order_of
from devices.recordings.tables.pairs import tell_more
from devices.recordings.tables.quantities import is_challenge, tell_quantities
from devices.recordings.tables.wide import BELOW_0
from devices.recordings.tables.wide_columns import SampleRows, in_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float32] | NDArray[np.float64]


def read_long(
    table: TableRows, size: int, found: Found, options: Options, kind: type[np.float32] | type[np.float64]
) -> Columns | None:
    """The samples of the rows of `table`, a file of `size` bytes. `kind`: as `Numbers` takes it.

    Raises:
        Unfit: it must be read row by row.
    """
    limits, header, marks = options.limits, found.header, table.marks
    mark, times = mark_of(header, options), None
    refused = RefusedRows(header, table.is_guessed)
    kinds, samples = Kinds(table, header, options, mark, kind, refused), Samples(kind, bool(marks.of(header)))
    for block, ends, sizes, numbers in table:
        if times is None:
            times = times_of(table.first, header, options, mark)
        if table.count > limits.readings:
            return None
        cells, until, wide = time_cells(block, ends, sizes, header)
        new = samples.begin(cells, until, wide, size)
        if len(new):
            times.read(cells, until[:, new], wide[:, new], samples.times_of(len(new)))
        samples.fill(numbers, kinds.read(block, ends, sizes, numbers))
        if samples.count * len(kinds.columns) > limits.readings:
            return None
    if times is None:
        return None
    have_more = kinds.finish()
    instants, first, columns = samples.times, samples.rows, samples.columns
    reader = times.finish(instants)
    if (instants[1:] == instants[:-1]).any():
        return None
    begun = samples.of_each(np.arange(len(instants)))
    instants = samples.of_each(instants)
    if not (there := first >= 0).all():
        instants, first, columns = instants[there], first[there], [column[there] for column in columns]
        begun = begun[there]
        if ((instants[1:] == instants[:-1]) & (begun[1:] != begun[:-1])).any():
            return None  # what stands between two rows of one time is not read: they are one sample
    if not len(instants):
        return None
    challenge = is_challenge(kinds.names)
    try:
        fields = tell_quantities(kinds.called, challenge, header, options, Builder(""))
    except RecordingError:
        return None
    standing = samples.standing if marks.are_there else None
    none: Values = np.full(len(instants), np.nan, kind)  # type: ignore[assignment]
    places = kinds.columns
    regular = settle(reader, header, instants, options)
    order = None if regular is not None else order_of(instants)
    if order is not None:
        instants, first, columns = instants[order], first[order], [column[order] for column in columns]
        regular = in_steps(instants)
    values = tuple((field, columns[places[name]] if name in places else none) for name, field in fields.items())
    if challenge and (
        refused.are_below or any((column < 0).any() for field, column in values if field.signal in BELOW_0)
    ):
        return None  # -1 is unknown there, and MAP is the arterial line's
    # Which values of a quantity are without a unit is not known here, where others of it have one.
    bare, partly = kinds.without_unit, kinds.without_unit & kinds.with_unit
    if not challenge and any(
        (each.name in bare and is_unit_open(each, column)) or (each.name in partly and may_be_open(each, column))
        for each, column in values
    ):
        return None
    told = Long(
        kinds.called, challenge, SampleRows(first, samples.used), kinds.left_out(), refused,
        None if header.who else kinds.record,
        tuple(standing[places[name]] if name in places else standing[-1] for name in fields) if standing else (),
        tuple(have_more),
    )  # fmt: skip
    return Columns(
        header, header, instants, regular, values, reader, times.first, mark.found, kinds.cut_off, Events(header),
        marks, table.count, told, who=table.named(), rows_refused=table.refused,
        order=order, method=method_in(values, instants),
    )  # fmt: skip


def tell_long(found: Columns, options: Options, into: Builder) -> None:
    """Notes what the rows of a long table say besides their values and times."""
    header, long = found.header, found.long
    assert long is not None
    for name in long.have_more:
        tell_more(name, into)
    fields = tell_quantities(long.called, long.challenge, header, options, into)
    if long.record is not None:
        into.patients = (long.record,)
    for reason, count in long.left_out.items():
        into.counts.refuse(reason, count)
    long.refused.tell(fields, options, found.mark, into)
    if found.cut_off:
        into.notice("incomplete", f"the last row has no end: its {found.cut_off} may be cut, and was not used")
