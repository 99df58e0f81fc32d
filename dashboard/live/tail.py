"""The store's tail: one poller for all screens. It asks 20 times a second whether anyone has committed, reads what is
new when someone has, and says it as events of the live stream's contract (docs/live-stream.md).

`StoreTail` is the reading part, given its time; `run` is the thread around it. The thread beats once a second, so a
tail that hangs or fails falls silent and every screen covers itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Set
from threading import Event as Signal
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from dashboard.errors import StoreError
from dashboard.live import gather
from dashboard.live.hub import Event
from dashboard.live.limits import ThresholdLibrary
from dashboard.live.numbers import Newest
from dashboard.live.snapshot import (
    Facts,
    bed_view,
    clock_of,
    essence,
    millis,
    reading_row,
    watch_view,
)
from dashboard.live.thinning import thinned
from dashboard.sessions.events import version_in_force
from dashboard.statements import LONGEST_DELAY_S
from dashboard.store.database import Store, change_token
from dashboard.store.records import Bed, BedState, Heartbeat
from devices import instant

POLL_S = 0.05
ALL_EVERY = 5 * instant.SECOND
"""What no new row tells of, such as a bed's new name, is looked for this often."""

JUMP = 2 * instant.SECOND
"""A bed's clock that differs from its own course by more than this has jumped: the screens start anew."""

_log = logging.getLogger(__name__)

Publish = Callable[[list[Event], Event], None]


class StoreTail:
    """Turns the store's changes into events. Not shared between threads; knows no clock.

    Args:
        store: the clinic's database. site: BED-independent facts: "name" and "zone".
    """

    def __init__(self, store: Store, site: dict[str, Any]) -> None:
        self._store = store
        self._site = site
        self._connection: Connection | None = None
        self._token: int | None = None
        self._stamp: tuple[int | None, ...] | None = None
        self._happenings: gather.Happenings | None = None
        self._happenings_at = 0
        self._all_at = 0
        self._happenings_due = False
        self._standing: gather.Standing | None = None
        self._marks: dict[int, int] = {}
        self._newest: dict[int, Newest] = {}
        self._thinned: dict[int, int] = {}
        self._told: dict[int, dict[str, Any]] = {}
        self._views: dict[int, dict[str, Any]] = {}
        self._shown_beds: list[Bed] = []
        self._beat: Heartbeat | None = None
        self._library = ThresholdLibrary()

    def poll(self, wall: int) -> list[Event]:
        """What has happened since the last call: nothing, mostly.

        Raises:
            StoreError, DBAPIError: the database cannot be read; call again later.
        """
        try:
            connection = self._connection
            if connection is None:
                connection = self._connection = self._store.engine.connect()
            token = change_token(connection)
            if token == self._token and not (self._happenings_due and wall - self._happenings_at >= instant.SECOND):
                return []
            events = self._read(connection, wall)
            # Without this PostgreSQL would hold the snapshot of this read for all later ones.
            connection.rollback()
            self._token = token
            return events
        except DBAPIError:
            self.close()
            raise

    def beat(self, wall: int) -> list[Event]:
        """The heartbeat, after the beds in which time alone has changed something."""
        events = self._changed_beds(wall, {bed.id for bed in self._shown_beds}) + self._whole_again(wall)
        events.append(Event("beat", wall // 1_000, {"server": millis(wall), "watch": watch_view(self._beat, wall)}))
        return events

    def watch_state(self, wall: int) -> str:
        """How the watch stands: "running", "stalled" or "stopped"."""
        return str(watch_view(self._beat, wall)["state"])

    def snapshot(self, wall: int) -> Event:
        """Everything, for a screen that connects now."""
        watch = watch_view(self._beat, wall)
        site = {**self._site, "demo": watch["mode"] == "demo", "longest_delay_s": LONGEST_DELAY_S}
        beds = [self._views[bed.id] for bed in self._shown_beds if bed.id in self._views]
        return Event("snapshot", wall // 1_000, {"server": millis(wall), "watch": watch, "site": site, "beds": beds})

    def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.invalidate()
            connection.close()
        self._token = None

    def _read(self, connection: Connection, wall: int) -> list[Event]:
        before = self._standing
        standing = self._standing = gather.standing(connection, before)
        self._beat = standing.heartbeat
        dirty = {
            bed_id
            for bed_id, state in standing.states.items()
            if not before or _told_of(before.states.get(bed_id)) != _told_of(state)
        }
        stamp = gather.stamp(connection)
        if self._happenings is None or stamp != self._stamp or wall - self._all_at >= ALL_EVERY:
            self._happenings = gather.happenings(connection)
            self._stamp, self._all_at, self._happenings_at, self._happenings_due = stamp, wall, wall, False
            self._library.learn(connection, self._happenings)
            dirty.update(bed.id for bed in self._happenings.beds)
        elif wall - self._happenings_at >= instant.SECOND:
            known, self._happenings = self._happenings, gather.moved(connection, self._happenings)
            self._happenings_at, self._happenings_due = wall, False
            dirty.update(
                bed_id
                for bed_id, session in known.sessions.items()
                if known.rises.get(session.id) != self._happenings.rises.get(session.id)
                or known.baselines.get(session.id) != self._happenings.baselines.get(session.id)
            )
        else:
            # A peak or a baseline may have moved without a new row: looked at once a second, not at every commit.
            self._happenings_due = True
        changed_beds = self._shown_beds != self._happenings.beds
        self._shown_beds = list(self._happenings.beds)
        jumped = self._note_jumps(before, wall) or changed_beds
        events, spoken = self._news(connection, wall)
        events += self._late(before, wall)
        dirty |= spoken
        told = self._changed_beds(wall, dirty)
        if jumped:
            return [self.snapshot(wall)]
        return events + told

    def _note_jumps(self, before: gather.Standing | None, wall: int) -> bool:
        """Forgets the readings of beds whose clock jumped; True if there were any."""
        assert self._standing is not None
        jumped = False
        for bed_id, state in self._standing.states.items():
            old = before.states.get(bed_id) if before else None
            if old is None or abs(clock_of(old).now(wall) - clock_of(state).now(wall)) <= JUMP:
                continue
            jumped = True
            self._newest.pop(bed_id, None)
            assert self._happenings is not None
            for stream_id in [each.id for each in self._happenings.streams.values() if each.bed_id == bed_id]:
                self._marks.pop(stream_id, None)
        return jumped

    def _news(self, connection: Connection, wall: int) -> tuple[list[Event], set[int]]:
        """The new readings, and the beds of which they say more than a number: a cuff measurement, a new source.

        For beds (or streams) seen for the first time only where they stand. The other beds are built anew at the next
        beat; until then a screen that connects gets the snapshot of the last one, and these readings after it.
        """
        assert self._happenings is not None
        streams = self._happenings.streams
        for bed in self._shown_beds:
            if bed.id in self._newest:
                continue
            newest = self._newest[bed.id] = Newest()
            for stream in streams.values():
                if stream.bed_id == bed.id:
                    found = gather.opening_readings(connection, stream)
                    newest.add(found)
                    if found:
                        self._marks[stream.id] = found[-1].time
        events: list[Event] = []
        spoken: set[int] = set()
        modes = {bed.id: bed.mode for bed in self._shown_beds}
        for bed_id, pairs in gather.new_readings(connection, streams, self._marks).items():
            readings = [reading for _, reading in pairs]
            newest = self._newest[bed_id]
            if newest.add(readings):
                spoken.add(bed_id)
            rows = None
            if modes[bed_id] == "replay":
                marks = {(stream.signal, stream.source): self._marks.get(stream.id) for stream, _ in pairs}
                rows = thinned(readings, marks, newest.interval)
                if rows is not None:
                    self._thinned[bed_id] = wall
            for stream, reading in pairs:
                self._marks[stream.id] = max(self._marks.get(stream.id, reading.time), reading.time)
            if rows is None and len(readings) > gather.BACKLOG:
                spoken.add(bed_id)
                events.append(Event("late", wall // 1_000, {"bed": bed_id}))
            else:
                rows = rows if rows is not None else [reading_row(each) for each in readings]
                events.append(Event("readings", wall // 1_000, {"bed": bed_id, "rows": rows}))
        return events, spoken

    def _whole_again(self, wall: int) -> list[Event]:
        """Replays that are no longer so fast: the screens fetch what was thinned."""
        done = [bed_id for bed_id, at in self._thinned.items() if abs(wall - at) >= instant.SECOND]
        for bed_id in done:
            del self._thinned[bed_id]
        return [Event("late", wall // 1_000, {"bed": bed_id}) for bed_id in done]

    def _late(self, before: gather.Standing | None, wall: int) -> list[Event]:
        """Readings that came too late stand before what the screens have drawn: they fetch the series again."""
        assert self._standing is not None
        if before is None:
            return []
        return [
            Event("late", wall // 1_000, {"bed": bed_id})
            for bed_id, state in self._standing.states.items()
            if bed_id in before.states and state.late > before.states[bed_id].late
        ]

    def _changed_beds(self, wall: int, dirty: Set[int]) -> list[Event]:
        """Builds the beds that may have changed anew and says those that changed in more than their readings."""
        events = []
        for bed in self._shown_beds:
            if bed.id not in dirty:
                continue
            view = bed_view(self._facts(bed), self._newest.get(bed.id) or Newest(), wall)
            now_told = essence(view)
            self._views[bed.id] = view
            if self._told.get(bed.id) != now_told:
                self._told[bed.id] = now_told
                events.append(Event("bed", wall // 1_000, view))
        return events

    def _facts(self, bed: Bed) -> Facts:
        assert self._standing is not None
        assert self._happenings is not None
        state = self._standing.states.get(bed.id)
        alarms = self._happenings.alarms.get(bed.id, ())
        session = self._happenings.sessions.get(bed.id)
        if session is None:
            return Facts(bed, state, alarms=alarms)
        events = self._happenings.events[session.id]
        baselines = self._happenings.baselines[session.id]
        version_id = version_in_force(events, session.threshold_version_id)
        return Facts(
            bed=bed,
            state=state,
            session=session,
            events=events,
            baselines=baselines,
            rises=self._happenings.rises[session.id],
            alarms=alarms,
            last_passed=self._happenings.last_passed.get(session.id),
            judged=self._beat.started if self._beat is not None else None,
            thresholds=self._library.version(version_id),
            limits=self._library.limits(version_id, baselines),
        )


def _told_of(state: BedState | None) -> tuple[object, ...] | None:
    """What of a bed's state is told as soon as it changes; counters are told with the next beat."""
    if state is None:
        return None
    return state.monitor, state.text, state.clock_rate, state.late, state.provisional, state.replay


def run(
    tail: StoreTail,
    publish: Publish,
    stop: Signal,
    clock: Callable[[], int] = instant.now,
    asked: Signal | None = None,
) -> None:
    """Polls until `stop` is set, handing events to `publish`. Runs in a thread of its own.

    It beats once a second, and at once when the watch stalls or comes back, or when `asked` is set: a screen that has
    just connected again is covered until the next beat.

    While the database cannot be read there is no beat either: the screens cover themselves after 3 s, and come back
    when reading works again.
    """
    next_beat = 0
    failing = False
    told = ""
    while not stop.wait(POLL_S):
        wall = clock()
        events: list[Event] = []
        try:
            events = tail.poll(wall)
            failing = False
        except Exception as error:
            # Whatever it is, the screens must be told by silence, and the tail must be there when it is over.
            if not failing:
                _log.error("the live stream cannot be read from the database: %s", error, exc_info=_surprising(error))
            failing = True
            tail.close()
        if failing:
            continue
        state = tail.watch_state(wall)
        wanted = asked is not None and asked.is_set()
        # Also when the wall clock was set back: a beat is due at least once a second.
        if wall >= next_beat or next_beat - wall > instant.SECOND or state != told or wanted:
            if asked is not None and wanted:
                asked.clear()
            told = state
            next_beat = wall + instant.SECOND
            events += tail.beat(wall)
        if events:
            publish(events, tail.snapshot(wall))
    tail.close()


def _surprising(error: Exception) -> bool:
    return not isinstance(error, DBAPIError | StoreError)
