"""What may be done at a bed, as buttons under its live view: only what the phase allows, each with a second tap.

The second tap shows the time of the first one, which may be corrected: people press when their hands are free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.access.people import Person
from dashboard.errors import SessionError
from dashboard.rises.threshold_diff import differences
from dashboard.sessions.events import Course, EventKind, Phase
from dashboard.store import acts, queries
from dashboard.store.database import Store
from dashboard.store.records import Bed, Session, ThresholdVersion
from dashboard.views import frame
from dashboard.views.threshold_words import difference_rows
from dashboard.views.times import clock_text, recent
from dashboard.views.words import plain
from devices import instant
from devices.clock import BedClock

QUICK_NOTES = (
    "Talked, reassured",
    "Nausea",
    "Vomiting",
    "Anxiety",
    "Distress",
    "Headache",
    "Chest pain",
    "Extra cuff measured",
    "Antiemetic given",
    "Prescriber called",
)
SEDATION = tuple(f"MOAA/S {score}" for score in range(6))

_TAPPED = "bed_act_tapped"
_SAID = "bed_act_said"


@dataclass(frozen=True)
class AtBed:
    """Where an act takes place."""

    store: Store
    bed: Bed
    session: Session
    course: Course
    version: ThresholdVersion
    clock: BedClock
    zone: str
    who: Person

    def now(self) -> int:
        return self.clock.now(instant.now())


def allowed(course: Course) -> list[tuple[EventKind, str]]:
    """The acts that fit the phase, with the words on their buttons, the most likely first."""
    match course.phase:
        case Phase.BASELINE:
            found = [(EventKind.INFUSION_START, "Start infusion")]
        case Phase.INFUSION:
            found = [(EventKind.INFUSION_PAUSE, "Pause infusion"), (EventKind.INFUSION_STOP, "Stop infusion")]
        case Phase.PAUSED:
            found = [(EventKind.INFUSION_RESUME, "Resume infusion"), (EventKind.INFUSION_STOP, "Stop infusion")]
        case _:
            found = [(EventKind.INFUSION_START, "Start infusion again")]
    found += [(EventKind.NOTE, "Note"), (EventKind.THRESHOLDS, "Thresholds"), (EventKind.BASELINE, "Baseline")]
    if course.phase in (Phase.BASELINE, Phase.RECOVERY):
        found.append((EventKind.SESSION_END, "End session"))
    return found


def bar(at: AtBed) -> None:
    """The row of buttons; a tap opens the act's dialog."""
    offers = allowed(at.course)
    with st.container(horizontal=True, key="act_bar"):
        for kind, words in offers:
            leading = kind is offers[0][0]
            if st.button(words, key=f"act_{kind.value}", type="primary" if leading else "secondary", width="stretch"):
                st.session_state[_TAPPED] = at.now()
                _open(at, kind, words)
    # Said here and not in a toast, which would lie over the alarm bar.
    # It stays a while: the live view has the page run again as soon as the new phase is known.
    said, since = st.session_state.get(_SAID, ("", 0))
    if said and instant.now() - since < 20 * instant.SECOND:
        st.success(plain(said))


def _open(at: AtBed, kind: EventKind, words: str) -> None:
    @st.dialog(plain(f"{at.bed.name}: {words.lower()}"))
    def opened() -> None:
        if kind is EventKind.NOTE:
            note(at)
        elif kind is EventKind.THRESHOLDS:
            change_thresholds(at)
        elif kind is EventKind.BASELINE:
            set_baseline(at)
        else:
            confirm(at, kind, words)

    opened()


def record(at: AtBed, kind: EventKind, time: int, words: str, detail: Mapping[str, Any] | None = None) -> None:
    """Writes the act and closes the dialog; a refusal stays in the dialog, in one sentence."""
    with frame.explained():
        acts.record_event(
            at.store,
            at.session.id,
            kind,
            time=time,
            author=at.who.name,
            now=instant.now(),
            bed_now=at.now(),
            detail=detail,
        )
        said = f"{at.bed.name}: {words}, recorded at {clock_text(time, at.zone)} by {at.who.name}"
        st.session_state[_SAID] = (said, instant.now())
        st.session_state.pop(_TAPPED, None)
        st.rerun()


def confirm(at: AtBed, kind: EventKind, words: str) -> None:
    """The second tap of a plain act, with its time."""
    st.write(f"**{plain(at.session.patient)}** · {plain(at.session.identifier)}")
    tapped = int(st.session_state.get(_TAPPED, at.now()))
    shown = clock_text(tapped, at.zone)
    given = st.text_input("Time (correct it if it happened earlier)", value=shown, key=f"time_{kind.value}")
    if st.button(f"Record: {words.lower()}", type="primary", width="stretch", key=f"confirm_{kind.value}"):
        with frame.explained():
            time = tapped if given.strip() == shown else recent(given, at.now(), at.zone)
            record(at, kind, time, words)


def note(at: AtBed) -> None:
    """A note: one tap on a common one, or words of one's own."""
    tapped = int(st.session_state.get(_TAPPED, at.now()))
    for texts, name in ((QUICK_NOTES, "quick"), (SEDATION, "sedation")):
        with st.container(horizontal=True, key=f"{name}_notes"):
            for text in texts:
                if st.button(text, key=f"note_{text}"):
                    record(at, EventKind.NOTE, tapped, text, {"text": text})
    text = st.text_area("Or in your own words", max_chars=500, key="note_text")
    if st.button("Record note", type="primary", width="stretch", key="note_record"):
        with frame.explained():
            if not text.strip():
                raise SessionError("write the note first")
            record(at, EventKind.NOTE, tapped, "Note", {"text": text.strip()})


def change_thresholds(at: AtBed) -> None:
    """Other thresholds from now on: which version, what differs, and why."""
    with at.store.reading() as connection:
        others = [each for each in queries.threshold_versions(connection) if each.id != at.version.id]
    st.write(f"Now in force: **{plain(at.version.name)}, version {at.version.version}** ({at.version.hash[:8]})")
    chosen = st.selectbox(
        "From now on",
        others,
        index=None,
        format_func=lambda each: f"{each.name}, version {each.version} · {each.author}: {each.reason}",
        placeholder="Choose a version",
        key="other_thresholds",
    )
    if chosen is not None:
        with frame.explained():
            changed = differences(acts.thresholds_of(at.version), acts.thresholds_of(chosen))
            st.dataframe(difference_rows(changed, "now", "then"), hide_index=True, width="stretch")
    reason = st.text_input("Reason", max_chars=200, key="thresholds_reason")
    if st.button("Record: change thresholds", type="primary", width="stretch", key="thresholds_record"):
        with frame.explained():
            if chosen is None:
                raise SessionError("choose the version first")
            if not reason.strip():
                raise SessionError("a change of the thresholds needs its reason")
            acts.thresholds_of(chosen)
            detail = {"threshold_version_id": chosen.id, "reason": reason.strip()}
            record(at, EventKind.THRESHOLDS, at.now(), f"Thresholds {chosen.name} version {chosen.version}", detail)


_BASELINES = {"SBP": (40, 270), "DBP": (20, 200), "HR": (20, 250)}
"""What counts as a valid reading (clinical definition 3.6) bounds what may be set by hand."""


def set_baseline(at: AtBed) -> None:
    """A baseline by hand replaces the measured one for later readings, with its reason (3.2)."""
    signal = st.segmented_control("Signal", list(_BASELINES), key="baseline_signal")
    value = st.number_input("Baseline", value=None, step=1.0, key="baseline_value")
    reason = st.text_input("Reason", max_chars=200, key="baseline_reason")
    if st.button("Record: set baseline", type="primary", width="stretch", key="baseline_record"):
        with frame.explained():
            if signal is None or value is None:
                raise SessionError("choose the signal and give its baseline")
            low, high = _BASELINES[signal]
            if not low <= value <= high:
                raise SessionError(f"a baseline of {value:g} is not possible for {signal}: give {low} to {high}")
            if not reason.strip():
                raise SessionError("a baseline set by hand needs its reason")
            detail = {"signal": signal, "value": float(value), "reason": reason.strip()}
            record(at, EventKind.BASELINE, at.now(), f"Baseline {signal} {value:g}", detail)
