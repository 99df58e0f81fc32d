"""Which sources a format can tell apart: those that hold one column a signal are given one source of each.

Two sources of one signal in one column would be a mixture that no monitor measured. A second one that spoke while the
first was silent (a monitor that took the other's place) goes on in the same column; any other is left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from devices.reading import Reading
from devices.recordings.writing.document import Losses
from devices.signals import NIBP, PulseOrigin, pulse_origin

_RANK = {PulseOrigin.LINE: 0, PulseOrigin.OXIMETER: 1, PulseOrigin.CUFF: 2}


class Source(Struct):
    """One source: its signal (NIBP for a cuff's three), its name, when it spoke, how often, and whose pulse it is."""

    signal: str
    name: str
    first: int
    last: int
    count: int = 0
    origin: PulseOrigin = PulseOrigin.OXIMETER

    def overlaps(self, other: Source) -> bool:
        return self.first <= other.last and other.first <= self.last


def key_of(reading: Reading) -> tuple[str, str]:
    """What a reading belongs to: its signal and source; a cuff's readings to their protocol or device."""
    if reading.signal not in NIBP:
        return reading.signal, reading.source
    return "NIBP", reading.source.partition(":")[0]


def sources(readings: Sequence[Reading]) -> list[Source]:
    """The sources of `readings`: by signal, the best pulse first, then those with the most readings."""
    found: dict[tuple[str, str], Source] = {}
    for each in readings:
        key = key_of(each)
        one = found.get(key)
        if one is None:
            origin = pulse_origin(each.source) if each.signal == "PR" else PulseOrigin.OXIMETER
            one = found[key] = Source(*key, each.time, each.time, 0, origin)
        one.first, one.last = min(one.first, each.time), max(one.last, each.time)
        one.count += 1
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


def one_of_each(readings: Sequence[Reading], losses: Losses) -> list[Reading]:
    """The readings of one source a signal, for a format that has one column for each.

    A cuff's pulse is left out: in a column called PR it would pass for a continuous one.
    """
    kept: set[tuple[str, str]] = set()
    held: set[str] = set()
    for column in joined(sources(readings)):
        signal = column[0].signal
        if signal == "PR" and column[0].origin is PulseOrigin.CUFF:
            losses.add("pulse rates of a cuff: left out, they would read back as continuous ones", _count(column))
        elif signal in held:
            names = ", ".join(one.name for one in column)
            losses.add(f"readings of {names}: left out, another source of {signal} has its column", _count(column))
        else:
            held.add(signal)
            kept.update((one.signal, one.name) for one in column)
    return [each for each in readings if key_of(each) in kept]


def _count(column: Sequence[Source]) -> int:
    return sum(one.count for one in column)
