"""The ports of the watch's machine, and finding out what speaks on a free one: the watch opens it, not this server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from dashboard.access.people import Person
from dashboard.components import follow, probe
from dashboard.live.monitors import standing
from dashboard.store import monitor_commands as commands
from dashboard.store.database import Store
from dashboard.store.monitor_commands import Action, MonitorCommand
from dashboard.views import frame
from dashboard.views.monitor_tables import table
from dashboard.views.times import lately_text
from dashboard.views.waiting import answered
from dashboard.views.words import plain
from devices import catalogue, instant, probe_answers

_FOLLOWED = "probe_followed"
_STALE = instant.MINUTE


@st.fragment
def section(store: Store, zone: str) -> None:
    """Ports, and the probe. Asking the watch for anything needs a name, and a watch.

    What comes and goes has places of its own: else what stands below it would be put up anew, what is open closed.
    """
    who = frame.person()
    st.markdown("#### Serial ports of the watch's machine")
    with store.reading() as connection:
        facts = standing(connection, instant.now())
        looked = commands.newest_answer(connection, Action.LOOK)
        followed = commands.get(connection, st.session_state.get(_FOLLOWED, 0))
    watching = facts["watching"]
    old = looked is None or instant.now() - looked.entered > _STALE
    if watching and who is not None and old and not st.session_state.get("ports_asked"):
        st.session_state["ports_asked"] = True
        looked = _look(store, who) or looked
    shown = {"watching": watching, "looked": looked.id if looked is not None else None}
    if followed is not None and followed.done is None:
        shown["command"] = [followed.id, False]
    follow(frame.screen(), "ports", shown)
    answer = looked.answer if looked is not None else None
    ports: list[Mapping[str, Any]] = list(answer["ports"]) if answer is not None else []
    with st.container():
        if answer is None:
            st.caption("Nobody has looked yet." if who else "Begin a shift below to have the watch look.")
        elif not ports:
            st.caption("It has no serial port. Plug the adapter in, then look again.")
        else:
            _table(ports)
        if looked is not None:
            st.caption(f"Looked at {lately_text(looked.entered, instant.now(), zone)}. Looking opens no port.")
        if who is not None and not watching:
            st.caption("The watch is not running: it alone may open ports, so none can be listened to.")
    if who is None:
        return
    if st.button("Look again", key="look_at_ports", icon=":material/refresh:", disabled=not watching):
        _look(store, who)
        st.rerun()
    _listen(store, who, [each["device"] for each in ports if not each["bed"]], watching)
    with st.container():
        if followed is None:
            return
        if followed.done is None:
            probe(frame.screen(), followed.id)
        else:
            _came(store, who, followed, watching)


def _table(ports: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        [
            f"<code>{escape(each['device'])}</code>",
            f"<code>{escape(each['name'])}</code>" if each["name"] != each["device"] else "",
            escape(each["about"]),
            escape(each["bed"]) if each["bed"] else "free",
        ]
        for each in ports
    ]
    st.html(table(("Port", "Name that stays", "What the system says of it", "Used by"), rows))


def _look(store: Store, who: Person) -> MonitorCommand | None:
    """Has the watch look, and waits a moment for its answer."""
    asked = commands.ask_watch(store, Action.LOOK, author=who.name, now=instant.now())
    found = answered(store, asked, patience_s=1.5)
    return found if found is not None and found.answer is not None else None


def _listen(store: Store, who: Person, free: list[str], watching: bool) -> None:
    st.markdown("##### What speaks on a free port?")
    left, right = st.columns(2)
    listed = left.selectbox("A free port of the list", free, index=None, placeholder="Choose a port", key="probe_port")
    typed = right.text_input(
        "Or another one", placeholder="/dev/ttyUSB0 or socket://10.0.0.12:4001", key="probe_typed", max_chars=200
    )
    port = typed.strip() or listed or ""
    st.caption(
        "Listening opens the port at one line setting after the other and sends nothing. Only one port at a time, and "
        "never one that a bed uses."
    )
    words = f"Listen on {port}" if port else "Listen"
    if st.button(words, key="probe_listen", disabled=not (port and watching), type="primary"):
        with frame.explained():
            detail = {"port": port}
            st.session_state[_FOLLOWED] = commands.ask_watch(
                store, Action.LISTEN, author=who.name, now=instant.now(), detail=detail
            )
            st.rerun()


def _came(store: Store, who: Person, command: MonitorCommand, watching: bool) -> None:
    """What came of listening or asking; where a port is silent, asking is offered."""
    port = str(command.detail["port"])
    if command.refused is not None:
        st.error(plain(command.refused[:1].upper() + command.refused[1:]))
        return
    assert command.answer is not None
    answer = command.answer
    if answer["fault"]:
        st.error(plain(f"{port} was not listened to: {answer['fault']}"))
        return
    if answer["found"]:
        _found(answer)
        return
    came = max(answer["bytes"].values(), default=0)
    if came:
        st.warning(
            plain(f"{port}: {came} bytes came, but no protocol understands them. Is it a monitor of the list below?")
        )
        with st.expander("Monitors that are understood"):
            st.markdown("\n".join(f"- {plain(each.name)}: {plain(each.monitors)}" for each in catalogue.protocols()))
        return
    if command.action is Action.ASK:
        st.warning(plain(f"{port}: nothing was answered. Is the monitor on, and the cable the right one?"))
        return
    st.warning(plain(f"{port} is silent. Some monitors speak only when they are asked."))
    _ask(store, who, port, watching)


def _found(answer: Mapping[str, Any]) -> None:
    best, *others = answer["found"]
    how = "answers" if best["asked"] else "speaks"
    st.info(
        plain(
            f"{answer['port']}: {best['protocol']} {how} at {best['line']} ({best['frames']} frames, "
            f"{best['rejected']} refused). Signals so far: {', '.join(best['signals']) or 'none yet'}"
        )
    )
    for text in best["said"]:
        st.caption(plain(f"It says: {text}"))
    if others:
        st.caption(plain(f"Less likely: {', '.join(each['protocol'] for each in others)}"))
    st.code(probe_answers.bed_toml(best["bed"]), language="toml")
    st.caption(
        "Put it among the beds below. Compare a value with the monitor's own screen before a patient is put on it."
    )


def _ask(store: Store, who: Person, port: str, watching: bool) -> None:
    """Asking sends bytes: what is sent is said first, and that nothing but a monitor hangs there is confirmed."""
    with st.container(border=True):
        st.markdown(f"**Ask on {plain(port)}**")
        st.markdown(plain(probe_answers.WARNING))
        with st.expander("What would be sent, one protocol after the other, until one is answered"):
            asked = probe_answers.requests()
            st.markdown("\n".join(f"- **{plain(name)}**: {plain(text)}" for name, text in asked.items()))
        sure = st.checkbox(
            f"I have followed the cable: on {port} hangs a patient monitor, and nothing else", key=f"probe_sure_{port}"
        )
        if st.button(f"Send these requests to {port}", key="probe_ask", disabled=not (sure and watching)):
            with frame.explained():
                st.session_state[_FOLLOWED] = commands.ask_watch(
                    store,
                    Action.ASK,
                    author=who.name,
                    now=instant.now(),
                    detail={"port": port, "confirmed": port},
                )
                st.rerun()
