"""Events of a session, and their corrections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.errors import SessionError
from dashboard.sessions.corrections import check_correction
from dashboard.sessions.events import EventKind
from dashboard.sessions.patient import PatientRecord
from dashboard.sessions.plan import Plan
from dashboard.sessions.records import check_detail
from dashboard.store import queries
from dashboard.store.acts.entries import insert_event, named, open_session, permitted
from dashboard.store.acts.threshold_versions import thresholds_of
from dashboard.store.database import Store
from devices import instant


def record_event(
    store: Store,
    session_id: int,
    kind: EventKind,
    *,
    time: int,
    author: str,
    now: int,
    bed_now: int,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Adds an event to a session and returns its id; SESSION_END closes it.

    Raises:
        SessionError: the session is not there or over, the act does not fit its phase, or its contents cannot be.
        ThresholdError: the threshold version chosen is not what was stored.
    """
    name = named(author)
    check_detail(kind, detail or {})
    with store.writing() as connection:
        session = permitted(connection, session_id, kind, time, bed_now)
        if kind is EventKind.CUFF and session.mode == "replay":
            raise SessionError("a replay takes no reading of a patient")
        if kind is EventKind.PLAN:
            Plan.of_detail(detail or {}).check()
        if kind is EventKind.PATIENT:
            PatientRecord.of_detail(detail or {}).check(instant.to_datetime(now).date())
        if kind is EventKind.THRESHOLDS:
            version = queries.threshold_version(connection, int((detail or {})["threshold_version_id"]))
            if version is None or version.session_id not in (None, session_id):
                raise SessionError("that version of the thresholds does not exist for this session")
            thresholds_of(version)
        return insert_event(connection, session, kind, time=time, author=name, now=now, detail=detail)


def correct_event(
    store: Store, session_id: int, event_id: int, *, time: int | None, reason: str, author: str, now: int, bed_now: int
) -> int:
    """Corrects the time of an event, or (`time` None) withdraws it: another event, which names the first one.

    Raises:
        SessionError: the event is not there or not to be corrected, no reason, or a time that cannot be.
    """
    name = named(author)
    with store.writing() as connection:
        session = open_session(connection, session_id)
        events = queries.session_events(connection, session_id)
        check_correction(events, event_id, time, reason, session.started, bed_now)
        detail: dict[str, Any] = {"event": event_id, "reason": reason.strip()}
        detail |= {"withdrawn": True} if time is None else {"time": time}
        kind = EventKind.CORRECTION
        return insert_event(connection, session, kind, time=bed_now, author=name, now=now, detail=detail)
