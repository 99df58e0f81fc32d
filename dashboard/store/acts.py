"""What people do, written durably in one transaction each: sessions, events, acknowledgements, thresholds, replays.

Every act carries who did it and when it was entered. `now` is the wall clock, `bed_now` the bed's own clock (they
differ in a replay); both are given, so that tests and replays decide them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from dashboard.errors import SessionError, ThresholdError
from dashboard.rises.thresholds import ThresholdSet, load_thresholds
from dashboard.sessions.corrections import check_correction
from dashboard.sessions.events import EventKind, check_act, fold, nurse_of, version_in_force
from dashboard.sessions.patient import PatientRecord
from dashboard.sessions.plan import Plan
from dashboard.sessions.records import check_detail
from dashboard.store import queries, writes
from dashboard.store import schema as s
from dashboard.store.database import Store, new_id
from dashboard.store.records import Session, ThresholdVersion
from devices import instant


def _named(author: str) -> str:
    name = author.strip()
    if not name:
        raise SessionError("say who you are first: nothing is recorded without a name")
    return name


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
    name = _named(author)
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


def _bed_in_use(connection: Connection, bed_id: int) -> Row[Any]:
    bed = connection.execute(select(s.bed).where(s.bed.c.id == bed_id, s.bed.c.in_use == 1)).first()
    if bed is None:
        raise SessionError("that bed is no longer configured")
    return bed


def _open_session(connection: Connection, session_id: int) -> Session:
    session = queries.session(connection, session_id)
    if session is None:
        raise SessionError("that session does not exist")
    if session.ended is not None:
        raise SessionError("the session has ended; start a new one")
    return session


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
    name = _named(author)
    check_detail(kind, detail or {})
    with store.writing() as connection:
        session = _may(connection, session_id, kind, time, bed_now)
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


def _may(connection: Connection, session_id: int, kind: EventKind, time: int, bed_now: int) -> Session:
    """The session, in which the act is allowed.

    Raises:
        SessionError: it is not there or over, or the act does not fit its phase.
    """
    session = _open_session(connection, session_id)
    # A replayed session knows its future: what has not come yet refuses no act.
    until = bed_now if session.mode == "replay" else None
    course = fold(queries.session_events(connection, session_id), session.planned_minutes, until)
    check_act(course, kind, time, session.started, bed_now)
    return session


def correct_event(
    store: Store, session_id: int, event_id: int, *, time: int | None, reason: str, author: str, now: int, bed_now: int
) -> int:
    """Corrects the time of an event, or (`time` None) withdraws it: another event, which names the first one.

    Raises:
        SessionError: the event is not there or not to be corrected, no reason, or a time that cannot be.
    """
    name = _named(author)
    with store.writing() as connection:
        session = _open_session(connection, session_id)
        events = queries.session_events(connection, session_id)
        check_correction(events, event_id, time, reason, session.started, bed_now)
        detail: dict[str, Any] = {"event": event_id, "reason": reason.strip()}
        detail |= {"withdrawn": True} if time is None else {"time": time}
        kind = EventKind.CORRECTION
        return insert_event(connection, session, kind, time=bed_now, author=name, now=now, detail=detail)


def move_session(
    store: Store, session_id: int, bed_id: int, *, reason: str, author: str, now: int, bed_now: int
) -> int:
    """Moves an open session to another bed: its readings are that bed's from `bed_now` on. Returns the event's id.

    Raises:
        SessionError: the session is over or a replay, the bed is not there, is the same one or has an open session.
    """
    name = _named(author)
    if not reason.strip():
        raise SessionError("a move needs its reason")
    with store.writing() as connection:
        session = _open_session(connection, session_id)
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
    name = _named(taker)
    if not session_ids:
        raise SessionError("choose the sessions that are taken over")
    said = {"remark": remark.strip()} if remark.strip() else {}
    taken = []
    with store.writing() as connection:
        for session_id in session_ids:
            session = _may(connection, session_id, EventKind.HANDOVER, now, now)
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


def insert_event(
    connection: Connection,
    session: Session,
    kind: EventKind,
    *,
    time: int,
    author: str,
    now: int,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Writes an event that has been checked; ends the session where `kind` says so."""
    if kind is EventKind.SESSION_END:
        connection.execute(update(s.session).where(s.session.c.id == session.id).values(ended=time))
        writes.leave_bed(connection, session.id, time)
    result = connection.execute(
        insert(s.session_event).values(
            session_id=session.id,
            kind=kind.value,
            time=time,
            entered=now,
            author=author,
            detail=json.dumps(dict(detail or {}), sort_keys=True),
        )
    )
    return new_id(result)


def acknowledge(store: Store, alarm_id: int, *, author: str, now: int) -> bool:
    """Acknowledges an alarm for every screen. False if someone had done so before (their name stays).

    Raises:
        SessionError: no such alarm, or no name.
    """
    name = _named(author)
    with store.writing() as connection:
        changed = connection.execute(
            update(s.alarm)
            .where(s.alarm.c.id == alarm_id, s.alarm.c.acknowledged.is_(None))
            .values(acknowledged=now, acknowledged_by=name)
        ).rowcount
        if not changed:
            if queries.alarm(connection, alarm_id) is None:
                raise SessionError("that alarm does not exist")
            return False
        connection.execute(insert(s.alarm_event).values(alarm_id=alarm_id, time=now, event="acknowledged", author=name))
        return True


def save_thresholds(store: Store, thresholds: ThresholdSet, *, author: str, reason: str, now: int) -> ThresholdVersion:
    """Stores a threshold set as the next immutable version of its name.

    Raises:
        ThresholdError: author or reason is missing, or nothing differs from the newest version.
    """
    with store.writing() as connection:
        return _add_version(connection, thresholds, author, reason, now)


def adjust_thresholds(
    store: Store, session_id: int, thresholds: ThresholdSet, *, author: str, reason: str, now: int, bed_now: int
) -> ThresholdVersion:
    """Puts other thresholds in force for one session's patient, for readings later than `bed_now`.

    They become a version of their own, offered in no other session, under the name of the set they came from.

    Raises:
        SessionError: the session is not there or over. ThresholdError: no reason, nothing differs, or the set could
            never work.
    """
    name = _named(author)
    with store.writing() as connection:
        session = _may(connection, session_id, EventKind.THRESHOLDS, bed_now, bed_now)
        events = queries.session_events(connection, session_id)
        current = queries.threshold_version(connection, version_in_force(events, session.threshold_version_id))
        assert current is not None  # a foreign key
        own = current.name if current.session_id == session_id else f"{current.name[:50]} in session {session_id}"
        adjusted = replace(thresholds, name=own)
        if adjusted.to_toml() == replace(load_thresholds(current.body), name=own).to_toml():
            raise ThresholdError(f"nothing differs from {current.name}, which is in force")
        saved = _add_version(connection, adjusted, name, reason, now, session_id)
        detail = {"threshold_version_id": saved.id, "reason": saved.reason}
        insert_event(connection, session, EventKind.THRESHOLDS, time=bed_now, author=name, now=now, detail=detail)
        return saved


def _add_version(
    connection: Connection, thresholds: ThresholdSet, author: str, reason: str, now: int, session_id: int | None = None
) -> ThresholdVersion:
    if not author.strip() or not reason.strip():
        raise ThresholdError("a new version needs its author and the reason for the change")
    # What is stored is what is checked: the text, as it will be read again.
    body = thresholds.to_toml()
    thresholds = load_thresholds(body, thresholds.name)
    newest = queries.latest_threshold_version(connection, thresholds.name)
    if newest is not None and newest.session_id != session_id:
        raise ThresholdError(f"the name {thresholds.name} is that of one patient's adjustment: choose another name")
    if newest is not None and newest.hash == thresholds.hash and session_id is None:
        raise ThresholdError(f"nothing differs from version {newest.version} of {thresholds.name}")
    result = connection.execute(
        insert(s.threshold_version).values(
            name=thresholds.name,
            version=newest.version + 1 if newest is not None else 1,
            author=author.strip(),
            reason=reason.strip(),
            created=now,
            hash=thresholds.hash,
            body=body,
            session_id=session_id,
        )
    )
    saved = queries.threshold_version(connection, new_id(result))
    assert saved is not None
    return saved


def thresholds_of(version: ThresholdVersion) -> ThresholdSet:
    """The threshold set that a stored version holds.

    Raises:
        ThresholdError: the stored text no longer matches its hash: the database was changed by hand.
    """
    thresholds = load_thresholds(version.body, f"{version.name} version {version.version}")
    if thresholds.hash != version.hash:
        raise ThresholdError(
            f"the stored thresholds {version.name} version {version.version} do not match their hash: "
            "they were changed outside the program; choose another version"
        )
    return thresholds


def command_replay(
    store: Store, bed_id: int | None, action: str, *, author: str, now: int, detail: Mapping[str, Any] | None = None
) -> int:
    """Asks the watch to open, play, pause, speed, seek, restart or close a replay. Returns the command's id."""
    name = _named(author)
    with store.writing() as connection:
        result = connection.execute(
            insert(s.replay_command).values(
                bed_id=bed_id, action=action, detail=json.dumps(dict(detail or {})), author=name, entered=now
            )
        )
        return new_id(result)
