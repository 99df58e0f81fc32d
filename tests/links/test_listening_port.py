"""A port to which senders connect: kept apart, answered each, bounded, and told of when they end within a message."""

from __future__ import annotations

import select
import socket
import time

import pytest

from devices.errors import LinkError, SettingError
from devices.links import listening
from devices.links.line import LineSettings
from devices.links.link import begin, scheme_of
from devices.links.listening import GIVEN_UP, HELD_MOST, HUNG_UP, ListenLink

ONE, TWO = b"\x0bMSH|one\r\x1c\r", b"\x0bMSH|two\r\x1c\r"


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def link(clock):
    opened = ListenLink("listen://127.0.0.1:0", clock)
    yield opened
    opened.close()


@pytest.fixture
def call(link):
    made = []

    def connect():
        made.append(socket.create_connection(("127.0.0.1", link.port), timeout=5))
        wait(link)
        assert link.read() == b""
        return made[-1]

    yield connect
    for each in made:
        each.close()


def wait(link, seconds=5.0):
    return bool(select.select([link], [], [], seconds)[0])


def hear(link, sender, data):
    sender.sendall(data)
    assert wait(link)
    return link.read()


def test_it_is_waited_on_by_one_number_and_hands_on_whole_messages(link, call):
    sender = call()
    assert not wait(link, 0.01)
    assert hear(link, sender, ONE + TWO) == ONE + TWO
    assert not wait(link, 0.01)


def test_a_message_in_pieces_is_handed_on_when_it_is_whole(link, call):
    sender = call()
    assert hear(link, sender, ONE[:4]) == b""
    assert hear(link, sender, ONE[4:-1]) == ONE[:-1]
    assert hear(link, sender, ONE[-1:] + TWO[:3]) == b"\r"
    assert hear(link, sender, TWO[3:]) == TWO


def test_senders_are_never_mixed_within_a_message_and_each_gets_its_own_answer(link, call):
    first, second = call(), call()
    assert hear(link, first, ONE[:6]) == b""
    assert hear(link, second, TWO[:6]) == b""
    assert hear(link, first, ONE[6:]) == ONE
    link.write(b"to one")
    assert hear(link, second, TWO[6:]) == TWO
    link.write(b"to two")
    assert first.recv(100) == b"to one"
    assert second.recv(100) == b"to two"


def test_both_speak_at_once_and_both_are_heard(link, call):
    senders = [call() for _ in range(5)]
    for number, sender in enumerate(senders):
        sender.sendall(ONE.replace(b"one", str(number).encode()) * 3)
    said = []
    while wait(link, 0.2):
        said.append(link.read())
        link.write(said[-1][5:6])
    assert sorted(data[5:6] for data in said) == [b"0", b"1", b"2", b"3", b"4"]
    assert [sender.recv(10) for sender in senders] == [b"0", b"1", b"2", b"3", b"4"]


def test_what_is_no_message_is_not_held_back(link, call):
    sender = call()
    assert hear(link, sender, b"garbage" + ONE[:5]) == b"garbage"
    assert hear(link, sender, ONE[5:] + b"more\r\n") == ONE + b"more\r\n"


def test_a_sender_that_hangs_up_within_a_message_is_marked_and_the_port_stays(link, call):
    first, second = call(), call()
    hear(link, first, ONE[:6])
    first.close()
    assert wait(link)
    assert link.read() == ONE[:6] + HUNG_UP
    link.write(b"to nobody")
    assert hear(link, second, TWO) == TWO
    assert link.peers == 1
    second.close()
    assert wait(link)
    assert link.read() == b""
    assert link.peers == 0
    assert hear(link, call(), ONE) == ONE


def test_a_sender_that_resets_its_connection_is_no_error(link, call):
    sender = call()
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    sender.close()
    assert wait(link)
    assert link.read() == b""
    assert link.peers == 0


def test_a_message_that_stays_unfinished_is_given_up(link, call, clock):
    sender = call()
    hear(link, sender, ONE[:6])
    clock.now += 9.9
    assert link.read() == b""
    clock.now += 0.2
    assert link.read() == ONE[:6] + GIVEN_UP
    assert link.read() == b""
    assert hear(link, sender, ONE) == ONE


def test_a_message_without_end_is_held_in_bounded_memory(link, call):
    sender = call()
    sent, said = 0, b""
    sender.sendall(b"\x0bMSH|")
    while sent < 3 * HELD_MOST:
        sender.sendall(b"x" * 60_000)
        sent += 60_000
        while wait(link, 0.01):
            said += link.read()
        assert sum(len(peer.held) for peer in link._peers) <= HELD_MOST + listening.BULK
    assert len(said) > HELD_MOST


def test_a_sender_that_takes_no_answers_is_cut_off(link, call):
    sender = call()
    hear(link, sender, ONE)
    for _ in range(200):
        link.write(b"a" * 65_536)
        if not link.peers:
            break
    assert link.peers == 0
    assert link.unsent() == 0


def test_an_answer_that_does_not_fit_goes_out_when_there_is_room(link, call, monkeypatch):
    monkeypatch.setattr(listening, "UNSENT_MOST", 1 << 23)
    sender = call()
    hear(link, sender, ONE)
    link._peers[0].connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
    answer = b"b" * 4_000_000
    link.write(answer)
    assert link.wants_write()
    got = b""
    sender.settimeout(5)
    while len(got) < len(answer):
        got += sender.recv(65_536)
        if wait(link, 0):
            assert link.read() == b""
            link.write(b"")
    assert got == answer
    assert not link.wants_write()
    assert not wait(link, 0.01)


def test_too_many_senders_are_turned_away(link, call, monkeypatch):
    monkeypatch.setattr(listening, "PEERS_MOST", 2)
    first = call()
    call()
    third = call()
    assert third.recv(1) == b""
    assert hear(link, first, ONE) == ONE


def test_only_those_allowed_may_connect(caplog):
    link = ListenLink("listen://127.0.0.1:0?allow=10.0.0.7,10.1.0.0/16")
    with socket.create_connection(("127.0.0.1", link.port), timeout=5) as sender:
        assert wait(link)
        link.read()
        assert sender.recv(1) == b""
    assert "127.0.0.1 is not among those that may connect" in caplog.text
    link.close()
    link = ListenLink("listen://127.0.0.1:0?allow=127.0.0.0/8")
    with socket.create_connection(("127.0.0.1", link.port), timeout=5) as sender:
        assert wait(link)
        link.read()
        assert hear(link, sender, ONE) == ONE
    link.close()


def test_it_can_be_bound_again_at_once_while_old_connections_linger():
    link = ListenLink("listen://127.0.0.1:0")
    port = link.port
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sender:
        assert wait(link)
        link.read()
        assert hear(link, sender, ONE) == ONE
        link.close()
        again = begin(f"listen://127.0.0.1:{port}", LineSettings())
        again.close()
    link.close()


def test_a_port_in_use_and_an_address_elsewhere_are_said_in_one_sentence(link):
    with pytest.raises(LinkError, match=f"port {link.port} is in use by another program"):
        begin(f"listen://127.0.0.1:{link.port}", LineSettings())
    with pytest.raises(LinkError, match=r"192\.0\.2\.1 is no address of this machine"):
        begin("listen://192.0.2.1:2575", LineSettings())


@pytest.mark.parametrize(
    "url",
    ["listen://", "listen://0.0.0.0", "listen://:2575", "listen://h:99999999", "listen://h:1/x", "listen://h:1?a=b",
     "listen://h:1?allow=nobody"],
)  # fmt: skip
def test_how_it_is_written(url):
    with pytest.raises(SettingError, match="is written listen://address:port"):
        scheme_of(url)


def test_it_needs_no_thread_and_no_waiting():
    begun = time.monotonic()
    link = begin("listen://localhost:0", LineSettings())
    assert time.monotonic() - begun < 1.0
    assert link.read() == b""
    link.close()
    link.close()
