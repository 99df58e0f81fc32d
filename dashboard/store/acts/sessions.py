"""Sessions begin, move to another bed and are taken over by another nurse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import IntegrityError

from dashboard.errors import SessionError
from dashboard.sessions.events import EventKind, nurse_of
from dashboard.sessions.patient import PatientRecord
from dashboard.sessions.plan import Plan
from dashboard.store import queries, writes
from dashboard.store import schema as s
from dashboard.store.acts.entries import insert_event, named, open_session, permitted
from dashboard.store.database import Store
from devices import instant


def start_session(
    store: Store,
    bed_id: int,
    *,
    patient: str,
    identifier: str,
    threshold_version_id: int,
    author: str,
    now: int,
    bed_now: int,
    plan: Plan | None = None,
    record: PatientRecord | None = None,
) -> int:
    """Opens a session on a bed, with its infusion plan and patient record as its first events, and returns its id.

    Args:
        patient, identifier: the two identifiers, both needed.

    Raises:
        SessionError: an identifier is missing, the plan or record cannot be, the bed is not there or has an open
            session.
    """
    if not patient.strip() or not identifier.strip():
        raise SessionError("two identifiers of the patient are needed, such as initials and date of birth")
    plan = plan or Plan()
    plan.check()
    record = record or PatientRecord()
    record.check(instant.to_datetime(now).date())
    name = named(author)
    with store.writing() as connection:
        bed = _bed_in_use(connection, bed_id)
        if queries.threshold_version(connection, threshold_version_id) is None:
            raise SessionError("that version of the thresholds does not exist")
        values = {
            "bed_id": bed_id,
            "mode": bed.mode,
            "patient": patient.strip(),
            "identifier": identifier.strip(),
            "drug": plan.drug_words.strip(),
            "dose_mg_per_kg": plan.dose_mg_per_kg,
            "planned_minutes": plan.planned_minutes,
            "threshold_version_id": threshold_version_id,
            "started": bed_now,
            "started_by": name,
        }
        try:
            session_id = writes.open_session(connection, values)
        except IntegrityError:
            raise SessionError(f"{bed.name} still has an open session: end it before starting the next") from None
        session = queries.session(connection, session_id)
        assert session is not None
        for kind, detail in ((EventKind.PLAN, plan.to_detail()), (EventKind.PATIENT, record.to_detail())):
            if detail:
                insert_event(connection, session, kind, time=bed_now, author=name, now=now, detail=detail)
        return session_id


def move_session(
    store: Store, session_id: int, bed_id: int, *, reason: str, author: str, now: int, bed_now: int
) -> int:
    """Moves an open session to another bed: its readings are that bed's from `bed_now` on. Returns the event's id.

    Raises:
        SessionError: the session is over or a replay, the bed is not there, is the same one or has an open session.
    """
    name = named(author)
    if not reason.strip():
        raise SessionError("a move needs its reason")
    with store.writing() as connection:
        session = open_session(connection, session_id)
        old, new = _bed_in_use(connection, session.bed_id), _bed_in_use(connection, bed_id)
        if old.id == new.id:
            raise SessionError(f"the session is at {new.name} already")
        if "replay" in (session.mode, new.mode):
            raise SessionError("a replay and a patient cannot change places")
        if bed_id in queries.open_sessions(connection):
            raise SessionError(f"{new.name} has an open session: end or move that one first")
        writes.leave_bed(connection, session_id, bed_now)
        writes.enter_bed(connection, session_id, bed_id, bed_now)
        detail = {"from": old.name, "to": new.name, "from_id": old.id, "to_id": new.id, "reason": reason.strip()}
        return insert_event(connection, session, EventKind.MOVED, time=bed_now, author=name, now=now, detail=detail)


def hand_over(store: Store, session_ids: Sequence[int], *, taker: str, remark: str, now: int) -> list[int]:
    """Records that `taker` takes these open sessions over, each from who has it; all of them or none.

    Args:
        now: wall clock, which is a live bed's clock too.

    Returns:
        The ids of the sessions taken over: those that `taker` has already are left as they are.

    Raises:
        SessionError: nobody takes over, nothing is left to take over, a session is over or a replay's.
    """
    name = named(taker)
    if not session_ids:
        raise SessionError("choose the sessions that are taken over")
    said = {"remark": remark.strip()} if remark.strip() else {}
    taken = []
    with store.writing() as connection:
        for session_id in session_ids:
            session = permitted(connection, session_id, EventKind.HANDOVER, now, now)
            if session.mode == "replay":
                raise SessionError("a replay is nobody's patient: it is not handed over")
            giver, _ = nurse_of(queries.session_events(connection, session_id), session.started_by)
            if giver == name:
                continue
            detail = {"from": giver, "to": name, **said}
            insert_event(connection, session, EventKind.HANDOVER, time=now, author=name, now=now, detail=detail)
            taken.append(session_id)
        if not taken:
            raise SessionError(f"{name} has these sessions already")
    return taken


def _bed_in_use(connection: Connection, bed_id: int) -> Row[Any]:
    bed = connection.execute(select(s.bed).where(s.bed.c.id == bed_id, s.bed.c.in_use == 1)).first()
    if bed is None:
        raise SessionError("that bed is no longer configured")
    return bed
