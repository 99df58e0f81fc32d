"""What people ask of the watch about its monitors, and what it answers: it alone opens ports and has its own files.

The rows stay: they say who had which port listened to or asked, who switched a capture, who changed the beds and why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, insert, select, update

from dashboard.errors import SessionError
from dashboard.store import schema as s
from dashboard.store.database import Store, new_id


class Action(StrEnum):
    """What may be asked. `detail` of a command, and its answer."""

    LOOK = "look"
    """Which ports and capture files are there? Opens nothing."""
    LISTEN = "listen"
    """detail: port. What speaks on it? Sends nothing."""
    ASK = "ask"
    """detail: port, confirmed (the port again). What answers on it? Sends the protocols' first requests."""
    CONFIGURE = "configure"
    """detail: configuration (TOML), basis (hash of the one it was made from), reason. Writes the watch's file."""
    CAPTURE = "capture"
    """detail: bed_id, bed, on. Carried out by whoever writes it (`switch_capture`); here it is on record."""


class MonitorCommand(Struct, frozen=True):
    """A command with what came of it. `done` None: not yet; `refused` None: carried out. Instants: wall clock."""

    id: int
    action: Action
    detail: Mapping[str, Any]
    author: str
    entered: int
    progress: str
    done: int | None
    answer: Mapping[str, Any] | None
    refused: str | None


def command(row: Row[Any]) -> MonitorCommand:
    values = dict(row._mapping)
    values["action"] = Action(values["action"])
    values["detail"] = json.loads(values["detail"])
    values["answer"] = json.loads(values["answer"]) if values["answer"] is not None else None
    return MonitorCommand(**values)


def ask_watch(store: Store, action: Action, *, author: str, now: int, detail: Mapping[str, Any] | None = None) -> int:
    """Asks the watch for `action`. Returns the command's id.

    Raises:
        SessionError: no name.
    """
    with store.writing() as connection:
        return _insert(connection, action, author=author, now=now, detail=detail or {})


def _insert(
    connection: Connection,
    action: Action,
    *,
    author: str,
    now: int,
    detail: Mapping[str, Any],
    done: int | None = None,
) -> int:
    if not author.strip():
        raise SessionError("say who you are first: nothing is recorded without a name")
    result = connection.execute(
        insert(s.monitor_command).values(
            action=action.value,
            detail=json.dumps(dict(detail), ensure_ascii=False),
            author=author.strip(),
            entered=now,
            done=done,
        )
    )
    return new_id(result)


def switch_capture(store: Store, bed_id: int, on: bool, *, author: str, now: int) -> None:
    """Has the watch keep every byte of a bed's port in files, or stop that, on record.

    Raises:
        SessionError: there is no such bed, it has no port, or no name was given.
    """
    with store.writing() as connection:
        bed = connection.execute(select(s.bed).where(s.bed.c.id == bed_id)).first()
        if bed is None:
            raise SessionError("that bed does not exist")
        if bed.mode == "replay":
            raise SessionError(f"{bed.name} replays a recording: there is no port to capture")
        detail = {"bed_id": bed_id, "bed": bed.name, "on": on}
        _insert(connection, Action.CAPTURE, author=author, now=now, detail=detail, done=now)
        connection.execute(update(s.bed).where(s.bed.c.id == bed_id).values(capture=int(on)))


def pending(connection: Connection) -> list[MonitorCommand]:
    """Commands that nobody has finished, in the order of entry."""
    query = select(s.monitor_command).where(s.monitor_command.c.done.is_(None)).order_by(s.monitor_command.c.id)
    return [command(row) for row in connection.execute(query)]


def get(connection: Connection, command_id: int) -> MonitorCommand | None:
    row = connection.execute(select(s.monitor_command).where(s.monitor_command.c.id == command_id)).first()
    return command(row) if row else None


def newest(connection: Connection, *actions: Action) -> MonitorCommand | None:
    """The last command of these actions; None if there was none."""
    query = select(s.monitor_command).where(s.monitor_command.c.action.in_([each.value for each in actions]))
    row = connection.execute(query.order_by(s.monitor_command.c.id.desc()).limit(1)).first()
    return command(row) if row else None


def newest_answer(connection: Connection, action: Action) -> MonitorCommand | None:
    """The last command of this action that has an answer; None if there was none."""
    table = s.monitor_command
    query = select(table).where(table.c.action == action.value, table.c.answer.is_not(None))
    row = connection.execute(query.order_by(table.c.id.desc()).limit(1)).first()
    return command(row) if row else None


def newest_answered(connection: Connection, action: Action) -> int | None:
    """The id of the last command of this action that has an answer; None if there was none."""
    table = s.monitor_command
    query = select(table.c.id).where(table.c.action == action.value, table.c.answer.is_not(None))
    return connection.execute(query.order_by(table.c.id.desc()).limit(1)).scalar()


def log_stamp(connection: Connection, limit: int = 20) -> list[tuple[int, bool]]:
    """The ids of what `log` lists, and whether each is done: it says the same as long as these are the same."""
    table = s.monitor_command
    query = select(table.c.id, table.c.done).where(table.c.action != Action.LOOK.value)
    rows = connection.execute(query.order_by(table.c.id.desc()).limit(limit))
    return [(row.id, row.done is not None) for row in rows]


def log(connection: Connection, limit: int = 20) -> list[MonitorCommand]:
    """The last commands that did something, newest first: all but looks."""
    table = s.monitor_command
    query = select(table).where(table.c.action != Action.LOOK.value).order_by(table.c.id.desc()).limit(limit)
    return [command(row) for row in connection.execute(query)]


def tell_progress(connection: Connection, command_id: int, text: str) -> None:
    """The watch says what it is doing."""
    connection.execute(update(s.monitor_command).where(s.monitor_command.c.id == command_id).values(progress=text))


def finish(
    connection: Connection,
    command_id: int,
    now: int,
    answer: Mapping[str, Any] | None = None,
    refused: str | None = None,
) -> None:
    """The watch has carried a command out, with its answer, or refuses it, with the reason."""
    written = json.dumps(dict(answer), ensure_ascii=False) if answer is not None else None
    connection.execute(
        update(s.monitor_command)
        .where(s.monitor_command.c.id == command_id)
        .values(done=now, answer=written, refused=refused)
    )
