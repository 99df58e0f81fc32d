"""A third program for `flag --json`, from the bytes up: it reads the CSV and the preset's TOML itself and follows the
pseudo-code of the clinical definition (3.14) step by step. It imports nothing of the product.

Times are whole microseconds; what comes out has the names of `flag --json`, times still as microseconds.
"""

import csv
import io
import tomllib
from datetime import UTC, datetime, timedelta
from itertools import pairwise

US = 1_000_000
MIN = 60 * US
EPS = 1e-9
H = {"SBP": 10, "DBP": 5, "HR": 10}
N_OFF = {"SBP": 2, "DBP": 2, "HR": 12}
LOW = [
    ("SBP", "medium", 90, 1, 5, 1), ("SBP", "high", 80, 1, 5, 1), ("HR", "medium", 50, 6, 5, 6),
    ("HR", "high", 40, 6, 5, 6), ("SPO2", "medium", 90, 3, 2, 3), ("SPO2", "high", 85, 3, 2, 3),
]  # fmt: skip


def us(text):
    return round((datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def med(values):
    values = sorted(values)
    n = len(values)
    return values[n // 2] if n % 2 else (values[n // 2 - 1] + values[n // 2]) / 2


def number(cell):
    return float(cell) if cell.strip() else None


def read(text):
    """Cuff tuples and samples of each signal by time; of two at one time the last row counts."""
    cuffs, samples = {}, {"HR": {}, "PR": {}, "SPO2": {}}
    for row in csv.DictReader(io.StringIO(text)):
        at = us(row["time"])
        cells = tuple(number(row[name]) for name in ("NIBP_SYS", "NIBP_DIA", "NIBP_MEAN"))
        if any(each is not None for each in cells):
            cuffs[at] = cells
        for name, kept in samples.items():
            if (value := number(row[name])) is not None:
                kept[at] = value
    return cuffs, samples


def valid(sbp, dbp, mean):
    if sbp is None or dbp is None:
        return False
    if sbp < 40 - EPS or sbp > 270 + EPS or dbp < 20 - EPS or dbp > 200 + EPS:
        return False
    if sbp < 100 - EPS:
        least = 10
    elif sbp <= 150 + EPS:
        least = 15
    else:
        least = 30 if sbp <= 200 + EPS else 50
    if sbp - dbp < least - EPS:
        return False
    return mean is None or dbp + EPS < mean < sbp - EPS


def epochs(samples, low, high, t0):
    found = {}
    for at, value in samples.items():
        if low - EPS <= value <= high + EPS:
            found.setdefault((at - t0) // (5 * US), []).append(value)
    return {k: med(values) for k, values in found.items()}


def machine(items, exceeds, clears, n_on, n_off, broken):
    """3.14. Items: (time, known at, value or None); `broken(last, now)` is the cuff's gap."""
    events, state, on, off, missing, last = [], "IDLE", [], [], 0, None
    for time, known, value in items:
        if value is None:
            missing += 1
            if missing > 2:
                on, off = [], []
            continue
        missing = 0
        if last is not None and broken(last, time):
            on, off = [], []
        last = time
        if state == "IDLE":
            on = [*on, (time, value)] if exceeds(value) else []
            if len(on) == n_on:
                events.append({"onset": on[0][0], "confirmed": known, "values": on, "return": None, "declared": None})
                state, on, off = "OPEN", [], []
        else:
            events[-1]["values"] = [*events[-1]["values"], (time, value)]
            off = [*off, time] if clears(value) else []
            if len(off) == n_off:
                events[-1]["return"], events[-1]["declared"] = off[0], known
                state, on, off = "IDLE", [], []
    return events


def peak(event, best):
    inside = [(t, v) for t, v in event["values"] if event["return"] is None or t < event["return"]]
    top = best(v for _, v in inside)
    return next((t, v) for t, v in inside if abs(v - top) <= EPS)


def flag(text, preset, t0, stop, end):
    rules = tomllib.loads(preset)
    cuffs, samples = read(text)
    tuples = {at: cells[:2] for at, cells in sorted(cuffs.items()) if at <= end and valid(*cells)}
    ecg, pulse = (epochs({a: v for a, v in samples[name].items() if a <= end}, 20, 250, t0) for name in ("HR", "PR"))
    beats = {**pulse, **ecg}
    oxygen = epochs({a: v for a, v in samples["SPO2"].items() if a <= end}, 30, 100, t0)
    gap = rules["max_gap_min"] * MIN
    steps = rules.get("due_min") or [0, rules["cycle_min"]]
    longest = max(b - a for a, b in pairwise(steps)) * MIN

    baseline = {}
    window = [tuples[at] for at in tuples if t0 - 30 * MIN <= at <= t0][-3:]
    for place, signal in enumerate(("SBP", "DBP")):
        values = [each[place] for each in window]
        status = ["none", "provisional", "ok", "ok"][len(values)]
        baseline[signal] = {"value": med(values) if values else None, "n": len(values), "status": status}
    rest = [beats[k] for k in range(-60, 0) if k in beats]
    enough = len(rest) >= 12
    baseline["HR"] = {"value": med(rest) if enough else None, "n": len(rest), "status": "ok" if enough else "none"}

    def series(signal, whole=False):
        if signal in ("SBP", "DBP"):
            place = 0 if signal == "SBP" else 1
            return [(at, at, each[place]) for at, each in tuples.items() if whole or t0 < at]
        known = oxygen if signal == "SPO2" else beats
        last = (end - t0) // (5 * US)  # epochs that end at or before the session's end
        first = min([0, *known]) if whole else 0
        return [(t0 + 5 * US * k, t0 + 5 * US * (k + 1), known.get(k)) for k in range(first, last)]

    def is_broken(signal):
        return (lambda a, b: b - a > gap) if signal in ("SBP", "DBP") else (lambda a, b: False)

    rises, notes = [], []
    for level in rules["level"]:
        signal, base = level["signal"], baseline[level["signal"]]["value"]
        marks = [level["absolute"]] if "absolute" in level else []
        if base is not None:
            marks += [base + level["rise"]] if "rise" in level else []
            marks += [base * (1 + level["rise_percent"] / 100)] if "rise_percent" in level else []
        if not marks:
            continue
        top = (max if rules.get("combine") == "all" else min)(marks)
        clear = top - rules.get("hysteresis", {}).get(signal, H[signal])
        present = base is not None and base >= top - EPS
        if base is not None and clear + EPS < base < top - EPS:
            clear = base
        n_off = rules.get("n_off", {}).get(signal, N_OFF[signal])
        found = machine(
            series(signal), lambda x, t=top: x >= t - EPS, lambda x, c=clear: x <= c + EPS, level["n_on"], n_off,
            is_broken(signal),
        )  # fmt: skip
        for event in found:
            at, value = peak(event, max)
            due = max(event["onset"], stop) + rules["x_off_min"] * MIN
            if event["return"] is None:
                outcome = "sustained_unresolved" if end > due else "unresolved"
            else:
                outcome = "transient" if event["return"] <= due else "sustained_returned"
            rise = {
                "signal": signal, "level": level["level"], "threshold": top, "clear": clear, "baseline": base,
                "onset": event["onset"], "confirmed": event["confirmed"], "peak": value, "peak_time": at,
                "return": event["return"], "declared": event["declared"], "outcome": outcome,
                "present_at_baseline": present,
            }  # fmt: skip
            rises.append((rise, annotated(rise, series(signal, whole=True), gap, end)))
    order = ["SBP", "DBP", "HR"]
    rises.sort(key=lambda each: (each[0]["confirmed"], -each[0]["level"], order.index(each[0]["signal"])))
    notes = [note for _, note in rises]

    lows = []
    for signal, priority, limit, n_on, hysteresis, n_off in LOW:
        found = machine(
            series(signal, whole=True), lambda x, t=limit: x <= t + EPS,
            lambda x, c=limit + hysteresis: x >= c - EPS, n_on, n_off, is_broken(signal),
        )  # fmt: skip
        for event in found:
            at, value = peak(event, min)
            lows.append(
                {"signal": signal, "priority": priority, "limit": limit, "clear": limit + hysteresis,
                 "since": event["onset"], "confirmed": event["confirmed"], "lowest": value, "time": at,
                 "until": event["return"]}
            )  # fmt: skip
    return {
        "baseline": baseline,
        "rises": [rise for rise, _ in rises],
        "annotations": notes,
        "low_limits": lows,
        "suspects": suspects(tuples, ecg, pulse, t0),
        "overdue": overdue(cuffs, t0, end, longest),
    }


def annotated(rise, items, gap, end):
    """Above the threshold from onset to return: an epoch lasts 5 s, a cuff until the next valid one or `gap`."""
    above = area = 0.0
    there = [item for item in items if item[2] is not None]
    for place, (at, known, value) in enumerate(there):
        if (
            not rise["onset"] <= at
            or (rise["return"] is not None and at >= rise["return"])
            or value < rise["threshold"] - EPS
        ):
            continue
        if rise["signal"] == "HR":
            lasts = known - at
        else:
            after = there[place + 1][0] if place + 1 < len(there) else end
            lasts = max(0, min(after - at, gap))
        above += lasts / MIN
        area += max(0.0, value - rise["threshold"]) * lasts / MIN
    over = None if rise["baseline"] is None else rise["peak"] - rise["baseline"]
    return {"over_baseline": over, "time_above_min": above, "area_above": area,
            "onset_to_peak_min": (rise["peak_time"] - rise["onset"]) / MIN}  # fmt: skip


def suspects(tuples, ecg, pulse, t0):
    """3.6: jump and isolated by systolic pressure; the two rates in spans of 5 s, up to two of them bridged."""
    found = []
    rows = [(at, cells[0]) for at, cells in tuples.items()]
    for (_, a), (at, b) in pairwise(rows):
        if abs(b - a) >= 40 - EPS:
            found.append((at, "suspect-jump"))
    for (_, a), (at, b), (then, c) in zip(rows, rows[1:], rows[2:], strict=False):
        if abs(b - a) >= 40 - EPS and then - at <= 10 * MIN and abs(c - a) <= 15 + EPS:
            found.append((at, "suspect-isolated"))
    both = sorted(set(ecg) & set(pulse))
    for kind, holds, longer in (
        ("suspect-double-counting", lambda e, p: abs(e - 2 * p) <= 0.1 * 2 * p + EPS, 0),
        ("suspect-rates-apart", lambda e, p: abs(e - p) > 20 + EPS, 30),
    ):
        begun = last = None
        told = False
        for k in both:
            if last is not None and k - last - 1 > 2:
                begun = None
            if not holds(ecg[k], pulse[k]):
                begun = last = None
                continue
            if begun is None:
                begun, told = k, False
            last = k
            if not told and 5 * (k + 1 - begun) > longer:
                found.append((t0 + 5 * US * begun, kind))
                told = True
    return sorted(found)


def overdue(cuffs, t0, end, cycle):
    """3.7: no result of the cuff for its cycle and two minutes more."""
    times = sorted(at for at, cells in cuffs.items() if cells[:2] != (None, None) and at <= end)
    last = max([at for at in times if at <= t0], default=t0)
    found = []
    for at in [*(at for at in times if at > t0), end]:
        since = max(t0, last + cycle + 2 * MIN)
        if since < at:
            found.append((since, at))
        last = at
    return found
