"""The header of a table: where it is, which layout it announces, what its columns are.

A header is the first line with a known time name and a known signal name (or the three names of a long table);
lines above it are a logger's preamble.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from devices.errors import RecordingError
from devices.recordings.names import conversion, plain, split_unit, unit_of
from devices.recordings.options import Options
from devices.recordings.recording import SAYS_PAIR, Column
from devices.recordings.recording import SAYS_WHAT as SAYS_WHAT
from devices.recordings.tables.columns import (
    DETAIL,
    ERROR,
    QUEENSLAND,
    UNIT,
    VALUE,
    WHAT,
    signal_columns,
    time_columns,
    told_columns,
    who_columns,
)
from devices.recordings.tables.columns import Field as Field
from devices.recordings.tables.columns import refuse_doubles as refuse_doubles
from devices.recordings.tables.forms import without_form
from devices.recordings.tables.groups import grouped
from devices.recordings.tables.header_checks import check_told, refuse_parts, refuse_twins
from devices.recordings.tables.verdicts import verdict_columns
from devices.recordings.texts import cells

TIDY = ("time", "signal", "value", "unit", "status", "source")
"""The header of the tables this program writes."""

EVENT = "event"
"""The column of a session table that says what happened, such as ``infusion start``."""

_TIME_UNITS = {
    "s": 1.0, "sec": 1.0, "seconds": 1.0, "min": 60.0, "minutes": 60.0, "h": 3600.0, "hours": 3600.0, "ms": 0.001,
}  # fmt: skip
"""Spelled under a time column, where a row under the header says the units."""


PREAMBLE = 60
"""So many lines may stand above a header."""

LABELS = 8
"""In so many columns at most it is looked for what a row is."""
LABELLING = frozenset(("statistic", "statistics", "stat", "aggregation", "aggregate"))
"""Columns, wherever they stand, that say what a row is."""


class Layout(Enum):
    """What a row of a table is."""

    TIDY = "this program's tidy table"
    WIDE = "one row an instant, a column a signal"
    LONG = "one row a value, the signal named in the row"


class Header(Struct, frozen=True):
    """A header found.

    Attributes:
        line: its index among the lines. names: its names as written. delimiter: what stands between them.
        time: indexes of the time column, or of the date and the clock. scale: seconds per unit of a number there.
        says_scale: the table says so.
        fields: the signal columns. who: indexes of the columns that name patients.
        perhaps: those of `who` that may number the rows instead.
        what, value, unit: of a long table. detail: there, the column with the hospital's own name, beside a category.
        event: index of the column that says what happened, -1 if there is none.
        error: there, the column that marks a value as an error.
        pairs: indexes of columns that may hold pressures as ``120/80``, see `pairs`.
        columns: what became of each column.
        spare: so many delimiters stand behind its names, and may behind the cells of each row.
        written: its names as in its line, where the line above puts groups before them.
        labels: indexes of columns that may say what a row is: left of the values, and not read. verdicts: of those
            that say whether it counts.
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
    error: int = -1
    perhaps: tuple[int, ...] = ()
    event: int = -1
    pairs: tuple[int, ...] = ()
    says_scale: bool = False
    spare: int = 0
    written: tuple[str, ...] = ()
    labels: tuple[int, ...] = ()
    verdicts: tuple[int, ...] = ()

    @property
    def time_names(self) -> tuple[str, ...]:
        return tuple(self.names[index] for index in self.time)

    @property
    def time_name(self) -> str:
        return " ".join(self.time_names)

    def narrowed(self) -> tuple[Header, tuple[int, ...]]:
        """The header of the columns that a wide table is read from alone, and their indexes here."""
        events = {self.event} - {-1}
        read = (field.index for field in self.fields)
        kept = tuple(sorted({*self.time, *self.who, *events, *self.pairs, *self.labels, *self.verdicts, *read}))
        place = {old: new for new, old in enumerate(kept)} | {-1: -1}
        return replace(
            self,
            names=tuple(self.names[old] for old in kept),
            time=tuple(place[old] for old in self.time),
            who=tuple(place[old] for old in self.who),
            perhaps=tuple(place[old] for old in self.perhaps),
            event=place[self.event],
            pairs=tuple(place[old] for old in self.pairs),
            labels=tuple(place[old] for old in self.labels),
            verdicts=tuple(place[old] for old in self.verdicts),
            fields=tuple(replace(field, index=place[field.index]) for field in self.fields),
        ), kept  # fmt: skip

    @property
    def is_queensland(self) -> bool:
        return tuple(plain(name) for name in self.names[:3]) == QUEENSLAND


def read_header(line: str, index: int, delimiter: str, options: Options, above: str = "") -> Header | None:
    """The header that `line` is, None if it is none. Delimiters at its end are none of its columns.

    Args:
        above: the line above it, which may group its columns.

    Raises:
        RecordingError: it names one quantity twice.
    """
    try:
        names = tuple(cells(line.lstrip("\ufeff"), delimiter))
        groups = cells(above.lstrip("\ufeff"), delimiter) if above.count(delimiter) == line.count(delimiter) else []
    except ValueError:
        return None
    if groups and all(groups) and _are_units(names):
        return None  # the units under names that say no time or no signal
    found = _grouped_header(names, groups, index, delimiter, options)
    return replace(found, spare=len(names) - len(_trimmed(names))) if found else None


def _grouped_header(
    names: tuple[str, ...], groups: Sequence[str], index: int, delimiter: str, options: Options
) -> Header | None:
    """As `read_header`, of the cells of the line and of the one above."""
    time = _time_columns(names, [plain(name) for name in names]) if any(groups) else None
    if time is not None and _are_units(groups):
        found = header_of(_trimmed(names), index, delimiter, options)
        return (with_units(found, groups, options) or found) if found and found.layout is Layout.WIDE else found
    if time is not None and (wider := grouped(names, groups, time[0])):
        found = header_of(_trimmed(wider), index, delimiter, options)
        return replace(found, written=_trimmed(names)) if found else None
    return header_of(_trimmed(names), index, delimiter, options)


def _are_units(above: Sequence[str]) -> bool:
    """Whether the line above a header spells units, most of which are known."""
    held = [cell for cell in above if cell]
    return 2 * sum(bool(unit_of(cell)) or cell.strip("[]() ").lower() in _TIME_UNITS for cell in held) > len(held)


def _time_columns(names: Sequence[str], labels: Sequence[str]) -> tuple[tuple[int, ...], float | None] | None:
    """As `time_columns`, also of names with the form of their times behind: ``Time (hh:mm:ss)``. Seconds go before."""
    found = time_columns(names, labels)
    if found is not None and found[1] is not None:
        return found
    return time_columns(names, [plain(without_form(name)) for name in names])


def _trimmed(names: tuple[str, ...]) -> tuple[str, ...]:
    while names and not names[-1]:
        names = names[:-1]
    return names


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
    found = told_columns(names, options) if options.overrides.time_columns else _time_columns(names, labels)
    if found is None:
        return None
    time, known = found
    scale, says_scale = known or 1.0, known is not None
    refuse_twins(names, time, options)
    who, perhaps = who_columns(names, labels, time, options)
    fields, columns = signal_columns(names, time, who, options)
    long = [next((labels.index(name) for name in known if name in labels), -1) for known in (WHAT, VALUE, UNIT)]
    pairs = tuple(place for place, column in enumerate(columns) if column.note == SAYS_PAIR)
    # Beside pressures a result is what somebody thinks of them.
    if long[0] >= 0 and long[1] >= 0 and not fields and not (pairs and labels[long[1]] == "result"):
        detail = next((place for place, label in enumerate(labels) if label in DETAIL and place != long[0]), -1)
        refuse_parts(names, labels, time, options)
        check_told(names, options)
        error = next((place for place, label in enumerate(labels) if label in ERROR), -1)
        perhaps = tuple(place for place in perhaps if place not in long)
        who = tuple(place for place in who if place not in long)
        others = [place for place in range(len(names)) if place not in (*time, *long, detail, error)]
        return Header(
            Layout.LONG, index, delimiter, names, time, scale, (), who, (), long[0], long[1], long[2], detail, error,
            perhaps, says_scale=says_scale, labels=tuple(others[:LABELS]), verdicts=verdict_columns(names, options),
        )  # fmt: skip
    if not fields and not pairs:
        return None
    if fields:
        refuse_parts(names, labels, time, options)
    check_told(names, options)
    refuse_doubles(fields)
    # Others write Time and HR too: of a table that is not all in our names, only the exact ones are ours.
    own = plain(names[time[0]]) == "time" and not pairs and all(map(_is_ours, fields))
    exact = names[time[0]] == "time"
    marked = tuple(replace(field, own=True) if own or (exact and _is_ours(field)) else field for field in fields)
    event = next((place for place, column in enumerate(columns) if column.note == SAYS_WHAT), -1)
    first = min((*pairs, *(field.index for field in fields)))
    left = [place for place, column in enumerate(columns) if place < first or labels[place] in LABELLING]
    labelling = [place for place in left if place not in (*time, event, *pairs) and not columns[place].signal]
    return Header(
        Layout.WIDE,
        index,
        delimiter,
        names,
        time,
        scale,
        marked,
        who,
        tuple(columns),
        perhaps=perhaps,
        event=event,
        pairs=pairs,
        says_scale=says_scale,
        labels=tuple(labelling[:LABELS]),
        verdicts=verdict_columns(names, options),
    )


def _is_ours(field: Field) -> bool:
    """Whether the column bears a signal's very name; a unit behind it says how to convert, not who wrote it."""
    return split_unit(field.name)[0] == field.signal


def with_units(header: Header, row: Sequence[str], options: Options) -> Header | None:
    """The header with the units of a units row under it, None if `row` is no such row.

    A units row has no number, and a known unit in one column at least; where its unit is not known a column is left
    out, since its values may be in kPa.
    """
    written = [row[field.index].strip() for field in header.fields]
    if not any(map(unit_of, written)) or any(cell[:1].isdigit() and unit_of(cell) is None for cell in written):
        return None
    fields, columns = [], list(header.columns)
    for field, unit in zip(header.fields, written, strict=True):
        unit = options.overrides.units.get(field.name, unit)
        convert = field.convert if not unit else conversion(unit, field.signal)
        if convert is None:
            columns[field.index] = Column(field.name, "", unit, f"{unit} is no unit of {field.signal}")
        else:
            fields.append(replace(field, convert=convert, unit=unit or field.unit))
            columns[field.index] = Column(field.name, field.signal, unit or field.unit, convert.note)
    scale = _TIME_UNITS.get(row[header.time[0]].strip("[]() ").lower()) if len(header.time) == 1 else None
    return replace(
        header,
        fields=tuple(fields),
        columns=tuple(columns),
        scale=scale or header.scale,
        says_scale=header.says_scale or scale is not None,
    )
