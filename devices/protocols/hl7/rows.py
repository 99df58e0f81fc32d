"""What one row is worth: its number in the house's unit and a status, or why it is refused (HL7 sheet, 4 to 6)."""

from __future__ import annotations

import re

from msgspec import Struct

from devices.protocols.hl7.identifiers import NO_UNIT
from devices.protocols.hl7.message import Message, Row
from devices.protocols.hl7.numbers import Missing
from devices.protocols.hl7.quantities import Quantity
from devices.reading import Status
from devices.signals import SIGNALS

TRUST = Status.OK
"""TCP guards what it carries by a checksum of its own, and a cut message is noticed."""

_FLAGS = {
    "INV": Status.INVALID, "NAV": Status.INVALID, "OFF": Status.OFF, "BUSY": Status.MEASURING,
    "DEMO": Status.DEMO, "TEST": Status.TEST, "QUES": Status.QUESTIONABLE, "CAL": Status.QUESTIONABLE,
    "EARLY": Status.QUESTIONABLE,
}  # fmt: skip
_NO_RESULT = frozenset("XNIO")
_TAKEN_BACK = frozenset("DW")
_NEVER_ZERO = frozenset({"HR", "PR", "SPO2"})
_NO_TEMPERATURE = 0.1
_LIMITS = re.compile(r"\s*(\d+)\s*[-^~]\s*(\d+)\s*$", re.ASCII)
_SCALE = 100


class Value(Struct, frozen=True):
    """What a row says.

    Attributes:
        quantity: what of; value, status: as in a Reading. remarks: what is to be told once.
    """

    quantity: Quantity
    value: float | None
    status: Status
    remarks: tuple[tuple[str, str], ...] = ()


class RowRefused(Struct, frozen=True):
    """A row that is not used. `reason`: a sentence, told once for its identifier. `kind`: of the notice."""

    reason: str
    kind: str = "value-refused"


def weigh(row: Row, message: Message, usual: Status) -> Value | RowRefused:
    """What `row`, which measures something, is worth; `usual` is the status of a good value in this message."""
    what = row.what
    assert what.quantity is not None
    result = row.fields[11].strip().upper()
    if result in _TAKEN_BACK:
        return RowRefused(f"{what.label}: the monitor takes an earlier value back", "device-event")
    found = _quantity(row)
    if isinstance(found, RowRefused):
        return found
    quantity, remarks = found
    status = usual
    for flag in row.fields[8].split(message.delimiters.repetition or "\0"):
        status = _FLAGS.get(flag.strip().upper(), status)
    if result in _NO_RESULT:
        return Value(quantity, None, Status.INVALID, remarks)
    if isinstance(row.value, Missing):
        if row.value is not Missing.NONE:
            remarks = (*remarks, ("value-refused", f"{what.label}: {row.fields[5][:20]!r} is {row.value.value}"))
        return Value(quantity, None, status if status in (Status.OFF, Status.MEASURING) else Status.INVALID, remarks)
    if status in (Status.INVALID, Status.OFF, Status.MEASURING):
        return Value(quantity, None, status, remarks)
    signal = SIGNALS[quantity.signal]
    value = row.value
    if value > signal.high and _is_scaled(row.fields[7], value, signal.low, signal.high):
        value /= _SCALE
        remarks = (
            *remarks,
            ("device-event", f"{what.label} comes multiplied by {_SCALE}, as its limits show: divided"),
        )
    if row.unit is not None:
        value = row.unit.convert(value)
    if signal.name == "TEMP" and 0 <= row.value <= _NO_TEMPERATURE:
        return Value(quantity, None, Status.INVALID, remarks)
    if value == 0 and (signal.name in _NEVER_ZERO or signal.unit == "mmHg"):
        return Value(quantity, None, Status.ZERO, remarks)
    return Value(quantity, value, status, remarks)


def _quantity(row: Row) -> tuple[Quantity, tuple[tuple[str, str], ...]] | RowRefused:
    """Which quantity it is: where number and label disagree the unit decides, and a unit that fits none refuses it."""
    what = row.what
    candidates = [each for each in (what.quantity, what.other) if each is not None]
    if any(not each.signal for each in candidates):
        return RowRefused(f"{what.label} is none of the signals shown here: it is left out", "ignored")
    remarks = [("unknown-parameter", what.remark)] if what.remark else []
    named = row.fields[6]
    if row.unit is None:
        if any(SIGNALS[each.signal].unit == "mmHg" for each in candidates):
            return RowRefused(f"{what.label}: the unit {named} is not known")
        remarks.append(
            ("unknown-parameter", f"{what.label}: the unit {named} is not known and was taken for the usual")
        )
    if row.unit is None or row.unit is NO_UNIT:
        if what.other is not None:
            return RowRefused(f"{what.remark}, and no unit decides: its values are not used")
        return candidates[0], tuple(remarks)
    for each in candidates:
        if SIGNALS[each.signal].unit == row.unit.name:
            return each, tuple(remarks)
    return RowRefused(f"{what.label}: the unit {named} contradicts it")


def _is_scaled(limits: str, value: float, low: float, high: float) -> bool:
    """Whether a value too high to be true is one of hundredths, as the alarm limits beside it are."""
    found = _LIMITS.match(limits)
    if found is None or value != int(value):
        return False
    scaled = (int(found[1]) / _SCALE, int(found[2]) / _SCALE, value / _SCALE)
    return int(found[2]) > high and all(low <= each <= high for each in scaled)
