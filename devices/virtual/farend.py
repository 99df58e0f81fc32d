"""The far ends a virtual monitor can hang on: a pseudo-terminal with a lasting name, or a network port.

All behave like a cable. What is sent while nobody listens is lost; what the listener does not take is lost too.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pty
import select
import shutil
import tempfile
import tty
from pathlib import Path
from typing import Protocol

from devices.errors import LinkError, SettingError
from devices.virtual.device import CallsListener, SpeaksDatagrams, VirtualDevice
from devices.virtual.network_ends import ConnectEnd, TcpEnd, UdpEnd


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


def far_end(link: str, name: str, device: VirtualDevice) -> FarEnd:
    """The far end written as ``pty``, ``tcp[:PORT]``, ``udp[:PORT]`` or ``connect:HOST:PORT``, for `device`.

    Args:
        name: names a pseudo-terminal's file.

    Raises:
        SettingError: another kind, one that this monitor is not met on, or a port that is no number.
        LinkError: it cannot be had.
    """
    kind, _, rest = link.partition(":")
    if link == "pty":
        return PtyEnd(name)
    if kind == "tcp":
        return TcpEnd(_port(link, rest, "a TCP link is written tcp or tcp:PORT, such as tcp:4001"))
    if kind == "udp" and isinstance(device, SpeaksDatagrams):
        return UdpEnd(_port(link, rest, "a UDP link is written udp or udp:PORT, such as udp:24105"))
    if kind == "connect" and isinstance(device, CallsListener):
        host, _, port = rest.rpartition(":")
        how = "it is written connect:HOST:PORT, such as connect:127.0.0.1:2575"
        host = host.removeprefix("[").removesuffix("]")
        if not host or not port:
            raise SettingError(f"{link!r}: {how}")
        return ConnectEnd(host, _port(link, port, how))
    if kind in ("udp", "connect"):
        raise SettingError(f"{link!r}: the {name} monitor is not simulated over {kind}; use --link pty or tcp[:PORT]")
    raise SettingError(f"{link!r} is not a link; use pty or tcp[:PORT]")


def _port(link: str, text: str, how: str) -> int:
    """The port number written in `text`, 0 for none: any that is free."""
    if text and not (text.isascii() and text.isdigit() and int(text) < 65_536):
        raise SettingError(f"{link!r}: {how}")
    return int(text or 0)
