"""What the watch writes. Each function takes a connection of `Store.writing`, so that one commit serves all beds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dashboard.rises.episodes import Episode
from dashboard.rises.outcomes import Outcome
from dashboard.store import schema as s
from dashboard.store.database import new_id
from dashboard.store.records import Baseline, Bed, BedState
from devices.reading import Notice, Reading

_READING_ROW = """
INSERT INTO reading (stream_id, time, received, value, status) VALUES (:, :, :, :, :) ON CONFLICT DO NOTHING
"""
_STATE_COLUMNS = tuple(each.name for each in fields(BedState))


def _insert(connection: Connection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, which both databases have but SQLAlchemy keeps per dialect."""
    return sqlite_insert(table) if connection.dialect.name == "sqlite" else postgresql_insert(table)


class Batch:
    """What all beds have to write at one commit: gathered, then written in a few statements, however many beds."""

    def __init__(self) -> None:
        self.readings: list[tuple[int, Reading]] = []
        self.notices: list[tuple[int, int | None, Notice]] = []
        self.states: list[BedState] = []
        self.baselines: list[tuple[int, Baseline]] = []

    def write(self, connection: Connection, readings: ReadingWriter) -> None:
        """Writes everything into the caller's transaction."""
        readings.write(connection, self.readings)
        write_notices(connection, self.notices)
        write_bed_states(connection, self.states)
        write_baselines(connection, self.baselines)


class ReadingWriter:
    """Writes readings, keeping the ids of the streams they belong to."""

    def __init__(self) -> None:
        self._streams: dict[tuple[int, str, str], int] = {}

    def write(self, connection: Connection, readings: Iterable[tuple[int, Reading]]) -> None:
        """Stores (bed id, reading) pairs. The very same reading given twice is stored once."""
        readings = list(readings)
        streams = self._streams
        new = {}
        for bed_id, each in readings:
            if (key := (bed_id, each.signal, each.source)) not in streams:
                new[key] = each.unit
        if new:
            self._add_streams(connection, new)
        rows = [
            (streams[bed_id, each.signal, each.source], each.time, each.received, each.value, each.status.value)
            for bed_id, each in readings
        ]
        if rows:
            # Plain rows for the driver: they are nearly all that is ever written, and SQLAlchemy's way to name and
            # convert each value costs several times what the database does with it.
            mark = "?" if connection.dialect.name == "sqlite" else "%s"
            connection.exec_driver_sql(_READING_ROW.replace(":", mark), rows)

    def forget(self) -> None:
        """After a failed transaction the streams it made are gone: look them up anew."""
        self._streams.clear()

    def _add_streams(self, connection: Connection, new: dict[tuple[int, str, str], str]) -> None:
        """Finds or makes the streams of `new` (bed id, signal, source: unit), in two statements for all of them."""
        connection.execute(
            _insert(connection, s.stream).on_conflict_do_nothing(),
            [
                {"bed_id": bed_id, "signal": signal, "source": source, "unit": unit}
                for (bed_id, signal, source), unit in new.items()
            ],
        )
        columns = s.stream.c
        found = connection.execute(
            select(columns.bed_id, columns.signal, columns.source, columns.id).where(
                columns.bed_id.in_({bed_id for bed_id, _, _ in new})
            )
        )
        self._streams |= {(bed_id, signal, source): stream_id for bed_id, signal, source, stream_id in found}


def write_notices(connection: Connection, notices: Sequence[tuple[int, int | None, Notice]]) -> None:
    """Stores (bed id, session id or None, notice)."""
    if notices:
        connection.execute(
            insert(s.notice),
            [
                {
                    "bed_id": bed_id,
                    "session_id": session_id,
                    "time": each.time,
                    "received": each.received,
                    "kind": each.kind,
                    "signal": each.signal,
                    "code": each.code,
                    "text": each.text,
                    "source": each.source,
                    "raw": each.raw or None,
                }
                for bed_id, session_id, each in notices
            ],
        )


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
    statement = _insert(connection, s.bed_state)
    changed = {name: statement.excluded[name] for name in _STATE_COLUMNS if name != "bed_id"}
    connection.execute(statement.on_conflict_do_update(index_elements=["bed_id"], set_=changed), rows)


def write_baselines(connection: Connection, baselines: Sequence[tuple[int, Baseline]]) -> None:
    """Sets baselines of (session id, baseline); a signal not named keeps its own."""
    if not baselines:
        return
    statement = _insert(connection, s.baseline)
    changed = {name: statement.excluded[name] for name in ("value", "n", "status")}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["session_id", "signal"], set_=changed),
        [
            {"session_id": session_id, "signal": each.signal, "value": each.value, "n": each.n, "status": each.status}
            for session_id, each in baselines
        ],
    )


def write_rise(connection: Connection, session_id: int, rise: dict[str, Any]) -> None:
    """Adds a rise, or brings the one with the same signal, level and onset up to date.

    Args:
        rise: the columns of `schema.rise` without id and session_id.
    """
    key = {"signal", "level", "onset"}
    connection.execute(
        _insert(connection, s.rise)
        .values(session_id=session_id, **rise)
        .on_conflict_do_update(
            index_elements=["session_id", "signal", "level", "onset"],
            set_={name: value for name, value in rise.items() if name not in key},
        )
    )


def rise_row(episode: Episode, outcome: Outcome, version_id: int) -> dict[str, Any]:
    """A rise as the columns of `schema.rise` without id and session_id; `version_id`: of its thresholds."""
    return {
        "signal": episode.signal,
        "level": episode.level,
        "threshold": episode.threshold,
        "clear": episode.clear,
        "baseline": episode.baseline,
        "onset": episode.onset,
        "confirmed": episode.confirmed,
        "peak": episode.peak,
        "peak_time": episode.peak_time,
        "return_time": episode.return_time,
        "declared": episode.declared,
        "outcome": outcome.value,
        "present_at_baseline": int(episode.present_at_baseline),
        "threshold_version_id": version_id,
    }


def write_packed(connection: Connection, session_id: int, body: bytes) -> None:
    """Keeps a finished session's columns (`dashboard.rises.columns.pack`)."""
    connection.execute(
        _insert(connection, s.packed_session)
        .values(session_id=session_id, body=body)
        .on_conflict_do_update(index_elements=["session_id"], set_={"body": body})
    )


def raise_alarm(connection: Connection, alarm: dict[str, Any]) -> int | None:
    """Raises an alarm (the columns of `schema.alarm` without id) and logs it; None if its key is already running."""
    statement = _insert(connection, s.alarm).values(**alarm).on_conflict_do_nothing().returning(s.alarm.c.id)
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


def beat(connection: Connection, name: str, now: int, started: int, version: str, mode: str) -> None:
    """The watch says that it lives."""
    values = {"time": now, "started": started, "stopped": None, "version": version, "mode": mode}
    connection.execute(
        _insert(connection, s.heartbeat)
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


def add_replay_bed(connection: Connection, name: str, protocol: str, port: str, in_use: bool = True) -> Bed:
    """A new bed of mode "replay", after all others on the wall; with `in_use` False it is not on the wall."""
    place = connection.execute(select(func.coalesce(func.max(s.bed.c.place), -1))).scalar_one() + 1
    values = {"name": name, "place": place, "grp": "", "protocol": protocol, "port": port, "mode": "replay"}
    values["in_use"] = int(in_use)
    result = connection.execute(insert(s.bed).values(**values))
    return Bed(new_id(result), name, place, "", protocol, port, "replay")


def use_bed(connection: Connection, bed_id: int, in_use: bool) -> None:
    """Puts a bed on the wall or takes it off; its history stays."""
    connection.execute(update(s.bed).where(s.bed.c.id == bed_id).values(in_use=int(in_use)))


def set_up_beds(connection: Connection, beds: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Makes the configured beds (the columns of `schema.bed` without id) the beds in use; returns ids by name.

    A bed that is no longer configured is kept for its history, but leaves the wall.
    """
    connection.execute(update(s.bed).values(in_use=0))
    for bed in beds:
        values = {**bed, "in_use": 1}
        connection.execute(
            _insert(connection, s.bed)
            .values(**values)
            .on_conflict_do_update(
                index_elements=["name"], set_={name: value for name, value in values.items() if name != "name"}
            )
        )
    return {row.name: row.id for row in connection.execute(select(s.bed.c.name, s.bed.c.id).where(s.bed.c.in_use == 1))}


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


def open_session(connection: Connection, values: Mapping[str, Any]) -> int:
    """A new session (the columns of `schema.session` without id) at its bed; returns its id."""
    session_id = new_id(connection.execute(insert(s.session).values(**values)))
    place = {"session_id": session_id, "bed_id": values["bed_id"], "since": values["started"]}
    connection.execute(insert(s.session_place).values(**place))
    return session_id


def leave_bed(connection: Connection, session_id: int, at: int) -> None:
    """The session is no longer at the bed it was at."""
    place = s.session_place
    connection.execute(update(place).where(place.c.session_id == session_id, place.c.until.is_(None)).values(until=at))


def enter_bed(connection: Connection, session_id: int, bed_id: int, at: int) -> None:
    """The session goes on at another bed, and its standing alarms with it."""
    connection.execute(update(s.session).where(s.session.c.id == session_id).values(bed_id=bed_id))
    connection.execute(insert(s.session_place).values(session_id=session_id, bed_id=bed_id, since=at))
    standing = s.alarm.c.ended.is_(None) | s.alarm.c.acknowledged.is_(None)
    connection.execute(update(s.alarm).where(s.alarm.c.session_id == session_id, standing).values(bed_id=bed_id))


def put_setting(connection: Connection, key: str, value: str) -> None:
    connection.execute(
        _insert(connection, s.setting)
        .values(key=key, value=value)
        .on_conflict_do_update(index_elements=["key"], set_={"value": value})
    )


def put_setting_once(connection: Connection, key: str, value: str) -> None:
    """Sets a setting that has no value yet; of two processes doing so at once the first wins for both."""
    connection.execute(_insert(connection, s.setting).values(key=key, value=value).on_conflict_do_nothing())
