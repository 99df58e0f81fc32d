"""The far ends a virtual monitor can hang on: a pseudo-terminal with a lasting name, a TCP or a UDP port.

All behave like a cable. What is sent while nobody listens is lost; what the listener does not take is lost too.
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

_UDP_HELD_S = 10.0
"""A listener on UDP that is silent for so long is gone: nothing else tells. Others are not heard until then."""


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


def far_end(link: str, name: str, datagrams: bool = False) -> FarEnd:
    """The far end written as ``pty``, ``tcp[:PORT]`` or ``udp[:PORT]``; `name` names a pseudo-terminal's file.

    Args:
        datagrams: this monitor is spoken over UDP too.

    Raises:
        SettingError: another kind, one that this monitor is not met on, or a port that is no number.
        LinkError: it cannot be had.
    """
    kind, _, rest = link.partition(":")
    if link == "pty":
        return PtyEnd(name)
    if kind == "tcp":
        if rest and not (rest.isascii() and rest.isdigit() and int(rest) < 65_536):
            raise SettingError(f"{link!r}: a TCP link is written tcp or tcp:PORT, such as tcp:4001")
        return TcpEnd(int(rest or 0))
    if kind == "udp" and datagrams:
        if rest and not (rest.isascii() and rest.isdigit() and int(rest) < 65_536):
            raise SettingError(f"{link!r}: a UDP link is written udp or udp:PORT, such as udp:24105")
        return UdpEnd(int(rest or 0))
    if kind in ("udp", "connect"):
        raise SettingError(f"{link!r}: the {name} monitor is not simulated over {kind}; use --link pty or tcp[:PORT]")
    raise SettingError(f"{link!r} is not a link; use pty or tcp[:PORT]")
