"""Virtual monitors on real ptys and TCP ports: names that last, cables pulled out, one listener at a time."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import stat
import termios
import threading
import time
import tty
from pathlib import Path

import pytest

from devices.errors import LinkError, SettingError
from devices.hub import Hub
from devices.links.line import LineSettings
from devices.links.link import begin
from devices.monitor import Monitor
from devices.reading import Notice, Reading
from devices.virtual.farend import PtyEnd, far_end
from devices.virtual.faults import Fault
from devices.virtual.history import fast_forward
from devices.virtual.network_ends import TcpEnd
from devices.virtual.server import VirtualMonitor

S = 1_000_000
LINE = LineSettings(9600)


class Beacon:
    """Says a letter every tenth of a second of its time, and answers what it is asked with ``<`` and ``>``."""

    def __init__(self):
        self.next = None
        self.asked = []

    def receive(self, data, at):
        self.asked.append(data)
        return b"<" + data + b">"

    def tick(self, at):
        if self.next is None:
            self.next = at
        count = 0
        while self.next <= at:
            self.next += S // 10
            count += 1
        return b"A" * count


class Counting(Beacon):
    """Says a number in place of each letter, beginning with 1."""

    said = 0

    def tick(self, at):
        before, self.said = self.said, self.said + len(super().tick(at))
        return b"".join(b"%d;" % number for number in range(before + 1, self.said + 1))


class Greeting(Beacon):
    def opened(self, at):
        return b"hello"


@pytest.fixture(params=["pty", "tcp"])
def link(request):
    return request.param


def connect(monitor):
    opening = begin(monitor.url, LINE)
    if hasattr(opening, "take"):
        assert select.select([opening], [], [], 5)[0]
        return opening.take()
    return opening


@contextlib.contextmanager
def plainly_opened(url):
    """The port's file descriptor, opened as any program may: ours throws away what stands in a port's queue."""
    if url.startswith("/"):
        port = os.open(url, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(port, termios.TCSANOW)
        try:
            yield port
        finally:
            os.close(port)
    else:
        with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=5) as port:
            yield port.fileno()


def listen(port, enough, seconds=5.0):
    got = b""
    end = time.monotonic() + seconds
    while enough not in got:
        assert time.monotonic() < end, got
        if select.select([port], [], [], 0.1)[0]:
            got += port.read()
    return got


def test_it_speaks_answers_and_goes_away_when_stopped(link):
    monitor = VirtualMonitor(Beacon, link, name="beacon").start()
    port = connect(monitor)
    listen(port, b"AA")
    port.write(b"how are you")
    listen(port, b"<how are you>")
    monitor.stop()
    with pytest.raises(LinkError):
        for _ in range(100):
            select.select([port], [], [], 0.1)
            port.read()
    port.close()
    with pytest.raises(LinkError):
        connect(monitor)
    monitor.stop()


def test_nothing_is_left_behind_in_the_temporary_folder():
    monitor = VirtualMonitor(Beacon, "pty", name="beacon").start()
    path = Path(monitor.url)
    assert path.name == "beacon"
    assert stat.S_ISCHR(path.stat().st_mode)
    monitor.stop()
    assert not path.is_symlink()
    assert not path.parent.exists()


def test_a_late_listener_hears_what_is_said_now_not_what_was_said_before(link):
    monitor = VirtualMonitor(Counting, link, speed=20.0).start()
    while (before := monitor.device.said) < 50:
        time.sleep(0.01)
    with plainly_opened(monitor.url) as port:
        said = b""
        while b";" not in said:
            assert select.select([port], [], [], 5)[0]
            said += os.read(port, 100)
    assert before < int(said.partition(b";")[0]) <= monitor.device.said
    monitor.stop()


def test_a_listener_that_closes_and_comes_again_is_served_again_and_greeted(link):
    monitor = VirtualMonitor(Greeting, link).start()
    for _ in range(3):
        port = connect(monitor)
        assert b"hello" in listen(port, b"A", 5.0)
        port.close()
        time.sleep(0.12)
    monitor.stop()


def test_a_second_tcp_listener_is_turned_away():
    monitor = VirtualMonitor(Beacon, "tcp").start()
    port = connect(monitor)
    listen(port, b"A")
    with socket.create_connection(("127.0.0.1", int(monitor.url.rsplit(":", 1)[1])), timeout=5) as second:
        assert second.recv(1) == b""
    listen(port, b"A")
    port.close()
    monitor.stop()


def test_unplug_takes_the_port_away_and_brings_it_back_under_the_same_name(link, letters_driver):
    virtual = VirtualMonitor(Beacon, link, faults=[Fault("unplug", 0.4, 0.3)]).start()
    url = virtual.url
    monitor = Monitor("Bed 1", url, letters_driver(), LINE)
    hub = Hub([monitor])
    notices, readings_after = [], 0
    end = time.monotonic() + 10
    while readings_after < 3 and time.monotonic() < end:
        for _, items in hub.wait(0.2):
            notices += [item.kind for item in items if isinstance(item, Notice) and item.kind != "frame-rejected"]
            if monitor.reopened:
                readings_after += sum(isinstance(item, Reading) for item in items)
    hub.close()
    virtual.stop()
    assert notices == ["link-up", "connected", "link-down", "link-up", "connected"]
    assert virtual.url == url


def test_while_it_is_unplugged_nobody_else_is_there():
    pty_end = PtyEnd("monitor")
    pty_end.plug()
    pty_end.plug()
    port = begin(pty_end.url, LINE)
    pty_end.unplug()
    with pytest.raises(LinkError, match="is gone"):
        port.read()
    port.close()
    assert Path(pty_end.url).is_symlink()
    with pytest.raises(LinkError, match="does not exist"):
        begin(pty_end.url, LINE)
    pty_end.plug()
    begin(pty_end.url, LINE).close()
    pty_end.close()

    tcp_end = TcpEnd()
    port = int(tcp_end.url.rsplit(":", 1)[1])
    tcp_end.unplug()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    tcp_end.plug()
    assert tcp_end.url == f"socket://127.0.0.1:{port}"
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    tcp_end.close()


def test_silence_neither_hears_nor_speaks():
    device = Beacon()
    monitor = VirtualMonitor(Beacon, "tcp", device=device, faults=[Fault("silence", 0, 3600)], start=0)
    with socket.create_connection(("127.0.0.1", int(monitor.url.rsplit(":", 1)[1])), timeout=5) as port:
        monitor.serve(0)
        port.sendall(b"hello?")
        time.sleep(0.05)
        monitor.serve(S)
        port.settimeout(0.1)
        with pytest.raises(TimeoutError):
            port.recv(1)
    assert device.asked == []
    monitor.close()


def test_a_counter_jump_switches_the_device_off_and_on_once():
    made = []

    def make():
        made.append(Beacon())
        return made[-1]

    monitor = VirtualMonitor(make, "tcp", faults=[Fault("counter-jump", 2, 5)], start=0)
    for second in (0, 1, 2, 3, 8):
        monitor.serve(second * S)
    assert len(made) == 2
    assert monitor.device is made[1]
    monitor.close()


def test_its_time_runs_as_fast_as_wanted_in_steps_a_device_can_follow():
    steps = []

    class Stepped(Beacon):
        def tick(self, at):
            steps.append(at)
            return b""

    monitor = VirtualMonitor(Stepped, "tcp", speed=600.0, start=0)
    monitor.serve(30 * S)
    assert steps[-1] == 30 * S
    assert max(b - a for a, b in zip([0, *steps], steps, strict=False)) <= S // 4
    time.sleep(0.05)
    assert monitor.now() >= 30 * S
    monitor.close()


def test_running_costs_next_to_nothing_while_nobody_listens():
    monitor = VirtualMonitor(Beacon, "pty").start()
    connect(monitor).close()
    time.sleep(0.1)
    used = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - used < 0.2
    monitor.stop()


def test_stop_ends_the_thread_at_once():
    before = threading.active_count()
    monitor = VirtualMonitor(Beacon, "pty").start()
    begun = time.monotonic()
    monitor.stop()
    assert time.monotonic() - begun < 2.0
    assert threading.active_count() == before


def test_links_that_are_not_offered_are_refused_in_a_sentence():
    for link in ("udp", "connect:10.0.0.1:5000"):
        with pytest.raises(SettingError, match="use --link pty or tcp"):
            far_end(link, "dinamap", Beacon())
    for link in ("tcp:abc", "tcp:70000", "tcp:-1"):
        with pytest.raises(SettingError, match="tcp or tcp:PORT"):
            far_end(link, "dinamap", Beacon())
    with pytest.raises(SettingError, match="is not a link"):
        far_end("serial", "dinamap", Beacon())


def test_a_tcp_port_that_is_taken_is_refused_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(LinkError, match=f"TCP port {port} cannot be used"):
            far_end(f"tcp:{port}", "dinamap", Beacon())


def test_the_past_is_told_by_the_same_driver_that_then_goes_on_live(letters_driver):
    device, driver = Beacon(), letters_driver()
    past = [item for item in fast_forward(device, driver, 0, 60 * S) if isinstance(item, Reading)]
    assert len(past) == 599
    assert (past[0].time, past[-1].time) == (0, 60 * S - S // 5)
    assert device.next == 60 * S - S // 10
