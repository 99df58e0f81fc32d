"""The rises of a session by the text of docs/rises.md and the set `adult-iv`, worked out a second time.

Nothing of the program is used: plain lists, one pass over the whole session for each limit. Times: microseconds.
"""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import Any

from recordings import Row

SECOND = 1_000_000
MINUTE = 60 * SECOND
EPOCH = 5 * SECOND
MAX_GAP = 12 * MINUTE
X_OFF = 90 * MINUTE
LIMITS = {
    "SBP": ((1, 2, None, 20), (2, 2, 165, 40), (3, 1, 180, None)),
    "DBP": ((1, 2, None, 15), (2, 2, 100, 25), (3, 1, 110, None)),
    "HR": ((1, 12, None, 20), (2, 6, 110, 30), (3, 3, 130, None)),
}
"""Signal -> (level, readings needed, absolute limit, rise over baseline)."""

HYSTERESIS = {"SBP": 10, "DBP": 5, "HR": 10}
NEEDED_OFF = {"SBP": 2, "DBP": 2, "HR": 12}


def cuffs(rows: list[Row]) -> list[tuple[int, float, float]]:
    """The valid measurements by time; of two for one time the last counts, before it is looked whether it is valid."""
    held: dict[int, dict[str, float | None]] = defaultdict(dict)
    for time, signal, value in rows:
        if signal.startswith("NIBP"):
            held[time][signal] = value
    found = []
    for time, values in sorted(held.items()):
        systolic, diastolic, mean = (values.get(f"NIBP_{part}") for part in ("SYS", "DIA", "MEAN"))
        if systolic is None or diastolic is None or not (40 <= systolic <= 270 and 20 <= diastolic <= 200):
            continue
        least = 10 if systolic < 100 else 15 if systolic <= 150 else 30 if systolic <= 200 else 50
        if systolic - diastolic < least or (mean is not None and not diastolic < mean < systolic):
            continue
        found.append((time, systolic, diastolic))
    return found


def epochs(rows: list[Row], t0: int) -> dict[int, float]:
    """Number of the epoch -> median: of the ECG's rates, of the pulse's where there are none."""
    held: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for time, signal, value in rows:
        if signal in ("HR", "PR") and value is not None and 20 <= value <= 250:
            held[(time - t0) // EPOCH][signal].append(value)
    return {number: median(values.get("HR") or values["PR"]) for number, values in held.items()}


def judged(rows: list[Row], t0: int, stop: int | None, end: int | None) -> dict[str, Any]:
    """Baselines and rises as `flag --json` gives them, times still microseconds."""
    end = max(time for time, _, _ in rows) if end is None else end
    stop = end if stop is None else stop
    rows = [row for row in rows if row[0] <= end]
    measured, beats = cuffs(rows), epochs(rows, t0)
    before = [each for each in measured if t0 - 30 * MINUTE <= each[0] <= t0][-3:]
    resting = [beats[number] for number in range(-60, 0) if number in beats]
    status = {0: "none", 1: "provisional"}.get(len(before), "ok")
    baseline: dict[str, dict[str, Any]] = {
        signal: {
            "value": median(each[place] for each in before) if before else None,
            "n": len(before),
            "status": status,
        }
        for place, signal in ((1, "SBP"), (2, "DBP"))
    }
    enough = len(resting) >= 12
    baseline["HR"] = {
        "value": median(resting) if enough else None, "n": len(resting), "status": "ok" if enough else "none"
    }  # fmt: skip
    last = (end - t0) // EPOCH
    series = {
        "SBP": [(time, time, value, 0) for time, value, _ in measured if time > t0],
        "DBP": [(time, time, value, 0) for time, _, value in measured if time > t0],
        "HR": [
            (t0 + number * EPOCH, t0 + (number + 1) * EPOCH, beats[number], number)
            for number in sorted(beats)
            if 0 <= number < last
        ],
    }
    rises = []
    for signal, levels in LIMITS.items():
        base = baseline[signal]["value"]
        for level, needed, absolute, more in levels:
            limits = [each for each in (absolute, None if base is None or more is None else base + more) if each]
            if limits:
                rises += _found(series[signal], signal, level, needed, min(limits), base, stop, end)
    order = {"SBP": 0, "DBP": 1, "HR": 2}
    rises.sort(key=lambda rise: (rise["confirmed"], -rise["level"], order[rise["signal"]]))
    return {"baseline": baseline, "rises": rises}


def _found(
    series: list[tuple[int, int, float, int]], signal: str, level: int, needed: int, limit: float, base: float | None,
    stop: int, end: int,
) -> list[dict[str, Any]]:  # fmt: skip
    present = base is not None and base >= limit
    clear: float = limit - HYSTERESIS[signal]
    if base is not None and clear < base < limit:
        clear = base
    found: list[dict[str, Any]] = []
    rise: dict[str, Any] | None = None
    run: list[tuple[int, int, float]] = []  # towards a rise while there is none, towards its return while there is one
    before: tuple[int, int] | None = None
    for time, known, value, number in series:
        if before is not None:
            far = number - before[1] > 3 if signal == "HR" else time - before[0] > MAX_GAP
            run = [] if far else run
        before = time, number
        if rise is None:
            run = [*run, (time, known, value)] if value >= limit else []
            if len(run) == needed:
                peak = max(run, key=lambda each: each[2])  # the first of equal ones
                rise = {
                    "signal": signal, "level": level, "threshold": limit, "clear": clear, "baseline": base,
                    "onset": run[0][0], "confirmed": known, "peak": peak[2], "peak_time": peak[0], "return": None,
                    "declared": None, "present_at_baseline": present,
                }  # fmt: skip
                found.append(rise)
                run = []
            continue
        run = [*run, (time, known, value)] if value <= clear else []
        if value > rise["peak"]:
            rise["peak"], rise["peak_time"] = value, time
        if len(run) == NEEDED_OFF[signal]:
            rise["return"], rise["declared"] = run[0][0], known
            rise, run = None, []
    for each in found:
        deadline = max(each["onset"], stop) + X_OFF
        if each["return"] is not None:
            each["outcome"] = "transient" if each["return"] <= deadline else "sustained_returned"
        else:
            each["outcome"] = "sustained_unresolved" if end > deadline else "unresolved"
    return found
