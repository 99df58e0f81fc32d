"""Decimal commas that stand unquoted between commas: no value is taken for that of the column before."""

from __future__ import annotations

from pathlib import Path

import pytest
from table_writings import differences

from devices import instant
from devices.recordings.base import ChoiceNeeded, Overrides, RecordingError, read_recording
from devices.recordings.delimited import reader as delimited

HEAD = "Time,Temp,SpO2,NIBP Sys,NIBP Dia,Note"


def table(path: Path, rows: list[str], head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *(f"2026-03-01T09:{n:02d}:00Z,{row}" for n, row in enumerate(rows))]) + "\n")
    return path


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize(
    "rows",
    [
        ["36,8,97,120,80,", "36,9,98,121,81,", "37,0,97,119,79,"],  # each row has its tenth
        ["36,8,97,120,80,", "37,98,121,81,", ",97,119,79,"],  # a whole number, and none
    ],
)
def test_a_tenth_is_no_saturation_and_a_saturation_no_pressure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[str], columns: bool
) -> None:
    """36,8 degC and 97 % would be 36 degC, 8 % and a systolic of 97."""
    monkeypatch.setattr(delimited, "_LONG", 0 if columns else 1 << 60)
    path = table(tmp_path / "table.csv", rows)
    with pytest.raises(ChoiceNeeded, match=r"'SpO2' holds but single digits behind the numbers of 'Temp'.*36,8"):
        read_recording(path)
    with pytest.raises(RecordingError, match="save the table with semicolons") as refused:
        read_recording(path, mapping=Overrides(decimal_mark=","))
    assert not isinstance(refused.value, ChoiceNeeded)


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("Time,HR,Pain", ["70,3,", "71,4,"]),  # a score, if the point is said to be the mark
        ("Time,HR,SpO2", ["70,97,", "71,98,"]),  # a comma at each row's end
        ("Time,HR,SpO2", ["70,9", "71,8"]),  # no comma more than the header's
    ],
)
def test_what_is_no_tenth_is_read(tmp_path: Path, head: str, rows: list[str]) -> None:
    path = table(tmp_path / "table.csv", rows, head)
    said = Overrides(decimal_mark=".") if "Pain" in head else Overrides()
    found = read_recording(path, mapping=said)
    begins = instant.parse("2026-03-01T09:00:00Z")
    rates = [((r.time - begins) // instant.MINUTE, r.value) for r in found.readings if r.signal == "HR"]
    assert rates == [(0, 70), (1, 71)]
    differences(path, {"mapping": said})
