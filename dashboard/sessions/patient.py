"""What is known of the patient beside the two identifiers: identity and risk (clinical definition 2.5). Pure.

It is an event of the session, so that a corrected record is another event and the first one stays. Nothing of it is
required; what was not asked, what is unknown and what is "none" are three things, and screens say which.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, fields

from dashboard.errors import SessionError
from dashboard.sessions.events import EventKind, SessionEvent

SEXES = {"female": "female", "male": "male", "other": "other"}

ANSWERS = {"yes": "yes", "no": "no", "unknown": "not known"}

INTERACTING = {
    "ssri-snri": "SSRI or SNRI",
    "stimulant": "stimulant",
    "maoi": "MAOI",
    "benzodiazepine": "benzodiazepine",
}
"""Drugs that may change the course: their names in the record, and on screens."""

NOT_ASKED = "not recorded"

_OLDEST_YEARS = 120
_ADULT_YEARS = 18
_SHORTEST_CM, _TALLEST_CM = 100.0, 250.0
_LONGEST_WORDS = 200


class PatientRecord(Struct, frozen=True):
    """Identity and risk. "" or None: not asked.

    Attributes:
        birth_date: ISO 8601 date. sex: a key of SEXES. height_cm: cm.
        allergies: in words; "none known" is an answer. cardiac: cardiac history, likewise.
        hypertension, antihypertensive: keys of ANSWERS; the latter: taken today.
        drugs: keys of INTERACTING that are taken; (): none of them; None: not asked.
    """

    birth_date: str = ""
    sex: str = ""
    height_cm: float | None = None
    allergies: str = ""
    hypertension: str = ""
    antihypertensive: str = ""
    cardiac: str = ""
    drugs: tuple[str, ...] | None = None

    def to_detail(self) -> dict[str, Any]:
        """As an event carries it: what was not asked is left out."""
        found = {name: value for name, value in asdict(self).items() if value not in (None, "")}
        if self.drugs is not None:
            found["drugs"] = list(self.drugs)
        return found

    @classmethod
    def of_detail(cls, detail: Mapping[str, Any]) -> PatientRecord:
        known = {each.name for each in fields(cls)}
        given = {name: value for name, value in detail.items() if name in known}
        if given.get("drugs") is not None:
            given["drugs"] = tuple(given["drugs"])
        return cls(**given)

    def check(self, today: date) -> None:
        """Refuses what cannot be.

        Args:
            today: the day by the clinic's clock.

        Raises:
            SessionError: a date, number or word that cannot be; the sentence says which.
        """
        if self.birth_date:
            born = _date(self.birth_date)
            if born > today or today.year - born.year > _OLDEST_YEARS:
                raise SessionError(f"a birth date of {self.birth_date} is not possible; correct it")
        if self.height_cm is not None and not (
            math.isfinite(self.height_cm) and _SHORTEST_CM <= self.height_cm <= _TALLEST_CM
        ):
            raise SessionError(
                f"a height of {self.height_cm:g} cm is not possible: give {_SHORTEST_CM:g} to {_TALLEST_CM:g} cm"
            )
        for what, value, known in (
            ("sex", self.sex, SEXES),
            ("hypertension", self.hypertension, ANSWERS),
            ("antihypertensive", self.antihypertensive, ANSWERS),
        ):
            if value and value not in known:
                raise SessionError(f"{what}: {value!r} is not one of {', '.join(known)}")
        if self.drugs is not None and not set(self.drugs) <= INTERACTING.keys():
            raise SessionError(f"interacting drugs are {', '.join(INTERACTING)}; write others as a note")
        for what, words in (("allergies", self.allergies), ("cardiac history", self.cardiac)):
            if len(words) > _LONGEST_WORDS:
                raise SessionError(f"{what}: write at most {_LONGEST_WORDS} characters")

    def age(self, today: date) -> int | None:
        """Whole years; None where no birth date is known."""
        if not self.birth_date:
            return None
        born = _date(self.birth_date)
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

    def is_child(self, today: date) -> bool:
        """Whether the program is not meant for this patient (4.4.5)."""
        age = self.age(today)
        return age is not None and age < _ADULT_YEARS


def patient_of(events: Iterable[SessionEvent]) -> PatientRecord | None:
    """The patient record in force: the one entered last."""
    found = [event for event in events if event.kind is EventKind.PATIENT]
    return PatientRecord.of_detail(max(found, key=lambda event: event.id).detail) if found else None


def patient_rows(record: PatientRecord | None, today: date) -> list[tuple[str, str]]:
    """(what, value) of every field; what was not asked is said to be `not recorded`."""
    known = record or PatientRecord()
    age = known.age(today)
    return [
        ("Birth date", known.birth_date + ("" if age is None else f" ({age} years)") or NOT_ASKED),
        ("Sex", SEXES.get(known.sex, NOT_ASKED)),
        ("Height", NOT_ASKED if known.height_cm is None else f"{known.height_cm:g} cm"),
        *risk_rows(known),
    ]


def risk_rows(record: PatientRecord | None) -> list[tuple[str, str]]:
    """Allergies and risk, of `patient_rows`: for where a drug is given or an infusion is started."""
    known = record or PatientRecord()
    return [
        ("Allergies", known.allergies or NOT_ASKED),
        ("Hypertension", ANSWERS.get(known.hypertension, NOT_ASKED)),
        ("Antihypertensive taken today", ANSWERS.get(known.antihypertensive, NOT_ASKED)),
        ("Cardiac history", known.cardiac or NOT_ASKED),
        ("Interacting drugs", drugs_words(known.drugs)),
    ]


def drugs_words(drugs: tuple[str, ...] | None) -> str:
    if drugs is None:
        return NOT_ASKED
    return ", ".join(INTERACTING[each] for each in drugs) or f"none of {', '.join(INTERACTING.values())}"


def nameless_rows(record: PatientRecord | None, today: date) -> list[tuple[str, str]]:
    """What may leave the clinic in a file that names nobody: no birth date, no words of a person."""
    if record is None:
        return []
    age = record.age(today)
    # Above 89 an age alone can name somebody (the usual rule of de-identification).
    years = None if age is None else "90 or more" if age > 89 else f"{age}"
    rows = [
        ("age", years),
        ("sex", record.sex),
        ("height", None if record.height_cm is None else f"{record.height_cm:g} cm"),
        ("hypertension", ANSWERS.get(record.hypertension)),
        ("antihypertensive taken today", ANSWERS.get(record.antihypertensive)),
        ("interacting drugs", None if record.drugs is None else drugs_words(record.drugs)),
    ]
    return [(name, value) for name, value in rows if value]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SessionError(f"{text!r} is not a date; write it as 1970-03-31") from None
