"""The part of a form that asks for the patient record. Nothing is chosen by default, nothing is required."""

from __future__ import annotations

import streamlit as st

from dashboard.sessions.patient import ANSWERS, INTERACTING, NOT_ASKED, SEXES, PatientRecord, risk_rows
from dashboard.views.words import plain

_KEYS = ("birth_date", "sex", "height", "allergies", "no_allergies", "hypertension", "antihypertensive", "cardiac")
_NONE = "none of these"
NONE_KNOWN = "none known"


def patient_form(known: PatientRecord | None = None) -> PatientRecord:
    """Asks for the record, in one tap where it can be.

    Args:
        known: what to begin with, of a session whose record is completed.
    """
    if known is not None and "patient_allergies" not in st.session_state:
        _begin_with(known)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    allergies = left.text_input(
        "Allergies", max_chars=200, placeholder="What, and which reaction", key="patient_allergies"
    )
    no_allergies = right.checkbox("No allergy known", key="patient_no_allergies")
    left, right = st.columns(2)
    with left:
        hypertension = _answer("Hypertension", "hypertension")
    with right:
        antihypertensive = _answer("Antihypertensive taken today", "antihypertensive")
    cardiac = st.text_input("Cardiac history", max_chars=200, placeholder=NONE_KNOWN, key="patient_cardiac")
    chosen = st.pills(
        "Interacting drugs that are taken",
        [*INTERACTING, _NONE],
        selection_mode="multi",
        format_func=lambda each: INTERACTING.get(each, each),
        key="patient_drugs",
    )
    left, middle, right = st.columns(3)
    born = left.text_input("Birth date", max_chars=10, placeholder="1970-03-31", key="patient_birth_date")
    with middle:
        sex = st.segmented_control("Sex", list(SEXES), format_func=SEXES.__getitem__, key="patient_sex")
    height = right.number_input("Height, cm", 0.0, 300.0, None, 1.0, "%g", key="patient_height")
    drugs = tuple(each for each in INTERACTING if each in chosen)
    return PatientRecord(
        birth_date=(born or "").strip(),
        sex=sex or "",
        height_cm=height or None,
        # Words beat the tick: what was written is not thrown away.
        allergies=(allergies or "").strip() or (NONE_KNOWN if no_allergies else ""),
        hypertension=hypertension,
        antihypertensive=antihypertensive,
        cardiac=(cardiac or "").strip(),
        drugs=drugs if drugs or _NONE in chosen else None,
    )


def forget_patient() -> None:
    for key in (*_KEYS, "drugs"):
        st.session_state.pop(f"patient_{key}", None)


def risk_line(record: PatientRecord | None) -> str:
    """Allergies and risk in one line of markdown; what was not asked in few words at its end."""
    rows = risk_rows(record)
    parts = [f"**{plain(name)}:** {plain(value)}" for name, value in rows if value != NOT_ASKED]
    missing = [name.lower() for name, value in rows if value == NOT_ASKED]
    if missing:
        parts.append(f"not recorded: {', '.join(missing)}")
    return " · ".join(parts)


def _answer(words: str, key: str) -> str:
    chosen = st.segmented_control(words, list(ANSWERS), format_func=ANSWERS.__getitem__, key=f"patient_{key}")
    return str(chosen or "")


def _begin_with(known: PatientRecord) -> None:
    state = st.session_state
    state["patient_birth_date"], state["patient_sex"] = known.birth_date, known.sex or None
    state["patient_height"] = known.height_cm
    state["patient_no_allergies"] = known.allergies == NONE_KNOWN
    state["patient_allergies"] = "" if known.allergies == NONE_KNOWN else known.allergies
    state["patient_hypertension"] = known.hypertension or None
    state["patient_antihypertensive"] = known.antihypertensive or None
    state["patient_cardiac"] = known.cardiac
    state["patient_drugs"] = [] if known.drugs is None else [*known.drugs] or [_NONE]
