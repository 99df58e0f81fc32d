"""What the watch found in a session: baselines, rises and notices."""

from __future__ import annotations

from sqlalchemy import Connection, select

from dashboard.store import schema as s
from dashboard.store.records import Baseline, StoredNotice, StoredRise


def baselines(connection: Connection, session_id: int) -> dict[str, Baseline]:
    """The session's baselines by signal (SBP, DBP, HR)."""
    rows = connection.execute(select(s.baseline).where(s.baseline.c.session_id == session_id))
    return {row.signal: Baseline(row.signal, row.value, row.n, row.status) for row in rows}


def rises(connection: Connection, session_id: int) -> list[StoredRise]:
    """The session's rises by confirmed time, then priority (high first), then SBP, DBP, HR (3.11.10)."""
    rows = connection.execute(select(s.rise).where(s.rise.c.session_id == session_id))
    found = [StoredRise(**{**row._mapping, "present_at_baseline": bool(row.present_at_baseline)}) for row in rows]
    order = {"SBP": 0, "DBP": 1, "HR": 2}
    return sorted(found, key=lambda rise: (rise.confirmed, -rise.level, order.get(rise.signal, 3)))


def notices(connection: Connection, bed_id: int, since: int | None = None, limit: int = 200) -> list[StoredNotice]:
    """The bed's notices, newest first."""
    columns = [column for column in s.notice.c if column.name not in ("raw", "session_id")]
    query = select(*columns).where(s.notice.c.bed_id == bed_id)
    if since is not None:
        query = query.where(s.notice.c.time >= since)
    rows = connection.execute(query.order_by(s.notice.c.id.desc()).limit(limit))
    return [StoredNotice(**row._mapping) for row in rows]


def notice_keys(connection: Connection, session_id: int) -> set[tuple[str, str, int, int]]:
    """(kind, signal, time, received) of every notice of the session: what is not to be said twice."""
    columns = (s.notice.c.kind, s.notice.c.signal, s.notice.c.time, s.notice.c.received)
    return {
        (r.kind, r.signal, r.time, r.received)
        for r in connection.execute(select(*columns).where(s.notice.c.session_id == session_id))
    }


def session_notices(connection: Connection, session_id: int, kind: str) -> list[StoredNotice]:
    """The session's notices of one kind, oldest first."""
    columns = [column for column in s.notice.c if column.name not in ("raw", "session_id")]
    query = select(*columns).where(s.notice.c.session_id == session_id, s.notice.c.kind == kind).order_by(s.notice.c.id)
    return [StoredNotice(**row._mapping) for row in connection.execute(query)]
