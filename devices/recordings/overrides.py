"""The mapping file: what a person says about a file, over what its own names and cells say (docs/recordings.md).

TOML with the tables ``[columns]``, ``[units]``, ``[time]``, ``[values]``, ``[cuff]`` and ``[patient]``; lines before
the first table are columns too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from msgspec import Struct, field
from msgspec.structs import fields

from devices import instant
from devices.errors import RecordingError
from devices.recordings.names import unit_of
from devices.signals import SIGNALS

TIME_UNITS: dict[str, float] = {"s": 1.0, "min": 60.0, "h": 3600.0, "ms": 0.001}
"""Numbers from a recording's start, and the seconds that one of them lasts."""

ONE_PATIENT = "all rows are one patient's"
"""The answer, where a column may name patients, that it does not."""

UNIX, UNIX_MS, EXCEL = "unix", "unix-ms", "excel"
"""Numbers that are dates: seconds or milliseconds since 1970 UTC, a spreadsheet's days since 1900, local."""


class Overrides(Struct, frozen=True):
    """What a mapping file says.

    Attributes:
        columns: column or track name, or ``#7`` for the seventh column -> signal, "" leaves it out.
        units: column or track name, or ``#7`` -> the unit of its values.
        time_columns: the column of the times, or those of the date and the clock. time_unit: what numbers there are;
            a number: so many a second.
        first_day: that of the first row, where the times are times of day without one.
        date_order, zone: as the options of these names, which come first.
        missing: cells that stand for no value, in lower case. decimal_mark: ``,`` or ``.``.
        collapse: a cuff value shown again is no new measurement (True), is one (False), or as the file is (None).
        patient_column: the column that says whose a row is. one_patient: all rows are one patient's.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    time_columns: tuple[str, ...] = ()
    time_unit: str = ""
    first_day: date | None = None
    date_order: str = ""
    zone: str = ""
    missing: frozenset[str] = frozenset()
    decimal_mark: str = ""
    collapse: bool | None = None
    patient_column: str = ""
    one_patient: bool | None = None

    def plain(self) -> dict[str, Any]:
        """What it says, as plain data to be stored: its columns, and all else under the key ``also``."""
        also: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name != "columns" and value not in (None, "", (), frozenset(), {}):
                also[each.name] = _plain(value)
        return {**self.columns, **({"also": also} if also else {})}

    @property
    def tables_only(self) -> tuple[str, ...]:
        """What it says that has a meaning in a table of cells alone."""
        said = {
            "time.columns": self.time_columns, "time.unit": self.time_unit, "time.date": self.first_day,
            "time.date_order": self.date_order, "values.missing": self.missing,
            "values.decimal_mark": self.decimal_mark, "patient.column": self.patient_column,
            "patient.one": self.one_patient,
        }  # fmt: skip
        return tuple(key for key, value in said.items() if value)


def parse(text: str, what: str) -> Overrides:
    """The mapping file `text`; `what` is what messages call it.

    Raises:
        RecordingError: not TOML, or a key or a value that cannot be; the message names both.
    """
    import tomllib

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecordingError(f"{what} is not TOML: {' '.join(str(error).split())}") from None
    columns: dict[str, str] = {}
    said: dict[str, Any] = {}
    for key, value in found.items():
        if isinstance(value, dict) and key in _TABLES:
            if key == "columns":
                columns |= {name: _signal(what, name, signal) for name, signal in value.items()}
            elif key == "units":
                said["units"] = {name: _unit(what, name, unit) for name, unit in value.items()}
            else:
                said |= _table(what, key, value)
        else:
            columns[key] = _signal(what, key, value)
    if said.get("one_patient") and said.get("patient_column"):
        raise RecordingError(f"{what}: patient.column and patient.one = true contradict each other: leave one out")
    return Overrides(columns=columns, **said)


def _signal(what: str, name: str, signal: object) -> str:
    if not isinstance(signal, str) or (signal and signal not in SIGNALS):
        raise RecordingError(f"{what}: {name!r} = {signal!r} is no signal; there are {', '.join(SIGNALS)}")
    return signal


def _unit(what: str, name: str, unit: object) -> str:
    if not isinstance(unit, str) or not unit_of(unit):
        raise RecordingError(
            f"{what}: units.{name!r} = {unit!r} is no unit; there are /min, Hz, mmHg, kPa, %, fraction, degC and degF"
        )
    return unit


def _table(what: str, table: str, found: Mapping[str, object]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for key, value in found.items():
        if key not in _TABLES[table]:
            known = ", ".join(_TABLES[table])
            raise RecordingError(f"{what}: {table}.{key} = {value!r}: there is no such key; there are {known}")
        name, read, wanted = _TABLES[table][key]
        try:
            said[name] = read(value)
        except ValueError:
            raise RecordingError(f"{what}: {table}.{key} = {value!r} is not {wanted}") from None
    return said


def _one_of(*known: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in known:
            raise ValueError
        return str(value)

    return read


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _true(value: object) -> bool | None:
    if not isinstance(value, bool):
        raise ValueError
    return value or None


def _zone(value: object) -> str:
    instant.zone_named(_text(value))
    return _text(value)


def _time_columns(value: object) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not 1 <= len(names) <= 2:
        raise ValueError
    return tuple(_text(name) for name in names)


def time_unit(value: object) -> str:
    """``time.unit`` as `Overrides` holds it. Raises ValueError: it is none."""
    if isinstance(value, str) and value in _UNITS:
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not 1e-3 <= float(value) <= 1e9:
        raise ValueError
    return repr(float(value))


def day(value: object) -> date:
    """``time.date`` as `Overrides` holds it; TOML has dates of its own. Raises ValueError: it is none."""
    if type(value) is date:
        return value
    return date.fromisoformat(_text(value))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else value


def _missing(value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(each, str | int | float) for each in value):
        raise ValueError
    return frozenset(str(each).strip().lower() for each in value)


_UNITS = (*TIME_UNITS, UNIX, UNIX_MS, EXCEL)
_TABLES: dict[str, dict[str, tuple[str, Callable[[object], Any], str]]] = {
    "columns": {},
    "units": {},
    "time": {
        "columns": ("time_columns", _time_columns, "the name of a column, or those of the date and of the clock"),
        "unit": ("time_unit", time_unit, f"one of {', '.join(_UNITS)}, or how many there are in a second"),
        "date": ("first_day", day, "a day such as 2026-03-21"),
        "date_order": ("date_order", _one_of("dmy", "mdy", "ymd"), "dmy, mdy or ymd"),
        "zone": ("zone", _zone, "a time zone such as Europe/Berlin or +02:00"),
    },
    "values": {
        "missing": ("missing", _missing, "a list of cells such as ['999', '-1']"),
        "decimal_mark": ("decimal_mark", _one_of(",", "."), "',' or '.'"),
    },
    "cuff": {
        "repeats": (
            "collapse",
            lambda value: _one_of("one", "each")(value) == "one",
            "'one' (a value shown again is one measurement) or 'each' (every row is one)",
        )
    },
    "patient": {
        "column": ("patient_column", _text, "the name of a column"),
        "one": ("one_patient", _true, "true (all rows are one patient's) or false"),
    },
}


def as_toml(said: Overrides) -> str:
    """The mapping file that says `said`; `parse` gives it back."""
    held: dict[str, dict[str, Any]] = {table: {} for table in _TABLES}
    held["columns"], held["units"] = dict(said.columns), dict(said.units)
    for table, keys in _TABLES.items():
        for key, (name, _, _) in keys.items():
            value = getattr(said, name)
            if name == "collapse":
                value = {True: "one", False: "each", None: ""}[value]
            if value not in (None, "", (), frozenset()):
                held[table][key] = _plain(value)
    parts = [
        "\n".join([f"[{table}]", *(f"{_toml_text(key)} = {_toml(value)}" for key, value in values.items())])
        for table, values in held.items()
        if values
    ]
    return "\n\n".join(parts) + "\n" if parts else ""


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml_text(str(each)) for each in value)}]"
    return _toml_text(str(value))


def _toml_text(text: str) -> str:
    # JSON's strings are TOML's, but for one control character.
    import json

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
