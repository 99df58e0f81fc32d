"""The header of a table: where it is, which layout it announces, what its columns are.

A header is the first line with a known time name and a known signal name (or the three names of a long table);
lines above it are a logger's preamble.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from devices.errors import RecordingError
from devices.recordings.names import PLAIN, Conversion, conversion, plain, signal_of, split_unit, unit_of
from devices.recordings.recording import Column, Options
from devices.recordings.texts import DELIMITERS, cells

TIDY = ("time", "signal", "value", "unit", "status", "source")
"""The header of the tables this program writes."""

SAYS_WHEN, SAYS_WHO, SAYS_WHAT = "the time", "the patient", "what happened"
"""Notes on columns that are no signal and yet used."""

EVENT = "event"
"""The column of a session table that says what happened, such as ``infusion start``."""

PREAMBLE = 60
"""So many lines may stand above a header."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DATED = _words(
    "time timestamp datetime dateandtime datetimeutc timeutc recordeddttm charttime recordedat measuredat "
    "measurementdatetime measurementtimestamp "
)
_DATE = frozenset(("date", "measurementdate"))
_CLOCK = frozenset(("time", "measurementtime", "clock"))
_RELATIVE: dict[str, float] = {
    name: scale
    for scale, names in (
        (1.0, "timekey seconds second secs sec s t times timesec timeseconds elapsed elapseds elapsedseconds"),
        (60.0, "minutes minute mins min timemin timeminutes elapsedmin elapsedminutes observationoffset"),
        (3600.0, "hours elapsedhours iculos"),
        (0.001, "ms timems milliseconds relativetimemilliseconds"),
    )
    for name in names.split()
}
_WHO = _words(
    "patient patientid patientkey subject subjectid recordid stayid hospitalizationid hadmid icustayid "
    "case casekey caseid patientunitstayid "
)
_EVENTS = _words("event events annotation annotations marker markers")
# The first that a table has: a category is of a known few, a name beside it is whatever the hospital calls it.
_WHAT = (
    "parameter", "signal", "vitalcategory", "vitalname", "variable", "measurement", "label", "name", "item",
    "itemlabel",
)  # fmt: skip
# Beside a category "sbp" it tells the cuff from the arterial line.
_DETAIL = ("vitalname",)
_VALUE = ("value", "vitalvalue", "valuenum", "measurementvalue")
_UNIT = ("unit", "units", "valueuom", "uom")


class Layout(Enum):
    """What a row of a table is."""

    TIDY = "this program's tidy table"
    WIDE = "one row an instant, a column a signal"
    LONG = "one row a value, the signal named in the row"


@dataclass(frozen=True, slots=True)
class Field:
    """One signal column: where, how called, what it holds, how its values are converted.

    `own`: it stands under this program's own names, so its cells are taken as written.
    """

    index: int
    name: str
    signal: str
    convert: Conversion
    own: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """A header found.

    Attributes:
        line: its index among the lines. names: its names as written. delimiter: what stands between them.
        time: indexes of the time column, or of the date and the clock. scale: seconds per unit of a number there.
        fields: the signal columns. who: indexes of the columns that name patients.
        event: index of the column that says what happened, -1 if there is none.
        what, value, unit: of a long table. detail: there, the column with the hospital's own name, beside a category.
        columns: what became of each column.
    """

    layout: Layout
    line: int
    delimiter: str
    names: tuple[str, ...]
    time: tuple[int, ...]
    scale: float
    fields: tuple[Field, ...]
    who: tuple[int, ...]
    columns: tuple[Column, ...]
    what: int = -1
    value: int = -1
    unit: int = -1
    detail: int = -1
    event: int = -1

    @property
    def time_name(self) -> str:
        return " ".join(self.names[index] for index in self.time)


def find_header(lines: Sequence[str], options: Options, what: str) -> Header:
    """The header among the first lines of the file called `what`.

    Raises:
        RecordingError: there is none, or it names one quantity twice.
    """
    for index, line in enumerate(lines[:PREAMBLE]):
        if not line.strip():
            continue
        for delimiter in DELIMITERS:
            if delimiter in line and (found := read_header(line, index, delimiter, options)):
                return found
    shown = next((line.strip() for line in lines if line.strip()), "")
    raise RecordingError(
        f"{what} is not a table that is understood: none of its first {PREAMBLE} lines names a time and a known signal"
        f" (the first is {shown[:60]!r})"
    )


def read_header(line: str, index: int, delimiter: str, options: Options) -> Header | None:
    """The header that `line` is, None if it is none.

    Raises:
        RecordingError: it names one quantity twice.
    """
    try:
        names = tuple(cells(line, delimiter))
    except ValueError:
        return None
    return header_of(names, index, delimiter, options)


def header_of(names: tuple[str, ...], index: int, delimiter: str, options: Options) -> Header | None:
    """The header of the columns called `names`, None if they are none. Tables that are no text have such names too.

    Raises:
        RecordingError: too many columns, or one quantity is named twice.
    """
    if len(names) > options.limits.columns:
        raise RecordingError(
            f"the table has {len(names)} columns, more than the {options.limits.columns} that are read"
        )
    if names == TIDY:
        return Header(Layout.TIDY, index, delimiter, names, (0,), 1.0, (), (), (), 1, 2, 3)
    labels = [plain(name) for name in names]
    found = _time_columns(labels)
    if found is None:
        return None
    time, scale = found
    who = tuple(place for place, label in enumerate(labels) if label in _WHO and place not in time)
    fields, columns = _fields(names, time, who, options)
    long = [next((labels.index(name) for name in known if name in labels), -1) for known in (_WHAT, _VALUE, _UNIT)]
    if long[0] >= 0 and long[1] >= 0 and not fields:
        detail = next((place for place, label in enumerate(labels) if label in _DETAIL and place != long[0]), -1)
        return Header(Layout.LONG, index, delimiter, names, time, scale, (), who, (), long[0], long[1], long[2], detail)
    if not fields:
        return None
    refuse_doubles(fields)
    # Others write Time and HR too: of a table that is not all in our names, only the exact ones are ours.
    own = plain(names[time[0]]) == "time" and all(map(_is_ours, fields))
    exact = names[time[0]] == "time"
    marked = tuple(replace(field, own=own or (exact and _is_ours(field))) for field in fields)
    event = next((place for place, column in enumerate(columns) if column.note == SAYS_WHAT), -1)
    return Header(Layout.WIDE, index, delimiter, names, time, scale, marked, who, tuple(columns), event=event)


def _is_ours(field: Field) -> bool:
    """Whether the column bears a signal's very name; a unit behind it says how to convert, not who wrote it."""
    return split_unit(field.name)[0] == field.signal


def with_units(header: Header, row: Sequence[str], options: Options) -> Header | None:
    """The header with the units of a units row under it, None if `row` is no such row."""
    if len(row) < len(header.names) or any(unit_of(cell) is None for cell in (row[f.index] for f in header.fields)):
        return None
    if not any(row[field.index].strip() for field in header.fields):
        return None
    fields, columns = [], list(header.columns)
    for field in header.fields:
        unit = row[field.index].strip()
        convert = conversion(unit, field.signal)
        if convert is None:
            columns[field.index] = Column(field.name, "", unit, f"{unit} is no unit of {field.signal}")
        else:
            fields.append(replace(field, convert=convert))
            columns[field.index] = Column(field.name, field.signal, unit, convert.note)
    return replace(header, fields=tuple(fields), columns=tuple(columns))


def _time_columns(labels: Sequence[str]) -> tuple[tuple[int, ...], float] | None:
    date = next((place for place, label in enumerate(labels) if label in _DATE), None)
    clock = next((place for place, label in enumerate(labels) if label in _CLOCK), None)
    if date is not None and clock is not None:
        return (date, clock), 1.0
    for place, label in enumerate(labels):
        if label in _DATED:
            return (place,), 1.0
    for place, label in enumerate(labels):
        if label in _RELATIVE:
            return (place,), _RELATIVE[label]
    return None


def _fields(
    names: Sequence[str], time: Sequence[int], who: Sequence[int], options: Options
) -> tuple[list[Field], list[Column]]:
    fields: list[Field] = []
    columns: list[Column] = []
    for place, name in enumerate(names):
        if place in time or place in who:
            columns.append(Column(name, "", "", SAYS_WHEN if place in time else SAYS_WHO))
            continue
        unit = split_unit(name)[1]
        chosen = options.mapping.get(name)
        if chosen is None and plain(name) in _EVENTS and all(column.note != SAYS_WHAT for column in columns):
            columns.append(Column(name, "", "", SAYS_WHAT))
            continue
        signal = signal_of(name) if chosen is None else chosen
        if not signal:
            columns.append(
                Column(name, "", unit, "its name is not known" if chosen is None else "left out by the mapping")
            )
            continue
        convert = conversion(unit, signal)
        if convert is None:
            columns.append(Column(name, "", unit, f"{unit} is no unit of {signal}"))
        elif any(field.name == name for field in fields):
            # VSCapture has two columns called RR: which of them is the patient's cannot be told.
            columns.append(Column(name, "", unit, "a second column of this name"))
        else:
            fields.append(Field(place, name, signal, convert))
            columns.append(Column(name, signal, unit, convert.note))
    return fields, columns


def refuse_doubles(fields: Sequence[Field], what: str = "columns") -> None:
    """Refuses two `what` of one cuff value: a measurement has one of each.

    Raises:
        RecordingError: there are.
    """
    held = Counter(field.signal for field in fields)
    for signal, count in held.items():
        if count > 1 and (signal.startswith("NIBP_") or signal in PLAIN):
            both = " and ".join(repr(field.name) for field in fields if field.signal == signal)
            raise RecordingError(f"the {what} {both} hold the same cuff value: leave one out with --mapping")
