"""Beds, groups and the clinic's zone: shown as the watch's file has them, edited into a new file.

The file rules. What is edited here is checked by the model that reads it, and either copied by hand or written by
the watch, with name and reason on record; it counts from the watch's next start.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from zoneinfo import available_timezones

import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from dashboard.access.people import Person
from dashboard.components import follow
from dashboard.errors import ConfigurationError
from dashboard.live.monitors import standing
from dashboard.store import monitor_commands as commands
from dashboard.store import queries
from dashboard.store.database import Store
from dashboard.store.monitor_commands import Action, MonitorCommand
from dashboard.views import frame
from dashboard.views.bed_rows import COLUMNS, configuration_from, rows_of
from dashboard.views.times import moment_text
from dashboard.views.waiting import answered
from dashboard.views.words import plain
from dashboard.watch.configuration import parse_configuration
from dashboard.watch.configuration_file import SETTING, Shown, to_toml
from devices import catalogue, instant


def section(store: Store, who: Person | None, zone: str) -> None:
    """The configuration and, for someone with a name, its editor."""
    st.markdown("#### Beds, groups and time zone")
    with store.reading() as connection:
        setting = queries.setting(connection, SETTING)
        beat = queries.heartbeat(connection)
        written = commands.newest_answer(connection, Action.CONFIGURE)
    if setting is None:
        st.caption("The watch says how it is configured when it starts.")
        return
    shown = Shown.from_setting(setting)
    waits = written is not None and beat is not None and (written.done or 0) > beat.started
    st.markdown(
        f"The file `{shown.file.replace('`', '')}` on the watch's machine rules; it is read when the watch starts. "
        f"The clinic's time zone is **{plain(zone)}**."
    )
    text, basis = shown.configuration, shown.basis
    if waits and written is not None and written.answer is not None:
        text, basis = str(written.detail["configuration"]), str(written.answer["basis"])
        st.warning(
            plain(
                f"Changed by {written.author} at {moment_text(written.entered, zone)} ({written.detail['reason']}): "
                "it counts from the next start of the watch. Until then the beds stand as before. The file before it "
                f"is kept as {written.answer['kept']}"
            )
        )
    with st.expander("The configuration as a file"):
        st.code(text, language="toml")
    if who is None:
        st.caption("Begin a shift to edit it.")
    elif not shown.editable:
        st.caption("These are the beds of a demonstration; they are not edited.")
    else:
        with st.expander("Edit"):
            _edit(store, who, text, basis)


@st.fragment
def log(store: Store, zone: str) -> None:
    """Who did what with ports and beds: drawn anew by itself when there is more to say, the editor above is not."""
    with store.reading() as connection:
        found = commands.log(connection)
        facts = standing(connection, instant.now())
    follow(frame.screen(), "log", {"log": facts["log"]})
    if found:
        with st.expander("Who did what with ports and beds"):
            st.markdown("\n".join(f"- {plain(_line(each, zone))}" for each in found))


def _edit(store: Store, who: Person, text: str, basis: str) -> None:
    before = parse_configuration(text, "the configuration")
    st.caption(
        "The order is that on the wall. Settings as in the file, such as `baud = 19200, rtscts = false`. A port is "
        "what hangs there from then on: the watch opens it and speaks the protocol named."
    )
    edited = st.data_editor(
        pd.DataFrame(rows_of(before), columns=COLUMNS),
        num_rows="dynamic",
        width="stretch",
        hide_index=True,
        key=f"beds_{basis[:12]}",
        column_config={
            "protocol": st.column_config.SelectboxColumn(options=sorted(each.name for each in catalogue.protocols())),
            "capture": st.column_config.CheckboxColumn(default=False),
        },
    )
    zones = sorted(available_timezones())
    left, right = st.columns(2)
    zone = left.selectbox(
        "Time zone of the clinic",
        zones,
        index=zones.index(before.timezone) if before.timezone in zones else None,
        key="edit_zone",
    )
    watch = right.text_input("Name of the watch", value=before.watch, key="edit_watch")
    try:
        wanted = configuration_from(edited.to_dict("records"), watch, zone or "")
    except ConfigurationError as error:
        st.error(plain(str(error)[:1].upper() + str(error)[1:]))
        return
    new = to_toml(wanted)
    if wanted == before:
        st.caption("Nothing is changed yet.")
        return
    st.code("\n".join(difflib.unified_diff(text.splitlines(), new.splitlines(), "now", "then", lineterm="")), "diff")
    st.download_button("Download as a file", new, file_name="beds.toml", mime="application/toml", key="beds_download")
    reason = st.text_input("Reason", max_chars=200, key="beds_reason")
    sure = st.checkbox("On each of these ports hangs the monitor that is named, and nothing else", key="beds_sure")
    if st.button("Have the watch write its file", type="primary", key="beds_write", disabled=not sure):
        with frame.explained():
            if not reason.strip():
                raise ConfigurationError("a change of the beds needs its reason")
            detail = {"configuration": new, "basis": basis, "reason": reason.strip()}
            _write(store, who, detail)


def _write(store: Store, who: Person, detail: Mapping[str, str]) -> None:
    asked = commands.ask_watch(store, Action.CONFIGURE, author=who.name, now=instant.now(), detail=detail)
    found = answered(store, asked, patience_s=3.0)
    if found is None:
        raise ConfigurationError("the watch has not answered: the file is written when it runs; look here again")
    if found.refused is not None:
        raise ConfigurationError(found.refused)
    st.rerun()


def _line(each: MonitorCommand, zone: str) -> str:
    """``2026-03-01 10:00:00 +00:00, A. Meyer RN: listened on /dev/ttyUSB0``"""
    match each.action:
        case Action.LISTEN:
            what = f"had {each.detail.get('port')} listened to"
        case Action.ASK:
            what = f"had {each.detail.get('port')} asked, confirming that only a monitor hangs there"
        case Action.CONFIGURE:
            what = f"changed the beds: {each.detail.get('reason')}"
        case Action.CAPTURE:
            what = f"switched the capture of {each.detail.get('bed')} {'on' if each.detail.get('on') else 'off'}"
        case _:
            what = each.action.value
    end = f" (refused: {each.refused})" if each.refused else "" if each.done else " (not done yet)"
    return f"{moment_text(each.entered, zone)}, {each.author}: {what}{end}"
