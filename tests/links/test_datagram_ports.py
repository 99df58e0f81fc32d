"""UDP as a kind of port: one datagram a write and a read, refusals in a sentence, nothing waits."""

from __future__ import annotations

import select
import socket

import pytest

from devices.errors import LinkError, SettingError
from devices.links.line import LineSettings
from devices.links.link import Opening, begin, scheme_of

LINE = LineSettings()


@pytest.fixture
def far():
    with socket.socket(type=socket.SOCK_DGRAM) as end:
        end.bind(("127.0.0.1", 0))
        end.settimeout(5)
        yield end


def opened(url):
    opening = begin(url, LINE)
    assert isinstance(opening, Opening)
    assert select.select([opening], [], [], 10)[0]
    return opening.take()


def url_of(end):
    return f"udp://127.0.0.1:{end.getsockname()[1]}"


def ready(link):
    return bool(select.select([link], [], [], 5)[0])


def test_each_write_is_a_datagram_and_each_read_gives_one(far):
    link = opened(url_of(far))
    link.write(b"one")
    link.write(b"two")
    data, sender = far.recvfrom(100)
    assert (data, far.recv(100)) == (b"one", b"two")
    assert link.read() == b""
    for answer in (b"alpha", b"", bytes(1_400)):
        far.sendto(answer, sender)
    heard = []
    while len(heard) < 3:
        assert ready(link)
        heard.append(link.read())
    assert heard == [b"alpha", b"", bytes(1_400)]
    assert (link.unsent(), link.wants_write()) == (0, False)
    link.close()
    link.close()


def test_datagrams_of_others_are_not_heard(far):
    link = opened(url_of(far))
    link.write(b"hello")
    _, sender = far.recvfrom(100)
    with socket.socket(type=socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"intruder", sender)
    far.sendto(b"answer", sender)
    assert ready(link)
    assert link.read() == b"answer"
    link.close()


def test_a_port_on_which_nothing_listens_is_lost_with_a_sentence():
    with socket.socket(type=socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        url = url_of(gone)
    link = opened(url)
    link.write(b"anybody?")
    assert ready(link)
    with pytest.raises(LinkError, match="refuses datagrams: nothing listens there"):
        link.read()
    link.close()


def test_a_host_that_is_not_known_is_refused_in_a_sentence():
    with pytest.raises(LinkError, match=r"the host nobody\.invalid is not known"):
        opened("udp://nobody.invalid:24105")


@pytest.mark.parametrize("url", ["udp://", "udp://host", "udp://:24105", "udp://h:99999999"])
def test_an_address_without_host_or_port_is_refused_before_anything_starts(url):
    with pytest.raises(SettingError, match="udp://host:port"):
        scheme_of(url)
