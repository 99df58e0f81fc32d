"""Replay a recorded session: the same screens and the same rules, at any speed, and unmistakably not live."""

import time

import streamlit as st

from dashboard.access.place import recordings_folder
from dashboard.errors import SessionError
from dashboard.live.snapshot import clock_of
from dashboard.store import acts, queries
from dashboard.views import frame
from dashboard.views.recordings import keep_upload, opening, recordings_in, sample_folder, shown_name
from dashboard.views.times import clock_text, span_text
from dashboard.views.words import plain
from devices import instant

SPEEDS = (1, 2, 5, 10, 30, 60)

frame.mark("REPLAY: recordings, not patients. Nothing on this page is live")
who = frame.require_person("replay a recording")
store = frame.store()
zone = frame.zone_name()
with store.reading() as connection:
    beds = [bed for bed in queries.beds(connection) if bed.mode == "replay"]
    states = queries.bed_states(connection)
    sessions = queries.open_sessions(connection)
    rises = {bed.id: queries.rises(connection, sessions[bed.id].id) for bed in beds if bed.id in sessions}
    versions = queries.threshold_versions(connection)
    refusals = queries.refused_replay_commands(connection, instant.now() - 10 * instant.MINUTE)
    waiting = queries.pending_replay_commands(connection)
    heartbeat = queries.heartbeat(connection)


def command(bed_id: int | None, action: str, **detail: object) -> None:
    with frame.explained():
        asked = acts.command_replay(store, bed_id, action, author=who.name, now=instant.now(), detail=detail)
        # The watch looks five times a second: the page waits for it a moment, to show the replay as it is then.
        for _ in range(10):
            time.sleep(0.1)
            with store.reading() as connection:
                if asked not in {each.id for each in queries.pending_replay_commands(connection)}:
                    break
        st.rerun()


st.subheader("Replay a recording")
if heartbeat is None or heartbeat.stopped is not None:
    st.warning("The watch is not running: a replay starts when it does. Start it with `risewatch run` or `demo`.")
for entered, _, why in refusals:
    st.error(plain(f"Refused at {clock_text(entered, zone)}: {why}"))
if waiting:
    st.info("The watch has been asked; this page shows the replay when it is open.")
    st.button("Look again", key="look_again")

for bed in beds:
    state = states.get(bed.id)
    progress = state.replay if state is not None else None
    with st.container(border=True):
        head, link = st.columns([3, 1])
        head.markdown(f"**{plain(bed.name)}**")
        link.page_link(
            "bed.py", label="Open its page", query_params={"bed": str(bed.id)}, icon=":material/monitor_heart:"
        )
        if state is None or progress is None:
            st.caption("The recording is being read.")
            continue
        clock = clock_of(state)
        at = min(max(clock.now(instant.now()), int(progress["start"])), int(progress["end"]))
        length = int(progress["end"]) - int(progress["start"])
        speed = float(progress.get("speed") or 1)
        st.caption(
            f"{span_text(at - int(progress['start']))} of {span_text(length)}, "
            f"{'playing' if clock.rate else 'paused'} at {speed:g}x"
        )
        with st.container(horizontal=True, key=f"controls_{bed.id}"):
            if clock.rate:
                if st.button("Pause", key=f"pause_{bed.id}"):
                    command(bed.id, "pause")
            elif st.button("Play", key=f"play_{bed.id}", type="primary"):
                command(bed.id, "play")
            if st.button("Close", key=f"close_{bed.id}"):
                command(bed.id, "close")
        chosen = st.select_slider(
            "Speed", SPEEDS, value=min(SPEEDS, key=lambda each: abs(each - speed)), key=f"speed_{bed.id}"
        )
        if chosen != min(SPEEDS, key=lambda each: abs(each - speed)) and st.button(
            f"Set speed {chosen}x", key=f"set_speed_{bed.id}"
        ):
            command(bed.id, "speed", speed=chosen)
        minutes = st.number_input(
            "Jump to minute", 0.0, length / instant.MINUTE, value=None, step=1.0, key=f"minute_{bed.id}"
        )
        if st.button("Jump", key=f"jump_{bed.id}", disabled=minutes is None) and minutes is not None:
            command(bed.id, "seek", to=int(progress["start"]) + instant.minutes(minutes))
        flags = rises.get(bed.id, [])
        if flags:
            with st.container(horizontal=True, key=f"flags_{bed.id}"):
                for rise in flags:
                    words = f"{rise.signal} level {rise.level} at {span_text(rise.onset - int(progress['start']))}"
                    if st.button(words, key=f"flag_{bed.id}_{rise.id}", help="Jump to a minute before this rise"):
                        command(bed.id, "seek", to=max(int(progress["start"]), rise.onset - instant.MINUTE))

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
    first_speed = middle.select_slider("Speed", SPEEDS, value=10, key="first_speed")
    with st.expander("Only if the file leaves it open"):
        patient = st.text_input("Which patient of a file with several", key="replay_patient")
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
    with st.spinner("Reading the recording"):
        detail = opening(
            recording,
            infusion_start=start,
            infusion_end=end,
            zone_name=zone,
            patient=patient.strip(),
            date_order=order,
        )
    detail |= {"thresholds": version.id, "speed": first_speed}
    command(None, "open", **detail)
