"""Alarms are acknowledged."""

from __future__ import annotations

from sqlalchemy import insert, update

from dashboard.errors import SessionError
from dashboard.store import queries
from dashboard.store import schema as s
from dashboard.store.acts.entries import named
from dashboard.store.database import Store


def acknowledge(store: Store, alarm_id: int, *, author: str, now: int) -> bool:
    """Acknowledges an alarm for every screen. False if someone had done so before (their name stays).

    Raises:
        SessionError: no such alarm, or no name.
    """
    name = named(author)
    with store.writing() as connection:
        changed = connection.execute(
            update(s.alarm)
            .where(s.alarm.c.id == alarm_id, s.alarm.c.acknowledged.is_(None))
            .values(acknowledged=now, acknowledged_by=name)
        ).rowcount
        if not changed:
            if queries.alarm(connection, alarm_id) is None:
                raise SessionError("that alarm does not exist")
            return False
        connection.execute(insert(s.alarm_event).values(alarm_id=alarm_id, time=now, event="acknowledged", author=name))
        return True
