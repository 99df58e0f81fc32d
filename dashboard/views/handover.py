"""Hand-over: every session that goes on, what is open first; printed, and taken over by whoever signs in."""

import streamlit as st

from dashboard.access.people import begin_shift, checked_name
from dashboard.components import print_button
from dashboard.reports.handover import handovers
from dashboard.sessions.privacy import shown_patient
from dashboard.store import acts
from dashboard.views import frame, handover_words, monitor_tables, session_words
from dashboard.views.times import moment_text
from dashboard.views.words import plain
from devices import instant

store = frame.store()
who = frame.person()
zone = frame.zone_name()

st.markdown("#### Hand-over")
said = st.session_state.pop("handover_said", "")
if said:
    st.success(plain(said))
with store.reading() as connection:
    sheets = handovers(connection, instant.now())
if not sheets:
    st.info("No session is open: there is nothing to hand over.")
    frame.shift_control()
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", key="handover_tools"):
    st.caption(plain(f"As it stood at {moment_text(sheets[0].at, zone)}. Not live: numbers go on at the bed."))
    st.button("As it stands now", icon=":material/refresh:", key="handover_again", width=200)
    in_full = who is not None and st.toggle("Show both identifiers", value=False, key="handover_in_full")
    print_button()

shown = [
    (each, *shown_patient(each.record.entry.session.patient, each.record.entry.session.identifier, in_full))
    for each in sheets
]
st.html(monitor_tables.STYLE + session_words.STYLE + handover_words.STYLE + handover_words.sheets_html(shown, zone))

with st.container(border=True, key="handover_take"):
    st.markdown("**Take over**")
    if who is not None:
        st.caption(plain(f"On shift at this screen: {who.name}. Who signs here takes their place."))
    by_id = {each.record.entry.session.id: each for each in sheets}
    chosen = st.pills(
        "Sessions",
        list(by_id),
        default=list(by_id),
        selection_mode="multi",
        format_func=lambda each: plain(by_id[each].record.entry.bed),
        key="handover_sessions",
    )
    left, right = st.columns([2, 3])
    name = left.text_input("Your name, as it shall stand in the record", max_chars=40, key="handover_name")
    remark = right.text_input("What was said (if anything is to be kept)", max_chars=200, key="handover_remark")
    if st.button("Sign in and take over", type="primary", width="stretch", key="handover_sign"):
        with frame.explained():
            taker = checked_name(name)
            taken = acts.hand_over(store, chosen, taker=taker, remark=remark, now=instant.now())
            begin_shift(st.session_state, taker, instant.now())
            beds = ", ".join(by_id[each].record.entry.bed for each in taken)
            st.session_state["handover_said"] = f"{taker} has taken over {beds} and is on shift at this screen"
            for key in ("handover_name", "handover_remark", "handover_sessions"):
                st.session_state.pop(key, None)
            st.rerun()
frame.shift_control()
