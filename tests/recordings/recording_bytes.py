"""The packets of a `.vital` file, made from the sheet's description for tests."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

T = 1_772_355_600  # 2026-03-01T09:00:00Z


def text(value: str) -> bytes:
    return struct.pack("<I", len(value.encode())) + value.encode()


def packet(kind: int, body: bytes) -> bytes:
    return struct.pack("<BI", kind, len(body)) + body


def device(number: int, name: str) -> bytes:
    return packet(9, struct.pack("<I", number) + text(name) + text(name) + text("COM1"))


def track(
    number: int, name: str, *, device: int = 1, unit: str = "", kind: int = 2, code: int = 1, montype: int = 0
) -> bytes:
    body = struct.pack("<HBB", number, kind, code) + text(name) + text(unit) + struct.pack("<ffIf", 0, 0, 0, 0)
    return packet(0, body + struct.pack("<ddBI", 1.0, 0.0, montype, device))


def number(track: int, time: float, value: float, form: str = "<f") -> bytes:
    return packet(1, struct.pack("<HdH", 10, time, track) + struct.pack(form, value))


def wave(track: int, time: float, samples: int) -> bytes:
    return packet(1, struct.pack("<HdHI", 10, time, track, samples) + bytes(2 * samples))


def header(length: int = 27) -> bytes:
    body = struct.pack("<hIIddB", -540, 1, 1, T, T + 60, 0)
    return b"VITA" + struct.pack("<IH", 3, length) + (body + bytes(100))[:length]


def save(path: Path, *packets: bytes, head: bytes | None = None) -> Path:
    path.write_bytes(gzip.compress((header() if head is None else head) + b"".join(packets), mtime=0))
    return path
