"""Plotly figures in the page's look. They are drawn in the dark look's colours; here each is exchanged."""

from __future__ import annotations

import plotly.graph_objects as go
import plotly.io
import streamlit as st

from dashboard.components.palette import palette

# What is drawn may be as thin as a letter, so each colour is exchanged for one that is legible as text.
_NAMES = {
    "#3DDC84": "hr", "#35D0F2": "spo2", "#C9ADFF": "nibp", "#5BE7FF": "low-t", "#FFD23F": "medium-t",
    "#FF3B4A": "high-t", "#05080D": "plot", "#0B1119": "card", "#152130": "grid", "#1C2A3A": "edge",
    "#3A4C60": "button-edge",
    "#E8EEF6": "text", "#DCE7F2": "text", "#DDE6F0": "text", "#C9D6E4": "time", "#8FA1B5": "soft", "#9DB0C4": "soft",
    "#8FB1CD": "soft", "#5FB0FF": "accent", "#E58BFF": "replay-t", "#4FC3F7": "accent", "#F2B84B": "medium-t",
    "#FFB86B": "warn-t", "#F28CC0": "replay-t",
}  # fmt: skip


def in_look(figure: go.Figure, look: str) -> go.Figure:
    """`figure`, drawn in the dark look's colours, in those of `look`."""
    if look == "dark":
        return figure
    text = figure.to_json()
    for dark, name in _NAMES.items():
        text = text.replace(dark, palette(look)[name])
    return plotly.io.from_json(text).update_layout(template="plotly_white" if look == "light" else "plotly_dark")


def themed(figure: go.Figure) -> go.Figure:
    """`figure` in the look of the page that runs."""
    return in_look(figure, "light" if st.context.theme.type == "light" else "dark")
