"""What differs between two threshold sets, field by field, under the names they have in a threshold file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from dashboard.rises.thresholds import ThresholdSet

Value = str | float | tuple[float, ...] | None

_ENTRIES = {"level": "level", "low": "priority"}
"""Lists of tables, and the key that tells two entries of one signal apart."""


class Difference(Struct, frozen=True):
    """One field that differs. `field`: such as ``level 2 of SBP: absolute``; None: the set does not have it."""

    field: str
    old: Value
    new: Value


def differences(before: ThresholdSet, after: ThresholdSet) -> list[Difference]:
    """Every field that differs, in the order of a threshold file; sets of equal hash differ in none."""
    old, new = _fields(before.canonical), _fields(after.canonical)
    places = {name: place for name, (place, _) in (new | old).items()}
    found = []
    for name in sorted(places, key=lambda each: places[each]):
        was, now = (fields[name][1] if name in fields else None for fields in (old, new))
        if was != now:
            found.append(Difference(name, was, now))
    return found


def said(value: Value) -> str:
    """A field's value for a person: ``none`` where there is none."""
    if value is None or value == "":
        return "none"
    if isinstance(value, tuple):
        return ", ".join(f"{each:g}" for each in value)
    return value if isinstance(value, str) else f"{value:g}"


_Place = tuple[int, int, str, int]
"""Where a field stands in a file: its table, its signal, its level or priority, its name."""

_HEADS = ("name", "title", "cycle_min", "due_min", "max_gap_min", "x_off_min", "combine", "hysteresis", "n_off",
          "pre_dose", "level", "low", "low_off")  # fmt: skip
_SIGNALS = ("", "SBP", "DBP", "HR", "SPO2")
_NAMES = ("", "absolute", "rise", "rise_percent", "limit", "n_on", "hysteresis", "n_off")


def _fields(values: Mapping[str, Any]) -> dict[str, tuple[_Place, Value]]:
    """Field -> where it stands, and its value."""
    found: dict[str, tuple[_Place, Value]] = {}
    for key, value in values.items():
        head = _HEADS.index(key)
        if key in _ENTRIES:
            for entry in value:
                signal, rank = entry["signal"], str(entry[_ENTRIES[key]])
                for name, each in entry.items():
                    if name not in ("signal", _ENTRIES[key]):
                        place = (head, _SIGNALS.index(signal), rank, _NAMES.index(name))
                        found[f"{key} {rank} of {signal}: {name}"] = (place, each)
        elif isinstance(value, Mapping):
            found |= {f"{key} of {each}": ((head, _SIGNALS.index(each), "", 0), value[each]) for each in value}
        else:
            found[key] = ((head, 0, "", 0), tuple(value) if isinstance(value, list) else value)
    return found
