"""Monitors: is each one speaking, what does it say, which ports are there, and how the beds are configured.

Nothing here runs by itself while nothing changes: what moves is painted in the browser. Each part is a fragment, drawn
anew only when what its controls rest on has changed and no hand is at the page (`components.follow`).
"""

import streamlit as st

from dashboard import components
from dashboard.live.monitors import own_beds, standing
from dashboard.store import monitor_commands as commands
from dashboard.store.monitor_commands import Action
from dashboard.store.records import Bed
from dashboard.views import beds_editor, frame, monitor_tables, probing
from dashboard.views.monitor_tables import size_text
from dashboard.views.times import lately_text
from dashboard.views.words import plain
from devices import instant

store = frame.store()
zone = frame.zone_name()


@st.fragment
def monitors() -> None:
    """The table of all, and one monitor."""
    with store.reading() as connection:
        found = own_beds(connection)
        facts = standing(connection, instant.now())
    components.follow(frame.screen(), "monitors", {each: facts[each] for each in ("beds", "captures", "looked")})
    if not found:
        st.info("No bed is configured yet. Find out below what speaks on which port, then write the beds down.")
        return
    components.monitors(frame.screen(), len(found))
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
            components.monitor(frame.screen(), bed.id, zone)


def capture(bed: Bed) -> None:
    """The switch for the raw capture of a bed's port, and where its files are."""
    who = frame.person()
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
        f"the newest is {plain(mine['newest'])}. Looked at {lately_text(looked.entered, instant.now(), zone)}."
    )


st.subheader("Monitors")
st.html(monitor_tables.STYLE)
monitors()
probing.section(store, zone)
beds_editor.section(store, frame.person(), zone)
beds_editor.log(store, zone)
frame.shift_control()
