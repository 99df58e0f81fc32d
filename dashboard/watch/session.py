"""One open session as the watch keeps it: its detector, and what of it has changed since the last commit.

The detector holds nothing that cannot be had again: after a restart, or when the start of the infusion becomes
known, a new one is made and run over the stored readings as they came. Rises have their onset for identity, so
writing them again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection

from dashboard.alarms.conditions import MEDIUM, Category, Condition
from dashboard.rises.baseline import CUFF_WINDOW
from dashboard.rises.episodes import Episode, Scope
from dashboard.rises.live import SessionDetector
from dashboard.rises.prepare import assemble, in_order
from dashboard.rises.streams import Change
from dashboard.rises.suspect import Doubts
from dashboard.rises.thresholds import CUFF_SIGNALS, ThresholdSet
from dashboard.rises.timeline import Timeline
from dashboard.rises.validity import Cuff, rejection
from dashboard.sessions.events import EVIDENCE, Course, SessionEvent, fold
from dashboard.store import acts, queries, writes
from dashboard.store.judged import changes
from dashboard.store.records import Baseline, Session
from dashboard.watch.by_hand import HandReadings
from dashboard.watch.episode_conditions import condition_of
from devices.instant import MINUTE, SECOND
from devices.reading import Notice, Reading

WAIT_FOR_SAMPLES = SECOND // 2
"""An epoch is closed this long after its end, so that a sample on its way is not late (µs)."""

_TECHNICAL = {"high-but-rejected": "cuff-implausible", "rejections": "cuff-rejected"}
"""Notices of the detector that stand as technical alarms until the next valid cuff measurement."""


class SessionWatch:
    """An open session under watch.

    Attributes:
        id, started: of the session.
        late: readings that came too late for live detection. by_hand: cuff readings that people enter.
    """

    def __init__(self, session: Session) -> None:
        self.id = session.id
        self.started = session.started
        self.late = 0
        self._session = session
        self._is_replay = session.mode == "replay"
        # In a replay everything up to the clock has been given, and nothing is on its way.
        self._wait = 0 if self._is_replay else WAIT_FOR_SAMPLES
        self._events: list[SessionEvent] | None = None
        self.by_hand = HandReadings(session.id)
        self._course = fold([], session.planned_minutes)
        self._detector: SessionDetector | None = None
        self._doubts = Doubts()
        self._thresholds: ThresholdSet | None = None
        self._versions: dict[str, int] = {}
        self._bed_now = session.started
        self._notices: list[Notice] = []
        self._known_notices: set[tuple[str, str, int, int]] = set()
        self._technical: dict[str, Condition] = {}
        self._valid_cuff = session.started - CUFF_WINDOW
        self._written_rises: dict[tuple[str, int, int], dict[str, Any]] = {}
        self._written_baselines: tuple[Baseline, ...] = ()
        self._staged: tuple[dict[tuple[str, int, int], dict[str, Any]], tuple[Baseline, ...]] = ({}, ())
        self._changed = self._judged = False

    @property
    def pending(self) -> bool:
        """Whether something is to be written before the next second is over."""
        return self._changed

    def take(self, readings: Sequence[Reading]) -> None:
        """What the bed's source has said; all readings of a cuff measurement in one call."""
        if self._detector is None or not readings:
            return
        if self._is_replay:
            self._push(readings)
        else:
            self._push_as_received(readings)

    def take_events(self, connection: Connection, bed_now: int, pending: Sequence[Reading]) -> None:
        """Looks what people have entered since the last time.

        Args:
            pending: readings of this bed that are not in the store yet.
        """
        self._bed_now = bed_now
        events = queries.session_events(connection, self.id)
        if self._events is not None and len(events) == len(self._events):
            return
        new = events[len(self._events or ()) :]
        first_look, had_start = self._events is None, self._course.t0_entered is not None
        self._events = events
        self._course = fold(events, self._session.planned_minutes)
        if first_look or (self._course.t0_entered is not None and not had_start):
            self._rebuild(connection, bed_now, pending)
        else:
            assert self._detector is not None
            self._detector.timeline = self._timeline()
            for change in self._changes(connection, new):
                self._detector.change(change.at, change.thresholds, change.baselines)
        self._changed = True

    def end(self, connection: Connection) -> None:
        """The session has ended: the last whole epochs count, an infusion without a stop ended as planned."""
        events = queries.session_events(connection, self.id)
        self._course = fold(events, self._session.planned_minutes)
        session = queries.session(connection, self.id)
        assert session is not None and session.ended is not None
        self._bed_now = session.ended
        self._judged = True
        if self._detector is not None:
            closed = replace(self._timeline(), session_end=session.ended).closed(session.ended)
            self._detector.timeline = replace(closed.timeline, infusion_end=closed.infusion_end)
            self._note(self._detector.finish(session.ended))
            self._note(self._doubts.advance(session.ended))

    def advance(self, bed_now: int) -> None:
        """The bed's clock has gone on."""
        self._bed_now = bed_now
        self._judged = True
        self._advance(bed_now - self._wait)

    def conditions(self) -> list[Condition]:
        """What of this session deserves an alarm now: per signal the highest limit passed, and doubtful cuffs."""
        if self._detector is None:
            return []
        highest: dict[tuple[Scope, str], Episode] = {}
        for episode in self._detector.open:
            key = (episode.scope, episode.signal)
            if key not in highest or episode.level > highest[key].level:
                highest[key] = episode
        doubtful = [each for each in self._technical.values() if each.since > self._valid_cuff]
        return [condition_of(episode) for episode in highest.values()] + doubtful

    def provisional(self) -> list[Mapping[str, Any]]:
        """Runs of cuff readings that are not yet long enough: "1 of 2, repeat cuff"."""
        if self._detector is None:
            return []
        return [
            {
                "signal": mark.signal,
                "level": mark.level,
                "have": mark.count,
                "need": mark.needed,
                "value": mark.value,
                "threshold": mark.threshold,
                "since": mark.since,
            }
            for mark in self._detector.marks
            if mark.scope is Scope.RISE and mark.signal in CUFF_SIGNALS
        ]

    @property
    def flags_rate(self) -> bool:
        """Whether the thresholds say anything of the heart rate."""
        return self._thresholds is not None and bool(self._thresholds.levels_of("HR"))

    def cuff_cycle(self) -> int | None:
        """How far apart cuff measurements are expected (µs), None before the thresholds are known."""
        return None if self._thresholds is None else round(self._thresholds.longest_interval_min * MINUTE)

    def write(self, connection: Connection, batch: writes.Batch) -> None:
        """What has changed, into the caller's transaction or its `batch`."""
        batch.notices += [(self._session.bed_id, self.id, each) for each in self._notices]
        if not (self._judged or self._changed):
            return  # between two judgements only events change anything
        rises = self._rises()
        baselines = self._baselines()
        for key, rise in rises.items():
            if self._written_rises.get(key) != rise:
                writes.write_rise(connection, self.id, rise)
        if baselines != self._written_baselines:
            batch.baselines += [(self.id, each) for each in baselines]
        self._staged = (rises, baselines)

    def written(self) -> None:
        """The transaction is durable."""
        self._written_rises, self._written_baselines = self._staged
        self._notices.clear()
        self._changed = self._judged = False

    def _rebuild(self, connection: Connection, bed_now: int, pending: Sequence[Reading]) -> None:
        """A new detector, run over what is stored in the order in which it came."""
        version = queries.threshold_version(connection, self._session.threshold_version_id)
        assert version is not None  # a foreign key
        first = self._thresholds = acts.thresholds_of(version)
        self._versions[first.hash] = version.id
        # The detector begins with the first set, whatever is in force by now: open events keep their limits.
        self._detector = SessionDetector(self._timeline(), first, changes=self._changes(connection, self._events or []))
        self._known_notices = queries.notice_keys(connection, self.id)
        t0 = self._course.t0_entered
        before = max(0, self.started - t0) if t0 is not None else 0
        stored = queries.session_readings(connection, self.id, EVIDENCE + before)
        known = set(stored)
        here = queries.session_places(connection, self.id)[-1].since - EVIDENCE - before
        readings = stored + [each for each in pending if each not in known and each.time >= here]
        self._doubts = Doubts()
        if self._is_replay:
            self._push(readings)
            return
        self._push_as_received(readings)
        self._advance(bed_now - WAIT_FOR_SAMPLES)

    def _push_as_received(self, readings: Sequence[Reading]) -> None:
        """What is late is decided by when it was received and by nothing else: not by how often the watch looks, nor
        by whether it was started anew since. So the same readings are late, and the same runs complete."""
        for received, batch in groupby(readings, key=lambda each: each.received):
            self._advance(received - WAIT_FOR_SAMPLES)
            self._push(list(batch))

    def _push(self, readings: Sequence[Reading]) -> None:
        """All readings of a cuff measurement in one call; in a replay all of one instant."""
        assert self._detector is not None
        self._look(in_order(readings))
        # A file is sorted and cleared of doubles before it is judged (3.11.4-5); live, what comes second is late (3.7).
        take = self._detector.catch_up if self._is_replay else self._detector.push
        self._note(take(readings))

    def _advance(self, until: int) -> None:
        if self._detector is not None:
            self._note(self._detector.advance(until))
            self._note(self._doubts.advance(until))

    def _look(self, readings: Sequence[Reading]) -> None:
        """Marks what is suspect, and remembers the last valid cuff: it answers every doubt about an earlier one."""
        items = assemble(readings)
        self._note(self._doubts.push(items))
        for cuff in items:
            if isinstance(cuff, Cuff) and rejection(cuff) is None:
                self._valid_cuff = max(cuff.time, self._valid_cuff)

    def _timeline(self) -> Timeline:
        course: Course = self._course
        # A start corrected afterwards counts for the report; what has been flagged stays (3.2).
        return Timeline(t0=course.t0_entered, infusion_end=course.infusion_end, planned_end=course.planned_end)

    def _changes(self, connection: Connection, events: Sequence[SessionEvent]) -> list[Change]:
        """Threshold and baseline changes among `events`; the last thresholds are those in force."""
        found, versions = changes(connection, events)
        self._versions |= {version.hash: version.id for version in versions}
        self._thresholds = next((each.thresholds for each in reversed(found) if each.thresholds), self._thresholds)
        return found

    def _note(self, events: Sequence[object]) -> None:
        """Keeps the detector's notices, each once; anything that happened makes the session worth writing now."""
        for event in events:
            self._changed = True
            if not isinstance(event, Notice):
                continue
            if event.kind == "late":
                self.late += 1
                if self._course.t0_entered is None and event.signal != "NIBP":
                    continue  # epochs are laid anew from the start of the drug: it is late only if it is so then
            if event.kind in _TECHNICAL:
                key = _TECHNICAL[event.kind]
                self._technical[key] = Condition(key, Category.TECHNICAL, MEDIUM, event.text, event.time, "NIBP")
            identity = (event.kind, event.signal, event.time, event.received)
            if identity not in self._known_notices:
                self._known_notices.add(identity)
                self._notices.append(event)

    def _rises(self) -> dict[tuple[str, int, int], dict[str, Any]]:
        """All rises so far as rows of the store, by signal, level and onset."""
        if self._detector is None:
            return self._written_rises
        return {
            (each.signal, each.level, each.onset): writes.rise_row(
                each, self._detector.outcome(each, self._bed_now), self._versions[each.thresholds]
            )
            for each in self._detector.episodes(Scope.RISE)
        }

    def _baselines(self) -> tuple[Baseline, ...]:
        if self._detector is None:
            return ()
        return tuple(
            Baseline(signal, each.value, each.n, each.status.value) for signal, each in self._detector.baselines.items()
        )
