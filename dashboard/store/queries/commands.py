"""What people ask of the watch: replays, and whether there is anything new."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from dashboard.store import schema as s
from dashboard.store.records import ReplayCommand


def pending_replay_commands(connection: Connection) -> Sequence[ReplayCommand]:
    """Replay commands nobody has carried out yet, in the order of entry."""
    rows = connection.execute(
        select(s.replay_command).where(s.replay_command.c.done.is_(None)).order_by(s.replay_command.c.id)
    )
    return [_replay_command(row) for row in rows]


def refused_replay_commands(connection: Connection, since: int) -> list[ReplayCommand]:
    """Replay commands entered since `since` that the watch refused, newest first."""
    rows = connection.execute(
        select(s.replay_command)
        .where(s.replay_command.c.refused.is_not(None), s.replay_command.c.entered >= since)
        .order_by(s.replay_command.c.id.desc())
    )
    return [_replay_command(row) for row in rows]


def latest_replay_command(connection: Connection, bed_id: int) -> ReplayCommand | None:
    """What was last asked of the replay at the bed `bed_id`, carried out or not."""
    row = connection.execute(
        select(s.replay_command).where(s.replay_command.c.bed_id == bed_id).order_by(s.replay_command.c.id.desc())
    ).first()
    return _replay_command(row) if row is not None else None


def opening_of(connection: Connection, bed_id: int) -> ReplayCommand | None:
    """The command that opened a replay bed."""
    row = connection.execute(
        select(s.replay_command)
        .where(s.replay_command.c.bed_id == bed_id, s.replay_command.c.action == "open")
        .order_by(s.replay_command.c.id.desc())
    ).first()
    if row is None:
        return None
    return _replay_command(row)


def _replay_command(row: Row[Any]) -> ReplayCommand:
    answer = json.loads(row.answer) if row.answer is not None else None
    detail = json.loads(row.detail)
    return ReplayCommand(row.id, row.bed_id, row.action, detail, row.author, row.entered, answer, row.refused)


_NEWEST = select(
    *(
        select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery()
        for table in (s.session, s.session_event, s.replay_command, s.monitor_command)
    )
)


def newest_acts(connection: Connection) -> tuple[int, ...]:
    """Newest session, session event and command to the watch, then the beds whose bytes are to be captured.

    Unmoved, nobody has asked for anything new.
    """
    return *connection.execute(_NEWEST).one(), *captured_beds(connection)


_CAPTURED = select(s.bed.c.id).where(s.bed.c.capture == 1, s.bed.c.in_use == 1).order_by(s.bed.c.id)


def captured_beds(connection: Connection) -> list[int]:
    """Ids of the beds whose bytes are to be captured."""
    return list(connection.execute(_CAPTURED).scalars())
