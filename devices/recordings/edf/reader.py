"""EDF and EDF+ recordings: the numbers among their signals, each at its own rate, and what was noted.

Units: the house's, converted from the header's physical dimension; times are local without a zone.
Errors: a file that is cut gives its whole records and says so; without one it is refused, as is a damaged header.
Source: the recorded-files sheet, section 4. EDF has no code for "no value": the lowest code of a signal, codes outside
its range and those that `Options.missing` names (-1) are none; 0 is "no signal", as in every recording.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Sequence
from datetime import UTC
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from devices import instant
from devices.errors import RecordingError
from devices.recordings.codes import frames
from devices.recordings.edf.annotations import Annotation, read_lists
from devices.recordings.edf.columns import Decoded, in_columns, readings_in_columns
from devices.recordings.edf.header import ANNOTATIONS, BLOCK, LONGEST, EdfHead, EdfSignal, parse_header, signal_count
from devices.recordings.names import conversion, signal_of, told_apart
from devices.recordings.options import Options, begun, refuse_start
from devices.recordings.recording import NOT_KNOWN, Builder, Column, Recording
from devices.recordings.series import SeriesRecording, doubles
from devices.recordings.tables.header import Field, refuse_doubles
from devices.recordings.tables.wide import Sample, read_samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = "edf"

_UNEVEN = instant.SECOND // 10
"""By so much records without a break may be off: writers round their times."""

FASTEST = 4
"""Samples a second above which a signal is a waveform, whose name (RESP, ABP) is also that of a number."""


def read(path: Path, options: Options) -> Recording:
    """Reads the recording `path`.

    Raises:
        RecordingError: no EDF, cut before its first whole record, damaged, or too large.
    """
    found = _decoded(path, options)
    return readings_in_columns(found) or _as_readings(found)


def read_series(path: Path, options: Options) -> Recording | SeriesRecording:
    """As `read`, in columns where no signal asks for a second look; else as readings."""
    found = _decoded(path, options)
    return in_columns(found) or _as_readings(found)


def _as_readings(found: Decoded) -> Recording:
    into = found.into
    samples = _samples(found)
    into.counts.rows += len(samples)
    into.counts.used = sum(bool(sample.values) for sample in samples)
    found.note([sample.time for sample in samples])
    read_samples(dict(found.fields.values()), samples, into)
    return into.build()


def _decoded(path: Path, options: Options) -> Decoded:
    if options.patient is not None:
        raise RecordingError("the names in an EDF header are not read: leave --patient out")
    with path.open("rb") as file:
        fixed = file.read(BLOCK)
        rest = file.read(BLOCK * signal_count(fixed, path.name, options.limits.columns))
        head = parse_header(fixed + rest, path.name, options.limits.columns)
        into = Builder(FORMAT, options.limits)
        fields = _fields(head, options, into)
        records = _records(os.fstat(file.fileno()).st_size, path.name, head, into)
        _refuse_large(path.name, head, fields, records, options)
        begins = _beginning(head, options, into)
        columns, lists = _data(file, path.name, head, fields, records)
    noted = [list(read_lists(data)) for data in lists]
    onsets = _onsets(head, [record[0] if record else None for record in noted], records, into)
    into.relative = head.begins is None and options.start is None
    return Decoded(
        into,
        head,
        fields,
        columns,
        onsets,
        begins,
        [one for record in noted for one in record],
        () if head.ours else options.missing,
    )


def _fields(head: EdfHead, options: Options, into: Builder) -> dict[int, tuple[str, Field]]:
    """The wanted signals by their place in the header, as (name, field)."""
    fields: dict[int, tuple[str, Field]] = {}
    left_out = []
    # Who maps a fast signal by name says that it holds numbers (an oximeter's, written ten times a second).
    most = math.floor(FASTEST * head.duration)
    signals = {index: one for index, one in enumerate(head.signals) if one.label != ANNOTATIONS}
    names = told_apart([one.label for one in signals.values()])
    for place, (index, one) in enumerate(signals.items()):
        field = _field(one, names[place], options.said_of(place, names[place]), head, most)
        if isinstance(field, str):
            into.mapping.append(Column(names[place], "", one.unit, field))
            left_out.append(f"{names[place]} ({field})")
        else:
            into.mapping.append(Column(names[place], field.signal, one.unit, field.convert.note))
            fields[index] = (names[place], field)
    if left_out:
        shown = ", ".join(left_out[:12]) + (f" and {len(left_out) - 12} more" if len(left_out) > 12 else "")
        into.notice("ignored", f"signals left out: {shown}")
    refuse_doubles([field for _, field in fields.values()], "signals")
    return fields


def _field(one: EdfSignal, name: str, chosen: str | None, head: EdfHead, most: int) -> Field | str:
    """How the signal called `name` is read, or why it is left out. `chosen`: what the mapping says of it. `most`:
    samples a record that are not yet a waveform's."""
    signal = signal_of(one.label) if chosen is None else chosen
    if not signal:
        return NOT_KNOWN if chosen is None else "left out by the mapping"
    convert = conversion(one.unit, signal)
    if convert is None:
        return f"{one.unit} is no unit of {signal}"
    if one.gain == 0:
        return "its range makes no numbers"
    if one.samples == 0:
        return "it has no samples"
    if chosen is None and one.samples > most:
        return f"{float(one.samples / head.duration):g} samples a second, so a waveform"
    return Field(one.start, name, signal, convert, own=head.ours)


def _records(size: int, name: str, head: EdfHead, into: Builder) -> int:
    """How many whole records the file of `size` bytes holds of those announced."""
    if head.width == 0:
        raise RecordingError(f"{name} has records without samples: it is damaged")
    held, rest = divmod(size - head.size, 2 * head.width)
    announced = head.records
    if held == 0:
        raise RecordingError(f"{name} holds no whole record")
    if announced < 0:
        into.notice("incomplete", f"{name} leaves the number of its records open (its writer stopped): {held} held")
    elif held < announced:
        into.notice("incomplete", f"{name} is cut: it holds {held} of the {announced} records its header announces")
    elif held > announced or rest:
        into.notice("ignored", f"{name} goes on behind the {announced} records its header announces: not read")
    if announced == 0:
        raise RecordingError(f"{name} announces that it holds no record")
    return held if announced < 0 else min(held, announced)


def _refuse_large(
    name: str, head: EdfHead, fields: dict[int, tuple[str, Field]], records: int, options: Options
) -> None:
    most = max((head.signals[index].samples for index in fields), default=0) * records
    if most > options.limits.rows:
        raise RecordingError(f"{name} holds {most} samples a signal, more than the {options.limits.rows} that are read")
    total = sum(head.signals[index].samples for index in fields) * records
    if total > options.limits.readings:
        raise RecordingError(f"{name} holds {total} samples, more than the {options.limits.readings} that are read")
    if head.duration * records > LONGEST:
        raise RecordingError(f"{name} claims to last {float(head.duration * records):g} seconds, which cannot be")


def _beginning(head: EdfHead, options: Options, into: Builder) -> int:
    if head.begins is None:
        into.notice("time-assumed", "the header gives no date: times count from the start (--start says when that was)")
        return 0 if options.start is None else options.start
    refuse_start(options, "the recording")
    if head.doubt:
        into.notice("time-assumed", head.doubt)
    if head.ours:
        return instant.from_datetime(head.begins.replace(tzinfo=UTC))
    into.notice("time-assumed", f"times without an offset were taken to be in {options.zone} (say --timezone if not)")
    return begun(head.begins, options, "the recording")


def _data(
    file: BinaryIO, name: str, head: EdfHead, fields: dict[int, tuple[str, Field]], records: int
) -> tuple[dict[int, NDArray[np.int16]], list[bytes]]:
    """The codes of the wanted signals as (record, sample), and each record's annotation lists."""
    import numpy as np

    noting = [one for one in head.signals if one.label == ANNOTATIONS] if head.plus else []
    wanted = {index: head.signals[index] for index in fields}
    found = {index: np.empty((records, one.samples), np.int16) for index, one in wanted.items()}
    lists: list[bytes] = []
    for first, block in frames(file, name, head.width, records):
        for index, one in wanted.items():
            found[index][first : first + len(block)] = block[:, one.start : one.start + one.samples]
        for row in block if noting else ():
            lists.append(b"\x00".join(row[one.start : one.start + one.samples].tobytes() for one in noting))
    return found, lists


def _onsets(head: EdfHead, first: Sequence[Annotation | None], records: int, into: Builder) -> Sequence[int | None]:
    """When each record begins, in microseconds from the file's start; None where that is not known."""
    step = head.duration * instant.SECOND
    said = [one.onset if one is not None and not one.text else None for one in first]
    if not head.interrupted and not _is_interrupted(said, head.duration, into):
        # The first record's own time holds the fraction of a second that the header's start cannot.
        begins = next(iter(said), None) or 0
        if step.denominator == 1:
            return range(begins, begins + records * step.numerator, step.numerator) if step else [begins] * records
        return [begins + round(record * step) for record in range(records)]
    if not said:
        raise RecordingError("the recording is interrupted (EDF+D) and does not say when its records begin")
    if lost := said.count(None):
        into.counts.refuse("without a time", lost)
        into.notice("row-refused", f"{lost} records do not say when they begin and were refused")
    return said


def _is_interrupted(said: Sequence[int | None], duration: Fraction, into: Builder) -> bool:
    """Whether records that are announced without a break (EDF+C) say that there are breaks, which is told then.

    Raises:
        RecordingError: their times go back or overlap, as where files were put together.
    """
    known = [(place, onset) for place, onset in enumerate(said) if onset is not None]
    if len(known) < 2 or all(onset == known[0][1] for _, onset in known):
        return False  # nobody counted them
    step = float(duration * instant.SECOND)
    off = [
        (later - earlier) - (place - before) * step for (before, earlier), (place, later) in itertools.pairwise(known)
    ]
    if all(abs(each) <= _UNEVEN for each in off):
        return False
    breaks = f"are announced without a break (EDF+C), and {sum(abs(each) > _UNEVEN for each in off)} of them say"
    if min(off) < -_UNEVEN:
        raise RecordingError(
            f"the records {breaks} times that overlap or go back: which holds cannot be told, so export it anew"
        )
    into.notice("time-assumed", f"the records {breaks} times after a pause: their own times were taken")
    return True


def _samples(found: Decoded) -> list[Sample]:
    """All samples by time. One without a value is among them: how often a cuff is silent tells it from a line."""
    import numpy as np

    times = [found.times(index) for index in found.fields]
    if not times:
        return []
    flat = np.concatenate([doubles(found.values(index)) for index in found.fields]).tolist()
    names = [name for name, _ in found.fields.values()]
    owners = np.repeat(np.arange(len(times)), [len(column) for column in times])
    order = np.argsort(np.concatenate(times), kind="stable")
    samples: list[Sample] = []
    for place, time in zip(order.tolist(), np.concatenate(times)[order].tolist(), strict=True):
        name, value = names[owners[place]], flat[place]
        if not samples or samples[-1].time != time or name in samples[-1].values:
            samples.append(Sample(time, len(samples)))
        if not math.isnan(value):
            samples[-1].values[name] = value
    return samples
