"""The state of everything as the store knows it: what ``risewatch status`` prints."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from dashboard.sessions.events import Phase, fold
from dashboard.store import queries
from dashboard.store.records import Bed, BedState, Heartbeat, StoredRise
from devices import instant
from devices.clock import BedClock
from devices.instant import SECOND
from devices.reading import Reading

STALLED_AFTER = 3 * SECOND
"""A heartbeat older than this means that the watch does not watch (clinical definition 4.3)."""


def watch_state(beat: Heartbeat | None, now: int) -> str:
    """ "running", "stalled" (the heartbeat stopped by itself) or "stopped" (on purpose, or never started)."""
    if beat is None or beat.stopped is not None:
        return "stopped"
    return "running" if now - beat.time <= STALLED_AFTER else "stalled"


def status(connection: Connection, now: int) -> dict[str, Any]:
    """The machine-readable status at `now` (wall clock): watch, and each bed with monitor, readings and rises."""
    beat = queries.heartbeat(connection)
    states = queries.bed_states(connection)
    return {
        "watch": {
            "state": watch_state(beat, now),
            "heartbeat_age_s": None if beat is None else round((now - beat.time) / SECOND, 3),
            "version": None if beat is None else beat.version,
        },
        "beds": [_bed(connection, bed, states.get(bed.id), beat, now) for bed in queries.beds(connection)],
    }


def _bed(connection: Connection, bed: Bed, state: BedState | None, beat: Heartbeat | None, now: int) -> dict[str, Any]:
    session = queries.open_sessions(connection).get(bed.id)
    clock = BedClock(state.clock_at, state.clock_wall, state.clock_rate) if state else BedClock(0, 0, 1.0)
    phase, found = Phase.NO_SESSION, []
    if session is not None:
        events = queries.session_events(connection, session.id)
        phase = fold(events, session.planned_minutes, clock.now(now)).phase
        found = queries.rises(connection, session.id)
    return {
        "name": bed.name,
        "mode": bed.mode,
        "state": phase.value,
        "monitor": _monitor(bed, state, beat, now),
        "readings": _readings(queries.latest_readings(connection, bed.id), clock.now(now)),
        "rises": [rise_as_json(each) for each in found],
    }


def _monitor(bed: Bed, state: BedState | None, beat: Heartbeat | None, now: int) -> dict[str, Any]:
    if state is None:
        return {
            "protocol": bed.protocol,
            "port": bed.port,
            "state": "connecting",
            "quiet_s": None,
            "frames": 0,
            "rejected": 0,
        }
    # Without a watch nobody knows how the port stands: what it last said is not repeated as if it were so.
    alive = watch_state(beat, now) == "running"
    return {
        "protocol": bed.protocol,
        "port": bed.port,
        "state": state.monitor if alive else "lost",
        "quiet_s": None if state.last_frame is None else round((now - state.last_frame) / SECOND, 3),
        "frames": state.frames,
        "rejected": state.rejected,
    }


def _readings(latest: list[Reading], bed_now: int) -> dict[str, Any]:
    """The newest reading of each signal; of several sources of one signal the newest one."""
    newest: dict[str, Reading] = {}
    for reading in latest:
        if reading.signal not in newest or reading.time > newest[reading.signal].time:
            newest[reading.signal] = reading
    return {
        signal: {
            "value": each.value,
            "unit": each.unit,
            "status": each.status.value,
            "source": each.source,
            "time": instant.format(each.time),
            "age_s": round((bed_now - each.time) / SECOND, 3),
        }
        for signal, each in newest.items()
    }


def rise_as_json(rise: StoredRise) -> dict[str, Any]:
    """A stored rise in the shape of ``flag --json``."""

    def written(moment: int | None) -> str | None:
        return None if moment is None else instant.format(moment)

    return {
        "signal": rise.signal,
        "level": rise.level,
        "threshold": rise.threshold,
        "clear": rise.clear,
        "baseline": rise.baseline,
        "onset": written(rise.onset),
        "confirmed": written(rise.confirmed),
        "peak": rise.peak,
        "peak_time": written(rise.peak_time),
        "return": written(rise.return_time),
        "declared": written(rise.declared),
        "outcome": rise.outcome,
        "present_at_baseline": rise.present_at_baseline,
    }
