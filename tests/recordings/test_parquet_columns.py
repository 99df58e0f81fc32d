"""Parquet tables read in columns: the very recording that their rows are, or left to these."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from both_ways import both_ways
from recording_columns import check

from devices import instant
from devices.recordings.base import Overrides, RecordingError, read_recording, read_series
from devices.recordings.parquet import columns as parquet_columns
from devices.recordings.readings.lazy import LazyReadings

BERLIN = instant.zone_named("Europe/Berlin")
NAMES = [
    "HR", "Heart Rate", "Pulse", "SpO2", "SBP", "DBP", "MAP", "NBP Sys", "ABP Sys", "ABP Dia", "RR", "Note", "Bed",
    "Excluded", "what", "BP", "Temp (degF)",
]  # fmt: skip
BEGIN = datetime(2026, 3, 28, 0, 50, tzinfo=UTC)


def times(rng: random.Random, count: int, kind: pa.DataType) -> pa.Array:
    step = rng.choice([1, 1, 10, 60, 600, 3600])
    passed = [row * step for row in range(count)]
    how = rng.choice(["as it is", "as it is", "backwards", "blocks", "twice", "any"])
    if how == "backwards":
        passed.reverse()
    elif how == "blocks":
        at = rng.randrange(count)
        passed = passed[at:] + passed[:at]
    elif how == "twice":
        passed[rng.randrange(count)] = rng.choice(passed)
    elif how == "any":
        rng.shuffle(passed)
    moments: list[datetime | None] = [BEGIN + timedelta(seconds=each) for each in passed]
    if rng.random() < 0.05:
        moments[rng.randrange(count)] = None
    return pa.array([each and each.replace(tzinfo=UTC if kind.tz else None) for each in moments], kind)


def column(rng: random.Random, name: str, count: int) -> pa.Array:
    if name == "Excluded":
        return pa.array([rng.choice([False, False, False, True, None]) for _ in range(count)])
    if name == "what":
        return pa.array(["x"] * (count - 1) + [rng.choice(["Mean", "x", None])])
    if name in ("Note", "Bed"):
        return pa.array([rng.choice(["a", "a", "a", "b", None]) for _ in range(count)])
    if name == "BP":
        return pa.array([f"{rng.randint(90, 180)}/{rng.randint(50, 99)}" for _ in range(count)])
    low, high = (12, 20) if name == "RR" else (96, 104) if name.startswith("Temp") else (60, 140)
    high *= 40 if name == "RR" and rng.random() < 0.2 else 1
    low, high = (8, 20) if name.endswith(("Sys", "SBP")) and rng.random() < 0.1 else (low, high)  # kPa, perhaps
    stays, held, kind = rng.random() < 0.4, 0.0, rng.choice([pa.int16(), pa.int64(), pa.float32(), pa.float64()])
    values: list[float | None] = []
    for row in range(count):
        if not stays or row % 90 == 0:
            held = round(rng.uniform(low, high), 0 if pa.types.is_integer(kind) else 1)
        values.append(held if rng.random() < 0.95 else rng.choice([None, None, 0, -1, 127, 255]))
    if rng.random() < 0.1:
        values = [0.0] * count
    return pa.array(
        [None if each is None else int(each) if pa.types.is_integer(kind) else each for each in values], kind
    )


def written(rng: random.Random, path: Path) -> dict[str, Any]:
    """Writes a table, and gives what is said of it."""
    count = rng.choice([1, 3, 30, 300])
    kind = pa.timestamp(rng.choice(["us", "ms", "ns"]), rng.choice(["UTC", "Europe/Berlin", None, None]))
    names = rng.sample(NAMES, rng.randint(1, 6))
    table = {"time": times(rng, count, kind), **{name: column(rng, name, count) for name in names}}
    pq.write_table(pa.table(table), path, row_group_size=rng.choice([7, 1000]))
    say: dict[str, Any] = {}
    if rng.random() < 0.3:
        say["zone"] = rng.choice([UTC, BERLIN])
    if rng.random() < 0.2:
        say["mapping"] = Overrides(missing=frozenset({"70"})) if rng.random() < 0.5 else Overrides(collapse=False)
    return say


@pytest.mark.parametrize("part", range(4))
def test_any_table_is_read_alike_by_columns_and_by_rows(tmp_path: Path, part: int) -> None:
    taken = 0
    for seed in range(part * 60, part * 60 + 60):
        rng = random.Random(f"parquet {seed}")
        path = tmp_path / f"{seed}.parquet"
        say = written(rng, path)
        found = both_ways(path, **say)
        if isinstance(found, str):
            with pytest.raises(RecordingError) as refused:
                read_series(path, **say)
            assert f"{type(refused.value)} {refused.value}" == found
            continue
        check(path, **say)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parquet_columns, "MANY", 0)
            taken += isinstance(read_recording(path, **say).readings, LazyReadings)
    assert taken >= 3


MOMENTS = pa.array([BEGIN + timedelta(seconds=each) for each in (600, 300, 0)], pa.timestamp("us", "UTC"))


def cuffs(path: Path, **say: Any) -> dict[str, list[float]]:
    """What `flag` judges."""
    return {one.signal: one.numbers.tolist() for one in read_series(path, **say).series}


def test_pairs_beside_plain_columns_are_pressures_for_flag_too(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"time": MOMENTS, "BP": ["120/80", "121/81", "130/85"], "HR": [70, 71, 72]}), path)
    assert cuffs(path) == {"HR": [72, 71, 70], "NIBP_SYS": [130, 121, 120], "NIBP_DIA": [85, 81, 80]}


def test_what_a_mapping_says_stands_for_none_is_none_for_flag_too(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"time": MOMENTS, "HR": [70, 999, 72]}), path)
    assert cuffs(path, mapping=Overrides(missing=frozenset({"999"}))) == {"HR": [72, 70]}


def test_a_unit_that_is_open_is_asked_for_by_flag_too(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"time": MOMENTS, "ABP Sys": [16.0, 17.1, 16.4], "HR": [70, 71, 72]}), path)
    for read in (read_series, read_recording):
        with pytest.raises(RecordingError, match="kPa or mmHg"):
            read(path)


def test_rows_of_pressures_of_unknown_method_with_the_newest_first(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"time": MOMENTS, "SBP": [120, 121, 130], "DBP": [80, 81, 85]}), path)
    assert cuffs(path) == {"NIBP_SYS": [130, 121, 120], "NIBP_DIA": [85, 81, 80]}
    told = {notice.kind: notice.text for notice in read_series(path).notices}
    assert told["out-of-order"] == "the times go back 2 times; values were put in the order of their times"


@pytest.mark.parametrize("least", [0, 1 << 60])
def test_rows_of_statistics_and_rows_that_do_not_count_are_no_readings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(parquet_columns, "MANY", least)
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"time": MOMENTS, "what": ["", "", "Mean"], "HR": [70, 71, 90]}), path)
    found = read_recording(path)
    assert [r.value for r in found.readings] == [71, 70]
    assert found.counts.refused == {"of statistics": 1}
    pq.write_table(pa.table({"time": MOMENTS, "Excluded": [False, True, None], "HR": [70, 171, 72]}), path)
    for read in (lambda: cuffs(path)["HR"], lambda: [r.value for r in read_recording(path).readings]):
        assert read() == [72, 70]
