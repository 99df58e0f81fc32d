"""Thresholds: presets and their versions, what differs between two, and a new version with author and reason.

A version is never changed: editing makes the next one. The person who saves approves it.
"""

import pandas as pd  # type: ignore[import-untyped]
import streamlit as st

from dashboard.errors import ThresholdError
from dashboard.rises.threshold_diff import differences
from dashboard.rises.threshold_words import difference_rows, rows
from dashboard.rises.thresholds import SIGNALS, Combine
from dashboard.store import acts, queries
from dashboard.store.records import ThresholdVersion
from dashboard.views import frame, threshold_whatif
from dashboard.views.threshold_form import (
    BACK_COLUMNS,
    LEVEL_COLUMNS,
    LOW_COLUMNS,
    back_rows,
    level_rows,
    low_rows,
    set_from,
)
from dashboard.views.times import moment_text
from dashboard.views.words import plain
from devices import instant


def label(version: ThresholdVersion) -> str:
    return f"{version.name}, version {version.version}"


store = frame.store()
with store.reading() as connection:
    versions = queries.threshold_versions(connection)

st.subheader("Thresholds")
saved = st.session_state.pop("thresholds_saved", None)
if saved:
    st.success(plain(saved))
if not versions:
    st.info("There is no threshold set yet: start the watch once, it stores the presets.")
    st.stop()
st.caption(
    "Presets are examples; no clinician has approved them. A named local clinician must approve every threshold "
    "before any use near a patient."
)

show, compare, edit = st.tabs(["Show", "Compare", "New version"])

with show:
    shown = st.selectbox("Version", versions, format_func=label, key="shown_version")
    zone = frame.zone_name()
    by, why = plain(shown.author), plain(shown.reason)
    st.write(f"By **{by}**, {moment_text(shown.created, zone)}: {why} · hash {shown.hash[:12]}")
    try:
        st.dataframe(
            [{"": what, "value": value} for what, value in rows(acts.thresholds_of(shown)).items()],
            hide_index=True,
            width="stretch",
        )
    except ThresholdError as error:
        st.error(str(error))
    st.download_button("Download as TOML", shown.body, f"{shown.name}-v{shown.version}.toml", "application/toml")

with compare:
    left, right = st.columns(2)
    first = left.selectbox("From", versions, format_func=label, key="compare_from")
    second = right.selectbox("To", versions, format_func=label, key="compare_to")
    with frame.explained():
        changed = differences(acts.thresholds_of(first), acts.thresholds_of(second))
        if changed:
            st.dataframe(difference_rows(changed, label(first), label(second)), hide_index=True, width="stretch")
        else:
            st.write("Nothing differs.")

with edit:
    who = frame.person()
    if who is None:
        st.write("Say who you are to save thresholds.")
        frame.ask_name("thresholds")
        st.stop()
    start = st.selectbox("Begin from", versions, format_func=label, key="edit_from")
    try:
        base = acts.thresholds_of(start)
    except ThresholdError as error:
        st.error(str(error))
        st.stop()
    # The keys carry the version, so that choosing another one fills the form anew.
    key = f"edit_{start.id}"
    name = st.text_input(
        "Name (the same name makes its next version, another name a new set)", value=base.name, key=f"{key}_name"
    )
    title = st.text_input("Title", value=base.title, key=f"{key}_title")
    columns = st.columns(4)
    cycle = columns[0].number_input("Cuff cycle, min", value=base.cycle_min, min_value=0.5, key=f"{key}_cycle")
    gap = columns[1].number_input("Longest gap, min", value=base.max_gap_min, key=f"{key}_gap")
    x_off = columns[2].number_input("Transient within, min", value=base.x_off_min, min_value=0.0, key=f"{key}_xoff")
    combine = columns[3].selectbox(
        "Criteria of a level",
        [each.value for each in Combine],
        index=list(Combine).index(base.combine),
        key=f"{key}_combine",
        help="any: the lowest of a level's criteria counts; all: the highest",
    )
    due = st.text_input(
        "Or cuff due at fixed minutes, such as 0, 40, 60 (empty: by the cycle)",
        value=", ".join(f"{each:g}" for each in base.due_min or ()),
        key=f"{key}_due",
    )
    st.write("Levels (an empty cell is switched off; n_on counts cuff readings, for HR epochs of 5 s)")
    level_table = st.data_editor(
        pd.DataFrame(level_rows(base), columns=list(LEVEL_COLUMNS)),
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        key=f"{key}_levels",
        column_config={"signal": st.column_config.SelectboxColumn(options=list(SIGNALS), required=True)},
    )
    st.write("Back again: so far below the limit, for so many readings or epochs")
    back_table = st.data_editor(
        pd.DataFrame(back_rows(base), columns=list(BACK_COLUMNS)),
        hide_index=True,
        width="stretch",
        disabled=["signal"],
        key=f"{key}_back",
    )
    st.write("Low limits (notices, not rises; remove a signal's rows and say why to switch them off)")
    low_table = st.data_editor(
        pd.DataFrame(low_rows(base), columns=list(LOW_COLUMNS)),
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        key=f"{key}_low",
        column_config={
            "signal": st.column_config.SelectboxColumn(options=["SBP", "HR", "SPO2"], required=True),
            "priority": st.column_config.SelectboxColumn(options=["medium", "high"], required=True),
        },
    )
    low_off = st.text_input(
        "Why a signal has no low limits",
        value="; ".join(dict.fromkeys(base.low_off.values())),
        max_chars=200,
        key=f"{key}_low_off",
    )
    pre = st.columns(2)
    known = {str(signal): limit for signal, limit in base.pre_dose.items()}
    pre_dose = {
        signal: pre[index].number_input(
            f"Pre-dose notice from {signal}, mmHg (empty: none)",
            value=known.get(signal),
            key=f"{key}_pre_{signal}",
        )
        for index, signal in enumerate(("SBP", "DBP"))
    }
    reason = st.text_input("Reason for this version", max_chars=300, key=f"{key}_reason")
    try:
        new = set_from(
            name=name,
            title=title,
            cycle_min=None if cycle is None else float(cycle),
            due_min=due,
            max_gap_min=None if gap is None else float(gap),
            x_off_min=None if x_off is None else float(x_off),
            combine=combine,
            pre_dose=pre_dose,
            levels=level_table.to_dict("records"),
            low=low_table.to_dict("records"),
            low_off=low_off,
            back=back_table.to_dict("records"),
        )
    except ThresholdError as error:
        st.error(plain(f"This cannot be saved: {error}."))
        st.stop()
    changed = differences(base, new)
    if changed:
        st.write(f"What differs from {plain(label(start))}:")
        st.dataframe(difference_rows(changed, "before", "after"), hide_index=True, width="stretch")
    threshold_whatif.show(store, base, plain(label(start)), new)
    if st.button("Save as a new version", type="primary", width="stretch", key="save_thresholds"):
        with frame.explained():
            version = acts.save_thresholds(store, new, author=who.name, reason=reason, now=instant.now())
            st.session_state["thresholds_saved"] = f"Saved: {label(version)}, by {version.author}."
            st.rerun()
