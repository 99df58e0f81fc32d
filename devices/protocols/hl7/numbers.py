"""What stands in OBX-5: a number, no value, or something else (HL7 sheet, sections 4 and 6)."""

from __future__ import annotations

import re
from enum import Enum

from devices.protocols.hl7.syntax import Delimiters

_NUMBER = re.compile(r"[+-]?(?:\d{1,12}(?:[.,]\d{0,12})?|[.,]\d{1,12})$", re.ASCII)
_PLAIN = re.compile(r"\d{1,3}(?:\.\d{1,6})?\Z", re.ASCII)
_NOT_MEASURED = frozenset((-1.0, -100.0, -1000.0, -10000.0, -999.0, -99.9, 8388607.0, 8388608.0, 32767.0, -32768.0,
                           65535.0))  # fmt: skip
_NO_VALUE = frozenset(('""', "nan", "null", "none", "n/a"))
_MARKS = re.compile(r"[-*?_ .]+$")


class Missing(Enum):
    """Why there is no number."""

    NONE = "no value"
    TEXT = "not a number"
    SEVERAL = "several values"


Number = float | Missing


def number(delimiters: Delimiters, written: str) -> Number:
    """The number written in an OBX-5; one of the devices' codes for "none" is Missing.NONE.

    Leading and trailing blanks and a decimal comma are taken; a comparison (``>99``), a unit or any text is not. Equal
    repetitions count once; of a structured number (``=^98``) the value is taken.
    """
    if _PLAIN.match(written):
        return float(written)  # nearly all are such, and none of the devices' codes is
    parts = {part.strip() for part in written.split(delimiters.repetition or "\0")} - {""}
    if len(parts) > 1:
        return Missing.SEVERAL
    text = parts.pop() if parts else ""
    comparator, found, value = text.partition(delimiters.component or "\0")
    if found and comparator.strip() in ("", "="):
        text = value.strip()
    text = delimiters.text(text).strip()
    if not text or text.lower() in _NO_VALUE or _MARKS.match(text):
        return Missing.NONE
    if not _NUMBER.match(text):
        return Missing.TEXT
    value_of = float(text.replace(",", "."))
    return Missing.NONE if value_of in _NOT_MEASURED else value_of
