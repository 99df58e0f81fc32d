"""What is recorded at a bed beside the infusion: scores, interventions, cuff readings by hand. Pure.

Lists of what there is to record, and the check of what comes in. Interventions are records of what staff did; the
program recommends none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from dashboard.errors import SessionError
from dashboard.rises.validity import DBP_RANGE, HR_RANGE, SBP_RANGE
from dashboard.sessions.events import EventKind, SessionEvent, corrected


class Scale(Struct, frozen=True):
    """A score: whole numbers from 0 to `high`; `words` for each, where there are some."""

    name: str
    title: str
    high: int
    words: tuple[str, ...] = ()


SCALES = {
    each.name: each
    for each in (
        Scale(
            "moaas",
            "MOAA/S",
            5,
            (
                "no response to pain",
                "only to a painful squeeze",
                "to prodding or shaking",
                "to name called loudly",
                "slow to name called",
                "awake, responds readily",
            ),
        ),
        Scale("nausea", "Nausea", 3, ("none", "mild", "moderate", "severe")),
        Scale("pain", "Pain", 10),
        Scale("cadss", "CADSS total", 92),
    )
}
"""Sedation, nausea, pain, dissociation (CADSS: 23 items of 0 to 4)."""

ACTIONS = {
    "talk": "Talked, reassured",
    "extra-cuff": "Extra cuff measured",
    "slow": "Infusion slowed",
    "antiemetic": "Antiemetic given",
    "antihypertensive": "Antihypertensive given",
    "prescriber": "Prescriber called",
    "oxygen": "Oxygen given",
}
"""What staff did, by its name in the record."""

WITH_WORDS = ("antiemetic", "antihypertensive")
"""Of these drug, dose and prescriber are written in words."""

OBSERVATIONS = ("Nausea", "Vomiting", "Anxiety", "Distress", "Headache", "Chest pain")
"""Quick notes of what was seen."""

BASELINES = {"SBP": SBP_RANGE, "DBP": DBP_RANGE, "HR": HR_RANGE}
"""What may be entered by hand: what would count as a reading (clinical definition 3.6)."""


def check_detail(kind: EventKind, detail: Mapping[str, Any]) -> None:
    """Refuses an event whose contents cannot be.

    Raises:
        SessionError: one sentence on what is wrong.
    """
    match kind:
        case EventKind.SCORE:
            _check_score(detail)
        case EventKind.ACTION:
            if detail.get("action") not in ACTIONS:
                raise SessionError("that intervention is not known; write a note")
            if detail["action"] in WITH_WORDS and not str(detail.get("text", "")).strip():
                raise SessionError("write drug, dose and prescriber")
        case EventKind.INFUSION_RATE:
            rate = detail.get("per_h")
            if not isinstance(rate, int | float) or not math.isfinite(rate) or not 0 < rate <= 5_000:
                raise SessionError("give the new rate; to halt the infusion record a pause or a stop")
            if detail.get("unit") not in ("mg", "mg/kg"):
                raise SessionError("a rate is in mg or mg/kg an hour")
        case EventKind.CUFF:
            _check_cuff(detail)
        case EventKind.THRESHOLDS:
            if "threshold_version_id" not in detail:
                raise SessionError("choose the version first")
            if not str(detail.get("reason", "")).strip():
                raise SessionError("a change of the thresholds needs its reason")
        case EventKind.BASELINE:
            _check_baseline(detail)


def _check_score(detail: Mapping[str, Any]) -> None:
    scale = SCALES.get(str(detail.get("scale")))
    if scale is None:
        raise SessionError("that scale is not known")
    value = detail.get("value")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= scale.high:
        raise SessionError(f"{scale.title} is a whole number from 0 to {scale.high}")


def _check_baseline(detail: Mapping[str, Any]) -> None:
    signal, value = detail.get("signal"), detail.get("value")
    if signal not in BASELINES or value is None:
        raise SessionError("choose the signal and give its baseline")
    low, high = BASELINES[signal]
    if not low <= value <= high:
        raise SessionError(f"a baseline of {value:g} is not possible for {signal}: give {low:g} to {high:g}")
    if not str(detail.get("reason", "")).strip():
        raise SessionError("a baseline set by hand needs its reason")


def _check_cuff(detail: Mapping[str, Any]) -> None:
    sys, dia, mean = (detail.get(name) for name in ("sys", "dia", "mean"))
    if not isinstance(sys, int | float) or not isinstance(dia, int | float):
        raise SessionError("a cuff reading has a systolic and a diastolic pressure, in mmHg")
    if not (SBP_RANGE[0] <= sys <= SBP_RANGE[1] and DBP_RANGE[0] <= dia <= DBP_RANGE[1]):
        raise SessionError(
            f"{sys:g}/{dia:g} mmHg is not possible: systolic {SBP_RANGE[0]:g} to {SBP_RANGE[1]:g}, diastolic "
            f"{DBP_RANGE[0]:g} to {DBP_RANGE[1]:g}, in mmHg (not kPa)"
        )
    if dia >= sys:
        raise SessionError(f"{sys:g}/{dia:g} is not possible: the systolic pressure is the higher one")
    if mean is not None and not (isinstance(mean, int | float) and dia < mean < sys):
        raise SessionError(f"a mean of {mean} does not lie between {dia:g} and {sys:g}")


def score_words(detail: Mapping[str, Any]) -> str:
    """A score as it is shown: ``MOAA/S 4, slow to name called``."""
    scale = SCALES.get(str(detail.get("scale")))
    if scale is None:
        return "Score"
    value = int(detail["value"])
    return f"{scale.title} {value}" + (f", {scale.words[value]}" if scale.words else "")


def action_words(detail: Mapping[str, Any]) -> str:
    words = ACTIONS.get(str(detail.get("action")), "Intervention")
    text = str(detail.get("text", "")).strip()
    return f"{words}: {text}" if text else words


def scores(events: Iterable[SessionEvent], scale: str) -> list[tuple[int, int]]:
    """(time, value) of a scale, by time."""
    found = [
        (event.time, int(event.detail["value"]))
        for event in corrected(events)
        if event.kind is EventKind.SCORE and event.detail.get("scale") == scale
    ]
    return sorted(found)
