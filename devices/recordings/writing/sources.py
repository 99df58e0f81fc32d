"""Which sources a format can tell apart: those that hold one column a signal are given one source of each.

Two sources of one signal in one column would be a mixture that no monitor measured. A second one that spoke while the
first was silent (a monitor that took the other's place) goes on in the same column; any other is left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from devices.recordings.readings.batches import Batch, Kind
from devices.recordings.writing.document import Losses, cuff_of
from devices.signals import NIBP, PulseOrigin, pulse_origin

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RANK = {PulseOrigin.LINE: 0, PulseOrigin.OXIMETER: 1, PulseOrigin.CUFF: 2}


class Source(Struct):
    """One source: its signal (NIBP for a cuff's three), its name, when it spoke, how often, and whose pulse it is."""

    signal: str
    name: str
    first: int
    last: int
    count: int
    origin: PulseOrigin

    def overlaps(self, other: Source) -> bool:
        return self.first <= other.last and other.first <= self.last


def key_of(kind: Kind) -> tuple[str, str]:
    """What a kind of readings belongs to: its signal and source; a cuff's to their protocol or device."""
    signal, _, _, source, _ = kind
    return ("NIBP", cuff_of(source)) if signal in NIBP else (signal, source)


class Seen:
    """What was seen of each of `kinds`: how often, when first and when last; `order`: as they first came."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.kinds = kinds
        self.order: list[int] = []
        self.counts = np.zeros(len(kinds), np.int64)
        self._first = np.full(len(kinds), np.iinfo(np.int64).max)
        self._last = np.full(len(kinds), np.iinfo(np.int64).min)

    def add(self, batch: Batch) -> None:
        counts = np.bincount(batch.which, minlength=len(self.kinds))
        new = np.flatnonzero((counts > 0) & (self.counts == 0)).tolist()
        self.order += sorted(new, key=lambda kind: int((batch.which == kind).argmax()))
        self.counts += counts
        np.minimum.at(self._first, batch.which, batch.times)
        np.maximum.at(self._last, batch.which, batch.times)

    def signals(self) -> set[str]:
        """The signals that were seen."""
        return {self.kinds[kind][0] for kind in self.order}

    def sources(self) -> list[Source]:
        """The sources that were seen: by signal, the best pulse first, then those with the most readings."""
        found: dict[tuple[str, str], Source] = {}
        for kind in self.order:
            signal, name = key = key_of(self.kinds[kind])
            first, last, count = (int(each[kind]) for each in (self._first, self._last, self.counts))
            one = found.get(key)
            if one is None:
                origin = pulse_origin(name) if signal == "PR" else PulseOrigin.OXIMETER
                found[key] = Source(signal, name, first, last, count, origin)
            else:
                one.first, one.last, one.count = min(one.first, first), max(one.last, last), one.count + count
        return sorted(found.values(), key=lambda one: (one.signal, _RANK[one.origin], -one.count, one.name))


def joined(found: Sequence[Source]) -> list[list[Source]]:
    """Sources put together where one took another's place: each list is one column's."""
    columns: list[list[Source]] = []
    for one in found:
        for column in columns:
            same = column[0].signal == one.signal and column[0].origin is one.origin
            if same and not any(one.overlaps(other) for other in column):
                column.append(one)
                break
        else:
            columns.append([one])
    return columns


def one_of_each(seen: Seen, losses: Losses) -> NDArray[np.bool_]:
    """Which kinds are of one source a signal, for a format that has one column for each.

    A cuff's pulse is left out: in a column called PR it would pass for a continuous one.
    """
    kept: set[tuple[str, str]] = set()
    held: set[str] = set()
    for column in joined(seen.sources()):
        signal = column[0].signal
        if signal == "PR" and column[0].origin is PulseOrigin.CUFF:
            losses.add("pulse rates of a cuff: left out, they would read back as continuous ones", _count(column))
        elif signal in held:
            names = ", ".join(one.name for one in column)
            losses.add(f"readings of {names}: left out, another source of {signal} has its column", _count(column))
        else:
            held.add(signal)
            kept.update((one.signal, one.name) for one in column)
    return np.array([key_of(kind) in kept for kind in seen.kinds], np.bool_)


def _count(column: Sequence[Source]) -> int:
    return sum(one.count for one in column)
