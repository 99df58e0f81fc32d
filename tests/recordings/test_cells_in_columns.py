"""Cells of text tables that are more than a plain number or text, in columns as they are row by row."""

from __future__ import annotations

from pathlib import Path

import pytest
from table_writings import differences

from devices.recordings.base import read_recording
from devices.recordings.delimited import utf8 as table_bytes
from devices.recordings.delimited.columns import columns_of
from devices.recordings.options import Options

WIDE, LONG = "Time,HR,SpO2,Note\n", "Time,Parameter,Value,Note\n"
TIMES = [f"2026-03-01T09:00:0{second}Z" for second in range(4)]


@pytest.mark.parametrize("block", [1, 1 << 21])
@pytest.mark.parametrize("head", [WIDE, LONG])
@pytest.mark.parametrize(
    ("note", "is_taken"),
    [
        ('"asleep, on his side"', True),
        ('"a, b, c"', True),
        ('"a;b"', True),
        ('","', False),  # between commas this could be a number with a decimal comma
        ('"97,5"', False),
        ('"see 97,5"', True),
        ('"the ""best"", as ever"', False),
        ('"not closed, at all', False),
        ('a "b, c" d', False),
        ('"a, b" c', False),
    ],
)
def test_a_delimiter_in_quotes_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str, note: str, is_taken: bool, block: int
) -> None:
    monkeypatch.setattr(table_bytes, "_BLOCK", block)
    path = tmp_path / "table.csv"
    row = "71,97" if head == WIDE else "HR,71"
    path.write_text(head + "".join(f"{time},{row},{note if time != TIMES[1] else ''}\n" for time in TIMES))
    assert differences(path, {}) is is_taken
    if is_taken:
        assert [r.value for r in read_recording(path).readings if r.signal == "HR"] == [71] * 4


def test_quoted_and_missing_delimiters_do_not_make_good_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(WIDE + f'{TIMES[0]},71,97,"a, b"\n{TIMES[1]},72,98\n')
    assert differences(path, {})
    found = read_recording(path)
    assert [r.value for r in found.readings if r.signal == "HR"] == [71]
    assert found.counts.refused == {"of another length": 1}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["71 bpm", "72/min", "73", "74 BPM"], [71, 72, 73, 74]),
        (["71 bpm", "", "-", "x bpm"], [71, None, None, None]),
        (["71.5 bpm", "72 bpm", "73.25bpm", "74"], [71.5, 72, 73.25, 74]),
        (["1.2 Hz", "72 bpm", "73", "74"], None),  # two units
        (["71 (bpm)", "72", "73", "74"], None),  # read so in long tables alone
        (["71 mmHg", "72", "73", "74"], None),
        (["7.1.1 bpm", "72", "73", "74"], None),
    ],
)
@pytest.mark.parametrize("is_long", [False, True])
def test_a_number_with_its_columns_unit_is_the_number(
    tmp_path: Path, cells: list[str], expected: list[float | None] | None, is_long: bool
) -> None:
    path = tmp_path / "table.csv"
    head, name = ("Time,Parameter,Value\n", "HR,") if is_long else ("Time,HR\n", "")
    path.write_text(head + "".join(f"{time},{name}{cell}\n" for time, cell in zip(TIMES, cells, strict=True)))
    assert differences(path, {}) is (expected is not None)
    if expected is not None:
        found = columns_of(path, Options())
        assert found is not None
        assert [r.value for r in read_recording(path).readings] == [one for one in expected if one is not None]


@pytest.mark.parametrize(
    ("cells", "is_taken"), [(("36,5", "36,6 C"), True), (("36,6 C", "36,5"), False), (("36,6 C", "36"), False)]
)
def test_a_unit_behind_a_number_leaves_the_decimal_mark_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: tuple[str, str], is_taken: bool
) -> None:
    """Only a plain number shows it, here in a block of its own."""
    monkeypatch.setattr(table_bytes, "_BLOCK", 1)
    path = tmp_path / "table.csv"
    between = "".join(f"2026-03-01T09:00:{second}Z;HR;71\n" for second in range(10, 50))
    path.write_text(
        f"Time;Parameter;Value\n{TIMES[0]};Temp;{cells[0]}\n{between}2026-03-01T09:01:00Z;Temp;{cells[1]}\n"
    )
    assert differences(path, {}) is is_taken


def test_a_last_value_with_a_unit_and_no_line_end_is_left_to_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Time,Parameter,Value\n" + "".join(f"{time},HR,71 bpm\n" for time in TIMES)[:-5])
    assert not differences(path, {})
