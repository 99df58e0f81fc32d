"""What happened in a session as short texts, the form in which files carry it, and such texts read again.

Files of other programs say it in other words ("Ketamine started"); what is not understood is no infusion event.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dashboard.sessions.events import EventKind, SessionEvent

_TEXTS = {
    EventKind.INFUSION_START: "infusion start",
    EventKind.INFUSION_PAUSE: "infusion pause",
    EventKind.INFUSION_RESUME: "infusion resume",
    EventKind.INFUSION_STOP: "infusion stop",
    EventKind.SESSION_END: "session end",
}

_WHAT = r"(?:(?:(?:s )?ketamine|esketamine|drug|the) )*(?:infusion|(?:s )?ketamine|esketamine|drug)"
_DEEDS = {
    EventKind.INFUSION_START: r"start(?:s|ed)?|beg[iau]n|begins|on",
    EventKind.INFUSION_STOP: r"stop(?:s|ped)?|end(?:s|ed)?|finish(?:ed)?|off|completed?",
    EventKind.INFUSION_PAUSE: r"paused?|held|interrupted",
    EventKind.INFUSION_RESUME: r"resumed?|restarted|continued",
}
_PATTERNS = {
    kind: re.compile(rf"(?:{_WHAT} (?:{deed})|(?:{deed}) (?:of )?{_WHAT})(?: ?[:;,(.].*)?", re.IGNORECASE)
    for kind, deed in _DEEDS.items()
} | {EventKind.SESSION_END: re.compile(r"session\s+end(?:s|ed)?", re.IGNORECASE)}


def text_of(kind: EventKind) -> str | None:
    """How an event is called in a file; None for what is not written there (notes may hold names)."""
    return _TEXTS.get(kind)


def kind_of(text: str) -> EventKind | None:
    """The event that `text` says, such as ``Ketamine infusion started: 35 mg``; None if it says none."""
    plain = re.sub(r"[\s_-]+", " ", text).strip() if len(text) <= 200 else ""
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.fullmatch(plain)), None)


def events_in(told: Iterable[tuple[int, str]], entered: int, author: str) -> list[SessionEvent]:
    """The session events among (time, text), by time."""
    found = [(time, text, kind) for time, text in told if (kind := kind_of(text)) is not None]
    return [
        SessionEvent(place, kind, time, entered, author, {"from": "file", "text": text[:200]})
        for place, (time, text, kind) in enumerate(sorted(found, key=lambda each: each[0]), 1)
    ]
