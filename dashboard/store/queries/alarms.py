"""Alarms: what stands, what goes on, what a session had."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Row, exists, func, or_, select

from dashboard.store import schema as s
from dashboard.store.records import Alarm


def _alarm(row: Row[Any]) -> Alarm:
    return Alarm(**{**row._mapping, "silent": bool(row.silent)})


def standing_alarms(connection: Connection, bed_ids: Iterable[int] | None = None) -> list[Alarm]:
    """Alarms a screen must show: running ones, and medium or high ones over but not acknowledged (latched).

    Once the next patient's session is open, those of an earlier one are not shown any more: they would stand under
    the wrong name. The log keeps them, as never acknowledged.
    """
    later = s.session.alias()
    next_patient = exists().where(
        later.c.bed_id == s.alarm.c.bed_id, later.c.ended.is_(None), later.c.id > s.alarm.c.session_id
    )
    query = select(s.alarm).where(
        or_(
            s.alarm.c.ended.is_(None),
            (s.alarm.c.acknowledged.is_(None)) & (s.alarm.c.priority >= 2) & (s.alarm.c.silent == 0),
        ),
        ~next_patient,
    )
    if bed_ids is not None:
        query = query.where(s.alarm.c.bed_id.in_(list(bed_ids)))
    rows = connection.execute(query.order_by(s.alarm.c.priority.desc(), s.alarm.c.raised, s.alarm.c.id))
    found = [_alarm(row) for row in rows]
    seen = [each.id for each in found if each.ended is None and each.acknowledged is not None]
    if not seen:
        return found
    event = s.alarm_event
    again = connection.execute(
        select(event.c.alarm_id, func.max(event.c.time))
        .where(event.c.alarm_id.in_(seen), event.c.event == "reminded")
        .group_by(event.c.alarm_id)
    )
    reminded = {row[0]: row[1] for row in again}
    return [replace(each, reminded=reminded.get(each.id)) for each in found]


def running_alarms(connection: Connection) -> dict[int, dict[str, Alarm]]:
    """The alarms whose condition goes on: by bed id, then by key."""
    found: dict[int, dict[str, Alarm]] = {}
    for row in connection.execute(select(s.alarm).where(s.alarm.c.ended.is_(None))):
        found.setdefault(row.bed_id, {})[row.key] = _alarm(row)
    return found


def alarm(connection: Connection, alarm_id: int) -> Alarm | None:
    row = connection.execute(select(s.alarm).where(s.alarm.c.id == alarm_id)).first()
    return _alarm(row) if row else None


def alarms_of(connection: Connection, session_id: int) -> list[Alarm]:
    """All alarms of a session, oldest first."""
    rows = connection.execute(select(s.alarm).where(s.alarm.c.session_id == session_id).order_by(s.alarm.c.id))
    return [_alarm(row) for row in rows]
