"""A threshold set: which limits, how long, how far back. Frozen; what could never fire is refused, not warned of.

Source: clinical definition 3.3 (criteria), 3.8 and 3.9 (presets), 3.10 (validity), 3.15 (low limits). Pressures in
mmHg, rates in 1/min, saturation in %, times in minutes, runs in cuff readings (SBP, DBP) or 5 s epochs (HR, SPO2).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Any

from dashboard.errors import ThresholdError
from dashboard.rises import threshold_toml
from dashboard.rises.threshold_checks import CUFF_SIGNALS as CUFF_SIGNALS
from dashboard.rises.threshold_checks import LIMIT_RANGES as LIMIT_RANGES
from dashboard.rises.threshold_checks import LOW_SIGNALS as LOW_SIGNALS
from dashboard.rises.threshold_checks import SIGNALS as SIGNALS
from dashboard.rises.threshold_checks import VALID_RANGES, check_all, check_limit, check_reachable
from dashboard.rises.threshold_fields import (
    checked,
    listed,
    made_of,
    member,
    number,
    one_of,
    optional,
    part,
    sentence,
    settle,
    table,
    text,
    whole,
)
from devices.instant import minutes

DEFAULT_HYSTERESIS: Mapping[str, float] = {"SBP": 10, "DBP": 5, "HR": 10}
DEFAULT_N_OFF: Mapping[str, int] = {"SBP": 2, "DBP": 2, "HR": 12}


class Combine(StrEnum):
    """Which of a level's criteria must hold: any of them (the lowest counts) or all (the highest)."""

    ANY = "any"
    ALL = "all"


class Priority(StrEnum):
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, kw_only=True)
class Level:
    """One limit of one signal.

    Attributes:
        absolute: A, in the signal's unit. rise: R, above the baseline, in the signal's unit.
        rise_percent: above the baseline, in per cent of it (15 means 15 %).
        n_on: consecutive readings or epochs at or above the limit that confirm a rise.
    """

    signal: str = checked(one_of(SIGNALS))
    level: int = checked(whole(1, 3))
    n_on: int = checked(whole(1))
    absolute: float | None = checked(optional(number()), default=None)
    rise: float | None = checked(optional(number(above=0)), default=None)
    rise_percent: float | None = checked(optional(number(above=0)), default=None)

    def __post_init__(self) -> None:
        settle(self)
        if self.absolute is None and self.rise is None and self.rise_percent is None:
            raise ValueError("has none of absolute, rise and rise_percent, so it can never fire")
        if self.absolute is not None:
            check_limit(self.signal, "absolute", self.absolute)
        check_reachable(self.signal, self.rise, self.rise_percent)


@dataclass(frozen=True, kw_only=True)
class LowLimit:
    """A low limit (clinical definition 3.15): exceeded at or below `limit`, over at or above limit + hysteresis."""

    signal: str = checked(one_of(LOW_SIGNALS))
    priority: Priority = checked(member(Priority))  # noqa: RUF009
    limit: float = checked(number())
    n_on: int = checked(whole(1))
    hysteresis: float = checked(number(above=0))
    n_off: int = checked(whole(1))

    def __post_init__(self) -> None:
        settle(self)
        check_limit(self.signal, "limit", self.limit)
        highest = VALID_RANGES[self.signal][1]
        if self.limit + self.hysteresis > highest:
            raise ValueError(
                f"limit {self.limit:g} + hysteresis {self.hysteresis:g} lies above {highest:g}, the highest valid value"
            )


DEFAULT_LOW = (
    LowLimit(signal="SBP", priority=Priority.MEDIUM, limit=90, n_on=1, hysteresis=5, n_off=1),
    LowLimit(signal="SBP", priority=Priority.HIGH, limit=80, n_on=1, hysteresis=5, n_off=1),
    LowLimit(signal="HR", priority=Priority.MEDIUM, limit=50, n_on=6, hysteresis=5, n_off=6),
    LowLimit(signal="HR", priority=Priority.HIGH, limit=40, n_on=6, hysteresis=5, n_off=6),
    LowLimit(signal="SPO2", priority=Priority.MEDIUM, limit=90, n_on=3, hysteresis=2, n_off=3),
    LowLimit(signal="SPO2", priority=Priority.HIGH, limit=85, n_on=3, hysteresis=2, n_off=3),
)
"""The low limits of clinical definition 3.15, which every set carries unless it says otherwise."""


@dataclass(frozen=True, kw_only=True)
class ThresholdSet:
    """All that decides what is a rise, and nothing else. Made of the values of a file by `threshold_set`.

    Attributes:
        name: how it is called. title: one line for people.
        cycle_min: minutes between cuff measurements; due_min: or the minutes from the start at which they are due.
        max_gap_min: two valid cuff readings further apart break a run (equal does not).
        x_off_min: a rise that is back by so many minutes after the infusion's end was transient.
        hysteresis: how far below its limit a signal must come to be back. n_off: for how many readings or epochs.
        level: the limits. low: the low limits.
        low_off: of each signal without low limits why they are switched off.
        pre_dose: baseline pressures from which a notice is given before the start; empty: none.
    """

    name: str = checked(text(1, 80))
    title: str = checked(text(0, 200), default="")
    cycle_min: float | None = checked(optional(number(above=0)), default=None)
    due_min: tuple[float, ...] | None = checked(optional(listed(number(least=0))), default=None)
    max_gap_min: float = checked(number(above=0))
    x_off_min: float = checked(number(least=0))
    combine: Combine = checked(member(Combine), default=Combine.ANY)  # noqa: RUF009
    hysteresis: Mapping[str, float] = checked(table(SIGNALS, number(above=0)), default_factory=dict)
    n_off: Mapping[str, int] = checked(table(SIGNALS, whole(1)), default_factory=dict)
    pre_dose: Mapping[str, float] = checked(table(CUFF_SIGNALS, number()), default_factory=dict)
    level: tuple[Level, ...] = checked(listed(part(Level)))
    low: tuple[LowLimit, ...] = checked(listed(part(LowLimit)), default=DEFAULT_LOW)
    low_off: Mapping[str, str] = checked(table(LOW_SIGNALS, text(1, 200)), default_factory=dict)

    def __post_init__(self) -> None:
        settle(self)
        check_all(self)

    def hysteresis_of(self, signal: str) -> float:
        return self.hysteresis.get(signal, DEFAULT_HYSTERESIS[signal])

    def n_off_of(self, signal: str) -> int:
        return self.n_off.get(signal, DEFAULT_N_OFF[signal])

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
        values: dict[str, Any] = {
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
                plain_values(each)
                for each in sorted(self.level, key=lambda each: (SIGNALS.index(each.signal), each.level))
            ],
            "low": sorted(map(plain_values, self.low), key=lambda each: (each["signal"], each["priority"])),
        }
        if self.low_off:  # left out where it is empty, so that sets older than this key keep their hash
            values["low_off"] = {signal: self.low_off[signal] for signal in LOW_SIGNALS if signal in self.low_off}
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
        return made_of(ThresholdSet, values)
    except ValueError as error:
        raise ThresholdError(f"{where}: {sentence(error, values)}") from None


def plain_values(made: ThresholdSet | Level | LowLimit) -> dict[str, Any]:
    """The fields of `made` as in a threshold file, without those that are not set."""
    return {name: value for name, value in asdict(made).items() if value is not None}


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
