"""A session's events in words, for every screen and report. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.sessions.events import EventKind, SessionEvent
from dashboard.sessions.plan import Plan
from dashboard.sessions.records import action_words, score_words

KINDS = {
    EventKind.PLAN: "Plan",
    EventKind.INFUSION_START: "Infusion start",
    EventKind.INFUSION_PAUSE: "Infusion paused",
    EventKind.INFUSION_RESUME: "Infusion resumed",
    EventKind.INFUSION_RATE: "Rate changed",
    EventKind.INFUSION_STOP: "Infusion stop",
    EventKind.PATIENT: "Patient record entered",
    EventKind.HANDOVER: "Hand-over",
    EventKind.THRESHOLDS: "Thresholds changed",
    EventKind.BASELINE: "Baseline by hand",
    EventKind.NOTE: "Note",
    EventKind.SCORE: "Score",
    EventKind.ACTION: "Intervention",
    EventKind.CUFF: "Cuff by hand",
    EventKind.SOUND: "Test tone heard",
    EventKind.MOVED: "Moved",
    EventKind.CORRECTION: "Corrected",
    EventKind.SESSION_END: "Session end",
}

_PRESSURES = {"SBP": "BP SYS", "DBP": "BP DIA"}


def event_words(event: SessionEvent) -> str:
    """What happened, with what belongs to it."""
    detail = event.detail
    match event.kind:
        case EventKind.NOTE if detail.get("text"):
            return str(detail["text"])
        case EventKind.BASELINE if detail.get("signal"):
            signal = str(detail["signal"])
            value = float(detail["value"])
            return f"Baseline {_PRESSURES.get(signal, signal)} {value:g} by hand: {detail.get('reason', '')}"
        case EventKind.THRESHOLDS if detail.get("reason"):
            return f"Thresholds changed: {detail['reason']}"
        case EventKind.SCORE:
            return score_words(detail)
        case EventKind.ACTION:
            return action_words(detail)
        case EventKind.CUFF:
            return f"Cuff by hand {float(detail['sys']):g}/{float(detail['dia']):g}"
        case EventKind.INFUSION_RATE:
            return f"Rate changed to {detail.get('entered') or rate_words(detail)}"
        case EventKind.MOVED:
            return f"Moved from {detail.get('from', '?')} to {detail.get('to', '?')}: {detail.get('reason', '')}"
        case EventKind.HANDOVER:
            remark = f": {detail['remark']}" if detail.get("remark") else ""
            return f"Hand-over from {detail.get('from') or '?'} to {detail.get('to', '?')}{remark}"
        case EventKind.PLAN:
            return plan_words(Plan.of_detail(detail))
    return KINDS[event.kind]


def event_text(event: SessionEvent) -> str:
    """What an event says in a few words; a time that nobody recorded is said to be assumed."""
    return f"{event_words(event)} (assumed)" if event.detail.get("assumed") else event_words(event)


def rate_words(detail: Mapping[str, Any]) -> str:
    return f"{float(detail['per_h']):g} {detail['unit']}/h"


def plan_words(plan: Plan) -> str:
    """A plan in one line; what was not said is not there."""
    parts = [plan.drug_words]
    if plan.dose_mg_per_kg is not None:
        parts.append(f"{plan.dose_mg_per_kg:g} mg/kg")
    if plan.dose_mg is not None:
        parts.append(f"{plan.dose_mg:.4g} mg for {plan.weight_entered or f'{plan.weight_kg:g} kg'}")
    if plan.planned_minutes is not None:
        parts.append(f"over {plan.planned_minutes:g} min")
    if plan.mg_per_h is not None:
        parts.append(f"{plan.mg_per_h:.4g} mg/h" + ("" if plan.ml_per_h is None else f" = {plan.ml_per_h:.4g} ml/h"))
    if plan.lot:
        parts.append(f"lot {plan.lot}" + (f", expires {plan.expiry}" if plan.expiry else ""))
    if plan.prescriber:
        parts.append(f"prescribed by {plan.prescriber}")
    return ", ".join(part for part in parts if part) or "No plan"
