"""What the import and the replay page ask of a file: its question, and what a person says over what was detected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import streamlit as st
from msgspec.structs import replace

from dashboard.importing.choices import Choices
from dashboard.views import frame
from dashboard.views.words import plain
from devices.errors import ChoiceNeeded
from devices.recordings.overrides import as_toml, parse
from devices.signals import SIGNALS

LEAVE_OUT = "leave out"
AS_SAID = "as the file says"
_SHOWN = "file_shown"
UNITS = ("/min", "Hz", "mmHg", "kPa", "%", "fraction", "degC", "degF")

_QUESTIONS = {
    "patient": "Which patient or case",
    "patient_column": "Which column names patients",
    "member": "Which recording of the archive",
    "device": "Which device's values count",
    "date_order": "Order of day, month and year",
    "timezone": "Zone of the file's times",
    "start": "When the recording began",
    "time_unit": "What the numbers of the time column are",
    "time_date": "The day of the first row, or h: hours from the start",
    "decimal_mark": "The decimal mark",
    "column": "Which one to leave out",
}
_HINTS = {
    "timezone": "Europe/Berlin or +01:00",
    "start": "2026-03-01T09:30:00",
    "time_unit": "s, or so many in a second: 999.52",
    "time_date": "2026-03-21",
}
_ANSWERS = {
    "dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day", "excel": "a spreadsheet's days",
    "s": "seconds from the start", "min": "minutes from the start", "h": "hours from the start",
    "ms": "milliseconds from the start", "unix": "seconds since 1970", "unix-ms": "milliseconds since 1970",
    ",": "comma", ".": "point",
}  # fmt: skip


def ask(question: ChoiceNeeded, choices: Choices) -> Choices | None:
    """Shows what the file leaves open, with a control for it; the choices with the answer once it is given."""
    st.warning(plain(f"{sentence(question).partition(': say ')[0].partition(': leave ')[0]}."))
    if not question.option:
        return None
    with st.form("file_question", border=False):
        # Each question has a control of its own: none begins with the answer to the one before.
        key = f"file_answer_{question.option}_{question.column}"
        label = f"Unit of {question.column}" if question.option == "unit" else _QUESTIONS[question.option]
        if question.among:
            answer = st.selectbox(
                plain(label), list(question.among), index=None, placeholder="Choose one", key=key,
                format_func=lambda each: _ANSWERS.get(each, each),
            )  # fmt: skip
        else:
            hint = _HINTS[question.option]
            answer = st.text_input(label, placeholder=hint, key=key)
        if st.form_submit_button("Read it so", type="primary") and answer:
            with frame.explained():
                return choices.answered(question.option, answer.strip(), question.column)
    return None


def unread(why: Exception | None, choices: Choices) -> Choices | None:
    """What keeps a file from being read, with a control if an answer settles it, and what else can be said of it; the
    new choices if something was said. `why`: None if nothing does."""
    changed = None
    if isinstance(why, ChoiceNeeded):
        changed = ask(why, choices)
    elif why is not None:
        st.error(plain(sentence(why)))
    return changed or change(None, choices)


def sentence(error: Exception) -> str:
    said = str(error)
    return said[:1].upper() + said[1:]


def change(how: Mapping[str, Any] | None, choices: Choices) -> Choices | None:
    """Controls over what was detected; the new choices if something was changed."""
    columns = [str(each["name"]) for each in how["columns"]] if how else []
    # What was said stays in sight.
    with st.expander("Change how it is read", expanded=bool(choices.mapping.columns or choices.mapping.units)):
        return _column(columns, choices) or _time(choices) or _file(choices) or _said(choices)


def _column(names: Sequence[str], choices: Choices) -> Choices | None:
    with st.form("file_column", border=False):
        first, second, third, fourth = st.columns([4, 3, 3, 2], vertical_alignment="bottom")
        name = first.selectbox(
            "Column or track", list(dict.fromkeys(names)), index=None, placeholder="Its name, or #7 for the seventh",
            accept_new_options=True, key="file_column_name",
        )  # fmt: skip
        signal = second.selectbox(
            "is", [*SIGNALS, LEAVE_OUT], index=None, placeholder="As detected", key="file_column_signal"
        )
        unit = third.selectbox("in", [AS_SAID, *UNITS], key="file_column_unit")
        if not fourth.form_submit_button("Set", width="stretch") or not name:
            return None
    if signal is not None:
        choices = choices.with_mapping(columns={**choices.mapping.columns, name: "" if signal == LEAVE_OUT else signal})
    if unit != AS_SAID and signal != LEAVE_OUT:
        choices = choices.with_mapping(units={**choices.mapping.units, name: unit})
    return choices


def _time(choices: Choices) -> Choices | None:
    said = {
        "file_zone": choices.zone, "file_order": choices.date_order, "file_patient": choices.patient,
        "file_start": choices.start,
    }  # fmt: skip
    # What was said otherwise, by an answer or a mapping file or of another recording, would be undone by what still
    # stands in the fields.
    if st.session_state.get(_SHOWN) != said or not said.keys() <= st.session_state.keys():
        st.session_state.update({**said, _SHOWN: said})
    with st.form("file_time", border=False):
        first, second, third, fourth, fifth = st.columns([3, 2, 2, 3, 2], vertical_alignment="bottom")
        zone = first.text_input("Zone of times without an offset", key="file_zone")
        order = second.selectbox(
            "Dates are", ["", "dmy", "mdy", "ymd"], key="file_order",
            format_func=lambda each: _ANSWERS.get(each, "as the file shows"),
        )  # fmt: skip
        patient = third.text_input("Patient or case", key="file_patient")
        start = fourth.text_input("Began, if without dates", placeholder="2026-03-01T09:30:00", key="file_start")
        if not fifth.form_submit_button("Set", width="stretch"):
            return None
    if zone.strip() != choices.zone:  # the clinic's is not said by being shown
        choices = choices.answered("timezone", zone.strip())
    for option, answer in (("date_order", order), ("patient", patient), ("start", start)):
        choices = choices.answered(option, answer.strip())
    return choices


def _file(choices: Choices) -> Choices | None:
    """A mapping file taken, and what is said now given as one."""
    given = st.file_uploader("A mapping file (TOML), instead of what was said so far", type="toml", key="file_mapping")
    taken = st.session_state.get("file_mapping_taken")
    if given is not None and given.file_id != taken:
        with frame.explained():
            said = parse(given.getvalue().decode("utf-8-sig", errors="replace"), given.name)
            st.session_state["file_mapping_taken"] = given.file_id
            return choices.with_all(said)
    return None


def _said(choices: Choices) -> Choices | None:
    """What was said, each with a way to take it back, and all of it to be kept as a mapping file."""
    for key, words, without in _each_said(choices):
        left, right = st.columns([10, 2], vertical_alignment="center")
        left.write(plain(words))
        if right.button("Take back", key=f"file_back_{key}", width="stretch"):
            return without
    written = as_toml(choices.as_mapping())
    st.download_button(
        "Keep as a mapping file", written, "mapping.toml", "application/toml", disabled=not written,
        key="file_mapping_out", help="For files of the same kind: here, and with --mapping of the commands",
    )  # fmt: skip
    return None


def _each_said(choices: Choices) -> Iterator[tuple[str, str, Choices]]:
    """What was said and no other control shows: what it is called, how it is said, and the choices without it."""
    said = choices.mapping
    for name in dict.fromkeys((*said.columns, *said.units)):
        signal, unit = said.columns.get(name), said.units.get(name)
        words = [{None: "", "": "is left out"}.get(signal, f"is {signal}"), f"in {unit}" if unit else ""]
        without = choices.with_mapping(
            columns={key: value for key, value in said.columns.items() if key != name},
            units={key: value for key, value in said.units.items() if key != name},
        )
        yield name, f"{name} {' '.join(filter(None, words))}", without
    if said.patient_column or said.one_patient:
        words_of = f"{said.patient_column} names patients" if said.patient_column else "All rows are one patient's"
        without = replace(choices.with_mapping(patient_column="", one_patient=None), patient="")
        yield "patients", words_of, without
    if said.time_unit:
        unit = _ANSWERS.get(said.time_unit, f"{said.time_unit} in a second")
        yield "time_unit", f"Numbers of the time column: {unit}", choices.with_mapping(time_unit="")
    if said.first_day:
        day = said.first_day.isoformat()
        yield "time_date", f"The times of day begin on {day}", choices.with_mapping(first_day=None)
    if said.decimal_mark:
        mark = _ANSWERS[said.decimal_mark]
        yield "decimal_mark", f"The decimal mark is a {mark}", choices.with_mapping(decimal_mark="")
    if choices.member:
        yield "member", f"Of the archive {choices.member} is read", replace(choices, member="")
    if choices.device:
        yield "device", f"The values of {choices.device} count", replace(choices, device="")
