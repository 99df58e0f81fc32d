"""A stored session as it was measured: its readings, wherever they came from, and its events.

Live, a session has the readings from half an hour before its start (its baseline's evidence) or the end of the bed's
last session to its own end, from every bed it was at; what was imported has all the readings of its file.
"""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import Connection

from dashboard.sessions.events import EVIDENCE, SessionEvent, fold
from dashboard.store import queries
from dashboard.store.records import Session
from devices.reading import Reading


class Material(Struct, frozen=True):
    """A session, its readings by receipt, its events by entry."""

    session: Session
    readings: list[Reading]
    events: list[SessionEvent]


def material(connection: Connection, session_id: int, until: int | None = None) -> Material | None:
    """The session's material; None if there is no such session. An open session: up to `until`, all without."""
    session = queries.session(connection, session_id)
    if session is None:
        return None
    events = queries.session_events(connection, session_id)
    if queries.import_of(connection, session_id) is not None:
        return Material(session, queries.readings(connection, session.bed_id), events)
    t0 = fold(events, session.planned_minutes).t0
    before = max(0, session.started - t0) if t0 is not None else 0
    readings = queries.session_readings(connection, session_id, EVIDENCE + before)
    if until is not None and session.ended is None:
        readings = [each for each in readings if each.time <= until]
    return Material(session, readings, events)
