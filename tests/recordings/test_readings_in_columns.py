"""Long files of devices are read into columns: the very readings that the list holds, to whoever looks at them."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
import recordings_made
from both_ways import both_ways, look_at, read
from recording_bytes import T, device, edf, number, save, track

from devices.instant import SECOND
from devices.reading import Status
from devices.recordings.base import Limits, Recording, read_recording
from devices.recordings.readings import in_columns as column_readings
from devices.recordings.readings import in_tracks as track_readings
from devices.recordings.readings import lazy as lazy_readings
from devices.recordings.readings import packed as packed_readings
from devices.recordings.readings.in_columns import ColumnReadings
from devices.recordings.readings.in_tracks import TrackReadings
from devices.recordings.readings.lazy import LazyReadings

NEVER = 1 << 60


def told(recording: Recording) -> list[tuple[float, str, float | None, str, int]]:
    return [
        (one.time / SECOND - T, one.signal, one.value, one.status.value, one.received) for one in recording.readings
    ]


def looked_at(path: Path, monkeypatch: pytest.MonkeyPatch, rng: random.Random) -> None:
    """Reads the file both ways, in pieces of any size, and looks at what was read."""
    for module in (column_readings, track_readings, packed_readings, lazy_readings):
        monkeypatch.setattr(module, "AT_ONCE", rng.choice([1, 3, 20, 1 << 12]))
    for module in (column_readings, track_readings):
        monkeypatch.setattr(module, "BATCH", rng.choice([1, 50, 1 << 15]))
    listed, in_columns = both_ways(path), read(path, 0)
    if isinstance(listed, Recording) and isinstance(in_columns, Recording):
        assert isinstance(listed.readings, list)
        if isinstance(in_columns.readings, LazyReadings):
            look_at(in_columns.readings, listed.readings, rng)


@pytest.mark.parametrize("seed", range(100))
def test_any_odd_vital_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    looked_at(recordings_made.odd_vital(tmp_path, seed), monkeypatch, random.Random(seed))


@pytest.mark.parametrize("seed", range(12))
def test_any_vital_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    looked_at(recordings_made.vital(tmp_path, seed), monkeypatch, random.Random(seed))


@pytest.mark.parametrize("seed", range(100))
def test_any_odd_edf_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    looked_at(recordings_made.odd_edf(tmp_path, seed), monkeypatch, random.Random(seed))


@pytest.mark.parametrize("seed", range(12))
def test_any_edf_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    looked_at(recordings_made.edf(tmp_path, seed), monkeypatch, random.Random(seed))


@pytest.mark.parametrize("seed", range(120))
def test_any_odd_wfdb_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    looked_at(recordings_made.odd_wfdb(tmp_path, seed), monkeypatch, random.Random(seed))


@pytest.mark.parametrize("seed", range(12))
def test_any_wfdb_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    looked_at(recordings_made.wfdb(tmp_path, seed), monkeypatch, random.Random(seed))


def test_what_meets_in_one_instant_stands_as_it_was_written(tmp_path: Path) -> None:
    """By time, then by packet; a cuff's three together; 0, out of range and of unknown age are three things."""
    path = save(
        tmp_path / "a.vital",
        device(1, "A"),
        *(track(n, name) for n, name in enumerate(("NIBP_MBP", "NIBP_SBP", "NIBP_DBP", "PLETH_SPO2", "HR"), 1)),
        number(4, T + 1, 97),
        number(5, T + 1, 0),
        *(number(n, T + 1, value) for n, value in ((1, 90), (2, 120), (3, 0))),
        *(number(n, T + 3, value) for n, value in ((1, 90), (2, 120), (3, 0))),
        number(5, T + 2, 400),
        number(4, T + 2, 96),
        *(number(n, T + 60, value) for n, value in ((1, 91), (2, 121), (3, 80))),
    )
    found = read(path, 0)
    assert isinstance(found, Recording)
    assert isinstance(found.readings, TrackReadings)
    assert told(found) == [
        (1, "SPO2", 97, "ok", 6),
        (1, "HR", None, "zero", 7),
        (1, "NIBP_SYS", 120, "age_unknown", 8),
        (1, "NIBP_DIA", None, "zero", 8),
        (1, "NIBP_MEAN", 90, "age_unknown", 8),
        (2, "HR", 400, "range", 14),
        (2, "SPO2", 96, "ok", 15),
        (60, "NIBP_SYS", 121, "ok", 16),
        (60, "NIBP_DIA", 80, "ok", 16),
        (60, "NIBP_MEAN", 91, "ok", 16),
    ]
    assert both_ways(path) == found


def test_a_demo_device_is_no_patient_in_columns_either(tmp_path: Path) -> None:
    values = (70, 0, 500)
    numbers = [number(1, T + second, value) for second, value in enumerate(values)]
    found = read(save(tmp_path / "a.vital", device(1, "Demo"), track(1, "HR"), *numbers), 0)
    assert isinstance(found, Recording)
    assert [(one.value, one.status) for one in found.readings] == [
        (70, Status.DEMO),
        (None, Status.ZERO),
        (500, Status.DEMO),
    ]


def test_two_values_of_one_time_and_a_pause_are_told_in_columns_too(tmp_path: Path) -> None:
    times = [0, 1, 2, 3, 3, 4, 4, 5, 6, 606, 607, 608, 708]
    values = [70, 70, 70, 70, 71, 70, 70, 0, 70, 70, 70, 70, 70]
    numbers = [number(1, T + time, value) for time, value in zip(times, values, strict=True)]
    found = read(save(tmp_path / "a.vital", device(1, "A"), track(1, "HR"), *numbers), 0)
    assert isinstance(found, Recording)
    assert [(notice.time / SECOND - T, notice.kind, notice.text) for notice in found.notices] == [
        (3, "same-time", "vital:A/HR gives once two different values for one time: both were kept"),
        (6, "file-gap", "vital:A/HR is interrupted 2 times, longest for 10 min from here"),
    ]


def test_a_long_vital_file_is_read_in_columns_and_a_short_one_as_a_list(tmp_path: Path) -> None:
    for count, kind in ((100, list), (20_000, TrackReadings)):
        numbers = [number(1, T + second, 60 + second % 40) for second in range(count)]
        path = save(tmp_path / "a.vital", device(1, "A"), track(1, "HR"), *numbers)
        found = read_recording(path).readings
        assert type(found) is kind
        assert [(one.time // SECOND - T, one.value) for one in found] == [(n, 60 + n % 40) for n in range(count)]
    # More than is read is refused alike.
    for least in (0, NEVER):
        assert "more than 50 values" in str(read(path, least, limits=Limits(readings=50)))


def test_a_long_edf_file_is_read_in_columns_and_a_short_one_as_a_list(tmp_path: Path) -> None:
    for count, kind in ((100, list), (20_000, ColumnReadings)):
        codes = [[60 + n % 40] if n % 7 else [-32768] for n in range(count)]
        found = read_recording(edf(tmp_path, [("HR", "bpm", codes)])).readings
        assert type(found) is kind
        assert [(one.time // SECOND - T - 3600, one.value) for one in found] == [
            (n, 60 + n % 40) for n in range(count) if n % 7
        ]


def test_signals_of_several_rates_are_read_in_columns_too(tmp_path: Path) -> None:
    """Records of 2 s: a heart rate each second, a saturation every other one, a cuff value with it."""
    signals = [
        ("SpO2", "%", [[97], [-32768], [96]]),
        ("HR", "bpm", [[70, 71], [72, 0], [-32768, 9]]),
        ("NIBP Sys", "mmHg", [[120], [-32768], [130]]),
        ("NIBP Dia", "mmHg", [[80], [-32768], [85]]),
    ]
    path = edf(tmp_path, signals, duration="2")
    found = read(path, 0)
    assert isinstance(found, Recording)
    assert isinstance(found.readings, ColumnReadings)
    assert [(time - 3600, *rest) for time, *rest in told(found)] == [
        (0, "SPO2", 97, "ok", 0),
        (0, "HR", 70, "ok", 0),
        (0, "NIBP_SYS", 120, "ok", 0),
        (0, "NIBP_DIA", 80, "ok", 0),
        (1, "HR", 71, "ok", 1),
        (2, "HR", 72, "ok", 2),
        (3, "HR", None, "zero", 3),
        (4, "SPO2", 96, "ok", 4),
        (4, "NIBP_SYS", 130, "ok", 4),
        (4, "NIBP_DIA", 85, "ok", 4),
        (5, "HR", 9, "range", 5),
    ]
    assert both_ways(path) == found


def test_a_long_wfdb_record_is_read_in_columns_and_a_short_one_as_a_list(tmp_path: Path) -> None:
    for count, kind in ((100, list), (20_000, ColumnReadings)):
        samples = [60 + n % 40 if n % 7 else -32768 for n in range(count)]
        (tmp_path / "r.dat").write_bytes(struct.pack(f"<{count}h", *samples))
        (tmp_path / "r.hea").write_text(f"r 1 1 {count} 09:00:00 01/03/2026\nr.dat 16 1(0)/bpm 16 0 0 0 0 HR\n")
        found = read_recording(tmp_path / "r.hea").readings
        assert type(found) is kind
        assert [(one.time // SECOND - T, one.received, one.value) for one in found] == [
            (n, n, 60 + n % 40) for n in range(count) if n % 7
        ]
    for least in (0, NEVER):
        assert "more than 50 values" in str(read(tmp_path / "r.hea", least, limits=Limits(readings=50)))
