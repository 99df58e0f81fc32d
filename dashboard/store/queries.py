"""What is asked of the store. Every function takes a connection (`Store.reading`) and returns records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, exists, func, or_, select

from dashboard.sessions.events import EventKind, SessionEvent
from dashboard.store import schema as s
from dashboard.store.records import (
    Alarm,
    Baseline,
    Bed,
    BedState,
    Heartbeat,
    RecordingImport,
    ReplayCommand,
    Session,
    SessionPlace,
    StoredNotice,
    StoredRise,
    Stream,
    ThresholdVersion,
)
from devices.reading import Reading, Status


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
    found.sort(key=_as_received)
    return found


def _as_received(each: Reading) -> tuple[int, int, int, str, str]:
    order = {"NIBP_SYS": 0, "NIBP_DIA": 1, "NIBP_MEAN": 2}
    return each.received, each.time, order.get(each.signal, 3), each.signal, each.source


def readings_after(connection: Connection, marks: dict[int, int], bed_id: int) -> list[tuple[int, Reading]]:
    """(stream id, reading) of the bed measured after `marks[stream id]` (or at all, where no mark is)."""
    found = []
    for stream in streams(connection, bed_id):
        for each in readings_of(connection, stream, marks.get(stream.id, -(2**62)) + 1):
            found.append((stream.id, each))
    return found


def _session(row: Row[Any]) -> Session:
    return Session(**row._mapping)


def open_sessions(connection: Connection) -> dict[int, Session]:
    """The sessions that have not ended, by bed id."""
    rows = connection.execute(select(s.session).where(s.session.c.ended.is_(None)))
    return {row.bed_id: _session(row) for row in rows}


def session(connection: Connection, session_id: int) -> Session | None:
    row = connection.execute(select(s.session).where(s.session.c.id == session_id)).first()
    return _session(row) if row else None


def sessions(connection: Connection, limit: int = 200) -> list[Session]:
    """The newest sessions first."""
    rows = connection.execute(select(s.session).order_by(s.session.c.id.desc()).limit(limit))
    return [_session(row) for row in rows]


def session_events(connection: Connection, session_id: int, after: int = 0) -> list[SessionEvent]:
    """The session's events with an id above `after`, in the order of entry."""
    rows = connection.execute(
        select(s.session_event)
        .where(s.session_event.c.session_id == session_id, s.session_event.c.id > after)
        .order_by(s.session_event.c.id)
    )
    return [
        SessionEvent(row.id, EventKind(row.kind), row.time, row.entered, row.author, json.loads(row.detail))
        for row in rows
    ]


def baselines(connection: Connection, session_id: int) -> dict[str, Baseline]:
    """The session's baselines by signal (SBP, DBP, HR)."""
    rows = connection.execute(select(s.baseline).where(s.baseline.c.session_id == session_id))
    return {row.signal: Baseline(row.signal, row.value, row.n, row.status) for row in rows}


def rises(connection: Connection, session_id: int) -> list[StoredRise]:
    """The session's rises by confirmed time, then priority (high first), then SBP, DBP, HR (3.11.10)."""
    rows = connection.execute(select(s.rise).where(s.rise.c.session_id == session_id))
    found = [StoredRise(**{**row._mapping, "present_at_baseline": bool(row.present_at_baseline)}) for row in rows]
    order = {"SBP": 0, "DBP": 1, "HR": 2}
    return sorted(found, key=lambda rise: (rise.confirmed, -rise.level, order.get(rise.signal, 3)))


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


def notices(connection: Connection, bed_id: int, since: int | None = None, limit: int = 200) -> list[StoredNotice]:
    """The bed's notices, newest first."""
    columns = [column for column in s.notice.c if column.name not in ("raw", "session_id")]
    query = select(*columns).where(s.notice.c.bed_id == bed_id)
    if since is not None:
        query = query.where(s.notice.c.time >= since)
    rows = connection.execute(query.order_by(s.notice.c.id.desc()).limit(limit))
    return [StoredNotice(**row._mapping) for row in rows]


def notice_keys(connection: Connection, session_id: int) -> set[tuple[str, str, int]]:
    """(kind, signal, time) of every notice of the session: what is not to be said twice."""
    columns = (s.notice.c.kind, s.notice.c.signal, s.notice.c.time)
    return {
        (r.kind, r.signal, r.time)
        for r in connection.execute(select(*columns).where(s.notice.c.session_id == session_id))
    }


def session_notices(connection: Connection, session_id: int, kind: str) -> list[StoredNotice]:
    """The session's notices of one kind, oldest first."""
    columns = [column for column in s.notice.c if column.name not in ("raw", "session_id")]
    query = select(*columns).where(s.notice.c.session_id == session_id, s.notice.c.kind == kind).order_by(s.notice.c.id)
    return [StoredNotice(**row._mapping) for row in connection.execute(query)]


def session_places(connection: Connection, session_id: int) -> list[SessionPlace]:
    """Where a session has been, in order: the last place is where it is."""
    place = s.session_place
    rows = connection.execute(
        select(place.c.bed_id, place.c.since, place.c.until)
        .where(place.c.session_id == session_id)
        .order_by(place.c.since, place.c.id)
    )
    return [SessionPlace(row.bed_id, row.since, row.until) for row in rows]


def session_readings(connection: Connection, session_id: int, evidence: int = 0) -> list[Reading]:
    """All readings of a session so far, in the order they were received, from every bed it has been at.

    Args:
        evidence: how long before its beginning to look for a baseline (µs); what was measured while another session
            was at the bed is another patient's and left out.
    """
    found: list[Reading] = []
    for place in session_windows(connection, session_id, evidence):
        found += readings(connection, place.bed_id, place.since, place.until)
    found.sort(key=_as_received)
    return found


def session_windows(connection: Connection, session_id: int, evidence: int) -> list[SessionPlace]:
    """Which readings of which bed are a session's: its places, the first one from `evidence` (µs) before it began, but
    not from before another patient left that bed."""
    places = session_places(connection, session_id)
    if not places:
        return []
    first, others = places[0], s.session_place
    left = connection.execute(
        select(func.max(others.c.until)).where(
            others.c.bed_id == first.bed_id, others.c.session_id < session_id, others.c.since <= first.since
        )
    ).scalar()
    since = max(first.since - evidence, left if left is not None else first.since - evidence)
    return [SessionPlace(first.bed_id, since, first.until), *places[1:]]


def finished_sessions(connection: Connection) -> list[Session]:
    """The sessions that have ended and in which the drug was started, newest first."""
    began = exists().where(
        s.session_event.c.session_id == s.session.c.id, s.session_event.c.kind == EventKind.INFUSION_START.value
    )
    query = select(s.session).where(s.session.c.ended.is_not(None), began).order_by(s.session.c.id.desc())
    return [_session(row) for row in connection.execute(query)]


def threshold_versions(connection: Connection, session_id: int | None = None) -> list[ThresholdVersion]:
    """Every version of every threshold set, by name, newest version first.

    Args:
        session_id: also those made for this session's patient; those of other sessions are left out.
    """
    scope = s.threshold_version.c.session_id
    rows = connection.execute(
        select(s.threshold_version)
        .where(or_(scope.is_(None), scope == session_id))
        .order_by(s.threshold_version.c.name, s.threshold_version.c.version.desc())
    )
    return [ThresholdVersion(**row._mapping) for row in rows]


def threshold_version(connection: Connection, version_id: int) -> ThresholdVersion | None:
    row = connection.execute(select(s.threshold_version).where(s.threshold_version.c.id == version_id)).first()
    return ThresholdVersion(**row._mapping) if row else None


def latest_threshold_version(connection: Connection, name: str) -> ThresholdVersion | None:
    row = connection.execute(
        select(s.threshold_version)
        .where(s.threshold_version.c.name == name)
        .order_by(s.threshold_version.c.version.desc())
        .limit(1)
    ).first()
    return ThresholdVersion(**row._mapping) if row else None


def pending_replay_commands(connection: Connection) -> Sequence[ReplayCommand]:
    """Replay commands nobody has carried out yet, in the order of entry."""
    rows = connection.execute(
        select(s.replay_command).where(s.replay_command.c.done.is_(None)).order_by(s.replay_command.c.id)
    )
    return [ReplayCommand(r.id, r.bed_id, r.action, json.loads(r.detail), r.author, r.entered) for r in rows]


def refused_replay_commands(connection: Connection, since: int) -> list[tuple[int, str, str]]:
    """(entered, action, why) of replay commands that the watch refused since `since`, newest first."""
    rows = connection.execute(
        select(s.replay_command.c.entered, s.replay_command.c.action, s.replay_command.c.refused)
        .where(s.replay_command.c.refused.is_not(None), s.replay_command.c.entered >= since)
        .order_by(s.replay_command.c.id.desc())
    )
    return [(row.entered, row.action, row.refused) for row in rows]


def opening_of(connection: Connection, bed_id: int) -> ReplayCommand | None:
    """The command that opened a replay bed."""
    row = connection.execute(
        select(s.replay_command)
        .where(s.replay_command.c.bed_id == bed_id, s.replay_command.c.action == "open")
        .order_by(s.replay_command.c.id.desc())
    ).first()
    if row is None:
        return None
    return ReplayCommand(row.id, row.bed_id, row.action, json.loads(row.detail), row.author, row.entered)


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


def import_of(connection: Connection, session_id: int) -> RecordingImport | None:
    """What was imported as the session; None if it was watched here."""
    found = s.recording_import
    row = connection.execute(select(found).where(found.c.session_id == session_id)).first()
    return _import(row) if row else None


def first_import(connection: Connection, sha256: str, patient: str) -> RecordingImport | None:
    """The first import of this file (and this of its patients); None if there was none."""
    found = s.recording_import
    row = connection.execute(
        select(found).where(found.c.sha256 == sha256, found.c.patient == patient).order_by(found.c.session_id).limit(1)
    ).first()
    return _import(row) if row else None


def _import(row: Row[Any]) -> RecordingImport:
    values = dict(row._mapping)
    for name in ("files", "choices", "mapping", "refused"):
        values[name] = json.loads(values[name])
    values["files"], values["mapping"] = tuple(values["files"]), tuple(values["mapping"])
    return RecordingImport(**values)


def setting(connection: Connection, key: str) -> str | None:
    """A setting of this store, such as its name, time zone or token key."""
    return connection.execute(select(s.setting.c.value).where(s.setting.c.key == key)).scalar()
