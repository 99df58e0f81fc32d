"""EDF+ files (continuous): a signal a source, events as annotations, times in UTC, no name of anybody.

EDF holds samples at even steps, so readings are put on a grid: their own where they have one (a value a second, a
minute), else steps of a quarter of a second, to which times are rounded; that is counted. Values keep their decimals
exactly, as far as 16 bits reach. By convention the digital minimum is "no value" (the transducer field says so), and
a 0 is "no signal"; statuses are not held. A cuff's three signals have a sample where it measured.
Source: the recorded-files sheet, section 4; B. Kemp and J. Olivan, European data format plus (2003).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct, field

from devices import instant
from devices.errors import WritingError
from devices.reading import Reading
from devices.recordings.edf_header import ANNOTATIONS, BLOCK, OURS
from devices.recordings.writing.document import Document, Losses, carried, number_of
from devices.recordings.writing.edf_lists import record_lists
from devices.recordings.writing.sources import Source, joined, key_of, sources
from devices.signals import NIBP, SIGNALS, PulseOrigin

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FINEST = instant.SECOND // 4
"""No step is smaller: more than four samples a second are taken for a waveform."""

STEPS = (FINEST, *(instant.SECOND * factor for factor in (1, 5, 15, 60, 300, 900, 3600)))
"""The grids of readings that have none of their own; the finest that keeps a signal within MOST_SAMPLES is taken."""

MOST_SAMPLES = 4_000_000
_LONGEST_RECORD = instant.MINUTE
_LOWEST, _HIGHEST = -32768, 32767
_YEARS = (1985, 2084)
_PULSES = {PulseOrigin.LINE: "ART HR", PulseOrigin.OXIMETER: "PR", PulseOrigin.CUFF: "NIBP PR"}
"""What pulse rates are called, so that readers know whose they are."""


class _Signal(Struct):
    """One signal in the making: its label, what it is, where its values came from, and values by place on the grid."""

    label: str
    signal: str
    transducer: str
    values: dict[int, float] = field(default_factory=dict)


def write(file: BinaryIO, document: Document, losses: Losses) -> None:
    """Writes the file.

    Raises:
        WritingError: it begins or ends outside the years that EDF can hold.
    """
    _refuse_years(document)
    readings = list(carried(document.readings, losses))
    begins, last = document.span
    if document.relative:
        begins = min(begins, 0)  # seconds from the recording's start stay that
    step = _step([each.time for each in readings], begins, last)
    if not document.relative and readings:
        begins = readings[0].time - (-((begins - readings[0].time) // step)) * step  # the grid starts at or before all
    signals = _signals(readings, begins, step, losses)
    many = _samples_in_record(step)
    records = max(1, -(-((last - begins) // step + 1) // many))
    duration = step * many
    # A start has whole seconds; its fraction is told by the first record's own time.
    whole = begins - begins % instant.SECOND
    onsets = [begins - whole + record * duration for record in range(records)]
    lists, width = record_lists(onsets, [(each.time - whole, each.text) for each in document.events])
    scaled = [_codes(one, records * many, losses) for one in signals]
    file.write(_header(whole, document.relative, records, duration, width, many, signals, [s[1] for s in scaled]))
    for record in range(records):
        for codes, _ in scaled:
            file.write(codes[record * many : (record + 1) * many].tobytes())
        file.write(lists[record])


def _refuse_years(document: Document) -> None:
    if document.relative or not (document.readings or document.events):
        return
    for at in document.span:
        year = instant.to_datetime(at).year
        if not _YEARS[0] <= year <= _YEARS[1]:
            raise WritingError(
                f"EDF holds the years {_YEARS[0]} to {_YEARS[1]} and the recording is of {year}: write another format"
            )


def _step(times: Sequence[int], begins: int, last: int) -> int:
    """The grid's step (µs): the readings' own if they have one, else one that is fine enough and not too fine."""
    own = math.gcd(*(time - times[0] for time in times)) if times else 0
    if len(set(times)) <= 1:
        own = instant.SECOND
    if own >= FINEST and (last - begins) // own < MOST_SAMPLES and len(_seconds(own)) <= 8:
        return own
    return next((step for step in STEPS if (last - begins) // step < MOST_SAMPLES), STEPS[-1])


def _samples_in_record(step: int) -> int:
    """How many samples a record holds: about a minute's, as long as its duration can be written in 8 characters."""
    most = max(1, _LONGEST_RECORD // step)
    return next(many for many in range(most, 0, -1) if len(_seconds(step * many)) <= 8)


def _seconds(micros: int) -> str:
    whole, rest = divmod(micros, instant.SECOND)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def _signals(readings: Sequence[Reading], begins: int, step: int, losses: Losses) -> list[_Signal]:
    """The signals with their values on the grid, in the order of SIGNALS."""
    by_source: dict[tuple[str, str], list[_Signal]] = {}
    made: list[_Signal] = []
    for column in joined(sources(readings)):
        if column[0].signal == "NIBP" and any(one.signal in NIBP for one in made):
            # Readers hold three cuff values to be one cuff's.
            names, count = ", ".join(one.name for one in column), sum(one.count for one in column)
            losses.add(f"readings of the cuff of {names}: left out, another cuff has its signals", count)
            continue
        each = _made(column, [one.label for one in made], readings)
        made += each
        for one in column:
            by_source[one.signal, one.name] = each
    moved = furthest = lost = 0
    for reading in readings:
        into = next((each for each in by_source.get(key_of(reading), ()) if each.signal == reading.signal), None)
        if into is None:
            continue
        place = (reading.time - begins + step // 2) // step
        shift = abs(begins + place * step - reading.time)
        moved, furthest = moved + (shift > 0), max(furthest, shift)
        value = number_of(reading)
        lost += into.values.get(place, value) != value
        into.values[place] = value  # of two for one time the one received last counts
    losses.add(f"times: moved by up to {furthest / instant.SECOND:g} s, to steps of {_seconds(step)} s", moved)
    losses.add("values: left out, another one came within the same step of time", lost)
    return sorted(made, key=lambda one: list(SIGNALS).index(one.signal))


def _made(column: Sequence[Source], taken: Sequence[str], readings: Sequence[Reading]) -> list[_Signal]:
    """The signal of a column, or a cuff's up to three."""
    first = column[0]
    if first.signal == "NIBP":
        held = {each.signal for each in readings if each.signal in NIBP}
        return [_Signal(signal, signal, first.name) for signal in NIBP if signal in held]
    label = _PULSES[first.origin] if first.signal == "PR" else first.signal
    number = 2
    while label in taken:  # a device before a slash does not change what a signal is
        label = f"{number}/{label.rpartition('/')[2]}"
        number += 1
    return [_Signal(label, first.signal, first.name)]


def _codes(one: _Signal, length: int, losses: Losses) -> tuple[NDArray[np.int16], tuple[str, str]]:
    """The samples of a signal, and the physical range that its codes stand for."""
    import numpy as np

    values = list(one.values.values())
    decimals = next((d for d in range(4) if all(round(value, d) == value for value in values)), 3)
    low, high = min(values, default=0.0), max(values, default=0.0)
    while decimals > -3 and (high - low) * 10.0**decimals > _HIGHEST - _LOWEST - 2:
        decimals -= 1
    # Where 0 and all values fit, the code is the value; else the range is moved to the values.
    scale = Fraction(10) ** decimals
    around = 0 if max(abs(low), abs(high)) * 10.0**decimals < _HIGHEST else round(Fraction((low + high) / 2))
    codes = np.full(length, _LOWEST, dtype="<i2")
    rounded = 0
    for place, value in one.values.items():
        code = round((Fraction(value) - around) * scale)
        written = float(code / scale + around)
        rounded += written != value
        codes[place] = code
    losses.add(f"values of {one.label}: rounded to {float(1 / scale):g} {SIGNALS[one.signal].unit}", rounded)
    ends = tuple(_fixed(Fraction(end) / scale + around) for end in (_LOWEST, _HIGHEST))
    return codes, (ends[0], ends[1])


def _fixed(value: Fraction) -> str:
    text = f"{float(value):.3f}".rstrip("0").rstrip(".")
    if len(text) > 8:
        raise WritingError(f"a value near {float(value):g} is beyond what an EDF header can hold")
    return text


def _header(
    whole: int,
    relative: bool,
    records: int,
    duration: int,
    width: int,
    many: int,
    signals: Sequence[_Signal],
    ranges: Sequence[tuple[str, str]],
) -> bytes:
    """The header: no patient, the date in full and the mark of this program (whose times are UTC)."""
    begins = instant.to_datetime(0 if relative else whole)
    named = "Startdate X X X" if relative else f"Startdate {begins:%d}-{_MONTHS[begins.month - 1]}-{begins:%Y} X X"
    fixed = (
        ("0", 8), ("X X X X", 80), (f"{named} {OURS}", 80),
        ("01.01.85" if relative else f"{begins:%d.%m.%y}", 8), ("00.00.00" if relative else f"{begins:%H.%M.%S}", 8),
        (str(BLOCK * (len(signals) + 2)), 8), ("EDF+C", 44), (str(records), 8), (_seconds(duration), 8),
        (str(len(signals) + 1), 4),
    )  # fmt: skip
    columns: list[tuple[list[str], int]] = [
        ([one.label for one in signals] + [ANNOTATIONS], 16),
        ([f"{_ascii(one.transducer)[:50]}; digital minimum: none" for one in signals] + [""], 80),
        ([SIGNALS[one.signal].unit for one in signals] + [""], 8),
        ([low for low, _ in ranges] + ["-1"], 8),
        ([high for _, high in ranges] + ["1"], 8),
        ([str(_LOWEST)] * (len(signals) + 1), 8),
        ([str(_HIGHEST)] * (len(signals) + 1), 8),
        ([""] * (len(signals) + 1), 80),
        ([str(many)] * len(signals) + [str(width // 2)], 8),
        ([""] * (len(signals) + 1), 32),
    ]
    parts = [text.ljust(size) for text, size in fixed]
    parts += [text.ljust(size) for texts, size in columns for text in texts]
    return "".join(parts).encode("ascii")


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def _ascii(text: str) -> str:
    return "".join(char if " " <= char <= "~" else "?" for char in text)
