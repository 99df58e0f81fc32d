"""Start a session: bed, two identifiers, drug, dose, planned duration, thresholds. Nothing is chosen by default that
concerns the patient."""

import streamlit as st

from dashboard.live.snapshot import clock_of
from dashboard.store import acts, queries
from dashboard.views import frame
from dashboard.views.times import clock_text
from dashboard.views.words import plain
from devices import instant

_OTHER = "Other"
_DRUGS = ("Ketamine IV", "Esketamine IV", "Esketamine nasal", "Ketamine SC", _OTHER)
_USUAL_DOSE = 2.0

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

live = [bed for bed in beds if bed.mode != "replay"]
if not beds:
    st.info("No bed is configured yet. Start the watch with a bed configuration, or run `risewatch demo`.")
    st.stop()
if all(bed.id in open_sessions for bed in live):
    st.info("Every bed has an open session. End one on its bed page first.")
    st.stop()

# The newest version of each name only: an older one is chosen by saving it anew, with author and reason.
newest = {version.name: version for version in reversed(versions)}
choices = list(newest.values())
if not choices:
    st.error("There is no threshold set yet: start the watch once, or save one on the Thresholds page.")
    st.stop()

with st.form("start_session", border=True):
    left, right = st.columns(2)
    bed = left.selectbox(
        "Bed", live, index=None, format_func=lambda each: each.name, placeholder="Choose the bed", key="bed_choice"
    )
    version = right.selectbox(
        "Thresholds",
        choices,
        index=next((index for index, each in enumerate(choices) if each.name == "adult-iv"), 0),
        format_func=lambda each: f"{each.name}, version {each.version}",
        key="thresholds_choice",
    )
    patient = left.text_input("Patient, first identifier (initials or name)", max_chars=60, key="patient")
    identifier = right.text_input("Second identifier (birth date or record number)", max_chars=60, key="identifier")
    drug = left.selectbox("Drug", _DRUGS, index=None, placeholder="Choose the drug", key="drug")
    other = right.text_input(f"Drug, if {_OTHER.lower()}", max_chars=60, key="other_drug")
    dose = left.number_input(
        "Dose, mg per kg body weight (not mg)", min_value=0.0, max_value=20.0, value=None, step=0.05, key="dose"
    )
    planned = right.number_input(
        "Planned duration of the infusion, minutes", min_value=1, max_value=10_080, value=None, step=5, key="planned"
    )
    same = st.checkbox(
        "I have compared both identifiers with the patient at this bed and at its monitor", key="compared"
    )
    pressed = st.form_submit_button("Start session", type="primary", width="stretch")

if not pressed:
    st.stop()
if bed is None:
    st.error("Choose the bed.")
    st.stop()
taken = open_sessions.get(bed.id)
if taken is not None:
    # All beds are offered, so that one that was taken while this form was filled in is not just gone from the list.
    began = clock_text(taken.started, frame.zone_name(), seconds=False)
    st.error(
        plain(
            f"{bed.name} has an open session, started at {began} by {taken.started_by}: "
            "choose another bed, or end that session on its bed page."
        )
    )
    st.stop()
if not patient.strip() or not identifier.strip():
    st.error("Two identifiers of the patient are needed, such as initials and birth date.")
    st.stop()
if not same:
    st.error("Compare both identifiers with the patient first, then tick the box.")
    st.stop()
if drug == _OTHER and not other.strip():
    st.error("Name the drug.")
    st.stop()
if dose is not None and dose > _USUAL_DOSE and st.session_state.get("dose_confirmed") != dose:
    # A pound or a whole dose entered as mg/kg is larger by two or seventy: asked once, then taken as said.
    st.session_state["dose_confirmed"] = dose
    st.warning(f"{dose:g} mg per kg is more than {_USUAL_DOSE:g}. If it is meant so, press Start session again.")
    st.stop()

now = instant.now()
state = states.get(bed.id)
with frame.explained():
    acts.start_session(
        store,
        bed.id,
        patient=patient,
        identifier=identifier,
        threshold_version_id=version.id,
        author=who.name,
        now=now,
        bed_now=clock_of(state).now(now),
        drug=other.strip() if drug == _OTHER else (drug or ""),
        dose_mg_per_kg=dose,
        planned_minutes=None if planned is None else float(planned),
    )
    st.session_state["session_started"] = (
        bed.id,
        f"The session on {bed.name} has started. Its baseline is being measured; say when the infusion starts.",
    )
    for key in ("bed_choice", "patient", "identifier", "drug", "other_drug", "dose", "planned", "compared"):
        st.session_state.pop(key, None)
    st.session_state.pop("dose_confirmed", None)
    st.rerun()
