"""What is found of a session: rises, baselines, notices, a finished session's columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert

from dashboard.rises.episodes import Episode
from dashboard.rises.outcomes import Outcome
from dashboard.store import schema as s
from dashboard.store.records import Baseline
from dashboard.store.writes.upsert import insert_into
from devices.reading import Notice


def write_notices(connection: Connection, notices: Sequence[tuple[int, int | None, Notice]]) -> None:
    """Stores (bed id, session id or None, notice)."""
    if notices:
        connection.execute(
            insert(s.notice),
            [
                {
                    "bed_id": bed_id,
                    "session_id": session_id,
                    "time": each.time,
                    "received": each.received,
                    "kind": each.kind,
                    "signal": each.signal,
                    "code": each.code,
                    "text": each.text,
                    "source": each.source,
                    "raw": each.raw or None,
                }
                for bed_id, session_id, each in notices
            ],
        )


def write_baselines(connection: Connection, baselines: Sequence[tuple[int, Baseline]]) -> None:
    """Sets baselines of (session id, baseline); a signal not named keeps its own."""
    if not baselines:
        return
    statement = insert_into(connection, s.baseline)
    changed = {name: statement.excluded[name] for name in ("value", "n", "status")}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["session_id", "signal"], set_=changed),
        [
            {"session_id": session_id, "signal": each.signal, "value": each.value, "n": each.n, "status": each.status}
            for session_id, each in baselines
        ],
    )


def write_rise(connection: Connection, session_id: int, rise: dict[str, Any]) -> None:
    """Adds a rise, or brings the one with the same signal, level and onset up to date.

    Args:
        rise: the columns of `schema.rise` without id and session_id.
    """
    key = {"signal", "level", "onset"}
    connection.execute(
        insert_into(connection, s.rise)
        .values(session_id=session_id, **rise)
        .on_conflict_do_update(
            index_elements=["session_id", "signal", "level", "onset"],
            set_={name: value for name, value in rise.items() if name not in key},
        )
    )


def rise_row(episode: Episode, outcome: Outcome, version_id: int) -> dict[str, Any]:
    """A rise as the columns of `schema.rise` without id and session_id; `version_id`: of its thresholds."""
    return {
        "signal": episode.signal,
        "level": episode.level,
        "threshold": episode.threshold,
        "clear": episode.clear,
        "baseline": episode.baseline,
        "onset": episode.onset,
        "confirmed": episode.confirmed,
        "peak": episode.peak,
        "peak_time": episode.peak_time,
        "return_time": episode.return_time,
        "declared": episode.declared,
        "outcome": outcome.value,
        "present_at_baseline": int(episode.present_at_baseline),
        "threshold_version_id": version_id,
    }


def write_packed(connection: Connection, session_id: int, body: bytes) -> None:
    """Keeps a finished session's columns (`dashboard.rises.columns.pack`)."""
    connection.execute(
        insert_into(connection, s.packed_session)
        .values(session_id=session_id, body=body)
        .on_conflict_do_update(index_elements=["session_id"], set_={"body": body})
    )
