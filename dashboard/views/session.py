"""Start a session: bed, two identifiers, the infusion plan, the patient record, thresholds. Nothing that concerns the
patient is chosen by default; only bed, identifiers and thresholds are required."""

import streamlit as st

from dashboard.errors import SessionError
from dashboard.live.snapshot import clock_of
from dashboard.store import acts, queries
from dashboard.views import frame
from dashboard.views.patient_form import forget_patient, patient_form
from dashboard.views.plan_form import checked_plan, example, forget_plan, plan_form
from dashboard.views.times import clock_text
from dashboard.views.words import plain
from devices import instant

who = frame.require_person("start a session")
store = frame.store()
with store.reading() as connection:
    beds = queries.beds(connection)
    open_sessions = queries.open_sessions(connection)
    states = queries.bed_states(connection)
    versions = queries.threshold_versions(connection)

st.subheader("Start a session")
started = st.session_state.pop("session_started", None)
if started is not None:
    bed_id, sentence = started
    st.success(plain(sentence))
    st.page_link("bed.py", label="Open the bed", query_params={"bed": str(bed_id)}, icon=":material/monitor_heart:")

live = {bed.name: bed for bed in beds if bed.mode != "replay"}
taken = {bed.name: open_sessions[bed.id] for bed in live.values() if bed.id in open_sessions}
if not beds:
    st.info("No bed is configured yet. Start the watch with a bed configuration, or run `risewatch demo`.")
    st.stop()
if len(taken) == len(live):
    st.info("Every bed has an open session. End one on its bed page first.")
    st.stop()

# The newest version of each name only: an older one is chosen by saving it anew, with author and reason.
newest = {version.name: version for version in reversed(versions)}
choices = list(newest)
if not choices:
    st.error("There is no threshold set yet: start the watch once, or save one on the Thresholds page.")
    st.stop()

# All beds are offered, so that one that is taken while this page is filled in is not just gone from the list.
name = st.pills("Bed", list(live), key="bed_choice")
if taken:
    st.caption(plain(f"With an open session: {', '.join(taken)}"))
left, right = st.columns(2)
patient = left.text_input("Patient, first identifier (initials or name)", max_chars=60, key="patient")
identifier = right.text_input("Second identifier (birth date or record number)", max_chars=60, key="identifier")
plan = plan_form()
with st.expander("Patient record: allergies, risk, birth date. It can be completed at the bed"):
    record = patient_form()
chosen = example()
wanted = chosen.thresholds if chosen is not None and chosen.thresholds in choices else "adult-iv"
if st.session_state.get("thresholds_for") != wanted and wanted in choices:
    st.session_state["thresholds_for"] = st.session_state["thresholds_choice"] = wanted
version = newest[
    st.selectbox(
        "Thresholds",
        choices,
        format_func=lambda each: f"{each}, version {newest[each].version}",
        key="thresholds_choice",
    )
]
same = st.checkbox("I have compared both identifiers with the patient at this bed and at its monitor", key="compared")
if not st.button("Start session", type="primary", width="stretch", key="start_session"):
    st.stop()

with frame.explained():
    if name is None:
        raise SessionError("choose the bed")
    if name in taken:
        began = clock_text(taken[name].started, frame.zone_name(), seconds=False)
        raise SessionError(
            f"{name} has an open session, started at {began} by {taken[name].started_by}: "
            "choose another bed, or end that session on its bed page"
        )
    if not patient.strip() or not identifier.strip():
        raise SessionError("two identifiers of the patient are needed, such as initials and birth date")
    if not same:
        raise SessionError("compare both identifiers with the patient first, then tick the box")
    bed, now = live[name], instant.now()
    acts.start_session(
        store,
        bed.id,
        patient=patient,
        identifier=identifier,
        threshold_version_id=version.id,
        author=who.name,
        now=now,
        bed_now=clock_of(states.get(bed.id)).now(now),
        plan=checked_plan(plan),
        record=record,
    )
    st.session_state["session_started"] = (
        bed.id,
        f"The session on {name} has started. Its baseline is being measured; say when the infusion starts.",
    )
    for key in ("bed_choice", "patient", "identifier", "compared", "thresholds_for", "thresholds_choice"):
        st.session_state.pop(key, None)
    forget_plan()
    forget_patient()
    st.rerun()
