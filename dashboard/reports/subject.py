"""What a session report is about, wherever it comes from: the store or a recording's file. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from dashboard.rises.analysis import Analysis
from dashboard.rises.thresholds import ThresholdSet
from dashboard.sessions.events import Course, SessionEvent
from dashboard.sessions.plan import Plan
from dashboard.store.records import Alarm, StoredNotice, StoredRise
from devices.reading import Notice, Reading


class VersionShown(Struct, frozen=True):
    """A stored version of a threshold set: who made it, when (wall clock) and why."""

    version: int
    author: str
    reason: str
    created: int


class Subject(Struct, frozen=True):
    """One session.

    Attributes:
        place: the bed, or the file. number: the session's, None of a file. mark: of `dashboard.store.history.MARKS`.
        patient, identifier: as they are to be written in the report.
        started, until: of the session and of what is reported; both on the bed's clock. ended: None while it goes on.
        plan: as it is now; None where nobody made one. events: as entered, with corrections. course: what they come to.
        analysis: by all readings and the corrected start; None if the drug was not started.
        thresholds: at the session's start. versions: of the store, by hash.
        watched: the rises that were flagged live; None where nobody watched (a file, an import).
        technical: what monitors, links and readers said. late: readings that came too late for live flags.
        origin: where the readings are from, name by name.
    """

    place: str
    number: int | None
    mark: str
    patient: str
    identifier: str
    started: int
    started_by: str
    ended: int | None
    until: int
    zone: str
    plan: Plan | None
    events: Sequence[SessionEvent]
    course: Course
    readings: Sequence[Reading]
    analysis: Analysis | None
    thresholds: ThresholdSet
    versions: Mapping[str, VersionShown] = field(default_factory=dict)
    watched: Sequence[StoredRise] | None = None
    alarms: Sequence[Alarm] = ()
    technical: Sequence[Notice | StoredNotice] = ()
    late: Sequence[Notice | StoredNotice] = ()
    origin: Sequence[tuple[str, str]] = ()

    @property
    def goes_on(self) -> bool:
        """The session has not ended: what is open may still return."""
        return self.ended is None
