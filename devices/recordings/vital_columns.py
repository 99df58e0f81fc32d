"""The records of one track of a `.vital` file, as they are gathered and as columns."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devices.recordings.vital_tracks import CODES, FLOAT, VitalTrack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class VitalColumn:
    """The records of one wanted track, in the file's order.

    Attributes:
        time: seconds since 1970. value: as stored. place: the number of each record's packet; empty if not asked for.
    """

    track: VitalTrack
    time: NDArray[np.float64]
    value: NDArray[np.float32] | NDArray[np.float64]
    place: NDArray[np.int64]


class Growing:
    """A track's records so far, in arrays that grow: no piece stands twice in memory, however they came."""

    def __init__(self, track: VitalTrack, places: bool) -> None:
        self.track = track
        self.structure = CODES[track.code]
        self._places = places
        self._form = "f" if track.code == FLOAT else "d"
        self._time, self._place = array("d"), array("q")
        self._value: array[float] = array(self._form)

    def one(self, time: float, value: float, place: int) -> None:
        """One record."""
        self._time.append(time)
        self._value.append(value)
        if self._places:
            self._place.append(place)

    def many(self, time: NDArray[np.float64], value: NDArray[np.float32], place: NDArray[np.int64]) -> None:
        """Many records; of a track of 32-bit floats."""
        self._time.frombytes(time.tobytes())
        self._value.frombytes(value.tobytes())
        if self._places:
            self._place.frombytes(place.tobytes())

    def column(self) -> VitalColumn:
        """All of them; nothing may be added afterwards."""
        import numpy as np

        return VitalColumn(
            self.track,
            np.frombuffer(self._time, np.float64),
            np.frombuffer(self._value, self._form),
            np.frombuffer(self._place, np.int64),
        )
