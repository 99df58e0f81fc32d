"""Times of Parquet tables in types that are older or narrower than today's: right, or refused in one sentence."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from devices import instant
from devices.instant import SECOND
from devices.recordings.base import Recording, RecordingError, read_recording, read_series

T0 = instant.parse("2026-03-01T10:00:00Z")
HR = [70.0, 71.0, 72.0]


def table(folder: Path, columns: dict[str, Any], **options: Any) -> Path:
    path = folder / "t.parquet"
    pq.write_table(pa.table(columns), path, **options)
    return path


def seen(recording: Recording) -> list[tuple[float, float | None]]:
    return [((each.time - T0) / SECOND, each.value) for each in recording.readings]


@pytest.mark.parametrize("year", [1850, 2026, 2180, 2704, 2896])
def test_times_of_96_bits_keep_their_year(tmp_path: Path, year: int) -> None:
    times = pa.array([datetime(year, 3, 1, 10, 0, second, 250_000) for second in (0, 5)], pa.timestamp("us"))  # noqa: DTZ001
    path = table(tmp_path, {"time": times, "HR": HR[:2]}, use_deprecated_int96_timestamps=True)
    assert pq.ParquetFile(path).schema.column(0).physical_type == "INT96"
    wanted = [instant.parse(f"{year}-03-01T10:00:0{second}.25Z") for second in (0, 5)]
    assert [each.time for each in read_recording(path).readings] == wanted
    columns = read_series(path)
    assert columns.instants(columns.series[0]).tolist() == wanted


@pytest.mark.parametrize("kind", [pa.int32(), pa.uint32(), pa.int64(), pa.uint64()], ids=str)
def test_unix_times_in_whole_numbers_of_any_width(tmp_path: Path, kind: pa.DataType) -> None:
    whole = pa.array([T0 // SECOND + second for second in (0, 5, 10)], kind)
    assert seen(read_recording(table(tmp_path, {"time": whole, "HR": HR}))) == [(0, 70), (5, 71), (10, 72)]
    if kind.bit_width == 64:
        fine = pa.array([T0 * 1000, T0 * 1000 + 5 * 10**9, None], kind)
        assert seen(read_recording(table(tmp_path, {"time": fine, "HR": HR}))) == [(0, 70), (5, 71)]


def test_unix_times_in_floats_too_short_for_them_are_refused(tmp_path: Path) -> None:
    short = pa.array([T0 / SECOND + second for second in (0, 5, 10)], pa.float32())
    with pytest.raises(RecordingError, match="floats of 32 bits, which are minutes off: write them as a time type"):
        read_recording(table(tmp_path, {"time": short, "HR": HR}))
    relative = read_recording(table(tmp_path, {"time": pa.array([0, 5.5, 10], pa.float32()), "HR": HR}))
    assert [(each.time / SECOND, each.value) for each in relative.readings] == [(0, 70), (5.5, 71), (10, 72)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("clock", [[time(10), time(10, 0, 5), time(10, 0, 10)], ["10:00:00", "10:00:05", "10:00:10"]])
def test_a_day_written_as_its_midnight_beside_a_clock(tmp_path: Path, unit: str, clock: list[Any]) -> None:
    day = pa.array([datetime(2026, 3, 1)] * 3, pa.timestamp(unit))  # noqa: DTZ001
    path = table(tmp_path, {"Date": day, "Time": clock, "HR": HR})
    assert seen(read_recording(path)) == [(0, 70), (5, 71), (10, 72)]


def test_a_day_with_a_clock_of_its_own_beside_another_is_refused_row_by_row(tmp_path: Path) -> None:
    day = pa.array([datetime(2026, 3, 1, 9)] * 3, pa.timestamp("us"))  # noqa: DTZ001
    found = read_recording(table(tmp_path, {"Date": day, "Time": ["10:00:00"] * 3, "HR": HR}))
    assert (found.readings, found.counts.refused) == ([], {"without a time": 3})
