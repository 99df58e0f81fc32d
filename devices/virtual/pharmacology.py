"""Ketamine in the body: two compartments and an effect site, solved exactly for any course of rates.

Kinetics: Clements 1981 (two compartments; 0.25 mg/kg data). Effect: a sigmoid on the effect-site concentration,
calibrated to published summaries of blood pressure during 0.5 mg/kg in 40 minutes; not a published model.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from devices import instant

EC50 = 250.0
"""Effect-site concentration of half the greatest effect, ng/ml."""

DOSE_MG_KG = 0.5
DURATION_S = 2_400.0


@dataclass(frozen=True)
class Kinetics:
    """Volume of the central compartment (l/kg) and rate constants (per minute)."""

    v1: float
    k10: float
    k12: float
    k21: float
    ke0: float

    @cached_property
    def terms(self) -> tuple[tuple[float, float], ...]:
        """(coefficient in ng/ml per mg/kg, rate per minute) of the exponentials after a bolus of 1 mg/kg."""
        total, product = self.k10 + self.k12 + self.k21, self.k10 * self.k21
        root = math.sqrt(total * total - 4.0 * product)
        fast, slow = (total + root) / 2.0, (total - root) / 2.0
        scale = 1_000.0 / self.v1 / (fast - slow)
        return (scale * (fast - self.k21), fast), (scale * (self.k21 - slow), slow)

    def plasma_step(self, minutes: float) -> float:
        """Plasma concentration, ng/ml, `minutes` into an infusion of 1 mg/kg/min."""
        if minutes <= 0.0:
            return 0.0
        return sum(size / rate * -math.expm1(-rate * minutes) for size, rate in self.terms)

    def effect_step(self, minutes: float) -> float:
        """Effect-site concentration, ng/ml, `minutes` into an infusion of 1 mg/kg/min."""
        if minutes <= 0.0:
            return 0.0
        filled = -math.expm1(-self.ke0 * minutes) / self.ke0
        return sum(
            size * self.ke0 / (self.ke0 - rate) * (-math.expm1(-rate * minutes) / rate - filled)
            for size, rate in self.terms
        )


CLEMENTS = Kinetics(v1=1.7522, k10=0.0109, k12=0.0186, k21=0.0137, ke0=0.3)


class Infusion(Struct, frozen=True):
    """What the pump did: from each instant on, a rate in mg/kg/min."""

    rates: tuple[tuple[int, float], ...] = ()

    @classmethod
    def planned(cls, start: int, duration_s: float = DURATION_S, dose_mg_kg: float = DOSE_MG_KG) -> Infusion:
        """A constant rate giving `dose_mg_kg` in `duration_s` from `start` on."""
        rate = dose_mg_kg / (duration_s / 60.0)
        return cls(((start, rate), (start + instant.seconds(duration_s), 0.0)))

    def changed(self, at: int, rate: float) -> Infusion:
        """The same up to `at`, then `rate` mg/kg/min until changed again: 0 is a pause or a stop."""
        return replace(self, rates=(*(change for change in self.rates if change[0] < at), (at, rate)))

    def rate(self, at: int) -> float:
        """mg/kg/min at `at`."""
        return next((rate for since, rate in reversed(self.rates) if since <= at), 0.0)

    @property
    def start(self) -> int | None:
        """The first instant at which the pump ran."""
        return next((since for since, rate in self.rates if rate > 0.0), None)

    def plasma(self, at: int, kinetics: Kinetics = CLEMENTS) -> float:
        """Plasma concentration at `at`, ng/ml."""
        return self._sum(at, kinetics.plasma_step)

    def effect(self, at: int, kinetics: Kinetics = CLEMENTS) -> float:
        """Effect-site concentration at `at`, ng/ml."""
        return self._sum(at, kinetics.effect_step)

    def _sum(self, at: int, step: Callable[[float], float]) -> float:
        # The kinetics are linear: every change of rate adds its own response.
        total, before = 0.0, 0.0
        for since, rate in self.rates:
            total += (rate - before) * step((at - since) / instant.MINUTE)
            before = rate
        return total


def rise(concentration: float, greatest: float) -> float:
    """The rise caused by an effect-site `concentration` (ng/ml) where `greatest` is the most there can be."""
    square = concentration * concentration
    return greatest * square / (square + EC50 * EC50)
