"""Ports that are network connections: a serial server, a monitor with a network of its own."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from devices.errors import LinkError
from devices.links.descriptor import BULK, Descriptor


class SocketLink(Descriptor):
    """A TCP connection to a serial server or a network monitor. Connecting waits: use `begin`.

    Raises:
        LinkError: the host is not known, refuses or does not answer.
    """

    def __init__(self, url: str, timeout_s: float = 5.0) -> None:
        parts = urlsplit(url)
        try:
            self._socket = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=timeout_s)
        except OSError as error:
            raise LinkError(_why_no_connection(url, error)) from None
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A host that loses its power says nothing: only asking finds out.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
            if hasattr(socket, option):
                self._socket.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        super().__init__(url, self._socket.fileno())

    def _gone(self, error: OSError | None) -> str:
        return f"{self.url} has ended the connection: look whether the device or serial server is on"

    def close(self) -> None:
        self._socket.close()


class UdpLink(Descriptor):
    """A datagram socket that is bound to one monitor: each write is a datagram, each read gives one.

    Nothing is sent by opening it, so that a monitor that is off is noticed only when it is written to, if its host
    says so. Finding the host's name waits: use `begin`.

    Raises:
        LinkError: the host is not known, or there is no way to it.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        try:
            family, kind, number, _, address = socket.getaddrinfo(
                parts.hostname or "", parts.port or 0, type=socket.SOCK_DGRAM
            )[0]
            self._socket = socket.socket(family, kind, number)
        except OSError as error:
            raise LinkError(_why_no_connection(url, error)) from None
        try:
            self._socket.connect(address)
        except OSError as error:
            self._socket.close()
            raise LinkError(_why_no_connection(url, error)) from None
        self._socket.setblocking(False)
        super().__init__(url, self._socket.fileno())

    def read(self) -> bytes:
        try:
            # An empty datagram is no end: there is none.
            return self._socket.recv(BULK)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError as error:
            raise LinkError(self._gone(error)) from None

    def _gone(self, error: OSError | None) -> str:
        if isinstance(error, ConnectionRefusedError):
            return f"{self.url} refuses datagrams: nothing listens there; check that the monitor is on, and the port"
        return f"{self.url} cannot be reached ({error.strerror if error else 'closed'}): check the network"

    def close(self) -> None:
        self._socket.close()


def _why_no_connection(url: str, error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"{url} refuses the connection: start the serial server or monitor there, or correct the port number"
    if isinstance(error, socket.gaierror):
        return f"{url}: the host {urlsplit(url).hostname} is not known; correct the name or give its address"
    if isinstance(error, TimeoutError):
        return f"{url} does not answer: check that the device is on, and its address"
    if isinstance(error, OverflowError):
        return f"{url}: the port number is too large"
    return f"{url} cannot be reached ({error.strerror or error}): check the network and the address"
