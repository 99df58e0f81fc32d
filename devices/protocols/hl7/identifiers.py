"""The coded fields of a row: OBX-3, what is measured, and OBX-6, in which unit (HL7 sheet, sections 1, 2 and 4)."""

from __future__ import annotations

import re

from msgspec import Struct

from devices.protocols.hl7.quantities import (
    VAGUE,
    Quantity,
    by_label,
    by_loinc,
    by_mdc,
    by_mdil,
    by_reference_id,
    in_cuff_group,
)
from devices.protocols.hl7.syntax import Delimiters
from devices.signals import KPA_TO_MMHG


class Identifier(Struct, frozen=True):
    """What an OBX-3 says.

    Attributes:
        code, name: as written, of the triplet that was used.
        quantity: what it measures; None if that is not known.
        other: what its label says instead, where code and label disagree: the unit must decide.
        remark: what is to be told of it once, "" if nothing.
    """

    code: str
    name: str
    quantity: Quantity | None
    other: Quantity | None = None
    remark: str = ""

    @property
    def label(self) -> str:
        """Code and name, for a person."""
        return "^".join(part for part in (self.code, self.name) if part)


_REFERENCE_ID = re.compile(r"(?:MDC|NOM)_[A-Z0-9_]+$", re.IGNORECASE)


def identify(delimiters: Delimiters, written: str, is_cuff_group: bool = False) -> Identifier:
    """The identifier written in an OBX-3; `is_cuff_group`: it stands in a group of rows that is the cuff's.

    The first of its two triplets that means something is taken. Where number and name disagree, the name is right if
    it is a known reference id: messages with wrong numbers are met, with wrong names they are not.
    """
    # A second identifier after a repetition separator would be another way to say the same.
    first = written.split(delimiters.repetition)[0] if delimiters.repetition else written
    parts = [delimiters.text(part).strip() for part in first.split(delimiters.component or "\0")]
    parts += [""] * (6 - len(parts))
    found = _triplet(parts[0], parts[1], parts[2], is_cuff_group)
    if found.quantity is None and (parts[3] or parts[4]):
        other = _triplet(parts[3], parts[4], parts[5], is_cuff_group)
        return other if other.quantity is not None else found
    return found


def _triplet(code: str, name: str, system: str, is_cuff_group: bool) -> Identifier:
    coded = _coded(code, name, system)
    named = by_reference_id(name)
    if named is not None:
        if coded != named:
            text = f"{code} is {_word(coded)}, but its name is {name}: the name was taken"
            return Identifier(code, name, named, remark=text if code else "")
        return Identifier(code, name, named)
    label = by_label(name, code)
    if is_cuff_group:
        label = in_cuff_group(name) or label
    if coded is None:
        # Vendors also write the label where the code belongs: ``NIBP_SYS^Systolic``, or ``HR`` alone.
        return Identifier(code, name, label or by_reference_id(code) or by_label(code))
    if label is not None and label != coded:
        if code in VAGUE and (label.signal == coded.signal or coded.own == "ecg.hr"):
            return Identifier(code, name, label)
        if label.signal != coded.signal:
            return Identifier(code, name, coded, label, f"{code} is {_word(coded)}, but its label is {name}")
    if _REFERENCE_ID.match(name):
        return Identifier(code, name, coded, remark=f"{code} is {_word(coded)}; its name {name} is not known")
    return Identifier(code, name, coded)


def _coded(code: str, name: str, system: str) -> Quantity | None:
    system = system.upper()
    if system == "MDIL":
        return by_mdil(code)
    if system in ("LN", "LOINC"):
        return by_loinc(code)
    if system in ("MDC", "") or _REFERENCE_ID.match(name):
        return by_mdc(code) or (by_mdil(code) or by_loinc(code) if not system else None)
    return None


def _word(quantity: Quantity | None) -> str:
    return "not a known number" if quantity is None else f"the number of {quantity.own}"


class Unit(Struct, frozen=True):
    """A unit: ``value * factor + offset`` is in `name`, a unit of the house. "" : none was given."""

    name: str
    factor: float = 1.0
    offset: float = 0.0

    def convert(self, value: float) -> float:
        # No monitor measures finer; what a float adds beyond is no digit of the value.
        return round(value * self.factor + self.offset, 6) if self.factor != 1.0 else value


_MMHG, _RATE, _PERCENT, _CELSIUS = Unit("mmHg"), Unit("/min"), Unit("%"), Unit("degC")
_OTHER = Unit("of another quantity")
"""Known, and of nothing that is shown here: it contradicts whatever it stands beside."""
_KPA = Unit("mmHg", KPA_TO_MMHG)
_FAHRENHEIT = Unit("degC", 5 / 9, -160 / 9)
NO_UNIT = Unit("")

_UNIT_CODES = {
    264864: _RATE, 264672: _RATE, 264928: _RATE, 266016: _MMHG, 265987: _KPA, 262688: _PERCENT, 268192: _CELSIUS,
    266560: _FAHRENHEIT, 268224: _FAHRENHEIT,
}  # fmt: skip
_UNIT_NAMES = {
    "BEAT_PER_MIN": _RATE, "PER_MIN": _RATE, "RESP_PER_MIN": _RATE, "MMHG": _MMHG, "KILO_PASCAL": _KPA,
    "PERCENT": _PERCENT, "DEGC": _CELSIUS, "FAHR": _FAHRENHEIT, "DEGF": _FAHRENHEIT,
}  # fmt: skip
_SPELLINGS = {
    spelling: unit
    for unit, spellings in (
        (_RATE, "bpm /min {beats}/min {beat}/min 1/min {breaths}/min {breath}/min rpm beats/min breaths/min min-1 brpm"
                " b/min pm br/min #/min"),
        (_MMHG, "mmhg mm[hg]"),
        (_KPA, "kpa"),
        (_PERCENT, "% percent pct"),
        (_CELSIUS, "c cel degc °c ℃ deg.c celsius"),
        (_FAHRENHEIT, "f degf [degf] °f ℉ deg.f fahrenheit fahr"),
        (_OTHER, "ms msec s sec hz mv uv mm cm kg g l ml l/min ml/min cmh2o mbar hpa mmol/l mg/dl"),
    )
    for spelling in spellings.split()
}  # fmt: skip


def unit(delimiters: Delimiters, written: str) -> Unit | None:
    """The unit written in an OBX-6: NO_UNIT if it is empty, None if it is not known. The name precedes the number."""
    parts = [delimiters.text(part).strip() for part in written.split(delimiters.component or "\0")]
    if not any(parts):
        return NO_UNIT
    for part in (*parts[1:2], *parts[0:1], *parts[4:5], *parts[3:4]):
        found = _unit(part)
        if found is not None:
            return found
    return None


def _unit(text: str) -> Unit | None:
    upper = text.upper()
    if upper.startswith(("MDC_DIM_", "NOM_DIM_")):
        return _UNIT_NAMES.get(upper[8:])
    if text.isascii() and text.isdigit() and len(text) < 10:
        return _UNIT_CODES.get(int(text))
    high, dash, low = text.partition("-")
    if dash and len(high) == len(low) == 4:
        try:
            return _UNIT_CODES.get(int(high, 16) << 16 | int(low, 16))
        except ValueError:
            return None
    return _SPELLINGS.get(text.lower().replace(" ", ""))
