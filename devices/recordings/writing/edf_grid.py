"""The even steps of an EDF file that is written, and readings as its signals' samples.

Units: microseconds; places count steps from the file's beginning.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct, field

from devices import instant
from devices.recordings.batches import Batch, Kind
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
_LONGEST_RECORD = instant.MINUTE
_PULSES = {PulseOrigin.LINE: "ART HR", PulseOrigin.OXIMETER: "PR", PulseOrigin.CUFF: "NIBP PR"}
"""What pulse rates are called, so that readers know whose they are."""


class Survey:
    """What was seen of the readings, batch by batch: of each kind, and of their times."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.seen = Seen(kinds)
        self.first: int | None = None
        self._own = self._last = 0

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
    """One signal in the making: its label, what it is, where its values came from, and values by place on the grid."""

    label: str
    signal: str
    transducer: str
    places: list[NDArray[np.int64]] = field(default_factory=list)
    values: list[NDArray[np.float64]] = field(default_factory=list)

    def settle(self) -> int:
        """Of two for one place the one received last counts. Returns how many that leaves out whose value differs."""
        places, values = (np.concatenate(held or [np.empty(0)]) for held in (self.places, self.values))
        same = places[1:] == places[:-1]
        lost = int((same & (values[1:] != values[:-1])).sum())
        last = np.append(~same, True)[: len(places)]
        self.places, self.values = [places[last].astype(np.int64)], [values[last]]
        return lost


def samples(
    seen: Seen, batches: Iterable[Batch], begins: int, step: int, losses: Losses
) -> list[Samples]:
    """The signals with their values on the grid, in the order of SIGNALS. `batches`: as they were `seen`."""
    made, of_kind = _signals(seen, losses)
    moved = furthest = 0
    for batch in batches:
        numbers = of_kind[batch.which]
        places = (batch.times - begins + step // 2) // step
        shift = abs(places * step + begins - batch.times)[numbers >= 0]
        moved, furthest = moved + int((shift > 0).sum()), max(furthest, int(shift.max(initial=0)))
        for number, one in enumerate(made):
            rows = numbers == number
            one.places.append(places[rows])
            one.values.append(batch.values[rows])
    lost = sum(one.settle() for one in made)
    losses.add(f"times: moved by up to {furthest / instant.SECOND:g} s, to steps of {seconds(step)} s", moved)
    losses.add("values: left out, another one came within the same step of time", lost)
    return sorted(made, key=lambda one: list(SIGNALS).index(one.signal))


def _signals(seen: Seen, losses: Losses) -> tuple[list[Samples], NDArray[np.int64]]:
    """The signals, and each kind's place among them, -1 where it is left out."""
    places: dict[tuple[str, str, str], int] = {}
    made: list[Samples] = []
    for column in joined(seen.sources()):
        if column[0].signal == "NIBP" and any(one.signal in NIBP for one in made):
            # Readers hold three cuff values to be one cuff's.
            names, count = ", ".join(one.name for one in column), sum(one.count for one in column)
            losses.add(f"readings of the cuff of {names}: left out, another cuff has its signals", count)
            continue
        each = _made(column, [one.label for one in made], seen.signals())
        for place, signal in enumerate(each, len(made)):
            places |= {(one.signal, one.name, signal.signal): place for one in column}
        made += each
    found = [places.get((*key_of(kind), kind[0]), -1) for kind in seen.kinds]
    return made, np.array(found, np.int64)


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
