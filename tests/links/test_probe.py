"""Finding out what speaks on a port: by listening alone, or by asking the one port that was named."""

from __future__ import annotations

import os
import pty
import threading
import tty
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.cli import main
from devices import catalogue, instant, probe, probe_answers
from devices.hub import Hub
from devices.links.line import LineSettings
from devices.monitor import Monitor
from devices.virtual.bedside import PatientBedside
from devices.virtual.device import VirtualDevice
from devices.virtual.patient import named
from devices.virtual.server import VirtualMonitor

SERIAL = [entry for entry in catalogue.protocols() if not entry.network]
STREAMING = [entry.name for entry in SERIAL if entry.speaks_unasked]
ASKED = [entry.name for entry in SERIAL if entry.asks]


class Deaf:
    """A virtual device that keeps what it hears."""

    def __init__(self, device: VirtualDevice) -> None:
        self._device = device
        self.heard = b""

    def receive(self, data: bytes, at: int) -> bytes:
        self.heard += data
        return self._device.receive(data, at)

    def tick(self, at: int) -> bytes:
        return self._device.tick(at)


@pytest.fixture
def ward():
    """Switches on virtual monitors, each on a pseudo-terminal of its own."""
    running = []

    def switch_on(protocol: str) -> VirtualMonitor:
        start = instant.now()
        bedside = PatientBedside(named("typical", 1), start, None, first_cuff_after_s=1.0, cycle_s=60.0)
        monitor = VirtualMonitor(
            lambda: Deaf(catalogue.create_device(protocol, bedside)), "pty", name=protocol, start=start
        ).start()
        running.append(monitor)
        return monitor

    yield switch_on
    for monitor in running:
        monitor.stop()


def test_every_serial_monitor_is_heard_or_can_be_asked():
    assert {entry.name for entry in SERIAL} == {*STREAMING, *ASKED}


def test_what_streams_is_found_by_listening_alone(ward):
    monitors = {protocol: ward(protocol) for protocol in STREAMING}
    heard = probe.listen([monitor.url for monitor in monitors.values()])
    assert {
        protocol: [found.entry.name for found in each.found[:1]] for protocol, each in zip(monitors, heard, strict=True)
    } == {protocol: [protocol] for protocol in monitors}
    assert all(each.found[0].signals for each in heard)
    assert {monitor.name: monitor.device.heard for monitor in monitors.values()} == dict.fromkeys(monitors, b"")


def test_what_speaks_on_a_network_alone_is_heard_there_and_not_acknowledged(ward, capsys):
    start = instant.now()
    device = Deaf(catalogue.create_device("hl7", PatientBedside(named("typical", 1), start, None)))
    monitor = VirtualMonitor(lambda: device, "tcp:0", name="hl7", start=start).start()
    try:
        with pytest.raises(SystemExit) as ended:
            main(["probe", monitor.url])
    finally:
        monitor.stop()
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert f"{monitor.url}: hl7 speaks (1 frames, 0 refused)" in said
    assert 'protocol = "hl7"' in said
    assert device.heard == b""


def test_a_silent_monitor_is_sent_nothing_by_listening(ward):
    monitor = ward("dinamap")
    (heard,) = probe.listen([monitor.url], seconds=0.6)
    assert (heard.found, heard.fault) == ([], "")
    assert monitor.device.heard == b""


def test_what_waits_to_be_asked_is_found_by_asking(ward):
    def asked(protocol: str) -> list[str]:
        return [found.entry.name for found in probe.ask(ward(protocol).url, seconds=3.0).found]

    with ThreadPoolExecutor(len(ASKED)) as pool:
        assert dict(zip(ASKED, pool.map(asked, ASKED), strict=True)) == {protocol: [protocol] for protocol in ASKED}


def test_bytes_that_nobody_understands_are_counted():
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    stop = threading.Event()

    def babble():
        while not stop.wait(0.05):
            os.write(ours, b"what a strange device\x00\x01\x02")

    speaker = threading.Thread(target=babble)
    speaker.start()
    try:
        (heard,) = probe.listen([os.ttyname(theirs)], seconds=0.6)
    finally:
        stop.set()
        speaker.join()
        os.close(ours)
        os.close(theirs)
    assert heard.found == []
    assert max(heard.bytes_at.values()) > 50


def test_a_port_in_use_and_one_that_is_not_there_are_said_and_cost_no_other_its_turn(ward):
    taken, free = ward("line"), ward("line")
    hub = Hub([Monitor("other", taken.url, catalogue.create("line"), LineSettings())])
    hub.wait(0.1)
    try:
        heard = probe.listen([taken.url, "/dev/ttyNOPE7", free.url])
    finally:
        hub.close()
    assert "is in use by another program" in heard[0].fault
    assert "does not exist" in heard[1].fault
    assert [found.entry.name for found in heard[2].found] == ["line"]


def test_what_to_write_down(ward, capsys):
    url = ward("line").url
    with pytest.raises(SystemExit) as ended:
        main(["probe", url])
    assert ended.value.code == 0
    said = capsys.readouterr()
    assert 'protocol = "line"' in said.out
    assert f'port = "{url}"' in said.out
    assert "bed.settings" not in said.out
    assert said.err == f"listening: {url}\n"


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["probe", "--ask"], 2, "name the one port that may be asked"),
        (["probe", "/dev/ttyNOPE7"], 1, "/dev/ttyNOPE7: not listened to: /dev/ttyNOPE7 does not exist"),
        (["probe", "gopher://x"], 1, "gopher:// is not a kind of port"),
        (["probe", "loop://", "--seconds", "0.5"], 1, "loop://: silent. Some monitors speak only when asked"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(words, status, sentence, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == status
    said = capsys.readouterr()
    assert sentence in said.out + said.err


def test_another_speed_than_the_usual_one_is_written_down():
    entry = catalogue.protocol_named("line")
    found = probe.Found(entry, LineSettings(9600), 5, 0, 0.0, ("HR",))
    assert probe_answers.settings_of(found) == {"baud": 9600}
    assert probe_answers.settings_of(probe.Found(entry, LineSettings(115200), 5, 0, 0.0, ("HR",))) == {}


def test_a_port_is_named_by_its_adapter_if_the_system_does(tmp_path):
    port = tmp_path / "ttyUSB7"
    port.touch()
    names = tmp_path / "by-id"
    names.mkdir()
    (names / "usb-FTDI_A").symlink_to(port)
    assert probe_answers.lasting_name(str(port), names) == str(names / "usb-FTDI_A")
    assert probe_answers.lasting_name(str(tmp_path / "ttyUSB8"), names) == str(tmp_path / "ttyUSB8")
    assert probe_answers.lasting_name("socket://h:1", names) == "socket://h:1"
