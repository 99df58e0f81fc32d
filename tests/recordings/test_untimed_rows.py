"""Rows of no instant in a table read in columns, without a time or in an hour that a clock change skips or has twice:
they are left out and told, as row by row."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from table_writings import BERLIN, alike, as_file, differences

from devices import instant
from devices.recordings.base import DateOrder, read_recording
from devices.recordings.delimited.columns import columns_of
from devices.recordings.options import Options

AUTUMN, SPRING, LORD_HOWE = map(datetime.fromisoformat, ("2026-10-25", "2026-03-29", "2026-04-05T01:00"))
REASON = "in the hour of a clock change"


def clocks(begin: datetime, count: int, step: int = 60) -> Iterator[datetime]:
    """What a logger's clock in Berlin shows every `step` seconds."""
    start = begin.replace(tzinfo=BERLIN)
    for number in range(count):
        at = instant.to_datetime(instant.from_datetime(start) + number * step * instant.SECOND)
        yield at.astimezone(BERLIN).replace(tzinfo=None)


def table(path: Path, times: Iterator[datetime], cells: str = "HR,event") -> Path:
    rows = (f"{time:%Y-%m-%d %H:%M:%S},{60 + number % 40},\n" for number, time in enumerate(times))
    path.write_text(f"Time,{cells}\n" + "".join(rows))
    return path


def taken(path: Path, zone: object = BERLIN) -> bool:
    found = columns_of(path, Options(zone=zone, zone_said=True, date_order=DateOrder.DMY))  # type: ignore[arg-type]
    return found is not None


def test_both_hours_of_an_autumn_night_are_left_out_and_told(tmp_path: Path) -> None:
    """By hand: from 01:00, a row a minute for five hours; 02:00 to 02:59 is there twice."""
    path = table(tmp_path / "night.csv", clocks(AUTUMN + timedelta(hours=1), 300))
    assert taken(path)
    assert differences(path, {"zone": BERLIN})
    found = read_recording(path, zone=BERLIN)
    assert found.counts.refused == {REASON: 120}
    assert [one.received for one in found.readings] == [*range(60), *range(180, 300)]
    begin = instant.parse("2026-10-24T23:00:00Z")
    assert [one.time - begin for one in found.readings] == [
        row * instant.MINUTE for row in (*range(60), *range(180, 300))
    ]
    told = [each for each in found.notices if "happens twice" in each.text]
    assert len(told) == 100
    assert (
        told[0].text
        == "row 61: 2026-10-25T02:00:00 happens twice in Europe/Berlin (the clock went back): write its offset"
    )
    assert (told[0].received, told[0].raw) == (60, b"2026-10-25 02:00:00,80,")
    assert any(each.text == "20 more rows or cells were refused; the counts hold them all" for each in found.notices)
    assert any(each.text.startswith("120 rows lie in an hour that Europe/Berlin skips") for each in found.notices)


def test_a_clock_that_went_through_the_hour_that_spring_skips(tmp_path: Path) -> None:
    path = table(tmp_path / "night.csv", (SPRING + timedelta(minutes=minute) for minute in range(300)))
    assert taken(path)
    assert differences(path, {"zone": BERLIN})
    found = read_recording(path, zone=BERLIN)
    assert found.counts.refused == {REASON: 60}
    assert found.last == instant.parse("2026-03-29T02:59:00Z")


def test_refused_cells_and_rows_are_told_in_the_order_of_the_rows(tmp_path: Path) -> None:
    """More than are told singly: which are told must not depend on the way of reading."""
    times = list(clocks(AUTUMN + timedelta(hours=1, minutes=50), 400, 20))
    cells = ["ERR" if number % 3 == 0 else "70" for number in range(400)]
    rows = "".join(f"{time:%d.%m.%Y %H:%M:%S};{cell}\n" for time, cell in zip(times, cells, strict=True))
    path = tmp_path / "night.csv"
    path.write_text(f"Time;HR\n{rows}")
    assert taken(path)
    assert differences(path, {"zone": BERLIN, "date_order": "dmy"})
    found = read_recording(path, zone=BERLIN, date_order="dmy")
    assert found.counts.refused == {REASON: 360, "cells that are no number": 14}  # of the rows before and behind it
    told = [each.text for each in found.notices if each.text.startswith("row ")]
    assert len([text for text in told if "HR:" in text]) == 10
    assert len(told) == 100


@pytest.mark.parametrize(
    ("times", "zone"),
    [
        (clocks(AUTUMN + timedelta(hours=2, minutes=5), 10), "Europe/Berlin"),  # none is left
        ((LORD_HOWE + timedelta(minutes=n) for n in range(120)), "Australia/Lord_Howe"),  # half an hour
    ],
)
def test_what_is_left_to_the_rows(tmp_path: Path, times: Iterator[datetime], zone: str) -> None:
    path = table(tmp_path / "night.csv", times)
    assert not taken(path, instant.zone_named(zone))
    assert not differences(path, {"zone": instant.zone_named(zone)})


def test_a_last_row_in_that_hour_that_may_be_cut_is_left_to_the_rows(tmp_path: Path) -> None:
    path = table(tmp_path / "night.csv", clocks(AUTUMN + timedelta(hours=1), 70))
    path.write_bytes(path.read_bytes()[:-1])
    assert not taken(path)
    differences(path, {"zone": BERLIN})


@pytest.mark.parametrize("none", ["", "-", "NaT", "n/a", "NULL"])
def test_rows_without_a_time_are_left_out_and_told(tmp_path: Path, none: str) -> None:
    path = tmp_path / "table.csv"
    rows = [f"2026-03-21 09:00:{second:02d},{60 + second},bolus{second}" for second in range(20)]
    rows[7], rows[8], rows[15] = f"{none},999,gone", f"{none},ERR,", "2026-03-21 09:00:15,ERR,"
    path.write_text("Time,HR,event\n" + "\n".join(rows) + "\n")
    assert taken(path)
    assert differences(path, {})
    found = read_recording(path)
    assert found.counts.refused == {"without a time": 2, "cells that are no number": 1}
    assert [one.value for one in found.readings] == [60 + n for n in range(20) if n not in (7, 8, 15)]
    told = [each.text for each in found.notices if each.text.startswith("row ")]
    assert [text.partition(":")[0] for text in told] == ["row 8", "row 9", "row 16, HR"]
    assert not any("gone" in each.text for each in found.notices)


def test_a_header_again_whose_times_do_not_come_first_is_no_row_without_a_time(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = [f"{60 + n},2026-03-21 09:00:{n:02d}\n" for n in range(9)]
    path.write_text("".join(["HR,Time\n", *rows[:5], "HR,Time\n", *rows[5:]]))
    assert not differences(path, {})
    assert [one.received for one in read_recording(path).readings] == list(range(9))
    path.write_text("".join(["HR,Time\n", *rows[:5], "Patient: B,\n", *rows[5:]]))
    assert not differences(path, {})


@pytest.mark.parametrize(
    "times",
    [
        ["", "2026-03-21 09:00:00", "2026-03-21 09:00:01", "2026-03-21 09:00:02", "2026-03-21 09:00:03"],  # the first
        ["2026-03-21 09:00:00", "17", "2026-03-21 09:00:01", "2026-03-21 09:00:02", "2026-03-21 09:00:03"],
        ["2026-03-21 09:00:00", "", "", "2026-03-21 09:00:02"],  # half of them
    ],
)
def test_times_that_are_none_and_left_to_the_rows(tmp_path: Path, times: list[str]) -> None:
    path = table_of(tmp_path / "table.csv", times)
    assert not taken(path)
    differences(path, {})


def table_of(path: Path, times: list[str]) -> Path:
    path.write_text("Time,HR,event\n" + "".join(f"{time},{60 + n},\n" for n, time in enumerate(times)))
    return path


def written(rng: random.Random) -> tuple[bytes, dict[str, Any]]:
    """A table about a change, with refused cells, events, notes, rows out of order and short ones."""
    begin = rng.choice([AUTUMN, SPRING]) + timedelta(minutes=rng.choice([0, 59, 90, 119, 120, 130]))
    form = rng.choice(["%Y-%m-%d %H:%M:%S", "%d.%m.%Y|%H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%H:%M:%S %d/%m/%Y"])
    names = ["HR", *rng.sample(["NIBP Sys", "SpO2", "event", "Note"], rng.randint(1, 4))]
    count, step = rng.choice([5, 60, 300, 900]), rng.choice([1, 5, 7, 60, 300])
    times = (
        clocks(begin, count, step)
        if rng.random() < 0.5
        else (begin + timedelta(seconds=step * n) for n in range(count))
    )
    bad = rng.choice([0, 0, 0.05])
    lines = [[*(["Date", "Time"] if "|" in form else ["Time"]), *names]]
    for time in times:
        cells = {
            "HR": f"{rng.gauss(70, 5):.0f}", "NIBP Sys": rng.choice(["", "", "121"]), "SpO2": "97",
            "event": rng.choice(["", "", "", "bolus"]), "Note": "x",
        }  # fmt: skip
        row = [rng.choice(["ERR", "-1", "", "?"]) if rng.random() < bad else cells[name] for name in names]
        shown = time.strftime(form).split("|")
        if lines[1:] and rng.random() < bad / 2:
            shown[rng.randrange(len(shown))] = rng.choice(["", "-", "NaT", "x", "12"])
        lines.append([*shown, *row][: len(lines[0]) - (rng.random() < bad / 10)])
    say = {"zone": BERLIN, "date_order": "mdy" if "%p" in form else "dmy"}
    return as_file(rng, lines, rng.choice(",;\t"), rng.choice(["\n", "\r\n"]), 3), say


@pytest.mark.parametrize("part", range(4))
def test_any_night_is_read_alike_by_columns_and_by_rows(tmp_path: Path, part: int) -> None:
    seeds = (f"night {number}" for number in range(part * 25, part * 25 + 25))
    assert alike(tmp_path, seeds, written) >= 8  # else this would be a comparison of rows with rows
