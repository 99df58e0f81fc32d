"""Before thresholds are saved: what they would have flagged on finished sessions, beside the stored version."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from dashboard.errors import ThresholdError
from dashboard.rises.thresholds import LIMIT_RANGES, SIGNALS, ThresholdSet, plain_values, threshold_set
from dashboard.rises.whatif import Asking, WhatIf
from dashboard.rises.whatif_written import difference_rows, rows
from dashboard.store import acts, finished, queries
from dashboard.store.database import Store
from dashboard.views import frame, whatif_figure
from dashboard.views.figure_look import themed
from dashboard.views.words import plain
from devices.instant import zone_named

NEWEST = 50
"""So many sessions are chosen at first."""
SHOWN_AFTER_S = 0.3
EVERY_S = 0.1


def show(store: Store, stored: ThresholdSet, label: str, edited: ThresholdSet) -> None:
    """The part of the page: asked for by a switch, since it reads sessions.

    Args:
        stored, label: the version the edit began from. edited: the set as it stands in the form.
    """
    if not st.toggle("What would this have flagged? (on finished sessions, before saving)", key="whatif"):
        return
    with store.reading() as connection:
        known = queries.finished_sessions(connection)
    if not known:
        st.info("There is no finished session with an infusion yet.")
        return
    zone = zone_named(frame.zone_name())
    beds = finished.bed_names(store)
    chosen = st.multiselect(
        f"Sessions (of {len(known)} finished; empty: all)",
        known,
        default=known[:NEWEST] if len(known) > NEWEST else [],
        format_func=lambda session: plain(finished.label(session, beds, zone)),
        key="whatif_sessions",
    )
    sets, names = [stored, edited], [label, "as edited"]
    for other in (*_others(store), *_slid(edited)):
        sets.append(other[0])
        names.append(other[1])
    progress = _Progress()
    sessions = finished.sessions(store, zone, chosen or known, progress.of(len(chosen or known), 0.0))
    if not sessions:
        st.info("None of the chosen sessions can be judged.")
        return
    asking = Asking(sets, names)
    tell = progress.of(len(sessions), 0.5)
    for number, session in enumerate(sessions, 1):
        asking.take(session)
        tell(number)
    progress.end()
    _answer(asking.answer())


def _others(store: Store) -> list[tuple[ThresholdSet, str]]:
    """Further stored versions that are chosen, each with its name."""
    with store.reading() as connection:
        versions = queries.threshold_versions(connection)
    chosen = st.multiselect(
        "Also compare stored versions",
        versions,
        max_selections=2,
        placeholder="none",
        format_func=lambda each: f"{each.name}, version {each.version}",
        key="whatif_versions",
    )
    found = []
    for each in chosen:
        try:
            found.append((acts.thresholds_of(each), f"{each.name}, version {each.version}"))
        except ThresholdError as error:
            st.error(plain(f"{error}."))
    return found


def _slid(edited: ThresholdSet) -> list[tuple[ThresholdSet, str]]:
    """The edited set with one absolute limit or rise moved, and its name; nothing where none is moved."""
    movable = [
        (level, field)
        for signal in SIGNALS
        for level in edited.levels_of(signal)
        for field in ("absolute", "rise")
        if getattr(level, field) is not None
    ]
    left, right = st.columns([1, 2])
    place = left.selectbox(
        "Slide a limit",
        range(len(movable)),
        index=None,
        placeholder="none",
        format_func=lambda at: f"{movable[at][0].signal} level {movable[at][0].level}, {movable[at][1]}",
        key="whatif_limit",
    )
    if place is None:
        return []
    level, field = movable[place]
    value = float(getattr(level, field))
    low, high = LIMIT_RANGES[level.signal] if field == "absolute" else (1.0, 80.0)
    moved = right.slider(
        f"{level.signal} level {level.level}, {field}", float(low), float(max(high, value)), value, 1.0,
        key=f"whatif_slide_{level.signal}{level.level}{field}",
    )  # fmt: skip
    if moved == value:
        return []
    body = plain_values(edited)
    for entry in body["level"]:
        if (entry["signal"], entry["level"]) == (level.signal, level.level):
            entry[field] = moved
    try:
        changed = threshold_set(body, "the moved limit")
    except ThresholdError as error:
        st.error(plain(f"{error}."))
        return []
    st.caption("The moved limit is only tried here; to keep it, enter it in the form above.")
    return [(changed, f"{level.signal} level {level.level} {field} {moved:g}")]


class _Progress:
    """A bar that appears when it takes longer than 0.3 s, and moves ten times a second at most."""

    def __init__(self) -> None:
        self._next = time.monotonic() + SHOWN_AFTER_S
        self._place = st.empty()

    def of(self, total: int, start: float) -> Callable[[int], None]:
        """Told how many of `total` are done, of the half that begins at `start`."""

        def tell(done: int) -> None:
            now = time.monotonic()
            if now >= self._next:
                self._next = now + EVERY_S
                self._place.progress(min(1.0, start + 0.5 * done / total), text=f"{done} of {total} sessions")

        return tell

    def end(self) -> None:
        self._place.empty()


def _answer(answer: WhatIf) -> None:
    names = [each.name for each in answer.outlooks]
    st.write(f"{len(answer.sessions)} sessions, {answer.hours:.1f} h watched after the start of the drug")
    st.dataframe(rows(answer), hide_index=True, width="stretch", key="whatif_table")
    st.caption(
        f"Compared with {names[0]}. The same: equal onset, confirmation and return; moved: overlaps, but one of them "
        "differs. Past sessions say nothing of whether a limit is right for a patient."
    )
    signal = st.segmented_control("Signal", SIGNALS, default="SBP", key="whatif_signal") or "SBP"
    places = whatif_figure.worth_seeing(answer)
    if len(places) < len(answer.sessions):
        st.caption(f"The {len(places)} sessions in which the most differs:")
    figure = whatif_figure.panels(answer, places, str(signal))
    st.plotly_chart(themed(figure), width="stretch", key="whatif_panels")
    for outlook, name in zip(answer.outlooks[1:], names[1:], strict=True):
        differing = difference_rows(outlook)
        if differing:
            with st.expander(f"{len(differing)} flags differ: {name} against {names[0]}"):
                st.dataframe(differing, hide_index=True, width="stretch")
