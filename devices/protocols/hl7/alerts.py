"""A monitor's own alarms and technical alarms, which stand among the results as texts (HL7 sheet, section 4)."""

from __future__ import annotations

import re

from msgspec import Struct

from devices.instant import MINUTE
from devices.protocols.hl7.message import Message, Row

GONE_AFTER = MINUTE
"""An alarm not shown for so long has ended: shown again it is a new one (µs)."""

_TEXTS = frozenset({"TX", "FT", "ST", "CE", "CWE", "CNE"})
_KINDS = {"1": "red alarm", "2": "yellow alarm", "4": "technical alarm", "5": "technical alarm", "6": "technical alarm"}
_TECHNICAL = frozenset({"4", "5", "6"})
_OFF = r"(?:off|disconn|unplug|no\s+(?:sensor|probe|trans)|not\s+connected|detached|missing|unconnected)"
_PROBE = re.compile(rf"(?:spo2|sao2|sat|pleth|oxim)\S*\b.*{_OFF}|no\s+(?:spo2\s+)?(?:finger|sensor)", re.IGNORECASE)
_LEAD = re.compile(rf"(?:ecg|\bleads?\b|electrode).*{_OFF}", re.IGNORECASE)


class Alert(Struct, frozen=True):
    """One alarm: kind of notice, the signal concerned, the device's code, its text, the row as written."""

    kind: str
    signal: str
    code: str
    text: str
    raw: str


def alerts_of(message: Message) -> list[Alert]:
    """The alarms that `message` shows."""
    found = []
    for row in message.rows:
        if is_alert(row, message):
            alert = _alert(row, message)
            if alert is not None:
                found.append(alert)
    return found


def is_alert(row: Row, message: Message) -> bool:
    """Whether `row` is an alarm: it says so, its group does, or it is a bare alarm class with a coded text."""
    if row.what.quantity is not None or row.fields[2].strip().upper() not in _TEXTS:
        return False
    if "ALERT" in row.fields[3].upper():
        return True
    if row.group and "ALARM" in message.groups[row.group - 1].name.upper():
        return True
    return row.what.code in _KINDS and not row.what.name


def _alert(row: Row, message: Message) -> Alert | None:
    marks = message.delimiters
    parts = [marks.text(part).strip() for part in row.fields[5].split(marks.component or "\0")]
    code, text = (parts[0], parts[1]) if len(parts) > 1 and parts[1] else ("", parts[0])
    text = " ".join(text.split())[:200]
    if not text:
        return None
    kind, signal = "device-event", ""
    if row.what.code in _TECHNICAL or row.what.code not in _KINDS:
        if _PROBE.search(text):
            kind, signal = "probe-off", "SPO2"
        elif _LEAD.search(text):
            kind, signal = "lead-off", "HR"
    named = code or row.what.label
    word = _KINDS.get(row.what.code, row.what.name.lower() or "alarm")
    return Alert(
        kind, signal, named, f"{word} of the monitor: {text}", marks.field.join(row.fields).rstrip(marks.field)
    )


class AlertMemory:
    """Which alarms are on, so that each is told when it comes."""

    _MOST = 64

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def new(self, alerts: list[Alert], at: int) -> list[Alert]:
        """Those of `alerts`, shown at `at`, that were not shown shortly before."""
        found = []
        for alert in alerts:
            before = self._seen.pop(alert.text, None)
            self._seen[alert.text] = at
            if before is None or not 0 <= at - before <= GONE_AFTER:
                found.append(alert)
        while len(self._seen) > self._MOST:
            del self._seen[next(iter(self._seen))]
        return found
