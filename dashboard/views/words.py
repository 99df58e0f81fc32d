"""Names of things for people, and texts as Streamlit shows them."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"([\\`*_\[\]~$<>|&#]|:(?=[A-Za-z]))")


def plain(text: str) -> str:
    """`text` so that Streamlit shows it as it is: names and notes are other people's words, and a star or a colon in
    an identifier must not vanish as markup."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


PHASES = {
    "no_session": "No session",
    "baseline": "Baseline",
    "infusion": "Infusion",
    "paused": "Paused",
    "recovery": "Recovery",
}
