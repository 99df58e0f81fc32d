"""Vital Recorder's `.vital` file: a track a source, records by time, events in the text track ``EVENT``.

Times are 64-bit seconds since 1970 (exact to the microsecond until 2106); values are 32-bit floats where these give
back the value as written, 64-bit ones otherwise. Missing is no record, "no signal" is a 0; statuses are not held, but
for `demo`, which is what a track of the device ``Demo`` is.
Source: the recorded-files sheet, section 2; field order as in the vitaldb package.
"""

from __future__ import annotations

import gzip
import math
import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import BinaryIO

from msgspec import Struct

from devices import instant
from devices.errors import WritingError
from devices.reading import Reading, Status
from devices.recordings.cuffs import RESENT
from devices.recordings.vital import DEMO, MONTYPES
from devices.recordings.vital_tracks import EVENT_TRACK, NUMBER, TEXT
from devices.recordings.writing.document import Document, Losses, carried, number_of
from devices.signals import NIBP, SIGNALS

_MONTYPE = {signal: montype for montype, signal in MONTYPES.items()}
_SINGLE, _DOUBLE = (1, "<f"), (2, "<d")
_RECORD = struct.Struct("<BIHdH")
_MOST_TRACKS = 65_535


class _Track(Struct):
    number: int
    device: str
    name: str
    signal: str
    form: tuple[int, str] = _SINGLE


def write(file: BinaryIO, document: Document, losses: Losses) -> None:
    """Writes the file.

    Raises:
        WritingError: the recording is not dated, which this format cannot hold.
    """
    if document.relative:
        raise WritingError("a .vital file holds dates, which the recording has not: say with --start when it began")
    demo = [each for each in document.readings if each.status is Status.DEMO]
    others = [each for each in document.readings if each.status is not Status.DEMO]
    readings = sorted([*carried(others, losses), *demo], key=lambda each: (each.time, each.received))
    tracks = _tracks(readings)
    _tell_merged(readings, losses)
    far = sum(not _is_exact(each.time) for each in readings)
    losses.add("times: rounded to some microseconds, so far from 1970 a .vital file holds no more", far)
    first, last = document.span
    with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
        head = struct.pack("<hIIddB", 0, 0, 0, first / instant.SECOND, last / instant.SECOND, 0)
        packed.write(b"VITA" + struct.pack("<IH", 3, len(head)) + head)
        devices = {device: place for place, device in enumerate(dict.fromkeys(t.device for t in tracks.values()), 1)}
        for device, place in devices.items():
            packed.write(_packet(9, struct.pack("<I", place) + _text(device) + _text(device) + _text("")))
        for track in tracks.values():
            unit, montype = SIGNALS[track.signal].unit, _MONTYPE.get(track.signal, 0)
            packed.write(_track(track.number, NUMBER, track.form[0], track.name, unit, montype, devices[track.device]))
        if document.events:
            packed.write(_track(len(tracks) + 1, TEXT, 0, EVENT_TRACK, "", 0, 0))
        for each in readings:
            track = tracks[each.source, each.signal, each.status is Status.DEMO]
            value = struct.pack(track.form[1], number_of(each))
            packed.write(_RECORD.pack(1, 12 + len(value), 10, each.time / instant.SECOND, track.number) + value)
        for event in document.events:
            text = struct.pack("<I", 0) + _text(event.text)
            at = event.time / instant.SECOND
            packed.write(_RECORD.pack(1, 12 + len(text), 10, at, len(tracks) + 1) + text)


def _tracks(readings: Sequence[Reading]) -> dict[tuple[str, str, bool], _Track]:
    """The tracks by source, signal and whether they are a demonstration's, each named as nobody else's."""
    found: dict[tuple[str, str, bool], _Track] = {}
    taken: set[tuple[str, str]] = set()
    for each in readings:
        key = (each.source, each.signal, each.status is Status.DEMO)
        track = found.get(key)
        if track is None:
            device, name = _named(each)
            number = 2
            while (device, name) in taken:
                device, name = _named(each)[0], f"{_named(each)[1]}_{number}"
                number += 1
            taken.add((device, name))
            track = found[key] = _Track(len(found) + 1, device, name, each.signal)
        if track.form is _SINGLE and not _fits_single(number_of(each)):
            track.form = _DOUBLE
    if len(found) >= _MOST_TRACKS:
        raise WritingError(f"the recording has {len(found)} sources, more than a .vital file has tracks")
    return found


def _named(reading: Reading) -> tuple[str, str]:
    """Device and track of a reading. A source read from a `.vital` file goes back to the track it was."""
    protocol, _, own = reading.source.partition(":")
    device, slash, name = own.rpartition("/")
    if protocol != "vital" or not slash:
        device, name = protocol, own.replace("/", ".") or reading.signal
    if reading.status is Status.DEMO:
        return DEMO.capitalize(), name
    # What is no demonstration must not be called one.
    return (f"{device}-device" if device.lower() == DEMO else device), name


def _fits_single(value: float) -> bool:
    """Whether readers get `value` back from a 32-bit float, as they round to four decimals."""
    return abs(value) < 1e30 and round(struct.unpack("<f", struct.pack("<f", value))[0], 4) == value


def _is_exact(time: int) -> bool:
    """Whether `time` comes back from 64-bit seconds."""
    seconds = time / instant.SECOND
    return math.floor(seconds) * instant.SECOND + round((seconds - math.floor(seconds)) * instant.SECOND) == time


def _tell_merged(readings: Sequence[Reading], losses: Losses) -> None:
    """Equal cuff values within ten seconds are taken for one measurement shown again."""
    cuffs: dict[tuple[str, str], list[Reading]] = {}
    for each in readings:
        if each.signal == NIBP[0]:
            cuffs.setdefault(_named(each), []).append(each)
    merged = sum(
        later.time - earlier.time <= RESENT and later.value == earlier.value
        for held in cuffs.values()
        for earlier, later in pairwise(held)
    )
    losses.add("cuff measurements: equal to the one up to 10 s before, they read back as that one", merged)


def _packet(kind: int, body: bytes) -> bytes:
    return struct.pack("<BI", kind, len(body)) + body


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<I", len(data)) + data


def _track(number: int, kind: int, code: int, name: str, unit: str, montype: int, device: int) -> bytes:
    """A track's description: number, kind, code, name, unit, display limits and colour, rate, gain, offset, meaning."""
    body = struct.pack("<HBB", number, kind, code) + _text(name) + _text(unit) + struct.pack("<ffIf", 0, 0, 0, 0)
    return _packet(0, body + struct.pack("<ddBI", 1.0, 0.0, montype, device) + struct.pack("<Idd", 0, 0.0, 0.0))
