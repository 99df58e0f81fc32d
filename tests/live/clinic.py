"""A small clinic in a temporary store, written as the watch and people write it. `T` is a round instant."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from dashboard.sessions.events import EventKind
from dashboard.sessions.plan import Plan
from dashboard.sessions.setup import ensure_presets
from dashboard.store import acts, queries, writes
from dashboard.store.database import FILE_NAME, Store, open_store
from dashboard.store.records import BedState
from devices import instant
from devices.reading import Reading, Status
from devices.signals import SIGNALS

T = 1_764_000_000 * instant.SECOND
S = instant.SECOND


def reading(
    signal: str,
    time: int,
    value: float | None,
    status: Status = Status.OK,
    source: str | None = None,
    received: int | None = None,
) -> Reading:
    name = source or f"nonin:{signal.lower()}"
    return Reading(time, time if received is None else received, signal, value, SIGNALS[signal].unit, status, name)


def cuff(time: int, sys: float | None, dia: float | None, mean: float | None = None, **more) -> list[Reading]:
    values = {"NIBP_SYS": sys, "NIBP_DIA": dia, "NIBP_MEAN": mean}
    return [
        reading(name, time, value, source=f"dinamap:{name.lower()}", **more)
        for name, value in values.items()
        if value is not None
    ]


STATE = BedState(
    bed_id=0,
    monitor="connected",
    text="speaking",
    last_frame=T,
    frames=10,
    rejected=0,
    bytes_in=100,
    late=0,
    clock_at=0,
    clock_wall=0,
    clock_rate=1.0,
    provisional=(),
    replay=None,
)


@cache
def empty_store() -> bytes:
    """A database with its schema and the presets, made once: migrating takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(folder)
        ensure_presets(store, T)
        store.close()
        return (Path(folder) / FILE_NAME).read_bytes()


class Clinic:
    """A store with beds, and the writes that the watch would make."""

    def __init__(self, folder: Path, beds: int = 2, mode: str = "live") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE_NAME).write_bytes(empty_store())
        self.store: Store = open_store(folder)
        self.writer = writes.ReadingWriter()
        rows = [
            {"name": f"Bed {n + 1}", "place": n, "grp": "", "protocol": "nonin", "port": f"loop://{n}", "mode": mode}
            for n in range(beds)
        ]
        with self.store.writing() as connection:
            ids = writes.set_up_beds(connection, rows)
        self.beds = [ids[row["name"]] for row in rows]
        self.states: dict[int, BedState] = {}
        for bed in self.beds:
            self.state(bed)
        self.beat(T)

    def beat(self, now: int, mode: str = "live") -> None:
        with self.store.writing() as connection:
            writes.beat(connection, "test", now, T, "0.1.0", mode)

    def state(self, bed: int, **changes) -> None:
        self.states[bed] = replace(self.states.get(bed, replace(STATE, bed_id=bed)), **changes)
        with self.store.writing() as connection:
            writes.write_bed_states(connection, [self.states[bed]])

    def write(self, bed: int, *readings: Reading) -> None:
        with self.store.writing() as connection:
            self.writer.write(connection, [(bed, each) for each in readings])

    def start(self, bed: int, now: int = T, thresholds: str = "adult-iv") -> int:
        with self.store.reading() as connection:
            version = queries.latest_threshold_version(connection, thresholds)
        assert version is not None
        return acts.start_session(
            self.store,
            bed,
            patient="A. B.",
            identifier="1970-01-01",
            threshold_version_id=version.id,
            author="Nurse One",
            now=now,
            bed_now=now,
            plan=Plan(planned_minutes=40),
        )

    def event(self, session: int, kind: EventKind, time: int, **detail) -> None:
        acts.record_event(
            self.store, session, kind, time=time, author="Nurse One", now=time, bed_now=time, detail=detail
        )

    def alarm(self, bed: int, now: int = T, **changes) -> int:
        row = {
            "bed_id": bed,
            "session_id": None,
            "key": "rise SBP 2",
            "category": "physiological",
            "priority": 2,
            "signal": "SBP",
            "text": "SBP 168, limit 165",
            "value": 168.0,
            "threshold": 165.0,
            "unit": "mmHg",
            "since": now,
            "raised": now,
            "silent": 0,
            **changes,
        }
        with self.store.writing() as connection:
            alarm_id = writes.raise_alarm(connection, row)
        assert alarm_id is not None
        return alarm_id
