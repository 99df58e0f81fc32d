"""Versions of threshold sets."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from dashboard.store import schema as s
from dashboard.store.records import ThresholdVersion


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


def threshold_version_called(connection: Connection, name: str, version: int) -> ThresholdVersion | None:
    row = connection.execute(
        select(s.threshold_version).where(s.threshold_version.c.name == name, s.threshold_version.c.version == version)
    ).first()
    return ThresholdVersion(**row._mapping) if row else None


def latest_threshold_version(connection: Connection, name: str) -> ThresholdVersion | None:
    row = connection.execute(
        select(s.threshold_version)
        .where(s.threshold_version.c.name == name)
        .order_by(s.threshold_version.c.version.desc())
        .limit(1)
    ).first()
    return ThresholdVersion(**row._mapping) if row else None
