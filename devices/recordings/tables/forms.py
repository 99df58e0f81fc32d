"""The form of a table's times where the name of their column says it: ``Date (dd/mm/yyyy)``, ``Time [hh:mm:ss]``."""

from __future__ import annotations

import re

from devices.recordings.options import DateOrder

_FORM = re.compile(
    r"\s*[(\[](?P<form>(?:[dmyhs]{1,4}[/.:-]){1,2}[dmyhs]{1,4}(?:[.:,]f+|[.:,]s+)?"
    r"(?:[ T](?:[dmyhs]{1,2}[.:]){1,2}[dmyhs]{1,2})?)[)\]]",
    re.ASCII | re.IGNORECASE,
)
_ORDERS = {"dmy": DateOrder.DMY, "mdy": DateOrder.MDY, "ymd": DateOrder.YMD}


def without_form(name: str) -> str:
    """A column's name without the form of its times, such as ``(dd/mm/yyyy)`` or ``[hh:mm:ss]``."""
    return _FORM.sub("", name)


def form_in(name: str) -> str:
    """The form of a clock of two numbers that a column's name says, ``hh:mm`` or ``mm:ss``; "" if it says none."""
    forms = [found["form"].lower().split(":") for found in _FORM.finditer(name)]
    return next(("mm:ss" if form[0][0] == "m" else "hh:mm" for form in reversed(forms) if len(form) == 2), "")


def order_in(name: str) -> DateOrder | None:
    """The order of dates that a column's name says, as ``(dd/mm/yyyy)``; None if it says none."""
    for found in _FORM.finditer(name):
        letters = "".join(dict.fromkeys(char for char in found["form"].lower().split()[0] if char in "dmy"))
        if letters in _ORDERS:
            return _ORDERS[letters]
    return None
