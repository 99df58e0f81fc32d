"""Cuff readings that people read off and enter. They take the same way as a monitor's: stored, shown with their source,
looked at by the detector. What was entered is an event, so nothing is lost if the watch ends before they are stored.
"""

from __future__ import annotations

from sqlalchemy import Connection

from dashboard.sessions.events import EVIDENCE, EventKind, SessionEvent
from dashboard.store import queries
from devices.reading import Reading, Status
from devices.signals import SIGNALS

MANUAL = "manual"
"""The source of a reading by hand."""


class HandReadings:
    """Those of one session, each told once."""

    def __init__(self, session_id: int) -> None:
        self._session_id = session_id
        self._last: int | None = None

    def new(self, connection: Connection) -> list[Reading]:
        """What has been entered since the last call; at the first one, what is not stored yet."""
        first = self._last is None
        events = queries.session_events(connection, self._session_id, self._last or 0)
        made = [reading for event in events if event.kind is EventKind.CUFF for reading in manual_cuff(event)]
        self._last = max([self._last or 0, *(event.id for event in events)])
        if not (first and made):
            return made
        stored = set(queries.session_readings(connection, self._session_id, EVIDENCE))
        return [reading for reading in made if reading not in stored]


def manual_cuff(event: SessionEvent) -> list[Reading]:
    """The readings of one cuff measurement by hand: measured when it was said to be, received when it was entered."""
    names = {"NIBP_SYS": "sys", "NIBP_DIA": "dia", "NIBP_MEAN": "mean"}
    return [
        Reading(
            event.time,
            event.entered,
            signal,
            float(event.detail[name]),
            SIGNALS[signal].unit,
            Status.OK,
            f"{MANUAL}:{signal.lower()}",
        )
        for signal, name in names.items()
        if event.detail.get(name) is not None
    ]
