"""What happens in a session, as events that only grow; phase and timeline are folded from them.

Pure: instants come in, on the bed's clock. Two infusion starts: the first defines t0. Infusion end is the last
recorded stop; without one, the planned end, marked assumed (clinical definition 3.11.11-12).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from dashboard.errors import SessionError
from dashboard.rises.baseline import CUFF_WINDOW
from devices import instant

EVIDENCE = CUFF_WINDOW
"""How far before its start a session may look for a baseline (clinical definition 3.2)."""


class EventKind(StrEnum):
    INFUSION_START = "infusion-start"
    INFUSION_PAUSE = "infusion-pause"
    INFUSION_RESUME = "infusion-resume"
    INFUSION_RATE = "infusion-rate"  # detail: per_h, unit mg | mg/kg, entered (as it was said)
    INFUSION_STOP = "infusion-stop"
    PLAN = "plan"  # detail: dashboard.sessions.plan.Plan
    PATIENT = "patient"  # detail: dashboard.sessions.patient.PatientRecord
    HANDOVER = "handover"  # detail: from, to (people), remark
    THRESHOLDS = "thresholds"  # detail: threshold_version_id, reason
    BASELINE = "baseline"  # detail: signal SBP|DBP|HR, value, reason
    NOTE = "note"  # detail: text
    SCORE = "score"  # detail: scale, value
    ACTION = "action"  # detail: action, text; what staff did: recorded, never recommended
    CUFF = "cuff"  # detail: sys, dia, mean; read by hand, becomes a reading of the source "manual"
    SOUND = "sound-heard"  # the test tone was heard at the bed's screen
    MOVED = "moved"  # detail: from, to (names of beds), from_id, to_id, reason
    CORRECTION = "correction"  # detail: event (its id), time or withdrawn, reason
    SESSION_END = "session-end"


class Phase(StrEnum):
    """Where a bed stands; the words of ``status --json``."""

    NO_SESSION = "no_session"
    BASELINE = "baseline"
    INFUSION = "infusion"
    PAUSED = "paused"
    RECOVERY = "recovery"


class SessionEvent(Struct, frozen=True):
    """One event. `time` is when it happened (bed's clock), `entered` when it was entered (wall clock)."""

    id: int
    kind: EventKind
    time: int
    entered: int
    author: str
    detail: Mapping[str, Any] = field(default_factory=dict)


class Course(Struct, frozen=True):
    """A session as its events tell it so far. All instants on the bed's clock, None where not (yet) so.

    Attributes:
        phase: where it stands.
        t0: first infusion start.
        infusion_end: last recorded stop while stopped; None while the infusion runs or is paused.
        planned_end: t0 plus the planned duration, later by the pauses; None without a plan or a start.
        paused: total of finished and running pauses is `paused_before` plus the time since `paused_since`.
        changed: the last start, pause, resume or stop; None before the first.
        t0_entered: the first infusion start as it was entered. A correction of it counts for the report; live flags
            and the frozen baseline go on from here (3.2).
    """

    phase: Phase
    t0: int | None = None
    infusion_end: int | None = None
    planned_end: int | None = None
    paused_since: int | None = None
    paused_before: int = 0
    ended: int | None = None
    changed: int | None = None
    t0_entered: int | None = None

    def infused(self, at: int) -> int:
        """Microseconds of infusion up to `at`, pauses left out."""
        if self.t0 is None:
            return 0
        until = min(at, self.infusion_end if self.infusion_end is not None else at)
        if self.paused_since is not None:
            until = min(until, self.paused_since)
        return max(0, until - self.t0 - self.paused_before)


def corrected(events: Iterable[SessionEvent]) -> list[SessionEvent]:
    """The events as they are now known: with the corrected times, without what was withdrawn, in the order of entry."""
    found = {event.id: event for event in events if event.kind is not EventKind.CORRECTION}
    for each in sorted((each for each in events if each.kind is EventKind.CORRECTION), key=lambda each: each.id):
        target = found.get(int(each.detail["event"]))
        if target is None:
            continue
        if each.detail.get("withdrawn"):
            del found[target.id]
        else:
            found[target.id] = replace(target, time=int(each.detail["time"]))
    return list(found.values())


def fold(events: Iterable[SessionEvent], planned_minutes: float | None, at: int | None = None) -> Course:
    """The course that `events` (in the order of entry) describe; with `at`, without those that lie after it.

    A replayed session knows its future: its screens show it as it stood `at` the replay's clock.

    An event entered late with an earlier time counts at that time: events are folded by time, then entry. Corrections
    count; a plan among the events says the planned duration in place of `planned_minutes`.
    """
    events = list(events)
    as_entered = {event.id: event.time for event in events}
    for event in events:
        if event.kind is EventKind.PLAN:
            planned_minutes = event.detail.get("planned_minutes")
    t0_entered = None
    phase = Phase.BASELINE
    t0 = infusion_end = paused_since = ended = changed = None
    paused_before = 0
    for event in sorted(corrected(events), key=lambda each: (each.time, each.id)):
        if at is not None and event.time > at:
            break
        if event.kind in ALLOWED:
            changed = event.time
        match event.kind:
            case EventKind.INFUSION_START:
                if t0 is None:
                    t0, t0_entered = event.time, as_entered[event.id]
                elif infusion_end is not None:  # started again after a stop: the time between was a pause
                    paused_before += event.time - infusion_end
                phase, infusion_end, paused_since = Phase.INFUSION, None, None
            case EventKind.INFUSION_PAUSE if phase is Phase.INFUSION:
                phase, paused_since = Phase.PAUSED, event.time
            case EventKind.INFUSION_RESUME if paused_since is not None:
                phase = Phase.INFUSION
                paused_before += event.time - paused_since
                paused_since = None
            case EventKind.INFUSION_STOP if t0 is not None:
                if paused_since is not None:
                    paused_before += event.time - paused_since
                    paused_since = None
                phase, infusion_end = Phase.RECOVERY, event.time
            case EventKind.SESSION_END:
                ended = event.time
    planned_end = None
    if t0 is not None and planned_minutes is not None:
        planned_end = t0 + instant.minutes(planned_minutes) + paused_before
    return Course(
        phase=phase,
        t0=t0,
        infusion_end=infusion_end,
        planned_end=planned_end,
        paused_since=paused_since,
        paused_before=paused_before,
        ended=ended,
        changed=changed,
        t0_entered=t0_entered,
    )


def nurse_of(events: Iterable[SessionEvent], started_by: str) -> tuple[str, int | None]:
    """Who has the session, and since when (None: from its start): who took it over last, else who started it."""
    taken = [event for event in events if event.kind is EventKind.HANDOVER]
    if not taken:
        return started_by, None
    last = max(taken, key=lambda event: event.id)
    return str(last.detail["to"]), last.time


def version_in_force(events: Iterable[SessionEvent], at_start: int) -> int:
    """The id of the threshold version that counts now: the last one chosen in the session, else the one `at_start`."""
    chosen = [each for each in events if each.kind is EventKind.THRESHOLDS and "threshold_version_id" in each.detail]
    return int(chosen[-1].detail["threshold_version_id"]) if chosen else at_start


ALLOWED: dict[EventKind, tuple[Phase, ...]] = {
    EventKind.INFUSION_START: (Phase.BASELINE, Phase.RECOVERY),
    EventKind.INFUSION_PAUSE: (Phase.INFUSION,),
    EventKind.INFUSION_RESUME: (Phase.PAUSED,),
    EventKind.INFUSION_RATE: (Phase.INFUSION, Phase.PAUSED),
    EventKind.INFUSION_STOP: (Phase.INFUSION, Phase.PAUSED),
}
"""In which phases an act on the infusion fits."""

_AFTER = {
    EventKind.INFUSION_START: Phase.INFUSION,
    EventKind.INFUSION_PAUSE: Phase.PAUSED,
    EventKind.INFUSION_RESUME: Phase.INFUSION,
    EventKind.INFUSION_STOP: Phase.RECOVERY,
}


def after(phase: Phase, kind: EventKind) -> Phase:
    """The phase after an event that fitted `phase`."""
    return _AFTER.get(kind, phase)


def phases_of(events: Iterable[SessionEvent], end: int) -> list[tuple[str, int, int]]:
    """(infusion | paused | recovery, from, to) of corrected events, in order; the last one lasts to `end`."""
    names = {
        EventKind.INFUSION_START: "infusion",
        EventKind.INFUSION_PAUSE: "paused",
        EventKind.INFUSION_RESUME: "infusion",
        EventKind.INFUSION_STOP: "recovery",
    }
    steps = [
        (each.time, names[each.kind]) for each in sorted(events, key=lambda e: (e.time, e.id)) if each.kind in names
    ]
    closing = [*steps[1:], (max(end, steps[-1][0]), "")] if steps else []
    return [(name, time, until) for (time, name), (until, _) in zip(steps, closing, strict=True)]


_REFUSALS: dict[EventKind, str] = {
    EventKind.INFUSION_START: "the infusion is already running; stop it before starting it again",
    EventKind.INFUSION_PAUSE: "the infusion is not running, so it cannot be paused",
    EventKind.INFUSION_RESUME: "the infusion is not paused, so it cannot be resumed",
    EventKind.INFUSION_RATE: "the infusion is not running, so its rate cannot be changed",
    EventKind.INFUSION_STOP: "the infusion is not running, so it cannot be stopped",
}


def check_act(course: Course, kind: EventKind, time: int, started: int, now: int) -> None:
    """Refuses an act that does not fit.

    Args:
        course: the session so far. kind, time: the act. started: when the session began. now: the bed's clock.

    Raises:
        SessionError: the session is over, the act does not fit its phase, or its time lies in the future or
            before the event it follows.
    """
    if course.ended is not None:
        raise SessionError("the session has ended; start a new one")
    if kind in ALLOWED and course.phase not in ALLOWED[kind]:
        raise SessionError(_REFUSALS[kind])
    if time > now + instant.SECOND:
        raise SessionError("the time lies in the future; give the time at which it happened")
    if kind is not EventKind.INFUSION_START and course.t0 is not None and kind in ALLOWED and time < course.t0:
        raise SessionError("the time lies before the infusion start; correct one of the two")
    if kind in ALLOWED and course.changed is not None and time < course.changed:
        # Events count by their time: told as done, it would change nothing, or undo what came after it.
        raise SessionError("the time lies before the infusion's last start, pause, resume or stop; correct it")
    if kind is EventKind.CUFF and time < started - EVIDENCE:
        raise SessionError("the reading lies more than half an hour before the session; write it as a note")
    if kind is EventKind.SESSION_END and time < max(started, course.changed or started):
        raise SessionError("the session cannot end before it started, nor before the infusion's last event; correct it")
    if kind is EventKind.INFUSION_START and time < started - instant.HOUR:
        raise SessionError("the infusion cannot start more than an hour before its session; start the session earlier")
