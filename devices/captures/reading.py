"""Reads captured bytes with their times: our own format, other programs' logs, hex text and raw dumps.

Our own format is that of `devices.captures.writing`; its times are the first piece's, continued by the steady clock.
"""

from __future__ import annotations

import json
import math
import re
from datetime import tzinfo
from pathlib import Path
from typing import Any

from devices import instant
from devices.captures.analysers import byte_rows, python_literals
from devices.captures.capture import Capture, Piece
from devices.captures.dumps import arrays_of_c, dump_with_offsets, hex_text, is_plain_hex
from devices.captures.logs import headed_log, log
from devices.captures.packets import is_packets, read_packets
from devices.captures.writing import VERSION
from devices.errors import CaptureError

LARGEST = 1 << 30
"""Bytes of a capture that are read at most."""

_OF_TEXT = bytes((9, 10, 13, *range(32, 127)))
_PACKED = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]|BZh[1-9]1AY&SY|\xfd7zXZ\x00|PK\x03\x04[\x0a-\x3f]\x00")


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
    if is_packets(content):
        return read_packets(content, path)
    if _PACKED.match(content):
        raise CaptureError(f"{path} is compressed: unpack it first")
    content = _utf_8(content)
    if _is_own(content):
        return _own(content, zone)
    return _as_written(content, zone, start, is_hex, path) or Capture([Piece(content, None)])


def _as_written(content: bytes, zone: tzinfo, start: int | None, is_hex: bool, path: Path) -> Capture | None:
    """The capture in a text that another program wrote of the bytes, None if these are the bytes themselves."""
    head = content[:4096]
    if len(head.translate(None, _OF_TEXT)) > len(head) / 4:
        return hex_text("?", path) if is_hex else None
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    return (
        dump_with_offsets(text, path)
        or arrays_of_c(text)
        or headed_log(content, zone, start, path)
        or byte_rows(content, start, path)
        or log(content, zone, start, path)
        or python_literals(content)
        or (hex_text(text, path) if is_hex or is_plain_hex(text) else None)
    )


def _utf_8(content: bytes) -> bytes:
    """A text in UTF-16, as some programs of Windows write, in UTF-8; anything else as it is."""
    if content[:2] not in (b"\xff\xfe", b"\xfe\xff") or len(content) % 2:
        return content
    try:
        text = content.decode("utf-16")
    except UnicodeDecodeError:
        return content
    # A monitor's own bytes can begin so; they would be letters of all the world's scripts.
    is_text = all(letter < "\u0100" and (letter.isprintable() or letter in "\t\r\n") for letter in text[:1000])
    return text.encode() if text and is_text else content


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _is_piece(entry: dict[str, Any]) -> bool:
    return "hex" in entry and "dir" in entry


def _is_own(content: bytes) -> bool:
    """Whether one of the first lines is a piece or our header; a board that speaks JSON has neither."""
    for line in content.removeprefix(b"\xef\xbb\xbf")[:100_000].split(b"\n")[:5]:
        entry = _entry(line)
        if entry is not None and ("risewatch_capture" in entry or _is_piece(entry)):
            return True
    return False


def _own(content: bytes, zone: tzinfo) -> Capture:
    """Times are the first piece's, continued by the steady clock: a clock set in between moves nothing."""
    capture = Capture([])
    anchor: tuple[int, float] | None = None
    last = 0.0
    lines = content.count(b"\n") + 1
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        entry = _entry(line)
        if entry is not None and not _is_piece(entry):
            if entry.get("risewatch_capture", VERSION) != VERSION:
                raise CaptureError(
                    f"the capture is of format {entry['risewatch_capture']!r} and this program reads {VERSION}: "
                    "decode it with the version that wrote it"
                )
            # Appended to by a second run: its steady clock is another one.
            capture.header = capture.header or entry
            anchor = None
            continue
        try:
            if entry is None:
                raise ValueError
            stamp = instant.parse(entry["t"], zone)
            data, way = bytes.fromhex(entry["hex"]), str(entry["dir"]).lower()
            steady = float(entry["mono"]) if "mono" in entry else None
            if way not in ("rx", "tx") or (steady is not None and not math.isfinite(steady)):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            kind = "row-refused" if b"\n" in content[-2:] or number < lines else "incomplete"
            capture.damage.append((kind, f"line {number} of the capture is cut or damaged and was left out"))
            continue
        if steady is not None:
            # A steady clock that goes back is another machine's or another start's.
            if anchor is None or steady < last:
                anchor = (stamp, steady)
            last = steady
            stamp = anchor[0] + instant.seconds(steady - anchor[1])
        if way == "rx":
            capture.pieces.append(Piece(data, stamp))
        else:
            capture.sent += len(data)
    return capture
