"""Finished sessions as columns: made once from their readings, kept packed, and made again where they are missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from sqlalchemy import Connection, select

from dashboard.rises import arrays
from dashboard.rises.arrays import Values
from dashboard.rises.columns import Columns, pack, reduce, unpack
from dashboard.rises.prepare import Sample, prepare, sample_of
from dashboard.rises.timeline import Timeline
from dashboard.sessions.events import EVIDENCE, EventKind, fold
from dashboard.store import queries, writes
from dashboard.store import schema as s
from dashboard.store.database import Store
from dashboard.store.records import Session, Stream
from devices.reading import USED, Reading, Status
from devices.signals import NIBP

_AT_ONCE = 200
"""Sessions read by one statement."""


def columns_of(connection: Connection, session: Session) -> Columns | None:
    """The columns of a finished session, from its readings; None if the drug was never started, or it goes on.

    A baseline entered by a person during the session holds in them from its beginning; the last one counts.
    """
    events = queries.session_events(connection, session.id)
    course = fold(events, session.planned_minutes)
    if course.t0 is None or session.ended is None:
        return None
    manual = {
        str(event.detail["signal"]): float(event.detail["value"])
        for event in sorted(events, key=lambda each: (each.time, each.id))
        if event.kind is EventKind.BASELINE
    }
    recording = recording_of(connection, session, course.t0, session.ended)
    return reduce(recording, Timeline(course.t0, course.infusion_end, course.planned_end, session.ended), manual)


def recording_of(connection: Connection, session: Session, t0: int, end: int) -> arrays.Recording:
    """A session's readings up to `end` as the arrays the rules look at; `t0`: start of the drug."""
    imported = queries.import_of(connection, session.id) is not None  # then the bed's readings are all its own
    before = EVIDENCE + max(0, session.started - t0)
    windows = (
        [(session.bed_id, None, end)]
        if imported
        else [
            (each.bed_id, each.since, end if each.until is None else min(end, each.until))
            for each in queries.session_windows(connection, session.id, before)
        ]
    )
    cuffs: list[Reading] = []
    rates: list[tuple[int, int, float | None, str, int]] = []
    saturations: list[tuple[int, int, float | None, str, int]] = []
    for bed_id, since, until in windows:
        for stream in queries.streams(connection, bed_id):
            if stream.signal in NIBP:
                cuffs += queries.readings_of(connection, stream, since, until)
                continue
            like = _sample(stream)
            if like is not None:
                rows = saturations if stream.signal == "SPO2" else rates
                rows += [(*row, like.rank) for row in _rows(connection, stream, since, until)]
    rated, saturated = _columns(rates), _columns(saturations)
    return replace(
        arrays.recording(prepare(sorted(cuffs, key=lambda each: (each.received, each.time, NIBP.index(each.signal))))),
        rates=arrays.rates(rated.time, rated.value, rated.rank, rated.usable),
        saturations=arrays.saturations(saturated.time, saturated.value, saturated.usable),
        last=end,
    )


def keep(connection: Connection, session_id: int) -> None:
    """Packs a session that has ended, in the caller's transaction; its readings must be written."""
    session = queries.session(connection, session_id)
    columns = None if session is None else columns_of(connection, session)
    if columns is not None:
        writes.write_packed(connection, session_id, pack(columns))


def load(
    store: Store, sessions: Sequence[Session], progress: Callable[[int], None] | None = None
) -> list[Columns | None]:
    """The columns of `sessions` in their order; what is not kept yet is made from the readings, and kept.

    Args:
        progress: told how many are ready.
    """
    found: dict[int, Columns | None] = {}
    for first in range(0, len(sessions), _AT_ONCE):
        wanted = [session.id for session in sessions[first : first + _AT_ONCE]]
        query = select(s.packed_session).where(s.packed_session.c.session_id.in_(wanted))
        with store.reading() as connection:
            rows = connection.execute(query).all()
        for row in rows:
            columns = unpack(row.body)
            if columns is not None:
                found[row.session_id] = columns
        if progress is not None:
            progress(len(found))
    for session in sessions:
        if session.id not in found:
            with store.reading() as connection:
                columns = found[session.id] = columns_of(connection, session)
            if columns is not None:
                with store.writing() as connection:
                    writes.write_packed(connection, session.id, pack(columns))
            if progress is not None:
                progress(len(found))
    return [found[session.id] for session in sessions]


def _sample(stream: Stream) -> Sample | None:
    """What a reading of `stream` is to the detectors."""
    return sample_of(Reading(0, 0, stream.signal, None, stream.unit, Status.INVALID, stream.source))


def _rows(
    connection: Connection, stream: Stream, start: int | None, end: int
) -> list[tuple[int, int, float | None, str]]:
    columns = (s.reading.c.time, s.reading.c.received, s.reading.c.value, s.reading.c.status)
    query = select(*columns).where(s.reading.c.stream_id == stream.id, s.reading.c.time <= end)
    if start is not None:
        query = query.where(s.reading.c.time >= start)
    return [tuple(row) for row in connection.execute(query)]


class _Columns(NamedTuple):
    """Samples in order of time, then receipt; `value` NaN where there is none; `usable`: the monitor vouches for it."""

    time: list[int]
    value: Values
    rank: list[int]
    usable: list[bool]


def _columns(rows: list[tuple[int, int, float | None, str, int]]) -> _Columns:
    rows.sort(key=lambda row: row[:2])
    used = {status.value for status in USED}
    values = np.array([row[2] for row in rows], np.float64)
    return _Columns([row[0] for row in rows], values, [row[4] for row in rows], [row[3] in used for row in rows])
