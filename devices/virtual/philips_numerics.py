"""The numerics of a virtual IntelliVue monitor: which objects it has, and how their values are written.

Values that are not there are NaN with a state that says why (Philips sheet, sections 4.8, 5 and 5.1).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from msgspec import Struct

from devices.protocols.philips_intellivue.messages import NUMERICS, attribute, counted
from devices.virtual.device import Cuff, Observation

_NAN = 0x007FFFFF
_BPM, _RPM, _MMHG, _PERCENT, _NONE, _CELSIUS, _MILLIMETRE = 0x0AA0, 0x0AE0, 0x0F20, 0x0220, 0x0200, 0x17A0, 0x0512
_OFF, _INVALID, _ONGOING = 0x2000, 0x8000, 0x0020
_FLAGS = b"\xc0\xc1\x7d\x20"
"""An attribute whose bytes must be stuffed: every frame with it shows whether that is done right."""

Wall = Callable[[int], bytes]
"""The eight bytes of the monitor's own clock at an instant."""


class Numeric(Struct, frozen=True):
    """One object: its handle, its label and how that is written, its value records, when they were measured."""

    handle: int
    label: int
    name: str
    values: tuple[bytes, ...]
    stamp: bytes = b""

    def observation(self, with_context: bool) -> bytes:
        """What it says in an answer; its static context only now and then."""
        said = []
        if with_context:
            name = (self.name.ljust(6) + "\0").encode("utf-16-be")
            said += [
                attribute(0x092F, struct.pack(">HH", 1, NUMERICS)),
                attribute(0x0924, struct.pack(">I", self.label)),
                attribute(0x0927, struct.pack(">H", len(name)) + name),
                attribute(0xF998, _FLAGS),
            ]
        if self.stamp:
            said += [attribute(0x0990, self.stamp), attribute(0xF237, b"\xff" * 4)]
        if len(self.values) == 1:
            said.append(attribute(0x0950, self.values[0]))
        else:
            said.append(attribute(0x094B, counted(list(self.values))))
        return struct.pack(">H", self.handle) + counted(said)


def shown(seen: Observation, wall: Wall, others: int) -> Iterator[Numeric]:
    """All objects of a monitor at whose bedside this is `seen`; `others` of them are none of our signals."""
    probe = seen.spo2 is not None
    stamp = b"" if seen.cuff.time is None else wall(seen.cuff.time)
    yield Numeric(0x82A5, 0x00024182, "HR", (_record(0x4182, _BPM, seen.hr, _INVALID),))
    yield Numeric(0x82B8, 0x00024261, "PVC", (_record(0x4261, _BPM, 0),))
    yield Numeric(0x8268, 0x00024A04, "NBP", _cuff(seen.cuff), stamp)
    yield Numeric(0x8270, 0x0002F0E5, "Pulse", (_record(0xF0E5, _BPM, seen.cuff.pulse),), stamp)
    yield Numeric(0x83B5, 0x00024BB8, "SpO2", (_record(0x4BB8, _PERCENT, _tenths(seen.spo2), _INVALID, exponent=-1),))
    yield Numeric(0x83B9, 0x00024822, "Pulse", (_record(0x4822, _BPM, seen.pr if probe else None, _INVALID),))
    yield Numeric(0x83C3, 0x00024BB0, "Perf", (_record(0x4BB0, _NONE, 31 if probe else None, _INVALID, exponent=-1),))
    yield Numeric(0x8411, 0x0002500A, "RR", (_record(0x500A, _RPM, seen.rr, _INVALID),))
    yield Numeric(0x8420, 0x00024B48, "Temp", (_record(0x4B48, _CELSIUS, _tenths(seen.temp), _INVALID, exponent=-1),))
    if seen.abp is not None:
        yield Numeric(0x8500, 0x00024A14, "ABP", _pressures(0x4A14, *seen.abp))
        yield Numeric(0x8504, 0x80035402, "Pulse", (_record(0x480A, _BPM, seen.pr, _INVALID),))
    for number in range(others):
        yield Numeric(0x9000 + number, 0x00020301 + number, "ST", (_record(0x0301 + number, _MILLIMETRE, 1),))


def _cuff(cuff: Cuff) -> tuple[bytes, ...]:
    state = _ONGOING if cuff.measuring else 0
    if cuff.sys is None:
        # Never measured, or the last measurement failed.
        state |= _INVALID if cuff.failure else _OFF
    return _pressures(0x4A04, cuff.sys, cuff.dia, cuff.mean, state)


def _pressures(first: int, sys: int | None, dia: int | None, mean: int | None, state: int = 0) -> tuple[bytes, ...]:
    """In the order systolic, mean, diastolic: no order is guaranteed."""
    return tuple(_record(first + place, _MMHG, value, state, state) for place, value in ((1, sys), (3, mean), (2, dia)))


def _tenths(value: float | None) -> int | None:
    return None if value is None else round(value * 10)


def _record(physio: int, unit: int, value: int | None, without: int = _OFF, state: int = 0, exponent: int = 0) -> bytes:
    """A value record; `without` is its state where there is no value."""
    if value is None:
        return struct.pack(">3HI", physio, without, unit, _NAN)
    return struct.pack(">3HbBH", physio, state, unit, exponent, value >> 16 & 0xFF, value & 0xFFFF)
