"""WFDB records of several segments: each a record of its own, one behind the other, with gaps between.

Source: header(5) of the WFDB manual, multi-segment records. In a fixed layout all segments have the same signals; in a
variable one a first segment of no length lists them all, and any other has some of them. A signal is known by its name;
each segment has its own gains and units. Where a segment lacks it, and in a gap, there is no value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from devices.errors import RecordingError
from devices.recordings.codes import values_of
from devices.recordings.names import Conversion, conversion
from devices.recordings.options import Options
from devices.recordings.recording import Builder
from devices.recordings.series import doubles
from devices.recordings.wfdb.columns import beside, codes_of, physical, read_header
from devices.recordings.wfdb.header import NULL, Head, Track, data_files, most_of_numbers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_GAP = "~"


class Segment(Struct, frozen=True):
    """A segment that has signals: the path of its header, that header, and how many frames of the record precede it."""

    path: Path
    head: Head
    first: int


def segments_of(path: Path, head: Head, options: Options, into: Builder) -> list[Segment]:
    """The segments of the record whose header `head` is in the file `path`, but its gaps.

    Raises:
        RecordingError: one is missing or elsewhere, or does not fit the record.
    """
    total = sum(length for _, length in head.segments)
    if head.length is not None and total != head.length:
        raise RecordingError(f"{path.name} announces {head.length} samples, and its segments have {total}")
    if not total:
        raise RecordingError(f"{path.name} joins segments without a sample")
    if total > options.limits.rows:
        raise RecordingError(
            f"{path.name} holds {total} samples a signal, more than the {options.limits.rows} that are read"
        )
    found, first = [], 0
    for name, length in head.segments:
        if name != _GAP:
            part = read_header(_path(path, name), segment=True)
            if part.period != head.period:
                raise RecordingError(
                    f"the segment {name} of {path.name} has another sampling frequency than the record"
                )
            if part.length != length and (length or part.length is not None):
                said = "an open number of" if part.length is None else part.length
                raise RecordingError(f"the segment {name} has {said} samples, and {path.name} says {length}")
            if head.begins and part.begins:
                _check_start(name, part, head, first, into)
            found.append(Segment(_path(path, name), part, first))
        first += length
    return found


def segment_files(path: Path, head: Head) -> tuple[Path, ...]:
    """The record's header, the headers of its segments, and their data files."""
    paths = [path]
    for name, length in head.segments:
        if name == _GAP:
            continue
        mine = _path(path, name)
        paths.append(mine)
        if length:
            paths += [beside(mine, file) for file in data_files(read_header(mine, segment=True))]
    return tuple(dict.fromkeys(paths))


def merged(head: Head, parts: Sequence[Segment]) -> Head:
    """`head` with the signals of all its segments, each once, as where it comes first.

    Raises:
        RecordingError: a signal has another number of samples a frame in another segment, or comes twice in one.
    """
    tracks: dict[str, Track] = {}
    for part in parts:
        for track in part.head.tracks:
            known = tracks.setdefault(track.name, track)
            if known.frame != track.frame:
                raise RecordingError(f"the segment {part.path.stem} has {track.name!r} at another rate than others")
        if len({track.name for track in part.head.tracks}) != len(part.head.tracks):
            raise RecordingError(f"the segment {part.path.stem} has two signals of one name")
    found = replace(head, tracks=tuple(tracks.values()), length=sum(length for _, length in head.segments))
    if tracks and all(track.frame > most_of_numbers(head.period) for track in tracks.values()):
        raise RecordingError(f"the segments of {head.record} hold waveforms, not numbers: numerics records end in n")
    return found


def joined(
    head: Head, parts: Sequence[Segment], wanted: Mapping[int, tuple[str, Conversion]], options: Options, into: Builder
) -> dict[int, NDArray[np.float64] | NDArray[np.float32]]:
    """The values of the signals `wanted` over the whole record, by index among those of `head`, which is `merged`.

    Raises:
        RecordingError: a data file is missing or damaged, or a signal comes in a unit that is none of its.
    """
    import numpy as np

    length = head.length or 0
    if sum(length * head.tracks[index].frame for index in wanted) > options.limits.readings:
        raise RecordingError(f"{head.record} has more than the {options.limits.readings} values that are read")
    found = {index: np.full(length * head.tracks[index].frame, np.nan) for index in wanted}
    place = {head.tracks[index].name: index for index in wanted}
    for part in parts:
        if not part.head.length:
            continue  # it says which signals there are
        asked: dict[int, tuple[str, Conversion]] = {}
        for number, track in enumerate(part.head.tracks):
            if track.name in place and track.code != NULL:
                signal = wanted[place[track.name]][0]
                convert = conversion(track.unit, signal)
                if convert is None:
                    raise RecordingError(f"in the segment {part.path.stem} {track.unit} is no unit of {track.name}")
                if track.gain == 0:
                    raise RecordingError(f"in the segment {part.path.stem} {track.name} is not calibrated (no gain)")
                asked[number] = (signal, convert)
        for number, codes in codes_of(part.path, part.head, asked, options, into).items():
            track = part.head.tracks[number]
            values = doubles(values_of(codes, partial(physical, track, asked[number][1])))
            begin = part.first * track.frame
            found[place[track.name]][begin : begin + len(values)] = values
    into.counts.rows = length
    return dict(found)


def _path(record: Path, name: str) -> Path:
    """The header of the segment `name`, in the record's own folder: as `beside`, no other file is read."""
    if not re.fullmatch(r"[\w.+-]+", name, re.ASCII):
        raise RecordingError(f"{record.name} names the segment {name[:80]!r}, which is no plain name: not read")
    return beside(record, f"{name}.hea")


def _check_start(name: str, part: Head, head: Head, first: int, into: Builder) -> None:
    if head.begins is None or part.begins is None:
        return
    meant = head.begins + timedelta(seconds=float(first * head.period))
    if abs(part.begins - meant) > timedelta(seconds=1 + float(head.period)):
        text = f"the segment {name} says that it began at {part.begins.isoformat()}, the record at {meant.isoformat()}"
        into.notice("time-assumed", f"{text}: the record's time was taken")
