"""A stored session judged anew, from its stored readings, by the machine that watched it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from dashboard.errors import SessionError
from dashboard.rises.analysis import Analysis, analyse
from dashboard.rises.explanation import Explanation, NotExplained, explain
from dashboard.rises.outcomes import Outcome
from dashboard.rises.streams import Change
from dashboard.rises.timeline import Timeline
from dashboard.sessions.events import EventKind, SessionEvent, fold
from dashboard.store import acts, queries
from dashboard.store.material import material
from dashboard.store.records import StoredRise, ThresholdVersion
from devices.reading import Notice, Reading
from devices.signals import NIBP


class Judged(Struct, frozen=True):
    """A stored session judged anew.

    Attributes:
        versions: the number of each threshold set that was in force, by its hash.
        going_on: the session has not ended.
    """

    analysis: Analysis
    versions: Mapping[str, int]
    going_on: bool

    def explain(self, rise: StoredRise) -> Explanation:
        """Why `rise` was flagged.

        Raises:
            NotExplained: it does not follow from what is stored.
        """
        for each in self.analysis.rises:
            episode = each.episode
            if (episode.signal, episode.level, episode.onset) == (rise.signal, rise.level, rise.onset):
                found = explain(self.analysis, each, self.versions)
                # While a session goes on its end is not known: the class that the watch gave is the one that counts.
                return replace(found, rise=replace(each, outcome=Outcome(rise.outcome)))
        raise NotExplained("that rise does not follow from the readings that are stored, so it cannot be explained")


def judged(connection: Connection, session_id: int, bed_now: int) -> Judged:
    """The session as it was watched, as it stands at `bed_now`, or as it ended.

    Raises:
        SessionError: it does not exist, or its infusion has not started.
    """
    return _judge(connection, session_id, bed_now, as_watched=True)


def reviewed(connection: Connection, session_id: int, bed_now: int) -> Judged:
    """The session as it is now known: from all its readings, sorted, also those that came too late for the live
    detector (3.7), and from the corrected start of the drug (3.2). What a report says; arguments as `judged`.
    """
    return _judge(connection, session_id, bed_now, as_watched=False)


def _judge(connection: Connection, session_id: int, bed_now: int, as_watched: bool) -> Judged:
    measured = material(connection, session_id, bed_now)
    if measured is None:
        raise SessionError("that session does not exist")
    session, events = measured.session, measured.events
    course = fold(events, session.planned_minutes, bed_now if session.mode == "replay" else None)
    t0 = course.t0_entered if as_watched else course.t0
    if t0 is None:
        raise SessionError("the infusion has not started, so there is nothing to judge yet")
    first = queries.threshold_version(connection, session.threshold_version_id)
    assert first is not None  # a foreign key
    thresholds = acts.thresholds_of(first)
    changed, versions = changes(connection, events)
    end = session.ended if session.ended is not None else bed_now
    timeline = Timeline(t0, course.infusion_end, course.planned_end, end)
    if as_watched:
        late = [
            Notice(each.time, each.received, each.kind, each.text, each.signal)
            for each in queries.session_notices(connection, session_id, "late")
        ]
        analysis = analyse(_in_time(measured.readings, late), timeline, thresholds, None, changed)
        told = sorted([*analysis.notices, *late], key=lambda each: (each.time, each.kind, each.signal))
        analysis = replace(analysis, notices=tuple(told))
    else:
        analysis = analyse(measured.readings, timeline, thresholds, None, changed)
    numbers = {version.hash: version.version for version in [first, *versions]}
    return Judged(analysis, numbers, session.ended is None)


def changes(connection: Connection, events: Iterable[SessionEvent]) -> tuple[list[Change], list[ThresholdVersion]]:
    """Threshold and baseline changes among `events`, for later readings only, and the versions chosen."""
    found, versions = [], []
    for event in events:
        author, reason = event.author, str(event.detail.get("reason", ""))
        if event.kind is EventKind.THRESHOLDS:
            version = queries.threshold_version(connection, int(event.detail["threshold_version_id"]))
            if version is not None:
                versions.append(version)
                found.append(Change(event.time, acts.thresholds_of(version), None, author, reason))
        elif event.kind is EventKind.BASELINE:
            value = {event.detail["signal"]: float(event.detail["value"])}
            found.append(Change(event.time, None, value, author, reason))
    return found, versions


def _in_time(readings: Iterable[Reading], late: Iterable[Notice]) -> list[Reading]:
    """Without those that were told of as late."""
    known = {(each.time, each.received, each.signal) for each in late}
    return [
        each
        for each in readings
        if (each.time, each.received, "NIBP" if each.signal in NIBP else each.signal) not in known
    ]
