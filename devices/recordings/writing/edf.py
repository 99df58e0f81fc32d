"""EDF+ files (continuous): a signal a source, events as annotations, times in UTC, no name of anybody.

EDF holds samples at even steps, so readings are put on a grid: their own where they have one (a value a second, a
minute), else steps of a quarter of a second, to which times are rounded; that is counted. Values keep their decimals
exactly, as far as 16 bits reach. By convention the digital minimum is "no value" (the transducer field says so), and
a 0 is "no signal"; statuses are not held. A cuff's three signals have a sample where it measured.
Source: the recorded-files sheet, section 4; B. Kemp and J. Olivan, European data format plus (2003).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

import numpy as np

from devices import instant
from devices.errors import WritingError
from devices.recordings.edf.header import ANNOTATIONS, BLOCK, OURS
from devices.recordings.readings.batches import Batch
from devices.recordings.writing.carried import carried
from devices.recordings.writing.document import Document, Losses
from devices.recordings.writing.edf_grid import Grid, Moved, Samples, Survey, samples_in_record, seconds
from devices.recordings.writing.edf_lists import record_lists
from devices.recordings.writing.edf_scale import HIGHEST, LOWEST, Scale, scale_of
from devices.signals import SIGNALS

_YEARS = (1985, 2084)
_AT_ONCE = 1 << 19
"""About so many samples are put together at once."""


def write(file: BinaryIO, document: Document, losses: Losses) -> None:
    """Writes the file.

    Raises:
        WritingError: it begins or ends outside the years that EDF can hold.
    """
    _refuse_years(document)
    kinds = document.readings.kinds

    def held(losses: Losses) -> Iterator[Batch]:
        return carried(kinds, document.readings.batches(), losses)

    survey = Survey(kinds)
    for batch in held(losses):
        survey.add(batch)
    begins, last = document.span
    if document.relative:
        begins = min(begins, 0)  # seconds from the recording's start stay that
    step = survey.step(begins, last)
    first = survey.first
    if not document.relative and first is not None:
        begins = first - (-((begins - first) // step)) * step  # the grid starts at or before all
    grid = Grid(survey.seen, begins, step, losses)
    moved = Moved()
    last_place = (last - begins) // step
    for number, places, values in grid.settled(held(Losses()), moved):
        grid.signals[number].add(values)
        last_place = max(last_place, int(places.max(initial=0)))
    losses.add(
        f"times: moved by up to {moved.furthest / instant.SECOND:g} s, to steps of {seconds(step)} s", moved.times
    )
    losses.add("values: left out, another one came within the same step of time", moved.lost)
    many = samples_in_record(step)
    records = -(-(last_place + 1) // many)
    duration = step * many
    # A start has whole seconds; its fraction is told by the first record's own time.
    whole = begins - begins % instant.SECOND
    onsets = [begins - whole + record * duration for record in range(records)]
    lists, width = record_lists(onsets, [(each.time - whole, each.text) for each in document.events])
    scales = [scale_of(one.distinct()) for one in grid.signals]
    file.write(_header(whole, document.relative, records, duration, width, many, grid.signals, scales))
    columns = [np.full((records, many), LOWEST, "<i2") for _ in scales]
    rounded = [0] * len(columns)
    for number, places, values in grid.settled(held(Losses()), Moved()):
        scale = scales[number]
        which = scale.values.searchsorted(values)
        columns[number].reshape(-1)[places] = scale.codes[which]
        rounded[number] += int(scale.is_rounded[which].sum())
    for one, scale, count in zip(grid.signals, scales, rounded, strict=True):
        losses.add(f"values of {one.label}: rounded to {float(1 / scale.steps):g} {SIGNALS[one.signal].unit}", count)
    at_once = max(1, _AT_ONCE // (many * len(columns) + width))
    for start in range(0, records, at_once):
        rows = slice(start, start + at_once)
        told = np.frombuffer(b"".join(lists[rows]), "<i2").reshape(-1, width // 2)
        file.write(np.concatenate([*(column[rows] for column in columns), told], axis=1, dtype="<i2").tobytes())


def _refuse_years(document: Document) -> None:
    if document.relative or not (document.readings or document.events):
        return
    for at in document.span:
        year = instant.to_datetime(at).year
        if not _YEARS[0] <= year <= _YEARS[1]:
            raise WritingError(
                f"EDF holds the years {_YEARS[0]} to {_YEARS[1]} and the recording is of {year}: write another format"
            )


def _header(
    whole: int,
    relative: bool,
    records: int,
    duration: int,
    width: int,
    many: int,
    signals: Sequence[Samples],
    scales: Sequence[Scale],
) -> bytes:
    """The header: no patient, the date in full and the mark of this program (whose times are UTC)."""
    begins = instant.to_datetime(0 if relative else whole)
    named = "Startdate X X X" if relative else f"Startdate {begins:%d}-{_MONTHS[begins.month - 1]}-{begins:%Y} X X"
    fixed = (
        ("0", 8), ("X X X X", 80), (f"{named} {OURS}", 80),
        ("01.01.85" if relative else f"{begins:%d.%m.%y}", 8), ("00.00.00" if relative else f"{begins:%H.%M.%S}", 8),
        (str(BLOCK * (len(signals) + 2)), 8), ("EDF+C", 44), (str(records), 8), (seconds(duration), 8),
        (str(len(signals) + 1), 4),
    )  # fmt: skip
    columns: list[tuple[list[str], int]] = [
        ([one.label for one in signals] + [ANNOTATIONS], 16),
        ([f"{_ascii(one.transducer)[:50]}; digital minimum: none" for one in signals] + [""], 80),
        ([SIGNALS[one.signal].unit for one in signals] + [""], 8),
        ([one.lowest for one in scales] + ["-1"], 8),
        ([one.highest for one in scales] + ["1"], 8),
        ([str(LOWEST)] * (len(signals) + 1), 8),
        ([str(HIGHEST)] * (len(signals) + 1), 8),
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
