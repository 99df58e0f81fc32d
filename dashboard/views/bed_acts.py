"""What may be done at a bed, as a row of buttons under its live view: what the phase allows, each with a second tap.

The number keys open them, Enter records. A dialog that is open is remembered, so that a new run of the page (the live
view asks for one when the phase changes) does not close it under a finger.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.rises.baseline import Baseline, BaselineStatus
from dashboard.rises.notices import before_start_notes
from dashboard.sessions.checklist import before_end, before_start
from dashboard.sessions.events import Course, EventKind, Phase, nurse_of
from dashboard.sessions.patient import NOT_ASKED, patient_of
from dashboard.store import acts, queries
from dashboard.views import bed_changes, bed_records, frame
from dashboard.views.at_bed import (
    SAID,
    TAPPED,
    AtBed,
    act_form,
    close,
    given_time,
    patient,
    record,
    record_button,
    time_of,
)
from dashboard.views.patient_form import risk_line
from dashboard.views.times import clock_text, day_of
from dashboard.views.words import plain
from devices import instant

MORE = "more"
AFTER_ALARM = "after_alarm"
OWED = "after_alarm_owed"


def allowed(course: Course) -> list[tuple[str, str]]:
    """The acts that fit the phase, with the words on their buttons; those of the infusion first."""
    match course.phase:
        case Phase.BASELINE:
            found = [(EventKind.INFUSION_START.value, "Start infusion")]
        case Phase.INFUSION:
            found = [
                (EventKind.INFUSION_PAUSE.value, "Pause infusion"),
                (EventKind.INFUSION_STOP.value, "Stop infusion"),
            ]
        case Phase.PAUSED:
            found = [
                (EventKind.INFUSION_RESUME.value, "Resume infusion"),
                (EventKind.INFUSION_STOP.value, "Stop infusion"),
            ]
        case _:
            found = [(EventKind.INFUSION_START.value, "Start infusion again")]
    found += [
        (EventKind.NOTE.value, "Note"),
        (EventKind.SCORE.value, "Score"),
        (EventKind.ACTION.value, "Intervention"),
        (EventKind.CUFF.value, "Cuff by hand"),
    ]
    if course.phase in (Phase.INFUSION, Phase.PAUSED):
        found.append((EventKind.INFUSION_RATE.value, "Rate"))
    found.append((MORE, "More"))
    if course.phase in (Phase.BASELINE, Phase.RECOVERY):
        found.append((EventKind.SESSION_END.value, "End session"))
    return found


def bar(at: AtBed) -> None:
    """The row of buttons; a tap, or its number key, opens the act's dialog."""
    offers = allowed(at.course)
    if at.bed.mode == "replay":  # a recording takes no reading of a patient
        offers = [each for each in offers if each[0] != EventKind.CUFF.value]
    dialogs = dict(offers) | {AFTER_ALARM: "high alarm acknowledged, what was done?"}
    opened = st.session_state.get(frame.OPEN)
    if opened is not None and opened not in (*dialogs, frame.SHIFT_DIALOG):
        close()  # the phase has no such act any more
        opened = None
    with st.container(horizontal=True, key="act_bar"):
        for number, (name, words) in enumerate(offers, 1):
            st.button(
                words,
                key=f"act_{name}",
                type="primary" if number == 1 else "secondary",
                width="stretch",
                # In a dialog the number keys are the dialog's.
                shortcut=str(number) if opened is None else None,
                on_click=_open_dialog,
                args=(at, name),
            )
    # Said here and not in a toast, which would lie over the alarm bar.
    # It stays a while: the live view has the page run again as soon as the new phase is known.
    said, since = st.session_state.get(SAID, ("", 0))
    if said and instant.now() - since < frame.SAID_FOR:
        st.info(plain(said))
    if at.course.phase is Phase.BASELINE:
        readiness(at)
    else:
        st.caption(risk_line(patient_of(at.events)))
    st.caption(people_line(at))
    if opened in dialogs:
        _dialog(at, opened, dialogs[opened])


def people_line(at: AtBed) -> str:
    """Who has the session and who prescribed."""
    nurse, since = nurse_of(at.events, at.session.started_by)
    words = "" if since is None else f" since {clock_text(since, at.zone, seconds=False)}"
    prescriber = at.plan.prescriber if at.plan is not None else ""
    return f"**Nurse:** {plain(nurse)}{words} · **Prescriber:** {plain(prescriber or NOT_ASKED)}"


def _open_dialog(at: AtBed, name: str) -> None:
    st.session_state[TAPPED] = at.now()
    st.session_state[frame.OPEN] = name


def owe_question(bed_id: int) -> None:
    """A high alarm was acknowledged at this bed: what was done is asked by the next run that comes so far."""
    st.session_state[OWED] = bed_id


def ask_after_alarm(at: AtBed) -> None:
    """The question that is owed; not asked at another bed, nor while another act is being recorded. Whoever hands over
    the shift is asked afterwards."""
    owed, opened = st.session_state.get(OWED), st.session_state.get(frame.OPEN)
    if owed is None or opened == frame.SHIFT_DIALOG:
        return
    if owed == at.bed.id and opened is None:
        _open_dialog(at, AFTER_ALARM)
    # Last: a run may be cut short at any touch of the session's state.
    del st.session_state[OWED]


def _dialog(at: AtBed, name: str, words: str) -> None:
    bodies: dict[str, Callable[[AtBed], None]] = {
        EventKind.NOTE.value: bed_records.note,
        EventKind.SCORE.value: bed_records.score,
        EventKind.ACTION.value: bed_records.action,
        EventKind.CUFF.value: bed_records.cuff,
        EventKind.INFUSION_RATE.value: bed_changes.rate,
        EventKind.SESSION_END.value: end,
        MORE: bed_changes.more,
        AFTER_ALARM: bed_records.after_alarm,
    }

    @st.dialog(plain(f"{at.bed.name}: {words.lower()}"), width="large", on_dismiss=close)
    def opened() -> None:
        body = bodies.get(name)
        if body is not None:
            body(at)
        else:
            confirm(at, EventKind(name), words)

    opened()


def confirm(at: AtBed, kind: EventKind, words: str) -> None:
    """The second tap of a plain act, with its time."""
    patient(at)
    if kind is EventKind.INFUSION_START and at.course.t0 is None:
        facts(at)
    with act_form(kind.value):
        given = given_time(at, kind.value)
        wanted = record_button(f"Record: {words.lower()}", f"confirm_{kind.value}")
    if wanted:
        with frame.explained():
            record(at, kind, time_of(at, given), words)


def end(at: AtBed) -> None:
    """The end of the session, with what is open first."""
    with at.store.reading() as connection:
        rises = queries.rises(connection, at.session.id)
        alarms = queries.standing_alarms(connection, [at.bed.id])
    still = before_end(at.course, rises, alarms, at.events)
    if still:
        st.warning("  \n".join(["**Open:**", *(plain(each) for each in still)]))
    else:
        st.write("No rise is open, no alarm unacknowledged.")
    confirm(at, EventKind.SESSION_END, "End session")


def facts(at: AtBed) -> None:
    """What is there before the start and what is not, in words."""
    now = instant.now()
    with at.store.reading() as connection:
        baselines = queries.baselines(connection, at.session.id)
        state = queries.bed_states(connection).get(at.bed.id)
    found = before_start(baselines, state, at.events, now, day_of(at.now(), at.zone))
    st.markdown("  \n".join(f"{'▪' if each.there else '▫ **to do:**'} {plain(each.text)}" for each in found))
    known = {signal: Baseline(each.value, each.n, BaselineStatus(each.status)) for signal, each in baselines.items()}
    with frame.explained():
        # Levels out of order or passed already at this baseline, or no baseline: what that means for the limits.
        if notes := before_start_notes(acts.thresholds_of(at.version), known):
            st.warning("  \n".join(plain(each) for each in notes))


def readiness(at: AtBed) -> None:
    """Before the start: what is known, and the test tone to be confirmed."""
    with st.container(border=True, key="readiness"):
        st.markdown("**Before the start**")
        facts(at)
        if not any(event.kind is EventKind.SOUND for event in at.events):
            st.caption("Press Test tone above, then say that it was heard.")
            if st.button("I heard the test tone", key="sound_heard"):
                record(at, EventKind.SOUND, at.now(), "Test tone heard")
