"""A sample of the line protocol in any of its forms, and how each is read (line protocol sheet, sections 2 and 4)."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from devices.protocols.line import frames
from devices.protocols.line import loose as free_form
from devices.protocols.line.frames import BadLine
from devices.reading import Status

CUFF = ("sys", "dia", "map")
NUMBERS = ("hr", "pr", "spo2", "rr", "temp", *CUFF)
KNOWN = frozenset({"t", "nibp_t", "flags", *NUMBERS})
_LARGEST = 1e9
_NONE: frozenset[str] = frozenset()


@dataclass(slots=True)
class Header:
    """An H line.

    Attributes:
        fields: as it names them. period: milliseconds between D lines.
        names: the set of the fields.
        device, cuff_time, flags: where in a D line their text stands, 0: nowhere; the counter is in place 0.
        numbers: the other known fields, with their places.
    """

    fields: tuple[str, ...]
    period: int
    names: frozenset[str] = field(init=False)
    device: int = field(init=False)
    cuff_time: int = field(init=False)
    flags: int = field(init=False)
    numbers: tuple[tuple[str, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        places = {name: place for place, name in enumerate(self.fields, 1)}
        self.names = frozenset(self.fields)
        self.device, self.cuff_time, self.flags = (places.get(name, 0) for name in ("t", "nibp_t", "flags"))
        self.numbers = tuple((name, place) for name, place in places.items() if name in NUMBERS)

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name not in KNOWN)


class Sample(Struct):
    """One sample.

    Attributes:
        sequence, device, cuff_time: counter, device time and that of the cuff's determination; None without.
        values: by field name, only what is there. flags: as sent.
        promised: the fields that would be there if they had a value.
        status: what its values are worth: OK, or UNVERIFIED without a checksum.
        is_loose: nothing in it says how old a pressure is, and nothing ever will.
    """

    sequence: int | None
    device: int | None
    cuff_time: int | None
    values: dict[str, float]
    flags: frozenset[str] = frozenset()
    promised: frozenset[str] = frozenset()
    status: Status = Status.OK
    is_loose: bool = False
    cuff_pulse: float | None = None
    has_header: bool = False


def header(payload: str) -> Header:
    """Raises BadLine for a header that names no fields, or one twice."""
    named = dict(part.split("=", 1) for part in payload.split(",") if "=" in part)
    fields = tuple(name for name in named.get("fields", "").split("|") if name)
    if not fields:
        raise BadLine("a header without fields")
    if len(set(fields)) != len(fields):
        raise BadLine("a header that names a field twice")
    rate = frames.number(named["rate"]) if named.get("rate") else 1.0
    return Header(fields, round(1_000 / rate) if rate >= 0.01 else 1_000)


def checked(parts: list[str], known: Header) -> Sample:
    """A D line: sequence, then one text per field of the header. Raises BadLine."""
    if len(parts) != len(known.fields) + 1:
        raise BadLine("another number of values than the header names")
    flags = _NONE
    if known.flags and (told := parts[known.flags]):
        flags = frozenset(flag for flag in told.split("|") if flag)
    return Sample(
        sequence=frames.sequence(parts[0]),
        device=frames.milliseconds(parts[known.device]) if known.device else None,
        cuff_time=frames.milliseconds(parts[known.cuff_time]) if known.cuff_time else None,
        values={name: frames.number(text) for name, place in known.numbers if (text := parts[place])},
        flags=flags,
        promised=known.names,
        has_header=True,
    )


_OF_JSON = KNOWN | {"v", "seq"}
"""The fields of the JSON variant. An object with none of them is some other program's."""


def from_json(line: bytes) -> Sample:
    """A line of the JSON variant. Raises BadLine."""
    try:
        given = json.loads(line.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadLine("not one JSON object") from None
    if not isinstance(given, dict):
        raise BadLine("not one JSON object")
    if given.get("v", 1) != 1:
        raise BadLine("another version than 1")
    if given.keys().isdisjoint(_OF_JSON):
        raise BadLine("an object without any field of this protocol")
    flags = given.get("flags") or []
    if not isinstance(flags, list) or not all(isinstance(flag, str) for flag in flags):
        raise BadLine("flags are no list of words")
    counter = _whole(given, "seq")
    return Sample(
        sequence=None if counter is None else frames.sequence(str(counter)),
        device=_time(given, "t"),
        cuff_time=_time(given, "nibp_t"),
        values={name: value for name in NUMBERS if (value := _number(given, name)) is not None},
        flags=frozenset(flags),
        promised=frozenset({"hr", "spo2"}),
        status=Status.UNVERIFIED,
    )


def loose(line: bytes) -> Sample:
    """A line in a free form. Raises BadLine."""
    values = free_form.read(line.decode("utf-8", "replace"))
    if not values:
        raise BadLine("no line of this protocol")
    pulse = values.pop(free_form.CUFF_PULSE, None)
    return Sample(None, None, None, values, status=Status.UNVERIFIED, is_loose=True, cuff_pulse=pulse)


def _refuse(text: str) -> float:
    raise ValueError(text)


def _number(given: dict[str, Any], name: str) -> float | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        raise BadLine("not a number")
    return float(value)


def _whole(given: dict[str, Any], name: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadLine("not a number")
    return value


def _time(given: dict[str, Any], name: str) -> int | None:
    value = _whole(given, name)
    if value is None:
        return None
    if value.bit_length() > 48:
        raise BadLine("not a device time")
    return frames.milliseconds(str(value))
