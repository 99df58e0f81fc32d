"""What a stored replay can be moved to: flags that lie ahead and those found so far, the file's events and people's."""

from __future__ import annotations

from sqlalchemy import Connection

from dashboard.sessions.events import corrected
from dashboard.sessions.replay_marks import Mark, MarkKind, flag_mark, merged, of_answer
from dashboard.sessions.words import event_words
from dashboard.store import queries


def marks_of(connection: Connection, bed_id: int, start: int, end: int) -> list[Mark]:
    """The marks of the replay at the bed `bed_id` within `start` to `end` (instants, both included), by time."""
    opening = queries.opening_of(connection, bed_id)
    session = queries.open_sessions(connection).get(bed_id)
    rises = queries.rises(connection, session.id) if session is not None else []
    events = queries.session_events(connection, session.id) if session is not None else []
    found = merged(
        of_answer(opening.answer if opening is not None else None),
        (flag_mark(each.signal, each.level, each.onset) for each in rises if not each.present_at_baseline),
        (Mark(each.time, MarkKind.EVENT, event_words(each)) for each in corrected(events)),
    )
    return [each for each in found if start <= each.time <= end]
