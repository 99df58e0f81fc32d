"""What a format without statuses holds of readings.

It holds a reading if reading the file back gives a value the detector uses, or its 0. All else (a doubtful value, a
lead that was off) would come back as something it was not, and is left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from devices.reading import USED, Status
from devices.recordings.readings.batches import Batch, Kind
from devices.recordings.recording import PLAUSIBLE
from devices.recordings.writing.document import Losses, cuff_of
from devices.signals import NIBP

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HELD = USED | {Status.ZERO}
_STATUSES = tuple(Status)
_BACK = (Status.OK, Status.RANGE, Status.ZERO)
_CUFF = len(_STATUSES)
_CHANGED = _CUFF + 1
"""How losses are numbered: left out for their status, for their cuff measurement, then by status and the one that is
read back."""


class Carrier:
    """Tells, batch by batch, which of readings of `kinds` are held; what is not, or changes its status, is counted.

    A cuff measurement is held whole or not at all: without its doubtful part the rest would pass for a good one.
    """

    def __init__(self, kinds: Sequence[Kind], losses: Losses) -> None:
        self._losses = losses
        limits = [PLAUSIBLE[signal] for signal, *_ in kinds]
        cuffs = {name: number for number, name in enumerate(dict.fromkeys(cuff_of(source) for *_, source, _ in kinds))}
        self._low, self._high = (np.array([each[end] for each in limits], np.float64) for end in (0, 1))
        self._status = np.array([_STATUSES.index(status) for _, _, status, _, _ in kinds], np.int32)
        self._is_held = np.array([status in _HELD for _, _, status, _, _ in kinds], np.bool_)
        self._has_value = np.array([has_value for *_, has_value in kinds], np.bool_)
        self._cuff = np.array(
            [cuffs[cuff_of(source)] if signal in NIBP else -1 for signal, _, _, source, _ in kinds], np.int32
        )
        self._back = np.array([_STATUSES.index(each) for each in _BACK], np.int32)

    def held(self, batch: Batch) -> NDArray[np.bool_]:
        """Which of `batch` are held: the number that stands for each is its value, of a `zero` the 0 that it was."""
        which, values = batch.which, batch.values
        status, held = self._status[which], self._is_held[which]
        plausible = (values >= self._low[which]) & (values <= self._high[which])
        back = np.where(values == 0, 2, np.where(plausible, 0, 1))
        loss = np.where(held, -1, status)
        changed = held & (self._back[back] != status)
        loss[changed] = _CHANGED + status[changed] * len(_BACK) + back[changed]
        broken = self._broken(batch, held)
        loss[broken[held[broken]]] = _CUFF
        self._count(loss)
        held[broken] = False
        return held

    def _broken(self, batch: Batch, held: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The places of the readings whose cuff measurement is not held whole. One's readings follow each other."""
        cuff = self._cuff[batch.which]
        rows = np.flatnonzero(cuff >= 0)
        # A measured 0 would come back as no value.
        bad = ~held[rows] | (self._has_value[batch.which[rows]] & (batch.values[rows] == 0))
        if not bad.any():
            return rows[:0]
        begins = np.zeros(len(rows), np.int64)
        for column in (batch.times, batch.received, cuff):
            begins[1:] |= np.diff(column[rows]) != 0
        number = np.cumsum(begins)
        broken = np.zeros(len(rows), np.bool_)
        broken[number[bad]] = True
        return rows[broken[number]]

    def _count(self, loss: NDArray[np.int32]) -> None:
        """Counts losses in the order in which they first occur."""
        found, firsts, counts = np.unique(loss[loss >= 0], return_index=True, return_counts=True)
        for place in np.argsort(firsts).tolist():
            self._losses.add(_said(int(found[place])), int(counts[place]))


def _said(loss: int) -> str:
    if loss == _CUFF:
        return "readings of cuff measurements that the format cannot hold whole: left out"
    if loss < _CUFF:
        return f"readings of status {_STATUSES[loss]}: left out, the format has no statuses"
    status, back = divmod(loss - _CHANGED, len(_BACK))
    return f"readings of status {_STATUSES[status]}: written, they read back as {_BACK[back]}"


def carried(kinds: Sequence[Kind], batches: Iterable[Batch], losses: Losses) -> Iterator[Batch]:
    """What of `batches` a format without statuses can hold; see `Carrier`."""
    carrier = Carrier(kinds, losses)
    for batch in batches:
        held = carrier.held(batch)
        yield batch if held.all() else batch.select(held)
