"""What happened in a session as short texts, the form in which files carry it, and such texts read again.

Files of other programs say it in other words ("Ketamine started"); what is not understood is no infusion event.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from dashboard.sessions.events import EventKind, SessionEvent
from dashboard.sessions.patient import PatientRecord, nameless_rows
from dashboard.sessions.plan import DRUGS, Plan
from dashboard.sessions.records import score_words

_TEXTS = {
    EventKind.INFUSION_START: "infusion start",
    EventKind.INFUSION_PAUSE: "infusion pause",
    EventKind.INFUSION_RESUME: "infusion resume",
    EventKind.INFUSION_STOP: "infusion stop",
    EventKind.SESSION_END: "session end",
}

_LOT = re.compile(r"(?=.*\d)[A-Z0-9./-]{1,20}", re.IGNORECASE)

_WHAT = r"(?:(?:(?:s )?ketamine|esketamine|drug|the) )*(?:infusion|(?:s )?ketamine|esketamine|drug)"
_DEEDS = {
    EventKind.INFUSION_START: r"start(?:s|ed)?|beg[iau]n|begins|on",
    EventKind.INFUSION_STOP: r"stop(?:s|ped)?|end(?:s|ed)?|finish(?:ed)?|off|completed?",
    EventKind.INFUSION_PAUSE: r"paused?|held|interrupted",
    EventKind.INFUSION_RESUME: r"resumed?|restarted|continued",
}
_PATTERNS = {
    kind: re.compile(rf"(?:{_WHAT} (?:{deed})|(?:{deed}) (?:of )?{_WHAT})(?: ?[:;,(.].*)?", re.IGNORECASE)
    for kind, deed in _DEEDS.items()
} | {EventKind.SESSION_END: re.compile(r"session\s+end(?:s|ed)?", re.IGNORECASE)}


def text_of(kind: EventKind) -> str | None:
    """How an event is called in a file; None for what is not written there (notes may hold names)."""
    return _TEXTS.get(kind)


def told(event: SessionEvent, today: date) -> str | None:
    """An event as a file that names nobody carries it: infusion, rate, scores, plan and risk in fixed words and
    numbers. None for what holds words of a person (notes, interventions, allergies, names).

    Args:
        today: the day of the session by the clinic's calendar, for the age.
    """
    match event.kind:
        case EventKind.SCORE:
            return f"score {score_words(event.detail)}"
        case EventKind.INFUSION_RATE:
            return f"infusion rate {float(event.detail['per_h']):g} {event.detail['unit']}/h"
        case EventKind.PLAN:
            return _rows("plan", _plan_rows(Plan.of_detail(event.detail)))
        case EventKind.PATIENT:
            return _rows("patient", nameless_rows(PatientRecord.of_detail(event.detail), today))
    return text_of(event.kind)


def _plan_rows(plan: Plan) -> list[tuple[str, str]]:
    numbers = (
        ("dose", plan.dose_mg_per_kg, "mg/kg"),
        ("weight", plan.weight_kg, "kg"),
        ("concentration", plan.concentration_mg_ml, "mg/ml"),
        ("duration", plan.planned_minutes, "min"),
    )
    # A drug that is not of the list is a word of a person, and so is a lot that is no number.
    found = [("drug", DRUGS[plan.drug])] if plan.drug in DRUGS else []
    found += [(name, f"{value:.4g} {unit}") for name, value, unit in numbers if value is not None]
    found += [("lot", plan.lot)] if _LOT.fullmatch(plan.lot) else []
    return found + ([("expires", plan.expiry)] if plan.expiry else [])


def _rows(what: str, rows: Iterable[tuple[str, str]]) -> str | None:
    said = "; ".join(f"{name} {value}" for name, value in rows)
    return f"{what}: {said}" if said else None


def kind_of(text: str) -> EventKind | None:
    """The event that `text` says, such as ``Ketamine infusion started: 35 mg``; None if it says none."""
    plain = re.sub(r"[\s_-]+", " ", text).strip() if len(text) <= 200 else ""
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.fullmatch(plain)), None)


def events_in(told: Iterable[tuple[int, str]], entered: int, author: str) -> list[SessionEvent]:
    """The session events among (time, text), by time."""
    found = [(time, text, kind) for time, text in told if (kind := kind_of(text)) is not None]
    return [
        SessionEvent(place, kind, time, entered, author, {"from": "file", "text": text[:200]})
        for place, (time, text, kind) in enumerate(sorted(found, key=lambda each: each[0]), 1)
    ]
