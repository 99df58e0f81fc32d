"""The watch: one process that owns ports, detection, alarms and their writes. It needs no browser.

One loop: wait for bytes (or the next due moment), hand what the monitors said to their beds, and commit what all
beds have to say in one durable transaction: at once when the last commit is 100 ms old, else when it is. Once a
second every bed is judged (alarms, ages) and the heartbeat is written. What people did is read from the store as
soon as it changes.
"""

from __future__ import annotations

import logging
import signal

from dashboard import __version__
from dashboard.errors import StoreError
from dashboard.importing.leftovers import Tidying
from dashboard.store import queries, writes
from dashboard.store.database import BUSY_MS, WATCH_BUSY_MS, Store
from dashboard.watch.bed import BedWatch, write_beds
from dashboard.watch.desk import Desk
from dashboard.watch.replays import Replays
from devices.hub import Hub
from devices.instant import SECOND

_log = logging.getLogger(__name__)

COMMIT_EVERY = SECOND // 10
"""At most this long does a reading wait for its commit (µs)."""

ACTS_EVERY = SECOND // 5
"""How often the store is asked whether someone has done something (µs)."""


class Watch:
    """The running watch.

    Args:
        store: where everything goes. name: of this watch, for its heartbeat. mode: "live" or "demo".
        beds: the watched beds. replays: opens, steers and closes replay beds.
        desk: answers what people ask about ports and monitors.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        mode: str,
        beds: list[BedWatch],
        replays: Replays,
        desk: Desk,
    ) -> None:
        self.store = store
        self.name = name
        self.mode = mode
        self.beds = beds
        self.replays = replays
        self.desk = desk
        self.hub = Hub([bed.source for bed in beds])
        self.started = self.hub.now
        self._by_source = {id(bed.source): bed for bed in beds}
        self._tidying = Tidying(store)
        self._writer = writes.ReadingWriter()
        self._last_commit = 0
        self._commit_pause = COMMIT_EVERY
        self._last_judged = 0
        self._last_acts = 0
        self._newest: tuple[int, ...] | None = None
        self._stopping = False
        self._store_failing = False

    def run(self) -> None:
        """Watches until `stop` is called (or SIGINT or SIGTERM comes), then says goodbye in the heartbeat."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stop())
        try:
            with self.store.reading() as connection:
                for bed in self.beds:
                    bed.resume(connection, self.hub.now)
            self._commit(self.hub.now)
            self.store.busy_ms = WATCH_BUSY_MS
            self._tidying.start()
            while not self._stopping:
                self.step()
        finally:
            self.replays.close()
            self.desk.close()
            self._tidying.close()
            self._goodbye()

    def stop(self) -> None:
        """Ends `run` after the step that is going on. Safe from a signal handler."""
        self._stopping = True
        self.hub.wakeup()

    def step(self) -> None:
        """One turn of the loop: waits for what comes next, at most until something is due."""
        now = self.hub.now
        for source, items in self.hub.wait(self._wait_s(now), self._rest_s(now)):
            self._by_source[id(source)].take(items, self.hub.now)
        now = self.hub.now
        if _passed(self._last_acts, now, ACTS_EVERY):
            self._last_acts = now
            self._take_acts(now)
        beat = _passed(self._last_judged, now, SECOND)
        if beat:
            self._last_judged = now
        for bed in self.beds:
            # What happened in a session is judged at once, all else once a second.
            if beat or (bed.session is not None and bed.session.pending):
                bed.judge(now)
        if beat or (self._pending() and _passed(self._last_commit, now, self._commit_pause)):
            self._commit(now, beat)

    def _wait_s(self, now: int) -> float:
        due = [self._last_judged + SECOND, self._last_acts + ACTS_EVERY]
        if self._pending():
            due.append(self._last_commit + self._commit_pause)
        return min(1.0, max(0.0, (min(due) - now) / SECOND))

    def _rest_s(self, now: int) -> float:
        """How long bytes may wait: until what they say can be committed. Read sooner, it would wait here instead."""
        return min(COMMIT_EVERY, self._last_commit + COMMIT_EVERY - now) / SECOND

    def _pending(self) -> bool:
        return any(bed.pending for bed in self.beds)

    def _take_acts(self, now: int) -> None:
        """Reads what people have done since the last look: session events, commands to the watch."""
        try:
            with self.store.reading() as connection:
                newest = queries.newest_acts(connection)
                is_new = newest != self._newest
                if is_new or self.replays.busy:
                    for bed in self.beds:
                        bed.take_acts(connection, now)
            if is_new or self.replays.busy:
                self._apply_replays(now)
            if is_new or self.desk.busy:
                self.desk.carry_out(self.store, now)
            self._newest = newest
        except StoreError as error:
            self._store_failed(error)

    def _apply_replays(self, now: int) -> None:
        opened, closed = self.replays.carry_out(self.store, self.beds, now)
        for bed in closed:
            self.beds.remove(bed)
            del self._by_source[id(bed.source)]
            self.hub.remove(bed.source)
        for bed in opened:
            self.beds.append(bed)
            self._by_source[id(bed.source)] = bed
        for bed in self.beds:
            if bed.bed.mode == "replay":
                self.hub.add(bed.source)  # a player that stood still is not asked again until it is added anew

    def _commit(self, now: int, beat: bool = True) -> None:
        """Writes all that the beds have to say, with the heartbeat, in one transaction; keeps it all if that fails."""
        try:
            with self.store.writing() as connection:
                write_beds(connection, self._writer, self.beds, now)
                if beat:
                    writes.beat(connection, self.name, now, self.started, __version__, self.mode)
        except StoreError as error:
            self._writer.forget()
            self._store_failed(error)
            # Tried again in a second; without a heartbeat the screens cover themselves.
            self._last_commit, self._commit_pause = now, SECOND
            return
        for bed in self.beds:
            bed.written()
        if self._store_failing:
            self._store_failing = False
            _log.warning("the database can be written again; nothing was lost")
        self._last_commit, self._commit_pause = now, COMMIT_EVERY

    def _store_failed(self, error: StoreError) -> None:
        if not self._store_failing:
            self._store_failing = True
            _log.error("%s; readings are kept in memory and tried again", error)

    def _goodbye(self) -> None:
        for bed in self.beds:
            bed.source.close()
        now = self.hub.now
        self.store.busy_ms = BUSY_MS  # the last chance: no port waits any more
        self._commit(now)
        lost = sum(bed.waiting for bed in self.beds)
        if lost:
            _log.error("the watch ends, and the last readings could not be written and are lost: %d", lost)
        try:
            with self.store.writing() as connection:
                writes.stop_beating(connection, self.name, now)
        except StoreError as error:
            self._store_failed(error)
        self.store.close()


def _passed(since: int, now: int, span: int) -> bool:
    """Whether `span` has passed. A clock that was set back must not hold everything up until it is there again."""
    return abs(now - since) >= span
