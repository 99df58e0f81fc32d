"""Random sessions that provoke ties: values at, just below and just above every limit, gaps at the limit and one
past it, equal times, shuffled rows, statuses of every kind, several rate sources."""

from __future__ import annotations

import random
from dataclasses import dataclass

from rise_sessions import T0

from dashboard.rises.threshold_files import PRESETS, preset
from dashboard.rises.thresholds import ThresholdSet, threshold_set
from devices.instant import MINUTE, SECOND
from devices.reading import Reading, Status


@dataclass
class Made:
    readings: list[Reading]
    thresholds: ThresholdSet
    infusion_end: int | None
    session_end: int | None


def any_set(rng: random.Random) -> ThresholdSet:
    """A preset, or a set with random levels."""
    if rng.random() < 0.5:
        return preset(rng.choice(PRESETS))
    levels = []
    spans = {"SBP": (130, 185), "DBP": (85, 115), "HR": (90, 135)}
    for signal, (low, high) in spans.items():
        for level in (1, 2, 3):
            if rng.random() < 0.25:
                continue
            entry: dict[str, object] = {"signal": signal, "level": level, "n_on": rng.choice([1, 1, 2, 3])}
            entry |= {"absolute": rng.randint(low, high)} if rng.random() < 0.6 else {}
            entry |= {"rise": rng.choice([15, 20, 30])} if rng.random() < 0.6 or len(entry) == 3 else {}
            entry |= {"rise_percent": rng.choice([10, 15, 25])} if rng.random() < 0.3 else {}
            levels.append(entry)
    return threshold_set(
        {
            "name": "made",
            "cycle_min": 5,
            "max_gap_min": rng.choice([10, 12, 12.5]),
            "x_off_min": rng.choice([0, 10, 30]),
            "combine": rng.choice(["any", "all"]),
            "hysteresis": {"SBP": rng.choice([5, 10]), "DBP": 5, "HR": rng.choice([5, 10])},
            "n_off": {"SBP": rng.choice([1, 2, 3]), "DBP": rng.choice([1, 2]), "HR": rng.choice([1, 3, 12])},
            "level": levels or [{"signal": "SBP", "level": 1, "n_on": 1, "rise": 20}],
        }
    )


def made(seed: int, *, conflicts: bool = True, minutes: float | None = None) -> Made:
    """The session of a seed; without `conflicts` no two different readings share signal and time.

    Args:
        minutes: readings later than so long after the start of the drug are left out.
    """
    rng = random.Random(seed)
    thresholds = any_set(rng)
    base = {"SBP": rng.choice([110, 120, 120.5, 145, 158, 170]), "DBP": rng.choice([70, 76, 84, 99]), "HR": 70.0}
    base["HR"] = rng.choice([60, 70, 85, 99, 112])
    readings = _cuffs(rng, thresholds, base, conflicts) + _rates(rng, thresholds, base, conflicts)
    if minutes is not None:
        readings = [each for each in readings if each.time <= T0 + minutes * MINUTE]
    last = max((each.time for each in readings), default=T0)
    rng.shuffle(readings)
    infusion_end = rng.choice([None, T0 + 5 * MINUTE, T0 + 20 * MINUTE, T0 + 40 * MINUTE])
    session_end = rng.choice([None, None, last - rng.randint(0, 600) * SECOND, last + 7 * MINUTE])
    if session_end is not None and session_end < T0:
        session_end = None
    if rng.random() < 0.15 and infusion_end is not None:  # the session ends exactly at the deadline of early rises
        session_end = infusion_end + round(thresholds.x_off_min * MINUTE)
    return Made(readings, thresholds, infusion_end, session_end)


def _ticklish(rng: random.Random, thresholds: ThresholdSet, signal: str, base: float) -> float:
    """A value that some comparison could get wrong."""
    marks = [base, base + thresholds.hysteresis_of(signal)]
    for level in thresholds.levels_of(signal):
        for limit in (
            level.absolute,
            None if level.rise is None else base + level.rise,
            None if level.rise_percent is None else base * (1 + level.rise_percent / 100),
        ):
            if limit is not None:
                marks += [limit, limit, limit - thresholds.hysteresis_of(signal)]
    return rng.choice(marks) + rng.choice([0, 0, 0, 1, -1, 0.5, 4, -4, 4e-10, -4e-10, 4e-9])


def _cuffs(rng: random.Random, thresholds: ThresholdSet, base: dict[str, float], conflicts: bool) -> list[Reading]:
    gap = round(thresholds.max_gap_min * MINUTE)
    time = T0 - rng.choice([35, 30, 30, 15, 5, 0]) * MINUTE
    found: list[Reading] = []
    before = rng.choice([0, 1, 2, 5])
    state = "calm"
    number = 0
    while time <= T0 + 75 * MINUTE:
        resting = time <= T0
        if resting and before == 0:
            time = T0 + rng.randint(1, 5 * 60) * SECOND
            continue
        before -= resting
        state = state if rng.random() < 0.7 else rng.choice(["calm", "ticklish", "high"])
        sbp, dbp = base["SBP"], base["DBP"]
        if not resting:
            if state == "high":
                sbp, dbp = sbp + rng.choice([25, 45, 60]), dbp + rng.choice([12, 20, 30])
            elif state == "ticklish":
                sbp = _ticklish(rng, thresholds, "SBP", sbp)
                dbp = _ticklish(rng, thresholds, "DBP", dbp)
        mean = rng.choice([None, None, (sbp + 2 * dbp) / 3, dbp, sbp, 0 if rng.random() < 0.1 else None])
        status = rng.choice([Status.OK] * 12 + [Status.UNVERIFIED, Status.RANGE, Status.QUESTIONABLE, Status.DEMO])
        odd = rng.random()
        values: list[float | None] = [sbp, dbp, mean]
        if odd < 0.04:
            values = [sbp, None, mean]
        elif odd < 0.08:
            values = [sbp, sbp - rng.choice([9, 10, 14, 15, 29, 30, 49, 50]), None]
        elif odd < 0.10:
            values = rng.choice([[39, 25, None], [40, 25, None], [270, 200, None], [271, 150, None], [110, 19, None]])
        found += _measurement(time, number, values, status)
        number += 1
        twin = rng.random()
        if twin < 0.06:
            found += _measurement(time, number, values, status)
            number += 1
        elif twin < 0.12 and conflicts:
            found += _measurement(time, number, [sbp + 3, dbp, None] if twin < 0.1 else [sbp, None, None], status)
            number += 1
        time += rng.choice([5 * MINUTE] * 6 + [2 * MINUTE, gap, gap, gap + 1000, gap + MINUTE, 90 * SECOND])
        if rng.random() < 0.1 and time < T0:
            time = T0
    return found


def _measurement(time: int, number: int, values: list[float | None], status: Status) -> list[Reading]:
    names = ("NIBP_SYS", "NIBP_DIA", "NIBP_MEAN")
    return [
        Reading(time, number, name, value, "mmHg", status, f"csv:{name}")
        for name, value in zip(names, values, strict=True)
        if value is not None
    ]


def _rates(rng: random.Random, thresholds: ThresholdSet, base: dict[str, float], conflicts: bool) -> list[Reading]:
    step = rng.choice([1, 2, 5, 15, 60])
    time = T0 - rng.choice([400, 300, 60, 59, 55, 20, 0]) * SECOND
    found: list[Reading] = []
    value, hold, number = base["HR"], 0, 0
    while time <= T0 + rng.choice([40, 45]) * MINUTE:
        if hold <= 0:
            hold = rng.choice([3, 6, 10, 15, 30, 60, 75, 120])
            value = base["HR"] if time < T0 or rng.random() < 0.3 else _ticklish(rng, thresholds, "HR", base["HR"])
            if rng.random() < 0.2:  # a hole of whole epochs, often just bridged or just not
                time += rng.choice([5, 10, 14, 15, 16, 20]) * SECOND
        hold -= step
        signal, source = rng.choice([("HR", "ge:ecg.hr")] * 8 + [("PR", "ge:art.pr"), ("PR", "ge:spo2.pr"),
                                                                ("PR", "ge:nibp.pr")])  # fmt: skip
        told = value if signal == "HR" else value + rng.choice([0, -8, 8])
        status = rng.choice([Status.OK] * 30 + [Status.RANGE, Status.QUESTIONABLE])
        sample: float | None = rng.choice([told] * 40 + [19, 20, 250, 251])
        if rng.random() < 0.02:
            sample, status = None, Status.OFF
        found.append(Reading(time, number, signal, sample, "/min", status, source))
        number += 1
        twin = rng.random()
        if twin < 0.02:
            found.append(Reading(time, number, signal, sample, "/min", status, source))
            number += 1
        elif twin < 0.04 and conflicts:
            found.append(Reading(time, number, signal, told + 7, "/min", Status.OK, source))
            number += 1
        time += step * SECOND + rng.choice([0, 0, 0, 250_000])
    return found
