"""A second program for the same definition, written from its text and otherwise: no state machine, no streaming.

Every signal becomes a string of symbols, ``q`` (at or above T), ``c`` (at or below C), ``m`` (between), ``|`` (run
break), and rises are found in it by regular expressions. It shares no code with the detector, only the threshold
set's values. Input: Readings in any order; output: the rises as `flag --json` names them, times in microseconds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from dashboard.rises.thresholds import ThresholdSet
from devices.reading import Reading

US = 1_000_000
USABLE = ("ok", "unverified", "range")
TINY = 1e-9


def middle(values: list[float]) -> float:
    ranked = sorted(values)
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2


def flagged(
    readings: list[Reading], rules: ThresholdSet, t0: int, infusion_end: int | None, session_end: int | None
) -> tuple[dict[str, tuple[float | None, int, str]], list[dict[str, Any]]]:
    end = session_end if session_end is not None else max((r.time for r in readings), default=t0)
    stop = infusion_end if infusion_end is not None else end
    readings = [r for r in readings if r.time <= end]
    tuples, beats = _tuples(readings), _epochs(readings, t0)
    before = [row for time, row in sorted(tuples.items()) if t0 - 1800 * US <= time <= t0][-3:]
    resting = [beats[k] for k in range(-60, 0) if k in beats]
    names = {0: "none", 1: "provisional"}
    baseline: dict[str, tuple[float | None, int, str]] = {}
    for place, signal in ((0, "SBP"), (1, "DBP")):
        values = [row[place] for row in before]
        baseline[signal] = (middle(values) if values else None, len(values), names.get(len(values), "ok"))
    enough = len(resting) >= 12
    baseline["HR"] = (middle(resting) if enough else None, len(resting), "ok" if enough else "none")

    found = []
    gap = rules.max_gap_min * 60 * US
    for level in rules.level:
        signal, base = level.signal, baseline[level.signal][0]
        limits = [level.absolute]
        if base is not None:
            limits.append(None if level.rise is None else base + level.rise)
            limits.append(None if level.rise_percent is None else base * (1 + level.rise_percent / 100))
        active = [limit for limit in limits if limit is not None]
        if not active:
            continue
        top = min(active) if rules.combine == "any" else max(active)
        bottom = top - rules.hysteresis.get(signal, {"SBP": 10, "DBP": 5, "HR": 10}[signal])
        present = base is not None and base > top - TINY
        if base is not None and not present and base > bottom + TINY:
            bottom = base
        series: list[tuple[int, int, float]] = []  # time, known at, value
        text = ""
        if signal == "HR":
            last_epoch = (end - t0) // (5 * US) - 1
            pattern = "".join(_symbol(beats.get(k), top, bottom) for k in range(last_epoch + 1))
            pattern = re.sub(r"\.{3,}", lambda hole: "|" + "." * (len(hole.group()) - 1), pattern)
            for k, symbol in enumerate(pattern):
                if symbol == "|":
                    text += "|"
                    series.append((0, 0, 0.0))
                elif symbol != ".":
                    text += symbol
                    series.append((t0 + 5 * US * k, t0 + 5 * US * (k + 1), beats[k]))
        else:
            previous = None
            for time in sorted(time for time in tuples if t0 < time <= end):
                value = tuples[time][0 if signal == "SBP" else 1]
                if previous is not None and time - previous > gap:
                    text += "|"
                    series.append((0, 0, 0.0))
                text += _symbol(value, top, bottom)
                series.append((time, time, value))
                previous = time
        n_off = rules.n_off.get(signal, 12 if signal == "HR" else 2)
        found += _search(text, series, level, n_off, (top, bottom, base, present))
    for rise in found:
        due = max(rise["onset"], stop) + round(rules.x_off_min * 60 * US)
        if rise["return"] is not None:
            rise["outcome"] = "transient" if rise["return"] <= due else "sustained_returned"
        else:
            rise["outcome"] = "sustained_unresolved" if end > due else "unresolved"
    signals = ["SBP", "DBP", "HR"]
    found.sort(key=lambda rise: (rise["confirmed"], -rise["level"], signals.index(rise["signal"])))
    return baseline, found


def _symbol(value: float | None, top: float, bottom: float) -> str:
    if value is None:
        return "."
    if value > top or abs(value - top) <= TINY:
        return "q"
    return "c" if value < bottom or abs(value - bottom) <= TINY else "m"


def _search(
    text: str, series: list[tuple[int, int, float]], level: Any, n_off: int, limit: tuple[Any, ...]
) -> list[dict[str, Any]]:
    rises = []
    on, off = re.compile("q" * level.n_on), re.compile("c" * n_off)
    position = 0
    while (begin := on.search(text, position)) is not None:
        back = off.search(text, begin.end())
        upto = back.start() if back else len(text)
        inside = [item for symbol, item in zip(text[begin.start() : upto], series[begin.start() : upto], strict=True)
                  if symbol != "|"]  # fmt: skip
        highest = max(value for _, _, value in inside)
        peak = next(item for item in inside if item[2] > highest - TINY)
        rises.append(
            {
                "signal": level.signal,
                "level": level.level,
                "threshold": limit[0],
                "clear": limit[1],
                "baseline": limit[2],
                "onset": series[begin.start()][0],
                "confirmed": series[begin.end() - 1][1],
                "peak": peak[2],
                "peak_time": peak[0],
                "return": series[back.start()][0] if back else None,
                "declared": series[back.end() - 1][1] if back else None,
                "present_at_baseline": limit[3],
            }
        )
        if not back:
            break
        position = back.end()
    return rises


def _tuples(readings: list[Reading]) -> dict[int, tuple[float, float]]:
    rows: dict[tuple[int, int], dict[str, Reading]] = defaultdict(dict)
    for r in readings:
        if r.signal.startswith("NIBP_"):
            rows[r.time, r.received][r.signal] = r
    newest = {time: row for (time, _), row in sorted(rows.items(), key=lambda entry: entry[0])}
    valid = {}
    for time, row in newest.items():
        sys, dia, mean = (row.get(f"NIBP_{part}") for part in ("SYS", "DIA", "MEAN"))
        if sys is None or dia is None or sys.value is None or dia.value is None:
            continue
        if any(r.value is not None and r.status.value not in USABLE for r in row.values()):
            continue
        s, d = sys.value, dia.value
        # Numbers within 1e-9 are equal: move each bound by that much to the side that keeps the reading.
        if s < 40 - TINY or s > 270 + TINY or d < 20 - TINY or d > 200 + TINY:
            continue
        needed = 10 if s < 100 - TINY else 15 if s <= 150 + TINY else 30 if s <= 200 + TINY else 50
        if s - d < needed - TINY:
            continue
        if mean is not None and mean.value is not None and not d + TINY < mean.value < s - TINY:
            continue
        valid[time] = (s, d)
    return valid


def _epochs(readings: list[Reading], t0: int) -> dict[int, float]:
    samples: dict[tuple[str, int], tuple[int, Reading]] = {}
    for order, r in enumerate(sorted(readings, key=lambda r: (r.time, r.received))):
        if r.signal == "HR":
            kind = "1"
        elif r.signal == "PR" and "nibp" not in r.source:
            kind = "2" if "art" in r.source else "3"
        else:
            continue
        samples[kind, r.time] = (order, r)
    grouped: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for (kind, time), (_, r) in samples.items():
        if r.value is not None and r.status.value in USABLE and 20 - TINY <= r.value <= 250 + TINY:
            grouped[(time - t0) // (5 * US)][kind].append(r.value)
    return {k: middle(kinds[min(kinds)]) for k, kinds in grouped.items()}
