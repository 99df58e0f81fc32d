"""Bytes as sniffers and logic analysers list them: a row for each byte, or for each read of a program.

Saleae Logic (1 and 2, async serial, hexadecimal), sigrok's UART, interceptty, Portmon.
"""

from __future__ import annotations

import csv
import re
from datetime import UTC

from devices import instant
from devices.captures.capture import Capture, Piece, of_two_sides
from devices.captures.logs import first_lines, literal, text_of
from devices.errors import CaptureError
from devices.instant import SECOND

TOGETHER = SECOND // 100
"""Bytes that follow each other faster came together, MOST of them at most."""

MOST = 256

_PORTMON = re.compile(
    r"\d+\s+(?P<time>\d+(?:\.\d+)?|\d{1,2}:\d\d:\d\d(?: [AP]M)?)\s+\S+\s+IRP_MJ_(?P<way>READ|WRITE)\s+\S+\s+SUCCESS\s+"
    r"Length (?P<length>\d+): (?P<hex>(?:[0-9A-F]{2} ?)*)(?P<more>\.\.\.)?\s*",
    re.ASCII,
)
_INTERCEPTTY = re.compile(r"(?P<side>[<>])\s+0x(?P<hex>[0-9a-f]{2})(?:\s+\(.*\))?\s*", re.ASCII | re.DOTALL)
_SIGROK = re.compile(
    r"(?:(?P<begin>\d+)-\d+ )?(?P<side>[\w-]+):(?: (?P<way>RX|TX|rx-data|tx-data|RX data|TX data):)?"
    r" (?P<hex>[0-9A-F]{2})\s*",
    re.ASCII,
)


def byte_rows(content: bytes, start: int | None, path: object) -> Capture | None:
    """A row a byte, or a row a read; None if this is none. Their times count from `start`, or their own beginning.

    Raises:
        CaptureError: the values of a logic analyser are not hexadecimal.
    """
    head = content[:200].removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].strip().lower().replace(b'"', b"")
    if head.startswith((b"time [s],value", b"name,type,start_time,duration,data")):
        return _saleae(text_of(content), start, path)
    head_lines = first_lines(content)
    for pattern in (_PORTMON, _INTERCEPTTY, _SIGROK):
        first = [pattern.fullmatch(line) for line in head_lines]
        known = sum(match is not None for match in first)
        if first and (known > len(first) / 5 if pattern is _PORTMON else known > 1 and known > len(first) * 0.9):
            break
    else:
        return None
    lines = [(number, line) for number, line in enumerate(text_of(content), 1) if line.strip()]
    if pattern is _PORTMON:
        return _portmon(lines, start)
    parts: list[tuple[str, bytearray]] = []
    damage: list[tuple[str, str]] = []
    for number, line in lines:
        match = pattern.fullmatch(line)
        if match is None:
            damage.append(("row-refused", f"line {number} is no line of such a log and was left out"))
            continue
        side = match["side"] + (f" {match['way']}" if pattern is _SIGROK and match["way"] else "")
        if not parts or parts[-1][0] != side:
            parts.append((side, bytearray()))
        parts[-1][1].extend(bytes.fromhex(match["hex"]))
    capture = of_two_sides((side, Piece(bytes(data), None)) for side, data in parts)
    capture.damage[:0] = damage
    return capture


def _portmon(lines: list[tuple[int, str]], start: int | None) -> Capture:
    capture = Capture([], relative=start is None)
    for number, line in lines:
        match = _PORTMON.fullmatch(line)
        if match is None:
            continue  # what the program asked of the port otherwise
        data = bytes.fromhex(match["hex"])
        if len(data) != int(match["length"]):
            capture.damage.append(("row-refused", f"line {number} shows {len(data)} of {match['length']} bytes"))
        if match["way"] == "WRITE":
            capture.sent += len(data)
            continue
        at = None if ":" in match["time"] else (start or 0) + instant.parse_relative(match["time"])
        capture.pieces.append(Piece(data, at))
    return capture


def _saleae(lines: list[str], start: int | None, path: object) -> Capture:
    parts: list[tuple[str, Piece]] = []
    last: dict[str, tuple[int, int]] = {}  # side -> where in parts, and when its last byte came
    bad = relative = 0
    for number, row in enumerate(csv.DictReader(lines), 2):
        fields = {key.lower(): value.strip() for key, value in row.items() if key and isinstance(value, str)}
        if fields.get("type", "data") != "data":
            continue
        value = fields.get("value", fields.get("data", ""))
        named = re.fullmatch(r"(?:.*\()?0x([0-9A-Fa-f]{2})\)?", value)
        if named is None:
            raise CaptureError(
                f"{path}, row {number}: {value!r} is no byte in hexadecimal: export with hexadecimal values"
            )
        if any(
            fields.get(name, "").lower() not in ("", "false") for name in ("parity error", "framing error", "error")
        ):
            bad += 1
            continue
        stamp = fields.get("time [s]", fields.get("start_time", ""))
        try:
            at = instant.parse(stamp, UTC) if "T" in stamp else (start or 0) + instant.parse_relative(stamp)
        except ValueError:
            raise CaptureError(f"{path}, row {number}: {stamp!r} is no time") from None
        relative += "T" not in stamp
        side = fields.get("name", "")
        place, before = last.get(side, (-1, 0))
        data = bytes.fromhex(named[1])
        if place >= 0 and place == len(parts) - 1 and 0 <= at - before < TOGETHER and len(parts[place][1].data) < MOST:
            parts[place] = (side, Piece(parts[place][1].data + data, at))
        else:
            place = len(parts)
            parts.append((side, Piece(data, at)))
        last[side] = (place, at)
    capture = of_two_sides(parts)
    capture.relative = relative > 0 and start is None
    if bad:
        capture.damage.append(("row-refused", f"{bad} bytes with a parity or framing error were left out"))
    return capture


def python_literals(content: bytes) -> Capture | None:
    """Lines of ``b'...'`` as Python prints bytes; None if these are none."""
    if not all(line.strip().startswith(("b'", 'b"')) for line in first_lines(content)):
        return None
    lines = [line.strip() for line in text_of(content) if line.strip()]
    found = [literal(line) for line in lines if line.startswith(("b'", 'b"'))]
    if not lines or len(found) < len(lines) or not any(found):
        return None
    return Capture([Piece(data, None) for data in found])
