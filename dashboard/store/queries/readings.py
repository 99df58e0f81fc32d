"""Streams and their readings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from dashboard.store import schema as s
from dashboard.store.records import Stream
from devices.reading import Reading, Status


def streams(connection: Connection, bed_id: int) -> list[Stream]:
    rows = connection.execute(select(s.stream).where(s.stream.c.bed_id == bed_id).order_by(s.stream.c.id))
    return [Stream(**row._mapping) for row in rows]


def _reading(stream: Stream, row: Row[Any]) -> Reading:
    return Reading(row.time, row.received, stream.signal, row.value, stream.unit, Status(row.status), stream.source)


def latest_readings(connection: Connection, bed_id: int, since: int | None = None) -> list[Reading]:
    """The newest reading of each of the bed's streams, measured at or after `since` if given."""
    found = []
    for stream in streams(connection, bed_id):
        query = select(s.reading).where(s.reading.c.stream_id == stream.id)
        if since is not None:
            query = query.where(s.reading.c.time >= since)
        row = connection.execute(query.order_by(s.reading.c.time.desc(), s.reading.c.received.desc()).limit(1)).first()
        if row:
            found.append(_reading(stream, row))
    return found


def readings_of(
    connection: Connection, stream: Stream, start: int | None = None, end: int | None = None
) -> list[Reading]:
    """One stream's readings with start <= time <= end, by time, then receipt."""
    query = select(s.reading).where(s.reading.c.stream_id == stream.id)
    if start is not None:
        query = query.where(s.reading.c.time >= start)
    if end is not None:
        query = query.where(s.reading.c.time <= end)
    rows = connection.execute(query.order_by(s.reading.c.time, s.reading.c.received))
    return [_reading(stream, row) for row in rows]


def readings(connection: Connection, bed_id: int, start: int | None = None, end: int | None = None) -> list[Reading]:
    """All the bed's readings with start <= time <= end, in the order they were received.

    Readings of one cuff measurement (same time and receipt) stay together, in the order sys, dia, mean.
    """
    found: list[Reading] = []
    for stream in streams(connection, bed_id):
        found.extend(readings_of(connection, stream, start, end))
    found.sort(key=as_received)
    return found


def as_received(each: Reading) -> tuple[int, int, int, str, str]:
    """Order of receipt; readings of one cuff measurement stay together, in the order sys, dia, mean."""
    order = {"NIBP_SYS": 0, "NIBP_DIA": 1, "NIBP_MEAN": 2}
    return each.received, each.time, order.get(each.signal, 3), each.signal, each.source


def readings_after(connection: Connection, marks: dict[int, int], bed_id: int) -> list[tuple[int, Reading]]:
    """(stream id, reading) of the bed measured after `marks[stream id]` (or at all, where no mark is)."""
    found = []
    for stream in streams(connection, bed_id):
        for each in readings_of(connection, stream, marks.get(stream.id, -(2**62)) + 1):
            found.append((stream.id, each))
    return found
