"""Tables with one row a value: other programs' (time, name, value), and this program's own tidy tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from msgspec import structs

from devices.instant import ClockChange
from devices.reading import VALUELESS, Reading, Status
from devices.recordings.names import Conversion, cut_unit, plain
from devices.recordings.options import Options
from devices.recordings.patients.marks import Marks
from devices.recordings.patients.observed import Seen
from devices.recordings.patients.unnamed import judge_marks
from devices.recordings.recording import Builder, Column
from devices.recordings.tables.doubt import is_whole
from devices.recordings.tables.emitting import read_samples
from devices.recordings.tables.header import Field, Header
from devices.recordings.tables.judging import Sample, ask_unit
from devices.recordings.tables.pairs import part_in, says_mmhg
from devices.recordings.tables.quantities import called_in, converted, is_challenge, tell_quantities
from devices.recordings.tables.row import Row
from devices.recordings.tables.times import CHANGED_HOUR, TimeReader
from devices.recordings.tables.wide import BELOW_0, missing_numbers
from devices.recordings.texts import is_missing, marked_number, number, without_flag
from devices.signals import NIBP, SIGNALS

REFUSED = "not readable"
"""Why a row whose value is none is not used."""


def read_long(
    rows: Sequence[Row], header: Header, reader: TimeReader, options: Options, into: Builder, marks: Marks
) -> None:
    """Reads (time, name, value) rows into `into`; neighbouring rows of one time are one sample.

    Raises:
        ChoiceNeeded: the unit of a quantity is open, or whether a column names patients.
    """
    challenge = is_challenge(row.cells[row.header.what] for row in rows)
    called = [called_in(row, row.header, options) for row in rows]
    fields = tell_quantities(dict(called), challenge, header, options, into)
    samples: list[Sample] = []
    mark = "," if reader.decimal_comma else "."
    numbers = missing_numbers(options)
    used = refused = -1
    seen = Seen() if marks.are_there else None
    above: dict[str, list[str]] = {}
    bare: dict[str, list[float]] = {}
    others = _others(rows, called)
    for row, (name, _) in zip(rows, called, strict=True):
        its = row.header
        if plain(name) == "recordid" and not header.who:
            into.patients = (row.cells[its.value],)
        one = fields.get(name)
        if one is None or (its.error >= 0 and row.cells[its.error] not in ("", "0")):
            if row.number != refused:
                into.counts.refuse("of other quantities" if one is None else "marked as errors")
            refused = row.number  # of a pair, both parts stand in one row
            continue
        try:
            time = reader.read(row.time)
            cell, convert, value = value_in(row, its, one, options, mark)
        except (ValueError, OverflowError) as error:
            if row.number != refused:
                refuse_row(row, its, error, into)
            refused = row.number
            continue
        if value is None or value in numbers:
            continue
        if (challenge and value == -1) or (value < 0 and one.signal not in BELOW_0):
            into.counts.refuse("unknown (-1)" if value == -1 else "below 0")
            continue
        if row.doubted and its.value == len(its.names) - 1:
            before = next((each.values[name] for each in reversed(samples) if name in each.values), None)
            if not is_whole(cell, convert.apply(value), above.get(name, ()), before, one.signal):
                into.notice("incomplete", f"the last row has no end: its {name} may be cut, and was not used")
                continue
        above.setdefault(name, []).append(cell)
        is_second = row.number == used
        into.counts.used += not is_second
        used = row.number
        if seen is not None:
            seen.take(one, time, convert.apply(value), row.number)
        if not is_second and (not samples or samples[-1].time != time or _holds(samples[-1], name, others)):
            samples.append(Sample(time, row.number))
        samples[-1].values[name] = convert.apply(value)
        if its.unit < 0 or not row.cells[its.unit]:
            bare.setdefault(name, []).append(convert.apply(value))
    if seen is not None:
        judge_marks(marks, seen.rows, seen.values(), header, into)
    if not challenge:
        for name, held in bare.items():
            ask_unit(fields[name], held)
    read_samples(fields, samples, into, options.overrides.collapse)


def _others(rows: Sequence[Row], called: Sequence[tuple[str, str]]) -> dict[str, str]:
    """By what a part of a pair is called: how the other part is."""
    after = (name for name, _ in islice(called, 1, None))
    found = {name: other for row, (name, _), other in zip(rows, called, after, strict=False) if row.part == "SYS"}
    return found | {other: name for name, other in found.items()}


def _holds(sample: Sample, name: str, others: Mapping[str, str]) -> bool:
    """Whether a sample has a value of the quantity called `name`, or of the other part of its pair."""
    return name in sample.values or (name in others and others[name] in sample.values)


def value_in(row: Row, header: Header, one: Field, options: Options, mark: str) -> tuple[str, Conversion, float | None]:
    """Of a row the number as written, how it is converted, and its value before that, None if there is none.

    Raises:
        ValueError: it is not readable.
    """
    overrides = options.overrides
    written = row.cells[header.value]
    if not row.part:
        cell, unit = cut_unit(without_flag(written))
        convert = converted(row, header, one, overrides.units, unit)
    else:
        convert = converted(row, header, one, overrides.units)
        cell = part_in(row) if written.lower() not in overrides.missing else ""
        if cell and convert.note and says_mmhg(written):
            raise ValueError(f"{written[:40]!r} says mmHg, and its column or its name another unit")
    is_none = is_missing(cell) or cell.lower() in overrides.missing
    return cell, convert, None if is_none else marked_number(cell, mark)


def refuse_row(row: Row, header: Header, error: Exception, into: Builder) -> None:
    """Tells that a row is not used, by the `error` of reading it."""
    # Empty cells behind those of the header say nothing.
    raw = header.delimiter.join(row.cells[: len(header.names)]).encode(errors="replace")
    reason = REFUSED if not isinstance(error, ClockChange) else CHANGED_HOUR
    into.refuse(reason, f"row {row.number + 1}: {error}", row=row.number, raw=raw)


def read_tidy(rows: Sequence[Row], reader: TimeReader, into: Builder) -> None:
    """Reads back what ``risewatch read`` wrote: the same readings, with the sources they had."""
    found: list[Reading] = []
    for row in rows:
        try:
            found.append(_tidy(row, reader))
        except (ValueError, OverflowError) as error:
            raw = ",".join(row.cells).encode(errors="replace")
            into.refuse(REFUSED, f"row {row.number + 1}: {error}", row=row.number, raw=raw)
    into.counts.used += len(found)
    into.readings += _rejoined(found)
    into.mapping = [Column(name, name, SIGNALS[name].unit) for name in dict.fromkeys(r.signal for r in into.readings)]


def _rejoined(readings: Sequence[Reading]) -> Iterator[Reading]:
    """The cuff readings of one measurement with one receipt again.

    As written they stand together as sys, dia, mean. A table that was sorted or shuffled since holds them in any
    order and place: they are still one measurement where none of the three comes twice at that time.
    """
    times = Counter((_protocol_and_time(each), each.signal) for each in readings if each.signal in NIBP)
    twice = {key for (key, _), count in times.items() if count > 1}
    receipts: dict[tuple[str, int], int] = {}
    last: Reading | None = None
    for each in readings:
        if each.signal in NIBP:
            key = _protocol_and_time(each)
            if key not in twice:
                each = structs.replace(each, received=receipts.setdefault(key, each.received))
            elif last is not None and _goes_on(last, each):
                each = structs.replace(each, received=last.received)
        last = each
        yield each


def _goes_on(last: Reading, each: Reading) -> bool:
    return (
        last.signal in NIBP
        and _protocol_and_time(last) == _protocol_and_time(each)
        and NIBP.index(each.signal) > NIBP.index(last.signal)
    )


def _protocol_and_time(reading: Reading) -> tuple[str, int]:
    return reading.source.partition(":")[0], reading.time


def _tidy(row: Row, reader: TimeReader) -> Reading:
    _, signal, cell, unit, named, source = row.cells[:6]
    if signal not in SIGNALS:
        raise ValueError(f"{signal[:40]!r} is not a signal")
    if unit != SIGNALS[signal].unit:
        raise ValueError(f"{signal} is in {SIGNALS[signal].unit}, not in {unit[:40]!r}")
    try:
        status = Status(named)
    except ValueError:
        raise ValueError(f"{named[:40]!r} is not a status") from None
    value = None if not cell else number(cell)
    if (value is None) != (status in VALUELESS):
        raise ValueError(f"status {status} {'has no' if status in VALUELESS else 'needs a'} value")
    return Reading(reader.read(row.time), row.number, signal, value, unit, status, source)
