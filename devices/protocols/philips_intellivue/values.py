"""Numbers of an IntelliVue monitor: what they are of, what they are worth (Philips sheet, sections 4.8, 5 and 5.1)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from devices.reading import Status
from devices.signals import NIBP

RECORD = 10
"""Bytes of one value record."""

INVALID, QUESTIONABLE, UNAVAILABLE, CALIBRATING = 0x8000, 0x4000, 0x2000, 0x1000
TEST, DEMO = 0x0800, 0x0400
EARLY, ONGOING = 0x0040, 0x0020
_UNKNOWN_UPPER = 0x0300

STATES = {
    INVALID: "invalid",
    UNAVAILABLE: "unavailable",
    CALIBRATING: "calibrating",
    QUESTIONABLE: "questionable",
    TEST: "test data",
    DEMO: "demo data",
    EARLY: "early indication",
    ONGOING: "measurement ongoing",
}

_SPECIAL = {0x7FFFFF: "not a number", 0x7FFFFE: "+infinity", 0x800002: "-infinity", 0x800000: "not at this resolution"}
_RESERVED = 0x800001


class Record(Struct, frozen=True):
    """One value as sent. `number`: None where the FLOAT is none, `special` then says which."""

    physio: int
    state: int
    unit: int
    number: Decimal | None
    special: str = ""

    @classmethod
    def read(cls, data: bytes) -> Record:
        """The record in ten bytes."""
        physio, state, unit, raw = struct.unpack(">3HI", data)
        number, special = read_float(raw)
        return cls(physio, state, unit, number, special)

    @property
    def is_final(self) -> bool:
        return not self.state & (EARLY | ONGOING)

    def why(self) -> str:
        """Why there is no value, for a person."""
        said = [text for bit, text in STATES.items() if self.state & bit]
        return f"state {self.state:04X} ({', '.join([*said, *([self.special] if self.special else [])]) or 'valid'})"


def read_float(raw: int) -> tuple[Decimal | None, str]:
    """The number in a 32-bit FLOAT-Type, and what it is if it is none: 8-bit exponent of ten, 24-bit mantissa."""
    exponent, mantissa = raw >> 24, raw & 0xFFFFFF
    if mantissa in _SPECIAL:
        return None, _SPECIAL[mantissa]
    if mantissa == _RESERVED:
        return None, "a reserved number"
    signed = mantissa - 0x1000000 if mantissa & 0x800000 else mantissa
    return Decimal(signed).scaleb(exponent - 256 if exponent & 0x80 else exponent), ""


BPM, PER_MIN, RPM = 0x0AA0, 0x09E0, 0x0AE0
MMHG, KPA = 0x0F20, 0x0F03
PERCENT = 0x0220
CELSIUS, FAHRENHEIT = 0x17A0, 0x1140

_KPA_TO_MMHG = Decimal("7.50062")
_RATE = frozenset({BPM, PER_MIN})
_UNITS: dict[str, frozenset[int]] = {
    "HR": _RATE,
    "PR": _RATE,
    "RR": frozenset({RPM, PER_MIN}),
    "SPO2": frozenset({PERCENT}),
    "TEMP": frozenset({CELSIUS, FAHRENHEIT}),
}
_PRESSURE = frozenset({MMHG, KPA})

CUFF = {0x4A05: "NIBP_SYS", 0x4A06: "NIBP_DIA", 0x4A07: "NIBP_MEAN"}
CUFF_NAMES = dict(zip(NIBP, ("sys", "dia", "mean"), strict=True))
CUFF_PULSE = 0xF0E5
GENERAL_PULSE, PLETH_PULSE = 0x480A, 0x4822


def _arterial(first: int, name: str) -> dict[int, tuple[str, str]]:
    parts = (("ABP_SYS", "sys"), ("ABP_DIA", "dia"), ("ABP_MEAN", "mean"))
    return {first + number: (signal, f"{name}.{part}") for number, (signal, part) in enumerate(parts, 1)}


QUANTITIES: Mapping[int, tuple[str, str]] = {
    0x4182: ("HR", "ecg.hr"),
    GENERAL_PULSE: ("PR", "art.pr"),
    PLETH_PULSE: ("PR", "spo2.pr"),
    0x481A: ("PR", "spo2.pr"),
    0xF09D: ("PR", "spo2-tele.pr"),
    CUFF_PULSE: ("PR", "nibp.pr"),
    0x4BB8: ("SPO2", "spo2"),
    0x4BC8: ("SPO2", "spo2-left"),
    0x4BCC: ("SPO2", "spo2-right"),
    0xF1C0: ("SPO2", "spo2-pre"),
    0xF1D4: ("SPO2", "spo2-post"),
    0xF09C: ("SPO2", "spo2-tele"),
    **{physio: (signal, f"nibp.{CUFF_NAMES[signal]}") for physio, signal in CUFF.items()},
    **_arterial(0x4A10, "art"),
    **_arterial(0x4A14, "abp"),
    # The names begin with "art" so that their pulse is known for an arterial line's.
    **_arterial(0x4A0C, "art-ao"),
    **_arterial(0x4A28, "art-uap"),
    **_arterial(0xF0BC, "art-fap"),
    **_arterial(0xF0C0, "art-bap"),
    0x500A: ("RR", "resp.rr"),
    0x5012: ("RR", "co2.rr"),
    0xF0E2: ("RR", "spiro.rr"),
    0x4B48: ("TEMP", "temp"),
    0x4B50: ("TEMP", "temp-art"),
    0x4B60: ("TEMP", "temp-core"),
    0x4B64: ("TEMP", "temp-esoph"),
    0x4B6C: ("TEMP", "temp-naso"),
    0x4B74: ("TEMP", "temp-skin"),
    0x4B78: ("TEMP", "temp-tymp"),
    0x4B7C: ("TEMP", "temp-ven"),
    0xE004: ("TEMP", "temp-rect"),
    0xE014: ("TEMP", "temp-blood"),
    0xF0C4: ("TEMP", "temp-vesic"),
    **{0xF0C7 + number: ("TEMP", f"temp-{number + 1}") for number in range(4)},
}
"""Signal and own name by physio id. The sheet has heart rate, pulses, NBP, ABP, ART, SpO2; the rest are the vendor's
published constants as public programs carry them."""

_PULSE_LABELS: Mapping[int, str] = {
    0x80035402: "abp.pr", 0x80035403: "art.pr", 0x80035404: "art-ao.pr", 0x8003540A: "art-uap.pr",
    0x80035434: "art-fap.pr", 0x80035437: "art-bap.pr", 0x80035422: "p1.pr", 0x80035425: "p2.pr",
    0x80035428: "p3.pr", 0x8003542B: "p4.pr", 0x0002480A: "pulse.pr",
    0x80155401: "spo2-left.pr", 0x80155402: "spo2-right.pr", 0x8015543D: "spo2-pre.pr", 0x80155440: "spo2-post.pr",
}  # fmt: skip
"""Own name of a pulse by its label: one physio id serves all arterial lines, another all oximeters."""

_PULSE_NAMES = 0x8003
"""High half of the labels of pulses that come from a pressure."""

SETTING = 0x0402
"""High half of the labels of what is set, not measured."""

_OTHERS: Mapping[int, str] = {
    **dict.fromkeys((GENERAL_PULSE, PLETH_PULSE), "pulse of another pressure"),
    0x4BB0: "perfusion",
    0x4261: "extra beats",
    **dict.fromkeys((*range(0x0300, 0x0309), *range(0x033D, 0x0341), 0x0343, 0x034B, 0xF03D), "ST segment"),
    **dict.fromkeys((0x3F20, 0x3F24, 0xF154, 0xF155, 0xF156), "QT interval"),
    **dict.fromkeys((0x50AC, 0x50B0, 0x50BA), "carbon dioxide"),
    **dict.fromkeys((0x4B04, 0x4BDC, 0x490C, 0xF047), "cardiac output"),
    0x5804: "cerebral perfusion",
    0xE018: "difference of temperatures",
    **{
        first + part: name
        for first, name in (
            (0x4A1C, "pulmonary artery"), (0x4A30, "left atrial"), (0x4A34, "right atrial"), (0x4A44, "central venous"),
            (0x4A48, "umbilical venous"), (0x4A00, "unnamed"), (0xF0A4, "P1"), (0xF0A8, "P2"), (0xF0AC, "P3"),
            (0xF0B0, "P4"), (0x5808, "intracranial"),
        )
        for part in (0, 1, 2, 3)
    },
}  # fmt: skip
"""Known, and left out: above all, pressures of other places than an artery are no arterial pressure."""


def quantity(physio: int, label: int | None) -> tuple[str, str] | None:
    """Signal and own name of a value, None if it is not one of ours. `label`: the object's, if it was told."""
    if label is not None and label >> 16 == SETTING:
        return None
    if label is not None and physio in (GENERAL_PULSE, PLETH_PULSE):
        if label in _PULSE_LABELS:
            return "PR", _PULSE_LABELS[label]
        if label >> 16 == _PULSE_NAMES:
            return None
    return QUANTITIES.get(physio)


def other(physio: int) -> str:
    """What a value that is none of ours is of, "" if that is not known."""
    return _OTHERS.get(physio, "")


def has_unit_of(signal: str, unit: int) -> bool:
    return unit in _UNITS.get(signal, _PRESSURE)


def judge(signal: str, record: Record) -> tuple[float | None, Status]:
    """Value, in the signal's unit, and status of a record whose unit is right.

    A heart rate of 0 is a number (asystole, captured); any other 0 is no signal.
    """
    if record.state & INVALID:
        return None, Status.INVALID
    if record.state & UNAVAILABLE:
        return None, Status.OFF
    if record.state & CALIBRATING:
        return None, Status.INVALID
    if not record.is_final:
        return None, Status.MEASURING
    if record.number is None:
        return None, Status.INVALID
    if record.number == 0 and signal not in ("HR", "TEMP"):
        return None, Status.ZERO
    value = _converted(record.number, record.unit)
    if record.state & TEST:
        return value, Status.TEST
    if record.state & DEMO:
        return value, Status.DEMO
    if record.state & (QUESTIONABLE | _UNKNOWN_UPPER):
        return value, Status.QUESTIONABLE
    return value, Status.OK


def _converted(number: Decimal, unit: int) -> float:
    if unit == KPA:
        number *= _KPA_TO_MMHG
    elif unit == FAHRENHEIT:
        number = ((number - 32) / Decimal("1.8")).quantize(Decimal("0.01"))
    return float(number)
