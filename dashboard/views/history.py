"""History: every session, running and finished, newest first; searched, narrowed, opened."""

from datetime import date, datetime, timedelta

import streamlit as st

from dashboard.rises.outcomes import Outcome
from dashboard.sessions.privacy import shown_patient
from dashboard.store import history, queries
from dashboard.store.history import Filters, Kind
from dashboard.views import frame, session_review, session_words
from dashboard.views.session_words import OUTCOMES, started_text
from dashboard.views.words import plain
from devices import instant

_PAGES = "history_pages"
_NARROWED = "history_narrowed"

KINDS = {Kind.LIVE: "live", Kind.DEMO: "demo", Kind.REPLAY: "replay", Kind.IMPORTED: "imported"}
LEVELS = {1: "level 1 or higher", 2: "level 2 or higher", 3: "level 3"}


def day_start(day: date) -> int:
    """Midnight of `day` by the clinic's clock, as an instant."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=instant.zone_named(zone))
    return instant.from_datetime(midnight)


def narrowed() -> Filters:
    """The filters as they are chosen."""
    first, second = st.columns([2, 2]), st.columns(5)
    text = first[0].text_input(
        "Search", placeholder="Bed, identifier, or initials such as A. B.", max_chars=60, key="history_text"
    )
    days = first[1].date_input("From, to (day of the start)", value=[], key="history_days", format="YYYY-MM-DD")
    days = days if isinstance(days, tuple) else (days,)
    kind = second[0].selectbox(
        "Kind", list(KINDS), index=None, format_func=lambda each: KINDS[each], placeholder="All", key="history_kind"
    )
    level = second[1].selectbox(
        "With a rise of", list(LEVELS), index=None, format_func=lambda each: LEVELS[each], placeholder="Any or none",
        key="history_level",
    )  # fmt: skip
    outcome = second[2].selectbox(
        "That was", [each.value for each in Outcome], index=None, format_func=lambda each: OUTCOMES[each],
        placeholder="Any outcome", key="history_outcome",
    )  # fmt: skip
    thresholds = second[3].selectbox(
        "Thresholds at its start", names, index=None, placeholder="All", key="history_thresholds"
    )
    running = second[4].selectbox(
        "State", [True, False], index=None, format_func=lambda each: "running" if each else "finished",
        placeholder="All", key="history_running",
    )  # fmt: skip
    return Filters(
        text=text,
        since=day_start(days[0]) if days else None,
        until=day_start(days[1] + timedelta(days=1)) if len(days) > 1 else None,
        kind=kind,
        running=running,
        level=level,
        outcome=outcome,
        thresholds=thresholds,
    )


store = frame.store()
who = frame.person()
zone = frame.zone_name()

st.markdown("#### History")
if who is None:
    st.caption("Patients by their initials only: this screen may be seen by others. Begin a shift to see more.")
with st.container(horizontal=True, key="history_top"):
    wanted = st.query_params.get("session", "")
    if wanted and st.button("All sessions", icon=":material/arrow_back:", key="history_back"):
        del st.query_params["session"]
        st.rerun()
    in_full = who is not None and st.toggle("Show both identifiers", value=False, key="history_in_full")

if wanted:
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        session_review.show(store, int(wanted), zone, in_full)
    else:
        st.error("There is no such session. Choose one of the list.")
    frame.shift_control()
    st.stop()

with store.reading() as connection:
    names = sorted({each.name for each in queries.threshold_versions(connection)})
filters = narrowed()
if st.session_state.get(_NARROWED) != filters:
    st.session_state[_NARROWED] = filters
    st.session_state[_PAGES] = []
before: list[int] = st.session_state.setdefault(_PAGES, [])
with store.reading() as connection:
    page = history.page(connection, filters, before[-1] if before else None)

st.html(session_words.STYLE)
if not page.entries:
    st.info("No session matches." if filters != Filters() else "There is no session yet.")
for entry in page.entries:
    session = entry.session
    left, right = st.columns([2, 13], vertical_alignment="center")
    if left.button(started_text(session.started, zone), key=f"open_{session.id}", width="stretch"):
        st.query_params["session"] = str(session.id)
        st.rerun()
    right.html(session_words.entry_html(entry, *shown_patient(session.patient, session.identifier, in_full)))

with st.container(horizontal=True, key="history_pages_bar"):
    if before and st.button("Newer", icon=":material/chevron_left:", key="history_newer"):
        before.pop()
        st.rerun()
    if page.more and st.button("Older", icon=":material/chevron_right:", key="history_older"):
        before.append(page.entries[-1].session.id)
        st.rerun()
if page.entries:
    st.caption(plain(f"Page {len(before) + 1}, {len(page.entries)} sessions, last opened here first. Times: {zone}."))
frame.shift_control()
