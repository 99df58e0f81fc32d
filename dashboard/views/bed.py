"""One bed: its live view, and what may be done there. The bed is in the address, so the page can be kept open."""

from functools import partial

import streamlit as st

from dashboard.components import bed as live_bed
from dashboard.live.snapshot import clock_of
from dashboard.sessions.events import fold, version_in_force
from dashboard.store import queries
from dashboard.views import bed_acts, frame
from dashboard.views.at_bed import AtBed
from dashboard.views.replay_controls import controls
from dashboard.views.why import why
from dashboard.views.words import plain
from devices import instant

store = frame.store()
with store.reading() as connection:
    beds = queries.beds(connection)

wanted = st.query_params.get("bed", "")
bed = next((each for each in beds if str(each.id) == wanted), None)
if bed is None:
    frame.live_strip()
    if wanted:
        st.error("That bed is not configured here. Choose one of these.")
    elif not beds:
        st.info("No bed is configured yet.")
    # Buttons, not page links: a link from this page to itself leaves the bed out of the address.
    for each in beds:
        if st.button(plain(each.name), key=f"choose_{each.id}", width="stretch"):
            st.query_params["bed"] = str(each.id)
            st.rerun()
    st.stop()

if bed.mode == "replay":
    frame.mark("REPLAY: a recording, not a patient. Nothing on this page is live")

who = frame.person()
opened = live_bed(frame.screen(), bed.id, partial(bed_acts.owe_question, bed.id))
if opened is not None:
    st.query_params["bed"] = str(opened)
    st.rerun()

with store.reading() as connection:
    session = queries.open_sessions(connection).get(bed.id)
    state = queries.bed_states(connection).get(bed.id)
    events = queries.session_events(connection, session.id) if session else []
    version = (
        queries.threshold_version(connection, version_in_force(events, session.threshold_version_id))
        if session
        else None
    )

if who is None:
    if session is not None:
        why(store, session, clock_of(state), frame.zone_name())
    frame.shift_control()
    st.caption("Without a name this screen shows, but does not acknowledge or record.")
    st.stop()

if session is None:
    words = f"Start a session on {plain(bed.name)}"
    if bed.mode != "replay" and st.button(words, icon=":material/play_arrow:", width="stretch", key="start_here"):
        st.session_state["bed_choice"] = bed.name
        st.switch_page("session.py")
elif version is None:
    st.error("The thresholds of this session are not in the database: choose another version on its page.")
else:
    clock = clock_of(state)
    # A replayed session knows its future: its acts are those of the replay's clock.
    until = clock.now(instant.now()) if bed.mode == "replay" else None
    course = fold(events, session.planned_minutes, until)
    at = AtBed(store, bed, session, course, version, clock, frame.zone_name(), who, tuple(events))
    if bed.mode != "replay":
        bed_acts.ask_after_alarm(at)
    if bed.mode == "replay":
        with st.container():
            controls(store, bed, state, who.name, keyed=True)
    bed_acts.bar(at)
    why(store, session, clock, frame.zone_name())
frame.shift_control()
