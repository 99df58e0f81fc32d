"""Replay a recorded session: the same screens and the same rules, at any speed, and unmistakably not live."""

import streamlit as st

from dashboard.access.place import recordings_folder
from dashboard.errors import SessionError
from dashboard.store import queries
from dashboard.views import frame
from dashboard.views.recordings import keep_upload, opening, recordings_in, sample_folder, shown_name
from dashboard.views.replay_controls import SPEEDS, command, controls
from dashboard.views.times import clock_text
from dashboard.views.waiting import patience
from dashboard.views.words import plain
from devices import instant

frame.mark("REPLAY: recordings, not patients. Nothing on this page is live")
who = frame.require_person("replay a recording")
store = frame.store()
zone = frame.zone_name()
with store.reading() as connection:
    beds = [bed for bed in queries.beds(connection) if bed.mode == "replay"]
    states = queries.bed_states(connection)
    versions = queries.threshold_versions(connection)
    refusals = queries.refused_replay_commands(connection, instant.now() - 10 * instant.MINUTE)
    waiting = queries.pending_replay_commands(connection)
    heartbeat = queries.heartbeat(connection)


st.subheader("Replay a recording")
if heartbeat is None or heartbeat.stopped is not None:
    st.warning("The watch is not running: a replay starts when it does. Start it with `risewatch run` or `demo`.")
for entered, _, why in refusals:
    st.error(plain(f"Refused at {clock_text(entered, zone)}: {why}"))
if waiting:
    st.info("The watch has been asked; this page shows the replay when it is open.")
    st.button("Look again", key="look_again")

for bed in beds:
    with st.container(border=True):
        head, link = st.columns([3, 1])
        head.markdown(f"**REPLAY · {plain(bed.name)}**")
        link.page_link(
            "bed.py", label="Open its page", query_params={"bed": str(bed.id)}, icon=":material/monitor_heart:"
        )
        controls(store, bed, states.get(bed.id), who.name, keyed=len(beds) == 1)

st.markdown("#### Open a recording")
folders = [sample_folder(), recordings_folder()]
found = recordings_in(folders)
with st.form("open_replay", border=True):
    recording = st.selectbox(
        "Recording",
        found,
        index=None,
        format_func=lambda each: shown_name(each, folders),
        placeholder="Choose a recording" if found else "None found; upload one",
        key="recording",
    )
    uploads = st.file_uploader(
        "Or upload one (WFDB: its .hea and .dat together)", accept_multiple_files=True, key="upload"
    )
    left, middle = st.columns(2)
    start = left.text_input("Infusion start", placeholder="ISO time, or +600 (seconds from its start)", key="t_start")
    end = middle.text_input("Infusion end (empty: the recording's end)", key="t_end")
    version = left.selectbox(
        "Thresholds",
        versions,
        index=next((index for index, each in enumerate(versions) if each.name == "adult-iv"), 0 if versions else None),
        format_func=lambda each: f"{each.name}, version {each.version}",
        key="replay_thresholds",
    )
    first_speed = middle.select_slider(
        "Speed", SPEEDS, value=10.0, format_func=lambda each: f"{each:g}x", key="first_speed"
    )
    part_from = left.text_input(
        "Replay from (empty: its beginning)",
        placeholder="ISO time, or +600",
        help="What lies before is still judged: the baseline rests on it",
        key="t_from",
    )
    part_to = middle.text_input("Replay to (empty: its end)", placeholder="ISO time, or +4200", key="t_to")
    with st.expander("What only some files leave open"):
        patient = st.text_input("Which patient of a file with several", key="replay_patient")
        member = st.text_input("Which recording of a ZIP archive with several", key="replay_member")
        device = st.text_input("Whose values count, where devices of one file give the same", key="replay_device")
        order = st.selectbox("Order of day, month and year", ["", "dmy", "mdy", "ymd"], key="replay_order")
    pressed = st.form_submit_button("Open the replay", type="primary", width="stretch")

if not pressed:
    st.stop()
with frame.explained():
    if version is None:
        raise SessionError("there is no threshold set yet: start the watch once")
    if not start.strip():
        raise SessionError("say when the infusion started; without it nothing can be compared with a baseline")
    if uploads:
        content = [(each.name, each.getvalue()) for each in uploads]
        recording = keep_upload(recordings_folder(), content, instant.now())
    if recording is None:
        raise SessionError("choose a recording, or upload one")
    with patience("Reading the recording") as looked_in_on:
        detail = opening(
            recording,
            infusion_start=start,
            infusion_end=end,
            part=(part_from, part_to),
            zone_name=zone,
            patient=patient.strip(),
            member=member.strip(),
            device=device.strip(),
            date_order=order,
            waiting=looked_in_on,
        )
    detail |= {"thresholds": version.id, "speed": first_speed}
    command(store, None, "open", who.name, **detail)
    st.rerun()
