"""The signals of a WFDB record from its data files: found beside the header, counted, checked, read as stored.

Source: the recorded-files sheet, section 3; header(5) of the WFDB manual.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from devices.errors import RecordingError
from devices.recordings.codes import Themselves, frames
from devices.recordings.names import Conversion
from devices.recordings.options import Options
from devices.recordings.recording import Builder
from devices.recordings.texts import refuse_long
from devices.recordings.wfdb.header import Head, Track, parse_header
from devices.recordings.wfdb.samples import MISSING, frames_in, read_samples, refuse_format

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HEADER_BYTES = 1 << 20


def read_header(path: Path, segment: bool = False) -> Head:
    """The header in the file `path`. Raises as `parse_header`, or if it is too long."""
    refuse_long(path.stat().st_size, _HEADER_BYTES, path.name)
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return parse_header(text, path.name, segment)


def codes_of(
    path: Path, head: Head, wanted: dict[int, tuple[str, Conversion]], options: Options, into: Builder
) -> dict[int, NDArray[np.int16] | NDArray[np.int32]]:
    """The samples of the signals `wanted` as stored, by index among the header's; those before the record left out.

    Raises:
        RecordingError: a data file is missing, elsewhere, too large, or of no format that is read.
    """
    columns: dict[int, NDArray[np.int16] | NDArray[np.int32]] = {}
    for file in dict.fromkeys(head.tracks[index].file for index in wanted):
        members = [index for index, track in enumerate(head.tracks) if track.file == file]
        tracks = [head.tracks[index] for index in members]
        if len({track.code for track in tracks}) > 1:
            raise RecordingError(
                f"{path.name}: the signals in {file[:80]!r} are stored in different formats, as none can be"
            )
        refuse_format(tracks[0].code, path.name, file)
        data = beside(path, file)
        count = _count(data, tracks, head.length, options, into)
        asked = [place for place, index in enumerate(members) if index in wanted]
        held: Mapping[int, NDArray[np.int16] | NDArray[np.int32]]
        if tracks[0].code == 16 and all(track.frame == 1 for track in tracks):
            held = _of_16(data, tracks[0].offset, len(tracks), asked, count)
        else:
            held = read_samples(data, tracks[0].offset, tracks, asked, count)
        for place, samples in held.items():
            track = tracks[place]
            _check(track, samples, None if head.length is None else head.length * track.frame, into)
            columns[members[place]] = samples[track.skew * track.frame :]
            into.counts.rows = max(into.counts.rows, count - track.skew)
    return columns


def _of_16(path: Path, offset: int, width: int, wanted: Sequence[int], count: int) -> dict[int, NDArray[np.int16]]:
    """The samples of the signals `wanted` in `count` frames of format 16, of one sample for each of `width` signals."""
    import numpy as np

    found = {place: np.empty(count, np.int16) for place in wanted}
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        for first, piece in frames(file, path.name, width, count):
            for place, into in found.items():
                into[first : first + len(piece)] = piece[:, place]
    return found


def beside(header: Path, name: str) -> Path:
    """The data file `name` in the header's own folder: a header must not make us read any other file."""
    if name in ("~", "-", ".", "..") or not re.fullmatch(r"[\w.+~-]+", name, re.ASCII):
        raise RecordingError(f"{header.name} names the data file {name[:80]!r}, which is no plain file name: not read")
    data = header.parent / name
    if data.is_symlink():
        data = data.resolve()
        if data.parent not in (header.resolve().parent, header.parent.resolve()):
            raise RecordingError(f"{header.name} names the data file {name!r}, which leads out of its folder: not read")
    if not data.is_file():
        raise RecordingError(
            f"{header.name} needs the data file {name}, which is not beside it: put both in one folder"
        )
    return data


def _count(path: Path, tracks: Sequence[Track], length: int | None, options: Options, into: Builder) -> int:
    """How many frames of the data file are read: those that the header announces, as far as they are there."""
    size = path.stat().st_size
    refuse_long(size, options.limits.file_bytes, path.name)
    held = frames_in(size - tracks[0].offset, tracks[0].code, sum(track.frame for track in tracks))
    if held > options.limits.rows:
        raise RecordingError(
            f"{path.name} holds {held} samples a signal, more than the {options.limits.rows} that are read"
        )
    if length is not None and held < length:
        into.notice("incomplete", f"{path.name} is cut: it holds {held} of the {length} samples its header announces")
    count = held if length is None else min(held, length)
    if count <= max(track.skew for track in tracks):
        raise RecordingError(f"{path.name} holds no whole sample")
    return count


def _check(track: Track, samples: NDArray[np.int16] | NDArray[np.int32], length: int | None, into: Builder) -> None:
    if track.checksum is None or (length is not None and len(samples) < length):
        return
    found = int(samples.sum(dtype="int16"))  # modulo 65,536, as a checksum is
    if (found - track.checksum) % 65536:
        text = f"{track.name}: the header's checksum is {track.checksum}, the samples' own {found}: is it damaged?"
        into.notice("checksum-differs", text)


def themselves(track: Track, convert: Conversion) -> Themselves | None:
    """How the samples are their own values, None if they are not."""
    if track.code != 16 or track.gain != 1 or track.base != 0 or convert.note:
        return None
    return Themselves(-(1 << 15), (1 << 15) - 1)


def physical(track: Track, convert: Conversion, codes: NDArray[np.int64]) -> NDArray[np.float64]:
    """What samples mean, in the signal's unit; NaN for the code of no value."""
    import numpy as np

    value = (codes - float(track.base)) / np.float64(track.gain)
    if (missing := MISSING[track.code]) is not None:
        value[codes == missing] = np.nan
    return convert.apply_to(value)
