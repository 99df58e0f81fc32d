"""A bed under watch without ports: a source that says what a test tells it to, a clock that a test moves."""

from types import SimpleNamespace

import pytest

from dashboard.sessions.events import EventKind
from dashboard.sessions.plan import Plan
from dashboard.sessions.setup import ensure_presets
from dashboard.store import acts, queries, writes
from dashboard.store.database import open_store
from dashboard.watch.bed import BedWatch, write_beds
from devices.clock import LIVE
from devices.instant import MINUTE, SECOND
from devices.reading import Reading, Status
from devices.source import MonitorState, State

START = 1_700_000_000 * SECOND


class FakeSource:
    """Stands for a monitor that is connected."""

    def __init__(self, name="Bed 1", clock=LIVE):
        self.name = name
        self.clock = clock
        self.closed = False
        self.driver = SimpleNamespace(cuff_dating=2 * SECOND)

    def state(self, now):
        return MonitorState("line", "/dev/x", State.CONNECTED, 0.0, 1, 0, 10, "")

    def close(self):
        self.closed = True


class Ward:
    """One bed, its store and its clock. `say` lets the monitor speak, `pass_time` lets the watch judge and commit."""

    def __init__(self, store, preset="adult-iv", mode="live"):
        self.store = store
        self.now = START
        with store.writing() as connection:
            writes.set_up_beds(
                connection,
                [{"name": "Bed 1", "place": 0, "grp": "", "protocol": "line", "port": "/dev/x", "mode": mode}],
            )
        with store.reading() as connection:
            self.bed = queries.beds(connection)[0]
            self.version = queries.latest_threshold_version(connection, preset)
        self.restart()

    def restart(self):
        """As after a crash: what was not committed is gone, a new watch reads the store."""
        self.watch = BedWatch(self.bed, FakeSource())
        self.writer = writes.ReadingWriter()
        with self.store.reading() as connection:
            self.watch.resume(connection, self.now)

    def open_session(self, planned_minutes=40.0):
        self.session = acts.start_session(
            self.store,
            self.bed.id,
            patient="A. B.",
            identifier="1970",
            threshold_version_id=self.version.id,
            plan=Plan(planned_minutes=planned_minutes),
            author="Ada",
            now=self.now,
            bed_now=self.now,
        )
        self.look()
        return self.session

    def event(self, kind, time=None, **detail):
        acts.record_event(
            self.store,
            self.session,
            kind,
            time=self.now if time is None else time,
            author="Ada",
            now=self.now,
            bed_now=self.now,
            detail=detail,
        )
        self.look()

    def look(self):
        with self.store.reading() as connection:
            self.watch.take_acts(connection, self.now)

    def say(self, *readings):
        self.watch.take(list(readings), self.now)

    def cuff(self, sys, dia, mean=None, time=None):
        given = {"NIBP_SYS": sys, "NIBP_DIA": dia, "NIBP_MEAN": mean}
        at = self.now if time is None else time
        self.say(
            *(
                Reading(at, self.now, signal, value, "mmHg", Status.OK, "line:nibp")
                for signal, value in given.items()
                if value is not None
            )
        )

    def rate(self, value):
        self.say(Reading(self.now, self.now, "HR", value, "/min", Status.OK, "line:hr"))

    def commit(self):
        self.watch.judge(self.now)
        with self.store.writing() as connection:
            write_beds(connection, self.writer, [self.watch], self.now)
        self.watch.written()

    def pass_time(self, seconds):
        self.now += round(seconds * SECOND)
        self.commit()

    def rises(self):
        with self.store.reading() as connection:
            return queries.rises(connection, self.session)

    def alarms(self):
        with self.store.reading() as connection:
            return {each.key: each for each in queries.standing_alarms(connection)}

    def minutes(self, instant):
        return None if instant is None else (instant - self.t0) / MINUTE

    def start_infusion(self, time=None):
        self.t0 = self.now if time is None else time
        self.event(EventKind.INFUSION_START, self.t0)


@pytest.fixture
def store(any_place):
    opened = open_store(any_place)
    ensure_presets(opened, START)
    yield opened
    opened.close()


@pytest.fixture
def ward(store):
    return Ward(store)
