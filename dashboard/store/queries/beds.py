"""The beds, what the watch says of each, and the watch itself."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from dashboard.store import schema as s
from dashboard.store.records import Bed, BedState, Heartbeat


def beds(connection: Connection, also_unused: bool = False) -> list[Bed]:
    """The beds on the wall in their fixed order; `also_unused`: those kept for their history too."""
    query = select(s.bed).order_by(s.bed.c.place, s.bed.c.id)
    rows = connection.execute(query if also_unused else query.where(s.bed.c.in_use == 1))
    return [Bed(r.id, r.name, r.place, r.grp, r.protocol, r.port, r.mode, bool(r.capture)) for r in rows]


def bed_states(connection: Connection) -> dict[int, BedState]:
    """The last state of every bed that has one, by bed id."""
    states = {}
    for row in connection.execute(select(s.bed_state)):
        values = dict(row._mapping)
        values["provisional"] = tuple(json.loads(values["provisional"]))
        values["replay"] = json.loads(values["replay"]) if values["replay"] else None
        states[row.bed_id] = BedState(**values)
    return states


def heartbeat(connection: Connection) -> Heartbeat | None:
    """The newest heartbeat of any watch on this store; None if none ever ran."""
    row = connection.execute(select(s.heartbeat).order_by(s.heartbeat.c.time.desc()).limit(1)).first()
    return Heartbeat(**row._mapping) if row else None


def setting(connection: Connection, key: str) -> str | None:
    """A setting of this store, such as its name, time zone or token key."""
    return connection.execute(select(s.setting.c.value).where(s.setting.c.key == key)).scalar()
