"""The report of one session, as a clinic files it: who, what was given, what was measured and flagged, and why. Pure.

Order as in a hand-over: open items first. Every number comes from the machine that watches live.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import __version__
from dashboard.reports import course_sections, limit_sections, rise_sections
from dashboard.reports.document import Figure, Pairs, Report, Section, texts
from dashboard.reports.moments import Moments
from dashboard.reports.subject import Subject
from dashboard.reports.trends import trends
from dashboard.sessions.checklist import open_items
from dashboard.statements import statements
from devices import instant

_CAPTION = (
    "Cuff measurements are bars from diastolic to systolic, never joined; crossed and grey ones do not count. Lines "
    "break where nothing came. Shades: rises from onset to return, with signal and level (systolic ones above, "
    "diastolic ones below); bands: from the baseline up to where a rise counts as over; dotted: limits. A question "
    "mark stands where readings are to be doubted; numbers at the top are those of the events."
)


def session_report(subject: Subject, made: int) -> Report:
    """The report of `subject`. `made`: when it is made, on the wall's clock."""
    moments = Moments(subject.zone, subject.started, subject.course.t0)
    name = subject.place if subject.number is None else f"{subject.place}, session {subject.number}"
    found = rise_sections.Flagged(subject, moments)
    # First what is handed over, then what it rests on.
    sections = [
        Section("Open items", (texts(*_open(subject), important=True),)),
        course_sections.plan_and_dose(subject, moments),
        *found.baseline(),
        *found.extremes(),
        Section("Trends", (Figure(trends(subject, moments), "Trends of the session", _CAPTION),)),
        *found.rises(),
        *found.not_looked_at(),
        *found.low_limits(),
        *course_sections.events(subject, moments),
        course_sections.alarms(subject, moments),
        *found.explanations(),
        *found.doubts(),
        limit_sections.thresholds(subject, moments),
        *course_sections.technical(subject, moments),
    ]
    now = instant.to_datetime(made, instant.zone_named(subject.zone)).isoformat(sep=" ", timespec="seconds")
    return Report(
        title=f"Session report: {name}",
        who=" · ".join(dict.fromkeys(each for each in (subject.patient, subject.identifier) if each)),
        mark=subject.mark,
        made=f"Made {now} by risewatch {__version__}",
        head=Pairs(tuple(_head(subject, moments))),
        sections=tuple(sections),
        statements=statements(),
    )


def _open(subject: Subject) -> Sequence[str]:
    rises = [each.episode for each in subject.analysis.rises] if subject.analysis is not None else []
    found = [f"{each[:1].upper()}{each[1:]}." for each in open_items(rises, subject.alarms)]
    if subject.goes_on:
        found.insert(0, "The session is still running: this report ends where it stood when it was made.")
    if subject.analysis is None:
        found.append("The infusion was not started: nothing was compared with a baseline.")
    return found or ["None of those this program knows of: no rise was left open, no alarm unacknowledged."]


def _head(subject: Subject, moments: Moments) -> list[tuple[str, str]]:
    course, by = subject.course, f" by {subject.started_by}" if subject.started_by else ""
    version = subject.versions.get(subject.thresholds.hash)
    number = "" if version is None else f", version {version.version}"
    found = [
        ("Patient", subject.patient),
        ("Second identifier", subject.identifier),
        ("Place", subject.place),
        ("Session", "of a file" if subject.number is None else str(subject.number)),
        ("Started", f"{moments.dated(subject.started)}{by}"),
        ("Infusion", _infusion(subject, moments)),
        ("Ended", "still running" if subject.ended is None else moments.dated(subject.ended)),
        ("Thresholds", f"{subject.thresholds.name}{number} ({subject.thresholds.hash[:8]})"),
        ("Times", moments.said()),
    ]
    if course.t0 is not None and course.t0_entered not in (None, course.t0):
        entered = moments.clock(course.t0_entered)
        found.insert(6, ("Corrected start", f"entered as {entered}; live flags went on from there, this report does "
                         f"from {moments.clock(course.t0)}"))  # fmt: skip
    return found


def _infusion(subject: Subject, moments: Moments) -> str:
    if subject.analysis is None or subject.course.t0 is None:
        return "not started"
    closed = subject.analysis.timeline
    end = moments.clock(closed.infusion_end)
    if subject.course.infusion_end is not None:
        return f"{moments.clock(subject.course.t0)} to {end}"
    if subject.goes_on:
        return f"from {moments.clock(subject.course.t0)}, not stopped"
    return f"{moments.clock(subject.course.t0)} to {end} (no stop was recorded, the end is assumed)"
