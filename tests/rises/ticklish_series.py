"""Random series made to tell two forms of the detector apart: noise at every T and C in force, to the last bit; holes
at the limit and one past it; equal times; values absent; runs cut by the session's end; baselines high, odd or absent.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from made_sessions import any_set, made
from rise_sessions import T0

from dashboard.rises import low
from dashboard.rises.arrays import Recording, recording
from dashboard.rises.prepare import prepare
from dashboard.rises.rules import before_start_rules, rise_rules
from dashboard.rises.threshold_files import PRESETS, preset
from dashboard.rises.thresholds import ThresholdSet
from dashboard.rises.timeline import Timeline
from devices.instant import MINUTE, SECOND
from devices.reading import Reading, Status

NOISE = (0, 0, 0, 0, 1, -1, 1, -1, 0.5, -0.5, 5, -5, 1e-9, -1e-9, 5e-10, -5e-10, 1.5e-9, -1.5e-9, 2e-9, -2e-9)


@dataclass(frozen=True)
class Series:
    readings: list[Reading]
    timeline: Timeline
    thresholds: ThresholdSet
    manual: dict[str, float]

    @property
    def last(self) -> int:
        return max((reading.time for reading in self.readings), default=T0)

    def recording(self) -> Recording:
        return recording(prepare(self.readings))


def ticklish(seed: int, short: bool = False, cuffs: int = 80) -> Series:
    """The series of a seed: a third are those that the oracle judges too; `short` ones have some 150 readings.

    Args:
        cuffs: how many cuff measurements there are, at least.
    """
    rng = random.Random(f"ticklish {seed}")
    manual = {"SBP": 121.5, "HR": 77.0} if rng.random() < 0.1 else {}
    if seed % 3 == 0 and not short and cuffs == 80:
        session = made(seed)
        timeline = Timeline(T0, session.infusion_end, None, session.session_end)
        return Series(session.readings, timeline, session.thresholds, manual)
    thresholds = preset(PRESETS[seed // 3 % 6]) if rng.random() < 0.6 else any_set(rng)
    base = {"SBP": rng.choice([112, 120, 120.5, 145, 158, 171]), "DBP": rng.choice([70, 76.5, 84, 99]),
            "HR": rng.choice([60, 70.5, 85, 99, 112]), "SPO2": 97}  # fmt: skip
    readings = _cuffs(rng, thresholds, base, 25 if short else cuffs)
    readings += _samples(rng, thresholds, base, "HR", 60 if short else 400)
    readings += _samples(rng, thresholds, base, "SPO2", 30 if short else 100)
    last = max(reading.time for reading in readings)
    rng.shuffle(readings)
    ends = [None, last, last - rng.randint(0, 400) * SECOND, T0 + rng.randint(0, 90) * SECOND, last + 4 * MINUTE]
    stop = rng.choice([None, T0, T0 + 2 * MINUTE, T0 + 30 * MINUTE])
    return Series(
        readings, Timeline(T0, stop, rng.choice([None, T0 + 5 * MINUTE]), rng.choice(ends)), thresholds, manual
    )


def _marks(thresholds: ThresholdSet, signal: str, base: float) -> list[float]:
    """The limits that any detector of `signal` compares with, if its baseline is `base`."""
    rules = low.rules(thresholds, signal)
    if signal != "SPO2":
        rules += [*rise_rules(thresholds, signal, base), *before_start_rules(thresholds, signal)]
    return [base, *(mark for rule in rules for mark in (rule.limit.threshold, rule.limit.clear))]


class _Walk:
    """Values that stay at one mark for a while, with noise, then leap to another."""

    def __init__(self, rng: random.Random, marks: list[float], resting: float) -> None:
        self._rng, self._marks, self._at, self._resting = rng, marks, resting, resting

    def next(self, is_resting: bool) -> float:
        rng = self._rng
        if is_resting and rng.random() < 0.5:
            return self._resting
        if rng.random() < 0.3:
            self._at = rng.choice(self._marks)
        return self._at + rng.choice(NOISE)


def _cuffs(rng: random.Random, thresholds: ThresholdSet, base: dict[str, float], count: int) -> list[Reading]:
    gap = round(thresholds.max_gap_min * MINUTE)
    time = T0 - rng.choice([0, 1, 10, 30, 31, 60, 90]) * MINUTE + rng.choice([0, 1])
    calm = rng.random() < 0.5
    sbp, dbp = (_Walk(rng, _marks(thresholds, name, base[name]), base[name]) for name in ("SBP", "DBP"))
    found: list[Reading] = []
    for number in range(count):
        high, low_ = sbp.next(calm and time <= T0), dbp.next(calm and time <= T0)
        mean = rng.choice([None, None, None, (high + 2 * low_) / 3, low_, high])
        status = rng.choice([Status.OK] * 15 + [Status.RANGE, Status.QUESTIONABLE])
        values: list[float | None] = [high, low_, mean]
        if rng.random() < 0.05:
            values[rng.randint(0, 1)] = None
        found += _measurement(time, 2 * number, values, status)
        if rng.random() < 0.08:  # the same once more, nearly the same, or another one
            twin = high + rng.choice([0, 0, 5e-10, 3, 40])
            found += _measurement(time, 2 * number + 1, [twin, low_, mean], status)
        time += rng.choice([SECOND, MINUTE, MINUTE, 5 * MINUTE, 5 * MINUTE, gap, gap, gap + 1, gap + MINUTE])
    return found


def _measurement(time: int, number: int, values: list[float | None], status: Status) -> list[Reading]:
    names = ("NIBP_SYS", "NIBP_DIA", "NIBP_MEAN")
    return [
        Reading(time, number, name, value, "mmHg", status, f"csv:{name}")
        for name, value in zip(names, values, strict=True)
        if value is not None
    ]


def _samples(
    rng: random.Random, thresholds: ThresholdSet, base: dict[str, float], signal: str, count: int
) -> list[Reading]:
    step = rng.choice([1, 2, 5, 5, 5, 10]) * SECOND
    time = T0 - rng.choice([0, 5, 59, 60, 61, 300, 301, 500]) * SECOND + rng.choice([0, 0, -1, 1])
    calm = rng.random() < 0.5
    walk = _Walk(rng, _marks(thresholds, signal, base[signal]), base[signal])
    value, until, found = base[signal], 0, []
    sources = [("HR", "x:ecg.hr"), ("PR", "x:art.pr"), ("PR", "x:spo2.pr")] if signal == "HR" else [("SPO2", "x:spo2")]
    mixed = rng.random() < 0.4
    for number in range(count):
        if time >= until:  # mostly one value for an epoch or a few
            value, until = walk.next(calm and time < T0), time + rng.choice([1, 5, 5, 20, 60]) * SECOND
        name, source = rng.choice(sources) if mixed else sources[0]
        sample: float | None = value + rng.choice([0, 0, 0, 0, 2, -2])
        status = rng.choice([Status.OK] * 20 + [Status.QUESTIONABLE])
        if rng.random() < 0.03:
            sample, status = None, Status.OFF
        found.append(Reading(time, 2 * number, name, sample, "", status, source))
        if rng.random() < 0.05:
            twin = value + rng.choice([0, 0, 5e-10, 9])
            found.append(Reading(time, 2 * number + 1, name, twin, "", Status.OK, source))
        time += step
        if rng.random() < 0.06:  # a hole of two, three or more epochs, or one instant more
            time += rng.choice([5, 10, 10, 15, 15, 16, 40]) * SECOND + rng.choice([0, 0, 1, -1])
    return found
