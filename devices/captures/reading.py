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

from msgspec import Struct, field

from devices import instant
from devices.captures.writing import VERSION
from devices.errors import CaptureError
from devices.instant import HOUR, MINUTE, SECOND

LARGEST = 1 << 30
"""Bytes of a capture that are read at most."""

DAY = 24 * HOUR

_LOG_LINE = re.compile(
    r"\s*\[?(?:(?P<date>\d{4}-\d{2}-\d{2})[T ])?"
    r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d(?:[.,]\d{1,6})?)\]?\s+"
    r"\[?(?P<way>RX|TX|<-|->|<<|>>|<|>)\]?:?(?P<rest>\s.*|)",
    re.IGNORECASE | re.ASCII,
)
_HEX = re.compile(r"(?:0x)?[0-9a-f]{2}(?:[\s,:;]*(?:0x)?[0-9a-f]{2})*[\s,;]*", re.IGNORECASE | re.ASCII)
_NAMED_BYTE = re.compile(r"<(CR|LF|NUL|ESC|STX|ETX)>|\\(r|n|t|0|x[0-9a-f]{2})", re.IGNORECASE | re.ASCII)
_NAMES = {"cr": "\r", "lf": "\n", "nul": "\0", "esc": "\x1b", "stx": "\x02", "etx": "\x03",
          "r": "\r", "n": "\n", "t": "\t", "0": "\0"}  # fmt: skip
_RECEIVED = ("RX", "<-", "<<", "<")


class Piece(Struct, frozen=True):
    """Bytes received together. `at`: the instant, None in a dump without times."""

    data: bytes
    at: int | None


class Capture(Struct):
    """A capture, read: what the monitor sent, in pieces. `sent` counts the bytes of the other direction.

    `relative` is true where the times count from the capture's first midnight, for want of a date. `damage` is
    what could not be read of it, as kind of notice and sentence; `header` is what our own format says of the port.
    """

    pieces: list[Piece]
    sent: int = 0
    relative: bool = False
    damage: list[tuple[str, str]] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=dict)

    @property
    def is_stamped(self) -> bool:
        return any(piece.at is not None for piece in self.pieces)


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
    if _is_own(content):
        return _own(content, zone)
    log = _log(content, zone, start)
    if log is not None:
        return log
    return Capture([Piece(content, None)])


def _hex_text(content: bytes, path: Path) -> Capture:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "?"
    digits = re.sub(r"[\s,:;-]+|0[xX](?=[0-9A-Fa-f]{2})", "", text)
    wrong = next((number for number, line in enumerate(text.splitlines(), 1) if not _is_hex(line)), None)
    if wrong is not None or len(digits) % 2:
        where = f"line {wrong} has other characters" if wrong is not None else "it ends in half a byte"
        raise CaptureError(f"{path} is not hex text ({where}): leave --hex out if these are the bytes themselves")
    return Capture([Piece(bytes.fromhex(digits), None)])


def _is_hex(line: str) -> bool:
    return re.fullmatch(r"(?:0[xX](?=[0-9A-Fa-f])|[0-9A-Fa-f\s,:;-])*", line) is not None


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


def _log(content: bytes, zone: tzinfo, start: int | None) -> Capture | None:
    """A log of a terminal program, one piece a line; None if this is none.

    Times of day may pass midnight; a date is in the line or comes from `start`. Bytes are hex, or else the text
    itself, ended by CR where the log shows no end.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    found = [(number, _LOG_LINE.fullmatch(line)) for number, line in lines]
    if not lines or sum(match is not None for _, match in found[:50]) < min(len(found), 50) / 2:
        return None
    rests = [match["rest"].strip() for _, match in found if match is not None and match["rest"].strip()]
    is_hex = all(_HEX.fullmatch(rest) for rest in rests)
    has_dates = any(match is not None and match["date"] for _, match in found)
    capture = Capture([], relative=start is None and not has_dates)
    day, previous = 0, None
    first = next((_time_of_day(match) for _, match in found if match is not None), 0)
    base = 0 if start is None else _midnight(start, first, zone)
    for number, match in found:
        if match is None:
            capture.damage.append(("row-refused", f"line {number} is no line of a log and was left out"))
            continue
        moment = _time_of_day(match)
        if match["date"]:
            try:
                base, day = instant.parse(match["date"], zone), 0
            except ValueError:
                capture.damage.append(("row-refused", f"line {number} has no date that exists and was left out"))
                continue
        elif previous is not None and moment < previous - DAY // 2:
            day += DAY
        previous = moment
        data = _log_bytes(match["rest"], is_hex)
        if match["way"].upper() in _RECEIVED:
            capture.pieces.append(Piece(data, base + day + moment))
        else:
            capture.sent += len(data)
    return capture


def _time_of_day(match: re.Match[str]) -> int:
    seconds = instant.parse_relative(match["second"].replace(",", "."))
    return int(match["hour"]) * HOUR + int(match["minute"]) * MINUTE + seconds


def _log_bytes(rest: str, is_hex: bool) -> bytes:
    if is_hex:
        return bytes.fromhex("".join(re.findall(r"(?:0[xX])?([0-9A-Fa-f]{2})", rest)))
    text = _NAMED_BYTE.sub(_named_byte, rest)
    if text.strip() and not text.endswith(("\r", "\n")):
        text += "\r"
    return text.encode("latin-1", "replace")


def _named_byte(match: re.Match[str]) -> str:
    name = (match[1] or match[2]).lower()
    return chr(int(name[1:], 16)) if name.startswith("x") else _NAMES[name]


def _midnight(start: int, first: int, zone: tzinfo) -> int:
    """The midnight from which the first line, at the time of day `first`, lies nearest to `start`.

    A `start` that is midnight itself is a date alone: the day that begins then.
    """
    local = instant.to_datetime(start, zone)
    passed = local.hour * HOUR + local.minute * MINUTE + local.second * SECOND + local.microsecond
    base = start - passed
    if not passed:
        return base
    return min((base - DAY, base, base + DAY), key=lambda each: abs(each + first - start))
