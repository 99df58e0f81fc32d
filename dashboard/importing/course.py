"""When an imported session's infusion began and ended: as said by a person, else as the file's own events say.

Pure: instants in, events out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from dashboard.errors import SessionError
from dashboard.rises.timeline import Timeline
from dashboard.sessions.events import EventKind, SessionEvent, fold
from dashboard.sessions.marks import events_in
from devices import instant
from devices.reading import Notice

PERSON, FILE, BOTH = "person", "file", "person and file"


class Told(Protocol):
    """What is asked of a recording: from when to when it goes, and what it says happened."""

    @property
    def first(self) -> int: ...

    @property
    def last(self) -> int: ...

    @property
    def notices(self) -> Sequence[Notice]: ...


class Times(Struct, frozen=True):
    """What a person said; None is not said."""

    start: int | None = None
    stop: int | None = None
    end: int | None = None


class ImportedCourse(Struct, frozen=True):
    """The course of a session to be stored.

    Attributes:
        events: by time, without the session's end. timeline: what is judged.
        times_from: PERSON, FILE or BOTH. taken: one sentence that says so, for a person.
    """

    events: tuple[SessionEvent, ...]
    timeline: Timeline
    times_from: str
    taken: str


def course_of(recording: Told, said: Times, now: int, author: str) -> ImportedCourse:
    """The course of `recording`'s session.

    Raises:
        SessionError: nothing says when the infusion began, it began outside the recording, or times contradict.
    """
    told = [(each.time, each.text) for each in recording.notices if each.kind == "device-event"]
    found = events_in(told, now, author)
    infusion = [event for event in found if event.kind is not EventKind.SESSION_END]
    ends = [event.time for event in found if event.kind is EventKind.SESSION_END]
    used_file = False
    if said.start is not None:
        # Said by a person, the start makes the file's own course another one: none of it is mixed in.
        events = [_event(EventKind.INFUSION_START, said.start, now, author)]
    else:
        events = infusion
        used_file = True
    t0 = fold(events, None).t0
    if t0 is None:
        raise SessionError(
            "nothing in the recording says when the infusion started: say it with --infusion-start"
            if not found
            else "the recording's events do not say when the infusion started: say it with --infusion-start"
        )
    if said.stop is not None:
        # What the file says to have happened after it is not so.
        until = max(said.stop, t0 + 1)
        events = [event for event in events if event.kind is not EventKind.INFUSION_STOP and event.time < until]
        events.append(_event(EventKind.INFUSION_STOP, said.stop, now, author))
    stop = said.stop if said.stop is not None else fold(events, None).infusion_end
    end = said.end if said.end is not None else (ends[-1] if ends and used_file else None)
    _check(recording, t0, stop, end)
    kept = tuple(event for event in events if event.time >= t0)
    by_hand = [each for each in (said.start, said.stop, said.end) if each is not None]
    times_from = PERSON if not used_file else BOTH if by_hand else FILE
    return ImportedCourse(kept, Timeline(t0, stop, None, end), times_from, _sentence(times_from, kept, end))


def _event(kind: EventKind, time: int, now: int, author: str) -> SessionEvent:
    return SessionEvent(0, kind, time, now, author, {"from": PERSON})


def _check(recording: Told, t0: int, stop: int | None, end: int | None) -> None:
    shown = f"{instant.format(recording.first)} to {instant.format(recording.last)}"
    if not recording.first - instant.HOUR <= t0 <= recording.last:
        raise SessionError(
            f"the infusion start {instant.format(t0)} lies outside the recording, which goes from {shown}: correct it"
        )
    if stop is not None and stop <= t0:
        raise SessionError("the infusion ends before it starts: correct one of the two")
    if end is not None and end < max(t0, stop or t0):
        raise SessionError("the session ends before its infusion does: correct one of the two")


def _sentence(times_from: str, events: Sequence[SessionEvent], end: int | None) -> str:
    whence = {PERSON: "as said", FILE: "from the file's events", BOTH: "as said and from the file's events"}
    told = ", ".join(f"{event.kind.value.replace('-', ' ')} {instant.format(event.time)}" for event in events)
    return f"{told}{f', session end {instant.format(end)}' if end is not None else ''}: {whence[times_from]}"
