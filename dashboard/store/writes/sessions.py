"""Sessions and where they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, update

from dashboard.store import schema as s
from dashboard.store.database import new_id


def open_session(connection: Connection, values: Mapping[str, Any]) -> int:
    """A new session (the columns of `schema.session` without id) at its bed; returns its id."""
    session_id = new_id(connection.execute(insert(s.session).values(**values)))
    place = {"session_id": session_id, "bed_id": values["bed_id"], "since": values["started"]}
    connection.execute(insert(s.session_place).values(**place))
    return session_id


def leave_bed(connection: Connection, session_id: int, at: int) -> None:
    """The session is no longer at the bed it was at."""
    place = s.session_place
    connection.execute(update(place).where(place.c.session_id == session_id, place.c.until.is_(None)).values(until=at))


def enter_bed(connection: Connection, session_id: int, bed_id: int, at: int) -> None:
    """The session goes on at another bed, and its standing alarms with it."""
    connection.execute(update(s.session).where(s.session.c.id == session_id).values(bed_id=bed_id))
    connection.execute(insert(s.session_place).values(session_id=session_id, bed_id=bed_id, since=at))
    standing = s.alarm.c.ended.is_(None) | s.alarm.c.acknowledged.is_(None)
    connection.execute(update(s.alarm).where(s.alarm.c.session_id == session_id, standing).values(bed_id=bed_id))
