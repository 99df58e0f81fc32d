"""Virtual patients: what they are like at rest, and how ketamine moves them. Made, never measured.

Time course and spread are calibrated to published summaries (mean of the individual highest systolic rises
19.6 mmHg, SD 12.8, for 0.5 mg/kg in 40 minutes); they say nothing of any real person, and nothing of how well a
detector works in a clinic. Nothing here knows the detector or its thresholds.
"""

from __future__ import annotations

import math
import random

from msgspec import Struct
from msgspec.structs import replace

from devices import instant
from devices.errors import UnknownName
from devices.virtual.noise import seed_of, wander
from devices.virtual.pharmacology import Infusion, rise


class Dip(Struct, frozen=True):
    """A vasovagal dip: falls for `fall_min`, stays for `hold_min`, comes back in `back_min`.

    `after_min` counts from the start of the infusion. The depths are taken off: /min and mmHg.
    """

    after_min: float
    fall_min: float
    hold_min: float
    back_min: float
    hr: float
    sbp: float
    dbp: float

    def depth(self, minutes: float) -> float:
        """0 to 1, `minutes` after the start of the infusion."""
        passed = minutes - self.after_min
        if passed <= 0.0:
            return 0.0
        if passed < self.fall_min:
            return passed / self.fall_min
        passed -= self.fall_min + self.hold_min
        return 1.0 if passed <= 0.0 else max(0.0, 1.0 - passed / self.back_min)


class Vitals(Struct, frozen=True):
    """The truth without noise. hr, rr: /min; sbp, dbp: mmHg; spo2: %; temp: degC."""

    hr: float
    sbp: float
    dbp: float
    spo2: float
    rr: float
    temp: float


class Patient(Struct, frozen=True):
    """One person.

    Attributes:
        name, seed: what the noise is drawn from; the same two give the same numbers for ever.
        about: one sentence for a person.
        hr, sbp, dbp, spo2, rr, temp: at rest.
        hr_emax, sbp_emax, dbp_emax: the most ketamine could add (40 minutes of 0.5 mg/kg bring 0.31 of it).
        pk_scale: the person's concentrations against the model's.
        hr_sd: slow wandering of the heart rate, /min. cuff_sbp_sd, cuff_dbp_sd: scatter of a cuff result, mmHg.
        dip: a vasovagal dip, None for none.
    """

    name: str
    seed: int
    about: str
    hr: float
    sbp: float
    dbp: float
    hr_emax: float
    sbp_emax: float
    dbp_emax: float
    pk_scale: float = 1.0
    spo2: float = 97.4
    rr: float = 14.0
    temp: float = 36.7
    hr_sd: float = 3.0
    cuff_sbp_sd: float = 5.0
    cuff_dbp_sd: float = 4.0
    dip: Dip | None = None

    def vitals(self, at: int, infusion: Infusion) -> Vitals:
        """The truth at the instant `at`, whatever was or was not infused until then."""
        effect = infusion.effect(at) * self.pk_scale
        depth = 0.0
        if self.dip is not None and infusion.start is not None:
            depth = self.dip.depth((at - infusion.start) / instant.MINUTE)
        dip = self.dip or _NO_DIP
        return Vitals(
            hr=self.hr + rise(effect, self.hr_emax) - depth * dip.hr,
            sbp=self.sbp + rise(effect, self.sbp_emax) - depth * dip.sbp,
            dbp=self.dbp + rise(effect, self.dbp_emax) - depth * dip.dbp,
            spo2=self.spo2 - rise(effect, 3.0),
            rr=self.rr + rise(effect, 4.0),
            temp=self.temp,
        )

    def noisy(self, at: int, start: int, infusion: Infusion) -> Vitals:
        """What good sensors would see at `at`. `start` anchors the noise, so that it is the same on any date."""
        seconds = (at - start) / instant.SECOND
        truth = self.vitals(at, infusion)
        heart = 0.9 * self._noise("hr", seconds, 60.0) + 0.436 * self._noise("hr-fast", seconds, 7.0)
        return replace(
            truth,
            hr=max(20.0, truth.hr + self.hr_sd * heart),
            spo2=min(100.0, max(50.0, truth.spo2 + 0.6 * self._noise("spo2", seconds, 20.0))),
            rr=max(4.0, truth.rr + 1.5 * self._noise("rr", seconds, 15.0)),
            temp=truth.temp + 0.05 * self._noise("temp", seconds, 600.0),
        )

    def _noise(self, stream: str, seconds: float, period_s: float) -> float:
        return wander(seed_of(self.name, self.seed, stream), seconds, period_s)


_NO_DIP = Dip(0, 0, 0, 0, 0, 0, 0)

PATIENTS: dict[str, Patient] = {
    person.name: person
    for person in (
        Patient(
            "typical",
            0,
            "normal pressure; rises by about 20/13 mmHg towards the end of the infusion and comes back within the hour",
            hr=71,
            sbp=121,
            dbp=76,
            hr_emax=22,
            sbp_emax=64,
            dbp_emax=42,
        ),
        Patient(
            "strong-rise",
            0,
            "rises by about 62/40 mmHg and 29 beats, beyond 180 systolic: as strong as about one in a hundred",
            hr=77,
            sbp=129,
            dbp=81,
            hr_emax=95,
            sbp_emax=200,
            dbp_emax=130,
        ),
        Patient(
            "hypertensive",
            0,
            "156/93 before the start; the rise carries it beyond 180/105",
            hr=74,
            sbp=156,
            dbp=93,
            hr_emax=18,
            sbp_emax=92,
            dbp_emax=50,
        ),
        Patient(
            "no-rise",
            0,
            "hardly moves: what passes a limit here is noise",
            hr=66,
            sbp=117,
            dbp=73,
            hr_emax=3,
            sbp_emax=6,
            dbp_emax=4,
        ),
        Patient(
            "vasovagal",
            0,
            "12 minutes in, heart rate and pressure fall for some minutes, to about 41 beats and 75 systolic",
            hr=68,
            sbp=116,
            dbp=72,
            hr_emax=10,
            sbp_emax=24,
            dbp_emax=16,
            dip=Dip(after_min=12, fall_min=1.5, hold_min=3, back_min=4, hr=28, sbp=43, dbp=28),
        ),
    )
}
"""The patients a virtual monitor can have. A seed other than 0 varies them a little."""


def named(name: str, seed: int = 0) -> Patient:
    """The patient called `name`; another `seed` is another, similar person with other noise.

    Raises:
        UnknownName: there is none of that name.
    """
    if name not in PATIENTS:
        raise UnknownName(f"there is no patient {name!r}; there are {', '.join(PATIENTS)}")
    person = PATIENTS[name]
    if seed == 0:
        return person
    draw = random.Random(seed_of("patient", name, seed))
    strength = math.exp(draw.gauss(0.0, 0.08))
    return replace(
        person,
        seed=seed,
        hr=person.hr + draw.gauss(0.0, 3.0),
        sbp=person.sbp + draw.gauss(0.0, 3.0),
        dbp=person.dbp + draw.gauss(0.0, 2.0),
        hr_emax=person.hr_emax * strength,
        sbp_emax=person.sbp_emax * strength,
        dbp_emax=person.dbp_emax * strength,
        spo2=person.spo2 + draw.gauss(0.0, 0.5),
        rr=person.rr + draw.gauss(0.0, 1.0),
        temp=person.temp + draw.gauss(0.0, 0.15),
    )


def drawn(seed: int) -> Patient:
    """One of a made population, for trying detectors on.

    Greatest effects are lognormal: systolic mean 42 mmHg, CV 0.9; diastolic mean 27, CV 1.0, correlated 0.7 with it
    (of the logarithms); heart rate mean 14 /min, CV 1.0. Concentrations vary lognormally with SD 0.25.
    """
    draw = random.Random(seed_of("population", seed))
    first, second = draw.gauss(0.0, 1.0), draw.gauss(0.0, 1.0)
    return Patient(
        name="drawn",
        seed=seed,
        about=f"number {seed} of a made population",
        hr=min(100.0, max(50.0, draw.gauss(72.0, 9.0))),
        sbp=min(150.0, max(98.0, draw.gauss(124.0, 11.0))),
        dbp=min(92.0, max(58.0, draw.gauss(76.0, 7.0))),
        pk_scale=math.exp(draw.gauss(0.0, 0.25)),
        sbp_emax=_lognormal(42.0, 0.9, first),
        dbp_emax=_lognormal(27.0, 1.0, 0.7 * first + math.sqrt(1.0 - 0.49) * second),
        hr_emax=_lognormal(14.0, 1.0, draw.gauss(0.0, 1.0)),
        spo2=min(99.0, draw.gauss(97.4, 0.8)),
        rr=draw.gauss(14.0, 1.5),
        temp=draw.gauss(36.7, 0.2),
    )


def _lognormal(mean: float, variation: float, z: float) -> float:
    """The value at `z` standard deviations of a lognormal with this mean and coefficient of variation."""
    variance = math.log(1.0 + variation * variation)
    return math.exp(math.log(mean) - variance / 2.0 + math.sqrt(variance) * z)
