"""What lies ahead in a replay: since the file is whole, its rises can be found before they are played.

They are found in a process apart, by looking back upon the file as `flag` does, and anew when somebody changes
thresholds, a baseline or the infusion's start in the replay.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future

from sqlalchemy import Connection

from dashboard.apart import ApartExecutor, Shared, Worker
from dashboard.rises.timeline import Timeline
from dashboard.sessions.events import ALLOWED, EventKind, SessionEvent, fold
from dashboard.sessions.replay_marks import Mark, to_answer
from dashboard.store import acts, queries, writes
from dashboard.store.database import Store
from dashboard.store.judged import changes
from dashboard.watch.bed import BedWatch
from dashboard.watch.reading import MEMORY, Question, marks
from devices.recordings.player import Player
from devices.recordings.score import Score

_log = logging.getLogger(__name__)

_DECIDING = frozenset({*ALLOWED, EventKind.PLAN, EventKind.THRESHOLDS, EventKind.BASELINE, EventKind.CORRECTION})

_UNKNOWN = "what lies ahead in the replay is not known"
_LONGEST_S = 1_800.0
"""What lies ahead in a recording that takes longer is not known."""


class Lookahead:
    """Keeps the marks of the open replays up to date in the store."""

    def __init__(self) -> None:
        worker = Worker(undone=_UNKNOWN, memory=MEMORY, seconds=_LONGEST_S, clear_up_s=0)
        self._executor = ApartExecutor(worker)
        self._asked: dict[int, tuple[int, ...]] = {}  # which events decided
        self._pending: dict[int, Future[list[Mark]]] = {}

    @property
    def busy(self) -> bool:
        """Whether marks are being looked for: then `update` has something to do though nothing is new."""
        return bool(self._pending)

    def close(self) -> None:
        self._executor.close()

    def _give_up(self, bed_id: int) -> None:
        """Nobody waits any more for what was asked of that bed."""
        left = self._pending.pop(bed_id, None)
        if left is not None:
            left.cancel()

    def update(self, store: Store, beds: Iterable[BedWatch], recordings: Mapping[int, Shared[Score]]) -> None:
        """Looks for the marks of replays whose question is new, and writes down those that were found.

        Args:
            recordings: what is replayed, by the bed's id.
        """
        replays = {bed.bed.id: bed for bed in beds if isinstance(bed.source, Player) and bed.session is not None}
        for gone in self._asked.keys() - replays.keys():
            del self._asked[gone]
            self._give_up(gone)
        for bed_id, bed in replays.items():
            assert isinstance(bed.source, Player) and bed.session is not None
            with store.reading() as connection:
                events = queries.session_events(connection, bed.session.id)
                # What people note changes no flag.
                deciding = tuple(event.id for event in events if event.kind in _DECIDING)
                if deciding == self._asked.get(bed_id):
                    continue
                question = _question(connection, bed.session.id, events, bed.source.end)
            self._asked[bed_id] = deciding
            self._give_up(bed_id)
            self._pending[bed_id] = self._executor.submit(marks, recordings[bed_id], question)
        for bed_id in [each for each, future in self._pending.items() if future.done()]:
            future = self._pending.pop(bed_id)
            error = future.exception()
            if error is not None:  # the replay itself goes on; it is only not known what lies ahead
                _log.error("what lies ahead in a replay cannot be found", exc_info=error)
                continue
            found = future.result()
            with store.writing() as connection:
                opening = queries.opening_of(connection, bed_id)
                if opening is not None:
                    writes.answer_replay_command(connection, opening.id, to_answer(found))
            replays[bed_id].foreseen += 1


def _question(connection: Connection, session_id: int, events: Sequence[SessionEvent], end: int) -> Question:
    """What decides the flags of a replay's session."""
    session = queries.session(connection, session_id)
    assert session is not None
    version = queries.threshold_version(connection, session.threshold_version_id)
    assert version is not None  # a foreign key
    changed, _ = changes(connection, events)
    course = fold(events, session.planned_minutes)
    timeline = Timeline(course.t0_entered, course.infusion_end, course.planned_end, end)
    return Question(timeline, acts.thresholds_of(version), tuple(changed))
