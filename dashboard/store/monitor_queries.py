"""What a technician asks of the store about one monitor: what it said last, with the bytes, and its clock."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from dashboard.store import schema as s
from dashboard.store.records import StoredNotice

_COLUMNS = [column for column in s.notice.c if column.name not in ("raw", "session_id")]


def notices_with_bytes(connection: Connection, bed_id: int, limit: int = 30) -> list[tuple[StoredNotice, bytes]]:
    """The bed's last notices with the bytes concerned (b"" if none), newest first."""
    query = select(*_COLUMNS, s.notice.c.raw).where(s.notice.c.bed_id == bed_id)
    # By time: that is what is indexed, and what a person looks for.
    rows = connection.execute(query.order_by(s.notice.c.time.desc(), s.notice.c.id.desc()).limit(limit))
    found = []
    for row in rows:
        values = dict(row._mapping)
        raw = values.pop("raw")
        found.append((StoredNotice(**values), bytes(raw or b"")))
    return found


def last_notice(connection: Connection, bed_id: int, kind: str) -> StoredNotice | None:
    """The bed's last notice of a kind; None if there was none."""
    query = select(*_COLUMNS).where(s.notice.c.bed_id == bed_id, s.notice.c.kind == kind)
    row = connection.execute(query.order_by(s.notice.c.time.desc(), s.notice.c.id.desc()).limit(1)).first()
    return StoredNotice(**row._mapping) if row else None


def newest_notice_id(connection: Connection) -> int:
    """The id of the notice written last, of whatever bed; 0 if there is none."""
    return connection.execute(select(func.max(s.notice.c.id))).scalar() or 0


def notices_since(connection: Connection, after: int, kind: str) -> list[StoredNotice]:
    """The notices of a kind, of all beds, written after the one with the id `after`."""
    rows = connection.execute(select(*_COLUMNS).where(s.notice.c.id > after, s.notice.c.kind == kind))
    return [StoredNotice(**row._mapping) for row in rows]
