"""What is changed in a session, rarely or with a reason: rate, plan, thresholds, baseline, times, bed; and the dose."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard.errors import SessionError, ThresholdError
from dashboard.rises.notices import UNITS
from dashboard.rises.threshold_diff import differences
from dashboard.rises.threshold_words import criteria_text, difference_rows
from dashboard.rises.thresholds import SIGNALS
from dashboard.sessions.corrections import FIXED
from dashboard.sessions.events import EventKind, Phase, corrected
from dashboard.sessions.patient import PatientRecord, patient_of
from dashboard.sessions.plan import Plan
from dashboard.sessions.records import BASELINES, check_detail
from dashboard.sessions.words import event_words
from dashboard.store import acts, queries
from dashboard.views import frame
from dashboard.views.at_bed import AtBed, act_form, done, given_time, patient, record, record_button, time_of
from dashboard.views.dose_figure import dose_figure
from dashboard.views.figure_look import themed
from dashboard.views.patient_form import patient_form
from dashboard.views.plan_form import checked_plan, plan_form
from dashboard.views.threshold_form import with_level
from dashboard.views.times import clock_text, recent
from dashboard.views.words import plain
from devices import instant

_RATE_ASKED = "bed_rate_asked"


def more(at: AtBed) -> None:
    """Everything else, one tap further."""
    bodies: dict[str, Callable[[AtBed], None]] = {
        "Dose": dose,
        "Correct": correct,
        "Thresholds": change_thresholds,
        "Baseline": set_baseline,
        "Plan": change_plan,
        "Patient": change_patient,
        "Move": move,
    }
    chosen = st.segmented_control("What", list(bodies), key="more_what", label_visibility="collapsed")
    if chosen is not None:
        bodies[chosen](at)


def rate(at: AtBed) -> None:
    """Another rate of the running infusion; it counts in the dose from its time on."""
    patient(at)
    plan = at.plan or Plan()
    units = ["mg/h", "mg/kg/h"] if plan.weight_kg is not None else ["mg/kg/h"]
    if plan.concentration_mg_ml and plan.weight_kg is not None:
        units.insert(0, "ml/h")
    with act_form("rate"):
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        value = left.number_input("New rate", 0.0, 5_000.0, None, 1.0, "%g", key="rate_value")
        unit = right.segmented_control("Unit", units, default=units[0], key="rate_unit")
        given = given_time(at, "rate")
        wanted = record_button("Record: rate", "rate_record")
    if not wanted:
        return
    with frame.explained():
        if not value or unit is None:
            raise SessionError("give the new rate; to halt the infusion record a pause or a stop")
        detail = _rate_detail(float(value), str(unit), plan)
        if _is_far(detail, plan) and st.session_state.get(_RATE_ASKED) != detail["entered"]:
            # A slip of the unit or of a digit: asked once, then taken as said.
            st.session_state[_RATE_ASKED] = detail["entered"]
            st.warning(f"{detail['entered']} is {detail['per_h']:.4g} mg/h; planned were {plan.mg_per_h:.4g} mg/h. "
                       "Record it again if it is meant.")  # fmt: skip
            return
        st.session_state.pop(_RATE_ASKED, None)
        record(at, EventKind.INFUSION_RATE, time_of(at, given), f"Rate {_rate_said(detail, plan)}", detail)


def _is_far(detail: Mapping[str, float | str], plan: Plan) -> bool:
    """Whether a rate in mg an hour is more than twice, or less than half, of what was planned."""
    if detail["unit"] != "mg" or plan.mg_per_h is None:
        return False
    return not 0.5 <= float(detail["per_h"]) / plan.mg_per_h <= 2


def _rate_said(detail: Mapping[str, float | str], plan: Plan) -> str:
    if detail["unit"] != "mg" or plan.mg_per_h is None:
        return str(detail["entered"])
    return f"{detail['entered']} ({detail['per_h']:.4g} mg/h, planned {plan.mg_per_h:.4g} mg/h)"


def _rate_detail(value: float, unit: str, plan: Plan) -> dict[str, float | str]:
    entered = f"{value:g} {unit}"
    if unit == "ml/h":
        return {"per_h": value * (plan.concentration_mg_ml or 0.0), "unit": "mg", "entered": entered}
    return {"per_h": value, "unit": unit.removesuffix("/h"), "entered": entered}


def dose(at: AtBed) -> None:
    """What was given and what was planned, over time."""
    drawn = dose_figure(at.events, at.plan, at.course, at.now(), at.zone)
    if drawn is None:
        st.info("There is nothing to draw: the plan says no dose or no duration, or the infusion has not started.")
        return
    figure, words = drawn
    st.markdown(f"**{words}**")  # above it: on a phone a figure's title is cut
    st.plotly_chart(themed(figure), width="stretch", key="dose_figure", config={"displayModeBar": False})


def correct(at: AtBed) -> None:
    """Another time for what was entered, or its withdrawal: a new entry that names the old one, with its reason."""
    found = {each.id: each for each in reversed(corrected(at.events)) if each.kind not in FIXED}
    if not found:
        st.info("Nothing that could be corrected has been entered yet. A cuff reading or a plan is entered anew.")
        return
    chosen = st.selectbox(
        "What",
        list(found),
        index=None,
        format_func=lambda each: (
            f"{clock_text(found[each].time, at.zone)} {event_words(found[each])} ({found[each].author})"
        ),
        placeholder="Choose the entry",
        key="correct_event",
    )
    if chosen is None:
        return
    event = found[chosen]
    if event.kind is EventKind.INFUSION_START and event.time == at.course.t0:
        st.caption(
            "Flags that were shown rest on the time first entered; the corrected time counts for dose and report."
        )
    with act_form("correct"):
        given = st.text_input("Right time", value=clock_text(event.time, at.zone), key=f"correct_time_{chosen}")
        reason = st.text_input("Reason", max_chars=200, key="correct_reason")
        timed = record_button("Record: right time", "correct_record")
        may = event.kind in (EventKind.NOTE, EventKind.SCORE, EventKind.ACTION)
        withdrawn = may and st.form_submit_button("Withdraw this entry", width="stretch", key="correct_withdraw")
    if timed or withdrawn:
        with frame.explained():
            if timed and given.strip() == clock_text(event.time, at.zone):
                raise SessionError("the time is the same; give the right one")
            _correct(at, chosen, recent(given, at.now(), at.zone) if timed else None, reason)


def _correct(at: AtBed, event_id: int, time: int | None, reason: str) -> None:
    acts.correct_event(
        at.store,
        at.session.id,
        event_id,
        time=time,
        reason=reason,
        author=at.who.name,
        now=instant.now(),
        bed_now=at.now(),
    )
    what = "entry withdrawn" if time is None else f"time corrected to {clock_text(time, at.zone)}"
    done(at, f"{at.bed.name}: {what} by {at.who.name}")


def change_plan(at: AtBed) -> None:
    """The plan entered anew, such as with the right weight; the first one stays in the record."""
    plan = plan_form(at.plan or Plan())
    if st.button("Record: plan", type="primary", width="stretch", key="plan_record"):
        with frame.explained():
            checked_plan(plan)
            if plan == at.plan:
                raise SessionError("nothing differs from the plan in force")
            record(at, EventKind.PLAN, at.now(), "Plan", plan.to_detail())


def change_patient(at: AtBed) -> None:
    """The patient record completed or corrected: entered anew, the first one stays."""
    known = patient_of(at.events)
    entered = patient_form(known or PatientRecord())
    if st.button("Record: patient", type="primary", width="stretch", key="patient_record"):
        with frame.explained():
            if entered == (known or PatientRecord()):
                raise SessionError("nothing differs from the record in force")
            record(at, EventKind.PATIENT, at.now(), "Patient record", entered.to_detail())


def move(at: AtBed) -> None:
    """To another bed, with the patient: the readings of the new bed's monitor are the session's from then on."""
    patient(at)
    with at.store.reading() as connection:
        busy = queries.open_sessions(connection)
        beds = {bed.name: bed for bed in queries.beds(connection) if bed.mode != "replay" and bed.id not in busy}
    if not beds:
        st.info("Every other bed has an open session.")
        return
    name = st.pills("To", list(beds), key="move_to")
    reason = st.text_input("Reason", max_chars=200, key="move_reason")
    same = st.checkbox("The patient with both identifiers is at that bed and at its monitor", key="move_compared")
    if at.course.phase is Phase.BASELINE:
        st.caption("The baseline goes on from the readings of both beds.")
    if st.button("Record: move", type="primary", width="stretch", key="move_record"):
        with frame.explained():
            if name is None:
                raise SessionError("choose the bed")
            if not same:
                raise SessionError("compare both identifiers with the patient at the new bed first, then tick the box")
            acts.move_session(
                at.store,
                at.session.id,
                beds[name].id,
                reason=reason,
                author=at.who.name,
                now=instant.now(),
                bed_now=at.now(),
            )
            st.query_params["bed"] = str(beds[name].id)
            done(at, f"{at.bed.name}: session moved to {name} by {at.who.name}")


def change_thresholds(at: AtBed) -> None:
    """Other thresholds from now on: another version, or other limits for this patient alone; and why."""
    st.write(f"Now in force: **{plain(at.version.name)}, version {at.version.version}** ({at.version.hash[:8]})")
    another, own = st.tabs(["Another version", "Only for this patient"])
    with another:
        _choose_version(at)
    with own:
        _adjust(at)


def _choose_version(at: AtBed) -> None:
    with at.store.reading() as connection:
        versions = queries.threshold_versions(connection, at.session.id)
    chosen = st.selectbox(
        "From now on",
        [each for each in versions if each.id != at.version.id],
        index=None,
        format_func=lambda each: f"{each.name}, version {each.version} · {each.author}: {each.reason}",
        placeholder="Choose a version",
        key="other_thresholds",
    )
    if chosen is not None:
        with frame.explained():
            changed = differences(acts.thresholds_of(at.version), acts.thresholds_of(chosen))
            st.dataframe(difference_rows(changed, "now", "then"), hide_index=True, width="stretch")
    reason = st.text_input("Reason", max_chars=200, key="thresholds_reason")
    if st.button("Record: change thresholds", type="primary", width="stretch", key="thresholds_record"):
        with frame.explained():
            if chosen is None:
                raise SessionError("choose the version first")
            detail = {"threshold_version_id": chosen.id, "reason": reason.strip()}
            record(at, EventKind.THRESHOLDS, at.now(), f"Thresholds {chosen.name} version {chosen.version}", detail)


def _adjust(at: AtBed) -> None:
    """One limit at a time: other numbers for this patient, in force for later readings; open rises keep theirs."""
    try:
        base = acts.thresholds_of(at.version)
    except ThresholdError as error:
        st.error(plain(str(error)))
        return
    levels = [level for signal in SIGNALS for level in base.levels_of(signal)]
    level = st.selectbox(
        "Limit",
        levels,
        format_func=lambda each: f"{each.signal} level {each.level}: {criteria_text(each, base.combine)}",
        key="adjust_level",
    )
    key = f"adjust_{level.signal}_{level.level}"
    cells = st.columns(3)
    absolute = cells[0].number_input(f"Limit, {UNITS[level.signal]}", value=level.absolute, key=f"{key}_absolute")
    rise = cells[1].number_input("Above baseline", value=level.rise, key=f"{key}_rise")
    percent = cells[2].number_input("Above baseline, %", value=level.rise_percent, key=f"{key}_percent")
    st.caption("Empty: switched off. In force for later readings of this session; open rises keep their limit.")
    reason = st.text_input("Reason", max_chars=200, key="adjust_reason")
    if st.button("Record: adjust for this patient", type="primary", width="stretch", key="adjust_record"):
        with frame.explained():
            new = with_level(base, level, absolute=absolute, rise=rise, rise_percent=percent)
            now = at.now()
            acts.adjust_thresholds(
                at.store, at.session.id, new, author=at.who.name, reason=reason, now=instant.now(), bed_now=now
            )
            words = f"{level.signal} level {level.level} adjusted"
            done(at, f"{at.bed.name}: {words}, recorded at {clock_text(now, at.zone)} by {at.who.name}")


def set_baseline(at: AtBed) -> None:
    """A baseline by hand replaces the measured one for later readings, with its reason (3.2)."""
    signal = st.segmented_control("Signal", list(BASELINES), key="baseline_signal")
    value = st.number_input("Baseline", value=None, step=1.0, key="baseline_value")
    reason = st.text_input("Reason", max_chars=200, key="baseline_reason")
    if st.button("Record: set baseline", type="primary", width="stretch", key="baseline_record"):
        with frame.explained():
            detail = {"signal": signal, "value": value, "reason": reason.strip()}
            check_detail(EventKind.BASELINE, detail)
            record(at, EventKind.BASELINE, at.now(), f"Baseline {signal} {value:g}", detail)
