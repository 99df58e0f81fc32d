"""The packets of a `.vital` file: its tracks, and the records of the wanted numeric ones as arrays.

Source: the recorded-files sheet, section 2. The file is inflated in pieces, so memory stays flat however long the
waveforms between the numbers are. A 4-byte numeric record is always 21 bytes, so a run of them is one strided
array; where the stride breaks, packet headers are walked one by one.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from devices.errors import RecordingError
from devices.recordings.recording import LONGEST_TEXT, NOTED

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PIECE = 256 * 1024
_PACKET = struct.Struct("<BI")
_RECORD = struct.Struct("<HdH")
_TRACKINFO, _RECORDS, _DEVICE = 0, 1, 9
WAVE, NUMBER, TEXT = 1, 2, 5
_CODES: dict[int, struct.Struct] = {
    code: struct.Struct(form) for code, form in enumerate(("<f", "<d", "<b", "<B", "<h", "<H", "<i", "<I"), 1)
}
EVENT_TRACK = "EVENT"
"""The text track of what happened."""

_DESCRIBED = 1 << 20
"""No description of a device or a track, and no numeric record, is longer."""

_RUN = 21


@dataclass(slots=True)
class VitalTrack:
    """One track: its number in the file, kind, sample code, name, unit, Vital Recorder's own meaning, its device."""

    number: int
    kind: int
    code: int
    name: str
    unit: str = ""
    montype: int = 0
    device: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.device}/{self.name}" if self.device else self.name


@dataclass(slots=True)
class VitalRecords:
    """What was in the file.

    Attributes:
        tracks: by number. packets: how many were walked. ended: the file was whole; else `why` it is not.
        events: (seconds since 1970, text, place) of the track of events.
        number, time, value, place: one entry a wanted record: track, seconds since 1970, value, place in the file.
    """

    tracks: dict[int, VitalTrack] = field(default_factory=dict)
    packets: int = 0
    ended: bool = False
    why: str = ""
    events: list[tuple[float, str, int]] = field(default_factory=list)
    number: NDArray[np.uint16] = field(init=False)
    time: NDArray[np.float64] = field(init=False)
    value: NDArray[np.float64] = field(init=False)
    place: NDArray[np.int64] = field(init=False)


def inflate(path: Path, limit: int, ended: Callable[[bool, str], None]) -> Iterator[bytes]:
    """The inflated bytes of the gzip file `path`, in pieces; `ended` is told at the end whether it was whole.

    Raises:
        RecordingError: it inflates to more than `limit` bytes.
    """
    total = 0
    inflator = zlib.decompressobj(wbits=31)
    with path.open("rb") as file:
        data = b""
        while True:
            data = data or file.read(PIECE)
            try:
                piece = inflator.decompress(data, PIECE)
            except zlib.error as error:
                return ended(False, f"it is damaged ({error})")
            total += len(piece)
            if total > limit:
                raise RecordingError(f"{path.name} unpacks to more than the {limit} bytes that are read")
            if piece:
                yield piece
            if inflator.eof:
                data = inflator.unused_data or file.read(PIECE)
                if not data.startswith(b"\x1f\x8b"):
                    return ended(True, "")
                inflator = zlib.decompressobj(wbits=31)
            elif not data and not piece:
                return ended(False, "the file is cut")
            else:
                data = inflator.unconsumed_tail


def read_packets(path: Path, limit: int, most: int, wanted: Callable[[VitalTrack], bool]) -> VitalRecords:
    """Reads the file `path`: all tracks, and the records of numeric tracks that are `wanted`.

    Raises:
        RecordingError: not a `.vital` file, cut before its first packet, or more than `limit` bytes or `most` records.
    """
    found = VitalRecords()

    def ended(whole: bool, why: str) -> None:
        found.ended, found.why = whole, why

    walk = _Walk(found, path.name, most, wanted)
    for piece in inflate(path, limit, ended):
        walk.feed(piece)
    walk.finish()
    return found


class _Walk:
    """Walks packets in pieces of any size. Keeps at most one small packet's beginning; skips long ones unread."""

    def __init__(self, found: VitalRecords, name: str, most: int, wanted: Callable[[VitalTrack], bool]) -> None:
        self._found = found
        self._name = name
        self._most = most
        self._wanted = wanted
        self._rest = b""
        self._skip = 0
        self._begun = False
        self._devices: dict[int, str] = {}
        self._codes: dict[int, struct.Struct] = {}
        self._texts: set[int] = set()
        self._read: set[int] = set()
        self._number, self._time = array("H"), array("d")
        self._value, self._place = array("d"), array("q")

    def feed(self, piece: bytes) -> None:
        if self._skip:
            gone = min(self._skip, len(piece))
            self._skip -= gone
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
        if len(self._value) > self._most:
            raise RecordingError(
                f"{self._name} has more than {self._most} values, which is more than is read: cut it into shorter ones"
            )

    def finish(self) -> None:
        import numpy as np

        if not self._begun and "damaged" in self._found.why:
            raise RecordingError(f"{self._name}: {self._found.why}; ask for another copy")
        if not self._begun:
            raise RecordingError(f"{self._name} is cut: it ends inside its header, so that nothing of it can be read")
        if (self._rest or self._skip) and self._found.ended:
            self._found.ended, self._found.why = False, "its last packet is cut"
        self._found.number = np.frombuffer(self._number, "u2")
        self._found.time = np.frombuffer(self._time, "f8")
        self._found.value = np.frombuffer(self._value, "f8")
        self._found.place = np.frombuffer(self._place, "i8")

    def _walk(self, data: bytes, at: int) -> None:
        end = len(data)
        while end - at >= 5:
            kind, length = _PACKET.unpack_from(data, at)
            if kind == _RECORDS and length == _RUN - 5 and end - at >= 16 * _RUN:
                run = self._run(data, at)
                if run:
                    at += run * _RUN
                    continue
            whole = at + 5 + length
            small = length <= _DESCRIBED and self._is_read(data, at, kind, end)
            if whole > end and small:
                break
            if small:
                self._packet(kind, data[at + 5 : whole])
            self._found.packets += 1
            if whole > end:
                self._skip = whole - end
                return
            at = whole
        self._rest = data[at:]

    def _is_read(self, data: bytes, at: int, kind: int, end: int) -> bool:
        """Whether the packet at `at` matters; a record whose track is not yet in view might."""
        if kind in (_TRACKINFO, _DEVICE):
            return True
        return kind == _RECORDS and (end - at < 17 or int.from_bytes(data[at + 15 : at + 17], "little") in self._read)

    def _run(self, data: bytes, at: int) -> int:
        """Takes a run of 21-byte records at `at`; how many packets it was. 0: walk this packet singly."""
        import numpy as np

        form = np.dtype([("k", "u1"), ("n", "<u4"), ("i", "<u2"), ("t", "<f8"), ("d", "<u2"), ("v", "<f4")])
        most = (len(data) - at) // _RUN
        size = 64
        while True:
            view = np.frombuffer(data, form, min(size, most), at)
            breaks = np.flatnonzero((view["k"] != _RECORDS) | (view["n"] != _RUN - 5) | (view["i"] != 10))
            if len(breaks) or size >= most:
                break
            size *= 16
        run = int(breaks[0]) if len(breaks) else len(view)
        view = view[:run]
        mine = [number for number, code in self._codes.items() if code.format == "<f"]
        # Another code of four bytes shares the length; a run that holds one is walked singly.
        others = [number for number, code in self._codes.items() if code.format != "<f"]
        if others and np.isin(view["d"], others).any():
            return 0
        keep = np.flatnonzero(np.isin(view["d"], mine))
        self._number.frombytes(view["d"][keep].tobytes())
        self._time.frombytes(view["t"][keep].tobytes())
        # Values are 32-bit floats of numbers with few decimals (101.300003): back to what the device showed.
        self._value.frombytes(np.round(view["v"][keep].astype("f8"), 4).tobytes())
        self._place.frombytes((keep + self._found.packets).astype("i8").tobytes())
        self._found.packets += run
        return run

    def _packet(self, kind: int, body: bytes) -> None:
        try:
            if kind == _DEVICE:
                self._device(body)
            elif kind == _TRACKINFO:
                self._track(body)
            else:
                self._record(body)
        except (struct.error, IndexError):
            self._found.why = self._found.why or "a packet in it is shorter than its kind needs"

    def _device(self, body: bytes) -> None:
        (number,) = struct.unpack_from("<I", body, 0)
        kind, at = _text(body, 4)
        name, _ = _text(body, at)
        self._devices[number] = name or kind

    def _track(self, body: bytes) -> None:
        number, kind, code = struct.unpack_from("<HBB", body, 0)
        name, at = _text(body, 4)
        track = VitalTrack(number, kind, code, name)
        if len(body) > at:
            track.unit, at = _text(body, at)
            # Display limits, colour, rate, gain and offset stand between the unit and the track's meaning.
            if len(body) > at + 32:
                track.montype = body[at + 32]
            if len(body) >= at + 37:
                track.device = self._devices.get(struct.unpack_from("<I", body, at + 33)[0], "")
        self._found.tracks[number] = track
        self._codes.pop(number, None)
        self._texts.discard(number)
        if kind == NUMBER and code in _CODES and self._wanted(track):
            self._codes[number] = _CODES[code]
        elif kind == TEXT and track.full_name == EVENT_TRACK:
            self._texts.add(number)
        self._read = self._texts | self._codes.keys()

    def _record(self, body: bytes) -> None:
        length, time, number = _RECORD.unpack_from(body, 0)
        if number in self._texts:
            # Four bytes that nobody uses stand before the text.
            if len(self._found.events) <= NOTED:
                text = _text(body, 2 + length + 4)[0]
                self._found.events.append((time, text[:LONGEST_TEXT], self._found.packets))
            return
        code = self._codes.get(number)
        if code is None:
            return
        (value,) = code.unpack_from(body, 2 + length)
        self._number.append(number)
        self._time.append(time)
        self._value.append(round(value, 4) if code.format == "<f" and value == value else value)
        self._place.append(self._found.packets)


def _text(body: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", body, at)
    end = at + 4 + length
    if end > len(body):
        raise struct.error("a text is longer than its packet")
    return body[at + 4 : end].decode("utf-8", errors="replace"), end
