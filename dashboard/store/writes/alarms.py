"""Alarms and their log."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, insert, select, update

from dashboard.store import schema as s
from dashboard.store.writes.upsert import insert_into


def raise_alarm(connection: Connection, alarm: dict[str, Any]) -> int | None:
    """Raises an alarm (the columns of `schema.alarm` without id) and logs it; None if its key is already running."""
    statement = insert_into(connection, s.alarm).values(**alarm).on_conflict_do_nothing().returning(s.alarm.c.id)
    alarm_id: int | None = connection.execute(statement).scalar()
    if alarm_id is None:
        return None
    said = {name: alarm.get(name) for name in ("priority", "value", "threshold")}
    log_alarm(connection, alarm_id, "raised", alarm["raised"], **said)
    return alarm_id


def update_alarm(connection: Connection, alarm_id: int, now: int, **values: Any) -> None:
    """Brings a running alarm's shown value, text or priority up to date and logs it."""
    connection.execute(update(s.alarm).where(s.alarm.c.id == alarm_id).values(**values))
    log_alarm(connection, alarm_id, "value", now, **values)


def end_alarm(connection: Connection, alarm_id: int, now: int, superseded: bool = False) -> None:
    """The alarm's condition is over. It may stay on the screens until acknowledged, unless a more urgent one of the
    same cause took over: then that one is to be acknowledged."""
    values = {"ended": now, "silent": 1} if superseded else {"ended": now}
    connection.execute(update(s.alarm).where(s.alarm.c.id == alarm_id, s.alarm.c.ended.is_(None)).values(**values))
    log_alarm(connection, alarm_id, "superseded" if superseded else "ended", now)


def log_alarm(connection: Connection, alarm_id: int, event: str, now: int, **detail: Any) -> None:
    """Adds a line to the alarm log, which only grows."""
    connection.execute(
        insert(s.alarm_event).values(
            alarm_id=alarm_id,
            time=now,
            event=event,
            detail=json.dumps({name: value for name, value in detail.items() if value is not None}),
        )
    )


def log_alarm_once(connection: Connection, alarm_id: int, event: str, now: int) -> None:
    """Adds a line to the alarm log unless it has one of that kind for this alarm."""
    c = s.alarm_event.c
    known = select(c.id).where(c.alarm_id == alarm_id, c.event == event).limit(1)
    if connection.execute(known).first() is None:
        log_alarm(connection, alarm_id, event, now)
