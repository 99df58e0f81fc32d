"""What a monitor says of its port, with time passed in: each thing once, and the truth about silence."""

from __future__ import annotations

import itertools

import pytest

from devices.errors import LinkError, SettingError
from devices.links.line import LineSettings
from devices.monitor import Monitor
from devices.reading import Notice, Reading
from devices.source import Source, State

S = 1_000_000
LINE = LineSettings(9600)


class Ports:
    """Opens what the test has laid out: links, or errors, in turn."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.asked = []

    def __call__(self, url, line):
        self.asked.append(url)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def kinds(items):
    return [item.kind for item in items if isinstance(item, Notice)]


def test_a_monitor_is_a_source(letters, list_link):
    assert isinstance(Monitor("Bed 1", "/dev/x", letters(), LINE, open_port=Ports(list_link())), Source)


def test_link_up_connected_and_readings_come_in_this_order_and_once(letters, list_link):
    link = list_link()
    monitor = Monitor("Bed 1", "/dev/x", letters(), LINE, open_port=Ports(link))
    assert monitor.state(0).state is State.CONNECTING
    assert kinds(monitor.poll(0)) == ["link-up"]
    assert monitor.state(0).state is State.CONNECTING
    link.incoming.append(b"A")
    items = monitor.poll(1 * S)
    assert kinds(items) == ["connected"]
    assert isinstance(items[-1], Reading)
    link.incoming.append(b"AA")
    assert kinds(monitor.poll(2 * S)) == []
    state = monitor.state(3 * S)
    assert (state.state, state.frames, state.rejected, state.bytes_in, state.quiet_s) == (State.CONNECTED, 3, 0, 3, 1.0)


def test_quiet_is_told_once_and_ends_with_connected(letters, list_link):
    link = list_link(incoming=[b"A"])
    monitor = Monitor("Bed 1", "/dev/x", letters(), LINE, open_port=Ports(link))
    monitor.poll(0)
    assert monitor.wake(0) == 3 * S
    assert kinds(monitor.poll(3 * S - 1)) == []
    assert kinds(monitor.poll(3 * S)) == ["quiet"]
    assert monitor.state(3 * S).state is State.QUIET
    assert kinds(monitor.poll(60 * S)) == []
    assert monitor.state(60 * S).quiet_s == 60.0
    link.incoming.append(b"A")
    assert kinds(monitor.poll(61 * S)) == ["connected"]


def test_bytes_without_a_frame_ask_for_protocol_and_speed(letters, list_link):
    monitor = Monitor("Bed 1", "/dev/x", letters(), LINE, open_port=Ports(list_link(incoming=[b"zzzz"])))
    monitor.poll(0)
    (notice,) = monitor.poll(3 * S)
    assert notice.kind == "quiet"
    assert "4 bytes came but no whole letters frame" in notice.text
    assert "9600 8N1" in notice.text
    assert monitor.state(3 * S).text.startswith("/dev/x: 4 bytes came")


def test_a_monitor_that_takes_no_bytes_points_at_the_handshake_lines(letters, list_link):
    monitor = Monitor("Bed 1", "/dev/x", letters(period=S), LINE, open_port=Ports(list_link(stuck=51)))
    monitor.poll(0)
    (notice,) = monitor.poll(3 * S)
    assert "RTS and CTS" in notice.text


def test_a_port_that_cannot_be_opened_is_told_once_and_tried_with_growing_pauses(letters, list_link):
    ports = Ports(LinkError("/dev/x does not exist"))
    monitor = Monitor("Bed 1", "/dev/x", letters(), LINE, open_port=ports)
    now, told, times = 0, [], []
    for _ in range(8):
        told += monitor.poll(now)
        times.append(now)
        now = monitor.wake(now)
    assert kinds(told) == ["link-down"]
    assert [(b - a) / S for a, b in itertools.pairwise(times)] == [0.25, 0.5, 1, 2, 2, 2, 2]
    assert monitor.state(now).state is State.LOST
    assert monitor.state(now).text == "/dev/x does not exist"
    assert len(ports.asked) == 8


def test_a_network_port_is_tried_every_five_seconds_at_the_latest(letters, list_link):
    monitor = Monitor("Bed 1", "socket://h:1", letters(), LINE, open_port=Ports(LinkError("refused")))
    now = 0
    for _ in range(9):
        monitor.poll(now)
        before, now = now, monitor.wake(now)
    assert now - before == 5 * S


def test_nothing_is_opened_before_its_time(letters, list_link):
    ports = Ports(LinkError("gone"))
    monitor = Monitor("Bed 1", "/dev/x", letters(), LINE, open_port=ports)
    monitor.poll(0)
    monitor.poll(S // 4 - 1)
    assert len(ports.asked) == 1
    monitor.poll(S // 4)
    assert len(ports.asked) == 2


def test_unplug_and_replug(letters, list_link):
    first, second = list_link(incoming=[b"A"]), list_link(incoming=[b"A"])
    driver = letters()
    monitor = Monitor("Bed 1", "/dev/x", driver, LINE, open_port=Ports(first, LinkError("not there"), second))
    monitor.poll(0)
    first.incoming += [b"A"]
    monitor.poll(20 * S)
    first.incoming += [LinkError("/dev/x is gone")]
    (notice,) = monitor.poll(21 * S)
    assert (notice.kind, notice.text) == ("link-down", "/dev/x is gone")
    assert first.closed
    assert monitor.poll(21 * S + S // 4) == []
    assert monitor.state(22 * S).text == "not there"
    assert kinds(monitor.poll(22 * S)) == ["link-up", "connected"]
    assert (monitor.reopened, driver.openings) == (1, [0, 22 * S])


def test_a_port_that_opens_and_drops_at_once_is_one_trouble_told_once_with_growing_pauses(letters, list_link):
    class Dropping:
        def __call__(self, url, line):
            return list_link(incoming=[LinkError("ended the connection")])

    monitor = Monitor("Bed 1", "socket://h:1", letters(), LINE, open_port=Dropping())
    now, told, pauses = 0, [], []
    for _ in range(8):
        told += monitor.poll(now)
        pauses.append((monitor.wake(now) - now) / S)
        now = monitor.wake(now)
    assert kinds(told) == ["link-up", "link-down"]
    assert pauses == [0.25, 0.5, 1, 2, 5, 5, 5, 5]


def test_the_pauses_start_small_again_only_after_frames_came_for_ten_seconds(letters, list_link):
    links = [list_link(incoming=[b"A"]) for _ in range(3)]
    monitor = Monitor("Bed 1", "socket://h:1", letters(), LINE, open_port=Ports(*links))
    monitor.poll(0)
    links[0].incoming.append(LinkError("ended"))
    monitor.poll(9 * S)
    assert monitor.wake(9 * S) == 9 * S + S // 4
    monitor.poll(10 * S)
    links[1].incoming.append(LinkError("ended"))
    monitor.poll(11 * S)
    assert monitor.wake(11 * S) == 11 * S + S // 2
    monitor.poll(12 * S)
    links[2].incoming += [b"A"]
    monitor.poll(22 * S)
    links[2].incoming.append(LinkError("ended"))
    monitor.poll(23 * S)
    assert monitor.wake(23 * S) == 23 * S + S // 4


def test_a_shaky_port_that_holds_is_told_up_after_ten_seconds_even_without_frames(letters, list_link):
    dropping, holding = list_link(incoming=[LinkError("ended")]), list_link()
    monitor = Monitor("Bed 1", "socket://h:1", letters(), LINE, open_port=Ports(dropping, holding))
    assert kinds(monitor.poll(0)) == ["link-up", "link-down"]
    assert kinds(monitor.poll(S)) == []
    assert kinds(monitor.poll(4 * S)) == ["quiet"]
    assert monitor.wake(4 * S) == 11 * S
    assert kinds(monitor.poll(11 * S)) == ["link-up"]


def test_requests_go_out_when_due_and_both_ways_are_tapped(letters, list_link):
    link = list_link(incoming=[b"A"])
    tapped = []
    monitor = Monitor(
        "Bed 1", "/dev/x", letters(period=S), LINE, open_port=Ports(link), tap=lambda *what: tapped.append(what)
    )
    monitor.poll(5 * S)
    assert monitor.wake(5 * S) == 6 * S
    monitor.poll(5 * S + 1)
    monitor.poll(6 * S)
    assert link.written == [b"?", b"?"]
    assert tapped == [("RX", b"A", 5 * S), ("TX", b"?", 5 * S), ("TX", b"?", 6 * S)]
    assert monitor.bytes_out == 2


def test_a_driver_that_breaks_costs_these_bytes_and_says_so(letters, list_link, caplog):
    link = list_link(incoming=[b"A!", b"A"])
    monitor = Monitor("Bed 1", "/dev/x", letters(), LINE, open_port=Ports(link))
    rejected = [item for item in monitor.poll(0) if isinstance(item, Notice) and item.kind == "frame-rejected"]
    assert [notice.raw for notice in rejected] == [b"A!"]
    assert "breaks its promise" in caplog.text
    assert any(isinstance(item, Reading) for item in monitor.poll(1))


def test_a_clock_that_is_set_changes_no_duration(letters, list_link):
    link = list_link(incoming=[b"A"])
    driver = letters()
    monitor = Monitor("Bed 1", "/dev/x", driver, LINE, open_port=Ports(link))
    monitor.poll(0)
    (notice,) = monitor.clock_set(3600 * S, 3601 * S)
    assert (notice.kind, notice.text) == ("clock-offset", "this machine's clock was set forward by 3600.0 s")
    assert monitor.state(3601 * S).quiet_s == 1.0
    assert kinds(monitor.poll(3602 * S)) == []
    assert kinds(monitor.poll(3603 * S)) == ["quiet"]


@pytest.mark.parametrize(
    "url", ["", "gopher://x", "socket://host", "socket://:4001", "socket://h:99999999", "udp://h", "icmp://h:1"]
)
def test_a_port_of_no_known_kind_is_refused_before_anything_starts(url, letters):
    with pytest.raises(SettingError):
        Monitor("Bed 1", url, letters(), LINE)


def test_samples_that_waited_and_are_read_together_stay_samples_of_their_own(letters, list_link):
    link = list_link([b"AA", b"A"])
    monitor = Monitor("Bed 1", "/dev/x", letters(), LineSettings(), open_port=lambda url, line: link)
    first = [item for item in monitor.poll(0) if isinstance(item, Reading)]
    second = [item for item in monitor.poll(S) if isinstance(item, Reading)]
    assert [(item.time, item.received) for item in first + second] == [
        (0, 0),
        (0, 1),
        (S, S),
    ]
