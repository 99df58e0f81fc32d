"""GE DRI numbers: where each group of values sits, and which numbers are none (GE DRI sheet, sections 4 and 6).

Every group is a status word (bit 0 module exists, bit 1 measurement active), a label word, then signed 16-bit values.
Numbers of -32001 and below are codes, not data, and are told apart before any scaling.
"""

from __future__ import annotations

import struct

from msgspec import Struct

from devices.reading import Status
from devices.signals import SIGNALS

EXISTS = 1
ACTIVE = 2

LARGEST_CODE = -32001
INVALID, NOT_UPDATED, UNDER_RANGE, OVER_RANGE, NOT_CALIBRATED = -32767, -32766, -32764, -32763, -32762

CODES = {
    INVALID: "invalid",
    NOT_UPDATED: "not updated",
    UNDER_RANGE: "under range",
    OVER_RANGE: "over range",
    NOT_CALIBRATED: "not calibrated",
}

_PRESSURE = (100, -99.0, 400.0)
_RATE = (1, 0.0, 350.0)
_SHEET: dict[str, tuple[int, float, float]] = {
    "HR": _RATE,
    "PR": _RATE,
    "SPO2": (100, 0.0, 100.0),
    # The sheet limits neither: these are the signals' own plausible ranges.
    "RR": (1, SIGNALS["RR"].low, SIGNALS["RR"].high),
    "TEMP": (100, SIGNALS["TEMP"].low, SIGNALS["TEMP"].high),
}
"""Divisor, and the limits outside which a value is `range`, by signal; pressures are all alike."""


class Group(Struct, frozen=True):
    """One group as sent: flags, label, raw numbers."""

    status: int
    label: int
    values: tuple[int, ...]

    @property
    def exists(self) -> bool:
        return bool(self.status & EXISTS)

    @property
    def active(self) -> bool:
        return bool(self.status & ACTIVE)


class Place(Struct, frozen=True):
    """Where a group sits in its class data, what it is called, how many values of it are read."""

    name: str
    offset: int
    count: int

    def read(self, data: bytes) -> Group:
        status, label, *values = struct.unpack_from(f"<IH{self.count}h", data, self.offset)
        return Group(status, label, tuple(values))


ECG = Place("ecg", 0, 5)
"""hr, st1, st2, st3, imp_rr."""
NIBP = Place("nibp", 72, 4)
"""sys, dia, mean, hr."""
PRESSURES = (
    Place("p1", 16, 4), Place("p2", 30, 4), Place("p3", 44, 4), Place("p4", 58, 4), Place("p5", 240, 4),
    Place("p6", 254, 4),
)  # fmt: skip
"""sys, dia, mean, hr each."""
TEMPERATURES = (Place("t1", 86, 1), Place("t2", 94, 1), Place("t3", 102, 1), Place("t4", 110, 1))
SPO2 = Place("spo2", 118, 2)
"""SpO2, pulse rate."""

EXT1_PRESSURES = (Place("p7", 78, 4), Place("p8", 92, 4))
EXT1_SPO2 = Place("spo2-2", 106, 2)
EXT1_TEMPERATURES = (Place("t5", 120, 1), Place("t6", 128, 1))

ARTERIAL = {1: "ART", 8: "ABP", 16: "FEM", 17: "UAC"}
"""Labels of a channel whose pressure is arterial."""

LABELS = ARTERIAL | {
    0: "undefined", 2: "CVP", 3: "PA", 4: "RAP", 5: "RVP", 6: "LAP", 7: "ICP", 9: "P1", 10: "P2", 11: "P3", 12: "P4",
    13: "P5", 14: "P6", 15: "SP", 18: "UVC", 19: "ICP2", 20: "P7", 21: "P8", 22: "FEMV",
}  # fmt: skip

ECG_SOURCES = frozenset({0, 1, 9})
"""Sources of the displayed heart rate under which it is a heart rate: none selected, ECG, ECG (Mortara)."""

PULSE_SOURCES = {
    2: "p1", 3: "p2", 4: "p3", 5: "p4", 6: "spo2", 7: "p5", 8: "p6", 10: "p7", 11: "p8", 12: "spo2-2",
}  # fmt: skip
"""Sources under which it is a pulse rate, and of what."""


def rate_source(status: int) -> int:
    """Where the displayed heart rate comes from: bits 3-6 of the ECG status."""
    return status >> 3 & 0x0F


def is_code(raw: int) -> bool:
    """Whether a number is a code and no value."""
    return raw <= LARGEST_CODE


def meaning(code: int) -> str:
    """What a code says, for a person."""
    return CODES.get(code, f"a reserved code ({code})")


def judge(signal: str, raw: int) -> tuple[float | None, Status, str]:
    """Value, status and unit of a raw number.

    A rate of 0 is a number (section 6: asystole). No other quantity is 0 in a living patient: there it is no signal.
    """
    unit = SIGNALS[signal].unit
    if is_code(raw):
        return None, Status.INVALID, unit
    if raw == 0 and signal not in ("HR", "PR"):
        return None, Status.ZERO, unit
    divisor, low, high = _SHEET.get(signal, _PRESSURE)
    value = raw / divisor
    return value, Status.OK if low <= value <= high else Status.RANGE, unit
