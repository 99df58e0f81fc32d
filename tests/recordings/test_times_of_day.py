"""Times of day without a date: asked about, and read once a person says of which day the first row is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from export_reading import read, told

from devices import instant
from devices.recordings.base import ChoiceNeeded, Overrides, Recording, RecordingError, read_recording
from devices.recordings.overrides import as_toml, parse

DAY = Overrides(first_day=date(2026, 3, 21))


def on_days(times: str, head: str = "Time,HR") -> list[str]:
    """When each of the `times`, a row each, is, if the first row is of 21 March 2026."""
    text = f"{head}\n" + "".join(f"{time},{60 + number}\n" for number, time in enumerate(times.split(" ")))
    recording = read(text.replace("_", " "), overrides=DAY)
    return [instant.format(one.time)[8:19] for one in sorted(recording.readings, key=lambda one: one.received)]


def test_the_day_of_a_clock_is_asked_and_taken() -> None:
    text = "Time,SYS,DIA,HR\n09:00:01,121,68,71\n09:00:02,122,69,72\n"
    with pytest.raises(ChoiceNeeded, match="times of day without a date, or hours since some start") as asked:
        read(text)
    assert asked.value.option == "time_date"
    found = read(text, overrides=DAY)
    assert told(found)["HR"] == [("2026-03-21T09:00:01", 71), ("2026-03-21T09:00:02", 72)]
    assert found.explanation.times == "times of day, from 2026-03-21 on"
    assert [each.text for each in found.notices if "no date" in each.text] == [
        "the times in 'Time' have no date: the first row is of 2026-03-21, as was said"
    ]


def test_that_they_are_hours_from_the_start_is_an_answer_too() -> None:
    found = read("Time,HR\n09:00:01,71\n09:00:02,72\n", overrides=Overrides(time_unit="h"))
    assert found.relative
    assert told(found)["HR"] == [("32401", 71), ("32402", 72)]


def test_a_clock_with_halves_of_the_day_is_asked_about_too() -> None:
    text = "Time\tHR\n11:59:59 AM\t71\n12:00:00 PM\t72\n"
    with pytest.raises(ChoiceNeeded, match="times of day without a date: say") as asked:
        read(text)
    assert asked.value.option == "time_date"
    assert told(read(text, overrides=DAY))["HR"] == [("2026-03-21T11:59:59", 71), ("2026-03-21T12:00:00", 72)]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ("23:59:59 00:00:00 00:00:01", "21T23:59:59 22T00:00:00 22T00:00:01"),
        ("22:30 01:00 01:10 22:00 22:10", "21T22:30:00 22T01:00:00 22T01:10:00 22T22:00:00 22T22:10:00"),
        ("10:00:05 10:00:03 10:00:06", "21T10:00:05 21T10:00:03 21T10:00:06"),  # one came late
        ("11:59:30_PM 12:00:30_AM", "21T23:59:30 22T00:00:30"),
        ("00:10 00:05 23:55 23:50", "21T00:10:00 21T00:05:00 20T23:55:00 20T23:50:00"),  # the newest first
        ("23:59 00:01 23:58 00:02 00:03", "21T23:59:00 22T00:01:00 21T23:58:00 22T00:02:00 22T00:03:00"),
        ("23:59 00:30 23:40 08:00", "21T23:59:00 22T00:30:00 22T23:40:00 23T08:00:00"),  # nobody measured that day
        ("2359 0001", "21T23:59:00 22T00:01:00"),
        ("00:05 00:10", "21T00:05:00 21T00:10:00"),  # else taken for hours from a start
    ],
)
def test_after_each_midnight_it_is_the_next_day(times: str, expected: str) -> None:
    assert on_days(times) == expected.split(" ")


def test_how_far_the_days_reach_is_told() -> None:
    found = read("Time,HR\n23:59,71\n00:01,72\n", overrides=DAY)
    assert any("of 2026-03-21, as was said, the last of 2026-03-22" in each.text for each in found.notices)


@pytest.mark.parametrize(
    "times", ["08:00 21:00", "08:00 21:00 08:05 20:10", "08:00 08:30 07:45 12:00 07:50 18:00 09:00"]
)
def test_times_so_far_apart_that_a_day_may_lie_between_them_are_refused(times: str) -> None:
    """As a cuff's at home: nobody can see whether it was used every day."""
    with pytest.raises(RecordingError, match="more than an hour apart, so that a day without a row could not be seen"):
        on_days(times)


def test_a_quantity_that_begins_before_the_first_row_is_of_a_day_that_is_open() -> None:
    rows = "23:00,HR,71\n23:30,HR,72\n00:05,SpO2,97\n00:35,SpO2,96\n"
    with pytest.raises(RecordingError, match="of which day those are is open, so write dates"):
        read(f"Time,Parameter,Value\n{rows}", overrides=DAY)


def test_a_clock_that_counts_to_twelve_twice_is_refused() -> None:
    with pytest.raises(RecordingError, match="a clock of twelve hours without AM and PM"):
        read("Time,HR\n12:58,71\n12:59,72\n01:00,73\n01:01,74\n", overrides=DAY)


def test_a_clock_that_is_none_is_refused_in_its_row() -> None:
    found = read("Time,HR\n09:00,71\n25:00,72\n09:02,73\n", overrides=DAY)
    assert [value for _, value in told(found)["HR"]] == [71, 73]
    assert sum(found.counts.refused.values()) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Time,HR\n2026-03-20 09:00,71\n", "times of day, which are none in 'Time'"),
        ("Time (s),HR\n1,71\n2,72\n", r"times of day, which are none in 'Time \(s\)'"),
        ("Time (s),HR\n999,71\n1000,72\n", r"times of day, which are none in 'Time \(s\)'"),
        ("Time,HR\nsoon,71\n", "times of day, of which there are none in 'Time'"),
    ],
)
def test_the_day_of_times_that_are_none_of_day_is_refused(text: str, said: str) -> None:
    with pytest.raises(RecordingError, match=f"time.date is said of {said}: leave it out"):
        read(text, overrides=DAY)


def test_a_long_table_that_stands_quantity_by_quantity_has_its_nights_in_each() -> None:
    rows = "23:59,HR,71\n00:01,HR,72\n23:59,SpO2,97\n00:01,SpO2,96\n"
    found = told(read(f"Time,Parameter,Value\n{rows}", overrides=DAY))
    assert [when for when, _ in found["HR"]] == ["2026-03-21T23:59:00", "2026-03-22T00:01:00"]
    assert found["SPO2"] == [("2026-03-21T23:59:00", 97), ("2026-03-22T00:01:00", 96)]
    rows = "23:59,HR,71\n23:59,SpO2,97\n00:01,HR,72\n00:01,SpO2,96\n"
    assert told(read(f"Time,Parameter,Value\n{rows}", overrides=DAY)) == found


def test_they_are_local_times_of_the_zone() -> None:
    found = read("Time,HR\n09:00,71\n", overrides=DAY, zone=instant.zone_named("Europe/Berlin"), zone_said=True)
    assert told(found)["HR"] == [("2026-03-21T08:00:00", 71)]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_large_table_and_parquet_are_dated_alike(tmp_path: Path, suffix: str) -> None:
    import pandas as pd

    seconds = [(23 * 3600 + second) % 86_400 for second in range(20_000)]
    clocks = [f"{each // 3600:02d}:{each // 60 % 60:02d}:{each % 60:02d}" for each in seconds]
    table = pd.DataFrame({"Time": clocks, "HR": [60 + second % 40 for second in range(20_000)]})
    path = tmp_path / f"night{suffix}"
    table.to_csv(path, index=False) if suffix == ".csv" else table.to_parquet(path)
    found: Recording = read_recording(path, mapping=DAY)
    begin = instant.parse("2026-03-21T23:00:00Z")
    assert [one.time for one in found.readings] == [begin + second * instant.SECOND for second in range(20_000)]
    with pytest.raises(ChoiceNeeded, match="times of day without a date"):
        read_recording(path)


def test_a_mapping_file_says_the_day_as_toml_has_days_or_as_text() -> None:
    for written in ("2026-03-21", '"2026-03-21"'):
        assert parse(f"[time]\ndate = {written}\n", "m.toml") == DAY
    assert parse(as_toml(DAY), "m.toml") == DAY
    for bad in ('"21.3.2026"', "2026-03-21T09:00:00", '"2026-02-30"', "7"):
        with pytest.raises(RecordingError, match=r"m\.toml: time\.date = .* is not a day such as 2026-03-21"):
            parse(f"[time]\ndate = {bad}\n", "m.toml")
    assert DAY.plain() == {"also": {"first_day": "2026-03-21"}}


def test_the_day_of_one_files_first_row_is_not_that_of_several(tmp_path: Path) -> None:
    for name, clock in (("a", "23:00"), ("b", "00:30")):
        (tmp_path / f"{name}.csv").write_text(f"Time,HR\n{clock},71\n")
    with pytest.raises(RecordingError, match="the day of one file's first row, not of several"):
        read_recording(tmp_path / "a.csv", also=(tmp_path / "b.csv",), mapping=DAY)
