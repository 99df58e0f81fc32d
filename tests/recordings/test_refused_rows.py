"""Values of long tables that are refused: told row by row, whether the table is read in columns or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from table_writings import differences

from devices.recordings.base import Recording, read_recording
from devices.recordings.delimited import reader as delimited
from devices.recordings.delimited import utf8 as table_bytes
from devices.recordings.readings.in_columns import ColumnReadings

HEAD = "Time,Parameter,Value,Unit\n"


def in_columns(path: Path, text: str, **say: Any) -> Recording:
    """The recording, which is read in columns, and is the same row by row."""
    path.write_text(text, encoding="utf-8")
    assert differences(path, say)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_LONG", 0)
        found = read_recording(path, **say)
    assert isinstance(found.readings, ColumnReadings)
    return found


def refused(found: Recording) -> list[tuple[int, str, bytes]]:
    return [(each.received, each.text, each.raw) for each in found.notices if each.kind == "row-refused"]


@pytest.mark.parametrize("block", [1, 90, 1 << 21])
def test_each_refused_row_is_told_with_its_number_and_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(table_bytes, "_BLOCK", block)
    found = in_columns(
        tmp_path / "table.csv",
        HEAD + "2026-03-01T09:00:00Z,HR,see note,bpm\n"
        "2026-03-01T09:00:00Z,SpO2, 97 ,%\n"
        "2026-03-01T09:00:00Z,Rhythm,x,\n"
        "2026-03-01T09:00:01Z,SpO2,>90,%\n"
        "2026-03-01T09:00:01Z,HR,-1,bpm\n"
        "2026-03-01T09:00:02Z,HR,-5,bpm\n"
        "2026-03-01T09:00:02Z,ABP Sys,-5,mmHg\n"
        "2026-03-01T09:00:03Z,HR,71,bpm\n"
        '2026-03-01T09:00:03Z,SpO2,"1e999",%\n'
        "2026-03-01T09:00:04Z,HR,not taken: the cuff was on the arm of the probe,bpm\n",
    )
    assert refused(found) == [
        (0, "row 1: 'see note' is not a number", b"2026-03-01T09:00:00Z,HR,see note,bpm"),
        (3, "row 4: '>90' is not a number", b"2026-03-01T09:00:01Z,SpO2,>90,%"),
        (8, "row 9: '1e999' is not a number", b"2026-03-01T09:00:03Z,SpO2,1e999,%"),
        (
            9,
            "row 10: 'not taken: the cuff was on the arm of th' is not a number",
            b"2026-03-01T09:00:04Z,HR,not taken: the cuff was on the arm of the probe,bpm",
        ),
    ]
    assert [(r.received, r.signal, r.value) for r in found.readings] == [
        (1, "SPO2", 97),
        (6, "ABP_SYS", -5),
        (7, "HR", 71),
    ]
    assert found.counts.sentence() == (
        "10 rows read, 3 used, 7 refused (1 below 0, 4 not readable, 1 of other quantities, 1 unknown (-1))"
    )


@pytest.mark.parametrize("block", [1000, 1 << 21])
def test_of_many_refused_rows_the_first_hundred_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """Of two quantities, whose texts differ all: every row in three is refused."""
    monkeypatch.setattr(table_bytes, "_BLOCK", block)
    rows = (
        f"2026-03-01T09:{row // 120:02d}:{row // 2 % 60:02d}Z,{'HR' if row % 2 else 'RR'},"
        + (f"no. {row}" if row % 3 == 2 else str(10 + row % 50))
        + ",/min\n"
        for row in range(900)
    )
    found = in_columns(tmp_path / "table.csv", HEAD + "".join(rows))
    told = refused(found)
    assert [text for _, text, _ in told[1:101]] == [
        f"row {row + 1}: 'no. {row}' is not a number" for row in range(2, 302, 3)
    ]
    assert told[0][1] == "200 more rows or cells were refused; the counts hold them all"
    assert len(told) == 101
    assert found.counts.sentence() == "900 rows read, 600 used, 300 refused (300 not readable)"


@pytest.mark.parametrize(
    ("refused_cell", "mark"),
    [("Dr. Smith, asleep", ","), ("siehe Notiz", ","), ("12:30", ","), ("> 1.5", ","), ("ungültig", ",")],
)
def test_a_text_does_not_show_the_decimal_mark(tmp_path: Path, refused_cell: str, mark: str) -> None:
    rows = "".join(
        f"2026-03-01T09:00:0{n}Z;{name};{cell}\n"
        for n, (name, cell) in enumerate(
            [("Temp", refused_cell), ("Note", refused_cell), ("Temp", "36,5"), ("Note", "1. bed"), ("Temp", "36,7")], 1
        )
    )
    found = in_columns(tmp_path / "table.csv", "Time;Parameter;Value\n2026-03-01T09:00:00Z;HR;71\n" + rows)
    assert found.explanation.decimal_mark == mark
    assert [text for _, text, _ in refused(found)] == [
        f"row 2: {refused_cell!r} is not a number" + (" with a decimal comma" if "." in refused_cell else "")
    ]
    assert [r.value for r in found.readings] == [71, 36.5, 36.7]


@pytest.mark.parametrize("cell", ["1.5.2", "1,5,2", "36.5", "1.5e", "0.33333333333333333333333333"])
def test_what_could_be_a_number_with_another_mark_is_left_to_the_rows(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        "Time;Parameter;Value\n"
        f"2026-03-01T09:00:00Z;HR;71\n2026-03-01T09:00:01Z;Temp;36,5\n2026-03-01T09:00:02Z;Temp;{cell}\n"
    )
    assert not differences(path, {})


@pytest.mark.parametrize(
    ("rows", "is_taken"),
    [
        ("NBP,120/80", True),  # a pair
        ("NBP,120/x", False),
        ("NBP,refused", True),
        ("HR,120/80", True),
        ("BP,refused", True),
        ("BP,120 / 80", True),
        ("NISysABP,120\n2026-03-01T09:00:02Z,MAP,-3", False),  # there MAP is an arterial line's, which may be below 0
    ],
)
def test_pairs_are_no_refused_values(tmp_path: Path, rows: str, is_taken: bool) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"Time,Parameter,Value\n2026-03-01T09:00:00Z,HR,71\n2026-03-01T09:00:01Z,{rows}\n")
    assert differences(path, {}) is is_taken


def test_a_refused_last_value_without_a_line_end_is_told(tmp_path: Path) -> None:
    """It is refused before it is doubted; one below 0 is counted."""
    text = "Time,Parameter,Value\n2026-03-01T09:00:00Z,HR,71\n2026-03-01T09:00:01Z,HR,72\n2026-03-01T09:00:02Z,HR,"
    found = in_columns(tmp_path / "table.csv", text + "x")
    assert [(one.kind, one.text) for one in found.notices] == [("row-refused", "row 3: 'x' is not a number")]
    found = in_columns(tmp_path / "table.csv", text + "-7")
    assert (found.notices, found.counts.refused) == ([], {"below 0": 1})


def test_characters_whose_encoding_rests_on_the_whole_file_are_left_to_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_bytes, "_HEAD", 60)
    path = tmp_path / "table.csv"
    text = HEAD + "2026-03-01T09:00:00Z,HR,71,bpm\n2026-03-01T09:00:01Z,HR,müde,bpm\n"
    path.write_text(text, encoding="cp1252")
    assert not differences(path, {})
    path.write_text(text, encoding="utf-8")
    assert not differences(path, {})


@pytest.mark.parametrize("block", [1, 1 << 21])
def test_rows_in_a_unit_that_is_none_of_the_quantity_are_each_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """Also those without a value; a unit behind the number counts in its place."""
    monkeypatch.setattr(table_bytes, "_BLOCK", block)
    text = HEAD + (
        "2026-03-01T09:00:00Z,RR,12,br/min\n2026-03-01T09:00:00Z,HR,71,bpm\n"
        "2026-03-01T09:00:01Z,RR,,br/min\n2026-03-01T09:00:01Z,HR,72,mmHg\n2026-03-01T09:00:02Z,RR,13,1/min\n"
    )
    found = in_columns(tmp_path / "table.csv", text)
    assert refused(found) == [
        (0, "row 1: 'br/min' is no unit of RR", b"2026-03-01T09:00:00Z,RR,12,br/min"),
        (2, "row 3: 'br/min' is no unit of RR", b"2026-03-01T09:00:01Z,RR,,br/min"),
        (3, "row 4: 'mmHg' is no unit of HR", b"2026-03-01T09:00:01Z,HR,72,mmHg"),
    ]
    assert [(r.received, r.signal, r.value) for r in found.readings] == [(1, "HR", 71), (4, "RR", 13)]
    path = tmp_path / "table.csv"
    path.write_text(text + "2026-03-01T09:00:03Z,RR,14 1/min,br/min\n")
    assert not differences(path, {})


def test_a_unit_behind_a_number_whose_encoding_is_open_is_left_to_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_bytes, "_HEAD", 60)
    path = tmp_path / "table.csv"
    text = HEAD + "2026-03-01T09:00:00Z,HR,71,bpm\n2026-03-01T09:00:01Z,Temp,36 °C,furlong\n"
    for encoding in ("cp1252", "utf-8"):
        path.write_text(text, encoding=encoding)
        assert not differences(path, {})


def test_delimiters_at_the_ends_of_rows_are_no_part_of_what_is_told(tmp_path: Path) -> None:
    text = HEAD + "2026-03-01T09:00:00Z,HR,asleep,/min,,\n2026-03-01T09:00:01Z,HR,71,/min,,\n"
    found = in_columns(tmp_path / "table.csv", text)
    assert refused(found) == [(0, "row 1: 'asleep' is not a number", b"2026-03-01T09:00:00Z,HR,asleep,/min")]
