"""Two beds on one listening port: the real loop, real connections, each bed's numbers and notices, answers checked."""

from __future__ import annotations

import socket
import time

import pytest

from dashboard.watch.build import _sources
from dashboard.watch.configuration import check_configuration
from devices import catalogue, instant
from devices.hub import Hub
from devices.links.line import LineSettings
from devices.reading import Notice, Reading
from devices.shared_port import SharedBed, SharedPort
from devices.source import Source, State
from devices.virtual.device import Cuff, Observation
from devices.virtual.hl7 import Hl7Device

LINE = LineSettings()
SEVEN, EIGHT = "Ward^3^7", "Ward^3^8"


class Bedside:
    """Shows a heart rate and one cuff result."""

    def __init__(self, hr: int) -> None:
        self.hr = hr
        self.cuff = Cuff(False, instant.now() - 30 * instant.SECOND, 100 + hr, hr, hr + 30, hr, "", 1)

    def observe(self, at: int) -> Observation:
        return Observation(self.hr, self.hr, 98, 14, 36.8, self.cuff)

    def start_cuff(self, at: int) -> None:
        raise AssertionError

    def cancel_cuff(self, at: int) -> None:
        raise AssertionError


class Sender:
    """A monitor that calls the port and sends one message at a time."""

    def __init__(self, port: int, hr: int, location: str) -> None:
        self.device = Hl7Device(Bedside(hr), location)
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=5)

    def message(self) -> bytes:
        now = instant.now()
        return self.device.message(self.device._bedside.observe(now), now)

    def send(self, data: bytes | None = None) -> None:
        self.connection.sendall(self.message() if data is None else data)

    def answer(self) -> str:
        self.connection.settimeout(5)
        said = b""
        while not said.endswith(b"\x1c\r"):
            said += self.connection.recv(4_096)
        return said.decode().split("\r")[1]


class Ward:
    """A hub with two beds on one listening port, and what they said."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        shared = SharedPort(f"listen://127.0.0.1:{self.port}", catalogue.create("hl7"), LINE)
        self.beds = [shared.bed("Bed 7", SEVEN), shared.bed("Bed 8", EIGHT)]
        self.hub = Hub(self.beds)
        self.said: dict[str, list[Reading | Notice]] = {bed.name: [] for bed in self.beds}
        self.turn(0.05)

    def turn(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for source, items in self.hub.wait(0.02):
                self.said[source.name] += items

    def until(self, enough) -> None:
        end = time.monotonic() + 10
        while not enough():
            assert time.monotonic() < end, self.said
            self.turn(0.02)

    def values(self, name: str, signal: str = "HR") -> list[float | None]:
        return [item.value for item in self.said[name] if isinstance(item, Reading) and item.signal == signal]

    def kinds(self, name: str) -> list[str]:
        return [item.kind for item in self.said[name] if isinstance(item, Notice)]


@pytest.fixture
def ward():
    made = Ward()
    yield made
    made.hub.close()


def test_each_bed_gets_its_own_numbers_and_each_sender_its_own_answer(ward):
    seven, eight = Sender(ward.port, 70, SEVEN), Sender(ward.port, 88, EIGHT)
    for turn in range(1, 4):
        seven.send()
        eight.send()
        ward.until(lambda turn=turn: len(ward.values("Bed 7")) == len(ward.values("Bed 8")) == turn)
        assert seven.answer() == f"MSA|AA|{turn}"
        assert eight.answer() == f"MSA|AA|{turn}"
    assert ward.values("Bed 7") == [70, 70, 70]
    assert ward.values("Bed 8") == [88, 88, 88]
    assert ward.values("Bed 7", "NIBP_SYS") == [170]
    assert ward.values("Bed 8", "NIBP_SYS") == [188]
    assert ward.kinds("Bed 7") == ward.kinds("Bed 8") == ["link-up", "connected", "device-event"]


def test_one_gateway_for_both_on_one_connection(ward):
    gateway, other = Sender(ward.port, 70, SEVEN), Hl7Device(Bedside(88), EIGHT)
    now = instant.now()
    both = gateway.message() + other.message(Bedside(88).observe(now), now)
    gateway.send(both)
    ward.until(lambda: ward.values("Bed 7") and ward.values("Bed 8"))
    assert (ward.values("Bed 7"), ward.values("Bed 8")) == ([70], [88])


def test_a_location_of_no_bed_is_counted_and_told_once_at_every_bed(ward):
    stranger, seven = Sender(ward.port, 99, "Ward^9^9"), Sender(ward.port, 70, SEVEN)
    for turn in range(1, 4):
        stranger.send()
        ward.turn(0.05)
        assert stranger.answer() == f"MSA|AA|{turn}"
    seven.send()
    ward.until(lambda: ward.values("Bed 7"))
    assert ward.values("Bed 7") == [70]
    assert ward.values("Bed 8") == []
    for name in ("Bed 7", "Bed 8"):
        told = [item for item in ward.said[name] if isinstance(item, Notice) and item.kind == "value-refused"]
        assert [notice.code for notice in told] == ["Ward^9^9"]
    assert [bed.state(ward.hub.now).frames for bed in ward.beds] == [1, 0]
    assert {bed.state(ward.hub.now).rejected for bed in ward.beds} == {3}


def test_half_messages_of_two_senders_garbage_and_a_hang_up_cost_nothing_but_themselves(ward):
    seven, eight = Sender(ward.port, 70, SEVEN), Sender(ward.port, 88, EIGHT)
    first, second = seven.message(), eight.message()
    seven.send(first[:600])
    ward.turn(0.05)
    eight.send(b"garbage\x00" + second[:700])
    ward.turn(0.05)
    seven.send(first[600:])
    eight.send(second[700:])
    ward.until(lambda: ward.values("Bed 7") and ward.values("Bed 8"))
    assert (seven.answer(), eight.answer()) == ("MSA|AA|1", "MSA|AA|1")
    assert ward.kinds("Bed 7").count("bytes-skipped") == 1
    cut = seven.message()
    seven.send(cut[: cut.index(b"147842^") + 60])  # within the row of the heart rate
    ward.turn(0.05)
    seven.connection.close()
    ward.until(lambda: "frame-rejected" in ward.kinds("Bed 8"))
    assert ward.values("Bed 7") == [70]
    eight.send()
    ward.until(lambda: len(ward.values("Bed 8")) == 2)
    assert eight.answer() == "MSA|AA|2"
    again = Sender(ward.port, 72, SEVEN)
    again.send()
    ward.until(lambda: len(ward.values("Bed 7")) == 2)
    assert again.answer() == "MSA|AA|1"
    assert ward.values("Bed 7") == [70, 72]


def test_states_are_each_bed_s_own(ward):
    seven, eight = ward.beds
    assert isinstance(seven, Source)
    assert [bed.state(ward.hub.now).state for bed in ward.beds] == [State.CONNECTING] * 2
    sender = Sender(ward.port, 70, SEVEN)
    sender.send()
    ward.until(lambda: ward.values("Bed 7"))
    now = ward.hub.now
    assert (seven.state(now).state, eight.state(now).state) == (State.CONNECTED, State.CONNECTING)
    assert seven.state(now).bytes_in > 500
    assert eight.state(now).bytes_in == 0
    assert seven.state(now).port == eight.state(now).port == f"listen://127.0.0.1:{ward.port}"
    # Time passes without a message, as the loop would see it.
    later = now + 100 * instant.SECOND
    quiet = [item for item in eight.poll(later) + seven.poll(later) if isinstance(item, Notice)]
    assert [notice.kind for notice in quiet] == ["quiet", "quiet"]
    assert "no message of Ward^3^8 for" in quiet[0].text
    assert (seven.state(later).state, eight.state(later).state) == (State.QUIET, State.QUIET)


def test_a_port_in_use_is_told_at_every_bed_and_taken_when_it_is_free():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        shared = SharedPort(f"listen://127.0.0.1:{number}", catalogue.create("hl7"), LINE)
        beds = [shared.bed("Bed 7", SEVEN), shared.bed("Bed 8", EIGHT)]
        now = instant.now()
        told = [[item.kind for item in bed.poll(now)] for bed in beds]
        assert told == [["link-down"], ["link-down"]]
        assert {bed.state(now).state for bed in beds} == {State.LOST}
        assert "in use by another program" in beds[1].state(now).text
    later = beds[0].wake(now)
    assert [[item.kind for item in bed.poll(later)] for bed in beds] == [["link-up"], ["link-up"]]
    for bed in beds:
        bed.close()
    socket.create_server(("127.0.0.1", number)).close()


def test_a_clock_that_is_set_changes_no_duration():
    shared = SharedPort("listen://127.0.0.1:0", catalogue.create("hl7"), LINE)
    bed = shared.bed("Bed 7", SEVEN)
    now = instant.now()
    bed.poll(now)
    hour = 3_600 * instant.SECOND
    assert [item.kind for item in bed.clock_set(hour, now + hour)] == ["clock-offset"]
    assert bed.state(now + hour).quiet_s == 0
    assert bed.poll(now + hour + 1) == []
    bed.close()


def test_the_loop_sleeps_while_nothing_comes(ward):
    sender = Sender(ward.port, 70, SEVEN)
    sender.send()
    ward.until(lambda: ward.values("Bed 7"))
    used = time.process_time()
    for _ in range(5):
        ward.hub.wait(0.1)
    assert time.process_time() - used < 0.2


def test_a_configuration_makes_one_port_for_the_beds_that_share_it():
    port = "listen://127.0.0.1:0"
    beds = [
        {"name": "A", "protocol": "hl7", "port": port, "location": SEVEN},
        {"name": "B", "protocol": "line", "port": "/dev/ttyUSB0"},
        {"name": "C", "protocol": "hl7", "port": port, "location": EIGHT},
        {"name": "D", "protocol": "hl7", "port": "socket://10.0.0.7:2575"},
    ]
    sources = _sources(check_configuration({"bed": beds}, "beds").bed)
    assert [source.name for source in sources] == ["A", "B", "C", "D"]
    assert isinstance(sources[0], SharedBed)
    assert isinstance(sources[2], SharedBed)
    assert sources[0].driver is sources[2].driver
    assert sources[3].driver is not sources[0].driver
