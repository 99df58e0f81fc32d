"""Threshold sets are saved as immutable versions, put in force for one patient, and read back unaltered."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, insert

from dashboard.errors import ThresholdError
from dashboard.rises.thresholds import ThresholdSet, load_thresholds
from dashboard.sessions.events import EventKind, version_in_force
from dashboard.store import queries
from dashboard.store import schema as s
from dashboard.store.acts.entries import insert_event, named, permitted
from dashboard.store.database import Store, new_id
from dashboard.store.records import ThresholdVersion


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
    name = named(author)
    with store.writing() as connection:
        session = permitted(connection, session_id, EventKind.THRESHOLDS, bed_now, bed_now)
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
