"""WFDB numerics: a text header and a binary file of 16-bit samples, one a minute or one a second.

Source: the recorded-files sheet, section 3. The lowest code is "no value"; in the numerics of the MIMIC databases
a 0 is "no signal", and a signal that is 0 throughout was not connected. A cuff value stands at the minute of its
measurement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from devices import instant
from devices.errors import RecordingError
from devices.reading import Status
from devices.recordings.cuffs import Shown, measurements, reach
from devices.recordings.names import PLAIN, Conversion, conversion, signal_of
from devices.recordings.recording import Builder, Column, Options, Recording, refuse_start
from devices.recordings.texts import refuse_long

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = "wfdb"
NONE = -32768
"""Format 16's code for "no value"."""

FASTEST = 4
"""Samples a second above which a record holds waveforms, whose names (RESP, ABP) are also those of numbers."""

_HEADER_BYTES = 1 << 20
# An exponent of many digits would take hours to become an exact fraction.
_FREQUENCY = re.compile(r"(?P<f>\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?)(?:/[-\d.eE+]+(?:\([-\d.eE+]+\))?)?", re.ASCII)
_TIME = re.compile(r"(?:(?:(?P<h>\d{1,2}):)?(?P<m>\d{1,2}):)?(?P<s>\d{1,2})(?:\.(?P<f>\d{1,9}))?", re.ASCII)
_DATE = re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})", re.ASCII)
_FORMAT = re.compile(r"(?P<code>\d+)(?:x(?P<frame>\d+))?(?::(?P<skew>\d+))?(?:\+(?P<offset>\d+))?", re.ASCII)
_GAIN = re.compile(r"(?P<gain>[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)(?:\((?P<base>[-+]?\d+)\))?(?:/(?P<unit>\S+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Track:
    """One signal of a header: its file, how its samples are stored, what it is called."""

    file: str
    code: int
    offset: int
    gain: float
    base: int
    unit: str
    checksum: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Head:
    """A header, read.

    Attributes:
        record: its name. period: seconds between samples, exact. length: samples a signal, None if not said.
        begins: date and time of the first sample, local; None without a date.
        tracks: its signals.
    """

    record: str
    period: Fraction
    length: int | None
    begins: datetime | None
    tracks: tuple[Track, ...]


def read(path: Path, options: Options) -> Recording:
    """Reads the record whose header (or data file, or name without suffix) is `path`.

    Raises:
        RecordingError: not a numerics record, damaged, its data file missing or outside the header's folder.
    """
    path = _header_path(path)
    refuse_long(path.stat().st_size, _HEADER_BYTES, path.name)
    head = parse_header(path.read_bytes().decode("latin-1"), path.name)
    if options.patient is not None:
        raise RecordingError("the recording does not say whose values these are: leave --patient out")
    into = Builder(FORMAT, options.limits)
    wanted = _wanted(head, options, into)
    columns = _columns(path, head, wanted, options, into)
    into.relative = head.begins is None and options.start is None
    _emit(head, wanted, columns, _beginning(head, options, into), into)
    return into.build()


def files(path: Path) -> tuple[Path, ...]:
    """The record's header and its data files, by any of their names. Raises as `read`."""
    path = _header_path(path)
    refuse_long(path.stat().st_size, _HEADER_BYTES, path.name)
    head = parse_header(path.read_bytes().decode("latin-1"), path.name)
    return path, *(_beside(path, name) for name in dict.fromkeys(track.file for track in head.tracks))


def parse_header(text: str, name: str) -> Head:
    """A header's text, read; `name` is what messages call it.

    Raises:
        RecordingError: it is not a header of a single-segment numerics record.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise RecordingError(f"{name} is an empty header")
    parts = lines[0].split()
    if "/" in parts[0]:
        raise RecordingError(f"{name} joins several segments, which is not read: name the header of one segment")
    try:
        count = int(parts[1])
        period = _period(parts[2] if len(parts) > 2 else "250")
        length = int(parts[3]) if len(parts) > 3 and int(parts[3]) > 0 else None
        begins = _begins(parts[4] if len(parts) > 4 else "", parts[5] if len(parts) > 5 else "")
        tracks = tuple(_track(line) for line in lines[1 : count + 1])
    except (ValueError, IndexError) as error:
        raise RecordingError(f"{name} is not a WFDB header that is understood ({error})") from None
    if len(tracks) != count:
        raise RecordingError(f"{name} is cut: it announces {count} signals and describes {len(tracks)}")
    if period * FASTEST < 1:
        raise RecordingError(
            f"{name} holds waveforms ({float(1 / period):g} samples a second), not numbers: numerics records end in n"
        )
    return Head(parts[0], period, length, begins, tracks)


def _period(text: str) -> Fraction:
    found = _FREQUENCY.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a sampling frequency")
    frequency = Fraction(found["f"])
    if not 0 < frequency < 1_000_000:
        raise ValueError(f"{text!r} is not a sampling frequency")
    # 0.0166666666667 is 1/60, rounded by whoever wrote the header; so are others that are almost a whole period.
    whole = Fraction(max(1, round(1 / frequency)))
    if abs(frequency - Fraction(1, 60)) <= Fraction(1, 1_000_000):
        return Fraction(60)
    if frequency <= 1 and abs(frequency * whole - 1) <= Fraction(1, 1_000_000):
        return whole
    return 1 / frequency


def _begins(time: str, date: str) -> datetime | None:
    if not time:
        return None
    found = _TIME.fullmatch(time)
    if not found:
        raise ValueError(f"{time!r} is not a base time")
    if not date:
        return None
    day = _DATE.fullmatch(date)
    if not day:
        raise ValueError(f"{date!r} is not a base date such as 04/05/2704")
    micro = int(((found["f"] or "") + "000000")[:6])
    clock = (int(found["h"] or 0), int(found["m"] or 0), int(found["s"]), micro)
    return datetime(int(day["y"]), int(day["m"]), int(day["d"]), *clock)  # noqa: DTZ001


def _track(line: str) -> Track:
    parts = line.split(maxsplit=8)
    stored = _FORMAT.fullmatch(parts[1])
    if not stored:
        raise ValueError(f"{parts[1]!r} is not a storage format")
    if int(stored["frame"] or 1) != 1 or int(stored["skew"] or 0) != 0:
        raise ValueError("signals with several samples a frame, or skewed ones, are not read")
    zero = int(parts[4]) if len(parts) > 4 else 0
    gain, base, unit = 200.0, zero, ""
    if len(parts) > 2:
        scaled = _GAIN.fullmatch(parts[2])
        if not scaled:
            raise ValueError(f"{parts[2]!r} is not a gain")
        gain = float(scaled["gain"]) or 200.0
        base = int(scaled["base"]) if scaled["base"] else zero
        if not 1e-9 <= abs(gain) <= 1e9 or abs(base) > 1 << 32:
            raise ValueError(f"{parts[2][:40]!r} is not a gain")
        unit = scaled["unit"] or ""
    checksum = int(parts[6]) if len(parts) > 6 else None
    name = parts[8].strip() if len(parts) > 8 else ""
    return Track(parts[0], int(stored["code"]), int(stored["offset"] or 0), gain, base, unit, checksum, name)


def _header_path(path: Path) -> Path:
    if path.suffix.lower() == ".hea":
        return path
    if not path.exists():
        return path.with_name(f"{path.name}.hea")
    if path.suffix.lower() != ".dat":
        return path  # a header under another name: its content said so
    naming = [
        header
        for header in sorted(path.parent.glob("*.hea"))[:1000]
        if header.stat().st_size < _HEADER_BYTES
        and any(line.split(maxsplit=1)[:1] == [path.name] for line in header.read_text("latin-1").splitlines())
    ]
    if len(naming) != 1:
        raise RecordingError(
            f"{path.name} is the data of a WFDB record and needs its header: put the .hea file beside it and name that"
        )
    return naming[0]


def _wanted(head: Head, options: Options, into: Builder) -> dict[int, tuple[str, Conversion]]:
    wanted: dict[int, tuple[str, Conversion]] = {}
    for index, track in enumerate(head.tracks):
        signal = options.mapping.get(track.name, signal_of(track.name))
        convert = conversion(track.unit, signal) if signal and signal not in PLAIN else None
        if convert is not None:
            wanted[index] = (signal, convert)
            into.mapping.append(Column(track.name, signal, track.unit, convert.note))
            continue
        why = f"{track.unit} is no unit of {signal}" if signal and signal not in PLAIN else "its name is not known"
        into.mapping.append(Column(track.name, "", track.unit, why))
        into.notice("ignored", f"the signal {track.name!r} was left out: {why}")
    twice = [s for s in ("NIBP_SYS", "NIBP_DIA", "NIBP_MEAN") if [found for found, _ in wanted.values()].count(s) > 1]
    if twice:
        raise RecordingError(f"two signals of the record hold {twice[0]}: leave one out with --mapping")
    return wanted


def _columns(
    path: Path, head: Head, wanted: dict[int, tuple[str, Conversion]], options: Options, into: Builder
) -> dict[int, NDArray[np.int16]]:
    columns: dict[int, NDArray[np.int16]] = {}
    for file in dict.fromkeys(head.tracks[index].file for index in wanted):
        members = [index for index, track in enumerate(head.tracks) if track.file == file]
        first = head.tracks[members[0]]
        if first.code != 16 or any(head.tracks[index].code != 16 for index in members):
            raise RecordingError(
                f"{path.name}: the signals in {file} are stored in format {first.code}, only 16 is read"
            )
        frames = _frames(_beside(path, file), first.offset, len(members), head.length, options, into)
        for place, index in enumerate(members):
            if index in wanted:
                columns[index] = frames[:, place]
                _check(head.tracks[index], frames[:, place], head.length, into)
    if columns:
        into.counts.rows = max(len(column) for column in columns.values())
    return columns


def _beside(header: Path, name: str) -> Path:
    """The data file `name` in the header's own folder: a header must not make us read any other file."""
    if name in ("~", "-", ".", "..") or not re.fullmatch(r"[\w.+~-]+", name, re.ASCII):
        raise RecordingError(f"{header.name} names the data file {name[:80]!r}, which is no plain file name: not read")
    folder = header.resolve().parent
    data = (header.parent / name).resolve()
    if data.parent != folder and header.parent.resolve() != data.parent:
        raise RecordingError(f"{header.name} names the data file {name!r}, which leads out of its folder: not read")
    if not data.is_file():
        raise RecordingError(
            f"{header.name} needs the data file {name}, which is not beside it: put both in one folder"
        )
    return data


def _frames(
    path: Path, offset: int, width: int, length: int | None, options: Options, into: Builder
) -> NDArray[np.int16]:
    import numpy as np

    size = path.stat().st_size
    refuse_long(size, options.limits.file_bytes, path.name)
    held = max(0, size - offset) // (2 * width)
    if held > options.limits.rows:
        raise RecordingError(
            f"{path.name} holds {held} samples a signal, more than the {options.limits.rows} that are read"
        )
    if length is not None and held < length:
        into.notice("incomplete", f"{path.name} is cut: it holds {held} of the {length} samples its header announces")
    count = held if length is None else min(held, length)
    if count == 0:
        raise RecordingError(f"{path.name} holds no whole sample")
    return np.fromfile(path, dtype="<i2", count=count * width, offset=offset).reshape(count, width)


def _check(track: Track, samples: NDArray[np.int16], length: int | None, into: Builder) -> None:
    if track.checksum is None or (length is not None and len(samples) < length):
        return
    found = int(samples.sum(dtype="int64"))
    if (found - track.checksum) % 65536:
        found = (found + 32768) % 65536 - 32768
        text = f"{track.name}: the header's checksum is {track.checksum}, the samples' own {found}: is it damaged?"
        into.notice("checksum-differs", text)


def _beginning(head: Head, options: Options, into: Builder) -> int:
    if head.begins is None:
        return 0 if options.start is None else options.start
    refuse_start(options, "the record")
    into.notice("time-assumed", f"times without an offset were taken to be in {options.zone} (say --timezone if not)")
    try:
        return instant.from_datetime(
            head.begins.replace(tzinfo=UTC) if options.zone is UTC else instant.localize(head.begins, options.zone)
        )
    except ValueError as error:
        raise RecordingError(f"the record's start: {error}") from None


def _emit(
    head: Head,
    wanted: dict[int, tuple[str, Conversion]],
    columns: dict[int, NDArray[np.int16]],
    begins: int,
    into: Builder,
) -> None:
    values = {index: _values(head.tracks[index], columns[index], wanted[index][1]) for index in columns}
    for index, column in list(values.items()):
        present = [value for value in column if value is not None]
        if present and not any(present):
            into.notice("ignored", f"{head.tracks[index].name} is 0 throughout, so nothing was connected: left out")
            into.mapping[index] = Column(head.tracks[index].name, "", head.tracks[index].unit, "0 throughout")
            del values[index]
    cuff = {wanted[index][0]: index for index in values if wanted[index][0].startswith("NIBP_")}
    names = {signal: head.tracks[index].name for signal, index in cuff.items()}
    step = head.period * instant.SECOND
    measured = _cuffs({signal: values[index] for signal, index in cuff.items()}, step, into)
    for row in range(into.counts.rows):
        time = begins + round(row * step)
        before = len(into.readings)
        told = False
        for index, column in values.items():
            if row >= len(column):
                continue
            if index in cuff.values():
                if not told and row in measured:
                    held, status = measured[row]
                    into.add_cuff(time, row, held, names, status)
                told = True
            elif (value := column[row]) is not None:
                into.add(time, row, wanted[index][0], value, head.tracks[index].name)
        into.counts.used += len(into.readings) > before


def _cuffs(
    columns: dict[str, Sequence[float | None]], step: Fraction, into: Builder
) -> dict[int, tuple[Mapping[str, float], Status | None]]:
    """The cuff measurements by row. No cuff measures every second: equal values in close samples are one."""
    shown = []
    for row in range(max(map(len, columns.values()), default=0)):
        held = {s: v for s, column in columns.items() if row < len(column) and (v := column[row]) is not None}
        if held:
            shown.append(Shown(round(row * step), row, held))
    found = measurements(shown, reach((0, round(step))))
    into.counts.repeats += sum(one.repeats for one in found)
    return {
        one.shown.row: (one.shown.values, Status.AGE_UNKNOWN if one.repeats and one.shown.row == 0 else None)
        for one in found
    }


def _values(track: Track, samples: NDArray[np.int16], convert: Conversion) -> Sequence[float | None]:
    physical = (samples.astype("f8") - track.base) / track.gain
    return [
        None if code == NONE else convert.apply(value)
        for code, value in zip(samples.tolist(), physical.tolist(), strict=True)
    ]
