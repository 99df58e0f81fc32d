"""The finished sessions of a store, as what-if takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo

from dashboard.rises.whatif import Finished
from dashboard.store import packed, queries
from dashboard.store.database import Store
from dashboard.store.records import Session
from devices import instant


def label(session: Session, beds: dict[int, str], zone: tzinfo) -> str:
    """How a session is called where no patient's name belongs."""
    bed = beds.get(session.bed_id, f"bed {session.bed_id}")
    mark = "" if session.mode == "live" else f" {session.mode.upper()}"
    return f"{bed}{mark} {instant.to_datetime(session.started, zone):%Y-%m-%d %H:%M}, session {session.id}"


def bed_names(store: Store) -> dict[int, str]:
    """Also of beds no longer in use."""
    with store.reading() as connection:
        return {bed.id: bed.name for bed in queries.beds(connection, also_unused=True)}


def sessions(
    store: Store,
    zone: tzinfo,
    chosen: Sequence[Session] | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Finished]:
    """The chosen sessions (default: all that have ended and had an infusion), ready to be judged."""
    if chosen is None:
        with store.reading() as connection:
            chosen = queries.finished_sessions(connection)
    names = bed_names(store)
    loaded = packed.load(store, chosen, progress)
    return [
        Finished(label(session, names, zone), columns)
        for session, columns in zip(chosen, loaded, strict=True)
        if columns is not None
    ]
