"""Corrections of what was entered: new rows that name the old one, with who, when and why. Pure.

A time may be corrected, and a note, score or intervention may be withdrawn. An infusion event is not withdrawn: it
moved the pump, or the flags that rest on it have been seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from dashboard.errors import SessionError
from dashboard.sessions.events import ALLOWED, EventKind, Phase, SessionEvent, after, corrected
from devices import instant

_WITHDRAWABLE = (EventKind.NOTE, EventKind.SCORE, EventKind.ACTION)
FIXED = (
    *(EventKind.CORRECTION, EventKind.PLAN, EventKind.PATIENT, EventKind.SESSION_END),
    *(EventKind.MOVED, EventKind.HANDOVER, EventKind.CUFF),
)
"""A plan, a patient record or a cuff reading is entered anew; a move, a hand-over and the end happened when they were
entered."""


def check_correction(
    events: Sequence[SessionEvent], event_id: int, time: int | None, reason: str, started: int, now: int
) -> None:
    """Refuses a correction that cannot be; `time` None withdraws the event.

    Args:
        events: of the session. started: when it began. now: the bed's clock.

    Raises:
        SessionError: no such event, no reason, a time to come or one that would turn the infusion's order over.
    """
    target = next((each for each in corrected(events) if each.id == event_id), None)
    if target is None or target.kind in FIXED:
        raise SessionError("that entry cannot be corrected; enter it anew")
    if not reason.strip():
        raise SessionError("a correction needs its reason")
    if time is None:
        if target.kind not in _WITHDRAWABLE:
            raise SessionError(
                "an infusion event cannot be withdrawn, only its time corrected; after a wrong start record the stop, "
                "end the session and start another"
            )
        return
    if time > now + instant.SECOND:
        raise SessionError("the time lies in the future; give the time at which it happened")
    if time < started - instant.HOUR:
        raise SessionError("the time lies more than an hour before the session; correct it")
    moved = [replace(each, time=time) if each.id == event_id else each for each in corrected(events)]
    phase = Phase.BASELINE
    for each in sorted(moved, key=lambda each: (each.time, each.id)):
        if each.kind in ALLOWED and phase not in ALLOWED[each.kind]:
            raise SessionError("start, pause, resume and stop would be in a wrong order; correct the other first")
        phase = after(phase, each.kind)
