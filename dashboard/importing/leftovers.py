"""What imports that were killed left behind: a bed without a session, that no wall has, and its readings.

Cleared away in short steps, each under the lock of imports, which is let go in between: neither a watch nor a new
import on the same database waits for more than one of them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy import delete, select

from dashboard.errors import StoreError
from dashboard.store import schema as s
from dashboard.store.database import Store

_log = logging.getLogger(__name__)

PROTOCOL = "recording"
"""The protocol of beds that hold an imported session."""

PIECE = 5_000
"""So many readings are removed in one transaction."""

PAUSE_S = 0.025
"""Between two of them SQLite's one write lock is left alone for so long: it is not handed on in the order of asking."""

EVERY_S = 600.0
"""How often a running watch looks."""


def clear_some(store: Store) -> bool:
    """Removes a piece of what is left; whether there was any. Only within `Store.importing`."""
    with store.reading() as connection:
        bed_id = connection.execute(
            select(s.bed.c.id)
            .outerjoin(s.session, s.session.c.bed_id == s.bed.c.id)
            .where(s.bed.c.protocol == PROTOCOL, s.bed.c.mode == "replay", s.session.c.id.is_(None))
            .limit(1)
        ).scalar()
        if bed_id is None:
            return False
        stream_id = connection.execute(select(s.stream.c.id).where(s.stream.c.bed_id == bed_id).limit(1)).scalar()
    with store.writing() as connection:
        if stream_id is None:
            connection.execute(delete(s.bed).where(s.bed.c.id == bed_id))
            return True
        mine = s.reading.c.stream_id == stream_id
        until = connection.execute(
            select(s.reading.c.time).where(mine).order_by(s.reading.c.time).offset(PIECE - 1).limit(1)
        ).scalar()
        connection.execute(delete(s.reading).where(mine, *([] if until is None else [s.reading.c.time <= until])))
        if until is None:
            connection.execute(delete(s.stream).where(s.stream.c.id == stream_id))
    return True


def clear_unfinished(store: Store) -> None:
    """Removes all that is left. Only within `Store.importing`."""
    while clear_some(store):
        pass


def clear_beside(store: Store, pause: Callable[[float], bool]) -> bool:
    """Removes what is left, letting imports in between; whether there was any.

    Args:
        pause: waits so many seconds between two steps; True gives up, the rest is for the next time.

    Raises:
        StoreError: an import is running, whose readings are none of ours, or the store cannot be read or written.
    """
    found = False
    while True:
        with store.importing(wait_s=0):
            if not clear_some(store):
                return found
        found = True
        if pause(PAUSE_S):
            return found


class Tidying:
    """A watch's own thread that looks for what killed imports left, at its start and now and then."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tidying", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Ends after the step that is going on."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                if clear_beside(self._store, self._over.wait):
                    _log.warning("an import had been killed; what it left in the database was removed")
            except StoreError as error:
                _log.debug("what killed imports may have left was not looked for: %s", error)
            self._over.wait(EVERY_S)
