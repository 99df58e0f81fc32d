"""The tail's questions to the store: few, small and the same however long a session is or how many screens look on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import fields, replace
from sqlalchemy import Connection, func, select

from dashboard.sessions.events import EventKind, SessionEvent
from dashboard.store import queries
from dashboard.store import schema as s
from dashboard.store.records import Alarm, Baseline, Bed, BedState, Heartbeat, Session, StoredRise, Stream
from devices.reading import Reading, Status

BACKLOG = 2_000
"""More new readings of one bed than this at once are a refilled recording, not news: screens fetch the series."""

_OPENING = 6
"""Readings of each stream looked at when the tail starts: enough to know the source's own interval."""

_ORDER = {"NIBP_SYS": 0, "NIBP_DIA": 1, "NIBP_MEAN": 2}


class Happenings(Struct, frozen=True):
    """The beds, and what people, the detector and the alarms have said of them."""

    beds: Sequence[Bed]
    streams: Mapping[int, Stream]
    alarms: Mapping[int, Sequence[Alarm]]
    sessions: Mapping[int, Session]
    events: Mapping[int, Sequence[SessionEvent]]
    baselines: Mapping[int, Mapping[str, Baseline]]
    rises: Mapping[int, Sequence[StoredRise]]
    last_passed: Mapping[int, int]


def all_streams(connection: Connection, bed_ids: Iterable[int]) -> dict[int, Stream]:
    """The streams of these beds by stream id."""
    rows = connection.execute(select(s.stream).where(s.stream.c.bed_id.in_(list(bed_ids))))
    return {row.id: Stream(**row._mapping) for row in rows}


def new_readings(
    connection: Connection, streams: Mapping[int, Stream], marks: Mapping[int, int]
) -> dict[int, list[tuple[Stream, Reading]]]:
    """By bed, the readings measured after `marks[stream id]`, in order of receipt; cuff readings side by side.

    One statement for all streams: a seek to each one's mark. At most BACKLOG + 1 readings a stream.
    """
    if not streams:
        return {}
    # Whole numbers of ours, so they may stand in the text; as parameters each call would be compiled anew.
    pairs = ",".join(f"({stream_id},{marks.get(stream_id, -(2**62))})" for stream_id in streams)
    rows = connection.exec_driver_sql(
        f"WITH mark(stream_id, after) AS (VALUES {pairs}) "
        "SELECT reading.stream_id, reading.time, reading.received, reading.value, reading.status "
        "FROM mark CROSS JOIN reading WHERE reading.stream_id = mark.stream_id AND reading.time > mark.after "
        f"LIMIT {(BACKLOG + 1) * len(streams)}"
    ).fetchall()
    found: dict[int, list[tuple[Stream, Reading]]] = {}
    for stream_id, time, received, value, status in rows:
        stream = streams[stream_id]
        reading = Reading(time, received, stream.signal, value, stream.unit, Status(status), stream.source)
        found.setdefault(stream.bed_id, []).append((stream, reading))
    for readings in found.values():
        readings.sort(key=lambda pair: (pair[1].received, pair[1].time, _ORDER.get(pair[1].signal, 3), pair[1].signal))
    return found


def opening_readings(connection: Connection, stream: Stream) -> list[Reading]:
    """The newest few readings of a stream, oldest first."""
    rows = connection.exec_driver_sql(
        "SELECT time, received, value, status FROM reading "
        f"WHERE stream_id = {stream.id} ORDER BY time DESC, received DESC LIMIT {_OPENING}"
    ).fetchall()
    return [
        Reading(time, received, stream.signal, value, stream.unit, Status(status), stream.source)
        for time, received, value, status in reversed(rows)
    ]


def stamp(connection: Connection) -> tuple[int | None, ...]:
    """Moves whenever a bed or stream is new, or a person, an alarm or a new rise has been written."""
    row = connection.exec_driver_sql(
        "SELECT (SELECT max(id) FROM stream), (SELECT max(id) FROM session), (SELECT max(id) FROM session_event), "
        "(SELECT max(id) FROM alarm_event), (SELECT max(id) FROM rise), "
        "(SELECT count(*) FROM session WHERE ended IS NULL), "
        "(SELECT sum(id) FROM bed WHERE in_use = 1), (SELECT sum(id * id) FROM bed WHERE in_use = 1)"
    ).one()
    return tuple(row)


def happenings(connection: Connection) -> Happenings:
    """The beds, their standing alarms, and the sessions that go on with their events, baselines and rises."""
    beds = queries.beds(connection)
    bed_ids = [bed.id for bed in beds]
    streams = all_streams(connection, bed_ids)
    alarms: dict[int, list[Alarm]] = {}
    for each in queries.standing_alarms(connection, bed_ids):
        alarms.setdefault(each.bed_id, []).append(each)
    sessions = queries.open_sessions(connection)
    ids = [session.id for session in sessions.values()]
    events: dict[int, list[SessionEvent]] = {each: [] for each in ids}
    if not ids:
        return Happenings(beds, streams, alarms, sessions, events, {}, {}, {})
    event, alarm = s.session_event, s.alarm
    for row in connection.execute(select(event).where(event.c.session_id.in_(ids)).order_by(event.c.id)):
        events[row.session_id].append(
            SessionEvent(row.id, EventKind(row.kind), row.time, row.entered, row.author, json.loads(row.detail))
        )
    passed = connection.execute(
        select(alarm.c.session_id, func.max(alarm.c.ended))
        .where(alarm.c.session_id.in_(ids), alarm.c.category == "physiological", alarm.c.ended.is_not(None))
        .group_by(alarm.c.session_id)
    )
    last_passed = {row[0]: row[1] for row in passed}
    return moved(connection, Happenings(beds, streams, alarms, sessions, events, {}, {}, last_passed))


def moved(connection: Connection, known: Happenings) -> Happenings:
    """`known` with the baselines and rises of its sessions as they are now: they move without a new row."""
    ids = [session.id for session in known.sessions.values()]
    if not ids:
        return known
    baselines: dict[int, dict[str, Baseline]] = {each: {} for each in ids}
    rises: dict[int, list[StoredRise]] = {each: [] for each in ids}
    baseline, rise = s.baseline, s.rise
    for row in connection.execute(select(baseline).where(baseline.c.session_id.in_(ids))):
        baselines[row.session_id][row.signal] = Baseline(row.signal, row.value, row.n, row.status)
    for row in connection.execute(select(rise).where(rise.c.session_id.in_(ids))):
        rises[row.session_id].append(
            StoredRise(**{**row._mapping, "present_at_baseline": bool(row.present_at_baseline)})
        )
    for found in rises.values():
        # The order of 3.11.10: confirmed, then high first, then SBP, DBP, HR.
        found.sort(key=lambda each: (each.confirmed, -each.level, ("SBP", "DBP", "HR").index(each.signal)))
    return replace(known, baselines=baselines, rises=rises)


class Standing(Struct, frozen=True):
    """What changes at most commits and is small.

    Attributes:
        rows: the states as the store has them, by bed.
    """

    states: Mapping[int, BedState]
    heartbeat: Heartbeat | None
    rows: Mapping[int, tuple[Any, ...]]


_STATE_COLUMNS = [each.name for each in fields(BedState)]
_STATES = f"SELECT {', '.join(_STATE_COLUMNS)} FROM bed_state"
_BEAT_COLUMNS = [each.name for each in fields(Heartbeat)]
_BEAT = f"SELECT {', '.join(_BEAT_COLUMNS)} FROM heartbeat ORDER BY time DESC LIMIT 1"


def standing(connection: Connection, before: Standing | None = None) -> Standing:
    """How the beds and the watch stand. A state that is the same as `before` is that very object.

    Plain text for the database's own cursor: this is asked at every commit, by one for all screens, and most beds
    stand as they stood.
    """
    rows = {row[0]: tuple(row) for row in connection.exec_driver_sql(_STATES).fetchall()}
    beat = connection.exec_driver_sql(_BEAT).first()
    states = {
        bed_id: before.states[bed_id] if before and before.rows.get(bed_id) == row else _state_of(row)
        for bed_id, row in rows.items()
    }
    return Standing(states, None if beat is None else Heartbeat(*beat), rows)


def _state_of(row: tuple[Any, ...]) -> BedState:
    values = dict(zip(_STATE_COLUMNS, row, strict=True))
    values["provisional"] = tuple(json.loads(values["provisional"]))
    values["replay"] = json.loads(values["replay"]) if values["replay"] else None
    return BedState(**values)
