"""One session of the history: open items first, the figure, then what it came to, with export and comparison."""

from __future__ import annotations

import streamlit as st

from dashboard.errors import ThresholdError
from dashboard.live.limits import limits_of
from dashboard.live.series import series_of
from dashboard.live.snapshot import Limits, clock_of
from dashboard.reports.export import SUFFIXES, as_bytes, exported
from dashboard.reports.page import page
from dashboard.reports.session_report import session_report
from dashboard.reports.stored import stored
from dashboard.sessions.checklist import open_items
from dashboard.sessions.events import Course, corrected, fold, version_in_force
from dashboard.sessions.privacy import shown_patient
from dashboard.sessions.summary import Curves, aligned, columns, extremes
from dashboard.store import acts, history, queries
from dashboard.store.database import Store
from dashboard.store.history import MARKS, Entry, Kind, Record
from dashboard.store.material import Material, material
from dashboard.store.records import Session
from dashboard.views import frame, session_words
from dashboard.views.figure_look import themed
from dashboard.views.monitor_tables import STYLE
from dashboard.views.overlay_figure import overlay_figure
from dashboard.views.review_figure import Review, review_figure
from dashboard.views.session_words import started_text
from dashboard.views.why import why
from dashboard.views.words import plain
from devices import instant
from devices.clock import BedClock

_CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}


def show(store: Store, session_id: int, zone: str, in_full: bool) -> None:
    """The page of one session; says so if there is none."""
    with store.reading() as connection:
        record = history.record(connection, session_id)
        found = material(connection, session_id)
        state = queries.bed_states(connection).get(record.entry.session.bed_id) if record else None
    if record is None or found is None:
        st.error("There is no such session. Choose one of the list.")
        return
    entry, session = record.entry, record.entry.session
    if MARKS[entry.kind]:
        frame.mark(MARKS[entry.kind])
    end = session.ended if session.ended is not None else clock_of(state).now(instant.now())
    # A replayed session knows its future: it is shown as far as it was played.
    course = fold(record.events, session.planned_minutes, end if session.ended is None else None)
    patient, identifier = shown_patient(session.patient, session.identifier, in_full)
    st.subheader(plain(f"{session_words.beds_text(entry)}: {patient} {identifier}, session {session.id}"))
    st.caption(plain(session_words.head_text(record, course, zone)))
    st.html(session_words.STYLE + session_words.patient_html(record, zone, in_full))
    left = open_items(record.rises, record.alarms)
    if left:
        st.warning("Open: " + plain("; ".join(left)))
    figure = review_figure(_review(record, found, course, end, zone))
    st.plotly_chart(themed(figure), width="stretch", config=_CONFIG, key=f"review_{session.id}")
    _tables(record, found, course, end, zone)
    if course.t0 is not None and record.rises:
        why(store, session, clock_of(state), zone)
    _compare(store, record, found, course, end, zone)
    _report(store, session, clock_of(state), zone, in_full)
    _export(found, session.id)


def _review(record: Record, found: Material, course: Course, end: int, zone: str) -> Review:
    session = record.entry.session
    shown = [each for each in found.readings if each.time <= end]
    start = min([session.started, *(each.time for each in shown[:1])], default=session.started)
    start = min(start, course.t0) if course.t0 is not None else start
    mark = "" if record.entry.kind is Kind.LIVE else record.entry.kind.value.upper()
    return Review(
        series=series_of(shown),
        course=course,
        events=corrected(record.events),
        baselines=record.baselines,
        rises=record.rises,
        limits=_limits(record),
        start=start,
        end=end,
        zone=zone,
        mark=mark,
    )


def _limits(record: Record) -> Limits:
    wanted = version_in_force(record.events, record.entry.session.threshold_version_id)
    version = record.versions.get(wanted)
    if version is None:
        with frame.store().reading() as connection:
            version = queries.threshold_version(connection, wanted)
    if version is None:
        return Limits()
    try:
        return limits_of(acts.thresholds_of(version), record.baselines)
    except ThresholdError as error:
        st.error(plain(str(error)[:1].upper() + str(error)[1:]))
        return Limits()


def _tables(record: Record, found: Material, course: Course, end: int, zone: str) -> None:
    style = STYLE + session_words.STYLE
    st.markdown("##### What it came to")
    peaks = extremes(columns(found.readings, end), course.t0, end) if course.t0 is not None else {}
    st.html(style + session_words.peaks_html(peaks, record.baselines, course.t0, zone))
    st.markdown("##### Rises")
    if record.rises:
        st.html(style + session_words.rises_html(record, course.t0, zone))
    elif course.t0 is None:
        st.caption("The infusion was not started: nothing was compared with a baseline.")
    else:
        st.caption("No rise was flagged with these thresholds; gaps below are times in which none could be.")
    with st.expander(f"Alarms ({len(record.alarms)})"):
        if record.alarms:
            st.html(style + session_words.alarms_html(record.alarms, record.deliveries, zone))
        else:
            st.caption("None was raised.")
    gaps = session_words.gaps_html(record.notices, zone)
    with st.expander("Gaps and doubts in the data", expanded=bool(gaps) and not record.rises):
        if gaps:
            st.html(style + gaps)
        else:
            st.caption("None was told.")
    with st.expander(f"Events ({len(record.events)})"):
        st.html(style + session_words.events_html(record.events, course.t0, zone))


def _compare(store: Store, record: Record, found: Material, course: Course, end: int, zone: str) -> None:
    """Earlier and later infusions with the very same two identifiers, aligned at the start of the drug."""
    st.markdown("##### The same patient's other infusions")
    session = record.entry.session
    with store.reading() as connection:
        others = history.of_same_patient(connection, session)
    if not others:
        st.caption("There is no other session with these two identifiers.")
        return
    if course.t0 is None:
        st.caption("This session's infusion was not started, so nothing can be aligned with it.")
        return
    chosen = st.multiselect(
        "Lay beside this one, from the start of the drug",
        others,
        format_func=lambda each: _name(each, zone),
        max_selections=2,
        placeholder="Choose a session",
        key=f"compare_{session.id}",
    )
    if not chosen:
        return
    drawn = [(_name(record.entry, zone), aligned(columns(found.readings, end), course.t0, end), _spans(record, course))]
    for other in chosen:
        aligned_one = _aligned(store, other, zone)
        if aligned_one is None:
            st.info(plain(f"{_name(other, zone)}: its infusion was not started"))
        else:
            drawn.append(aligned_one)
    if len(drawn) > 1:
        st.plotly_chart(themed(overlay_figure(drawn)), width="stretch", config=_CONFIG, key=f"overlay_{session.id}")
        st.caption("Shades: rises from onset to return; the upper part this session's, the lower part the others'.")


def _name(entry: Entry, zone: str) -> str:
    kind = "" if entry.kind is Kind.LIVE else f" {entry.kind.value.upper()}"
    return f"{started_text(entry.session.started, zone)}, session {entry.session.id}{kind}"


def _aligned(store: Store, entry: Entry, zone: str) -> tuple[str, Curves, list[tuple[str, float, float | None]]] | None:
    with store.reading() as connection:
        record = history.record(connection, entry.session.id)
        found = material(connection, entry.session.id)
    if record is None or found is None:
        return None
    last = max((each.time for each in found.readings), default=entry.session.started)
    end = entry.session.ended if entry.session.ended is not None else last
    course = fold(record.events, entry.session.planned_minutes)
    if course.t0 is None:
        return None
    return _name(entry, zone), aligned(columns(found.readings, end), course.t0, end), _spans(record, course)


def _spans(record: Record, course: Course) -> list[tuple[str, float, float | None]]:
    """Each rise as signal, onset and return in minutes from the start of the drug."""
    t0 = course.t0
    assert t0 is not None

    def minutes(at: int | None) -> float | None:
        return None if at is None else (at - t0) / instant.MINUTE

    return [
        (each.signal, (each.onset - t0) / instant.MINUTE, minutes(each.return_time))
        for each in record.rises
        if not each.present_at_baseline
    ]


def _report(store: Store, session: Session, clock: BedClock, zone: str, in_full: bool) -> None:
    """The session's report as a file; it names the patient as this page does."""
    st.markdown("##### Report")
    with st.container(horizontal=True, key="report"):
        if st.button("Make the report", icon=":material/description:", key="report_prepare"):
            now = instant.now()
            with frame.explained(), st.spinner("Writing"):
                with store.reading() as connection:
                    subject = stored(connection, session.id, clock.now(now), zone, in_full)
                st.download_button(
                    "Download", page(session_report(subject, now)), file_name=f"session-{session.id}-report.html",
                    mime="text/html", key="report_download",
                )  # fmt: skip
    names = "With both identifiers" if in_full else "With initials only; switch on both identifiers for one to file"
    st.caption(f"{names}. One file for screen and A4. `risewatch report {session.id}` writes the same.")


def _export(found: Material, session_id: int) -> None:
    """The readings and what happened as a file; no identifier and nobody's own words go with them."""
    st.markdown("##### Export")
    if not found.readings:
        st.caption("There is no reading to export.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="export"):
        form = st.selectbox("Form", list(SUFFIXES), key="export_form", width=200)
        wanted = st.button("Prepare the file", key="export_prepare")
    if wanted:
        with frame.explained(), st.spinner("Writing"):
            content, said = as_bytes(exported(found), form)
            st.download_button(
                "Download", content, file_name=f"session-{session_id}.{SUFFIXES[form]}", key="export_download"
            )
            for each in said:
                st.caption(plain(each))
    st.caption(
        "Scores, plan and risk go with it in fixed words and numbers; identifiers, birth date and a person's own words "
        "(notes, allergies) do not. `risewatch export` writes the same."
    )
