"""What every act needs: a name, an open session that permits it, and its entry in the record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, update

from dashboard.errors import SessionError
from dashboard.sessions.events import EventKind, check_act, fold
from dashboard.store import queries, writes
from dashboard.store import schema as s
from dashboard.store.database import new_id
from dashboard.store.records import Session


def named(author: str) -> str:
    name = author.strip()
    if not name:
        raise SessionError("say who you are first: nothing is recorded without a name")
    return name


def open_session(connection: Connection, session_id: int) -> Session:
    session = queries.session(connection, session_id)
    if session is None:
        raise SessionError("that session does not exist")
    if session.ended is not None:
        raise SessionError("the session has ended; start a new one")
    return session


def permitted(connection: Connection, session_id: int, kind: EventKind, time: int, bed_now: int) -> Session:
    """The session, in which the act is allowed.

    Raises:
        SessionError: it is not there or over, or the act does not fit its phase.
    """
    session = open_session(connection, session_id)
    # A replayed session knows its future: what has not come yet refuses no act.
    until = bed_now if session.mode == "replay" else None
    course = fold(queries.session_events(connection, session_id), session.planned_minutes, until)
    check_act(course, kind, time, session.started, bed_now)
    return session


def insert_event(
    connection: Connection,
    session: Session,
    kind: EventKind,
    *,
    time: int,
    author: str,
    now: int,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Writes an event that has been checked; ends the session where `kind` says so."""
    if kind is EventKind.SESSION_END:
        connection.execute(update(s.session).where(s.session.c.id == session.id).values(ended=time))
        writes.leave_bed(connection, session.id, time)
    result = connection.execute(
        insert(s.session_event).values(
            session_id=session.id,
            kind=kind.value,
            time=time,
            entered=now,
            author=author,
            detail=json.dumps(dict(detail or {}), sort_keys=True),
        )
    )
    return new_id(result)
