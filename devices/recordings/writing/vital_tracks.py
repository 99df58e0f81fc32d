"""The tracks of a `.vital` file that is written: which there are, and in how many bits each one's numbers stand."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from devices.errors import WritingError
from devices.reading import Status
from devices.recordings.cuffs import RESENT
from devices.recordings.readings.batches import Batch, Kind
from devices.recordings.vital.reader import DEMO
from devices.recordings.writing.sources import Seen
from devices.signals import NIBP

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_TRACKS = 65_535
_MOST_KNOWN = 100_000


class Track(Struct):
    """A track: its number in the file, device and name, signal, and whether its numbers are 64-bit floats."""

    number: int
    device: str
    name: str
    signal: str
    is_double: bool = False

    @property
    def code(self) -> int:
        return 2 if self.is_double else 1


class Survey:
    """What a file's tracks must hold, seen batch by batch; `merged`: cuff measurements that repeat the one before."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.seen = Seen(kinds)
        self.merged = 0
        self.doubles: set[int] = set()
        """The kinds that have a number which no 32-bit float gives back."""
        self._fitting: set[float] = set()
        self._last: dict[tuple[str, str], tuple[int, float, bool]] = {}
        self._has_value = np.array([has_value for *_, has_value in kinds], np.bool_)
        cuffs: dict[tuple[str, str], list[int]] = {}
        for number, kind in enumerate(kinds):
            if kind[0] == NIBP[0]:
                cuffs.setdefault(_named(kind), []).append(number)
        self._cuffs = {name: np.isin(np.arange(len(kinds)), held) for name, held in cuffs.items()}

    def add(self, batch: Batch) -> None:
        self.seen.add(batch)
        for kind in np.flatnonzero(np.bincount(batch.which)).tolist():
            if kind not in self.doubles and not self._fit(np.unique(batch.values[batch.which == kind])):
                self.doubles.add(kind)
        for name, is_one in self._cuffs.items():
            self._compare(name, batch.select(is_one[batch.which]))

    def _fit(self, values: NDArray[np.float64]) -> bool:
        if len(self._fitting) > _MOST_KNOWN:
            self._fitting.clear()
        for value in values.tolist():
            if value not in self._fitting:
                if not _fits_single(value):
                    return False
                self._fitting.add(value)
        return True

    def _compare(self, name: tuple[str, str], batch: Batch) -> None:
        """Equal cuff values within ten seconds are taken for one measurement shown again."""
        if not len(batch):
            return
        times, values, has_value = batch.times, batch.values, self._has_value[batch.which]
        before = self._last.get(name)
        if before is not None:
            columns = zip(before, (times, values, has_value), strict=True)
            times, values, has_value = (np.append(one, column) for one, column in columns)
        same = (values[1:] == values[:-1]) & (has_value[1:] == has_value[:-1])
        self.merged += int((same & (np.diff(times) <= RESENT)).sum())
        self._last[name] = int(times[-1]), float(values[-1]), bool(has_value[-1])


def tracks(survey: Survey) -> tuple[list[Track], NDArray[np.int64]]:
    """The tracks by source, signal and whether they are a demonstration's, each named as nobody else's.

    Returns:
        The tracks, as their readings first come, and each kind's place among them.

    Raises:
        WritingError: there are more of them than a file can hold.
    """
    kinds = survey.seen.kinds
    found: dict[tuple[str, str, bool], Track] = {}
    of_kind = np.zeros(len(kinds), np.int64)
    taken: set[tuple[str, str]] = set()
    for kind in survey.seen.order:
        signal, _, status, source, _ = kinds[kind]
        key = (source, signal, status is Status.DEMO)
        track = found.get(key)
        if track is None:
            device, own = _named(kinds[kind])
            name, number = own, 2
            while (device, name) in taken:
                name, number = f"{own}_{number}", number + 1
            taken.add((device, name))
            track = found[key] = Track(len(found) + 1, device, name, signal)
        track.is_double |= kind in survey.doubles
        of_kind[kind] = track.number - 1
    if len(found) >= _MOST_TRACKS:
        raise WritingError(f"the recording has {len(found)} sources, more than a .vital file has tracks")
    return list(found.values()), of_kind


def _named(kind: Kind) -> tuple[str, str]:
    """Device and track of a kind of readings. A source read from a `.vital` file goes back to the track it was."""
    signal, _, status, source, _ = kind
    protocol, _, own = source.partition(":")
    device, slash, name = own.rpartition("/")
    if protocol != "vital" or not slash:
        device, name = protocol, own.replace("/", ".") or signal
    if status is Status.DEMO:
        return DEMO.capitalize(), name
    # What is no demonstration must not be called one.
    return (f"{device}-device" if device.lower() == DEMO else device), name


def _fits_single(value: float) -> bool:
    """Whether readers get `value` back from a 32-bit float, as they round to four decimals."""
    return abs(value) < 1e30 and round(struct.unpack("<f", struct.pack("<f", value))[0], 4) == value
