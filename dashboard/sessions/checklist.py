"""What is known before an infusion starts, and what is still open before a session ends: facts in words. Pure.

Nothing here says that anything is in order; it says what is there, what is not, and since when (clinical definition
3.2, 3.10, 4.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from dashboard.rises.episodes import Episode
from dashboard.sessions.events import Course, EventKind, Phase, SessionEvent, corrected
from dashboard.sessions.patient import NOT_ASKED, PatientRecord, patient_of, risk_rows
from dashboard.sessions.plan import Plan, plan_of
from dashboard.store.records import Alarm, Baseline, BedState, StoredRise
from devices import instant

SIGNALS = {"SBP": "systolic", "DBP": "diastolic", "HR": "heart rate"}


class Fact(Struct, frozen=True):
    """One line. `there`: what the line asks for is there; else it is missing, or to be looked at."""

    text: str
    there: bool


def before_start(
    baselines: Mapping[str, Baseline], state: BedState | None, events: Sequence[SessionEvent], now: int, today: date
) -> list[Fact]:
    """Baseline, monitor, sound, patient, drug: what is there at `now` (wall clock), `today` by the clinic's clock."""
    return [
        *(_baseline(SIGNALS[each], baselines.get(each)) for each in SIGNALS),
        _monitor(state, now),
        _sound(events),
        *_patient(patient_of(events), today),
        _drug(plan_of(events) or Plan(), today),
    ]


def _patient(record: PatientRecord | None, today: date) -> list[Fact]:
    rows = risk_rows(record)
    there = [f"{name}: {value}" for name, value in rows if value != NOT_ASKED]
    missing = [name.lower() for name, value in rows if value == NOT_ASKED]
    found = [Fact("; ".join(there), True)] if there else []
    if missing:
        found.append(Fact(f"Not recorded: {', '.join(missing)}", False))
    if record is not None and record.is_child(today):
        found.append(Fact(f"The patient is {record.age(today)} years old: Risewatch is not for children", False))
    return found


def _drug(plan: Plan, today: date) -> Fact:
    if plan.expiry and plan.expired(today):
        return Fact(f"The drug's expiry date has passed: {plan.expiry}", False)
    missing = [name for name, value in (("lot", plan.lot), ("expiry date", plan.expiry)) if not value]
    if missing:
        return Fact(f"Not recorded: the drug's {' and '.join(missing)}", False)
    return Fact(f"Drug lot {plan.lot}, expires {plan.expiry}", True)


def _baseline(words: str, found: Baseline | None) -> Fact:
    if found is None or found.value is None or found.status == "none":
        return Fact(f"No {words} baseline yet", False)
    rests = "set by hand" if found.status == "manual" else f"from {found.n} value{'' if found.n == 1 else 's'}"
    if found.status == "provisional":
        return Fact(f"Provisional {words} baseline {found.value:g}, {rests} only", False)
    return Fact(f"{words[0].upper()}{words[1:]} baseline {found.value:g}, {rests}", True)


def _monitor(state: BedState | None, now: int) -> Fact:
    if state is None or state.last_frame is None:
        return Fact("The monitor has not been heard", False)
    age = max(0, now - state.last_frame) // instant.SECOND
    return Fact(f"The monitor was last heard {age} s ago", state.monitor == "connected")


def _sound(events: Sequence[SessionEvent]) -> Fact:
    heard = [event for event in events if event.kind is EventKind.SOUND]
    if not heard:
        return Fact("Nobody has confirmed the test tone in this session", False)
    return Fact(f"The test tone was heard by {heard[-1].author}", True)


def before_end(
    course: Course, rises: Sequence[StoredRise], alarms: Sequence[Alarm], events: Sequence[SessionEvent]
) -> list[str]:
    """What is open when a session is about to end, the gravest first.

    Args:
        alarms: that stand at the bed.
    """
    found = ["The infusion has no recorded stop"] if course.phase in (Phase.INFUSION, Phase.PAUSED) else []
    found += open_items(rises, alarms)
    if course.infusion_end is not None and not any(
        event.kind is EventKind.SCORE and event.time >= course.infusion_end for event in corrected(events)
    ):
        found.append("No score after the end of infusion")
    return found


def open_items(rises: Iterable[StoredRise | Episode], alarms: Iterable[Alarm]) -> list[str]:
    """Rises that are not back, the lowest level of each signal, and alarms nobody has acknowledged."""
    found = []
    open_rises: dict[str, StoredRise | Episode] = {}
    for rise in rises:
        if rise.return_time is None and not rise.present_at_baseline:
            held = open_rises.get(rise.signal)
            if held is None or rise.level < held.level:
                open_rises[rise.signal] = rise
    for signal in (each for each in SIGNALS if each in open_rises):
        rise = open_rises[signal]
        words = SIGNALS[signal]
        found.append(
            f"{words[0].upper()}{words[1:]} not back to baseline: peak {rise.peak:g}, back at {rise.clear:g} or less"
        )
    unseen = [alarm for alarm in alarms if alarm.acknowledged is None and not alarm.silent]
    return found + [f"Alarm not acknowledged: {alarm.text}" for alarm in unseen]
