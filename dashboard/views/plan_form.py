"""The part of a form that asks for the infusion plan, and says at once what follows: both weights, mg, mg/h, ml/h."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.errors import SessionError
from dashboard.sessions.plan import (
    ASK_ABOVE_MG_PER_KG,
    DRUGS,
    TEMPLATES,
    UNITS,
    Plan,
    Template,
    WeightDoubt,
    both_units,
    in_kg,
    template,
    weight_doubt,
)
from dashboard.views.words import plain

OTHER = "other"
_KEYS = (
    *("template", "drug", "other_drug", "dose", "planned", "weight", "unit", "how", "concentration"),
    *("lot", "expiry", "prescriber", "doubt", "sure"),
)


def plan_form(known: Plan | None = None) -> Plan:
    """Asks for a plan; nothing that concerns the patient is chosen by default.

    Args:
        known: what to begin with, of a session whose plan is corrected.
    """
    if known is None:
        titles = [template(name).title for name in TEMPLATES]
        words = "Example to begin with (approved by no clinician: check every number)"
        st.pills(words, titles, key="plan_template", on_change=_fill)
        chosen = example()
        if chosen is not None:
            st.caption(plain(f"Source: {chosen.source}"))
    elif "plan_dose" not in st.session_state:
        _begin_with(known)
    left, middle, right = st.columns(3)
    drug = left.selectbox(
        "Drug",
        [*DRUGS, OTHER],
        index=None,
        format_func=lambda each: DRUGS.get(each, "Another"),
        placeholder="Choose the drug",
        key="plan_drug",
    )
    if drug == OTHER:
        left.text_input("Name of the drug", max_chars=60, key="plan_other_drug")
    middle.number_input("Dose, mg per kg body weight (not mg)", 0.0, 20.0, None, 0.05, key="plan_dose")
    right.number_input("Planned duration, minutes", 1.0, 10_080.0, None, 5.0, "%g", key="plan_planned")
    left, middle, right = st.columns(3)
    left.number_input("Body weight", 0.0, 999.0, None, 1.0, "%g", key="plan_weight")
    with middle, st.container(horizontal=True):
        st.segmented_control("Unit", UNITS, key="plan_unit")
        st.segmented_control("Weight was", ("measured", "stated"), key="plan_how")
    right.number_input("Concentration, mg per ml", 0.0, 100.0, None, 0.5, "%g", key="plan_concentration")
    left, middle, right = st.columns(3)
    left.text_input("Lot number of the drug", max_chars=40, key="plan_lot")
    middle.text_input("Expiry date of the drug", max_chars=10, placeholder="2027-03", key="plan_expiry")
    right.text_input("Prescriber", max_chars=60, key="plan_prescriber")
    doubt = _doubt()
    if doubt is not None:
        _ask(doubt)
    plan = _plan(known)
    if plan.weight_kg is not None:
        st.info(plain(_computed(plan)))
    dose = plan.dose_mg_per_kg
    if dose is not None and dose > ASK_ABOVE_MG_PER_KG:
        st.warning(f"{dose:g} mg per kg is more than {ASK_ABOVE_MG_PER_KG:g}: is it a dose in mg, or per lb?")
        st.checkbox(f"{dose:g} mg per kg is meant", key="plan_sure")
    return plan


def checked_plan(plan: Plan) -> Plan:
    """The plan, when every question about it has been answered.

    Raises:
        SessionError: what is missing or cannot be.
    """
    state = st.session_state
    if state.get("plan_drug") == OTHER and not plan.drug:
        raise SessionError("name the drug")
    if state.get("plan_weight") and state.get("plan_unit") is None:
        raise SessionError("say whether the weight is in kg or in lb")
    doubt = _doubt()
    if doubt is not None and state.get("plan_doubt") not in UNITS:
        raise SessionError(f"say whether {doubt.value:g} is in kg or in lb")
    dose = plan.dose_mg_per_kg
    if dose is not None and dose > ASK_ABOVE_MG_PER_KG and not state.get("plan_sure"):
        raise SessionError(f"say that {dose:g} mg per kg is meant, or correct the dose")
    plan.check()
    return plan


def forget_plan() -> None:
    for key in _KEYS:
        st.session_state.pop(f"plan_{key}", None)


def example() -> Template | None:
    """The example that was chosen."""
    chosen = st.session_state.get("plan_template")
    return next((found for found in map(template, TEMPLATES) if found.title == chosen), None)


def _fill() -> None:
    found, state = example(), st.session_state
    if found is not None:
        state["plan_drug"], state["plan_dose"] = found.drug, found.dose_mg_per_kg
        state["plan_planned"] = float(found.planned_minutes)
        state.pop("plan_sure", None)


def _begin_with(known: Plan) -> None:
    entered = known.weight_entered.split()
    values: Mapping[str, Any] = {
        "drug": known.drug if known.drug in DRUGS else (OTHER if known.drug else None),
        "other_drug": "" if known.drug in DRUGS else known.drug,
        "dose": known.dose_mg_per_kg,
        "planned": None if known.planned_minutes is None else float(known.planned_minutes),
        "weight": float(entered[0]) if entered else None,
        "unit": entered[1] if entered else None,
        "how": known.weight_how or None,
        "concentration": known.concentration_mg_ml,
        "lot": known.lot,
        "expiry": known.expiry,
        "prescriber": known.prescriber,
    }
    for key, value in values.items():
        st.session_state[f"plan_{key}"] = value


def _doubt() -> WeightDoubt | None:
    value, unit = st.session_state.get("plan_weight"), st.session_state.get("plan_unit")
    return weight_doubt(float(value), unit) if value and unit else None


def _ask(doubt: WeightDoubt) -> None:
    first, second = doubt.dose_words(st.session_state.get("plan_dose"))
    words = {doubt.unit: first, doubt.other_unit: second}
    st.warning(f"{doubt.value:g} {doubt.unit} is unusual: is it {doubt.unit} or {doubt.other_unit}?")
    st.radio(
        "Which is meant?", list(words), index=None, format_func=words.__getitem__, horizontal=True, key="plan_doubt"
    )


def _plan(known: Plan | None) -> Plan:
    state = st.session_state
    drug, value, unit = state.get("plan_drug"), state.get("plan_weight"), state.get("plan_unit")
    if _doubt() is not None:
        unit = state.get("plan_doubt")
    weight = in_kg(float(value), unit) if value and unit in UNITS else None
    chosen = example()
    observed = known.observe_minutes if known is not None else None
    began_with = known.template if known is not None else ""
    return Plan(
        drug=(state.get("plan_other_drug") or "").strip() if drug == OTHER else (drug or ""),
        dose_mg_per_kg=state.get("plan_dose") or None,
        weight_kg=weight,
        weight_entered="" if weight is None else f"{value:g} {unit}",
        weight_how=state.get("plan_how") or "",
        concentration_mg_ml=state.get("plan_concentration") or None,
        planned_minutes=state.get("plan_planned"),
        observe_minutes=chosen.observe_minutes if chosen is not None else observed,
        lot=(state.get("plan_lot") or "").strip(),
        expiry=(state.get("plan_expiry") or "").strip(),
        prescriber=(state.get("plan_prescriber") or "").strip(),
        template=chosen.name if chosen is not None else began_with,
    )


def _computed(plan: Plan) -> str:
    value, unit = plan.weight_entered.split()
    parts = [both_units(float(value), unit)]
    if plan.dose_mg is not None:
        parts.append(f"{plan.dose_mg_per_kg:g} mg/kg x {plan.weight_kg:.4g} kg = {plan.dose_mg:.4g} mg")
    if plan.mg_per_h is not None:
        parts.append(f"over {plan.planned_minutes:g} min = {plan.mg_per_h:.4g} mg/h")
    if plan.volume_ml is not None:
        parts.append(f"at {plan.concentration_mg_ml:g} mg/ml: {plan.volume_ml:.4g} ml")
    if plan.ml_per_h is not None:
        parts.append(f"{plan.ml_per_h:.4g} ml/h")
    return " · ".join(parts)
