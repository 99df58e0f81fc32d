"""This program's own tidy tables: read packed they are the recordings that their rows are."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from devices import instant
from devices.reading import VALUELESS, Reading, Status
from devices.recordings.base import RecordingError, read_recording
from devices.recordings.delimited import reader, utf8
from devices.recordings.readings.packed import PackedReadings
from devices.recordings.recording import Recording
from devices.recordings.tables.header import TIDY
from devices.recordings.writing.tidy import tidy_row
from devices.signals import NIBP, SIGNALS

BEGINS = instant.parse("2026-03-01T22:58:30Z")
STREAMS = [
    ("HR", "dri:ecg"),
    ("HR", "dri:\u00e9cg"),
    ("PR", "dri:spo2"),
    ("SPO2", "dri:spo2"),
    ("ABP_SYS", "csv:a"),
    ("TEMP", "x"),
]


def table(rng: random.Random, relative: bool) -> list[str]:
    """The rows of a table as it is written, about ten minutes long."""
    streams = rng.sample(STREAMS, rng.randint(1, len(STREAMS)))
    readings: list[Reading] = []
    second = 0.0
    for _ in range(rng.choice([1, 5, 100, 300])):
        second += rng.choice([0, 0.5, 1, 1, 1, 1, 40])
        time = round(second * instant.SECOND) + (0 if relative else BEGINS)
        for signal, source in streams:
            status = rng.choice([Status.OK] * 12 + [Status.RANGE, Status.AGE_UNKNOWN, *sorted(VALUELESS)])
            value = (
                None if status in VALUELESS else rng.choice([72.0, 98.25, 101.3, -0.5 if signal == "TEMP" else 60.0])
            )
            readings.append(Reading(time, 0, signal, value, SIGNALS[signal].unit, status, source))
        if rng.random() < 0.1:
            for signal in NIBP[: rng.randint(1, 3)]:
                readings.append(Reading(time, 0, signal, 120.0, SIGNALS[signal].unit, Status.OK, f"dri:{signal}"))
    return [",".join(tidy_row(each, relative)) for each in readings]


def both(path: Path) -> tuple[Recording | str, Recording | str]:
    said: list[Recording | str] = []
    for least in (1 << 60, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader, "_LONG", least)
            try:
                said.append(read_recording(path))
            except RecordingError as error:
                said.append(f"{type(error)} {error}")
    return said[0], said[1]


@pytest.mark.parametrize("part", range(4))
def test_any_tidy_table_is_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    taken = 0
    for seed in range(part * 30, part * 30 + 30):
        rng = random.Random(seed)
        rows, end = table(rng, rng.random() < 0.2), rng.choice(["\n", "\r\n"])
        harm = rng.choice(["none"] * 5 + ["order", "text", "twice", "cut", "status"])
        at = rng.randrange(len(rows))
        if harm == "order":
            rng.shuffle(rows)
        elif harm == "text":
            rows[at] = rows[at].replace(rng.choice(rows[at]), rng.choice(["x", "-", ",", '"', " ", "1"]), 1)
        elif harm == "twice":
            rows.insert(at, rows[at])
        elif harm == "status":
            rows[at] = rows[at].replace(",ok,", ",zero,")
        text = end.join([",".join(TIDY), *rows]) + ("" if harm == "cut" else end)
        path = tmp_path / "table.csv"
        path.write_bytes(text.encode())
        monkeypatch.setattr(utf8, "_BLOCK", rng.choice([1, 100, 1000, 1 << 19]))
        by_rows, packed = both(path)
        assert packed == by_rows, f"seed {seed}"
        if isinstance(packed, str) or isinstance(by_rows, str):
            continue
        assert packed.streams() == by_rows.streams()
        taken += isinstance(packed.readings, PackedReadings)
    assert taken >= 9


def test_a_cuffs_three_values_are_one_measurement_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_LONG", 0)
    path = tmp_path / "table.csv"
    rows = [
        "HR,70,/min,ok,dri:ecg",
        "NIBP_SYS,120,mmHg,ok,dri:nibp",
        "NIBP_DIA,80,mmHg,ok,dri:nibp",
        "HR,,/min,zero,dri:ecg",
    ]
    path.write_text(",".join(TIDY) + "\n" + "".join(f"2026-03-01T09:00:00.000Z,{row}\n" for row in rows))
    readings = read_recording(path).readings
    assert isinstance(readings, PackedReadings)
    assert [(each.received, each.signal, each.value, each.status.value) for each in readings] == [
        (0, "HR", 70.0, "ok"), (1, "NIBP_SYS", 120.0, "ok"), (1, "NIBP_DIA", 80.0, "ok"), (3, "HR", None, "zero"),
    ]  # fmt: skip


def test_interruptions_and_two_values_of_one_time_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_LONG", 0)
    path = tmp_path / "table.csv"
    seconds = [*range(10), 40, 41, 41]
    rows = (f"2026-03-01T09:00:{second:02d}.000Z,HR,{70 + place},/min,ok,a:b" for place, second in enumerate(seconds))
    path.write_text(",".join(TIDY) + "\n" + "".join(f"{row}\n" for row in rows))
    recording = read_recording(path)
    assert isinstance(recording.readings, PackedReadings)
    assert [(each.kind, instant.format(each.time)) for each in recording.notices] == [
        ("file-gap", "2026-03-01T09:00:09.000Z"), ("same-time", "2026-03-01T09:00:41.000Z"),
    ]  # fmt: skip
