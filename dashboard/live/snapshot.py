"""What a screen is told of a bed: the BED of the live stream's contract (docs/live-stream.md), built from records.

Pure. Numbers are only carried over: limits come from `dashboard.rises`, rises and baselines from the watch.
Instants go out as milliseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from dashboard.live.numbers import CONTINUOUS, Newest, of_cuff
from dashboard.sessions.dose import dose_given, dose_steps
from dashboard.sessions.events import SessionEvent, corrected, fold
from dashboard.sessions.plan import Plan, plan_of
from dashboard.sessions.privacy import initials
from dashboard.sessions.reminders import reminders
from dashboard.sessions.words import event_words
from dashboard.store.records import Alarm, Baseline, Bed, BedState, Heartbeat, Session, StoredRise, ThresholdVersion
from devices import instant
from devices.clock import LIVE, BedClock
from devices.reading import Reading
from devices.signals import NIBP, SIGNALS

STALLED_AFTER = 3 * instant.SECOND
"""A heartbeat older than this means that the watch is not watching (clinical definition 4.3)."""


class Limits(Struct, frozen=True):
    """A session's thresholds as they work for this patient, and the cuff's cycle.

    Attributes:
        limits, low: the entries of BED's "limits" and "low". cycle: microseconds, None if not known.
    """

    limits: tuple[Mapping[str, Any], ...] = ()
    low: tuple[Mapping[str, Any], ...] = ()
    cycle: int | None = None


class Facts(Struct, frozen=True):
    """Everything the store says of one bed."""

    bed: Bed
    state: BedState | None = None
    session: Session | None = None
    events: Sequence[SessionEvent] = ()
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    rises: Sequence[StoredRise] = ()
    alarms: Sequence[Alarm] = ()
    last_passed: int | None = None  # when the last physiological alarm of the session ended, wall clock
    judged: int | None = None  # since when this run of the watch has judged the readings, wall clock
    thresholds: ThresholdVersion | None = None
    limits: Limits = Limits()


def millis(at: int | None) -> float | None:
    """Microseconds as milliseconds, whole where they are."""
    if at is None:
        return None
    return at // 1_000 if at % 1_000 == 0 else at / 1_000


def clock_of(state: BedState | None) -> BedClock:
    return BedClock(state.clock_at, state.clock_wall, state.clock_rate) if state else LIVE


def watch_view(beat: Heartbeat | None, now: int) -> dict[str, Any]:
    """WATCH: running while its heartbeat is at most 3 s old, stopped if it said so (or never ran), else stalled."""
    if beat is None:
        return {"state": "stopped", "age": None, "version": "", "mode": ""}
    age = now - beat.time
    if beat.stopped is not None:
        state = "stopped"
    else:
        state = "running" if age <= STALLED_AFTER else "stalled"
    return {"state": state, "age": millis(max(0, age)), "version": beat.version, "mode": beat.mode}


def bed_view(facts: Facts, newest: Newest, wall: int) -> dict[str, Any]:
    """BED at the server's `wall` clock."""
    bed, state = facts.bed, facts.state
    clock = clock_of(state)
    now = clock.now(wall)
    return {
        "id": bed.id,
        "name": bed.name,
        "place": bed.place,
        "group": bed.group,
        "mode": bed.mode,
        "protocol": bed.protocol,
        "port": bed.port,
        "clock": {"at": millis(now), "wall": millis(wall), "rate": clock.rate},
        "monitor": _monitor(state),
        "session": _session(facts, now, newest.cuff.time if newest.cuff is not None else None),
        "baseline": {
            name: {"value": each.value, "n": each.n, "status": each.status} for name, each in facts.baselines.items()
        },
        "limits": [dict(each) for each in facts.limits.limits],
        "low": [dict(each) for each in facts.limits.low],
        "cycle_s": None if facts.limits.cycle is None else facts.limits.cycle / instant.SECOND,
        "numbers": _numbers(newest, now),
        "rate": newest.rate(now),
        "alarms": [_alarm(each) for each in facts.alarms],
        "provisional": [{**each, "since": millis(each.get("since"))} for each in (state.provisional if state else ())],
        "rises": [_rise(each) for each in facts.rises],
        "replay": _replay(state),
        "no_limit_passed_since": millis(no_limit_passed_since(facts)),
    }


def no_limit_passed_since(facts: Facts) -> int | None:
    """Since when no limit has been passed, on the bed's clock; None without a session, while one is passed, or while
    the monitor does not speak (nobody can say then). Of the time before the watch began nothing is said either."""
    session, state = facts.session, facts.state
    if session is None or state is None or state.monitor != "connected":
        return None
    if any(rise.return_time is None for rise in facts.rises):
        return None
    if any(alarm.category == "physiological" and alarm.ended is None for alarm in facts.alarms):
        return None
    returns = [rise.return_time for rise in facts.rises if rise.return_time is not None]
    over = [clock_of(state).now(each) for each in (facts.last_passed, facts.judged) if each is not None]
    return max([session.started, *returns, *over])


def essence(view: Mapping[str, Any]) -> dict[str, Any]:
    """What of a BED, when it changes, is worth telling all screens: all but readings, counters and a steady clock.

    Readings travel on their own; counters ride along with the next change.
    """
    clock = view["clock"]
    rest = {name: value for name, value in view.items() if name not in ("clock", "monitor", "numbers")}
    rest["clock"] = clock["rate"]
    rest["monitor"] = {name: view["monitor"][name] for name in ("state", "text")}
    cuff = view["numbers"].get("NIBP", {})
    rest["cuff"] = {name: cuff.get(name) for name in ("rejected", "suspect")}  # no reading says so by itself
    rest["rate"] = (view["rate"], view["numbers"].get("HR", {}).get("suspect"))
    rest["sources"] = {name: each["source"] for name, each in view["numbers"].items()}
    return rest


def reading_row(each: Reading) -> list[Any]:
    """A row of the `readings` event."""
    return [each.signal, millis(each.time), each.value, each.status.value, each.source]


def _monitor(state: BedState | None) -> dict[str, Any]:
    if state is None:
        return {"state": "connecting", "text": "", "last_frame": None, "frames": 0, "rejected": 0}
    return {
        "state": state.monitor,
        "text": state.text,
        "last_frame": millis(state.last_frame),
        "frames": state.frames,
        "rejected": state.rejected,
    }


def dose_view(events: Sequence[SessionEvent], plan: Plan | None, now: int) -> dict[str, Any] | None:
    """What was given by the last change of the rate, and the rate since; screens go on from there, up to the whole."""
    given = dose_given(events, plan, now)
    if given is None:
        return None
    last = next((step for step in reversed(dose_steps(events, plan)) if step.time <= now), None)
    return {
        "at": None if last is None else millis(last.time),
        "amount": 0.0 if last is None else last.amount,
        "per_h": given.per_h,
        "planned": given.planned,
        "unit": given.unit,
        "assumed": given.assumed,
    }


def _session(facts: Facts, now: int, last_cuff: int | None) -> dict[str, Any] | None:
    session = facts.session
    if session is None:
        return None
    # A replayed session knows its future; it is shown as it stood.
    until = now if facts.bed.mode == "replay" else None
    events = [event for event in facts.events if until is None or event.time <= until]
    course = fold(events, session.planned_minutes)
    plan = plan_of(events)
    dose = dose_view(events, plan, now)
    version = facts.thresholds
    return {
        "id": session.id,
        "patient": session.patient,
        "initials": initials(session.patient),
        "identifier": session.identifier,
        "drug": plan.drug_words if plan is not None and plan.drug else session.drug,
        "dose_mg_per_kg": plan.dose_mg_per_kg if plan is not None else session.dose_mg_per_kg,
        "planned_minutes": plan.planned_minutes if plan is not None else session.planned_minutes,
        "dose": dose,
        "started": millis(session.started),
        "phase": course.phase.value,
        "t0": millis(course.t0),
        "t0_entered": millis(course.t0_entered),
        "infusion_end": millis(course.infusion_end),
        "planned_end": millis(course.planned_end),
        "paused_since": millis(course.paused_since),
        "paused_before": millis(course.paused_before),
        "thresholds": None
        if version is None
        else {"id": version.id, "name": version.name, "version": version.version, "hash": version.hash},
        "reminders": [
            {"kind": each.kind, "text": each.text, "due": millis(each.due), "clock": each.clock}
            for each in reminders(events, course, plan, last_cuff, session.started, now)
        ],
        "events": [
            {
                "id": event.id,
                "kind": event.kind.value,
                "time": millis(event.time),
                "author": event.author,
                "words": event_words(event),
            }
            for event in corrected(events)
        ],
    }


def _numbers(newest: Newest, now: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for signal in CONTINUOUS:
        reading = newest.shown(signal, now)
        if reading is None:
            continue
        interval = newest.interval(signal, reading.source)
        found[signal] = {
            "value": reading.value,
            "unit": SIGNALS[signal].unit,
            "status": reading.status.value,
            "source": reading.source,
            "time": millis(reading.time),
            "interval_s": None if interval is None else interval / instant.SECOND,
            **({"cuff": True} if of_cuff(reading) else {}),
        }
    if "HR" in found:
        found["HR"]["suspect"] = newest.rate_suspect(now)
    if newest.cuff is not None:
        parts = newest.cuff.readings
        first = next(parts[name] for name in NIBP if name in parts)
        found["NIBP"] = {
            **{
                key: parts[name].value if name in parts else None
                for key, name in zip(("sys", "dia", "mean"), NIBP, strict=True)
            },
            "unit": "mmHg",
            "status": first.status.value,
            "source": first.source,
            "time": millis(newest.cuff.time),
            "rejected": newest.cuff.rejected,
            "suspect": newest.suspect,
        }
    return found


def _alarm(each: Alarm) -> dict[str, Any]:
    return {
        "id": each.id,
        "key": each.key,
        "category": each.category,
        "priority": each.priority,
        "signal": each.signal,
        "text": each.text,
        "value": each.value,
        "threshold": each.threshold,
        "unit": each.unit,
        "since": millis(each.since),
        "raised": millis(each.raised),
        "ended": millis(each.ended),
        "acknowledged": millis(each.acknowledged),
        "acknowledged_by": each.acknowledged_by,
        "silent": each.silent,
        "reminded": millis(each.reminded),
    }


def _rise(each: StoredRise) -> dict[str, Any]:
    return {
        "id": each.id,
        "signal": each.signal,
        "level": each.level,
        "threshold": each.threshold,
        "clear": each.clear,
        "baseline": each.baseline,
        "onset": millis(each.onset),
        "confirmed": millis(each.confirmed),
        "peak": each.peak,
        "peak_time": millis(each.peak_time),
        "return": millis(each.return_time),
        "declared": millis(each.declared),
        "outcome": each.outcome,
        "present_at_baseline": each.present_at_baseline,
    }


def _replay(state: BedState | None) -> dict[str, Any] | None:
    if state is None or state.replay is None:
        return None
    shown = dict(state.replay)
    for name in ("start", "end"):
        if shown.get(name) is not None:
            shown[name] = millis(int(shown[name]))
    shown.setdefault("playing", state.clock_rate != 0)
    return shown
