"""A device path: a serial port, a USB adapter, a pseudo-terminal."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import struct
import termios
from pathlib import Path

import serial

from devices.errors import LinkError
from devices.links.descriptor import Descriptor
from devices.links.line import Line


def _is_pseudo_terminal(path: str) -> bool:
    return str(Path(path).resolve()).startswith("/dev/pts/")


class SerialLink(Descriptor):
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
