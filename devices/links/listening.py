"""A TCP port of this machine to which senders of framed messages (MLLP) connect: many at once, one stream out.

Monitors and gateways call us. What each sends is kept apart until a message of it is whole, and handed on message by
message, so that a driver sees one stream in which no two senders are mixed. What the driver then writes goes to the
sender of what was read last. Where one hangs up within a message, or stays unfinished, one of two marks is handed on
after it, so that a capture tells the same as the connection did.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from devices.errors import LinkError, SettingError
from devices.links.descriptor import BULK

START, END = b"\x0b", b"\x1c"

HUNG_UP = b"\x0b\x1c\r"
"""An empty block. After an unfinished message it says: its sender has gone, no more of it will come."""

GIVEN_UP = b"\x0b\x0b\x1c\r"
"""Written after an unfinished message of which nothing is to be used."""

PEERS_MOST = 64
"""So many senders at once; a further one is turned away."""

HELD_MOST = (1 << 20) + 4_096
"""Bytes of an unfinished message that are kept for one sender: a little more than the longest that is taken."""

UNFINISHED_S = 10.0
"""A message may take so long from its first byte to its last."""

UNSENT_MOST = 1 << 20
"""Bytes kept for a sender that does not take its acknowledgements; then it is cut off."""

_log = logging.getLogger(__name__)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def check_url(url: str) -> tuple[str, int, list[Network]]:
    """Host, port and allowed peers (none named: all) of ``listen://host:port[?allow=ADDRESS,NETWORK,..]``.

    Raises:
        SettingError: it is written otherwise.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        allowed = [
            ipaddress.ip_network(each.strip(), strict=False)
            for value in parse_qs(parts.query).get("allow", [])
            for each in value.split(",")
        ]
        is_odd = bool(parts.path.strip("/")) or any(key != "allow" for key in parse_qs(parts.query, True))
    except ValueError:
        host, port, allowed, is_odd = "", None, [], False
    if not host or port is None or is_odd:
        raise SettingError(
            f"{url}: a port to listen on is written listen://address:port, such as listen://0.0.0.0:2575,"
            " with ?allow=10.0.0.7,10.0.1.0/24 behind it if only those may connect"
        )
    return host, port, allowed


class _Peer:
    """One sender: its connection, the unfinished part of what it sent, what is still to be sent to it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.held = bytearray()
        self.begun = 0.0
        self.unsent: deque[bytes] = deque()

    def release(self, data: bytes, now: float) -> bytes:
        """Takes `data` in; returns what is whole of it, with what lies outside messages."""
        searched = max(0, len(self.held) - 1)
        if not self.held:
            self.begun = now
        self.held += data
        end = self.held.rfind(END, searched) + 1
        if end:
            end += self.held[end : end + 1] == b"\r"
            self.begun = now
        if START not in self.held[end : end + 1]:
            # Nothing that begins no message is waited with.
            begin = self.held.find(START, end)
            end = len(self.held) if begin < 0 else begin
        if len(self.held) - end > HELD_MOST:
            end = len(self.held)
        released = bytes(self.held[:end])
        del self.held[:end]
        return released

    def give_up(self, mark: bytes) -> bytes:
        """What is unfinished, ended by `mark`; b"" if nothing is."""
        rest = bytes(self.held) + mark if self.held else b""
        self.held.clear()
        return rest


class ListenLink:
    """A port that senders connect to. It stays open when they go; nothing here waits.

    Raises:
        SettingError: `url` is not one. LinkError: the port is in use, or is not to be had on this machine.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self._clock = clock
        host, port, self._allowed = check_url(url)
        self._server = _bound(url, host, port)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._server, selectors.EVENT_READ, None)
        self._peers: list[_Peer] = []
        self._speaking: _Peer | None = None
        self._refused: set[str] = set()

    @property
    def port(self) -> int:
        """The number of the port: that of the URL, or the free one that was taken for 0."""
        return int(self._server.getsockname()[1])

    @property
    def peers(self) -> int:
        """How many senders are connected."""
        return len(self._peers)

    def fileno(self) -> int:
        """The number of a set of connections: readable when something is to be done with any of them."""
        number = getattr(self._selector, "fileno", None)
        if number is None:
            raise LinkError(f"{self.url}: this system offers no way to wait on many connections")
        return int(number())

    def read(self) -> bytes:
        """What one sender has said since the last call: whole messages, and what lies between them."""
        # Who spoke last is heard last.
        for key, events in sorted(self._selector.select(0), key=lambda ready: ready[0].data is self._speaking):
            peer = key.data
            if peer is None:
                self._accept()
            elif events & selectors.EVENT_READ:
                said = self._hear(peer)
                if said:
                    self._speaking = peer if peer in self._peers else None
                    return said
        return self._stalled()

    def write(self, data: bytes) -> None:
        """Sends `data` to the sender of what was read last, if it is still there; and what waits for any of them."""
        if data and self._speaking is not None:
            self._speaking.unsent.append(data)
        for peer in list(self._peers):
            self._flush(peer)

    def unsent(self) -> int:
        return sum(len(data) for peer in self._peers for data in peer.unsent)

    def wants_write(self) -> bool:
        return any(peer.unsent for peer in self._peers)

    def close(self) -> None:
        for peer in list(self._peers):
            self._part(peer)
        self._server.close()
        self._selector.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._server.accept()
            except OSError:
                return
            if not self._may_speak(str(address[0])) or len(self._peers) >= PEERS_MOST:
                connection.close()
                continue
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            peer = _Peer(connection)
            self._peers.append(peer)
            self._selector.register(connection, selectors.EVENT_READ, peer)

    def _may_speak(self, address: str) -> bool:
        if not self._allowed:
            return True
        found = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        if any(found in network for network in self._allowed):
            return True
        if address not in self._refused and len(self._refused) < PEERS_MOST:
            self._refused.add(address)
            _log.warning("%s: %s is not among those that may connect, and was turned away", self.url, address)
        return False

    def _hear(self, peer: _Peer) -> bytes:
        try:
            data = peer.connection.recv(BULK)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError:
            data = b""
        if data:
            return peer.release(data, self._clock())
        self._part(peer)
        return peer.give_up(HUNG_UP)

    def _stalled(self) -> bytes:
        """What a sender left unfinished for too long."""
        latest = self._clock() - UNFINISHED_S
        for peer in self._peers:
            if peer.held and peer.begun <= latest:
                self._speaking = peer
                return peer.give_up(GIVEN_UP)
        return b""

    def _flush(self, peer: _Peer) -> None:
        while peer.unsent:
            first = peer.unsent.popleft()
            try:
                sent = peer.connection.send(first)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError:
                peer.unsent.clear()  # it has gone, and reading will say so
                break
            if sent < len(first):
                peer.unsent.appendleft(first[sent:])
                break
        if sum(map(len, peer.unsent)) > UNSENT_MOST:
            self._part(peer)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if peer.unsent else 0)
        if self._selector.get_key(peer.connection).events != events:
            self._selector.modify(peer.connection, events, peer)

    def _part(self, peer: _Peer) -> None:
        self._peers.remove(peer)
        if self._speaking is peer:
            self._speaking = None
        self._selector.unregister(peer.connection)
        peer.connection.close()


def _bound(url: str, host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # On POSIX it may be bound again at once after an end: connections of before do not hold it.
        server = socket.create_server((host, port), family=family, backlog=PEERS_MOST)
    except (OSError, OverflowError) as error:
        raise LinkError(_why_not(url, host, port, error)) from None
    server.setblocking(False)
    return server


def _why_not(url: str, host: str, port: int, error: BaseException) -> str:
    code = getattr(error, "errno", None)
    if code == errno.EADDRINUSE:
        return f"{url}: port {port} is in use by another program: close that program, or name another port"
    if code in (errno.EACCES, errno.EPERM):
        return f"{url}: port {port} may not be used by this user: name one above 1023"
    if code == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{url}: {host} is no address of this machine: name one of its own, or 0.0.0.0 for all of them"
    return f"{url} cannot be listened on ({getattr(error, 'strerror', None) or error})"
