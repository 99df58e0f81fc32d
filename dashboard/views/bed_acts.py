"""What may be done at a bed, as buttons under its live view: only what the phase allows, each with a second tap.

The second tap shows the time of the first one, which may be corrected: people press when their hands are free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.access.people import Person
from dashboard.errors import SessionError, ThresholdError
from dashboard.rises.baseline import Baseline, BaselineStatus
from dashboard.rises.notices import UNITS, before_start_notes
from dashboard.rises.threshold_diff import differences
from dashboard.rises.thresholds import SIGNALS
from dashboard.sessions.events import BASELINES, Course, EventKind, Phase, check_detail
from dashboard.store import acts, queries
from dashboard.store.database import Store
from dashboard.store.records import Bed, Session, ThresholdVersion
from dashboard.views import frame
from dashboard.views.threshold_form import with_level
from dashboard.views.threshold_words import criteria_text, difference_rows
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
        recorded(at, time, words)


def recorded(at: AtBed, time: int, words: str) -> None:
    """Says what was recorded and closes the dialog."""
    said = f"{at.bed.name}: {words}, recorded at {clock_text(time, at.zone)} by {at.who.name}"
    st.session_state[_SAID] = (said, instant.now())
    st.session_state.pop(_TAPPED, None)
    st.rerun()


def confirm(at: AtBed, kind: EventKind, words: str) -> None:
    """The second tap of a plain act, with its time."""
    st.write(f"**{plain(at.session.patient)}** · {plain(at.session.identifier)}")
    if kind is EventKind.INFUSION_START and at.course.t0 is None:
        _notes_before_start(at)
    tapped = int(st.session_state.get(_TAPPED, at.now()))
    shown = clock_text(tapped, at.zone)
    given = st.text_input("Time (correct it if it happened earlier)", value=shown, key=f"time_{kind.value}")
    if st.button(f"Record: {words.lower()}", type="primary", width="stretch", key=f"confirm_{kind.value}"):
        with frame.explained():
            time = tapped if given.strip() == shown else recent(given, at.now(), at.zone)
            record(at, kind, time, words)


def _notes_before_start(at: AtBed) -> None:
    """Levels out of order or passed already at this baseline, or no baseline: told before the drug."""
    with at.store.reading() as connection:
        known = queries.baselines(connection, at.session.id)
    baselines = {signal: Baseline(each.value, each.n, BaselineStatus(each.status)) for signal, each in known.items()}
    with frame.explained():
        notes = before_start_notes(acts.thresholds_of(at.version), baselines)
        if notes:
            st.warning("  \n".join(plain(each) for each in notes))


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
    """Other thresholds from now on: another version, or other limits for this patient alone; and why."""
    st.write(f"Now in force: **{plain(at.version.name)}, version {at.version.version}** ({at.version.hash[:8]})")
    another, own = st.tabs(["Another version", "Only for this patient"])
    with another:
        _choose_version(at)
    with own:
        _adjust(at)


def _choose_version(at: AtBed) -> None:
    with at.store.reading() as connection:
        versions = queries.threshold_versions(connection, at.session.id)
    chosen = st.selectbox(
        "From now on",
        [each for each in versions if each.id != at.version.id],
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
            detail = {"threshold_version_id": chosen.id, "reason": reason.strip()}
            record(at, EventKind.THRESHOLDS, at.now(), f"Thresholds {chosen.name} version {chosen.version}", detail)


def _adjust(at: AtBed) -> None:
    """One limit at a time: other numbers for this patient, in force for later readings; open rises keep theirs."""
    try:
        base = acts.thresholds_of(at.version)
    except ThresholdError as error:
        st.error(plain(str(error)))
        return
    levels = [level for signal in SIGNALS for level in base.levels_of(signal)]
    level = st.selectbox(
        "Limit",
        levels,
        format_func=lambda each: f"{each.signal} level {each.level}: {criteria_text(each, base.combine)}",
        key="adjust_level",
    )
    key = f"adjust_{level.signal}_{level.level}"
    cells = st.columns(3)
    absolute = cells[0].number_input(f"Limit, {UNITS[level.signal]}", value=level.absolute, key=f"{key}_absolute")
    rise = cells[1].number_input("Above baseline", value=level.rise, key=f"{key}_rise")
    percent = cells[2].number_input("Above baseline, %", value=level.rise_percent, key=f"{key}_percent")
    st.caption("Empty: switched off. In force for later readings of this session; open rises keep their limit.")
    reason = st.text_input("Reason", max_chars=200, key="adjust_reason")
    if st.button("Record: adjust for this patient", type="primary", width="stretch", key="adjust_record"):
        with frame.explained():
            new = with_level(base, level, absolute=absolute, rise=rise, rise_percent=percent)
            now = at.now()
            acts.adjust_thresholds(
                at.store, at.session.id, new, author=at.who.name, reason=reason, now=instant.now(), bed_now=now
            )
            recorded(at, now, f"{level.signal} level {level.level} adjusted")


def set_baseline(at: AtBed) -> None:
    """A baseline by hand replaces the measured one for later readings, with its reason (3.2)."""
    signal = st.segmented_control("Signal", list(BASELINES), key="baseline_signal")
    value = st.number_input("Baseline", value=None, step=1.0, key="baseline_value")
    reason = st.text_input("Reason", max_chars=200, key="baseline_reason")
    if st.button("Record: set baseline", type="primary", width="stretch", key="baseline_record"):
        with frame.explained():
            detail = {"signal": signal, "value": value, "reason": reason.strip()}
            check_detail(EventKind.BASELINE, detail)
            record(at, EventKind.BASELINE, at.now(), f"Baseline {signal} {value:g}", detail)
