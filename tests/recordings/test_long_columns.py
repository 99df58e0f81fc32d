"""Long tables in columns: each is the recording that its rows are, or is left to these."""

from __future__ import annotations

import pickle
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recording_columns import check
from table_writings import BERLIN, START, WRITTEN, alike, as_file, damaged, differences

from devices import instant
from devices.reading import Status
from devices.recordings.base import ChoiceNeeded, Overrides, RecordingError, read_recording, read_series
from devices.recordings.delimited import reader as delimited
from devices.recordings.delimited import row_groups
from devices.recordings.delimited import utf8 as table_bytes
from devices.recordings.delimited.columns import columns_of
from devices.recordings.options import Options
from devices.recordings.readings import in_columns as column_readings
from devices.recordings.readings.in_columns import ColumnReadings
from devices.recordings.readings.lazy import LazyReadings

UNITS = {
    "HR": ["bpm", "/min"], "Heart Rate (/min)": ["bpm", "1/min", ""], "ABP Sys": ["mmHg", "mmHg", "kPa"],
    "NBP Sys": ["mmHg"], "NBP Dia": ["mmHg"], "RR": ["1/min", "", "br/min"], "SpO2": ["%"],
    "Temp (\u00b0C)": ["\u00b0C", "degC", "", "degF"],
    "EtCO2": ["mmHg", "furlong"], "Rhythm": [""], "RecordID": [""], "NISysABP": ["mmHg"], "MAP": ["mmHg"],
    "220045": ["bpm"],
}  # fmt: skip
WHO = ["subject_id", "patient", "Bed"]


ODD = [
    "255", "300", "(!) 112", "(!)", "(!) 1.5",
    "x", "see note", "-3", "-1", "-0.5", "12:30", ">200", "1e999", "7..5", "12 x", "n.d.", "a,b", "1.5.2", "120/x",
    "not measured, since he slept all night", "Übelkeit", "70 ", "refused by the patient (again) and by his wife, too",
]  # fmt: skip


def cell(rng: random.Random, name: str, style: str, refused: float) -> str:
    if rng.random() < refused:
        return rng.choice(ODD)
    if name == "Rhythm":
        return rng.choice([*["sinus", "AF"] * 40, "paced at 1.5"])
    if name == "RecordID":
        return rng.choice(["132539", "132540"])
    real = rng.uniform(36, 125)
    value = {
        "whole": f"{real:.0f}", "tenths": f"{real:.1f}", "thousandths": f"{real:.3f}", "long": f"{real}",
        "various": f"{round(real, rng.randint(0, 4)):g}",
    }[style]  # fmt: skip
    return rng.choice([value] * 12 + ["", "0", "-", "NaN"])


MARKED = ["halves", "halves", "turns", "quantity", "any", "row", "rarely", "word"]


def mark(rng: random.Random, how: str, number: int, count: int, name: str, row: int) -> str:
    """The cell of a column that is not read, in a sample and a row of these numbers."""
    held = {
        "halves": "P17" if number < count // 2 else "P18", "turns": f"P{17 + number % 2}", "quantity": name.lower(),
        "any": f"{rng.randint(0, 5)}", "row": f"{row}", "rarely": f"P{17 + number // 20}" if row % 10 == 0 else "",
        "word": rng.choice(["ok", "ok", "late"]),
    }  # fmt: skip
    return held[how] if rng.random() < 0.98 else ""


def _again(rng: random.Random, row: dict[str, list[str]], chance: float, style: str) -> list[dict[str, list[str]]]:
    """The row, perhaps twice, with the same value or another."""
    if rng.random() >= chance:
        return [row]
    (name,) = row["what"]
    return [row, row if rng.random() < 0.5 else {**row, "value": [cell(rng, name, style, 0)]}]


def written(rng: random.Random) -> tuple[bytes, dict[str, Any]]:
    """A long table, and what may have to be said of it."""
    kind, count = rng.choice(list(WRITTEN)), rng.choice([1, 2, 5, 40, 120])
    say: dict[str, Any] = {}
    over: dict[str, Any] = {}
    if rng.random() < 0.4:
        say["zone"] = rng.choice([BERLIN, instant.zone_named("UTC")])
    if any(word in kind for word in ("first", "short", "points")):
        say["date_order"] = "mdy" if "month" in kind else "dmy"
    if kind in ("seconds", "elapsed") and rng.random() < 0.3:
        say["start"] = 1_000_000_000_000_000
    if kind.startswith("unix"):
        over["time_unit"] = "unix" if kind == "unix" else "unix-ms"
    elif kind.startswith("seconds"):
        over["time_unit"] = rng.choice(["s", "min", "ms"])
    elif kind == "days":
        over["time_unit"] = "excel"
    delimiter, end = rng.choice(",,;\t|"), rng.choice(["\n", "\r\n"])
    comma = delimiter != "," and rng.random() < 0.4
    if rng.random() < 0.2:
        over["decimal_mark"] = "," if comma else "."
    if rng.random() < 0.1:
        say["mapping"] = {"EtCO2": "RR"}
    if over:
        say["mapping"] = Overrides(**over)
    plain = rng.random() < 0.8
    pool = [name for name in UNITS if not plain or name not in ("MAP", "NISysABP")]
    names = rng.sample(pool, rng.randint(1, min(8, len(pool))))
    split = kind in ("day first", "iso, naive") and rng.random() < 0.5
    what = "itemid" if "220045" in names and rng.random() < 0.7 else rng.choice(["name", "Parameter", "variable"])
    columns = {"time": ["Date", "Clock"] if split else [rng.choice(["time", "charttime", "Date Time"])]}
    columns |= {"what": [what], "value": [rng.choice(["value", "valuenum"])]}
    for key, chance, called in (
        ("unit", 0.5, "unit"), ("error", 0.2, "error"), ("detail", 0.2, "vital_name"), ("note", 0.2, "Remark"),
        ("who", 0.3, rng.choice(WHO)), ("mark", 0.2, rng.choice(["kod", "kod", "device", "storetime", "phase"])),
    ):  # fmt: skip
        if rng.random() < chance:
            columns[key] = [called]
    order = list(columns)
    if rng.random() < 0.3:
        rng.shuffle(order)
    unit = {name: rng.choice(UNITS[name]) for name in names}
    mixed = rng.random() < 0.1
    style = rng.choice(["whole", "tenths", "long", "thousandths", "various"])
    refused = rng.choice([0, 0, 0.01, 0.1, 0.5])
    behind = rng.choice([0, 0, 0, 0.02, 1])
    rows: list[dict[str, list[str]]] = []
    moment, step = START, rng.choice([1, 1, 1, 5, 60, 61, 3600])
    cuff = rng.choice([1, 3, 10])
    silent = rng.choice([*names, *[""] * 8])
    note = rng.choice(["seen", "seen", f"asleep{delimiter} on his side", "1,5", f"{delimiter}7{delimiter}8"])
    chance, marked = rng.choice([0, 0.02, 0.3]), rng.choice(MARKED)
    for number in range(count):
        time = WRITTEN[kind](moment)
        if comma and kind.startswith("seconds"):
            time = time.replace(".", ",")
        for name in names:
            if (name.startswith("NBP") and number % cuff) or rng.random() < chance:
                continue
            value = "0" if name == silent else cell(rng, name, style, refused)
            rows.append({
                "time": time.split(" ") if split else [time],
                "what": [name],
                "value": [
                    (value.replace(".", ",") if comma and value.replace(".", "").isdigit() else value)
                    + (f" {unit[name]}" if rng.random() < behind else "")
                ],
                "unit": [rng.choice(UNITS[name]) if mixed else unit[name]],
                "error": [rng.choice(["", "0", "0", "0", "0", "1"])],
                "detail": [f"{name} of the arterial line" if name == "MAP" else name.lower()],
                "note": [rng.choice(["", "seen", note])],
                "who": ["A 7"],
                "mark": [mark(rng, marked, number, count, name, len(rows))],
            })  # fmt: skip
        moment += timedelta(seconds=step)
    if rng.random() < 0.3:
        again = rng.choice([0.01, 0.2, 1])
        rows = [each for row in rows for each in _again(rng, row, again, style)]
    if rows and rng.random() < 0.2:
        at = rng.randrange(len(rows))
        what = rng.choice(["value", "value", "value", "time", "again", "back", "unit", "who", "what"])
        if what in ("again", "back"):
            rows.insert(rng.randrange(len(rows)) if what == "back" else at, dict(rows[at]))
        else:
            odd = ["x", "1,5", "1.5", "-3", "7 bpm", '7"', "1e2", "99999999", " 7 ", "120/80", "furlong", "HR ", "-1"]
            rows[at][what] = [rng.choice(odd), *rows[at][what][1:]]
    lines = [[name for key in order for name in columns[key]]]
    lines += [[text for key in order for text in row[key]] for row in rows]
    return as_file(rng, lines, delimiter, end, 15), say


@pytest.mark.parametrize("part", range(8))
def test_any_long_table_is_read_alike_by_columns_and_by_rows(tmp_path: Path, part: int) -> None:
    taken = alike(tmp_path, range(part * 60, part * 60 + 60), written)
    assert taken >= 12  # else this would be a comparison of rows with rows


@pytest.mark.parametrize("part", range(6))
def test_a_long_table_in_columns_is_judged_and_looked_through_as_its_rows_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(column_readings, "AT_ONCE", [1, 7, 30, 1 << 12, 3, 100][part])
    for seed in range(5000 + part * 20, 5020 + part * 20):
        rng = random.Random(seed)
        path = tmp_path / f"{seed}.csv"
        data, say = written(rng)
        path.write_bytes(data)
        try:
            expected = list(read_recording(path, **say).readings)
        except RecordingError:
            continue
        check(path, **say)
        with monkeypatch.context() as patch:
            patch.setattr(delimited, "_LONG", 0)
            readings = read_recording(path, **say).readings
        if not isinstance(readings, LazyReadings) or not expected:
            continue
        batches = list(readings.batches())
        assert [each for batch in batches for each in batch.received.tolist()] == [r.received for r in expected]
        assert list(readings.ordered(lambda signal, source: (signal, source))) == sorted(
            expected, key=lambda r: (r.time, r.received, r.signal, r.source)
        )
        for held in (readings, pickle.loads(pickle.dumps(readings))):
            start, stop = rng.randint(-5, len(expected) + 5), rng.randint(-5, len(expected) + 5)
            assert held[start:stop] == expected[start:stop]
            at = rng.choice(expected).time + rng.choice([-1, 0, 0, 1])
            assert list(held.through(at)) == [each for each in expected if each.time <= at]
            for row in range(max(each.received for each in expected) + 2):
                assert held.upto(at, row) == sum((each.time, each.received) <= (at, row) for each in expected)


def taken(path: Path, text: str, **options: Any) -> Any:
    path.write_text(text)
    return columns_of(path, Options(**options))


def test_neighbouring_rows_of_one_time_are_one_sample(tmp_path: Path) -> None:
    """By hand; a sample is received with the first of its rows that has a value."""
    path = tmp_path / "table.csv"
    found = taken(
        path,
        "time,parameter,value,unit\n"
        "2026-03-01T09:00:00Z,EtCO2,35,mmHg\n"
        "2026-03-01T09:00:00Z,HR,70,bpm\n"
        "2026-03-01T09:00:00Z,ABP Sys,16,kPa\n"
        "2026-03-01T09:00:01Z,HR,,bpm\n"
        "2026-03-01T09:00:01Z,ABP Sys,121,mmHg\n"
        "2026-03-01T09:00:02Z,HR,-,bpm\n"
        "2026-03-01T09:00:03Z,HR,72.5,/min\n",
    )
    assert np.diff(found.times).tolist() == [1_000_000, 2_000_000]
    assert {
        field.name: [None if value != value else value for value in values.tolist()] for field, values in found.values
    } == {
        "HR": [70, None, 72.5],
        "ABP Sys": [120.00992, 121, None],
    }
    assert found.rows.first.tolist() == [1, 4, 6]
    assert (found.count, found.rows.used, found.long.left_out) == (7, 4, {"of other quantities": 1})
    first = instant.parse("2026-03-01T09:00:00Z")
    expected = [(0, 1, "HR", 70), (0, 1, "ABP_SYS", 120.00992), (1, 4, "ABP_SYS", 121), (3, 6, "HR", 72.5)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_LONG", 0)
        read = read_recording(path)
    assert isinstance(read.readings, ColumnReadings)
    assert [((r.time - first) // 1_000_000, r.received, r.signal, r.value) for r in read.readings] == expected
    assert read.counts.sentence() == "7 rows read, 4 used, 1 refused (1 of other quantities)"
    series = {one.signal: one for one in read_series(path).series}
    assert series["HR"].present.place.tolist() == [1, 6]
    assert series["ABP_SYS"].present.place.tolist() == [1, 4]


ROWS = "2026-03-01T09:00:00Z,HR,70\n2026-03-01T09:00:00Z,RR,12\n"


@pytest.mark.parametrize(
    ("more", "is_taken"),
    [
        ("2026-03-01T09:00:01Z,HR,71\n", True),
        ("2026-03-01T09:00:00Z,SpO2,97\n", True),
        ("2026-03-01T09:00:01Z,Rhythm,sinus\n", True),
        ("2026-03-01T09:00:01Z,HR,120/80\n", True),
        ("2026-03-01T09:00:01Z,NBP,120/80\n", True),
        ("2026-03-01T09:00:01Z,BP,120/80\n", True),
        ("2026-03-01T09:00:01Z,BP,120\n", True),
        ("2026-03-01T09:00:01Z,BP,(!) 120/80 (93)\n2026-03-01T09:00:01Z,HR,(!) 112\n", True),
        (
            "2026-03-01T09:00:01Z,RR,13\n2026-03-01T09:00:02Z,RR,120/80\n",
            False,
        ),  # a rate of breathing, or pressures by Riva-Rocci
        ("2026-03-01T09:00:00Z,HR,71\n", True),  # two of one quantity at one time are two samples
        ("2026-03-01T09:00:01Z,HR,71\n2026-03-01T09:00:00Z,HR,72\n", True),
        ("2026-03-01T08:59:59Z,Rhythm,sinus\n", True),
        # Two samples, but for a row between them that is not read: then they are one.
        ("2026-03-01T09:00:01Z,Rhythm,sinus\n2026-03-01T09:00:00Z,SpO2,97\n", False),
        ("2026-03-01T09:00:01Z,SpO2,97\n2026-03-01T09:00:00Z,SpO2,97\n", True),
        ("2026-03-01T09:00:01Z,HR,-1\n", True),
        ("2026-03-01T09:00:01Z,HR,71 bpm\n", True),
        ("2026-03-01T09:00:01Z,HR,x\n", True),
        ("2026-03-01T09:00:01Z,HR\n", True),
        ("2026-03-01T09:00:01Z,HR,71", True),
        ("x,HR,71\n", False),
        ("Time,Name,Value\n2026-03-01T09:00:01Z,HR,71\n", True),
        ("Time,Parameter,Value\n2026-03-01T09:00:01Z,HR,71\n", False),
        ("2026-03-01T09:00:01Z,SBP,120\n", True),
        ("2026-03-01T09:00:01Z,NISysABP,120\n2026-03-01T09:00:01Z,ABPSys,-1\n", False),  # -1 is unknown there
        ("2026-03-01T09:00:01Z,ABPSys,-1\n", True),
    ],
)
@pytest.mark.parametrize("block", [1, 1 << 20])
def test_what_needs_judging_is_left_to_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str, is_taken: bool, block: int
) -> None:
    monkeypatch.setattr(table_bytes, "_BLOCK", block)
    found = taken(tmp_path / "table.csv", "Time,Name,Value\n" + ROWS + more)
    assert (found is not None) is is_taken
    differences(tmp_path / "table.csv", {})


def test_rows_that_are_marked_as_errors_are_counted_and_not_used(tmp_path: Path) -> None:
    text = "charttime,itemid,valuenum,valueuom,error,stay_id\n"
    for second, value, error in ((0, 70, 0), (1, 190, 1), (2, 71, "")):
        text += f"2026-03-01 09:00:0{second},220045,{value},bpm,{error},30000153\n"
        text += f"2026-03-01 09:00:0{second},220277,9{second},%,0,30000153\n"
    path = tmp_path / "table.csv"
    found = taken(path, text)
    assert [(field.signal, values.tolist()) for field, values in found.values][1] == ("SPO2", [90, 91, 92])
    assert np.isnan(found.values[0][1]).tolist() == [False, True, False]
    assert found.long.left_out == {"marked as errors": 1}
    assert read_series(path).patients == ("30000153",)
    assert differences(path, {})
    path.write_text(text + "2026-03-01 09:00:03,220045,72,bpm,0,30000154\n")
    with pytest.raises(ChoiceNeeded, match="2 patients or cases: say --patient, one of 30000153, 30000154"):
        columns_of(path, Options())
    assert differences(path, {"patient": "30000153"})


@pytest.mark.parametrize(
    ("last", "kept"),
    [("HR,99", True), ("HR,9", False), ("RR,9", False), ("HR,250", False), ("SpO2,9", False), ("SpO2,97", True)],
)
def test_a_last_value_without_a_line_end_may_be_cut(tmp_path: Path, last: str, kept: bool) -> None:
    """It is not used if it is shorter than its others, far from the last of them, or the first and impossible."""
    path = tmp_path / "table.csv"
    text = "Time,Name,Value\n" + ROWS + "2026-03-01T09:00:01Z,HR,98\n2026-03-01T09:00:01Z,RR,13\n"
    found = taken(path, f"{text}2026-03-01T09:00:02Z,{last}")
    name, _, value = last.partition(",")
    assert found.cut_off == ("" if kept else name)
    assert len(found.times) == 2 + kept
    assert (found.count, found.rows.used) == (5, 4 + kept)
    assert differences(path, {})
    assert [r.value for r in read_recording(path).readings][4:] == ([float(value)] if kept else [])
    path.write_text(f"{text}2026-03-01T09:00:02Z,{last}\n")
    assert columns_of(path, Options()).cut_off == ""  # type: ignore[union-attr]


def test_columns_that_may_name_patients_are_asked_about_as_by_rows(tmp_path: Path) -> None:
    """Two people take turns each second; beside it a column that goes with the quantity, which nobody asks about."""
    rng, path = random.Random(2), tmp_path / "table.csv"
    for turns in (2, 1):
        lines = ["time,parameter,value,organ,kod"]
        for second in range(300):
            who = second % turns
            for name, organ, level in (("HR", "heart", 60), ("SpO2", "lung", 90)):
                value = level + who * (40 if name == "HR" else 8) + rng.randint(0, 2)
                time = f"2026-03-01T09:{second // 60:02d}:{second % 60:02d}Z"
                lines.append(f"{time},{name},{value},{organ},{'AB'[who]}")
        found = taken(path, "\n".join(lines) + "\n")
        assert found is not None
        if turns == 1:
            assert [one.kind for one in read_series(path).notices] == []
            continue
        with pytest.raises(ChoiceNeeded, match="the column 'kod', which may name 2 patients"):
            read_series(path)
    assert differences(path, {})


def test_the_number_of_a_record_is_its_patient(tmp_path: Path) -> None:
    path = tmp_path / "132539.txt"
    found = taken(path, "Time,Parameter,Value\n00:00,RecordID,132539\n00:07,HR,73\n00:07,SysABP,121\n00:37,HR,77\n")
    assert found is not None
    assert (found.reader.relative, found.times.tolist()) == (True, [7 * 60_000_000, 37 * 60_000_000])
    assert read_series(path).patients == ("132539",)
    assert differences(path, {})


def test_one_name_in_several_writings_is_one_quantity(tmp_path: Path) -> None:
    rows = "".join(
        f'2026-03-01T09:00:0{second}Z;{name};"70,5";{unit}\n'
        for second, (name, unit) in enumerate([("HR", "bpm"), ('"HR"', "/min"), ("HR", '"1/min"'), ("HR", "")])
    )
    found = taken(tmp_path / "table.csv", "time;name;value;unit\n" + rows)
    assert [(field.name, values.tolist()) for field, values in found.values] == [("HR", [70.5] * 4)]
    assert (found.mark, found.rows.first.tolist()) == (",", [0, 1, 2, 3])


def test_many_names_are_told_apart_in_the_order_in_which_they_come(tmp_path: Path) -> None:
    """More kinds of rows than are looked for one by one, some of them seen late and longer than a word."""
    names = [f"a long name of lab value no. {number % 90}" for number in range(400)]
    times = [f"2026-03-01T09:{n // 60:02d}:{n % 60:02d}Z" for n in range(400)]
    rows = "".join(f"{times[n]},{name},{n}\n{times[n]},HR,{60 + n % 50}\n" for n, name in enumerate(names))
    path = tmp_path / "table.csv"
    found = taken(path, "time,name,value\n" + rows)
    assert found.values[0][1].tolist() == [60 + n % 50 for n in range(400)]
    assert found.long.left_out == {"of other quantities": 400}
    assert list(found.long.called) == [names[0], "HR", *names[1:90]]
    assert differences(path, {})


def test_names_that_differ_alike_in_two_columns_are_told_apart(tmp_path: Path) -> None:
    """What differs between the names is the same bits in both columns."""
    path = tmp_path / "table.csv"
    rows = "".join(
        f"2026-03-01T09:00:{second:02d}Z,ABP Sys,12{second % 10},abp sys\n"
        f"2026-03-01T09:00:{second:02d}Z,NBP Sys,13{second % 10},nbp sys\n"
        for second in range(60)
    )
    found = taken(path, "Time,Parameter,Value,vital_name\n" + rows)
    assert [(field.signal, values.tolist()[:2]) for field, values in found.values] == [
        ("ABP_SYS", [120, 121]),
        ("NIBP_SYS", [130, 131]),
    ]
    assert differences(path, {})


def test_rows_that_nothing_tells_apart_quickly_are_left_to_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_groups, "_mixer", lambda place, number: np.uint64(1))
    path, head = tmp_path / "table.csv", "Time,Parameter,Value,vital_name\n"
    rows = ROWS.replace("\n", ",RR\n", 1).replace("RR,12", "RR,12,HR")  # the sum of both words is the same
    assert taken(path, head + rows) is None
    assert not differences(path, {})
    monkeypatch.undo()
    assert taken(path, head + rows) is not None


def test_a_long_table_in_columns_takes_no_readings_apart(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = (
        f"2026-03-01T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z,{name},{value + n % 40}\n"
        for n in range(8000)
        for name, value in (("HR", 60), ("RR", 10))
    )
    path.write_text("time,name,value\n" + "".join(rows))
    found = read_recording(path).readings
    assert type(found) is ColumnReadings
    assert [r.value for r in found if r.signal == "HR"] == [60 + n % 40 for n in range(8000)]
    assert [r.received for r in found][:4] == [0, 0, 2, 2]
    assert all(r.status is Status.OK for r in found)


@pytest.mark.parametrize("part", range(4))
def test_a_damaged_long_table_is_read_or_refused_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    for seed in range(9000 + part * 60, 9060 + part * 60):
        rng = random.Random(seed)
        path = tmp_path / f"{seed}.csv"
        data, say = written(rng)
        path.write_bytes(damaged(rng, data))
        monkeypatch.setattr(table_bytes, "_BLOCK", rng.choice([1, 28, 100, 1000, 1 << 19]))
        try:
            differences(path, say)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {say}") from error
