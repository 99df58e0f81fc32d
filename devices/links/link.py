"""A port: an URL opened, read and written without ever waiting.

A path is opened here and now. What may take seconds (a network, a serial server's negotiation) is opened aside,
so that one bed's dead network does not hold up the others. Whatever the kind, an open link has a file number to
wait on; the kinds are the files beside this one.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from devices.errors import LinkError, SettingError
from devices.links.line import Line

NETWORK = ("socket", "rfc2217", "udp")
LISTENING = "listen"
OTHERS = ("loop", "spy", "hwgrep", "alt")
"""Further schemes of pyserial that are taken as they are."""


def scheme_of(url: str) -> str:
    """The scheme of a port's URL, "" for a path.

    Raises:
        SettingError: no such scheme, or a network address without host or port.
    """
    if not url.strip():
        raise SettingError("no port is given: name one such as /dev/ttyUSB0 or socket://host:4001")
    scheme, found, _ = url.partition("://")
    if not found:
        return ""
    scheme = scheme.lower()
    if scheme == LISTENING:
        from devices.links.listening import check_url

        check_url(url)
        return scheme
    if scheme not in NETWORK + OTHERS:
        raise SettingError(
            f"{url}: {scheme}:// is not a kind of port; give a path such as /dev/ttyUSB0, socket://host:port,"
            " rfc2217://host:port, udp://host:port, listen://address:port or loop://"
        )
    if scheme in NETWORK:
        try:
            parts = urlsplit(url)
            complete = bool(parts.hostname) and parts.port is not None
        except ValueError:
            complete = False
        if not complete:
            raise SettingError(
                f"{url}: a network port is written {scheme}://host:port, such as {scheme}://10.0.0.7:4001"
            )
    return scheme


class Link(Protocol):
    """An open port. Nothing here waits."""

    def fileno(self) -> int:
        """What to wait on."""

    def read(self) -> bytes:
        """All that has come since the last call, b"" if nothing.

        Raises:
            LinkError: the port is gone.
        """

    def write(self, data: bytes) -> None:
        """Sends `data`, now or as soon as the port takes it; call again with b"" when it is writable.

        Raises:
            LinkError: the port is gone.
        """

    def unsent(self) -> int:
        """Bytes written that have not left this machine: a device without CTS takes none."""

    def wants_write(self) -> bool:
        """Whether bytes wait for the port to become writable."""

    def close(self) -> None:
        """Gives the port back. May be called twice."""


class Opening:
    """A port being opened by a thread of its own. Wait on `fileno`, then `take`."""

    def __init__(self, url: str, open_it: Callable[[], Link]) -> None:
        self._done, self._signal = socket.socketpair()
        self._link: Link | None = None
        self._error: LinkError | None = None
        self._cancelled = False
        self._lock = threading.Lock()
        threading.Thread(target=self._run, args=(open_it,), name=f"opening {url}", daemon=True).start()

    def _run(self, open_it: Callable[[], Link]) -> None:
        link, error = None, None
        try:
            link = open_it()
        except LinkError as refused:
            error = refused
        with self._lock:
            self._link, self._error = link, error
            if self._cancelled and link is not None:
                link.close()
            self._signal.close()

    def fileno(self) -> int:
        """Becomes readable when the opening has ended, well or badly."""
        return self._done.fileno()

    def take(self) -> Link | None:
        """The open link, None while it is still being opened.

        Raises:
            LinkError: it could not be opened.
        """
        with self._lock:
            if self._link is None and self._error is None:
                return None
            self._done.close()
            if self._error is not None:
                raise self._error
            return self._link

    def cancel(self) -> None:
        """The link is not wanted any more, should it still come."""
        with self._lock:
            self._cancelled = True
            if self._link is not None:
                self._link.close()
            with contextlib.suppress(OSError):
                self._done.close()


def begin(url: str, line: Line) -> Link | Opening:
    """Opens `url`: a path, or a port to listen on, is open on return; anything else is an Opening.

    Raises:
        SettingError: no such kind of port.
        LinkError: a path that cannot be opened; the message says how to mend it.
    """
    scheme = scheme_of(url)
    if not scheme:
        from devices.links.serial_port import SerialLink

        return SerialLink(url, line)
    if scheme == "socket":
        from devices.links.network import SocketLink

        return Opening(url, lambda: SocketLink(url))
    if scheme == "udp":
        from devices.links.network import UdpLink

        return Opening(url, lambda: UdpLink(url))
    if scheme == LISTENING:
        from devices.links.listening import ListenLink

        return ListenLink(url)
    from devices.links.carried import CarriedLink

    return Opening(url, lambda: CarriedLink(url, line))
