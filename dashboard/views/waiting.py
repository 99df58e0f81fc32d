"""Waiting a moment for what the watch answers to a request that was written into the store."""

from __future__ import annotations

import time

from dashboard.store import monitor_commands as commands
from dashboard.store.database import Store
from dashboard.store.monitor_commands import MonitorCommand

_LOOK_S = 0.1


def answered(store: Store, asked: int, patience_s: float) -> MonitorCommand | None:
    """The request with the id `asked` once it is done or refused; None if it was neither within `patience_s`."""
    for _ in range(round(patience_s / _LOOK_S)):
        time.sleep(_LOOK_S)
        with store.reading() as connection:
            found = commands.get(connection, asked)
        if found is not None and found.done is not None:
            return found
    return None
