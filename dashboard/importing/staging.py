"""An import into the store: whole or not at all, without holding up a watch on the same database.

A bed takes the readings in pieces, each its own short transaction; as it has no session and is on no wall, nothing
shows it. The last transaction makes the session with all that belongs to it. What an import that was killed left
behind is such a bed without a session, see `leftovers` (only one imports at a time).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, insert

from dashboard import __version__
from dashboard.errors import SessionError, StoreError
from dashboard.importing.choices import Choices
from dashboard.importing.course import ImportedCourse, Times, course_of
from dashboard.importing.file_hash import Origin
from dashboard.importing.leftovers import PROTOCOL, clear_unfinished
from dashboard.rises.analysis import Analysis, analyse
from dashboard.sessions.events import EventKind
from dashboard.store import acts, queries, writes
from dashboard.store import schema as s
from dashboard.store.acts import insert_event
from dashboard.store.database import Store, open_store
from dashboard.store.records import Baseline, ThresholdVersion
from devices.recordings.base import Recording

PIECE = 5_000
"""So many readings are written in one transaction: a watch on the same database waits no longer than for these."""

GIVE_WAY_S = 0.025
"""Between two pieces SQLite's one write lock is left alone for so long: it is not handed on in the order of asking."""


class Import(Struct, frozen=True):
    """What is to be stored: the file, what was read of it, how the session went, and what was found."""

    origin: Origin
    recording: Recording
    course: ImportedCourse
    analysis: Analysis
    thresholds: ThresholdVersion
    author: str
    now: int
    bed: str = ""
    drug: str = ""
    patient: str = ""
    choices: Mapping[str, Any] | None = None


def judged(
    origin: Origin,
    recording: Recording,
    times: Times,
    thresholds: ThresholdVersion,
    *,
    author: str,
    now: int,
    choices: Choices,
    bed: str = "",
    drug: str = "",
) -> Import:
    """What `recording` is to be stored as: its course by `times` and its own events, and its rises.

    Raises:
        SessionError: nothing says when the infusion began, times contradict, or the recording has no dates.
    """
    if recording.relative:
        raise SessionError(f"{origin.name} has no dates: say with --start when it began")
    course = course_of(recording, times, now, author)
    analysis = analyse(recording.readings, course.timeline, acts.thresholds_of(thresholds))
    return Import(
        origin, recording, course, analysis, thresholds, author, now, bed.strip(), drug.strip(), choices.patient,
        choices.plain(),
    )  # fmt: skip


def store_import(
    store: Store, wanted: Import, *, again: bool = False, progress: Callable[[float], None] = lambda done: None
) -> int:
    """Stores the session and returns its id.

    Args:
        again: also if the file was imported before. progress: told how much is done, from 0 to 1.

    Raises:
        SessionError: the file was imported meanwhile. StoreError: the store cannot be written.
    """
    with store.importing():
        clear_unfinished(store)
        try:
            return _store(store, wanted, again, progress)
        except BaseException:
            with suppress(StoreError):  # why it failed is what is said; the next import tries again
                clear_unfinished(store)
            raise


class Stored(Struct, frozen=True):
    """What a person is told of an import: the session's id, its readings and rises, and what became of the rows."""

    session_id: int
    readings: int
    rises: int
    rows: str


def import_recording(
    url: str,
    path: Path,
    origin: Origin,
    choices: Choices,
    times: Times,
    thresholds: ThresholdVersion,
    said: Mapping[str, Any],
    *,
    progress: Callable[[float], None] = lambda done: None,
) -> Stored:
    """All of it, in a process that holds nothing yet: opens the store, reads, judges, stores.

    Args:
        url: of the database. said: the further arguments of `judged`, and `again`. progress: told how much is stored.

    Raises:
        As `Choices.read`, `judged` and `store_import`.
    """
    given = dict(said)
    again = bool(given.pop("again", False))
    wanted = judged(origin, choices.read(path), times, thresholds, choices=choices, **given)
    with closing(open_store(url, create=False)) as store:
        session_id = store_import(store, wanted, again=again, progress=progress)
    read = wanted.recording
    return Stored(session_id, len(read.readings), len(wanted.analysis.counted), read.counts.sentence())


def _store(store: Store, wanted: Import, again: bool, progress: Callable[[float], None]) -> int:
    readings = wanted.recording.readings
    writer = writes.ReadingWriter()
    bed_id: int | None = None
    for first in range(0, len(readings), PIECE):
        if first and store.is_sqlite:
            time.sleep(GIVE_WAY_S)
        with store.writing() as connection:
            if bed_id is None:
                bed_id = _bed(connection, wanted)
            bed = bed_id
            writer.write(connection, ((bed, each) for each in readings[first : first + PIECE]))
            progress(min(1.0, (first + PIECE) / len(readings)))
            if first + PIECE >= len(readings):
                return _finish(connection, bed, wanted, again)
    raise SessionError(f"{wanted.origin.name} holds no reading that could be stored")


def _bed(connection: Connection, wanted: Import) -> int:
    taken = {bed.name for bed in queries.beds(connection, also_unused=True)}
    number = 1
    while (name := f"{wanted.bed} (import {number})" if wanted.bed else f"Import {number}") in taken:
        number += 1
    return writes.add_replay_bed(connection, name, PROTOCOL, wanted.origin.name, in_use=False).id


def _finish(connection: Connection, bed_id: int, wanted: Import, again: bool) -> int:
    """The session and all that belongs to its readings."""
    before = queries.first_import(connection, wanted.origin.sha256, wanted.patient)
    if before is not None and not again:
        raise SessionError(f"{wanted.origin.name} was imported meanwhile, as session {before.session_id}")
    timeline = wanted.analysis.timeline
    t0 = timeline.timeline.t0
    assert t0 is not None  # there is no analysis without it
    values = {
        "bed_id": bed_id,
        "mode": "replay",
        "patient": "Recording",
        "identifier": f"{wanted.origin.name}{f', {wanted.patient}' if wanted.patient else ''}",
        "drug": wanted.drug,
        "threshold_version_id": wanted.thresholds.id,
        "started": min(wanted.recording.first, t0),
        "started_by": wanted.author,
        "ended": timeline.session_end,
    }
    session = queries.session(connection, writes.open_session(connection, values))
    assert session is not None
    for event in wanted.course.events:
        insert_event(
            connection, session, event.kind, time=event.time, author=event.author, now=wanted.now, detail=event.detail
        )
    # An end that nobody said is the last reading's, and marked so.
    assumed = {"assumed": True} if timeline.session_end_assumed else {}
    insert_event(
        connection, session, EventKind.SESSION_END,
        time=timeline.session_end, author=wanted.author, now=wanted.now, detail=assumed,
    )  # fmt: skip
    for rise in wanted.analysis.rises:
        row = writes.rise_row(rise.episode, rise.outcome, wanted.thresholds.id)
        writes.write_rise(connection, session.id, row)
    baselines = wanted.analysis.baselines.items()
    writes.write_baselines(
        connection,
        [(session.id, Baseline(signal, each.value, each.n, each.status.value)) for signal, each in baselines],
    )
    told = (*wanted.recording.notices, *wanted.analysis.notices)
    writes.write_notices(connection, [(bed_id, session.id, each) for each in told])
    connection.execute(insert(s.recording_import).values(session_id=session.id, **_row(wanted)))
    return session.id


def _row(wanted: Import) -> dict[str, Any]:
    read = wanted.recording
    return {
        "name": wanted.origin.name,
        "size": wanted.origin.size,
        "sha256": wanted.origin.sha256,
        "files": json.dumps([dict(each) for each in wanted.origin.files]),
        "format": read.format,
        "reader": f"risewatch {__version__}",
        "patient": wanted.patient,
        "choices": json.dumps(dict(wanted.choices or {})),
        "mapping": json.dumps([asdict(each) for each in read.mapping]),
        "rows_read": read.counts.rows,
        "rows_used": read.counts.used,
        "repeats": read.counts.repeats,
        "refused": json.dumps(read.counts.refused),
        "readings": len(read.readings),
        "times_from": wanted.course.times_from,
        "imported": wanted.now,
        "imported_by": wanted.author,
    }
