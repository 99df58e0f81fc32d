"""A stored session as it was measured: its readings, wherever they came from, and its events.

Live, a session has the readings from half an hour before its start (its baseline's evidence) or the end of the bed's
last session to its own end; what was imported has all the readings of its file.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from dashboard.sessions.events import SessionEvent, fold
from dashboard.store import queries
from dashboard.store.records import Session
from devices.instant import MINUTE
from devices.reading import Reading

EVIDENCE = 30 * MINUTE
"""How far before its start a session may look for a baseline (clinical definition 3.2)."""


@dataclass(frozen=True, slots=True)
class Material:
    """A session, its readings by receipt, its events by entry."""

    session: Session
    readings: list[Reading]
    events: list[SessionEvent]


def first_reading_of(connection: Connection, session: Session, t0: int | None) -> int:
    """The instant from which on readings of the session's bed are this patient's and matter."""
    start = min(session.started, t0 if t0 is not None else session.started) - EVIDENCE
    # The bed's readings before the last session's end are another patient's.
    return max(start, queries.last_session_end(connection, session.bed_id, session.id) or start)


def material(connection: Connection, session_id: int) -> Material | None:
    """The session's material; None if there is no such session. An open session: until now."""
    session = queries.session(connection, session_id)
    if session is None:
        return None
    events = queries.session_events(connection, session_id)
    if queries.import_of(connection, session_id) is not None:
        return Material(session, queries.readings(connection, session.bed_id), events)
    start = first_reading_of(connection, session, fold(events, session.planned_minutes).t0)
    return Material(session, queries.readings(connection, session.bed_id, start, session.ended), events)
