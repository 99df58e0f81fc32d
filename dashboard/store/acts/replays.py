"""Replays are asked for and steered: the watch carries it out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert

from dashboard.store import schema as s
from dashboard.store.acts.entries import named
from dashboard.store.database import Store, new_id


def command_replay(
    store: Store, bed_id: int | None, action: str, *, author: str, now: int, detail: Mapping[str, Any] | None = None
) -> int:
    """Asks the watch to open, play, pause, speed, seek, step, restart or close a replay. Returns the command's id."""
    name = named(author)
    with store.writing() as connection:
        result = connection.execute(
            insert(s.replay_command).values(
                bed_id=bed_id, action=action, detail=json.dumps(dict(detail or {})), author=name, entered=now
            )
        )
        return new_id(result)
