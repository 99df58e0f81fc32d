"""Quiet reminders of a session: what is due and when, for a small line; no alarms, no sound, no advice. Pure.

Scores are asked for before the start, at 40 minutes and at the end, a cuff reading at 40 minutes, the stop when the
plan says so; after the end a clock runs. It says how long, never that someone may go (clinical definition 2.3 to 2.5).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from dashboard.sessions.events import Course, EventKind, Phase, SessionEvent, corrected
from dashboard.sessions.plan import Plan
from devices.instant import MINUTE, minutes

FORTY = 40 * MINUTE
_EARLY = 2 * MINUTE
"""A reading or score this long before its minute counts for it."""

_SHOWN_BEFORE = 5 * MINUTE
_GIVEN_UP_AFTER = 30 * MINUTE
OBSERVED_MINUTES = 120.0
"""How long is watched after the end where the plan does not say."""


class Reminder(Struct, frozen=True):
    """Something to be done at `due`. `clock`: nothing is to be done; a time that runs out is shown."""

    kind: str
    text: str
    due: int
    clock: bool = False


def reminders(
    events: Sequence[SessionEvent], course: Course, plan: Plan | None, last_cuff: int | None, started: int, now: int
) -> list[Reminder]:
    """What to remember at `now`, the most pressing first.

    Args:
        course: of `events`. last_cuff: time of the newest cuff measurement. started: when the session began.
    """
    found: list[Reminder] = []
    scored = sorted(event.time for event in corrected(events) if event.kind is EventKind.SCORE)
    if course.phase is Phase.BASELINE and not scored:
        found.append(Reminder("score-before", "Scores before the start", started))
    if course.t0 is not None:
        found += _at_forty(course.t0, scored, last_cuff, now)
    if course.phase in (Phase.INFUSION, Phase.PAUSED) and course.planned_end is not None:
        found.append(Reminder("planned-end", "Planned end of infusion: record the stop", course.planned_end))
    if course.phase is Phase.RECOVERY and course.infusion_end is not None:
        if not any(time >= course.infusion_end - _EARLY for time in scored):
            found.append(Reminder("score-end", "Scores at the end of infusion", course.infusion_end))
        watched = plan.observe_minutes if plan is not None and plan.observe_minutes is not None else OBSERVED_MINUTES
        text = f"Observation clock, {watched:g} min after the end"
        found.append(Reminder("observation", text, course.infusion_end + minutes(watched), clock=True))
    due = [each for each in found if each.clock or each.due - now <= _SHOWN_BEFORE]
    return sorted(due, key=lambda each: (each.clock, each.due))


def _at_forty(t0: int, scored: Sequence[int], last_cuff: int | None, now: int) -> list[Reminder]:
    due = t0 + FORTY
    if now > due + _GIVEN_UP_AFTER:
        return []
    found = []
    if last_cuff is None or last_cuff < due - _EARLY:
        found.append(Reminder("cuff-40", "Cuff reading at 40 minutes", due))
    if not any(time >= due - _EARLY for time in scored):
        found.append(Reminder("score-40", "Scores at 40 minutes", due))
    return found
