"""Why this flag? The explanation of one rise, worked out when it is asked for."""

from __future__ import annotations

import streamlit as st

from dashboard.rises.explanation_words import sentences
from dashboard.store import queries
from dashboard.store.database import Store
from dashboard.store.judged import judged
from dashboard.store.records import Session, StoredRise
from dashboard.views import frame
from dashboard.views.times import clock_text
from dashboard.views.words import plain
from devices import instant
from devices.clock import BedClock


@st.fragment
def why(store: Store, session: Session, clock: BedClock, zone: str) -> None:
    """Offers the session's rises; the one chosen is explained in plain sentences, times by the clinic's clock."""
    # Switched on, it asks for the rises anew: the page itself is not run again when one is flagged.
    if not st.toggle("Why this flag?", key="why_open"):
        return
    with store.reading() as connection:
        rises = queries.rises(connection, session.id)
    if not rises:
        st.caption("No rise has been flagged in this session yet.")
        return
    chosen = st.selectbox(
        "Rise",
        rises,
        index=None,
        format_func=lambda rise: label(rise, zone),
        placeholder="Choose a rise",
        key="why_rise",
    )
    if chosen is None:
        return
    with frame.explained():
        with store.reading() as connection:
            found = judged(connection, session.id, clock.now(instant.now()))
        explanation = found.explain(chosen)
        told = sentences(explanation, lambda time: clock_text(time, zone), found.going_on)
        st.markdown("\n".join(f"- {plain(each)}" for each in told))


def label(rise: StoredRise, zone: str) -> str:
    """``SBP level 1 from 10:20: 184, limit 140``."""
    since = clock_text(rise.onset, zone, seconds=False)
    return f"{rise.signal} level {rise.level} from {since}: {rise.peak:g}, limit {rise.threshold:g}"
