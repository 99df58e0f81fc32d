"""`Marks` and their runs in numpy: the same codes and the same runs as row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from devices.recordings.delimited.blocks import WORD, Block
from devices.recordings.patients.mark_runs import MOST_RUNS, Run
from devices.recordings.patients.marks import MOST, NONE, Mark, Marks
from devices.recordings.patients.observed import Observed
from devices.recordings.patients.unnamed import judge_marks
from devices.recordings.printable import one_line
from devices.recordings.recording import Builder
from devices.recordings.series import doubles
from devices.recordings.tables.header import Field, Header
from devices.recordings.tables.wide_columns import Regular

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes, Words

_MANY = 2 * MOST
"""So many cells are looked at first: of more, all are put in order, which takes long where all differ."""
_SPELLINGS = 1024
"""More than there are of no value."""
_DELETE = 127


def take_block(marks: Marks, block: Block, ends: Places, sizes: Sizes, header: Header, begin: int) -> None:
    """The cells of the rows of `block`, whose cells have these `ends` and `sizes` (column, row).

    `begin`: the number of the first.
    """
    for place, name in list(marks.of(header)):
        marks.reach(name, begin)
        keys = block.keys(ends[place], sizes[place])
        if keys is None:
            marks.drop(name)
            continue
        # Mostly a cell is as the one above it.
        starts = np.flatnonzero(keys[1:] != keys[:-1]) + 1
        starts = np.concatenate(([0], starts))
        if len(starts) > _MANY and not _may_name(marks, name, block, ends[place], sizes[place], keys, starts[:_MANY]):
            continue
        _, first, which = np.unique(keys[starts], return_index=True, return_inverse=True)
        appear = np.argsort(first)
        at = starts[first[appear]]
        codes = marks.codes(name, _texts(block, ends[place, at], sizes[place, at]))
        if codes is None:
            continue
        if block.numbers is not None and int(block.numbers[-1]) - begin >= len(keys):
            whole = np.full(int(block.numbers[-1]) + 1 - begin, NONE, np.uint16)
            each = np.empty(len(codes), np.uint16)
            each[appear] = codes
            whole[block.numbers - begin] = np.repeat(each[which], np.diff(starts, append=len(keys)))
            marks.extend(name, whole.tobytes())
        elif len(starts) == 1:
            marks.repeat(name, codes[0], len(keys))
        else:
            each = np.empty(len(codes), np.uint16)
            each[appear] = codes
            each = each[which]
            marks.extend(name, np.repeat(each, np.diff(starts, append=len(keys))).tobytes())
    marks.bound()


def _may_name(
    marks: Marks, name: str, block: Block, ends: Places, sizes: Sizes, keys: Words, first: NDArray[np.int64]
) -> bool:
    """Whether the column called `name` is looked at still, by its `first` cells that differ from those above them."""
    different = len(np.unique(keys[first]))
    if 2 * different < len(first):
        return True
    if different > MOST + _SPELLINGS and sizes[first].max() <= WORD and _are_graphic(keys[first]):
        marks.drop(name)
        return False
    return marks.codes(name, _texts(block, ends[first], sizes[first])) is not None


def _are_graphic(cells: Words) -> bool:
    """No blank and nothing but ASCII is in these cells of eight bytes, so that each is a text of its own."""
    octets = cells.view(np.uint8)
    return bool((((octets > ord(" ")) & (octets < _DELETE)) | (octets == 0)).all())


def _texts(block: Block, ends: Places, sizes: Sizes) -> Iterator[str]:
    for end, size in zip(ends.tolist(), sizes.tolist(), strict=True):
        yield _text(block.cell(end, size))


def _text(cell: bytes) -> str:
    try:
        return one_line(cell.decode())
    except UnicodeDecodeError:
        return one_line(cell.decode("cp1252", "replace"))


def judge_columns(
    marks: Marks,
    times: NDArray[np.int64] | Regular,
    values: Sequence[tuple[Field, NDArray[np.float32] | NDArray[np.float64]]],
    header: Header,
    into: Builder,
    numbers: NDArray[np.int32] | None = None,
) -> None:
    """As `judge_marks`, for a table in columns. `numbers`: of its rows; None: 0, 1 and so on.

    Raises:
        ChoiceNeeded: a column tells patients apart, as it seems.
    """
    if not marks.are_there:
        return
    ascend = isinstance(times, Regular) or _ascend(times)
    times = times.instants() if isinstance(times, Regular) else times
    every = range(len(times)) if numbers is None else numbers
    rows = Observed("", times, (), every, True)  # type: ignore[arg-type]
    _judge(marks, rows, _observed(times, values, every), header, into, ascend)


def _judge(
    marks: Marks, rows: Observed, signals: Iterable[Observed], header: Header, into: Builder, ascend: bool
) -> None:
    """`ascend`: all times do; else they are judged as lists, for rows of one time may be of several patients."""
    if ascend:
        judge_marks(marks, rows, signals, header, into, runs_of)
    else:
        judge_marks(marks, _listed(rows), map(_listed, signals), header, into)


def _listed(one: Observed) -> Observed:
    times, values, rows = (np.asarray(each).tolist() for each in (one.times, one.values, one.rows))
    return Observed(one.signal, times, values, rows)


def _ascend(times: NDArray[np.int64]) -> bool:
    return bool((times[1:] > times[:-1]).all())


def judge_long(
    marks: Marks,
    times: NDArray[np.int64],
    values: Sequence[tuple[Field, NDArray[np.float32] | NDArray[np.float64]]],
    standing: Sequence[NDArray[np.int32]],
    header: Header,
    into: Builder,
) -> None:
    """As `judge_columns`, for a long table, of each of whose columns the values stand in the rows `standing`."""
    if not marks.are_there:
        return
    held: list[Observed] = []
    for (field, column), rows in zip(values, standing, strict=True):
        there = np.flatnonzero(column == column)
        when = times[there]
        held.append(Observed(field.signal, when, doubles(column[there]), rows, _ascend(when)))  # type: ignore[arg-type]
    every = np.concatenate([one.rows for one in held])
    order = every.argsort()
    when = np.concatenate([one.times for one in held])
    when = when[order]
    all_rows = Observed("", when, (), every[order], True)  # type: ignore[arg-type]
    _judge(marks, all_rows, _without_zeros(held), header, into, ascend=bool((when[1:] >= when[:-1]).all()))


def _without_zeros(held: Sequence[Observed]) -> Iterator[Observed]:
    """What was `held`, but for zeros, in the order of the first rows."""
    kept = []
    for one in held:
        there = np.flatnonzero(one.values)
        if len(there):
            times, values, rows = (np.asarray(each)[there] for each in (one.times, one.values, one.rows))
            kept.append(Observed(one.signal, times, values, rows, one.ascends))  # type: ignore[arg-type]
    return iter(sorted(kept, key=lambda one: one.rows[0]))


def _observed(
    times: NDArray[np.int64],
    values: Sequence[tuple[Field, NDArray[np.float32] | NDArray[np.float64]]],
    numbers: range | NDArray[np.int32],
) -> Iterator[Observed]:
    for field, column in values:
        there = (column == column) & (column != 0)
        if there.all():
            yield Observed(field.signal, times, column, numbers, True)  # type: ignore[arg-type]
            continue
        rows = np.flatnonzero(there)
        standing = rows if isinstance(numbers, range) else numbers[rows]
        yield Observed(field.signal, times[rows], column[rows], standing, True)  # type: ignore[arg-type]


def runs_of(mark: Mark, observed: Observed) -> tuple[list[Run], int]:
    """The runs of `mark` in what was observed, whose times ascend, and how many values have no code."""
    codes = np.frombuffer(mark.codes, np.uint16)
    if len(observed.rows) != len(codes):
        codes = codes[np.asarray(observed.rows)]
    times = np.asarray(observed.times)
    values = np.asarray(observed.values)
    holes = len(codes) - int(np.count_nonzero(codes))  # NONE is 0
    if holes:
        there = np.flatnonzero(codes != NONE)
        codes, times = codes[there], times[there]
        values = values[there] if len(values) else values
    if not len(codes):
        return [], holes
    starts = np.concatenate(([0], np.flatnonzero(codes[1:] != codes[:-1]) + 1))
    ends = np.append(starts[1:], len(codes)) - 1
    starts, ends = starts[:MOST_RUNS], ends[:MOST_RUNS]
    steps = np.where(ends > starts, times[ends] - times[ends - 1], 0)
    firsts = lasts = np.zeros(len(starts))
    if len(values):
        firsts, lasts = (doubles(values[places]) for places in (starts, ends))
    columns = (codes[starts], times[starts], firsts, times[ends], lasts, steps)
    return [Run(*each) for each in zip(*(column.tolist() for column in columns), strict=True)], holes
