"""Writes a threshold set's values as TOML. Reading is `tomllib`'s; the standard library has no writer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_HEAD = ("name", "title", "cycle_min", "due_min", "max_gap_min", "x_off_min", "combine")
_TABLES = ("hysteresis", "n_off", "pre_dose", "low_off")
_ARRAYS = {
    "level": ("signal", "level", "n_on", "absolute", "rise", "rise_percent"),
    "low": ("signal", "priority", "limit", "n_on", "hysteresis", "n_off"),
}


def write(values: Mapping[str, Any]) -> str:
    """The TOML document of `values` as `ThresholdSet.canonical` has them, every default written out."""
    lines = [f"{key} = {_value(values[key])}" for key in _HEAD if values[key] not in (None, "")]
    # An empty array of tables can only be written before the first table.
    lines += [f"{array} = []" for array in _ARRAYS if not values[array]]
    for table in _TABLES:
        if values.get(table):
            lines += ["", f"[{table}]", *(f"{key} = {_value(value)}" for key, value in values[table].items())]
    for array, keys in _ARRAYS.items():
        for entry in values[array]:
            lines += ["", f"[[{array}]]", *(f"{key} = {_value(entry[key])}" for key in keys if key in entry)]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    # A JSON string, number or flat list is a TOML one, but for U+007F, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
