"""The virtual HL7 monitor: what it sends, how it waits for acknowledgements, and how it calls its listener."""

from __future__ import annotations

import csv
import re
import select
import signal
import socket
import subprocess
import sys
import time

import hl7
import pytest

from devices import catalogue, instant
from devices.errors import LinkError, SettingError
from devices.hub import Hub
from devices.links.line import LineSettings
from devices.monitor import Monitor
from devices.reading import Notice, Reading
from devices.virtual.device import Cuff, Observation
from devices.virtual.farend import far_end
from devices.virtual.faults import Fault
from devices.virtual.hl7 import PATIENCE, Hl7Device
from devices.virtual.network_ends import ConnectEnd
from devices.virtual.server import VirtualMonitor

S = instant.SECOND
START = instant.parse("2026-03-02T08:15:00Z")
CUFF = Cuff(False, START - 588 * S, 164, 96, 121, 88, "", 1)
SEEN = Observation(118, 117, 97, 14, 36.8, CUFF)
COMMAND = [sys.executable, "-m", "dashboard.cli"]


class Bedside:
    def __init__(self, seen: Observation = SEEN) -> None:
        self.seen = seen

    def observe(self, at: int) -> Observation:
        return self.seen

    def start_cuff(self, at: int) -> None:
        raise AssertionError

    def cancel_cuff(self, at: int) -> None:
        raise AssertionError


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def rows(data: bytes) -> dict[str, tuple[str, str]]:
    """Value and time of each row with a value, by name, as another parser reads them."""
    message = hl7.parse(data.strip(b"\x0b\x1c\r").decode())
    return {str(each[3][0][1]): (str(each[5]), str(each[14])) for each in message.segments("OBX") if str(each[5])}


def test_a_message_as_another_parser_reads_it():
    found = rows(Hl7Device(Bedside()).message(SEEN, START))
    assert found["MDC_ECG_HEART_RATE"] == ("118", "20260302081500.0000+0000")
    assert found["MDC_PULS_OXIM_SAT_O2"] == ("97", "20260302081500.0000+0000")
    assert found["MDC_PRESS_CUFF_SYS"] == ("164", "20260302080512.0000+0000")
    assert found["MDC_TEMP"][0] == "36.8"


def test_sensors_that_are_off_have_no_result_and_an_alarm_explains_it():
    seen = Observation(None, None, None, 14, None, Cuff(), (131, 72, 92))
    data = Hl7Device(Bedside(), patient="").message(seen, START)
    found = rows(data)
    assert set(found) == {"MDC_TTHOR_RESP_RATE", "Hard Inop", *(f"MDC_PRESS_BLD_ART_ABP_{each}" for each in
                                                              ("SYS", "DIA", "MEAN"))}  # fmt: skip
    assert b"\rPID|||||\r" in data
    assert data.count(b"|INV|||X|") == 4


def test_it_waits_for_an_acknowledgement_but_not_for_ever():
    device = Hl7Device(Bedside())
    counts = []
    for second in range(8):
        counts.append(device.tick(START + second * S).count(b"\x0b"))
        if second == 0:
            assert device.receive(b"\x0bMSH|^~\\&|||||||ACK\rMSA|AA|1\r\x1c", START) == b""
            assert device.receive(b"\r", START) == b""
    assert counts[:2] == [1, 1]
    assert sum(counts[2 : 2 + PATIENCE]) == 1
    assert sum(counts[PATIENCE + 1 :]) >= 1
    assert (device.sent, device.acknowledged) == (sum(counts), 1)


def test_its_frames_for_faults():
    device = Hl7Device(Bedside())
    both = device.message(SEEN, START) + device.message(SEEN, START)
    assert [len(frame) for frame in device.split(both)] == [len(both) // 2] * 2
    assert b"".join(device.split(both)) == both
    damaged = device.damage(both)
    assert len(damaged) == len(both)
    driver = catalogue.create("hl7")
    told = [item.kind for item in driver.receive(damaged, START) if isinstance(item, Notice)]
    assert told == ["frame-rejected", "device-event"]  # the second message says who sends


@pytest.mark.parametrize("link", ["connect:", "connect:h", "connect:h:x", "connect::1", "connect:h:70000"])
def test_how_a_call_is_written(link):
    with pytest.raises(SettingError, match="connect:HOST:PORT"):
        far_end(link, "hl7", Hl7Device(None))


def test_a_host_that_does_not_exist_is_refused_in_one_sentence():
    with pytest.raises(LinkError, match=r"the host no\.such\.host\.invalid is not known"):
        far_end("connect:no.such.host.invalid:2575", "hl7", Hl7Device(None))


def test_it_calls_its_listener_calls_again_and_is_plugged_and_unplugged(monkeypatch):
    monkeypatch.setattr("devices.virtual.network_ends.RECONNECT_S", 0.01)
    port = free_port()
    end = ConnectEnd("127.0.0.1", port)
    assert end.url == f"listen://127.0.0.1:{port}"
    assert not end.look()
    end.plug()
    for _ in range(3):
        assert not end.look()
        time.sleep(0.02)
    for _ in range(2):
        with socket.create_server(("127.0.0.1", port)) as server:
            deadline = time.monotonic() + 5
            while not end.look():
                assert time.monotonic() < deadline
                time.sleep(0.02)
            listener, _ = server.accept()
            end.write(b"hello")
            assert listener.recv(10) == b"hello"
            listener.sendall(b"there")
            assert select.select(end.waits_on(), [], [], 5)[0]
            assert end.read() == b"there"
            listener.close()
            assert select.select(end.waits_on(), [], [], 5)[0]
            assert end.read() == b""
            assert end.waits_on() == []
    end.unplug()
    assert not end.look()
    end.close()


def test_a_monitor_that_calls_is_heard_through_an_unplugged_cable_and_a_restart_of_the_listener():
    port = free_port()
    virtual = VirtualMonitor(
        lambda: Hl7Device(Bedside()),
        f"connect:127.0.0.1:{port}",
        name="hl7",
        faults=[Fault("unplug", 4.0, 2.0)],
        speed=4.0,
    ).start()
    heard: list[Reading | Notice] = []

    def listen(enough) -> None:
        hub = Hub([Monitor("Bed 1", virtual.url, catalogue.create("hl7"), LineSettings())])
        end = time.monotonic() + 15
        while not enough():
            assert time.monotonic() < end, heard
            for _, items in hub.wait(0.1):
                heard.extend(items)
        hub.close()

    def rates() -> int:
        return sum(isinstance(item, Reading) and item.signal == "HR" for item in heard)

    listen(lambda: rates() >= 10)
    first = rates()
    listen(lambda: rates() >= first + 3)
    virtual.stop()
    assert virtual.device.acknowledged >= 8
    assert not [item for item in heard if isinstance(item, Notice) and item.kind == "frame-rejected"]


def test_simulate_calls_and_listen_hears(tmp_path):
    port = free_port()
    simulate = subprocess.Popen(
        [*COMMAND, "simulate", "hl7", "--link", f"connect:127.0.0.1:{port}"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert select.select([simulate.stdout], [], [], 60)[0]
        url = simulate.stdout.readline().strip()
        assert url == f"listen://127.0.0.1:{port}"
        capture = tmp_path / "capture.jsonl"
        done = subprocess.run(
            [*COMMAND, "listen", "hl7", url, "--seconds", "6", "--capture", str(capture)],
            capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        table = list(csv.reader(done.stdout.splitlines()))
        assert {row[1] for row in table[1:]} >= {"HR", "PR", "SPO2", "RR", "TEMP"}
        assert "0 refused" in done.stderr
        decoded = subprocess.run(
            [*COMMAND, "decode", "hl7", str(capture)], capture_output=True, text=True, timeout=60, check=False
        )
        assert sorted(decoded.stdout.splitlines()) == sorted(done.stdout.splitlines())
        assert re.search(r'"dir": "tx"', capture.read_text())
    finally:
        simulate.send_signal(signal.SIGTERM)
        assert simulate.wait(10) == 0
