"""The one loop that reads all monitors: several ports, re-opening, waking, and no spinning."""

from __future__ import annotations

import os
import pty
import select
import socket
import threading
import time
import tty

import pytest

from devices.clock import LIVE
from devices.hub import Hub
from devices.links.line import LineSettings
from devices.monitor import Monitor
from devices.reading import Item, Notice, Reading
from devices.source import MonitorState, State

LINE = LineSettings(9600)
S = 1_000_000


@pytest.fixture
def hub():
    hub = Hub()
    yield hub
    hub.close()


def until(hub, enough, seconds=10.0):
    """Everything heard until `enough(heard)`."""
    heard = []
    end = time.monotonic() + seconds
    while not enough(heard):
        assert time.monotonic() < end, [item for _, items in heard for item in items]
        heard += hub.wait(0.5)
    return heard


def readings(heard, monitor):
    return [item for source, items in heard if source is monitor for item in items if isinstance(item, Reading)]


def kinds(heard, monitor):
    return [item.kind for source, items in heard if source is monitor for item in items if isinstance(item, Notice)]


def raw_pty():
    master, slave = pty.openpty()
    tty.setraw(slave)
    return master, slave, os.ttyname(slave)


def test_twelve_ports_are_read_by_one_thread_and_each_byte_reaches_its_own_bed(hub, letters):
    ports = [raw_pty() for _ in range(12)]
    monitors = [Monitor(f"Bed {n}", path, letters(), LINE) for n, (_, _, path) in enumerate(ports)]
    for monitor in monitors:
        hub.add(monitor)
    threads = threading.active_count()
    hub.wait(0.2)
    for number, (master, _, _) in enumerate(ports):
        os.write(master, b"A" * (number + 1))
    heard = until(hub, lambda heard: sum(len(readings(heard, m)) for m in monitors) == 78)
    assert [len(readings(heard, monitor)) for monitor in monitors] == list(range(1, 13))
    assert threading.active_count() == threads
    for master, slave, _ in ports:
        os.close(master)
        os.close(slave)


def test_a_port_that_vanishes_and_comes_back_under_its_name_is_read_again(hub, letters, tmp_path):
    path = tmp_path / "monitor"
    master, slave, name = raw_pty()
    path.symlink_to(name)
    monitor = Monitor("Bed 1", str(path), letters(), LINE)
    hub.add(monitor)
    hub.wait(0.2)
    os.write(master, b"A")
    until(hub, lambda heard: readings(heard, monitor))
    path.unlink()
    os.close(slave)
    os.close(master)
    heard = until(hub, lambda heard: "link-down" in kinds(heard, monitor))
    assert monitor.state(hub.now).state is State.LOST
    master, slave, name = raw_pty()
    path.symlink_to(name)
    heard = until(hub, lambda heard: monitor.handle() is not None)
    os.write(master, b"A")
    heard += until(hub, lambda heard: readings(heard, monitor))
    assert kinds(heard, monitor) == ["link-up", "connected"]
    assert monitor.reopened == 1
    os.close(slave)
    os.close(master)


def test_a_server_that_is_restarted_is_connected_to_again(hub, letters):
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    monitor = Monitor("Bed 1", f"socket://127.0.0.1:{port}", letters(), LINE)
    hub.add(monitor)
    heard = hub.wait(0.1)
    client, _ = server.accept()
    client.sendall(b"AA")
    heard += until(hub, lambda heard: len(readings(heard, monitor)) == 2)
    assert kinds(heard, monitor) == ["link-up", "connected"]
    client.close()
    server.close()
    until(hub, lambda heard: "link-down" in kinds(heard, monitor))
    server = socket.create_server(("127.0.0.1", port))
    server.settimeout(0.01)
    until(hub, lambda heard: monitor.handle() is not None and monitor.opened_count == 2)
    client, _ = server.accept()
    client.sendall(b"A")
    until(hub, lambda heard: len(readings(heard, monitor)) == 1)
    client.close()
    server.close()


def test_a_dead_network_does_not_hold_up_another_bed(hub, letters):
    dead = Monitor("Bed 1", "socket://192.0.2.1:9", letters(), LINE)  # an address that exists nowhere
    master, slave, path = raw_pty()
    alive = Monitor("Bed 2", path, letters(), LINE)
    hub.add(dead)
    hub.add(alive)
    begun = time.monotonic()
    hub.wait(0.2)
    os.write(master, b"A")
    until(hub, lambda heard: readings(heard, alive))
    assert time.monotonic() - begun < 2.0
    os.close(slave)
    os.close(master)


def test_requests_are_sent_when_due_without_a_timer_per_port(hub, letters):
    master, slave, path = raw_pty()
    hub.add(Monitor("Bed 1", path, letters(period=S // 20), LINE))
    begun = time.monotonic()
    sent = b""
    while len(sent) < 6 and time.monotonic() - begun < 10:
        hub.wait(0.2)
        if select.select([master], [], [], 0)[0]:
            sent += os.read(master, 100)
    # never sooner than due, however busy the machine is
    assert 6 <= len(sent) <= (time.monotonic() - begun) / 0.05 + 2
    os.close(slave)
    os.close(master)


def test_an_idle_hub_sleeps(hub, letters):
    master, slave, path = raw_pty()
    driver = letters()
    driver.quiet_after = 3600 * S
    hub.add(Monitor("Bed 1", path, driver, LINE))
    hub.wait(0.1)
    used = time.process_time()
    begun = time.monotonic()
    assert hub.wait(0.5) == []
    assert time.monotonic() - begun >= 0.45
    assert time.process_time() - used < 0.1
    os.close(slave)
    os.close(master)


def test_a_driver_that_is_always_due_cannot_make_the_loop_spin(hub, letters):
    class Impatient(letters):
        def wake(self):
            return 0

    master, slave, path = raw_pty()
    hub.add(Monitor("Bed 1", path, Impatient(), LINE))
    turns, end = 0, time.monotonic() + 0.5
    while time.monotonic() < end:
        hub.wait(1.0)
        turns += 1
    assert turns <= 110
    os.close(slave)
    os.close(master)


def test_wakeup_from_another_thread_ends_a_wait(hub):
    threading.Timer(0.1, hub.wakeup).start()
    begun = time.monotonic()
    assert hub.wait(10.0) == []
    assert time.monotonic() - begun < 5.0


def test_bytes_that_may_wait_are_read_together_with_those_of_another_port(hub, letters):
    (one, _, first), (another, _, second) = raw_pty(), raw_pty()
    monitors = [Monitor("Bed 1", first, letters(), LINE), Monitor("Bed 2", second, letters(), LINE)]
    for monitor in monitors:
        hub.add(monitor)
    hub.wait(0.1)
    os.write(one, b"A")
    later = threading.Timer(0.1, os.write, (another, b"AA"))
    later.start()
    heard = hub.wait(10.0, rest_s=2.0)
    assert [len(readings(heard, monitor)) for monitor in monitors] == [1, 2]
    later.join()


def test_a_wakeup_ends_the_rest_and_so_does_a_request_that_is_due(hub, letters):
    master, _, path = raw_pty()
    hub.add(Monitor("Bed 1", path, letters(period=S // 20), LINE))
    hub.wait(0.1)
    begun = time.monotonic()
    for _ in range(3):
        hub.wait(20.0, rest_s=20.0)
    assert select.select([master], [], [], 0)[0], "the requests went out"
    hub.remove(hub.sources[0])
    threading.Timer(0.1, hub.wakeup).start()
    assert hub.wait(20.0, rest_s=20.0) == []
    assert time.monotonic() - begun < 10.0


def test_a_machine_clock_that_is_set_is_told_by_every_monitor_and_makes_none_quiet(letters, list_link):
    class Clock:
        now, step = 100 * S, 0

        def read(self):
            step, self.step = self.step, 0
            return self.now, step

    clock = Clock()
    hub = Hub(clock=clock)
    monitor = Monitor("Bed 1", "/dev/x", letters(), LINE, open_port=lambda url, line: list_link(incoming=[b"A"]))
    monitor.handle = lambda: None  # a list has no file number to wait on
    hub.add(monitor)
    hub.wait(0)
    clock.now += 3601 * S
    clock.step = 3600 * S
    heard = hub.wait(0)
    assert kinds(heard, monitor) == ["clock-offset"]
    assert monitor.state(clock.now).quiet_s == 1.0
    hub.close()


def test_a_source_added_again_is_served_once() -> None:
    class Counting:
        name, clock, polled = "Bed 1", LIVE, 0

        def poll(self, now: int) -> list[Item]:
            self.polled += 1
            return []

        def wake(self, now: int) -> int | None:
            return now

        def state(self, now: int) -> MonitorState:
            raise NotImplementedError

        def close(self) -> None: ...

    source = Counting()
    hub = Hub([source])
    for _ in range(20):
        hub.add(source)
    hub.wakeup()
    hub.wait(0)
    hub.close()
    assert source.polled == 1
