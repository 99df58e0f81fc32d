"""A written file does not depend on the order of its readings nor on how they are cut, and takes little memory."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from devices import instant
from devices.errors import WritingError
from devices.instant import SECOND
from devices.reading import VALUELESS, Reading, Status
from devices.recordings.base import read_recording
from devices.recordings.readings import in_columns as column_readings
from devices.recordings.readings import packed as packed_readings
from devices.recordings.readings.in_columns import ColumnReadings
from devices.recordings.readings.packed import PackedReadings
from devices.recordings.series import Series
from devices.recordings.writing.document import Event, document
from devices.recordings.writing.formats import FORMS, write_recording
from devices.recordings.writing.tidy import tidy_row
from devices.signals import NIBP, SIGNALS

T = instant.parse("2026-03-01T09:00:00Z")
SOURCES = ("ge-dri:hr", "nonin:hr", "vital:demo/HR", "ge-dri:p1.pr", "ge-dri:nibp.pr", 'csv:=x,"q"', "line:x/y")


def made(seed: int) -> tuple[list[Reading], list[Event]]:
    """Readings of all kinds, of which no two are equal in what decides their order."""
    rng = random.Random(seed)
    count, step = rng.choice([1, 30, 300]), rng.choice([SECOND, SECOND // 4, 1_333_333])
    values = rng.choice(
        [lambda: float(rng.randint(20, 110)), lambda: rng.uniform(1, 400), lambda: 0.1 * rng.randint(0, 9)]
    )
    found = []
    for received in range(count):
        at, source = T + rng.randrange(count) * step, rng.choice(SOURCES)
        if rng.random() < 0.2:
            names, statuses = rng.sample(NIBP, rng.randint(1, 3)), [Status.OK] * 9 + [Status.QUESTIONABLE]
        else:
            names, statuses = (
                [rng.choice([name for name in SIGNALS if name not in NIBP])],
                [Status.OK] * 9 + list(Status),
            )
        for name in names:
            status = rng.choice(statuses)
            value = None if status in VALUELESS else values()
            found.append(Reading(at, received, name, value, SIGNALS[name].unit, status, source))
    events = [Event(T + rng.randrange(count) * step, f"{number}, “so”") for number in range(rng.choice([0, 5]))]
    return found, events


def written(path: Path, readings, events, form: str) -> tuple[bytes, list[str]]:
    file = path / "written"
    lost = write_recording(file, document(readings, events), form)
    return file.read_bytes(), lost


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(12))
def test_neither_order_nor_cuts_change_a_file(tmp_path: Path, form: str, seed: int, monkeypatch) -> None:
    readings, events = made(seed)
    expected = written(tmp_path, readings, events, form)
    for size in (1, 7):
        monkeypatch.setattr(packed_readings, "BATCH", size)
        random.Random(size).shuffle(readings)
        assert written(tmp_path, iter(readings), events, form) == expected
        assert written(tmp_path, PackedReadings(readings), events, form) == expected


def columns(seed: int) -> ColumnReadings:
    """A table with doubtful, missing and absent values, two rows of one time, and a cuff after its pulse."""
    rng = np.random.default_rng(seed)
    count = 500
    times = T + np.sort(rng.integers(0, 400, count)) * SECOND
    series = []
    for signal in ("PR", "NIBP_MEAN", "NIBP_SYS", "HR", "NIBP_DIA", "TEMP"):
        rows = None if signal == "HR" else np.flatnonzero(rng.random(count) < 0.3)
        size = count if rows is None else len(rows)
        values = rng.choice([0.0, -0.0, np.nan, 5.0, 36.6, 72.0, 1e6], size)
        usable = rng.random(size) < 0.8 if signal == "TEMP" else None
        series.append(Series(signal, f"csv:{signal}", np.empty(0), values, usable, rows))
    return ColumnReadings(times, series)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [3, 64, 1 << 15])
def test_columns_are_written_as_their_readings(tmp_path: Path, form: str, size: int, monkeypatch) -> None:
    in_columns = columns(size)
    expected = written(tmp_path, list(in_columns), [], form)
    monkeypatch.setattr(column_readings, "BATCH", size)
    assert written(tmp_path, in_columns, [], form) == expected


def test_batches_hold_the_readings_and_cut_no_instant() -> None:
    for readings in (columns(1), PackedReadings(list(columns(1)))):
        found = []
        for batch in readings.batches():
            assert not found or found[-1].time < batch.times[0]
            rows = (each.tolist() for each in (batch.times, batch.received, batch.values, batch.which))
            for time, received, value, which in zip(*rows, strict=True):
                signal, unit, status, source, has_value = readings.kinds[which]
                assert has_value or value == 0
                found.append(Reading(time, received, signal, value if has_value else None, unit, status, source))
        assert found == list(readings)


@pytest.mark.parametrize("relative", [False, True])
def test_the_rows_of_a_tidy_table_are_those_that_are_written_one_by_one(tmp_path: Path, relative: bool) -> None:
    readings, _ = made(3)
    early = -62_135_510_400 * SECOND if not relative else -T
    moved = [
        replace(each, time=each.time - T * (place % 2) + early * (place % 5 == 0))
        for place, each in enumerate(readings)
    ]
    what = document(moved, (), relative)
    write_recording(tmp_path / "written.csv", what, "tidy")
    with (tmp_path / "written.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1:] == [list(tidy_row(each, relative)) for each in what.readings]


def test_a_time_that_is_moved_beyond_the_last_full_record_has_a_place(tmp_path: Path) -> None:
    times = [0, 1_010_000, 59_900_000]
    held = [Reading(T + at, 0, "HR", 70.0 + place, "/min", Status.OK, "line:hr") for place, at in enumerate(times)]
    write_recording(tmp_path / "written.edf", document(held), "edf")
    back = read_recording(tmp_path / "written.edf").readings
    assert [(each.time - T, each.value) for each in back] == [(0, 70), (1_000_000, 71), (60_000_000, 72)]


def test_values_that_fill_the_codes_of_edf_come_back(tmp_path: Path) -> None:
    values = [20.001, 85.531, 52.003]
    held = [
        Reading(T + place * SECOND, 0, "HR", value, "/min", Status.OK, "line:hr") for place, value in enumerate(values)
    ]
    assert write_recording(tmp_path / "written.edf", document(held), "edf") == []
    assert [each.value for each in read_recording(tmp_path / "written.edf").readings] == values


def test_a_value_that_lies_just_beside_the_middle_between_two_codes_goes_to_the_nearer(tmp_path: Path) -> None:
    """As a double 2.0485 is 2.0485000000000002: nearer to 2.049, though times 1,000 it is the double 2048.5."""
    held = [Reading(T, 0, "RR", 2.0485, "/min", Status.OK, "line:rr")]
    lost = write_recording(tmp_path / "written.edf", document(held), "edf")
    assert [each.value for each in read_recording(tmp_path / "written.edf").readings] == [2.049]
    assert lost == ["1 values of RR: rounded to 0.001 /min"]


@pytest.mark.parametrize("value", [1e9, -1e9, 1e300])
def test_what_no_edf_header_can_hold_is_refused_in_one_sentence(tmp_path: Path, value: float) -> None:
    held = [
        Reading(T + at * SECOND, 0, "HR", each, "/min", Status.RANGE, "line:hr")
        for at, each in enumerate((value, 70.0))
    ]
    with pytest.raises(WritingError, match=r"^a value near \S+ is beyond what an EDF header can hold$"):
        write_recording(tmp_path / "written.edf", document(held), "edf")


PEAK = """
import resource
import sys
from pathlib import Path

import numpy as np

from devices.recordings.readings.in_columns import ColumnReadings
from devices.recordings.series import Series
from devices.recordings.writing.document import document
from devices.recordings.writing.formats import write_recording


def write(count):
    second = np.arange(count)
    series = [
        Series(signal, "csv:" + signal, second / 1.0, (60 + number + second // 7 % 30) / 1.0)
        for number, signal in enumerate(("HR", "ABP_SYS", "ABP_DIA", "SPO2", "RR"))
    ]
    readings = ColumnReadings((1_772_000_000 + second) * 1_000_000, series)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert not write_recording(Path(sys.argv[2]), document(readings), sys.argv[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


write(20_000)  # all that is loaded and kept once
print(write(172_800) // 1024)
"""


@pytest.mark.parametrize("form", FORMS)
def test_two_days_of_seconds_are_not_held_as_readings(tmp_path: Path, form: str) -> None:
    """Held as readings, these 864,000 took 136 to 156 MB."""
    ran = subprocess.run(
        [sys.executable, "-c", PEAK, form, str(tmp_path / "written")], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) < 30
