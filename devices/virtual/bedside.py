"""A virtual patient with sensors on: what a monitor there would see, at any instant it cares to look."""

from __future__ import annotations

import math

from devices import instant
from devices.virtual.device import Cuff, Observation
from devices.virtual.noise import normal, seed_of, uniform
from devices.virtual.patient import Patient
from devices.virtual.pharmacology import DOSE_MG_KG, DURATION_S, Infusion

CUFF_S = (20.0, 35.0)
"""How long one cuff determination takes, shortest and longest, seconds."""


class PatientBedside:
    """A Bedside around a Patient. What it shows depends on the instant alone, not on how often it was looked at.

    Args:
        patient: who lies there.
        start: the instant at which the sensors were put on. It may lie in the past: observe from there on.
        infusion_start: when the pump starts; None: not by itself, see `set_rate`.
        duration_s: planned duration of the infusion.
        dose_mg_kg: planned dose.
        cycle_s: automatic cuff results come every so many seconds; None: only by `start_cuff`.
        first_cuff_after_s: when the first automatic result comes.
    """

    def __init__(
        self,
        patient: Patient,
        start: int,
        infusion_start: int | None = None,
        *,
        duration_s: float = DURATION_S,
        dose_mg_kg: float = DOSE_MG_KG,
        cycle_s: float | None = 60.0,
        first_cuff_after_s: float = 10.0,
    ) -> None:
        self.patient = patient
        self.start = start
        self.infusion = Infusion()
        if infusion_start is not None:
            self.infusion = Infusion.planned(infusion_start, duration_s, dose_mg_kg)
        self._cycle = None if cycle_s is None else instant.seconds(cycle_s)
        self._first = start + instant.seconds(first_cuff_after_s)
        self._turn = 0
        self._ends: int | None = None
        self._cuff = Cuff()
        self._seed = seed_of(patient.name, patient.seed, "cuff")

    def set_rate(self, at: int, mg_kg_min: float) -> None:
        """The pump runs at this rate from `at` on, until set again; 0 pauses or stops it."""
        self.infusion = self.infusion.changed(at, mg_kg_min)

    def observe(self, at: int) -> Observation:
        self._advance(at)
        seen = self.patient.noisy(at, self.start, self.infusion)
        heart = max(20, round(seen.hr))
        return Observation(
            hr=heart,
            pr=max(20, round(seen.hr + 0.4 * normal(self._seed ^ 1, (at - self.start) // instant.SECOND))),
            spo2=round(seen.spo2),
            rr=round(seen.rr),
            temp=round(seen.temp, 1),
            cuff=self._cuff,
        )

    def start_cuff(self, at: int) -> None:
        self._advance(at)
        if self._ends is None:
            self._begin(at + self._length(at))

    def cancel_cuff(self, at: int) -> None:
        self._advance(at)
        if self._ends is not None:
            self._end(at, failure="cancelled")

    def _length(self, at: int) -> int:
        shortest, longest = CUFF_S
        share = uniform(self._seed ^ 2, (at - self.start) // instant.SECOND)
        return instant.seconds(shortest + (longest - shortest) * share)

    def _next_automatic(self) -> tuple[int, int] | None:
        """Begin and end of the next automatic determination."""
        if self._cycle is None:
            return None
        end = self._first + self._turn * self._cycle
        # A cycle shorter than a determination takes leaves the cuff some rest all the same.
        return end - min(self._length(end), self._cycle * 6 // 10), end

    def _advance(self, at: int) -> None:
        while True:
            if self._ends is not None:
                if self._ends > at:
                    return
                self._end(self._ends)
                continue
            planned = self._next_automatic()
            if planned is None or planned[0] > at:
                return
            self._turn += 1
            ended = self._cuff.time
            # The cuff was in use when this one was to begin: the monitor leaves it out.
            if ended is None or planned[0] >= ended:
                self._begin(planned[1])

    def _begin(self, ends: int) -> None:
        self._ends = ends
        last = self._cuff
        self._cuff = Cuff(
            True, last.time, last.sys, last.dia, last.mean, last.pulse, failure=last.failure, count=last.count
        )

    def _end(self, at: int, failure: str = "") -> None:
        self._ends = None
        count = self._cuff.count + 1
        if failure:
            self._cuff = Cuff(time=at, failure=failure, count=count)
            return
        seen = self.patient.noisy(at, self.start, self.infusion)
        place = (at - self.start) // 1_000
        shared, own = normal(self._seed ^ 3, place), normal(self._seed ^ 4, place)
        sys = round(seen.sbp + self.patient.cuff_sbp_sd * shared)
        # Motion and breathing move both numbers of one determination in part together.
        both = 0.5 * shared + math.sqrt(0.75) * own
        dia = min(round(seen.dbp + self.patient.cuff_dbp_sd * both), sys - 12)
        self._cuff = Cuff(
            time=at, sys=sys, dia=dia, mean=round(dia + (sys - dia) / 3), pulse=round(seen.hr), count=count
        )
