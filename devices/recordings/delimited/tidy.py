"""This program's own tidy tables, one reading a row, straight to packed readings.

What `tables.long.read_tidy` does row by row, where nothing is refused and the rows stand in the order of their times.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from devices import instant
from devices.errors import RecordingError
from devices.reading import VALUELESS, Status
from devices.recordings.delimited.blocks import Block
from devices.recordings.delimited.cells import Numbers
from devices.recordings.delimited.cutting import Cut
from devices.recordings.delimited.digits import DecimalMark
from devices.recordings.delimited.long_kinds import text_in
from devices.recordings.delimited.row_groups import RowGroups
from devices.recordings.delimited.times import times_of
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.delimited.utf8 import TableBytes
from devices.recordings.names import Conversion
from devices.recordings.options import Options
from devices.recordings.readings.batches import Batch, Kind
from devices.recordings.readings.packed import PackedReadings
from devices.recordings.tables.header import TIDY, Field, Header, read_header
from devices.recordings.tables.times import TimeReader
from devices.signals import NIBP, SIGNALS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes

_HEAD = f"{','.join(TIDY)}\n".encode()
_SIGNAL, _VALUE, _UNIT, _STATUS, _SOURCE = range(1, 6)


class Tidy(Struct, frozen=True):
    """A tidy table's readings; `signals` in the order in which its rows have them."""

    header: Header
    reader: TimeReader
    readings: PackedReadings
    signals: tuple[str, ...]


def tidy_of(path: Path, options: Options) -> Tidy | None:
    """The readings of the tidy table in the file `path`, None where it is none or must be read row by row."""
    said, limits = options.overrides, options.limits
    if options.patient is not None or said.decimal_mark or said.time_unit or said.first_day:
        return None
    source = TableBytes(path)
    if [line.replace(b"\r\n", b"\n") for line in source.head(1)] != [_HEAD]:
        return None
    try:
        header = read_header(_HEAD.decode(), 0, ",", options)
        if header is None or header.names != TIDY:
            return None
        return _read(source, header, options, min(limits.rows, limits.readings))
    except (Unfit, RecordingError):
        return None


def _read(source: TableBytes, header: Header, options: Options, most: int) -> Tidy | None:
    mark = DecimalMark(".")
    # A temperature can be below 0, and so can a pressure under its transducer: what any signal has is read.
    numbers = Numbers([Field(_VALUE, "", "TEMP", Conversion())], mark, np.float64)
    times, cut, kinds = None, Cut(header, options.limits.line), _Kinds(source.is_guessed)
    parts: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int32]]] = []
    rows = 0
    for block in source.blocks(len(source.head(1)[0]), options.limits.line):
        if block.is_cut:
            return None
        if times is None:
            times = times_of(cut.first(block), header, options, mark)
        ends, sizes = cut.cells(block)
        count = ends.shape[1]
        if (rows := rows + count) > most:
            return None
        instants, values = np.empty(count, np.int64), np.empty((1, count))
        times.read(block, ends[:1], sizes[:1], instants)
        numbers.read(block, ends[_VALUE : _VALUE + 1], sizes[_VALUE : _VALUE + 1], values)
        empty = sizes[_VALUE] == 0
        if (np.isnan(values[0]) != empty).any():
            return None  # a mark for none is no value of ours
        parts.append((instants, np.where(empty, 0.0, values[0]), kinds.read(block, ends, sizes, empty)))
    if times is None:
        return None
    instants, values, which = (np.concatenate(each) for each in zip(*parts, strict=True))
    reader = times.finish(instants)
    if reader.naive or (instants[1:] < instants[:-1]).any():
        return None
    if not reader.relative and (instants[0] < instant.EARLIEST or instants[-1] > instant.LATEST):
        return None
    received = np.arange(rows, dtype=np.int64)
    _rejoin(received, instants, which, kinds.found)
    order = np.lexsort((received, instants))
    readings = PackedReadings.of(Batch(instants, received, values, which).select(order), kinds.found)
    _, first = np.unique(which, return_index=True)
    signals = tuple(dict.fromkeys(kinds.found[which[row]][0] for row in np.sort(first)))
    return Tidy(header, reader, readings, signals)


class _Kinds:
    """The kinds of a table's rows, all that its cells say but time and value. `found`: by their numbers."""

    def __init__(self, is_guessed: bool) -> None:
        self._is_guessed = is_guessed
        self._groups = RowGroups((_SIGNAL, _UNIT, _STATUS, _SOURCE))
        self.found: list[Kind] = []

    def read(self, block: Block, ends: Places, sizes: Sizes, empty: NDArray[np.bool_]) -> NDArray[np.int32]:
        """The number of the kind of each row of `block`. `empty`: which have no value.

        Raises:
            Unfit: a row is refused.
        """
        which = np.empty(ends.shape[1], np.int32)
        for number, rows in enumerate(self._groups.of(block, ends, sizes)):
            if number == len(self.found):
                texts = [
                    text_in(block, ends[place], sizes[place], int(rows[0]), self._is_guessed)
                    for place in (_SIGNAL, _UNIT, _STATUS, _SOURCE)
                ]
                self.found.append(_kind(*texts))
            if (empty[rows] == self.found[number][4]).any():
                raise Unfit
            which[rows] = number
        return which


def _kind(signal: str, unit: str, named: str, source: str) -> Kind:
    try:
        status = Status(named)
    except ValueError:
        raise Unfit from None
    if signal not in SIGNALS or unit != SIGNALS[signal].unit:
        raise Unfit
    return signal, unit, status, source, status not in VALUELESS


def _rejoin(
    received: NDArray[np.int64], times: NDArray[np.int64], which: NDArray[np.int32], kinds: Sequence[Kind]
) -> None:
    """The cuff readings of one measurement get one receipt again, the first one's.

    Raises:
        Unfit: one of them comes twice at one time.
    """
    cuffs = np.array([kind[0] in NIBP for kind in kinds])
    rows = cuffs[which].nonzero()[0].tolist()
    first: dict[tuple[str, int], int] = {}
    seen: set[tuple[str, int, str]] = set()
    for row in rows:
        signal, _, _, source, _ = kinds[which[row]]
        key = source.partition(":")[0], int(times[row])
        if (*key, signal) in seen:
            raise Unfit
        seen.add((*key, signal))
        received[row] = first.setdefault(key, row)
