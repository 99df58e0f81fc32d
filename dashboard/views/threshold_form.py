"""Tables that people edit, to and from a threshold set. Pure; the rules of clinical definition 3.10 are not repeated
here: `threshold_set` refuses with its own sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.errors import ThresholdError
from dashboard.rises.thresholds import LOW_SIGNALS, SIGNALS, Level, ThresholdSet, threshold_set

LEVEL_COLUMNS = ("signal", "level", "absolute", "rise", "rise_percent", "n_on")
LOW_COLUMNS = ("signal", "priority", "limit", "n_on", "hysteresis", "n_off")
BACK_COLUMNS = ("signal", "hysteresis", "n_off")

_WHOLE = ("level", "n_on", "n_off")

Row = Mapping[str, Any]


def level_rows(thresholds: ThresholdSet) -> list[dict[str, Any]]:
    """One row a level, empty cells None."""
    return [
        {name: getattr(level, name) for name in LEVEL_COLUMNS}
        for signal in SIGNALS
        for level in thresholds.levels_of(signal)
    ]


def low_rows(thresholds: ThresholdSet) -> list[dict[str, Any]]:
    return [
        {name: getattr(low, name) for name in LOW_COLUMNS} | {"priority": low.priority.value} for low in thresholds.low
    ]


def back_rows(thresholds: ThresholdSet) -> list[dict[str, Any]]:
    return [
        {"signal": signal, "hysteresis": thresholds.hysteresis_of(signal), "n_off": thresholds.n_off_of(signal)}
        for signal in SIGNALS
    ]


def set_from(
    *,
    name: str,
    title: str,
    cycle_min: float | None,
    due_min: str,
    max_gap_min: float | None,
    x_off_min: float | None,
    combine: str,
    pre_dose: Mapping[str, float | None],
    levels: Iterable[Row],
    low: Iterable[Row],
    low_off: str,
    back: Iterable[Row],
) -> ThresholdSet:
    """The threshold set that the form holds.

    Args:
        due_min: minutes separated by commas, "" to use `cycle_min`. levels, low, back: rows with the columns above;
            a row without any cell filled is left out. low_off: why signals have no low limit, "" if none is without.

    Raises:
        ThresholdError: the first thing that is wrong, as a sentence.
    """
    values: dict[str, Any] = {"name": name.strip(), "title": title.strip(), "combine": combine}
    if due_min.strip():
        values["due_min"] = [_minutes(part) for part in due_min.split(",")]
    elif cycle_min is not None:
        values["cycle_min"] = float(cycle_min)
    for key, given in (("max_gap_min", max_gap_min), ("x_off_min", x_off_min)):
        if given is not None:
            values[key] = float(given)
    values["level"] = [row for each in levels if (row := _cells(each, LEVEL_COLUMNS))]
    values["low"] = [row for each in low if (row := _cells(each, LOW_COLUMNS))]
    without = set(LOW_SIGNALS) - {row.get("signal") for row in values["low"]}
    if low_off.strip():
        values["low_off"] = {signal: low_off.strip() for signal in LOW_SIGNALS if signal in without}
    rows = [_cells(each, BACK_COLUMNS) for each in back]
    for key in ("hysteresis", "n_off"):
        values[key] = {row["signal"]: row[key] for row in rows if "signal" in row and key in row}
    values["pre_dose"] = {signal: float(limit) for signal, limit in pre_dose.items() if limit is not None}
    return threshold_set(values, name.strip() or "the new thresholds")


def with_level(
    base: ThresholdSet, level: Level, *, absolute: float | None, rise: float | None, rise_percent: float | None
) -> ThresholdSet:
    """`base` with other criteria of `level`, None where one is off.

    Raises:
        ThresholdError: the set could not work.
    """
    given = {"absolute": absolute, "rise": rise, "rise_percent": rise_percent}
    entry: dict[str, Any] = {"signal": level.signal, "level": level.level, "n_on": level.n_on}
    entry |= {name: float(value) for name, value in given.items() if value is not None}
    values = {key: value for key, value in base.canonical.items() if value is not None}
    same = (level.signal, level.level)
    values["level"] = [entry if (each["signal"], each["level"]) == same else each for each in values["level"]]
    return threshold_set(values, base.name)


def _cells(row: Row, columns: Iterable[str]) -> dict[str, Any]:
    """The filled cells: an empty one is None or NaN, and whole numbers come back from a table as floats."""
    found: dict[str, Any] = {}
    for name in columns:
        value = row.get(name)
        if value is None or (isinstance(value, float) and math.isnan(value)) or value == "":
            continue
        if name in _WHOLE and float(value).is_integer():
            value = int(value)
        elif not isinstance(value, str):
            value = float(value)
        found[name] = value
    return found


def _minutes(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ThresholdError(f"{text.strip()!r} is not a number of minutes; separate them by commas") from None
