"""The controls of one open replay, on the replay page and under its bed's live view: each a tap, or a key, away."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.components import scrub
from dashboard.live.snapshot import clock_of
from dashboard.sessions.replay_marks import Mark, MarkKind
from dashboard.store import acts, queries
from dashboard.store.database import Store
from dashboard.store.records import Bed, BedState
from dashboard.store.replay_marks import marks_of
from dashboard.views import frame
from dashboard.views.times import span_text
from dashboard.views.words import plain
from devices import instant

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""The speeds that are offered; a command may give any between `player.SLOWEST` and `player.FASTEST`."""

KEYS = {"play": "K", "restart": "Home", "flag back": "J", "flag on": "L", "event back": "U", "event on": "O"}
"""Keys of a screen with one replay."""

LISTED = 60
"""So many marks are offered as a list; the step buttons reach all."""


def command(store: Store, bed_id: int | None, action: str, author: str, **detail: object) -> None:
    """Asks the watch, and waits a moment until it has done so: the page then shows the replay as it is."""
    with frame.explained():
        asked = acts.command_replay(store, bed_id, action, author=author, now=instant.now(), detail=detail)
        for _ in range(10):  # the watch looks five times a second
            time.sleep(0.1)
            with store.reading() as connection:
                if asked not in {each.id for each in queries.pending_replay_commands(connection)}:
                    break


def controls(store: Store, bed: Bed, state: BedState | None, author: str, *, keyed: bool) -> None:
    """Position, play and pause, restart, steps, speed and jumps of the replay at `bed`.

    Args:
        keyed: its buttons have their keys; of several replays on one page one can have them.
    """
    progress = state.replay if state is not None else None
    if state is None or progress is None:
        st.caption("The recording is being read.")
        return
    clock, now = clock_of(state), instant.now()
    start, end = int(progress["start"]), int(progress["end"])
    at = min(max(clock.now(now), start), end)
    speed, playing = float(progress.get("speed") or 1), bool(progress.get("playing", clock.rate != 0))
    standing = "at its end" if at >= end else "playing" if playing else "paused"
    st.caption(f"{standing[0].upper()}{standing[1:]} at {speed:g}x")
    with store.reading() as connection:
        marks = marks_of(connection, bed.id, start, end)
        last = queries.latest_replay_command(connection, bed.id)
    with st.container():  # a place of its own, so that nothing below is put up anew
        if last is not None and last.refused is not None and last.entered >= now - frame.SAID_FOR:
            st.error(plain(f"Not done: {last.refused}"))

    def button(
        name: str, words: str, action: str, *, disabled: bool = False, primary: bool = False, **more: object
    ) -> None:
        st.button(
            words,
            key=f"{name.replace(' ', '_')}_{bed.id}",
            type="primary" if primary else "secondary",
            shortcut=KEYS.get("play" if name == "pause" else name) if keyed else None,
            disabled=disabled,
            on_click=command,
            args=(store, bed.id, action, author),
            kwargs=more,
        )

    with st.container(horizontal=True, key=f"controls_{bed.id}"):
        if playing:
            button("pause", "Pause", "pause", primary=True)
        else:
            button("play", "Play", "play", primary=True, disabled=at >= end)
        for kind in MarkKind:
            none = not any(each.kind is kind for each in marks)
            words = kind.capitalize()
            button(f"{kind} back", f"◀ {words}", "step", disabled=none, kind=kind, back=True)
            button(f"{kind} on", f"{words} ▶", "step", disabled=none, kind=kind, back=False)
        button("restart", "Restart", "restart")
        button("close", "Close", "close")
    _speed(store, bed, author, speed)
    shown = {"playing": playing, "speed": speed, "ended": at >= end, "foreseen": progress.get("foreseen", 0)}
    _position(store, bed, author, start, end, shown)
    _list(store, bed, author, marks, start)


def _speed(store: Store, bed: Bed, author: str, speed: float) -> None:
    key = f"speed_{bed.id}"

    def changed() -> None:
        chosen = st.session_state[key]
        if chosen is not None and chosen != speed:
            command(store, bed.id, "speed", author, speed=chosen)

    # What is shown is what the watch does, whatever was tapped.
    st.session_state[key] = speed
    st.segmented_control(
        "Speed",
        sorted({*SPEEDS, speed}),
        key=key,
        format_func=lambda each: f"{each:g}x",
        on_change=changed,
    )


def _position(store: Store, bed: Bed, author: str, start: int, end: int, shown: Mapping[str, object]) -> None:
    """A slider over the part that is replayed, and a minute to jump to.

    `shown`: how the replay stood when the page was drawn; the slider has it drawn anew when that has changed.
    """
    length = (end - start) / instant.MINUTE
    if length > 0:

        def moved(second: int) -> None:
            command(store, bed.id, "seek", author, to=min(end, start + second * instant.SECOND))

        scrub(frame.screen(), bed.id, shown, moved)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"jumps_{bed.id}"):
        minutes = st.number_input("Jump to minute", 0.0, length, value=None, step=1.0, key=f"minute_{bed.id}")
        to = start + instant.minutes(minutes) if minutes is not None else start
        st.button(
            "Jump", key=f"jump_{bed.id}", disabled=minutes is None, on_click=command,
            args=(store, bed.id, "seek", author), kwargs={"to": to},
        )  # fmt: skip


def _list(store: Store, bed: Bed, author: str, marks: Sequence[Mark], start: int) -> None:
    """All marks with their times, each a jump."""
    if not marks:
        return
    flags = sum(each.kind is MarkKind.FLAG for each in marks)
    with st.expander(f"{flags} flags and {len(marks) - flags} events", key=f"marks_{bed.id}"):
        if len(marks) > LISTED:
            st.caption(f"The first {LISTED}; the buttons above step through all.")
        with st.container(horizontal=True):
            for number, mark in enumerate(marks[:LISTED]):
                words = f"{'▲' * mark.level} {mark.words} at {span_text(mark.time - start)}".strip()
                st.button(
                    plain(words), key=f"mark_{bed.id}_{number}", on_click=command,
                    args=(store, bed.id, "seek", author), kwargs={"to": max(start, mark.landing)},
                )  # fmt: skip
