"""Reads a fuzzed file of a binary format and checks what every reader promises, whatever the bytes."""

from __future__ import annotations

import contextlib
import gzip
import io
import math
import struct
import zipfile
from pathlib import Path

import numpy as np
from fuzz_broken import demand

from devices import instant
from devices.errors import RecordingError
from devices.reading import KINDS, USED, VALUELESS, Notice, Status
from devices.recordings.base import Limits, Recording, detect, read_recording, read_series
from devices.recordings.series import SeriesRecording
from devices.signals import SIGNALS

LIMITS = Limits(
    file_bytes=1 << 20, text_bytes=1 << 20, unpacked_bytes=4 << 20, rows=20_000, columns=100, readings=40_000
)
START = 1_772_355_600 * instant.SECOND
LONGEST = 250 * 366 * 86_400 * instant.SECOND
"""Beyond it the seconds of columns, which are floats, no longer tell each microsecond."""
TEXT_MOST = 2_000
FORMATS = ("vital", "wfdb", "edf", "parquet", "capture", "csv", "archive")
SUFFIXES = {
    "vital": ".vital", "wfdb": ".hea", "edf": ".edf", "parquet": ".parquet", "capture": ".capture", "csv": ".csv",
    "archive": ".zip",
}  # fmt: skip
RAW = b"RAW!"
"""Before the bytes of an input: they are the file itself, not what stands in its gzip stream."""


def written(form: str, data: bytes, folder: Path) -> Path:
    """The input `data` as a file of the format. `.vital`: it is packed. WFDB: samples stand behind the first NUL."""
    path = folder / f"made{SUFFIXES[form]}"
    if form == "wfdb":
        head, _, samples = data.partition(b"\0")
        (folder / "d.dat").write_bytes(samples)
        data = head
    elif form == "vital":
        data = data[len(RAW) :] if data.startswith(RAW) else gzip.compress(data, 1, mtime=0)
    path.write_bytes(data)
    return path


def check(form: str, data: bytes, folder: Path) -> Recording | None:
    """Reads `data` in both forms.

    Raises:
        Broken: a promise was broken. Any other exception is one too.
    """
    path = written(form, data, folder)
    with contextlib.suppress(RecordingError):
        if form not in ("csv", "archive") and detect(path, LIMITS).name not in set(FORMATS) - {"csv"}:
            return None  # bytes changed so far that they pass for a text table
    found: list[Recording | SeriesRecording | str] = []
    for read in (read_recording, read_series):
        try:
            found.append(read(path, limits=LIMITS))
        except RecordingError as error:
            text = str(error)
            demand(0 < len(text) <= TEXT_MOST and text.isprintable(), "no sentence", text)
            found.append(text)
    readings, columns = found
    if isinstance(readings, str) or isinstance(columns, str):
        demand(readings == columns, "refused in one form alone", found)
        return None
    assert isinstance(readings, Recording)
    check_recording(readings)
    check_columns(readings, columns)
    return readings


def check_recording(found: Recording) -> None:
    keys = [(one.time, one.received) for one in found.readings]
    demand(keys == sorted(keys), "not in order", keys[:20])
    demand(len(keys) <= LIMITS.readings + 3, "more than the limit", len(keys))
    for one in found.readings:
        dated = instant.EARLIEST <= one.time <= instant.LATEST
        demand(type(one.time) is int and (dated or found.relative), "a time that is none", one)
        demand(type(one.received) is int, "a row that is none", one)
        demand(one.signal in SIGNALS and one.unit == SIGNALS[one.signal].unit, "another unit than the signal's", one)
        demand(isinstance(one.status, Status), "a status that is none", one)
        demand((one.value is None) == (one.status in VALUELESS), "a value beside its status", one)
        demand(one.value is None or (type(one.value) is float and math.isfinite(one.value)), "no number", one)
        demand(one.source.isprintable(), "an unprintable source", one)
    for notice in found.notices:
        demand(isinstance(notice, Notice) and notice.kind in KINDS, "a kind that is none", notice)
        demand(0 < len(notice.text) <= TEXT_MOST and notice.text.isprintable(), "no text, or a long one", notice)
    for column in found.mapping:
        shown = (column.name, column.unit, column.note)
        demand(all(text.isprintable() for text in shown), "an unprintable column", column)
    demand(min([0, found.counts.rows, found.counts.used, *found.counts.refused.values()]) == 0, "counts", found.counts)


def check_columns(readings: Recording, columns: Recording | SeriesRecording) -> None:
    """The two forms say the same: source by source, in the order of the times."""
    assert isinstance(columns, SeriesRecording)
    expected: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for one in readings.readings:
        expected.setdefault((one.signal, one.source), []).append((one.time, one.value or 0.0))
    held: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for series in (each.present for each in columns.series):
        if len(series.seconds):
            rows = zip(columns.instants(series).tolist(), series.numbers.tolist(), strict=True)
            held.setdefault((series.signal, series.source), []).extend(rows)
    for rows in (*expected.values(), *held.values()):
        rows.sort()
    if readings.last - readings.first < LONGEST:
        demand(held == expected, "the columns are not the readings", (sorted(held), sorted(expected)))
    usable = sum(1 for one in readings.readings if one.status in USED)
    demand(usable <= sum(map(len, held.values())), "usable values", usable)
    table = columns.table()
    values = sum(int(np.count_nonzero(column == column)) for column in table.columns.values())
    demand(values == sum(map(len, held.values())), "the table lost values", values)
    demand(bool((np.diff(table.seconds) >= 0).all()), "the table goes back", table.seconds[:20])


# -- what fuzzing starts from -----------------------------------------------------------------------------------------


def seeds(form: str) -> dict[str, bytes]:
    """Small files of the format, as inputs."""
    made = {
        "vital": _vital, "wfdb": _wfdb, "edf": _edf, "parquet": _parquet, "capture": _capture, "csv": _csv,
        "archive": _archive,
    }[form]()  # fmt: skip
    return {f"seed-{number}": data for number, data in enumerate(made)}


def _vital() -> list[bytes]:
    import sys

    sys.path.insert(0, str(Path(__file__).parent.parent / "recordings"))
    from recording_bytes import T, device, header, number, packet, track, wave

    names = {1: "HR", 2: "NIBP_SBP", 3: "NIBP_DBP", 4: "PLETH_SPO2"}
    tracks = [device(1, "Solar8000"), *(track(n, name) for n, name in names.items()), track(9, "ECG", kind=1)]
    seconds = [
        [wave(9, T + second, 3), *(number(n, T + second, 60 + n + second // 5) for n in names)] for second in range(8)
    ]
    waves = b"".join(packet for second in seconds for packet in second)
    run = b"".join(number(1, T + second, 70) for second in range(50))
    odd = [track(5, "RR", code=5), number(5, T, 12, "<h"), track(1, "BT", unit="degF"), packet(6, b"\5\0\0")]
    head = header() + b"".join(tracks)
    whole = head + waves
    return [whole, head + run, whole + b"".join(odd), RAW + gzip.compress(whole, mtime=0), RAW + gzip.compress(b"VITA")]


def _wfdb() -> list[bytes]:
    lines = "r 4 {rate} 5 10:44:18.529 04/05/2704\n" + "".join(
        f"d.dat 16 {gain} 16 0 0 0 0 {name}\n"
        for name, gain in (("HR", "10/bpm"), ("NBPSys", "1(0)/mmHg"), ("NBPDias", "1/mmHg"), ("SpO2", "1/%"))
    )
    data = struct.pack("<20h", *(700 + n if n % 4 == 0 else (-32768 if n % 3 else 120 - n) for n in range(20)))
    return [lines.format(rate=rate).encode() + b"\0" + data for rate in ("0.0166666666667", "1", "0.3")]


def _csv() -> list[bytes]:
    times = [f"2026-03-01T09:00:{second:02d}Z" for second in range(0, 12, 2)]
    plain = "".join(f"{time},{70 + n}.5,{'' if n == 2 else 97},{120 + n}\r\n" for n, time in enumerate(times))
    pairs = "".join(f"{time[:-1]};120/80 (93);{70 + n},5\n" for n, time in enumerate(times))
    long = "".join(f"{time},A,{name},{n}\n" for n, time in enumerate(times) for name in ("HR", "NIBP_SYS"))
    return [
        f"time,HR,SpO2 (%),ART (Sys)\r\n{plain}".encode(),
        f"\ufeffZeit;NIBP;Temp\n{pairs}".encode(),
        f"time,patient,parameter,value\n{long}".encode(),
    ]


def _archive() -> list[bytes]:
    """A record of two segments, a table and a `.vital` file, in ZIP archives and packed by gzip."""
    track = "{name}.dat 16 1(0)/bpm 16 0 0 0 0 HR\n"
    record = {"m.hea": b"m/3 1 1 10 09:00:00 01/03/2026\nm_1 4\n~ 2\nm_2 4\n"}
    for name in ("m_1", "m_2"):
        record[f"{name}.hea"] = f"{name} 1 1 4\n{track.format(name=name)}".encode()
        record[f"{name}.dat"] = struct.pack("<4h", 70, 71, -32768, 72)
    return [_zipped(record), _zipped({"a/t.csv": _csv()[0]}), gzip.compress(_csv()[1], mtime=0)]


def _zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _edf() -> list[bytes]:
    import edfio

    sink = []
    for notes in ((), (edfio.EdfAnnotation(1, None, "infusion started"),)):
        data = np.array([70, 71, -1, 0, 90, 91], float)
        signals = [edfio.EdfSignal(data, 1, label=name, physical_range=(-1, 300)) for name in ("HR", "NIBP Sys")]
        buffer = io.BytesIO()
        edfio.Edf(signals, annotations=notes, data_record_duration=2).write(buffer)
        sink.append(buffer.getvalue())
    return [*sink, sink[1].replace(b"EDF+C", b"EDF+D")]


def _parquet() -> list[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    times = pa.array([1_772_355_600_000_000 + n * 1_000_000 for n in range(5)], pa.timestamp("us", "UTC"))
    tables = [
        pa.table({"time": times, "HR": [70.0, None, 0.0, 72.5, 73.0], "NIBP_SYS": pa.array([120] * 5, pa.int16())}),
        pa.table({"Time": ["10:00", "10:01"], "Parameter": ["HR", "HR"], "Value": [70.0, 71.0]}),
    ]
    sink = []
    for table in tables:
        buffer = io.BytesIO()
        pq.write_table(table, buffer, compression="none")
        sink.append(buffer.getvalue())
    return sink


def _capture() -> list[bytes]:
    import tempfile
    from itertools import count

    from devices.captures.writing import CaptureWriter
    from devices.protocols.line.frames import encode

    passed = count()
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "x"
        with CaptureWriter(path, "line", "/dev/x", {}, steady=lambda: float(next(passed))) as writer:
            writer.write("RX", encode("H", "dev=A,fw=1,rate=1,fields=t|hr|spo2"), START)
            for second in range(1, 5):
                text = f"{second},{second * 1000},{70 + second},98"
                writer.write("RX", encode("D", text), START + second * instant.SECOND)
        return [path.read_bytes()]
