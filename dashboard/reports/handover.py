"""What the next shift has to know of a session that goes on: gathered once, as it stands. Nothing of it is live.

Only the store is asked; peaks come from the arrays that the rules look at, so that none differs from a rise's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from sqlalchemy import Connection

from dashboard.errors import ThresholdError
from dashboard.live.numbers import Newest
from dashboard.sessions.checklist import open_items
from dashboard.sessions.dose import Dose, dose_given
from dashboard.sessions.events import Course, fold, version_in_force
from dashboard.sessions.plan import Plan, plan_of
from dashboard.sessions.reminders import Reminder, reminders
from dashboard.sessions.summary import Extreme, extremes
from dashboard.store import acts, history, queries
from dashboard.store.history import Record
from dashboard.store.packed import recording_of
from dashboard.store.records import Alarm, Session, StoredRise, ThresholdVersion
from devices import instant
from devices.reading import Reading

SIGNALS = ("SBP", "DBP", "HR", "SPO2")
"""Of the sheet's numbers, in its order."""


class Number(Struct, frozen=True):
    """The last valid value of a signal, None where there is none; `rejected`: why the detector does not use it."""

    value: float | None
    time: int | None
    rejected: str = ""


class Handover(Struct, frozen=True):
    """A running session as it stood at `at` (µs, the bed's clock).

    Attributes:
        open_items: what is open, in words, rises first. due: what is due, the most pressing first.
        next_cuff: when the next cuff measurement is due; None without a measurement or a cycle.
        numbers, extremes: by SIGNALS; extremes since the start of the drug. version: thresholds in force.
    """

    record: Record
    course: Course
    plan: Plan
    at: int
    open_items: Sequence[str]
    due: Sequence[Reminder]
    next_cuff: int | None
    numbers: Mapping[str, Number]
    extremes: Mapping[str, Extreme]
    dose: Dose | None
    version: ThresholdVersion | None


def handovers(connection: Connection, now: int) -> list[Handover]:
    """Every session that goes on at a bed, in the order of the wall; replays are nobody's patients and left out."""
    running = queries.open_sessions(connection)
    found = (handover(connection, running[bed.id], now) for bed in queries.beds(connection) if bed.id in running)
    return [each for each in found if each is not None]


def handover(connection: Connection, session: Session, now: int) -> Handover | None:
    """The session as it stands `now` (the wall clock, which is a live bed's own); None for a replay's."""
    record = history.record(connection, session.id)
    if record is None or session.mode == "replay":
        return None
    course = fold(record.events, session.planned_minutes)
    plan = plan_of(record.events) or Plan()
    newest = Newest(queries.latest_readings(connection, session.bed_id, session.started))
    last_cuff = None if newest.cuff is None else newest.cuff.time
    wanted = version_in_force(record.events, session.threshold_version_id)
    version = queries.threshold_version(connection, wanted)
    cycle = _cycle(version)
    return Handover(
        record=record,
        course=course,
        plan=plan,
        at=now,
        open_items=_open(record.rises, queries.standing_alarms(connection, [session.bed_id])),
        due=reminders(record.events, course, plan, last_cuff, session.started, now),
        next_cuff=None if last_cuff is None or cycle is None else last_cuff + cycle,
        numbers=_numbers(newest, now),
        extremes={} if course.t0 is None else _extremes(connection, session, course.t0, now),
        dose=dose_given(record.events, plan, now),
        version=version,
    )


def _open(rises: Sequence[StoredRise], alarms: Sequence[Alarm]) -> list[str]:
    """What is open; of the technical alarms also those that go on though somebody has seen them."""
    seen = [
        f"{alarm.text} (goes on, seen by {alarm.acknowledged_by})"
        for alarm in alarms
        if alarm.acknowledged is not None and alarm.ended is None and alarm.category == "technical"
    ]
    return [*open_items(rises, alarms), *seen]


def _extremes(connection: Connection, session: Session, t0: int, now: int) -> dict[str, Extreme]:
    return extremes(recording_of(connection, session, t0, now), t0, now)


def _cycle(version: ThresholdVersion | None) -> int | None:
    try:
        return None if version is None else instant.minutes(acts.thresholds_of(version).longest_interval_min)
    except ThresholdError:
        return None  # changed outside the program: the bed's own page says so


def _numbers(newest: Newest, now: int) -> dict[str, Number]:
    cuff = newest.cuff
    rate = newest.rate(now)
    found = {"HR": _continuous(newest.shown(rate, now)), "SPO2": _continuous(newest.shown("SPO2", now))}
    for signal, name in (("SBP", "NIBP_SYS"), ("DBP", "NIBP_DIA")):
        part = None if cuff is None else cuff.readings.get(name)
        rejected = "" if cuff is None else cuff.rejected or ""
        found[signal] = Number(None, None) if part is None else Number(part.value, part.time, rejected)
    return found


def _continuous(reading: Reading | None) -> Number:
    return Number(None, None) if reading is None else Number(reading.value, reading.time)
