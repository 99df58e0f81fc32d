"""Beds: which there are, how they stand; a replay's bed made anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from msgspec.structs import fields
from sqlalchemy import Connection, delete, func, insert, select, update

from dashboard.store import schema as s
from dashboard.store.database import new_id
from dashboard.store.records import Bed, BedState
from dashboard.store.writes.upsert import insert_into

_STATE_COLUMNS = tuple(each.name for each in fields(BedState))


def write_bed_states(connection: Connection, states: Sequence[BedState]) -> None:
    """Sets how the beds of `states` stand, in one statement for all of them."""
    if not states:
        return
    rows = []
    for state in states:
        values = {name: getattr(state, name) for name in _STATE_COLUMNS}
        values["provisional"] = json.dumps(list(state.provisional))
        values["replay"] = json.dumps(dict(state.replay)) if state.replay is not None else None
        rows.append(values)
    statement = insert_into(connection, s.bed_state)
    changed = {name: statement.excluded[name] for name in _STATE_COLUMNS if name != "bed_id"}
    connection.execute(statement.on_conflict_do_update(index_elements=["bed_id"], set_=changed), rows)


def set_up_beds(connection: Connection, beds: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Makes the configured beds (the columns of `schema.bed` without id) the beds in use; returns ids by name.

    A bed that is no longer configured is kept for its history, but leaves the wall.
    """
    connection.execute(update(s.bed).values(in_use=0))
    for bed in beds:
        values = {**bed, "in_use": 1}
        connection.execute(
            insert_into(connection, s.bed)
            .values(**values)
            .on_conflict_do_update(
                index_elements=["name"], set_={name: value for name, value in values.items() if name != "name"}
            )
        )
    return {row.name: row.id for row in connection.execute(select(s.bed.c.name, s.bed.c.id).where(s.bed.c.in_use == 1))}


def use_bed(connection: Connection, bed_id: int, in_use: bool) -> None:
    """Puts a bed on the wall or takes it off; its history stays."""
    connection.execute(update(s.bed).where(s.bed.c.id == bed_id).values(in_use=int(in_use)))


def add_replay_bed(connection: Connection, name: str, protocol: str, port: str, in_use: bool = True) -> Bed:
    """A new bed of mode "replay", after all others on the wall; with `in_use` False it is not on the wall."""
    place = connection.execute(select(func.coalesce(func.max(s.bed.c.place), -1))).scalar_one() + 1
    values = {"name": name, "place": place, "grp": "", "protocol": protocol, "port": port, "mode": "replay"}
    values["in_use"] = int(in_use)
    result = connection.execute(insert(s.bed).values(**values))
    return Bed(new_id(result), name, place, "", protocol, port, "replay")


def clear_bed(connection: Connection, bed_id: int, session_id: int) -> None:
    """Empties a replay bed for a jump back: its readings, rises, alarms and notices are made again.

    Only for beds of mode "replay": a live record is never cleared (the caller's guard is repeated here).
    """
    mode = connection.execute(select(s.bed.c.mode).where(s.bed.c.id == bed_id)).scalar_one()
    if mode != "replay":
        raise ValueError("only a replay bed can be cleared")
    streams = select(s.stream.c.id).where(s.stream.c.bed_id == bed_id)
    alarms = select(s.alarm.c.id).where(s.alarm.c.bed_id == bed_id)
    connection.execute(delete(s.reading).where(s.reading.c.stream_id.in_(streams)))
    connection.execute(delete(s.alarm_event).where(s.alarm_event.c.alarm_id.in_(alarms)))
    connection.execute(delete(s.alarm).where(s.alarm.c.bed_id == bed_id))
    connection.execute(delete(s.notice).where(s.notice.c.bed_id == bed_id))
    connection.execute(delete(s.rise).where(s.rise.c.session_id == session_id))
    connection.execute(delete(s.packed_session).where(s.packed_session.c.session_id == session_id))
    connection.execute(delete(s.baseline).where(s.baseline.c.session_id == session_id))
