"""Vital Recorder's `.vital` file: a track a source, records by time, events in the text track ``EVENT``.

Times are 64-bit seconds since 1970 (exact to the microsecond until 2106); values are 32-bit floats where these give
back the value as written, 64-bit ones otherwise. Missing is no record, "no signal" is a 0; statuses are not held, but
for `demo`, which is what a track of the device ``Demo`` is.
Source: the recorded-files sheet, section 2; field order as in the vitaldb package.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from devices import instant
from devices.errors import WritingError
from devices.reading import Status
from devices.recordings.readings.batches import Batch
from devices.recordings.vital.reader import MONTYPES
from devices.recordings.vital.tracks import EVENT_TRACK, NUMBER, TEXT
from devices.recordings.writing.carried import Carrier
from devices.recordings.writing.document import Document, Losses
from devices.recordings.writing.vital_tracks import Survey, Track, tracks
from devices.signals import SIGNALS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MONTYPE = {signal: montype for montype, signal in MONTYPES.items()}
_RECORD = struct.Struct("<BIHdH")
_FIELDS = [("kind", "u1"), ("length", "<u4"), ("head", "<u2"), ("at", "<f8"), ("track", "<u2")]
_SINGLES, _DOUBLES = (np.dtype([*_FIELDS, ("value", code)]) for code in ("<f4", "<f8"))
"""Records of one number: the fields of `_RECORD`, then the number."""

_EXACT = 1 << 53
"""Up to here a double is any whole number."""


def write(file: BinaryIO, document: Document, losses: Losses) -> None:
    """Writes the file.

    Raises:
        WritingError: the recording is not dated, which this format cannot hold.
    """
    if document.relative:
        raise WritingError("a .vital file holds dates, which the recording has not: say with --start when it began")
    survey = Survey(document.readings.kinds)
    far = 0
    for batch in _held(document, losses):
        survey.add(batch)
        far += int((~_are_exact(batch.times)).sum())
    found, of_kind = tracks(survey)
    losses.add("cuff measurements: equal to the one up to 10 s before, they read back as that one", survey.merged)
    losses.add("times: rounded to some microseconds, so far from 1970 a .vital file holds no more", far)
    first, last = document.span
    # The highest level takes nine times as long, for a file that is a hundredth smaller.
    with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0, compresslevel=6) as packed:
        head = struct.pack("<hIIddB", 0, 0, 0, first / instant.SECOND, last / instant.SECOND, 0)
        packed.write(b"VITA" + struct.pack("<IH", 3, len(head)) + head)
        devices = {device: place for place, device in enumerate(dict.fromkeys(t.device for t in found), 1)}
        for device, place in devices.items():
            packed.write(_packet(9, struct.pack("<I", place) + _text(device) + _text(device) + _text("")))
        for track in found:
            unit, montype = SIGNALS[track.signal].unit, _MONTYPE.get(track.signal, 0)
            packed.write(_track(track.number, NUMBER, track.code, track.name, unit, montype, devices[track.device]))
        if document.events:
            packed.write(_track(len(found) + 1, TEXT, 0, EVENT_TRACK, "", 0, 0))
        for batch in _held(document, Losses()):
            packed.write(_records(batch, found, of_kind))
        for event in document.events:
            text = struct.pack("<I", 0) + _text(event.text)
            at = event.time / instant.SECOND
            packed.write(_RECORD.pack(1, 12 + len(text), 10, at, len(found) + 1) + text)


def _held(document: Document, losses: Losses) -> Iterator[Batch]:
    """What the file holds: of one time and receipt, what is no demonstration first."""
    kinds = document.readings.kinds
    carrier = Carrier(kinds, losses)
    is_demo = np.array([status is Status.DEMO for _, _, status, _, _ in kinds], np.bool_)
    for batch in document.readings.batches():
        demo = is_demo[batch.which]
        if not demo.any():
            yield batch.select(carrier.held(batch))
            continue
        others = np.flatnonzero(~demo)
        rows = np.append(others[carrier.held(batch.select(others))], np.flatnonzero(demo))
        yield batch.select(rows[np.lexsort((demo[rows], batch.received[rows], batch.times[rows]))])


def _records(batch: Batch, found: list[Track], of_kind: NDArray[np.int64]) -> bytes:
    """The readings as packets of records, each as long as its track's numbers."""
    tracks = of_kind[batch.which]
    is_double = np.array([track.is_double for track in found], np.bool_)[tracks]
    parts = []
    for form, rows in ((_SINGLES, np.flatnonzero(~is_double)), (_DOUBLES, np.flatnonzero(is_double))):
        records = np.zeros(len(rows), form)
        records["kind"], records["length"], records["head"] = 1, 12 + form["value"].itemsize, 10
        records["at"], records["track"] = _seconds(batch.times[rows]), tracks[rows] + 1
        records["value"] = batch.values[rows]
        parts.append((rows, records))
    for (rows, _), (_, others) in (parts, parts[::-1]):
        if not len(rows):
            return others.tobytes()
    data = np.zeros((len(batch), _DOUBLES.itemsize), np.uint8)
    filled = np.zeros(data.shape, np.bool_)
    for rows, records in parts:
        data[rows, : records.itemsize] = records.view(np.uint8).reshape(len(rows), records.itemsize)
        filled[rows, : records.itemsize] = True
    return data[filled].tobytes()


def _seconds(times: NDArray[np.int64]) -> NDArray[np.float64]:
    """The nearest doubles to `times` in seconds."""
    if not len(times) or max(-int(times.min()), int(times.max())) <= _EXACT:
        return times / instant.SECOND
    return np.array([time / instant.SECOND for time in times.tolist()])


def _are_exact(times: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether `times` come back from 64-bit seconds."""
    seconds = _seconds(times)
    whole = np.floor(seconds)
    fraction = np.rint((seconds - whole) * instant.SECOND).astype(np.int64)
    back: NDArray[np.int64] = whole.astype(np.int64) * instant.SECOND + fraction
    found: NDArray[np.bool_] = back == times
    return found


def _packet(kind: int, body: bytes) -> bytes:
    return struct.pack("<BI", kind, len(body)) + body


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<I", len(data)) + data


def _track(number: int, kind: int, code: int, name: str, unit: str, montype: int, device: int) -> bytes:
    """A track's description: number, kind, code, name, unit, display limits and colour, rate, gain, offset, meaning."""
    body = struct.pack("<HBB", number, kind, code) + _text(name) + _text(unit) + struct.pack("<ffIf", 0, 0, 0, 0)
    return _packet(0, body + struct.pack("<ddBI", 1.0, 0.0, montype, device) + struct.pack("<Idd", 0, 0.0, 0.0))
