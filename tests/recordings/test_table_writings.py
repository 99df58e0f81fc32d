"""Tables in every writing that is read in columns: each is the recording that its rows are, or is left to these."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from table_writings import BERLIN, START, WRITTEN, alike, as_file, damaged, differences

from devices import instant
from devices.recordings.base import ChoiceNeeded, Overrides, RecordingError, read_recording
from devices.recordings.delimited import reader as delimited
from devices.recordings.delimited import utf8 as table_bytes
from devices.recordings.delimited.columns import columns_of
from devices.recordings.options import DateOrder, Options
from devices.recordings.readings.lazy import LazyReadings

NAMES = {"HR": "bpm", "NBP Sys": "mmHg", "NBP Dia": "mmHg", "RR": "1/min", "Temp": "\u00b0C", "Note": "", "event": ""}


def cell(rng: random.Random, style: str) -> str:
    real = rng.uniform(36, 140)
    value = {
        "whole": f"{real:.0f}", "tenths": f"{real:.1f}", "thousandths": f"{real:.3f}", "long": f"{real}",
        "various": f"{round(real, rng.randint(0, 4)):g}", "32 bits": f"{np.float32(real)}", "17": f"{real / 20:.16f}",
    }[style]  # fmt: skip
    return rng.choice([value] * 12 + ["", "0", "-", "NaN"])


def written(rng: random.Random) -> tuple[bytes, dict[str, Any]]:
    """A table, and what may have to be said of it."""
    kind, count = rng.choice(list(WRITTEN)), rng.choice([1, 2, 5, 60, 200])
    say: dict[str, Any] = {}
    if rng.random() < 0.4:
        say["zone"] = rng.choice([BERLIN, UTC])
    if rng.random() < 0.8 and any(word in kind for word in ("first", "short", "points")):
        say["date_order"] = "mdy" if "month" in kind else "dmy"
    if kind in ("seconds", "elapsed", "seconds, fractions") and rng.random() < 0.3:
        say["start"] = 1_000_000_000_000_000
    names = rng.sample(list(NAMES), rng.randint(1, len(NAMES)))
    units_in_names = rng.random() < 0.5
    names = ["HR", *(name for name in names if name != "HR" and (name != "Temp" or units_in_names))]
    delimiter, end = rng.choice(",,;\t|"), rng.choice(["\n", "\r\n"])
    comma = delimiter != "," and rng.random() < 0.5
    over: dict[str, Any] = {}
    if rng.random() < 0.2:
        over["decimal_mark"] = "," if comma else "."
    column = rng.choice(["time", "Time", "Time (s)" if kind.startswith("seconds") else "Date Time"])
    if kind.startswith("unix"):
        over["time_unit"] = "unix" if kind == "unix" else "unix-ms"
    elif kind.startswith("seconds") and rng.random() < 0.5:
        over["time_unit"] = rng.choice(["s", "min", "ms", "h"])
    elif kind == "days":
        over["time_unit"] = "excel"
    if over:
        say["mapping"] = Overrides(**over)
    style = rng.choice(["whole", "tenths", "long", "thousandths", "various", "32 bits", "17"])
    moment = START if rng.random() < 0.7 else datetime(2026, 3, rng.choice([28, 29]), 0, 20, tzinfo=UTC)
    step = rng.choice([1, 1, 1, 5, 60, 61, 3600, 5000])
    lines: list[list[str]] = []
    head = [f"{name} ({NAMES[name]})" if units_in_names and NAMES[name] else name for name in names]
    place = rng.choice([0, 0, 0, len(names)])
    split = kind in ("day first", "iso, naive") and rng.random() < 0.6
    times = ["Date", "Time"] if split else [column]
    lines.append([*head[:place], *times, *head[place:]])
    if rng.random() < 0.2:
        units = [NAMES[name] for name in names]
        lines.append([*units[:place], *(["", "hh:mm:ss"] if split else [rng.choice(["", "s"])]), *units[place:]])
    held = "x"
    for _ in range(count):
        held = rng.choice(["x", "y"]) if rng.random() < 0.02 else held
        said = rng.choice(["", *[" "] * 2, "infusion start", " bolus", "l\u00e4uft"]) if rng.random() < 0.1 else ""
        row = [{"Note": held, "event": said}.get(name) or cell(rng, style) for name in names]
        row = ["" if name == "event" and not said else each for name, each in zip(names, row, strict=True)]
        if comma:
            row = [each.replace(".", ",") for each in row]
        time = WRITTEN[kind](moment)
        if comma and kind.startswith("seconds") and rng.random() < 0.9:
            time = time.replace(".", ",")
        lines.append([*row[:place], *(time.split(" ") if split else [time]), *row[place:]])
        moment += timedelta(seconds=step)
    bad = ["x", "ERR", "?", "-1", "-1", "-3", "1,5", "1.5", "7 bpm", '7"', "1e2", "1e400", "", "99999999", " 7 "]
    bad = rng.sample(bad, 3) if rng.random() < 0.3 else []
    for text in bad * rng.choice([1, 1, 40]):
        row = rng.choice(lines[1:])
        row[rng.randrange(len(row)) if rng.random() < 0.1 else row.index(rng.choice(row[1:]))] = text
    return as_file(rng, lines, delimiter, end, 3), say


@pytest.mark.parametrize("part", range(12))
def test_any_writing_is_read_alike_by_columns_and_by_rows(tmp_path: Path, part: int) -> None:
    taken = alike(tmp_path, range(part * 40, part * 40 + 40), written)
    assert taken >= 6  # else this would be a comparison of rows with rows


@pytest.mark.parametrize("part", range(6))
def test_what_is_damaged_is_read_or_refused_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    for seed in range(part * 60, part * 60 + 60):
        rng = random.Random(f"damaged {seed}")
        path = tmp_path / "table.csv"
        data, say = written(rng)
        path.write_bytes(damaged(rng, data))
        monkeypatch.setattr(table_bytes, "_BLOCK", rng.choice([1, 100, 1000, 1 << 19]))
        differences(path, say)


def test_each_writing_of_one_table_is_the_same_table(tmp_path: Path) -> None:
    """By hand: three rows about midnight, in whatever writing."""
    expected = [instant.parse(f"2026-11-{each}Z") for each in ("01T23:59:59", "02T00:00:00", "02T00:00:01")]
    times = {
        "iso": ["2026-11-01T23:59:59Z", "2026-11-02T00:00:00Z", "2026-11-02T00:00:01Z"],
        "offset": ["2026-11-02T05:29:59+05:30", "2026-11-02T05:30:00+05:30", "2026-11-02T05:30:01+05:30"],
        "berlin": ["2026-11-02 00:59:59", "2026-11-02 01:00:00", "2026-11-02 01:00:01"],
        "day first": ["2.11.2026 0:59:59", "2.11.2026 1:00:00", "2.11.2026 1:00:01"],
        "halves": ["11/2/2026 12:59:59 AM", "11/2/2026 1:00:00 AM", "11/2/2026 1:00:01 AM"],
        "points": ["02/11/2026 00.59.59", "02/11/2026 01.00.00", "02/11/2026 01.00.01"],
        "two columns": ["2026-11-02,00:59:59", "2026-11-02,01:00:00", "2026-11-02,01:00:01"],
        "in quotes": ['"2026-11-01T23:59:59Z"', '"2026-11-02T00:00:00Z"', '"2026-11-02T00:00:01Z"'],
        "unix": ["1793577599", "1793577600", "1793577601"],
        "milliseconds": ["1793577599000", "1793577600000", "1793577601000"],
    }
    for name, cells in times.items():
        order = {"day first": "dmy", "points": "dmy", "halves": "mdy"}.get(name)
        unit = {"unix": "unix", "milliseconds": "unix-ms"}.get(name, "")
        zone = UTC if name in ("iso", "offset", "in quotes", "unix", "milliseconds") else BERLIN
        path = tmp_path / f"{name}.csv"
        head = "Date,Clock" if name == "two columns" else "Time"
        rows = zip(cells, ("71", "72.5", ""), ("120.0123456", "", "0.1"), strict=True)
        path.write_text(f"{head},HR (bpm),ABP_SYS (mmHg)\n" + "".join(f"{','.join(row)}\n" for row in rows))
        options = Options(zone=zone, date_order=order and DateOrder(order), overrides=Overrides(time_unit=unit))
        found = columns_of(path, options)
        assert found is not None, name
        assert found.times.tolist() == expected, name
        heart, pressure = (values.tolist() for _, values in found.values)
        assert (heart[:2], pressure[0], pressure[2]) == ([71, 72.5], 120.0123456, 0.1)
        assert np.isnan([heart[2], pressure[1]]).all()


def test_a_decimal_comma_in_utf_16_beside_a_row_of_units(tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    path.write_bytes("Zeit\tHR\tTemp\r\n\tbpm\t\u00b0F\r\n01.03.2026 09:00:00\t70,5\t98,6\r\n".encode("utf-16"))
    assert columns_of(path, Options()) is None  # day or month: it is asked
    path.write_bytes("Zeit\tHR\tTemp\r\n\tbpm\t\u00b0F\r\n31.03.2026 09:00:00\t70,5\t98,6\r\n".encode("utf-16"))
    found = columns_of(path, Options())
    assert found is not None
    assert [(field.signal, values.tolist()) for field, values in found.values] == [("HR", [70.5]), ("TEMP", [37.0])]
    assert (found.times.tolist(), found.mark) == ([instant.parse("2026-03-31T09:00:00Z")], ",")


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (["2026-10-25 01:59:58", "2026-10-25 01:59:59"], ["2026-10-24T23:59:58", "2026-10-24T23:59:59"]),
        (["2026-10-25 01:59:59", "2026-10-25 02:00:00"], ["2026-10-24T23:59:59"]),  # 2:00 comes twice
        (["2026-10-25 03:00:00", "2026-10-25 03:00:01"], ["2026-10-25T02:00:00", "2026-10-25T02:00:01"]),
        (["2026-03-29 01:59:59", "2026-03-29 03:00:00"], ["2026-03-29T00:59:59", "2026-03-29T01:00:00"]),
        (["2026-03-29 01:59:59", "2026-03-29 02:00:00"], ["2026-03-29T00:59:59"]),  # 2:00 never comes
    ],
)
def test_the_hours_of_a_clock_change_are_left_out(tmp_path: Path, times: list[str], expected: list[str]) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Time,HR\n" + "".join(f"{time},70\n" for time in times))
    found = columns_of(path, Options(zone=BERLIN, zone_said=True))
    assert found is not None
    assert found.times.tolist() == [instant.parse(f"{each}Z") for each in expected]


@pytest.mark.parametrize("name", ["HR", "NBP Sys", "HR, long", "NBP Sys, long"])
@pytest.mark.parametrize("day", [29, 30])
def test_an_hour_without_readings_is_asked_about_where_a_clock_may_have_been_changed(
    tmp_path: Path, name: str, day: int
) -> None:
    """There are rows in that hour, empty or with the cuff's last value: they give no readings."""
    path, name, is_long = tmp_path / "table.csv", name.partition(",")[0], "long" in name
    lines = ["Time,name,value" if is_long else f"Time,{name}"]
    for second in range(0, 9000, 5):
        held = 120 if second < 3000 else 130 if second < 7300 else 140
        cell = held if name != "HR" else "" if 3600 <= second < 7200 else 70
        time = f"2026-03-{day} {1 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        lines.append(f"{time},{name},{cell}" if is_long else f"{time},{cell}")
    path.write_text("\n".join(lines) + "\n")
    assert columns_of(path, Options()) is not None
    assert differences(path, {}) is (day == 30)
    if day == 30:  # a Monday
        return
    with pytest.raises(ChoiceNeeded, match="as where a clock was changed: say --timezone"):
        read_recording(path)


@pytest.mark.parametrize("time", ["x", "9", "09:00"])
def test_a_time_without_room_for_a_clock_is_left_to_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: str
) -> None:
    monkeypatch.setattr(table_bytes, "_BLOCK", 28)  # the first row, and nothing else, is read at once
    path = tmp_path / "table.csv"
    path.write_text("Time,HR\n2026-03-01T09:00:00.500Z,70\n" + f"{time},71\n" * 60)
    assert columns_of(path, Options()) is None
    assert [one.value for one in read_recording(path).readings] == [70]


@pytest.mark.parametrize(("last", "kept"), [("99", True), ("9", False), ("", True), ("250", False)])
def test_a_last_value_without_a_line_end_may_be_cut(tmp_path: Path, last: str, kept: bool) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        f"Time,HR,RR\n2026-03-01T09:00:00Z,70,98\n2026-03-01T09:00:01Z,71,97\n2026-03-01T09:00:02Z,72,{last}"
    )
    found = columns_of(path, Options())
    assert found is not None
    assert (found.cut_off == "") is kept
    value = found.values[1][1].tolist()[2]
    assert value == float(last) if kept and last else np.isnan(value)


def test_numbers_of_any_length_are_those_that_python_reads(tmp_path: Path) -> None:
    rng = random.Random(3)
    texts = [f"{rng.uniform(0, 10 ** rng.randint(0, 6)):.{rng.randint(0, 16)}f}" for _ in range(3000)]
    path = tmp_path / "table.csv"
    times = (f"2026-03-01T09:{n // 60:02d}:{n % 60:02d}Z" for n in range(len(texts)))
    path.write_text("Time,ABP_SYS\n" + "".join(f"{time},{text}\n" for time, text in zip(times, texts, strict=True)))
    found = columns_of(path, Options())
    assert found is not None
    assert found.values[0][1].tolist() == list(map(float, texts))


def test_events_of_a_session_table_are_told_where_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_LONG", 0)
    path = tmp_path / "session.csv"
    rows = [("00", "70", "infusion start"), ("05", "71", ""), ("10", "72", "bolus 10 mg")]
    path.write_text("time,HR,event\n" + "".join(f"2026-03-01T09:00:{at}Z,{rate},{what}\n" for at, rate, what in rows))
    recording = read_recording(path)
    assert isinstance(recording.readings, LazyReadings)
    told = [(each.time, each.received, each.text) for each in recording.notices if each.kind == "device-event"]
    begins = instant.parse("2026-03-01T09:00:00Z")
    assert told == [(begins, 0, "infusion start"), (begins + 10 * instant.SECOND, 2, "bolus 10 mg")]


def test_a_first_cell_too_long_for_a_time_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Time,HR\n" + "9" * 321 + ",70\n")
    assert columns_of(path, Options()) is None
    with pytest.raises(RecordingError):
        read_recording(path)


@pytest.mark.parametrize(
    ("before", "after", "read"),
    [
        ("2026-03-10 01:59:59", "2026-03-10 05:00:00", True),  # a Tuesday
        ("2026-03-29 12:00:00", "2026-03-30 08:00:00", True),  # by day
        ("2026-03-29 01:59:59", "2026-03-29 03:00:00", False),  # as where clocks go forward
        ("2026-03-29 01:59:59", "2026-03-29 05:00:00", True),  # an hour before, and two behind
    ],
)
def test_a_gap_in_local_times_is_asked_about_where_it_is_an_hour_of_the_clock_by_night(
    tmp_path: Path, before: str, after: str, read: bool
) -> None:
    path = tmp_path / "table.csv"
    second, rows = timedelta(seconds=1), range(30)
    times = [datetime.fromisoformat(before) - step * second for step in reversed(rows)]
    times += [datetime.fromisoformat(after) + step * second for step in rows]
    path.write_text("Time,HR\n" + "".join(f"{time},70\n" for time in times))
    assert columns_of(path, Options()) is not None
    assert differences(path, {}) is read


def test_refused_cells_are_counted_and_told_with_their_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_LONG", 0)
    path = tmp_path / "table.csv"
    cells = ["70", "ERR", "-1", "-5", "0", "--", "", "71"]
    path.write_text(
        "Time,HR,ABP_SYS\n" + "".join(f"2026-03-01T09:00:{n:02d}Z,{c},{100 + n}\n" for n, c in enumerate(cells))
    )
    recording = read_recording(path)
    assert isinstance(recording.readings, LazyReadings)
    rates = [(each.received, each.value, each.status.value) for each in recording.readings if each.signal == "HR"]
    assert rates == [(0, 70.0, "ok"), (4, None, "zero"), (7, 71.0, "ok")]
    assert recording.counts.refused == {"cells that are no number": 1, "unknown (-1)": 1, "below 0": 1}
    (told,) = [each for each in recording.notices if each.kind == "value-refused"]
    assert (told.received, told.signal, told.text) == (1, "HR", "row 2, HR: 'ERR' is not a number")


@pytest.mark.parametrize("part", range(4))
def test_tables_with_refused_cells_are_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    texts = [
        "70",
        "71.5",
        "98",
        "",
        "0",
        "ERR",
        "x y",
        "-1",
        "-3",
        "1e2",
        "1e400",
        "+7",
        ".",
        "7.",
        "n/a",
        "70 bpm",
        "?",
    ]
    taken = 0
    for seed in range(part * 30, part * 30 + 30):
        rng = random.Random(f"refused {seed}")
        some = ["70", "71", *rng.sample(texts, rng.randint(1, 6))]
        rows = [
            [f"2026-03-01T09:{n // 60:02d}:{n % 60:02d}Z", *rng.choices(some, k=3)]
            for n in range(rng.choice([3, 200, 900]))
        ]
        path = tmp_path / "table.csv"
        path.write_text("\n".join(map(",".join, [["Time", "HR", "ABP_SYS", "Temp (degF)"], *rows])) + "\n")
        monkeypatch.setattr(table_bytes, "_BLOCK", rng.choice([100, 1000, 1 << 19]))
        taken += differences(path, {})
    assert taken >= 12


def test_of_hundreds_of_refused_cells_the_first_are_told(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = (
        f"2026-03-01T09:{n // 60:02d}:{n % 60:02d}Z,{'x' if n % 2 else 70},{'y' if n > 150 else 90}" for n in range(600)
    )
    path.write_text("Time,HR,ABP_SYS\n" + "".join(f"{row}\n" for row in rows))
    assert differences(path, {})
    recording = read_recording(path)
    assert recording.counts.refused == {"cells that are no number": 749}
    assert len([each for each in recording.notices if each.kind == "value-refused"]) == 100
    assert "649 more rows or cells were refused; the counts hold them all" in [each.text for each in recording.notices]
