"""The packets of a `.vital` file and the fields of an EDF file, made from the sheet's description for tests."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

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


Signal = tuple[str, str, list[list[int]]]
"""Label, unit, codes by record."""


def edf(
    folder: Path,
    signals: list[Signal],
    *,
    tals: list[bytes] | None = None,
    kind: str = "",
    begins: str = "01.03.26",
    clock: str = "10.00.00",
    recording: str = "",
    duration: str = "1",
    records: int | None = None,
    scale: tuple[object, object, object, object] = (-32768, 32767, -32768, 32767),
    patient: bytes = b"X X X X",
    header_bytes: str | None = None,
    samples: list[str] | None = None,
) -> Path:
    """An EDF file as told, right or wrong; `tals` is the annotation signal of each record, 60 bytes long."""
    noted = [("EDF Annotations", "", tals)] if tals is not None else []
    every = [*signals, *noted]
    count = len(tals) if tals is not None else len(signals[0][2])
    counts = samples or [str(30 if codes is tals else len(codes[0])) for _, _, codes in every]

    def field(text: object, width: int) -> bytes:
        return (text if isinstance(text, bytes) else str(text).encode("latin-1")).ljust(width)[:width]

    head = field("0", 8) + field(patient, 80) + field(recording, 80) + field(begins, 8) + field(clock, 8)
    head += field(header_bytes or 256 * (1 + len(every)), 8) + field(kind, 44)
    head += field(count if records is None else records, 8) + field(duration, 8) + field(len(every), 4)
    head += b"".join(field(label, 16) for label, _, _ in every) + bytes(b" " * 80 * len(every))
    head += b"".join(field(unit, 8) for _, unit, _ in every)
    for part in range(4):
        annotated = (-1, 1, -32768, 32767)[part]
        head += b"".join(field(annotated if codes is tals else scale[part], 8) for _, _, codes in every)
    head += b" " * 80 * len(every) + b"".join(field(each, 8) for each in counts) + b" " * 32 * len(every)
    body = b""
    for record in range(count):
        for _, _, codes in signals:
            body += np.array(codes[record], dtype="<i2").tobytes()
        if tals is not None:
            body += tals[record].ljust(60, b"\x00")
    path = folder / "r.edf"
    path.write_bytes(head + body)
    return path
