"""The records of one track of a `.vital` file, as they are gathered and as columns."""

from __future__ import annotations

from collections.abc import Callable
from mmap import mmap
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from devices.recordings.vital.tracks import CODES, FLOAT, VitalTrack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _Part = tuple[NDArray[np.float64], NDArray[np.float32] | NDArray[np.float64], NDArray[np.int32]]

_FIRST, _MANY, _MOST = 1 << 8, 1 << 9, 1 << 17
"""Records in a track's first array, those that are many at once, and at most in a later one."""
_SMALL = 8
"""An array that fits so often into the next one is copied there, so that most tracks are one array in the end."""


class VitalColumn(Struct, frozen=True):
    """The records of one wanted track, in the file's order.

    Attributes:
        time: seconds since 1970. value: as stored. place: the number of each record's packet; empty if not asked for
            (8 GiB in packets of at least five bytes are less than 2**31 of them).
    """

    track: VitalTrack
    time: NDArray[np.float64]
    value: NDArray[np.float32] | NDArray[np.float64]
    place: NDArray[np.int32]


class Growing:
    """A track's records so far, in arrays that follow each other: little that was written is copied before the end."""

    def __init__(self, track: VitalTrack, places: bool) -> None:
        self.track = track
        self.structure = CODES[track.code]
        self._places = places
        self._form = "<f4" if track.code == FLOAT else "<f8"
        self._full: list[_Part] = []
        self._part = self._new(0)
        self._count = 0

    def one(self, time: float, value: float, place: int) -> None:
        """One record."""
        if self._count == len(self._part[0]):
            self._next(1)
        at, held = self._count, self._part
        held[0][at], held[1][at] = time, value
        if self._places:
            held[2][at] = place
        self._count += 1

    def many(self, time: NDArray[np.float64], value: NDArray[np.float32], place: NDArray[np.int64]) -> None:
        """Many records; of a track of 32-bit floats."""
        done = 0
        while done < len(time):
            if self._count == len(self._part[0]):
                self._next(len(time))
            until = min(len(self._part[0]), self._count + len(time) - done)
            some = slice(done, done + until - self._count)
            self._part[0][self._count : until] = time[some]
            self._part[1][self._count : until] = value[some]
            if self._places:
                self._part[2][self._count : until] = place[some]
            self._count, done = until, some.stop

    def column(self) -> VitalColumn:
        """All of them; nothing may be added afterwards."""
        import numpy as np

        parts = [*self._full, tuple(column[: self._count] for column in self._part)]
        self._full.clear()
        time, value, place = (
            column[0] if len(parts) == 1 else np.concatenate(column) for column in zip(*parts, strict=True)
        )
        return VitalColumn(self.track, time, value, place)

    def _next(self, coming: int) -> None:
        """Another array; where many come at once, many will follow, and what is not used of it costs nothing."""
        size = min(max(_FIRST, 2 * len(self._part[0])) if coming < _MANY else _MOST, _MOST)
        full = self._part
        if self._count * _SMALL <= size:
            self._part = self._new(size)
            for column, copied in zip(self._part, full, strict=True):
                column[: len(copied)] = copied
        else:
            self._part = self._new(size, apart=True)
            self._full.append(full)
            self._count = 0

    def _new(self, size: int, apart: bool = False) -> _Part:
        import numpy as np

        room: Callable[[int, str], NDArray[Any]] = _apart if apart else np.empty
        return room(size, "<f8"), room(size, self._form), room(size if self._places else 0, "<i4")


def _apart(size: int, form: str) -> NDArray[Any]:
    """An array in memory of its own, which the system has back as soon as it is let go: those of several tracks, one
    beside the other, would leave holes that fit no whole track, so that weeks would be held twice in the end."""
    import numpy as np

    kind = np.dtype(form)
    return np.frombuffer(mmap(-1, size * kind.itemsize), kind) if size else np.empty(0, kind)
