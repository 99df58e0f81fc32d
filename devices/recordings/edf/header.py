"""The header of an EDF or EDF+ file: when it began, how its records are cut, how each signal is scaled.

Units: record durations in seconds (exact fractions), scaling from int16 codes to the physical unit of the header.
Errors: a header that is cut, or whose numbers are none, is refused in one sentence. Nothing is reserved by a count
that the file's own size does not bear out.
Source: the recorded-files sheet, section 4; B. Kemp and J. Olivan, European data format plus (2003).
"""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction

from msgspec import Struct

from devices.errors import RecordingError
from devices.recordings.texts import number

BLOCK = 256
"""Bytes of the fixed part of a header, and of what it says of each signal."""

ANNOTATIONS = "EDF Annotations"

OURS = "risewatch UTC"
"""The equipment in the recording field of files of this program: their times are UTC, their values as written."""

LONGEST = 100 * 366 * 86_400
"""Seconds beyond which no recording goes; its microseconds stay far from the end of 64 bits."""

_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
# Points are the rule, but slashes, colons and dashes occur.
_DATE = re.compile(r"(\d{1,2})[./:-](\d{1,2})[./:-](\d{2}|yy)", re.ASCII | re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})[./:-](\d{1,2})[./:-](\d{1,2})", re.ASCII)
_FULL_DATE = re.compile(r"Startdate (\d{1,2})-([A-Z]{3})-(\d{4})(?: |$)", re.ASCII | re.IGNORECASE)
_NO_DATE = re.compile(r"Startdate X(?: |$)", re.IGNORECASE)


class EdfSignal(Struct, frozen=True):
    """One signal of a header.

    Attributes:
        label, unit: as written, without blanks around them.
        samples: how many a record holds. start: the index of the first one in a record, in samples.
        gain, offset: physical value = code * gain + offset; gain is 0 where the header's range makes no numbers.
        lowest, highest: the codes of the range; the lowest, and what lies outside, is no value.
    """

    label: str
    unit: str
    samples: int
    start: int
    gain: float
    offset: float
    lowest: int
    highest: int


class EdfHead(Struct, frozen=True):
    """A header, read.

    Attributes:
        begins: local date and time of the start; None if the header gives no date.
        doubt: why the date may be wrong, "" if there is no doubt.
        plus: it is EDF+. interrupted: its records have times of their own (``EDF+D``).
        records: how many are announced, -1 if that was left open. duration: seconds of a record.
        width: 16-bit words of a record. ours: this program wrote it.
    """

    begins: datetime | None
    doubt: str
    plus: bool
    interrupted: bool
    records: int
    duration: Fraction
    width: int
    signals: tuple[EdfSignal, ...]
    ours: bool = False

    @property
    def size(self) -> int:
        """Bytes of the header itself."""
        return BLOCK * (1 + len(self.signals))


def signal_count(fixed: bytes, name: str, limit: int) -> int:
    """How many signals the first 256 bytes announce; so much more of the header follows.

    Raises:
        RecordingError: they are cut, no EDF header, or announce more than `limit`.
    """
    if len(fixed) < BLOCK:
        raise RecordingError(f"{name} is cut within its header: it has {len(fixed)} bytes")
    count = _whole(fixed[252:256], "the number of signals", name)
    if not 0 < count <= limit:
        raise RecordingError(f"{name} announces {count} signals; 1 to {limit} are read")
    if (said := _whole(fixed[184:192], "the length of the header", name)) != BLOCK * (1 + count):
        raise RecordingError(f"{name} announces a header of {said} bytes for {count} signals: it is damaged")
    return count


def parse_header(data: bytes, name: str, limit: int) -> EdfHead:
    """The header `data` of the file called `name`, with at most `limit` signals.

    Raises:
        RecordingError: it is cut or damaged.
    """
    count = signal_count(data[:BLOCK], name, limit)
    if len(data) < BLOCK * (1 + count):
        raise RecordingError(f"{name} is cut within its header: it has {len(data)} of {BLOCK * (1 + count)} bytes")
    begins, doubt = _begins(_text(data[88:168]), _text(data[168:176]), _text(data[176:184]), name)
    kind = _text(data[192:236]).upper()
    signals = _signals(data[BLOCK:], count, name)
    duration = _duration(_text(data[244:252]), name)
    if duration == 0 and any(one.label != ANNOTATIONS for one in signals):
        raise RecordingError(f"{name} has records of 0 seconds that hold samples: it is damaged")
    return EdfHead(
        begins,
        doubt,
        kind.startswith("EDF+"),
        kind.startswith("EDF+D"),
        _whole(data[236:244], "the number of records", name),
        duration,
        sum(one.samples for one in signals),
        signals,
        _text(data[88:168]).endswith(OURS),
    )


def _text(field: bytes) -> str:
    """A field's text. ASCII is the rule; UTF-8 and Latin-1 occur, and control characters are left out."""
    try:
        text = field.decode("utf-8")
    except UnicodeDecodeError:
        text = field.decode("latin-1")
    return (text if text.isprintable() else "".join(filter(str.isprintable, text))).strip()


def _whole(field: bytes, what: str, name: str) -> int:
    text = _text(field)
    if not _WHOLE.fullmatch(text):
        raise RecordingError(f"{name} is not an EDF file that is understood: {what} is {text!r}")
    return int(text)


def _duration(text: str, name: str) -> Fraction:
    try:
        value = number(text, decimal_comma=True)
    except ValueError:
        value = -1.0
    if not (value == 0 or 1e-6 <= value <= LONGEST):
        raise RecordingError(f"{name} is not an EDF file that is understood: a record's duration is {text!r}")
    return Fraction(text.replace(",", ".")) if value else Fraction(0)


def _begins(recording: str, date: str, time: str, name: str) -> tuple[datetime | None, str]:
    """When it began, and why that may be wrong.

    The date in the recording field has four digits of a year and goes before the one in the date field, whose
    two digits reach from 1985 to 2084. 1 January 1985 and ``Startdate X`` stand for a date that was taken out.
    """
    clock = _TIME.fullmatch(time)
    short = _DATE.fullmatch(date)
    full = _FULL_DATE.search(recording)
    try:
        day = None
        if full and full[2].upper() in _MONTHS:
            day = (int(full[3]), _MONTHS.index(full[2].upper()) + 1, int(full[1]))
        elif short and short[3].isdigit() and not _NO_DATE.match(recording):
            year = int(short[3])
            day = (year + (1900 if year >= 85 else 2000), int(short[2]), int(short[1]))
            day = None if day == (1985, 1, 1) else day
        if day is None:
            return None, ""
        if not clock:
            raise ValueError(f"{time!r} is not a time of day")
        begins = datetime(*day, *(int(part) for part in clock.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError as error:
        raise RecordingError(f"{name} gives {date!r} and {time!r} as its start, which cannot be: {error}") from None
    if full and short and (int(short[2]), int(short[1])) != day[1:]:
        return begins, f"the header gives two start dates, {full[0].strip()!r} and {date!r}: the first was taken"
    return begins, ""


def _signals(data: bytes, count: int, name: str) -> tuple[EdfSignal, ...]:
    columns: list[list[bytes]] = []
    place = 0
    for width in _WIDTHS:
        columns.append([data[place + width * index : place + width * (index + 1)] for index in range(count)])
        place += width * count
    found: list[EdfSignal] = []
    start = 0
    for index in range(count):
        label, unit = _text(columns[0][index]), _text(columns[2][index])
        samples = _whole(columns[8][index], f"the number of samples of {label!r}", name)
        if samples < 0:
            raise RecordingError(f"{name} announces {samples} samples of {label!r}: it is damaged")
        gain, offset, lowest, highest = _scaling([_text(columns[field][index]) for field in (3, 4, 5, 6)])
        found.append(EdfSignal(label, unit, samples, start, gain, offset, lowest, highest))
        start += samples
    return tuple(found)


def _scaling(fields: list[str]) -> tuple[float, float, int, int]:
    """Gain, offset, lowest and highest code; a gain of 0 where the four fields make no scale."""
    try:
        low, high, lowest, highest = (number(field, decimal_comma=True) for field in fields)
    except ValueError:
        return 0.0, 0.0, 0, 0
    if not (-32768 <= lowest < highest <= 32767) or lowest % 1 or highest % 1:
        return 0.0, 0.0, 0, 0
    gain = (high - low) / (highest - lowest)  # negative where the range is written upside down
    return gain, low - gain * lowest, int(lowest), int(highest)
