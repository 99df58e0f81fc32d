"""What is changed in a session, rarely or with a reason: rate, plan, thresholds, baseline, times, bed; and the dose."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.errors import SessionError, ThresholdError
from dashboard.rises.notices import UNITS
from dashboard.rises.threshold_diff import differences
from dashboard.rises.thresholds import SIGNALS
from dashboard.sessions.events import EventKind, Phase, corrected
from dashboard.sessions.plan import Plan
from dashboard.sessions.records import BASELINES, check_detail
from dashboard.sessions.words import event_words
from dashboard.store import acts, queries
from dashboard.views import frame
from dashboard.views.at_bed import AtBed, done, given_time, patient, record, time_of
from dashboard.views.dose_figure import dose_figure
from dashboard.views.figure_look import themed
from dashboard.views.plan_form import checked_plan, forget_plan, plan_form
from dashboard.views.threshold_form import with_level
from dashboard.views.threshold_words import criteria_text, difference_rows
from dashboard.views.times import clock_text, recent
from dashboard.views.words import plain
from devices import instant


def more(at: AtBed) -> None:
    """Everything else, one tap further."""
    bodies: dict[str, Callable[[AtBed], None]] = {
        "Dose": dose,
        "Correct": correct,
        "Thresholds": change_thresholds,
        "Baseline": set_baseline,
        "Plan": change_plan,
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
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    value = left.number_input("New rate", 0.0, 5_000.0, None, 1.0, "%g", key="rate_value")
    unit = right.segmented_control("Unit", units, default=units[0], key="rate_unit")
    detail = None if not value or unit is None else _rate_detail(float(value), str(unit), plan)
    if detail is not None and plan.mg_per_h is not None and detail["unit"] == "mg":
        st.info(f"{detail['per_h']:.4g} mg/h; planned were {plan.mg_per_h:.4g} mg/h")
    given = given_time(at, "rate")
    if st.button("Record: rate", type="primary", width="stretch", key="rate_record", shortcut="Enter"):
        with frame.explained():
            if detail is None:
                raise SessionError("give the new rate; to halt the infusion record a pause or a stop")
            record(at, EventKind.INFUSION_RATE, time_of(at, given), f"Rate {detail['entered']}", detail)


def _rate_detail(value: float, unit: str, plan: Plan) -> dict[str, float | str]:
    entered = f"{value:g} {unit}"
    if unit == "ml/h":
        return {"per_h": value * (plan.concentration_mg_ml or 0.0), "unit": "mg", "entered": entered}
    return {"per_h": value, "unit": unit.removesuffix("/h"), "entered": entered}


def dose(at: AtBed) -> None:
    """What was given and what was planned, over time."""
    figure = dose_figure(at.events, at.plan, at.course, at.now(), at.zone)
    if figure is None:
        st.info("There is nothing to draw: the plan says no dose or no duration, or the infusion has not started.")
        return
    st.plotly_chart(themed(figure), width="stretch", key="dose_figure", config={"displayModeBar": False})


def correct(at: AtBed) -> None:
    """Another time for what was entered, or its withdrawal: a new entry that names the old one, with its reason."""
    kinds = (EventKind.CORRECTION, EventKind.PLAN, EventKind.SESSION_END, EventKind.MOVED, EventKind.CUFF)
    found = {each.id: each for each in reversed(corrected(at.events)) if each.kind not in kinds}
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
    given = st.text_input("Right time", value=clock_text(event.time, at.zone), key=f"correct_time_{chosen}")
    reason = st.text_input("Reason", max_chars=200, key="correct_reason")
    left, right = st.columns(2)
    if left.button("Record: right time", type="primary", width="stretch", key="correct_record"):
        with frame.explained():
            if given.strip() == clock_text(event.time, at.zone):
                raise SessionError("the time is the same; give the right one")
            _correct(at, chosen, recent(given, at.now(), at.zone), reason)
    if event.kind in (EventKind.NOTE, EventKind.SCORE, EventKind.ACTION) and right.button(
        "Withdraw this entry", width="stretch", key="correct_withdraw"
    ):
        with frame.explained():
            _correct(at, chosen, None, reason)


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
            forget = plan.to_detail()
            forget_plan()
            record(at, EventKind.PLAN, at.now(), "Plan", forget)


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
