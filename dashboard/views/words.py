"""The sentences that every page must carry (clinical definition 4.4), and names of things for people."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"([\\`*_\[\]~$<>|&#]|:(?=[A-Za-z]))")


def plain(text: str) -> str:
    """`text` so that Streamlit shows it as it is: names and notes are other people's words, and a star or a colon in
    an identifier must not vanish as markup."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


STATEMENTS = (
    "Not a medical device, not tested to IEC 60601-1-8, not a primary alarm source: the bedside monitor and direct "
    "observation remain primary, its alarms on and audible",
    "Values can be late (about {delay} s is expected at most), wrong or missing",
    "Does not diagnose, recommend treatment or decide discharge",
    "Thresholds are local choices; presets are examples",
    "Not for children, pregnancy or unattended use",
    "Replay and simulation are labelled at all times",
)

PHASES = {
    "no_session": "No session",
    "baseline": "Baseline",
    "infusion": "Infusion",
    "paused": "Paused",
    "recovery": "Recovery",
}
