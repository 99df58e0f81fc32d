"""A session of the store as the subject of a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from dashboard.errors import SessionError
from dashboard.live.snapshot import clock_of
from dashboard.reports.subject import Subject, VersionShown
from dashboard.rises.notices import KINDS
from dashboard.sessions.events import fold
from dashboard.sessions.plan import Plan, plan_of
from dashboard.sessions.privacy import shown_patient
from dashboard.store import acts, history, queries
from dashboard.store.history import MARKS, Kind, Record
from dashboard.store.judged import reviewed
from dashboard.store.material import material
from dashboard.store.records import RecordingImport, Session, StoredNotice
from devices.reading import Reading

FROM_ELSEWHERE = frozenset({"assumed-end"})
"""Notices of the detector's kinds that a report cannot find anew: an end that is in the store is not assumed there."""


def stored(connection: Connection, session_id: int, bed_now: int, zone: str, in_full: bool = True) -> Subject:
    """The session as it is now known, as it ended or as it stands at `bed_now`.

    Args:
        zone: the clinic's. in_full: with both identifiers, else initials alone.

    Raises:
        SessionError: there is no such session. ThresholdError: its thresholds were changed outside the program.
    """
    record = history.record(connection, session_id)
    found = material(connection, session_id, bed_now)
    if record is None or found is None or record.version is None:
        raise SessionError(f"there is no session {session_id} in the store")
    session, kind = record.entry.session, record.entry.kind
    until = session.ended if session.ended is not None else bed_now
    # A replayed session knows its future: it is reported as far as it was played.
    events = [each for each in record.events if session.ended is not None or each.time <= until]
    course = fold(events, session.planned_minutes)
    analysis = reviewed(connection, session_id, bed_now).analysis if course.t0 is not None else None
    patient, identifier = shown_patient(session.patient, session.identifier, in_full)
    imported = queries.import_of(connection, session_id)
    return Subject(
        place=record.entry.bed,
        number=session.id,
        mark=MARKS[kind],
        patient=patient,
        identifier=identifier,
        started=session.started,
        started_by=session.started_by,
        ended=session.ended,
        until=until,
        zone=zone,
        plan=plan_of(events) or _plan(session),
        events=events,
        course=course,
        readings=[each for each in found.readings if each.time <= until],
        analysis=analysis,
        thresholds=acts.thresholds_of(record.version),
        versions=_versions(connection, record),
        watched=None if kind is Kind.IMPORTED else record.rises,
        alarms=record.alarms,
        technical=_technical(record.notices),
        late=[each for each in record.notices if each.kind == "late"],
        origin=_origin(imported, found.readings),
    )


def bed_now(connection: Connection, bed_id: int, now: int) -> int:
    """The bed's own clock at the wall's `now`: of a replay the recording's."""
    return clock_of(queries.bed_states(connection).get(bed_id)).now(now)


def _plan(session: Session) -> Plan | None:
    """What is known of the plan of a session that has no plan of its own."""
    if not session.drug and session.dose_mg_per_kg is None and session.planned_minutes is None:
        return None
    return Plan(drug=session.drug, dose_mg_per_kg=session.dose_mg_per_kg, planned_minutes=session.planned_minutes)


def _versions(connection: Connection, record: Record) -> dict[str, VersionShown]:
    known = {each.id: each for each in record.versions.values()}
    for event in record.events:
        wanted = event.detail.get("threshold_version_id")
        version = queries.threshold_version(connection, int(wanted)) if wanted is not None else None
        if version is not None:
            known[version.id] = version
    return {
        each.hash: VersionShown(each.version, each.author, each.reason, each.created)
        for each in sorted(known.values(), key=lambda each: -each.id)
    }


def _technical(notices: Sequence[StoredNotice]) -> list[StoredNotice]:
    """What is not the detector's to say; that, the report finds anew."""
    return [each for each in notices if each.kind not in KINDS or each.kind in FROM_ELSEWHERE]


def _origin(imported: RecordingImport | None, readings: Sequence[Reading]) -> list[tuple[str, str]]:
    found = [("Sources", sources((each.signal, each.source) for each in readings))]
    if imported is None:
        return found
    refused = sum(imported.refused.values())
    return [
        ("File", f"{imported.name}, {imported.size} bytes, SHA-256 {imported.sha256}"),
        ("Read as", f"{imported.format}, by {imported.reader}, imported by {imported.imported_by}"),
        (
            "Rows",
            f"{imported.rows_read} read, {imported.rows_used} used, {refused} refused, "
            f"{imported.repeats} repeated cuff values counted once",
        ),
        ("Infusion times", {"person": "as said by a person", "file": "from the file's events"}.get(
            imported.times_from, "from the file's events and as said by a person")),
        *found,
    ]  # fmt: skip


def sources(streams: Iterable[tuple[str, str]]) -> str:
    """The sources of readings, each with its signals. `streams`: the readings' signals and sources."""
    found: dict[str, set[str]] = {}
    for signal, source in streams:
        found.setdefault(source or "not said", set()).add(signal)
    parts = [f"{source} ({', '.join(sorted(signals))})" for source, signals in sorted(found.items())]
    return "; ".join(parts) or "no reading"
