"""What the watch says of itself, and of the replay commands that it carries out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, update

from dashboard.store import schema as s
from dashboard.store.writes.upsert import insert_into


def beat(connection: Connection, name: str, now: int, started: int, version: str, mode: str) -> None:
    """The watch says that it lives."""
    values = {"time": now, "started": started, "stopped": None, "version": version, "mode": mode}
    connection.execute(
        insert_into(connection, s.heartbeat)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )


def stop_beating(connection: Connection, name: str, now: int) -> None:
    """The watch says that it stops on purpose."""
    connection.execute(update(s.heartbeat).where(s.heartbeat.c.name == name).values(stopped=now))


def finish_replay_command(
    connection: Connection, command_id: int, now: int, refused: str | None = None, bed_id: int | None = None
) -> None:
    """Marks a replay command as carried out (on the bed `bed_id`), or refused, with the reason."""
    values: dict[str, Any] = {"done": now, "refused": refused}
    if bed_id is not None:
        values["bed_id"] = bed_id
    connection.execute(update(s.replay_command).where(s.replay_command.c.id == command_id).values(**values))


def answer_replay_command(connection: Connection, command_id: int, answer: Mapping[str, Any]) -> None:
    """What came of a replay command, for whoever gave it."""
    written = json.dumps(dict(answer), ensure_ascii=False)
    connection.execute(update(s.replay_command).where(s.replay_command.c.id == command_id).values(answer=written))
