"""The packets of a `.vital` file: its tracks, and the records of the wanted numeric ones as arrays.

Source: the recorded-files sheet, section 2. The file is inflated in pieces, so memory stays flat however long the
waveforms between the numbers are. A numeric record of four bytes is always 21 bytes: runs of them are one strided
array, and those that stand alone between waves are gathered by their places; every one is checked either way.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from devices.errors import RecordingError
from devices.recordings.inflating import inflate
from devices.recordings.recording import LONGEST_TEXT, NOTED
from devices.recordings.vital.columns import Growing, VitalColumn
from devices.recordings.vital.runs import (
    AHEAD,
    BEGINNING,
    DEVICE,
    PACKET,
    RECORD,
    SIZE,
    TRACKINFO,
    Period,
    Waiting,
    period_of,
    run_length,
    run_of,
)
from devices.recordings.vital.tracks import (
    CODES,
    EVENT_TRACK,
    FLOAT,
    NUMBER,
    TEXT,
    VitalTrack,
    read_device,
    read_text,
    read_track,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEAD = struct.Struct("<HdH")
_DESCRIBED = 1 << 20
"""No description of a device or a track, and no numeric record, is longer."""
_MOST_TRACKS = 2_000
"""A file of a whole operating room has some hundred."""

_ENOUGH = 8_192
"""So many records that were found one by one are taken at once."""
_SHORT, _LONG = 8, 32
"""After the first so many records of a run the rest is looked for; so many more are worth an array of their own."""


class VitalRecords(Struct):
    """What was in the file.

    Attributes:
        tracks: as described, in the file's order; one described anew as another track is two.
        events: (seconds since 1970, text, place) of the track of events.
        columns: of the wanted ones. packets: how many were walked. ended: the file was whole; else `why` it is not.
    """

    tracks: list[VitalTrack] = field(default_factory=list)
    columns: list[VitalColumn] = field(default_factory=list)
    events: list[tuple[float, str, int]] = field(default_factory=list)
    packets: int = 0
    ended: bool = False
    why: str = ""


def read_packets(
    path: Path, limit: int, most: int, wanted: Callable[[int, VitalTrack], bool], places: bool = True
) -> VitalRecords:
    """Reads the file `path`: all tracks, and the records of numeric tracks that are `wanted`, asked by their places.

    Raises:
        RecordingError: not a `.vital` file, cut before its first packet, or more than `limit` bytes or `most` records.
    """
    found = VitalRecords()

    def ended(whole: bool, why: str) -> None:
        found.ended, found.why = whole, why

    walk = _Walk(found, path.name, most, wanted, places)
    for piece in inflate(path, limit, ended):
        walk.feed(piece)
    walk.finish()
    return found


class _Walk:
    """Walks packets in pieces of any size. Keeps at most one small packet's beginning; skips long ones unread."""

    def __init__(
        self, found: VitalRecords, name: str, most: int, wanted: Callable[[int, VitalTrack], bool], places: bool
    ) -> None:
        import numpy as np

        self._found = found
        self._name = name
        self._most = most
        self._wanted = wanted
        self._places = places
        self._rest = b""
        self._skip = 0
        self._begun = False
        self._devices: dict[int, str] = {}
        self._known: dict[int, Growing | None] = {}
        """By track number what is read: numbers, or (None) the texts of events."""
        self._grown: list[Growing] = []
        self._owner = np.zeros(1 << 16, np.uint16)
        """By track number: 0 not wanted, 1 wanted and not a float, else the place in `_grown` + 2."""
        self._waiting = Waiting()
        self._held = 0
        self._periods: dict[tuple[int, int], Period] = {}
        """The order in which packets came between waves, by the track and length of the one it begins with."""

    def feed(self, piece: bytes) -> None:
        if self._skip:
            gone = min(self._skip, len(piece))
            self._skip -= gone
            if self._skip:
                return
            piece = piece[gone:]
        data = self._rest + piece if self._rest else piece
        at = 0
        if not self._begun:
            if len(data) < 10:
                self._rest = data
                return
            if data[:4] != b"VITA":
                raise RecordingError(f"{self._name} is not a .vital recording")
            at = 10 + int.from_bytes(data[8:10], "little")
            if len(data) < at:
                self._rest = data
                return
            self._begun = True
        self._rest = b""
        self._walk(data, at)
        if self._held + self._waiting.count > self._most:
            raise RecordingError(
                f"{self._name} has more than {self._most} values, which is more than is read: cut it into shorter ones"
            )

    def finish(self) -> None:

        if not self._begun and "damaged" in self._found.why:
            raise RecordingError(f"{self._name}: {self._found.why}; ask for another copy")
        if not self._begun:
            raise RecordingError(f"{self._name} is cut: it ends inside its header, so that nothing of it can be read")
        self._gather(b"")
        if (self._rest or self._skip) and self._found.ended:
            self._found.ended, self._found.why = False, "its last packet is cut"
        self._known.clear()
        while self._grown:  # one after the other: what is copied is not held twice
            self._found.columns.append(self._grown.pop(0).column())

    def _walk(self, data: bytes, at: int) -> None:
        import numpy as np

        end = len(data)
        known, unpack, starts = self._known, AHEAD.unpack_from, data.startswith
        count, streak = self._found.packets, _SHORT
        waiting = self._waiting
        waves: dict[tuple[int, int], int] = {}
        while end - at >= AHEAD.size:
            kind, length, head, _, number = unpack(data, at)
            whole = at + 5 + length
            if kind == RECORD and length == SIZE - 5 and head == 10:
                streak += 1
                if streak > _SHORT and starts(BEGINNING, at + (_LONG - 1) * SIZE):
                    self._gather(data)
                    run = run_length(data, at)
                    self._take(run_of(data, at, run), np.arange(count, count + run, dtype=np.int64))
                    count += run
                    at += run * SIZE
                    continue
                if whole > end:
                    break
                if number in known:
                    waiting.where.append(at)
                    waiting.number.append(count)
            elif kind in (TRACKINFO, DEVICE) or (kind == RECORD and number in known):
                if whole > end and length <= _DESCRIBED:
                    break
                streak = 0
                waves.clear()
                self._periods.clear()  # a track that was not wanted may be from now on
                self._gather(data)
                if length <= _DESCRIBED:
                    self._packet(kind, data[at + 5 : whole], count)
            else:
                streak = 0
                wave = number, length
                self._found.packets = count
                if taken := self._repeat(data, at, wave, waves.get(wave)):
                    waves.clear()  # where the order ends, all that is known of it is old
                    at += taken
                    count = self._found.packets
                    continue
                waves[wave] = at
            count += 1
            at = whole
        self._gather(data, _ENOUGH)
        while end - at >= PACKET.size:  # the last few bytes may still hold short packets
            kind, length = PACKET.unpack_from(data, at)
            is_read = length <= _DESCRIBED and kind in (TRACKINFO, DEVICE, RECORD)
            whole = at + 5 + length
            if is_read and whole > end:
                break
            if is_read:
                self._gather(data)
                self._packet(kind, data[at + 5 : whole], count)
            count += 1
            at = whole
        self._found.packets = count
        self._skip = max(0, at - end)
        self._rest = data[at:]

    def _repeat(self, data: bytes, at: int, wave: tuple[int, int], first: int | None) -> int:
        """Takes what repeats the packets from one record of a wave to the next, at `at`; how many bytes that was.

        Tried is the order known from before a pause, and then what came since the wave's record at `first`.
        """
        import numpy as np

        period = self._periods.get(wave)
        often = period.often(data, at) if period else 0
        if not often and first is not None:
            period = period_of(data, first, at, self._known)
            often = period.often(data, at) if period else 0
        if not often or period is None:
            return 0
        self._periods = {wave: period}
        again = np.arange(often)[:, None]
        self._waiting.add(
            (at + again * period.size + period.numbers).ravel(),
            (self._found.packets + again * period.packets + period.which).ravel(),
        )
        self._found.packets += often * period.packets
        return often * period.size

    def _gather(self, data: bytes, fewest: int = 1) -> None:
        """Takes the records of four bytes that were found one by one, once they are so many."""
        self._waiting.leave(data)
        if self._waiting.count >= fewest and (found := self._waiting.taken()):
            self._take(*found)

    def _take(self, records: NDArray[np.void], places: NDArray[np.int64]) -> None:
        """The wanted ones of `records`, whose packets have the numbers `places`."""
        import numpy as np

        owner = self._owner.take(records["track"])
        if owner[0] > 1 and (owner == owner[0]).all():
            self._grow(int(owner[0]), records["time"], records["value"], places)
            return
        if (owner == 1).any():  # four bytes, and yet no float
            for one in np.flatnonzero(owner == 1).tolist():
                self._packet(RECORD, records[one].tobytes()[5:], int(places[one]))
        order = np.argsort(owner, kind="stable")  # of 16 bits: counted, not compared
        ordered = owner.take(order)
        first = int(np.searchsorted(ordered, 2))
        order, ordered = order[first:], ordered[first:]
        # Copied out of the records first: to gather what stands 21 bytes apart takes three times as long.
        time, value = records["time"].copy().take(order), records["value"].copy().take(order)
        numbers = places[order] if self._places else order
        starts = [0, *(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1).tolist(), len(ordered)]
        for start, end in pairwise(starts):
            if end > start:
                self._grow(int(ordered[start]), time[start:end], value[start:end], numbers[start:end])

    def _grow(
        self, owner: int, time: NDArray[np.float64], value: NDArray[np.float32], places: NDArray[np.int64]
    ) -> None:
        self._grown[owner - 2].many(time, value, places)
        self._held += len(time)

    def _packet(self, kind: int, body: bytes, place: int) -> None:
        try:
            if kind == DEVICE:
                number, name = read_device(body)
                self._devices[number] = name
            elif kind == TRACKINFO:
                self._track(read_track(body, self._devices))
            else:
                self._record(body, place)
        except (struct.error, IndexError):
            self._found.why = self._found.why or "a packet in it is shorter than its kind needs"

    def _track(self, track: VitalTrack) -> None:
        number = track.number
        self._known.pop(number, None)
        self._owner[number] = 0
        if track not in self._found.tracks:
            self._found.tracks.append(track)
        if len(self._found.tracks) > _MOST_TRACKS:
            raise RecordingError(f"{self._name} describes more than {_MOST_TRACKS} tracks, which is more than is read")
        if track.kind == TEXT and track.full_name == EVENT_TRACK:
            self._known[number] = None
        if track.kind != NUMBER or track.code not in CODES:
            return
        if not self._wanted(self._found.tracks.index(track), track):
            return
        # Described again as it was, it goes on; described as another, what came before stays the first one's.
        same = next((one for one in self._grown if one.track == track), None)
        if same is None:
            same = Growing(track, self._places)
            self._grown.append(same)
        self._known[number] = same
        self._owner[number] = self._grown.index(same) + 2 if track.code == FLOAT else 1

    def _record(self, body: bytes, place: int) -> None:
        length, time, number = _HEAD.unpack_from(body, 0)
        if number not in self._known:
            return
        one = self._known[number]
        if one is None:
            # Four bytes that nobody uses stand before the text.
            if len(self._found.events) <= NOTED:
                text = read_text(body, 2 + length + 4)[0]
                self._found.events.append((time, text[:LONGEST_TEXT], place))
            return
        (value,) = one.structure.unpack_from(body, 2 + length)
        one.one(time, value, place)
        self._held += 1
