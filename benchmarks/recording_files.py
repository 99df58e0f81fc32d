"""Recordings of fixed seed, the same numbers in every format: what `recordings.py` reads and the yardsticks read too.

1 Hz heart rate, pressures and SpO2 with noise and rises, some seconds of each missing. `.vital` files
are written from the sheet's description of the format, not with the reader's own code.
"""

from __future__ import annotations

import gzip
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

T0 = 1_772_355_600
"""2026-03-01T09:00:00Z in seconds since 1970."""
BEFORE = 1_800
"""Seconds before anything rises."""
NAMES = ("HR", "ART_SBP", "ART_DBP", "ART_MBP", "PLETH_SPO2")
UNITS = ("/min", "mmHg", "mmHg", "mmHg", "%")
TRACKS = tuple(f"Solar8000/{name}" for name in NAMES)
MISSING = -32768

_NUMBER = np.dtype([("k", "u1"), ("n", "<u4"), ("i", "<u2"), ("t", "<f8"), ("d", "<u2"), ("v", "<f4")])


@dataclass(frozen=True, slots=True)
class Numbers:
    """`second` from 0 on; `values` by name, whole numbers, NaN where nothing was measured."""

    second: np.ndarray
    values: dict[str, np.ndarray]


def numbers(hours: float) -> Numbers:
    """`hours` of one session."""
    made, count = np.random.default_rng(3), round(hours * 3600)
    second = np.arange(count)
    swell = np.clip(np.sin(second / 900) * 1.4, 0, 1) * (second > BEFORE)
    weights = np.exp(-np.arange(120) / 20)
    weights /= np.sqrt((weights**2).sum())

    def unrest(spread: float) -> np.ndarray:
        return np.convolve(made.normal(0, spread, count + 119), weights, "valid")

    sbp, dbp = np.round(120 + 65 * swell + unrest(3)), np.round(75 + 38 * swell + unrest(2))
    columns = (
        np.round(70 + 65 * swell + unrest(2)), sbp, dbp, np.round((sbp + 2 * dbp) / 3),
        np.minimum(np.round(97 + unrest(1)), 100),
    )  # fmt: skip
    silent = made.random((3, count)) < 0.002
    for column, place in zip(columns, (0, 1, 1, 1, 2), strict=True):
        column[silent[place]] = np.nan
    return Numbers(second, dict(zip(NAMES, columns, strict=True)))


def write_vital(path: Path, made: Numbers, order: str, waves: bool = False, cuff: bool = False) -> None:
    """A `.vital` file. `order`: ``packed``, one track after the other, or ``live``, by time as Vital Recorder writes.

    `waves`: two of 500 Hz and one of 125 Hz in pieces of a second, and a track of texts, between the numbers.
    `cuff`: the pressures are a cuff's, for whoever looks for rises in them.
    """
    head = struct.pack("<hIIddB", -540, 1, 1, T0, T0 + len(made.second), order == "packed")
    out = [b"VITA" + struct.pack("<IH", 3, len(head)) + head]
    out.append(_packet(9, struct.pack("<I", 1) + _text("Solar8000") * 2 + _text("COM1")))
    for place, (name, unit) in enumerate(zip(NAMES, UNITS, strict=True), 1):
        out.append(_track(place, name.replace("ART", "NIBP") if cuff else name, unit, 2, 1, 0.0))
    if waves:
        for place, rate in ((11, 500.0), (12, 500.0), (13, 125.0)):
            out.append(_track(place, f"WAVE{place}", "mV", 1, 5, rate))
        out.append(_track(14, "EVENT", "", 5, 1, 0.0))
    columns = [_records(place, made.second, made.values[name]) for place, name in enumerate(NAMES, 1)]
    if order == "packed":
        out += [column.tobytes() for column in columns]
    else:
        every = np.concatenate(columns)
        every = every[np.argsort(every["t"], kind="stable")]
        out += _between(every, len(made.second)) if waves else [every.tobytes()]
    with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        packed.write(b"".join(out))


def _between(every: np.ndarray, seconds: int) -> list[bytes]:
    noise = np.random.default_rng(4).normal(0, 60, 1 << 16).cumsum().astype("<i2")
    starts = np.searchsorted(every["t"], T0 + np.arange(seconds + 1))
    out = []
    for second in range(seconds):
        for track, samples in ((11, 500), (12, 500), (13, 125)):
            place = (second * samples * track) % (len(noise) - samples)
            body = struct.pack("<HdHI", 10, T0 + second, track, samples) + noise[place : place + samples].tobytes()
            out.append(_packet(1, body))
        if second % 30 == 0:
            out.append(_packet(1, struct.pack("<HdHI", 10, T0 + second, 14, 0) + _text(f"second {second}")))
        out.append(every[starts[second] : starts[second + 1]].tobytes())
    return out


def _records(track: int, second: np.ndarray, values: np.ndarray) -> np.ndarray:
    there = ~np.isnan(values)
    found = np.zeros(int(there.sum()), _NUMBER)
    found["k"], found["n"], found["i"], found["d"] = 1, 16, 10, track
    found["t"], found["v"] = T0 + second[there], values[there]
    return found


def _packet(kind: int, body: bytes) -> bytes:
    return struct.pack("<BI", kind, len(body)) + body


def _text(value: str) -> bytes:
    return struct.pack("<I", len(value.encode())) + value.encode()


def _track(number: int, name: str, unit: str, kind: int, code: int, rate: float) -> bytes:
    body = struct.pack("<HBB", number, kind, code) + _text(name) + _text(unit) + struct.pack("<ffIf", 0, 0, 0, rate)
    return _packet(0, body + struct.pack("<ddBI", 1.0, 0.0, 0, 1))


def codes(made: Numbers) -> np.ndarray:
    """The numbers as 16-bit codes, a row a second."""
    columns = [np.where(np.isnan(column), MISSING, column) for column in made.values.values()]
    return np.stack(columns, axis=1).astype("<i2")


def write_wfdb(path: Path, made: Numbers) -> None:
    """A WFDB record of format 16 at 1 Hz: the header `path` and its data beside it."""
    data = codes(made)
    path.with_suffix(".dat").write_bytes(data.tobytes())
    lines = [f"{path.stem} {len(NAMES)} 1/1 {len(data)} 09:00:00 01/03/2026"]
    for column, name, unit in zip(data.T, NAMES, UNITS, strict=True):
        checksum = int(column.sum(dtype="i8")) % 65536
        lines.append(f"{path.stem}.dat 16 1(0)/{unit} 16 0 {column[0]} {checksum} 0 {name}")
    path.write_text("\n".join(lines) + "\n")


def write_edf(path: Path, made: Numbers, record: int = 60) -> None:
    """An EDF file of records of `record` seconds, one sample a second and signal."""
    data = codes(made)
    records, count = len(data) // record, len(NAMES)

    def fields(width: int, *texts: object) -> bytes:
        return b"".join(str(text).ljust(width).encode("ascii") for text in texts)

    head = fields(8, "0") + fields(80, "X X X X", "Startdate 01-MAR-2026 X X X") + fields(8, "01.03.26", "09.00.00")
    head += fields(8, 256 * (1 + count)) + fields(44, "") + fields(8, records, record) + fields(4, count)
    head += fields(16, *NAMES) + fields(80, *[""] * count) + fields(8, *UNITS)
    for value in (-32768, 32767, -32768, 32767):
        head += fields(8, *[value] * count)
    head += fields(80, *[""] * count) + fields(8, *[record] * count) + fields(32, *[""] * count)
    body = data[: records * record].reshape(records, record, count).transpose(0, 2, 1)
    path.write_bytes(head + np.ascontiguousarray(body).tobytes())


def write_parquet(path: Path, made: Numbers) -> None:
    """A wide Parquet table, zstd, with a column of instants."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    instants = pa.array((T0 + made.second) * 1_000_000, pa.timestamp("us", "UTC"))
    columns = {
        name: pa.array(np.nan_to_num(values, nan=0), pa.float32(), mask=np.isnan(values))
        for name, values in made.values.items()
    }
    pq.write_table(pa.table({"time": instants, **columns}), path, compression="zstd")
