"""What a `.vital` file's tracks are worth: numbers with times of their own, and the measurements of a cuff's tracks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from devices import instant
from devices.errors import ChoiceNeeded
from devices.reading import Status
from devices.recordings.cuff_columns import Measurements
from devices.recordings.readings.in_tracks import Stream
from devices.recordings.series import Series, doubles, instants

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = "vital"


class NumberTrack(Struct, frozen=True):
    """One track's records, ascending in time. `values`: in the signal's unit, as stored where that is the file's."""

    signal: str
    name: str
    seconds: NDArray[np.float64]
    values: NDArray[np.float32] | NDArray[np.float64]
    place: NDArray[np.int32]
    status: Status | None

    @property
    def times(self) -> NDArray[np.int64]:
        return instants(0, self.seconds)

    @property
    def numbers(self) -> NDArray[np.float64]:
        return doubles(self.values)

    def stream(self) -> Stream:
        """The track as readings; `read` judges where it says nothing of the status."""
        told = Status.AGE_UNKNOWN if self.status is None else self.status
        count = 0 if self.status is None else len(self.values)
        return Stream(self.signal, f"{FORMAT}:{self.name}", self.times, self.place, self.values, told, count)

    def series(self, begins: int) -> Series:
        """The track counted from `begins`, in the same memory: it is of no use afterwards."""
        usable = None if self.status is None else self.values == 0
        place = self.place if len(self.place) == len(self.values) else None
        seconds = self.seconds
        seconds -= begins // instant.SECOND
        return Series(self.signal, f"{FORMAT}:{self.name}", seconds, self.values, usable, place)


def refuse_together(one: NumberTrack, other: NumberTrack, places: Sequence[int]) -> None:
    """Refuses two tracks of one name and one signal that go on at the same time; `places`: theirs in the file, from 1.

    Raises:
        ChoiceNeeded: they do.
    """
    if not (len(one.seconds) and len(other.seconds)):
        return
    if one.seconds[0] < other.seconds[-1] and other.seconds[0] < one.seconds[-1]:
        numbers = [f"#{place}" for place in places]
        usual = [
            f"{number}: about {np.median(each.numbers):.4g}" for number, each in zip(numbers, (one, other), strict=True)
        ]
        raise ChoiceNeeded(
            f"two tracks are called {one.name!r} and give {one.signal} at the same time ({', '.join(usual)}), and only"
            f" one may count: leave one out with --mapping, as {' or '.join(map(repr, numbers))}",
            "column",
            numbers,
        )


def joined(one: NumberTrack, other: NumberTrack) -> NumberTrack:
    """Two tracks of one name and one signal as one, in the order of their times."""
    seconds = np.concatenate((one.seconds, other.seconds))
    order = np.argsort(seconds, kind="stable")
    values = np.concatenate((one.numbers, other.numbers))
    place = np.concatenate((one.place, other.place))
    return replace(one, seconds=seconds[order], values=values[order], place=place[order] if len(place) else place)


class CuffTracks(Struct, frozen=True):
    """One device's cuff: its measurements, the tracks' names by signal; `old`: the first is of unknown age."""

    names: dict[str, str]
    measured: Measurements
    old: bool
    is_demo: bool

    def statuses(self) -> list[Status | None]:
        count = len(self.measured.time)
        if self.is_demo:
            return [Status.DEMO] * count
        return [Status.AGE_UNKNOWN if self.old and index == 0 else None for index in range(count)]

    def streams(self) -> list[Stream]:
        """The measurements as readings, of which those of one row stand together."""
        found = []
        for signal, name in self.names.items():
            values = self.measured.values[signal]
            there = values == values  # not NaN
            doubted = len(there) if self.is_demo else int(self.old)
            found.append(
                Stream(
                    signal,
                    f"{FORMAT}:{name}",
                    self.measured.time[there],
                    self.measured.row[there],
                    values[there],
                    Status.DEMO if self.is_demo else Status.AGE_UNKNOWN,
                    int(np.count_nonzero(there[:doubted])),
                )
            )
        return found

    def series(self, begins: int, number: int) -> list[Series]:
        measured = self.measured
        seconds = (measured.time - begins) / instant.SECOND
        usable = None
        if self.is_demo or self.old:
            doubted = np.logical_or.reduce([np.abs(np.nan_to_num(column)) > 0 for column in measured.values.values()])
            usable = ~doubted if self.is_demo else (np.arange(len(doubted)) > 0) | ~doubted
        return [
            Series(signal, f"{FORMAT}:{name}", seconds, measured.values[signal], usable, measured.row, number)
            for signal, name in self.names.items()
        ]
