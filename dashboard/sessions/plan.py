"""The infusion plan: drug, dose, weight with its unit, concentration, duration; what follows from them. Pure.

It is written as an event of the session, so that a corrected plan is another event and the first one stays. Dose and
weight slips are hazard 24 of the clinical definition: units in every label, a range check, both readings computed.
"""

from __future__ import annotations

import math
import tomllib
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, fields

from dashboard.errors import SessionError
from dashboard.sessions.events import EventKind, SessionEvent

KG_PER_LB = 0.45359237
"""The international pound, exactly."""

DRUGS = {
    "ketamine": "Ketamine IV (racemic)",
    "esketamine": "Esketamine IV",
    "esketamine-nasal": "Esketamine nasal",
    "ketamine-sc": "Ketamine SC (racemic)",
}
"""Names in the record, and on the screen; any other drug is written as it is called."""

UNITS = ("kg", "lb")
_LIGHTEST, _HEAVIEST = 25.0, 350.0
_ASK_ABOVE_KG = 120.0
_ASK_BELOW_KG = 45.0
ASK_ABOVE_MG_PER_KG = 2.0
"""A pound or a whole dose entered as mg/kg is larger by two or seventy: asked, then taken as said."""


class Plan(Struct, frozen=True):
    """What was planned. None where it was not said.

    Attributes:
        drug: a key of DRUGS, or any other name. dose_mg_per_kg: mg per kg of body weight, for the whole infusion.
        weight_kg: kg; weight_entered: as it was entered, such as "154 lb"; weight_how: "measured" or "stated".
        concentration_mg_ml: of the infusion, mg/ml. planned_minutes: duration. observe_minutes: how long the clinic
            watches after the end. lot: of the drug. expiry: ISO 8601 month or day, as on the package. prescriber: who.
        template: what it was filled in from.
    """

    drug: str = ""
    dose_mg_per_kg: float | None = None
    weight_kg: float | None = None
    weight_entered: str = ""
    weight_how: str = ""
    concentration_mg_ml: float | None = None
    planned_minutes: float | None = None
    observe_minutes: float | None = None
    lot: str = ""
    expiry: str = ""
    prescriber: str = ""
    template: str = ""

    @property
    def drug_words(self) -> str:
        return DRUGS.get(self.drug, self.drug)

    @property
    def dose_mg(self) -> float | None:
        """The whole dose in mg; None without dose or weight."""
        return _times(self.dose_mg_per_kg, self.weight_kg)

    @property
    def mg_per_h(self) -> float | None:
        """The planned rate."""
        if self.dose_mg is None or self.planned_minutes is None:
            return None
        return self.dose_mg * 60 / self.planned_minutes

    @property
    def volume_ml(self) -> float | None:
        """The whole dose as volume of the infusion."""
        return None if self.dose_mg is None or not self.concentration_mg_ml else self.dose_mg / self.concentration_mg_ml

    @property
    def ml_per_h(self) -> float | None:
        return (
            None if self.mg_per_h is None or not self.concentration_mg_ml else self.mg_per_h / self.concentration_mg_ml
        )

    def to_detail(self) -> dict[str, Any]:
        """As an event carries it: what was not said is left out."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}

    @classmethod
    def of_detail(cls, detail: Mapping[str, Any]) -> Plan:
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in detail.items() if name in known})

    def check(self) -> None:
        """Refuses what cannot be.

        Raises:
            SessionError: a number out of its range; the sentence names it with its unit.
        """
        _within("dose", self.dose_mg_per_kg, 0.0, 20.0, "mg/kg", above=True)
        _within("weight", self.weight_kg, _LIGHTEST, _HEAVIEST, "kg")
        _within("concentration", self.concentration_mg_ml, 0.0, 100.0, "mg/ml", above=True)
        _within("planned duration", self.planned_minutes, 1.0, 7 * 24 * 60.0, "minutes")
        _within("observation", self.observe_minutes, 0.0, 24 * 60.0, "minutes")
        if self.expiry:
            last_day(self.expiry)

    def expired(self, today: date) -> bool:
        """Whether the drug's expiry date has passed; False where none was said."""
        return bool(self.expiry) and last_day(self.expiry) < today


def last_day(expiry: str) -> date:
    """The last day on which a package may be used: its date, or the end of its month.

    Raises:
        SessionError: it is no month or day.
    """
    try:
        if len(expiry) == len("2027-03"):
            first = date.fromisoformat(f"{expiry}-01")
            return first.replace(day=monthrange(first.year, first.month)[1])
        return date.fromisoformat(expiry)
    except ValueError:
        raise SessionError(f"{expiry!r} is not an expiry date; write it as 2027-03 or 2027-03-31") from None


def plan_of(events: Iterable[SessionEvent]) -> Plan | None:
    """The plan in force: the one entered last."""
    found = [event for event in events if event.kind is EventKind.PLAN]
    return Plan.of_detail(max(found, key=lambda event: event.id).detail) if found else None


def in_kg(value: float, unit: str) -> float:
    return value * KG_PER_LB if unit == "lb" else value


def both_units(value: float, unit: str) -> str:
    """A weight in both units: ``70 kg = 154 lb``."""
    kg = in_kg(value, unit)
    one, other = f"{kg:.4g} kg", f"{kg / KG_PER_LB:.4g} lb"
    return f"{value:g} lb = {one}" if unit == "lb" else f"{value:g} kg = {other}"


class WeightDoubt(Struct, frozen=True):
    """A weight that may be meant in the other unit; both readings in kg, and the dose in mg by each."""

    value: float
    unit: str
    kg: float
    other_kg: float

    @property
    def other_unit(self) -> str:
        return "lb" if self.unit == "kg" else "kg"

    def dose_words(self, dose_mg_per_kg: float | None) -> tuple[str, str]:
        """What each reading means, as entered first."""
        found = []
        for unit, kg in ((self.unit, self.kg), (self.other_unit, self.other_kg)):
            dose = "" if dose_mg_per_kg is None else f", dose {dose_mg_per_kg * kg:.1f} mg"
            found.append(f"{self.value:g} {unit} ({kg:.1f} kg{dose})")
        return found[0], found[1]


def weight_doubt(value: float, unit: str) -> WeightDoubt | None:
    """Whether a weight is one that an adult has rather in the other unit: kg and lb differ by 2.2.

    Args:
        value: as entered. unit: "kg" or "lb".
    """
    kg = in_kg(value, unit)
    other = in_kg(value, "lb" if unit == "kg" else "kg")
    suspicious = kg > _ASK_ABOVE_KG if unit == "kg" else kg < _ASK_BELOW_KG
    if suspicious and _LIGHTEST <= other <= _HEAVIEST:
        return WeightDoubt(value, unit, kg, other)
    return None


class Template(Struct, frozen=True):
    """An example plan of the program. `source` says where its numbers are from."""

    name: str
    title: str
    drug: str
    dose_mg_per_kg: float
    planned_minutes: float
    observe_minutes: float
    thresholds: str
    source: str


TEMPLATES = ("depression", "ptsd", "chronic-pain", "migraine", "sedation")


@cache
def template(name: str) -> Template:
    """The example called `name`, one of TEMPLATES."""
    text = (resources.files("dashboard.sessions") / "templates" / f"{name}.toml").read_text(encoding="utf-8")
    return Template(name=name, **tomllib.loads(text))


def _times(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one * other


def _within(what: str, value: float | None, low: float, high: float, unit: str, above: bool = False) -> None:
    if value is None:
        return
    if not math.isfinite(value) or not low <= value <= high or (above and value == low):
        least = f"more than {low:g}" if above else f"{low:g}"
        raise SessionError(f"a {what} of {value:g} {unit} is not possible: give {least} to {high:g} {unit}")
