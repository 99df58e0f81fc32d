"""Tables of the University of Queensland in columns; curves and delimiters at the ends of rows in any table."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture_writings import in_columns, left_to_rows, of, told
from table_writings import differences

from devices.recordings.base import RecordingError, read_recording
from devices.recordings.delimited import reader as delimited

UQ = "Time,RelativeTimeMilliseconds,Clock,HR,Pulse,SpO2,NBP (Sys),NBP (Dia),NBP (Pulse),ART (Mean)"


def test_what_follows_a_row_of_queensland_is_cut_off(tmp_path: Path) -> None:
    rows = [
        "0:00:00,0,23:59:59,80,81,97,,,,",
        "0:00:00,10,23:59:59,,,,120,80,79,93,HR high, 120,,x",
        "0:00:00,20,23:59:59,82,81,98,120,80,79,,",
        "0:00:00,30,0:00:00,0,81,98,,,,94, 7",
    ]
    for end in ("\n", "\r\n"):
        found = in_columns(tmp_path / "trenddata.csv", "\ufeff" + end.join([UQ, *rows, ""]))
        assert [(each.time, each.received, each.source, each.value) for each in found.readings] == [
            (0, 0, "csv:HR", 80), (0, 0, "csv:Pulse", 81), (0, 0, "csv:SpO2", 97),
            (10_000, 1, "csv:NBP (Sys)", 120), (10_000, 1, "csv:NBP (Dia)", 80),
            (10_000, 1, "csv:nibp.NBP (Pulse)", 79), (10_000, 1, "csv:ART (Mean)", 93),
            (20_000, 2, "csv:HR", 82), (20_000, 2, "csv:Pulse", 81), (20_000, 2, "csv:SpO2", 98),
            (30_000, 3, "csv:HR", None), (30_000, 3, "csv:Pulse", 81), (30_000, 3, "csv:SpO2", 98),
            (30_000, 3, "csv:ART (Mean)", 94),
        ]  # fmt: skip
        assert (found.relative, found.counts.rows, found.counts.used, found.counts.repeats) == (True, 4, 4, 1)
        assert found.counts.refused == {}


def test_a_longer_row_that_heads_other_columns_is_left_to_the_rows(tmp_path: Path) -> None:
    """Its second cell is a number, as a time is."""
    rows = "0:00:00,0,,80,,,,,,\nTime,10,Clock,SpO2,HR,,,,,,x\n0:00:00,20,,97,82,,,,,\n"
    left_to_rows(tmp_path / "trenddata.csv", f"{UQ}\n{rows}")


def test_a_curve_is_left_out_and_its_rows_count_as_used(tmp_path: Path) -> None:
    """At 10 ms; some rows are further apart. Rows in which only the curve has a value are used, as told."""

    def table(fast: int, since: int = 10) -> str:
        now, rows = 0, []
        for row in range(60):
            now += fast if row >= since else 1000
            rows.append(f"x,{now},,{80 if row % 20 == 0 else ''},{100 + row % 9},,,,,\n")
        return f"{UQ}\n" + "".join(rows).replace("x,", "0:00:00,")

    found = in_columns(tmp_path / "trenddata.csv", table(10))
    assert {each.source for each in found.readings} == {"csv:HR"}
    assert found.counts.used == 60
    assert "Pulse was left out: it changes more often than numbers do, so it is a curve" in told(found, "ignored")
    for slow in (table(250), table(10, 50)):
        assert len(of(in_columns(tmp_path / "trenddata.csv", slow), "Pulse")) == 60
    odd = table(10).replace(",80,104,,", ",80,255,0,")  # a mark beside no saturation
    assert in_columns(tmp_path / "trenddata.csv", odd).counts.refused == {"of an oximeter without a signal": 1}


def test_pressures_of_one_text_are_two_columns_and_a_curve_of_that_name_is_none(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = "".join(f"2026-03-01T09:00:{n:02d}Z,{120 + n}/{80 + n},70\n" for n in range(30))
    pairs = in_columns(path, "Time,RR,HR\n" + rows)
    assert of(pairs, "RR sys") == [(n, 120 + n) for n in range(30)]
    assert of(pairs, "RR dia") == [(n, 80 + n) for n in range(30)]
    found = in_columns(path, "Date,ABP,HR\n" + "".join(f"13/1/2026 9:00:{n:02d},{n / 9:.3f},70\n" for n in range(30)))
    assert {each.source for each in found.readings} == {"csv:HR"}
    assert told(found, "ignored") == ["columns left out: ABP"]


def test_the_pulse_beside_a_silent_rate_is_the_cuffs(tmp_path: Path) -> None:
    rows = [f"2026-03-01T09:{n:02d}:00Z,0,{70 + n},{120 + n},80\n" for n in range(30)]
    left_to_rows(tmp_path / "table.csv", "Time,HR,Pulse,NBPs,NBPd\n" + "".join(rows))


def parts(folder: Path, *texts: str) -> Path:
    for number, text in zip((2, 9, 10), texts, strict=False):
        (folder / f"uq_vsd_case01_fulldata_{number}.csv").write_text(text)
    return folder / "uq_vsd_case01_fulldata_9.csv"


def test_the_parts_of_a_case_are_read_as_one_table(tmp_path: Path) -> None:
    texts = [
        f"{UQ}\n" + "".join(f"x,{now},,{60 + now // 100},,,,,,93,a,b\n" for now in range(begin, begin + 50, 10))
        for begin in (0, 50, 2000)
    ]
    found = in_columns(parts(tmp_path, *[text.replace("x,", "0:00:00,") for text in texts]))
    times = [*range(0, 100, 10), *range(2000, 2050, 10)]
    assert [each.time // 1000 for each in found.readings if each.source == "csv:HR"] == times
    assert of(found, "HR") == [(row, 60 + time // 100) for row, time in enumerate(times)]
    assert found.explanation.files == tuple(f"uq_vsd_case01_fulldata_{number}.csv" for number in (2, 9, 10))
    assert told(found, "device-event") == ["3 parts of one case were joined: 2 to 10"]
    assert told(found, "incomplete") == ["parts of the case are not there: 3, 4, 5, 6, 7, 8"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"{UQ}\n", f"{UQ},Temp\n0:00:00,20,,71,,,,,,93,36\n"),  # another header
        (f"x\n{UQ}\n", f"x\n{UQ}\n0:00:00,20,,71,,,,,,93\n"),  # a line that is no row
        (f"{UQ}\n", f"{UQ}\n,ms,,bpm,bpm,%,mmHg,mmHg,,mmHg\n0:00:00,20,,71,,,,,,93\n"),  # units
        (f"{UQ}\n", f"{UQ}\n0:00:00,5,,71,,,,,,93\n"),  # times that go back
        (f"{UQ}\n", f"{UQ}\n0:00:00,20,,71,,,,,,9"),  # a last value that may be cut
        (f"{UQ}\n", "nothing\n"),
    ],
)
def test_parts_that_do_not_go_on_alike_are_left_to_the_rows(tmp_path: Path, first: str, second: str) -> None:
    path = parts(tmp_path, f"{first}0:00:00,0,,70,,,,,,93\n0:00:00,10,,70,,,,,,93\n", second)
    assert not differences(path, {})


def test_parts_in_this_programs_own_form_are_joined_too(tmp_path: Path) -> None:
    rows = [f"2026-03-01T09:00:0{n}Z,HR,{70 + n},/min,ok,x\n" for n in range(4)]
    head = "time,signal,value,unit,status,source\n"
    path = parts(tmp_path, head + "".join(rows[:2]), head + "".join(rows[2:]))
    assert not differences(path, {})
    assert [each.value for each in read_recording(path).readings] == [70, 71, 72, 73]


def test_a_mark_behind_every_row_of_a_wide_table_is_no_cell(tmp_path: Path) -> None:
    """Of more than 64 columns, which are kept otherwise row by row; a last value with a mark behind it is whole."""
    names = ",".join(["Time", "HR", *(f"X{n}" for n in range(70)), "RR"])
    rows = [f"2026-03-01T09:00:{n:02d}Z,70{',' * 71}12," for n in range(20)]
    path = tmp_path / "table.csv"
    found = in_columns(path, "\n".join([names + ",", *rows, ""]))
    assert of(found, "RR") == [(row, 12) for row in range(20)]
    left_to_rows(path, "\n".join([names, *rows, rows[-1].replace(":19Z", ":20Z")[:-2] + ","]))
    assert of(read_recording(path), "RR")[-1] == (20, 1)
    units = ",bpm," + "," * 70 + "1/min,"
    assert in_columns(path, "\n".join([names, units, *rows, ""])).mapping[-1].unit == "1/min"


def test_a_refusal_names_the_case_as_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_LONG", 0)
    path = parts(tmp_path, f"{UQ}\n0:00:02,2000,,70,,,,,,\n", f"{UQ}\n0:00:00,0,,70,,,,,,\n")
    with pytest.raises(RecordingError, match=r"fulldata_2.csv, .*_9.csv do not follow each other"):
        read_recording(path)
