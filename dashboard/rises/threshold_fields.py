"""The fields of a threshold set: what each may hold, and where in a file a wrong one stands.

A field of a frozen dataclass carries its check in its metadata (`checked`); `settle` runs them all when one is made,
so that no set exists that was not looked at. Plain Python: thresholds are read by commands that must start at once.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from dataclasses import field as dataclass_field
from enum import StrEnum
from sys import float_info
from typing import Any, TypeVar

Check = Callable[[Any], Any]
"""The value as the field holds it; raises `WrongField`."""

_Made = TypeVar("_Made")


class WrongField(ValueError):
    """A value that a field may not hold. `place`: the keys that lead to it; `said`: what is wrong, without them."""

    def __init__(self, said: str, *place: str | int) -> None:
        super().__init__(said)
        self.said = said
        self.place: tuple[str | int, ...] = place

    def within(self, *place: str | int) -> WrongField:
        """The same, where what was looked at stands at `place`."""
        return WrongField(self.said, *place, *self.place)


def checked(check: Check, **options: Any) -> Any:
    """A field of a dataclass, with its check; `options`: ``default`` or ``default_factory``."""
    return dataclass_field(metadata={"check": check}, **options)


def settle(made: Any) -> None:
    """Checks all fields of the dataclass `made` and puts their values into the form that they are held in.

    Raises:
        WrongField: the first one that is wrong.
    """
    for one in fields(made):
        try:
            value = one.metadata["check"](getattr(made, one.name))
        except WrongField as error:
            raise error.within(one.name) from None
        object.__setattr__(made, one.name, value)


def made_of(kind: type[_Made], values: Mapping[str, Any]) -> _Made:
    """The dataclass `kind` made of `values`, its keys as in a file.

    Raises:
        WrongField: a key that is missing, not known or wrong; ValueError: they do not go together.
    """
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]
    for name, one in known.items():
        if name not in values and one.default is MISSING and one.default_factory is MISSING:
            raise WrongField("is missing", name)
    for name in values:
        if name not in known:
            raise WrongField("is not a key that is known here", str(name))
    return kind(**values)


def number(*, above: float | None = None, least: float | None = None) -> Check:
    """A finite number; more than `above`, at least `least`. Held as a float."""

    def check(given: Any) -> float:
        if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= float_info.max:
            raise WrongField(f"is {_shown(given)}, but must be a number")
        if above is not None and not given > above:
            raise WrongField(f"is {given!r}, but must be more than {above:g}")
        if least is not None and not given >= least:
            raise WrongField(f"is {given!r}, but must be at least {least:g}")
        return float(given)

    return check


def whole(least: int, most: int | None = None) -> Check:
    """A whole number of at least `least` and at most `most`."""

    def check(given: Any) -> int:
        if isinstance(given, bool) or not isinstance(given, int):
            raise WrongField(f"is {_shown(given)}, but must be a whole number")
        if given < least:
            raise WrongField(f"is {given!r}, but must be at least {least}")
        if most is not None and given > most:
            raise WrongField(f"is {given!r}, but must be at most {most}")
        return given

    return check


def text(least: int, most: int) -> Check:
    """A text of `least` to `most` characters, without blanks around it."""

    def check(given: Any) -> str:
        if not isinstance(given, str):
            raise WrongField(f"is {_shown(given)}, but must be a text")
        held = given.strip()
        if len(held) < least:
            raise WrongField(f"is {given!r}, but must not be empty")
        if len(held) > most:
            raise WrongField(f"is {_shown(given)}, but must have at most {most} characters")
        return held

    return check


def one_of(known: Sequence[str]) -> Check:
    """One of the texts `known`."""

    def check(given: Any) -> str:
        if given not in known or not isinstance(given, str):
            raise WrongField(f"is {_shown(given)}, but must be {_either(known)}")
        return given

    return check


def member(kind: type[StrEnum]) -> Check:
    """A member of `kind`, or its text."""

    def check(given: Any) -> StrEnum:
        try:
            return kind(given)
        except ValueError:
            raise WrongField(f"is {_shown(given)}, but must be {_either(list(kind))}") from None

    return check


def optional(check: Check) -> Check:
    """None, or what `check` says."""
    return lambda given: None if given is None else check(given)


def listed(check: Check) -> Check:
    """A list, each entry as `check` says. Held as a tuple."""

    def every(given: Any) -> tuple[Any, ...]:
        if not isinstance(given, list | tuple):
            raise WrongField(f"is {_shown(given)}, but must be a list")
        return tuple(_at(place, check, each) for place, each in enumerate(given))

    return every


def table(keys: Sequence[str], check: Check) -> Check:
    """A table with keys out of `keys` and values as `check` says."""

    def every(given: Any) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            raise WrongField(f"is {_shown(given)}, but must be a table")
        for key in given:
            if key not in keys:
                raise WrongField(f"is {key!r}, but must be {_either(keys)}", key)
        return {key: _at(key, check, each) for key, each in given.items()}

    return every


def part(kind: type[Any]) -> Check:
    """A dataclass `kind`, or the table that it is made of."""

    def check(given: Any) -> Any:
        if isinstance(given, kind):
            return given
        if not isinstance(given, Mapping):
            raise WrongField(f"is {_shown(given)}, but must be a table")
        try:
            return made_of(kind, given)
        except WrongField:
            raise
        except ValueError as error:
            raise WrongField(str(error), "") from None

    return check


def sentence(error: ValueError, values: Mapping[str, Any]) -> str:
    """What is wrong with `values`: the field, its value and its bound."""
    if not isinstance(error, WrongField):
        return str(error)
    is_rule = error.place[-1:] == ("",)
    where = _field(error.place[:-1] if is_rule else error.place, values)
    return f"{where}{': ' if is_rule else ' '}{error.said}"


def _at(place: str | int, check: Check, given: Any) -> Any:
    try:
        return check(given)
    except WrongField as error:
        raise error.within(place) from None


def _shown(given: Any) -> str:
    """A value as written in a sentence, which stays one however long the value is."""
    try:
        return reprlib.repr(given)
    except ValueError:  # a whole number of thousands of digits
        return "a number of many digits"


def _either(known: Sequence[str]) -> str:
    shown = [repr(str(each)) for each in known]
    return f"{', '.join(shown[:-1])} or {shown[-1]}"


def _field(place: Sequence[str | int], values: Mapping[str, Any]) -> str:
    """Where in the file: ``level 2 of SBP: n_on`` rather than ``level.4.n_on``."""
    if len(place) >= 2 and place[0] in ("level", "low") and isinstance(place[1], int):
        entry: Any = values[place[0]][place[1]]
        told = f"{place[0]} entry {place[1] + 1}"
        if isinstance(entry, Mapping) and "signal" in entry:
            rank = entry.get("level" if place[0] == "level" else "priority")
            told = f"{place[0]} {rank} of {entry['signal']}"
        return ": ".join([told, *(str(each) for each in place[2:])])
    if len(place) == 2:
        return f"{place[0]} entry {place[1] + 1}" if isinstance(place[1], int) else f"{place[0]} of {place[1]}"
    return ": ".join(str(each) for each in place)
