"""Free forms of hobby boards, without age, validity or checksum: opt-in, and everything in them is unverified.

Forms seen: ``74|98`` (rate, saturation), ``SYS:120,DIA:80,PUL:75``, ``BP: 120/80, PR: 75``,
``STATUS:M1|SYS:120|DIA:80|MEAN:93|PR:75|SPO2:98`` (line protocol sheet, introduction).
"""

from __future__ import annotations

import re

_PAIR = re.compile(r"^\s*(\d{1,3})\s*\|\s*(\d{1,3})\s*$")
_BP = re.compile(r"\bBP\s*[:=]\s*(\d{1,3})\s*/\s*(\d{1,3})\b", re.IGNORECASE)
_NAMED = re.compile(r"\b([A-Z]+\d?)\s*[:=]\s*(\d{1,3}(?:\.\d+)?)\b", re.IGNORECASE)
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


def read(text: str) -> dict[str, float]:
    """Field name (as in the line protocol) -> value of a line in a free form; empty if it is none."""
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
    return found
