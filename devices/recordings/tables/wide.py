"""Tables with one row an instant and one column a signal: session tables, and the exports of others.

Under this program's own names cells are taken as written: every row with a cuff cell is one measurement. In other
programs' exports a cuff value that is shown again is no new measurement, a column that is 0 throughout was not
connected, and a pressure of unknown method is judged by how it behaves.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from devices import instant
from devices.recordings.names import DOUBTS, conversion, cut_unit
from devices.recordings.options import Options
from devices.recordings.patients.marks import Marks
from devices.recordings.patients.observed import Observed
from devices.recordings.patients.unnamed import judge_marks
from devices.recordings.recording import Builder, Column
from devices.recordings.tables.columns import ticks_column
from devices.recordings.tables.doubt import is_whole
from devices.recordings.tables.emitting import read_samples as read_samples
from devices.recordings.tables.header import Field, Header
from devices.recordings.tables.judging import Sample as Sample
from devices.recordings.tables.judging import ask_units, leave_out_intervals, leave_out_waves
from devices.recordings.tables.row import Row
from devices.recordings.tables.stamps import Kind
from devices.recordings.tables.ticks import respace
from devices.recordings.tables.times import CHANGED_HOUR, NO_TIME, TimeReader
from devices.recordings.texts import is_missing, marked_number

BELOW_0 = frozenset(("TEMP", "ABP_SYS", "ABP_DIA", "ABP_MEAN"))
"""What can be below 0: of an arterial line under its transducer. Else that is a program's mark for no value."""

NO_SATURATION = (127.0, 255.0, 511.0, 65535.0)
NO_PULSE = (255.0, 511.0, 65535.0)
"""All bits set: what oximeters' programs write where there is none. A pulse of 255 may be one, but not beside such a
saturation."""

NO_SIGNAL = "of an oximeter without a signal"
"""Why these values are not used."""

_REFUSED = math.nan
_REMEMBERED = 10_000

TREND_TAIL = 10
"""In so many last columns VSCapture writes the numbers of its minute averages."""


def read_wide(
    rows: list[Row], header: Header, reader: TimeReader, options: Options, trends: bool, into: Builder, marks: Marks
) -> None:
    """Reads `rows` into `into`, and empties them. `trends`: VSCapture's minute averages are left out.

    Raises:
        ChoiceNeeded: the unit of a column is open, or whether a column names patients.
    """
    fields: dict[str, Field] = {}
    samples: list[Sample] = []
    ticks: list[str] = []
    left_out, known, counter = 0, None, -1
    usual = _usual_tail(rows) if trends else 0
    read = _Reader(reader, options, into)
    last = rows[-1] if rows else None
    above = _above_last(rows) if last is not None and last.doubted else []
    rows.reverse()
    while rows:
        row = rows.pop()  # row by row: whole tables of rows, samples and readings beside each other would not fit
        if row.header is not known:
            known = row.header
            for one in known.fields:
                fields.setdefault(one.name, one)
            counter = ticks_column(known.names)
        if (sample := read.sample(row)) is None:
            continue
        if trends and _is_trend(row, sample, usual):
            left_out += 1
            continue
        samples.append(sample)
        if counter >= 0:
            ticks.append(row.cells[counter])
        into.counts.used += bool(sample.values)
    if last is None:
        fields = {one.name: one for one in header.fields}
    elif last.doubted:
        _doubt_last(last, above, samples, into)
    _judge(marks, samples, fields, header, into)
    if left_out:
        tell_trends(left_out, into)
    if len(ticks) == len(samples):
        respace(samples, ticks, into)
    leave_out_waves(fields, samples, into)
    leave_out_intervals(fields, samples, into)
    ask_units(fields, samples)
    read_samples(fields, samples, into, options.overrides.collapse)


def _judge(marks: Marks, samples: Sequence[Sample], fields: Mapping[str, Field], header: Header, into: Builder) -> None:
    if not marks.are_there:
        return
    rows = Observed("", [one.time for one in samples], (), [one.row for one in samples])
    judge_marks(marks, rows, (_observed(samples, one) for one in fields.values()), header, into)


def _observed(samples: Sequence[Sample], field: Field) -> Observed:
    name = field.name
    held = [one for one in samples if one.values.get(name)]
    return Observed(
        field.signal, [one.time for one in held], [one.values[name] for one in held], [one.row for one in held]
    )


class _Reader:
    """Reads the rows of one table."""

    def __init__(self, reader: TimeReader, options: Options, into: Builder) -> None:
        self._reader, self._into = reader, into
        self._mark = "," if reader.decimal_comma else "."
        self._missing = options.overrides.missing
        self._not_there = missing_numbers(options)
        self._marked = False  # an oximeter's mark was read
        self._read: dict[int, list[tuple[Field, dict[str, float | None]]]] = {}
        if reader.kind is Kind.JAVA:
            self._not_there |= {0.0}  # the Java program of that time format writes 0.0 for what it does not have

    def sample(self, row: Row) -> Sample | None:
        into = self._into
        if row.doubted and len(row.header.names) - 1 in row.header.time:
            into.counts.refuse("cut")
            into.notice("incomplete", "the last row has no end: its time may be cut, and was not used", row=row.number)
            return None
        try:
            time = self._reader.read(row.time)
        except (ValueError, OverflowError) as error:
            changed = isinstance(error, instant.ClockChange)
            raw = row.header.delimiter.join(row.cells).encode(errors="replace")
            reason = CHANGED_HOUR if changed else NO_TIME
            into.refuse(reason, f"row {row.number + 1}: {error}", row=row.number, raw=raw)
            return None
        sample = Sample(time, row.number)
        cells, values = row.cells, sample.values
        if row.header.event >= 0 and (what := cells[row.header.event].strip()):
            into.event(time, what, row.number)
        for one, known in self._known(row.header):
            cell = cells[one.index]
            try:
                value = known[cell]
            except KeyError:
                value = self._value(cell, one, sample)
                if value is not _REFUSED and len(known) < _REMEMBERED:
                    known[cell] = value
            if value is not None and value is not _REFUSED:
                values[one.name] = value
        if self._marked:
            self._leave_marks_out(row.header, values)
        return sample

    def _leave_marks_out(self, header: Header, values: dict[str, float]) -> None:
        """Takes from `values` what an oximeter writes where it has no saturation, and the pulse beside it."""
        saturations = {one.name: values.get(one.name) for one in header.fields if one.signal == "SPO2"}
        marked = [name for name, value in saturations.items() if value in NO_SATURATION]
        if not marked and 0 not in saturations.values():
            return
        rates = [one.name for one in header.fields if one.signal in ("PR", "HR")]
        for name in (*marked, *(name for name in rates if values.get(name) in NO_PULSE)):
            del values[name]
            self._into.counts.refuse(NO_SIGNAL)

    def _known(self, header: Header) -> list[tuple[Field, dict[str, float | None]]]:
        """The fields of a header, each with the cells that were read before: a table has few different ones."""
        found = self._read.get(id(header))
        if found is None:
            found = self._read[id(header)] = [(one, {}) for one in header.fields]
        return found

    def _value(self, cell: str, one: Field, sample: Sample) -> float | None:
        """The value in a cell, None if it stands for none, _REFUSED if it was refused."""
        into = self._into
        if is_missing(cell) or cell.lower() in self._missing:
            return None
        try:
            found, unit = cut_unit(cell) if cell[-1:].isalpha() or cell[-1:] == "%" else (cell, "")
            value = marked_number(found, self._mark)
            convert = conversion(unit, one.signal) if unit else one.convert
            if convert is None:
                raise ValueError(f"{cell[:40]!r} is not in a unit of {one.signal}")
        except ValueError as error:
            into.counts.refuse("cells that are no number")
            text = f"row {sample.row + 1}, {one.name}: {error}"
            raw = cell.encode(errors="replace")
            into.tell("value-refused", text, time=sample.time, row=sample.row, signal=one.signal, raw=raw)
            return _REFUSED
        if value < 0 and one.signal not in BELOW_0:
            into.counts.refuse("unknown (-1)" if value == -1 else "below 0")
            return _REFUSED
        if value in self._not_there:
            return None
        value = convert.apply(value)
        if not one.own and (value in NO_SATURATION if one.signal == "SPO2" else value in NO_PULSE):
            self._marked = True
        return value


def missing_numbers(options: Options) -> set[float]:
    """The numbers that a mapping says stand for no value: 999 is 999.0, too."""
    found = set()
    for each in options.overrides.missing:
        try:
            found.add(float(each))
        except ValueError:
            continue
    return found


def _above_last(rows: Sequence[Row]) -> list[str]:
    """The cells above the last cell of the last row, under the same header or one that is equal."""
    header = rows[-1].header
    place = len(header.names) - 1
    return [each.cells[place] for each in rows[:-1] if each.header is header or each.header == header]


def _doubt_last(row: Row, above: Sequence[str], samples: Sequence[Sample], into: Builder) -> None:
    """Leaves the last cell of a file without a line end out, unless it is like those above it: 9 may be left of 98."""
    one = next((each for each in row.header.fields if each.index == len(row.header.names) - 1), None)
    if one is None or not samples or samples[-1].row != row.number or one.name not in samples[-1].values:
        return
    before = next((each.values[one.name] for each in reversed(samples[:-1]) if one.name in each.values), None)
    if not is_whole(row.cells[one.index], samples[-1].values[one.name], above, before, one.signal):
        del samples[-1].values[one.name]
        tell_cut(one.name, row.number, into)


def tell_cut(name: str, row: int, into: Builder) -> None:
    """Tells that the last value of the column `name` was left out, which may be cut."""
    into.notice("incomplete", f"the last row has no end: its {name} may be cut, and was not used", row=row)


def _usual_tail(rows: Sequence[Row]) -> int:
    """How many of the last columns hold something in most rows: a module that is not attached may show 0 in each."""
    return statistics.median_low([_tail(row) for row in rows]) if rows else 0


def _tail(row: Row) -> int:
    width = len(row.header.names)
    return sum(not is_missing(cell) for cell in row.cells[width - TREND_TAIL : width])


def _is_trend(row: Row, sample: Sample, usual: int) -> bool:
    """A minute average: at a whole minute, without a cuff value, and with more in its last columns than other rows."""
    if sample.time % instant.MINUTE:
        return False
    cuff = [one for one in row.header.fields if one.signal.startswith("NIBP_")]
    return not any(one.name in sample.values for one in cuff) and _tail(row) > usual


def tell_trends(left_out: int, into: Builder) -> None:
    """Counts and tells so many rows that are averages."""
    into.counts.refuse("minute averages", left_out)
    into.notice("ignored", f"{left_out} rows are averages over a minute, not values of an instant, and were left out")


def tell_columns(columns: Sequence[Column], options: Options, into: Builder) -> None:
    """Notes the mapping, and says in one sentence what was left out."""
    into.mapping = list(columns)
    gone = [column for column in columns if not column.is_used and column.name]
    for column in gone:
        if column.note in DOUBTS:
            into.notice("ignored", f"{column.name} was left out: {column.note}")
    unknown = [column.name for column in gone if column.note not in DOUBTS]
    if unknown:
        shown = ", ".join(unknown[:12]) + (f" and {len(unknown) - 12} more" if len(unknown) > 12 else "")
        into.notice("ignored", f"columns left out: {shown}")
