"""Sessions, what happened in them, and where each has been: its readings come from every bed it was at."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, exists, func, select

from dashboard.sessions.events import EventKind, SessionEvent
from dashboard.store import schema as s
from dashboard.store.queries.readings import as_received, readings
from dashboard.store.records import Session, SessionPlace
from devices.reading import Reading


def _session(row: Row[Any]) -> Session:
    return Session(**row._mapping)


def open_sessions(connection: Connection) -> dict[int, Session]:
    """The sessions that have not ended, by bed id."""
    rows = connection.execute(select(s.session).where(s.session.c.ended.is_(None)))
    return {row.bed_id: _session(row) for row in rows}


def session(connection: Connection, session_id: int) -> Session | None:
    row = connection.execute(select(s.session).where(s.session.c.id == session_id)).first()
    return _session(row) if row else None


def sessions(connection: Connection, limit: int = 200) -> list[Session]:
    """The newest sessions first."""
    rows = connection.execute(select(s.session).order_by(s.session.c.id.desc()).limit(limit))
    return [_session(row) for row in rows]


def finished_sessions(connection: Connection) -> list[Session]:
    """The sessions that have ended and in which the drug was started, newest first."""
    began = exists().where(
        s.session_event.c.session_id == s.session.c.id, s.session_event.c.kind == EventKind.INFUSION_START.value
    )
    query = select(s.session).where(s.session.c.ended.is_not(None), began).order_by(s.session.c.id.desc())
    return [_session(row) for row in connection.execute(query)]


def session_events(connection: Connection, session_id: int, after: int = 0) -> list[SessionEvent]:
    """The session's events with an id above `after`, in the order of entry."""
    rows = connection.execute(
        select(s.session_event)
        .where(s.session_event.c.session_id == session_id, s.session_event.c.id > after)
        .order_by(s.session_event.c.id)
    )
    return [
        SessionEvent(row.id, EventKind(row.kind), row.time, row.entered, row.author, json.loads(row.detail))
        for row in rows
    ]


def session_places(connection: Connection, session_id: int) -> list[SessionPlace]:
    """Where a session has been, in order: the last place is where it is."""
    place = s.session_place
    rows = connection.execute(
        select(place.c.bed_id, place.c.since, place.c.until)
        .where(place.c.session_id == session_id)
        .order_by(place.c.since, place.c.id)
    )
    return [SessionPlace(row.bed_id, row.since, row.until) for row in rows]


def session_windows(connection: Connection, session_id: int, evidence: int) -> list[SessionPlace]:
    """Which readings of which bed are a session's: its places, the first one from `evidence` (µs) before it began, but
    not from before another patient left that bed."""
    places = session_places(connection, session_id)
    if not places:
        return []
    first, others = places[0], s.session_place
    left = connection.execute(
        select(func.max(others.c.until)).where(
            others.c.bed_id == first.bed_id, others.c.session_id < session_id, others.c.since <= first.since
        )
    ).scalar()
    since = max(first.since - evidence, left if left is not None else first.since - evidence)
    return [SessionPlace(first.bed_id, since, first.until), *places[1:]]


def session_readings(connection: Connection, session_id: int, evidence: int = 0) -> list[Reading]:
    """All readings of a session so far, in the order they were received, from every bed it has been at.

    Args:
        evidence: how long before its beginning to look for a baseline (µs); what was measured while another session
            was at the bed is another patient's and left out.
    """
    found: list[Reading] = []
    for place in session_windows(connection, session_id, evidence):
        found += readings(connection, place.bed_id, place.since, place.until)
    found.sort(key=as_received)
    return found
