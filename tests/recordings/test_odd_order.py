"""Rows in any order, several of one time, pressures of unknown method, oximeters' marks: read in columns as by rows."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from both_ways import look_at
from recording_columns import check
from table_writings import BERLIN, START, WRITTEN, alike

from devices import instant
from devices.recordings.base import read_recording
from devices.recordings.delimited import reader as delimited
from devices.recordings.readings import in_columns as column_readings
from devices.recordings.readings.lazy import LazyReadings

NAMES = [
    "HR", "Heart Rate", "Pulse", "SpO2", "Saturation", "SBP", "DBP", "MAP", "NBP Sys", "NBP Dia", "ABP Sys", "RR",
    "Respiratory rate", "Note", "Module", "event", "BP", "NBP", "Blood Pressure (mmHg)",
]  # fmt: skip
UNITS = {
    "HR": [" bpm", "/min"], "Heart Rate": ["bpm"], "SpO2": ["%", " %"], "SBP": [" mmHg", " kPa"], "ABP Sys": ["mmHg"],
    "RR": ["/min", " furlongs"],
}  # fmt: skip
PAIRS = ["{}/{}", "{}/{}", "{}/{}", " {} / {} ", "{}/{} mmHg", "{}/{} (93)", "{}/{}/72", "{}.5/{}", "(!) {}/{}"]
NO_PAIRS = ["118", "--/--", "120/", "/80", "120/x", "n/a", "1200/80", "120//80", "120\\80", "-", "0/0", "ÄÄ/80", "(!)"]
KINDS = ["iso", "iso, naive", "iso, offset, fraction", "day first", "java", "elapsed", "seconds", "seconds, various"]
MARKS = ["(!) 70", "127", "255", "511", "65535", "0"]


def in_any_order(rng: random.Random, rows: list[list[str]]) -> list[list[str]]:
    how = rng.choice(["as it is", "backwards", "blocks", "a few", "any", "twice"])
    if how == "backwards":
        return rows[::-1]
    if how == "blocks":
        at = rng.randrange(len(rows) + 1)
        return rows[at:] + rows[:at]
    if how == "any":
        return rng.sample(rows, len(rows))
    rows = list(rows)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(rows))
        if how == "a few":
            rows.insert(rng.randrange(len(rows)), rows.pop(at))
        elif how == "twice":
            rows.insert(rng.choice([at, rng.randrange(len(rows))]), rng.choice([rows[at], list(rng.choice(rows))]))
    return rows


def pairs(rng: random.Random, count: int) -> list[str]:
    form, often = rng.choice(PAIRS), rng.choice([1, 1, 5, 60])
    cells = ["" if row % often else form.format(rng.randint(80, 200), rng.randint(30, 99)) for row in range(count)]
    if rng.random() < 0.2:
        cells = [each.partition("/")[0].strip() for each in cells]
    for _ in range(rng.choice([0, 0, 1, 5, count // 2])):
        cells[rng.randrange(count)] = rng.choice([*NO_PAIRS, rng.choice(PAIRS).format(130, 85)])
    return cells


def column(rng: random.Random, name: str, count: int) -> list[str]:
    if name in ("Note", "Module", "event"):
        shown = rng.choice([["x"], ["x", "y"], ["A1", "A1", "A1", "B2"], [""]])
        return [rng.choice(shown) if name != "event" or rng.random() < 0.1 else "" for _ in range(count)]
    if name in ("BP", "NBP", "Blood Pressure (mmHg)"):
        return pairs(rng, count)
    low, high = (90, 100) if name in ("SpO2", "Saturation") else (12, 20) if name.startswith("R") else (60, 140)
    behaves = rng.choice(["runs", "runs", "stays", "now and then", "silent"])
    held, cells = 0.0, []
    high *= 60 if name.startswith("R") and rng.random() < 0.2 else 1
    for row in range(count):
        if behaves != "stays" or row % 150 == 0 or rng.random() < 0.002:
            held = rng.uniform(low, high)
        shown = behaves in ("runs", "stays") or row % 60 == 3
        cells.append("0" if behaves == "silent" else f"{held:.{0 if behaves != 'runs' else 1}f}" if shown else "")
    unit = rng.choice(UNITS.get(name, [""])) if rng.random() < 0.2 else ""
    cells = [cell and cell + unit for cell in cells]
    for _ in range(rng.choice([0, 0, 0, 3, 20])):
        cells[rng.randrange(count)] = rng.choice(["", "0", "-1", "x", f"70{unit}", f"7.5 {unit}", f"x{unit}", *MARKS])
    return cells


def written(rng: random.Random) -> tuple[str, dict[str, Any]]:
    """A table, wide or long, and what may have to be said of it."""
    kind, count, step = rng.choice(KINDS), rng.choice([3, 40, 400]), rng.choice([1, 1, 1, 0, 10, 60, 600])
    say: dict[str, Any] = {"date_order": "dmy"} if kind == "day first" else {}
    if rng.random() < 0.4:
        say["zone"] = rng.choice([BERLIN, UTC])
    names = rng.sample(NAMES, rng.randint(2, 7))
    if rng.random() < 0.4:  # an oximeter, with its marks
        names = ["Pulse", "SpO2", *(name for name in names if name not in ("Pulse", "SpO2", "PR"))]
    columns = [column(rng, name, count) for name in names]
    if names[:2] == ["Pulse", "SpO2"] and rng.random() < 0.7:
        for at in rng.sample(range(count), min(count, 5)):
            columns[0][at], columns[1][at] = rng.choice(MARKS), rng.choice(MARKS)
    moment = datetime(2026, 3, rng.choice([3, 28, 29]), 0, 50, tzinfo=UTC)
    if kind.startswith(("elapsed", "seconds")):
        moment = START
    times = [WRITTEN[kind](moment + timedelta(seconds=row * step)) for row in range(count)]
    if kind.startswith("seconds") and rng.random() < 0.5:  # from before the start on
        times = [f"{passed - count * step // 2:g}" for passed in map(float, times)]
    rows = [list(row) for row in zip(times, *columns, strict=True)]
    named = "X/" if kind.startswith("seconds") else ""  # as of a track, whose times are seconds
    if rng.random() < 0.4:
        pairs = [
            [row[0], named + name, cell] for row in rows for name, cell in zip(names, row[1:], strict=True) if cell
        ]
        if rng.random() < 0.5:
            pairs.sort(key=lambda each: each[1])
        rows = [["time" if named else "Time", "name", "value"], *(in_any_order(rng, pairs) if pairs else [])]
    else:
        rows = [["time" if named else "Time", *(named + name for name in names)], *in_any_order(rng, rows)]
    if kind in ("iso, naive", "day first") and rng.random() < 0.4:  # the clock before the date, or behind all
        rows = [["Date", "Clock", *rows[0][1:]], *([*row[0].split(" "), *row[1:]] for row in rows[1:])]
        places = rng.choice([[1, 0, *range(2, len(rows[0]))], [0, *range(2, len(rows[0])), 1]])
        rows = [[row[place] for place in places] for row in rows]
    return "\n".join(map(",".join, rows)) + rng.choice(["\n", "\n", ""]), say


def look_again(path: Path, say: dict[str, Any], rng: random.Random) -> None:
    """Its series, and its readings piece by piece."""
    check(path, **say)
    if rng.random() < 0.7:
        return
    listed = list(read_recording(path, **say).readings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_LONG", 0)
        patch.setattr(column_readings, "AT_ONCE", rng.choice([1, 20, 1 << 12]))
        in_columns = read_recording(path, **say).readings
        assert isinstance(in_columns, LazyReadings)
        look_at(in_columns, listed, rng)


@pytest.mark.parametrize("part", range(8))
def test_any_such_table_is_read_alike_by_columns_and_by_rows(tmp_path: Path, part: int) -> None:
    def write(rng: random.Random) -> tuple[bytes, dict[str, Any]]:
        text, say = written(rng)
        return text.encode(), say

    seeds = (f"odd order {number}" for number in range(part * 30, part * 30 + 30))
    assert alike(tmp_path, seeds, write, look_again) >= 3  # else this would be a comparison of rows with rows


def test_a_table_with_the_newest_row_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: by time, each with the number of its row; a cuff's value that stays is one measurement."""
    monkeypatch.setattr(delimited, "_LONG", 0)
    path = tmp_path / "table.csv"
    rows = [("03", "74", "118", "75"), ("02", "73", "118", "75"), ("02", "72", "121", "80"), ("00", "70", "121", "80")]
    path.write_text("Time,HR,SBP,DBP\n" + "".join(f"2026-03-01T09:{m}:00Z,{','.join(r)}\n" for m, *r in rows))
    found = read_recording(path)
    assert isinstance(found.readings, LazyReadings)
    begins = instant.parse("2026-03-01T09:00:00Z")
    assert [((r.time - begins) // instant.MINUTE, r.received, r.signal, r.value) for r in found.readings] == [
        (0, 3, "HR", 70), (0, 3, "NIBP_SYS", 121), (0, 3, "NIBP_DIA", 80),
        (2, 1, "HR", 73), (2, 1, "NIBP_SYS", 118), (2, 1, "NIBP_DIA", 75),
        (2, 2, "HR", 72), (2, 2, "NIBP_SYS", 121), (2, 2, "NIBP_DIA", 80),
        (3, 0, "HR", 74), (3, 0, "NIBP_SYS", 118), (3, 0, "NIBP_DIA", 75),
    ]  # fmt: skip
    told = {notice.kind: notice.text for notice in found.notices}
    assert told["out-of-order"] == "the times go back 2 times; values were put in the order of their times"
    assert told["method-assumed"].startswith("SBP, DBP: the method is not said; it comes now and then, as a cuff does")


def test_times_from_before_the_start_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: minutes from the admission, as eICU has them, of what was measured before it, too."""
    monkeypatch.setattr(delimited, "_LONG", 0)
    path = tmp_path / "vitalPeriodic.csv"
    rows = ["141168,-65,80", "141168,-5,82", "141168,0,83", "141168,1005,90"]
    path.write_text("patientunitstayid,observationoffset,heartrate\n" + "\n".join(rows) + "\n")
    found = read_recording(path)
    assert isinstance(found.readings, LazyReadings)
    assert [(r.time // instant.MINUTE, r.value) for r in found.readings] == [(-65, 80), (-5, 82), (0, 83), (1005, 90)]
    assert found.relative


@pytest.mark.parametrize("head", ["Time,Date,HR", "Date,HR,Time", "HR,Time,Date"])
def test_a_clock_that_does_not_follow_its_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str) -> None:
    """By hand: about midnight, with hours of one digit and of two."""
    monkeypatch.setattr(delimited, "_LONG", 0)
    path = tmp_path / "table.csv"
    days = [("13/3/2026", "9:59:59", "70"), ("13/3/2026", "23:59:59", "71"), ("14/3/2026", "0:00:01", "72")]
    rows = [{"Date": day, "Time": clock, "HR": rate} for day, clock, rate in days]
    path.write_text("\n".join([head, *(",".join(row[name] for name in head.split(",")) for row in rows)]) + "\n")
    found = read_recording(path)
    assert isinstance(found.readings, LazyReadings)
    times = ["2026-03-13T09:59:59Z", "2026-03-13T23:59:59Z", "2026-03-14T00:00:01Z"]
    assert [(r.time, r.value) for r in found.readings] == list(
        zip(map(instant.parse, times), (70, 71, 72), strict=True)
    )
