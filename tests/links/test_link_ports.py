"""Real ports: pseudo-terminals and sockets, opened, lost, and refused with a sentence that says how to mend it."""

from __future__ import annotations

import os
import pty
import select
import socket
import threading
import time
import tty

import pytest

from devices.errors import LinkError, SettingError
from devices.links.descriptor import UNSENT_MAX
from devices.links.line import LineSettings
from devices.links.link import Opening, begin
from devices.links.serial_port import SerialLink

LINE = LineSettings(9600)


@pytest.fixture
def terminal():
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(master)
    os.close(slave)


def opened(url):
    opening = begin(url, LINE)
    if not isinstance(opening, Opening):
        return opening
    assert select.select([opening], [], [], 10)[0]
    return opening.take()


def read_some(link, seconds=5.0):
    assert select.select([link], [], [], seconds)[0]
    return link.read()


@pytest.mark.parametrize("parity", ["N", "E"])
def test_a_pseudo_terminal_carries_all_256_bytes_both_ways_whatever_the_parity(terminal, parity):
    master, path = terminal
    link = SerialLink(path, LineSettings(19200, parity=parity, rtscts=True))
    everything = bytes(range(256))
    os.write(master, everything)
    assert read_some(link) == everything
    assert link.read() == b""
    link.write(everything)
    assert os.read(master, 512) == everything
    link.close()
    link.close()


def test_a_port_whose_other_side_ends_is_lost_with_a_sentence():
    master, slave = pty.openpty()
    link = begin(os.ttyname(slave), LINE)
    os.close(slave)
    os.close(master)
    with pytest.raises(LinkError, match="is gone: the cable or adapter was pulled out"):
        link.read()
    link.close()


def test_a_second_program_is_told_that_the_port_is_in_use(terminal):
    _, path = terminal
    link = begin(path, LINE)
    with pytest.raises(LinkError, match="in use by another program"):
        begin(path, LINE)
    link.close()
    begin(path, LINE).close()


def test_what_a_device_does_not_take_is_bounded(terminal):
    master, path = terminal
    link = begin(path, LINE)
    for _ in range(400):
        link.write(b"x" * 1000)
    assert link.wants_write()
    waiting = link.unsent()
    assert waiting <= UNSENT_MAX + 65_536
    received = 0
    while select.select([master], [], [], 0.2)[0]:
        received += len(os.read(master, 65_536))
        link.write(b"")
    assert not link.wants_write()
    assert received >= 4_000
    link.close()


def test_a_path_that_does_not_exist_names_what_to_do():
    with pytest.raises(LinkError, match=r"/dev/ttyNOPE9 does not exist: plug the adapter in"):
        begin("/dev/ttyNOPE9", LINE)


def test_a_plain_file_is_no_serial_port(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    with pytest.raises(LinkError, match="is not a serial port"):
        begin(str(path), LINE)
    with pytest.raises(LinkError, match="is not a serial port"):
        begin(str(tmp_path), LINE)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_a_port_of_another_group_names_the_group(tmp_path):
    path = tmp_path / "port"
    path.touch(mode=0o000)
    with pytest.raises(LinkError, match="add the user to the group"):
        begin(str(path), LINE)


def test_the_permission_sentence_names_the_owning_group(tmp_path, monkeypatch):
    import grp

    import serial

    path = tmp_path / "port"
    path.touch()

    def refuse(*arguments, **settings):
        raise serial.SerialException(13, "Permission denied")

    monkeypatch.setattr(serial, "Serial", refuse)
    group = grp.getgrgid(path.stat().st_gid).gr_name
    with pytest.raises(LinkError, match=f"add the user to the group {group} "):
        begin(str(path), LINE)


def test_a_socket_is_opened_aside_and_loses_none_of_the_first_bytes():
    with socket.create_server(("127.0.0.1", 0)) as server:
        opening = begin(f"socket://127.0.0.1:{server.getsockname()[1]}", LINE)
        other, _ = server.accept()
        other.sendall(b"hello at once")
        assert select.select([opening], [], [], 10)[0]
        link = opening.take()
        assert read_some(link) == b"hello at once"
        link.write(b"and back")
        assert other.recv(100) == b"and back"
        other.close()
        with pytest.raises(LinkError, match="has ended the connection"):
            read_some(link)
        link.close()


def test_a_refused_connection_says_so():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(LinkError, match="refuses the connection"):
        opened(f"socket://127.0.0.1:{port}")


def test_an_opening_that_is_not_wanted_any_more_closes_what_still_comes():
    with socket.create_server(("127.0.0.1", 0)) as server:
        opening = begin(f"socket://127.0.0.1:{server.getsockname()[1]}", LINE)
        opening.cancel()
        other, _ = server.accept()
        other.settimeout(5)
        assert other.recv(1) == b""
        other.close()


def test_a_port_without_a_file_number_is_carried_to_one():
    link = opened("loop://")
    for part in (b"one", b"two" * 1000):
        link.write(part)
        got = b""
        while len(got) < len(part):
            got += read_some(link)
        assert got == part
    link.close()
    link.close()


def test_rfc2217_to_nobody_is_refused_in_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(LinkError, match=f"rfc2217://127.0.0.1:{port} could not be opened"):
        opened(f"rfc2217://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "settings",
    [{"baud": 0}, {"bytesize": 9}, {"parity": "X"}, {"stopbits": 3}],
)
def test_line_settings_that_no_line_has_are_refused(settings):
    with pytest.raises(SettingError):
        LineSettings(**settings)


def test_closing_a_port_does_not_wait_for_a_device_that_takes_nothing(terminal):
    _, path = terminal
    link = begin(path, LINE)
    for _ in range(100):
        link.write(b"x" * 1000)
    begun = time.monotonic()
    link.close()
    assert time.monotonic() - begun < 2.0


def test_a_serial_server_speaking_rfc2217_is_set_read_and_written():
    import serial
    from serial import rfc2217

    far = serial.serial_for_url("loop://", timeout=0.1)

    class Connection:
        def __init__(self, other):
            self.other = other

        def write(self, data):
            self.other.sendall(data)

    def serve(server):
        other, _ = server.accept()
        manager = rfc2217.PortManager(far, Connection(other))
        while data := other.recv(1000):
            plain = b"".join(manager.filter(data))
            if plain:
                other.sendall(b"".join(manager.escape(plain.upper())))
        other.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        url = f"rfc2217://127.0.0.1:{server.getsockname()[1]}"
        opening = begin(url, LineSettings(19200, parity="E"))
        assert select.select([opening], [], [], 10)[0]
        link = opening.take()
        assert (far.baudrate, far.parity) == (19200, "E")
        link.write(b"hello\xff")
        got = b""
        while len(got) < 6:
            got += read_some(link)
        assert got == b"HELLO\xff"
        link.close()


def test_a_pseudo_terminal_is_opened_again_and_again_whatever_line_is_asked_for(tmp_path):
    master, slave = pty.openpty()
    path = os.ttyname(slave)
    try:
        for _ in range(3):
            begin(path, LineSettings(19200, parity="E", rtscts=True)).close()
    finally:
        os.close(slave)
        os.close(master)
