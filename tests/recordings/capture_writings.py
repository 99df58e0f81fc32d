"""Random tables as loggers at the bedside write them, whole and odd."""

from __future__ import annotations

import random
from collections.abc import Sequence

QUEENSLAND = (
    "HR ST-II Pulse SpO2 Perf etCO2 imCO2 awRR NBP(Sys) NBP(Dia) NBP(Mean) NBP(Pulse) NBP(Time ART(Sys) ART(Dia)"
    " ART(Mean) ECG Pleth ART Resp event Temp(degF)"
).split()
_ALARMS = ["", "", ",", ",,,", ",HR high, 120", ",,SpO2 low, 88, 90,", ",*** HR 140 > 120", ', "x"', ",  ,", ",\u00e4, 7"]


def _number(rng: random.Random, low: float, high: float, decimals: int = 0) -> str:
    value = f"{rng.uniform(low, high):.{decimals}f}"
    return rng.choice([value] * 20 + ["", "0"])


def queensland(rng: random.Random) -> list[bytes]:
    """The numbered parts of one case of the University of Queensland."""
    names = [name for name in QUEENSLAND if rng.random() < 0.6] or ["HR"]
    written = [name.replace("(", " (") + (" Remaining)" if name.endswith("Time") else "") for name in names]
    header = ",".join(["Time", "RelativeTimeMilliseconds", "Clock", *written])
    step = rng.choice([10, 10, 20, 250, 1000, 1000, 5000, 60_000])
    often = rng.choice([1, 1, 1, 3, 100])
    odd = rng.choice([[], [], ["-"], ["0"], ["127", "255"], ["ERR", "-1"], ["12/8", "120/80"], ["-5"]])
    moves = rng.choice([1, 5, 50])
    now, cuff, parts = rng.choice([0, 0, 777]), ["", "", "", ""], []
    held = {name: "0" if rng.random() < 0.1 else "" for name in names}
    end = rng.choice(["\n", "\n", "\r\n"])
    alarms = rng.choice([[""], _ALARMS[:7], _ALARMS[:7], _ALARMS])
    seldom = rng.choice([0, 0, 0.003])
    for number in range(rng.choice([1, 1, 2, 3])):
        rows = [rng.choice([header + ",", header + ",HR2", "", "x"]) if number and rng.random() < 0.1 else header]
        if rng.random() < 0.1:
            rows.append(",".join(["", "ms", "", *("bpm" if name in ("HR", "Pulse") else "" for name in names)]))
        for row in range(rng.choice([1, 2, 30, 200])):
            if row % 20 == 5:
                cuff = [_number(rng, 100, 140), _number(rng, 50, 80), _number(rng, 70, 100), _number(rng, 55, 99)]
            cells = []
            for name in names:
                cells.append(_queensland_cell(rng, name, cuff, row % often == 0, row // moves, held[name]))
            if odd and rng.random() < 0.1:
                cells[rng.randrange(len(cells))] = rng.choice(odd)
            first = f"{now // 3_600_000:02d}:{now // 60_000 % 60:02d}:{now // 1000 % 60:02d}"
            first = "x" if rng.random() < seldom else first
            rows.append(",".join([first, str(now), "23:59:59", *cells]) + rng.choice(alarms))
            now += step * (rng.choice([0, 2, -1, 40]) if rng.random() < seldom else 1)
        parts.append(_bytes(rng, rows, end))
    return parts


def _queensland_cell(
    rng: random.Random, name: str, cuff: Sequence[str], is_full: bool, moved: int, always: str
) -> str:
    if name.startswith("NBP"):
        place = ["NBP(Sys)", "NBP(Dia)", "NBP(Mean)", "NBP(Pulse)"]
        return cuff[place.index(name)] if name in place and is_full else ""
    if name in ("ECG", "Pleth"):
        return _number(rng, -1, 1, 3)
    if name == "event":
        return rng.choice([""] * 30 + ["bolus"])
    if always or not is_full:
        return always
    if name in ("Pulse", "Resp"):
        return str(60 + moved % 30)
    if name.startswith("Temp"):
        return _number(rng, 97, 99, 1)
    return _number(rng, 20 if name == "awRR" else 85, 30 if name == "awRR" else 99)


def _bytes(rng: random.Random, rows: Sequence[str], end: str) -> bytes:
    text = end.join(rows) + rng.choice([end] * 12 + [""])
    return text.encode(rng.choice(["utf-8", "utf-8-sig", "utf-8-sig", "utf-16", "cp1252"]))
