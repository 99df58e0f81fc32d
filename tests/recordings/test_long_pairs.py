"""Long tables whose pressures are pairs, such as 120/80: read in columns as by rows, whatever else their cells hold."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from recording_columns import check
from table_writings import START, WRITTEN, alike, differences
from test_odd_lines import with_odd_lines
from test_odd_order import in_any_order

from devices import instant
from devices.recordings.base import Overrides, read_recording, read_series
from devices.recordings.delimited import reader as delimited
from devices.recordings.delimited import utf8 as table_bytes
from devices.recordings.delimited.columns import columns_of
from devices.recordings.options import Options
from devices.recordings.readings.in_columns import ColumnReadings

CUFFS = ["BP", "BP", "Blood Pressure", "NBP", "NIBP", "RR", "BP (kPa)", "BP Cuff", "BP (%)"]
LINES = ["Arterial Line BP", "ART"]
CUFF_PARTS = ["SBP", "NBP Sys", "BP sys"]
OTHERS = ["HR", "Pulse", "SpO2", "Temp", "MAP (mmHg)", "BP Location", "Comment", "RecordID"]
FORMS = ["{}/{}", "{}/{}", "{}/{}", "(!) {}/{}", " {} / {} ", "{}/{} mmHg", "{}/{} (93)", "{}/{}/72", "{}.5/{}", "{}/"]
NONE = ["--/--", "120/", "/80", "", "-", "n/a", "-/80", "---", "/"]
ODD = [
    "118", "120/x", "1200/80", "120/80!", ">300", "see comment", "120\\80", "0/0", "ÄÄ/80", "(!)", "120//80", "21-Mar",
    "(!) (!) 120/80", "(!)180/110", "118.5", "1.234,5", "120/80 mm Hg", "x" * 300,
]  # fmt: skip
ODD_NUMBERS = ["(!) 112", "(!)112", "(!)  112", "112!", "(!) 9.5", "(!)", "(!) x", "-1", "", "112 bpm", "120/80"]


def value(rng: random.Random, name: str, form: str, odd: float) -> str:
    if name in CUFFS + LINES:
        kilopascals = "kPa" in name
        sys, dia = (
            (rng.randint(12, 25), rng.randint(7, 11)) if kilopascals else (rng.randint(80, 199), rng.randint(40, 99))
        )
        return rng.choice(ODD if rng.random() < 0.5 else NONE) if rng.random() < odd else form.format(sys, dia)
    if name in ("BP Location", "Comment", "RecordID"):
        return rng.choice(["Left arm", "120/80", "1.5", ""]) if name != "RecordID" else rng.choice(["17", "18"])
    return (
        rng.choice(ODD_NUMBERS)
        if rng.random() < odd
        else f"{rng.uniform(36, 40 if name == 'Temp' else 99):.{rng.choice([0, 0, 1])}f}"
    )


def written(rng: random.Random) -> tuple[str, dict[str, Any]]:
    """A flowsheet, and what may have to be said of it."""
    kind = rng.choice(["iso", "iso, naive", "iso, to the minute", "month first, halves", "elapsed", "seconds"])
    count, step = rng.choice([2, 10, 60, 300]), rng.choice([1, 1, 60, 300, 0])
    say: dict[str, Any] = {"date_order": "mdy"} if "month" in kind else {}
    names = [rng.choice(CUFFS), *rng.sample(LINES, rng.choice([0, 0, 1, 2])), *rng.sample(OTHERS, rng.randint(0, 4))]
    names += rng.sample([*CUFFS, *CUFF_PARTS], 1) if rng.random() < 0.2 else []
    names = list(dict.fromkeys(names))
    over: dict[str, Any] = {"time_unit": "s"} if kind == "seconds" else {}
    if rng.random() < 0.15:
        label = rng.choice(names) + rng.choice(["", " sys", " dia"])
        if rng.random() < 0.5:
            over["units"] = {label: rng.choice(["kPa", "mmHg"])}
        else:
            over["columns"] = {label: rng.choice(["", "NIBP_SYS", "ABP_DIA"])}
    if over:
        say["mapping"] = Overrides(**over)
    forms = {name: rng.choice(FORMS) for name in names}
    mixed, odd = rng.random() < 0.2, rng.choice([0, 0, 0.02, 0.2, 0.6])
    often, again = rng.choice([1, 1, 5, 30]), rng.choice([0, 0, 0.02, 0.5])
    rows: list[list[str]] = []
    with_unit, who, error, mark = (rng.random() < chance for chance in (0.4, 0.2, 0.15, 0.15))
    shown = rng.choice([["mmHg"], ["mmHg", ""], ["kPa"], ["mmHg", "kPa"], ["cm", "mmHg"]])
    for number in range(count):
        time = WRITTEN[kind](START + timedelta(seconds=number * step))
        for name in names:
            for _ in range(1 + (rng.random() < again)):
                if name in CUFFS + LINES and number % often:
                    continue
                form = rng.choice(FORMS) if mixed else forms[name]
                row = [time, name, value(rng, name, form, odd)]
                row += [rng.choice(shown) if name in CUFFS + LINES else ""] * with_unit
                row += [rng.choice(["0", "0", "", "1"])] * error + [rng.choice(["A", "A", "B"])] * who
                rows.append(row + ["x" if number < count // 2 else "y"] * mark)
    if rows and rng.random() < 0.4:
        rows = in_any_order(rng, rows)
    if rng.random() < 0.3:  # each quantity by itself, perhaps with a second recording behind the first
        rows = sorted(rows * rng.choice([1, 1, 1, 2]), key=lambda row: row[1])
    head = ["Time", rng.choice(["Name", "Parameter", "Flowsheet Measure Name"]), rng.choice(["Value", "MEAS_VALUE"])]
    head += ["Unit"] * with_unit + ["error"] * error + ["MRN"] * who + ["kod"] * mark
    if who and rng.random() < 0.8:
        say["patient"] = rng.choice(["A", "B"])
    delimiter = rng.choice(",,;\t")
    if delimiter == ";" and rng.random() < 0.5:
        rows = [[row[0], row[1], row[2].replace(".", ","), *row[3:]] for row in rows]
    if rng.random() < 0.2:  # the value last
        head, *rows = [[*row[:2], *row[3:], row[2]] for row in [head, *rows]]
    quote = '"' if rng.random() < 0.2 else ""
    lines = [delimiter.join(f"{quote}{cell}{quote}" if cell else "" for cell in row) for row in [head, *rows]]
    return "\n".join(lines) + rng.choice(["\n", "\n", "\n", ""]), say


def flowsheet(rng: random.Random) -> tuple[bytes, dict[str, Any]]:
    text, say = written(rng)
    return (with_odd_lines(rng, text) if rng.random() < 0.1 else text).encode(), say


@pytest.mark.parametrize("part", range(8))
def test_any_flowsheet_is_read_alike_by_columns_and_by_rows(tmp_path: Path, part: int) -> None:
    def also(path: Path, say: dict[str, Any], rng: random.Random) -> None:
        if rng.random() < 0.3:
            check(path, **say)

    seeds = (f"pairs {number}" for number in range(part * 50, part * 50 + 50))
    assert alike(tmp_path, seeds, flowsheet, also) >= 10  # else this would be a comparison of rows with rows


FLOWSHEET = (
    "Recorded Time,Flowsheet Measure Name,Value,Units\n"
    "2026-03-21 09:00,Pulse,72,bpm\n"
    "2026-03-21 09:00,BP,120/80,mmHg\n"
    "2026-03-21 09:00,SpO2,98,%\n"
    "2026-03-21 09:05,BP,see comment,mmHg\n"
    "2026-03-21 09:05,Pulse,(!) 112,bpm\n"
    "2026-03-21 09:10,BP,(!) 180/110 (133),mmHg\n"
    "2026-03-21 09:10,Arterial Line BP,16/10,kPa\n"
    "2026-03-21 09:15,BP,--/--,mmHg\n"
    "2026-03-21 09:15,BP Location,Left arm,\n"
    "2026-03-21 09:20,BP,131/,mmHg\n"
    "2026-03-21 09:25,BP,125/85,cm\n"
    "2026-03-21 09:30,BP,126/86,\n"
)


@pytest.mark.parametrize("block", [40, 1 << 21])
def test_a_flowsheet_in_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """By hand."""
    monkeypatch.setattr(table_bytes, "_BLOCK", block)
    monkeypatch.setattr(delimited, "_LONG", 0)
    path = tmp_path / "flowsheet.csv"
    path.write_text(FLOWSHEET)
    found = read_recording(path)
    assert isinstance(found.readings, ColumnReadings)
    assert [((r.time - found.first) // instant.MINUTE, r.received, r.signal, r.value) for r in found.readings] == [
        (0, 0, "PR", 72), (0, 0, "NIBP_SYS", 120), (0, 0, "NIBP_DIA", 80), (0, 0, "SPO2", 98),
        (5, 4, "PR", 112),
        (10, 5, "NIBP_SYS", 180), (10, 5, "NIBP_DIA", 110), (10, 5, "ABP_SYS", 120.00992), (10, 5, "ABP_DIA", 75.0062),
        (20, 9, "NIBP_SYS", 131),
        (30, 11, "NIBP_SYS", 126), (30, 11, "NIBP_DIA", 86),
    ]  # fmt: skip
    assert found.counts.sentence() == "12 rows read, 8 used, 3 refused (2 not readable, 1 of other quantities)"
    assert [notice.text for notice in found.notices if notice.kind in ("row-refused", "ignored")] == [
        "BP: what follows systolic and diastolic in its cells was left out",
        "quantities left out: BP Location",
        "row 4: 'see comment' is not systolic/diastolic",
        "row 11: 'cm' is no unit of BP sys",
    ]
    series = {one.signal: one for one in read_series(path).series}
    assert series["NIBP_SYS"].present.place.tolist() == [0, 5, 9, 11]
    assert [dia for dia in series["NIBP_DIA"].numbers.tolist() if dia == dia] == [80, 110, 86]
    assert differences(path, {})


@pytest.mark.parametrize(
    ("rows", "is_taken"),
    [
        ("0 BP 120/80,1 BP 118,2 BP 119,3 BP 120", True),  # its name says nothing else
        ("0 NBP 120/80,1 NBP 118", True),
        ("0 NBP 120/80,1 NBP 118,2 NBP 119", False),  # it is a mean, and one is refused
        ("0 BP 120/80,1 BP sys 121", False),  # two are called so
        ("0 BP /80,0 BP 131/85", True),  # parts of two measurements
        ("0 BP 120/80,1 BP ÄÄ/80", False),
        ("0 BP 120/80,1 BP " + 300 * "x", False),
        ("0 BP 120/80,1 BP 120/80,1 BP 121/81,1 HR 70,1 HR 71", True),
    ],
)
def test_which_flowsheets_are_read_in_columns(tmp_path: Path, rows: str, is_taken: bool) -> None:
    path = tmp_path / "table.csv"
    cells = (row.split(" ", 1) for row in rows.split(","))
    lines = (f"2026-03-01T09:00:0{second}Z,{','.join(rest.rsplit(' ', 1))}\n" for second, rest in cells)
    path.write_text("Time,Name,Value\n" + "".join(lines))
    assert (columns_of(path, Options()) is not None) is is_taken
    assert differences(path, {}) is is_taken


def test_pairs_of_a_mapping_are_taken_as_it_says(tmp_path: Path) -> None:
    path = tmp_path / "flowsheet.csv"
    path.write_text(FLOWSHEET)
    for columns, is_taken in (
        ({"BP": ""}, True),
        ({"BP sys": "", "BP dia": ""}, True),
        ({"BP sys": "ABP_SYS", "BP dia": "ABP_DIA", "Arterial Line BP": ""}, True),
        ({"BP dia": ""}, False),
        ({"BP": "NIBP_MEAN"}, True),
    ):
        assert differences(path, {"mapping": Overrides(columns=columns)}) is is_taken
    assert differences(path, {"mapping": Overrides(units={"BP": "mmHg"})})
    assert not differences(path, {"mapping": Overrides(units={"BP sys": "mmHg"})})


def test_of_many_pairs_that_are_none_a_hundred_are_told(tmp_path: Path) -> None:
    path = tmp_path / "flowsheet.csv"
    times = [f"2026-03-01T{n // 60:02d}:{n % 60:02d}:00Z" for n in range(400)]
    cells = ["120/80" if n % 2 else ("n.d.", "cm?", ">300")[n % 3] for n in range(400)]
    path.write_text("Time,Name,Value\n" + "".join(f"{t},BP,{c}\n{t},HR,x\n" for t, c in zip(times, cells, strict=True)))
    assert differences(path, {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_LONG", 0)
        found = read_recording(path)
    assert found.counts.refused == {"not readable": 600}
    told = [notice.text for notice in found.notices if notice.kind == "row-refused"]
    assert told[0] == "row 1: 'n.d.' is not systolic/diastolic"
    assert told[1] == "500 more rows or cells were refused; the counts hold them all"
    assert told[2:5] == [
        "row 2: 'x' is not a number",
        "row 4: 'x' is not a number",
        "row 5: '>300' is not systolic/diastolic",
    ]
    assert len(told) == 101
