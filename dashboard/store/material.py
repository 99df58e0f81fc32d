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
from devices.reading import Reading


@dataclass(frozen=True, slots=True)
class Material:
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
    start = queries.first_evidence(connection, session, fold(events, session.planned_minutes).t0)
    return Material(
        session,
        queries.readings(connection, session.bed_id, start, until if session.ended is None else session.ended),
        events,
    )
