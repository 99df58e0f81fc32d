"""The even steps of an EDF file that is written, and readings as its signals' samples.

Units: microseconds; places count steps from the file's beginning.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct, field

from devices import instant
from devices.recordings.readings.batches import Batch, Kind
from devices.recordings.writing.document import Losses
from devices.recordings.writing.sources import Seen, Source, joined, key_of
from devices.signals import NIBP, SIGNALS, PulseOrigin

if TYPE_CHECKING:
    from numpy.typing import NDArray

FINEST = instant.SECOND // 4
"""No step is smaller: more than four samples a second are taken for a waveform."""

STEPS = (FINEST, *(instant.SECOND * factor for factor in (1, 5, 15, 60, 300, 900, 3600)))
"""The grids of readings that have none of their own; the finest that keeps a signal within MOST_SAMPLES is taken."""

MOST_SAMPLES = 4_000_000
_MOST_MORE = 100_000
_LONGEST_RECORD = instant.MINUTE
_PULSES = {PulseOrigin.LINE: "ART HR", PulseOrigin.OXIMETER: "PR", PulseOrigin.CUFF: "NIBP PR"}
"""What pulse rates are called, so that readers know whose they are."""


class Survey:
    """What was seen of the readings, batch by batch: of each kind, and of their times."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.seen = Seen(kinds)
        self.first: int | None = None
        self._last = self._own = 0

    def add(self, batch: Batch) -> None:
        if not len(batch):
            return
        self.seen.add(batch)
        if self.first is None:
            self.first = int(batch.times[0])
        self._own = math.gcd(self._own, int(np.gcd.reduce(batch.times - self.first)))
        self._last = int(batch.times[-1])

    def step(self, begins: int, last: int) -> int:
        """The grid's step: the readings' own if they have one, else one that is fine enough and not too fine."""
        own = instant.SECOND if self.first is None or self.first == self._last else self._own
        if own >= FINEST and (last - begins) // own < MOST_SAMPLES and len(seconds(own)) <= 8:
            return own
        return next((step for step in STEPS if (last - begins) // step < MOST_SAMPLES), STEPS[-1])


def samples_in_record(step: int) -> int:
    """How many samples a record holds: about a minute's, as long as its duration can be written in 8 characters."""
    most = max(1, _LONGEST_RECORD // step)
    return next(many for many in range(most, 0, -1) if len(seconds(step * many)) <= 8)


def seconds(micros: int) -> str:
    whole, rest = divmod(micros, instant.SECOND)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


class Samples(Struct):
    """A signal: its label, what it is, where its values came from, and its different values (see `distinct`)."""

    label: str
    signal: str
    transducer: str
    _held: list[NDArray[np.float64]] = field(default_factory=list)
    _more: int = 0

    def add(self, values: NDArray[np.float64]) -> None:
        self._held.append(np.unique(values))
        self._more += len(self._held[-1])
        if self._more > max(_MOST_MORE, len(self._held[0])):
            self.distinct()

    def distinct(self) -> NDArray[np.float64]:
        """The different values, ascending."""
        self._held, self._more = [np.unique(np.concatenate([np.empty(0), *self._held]))], 0
        return self._held[0]


class Moved(Struct):
    """What the grid did to readings: times moved, the furthest of these, and values that another one came over."""

    times: int = 0
    furthest: int = 0
    lost: int = 0


class Grid:
    """The places of readings on a file's grid. `signals`: in the order of SIGNALS.

    Args:
        seen: all readings.
    """

    def __init__(self, seen: Seen, begins: int, step: int, losses: Losses) -> None:
        self._begins, self._step = begins, step
        self.signals, self._of_kind = _signals(seen, losses)

    def settled(
        self, batches: Iterable[Batch], moved: Moved
    ) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float64]]]:
        """Which signal, places and values, piece by piece: of two for one place the one received last.

        Args:
            batches: as they were seen.
        """
        last: dict[int, tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]] = {}
        for batch in batches:
            numbers = self._of_kind[batch.which]
            all_places = (batch.times - self._begins + self._step // 2) // self._step
            shift = abs(all_places * self._step + self._begins - batch.times)[numbers >= 0]
            moved.times += int((shift > 0).sum())
            moved.furthest = max(moved.furthest, int(shift.max(initial=0)))
            for number in np.unique(numbers[numbers >= 0]).tolist():
                rows = numbers == number
                places, values, times = all_places[rows], batch.values[rows], batch.times[rows]
                if number in last:
                    before = last[number]
                    places, values = np.append(before[0], places), np.append(before[1], values)
                    times = np.append(before[2], times)
                same = places[1:] == places[:-1]
                # The same value once more at the same time is no loss.
                moved.lost += int((same & ((values[1:] != values[:-1]) | (times[1:] != times[:-1]))).sum())
                yield number, places[:-1][~same], values[:-1][~same]
                last[number] = places[-1:], values[-1:], times[-1:]
        for number, (places, values, _) in last.items():
            yield number, places, values


def _signals(seen: Seen, losses: Losses) -> tuple[list[Samples], NDArray[np.int64]]:
    """The signals in the order of SIGNALS, and each kind's place among them, -1 where it is left out."""
    made: list[Samples] = []
    by_key: dict[tuple[str, str, str], Samples] = {}
    for column in joined(seen.sources()):
        if column[0].signal == "NIBP" and any(one.signal in NIBP for one in made):
            # Readers hold three cuff values to be one cuff's.
            names, count = ", ".join(one.name for one in column), sum(one.count for one in column)
            losses.add(f"readings of the cuff of {names}: left out, another cuff has its signals", count)
            continue
        for each in _made(column, [one.label for one in made], seen.signals()):
            made.append(each)
            by_key |= {(one.signal, one.name, each.signal): each for one in column}
    made.sort(key=lambda one: list(SIGNALS).index(one.signal))
    places = {id(one): place for place, one in enumerate(made)}
    found = [by_key.get((*key_of(kind), kind[0])) for kind in seen.kinds]
    return made, np.array([-1 if one is None else places[id(one)] for one in found], np.int64)


def _made(column: Sequence[Source], taken: Sequence[str], held: set[str]) -> list[Samples]:
    """The signal of a column, or a cuff's up to three. `held`: all signals that there are."""
    first = column[0]
    if first.signal == "NIBP":
        return [Samples(signal, signal, first.name) for signal in NIBP if signal in held]
    label = _PULSES[first.origin] if first.signal == "PR" else first.signal
    number = 2
    while label in taken:  # a device before a slash does not change what a signal is
        label = f"{number}/{label.rpartition('/')[2]}"
        number += 1
    return [Samples(label, first.signal, first.name)]
