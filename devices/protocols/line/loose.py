"""Free forms of hobby boards, without age, validity or checksum: opt-in, and everything in them is unverified.

Forms seen: ``74|98`` (rate, saturation), ``SYS:120,DIA:80,PUL:75``, ``BP: 120/80, PR: 75``,
``STATUS:M1|SYS:120|DIA:80|MEAN:93|PR:75|SPO2:98`` (line protocol sheet, introduction).
"""

from __future__ import annotations

import re

_PAIR = re.compile(r"^\s*(\d{1,3}(?:\.\d{1,3})?)\s*\|\s*(\d{1,3}(?:\.\d{1,3})?)\s*$", re.ASCII)
_BP = re.compile(r"\bBP\s*[:=]\s*(\d{1,3})\s*/\s*(\d{1,3})\b", re.IGNORECASE | re.ASCII)
_NAMED = re.compile(r"\b([A-Z]+\d?)\s*[:=]\s*(\d{1,3}(?:\.\d{1,3})?)(?![\d/])", re.IGNORECASE | re.ASCII)
_SIGNALS = {
    "sys": "sys",
    "dia": "dia",
    "mean": "map",
    "map": "map",
    "pul": "pr",
    "pr": "pr",
    "pulse": "pr",
    "bpm": "pr",
    "hr": "hr",
    "spo2": "spo2",
}

CUFF_PULSE = "pulse"


def read(text: str) -> dict[str, float]:
    """Field name (as in the line protocol) -> value of a line in a free form; empty if it is none.

    A pulse beside a pressure and without a saturation is the cuff's: it is called CUFF_PULSE.
    """
    pair = _PAIR.match(text)
    if pair:
        return {"pr": float(pair.group(1)), "spo2": float(pair.group(2))}
    found: dict[str, float] = {}
    pressure = _BP.search(text)
    if pressure:
        found["sys"], found["dia"] = float(pressure.group(1)), float(pressure.group(2))
    for name, value in _NAMED.findall(text):
        field = _SIGNALS.get(name.lower())
        if field is not None:
            found.setdefault(field, float(value))
    if "pr" in found and "spo2" not in found and ("sys" in found or "dia" in found):
        found[CUFF_PULSE] = found.pop("pr")
    return found
