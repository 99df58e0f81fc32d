"""The header of a WFDB record: how often it was sampled, when it began, where and how each signal is stored.

Source: the recorded-files sheet, section 3; the WFDB header format, header(5).
"""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction

from msgspec import Struct

from devices.errors import RecordingError
from devices.recordings.printable import one_line

FASTEST = 4
"""Samples a second above which a record holds waveforms, whose names (RESP, ABP) are also those of numbers."""

NULL = 0
"""The format of a signal that has no samples, and no file."""

_MINUTE, _ALMOST = Fraction(1, 60), Fraction(1, 1_000_000)

# An exponent of many digits would take hours to become an exact fraction.
_FREQUENCY = re.compile(r"(?P<f>\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?)(?:/[-\d.eE+]+(?:\([-\d.eE+]+\))?)?", re.ASCII)
_TIME = re.compile(r"(?:(?:(?P<h>\d{1,2}):)?(?P<m>\d{1,2}):)?(?P<s>\d{1,2})(?:\.(?P<f>\d{1,9}))?", re.ASCII)
_DATE = re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})", re.ASCII)
_FORMAT = re.compile(r"(?P<code>\d+)(?:x(?P<frame>\d+))?(?::(?P<skew>\d+))?(?:\+(?P<offset>\d+))?", re.ASCII)
_GAIN = re.compile(r"(?P<gain>[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)(?:\((?P<base>[-+]?\d+)\))?(?:/(?P<unit>\S+))?", re.ASCII)


class Track(Struct, frozen=True):
    """One signal of a header: its file, how its samples are stored, what it is called.

    `gain`: 0 where it was not calibrated: others then take 200 for it, and a rate of 70 would be one of 0.35.
    `frame`: its samples a frame. `skew`: so many of its frames precede the record. `initial`: where differences start.
    """

    file: str
    code: int
    offset: int
    gain: float
    base: int
    unit: str
    checksum: int | None
    name: str
    frame: int = 1
    skew: int = 0
    initial: int = 0


class Head(Struct, frozen=True):
    """A header, read.

    Attributes:
        record: its name. period: seconds between frames, exact. length: frames, None if not said.
        begins: date and time of the first sample, local; None without a date.
        tracks: its signals. segments: the names and lengths of those of a record that joins several, in order; a gap
            is called ``~``, and a first one of no length says what signals there are.
    """

    record: str
    period: Fraction
    length: int | None
    begins: datetime | None
    tracks: tuple[Track, ...]
    segments: tuple[tuple[str, int], ...] = ()


def parse_header(text: str, name: str, segment: bool = False) -> Head:
    """A header's text, read; `name` is what messages call it.

    Args:
        segment: it is of a segment, which may be of waveforms alone, and of no further segments.

    Raises:
        RecordingError: it is not a header of a numerics record.
    """
    # Not by splitlines, which also ends a line at bytes that letters are made of.
    every = [line.strip() for line in text.replace("\r", "\n").split("\n")]
    lines = [line for line in every if line and not line.startswith("#")]
    if not lines:
        raise RecordingError(f"{name} is an empty header")
    parts = lines[0].split()
    many = 0
    if "/" in parts[0] and segment:
        raise RecordingError(f"{name} is a segment that has segments, as none can")
    try:
        if "/" in parts[0]:
            parts[0], _, said = parts[0].partition("/")
            many = int(said)
        count = int(parts[1])
        period = _period(parts[2] if len(parts) > 2 else "250")
        length = int(parts[3]) if len(parts) > 3 and int(parts[3]) > 0 else None
        begins = _begins(parts[4] if len(parts) > 4 else "", parts[5] if len(parts) > 5 else "")
        tracks = () if many else tuple(_track(line) for line in lines[1 : count + 1])
        segments = tuple((line.split()[0], int(line.split()[1])) for line in lines[1 : many + 1])
    except (ValueError, IndexError) as error:
        raise RecordingError(f"{name} is not a WFDB header that is understood ({error})") from None
    if many:
        if len(segments) != many or any(held < 0 for _, held in segments):
            raise RecordingError(f"{name} is cut: it announces {many} segments and lists {len(segments)}")
        return Head(parts[0], period, length, begins, (), segments)
    if len(tracks) != count:
        raise RecordingError(f"{name} is cut: it announces {count} signals and describes {len(tracks)}")
    most = most_of_numbers(period)
    if tracks and not segment and all(track.frame > most for track in tracks):
        fastest = float(max(track.frame for track in tracks) / period)
        raise RecordingError(
            f"{name} holds waveforms ({fastest:g} samples a second), not numbers: numerics records end in n"
        )
    return Head(parts[0], period, length, begins, tracks)


def data_files(head: Head) -> tuple[str, ...]:
    """The names of the files that hold its samples, each once."""
    return tuple(dict.fromkeys(track.file for track in head.tracks if track.code != NULL))


def most_of_numbers(period: Fraction) -> int:
    """So many samples a frame of `period` seconds a signal of numbers has at most; one with more is a waveform."""
    return FASTEST * period.numerator // period.denominator


def _period(text: str) -> Fraction:
    found = _FREQUENCY.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a sampling frequency")
    said = found["f"]
    frequency = Fraction(int(said) if said.isdigit() else said)
    if not 0 < frequency.numerator < 1_000_000 * frequency.denominator:
        raise ValueError(f"{text!r} is not a sampling frequency")
    # 0.0166666666667 is 1/60, rounded by whoever wrote the header; so are others that are almost a whole period.
    if frequency.denominator == 1:
        return Fraction(1, frequency.numerator)
    whole = Fraction(max(1, round(1 / frequency)))
    if abs(frequency - _MINUTE) <= _ALMOST:
        return 1 / _MINUTE
    if frequency <= 1 and abs(frequency * whole - 1) <= _ALMOST:
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
    code, said_frame, said_skew, offset = stored.groups()
    frame, skew = int(said_frame or 1), int(said_skew or 0)
    if not 1 <= frame <= 1 << 20 or skew > 1 << 20:
        raise ValueError(f"{parts[1][:40]!r} is not a storage format")
    zero = int(parts[4]) if len(parts) > 4 else 0
    gain, base, unit = 0.0, zero, ""
    if len(parts) > 2:
        scaled = _GAIN.fullmatch(parts[2])
        if not scaled:
            raise ValueError(f"{parts[2]!r} is not a gain")
        said_gain, said_base, said_unit = scaled.groups()
        gain = float(said_gain)
        base = int(said_base) if said_base else zero
        if (gain and not 1e-9 <= abs(gain) <= 1e9) or abs(base) > 1 << 32:
            raise ValueError(f"{parts[2][:40]!r} is not a gain")
        unit = one_line(said_unit or "")
    checksum = int(parts[6]) if len(parts) > 6 else None
    name = one_line(parts[8]) if len(parts) > 8 else ""
    initial = int(parts[5]) if len(parts) > 5 else zero
    return Track(
        parts[0], int(code), int(offset or 0), gain, base, unit, checksum, name, frame, skew,
        initial if abs(initial) < 1 << 31 else 0,
    )  # fmt: skip
