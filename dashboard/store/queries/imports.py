"""Which file became which session."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, select

from dashboard.store import schema as s
from dashboard.store.records import RecordingImport


def import_of(connection: Connection, session_id: int) -> RecordingImport | None:
    """What was imported as the session; None if it was watched here."""
    found = s.recording_import
    row = connection.execute(select(found).where(found.c.session_id == session_id)).first()
    return _import(row) if row else None


def first_import(connection: Connection, sha256: str, patient: str) -> RecordingImport | None:
    """The first import of this file (and this of its patients); None if there was none."""
    found = s.recording_import
    row = connection.execute(
        select(found).where(found.c.sha256 == sha256, found.c.patient == patient).order_by(found.c.session_id).limit(1)
    ).first()
    return _import(row) if row else None


def _import(row: Row[Any]) -> RecordingImport:
    values = dict(row._mapping)
    for name in ("files", "choices", "mapping", "refused"):
        values[name] = json.loads(values[name])
    values["files"], values["mapping"] = tuple(values["files"]), tuple(values["mapping"])
    return RecordingImport(**values)
