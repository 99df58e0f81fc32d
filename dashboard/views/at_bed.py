"""What every act at a bed has in common: where it takes place, the time of the first tap, the write and its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import streamlit as st
from msgspec import Struct

from dashboard.access.people import Person
from dashboard.sessions.events import Course, EventKind, SessionEvent
from dashboard.sessions.plan import Plan, plan_of
from dashboard.store import acts
from dashboard.store.database import Store
from dashboard.store.records import Bed, Session, ThresholdVersion
from dashboard.views import frame
from dashboard.views.patient_form import forget_patient
from dashboard.views.plan_form import forget_plan
from dashboard.views.times import clock_text, recent
from dashboard.views.words import plain
from devices import instant
from devices.clock import BedClock

TAPPED = "bed_act_tapped"
SAID = "bed_act_said"
PLACE = "bed_act_place"


class AtBed(Struct, frozen=True):
    """Where an act takes place."""

    store: Store
    bed: Bed
    session: Session
    course: Course
    version: ThresholdVersion
    clock: BedClock
    zone: str
    who: Person
    events: Sequence[SessionEvent] = ()

    def now(self) -> int:
        return self.clock.now(instant.now())

    @property
    def plan(self) -> Plan | None:
        return plan_of(self.events)


def tapped(at: AtBed) -> int:
    """When the act's dialog was opened: people press when their hands are free, and write then."""
    return int(st.session_state.get(TAPPED, at.now()))


def given_time(at: AtBed, key: str, words: str = "Time (correct it if it happened earlier)") -> str:
    """The field with the time of the first tap; `time_of` reads it."""
    return st.text_input(words, value=clock_text(tapped(at), at.zone), key=f"time_{key}")


def time_of(at: AtBed, given: str) -> int:
    """The instant a time field says; the tap's own, to the microsecond, where it was not changed.

    Raises:
        SessionError: it is no time.
    """
    if given.strip() == clock_text(tapped(at), at.zone):
        return tapped(at)
    return recent(given, at.now(), at.zone)


def act_form(key: str) -> AbstractContextManager[Any]:
    """What is typed for an act: Enter in any of its fields records it, as its button does. A field outside a form only
    keeps what was typed."""
    return st.form(f"form_{key}", border=False)


def record_button(words: str, key: str) -> bool:
    """The second tap of an act, or Enter; inside `act_form`."""
    return st.form_submit_button(words, type="primary", width="stretch", key=key, shortcut="Enter")


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
        done(at, f"{at.bed.name}: {words}, recorded at {clock_text(time, at.zone)} by {at.who.name}")


def done(at: AtBed, said: str) -> None:
    """Closes the dialog and says what was done."""
    st.session_state[SAID] = (said, instant.now())
    close()
    st.rerun()


def close() -> None:
    """Forgets which dialog is open, and what was begun in it: another bed's dialog must not begin with it."""
    for key in (TAPPED, frame.OPEN):
        st.session_state.pop(key, None)
    forget_plan()
    forget_patient()


def turned_to(place: tuple[str, str]) -> None:
    """Another page, or another bed's, begins with no dialog open: what was begun is not recorded there.

    Args:
        place: the page, and the bed it is told to show ("" for none).
    """
    if st.session_state.get(PLACE, place) != place:
        close()
    st.session_state[PLACE] = place


def patient(at: AtBed) -> None:
    """Who lies there: in every dialog that moves the infusion or the session."""
    st.write(f"**{plain(at.session.patient)}** · {plain(at.session.identifier)} · {plain(at.bed.name)}")
