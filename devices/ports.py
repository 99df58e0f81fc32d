"""The kinds of port: a device path, a TCP connection, and whatever else pyserial can open.

Where pyserial offers no file number to wait on (RFC 2217, loop://), two helper threads carry the bytes.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import queue
import socket
import struct
import termios
import threading
from collections import deque
from pathlib import Path
from urllib.parse import urlsplit

import serial

from devices.errors import LinkError
from devices.link import Line

BULK = 65_536
"""Bytes taken per read: more than a serial port holds, so one read empties it."""

UNSENT_MAX = 4_096
"""Bytes kept for a device that does not take them; what does not fit is dropped whole, requests are repeated."""


class _Descriptor:
    """Reading and writing a non-blocking file number, with a bounded queue before it."""

    def __init__(self, url: str, fd: int) -> None:
        self.url = url
        self._fd = fd
        self._waiting: deque[bytes] = deque()

    def fileno(self) -> int:
        return self._fd

    def read(self) -> bytes:
        try:
            data = os.read(self._fd, BULK)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError as error:
            raise LinkError(self._gone(error)) from None
        if not data:
            raise LinkError(self._gone(None))
        return data

    def write(self, data: bytes) -> None:
        if data and sum(map(len, self._waiting)) + len(data) <= UNSENT_MAX:
            self._waiting.append(data)
        while self._waiting:
            first = self._waiting.popleft()
            try:
                sent = os.write(self._fd, first)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError as error:
                raise LinkError(self._gone(error)) from None
            if sent < len(first):
                self._waiting.appendleft(first[sent:])
                return

    def unsent(self) -> int:
        return sum(map(len, self._waiting))

    def wants_write(self) -> bool:
        return bool(self._waiting)

    def _gone(self, error: OSError | None) -> str:
        return f"{self.url} is gone: the cable or adapter was pulled out, or the other side has ended"


def _is_pseudo_terminal(path: str) -> bool:
    return str(Path(path).resolve()).startswith("/dev/pts/")


class SerialLink(_Descriptor):
    """A device path: a serial port, a USB adapter, a pseudo-terminal. Opened at once, for this program alone.

    Raises:
        LinkError: it does not exist, may not be opened by this user, is in use, or is no serial port.
    """

    def __init__(self, url: str, line: Line, path: str | None = None) -> None:
        path = path or url
        # A pseudo-terminal has no line. The system keeps none of its settings, and calls it an error when nothing
        # of what is asked for can be set: so the second program that opens one with parity would be refused.
        pseudo = _is_pseudo_terminal(path)
        try:
            self._port = serial.Serial(
                path,
                baudrate=line.baud,
                bytesize=serial.EIGHTBITS if pseudo else line.bytesize,
                parity=serial.PARITY_NONE if pseudo else line.parity,
                stopbits=serial.STOPBITS_ONE if pseudo else line.stopbits,
                rtscts=line.rtscts and not pseudo,
                timeout=0,
                write_timeout=0,
                exclusive=True,
            )
        except (OSError, ValueError, termios.error) as error:
            raise LinkError(_why_not(url, path, error)) from None
        fd: int = self._port.fd
        # pyserial sets VMIN 0, by which an idle port and one that was pulled out both read as nothing. With
        # VMIN 1 the idle one says "try again", and nothing means gone.
        attributes = termios.tcgetattr(fd)
        attributes[6][termios.VMIN] = 1
        attributes[6][termios.VTIME] = 0
        termios.tcsetattr(fd, termios.TCSANOW, attributes)
        super().__init__(url, fd)

    def unsent(self) -> int:
        try:
            queued = struct.unpack("i", fcntl.ioctl(self._fd, termios.TIOCOUTQ, b"\0" * 4))[0]
        except OSError:
            queued = 0
        return super().unsent() + int(queued)

    def close(self) -> None:
        if not self._port.is_open:
            return
        # Without this, closing a port whose device holds CTS low waits half a minute for bytes nobody takes.
        with contextlib.suppress(OSError, termios.error):
            termios.tcflush(self._fd, termios.TCOFLUSH)
        with contextlib.suppress(OSError):
            self._port.close()


class SocketLink(_Descriptor):
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


class CarriedLink:
    """A port of pyserial without a file number. Opening waits: use `begin`.

    Raises:
        LinkError: it cannot be opened.
    """

    def __init__(self, url: str, line: Line) -> None:
        self.url = url
        try:
            self._port = serial.serial_for_url(
                url,
                baudrate=line.baud,
                bytesize=line.bytesize,
                parity=line.parity,
                stopbits=line.stopbits,
                rtscts=line.rtscts,
                timeout=0.2,
            )
        except (OSError, ValueError, termios.error) as error:
            raise LinkError(
                f"{url} could not be opened ({_plain(error)}): check the address and that it is on"
            ) from None
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._outgoing: queue.Queue[bytes | None] = queue.Queue(maxsize=64)
        self._closed = threading.Event()
        for work, name in ((self._carry_in, "reading"), (self._carry_out, "writing")):
            threading.Thread(target=work, name=f"{name} {url}", daemon=True).start()

    def _carry_in(self) -> None:
        try:
            while not self._closed.is_set():
                data = self._port.read(1)
                if data:
                    more = self._port.in_waiting
                    self._theirs.sendall(data + (self._port.read(more) if more else b""))
        except (OSError, TypeError, AttributeError):
            # pyserial's own closing from another thread surfaces as any of these; the reader sees the end.
            pass
        finally:
            self._theirs.close()

    def _carry_out(self) -> None:
        while (data := self._outgoing.get()) is not None:
            try:
                self._port.write(data)
            except (OSError, TypeError, AttributeError):
                self._theirs.close()
                return

    def fileno(self) -> int:
        return self._ours.fileno()

    def read(self) -> bytes:
        try:
            data = self._ours.recv(BULK)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError:
            data = b""
        if not data:
            raise LinkError(f"{self.url} is gone: look whether the device or serial server is on")
        return data

    def write(self, data: bytes) -> None:
        if data:
            with contextlib.suppress(queue.Full):
                self._outgoing.put_nowait(data)

    def unsent(self) -> int:
        return 0

    def wants_write(self) -> bool:
        return False

    def close(self) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        while True:
            try:
                self._outgoing.put_nowait(None)
                break
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    self._outgoing.get_nowait()
        with contextlib.suppress(OSError):
            self._ours.close()
        # Closing waits for pyserial's own thread: not on the time of whoever reads the other beds.
        threading.Thread(target=self._give_back, name=f"closing {self.url}", daemon=True).start()

    def _give_back(self) -> None:
        with contextlib.suppress(OSError, AttributeError, TypeError):
            self._port.close()


def _plain(error: BaseException) -> str:
    text = str(error).strip()
    return text.rsplit("] ", 1)[-1] if text else type(error).__name__


def _why_not(url: str, path: str, error: BaseException) -> str:
    """One sentence on why `path` could not be opened, and how to mend it."""
    code = getattr(error, "errno", None)
    if code in (errno.ENOENT, errno.ENXIO, errno.ENODEV) or not Path(path).exists():
        return f"{url} does not exist: plug the adapter in, or see `risewatch ports` for those that are there"
    if code in (errno.EACCES, errno.EPERM):
        return f"{url} may not be opened by this user: {_permission_advice(path)}"
    if code in (errno.EAGAIN, errno.EBUSY, errno.EWOULDBLOCK):
        return f"{url} is in use by another program: close that program, or name another port"
    if isinstance(error, ValueError):
        return f"{url} cannot be set as wanted ({error}): check baud, bytesize, parity and stopbits"
    if code == errno.EISDIR or "Could not configure" in str(error) or code in (errno.ENOTTY, errno.EINVAL):
        return f"{url} is not a serial port: see `risewatch ports` for those that are there"
    return (
        f"{url} could not be opened ({os.strerror(code) if code else error}): unplug the adapter and plug it in again"
    )


def _permission_advice(path: str) -> str:
    import grp

    try:
        group = grp.getgrgid(Path(path).stat().st_gid).gr_name
    except (KeyError, OSError):
        return "ask the administrator for the right to read and write it"
    return f"add the user to the group {group} (sudo usermod -aG {group} USER) and log in again"


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
