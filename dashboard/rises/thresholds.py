"""A threshold set: which limits, how long, how far back. Frozen; what could never fire is refused, not warned of.

Source: clinical definition 3.3 (criteria), 3.8 and 3.9 (presets), 3.10 (validity), 3.15 (low limits). Pressures in
mmHg, rates in 1/min, saturation in %, times in minutes, runs in cuff readings (SBP, DBP) or 5 s epochs (HR, SPO2).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dashboard.errors import ThresholdError
from dashboard.rises import threshold_toml
from devices.instant import minutes

SIGNALS = ("SBP", "DBP", "HR")
"""The signals whose rises are flagged, in the order in which simultaneous rises are listed."""
CUFF_SIGNALS = ("SBP", "DBP")

LIMIT_RANGES: Mapping[str, tuple[float, float]] = {
    "SBP": (60, 260),
    "DBP": (40, 160),
    "HR": (40, 220),
    "SPO2": (30, 100),
}
"""Lowest and highest absolute limit that may be set, ends included."""

DEFAULT_HYSTERESIS: Mapping[str, float] = {"SBP": 10, "DBP": 5, "HR": 10}
DEFAULT_N_OFF: Mapping[str, int] = {"SBP": 2, "DBP": 2, "HR": 12}

Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(allow_inf_nan=False, gt=0)]
Count = Annotated[int, Field(ge=1, strict=True)]
SignalName = Literal["SBP", "DBP", "HR"]


def _check_limit(signal: str, field: str, value: float) -> None:
    low, high = LIMIT_RANGES[signal]
    if not low <= value <= high:
        raise ValueError(f"{field} {value:g} lies outside {low:g} to {high:g}, the limits that may be set for {signal}")


class Combine(StrEnum):
    """Which of a level's criteria must hold: any of them (the lowest counts) or all (the highest)."""

    ANY = "any"
    ALL = "all"


class Priority(StrEnum):
    MEDIUM = "medium"
    HIGH = "high"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)


class Level(_Frozen):
    """One limit of one signal.

    Attributes:
        absolute: A, in the signal's unit. rise: R, above the baseline, in the signal's unit.
        rise_percent: above the baseline, in per cent of it (15 means 15 %).
        n_on: consecutive readings or epochs at or above the limit that confirm a rise.
    """

    signal: SignalName
    level: Annotated[int, Field(ge=1, le=3)]
    n_on: Count
    absolute: Number | None = None
    rise: Positive | None = None
    rise_percent: Positive | None = None

    @model_validator(mode="after")
    def _has_a_criterion(self) -> Self:
        if self.absolute is None and self.rise is None and self.rise_percent is None:
            raise ValueError("has none of absolute, rise and rise_percent, so it can never fire")
        if self.absolute is not None:
            _check_limit(self.signal, "absolute", self.absolute)
        return self


class LowLimit(_Frozen):
    """A low limit (clinical definition 3.15): exceeded at or below `limit`, over at or above limit + hysteresis."""

    signal: Literal["SBP", "HR", "SPO2"]
    priority: Annotated[Priority, Field(strict=False)]
    limit: Number
    n_on: Count
    hysteresis: Positive
    n_off: Count

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        _check_limit(self.signal, "limit", self.limit)
        if self.signal == "SPO2" and self.limit + self.hysteresis > 100:
            raise ValueError(f"limit {self.limit:g} + hysteresis {self.hysteresis:g} lies above 100 %, never reached")
        return self


DEFAULT_LOW = (
    LowLimit(signal="SBP", priority=Priority.MEDIUM, limit=90, n_on=1, hysteresis=5, n_off=1),
    LowLimit(signal="SBP", priority=Priority.HIGH, limit=80, n_on=1, hysteresis=5, n_off=1),
    LowLimit(signal="HR", priority=Priority.MEDIUM, limit=50, n_on=6, hysteresis=5, n_off=6),
    LowLimit(signal="HR", priority=Priority.HIGH, limit=40, n_on=6, hysteresis=5, n_off=6),
    LowLimit(signal="SPO2", priority=Priority.MEDIUM, limit=90, n_on=3, hysteresis=2, n_off=3),
    LowLimit(signal="SPO2", priority=Priority.HIGH, limit=85, n_on=3, hysteresis=2, n_off=3),
)
"""The low limits of clinical definition 3.15, which every set carries unless it says otherwise."""


class ThresholdSet(_Frozen):
    """All that decides what is a rise, and nothing else.

    Attributes:
        name: how it is called. title: one line for people.
        cycle_min: minutes between cuff measurements; due_min: or the minutes from the start at which they are due.
        max_gap_min: two valid cuff readings further apart break a run (equal does not).
        x_off_min: a rise that is back by so many minutes after the infusion's end was transient.
        hysteresis: how far below its limit a signal must come to be back. n_off: for how many readings or epochs.
        level: the limits. low: the low limits (empty: switched off).
        pre_dose: baseline pressures from which a notice is given before the start; empty: none.
    """

    name: Annotated[str, Field(min_length=1, max_length=80)]
    title: Annotated[str, Field(max_length=200)] = ""
    cycle_min: Positive | None = None
    due_min: Annotated[tuple[Annotated[float, Field(allow_inf_nan=False, ge=0)], ...] | None, Field(strict=False)] = (
        None
    )
    max_gap_min: Positive
    x_off_min: Annotated[float, Field(allow_inf_nan=False, ge=0)]
    combine: Annotated[Combine, Field(strict=False)] = Combine.ANY
    hysteresis: dict[SignalName, Positive] = Field(default_factory=dict)
    n_off: dict[SignalName, Count] = Field(default_factory=dict)
    pre_dose: dict[Literal["SBP", "DBP"], Number] = Field(default_factory=dict)
    level: Annotated[tuple[Level, ...], Field(strict=False)]
    low: Annotated[tuple[LowLimit, ...], Field(strict=False)] = DEFAULT_LOW

    @model_validator(mode="after")
    def _could_fire(self) -> Self:
        for check in (_check_cadence, _check_levels, _check_hysteresis, _check_gap, _check_low, _check_pre_dose):
            check(self)
        return self

    def hysteresis_of(self, signal: str) -> float:
        return self.hysteresis.get(signal, DEFAULT_HYSTERESIS[signal])  # type: ignore[call-overload,no-any-return]

    def n_off_of(self, signal: str) -> int:
        return self.n_off.get(signal, DEFAULT_N_OFF[signal])  # type: ignore[call-overload,no-any-return]

    def levels_of(self, signal: str) -> tuple[Level, ...]:
        """The levels of `signal`, lowest first."""
        return tuple(sorted((each for each in self.level if each.signal == signal), key=lambda each: each.level))

    def low_of(self, signal: str) -> tuple[LowLimit, ...]:
        return tuple(each for each in self.low if each.signal == signal)

    @cached_property
    def max_gap(self) -> int:
        """The longest time between two cuff readings of one run, µs."""
        return minutes(self.max_gap_min)

    @cached_property
    def x_off(self) -> int:
        """How long after the infusion's end a return is still transient, µs."""
        return minutes(self.x_off_min)

    @property
    def longest_interval_min(self) -> float:
        """The cuff cycle; with `due_min` the longest time between two due measurements, which a run must bridge."""
        if self.due_min is not None:
            return max(later - earlier for earlier, later in pairwise(self.due_min))
        assert self.cycle_min is not None  # exactly one of the two is set, see _check_cadence
        return self.cycle_min

    @property
    def canonical(self) -> dict[str, Any]:
        """The set as plain values in which equal sets are equal: defaults written out, levels and limits in order."""
        values = {
            "name": self.name,
            "title": self.title,
            "cycle_min": self.cycle_min,
            "due_min": self.due_min,
            "max_gap_min": self.max_gap_min,
            "x_off_min": self.x_off_min,
            "combine": self.combine.value,
            "hysteresis": {signal: self.hysteresis_of(signal) for signal in SIGNALS},
            "n_off": {signal: self.n_off_of(signal) for signal in SIGNALS},
            "pre_dose": {signal: self.pre_dose[signal] for signal in CUFF_SIGNALS if signal in self.pre_dose},
            "level": [
                each.model_dump(exclude_none=True, mode="json")
                for each in sorted(self.level, key=lambda each: (SIGNALS.index(each.signal), each.level))
            ],
            "low": sorted(
                (each.model_dump(mode="json") for each in self.low), key=lambda each: (each["signal"], each["priority"])
            ),
        }
        plain: dict[str, Any] = _plain(values)
        return plain

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical values, in hexadecimal."""
        text = json.dumps(self.canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_toml(self) -> str:
        """The set as a TOML document with every default written out; `load_thresholds` gives an equal set back."""
        return threshold_toml.write(self.canonical)


def threshold_set(values: Mapping[str, Any], where: str = "the threshold set") -> ThresholdSet:
    """The set that `values` (keys as in a threshold file) describe.

    Args:
        where: named at the head of the error sentence.

    Raises:
        ThresholdError: a wrong key, a wrong type, a value out of bounds, or a rule of 3.10 is not kept.
    """
    try:
        return ThresholdSet.model_validate(dict(values))
    except ValidationError as error:
        raise ThresholdError(f"{where}: {_sentence(error, values)}") from None


def load_thresholds(text: str, where: str = "the threshold set", default_name: str | None = None) -> ThresholdSet:
    """The set written in `text`, a TOML document.

    Args:
        where: named at the head of the error sentence. default_name: taken if the document has no `name`.

    Raises:
        ThresholdError: not TOML, or not a threshold set that could work.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThresholdError(f"{where} is not TOML: {error}") from None
    if default_name is not None:
        values.setdefault("name", default_name)
    return threshold_set(values, where)


def _plain(value: Any) -> Any:
    """Whole floats as integers, so that 10 and 10.0 are written alike."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _check_cadence(given: ThresholdSet) -> None:
    if (given.cycle_min is None) == (given.due_min is None):
        raise ValueError("needs either cycle_min or due_min, and not both")
    if given.due_min is not None:
        rising = all(earlier < later for earlier, later in pairwise(given.due_min))
        if len(given.due_min) < 2 or not rising:
            raise ValueError("due_min needs two or more times in minutes, each later than the one before")


def _check_levels(given: ThresholdSet) -> None:
    if not given.level:
        raise ValueError("has no level, so it can never fire")
    seen: set[tuple[str, int]] = set()
    for each in given.level:
        if (each.signal, each.level) in seen:
            raise ValueError(f"level {each.level} of {each.signal} is given twice")
        seen.add((each.signal, each.level))


def _check_hysteresis(given: ThresholdSet) -> None:
    for each in given.level:
        hysteresis = given.hysteresis_of(each.signal)
        if each.rise is not None and hysteresis >= each.rise:
            raise ValueError(
                f"hysteresis of {each.signal} is {hysteresis:g}, but must be less than "
                f"the rise of {each.rise:g} of its level {each.level}"
            )


def _check_gap(given: ThresholdSet) -> None:
    needed = 2 * given.longest_interval_min
    if given.max_gap_min >= needed:
        return
    runs = [(f"n_on {each.n_on} of {each.signal} level {each.level}", each.n_on) for each in given.level]
    runs = [run for run, each in zip(runs, given.level, strict=True) if each.signal in CUFF_SIGNALS]
    signals = [signal for signal in CUFF_SIGNALS if given.levels_of(signal)]
    runs += [(f"n_off {given.n_off_of(signal)} of {signal}", given.n_off_of(signal)) for signal in signals]
    for low in given.low_of("SBP"):
        runs += [(f"n_on {low.n_on} of low SBP", low.n_on), (f"n_off {low.n_off} of low SBP", low.n_off)]
    for said, length in runs:
        if length > 1:
            raise ValueError(
                f"max_gap_min {given.max_gap_min:g} must be at least {needed:g}, twice the cuff's longest interval, "
                f"because {said} needs readings in a row"
            )


def _check_low(given: ThresholdSet) -> None:
    seen: set[tuple[str, str]] = set()
    for each in given.low:
        if (each.signal, each.priority) in seen:
            raise ValueError(f"the {each.priority} low limit of {each.signal} is given twice")
        seen.add((each.signal, each.priority))


def _check_pre_dose(given: ThresholdSet) -> None:
    for signal, value in given.pre_dose.items():
        _check_limit(signal, "pre_dose", value)


def _sentence(error: ValidationError, values: Mapping[str, Any]) -> str:
    """The first thing wrong, as field, value and bound."""
    first = error.errors(include_url=False)[0]
    where = _field(first["loc"], values)
    kind, given = first["type"], first["input"]
    context = first.get("ctx", {})
    if kind == "value_error":
        said = str(context["error"])
        return f"{where}: {said}" if where else said
    if kind == "extra_forbidden":
        return f"{where} is not a key that is known here"
    if kind == "missing":
        return f"{where} is missing"
    bounds = {"greater_than": "more than", "greater_than_equal": "at least", "less_than_equal": "at most"}
    bound_keys = {"greater_than": "gt", "greater_than_equal": "ge", "less_than_equal": "le"}
    if kind in bounds:
        return f"{where} is {given!r}, but must be {bounds[kind]} {context[bound_keys[kind]]:g}"
    if kind in ("float_type", "finite_number"):
        return f"{where} is {given!r}, but must be a number"
    if kind == "int_type":
        return f"{where} is {given!r}, but must be a whole number"
    if kind in ("tuple_type", "dict_type"):
        return f"{where} is {given!r}, but must be a {'list' if kind == 'tuple_type' else 'table'}"
    if kind in ("literal_error", "enum"):
        return f"{where} is {given!r}, but must be {context['expected']}"
    message = first["msg"]
    return f"{where} is {given!r}: {message[:1].lower()}{message[1:]}"


def _field(location: tuple[int | str, ...], values: Mapping[str, Any]) -> str:
    """Where in the file: ``level 2 of SBP: n_on`` rather than ``level.4.n_on``."""
    parts = [part for part in location if part != "[key]"]
    if len(parts) >= 2 and parts[0] in ("level", "low") and isinstance(parts[1], int):
        entry: Any = values[parts[0]][parts[1]]
        told = f"{parts[0]} entry {parts[1] + 1}"
        if isinstance(entry, Mapping) and "signal" in entry:
            rank = entry.get("level" if parts[0] == "level" else "priority")
            told = f"{parts[0]} {rank} of {entry['signal']}"
        return ": ".join([told, *(str(part) for part in parts[2:])])
    return " of ".join(str(part) for part in reversed(parts))
