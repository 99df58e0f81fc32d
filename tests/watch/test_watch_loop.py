"""The watch's own loop: its heartbeat, and a machine whose clock is set while it runs."""

from pathlib import Path

import pytest

from dashboard.store import queries
from dashboard.watch.desk import Desk
from dashboard.watch.replays import Replays
from dashboard.watch.service import Watch
from devices.hub import Hub
from devices.instant import HOUR, SECOND


class Clock:
    """The machine's clock, moved by the test."""

    def __init__(self, now):
        self.now = now
        self.step = 0

    def read(self):
        step, self.step = self.step, 0
        return self.now, step

    def set_by(self, step):
        self.now += step
        self.step += step


@pytest.fixture
def loop(store):
    clock = Clock(1_800_000_000 * SECOND)
    watch = Watch(store, "test", "live", [], Replays(), Desk({}, Path("none")))
    watch.hub = Hub(clock=clock)
    watch.hub.wakeup()  # nobody waits in a test

    def turn():
        watch.hub.wakeup()
        watch.step()
        with store.reading() as connection:
            found = queries.heartbeat(connection)
        return None if found is None else found.time

    yield clock, turn
    watch.replays.close()
    watch.hub.close()


def test_it_beats_once_a_second(loop):
    clock, turn = loop
    beats = set()
    for _ in range(50):
        clock.now += SECOND // 10
        beats.add(turn())
    assert len(beats) == 5


@pytest.mark.parametrize("step", [-HOUR, HOUR])
def test_a_clock_that_is_set_holds_up_no_heartbeat(loop, step):
    clock, turn = loop
    clock.now += SECOND
    turn()
    clock.set_by(step)
    clock.now += SECOND
    assert turn() == clock.now
    clock.now += SECOND
    assert turn() == clock.now
