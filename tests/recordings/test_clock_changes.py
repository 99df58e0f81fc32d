"""Local times without a zone over a clock change: asked about at any interval, and an ordinary night is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from devices.errors import ChoiceNeeded
from devices.recordings.base import read_recording
from devices.recordings.delimited import reader as delimited
from devices.recordings.readings.in_columns import ColumnReadings
from devices.recordings.tables.clock_changes import change_in, is_change_in


def table(path: Path, zone: str, start: datetime, seconds: int) -> Path:
    """32 hours of rows each `seconds`, stamped as a clock on the wall in `zone` shows; the HR counts the rows."""
    rows = []
    for row in range(32 * 3600 // seconds):
        at = (start + timedelta(seconds=seconds * row)).astimezone(ZoneInfo(zone))
        rows.append(f"{at:%Y-%m-%d %H:%M:%S},{60 + row % 40}")
    path.write_text("Time,HR\n" + "\n".join(rows) + "\n")
    return path


CHANGES = [
    ("Europe/Berlin", datetime(2025, 10, 25, 12, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2025, 3, 29, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 0, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 0, tzinfo=UTC)),
    ("Australia/Sydney", datetime(2026, 4, 4, 6, tzinfo=UTC)),
    ("Australia/Sydney", datetime(2026, 10, 3, 6, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "start"), CHANGES, ids=[f"{zone} {start:%B}" for zone, start in CHANGES])
@pytest.mark.parametrize("seconds", [10, 60, 300, 900, 1800, 3600])
def test_a_clock_change_is_asked_about_and_once_the_zone_is_said_each_number_has_its_instant(
    tmp_path: Path, zone: str, start: datetime, seconds: int
) -> None:
    path = table(tmp_path / "a.csv", zone, start, seconds)
    with pytest.raises(ChoiceNeeded, match="say --timezone") as asked:
        read_recording(path)
    assert asked.value.option == "timezone"
    found = read_recording(path, zone=ZoneInfo(zone))
    for each in found.readings:
        row, rest = divmod(each.time - found.first, seconds * 1_000_000)
        assert rest == 0
        assert each.value == 60 + row % 40
    lost = 32 * 3600 // seconds - len(found.readings)
    # In autumn two hours are written alike, and none of them is chosen; in spring nothing is lost.
    autumn = sum(found.counts.refused.values())
    assert lost == autumn
    assert autumn in (0, 2 * 3600 // seconds)


@pytest.mark.parametrize("seconds", [10, 60, 900, 3600])
def test_a_night_without_a_change_is_not_asked_about(tmp_path: Path, seconds: int) -> None:
    for zone, start in (
        ("UTC", datetime(2025, 10, 25, 12, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2025, 7, 5, tzinfo=UTC)),
    ):
        expected = 32 * 3600 // seconds
        assert len(read_recording(table(tmp_path / "a.csv", zone, start, seconds)).readings) == expected


def test_an_hours_pause_by_day_is_no_clock_change(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [f"2026-03-29 {hour:02}:{minute:02}:00,70" for hour in (9, 11) for minute in range(60)]
    path.write_text("Time,HR\n" + "\n".join(rows) + "\n")
    assert len(read_recording(path).readings) == 120


def test_two_values_of_one_hourly_row_are_no_clock_set_back(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "UTC", datetime(2025, 10, 25, 12, tzinfo=UTC), 3600)
    path.write_text("".join(f"{line},97\n" for line in path.read_text().splitlines()).replace("HR,97", "HR,SpO2"))
    assert len(read_recording(path).readings) == 2 * 32


@pytest.mark.parametrize("minutes", [1, 10, 11, 15, 30, 59, 60, 61, 90, 240])
def test_steps_of_any_length_show_a_change_to_columns_as_they_do_to_rows(minutes: int) -> None:
    """Times about the nights of two changes and of none, with pauses, and rows next to each other."""
    rng = np.random.default_rng(minutes)
    found = set()
    for _ in range(300):
        start = datetime(2026, 3, [28, 21, 29][rng.integers(3)], 20, rng.integers(60), tzinfo=UTC)
        steps = rng.choice([minutes, minutes, minutes, minutes, minutes + 60, minutes + 61, 0, 1], 40)
        seconds = np.concatenate(([0], np.cumsum(steps * 60))) + rng.integers(2, size=41)
        times = int(start.timestamp() * 1_000_000) + np.sort(seconds) * 1_000_000
        found.add(is_change_in(times))
        assert is_change_in(times) is (change_in(times.tolist()) is not None)
    assert False in found
    assert not is_change_in(times[:0]) and not is_change_in(times[:1])


@pytest.mark.parametrize("layout", ["wide", "long"])
@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_slow_local_rows_of_an_ordinary_week_are_read_in_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str, minutes: int
) -> None:
    """As a hospital's export has them; of two signals, so that an hour has two rows of one time."""
    monkeypatch.setattr(delimited, "_LONG", 0)
    start = datetime(2026, 3, 24, 7, tzinfo=UTC)
    times = [f"{start + timedelta(minutes=minutes * row):%Y-%m-%d %H:%M}" for row in range(7 * 24 * 60 // minutes)]
    path = tmp_path / "a.csv"
    if layout == "wide":
        path.write_text("Time,HR,RR\n" + "".join(f"{time},71,12\n" for time in times))
    else:
        path.write_text("Time,Name,Value\n" + "".join(f"{time},HR,71\n{time},RR,12\n" for time in times))
    found = read_recording(path)
    assert isinstance(found.readings, ColumnReadings)
    assert len(found.readings) == 2 * len(times)
