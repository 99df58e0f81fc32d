"""Writes what comes and goes on a link, with time and direction, in the project's capture format.

JSON lines: the first holds version, protocol, port and settings, device and zone, each further one a piece of bytes:
``{"t": "<UTC ISO with microseconds>", "mono": <seconds>, "dir": "rx|tx", "hex": "..."}``. It only grows and survives
a cut last line (recorded-files sheet, section 6).
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from devices import instant
from devices.errors import LinkError

VERSION = 1
SUFFIX = ".capture"

SET_BY = 1.0
"""Seconds by which the instants run otherwise than the steady clock where the machine's clock was set."""

FILE_BYTES = 32 << 20
"""A rolling capture begins a new file when this one is as large as this."""

FILES = 16
"""So many files of a bed are kept; the oldest is removed for a new one."""


class CaptureWriter:
    """Writes every byte of a link, both ways, as it comes. A context manager; `write` is a Monitor's tap.

    Raises:
        LinkError: the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        protocol: str,
        port: str = "",
        settings: dict[str, Any] | None = None,
        device: str = "",
        zone: str = "UTC",
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._steady = steady
        self._last: tuple[int, float, float] | None = None
        self._path = path
        try:
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise LinkError(f"the capture {path} cannot be written: {error.strerror}") from None
        about = {"protocol": protocol, "port": port, "settings": settings or {}, "device": device, "zone": zone}
        # What a crash left without its line's end must not swallow the header of this run.
        prefix = "" if self._file.tell() == 0 else "\n"
        self._file.write(prefix)
        self._line({"risewatch_capture": VERSION, "version": VERSION, **about})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, direction: str, data: bytes, at: int) -> None:
        """Adds `data`, sent ("TX") or received ("RX") at the instant `at`."""
        stamp = instant.to_datetime(at).isoformat(timespec="microseconds").replace("+00:00", "Z")
        self._line({"t": stamp, "mono": self._mono(at), "dir": direction.lower(), "hex": data.hex()})

    def _mono(self, at: int) -> float:
        """The steady clock at the instant `at`, seconds.

        A piece is written some time after it came: by the clock itself the times read back would not be those that
        were shown live. So the clock is carried on by the instants, unless they say that the machine's was set.
        """
        steady = mono = self._steady()
        if self._last is not None:
            last_at, last_steady, last_mono = self._last
            passed, by_steady = (at - last_at) / instant.SECOND, steady - last_steady
            is_even = passed >= 0 and abs(passed - by_steady) < SET_BY
            mono = last_mono + (passed if is_even else by_steady)
        mono = round(mono, 6)
        self._last = at, steady, mono
        return mono

    def _line(self, content: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(content) + "\n")
            self._file.flush()
        except OSError as error:
            raise LinkError(f"the capture {self._path} cannot be written: {error.strerror}") from None

    @property
    def size(self) -> int:
        """Bytes written to the file so far."""
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


class RollingCapture:
    """A bed's capture that never fills the disk: files of a bounded size, the oldest removed. Never raises.

    Args:
        folder: where the files go, named after the bed and the instant at which they begin.
        bed, protocol, port, settings: as CaptureWriter has them.

    Attributes:
        fault: why nothing is captured any more, "" while all is well. What a full disk does not take must not cost
            the bed its readings.
    """

    def __init__(
        self,
        folder: Path,
        bed: str,
        protocol: str,
        port: str = "",
        settings: dict[str, Any] | None = None,
        *,
        file_bytes: int = FILE_BYTES,
        files: int = FILES,
    ) -> None:
        self.fault = ""
        self._folder = folder
        self._name = re.sub(r"[^A-Za-z0-9]+", "-", bed).strip("-").lower() or "bed"
        self._about = (protocol, port, settings, bed)
        self._file_bytes = file_bytes
        self._files = files
        self._writer: CaptureWriter | None = None

    def write(self, direction: str, data: bytes, at: int) -> None:
        """Adds `data`, sent ("TX") or received ("RX") at the instant `at`: a Monitor's tap."""
        if self.fault:
            return
        try:
            if self._writer is None or self._writer.size >= self._file_bytes:
                self._begin(at)
            assert self._writer is not None
            self._writer.write(direction, data, at)
        except LinkError as error:
            self.fault = str(error)
        except OSError as error:
            self.fault = f"the captures in {self._folder} cannot be written: {error.strerror}"
        if self.fault:
            self.close()

    def close(self) -> None:
        """Ends the file; the next `write` begins another."""
        if self._writer is not None:
            with contextlib.suppress(OSError):  # what a full disk did not take
                self._writer.close()
            self._writer = None

    def _begin(self, at: int) -> None:
        self.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        for old in self.held()[: -(self._files - 1) or None]:
            old.unlink(missing_ok=True)
        stamp = instant.to_datetime(at).strftime("%Y%m%dT%H%M%S%fZ")
        protocol, port, settings, bed = self._about
        path = self._folder / f"{self._name}-{stamp}{SUFFIX}"
        self._writer = CaptureWriter(path, protocol, port, settings, device=bed)

    def held(self) -> list[Path]:
        """This bed's files, oldest first: their names end with the time."""
        return sorted(self._folder.glob(f"{self._name}-[0-9]*T[0-9]*Z{SUFFIX}"))
