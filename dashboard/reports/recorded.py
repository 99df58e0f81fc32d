"""A recording's file, judged by a threshold set, as the subject of a report."""

from __future__ import annotations

from msgspec.structs import replace

from dashboard import __version__
from dashboard.importing.course import ImportedCourse
from dashboard.reports.stored import sources
from dashboard.reports.subject import Subject
from dashboard.rises.analysis import Analysis
from dashboard.sessions.events import fold
from dashboard.sessions.privacy import RECORDING
from dashboard.store.history import MARKS, Kind
from devices.recordings.base import Recording
from devices.recordings.readings.lazy import through


def recorded(name: str, read: Recording, course: ImportedCourse, analysis: Analysis, zone: str) -> Subject:
    """The session in `read`, which went as `course` and was judged as `analysis`.

    Args:
        name: the file's, without its folder. zone: in which times are written.
    """
    timeline = analysis.timeline
    t0 = timeline.timeline.t0
    assert t0 is not None  # there is no analysis without it
    # Not stored, they have no number yet.
    events = [replace(event, id=place) for place, event in enumerate(course.events, 1)]
    return Subject(
        place=name,
        number=None,
        mark=MARKS[Kind.IMPORTED],
        patient=RECORDING,
        identifier=name,
        started=min(read.first, t0),
        started_by="",
        ended=timeline.session_end,
        until=timeline.session_end,
        zone=zone,
        plan=None,
        events=events,
        course=fold(events, None),
        readings=through(read.readings, timeline.session_end),
        analysis=analysis,
        thresholds=analysis.thresholds,
        technical=read.notices,
        origin=[
            ("File", name),
            ("Read as", f"{read.format}, by risewatch {__version__}"),
            ("Rows", read.counts.sentence()),
            ("Infusion times", course.taken),
            ("Sources", sources(read.streams())),
        ],
    )
