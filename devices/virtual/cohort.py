"""Made sessions with truth, for trying detectors on: latent curves, what monitors would say, and what went wrong.

Drawn with numpy's PCG64 from (seed, part, number), so that the same three give the same session for ever. Patients and
their course are the made population of `patient.drawn`; kinds, noise, cuff cycles and artefacts are mixed by the
tables below. Nothing here knows a detector or a threshold, and nothing here is a patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from devices.instant import SECOND
from devices.virtual.noise import seed_of
from devices.virtual.patient import drawn
from devices.virtual.pharmacology import DURATION_S, EC50, Infusion

Values = NDArray[np.float64]
Instants = NDArray[np.int64]

T0 = 1_772_359_200 * SECOND
BEFORE_S, AFTER_S = 1_800, 7_200
"""Seconds of a session before and after the start of the drug."""

KINDS: Mapping[str, float] = {
    "usual": 0.38,  # the population as it is: every second one stays below 20 mmHg
    "strong": 0.18,  # twice the effect
    "no-rise": 0.10,
    "hypertensive": 0.10,  # 30/15 mmHg higher from the beginning
    "sustained": 0.08,  # comes back four times slower
    "drift": 0.06,  # pressure and rate creep up all the time, drug or not
    "fall": 0.05,
    "vasovagal": 0.05,
}
"""Kinds of sessions and their share."""

NOISES: Mapping[str, float] = {"quiet": 0.5, "usual": 1.0, "noisy": 1.6}
"""Noise levels, a third each: times cuff SD 5 (systolic) and 4 (diastolic) mmHg, heart rate SD 3 /min."""

CYCLES_MIN = (2.5, 5.0, 10.0, 15.0)
"""Cuff cycles, a quarter each."""

ARTEFACTS: Mapping[str, str] = {
    "motion": "3 to 6 min: cuff results scatter by 20 mmHg or fail, the rate jumps about",
    "pp-collapse": "one to three cuff results with hardly any pulse pressure",
    "repeat-value": "the monitor gives the last cuff result again as if it were new, two or three times",
    "cuff-fail": "two or three cuff measurements give no result",
    "hr-doubling": "40 to 120 s: the ECG counts every beat twice, the oximeter does not",
    "dropout": "1 to 5 min without any value",
    "clock-step": "the monitor's clock jumps by 1 to 5 min, forwards or backwards, for the rest of the session",
}
"""Artefact classes. Four of ten sessions have none, the others one, two or three of them."""

WITH_PULSE = 0.8
"""Share of sessions in which an oximeter gives a pulse rate beside the ECG's; in the others there is none."""

_COUNTS = (0.4, 0.3, 0.2, 0.1)
_SLOW_S = 20.0


class Artefact(Struct, frozen=True):
    """One thing that went wrong, from `start_s` to `end_s` after the start of the drug."""

    kind: str
    start_s: float
    end_s: float


class MadeSession(Struct, frozen=True):
    """One session. Times of the truth are true; those of readings are the monitor's.

    Attributes:
        kind, noise, cycle_min, artefacts: as labelled.
        second: true seconds from the start of the drug; hr, sbp, dbp: the latent curves there, without any noise.
        rate_time, rate: samples of the ECG's heart rate, instants and /min. pulse_time, pulse: of the oximeter's pulse
            rate; empty where there is none.
        cuff_time, cuff_sbp, cuff_dbp: results in order of receipt, mmHg, NaN where one failed.
        measured_s: true seconds at which the cuff measured.
    """

    number: int
    kind: str
    noise: str
    cycle_min: float
    artefacts: tuple[Artefact, ...]
    second: Values
    hr: Values
    sbp: Values
    dbp: Values
    rate_time: Instants
    rate: Values
    pulse_time: Instants
    pulse: Values
    cuff_time: Instants
    cuff_sbp: Values
    cuff_dbp: Values
    measured_s: Values

    @property
    def infusion_end(self) -> int:
        return T0 + round(DURATION_S) * SECOND

    @property
    def end(self) -> int:
        return T0 + AFTER_S * SECOND

    @property
    def clock_step_s(self) -> float:
        """By how much the monitor's clock jumps, s; 0 if it does not."""
        return _step(self.artefacts) if any(each.kind == "clock-step" for each in self.artefacts) else 0.0

    @property
    def classes(self) -> tuple[str, ...]:
        """The artefact classes in it, or "none"."""
        return tuple(sorted({each.kind for each in self.artefacts})) or ("none",)


def made(seed: int, part: str, number: int) -> MadeSession:
    """Session `number` of a `part` (such as "development" or "held-out") of the cohort `seed`."""
    draw = np.random.default_rng(seed_of("cohort", seed, part, number))
    kind = str(draw.choice(list(KINDS), p=list(KINDS.values())))
    noise = str(draw.choice(list(NOISES)))
    cycle = float(draw.choice(CYCLES_MIN))
    second = np.arange(-BEFORE_S, AFTER_S, dtype=np.float64)
    hr, sbp, dbp = _latent(draw, kind, second, seed_of(seed, part, number))
    artefacts = _artefacts(draw, cycle)
    rate_time, rate = _rates(draw, second, hr, NOISES[noise], artefacts)
    measured = np.arange(-BEFORE_S + draw.uniform(0, 60 * cycle), AFTER_S, 60 * cycle).round()
    pulse_time, pulse = _pulses(seed_of("pulse", seed, part, number), second, hr, NOISES[noise], artefacts)
    cuff_time, cuff_sbp, cuff_dbp = _cuffs(draw, measured, second, sbp, dbp, NOISES[noise], artefacts)
    return MadeSession(
        number, kind, noise, cycle, artefacts, second, hr, sbp, dbp, rate_time, rate, pulse_time, pulse,
        cuff_time, cuff_sbp, cuff_dbp, measured,
    )  # fmt: skip


@lru_cache(maxsize=1)
def _effect() -> Values:
    """Effect-site concentration at every whole second of a session, ng/ml, for 0.5 mg/kg in 40 minutes."""
    infusion = Infusion.planned(0)
    coarse = np.arange(-BEFORE_S, AFTER_S + 10, 10)
    found = [infusion.effect(int(at) * SECOND) for at in coarse]
    return np.interp(np.arange(-BEFORE_S, AFTER_S), coarse, found)


def _latent(draw: np.random.Generator, kind: str, second: Values, seed: int) -> tuple[Values, Values, Values]:
    person = drawn(seed)
    strength = {"strong": 2.0, "no-rise": 0.05, "fall": 0.1, "vasovagal": 0.4}.get(kind, 1.0)
    if kind == "sustained":
        strength = 1.6
    concentration = _effect() * person.pk_scale
    raised = concentration**2 / (concentration**2 + EC50**2)
    if kind == "sustained":
        peak = int(raised.argmax())
        slow = raised[peak] * np.exp(-(second - second[peak]) / (4 * 40 * 60))
        raised = np.where(second > second[peak], np.maximum(raised, slow), raised)
    hr = person.hr + strength * person.hr_emax * raised
    sbp = person.sbp + strength * person.sbp_emax * raised
    dbp = person.dbp + strength * person.dbp_emax * raised
    if kind == "hypertensive":
        sbp, dbp = sbp + 30, dbp + 15
    if kind == "drift":
        hours = (second + BEFORE_S) / 3600
        sbp, dbp, hr = sbp + draw.uniform(6, 14) * hours, dbp + draw.uniform(4, 9) * hours, hr + 5 * hours
    if kind in ("fall", "vasovagal"):
        start, length = draw.uniform(10, 50) * 60, (draw.uniform(15, 40) if kind == "fall" else draw.uniform(4, 8)) * 60
        ramp = np.clip((second - start) / 90, 0, 1) - np.clip((second - start - length) / 240, 0, 1)
        depth = draw.uniform(25, 45)
        sbp, dbp = sbp - depth * ramp, dbp - 0.6 * depth * ramp
        hr = hr - (draw.uniform(20, 32) if kind == "vasovagal" else -8) * ramp
    return np.maximum(hr, 30), np.minimum(sbp, 255), np.clip(dbp, 30, np.minimum(sbp, 255) - 20)


def _artefacts(draw: np.random.Generator, cycle: float) -> tuple[Artefact, ...]:
    count = int(draw.choice(len(_COUNTS), p=_COUNTS))
    found = []
    for kind in draw.choice(list(ARTEFACTS), count, replace=False):
        start = draw.uniform(300, AFTER_S - 1200)
        length = {
            "motion": draw.uniform(180, 360),
            "hr-doubling": draw.uniform(40, 120),
            "dropout": draw.uniform(60, 300),
            "clock-step": AFTER_S - start,
        }.get(str(kind), draw.uniform(1.05, 3.0) * 60 * cycle)
        found.append(Artefact(str(kind), float(start), float(min(start + length, AFTER_S))))
    return tuple(sorted(found, key=lambda each: each.start_s))


def _clock(at: Values, artefacts: tuple[Artefact, ...]) -> Values:
    """What the monitor's clock says at the true seconds `at`."""
    return at + _within(at, artefacts, "clock-step") * _step(artefacts)


def _step(artefacts: tuple[Artefact, ...]) -> float:
    """By how much the clock jumps, s; from the artefact's own time, so that both signals jump alike."""
    start = next((each.start_s for each in artefacts if each.kind == "clock-step"), 0.0)
    size = 60 + (start * 7.3) % 240
    return round(size if int(start) % 2 else -size)


def _within(at: Values, artefacts: tuple[Artefact, ...], kind: str) -> NDArray[np.bool_]:
    inside = np.zeros(len(at), np.bool_)
    for each in artefacts:
        if each.kind == kind:
            inside |= (at >= each.start_s) & (at < each.end_s)
    return inside


def _rates(
    draw: np.random.Generator, second: Values, hr: Values, noise: float, artefacts: tuple[Artefact, ...]
) -> tuple[Instants, Values]:
    count = len(second)
    weights = np.exp(-np.arange(120) / _SLOW_S)
    slow = np.convolve(draw.normal(0, 1, count + 119), weights / np.sqrt((weights**2).sum()), "valid")
    seen = hr + noise * 3.0 * slow
    moved = _within(second, artefacts, "motion")
    seen = seen + moved * np.repeat(draw.normal(6, 14, count // 10 + 1), 10)[:count]
    seen = np.where(_within(second, artefacts, "hr-doubling"), 2 * seen, seen)
    kept = ~_within(second, artefacts, "dropout")
    clock = _clock(second, artefacts)
    return T0 + (clock[kept] * SECOND).astype(np.int64), np.clip(np.round(seen[kept]), 20, 300)


def _pulses(
    seed: int, second: Values, hr: Values, noise: float, artefacts: tuple[Artefact, ...]
) -> tuple[Instants, Values]:
    """The oximeter's pulse rate: averaged over 8 s, with noise of its own, lost half the time in motion.

    Drawn from a stream of its own, so that the other readings of a session do not hang on it.
    """
    draw = np.random.default_rng(seed)
    if draw.random() >= WITH_PULSE:
        return np.empty(0, np.int64), np.empty(0)
    count = len(second)
    steady = np.convolve(np.concatenate((np.full(7, hr[0]), hr)), np.full(8, 1 / 8), "valid")
    seen = steady + noise * 1.5 * draw.normal(0, 1, count // 5 + 1).repeat(5)[:count]
    moved = _within(second, artefacts, "motion")
    blocks = count // 10 + 1
    seen = seen + moved * draw.normal(0, 12, blocks).repeat(10)[:count]
    lost = moved & (draw.random(blocks) < 0.5).repeat(10)[:count]
    kept = ~(lost | _within(second, artefacts, "dropout"))
    clock = _clock(second, artefacts)
    return T0 + (clock[kept] * SECOND).astype(np.int64), np.clip(np.round(seen[kept]), 20, 300)


def _cuffs(
    draw: np.random.Generator,
    measured: Values,
    second: Values,
    sbp: Values,
    dbp: Values,
    noise: float,
    artefacts: tuple[Artefact, ...],
) -> tuple[Instants, Values, Values]:
    place = np.clip((measured - second[0]).astype(np.int64), 0, len(second) - 1)
    count = len(measured)
    systolic = sbp[place] + draw.normal(0, 5 * noise, count)
    diastolic = dbp[place] + draw.normal(0, 4 * noise, count)
    moved = _within(measured, artefacts, "motion")
    systolic, diastolic = systolic + moved * draw.normal(8, 20, count), diastolic + moved * draw.normal(5, 14, count)
    failed = (moved & (draw.random(count) < 0.4)) | _within(measured, artefacts, "cuff-fail")
    collapsed = _within(measured, artefacts, "pp-collapse")
    diastolic = np.where(collapsed, systolic - draw.uniform(3, 12, count), diastolic)
    systolic, diastolic = np.round(systolic), np.round(diastolic)
    repeated = _within(measured, artefacts, "repeat-value")
    for index in np.flatnonzero(repeated[1:]) + 1:
        systolic[index], diastolic[index] = systolic[index - 1], diastolic[index - 1]
    systolic[failed], diastolic[failed] = np.nan, np.nan
    kept = ~_within(measured, artefacts, "dropout")
    clock = _clock(measured, artefacts)
    return T0 + (clock[kept] * SECOND).astype(np.int64), systolic[kept], diastolic[kept]
