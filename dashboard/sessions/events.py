"""What happens in a session, as events that only grow; phase and timeline are folded from them.

Pure: instants come in, on the bed's clock. Two infusion starts: the first defines t0. Infusion end is the last
recorded stop; without one, the planned end, marked assumed (clinical definition 3.11.11-12).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dashboard.errors import SessionError
from dashboard.rises.validity import DBP_RANGE, HR_RANGE, SBP_RANGE
from devices import instant


class EventKind(StrEnum):
    INFUSION_START = "infusion-start"
    INFUSION_PAUSE = "infusion-pause"
    INFUSION_RESUME = "infusion-resume"
    INFUSION_STOP = "infusion-stop"
    THRESHOLDS = "thresholds"  # detail: threshold_version_id, reason
    BASELINE = "baseline"  # detail: signal SBP|DBP|HR, value, reason
    NOTE = "note"  # detail: text
    SESSION_END = "session-end"


class Phase(StrEnum):
    """Where a bed stands; the words of ``status --json``."""

    NO_SESSION = "no_session"
    BASELINE = "baseline"
    INFUSION = "infusion"
    PAUSED = "paused"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """One event. `time` is when it happened (bed's clock), `entered` when it was entered (wall clock)."""

    id: int
    kind: EventKind
    time: int
    entered: int
    author: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """A session as its events tell it so far. All instants on the bed's clock, None where not (yet) so.

    Attributes:
        phase: where it stands.
        t0: first infusion start.
        infusion_end: last recorded stop while stopped; None while the infusion runs or is paused.
        planned_end: t0 plus the planned duration, later by the pauses; None without a plan or a start.
        paused: total of finished and running pauses is `paused_before` plus the time since `paused_since`.
        changed: the last start, pause, resume or stop; None before the first.
    """

    phase: Phase
    t0: int | None = None
    infusion_end: int | None = None
    planned_end: int | None = None
    paused_since: int | None = None
    paused_before: int = 0
    ended: int | None = None
    changed: int | None = None

    def infused(self, at: int) -> int:
        """Microseconds of infusion up to `at`, pauses left out."""
        if self.t0 is None:
            return 0
        until = min(at, self.infusion_end if self.infusion_end is not None else at)
        if self.paused_since is not None:
            until = min(until, self.paused_since)
        return max(0, until - self.t0 - self.paused_before)


def fold(events: Iterable[SessionEvent], planned_minutes: float | None, at: int | None = None) -> Course:
    """The course that `events` (in the order of entry) describe; with `at`, without those that lie after it.

    A replayed session knows its future: its screens show it as it stood `at` the replay's clock.

    An event entered late with an earlier time counts at that time: events are folded by time, then entry.
    """
    phase = Phase.BASELINE
    t0 = infusion_end = paused_since = ended = changed = None
    paused_before = 0
    for event in sorted(events, key=lambda each: (each.time, each.id)):
        if at is not None and event.time > at:
            break
        if event.kind in _ALLOWED:
            changed = event.time
        match event.kind:
            case EventKind.INFUSION_START:
                if t0 is None:
                    t0 = event.time
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
    )


def version_in_force(events: Iterable[SessionEvent], at_start: int) -> int:
    """The id of the threshold version that counts now: the last one chosen in the session, else the one `at_start`."""
    chosen = [each for each in events if each.kind is EventKind.THRESHOLDS and "threshold_version_id" in each.detail]
    return int(chosen[-1].detail["threshold_version_id"]) if chosen else at_start


BASELINES = {"SBP": SBP_RANGE, "DBP": DBP_RANGE, "HR": HR_RANGE}
"""What may be entered by hand: what would count as a reading (clinical definition 3.6)."""


def check_detail(kind: EventKind, detail: Mapping[str, Any]) -> None:
    """Refuses a change of thresholds or baseline that lacks what must be told with it.

    Raises:
        SessionError: no reason, no version, no signal, or a baseline that is not possible.
    """
    if kind is EventKind.THRESHOLDS:
        if "threshold_version_id" not in detail:
            raise SessionError("choose the version first")
        if not str(detail.get("reason", "")).strip():
            raise SessionError("a change of the thresholds needs its reason")
    if kind is EventKind.BASELINE:
        signal, value = detail.get("signal"), detail.get("value")
        if signal not in BASELINES or value is None:
            raise SessionError("choose the signal and give its baseline")
        low, high = BASELINES[signal]
        if not low <= value <= high:
            raise SessionError(f"a baseline of {value:g} is not possible for {signal}: give {low:g} to {high:g}")
        if not str(detail.get("reason", "")).strip():
            raise SessionError("a baseline set by hand needs its reason")


_ALLOWED: dict[EventKind, tuple[Phase, ...]] = {
    EventKind.INFUSION_START: (Phase.BASELINE, Phase.RECOVERY),
    EventKind.INFUSION_PAUSE: (Phase.INFUSION,),
    EventKind.INFUSION_RESUME: (Phase.PAUSED,),
    EventKind.INFUSION_STOP: (Phase.INFUSION, Phase.PAUSED),
}

_REFUSALS: dict[EventKind, str] = {
    EventKind.INFUSION_START: "the infusion is already running; stop it before starting it again",
    EventKind.INFUSION_PAUSE: "the infusion is not running, so it cannot be paused",
    EventKind.INFUSION_RESUME: "the infusion is not paused, so it cannot be resumed",
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
    if kind in _ALLOWED and course.phase not in _ALLOWED[kind]:
        raise SessionError(_REFUSALS[kind])
    if time > now + instant.SECOND:
        raise SessionError("the time lies in the future; give the time at which it happened")
    if kind is not EventKind.INFUSION_START and course.t0 is not None and kind in _ALLOWED and time < course.t0:
        raise SessionError("the time lies before the infusion start; correct one of the two")
    if kind in _ALLOWED and course.changed is not None and time < course.changed:
        # Events count by their time: told as done, it would change nothing, or undo what came after it.
        raise SessionError("the time lies before the infusion's last start, pause, resume or stop; correct it")
    if kind is EventKind.SESSION_END and time < max(started, course.changed or started):
        raise SessionError("the session cannot end before it started, nor before the infusion's last event; correct it")
    if kind is EventKind.INFUSION_START and time < started - instant.HOUR:
        raise SessionError("the infusion cannot start more than an hour before its session; start the session earlier")
