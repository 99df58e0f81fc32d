"""What people ask of the watch about ports: answered by it alone, never on a bed's port, never long after."""

import os
import pty
import time
import tty

import pytest

from dashboard.errors import SessionError
from dashboard.store import monitor_commands as commands
from dashboard.store import queries
from dashboard.store.monitor_commands import Action
from dashboard.watch.configuration import load_configuration
from dashboard.watch.configuration_file import ConfigurationFile
from dashboard.watch.desk import Desk, look
from dashboard.watch.ports import user_of
from devices import catalogue, instant
from devices.captures.writing import RollingCapture
from devices.instant import SECOND
from devices.virtual.bedside import PatientBedside
from devices.virtual.patient import named
from devices.virtual.server import VirtualMonitor

NOW = 1_800_000_000 * SECOND


def answered(desk, store, command, now=NOW, patience_s=30):
    """The command after the watch's loop has gone on until it is done."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        desk.carry_out(store, now)
        with store.reading() as connection:
            found = commands.get(connection, command)
        if found.done is not None:
            return found
        time.sleep(0.02)
    raise AssertionError(f"no answer within {patience_s} s")


def listen_to(store, port, action=Action.LISTEN, entered=NOW, **more):
    return commands.ask_watch(store, action, author="Tech", now=entered, detail={"port": port, **more})


only_sqlite = pytest.mark.parametrize("any_place", ["sqlite"], indirect=True)


@pytest.fixture
def monitor():
    start = instant.now()
    bedside = PatientBedside(named("typical", 1), start, None, first_cuff_after_s=1.0, cycle_s=60.0)
    running = VirtualMonitor(lambda: catalogue.create_device("masimo", bedside), "pty", name="m", start=start).start()
    yield running
    running.stop()


@pytest.fixture
def silent():
    """The two ends of a pseudo-terminal on which nobody speaks: what is sent to it can be read."""
    far, near = pty.openpty()
    tty.setraw(near)
    os.set_blocking(far, False)
    yield far, os.ttyname(near)
    os.close(far)
    os.close(near)


def test_a_free_port_is_listened_to_and_the_answer_can_be_pasted(store, monitor, tmp_path):
    desk = Desk({"Bed 1": "/dev/none"}, tmp_path, seconds=20)  # it ends as soon as enough was heard
    found = answered(desk, store, listen_to(store, monitor.url))
    assert found.refused is None
    (heard, *_) = found.answer["found"]
    assert (heard["protocol"], heard["asked"], found.author) == ("masimo", False, "Tech")
    assert heard["bed"]["port"] == monitor.url
    assert "SPO2" in heard["signals"]
    assert not desk.busy


@only_sqlite
def test_the_port_of_a_bed_is_never_opened_a_second_time_by_whatever_name(store, silent, tmp_path):
    _, near = silent
    link = tmp_path / "by-another-name"
    link.symlink_to(near)
    desk = Desk({"Bed 1": near, "Bed 2": "socket://Host:4001"}, tmp_path, seconds=0.2)
    for port, bed in ((near, "Bed 1"), (str(link), "Bed 1"), ("socket://host:4001/", "Bed 2")):
        found = answered(desk, store, listen_to(store, port))
        assert found.refused == f"{port} is the port of {bed}: the watch has it, and never opens it a second time"
        assert answered(desk, store, listen_to(store, port, Action.ASK, confirmed=port)).refused == found.refused


@only_sqlite
def test_listening_sends_nothing_and_asking_needs_its_confirmation(store, silent, tmp_path):
    far, near = silent
    desk = Desk({}, tmp_path, seconds=0.1)
    found = answered(desk, store, listen_to(store, near))
    assert (found.answer["found"], sum(found.answer["bytes"].values())) == ([], 0)
    for confirmed in ({}, {"confirmed": ""}, {"confirmed": "/dev/other"}):
        assert answered(desk, store, listen_to(store, near, Action.ASK, **confirmed)).refused == (
            f"nobody has confirmed that nothing but a monitor hangs on {near}"
        )
    with pytest.raises(BlockingIOError):
        os.read(far, 1)
    asked = answered(desk, store, listen_to(store, near, Action.ASK, confirmed=near))
    assert asked.answer["found"] == []
    assert os.read(far, 4096)
    assert asked.progress.startswith("asking as ")


@only_sqlite
@pytest.mark.parametrize("late", [31 * SECOND, 3_600 * SECOND, -5 * SECOND])
def test_what_was_asked_long_ago_is_not_done_any_more(store, silent, tmp_path, late):
    far, near = silent
    found = answered(Desk({}, tmp_path), store, listen_to(store, near, Action.ASK, NOW - late, confirmed=near))
    assert found.refused.startswith("this was asked more than 30 s ago")
    with pytest.raises(BlockingIOError):
        os.read(far, 1)


@only_sqlite
@pytest.mark.parametrize(
    ("port", "why"),
    [
        ("/etc/passwd", "/etc/passwd is no port: serial ports are below /dev"),
        ("/dev/../etc/passwd", "is no port"),
        ("listen://0.0.0.0:2575", "listen:// cannot be listened to"),
        ("loop://", "loop:// cannot be listened to"),
        ("ftp://x", "is not a kind of port"),
        ("", "no port is given"),
    ],
)
def test_what_is_no_port_is_refused_in_one_sentence(store, tmp_path, port, why):
    assert why in answered(Desk({}, tmp_path), store, listen_to(store, port)).refused


@only_sqlite
def test_a_port_that_cannot_be_opened_says_why(store, tmp_path):
    found = answered(Desk({}, tmp_path, seconds=0.2), store, listen_to(store, "/dev/ttyNOSUCH"))
    assert found.refused is None
    assert "/dev/ttyNOSUCH" in found.answer["fault"]


@only_sqlite
def test_one_port_at_a_time_and_a_watch_that_stops_gives_it_back(store, silent, tmp_path):
    _, near = silent
    desk = Desk({}, tmp_path, seconds=60)
    first = listen_to(store, near)
    desk.carry_out(store, NOW)
    assert "another port is being listened to" in answered(desk, store, listen_to(store, "/dev/ttyX")).refused
    began = time.monotonic()
    desk.close()
    assert time.monotonic() - began < 2
    assert answered(desk, store, first).refused == "the watch was stopped meanwhile: ask again"


@only_sqlite
def test_what_a_machine_has_is_told_without_opening_anything(store, tmp_path):
    capture = RollingCapture(tmp_path, "Bed 1", "line")
    capture.write("RX", b"abc", NOW)
    capture.close()
    found = answered(Desk({"Bed 1": "/dev/x", "Bed 2": "/dev/y"}, tmp_path), store, looked := ask_look(store))
    assert found.id == looked
    held = found.answer["captures"]
    assert held["folder"] == str(tmp_path)
    (file,) = tmp_path.glob("*.capture")
    assert held["beds"] == {
        "Bed 1": {"files": 1, "bytes": file.stat().st_size, "newest": file.name},
        "Bed 2": {"files": 0, "bytes": 0, "newest": ""},
    }
    assert [each["device"] for each in found.answer["ports"]] == [
        each["device"] for each in look({}, tmp_path)["ports"]
    ]


def ask_look(store):
    return commands.ask_watch(store, Action.LOOK, author="Tech", now=NOW)


def test_the_bed_that_has_a_port_is_named(tmp_path):
    real = tmp_path / "ttyUSB0"
    real.touch()
    (tmp_path / "usb-FTDI").symlink_to(real)
    ports = {"Bed 1": str(tmp_path / "usb-FTDI"), "Bed 2": "rfc2217://H:1"}
    assert user_of(str(real), ports) == "Bed 1"
    assert user_of("rfc2217://h:1", ports) == "Bed 2"
    assert user_of(str(tmp_path / "ttyUSB1"), ports) is None


def test_a_switched_capture_is_on_record(ward):
    commands.switch_capture(ward.store, ward.bed.id, True, author="Ada", now=NOW)
    with ward.store.reading() as connection:
        assert queries.captured_beds(connection) == [ward.bed.id]
        (entry,) = commands.log(connection)
        assert commands.pending(connection) == []
    assert (entry.action, dict(entry.detail), entry.author, entry.done) == (
        Action.CAPTURE,
        {"bed_id": ward.bed.id, "bed": "Bed 1", "on": True},
        "Ada",
        NOW,
    )


@only_sqlite
def test_nothing_is_asked_without_a_name(store):
    with pytest.raises(SessionError, match="say who you are"):
        commands.ask_watch(store, Action.LOOK, author=" ", now=NOW)
    with pytest.raises(SessionError, match="does not exist"):
        commands.switch_capture(store, 99, True, author="Ada", now=NOW)


@only_sqlite
def test_the_beds_are_written_into_the_watchs_file_or_refused_with_the_reason(store, tmp_path):
    path = tmp_path / "beds.toml"
    path.write_text('[[bed]]\nname = "Bed 1"\nprotocol = "line"\nport = "/dev/x"\n', encoding="utf-8")
    file = ConfigurationFile(path, load_configuration(path))
    desk = Desk({"Bed 1": "/dev/x"}, tmp_path, file)

    def ask(text, basis):
        detail = {"configuration": text, "basis": basis, "reason": "moved"}
        return commands.ask_watch(store, Action.CONFIGURE, author="Tech", now=NOW, detail=detail)

    new = path.read_text(encoding="utf-8").replace("/dev/x", "/dev/y")
    assert "was changed since" in answered(desk, store, ask(new, "another")).refused
    assert "is not TOML" in answered(desk, store, ask("[[bed", file.shown().basis)).refused
    assert load_configuration(path).bed[0].port == "/dev/x"
    done = answered(desk, store, ask(new, file.shown().basis))
    assert (done.refused, load_configuration(path).bed[0].port) == (None, "/dev/y")
    # What runs goes on as it was: the port of a bed stays its port until the watch starts anew.
    assert "is the port of Bed 1" in answered(desk, store, listen_to(store, "/dev/x")).refused
    assert "no configuration file" in answered(Desk({}, tmp_path), store, ask(new, "x")).refused
