"""The history: sessions newest first, a page at a time, and all that is on record of one of them.

Newest is what was opened, replayed or imported here last: dates in recordings are often shifted, or not there at all.
A page costs the same however many sessions there are: it is cut in the query, by where the last one ended, never by
a count. With filters the sessions are looked at one after the other until the page is full.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select

from dashboard.sessions.events import SessionEvent
from dashboard.store import queries
from dashboard.store import schema as s
from dashboard.store.deliveries import Delivery, deliveries_of
from dashboard.store.records import Alarm, Baseline, Session, StoredNotice, StoredRise, ThresholdVersion

PAGE = 25


class Kind(StrEnum):
    """Where a session comes from. Only the first was watched at a patient."""

    LIVE = "live"
    DEMO = "demo"
    REPLAY = "replay"
    IMPORTED = "imported"


MARKS = {
    Kind.LIVE: "",
    Kind.DEMO: "DEMO: a virtual patient, no real person",
    Kind.REPLAY: "REPLAY: a recording, not a patient. Nothing on this page is live",
    Kind.IMPORTED: "IMPORTED: a recording, not watched here. Nothing on this page is live",
}
"""What is said of a session wherever it is shown: only a live one may be taken for what it looks like."""


class Filters(Struct, frozen=True):
    """What the history is narrowed to; None and "" narrow nothing.

    Attributes:
        text: part of a bed's name, of an identifier, or a patient's initials. since, until: of the session's start,
            `until` itself left out. kind: where it comes from. running: whether it goes on. level: the least level of
            a rise. outcome: of a rise (with `level`, of that same rise). thresholds: name of the set at its start.
    """

    text: str = ""
    since: int | None = None
    until: int | None = None
    kind: Kind | None = None
    running: bool | None = None
    level: int | None = None
    outcome: str | None = None
    thresholds: str | None = None


class RiseCount(Struct, frozen=True):
    """So many rises of one level and outcome; those present at baseline are never counted."""

    level: int
    outcome: str
    count: int


class Entry(Struct, frozen=True):
    """A session in the list. `bed`: where it is or ended; `beds`: every bed it was at, in order."""

    session: Session
    bed: str
    beds: tuple[str, ...]
    kind: Kind
    thresholds: str
    version: int
    rises: tuple[RiseCount, ...]


class Page(Struct, frozen=True):
    """`more`: whether there are older sessions; the next page is the one after the last entry."""

    entries: tuple[Entry, ...]
    more: bool


def page(connection: Connection, filters: Filters, after: int | None = None, size: int = PAGE) -> Page:
    """At most `size` sessions, newest first.

    Args:
        after: id of the last session of the page before; None for the first page.
    """
    query = _entries().where(*_conditions(filters))
    if after is not None:
        query = query.where(s.session.c.id < after)
    query = query.order_by(s.session.c.id.desc()).limit(size + 1)
    rows = connection.execute(query).all()
    found = _with_rises(connection, rows[:size])
    return Page(found, len(rows) > size)


def entry(connection: Connection, session_id: int) -> Entry | None:
    """One session as the list has it; None if there is none."""
    rows = connection.execute(_entries().where(s.session.c.id == session_id)).all()
    return next(iter(_with_rises(connection, rows)), None)


def of_same_patient(connection: Connection, session: Session, limit: int = 50) -> list[Entry]:
    """Other sessions with the very same two identifiers, newest first."""
    query = _entries().where(
        s.session.c.identifier == session.identifier,
        s.session.c.patient == session.patient,
        s.session.c.id != session.id,
    )
    rows = connection.execute(query.order_by(s.session.c.id.desc()).limit(limit)).all()
    return list(_with_rises(connection, rows))


class Record(Struct, frozen=True):
    """Everything on record of one session but its readings. `versions`: those that its rises were judged by;
    `deliveries`: by alarm, of those that a screen has presented."""

    entry: Entry
    version: ThresholdVersion | None
    events: Sequence[SessionEvent]
    baselines: dict[str, Baseline]
    rises: Sequence[StoredRise]
    alarms: Sequence[Alarm]
    deliveries: Mapping[int, Delivery]
    notices: Sequence[StoredNotice]
    versions: dict[int, ThresholdVersion]


def record(connection: Connection, session_id: int) -> Record | None:
    """The session's record; None if there is no such session."""
    found = entry(connection, session_id)
    if found is None:
        return None
    rises = queries.rises(connection, session_id)
    wanted = {found.session.threshold_version_id, *(rise.threshold_version_id for rise in rises)}
    alarms = queries.alarms_of(connection, session_id)
    versions = {id: version for id in wanted if (version := queries.threshold_version(connection, id)) is not None}
    return Record(
        entry=found,
        version=versions.get(found.session.threshold_version_id),
        events=queries.session_events(connection, session_id),
        baselines=queries.baselines(connection, session_id),
        rises=rises,
        alarms=alarms,
        deliveries=deliveries_of(connection, [each.id for each in alarms]),
        notices=_notices(connection, session_id),
        versions=versions,
    )


def _notices(connection: Connection, session_id: int) -> list[StoredNotice]:
    """The session's notices from every bed it was at, oldest first, without bytes."""
    columns = [column for column in s.notice.c if column.name not in ("raw", "session_id")]
    # By bed, whose index it is: the notices of all beds together have none by session.
    beds = select(s.session_place.c.bed_id).where(s.session_place.c.session_id == session_id)
    query = select(*columns).where(s.notice.c.bed_id.in_(beds), s.notice.c.session_id == session_id)
    rows = connection.execute(query.order_by(s.notice.c.time, s.notice.c.id))
    return [StoredNotice(**row._mapping) for row in rows]


def _beds(connection: Connection, session_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The names of the beds each session was at, in order."""
    place = s.session_place.c
    found: dict[int, list[str]] = {}
    rows = connection.execute(
        select(place.session_id, s.bed.c.name)
        .join(s.bed, s.bed.c.id == place.bed_id)
        .where(place.session_id.in_(session_ids))
        .order_by(place.since, place.id)
    )
    for session_id, name in rows:
        found.setdefault(session_id, []).append(name)
    return {session_id: tuple(names) for session_id, names in found.items()}


def _entries() -> Select[Any]:
    return (
        select(
            s.session,
            s.bed.c.name.label("bed_name"),
            s.recording_import.c.session_id.label("imported_as"),
            s.threshold_version.c.name.label("set_name"),
            s.threshold_version.c.version.label("set_version"),
        )
        .join(s.bed, s.bed.c.id == s.session.c.bed_id)
        .join(s.threshold_version, s.threshold_version.c.id == s.session.c.threshold_version_id)
        .outerjoin(s.recording_import, s.recording_import.c.session_id == s.session.c.id)
    )


def _with_rises(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Entry, ...]:
    counts: dict[int, list[RiseCount]] = {}
    rise = s.rise.c
    if rows:
        counted = connection.execute(
            select(rise.session_id, rise.level, rise.outcome, func.count())
            .where(rise.session_id.in_([row.id for row in rows]), rise.present_at_baseline == 0)
            .group_by(rise.session_id, rise.level, rise.outcome)
            .order_by(rise.level.desc(), rise.outcome)
        )
        for session_id, level, outcome, count in counted:
            counts.setdefault(session_id, []).append(RiseCount(level, outcome, count))
    columns = [column.name for column in s.session.c]
    places = _beds(connection, [row.id for row in rows]) if rows else {}
    return tuple(
        Entry(
            Session(**{name: row._mapping[name] for name in columns}),
            row.bed_name,
            places.get(row.id, (row.bed_name,)),
            Kind.IMPORTED if row.imported_as is not None else Kind(row.mode),
            row.set_name,
            row.set_version,
            tuple(counts.get(row.id, ())),
        )
        for row in rows
    )


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    session = s.session.c
    found: list[ColumnElement[bool]] = []
    if filters.since is not None:
        found.append(session.started >= filters.since)
    if filters.until is not None:
        found.append(session.started < filters.until)
    if filters.running is not None:
        found.append(session.ended.is_(None) if filters.running else session.ended.is_not(None))
    if filters.kind is Kind.IMPORTED:
        found.append(s.recording_import.c.session_id.is_not(None))
    elif filters.kind is not None:
        found += [session.mode == filters.kind.value, s.recording_import.c.session_id.is_(None)]
    if filters.thresholds:
        found.append(s.threshold_version.c.name == filters.thresholds)
    if filters.level is not None or filters.outcome is not None:
        rise = s.rise.c
        wanted: list[ColumnElement[bool]] = [rise.session_id == session.id, rise.present_at_baseline == 0]
        if filters.level is not None:
            wanted.append(rise.level >= filters.level)
        if filters.outcome is not None:
            wanted.append(rise.outcome == filters.outcome)
        found.append(exists().where(and_(*wanted)))
    if filters.text.strip():
        found.append(_says(filters.text.strip().lower()))
    return found


def _says(text: str) -> ColumnElement[bool]:
    """Whether bed, patient or identifier says `text` (lower case); initials find the names they stand for."""
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    columns = (s.session.c.patient, s.session.c.identifier)
    found: list[ColumnElement[bool]] = [func.lower(column).like(f"%{escaped}%", escape="\\") for column in columns]
    # A bed it was moved away from is one it was at. Not asked for each session anew: few beds have a name.
    earlier, place = s.bed.alias(), s.session_place.c
    at_bed = select(place.session_id).join(earlier, earlier.c.id == place.bed_id)
    found.append(s.session.c.id.in_(at_bed.where(func.lower(earlier.c.name).like(f"%{escaped}%", escape="\\"))))
    letters = re.sub(r"[\s.]", "", text)
    if 2 <= len(letters) <= 3 and letters.isalpha():
        patient = func.lower(s.session.c.patient)
        found.append(patient == letters)
        for gap in ("% ", ".", ". "):
            # "a b", "a. b.", "anna b.": each letter begins a word.
            found.append(patient.like(gap.join(letters) + "%"))
    return or_(*found)
