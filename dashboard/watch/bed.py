"""One watched bed: its source, its open session, what it has to write. No port, no clock, no transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection

from dashboard.alarms.conditions import (
    LOW,
    Category,
    Condition,
    Freshness,
    cuff_conditions,
    link_conditions,
    rate_conditions,
    without_consequences,
)
from dashboard.alarms.states import Change, End, Raise, compare, escalated, reminder_due
from dashboard.store import packed, queries, writes
from dashboard.store.records import Alarm, Bed, BedState
from dashboard.watch.cuffs import CuffMemory
from dashboard.watch.freshness import BedFreshness
from dashboard.watch.session import SessionWatch
from devices.captures.writing import RollingCapture
from devices.hub import ON_PORT
from devices.instant import HOUR, SECOND
from devices.reading import Item, Notice, Reading
from devices.recordings.player import Player
from devices.signals import NIBP
from devices.source import Source

REMEMBERED = 8 * HOUR
"""How far back a bed looks for its last cuff measurement when the watch starts (µs)."""

SLOWEST_RATE = 15 * SECOND
"""A heart rate whose values come further apart completes no run (clinical definition 3.7)."""


class BedWatch:
    """What the watch keeps of one bed between two commits.

    `take` what came, `judge` once a second, `write` into a transaction, and `written` once that is durable: until
    then everything is kept, so that a failed commit loses nothing.

    Attributes:
        foreseen: of a replay, how often what lies ahead in it was found: screens look for it anew.
    """

    def __init__(self, bed: Bed, source: Source, capture: RollingCapture | None = None) -> None:
        self.bed = bed
        self.source = source
        self._capture = capture
        self.session: SessionWatch | None = None
        self._freshness = BedFreshness()
        self._listening_since: int | None = None
        self._cuffs = CuffMemory()
        self._readings: list[Reading] = []
        self._notices: list[tuple[int | None, Notice]] = []
        self._conditions: dict[str, Condition] | None = None
        self._reminded: dict[int, int] = {}
        self._escalated: set[int] = set()
        self._ended: list[SessionWatch] = []  # over, and to be written once more
        self.foreseen = 0
        self._moved: set[int] = set()  # sessions that went on to another bed, and their alarms with them

    @property
    def pending(self) -> bool:
        """Whether something waits for its commit."""
        changed = self.session is not None and self.session.pending
        return bool(self._readings or self._notices or self._ended or changed)

    @property
    def was_judged(self) -> bool:
        """Whether its alarms and its state are to be written."""
        return self._conditions is not None

    @property
    def waiting(self) -> int:
        """How many readings wait for their commit."""
        return len(self._readings)

    def resume(self, connection: Connection, now: int) -> None:
        """Takes up what the store knows of this bed: its last measurements, its open session with its rises."""
        bed_now = self.source.clock.now(now)
        self._listening_since = bed_now if self.bed.mode != "replay" else None
        latest = queries.latest_readings(connection, self.bed.id, bed_now - REMEMBERED)
        for reading in latest:
            self._freshness.take(reading)
        newest = max((each.time for each in latest if each.signal in NIBP), default=None)
        driver = getattr(self.source, "driver", None)
        self._cuffs = CuffMemory(
            [each for each in latest if each.signal in NIBP and each.time == newest],
            driver.cuff_dating if driver is not None else 0,
        )
        self.take_acts(connection, now)

    def begin_again(self, connection: Connection, now: int) -> None:
        """A replay jumped back: forgets what was played; the source gives it again, from the beginning."""
        self.session = None
        self._freshness = BedFreshness()
        self._cuffs = CuffMemory()
        self._readings.clear()
        self._notices.clear()
        self._conditions = None
        self._ended.clear()
        self.take_acts(connection, now)

    def bed_now(self, now: int) -> int:
        """The bed's clock at `now`. A replay's may be ahead of what was given: what was not heard is not judged."""
        return self.source.heard if isinstance(self.source, Player) else self.source.clock.now(now)

    def take(self, items: list[Item], now: int) -> None:
        """What the source said, heard at `now` (wall clock)."""
        readings = self._cuffs.drop_repeated([item for item in items if isinstance(item, Reading)])
        for reading in readings:
            self._freshness.take(reading)
        self._readings += readings
        session_id = self.session.id if self.session is not None else None
        self._notices += [(session_id, item) for item in items if isinstance(item, Notice)]
        if self.session is not None:
            self.session.take(readings)

    def take_acts(self, connection: Connection, now: int) -> None:
        """What people did since the last look: a session opened, its events, its end."""
        bed_now = self.bed_now(now)
        self._switch_capture(self.bed.id in queries.captured_beds(connection))
        stored = queries.open_sessions(connection).get(self.bed.id)
        if self.session is not None and (stored is None or stored.id != self.session.id):
            if self._has_moved(connection, self.session.id):
                self._moved.add(self.session.id)
            else:
                self.session.end(connection)
                self._ended.append(self.session)
            self.session = None
        if stored is not None and self.session is None:
            self.session = SessionWatch(stored)
            self._moved.discard(stored.id)
        if self.session is not None:
            by_hand = self.session.by_hand.new(connection)
            for reading in by_hand:
                self._freshness.take(reading)
            self._readings += by_hand
            self.session.take(by_hand)
            self.session.take_events(connection, bed_now, self._readings)

    def _has_moved(self, connection: Connection, session_id: int) -> bool:
        """Whether a session that is no longer at this bed goes on at another one, or has ended there."""
        return queries.session_places(connection, session_id)[-1].bed_id != self.bed.id

    def _switch_capture(self, wanted: bool) -> None:
        """Begins or ends the keeping of this bed's bytes."""
        if self._capture is None or not isinstance(self.source, ON_PORT):
            return
        if wanted and self.source.tap is None:
            self._capture.fault = ""
            self.source.tap = self._capture.write
        elif not wanted and self.source.tap == self._capture.write:  # another bed's on the same port goes on
            self.source.tap = None
            self._capture.close()

    def _tell_capture_fault(self, now: int) -> None:
        capture = self._capture
        if capture is None or not capture.fault or not isinstance(self.source, ON_PORT):
            return
        if self.source.tap == capture.write:
            self._notices.append((None, Notice(now, now, "capture-ended", capture.fault, source="capture")))
            self.source.tap = None

    def judge(self, now: int) -> None:
        """Looks at the bed once a second: closes epochs, and says which conditions hold."""
        bed_now = self.bed_now(now)
        self._tell_capture_fault(now)
        if self.session is None:
            self._conditions = {}
            return
        self.session.advance(bed_now)
        self._conditions = without_consequences([*self._technical(bed_now), *self.session.conditions()])

    def _technical(self, bed_now: int) -> list[Condition]:
        assert self.session is not None
        found: list[Condition] = []
        if self.source.clock.rate == 0:
            return found  # a paused replay ages nothing
        if not self._freshness.cuff_only:
            found += link_conditions(self._since_listening(self._freshness.link), self.session.started, bed_now)
            found += rate_conditions(self._since_listening(self._freshness.rate), bed_now)
            if self._freshness.rate.interval > SLOWEST_RATE and self.session.flags_rate:
                text = "HR not evaluable: its values come more than 15 s apart"
                found.append(Condition("hr-not-evaluable", Category.TECHNICAL, LOW, text, self.session.started, "HR"))
        cycle = self.session.cuff_cycle()
        if cycle is not None:
            found += cuff_conditions(self._freshness.cuff, self.session.started, cycle, bed_now)
        return found

    def _since_listening(self, fresh: Freshness) -> Freshness:
        """A watch that was just started has heard nothing yet: what is silent is silent from its start on."""
        if fresh.last is None or self._listening_since is None:
            return fresh
        return Freshness(max(fresh.last, self._listening_since), fresh.interval)

    def write(self, connection: Connection, batch: writes.Batch, running: Mapping[str, Alarm], now: int) -> None:
        """Everything that waits, into the caller's transaction, or into the `batch` written at its end.

        Args:
            running: this bed's alarms whose condition goes on, by key.
        """
        batch.readings += [(self.bed.id, each) for each in self._readings]
        batch.notices += [(self.bed.id, session_id, each) for session_id, each in self._notices]
        for session in self._sessions():
            session.write(connection, batch)
        if self._conditions is not None:
            self._write_alarms(connection, running, self._conditions, now)
            batch.states.append(self._state(now))

    def keep_ended(self, connection: Connection) -> None:
        """Packs the sessions that have ended, for what-if; all that they hold has been written."""
        for session in self._ended:
            with suppress(ValueError, ArithmeticError):  # what is missing is made when it is asked for
                packed.keep(connection, session.id)

    def written(self) -> None:
        """The transaction is durable."""
        self._readings.clear()
        self._notices.clear()
        self._conditions = None
        for session in self._sessions():
            session.written()
        self._ended.clear()

    def _sessions(self) -> list[SessionWatch]:
        return [*self._ended, *([self.session] if self.session is not None else [])]

    def _write_alarms(
        self, connection: Connection, running: Mapping[str, Alarm], conditions: dict[str, Condition], now: int
    ) -> None:
        session_id = self.session.id if self.session is not None else None
        left = [key for key, alarm in running.items() if alarm.session_id != session_id]
        for key in left:
            # Left by another patient's session: what was acknowledged for one is not acknowledged for the next.
            writes.end_alarm(connection, running[key].id, now, superseded=running[key].session_id in self._moved)
        running = {key: alarm for key, alarm in running.items() if key not in left}
        for step in compare(running, conditions):
            match step:
                case Raise(condition):
                    self._raise(connection, condition, now)
                case Change(alarm, condition):
                    writes.update_alarm(
                        connection,
                        alarm.id,
                        now,
                        text=condition.text,
                        value=condition.value,
                        threshold=condition.threshold,
                        priority=condition.priority,
                    )
                case End(alarm, superseded):
                    writes.end_alarm(connection, alarm.id, now, superseded)
        for alarm in running.values():
            if reminder_due(alarm, self._reminded.get(alarm.id), now):
                self._reminded[alarm.id] = now
                writes.log_alarm(connection, alarm.id, "reminded", now)
            if self.bed.mode != "replay" and alarm.id not in self._escalated and escalated(alarm, now):
                self._escalated.add(alarm.id)
                writes.log_alarm_once(connection, alarm.id, "escalated", now)

    def _raise(self, connection: Connection, condition: Condition, now: int) -> None:
        writes.raise_alarm(
            connection,
            {
                "bed_id": self.bed.id,
                "session_id": self.session.id if self.session is not None else None,
                "key": condition.key,
                "category": condition.category.value,
                "priority": condition.priority,
                "signal": condition.signal,
                "text": condition.text,
                "value": condition.value,
                "threshold": condition.threshold,
                "unit": condition.unit,
                "since": condition.since,
                "raised": now,
                "silent": 0,
            },
        )

    def _state(self, now: int) -> BedState:
        state = self.source.state(now)
        clock = self.source.clock
        return BedState(
            bed_id=self.bed.id,
            monitor=state.state,
            text=state.text,
            last_frame=now - round(state.quiet_s * 1_000_000) if state.frames else None,
            frames=state.frames,
            rejected=state.rejected,
            bytes_in=state.bytes_in,
            late=self.session.late if self.session is not None else 0,
            clock_at=clock.at,
            clock_wall=clock.wall,
            clock_rate=clock.rate,
            provisional=tuple(self.session.provisional()) if self.session is not None else (),
            replay=self._progress(),
        )

    def _progress(self) -> dict[str, Any] | None:
        """How a replay stands; None of a monitor."""
        progress: dict[str, Any] | None = getattr(self.source, "progress", None)
        return progress | {"foreseen": self.foreseen} if progress is not None else None


def write_beds(connection: Connection, readings: writes.ReadingWriter, beds: Sequence[BedWatch], now: int) -> None:
    """All that `beds` have to say, into the caller's transaction: the same few statements, however many beds."""
    batch = writes.Batch()
    running = queries.running_alarms(connection) if any(bed.was_judged for bed in beds) else {}
    for bed in beds:
        bed.write(connection, batch, running.get(bed.bed.id, {}), now)
    batch.write(connection, readings)
    for bed in beds:
        bed.keep_ended(connection)
