"""Waiting a moment: for what the watch answers to a request in the store, for work in a process apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.store import monitor_commands as commands
from dashboard.store.database import Store
from dashboard.store.monitor_commands import MonitorCommand

_LOOK_S = 0.1


def answered(store: Store, asked: int, patience_s: float) -> MonitorCommand | None:
    """The request with the id `asked` once it is done or refused; None if it was neither within `patience_s`."""
    for _ in range(round(patience_s / _LOOK_S)):
        time.sleep(_LOOK_S)
        with store.reading() as connection:
            found = commands.get(connection, asked)
        if found is not None and found.done is not None:
            return found
    return None


@contextmanager
def patience(words: str, place: DeltaGenerator | None = None) -> Iterator[Callable[[], None]]:
    """Says what is being done, and for how long; to be called now and then, for then a page that is left ends it.

    `place`: an `st.empty()` that the page has in each of its runs, also in one that waits for nothing. Else what stands
    below would be put up anew by the next run: a list that is open there closes, an expander shuts. None: nothing
    stands below.
    """
    shown, begun, said = st.empty() if place is None else place, time.monotonic(), -1

    def waiting() -> None:
        nonlocal said
        seconds = int(time.monotonic() - begun)
        if seconds != said:
            said = seconds
            shown.info(f"{words} … {seconds} s" if seconds else f"{words} …", icon=":material/hourglass_top:")

    waiting()
    try:
        yield waiting
    finally:
        shown.empty()
