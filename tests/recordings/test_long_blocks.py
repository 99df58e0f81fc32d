"""Long tables in which each quantity stands by itself, with times from a start that begin anew with each."""

from __future__ import annotations

from pathlib import Path

import pytest
from table_writings import differences

from devices import instant
from devices.errors import ChoiceNeeded
from devices.recordings.base import Overrides, read_recording, read_series
from devices.recordings.delimited import reader as delimited
from devices.recordings.delimited import utf8 as table_bytes
from devices.recordings.readings.in_columns import ColumnReadings

Rows = list[tuple[int, str, str]]


@pytest.fixture(params=[40, 1 << 21])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a table that is to be read in columns."""
    monkeypatch.setattr(table_bytes, "_BLOCK", request.param)
    monkeypatch.setattr(delimited, "_LONG", 0)
    return tmp_path / "table.csv"


def rows(name: str, level: int, seconds: range = range(20)) -> Rows:
    return [(second, name, f"{level + second % 7}") for second in seconds]


def write(path: Path, *parts: Rows) -> None:
    text = "".join(f"{second},{name},{value}\n" for part in parts for second, name, value in part)
    path.write_text(f"Time (s),name,value\n{text}")


def test_each_quantity_by_itself_is_one_recording(path: Path) -> None:
    """By hand."""
    write(path, rows("HR", 60), rows("SpO2", 90), [(3, "NIBP", "120/80"), (13, "NIBP", "131/85")])
    found = read_recording(path)
    assert isinstance(found.readings, ColumnReadings)
    held = [(r.time // instant.SECOND, r.received, r.signal, r.value) for r in found.readings]
    assert held[:3] == [(0, 0, "HR", 60), (0, 20, "SPO2", 90), (1, 1, "HR", 61)]
    assert [each for each in held if each[2].startswith("NIBP")] == [
        (3, 40, "NIBP_SYS", 120), (3, 40, "NIBP_DIA", 80), (13, 41, "NIBP_SYS", 131), (13, 41, "NIBP_DIA", 85)
    ]  # fmt: skip
    assert [one.text for one in found.notices] == [
        "the times go back 2 times; values were put in the order of their times"
    ]
    assert {one.signal: len(one.present.values) for one in read_series(path).series} == {
        "HR": 20, "SPO2": 20, "NIBP_SYS": 2, "NIBP_DIA": 2
    }  # fmt: skip
    assert differences(path, {})


def test_a_second_recording_behind_the_first_is_asked_about(path: Path) -> None:
    write(path, rows("SpO2", 90), rows("HR", 60), rows("HR", 80), rows("SpO2", 95))
    for read in (read_recording, read_series):
        # Of the quantity that stands first.
        with pytest.raises(ChoiceNeeded, match=r"the times begin anew in row 61 \(19 s, then 0 s\)"):
            read(path)
    assert not differences(path, {})
    assert differences(path, {"mapping": Overrides(one_patient=True)})


def test_rows_that_are_not_read_do_not_begin_anew(path: Path) -> None:
    write(path, rows("HR", 60), rows("Note", 1), [(4, "HR", "x"), (30, "HR", "70")], rows("Note", 1), rows("RR", 12))
    assert differences(path, {})
    assert len(read_recording(path).readings) == 41
