"""What is recorded at a bed beside the infusion, in one tap where it can be: notes, scores, interventions, cuffs.

These record what staff saw and did. Nothing here recommends anything.
"""

from __future__ import annotations

import streamlit as st

from dashboard.errors import SessionError
from dashboard.sessions.events import EventKind
from dashboard.sessions.patient import patient_of
from dashboard.sessions.records import ACTIONS, BASELINES, OBSERVATIONS, SCALES, WITH_WORDS, score_words
from dashboard.views import frame
from dashboard.views.at_bed import AtBed, act_form, close, given_time, patient, record, record_button, time_of
from dashboard.views.patient_form import risk_line


def note(at: AtBed) -> None:
    """A note: one tap (or number key) on a common one, or words of one's own."""
    given = given_time(at, "note")
    with st.container(horizontal=True, key="quick_notes"):
        for number, text in enumerate(OBSERVATIONS, 1):
            if st.button(text, key=f"note_{text}", shortcut=str(number)):
                with frame.explained():
                    record(at, EventKind.NOTE, time_of(at, given), text, {"text": text})
    with act_form("note"):
        text = st.text_area("Or in your own words (Ctrl and Enter records)", max_chars=500, key="note_text")
        wanted = record_button("Record note", "note_record")
    if wanted:
        with frame.explained():
            if not text.strip():
                raise SessionError("write the note first")
            record(at, EventKind.NOTE, time_of(at, given), "Note", {"text": text.strip()})


def score(at: AtBed) -> None:
    """Scores: sedation, nausea and pain in one tap, the CADSS total as a number."""
    given = given_time(at, "score")
    for scale in SCALES.values():
        if scale.high > 10:
            continue
        st.markdown(f"**{scale.title}**")
        with st.container(horizontal=True, key=f"score_{scale.name}", gap="small"):
            for value in range(scale.high, -1, -1) if scale.name == "moaas" else range(scale.high + 1):
                words = f"{value} {scale.words[value]}" if scale.words else str(value)
                # The number keys are for sedation, which is asked for most.
                shortcut = str(value) if scale.name == "moaas" else None
                if st.button(words, key=f"{scale.name}_{value}", shortcut=shortcut):
                    _score(at, given, scale.name, value)
    scale = SCALES["cadss"]
    with act_form("cadss"):
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        total = left.number_input(f"{scale.title}, 0 to {scale.high}", 0, scale.high, None, key="cadss")
        with right:
            wanted = record_button("Record CADSS", "cadss_record")
    if wanted:
        with frame.explained():
            if total is None:
                raise SessionError("give the CADSS total first")
            _score(at, given, scale.name, int(total))


def _score(at: AtBed, given: str, name: str, value: int) -> None:
    detail = {"scale": name, "value": value}
    with frame.explained():
        record(at, EventKind.SCORE, time_of(at, given), score_words(detail), detail)


def action(at: AtBed) -> None:
    """What staff did: one tap, or a drug with its words."""
    st.caption(risk_line(patient_of(at.events)))
    given = given_time(at, "action")
    plain_ones = [name for name in ACTIONS if name not in WITH_WORDS]
    with st.container(horizontal=True, key="quick_actions"):
        for number, name in enumerate(plain_ones, 1):
            if st.button(ACTIONS[name], key=f"action_{name}", shortcut=str(number)):
                with frame.explained():
                    record(at, EventKind.ACTION, time_of(at, given), ACTIONS[name], {"action": name})
    st.caption("Pause, rate and stop of the infusion have buttons of their own: they count in the dose.")
    with act_form("drug"):
        kind = st.segmented_control("Drug given", WITH_WORDS, format_func=ACTIONS.__getitem__, key="action_drug")
        text = st.text_input("Drug, dose, prescriber", max_chars=200, key="action_text")
        wanted = record_button("Record drug given", "action_record")
    if wanted:
        with frame.explained():
            if kind is None:
                raise SessionError("say which kind of drug was given")
            detail = {"action": kind, "text": text.strip()}
            record(at, EventKind.ACTION, time_of(at, given), ACTIONS[kind], detail)


def after_alarm(at: AtBed) -> None:
    """After a high alarm was acknowledged: what was done, or that it was seen (clinical definition 4.3)."""
    if st.button("Seen, nothing else to record", width="stretch", key="alarm_seen", shortcut="0"):
        close()
        st.rerun()
    action(at)


def cuff(at: AtBed) -> None:
    """A cuff reading taken by hand: it goes to the detector as a monitor's does, marked by its source."""
    patient(at)
    with act_form("cuff"):
        left, middle, right = st.columns(3)
        sys = left.number_input("Systolic, mmHg", 0, 300, None, key="cuff_sys")
        dia = middle.number_input("Diastolic, mmHg", 0, 300, None, key="cuff_dia")
        mean = right.number_input("Mean, mmHg (if read)", 0, 300, None, key="cuff_mean")
        spans = [f"{low:g} to {high:g}" for low, high in (BASELINES["SBP"], BASELINES["DBP"])]
        st.caption(f"Read in mmHg: systolic {spans[0]}, diastolic {spans[1]}.")
        given = given_time(at, "cuff", "Time of the measurement")
        wanted = record_button("Record cuff reading", "cuff_record")
    if wanted:
        with frame.explained():
            if sys is None or dia is None:
                raise SessionError("give the systolic and the diastolic pressure")
            detail = {"sys": sys, "dia": dia} | ({} if mean is None else {"mean": mean})
            record(at, EventKind.CUFF, time_of(at, given), f"Cuff by hand {sys}/{dia}", detail)
