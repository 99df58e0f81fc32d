"""Far ends that are network ports: TCP served or called, UDP. They behave like a cable, as the pseudo-terminal does."""

from __future__ import annotations

import contextlib
import select
import socket
import time
from abc import ABC, abstractmethod

from devices.errors import LinkError

_UDP_HELD_S = 10.0
"""A listener on UDP that is silent for so long is gone: nothing else tells. Others are not heard until then."""

RECONNECT_S = 1.0
"""Seconds between two calls of a listener that does not answer."""


class _TcpConversation(ABC):
    """Bytes over a TCP connection that may be there or not."""

    _peer: socket.socket | None
    """The connection, once it is made."""

    @abstractmethod
    def _drop(self) -> None:
        """The other side has gone."""

    def read(self) -> bytes:
        if self._peer is None:
            return b""
        try:
            data = self._peer.recv(65_536)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError:
            data = b""
        if not data:
            self._drop()
        return data

    def write(self, data: bytes) -> None:
        if self._peer is None or not data:
            return
        try:
            self._peer.send(data)
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._drop()


class TcpEnd(_TcpConversation):
    """A TCP port on this machine, for one listener at a time; port 0 takes a free one.

    Raises:
        LinkError: the port is taken.
    """

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self._host = host
        self._port = port
        self._server: socket.socket | None = None
        self._peer: socket.socket | None = None
        self._came = False
        self.plug()
        self.url = f"socket://{host}:{self._port}"

    def plug(self) -> None:
        if self._server is not None:
            return
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((self._host, self._port))
        except (OSError, OverflowError) as error:
            server.close()
            reason = getattr(error, "strerror", None) or error
            raise LinkError(f"TCP port {self._port} cannot be used ({reason}): name another, or none") from None
        server.listen(4)
        server.setblocking(False)
        self._port = server.getsockname()[1]
        self._server = server

    def unplug(self) -> None:
        self._drop()
        if self._server is not None:
            self._server.close()
            self._server = None

    def _drop(self) -> None:
        if self._peer is not None:
            self._peer.close()
            self._peer = None

    def look(self) -> bool:
        if self._server is None:
            return False
        came = False
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return came
            if self._peer is not None:
                # A serial port has one cable: a second listener is told at once, not left waiting in silence.
                client.close()
                continue
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._peer, came = client, True

    def waits_on(self) -> list[int]:
        return [end.fileno() for end in (self._server, self._peer) if end is not None]

    def close(self) -> None:
        self.unplug()


class UdpEnd:
    """A UDP port on this machine, for one listener at a time: whoever was heard last, and not long ago.

    Each `write` is a datagram.

    Raises:
        LinkError: the port is taken.
    """

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None
        self._peer: tuple[str, int] | None = None
        self._heard = 0.0
        self._came = False
        self.plug()
        self.url = f"udp://{host}:{self._port}"

    def plug(self) -> None:
        if self._socket is not None:
            return
        end = socket.socket(type=socket.SOCK_DGRAM)
        try:
            end.bind((self._host, self._port))
        except (OSError, OverflowError) as error:
            end.close()
            reason = getattr(error, "strerror", None) or error
            raise LinkError(f"UDP port {self._port} cannot be used ({reason}): name another, or none") from None
        end.setblocking(False)
        self._port = end.getsockname()[1]
        self._socket = end

    def unplug(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = self._peer = None

    def look(self) -> bool:
        came, self._came = self._came, False
        return came

    def waits_on(self) -> list[int]:
        return [] if self._socket is None else [self._socket.fileno()]

    def read(self) -> bytes:
        while self._socket is not None:
            try:
                data, sender = self._socket.recvfrom(65_536)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                continue  # what was sent to a listener that is gone comes back as an error
            now = time.monotonic()
            if sender != self._peer:
                if self._peer is not None and now - self._heard < _UDP_HELD_S:
                    continue
                self._peer, self._came = sender, True
            self._heard = now
            return data
        return b""

    def write(self, data: bytes) -> None:
        if self._socket is not None and self._peer is not None and data:
            with contextlib.suppress(OSError):
                self._socket.sendto(data, self._peer)

    def close(self) -> None:
        self.unplug()


class ConnectEnd(_TcpConversation):
    """A device that calls its listener, and calls again when it is cut off.

    Raises:
        LinkError: the host is not known.
    """

    def __init__(self, host: str, port: int) -> None:
        self.url = f"listen://{host}:{port}" if ":" not in host else f"listen://[{host}]:{port}"
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, OverflowError):
            raise LinkError(f"connect:{host}:{port}: the host {host} is not known; correct the name") from None
        self._family, self._address = found[0][0], found[0][4]
        self._calling: socket.socket | None = None
        self._peer = None
        self._is_plugged = False
        self._again = 0.0

    def plug(self) -> None:
        self._is_plugged = True

    def unplug(self) -> None:
        self._is_plugged = False
        self._drop()

    def _drop(self) -> None:
        for each in (self._calling, self._peer):
            if each is not None:
                each.close()
        self._calling = self._peer = None
        self._again = time.monotonic() + RECONNECT_S

    def look(self) -> bool:
        """Whether the listener has taken a call since the last look; calls it where it has not."""
        if self._peer is not None or not self._is_plugged:
            return False
        if self._calling is None:
            if time.monotonic() < self._again:
                return False
            self._calling = socket.socket(self._family, socket.SOCK_STREAM)
            self._calling.setblocking(False)
            self._calling.connect_ex(self._address)
        poll = select.poll()
        poll.register(self._calling, select.POLLOUT)
        if not poll.poll(0):
            return False
        if self._calling.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._drop()
            return False
        self._calling.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._peer, self._calling = self._calling, None
        return True

    def waits_on(self) -> list[int]:
        return [] if self._peer is None else [self._peer.fileno()]

    def close(self) -> None:
        self.unplug()
