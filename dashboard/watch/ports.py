"""The ports of the watch's machine and who uses them, and the capture files it holds. Opens nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from dashboard.errors import ConfigurationError
from devices.captures.writing import RollingCapture
from devices.links.link import scheme_of
from devices.probe_answers import lasting_name

_MAY_BE_PROBED = ("", "socket", "rfc2217")


class PortInUse(ConfigurationError):
    """A bed has that port."""


class PortHere(Struct, frozen=True):
    """A serial port of this machine. `lasting`: its name that stays when adapters are plugged in another order."""

    device: str
    lasting: str
    about: str


class CapturesHeld(Struct, frozen=True):
    """A bed's capture files. `size` in bytes; `newest`: the last file's name, "" if there is none."""

    bed: str
    files: int
    size: int
    newest: str


def ports_here() -> list[PortHere]:
    """The serial ports that the system knows of, by name. None is opened."""
    from serial.tools import list_ports

    return [
        PortHere(each.device, lasting_name(each.device), each.description if each.description != "n/a" else "")
        for each in sorted(list_ports.comports())
    ]


def checked_port(port: str) -> str:
    """`port` if it is one that may be listened to.

    Raises:
        ConfigurationError: a file that is no device, or a kind of port on which listening finds nothing out.
        SettingError: no kind of port at all.
    """
    port = port.strip()
    scheme = scheme_of(port)
    if scheme not in _MAY_BE_PROBED:
        raise ConfigurationError(
            f"{port}: {scheme}:// cannot be listened to: name a path such as /dev/ttyUSB0, or socket://host:port"
        )
    if not scheme and not str(Path(port).resolve()).startswith("/dev/"):
        raise ConfigurationError(f"{port} is no port: serial ports are below /dev, such as /dev/ttyUSB0")
    return port


def user_of(port: str, ports: Mapping[str, str]) -> str | None:
    """The bed whose port is `port`, by whatever name; None if it is free.

    Args:
        ports: port by bed.
    """
    wanted = _same(port)
    return next((bed for bed, other in ports.items() if _same(other) == wanted), None)


def _same(port: str) -> str:
    """One name for one port: links by which a path is known too are followed; hosts are written in any case."""
    if "://" in port:
        return port.strip().lower().rstrip("/")
    return str(Path(port).resolve())


def captures_held(folder: Path, beds: Iterable[str]) -> list[CapturesHeld]:
    """What is kept of each bed's bytes in `folder`."""
    found = []
    for bed in beds:
        files = RollingCapture(folder, bed, "").held()
        size = 0
        for file in files:
            try:
                size += file.stat().st_size
            except OSError:  # rolled over meanwhile
                continue
        found.append(CapturesHeld(bed, len(files), size, files[-1].name if files else ""))
    return found
