"""Monitors: is each one speaking, what does it say, which ports are there, and how the beds are configured."""

import streamlit as st

from dashboard.live.snapshot import clock_of, watch_view
from dashboard.store import monitor_commands as commands
from dashboard.store import monitor_queries, queries
from dashboard.store.monitor_commands import Action
from dashboard.store.records import Bed, BedState
from dashboard.views import beds_editor, frame, monitor_tables, probing
from dashboard.views.monitor_tables import age_text, size_text
from dashboard.views.times import moment_text
from dashboard.views.words import plain
from devices import instant

REFRESH_S = 2
"""A technician looks at counters, not at a patient: two seconds are quick enough and half the work of one."""

_BEFORE = "monitors_before"

store = frame.store()
who = frame.person()
zone = frame.zone_name()


def now_known() -> tuple[list[Bed], dict[int, BedState], bool]:
    """The beds that have a monitor, their states, and whether the watch runs."""
    with store.reading() as connection:
        found = [bed for bed in queries.beds(connection) if bed.mode != "replay"]
        states = queries.bed_states(connection)
        beat = queries.heartbeat(connection)
    return found, states, watch_view(beat, instant.now())["state"] == "running"


@st.fragment(run_every=REFRESH_S)
def live_monitors() -> None:
    """Table and one monitor, read anew every few seconds; nothing else of the page is run. One fragment for both: two
    would cost the server twice as much."""
    found, states, running = now_known()
    now = instant.now()
    before = st.session_state.get(_BEFORE)
    rates = monitor_tables.rates_between(before, now, states)
    if before is None or rates or now - before[0] > instant.MINUTE:
        st.session_state[_BEFORE] = (now, states)
    if not running:
        st.error("The watch is not running: no monitor is read now, and what stands here is what it said last.")
    st.html(monitor_tables.monitors(found, states, now, running, rates))
    asked_for = st.query_params.get("bed", "")
    chosen = st.selectbox(
        "Look at one monitor",
        [each.id for each in found],
        index=next((at for at, each in enumerate(found) if str(each.id) == asked_for), None),
        format_func=lambda id: next((f"{e.name}: {e.protocol} on {e.port}" for e in found if e.id == id), str(id)),
        placeholder="Choose a bed",
        key="monitor_of",
    )
    bed = next((each for each in found if each.id == chosen), None)
    if bed is not None:
        with st.container(border=True):
            capture(bed)
            one_monitor(bed)


def one_monitor(bed: Bed) -> None:
    """What is heard from a bed's monitor, its clock, and its last notices."""
    now = instant.now()
    with store.reading() as connection:
        state = queries.bed_states(connection).get(bed.id)
        latest = queries.latest_readings(connection, bed.id)
        told = monitor_queries.notices_with_bytes(connection, bed.id)
        offset = monitor_queries.last_notice(connection, bed.id, "clock-offset")
    st.markdown("##### What is heard")
    if latest:
        st.html(monitor_tables.heard(latest, clock_of(state).now(now)))
    else:
        st.caption("No value has ever come from this bed.")
    if offset is not None:
        st.warning(plain(f"Clock, {moment_text(offset.time, zone)}: {offset.text}"))
    else:
        st.caption("Clock: no offset between the monitor's clock and this watch's has been told.")
    if state is not None and state.late:
        st.caption(f"{state.late} readings of this session came too late for detection.")
    st.markdown("##### Last notices")
    if told:
        st.html(monitor_tables.notices(told, zone, now))
    else:
        st.caption("It has given no notice.")


def capture(bed: Bed) -> None:
    """The switch for the raw capture of a bed's port, and where its files are."""
    with store.reading() as connection:
        looked = commands.newest_answer(connection, Action.LOOK)
    wanted = st.toggle(
        "Keep every byte of this port in files",
        value=bed.capture,
        key=f"capture_{bed.id}_{bed.capture}",
        disabled=who is None,
    )
    st.caption(
        "For finding faults: what was captured is decoded and replayed like any recording. The oldest file goes when "
        "there are 16 of 32 MB. At the next start of the watch the configuration says anew whether it is on."
    )
    if who is not None and wanted != bed.capture:
        with frame.explained():
            commands.switch_capture(store, bed.id, wanted, author=who.name, now=instant.now())
            st.rerun()
    if looked is None or looked.answer is None:
        return
    held = looked.answer["captures"]
    mine = held["beds"].get(bed.name, {"files": 0, "bytes": 0, "newest": ""})
    if not mine["files"]:
        st.caption(f"No file of this bed in {plain(held['folder'])}, on the watch's machine.")
        return
    st.caption(
        f"{mine['files']} files, {size_text(mine['bytes'])}, in {plain(held['folder'])} on the watch's machine; "
        f"the newest is {plain(mine['newest'])}. Looked {age_text(instant.now() - looked.entered)} ago."
    )


st.subheader("Monitors")
beds, _, watching = now_known()
if beds:
    live_monitors()
else:
    st.info("No bed is configured yet. Find out below what speaks on which port, then write the beds down.")

probing.section(store, who, watching)
beds_editor.section(store, who, zone)
frame.shift_control()
