"""Replay a recorded session: the same screens and the same rules, at any speed, and unmistakably not live."""

from pathlib import Path

import streamlit as st

from dashboard.access.place import recordings_folder
from dashboard.errors import SessionError
from dashboard.importing.choices import Choices
from dashboard.store import queries
from dashboard.store.records import ThresholdVersion
from dashboard.views import file_choices, frame
from dashboard.views.recordings import opening, recordings_in, sample_folder, shown_name
from dashboard.views.replay_controls import SPEEDS, command, controls
from dashboard.views.times import clock_text
from dashboard.views.uploads import kept_upload
from dashboard.views.waiting import patience
from dashboard.views.words import plain
from devices import instant
from devices.errors import DeviceError

_TRIED, _AGAIN = "replay_tried", "replay_again"
"""A recording that could not be opened at once, with what was said of it and why not; whether it is tried again."""

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
# What comes and goes has places of its own: else what stands below it would be put up anew, what is open there closed.
with st.container():
    if heartbeat is None or heartbeat.stopped is not None:
        st.warning("The watch is not running: a replay starts when it does. Start it with `risewatch run` or `demo`.")
    for each in refusals:
        if each.bed_id not in {bed.id for bed in beds}:  # those say it themselves
            st.error(plain(f"Refused at {clock_text(each.entered, zone)}: {each.refused}"))
    if waiting:
        st.info("The watch has been asked; this page shows the replay when it is open.")
        st.button("Look again", key="look_again")
with st.container():
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
    pressed = st.form_submit_button("Open the replay", type="primary", width="stretch")


def choices_for(path: Path) -> Choices:
    """What has been said so far of this recording; what was said of another one is forgotten."""
    held = st.session_state.get(_TRIED)
    if held is not None and held[0] == path:
        said: Choices = held[1]
        return said
    st.session_state.pop(_TRIED, None)
    return Choices(zone=zone)


def open_replay(path: Path, choices: Choices, judged_by: ThresholdVersion) -> None:
    """Asks the watch for the replay; why the file cannot be read by `choices`, or what it leaves open, is kept.

    Raises:
        SessionError: a time that cannot be.
    """
    try:
        with patience("Reading the recording", reading) as looked_in_on:
            detail = opening(
                path, choices, infusion_start=start, infusion_end=end, part=(part_from, part_to), waiting=looked_in_on
            )
    except DeviceError as error:
        st.session_state[_TRIED] = path, choices, error
        return
    command(store, None, "open", who.name, **detail, thresholds=judged_by.id, speed=first_speed)
    st.session_state.pop(_TRIED, None)
    st.rerun()


again = st.session_state.pop(_AGAIN, False)
with st.container():
    reading = st.empty()
    if pressed or again:
        with frame.explained():
            if version is None:
                raise SessionError("there is no threshold set yet: start the watch once")
            if not start.strip():
                raise SessionError("say when the infusion started; without it nothing can be compared with a baseline")
            if again:
                recording = st.session_state[_TRIED][0]
            elif uploads:
                recording = kept_upload(uploads)
            if recording is None:
                raise SessionError("choose a recording, or upload one")
            open_replay(recording, choices_for(recording), version)
if (tried := st.session_state.get(_TRIED)) is not None:
    path, choices, why = tried
    changed = file_choices.unread(why, choices)
    if changed is not None:
        st.session_state[_TRIED], st.session_state[_AGAIN] = (path, changed, None), True
        st.rerun()
