"""Captured bytes with their times: our own format, written and read; other tools' hex logs, hex text and raw dumps, read.

Our format is JSON lines: the first holds version, protocol, port and settings, each further one a piece of bytes with
its UTC time, a steady clock and its direction. It only grows and survives a cut last line (files sheet, section 6).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from devices import instant
from devices.errors import CaptureError, LinkError
from devices.instant import HOUR, MINUTE, SECOND

VERSION = 1
LARGEST = 1 << 30
"""Bytes of a capture that are read at most."""

DAY = 24 * HOUR

_LOG_LINE = re.compile(
    r"^\s*\[?(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{2}(?:[.,]\d{1,6})?)\]?\s+"
    r"(?P<way>RX|TX|<-|->|<|>)\s*:?\s+(?P<hex>(?:[0-9A-Fa-f]{2}[\s,]*)+)",
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes received together. `at`: the instant, None in a dump without times."""

    data: bytes
    at: int | None


@dataclass(slots=True)
class Capture:
    """A capture, read: what the monitor sent, in pieces. `sent` counts the bytes of the other direction.

    `relative` is true where the times count from the capture's first midnight, for want of a date. `damage` says
    what could not be read of it.
    """

    pieces: list[Piece]
    sent: int = 0
    relative: bool = False
    damage: list[str] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=dict)

    @property
    def is_stamped(self) -> bool:
        return any(piece.at is not None for piece in self.pieces)


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
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._steady = steady
        try:
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise LinkError(f"the capture {path} cannot be written: {error.strerror}") from None
        self._line({"risewatch_capture": VERSION, "protocol": protocol, "port": port, "settings": settings or {}})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, direction: str, data: bytes, at: int) -> None:
        """Adds `data`, sent ("TX") or received ("RX") at the instant `at`."""
        stamp = instant.to_datetime(at).isoformat(timespec="microseconds").replace("+00:00", "Z")
        self._line({"t": stamp, "mono": round(self._steady(), 6), "dir": direction.lower(), "hex": data.hex()})

    def _line(self, content: dict[str, Any]) -> None:
        self._file.write(json.dumps(content) + "\n")
        self._file.flush()


def read_capture(path: Path, zone: tzinfo, start: int | None = None, is_hex: bool = False) -> Capture:
    """The capture at `path`, whatever its kind.

    Args:
        zone: of times without an offset. start: the day of a log that has only times of day, or None.
        is_hex: the file is hex text without times.

    Raises:
        CaptureError: it cannot be opened, is too large, empty, or not what `is_hex` says.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise CaptureError(f"{path} is larger than {LARGEST >> 20} MiB: cut it into pieces")
        content = path.read_bytes()
    except OSError as error:
        raise CaptureError(f"{path} cannot be read: {error.strerror}") from None
    if not content:
        raise CaptureError(f"{path} is empty: nothing was captured")
    if is_hex:
        return _hex_text(content, path)
    if content.lstrip().startswith(b'{"risewatch_capture"'):
        return _own(content, zone)
    log = _log(content, zone, start)
    if log is not None:
        return log
    return Capture([Piece(content, None)])


def _hex_text(content: bytes, path: Path) -> Capture:
    digits = re.sub(rb"[\s,:;]+|0[xX]", b"", content.removeprefix(b"\xef\xbb\xbf"))
    try:
        data = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        raise CaptureError(
            f"{path} is not hex text: it has other characters, or half a byte; leave --hex out"
        ) from None
    return Capture([Piece(data, None)])


def _own(content: bytes, zone: tzinfo) -> Capture:
    """Times are the first piece's, continued by the steady clock: a clock set in between moves nothing."""
    capture = Capture([])
    anchor: tuple[int, float] | None = None
    for number, line in enumerate(content.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            if "risewatch_capture" in entry:
                # Appended to by a second run: its steady clock is another one.
                capture.header = capture.header or entry
                anchor = None
                continue
            stamp, steady = instant.parse(entry["t"], zone), float(entry["mono"])
            data = bytes.fromhex(entry["hex"])
            way = entry["dir"]
        except (ValueError, KeyError, TypeError):
            capture.damage.append(f"line {number} is cut or damaged and was left out")
            continue
        if anchor is None:
            anchor = (stamp, steady)
        if way == "rx":
            capture.pieces.append(Piece(data, anchor[0] + instant.seconds(steady - anchor[1])))
        else:
            capture.sent += len(data)
    return capture


def _log(content: bytes, zone: tzinfo, start: int | None) -> Capture | None:
    """A log of a terminal program, one piece a line; None if this is none. Times of day may pass midnight."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or sum(_LOG_LINE.match(line) is not None for line in lines[:50]) < min(len(lines), 50) / 2:
        return None
    capture = Capture([], relative=start is None)
    base = 0 if start is None else _midnight(start, zone)
    previous: int | None = None
    for number, line in enumerate(lines, 1):
        match = _LOG_LINE.match(line)
        if match is None:
            capture.damage.append(f"line {number} is no line of a log and was left out")
            continue
        moment = (
            int(match["hour"]) * HOUR
            + int(match["minute"]) * MINUTE
            + instant.parse_relative(match["second"].replace(",", "."))
        )
        if previous is not None and moment < previous - DAY // 2:
            base += DAY
        previous = moment
        data = bytes.fromhex("".join(re.findall(r"[0-9A-Fa-f]{2}", match["hex"])))
        if match["way"] in ("RX", "<-", "<"):
            capture.pieces.append(Piece(data, base + moment))
        else:
            capture.sent += len(data)
    return capture


def _midnight(start: int, zone: tzinfo) -> int:
    local = instant.to_datetime(start, zone)
    passed = local.hour * HOUR + local.minute * MINUTE + local.second * SECOND + local.microsecond
    return start - passed
