"""The far ends a virtual monitor can hang on: a pseudo-terminal with a lasting name, or a TCP port.

Both behave like a cable. What is sent while nobody listens is lost; what the listener does not take is lost too.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pty
import select
import shutil
import socket
import tempfile
import time
import tty
from pathlib import Path
from typing import Protocol

from devices.errors import LinkError, SettingError

CALLERS = ("hl7",)
"""Monitors that call their listener."""

RECONNECT_S = 1.0
"""Seconds between two calls of a listener that does not answer."""


class FarEnd(Protocol):
    """The device's end of a cable."""

    url: str

    def plug(self) -> None:
        """Makes the port be there."""

    def unplug(self) -> None:
        """Makes the port be gone; whoever has it open notices."""

    def look(self) -> bool:
        """Whether a listener has come since the last call."""

    def waits_on(self) -> list[int]:
        """File numbers that become readable when something comes."""

    def read(self) -> bytes: ...

    def write(self, data: bytes) -> None: ...

    def close(self) -> None:
        """Unplugs for good and leaves nothing behind."""


class PtyEnd:
    """A pseudo-terminal under a symbolic link in a temporary folder; the link's name stays through `unplug`."""

    def __init__(self, name: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="risewatch-"))
        self._path = self._folder / name
        self.url = str(self._path)
        self._fd: int | None = None
        self._listener = False

    def plug(self) -> None:
        if self._fd is not None:
            return
        try:
            master, slave = pty.openpty()
        except OSError as error:
            raise LinkError(f"no pseudo-terminal can be had ({error.strerror}); use --link tcp") from None
        tty.setraw(slave)
        self._point_at(os.ttyname(slave))
        # Opened and closed once, the master says truthfully whether anybody has the other side open.
        os.close(slave)
        os.set_blocking(master, False)
        self._fd = master
        self._listener = False

    def unplug(self) -> None:
        if self._fd is None:
            return
        # The terminal's number may be given to a stranger's program at once: the name must not lead there.
        self._point_at(str(self._folder / "unplugged"))
        os.close(self._fd)
        self._fd = None

    def _point_at(self, target: str) -> None:
        fresh = self._folder / ".next"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.replace(self._path)

    def _open_there(self) -> bool:
        if self._fd is None:
            return False
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        return not any(events & select.POLLHUP for _, events in poll.poll(0))

    def look(self) -> bool:
        before, self._listener = self._listener, self._open_there()
        return self._listener and not before

    def waits_on(self) -> list[int]:
        # A hung-up master is readable for ever: waiting on it would spin.
        return [self._fd] if self._fd is not None and self._listener else []

    def read(self) -> bytes:
        if self._fd is None:
            return b""
        try:
            return os.read(self._fd, 65_536)
        except OSError as error:
            if error.errno == errno.EIO:
                self._listener = False
            return b""

    def write(self, data: bytes) -> None:
        if self._fd is not None and data and self._open_there():
            with contextlib.suppress(OSError):
                os.write(self._fd, data)

    def close(self) -> None:
        self.unplug()
        shutil.rmtree(self._folder, ignore_errors=True)


class TcpEnd:
    """A TCP port on this machine, for one listener at a time; port 0 takes a free one.

    Raises:
        LinkError: the port is taken.
    """

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self._host = host
        self._port = port
        self._server: socket.socket | None = None
        self._client: socket.socket | None = None
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
        if self._client is not None:
            self._client.close()
            self._client = None

    def look(self) -> bool:
        if self._server is None:
            return False
        came = False
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return came
            if self._client is not None:
                # A serial port has one cable: a second listener is told at once, not left waiting in silence.
                client.close()
                continue
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client, came = client, True

    def waits_on(self) -> list[int]:
        return [end.fileno() for end in (self._server, self._client) if end is not None]

    def read(self) -> bytes:
        if self._client is None:
            return b""
        try:
            data = self._client.recv(65_536)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError:
            data = b""
        if not data:
            self._drop()
        return data

    def write(self, data: bytes) -> None:
        if self._client is None or not data:
            return
        try:
            self._client.send(data)
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._drop()

    def close(self) -> None:
        self.unplug()


class ConnectEnd:
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
        self._socket: socket.socket | None = None
        self._is_connected = False
        self._is_plugged = False
        self._again = 0.0

    def plug(self) -> None:
        self._is_plugged = True

    def unplug(self) -> None:
        self._is_plugged = False
        self._drop()

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._is_connected = None, False
        self._again = time.monotonic() + RECONNECT_S

    def look(self) -> bool:
        """Whether the listener has taken a call since the last look; calls it where it has not."""
        if self._is_connected or not self._is_plugged:
            return False
        if self._socket is None:
            if time.monotonic() < self._again:
                return False
            self._socket = socket.socket(self._family, socket.SOCK_STREAM)
            self._socket.setblocking(False)
            self._socket.connect_ex(self._address)
        poll = select.poll()
        poll.register(self._socket, select.POLLOUT)
        if not poll.poll(0):
            return False
        if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._drop()
            return False
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._is_connected = True
        return True

    def waits_on(self) -> list[int]:
        return [self._socket.fileno()] if self._socket is not None and self._is_connected else []

    def read(self) -> bytes:
        if self._socket is None or not self._is_connected:
            return b""
        try:
            data = self._socket.recv(65_536)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError:
            data = b""
        if not data:
            self._drop()
        return data

    def write(self, data: bytes) -> None:
        if self._socket is None or not self._is_connected or not data:
            return
        try:
            self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._drop()

    def close(self) -> None:
        self.unplug()


def far_end(link: str, name: str) -> FarEnd:
    """The far end written as ``pty``, ``tcp`` or ``tcp:PORT``, and for a device that calls its listener as
    ``connect:HOST:PORT``; `name` becomes the pseudo-terminal's file name.

    Raises:
        SettingError: another kind, or a port that is no number.
        LinkError: it cannot be had.
    """
    kind, _, rest = link.partition(":")
    if link == "pty":
        return PtyEnd(name)
    if kind == "tcp":
        if rest and not (rest.isascii() and rest.isdigit() and int(rest) < 65_536):
            raise SettingError(f"{link!r}: a TCP link is written tcp or tcp:PORT, such as tcp:4001")
        return TcpEnd(int(rest or 0))
    if kind == "connect" and name in CALLERS:
        host, _, port = rest.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not host or not (port.isascii() and port.isdigit() and int(port) < 65_536):
            raise SettingError(f"{link!r}: it is written connect:HOST:PORT, such as connect:127.0.0.1:2575")
        return ConnectEnd(host, int(port))
    if kind in ("udp", "connect"):
        raise SettingError(f"{link!r}: the {name} monitor is not simulated over {kind}; use --link pty or tcp[:PORT]")
    raise SettingError(f"{link!r} is not a link; use pty or tcp[:PORT]")
