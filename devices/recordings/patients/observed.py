"""What was observed in a table, beside the codes of a column that is not read: how the two follow each other.

Of lists; what is in columns has the same runs by `mark_columns`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from msgspec import Struct

from devices import instant
from devices.recordings.patients.mark_runs import MOST_RUNS, Run
from devices.recordings.patients.marks import NONE, Mark
from devices.recordings.tables.columns import Field

FEWEST = 3
"""So many rows has a patient at least, and so many times of their own several rows: one or two a clock that was set
leaves, too."""


class Observed(Struct, frozen=True):
    """The values of one signal, or (signal "") all rows, as they follow each other in the file.

    Attributes:
        times, values, rows: of one length; `rows` are numbers of rows, and `values` are empty where it is all rows.
            Lists, or arrays of numpy.
        ascends: each time is later than the one before.
    """

    signal: str
    times: Sequence[int]
    values: Sequence[float]
    rows: Sequence[int]
    ascends: bool = False


class Seen:
    """What a long table holds, gathered value by value: 16 bytes a row and 24 a value."""

    def __init__(self) -> None:
        self._times, self._rows = array("q"), array("l")
        self._held: dict[str, tuple[str, array[int], array[float], array[int]]] = {}

    def take(self, one: Field, time: int, value: float, row: int) -> None:
        if not self._rows or self._rows[-1] != row:  # of a pair, both parts stand in one row
            self._times.append(time)
            self._rows.append(row)
        if value:
            if (held := self._held.get(one.name)) is None:
                held = self._held[one.name] = (one.signal, array("q"), array("d"), array("l"))
            _, times, values, rows = held
            times.append(time)
            values.append(value)
            rows.append(row)

    @property
    def rows(self) -> Observed:
        return Observed("", self._times, (), self._rows)

    def values(self) -> Iterator[Observed]:
        return (Observed(*held) for held in self._held.values())


class Together(Struct):
    """The times that have several rows with a code: in how many these are next to each other, and differ in value;
    `one_each`: none has two of one code. `apart`: by which part their values differ."""

    times: int
    several: int = 0
    adjacent: int = 0
    differing: int = 0
    one_each: bool = True
    apart: list[float] = []


def together(codes: array[int], observed: Observed) -> Together | None:
    """None if no time has several rows."""
    times = observed.times
    found = Together(len(set(times)))
    if found.times == len(times):
        return None
    order = sorted(range(len(times)), key=times.__getitem__)
    known = [(times[place], codes[observed.rows[place]], place) for place in order]
    for _, group in groupby((one for one in known if one[1] != NONE), key=itemgetter(0)):
        same = list(group)
        if len(same) < 2:
            continue
        found.several += 1
        found.one_each = found.one_each and len({code for _, code, _ in same}) == len(same)
        places = [place for _, _, place in same]
        found.adjacent += places[-1] - places[0] == len(places) - 1
        values = [observed.values[place] for place in places]
        found.differing += min(values) != max(values)
        if len(found.apart) < MOST_RUNS:
            found.apart.append((max(values) - min(values)) / (max(map(abs, values)) or 1))
    return found


def goes_back_with(codes: Sequence[int], times: Sequence[int]) -> bool:
    """Each of `codes`, one a row, fills one block of rows; the times go back where a block begins, and nowhere else."""
    blocks = [list(same) for _, same in groupby(range(len(codes)), key=codes.__getitem__)]
    if len(blocks) != len(set(codes)) or any(len(block) < FEWEST for block in blocks):
        return False
    begins = {block[0] for block in blocks[1:]}
    back = {place for place in range(1, len(times)) if times[place] < times[place - 1] - instant.MINUTE}
    return bool(back) and back <= begins


def runs_of(mark: Mark, observed: Observed) -> tuple[list[Run], int]:
    """By time; of lists."""
    times, values, codes = observed.times, observed.values, mark.codes
    held = [codes[row] for row in observed.rows]
    order: Iterable[int] = range(len(times))
    if not observed.ascends and any(later < earlier for earlier, later in pairwise(times)):
        order = sorted(order, key=times.__getitem__)
    runs: list[Run] = []
    run: Run | None = None
    for place in order:
        code = held[place]
        if code == NONE:
            continue
        time, value = times[place], values[place] if len(values) else 0.0
        if run is None or run.code != code:
            if len(runs) == MOST_RUNS:
                break
            run = Run(code, time, value, time, value, 0)
            runs.append(run)
        else:
            run.step, run.ends, run.last = time - run.ends, time, value
    return runs, held.count(NONE)


def usual_step(rows: Observed) -> int:
    """About the median step between the rows' times."""
    times = rows.times if rows.ascends else sorted(rows.times)
    count = len(times)
    places = range(0, count - 1, max(1, count // 1000))
    return int(median([int(times[place + 1]) - int(times[place]) for place in places]))


def median(values: Sequence[Any]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0
