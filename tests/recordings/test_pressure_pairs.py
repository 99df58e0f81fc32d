"""Pressures written as 120/80: one cuff tuple, in every layout; what is no pair is never taken for a systolic."""

from __future__ import annotations

from pathlib import Path

import pytest
from table_writings import differences

from devices.reading import Reading
from devices.recordings.base import Overrides, Recording, RecordingError, read_recording, read_series
from devices.recordings.delimited.reader import read_text
from devices.recordings.options import Options


def read(text: str, **options: object) -> Recording:
    return read_text(text, Options(**options), "export.csv")  # type: ignore[arg-type]


def cuff(readings: list[Reading], first: str = "NIBP_") -> list[tuple[int, str, float | None]]:
    begin = min(each.time for each in readings)
    return [((r.time - begin) // 60_000_000, r.signal, r.value) for r in readings if r.signal.startswith(first)]


EXPECTED = [(0, "NIBP_SYS", 120), (0, "NIBP_DIA", 80), (10, "NIBP_SYS", 131), (10, "NIBP_DIA", 85)]


@pytest.mark.parametrize("name", ["BP", "NIBP", "NBP", "Blood Pressure (mmHg)", "RR", "Sys/Dia", "TA"])
@pytest.mark.parametrize("form", ["{}/{}", " {} / {} ", "{}/{} mmHg", "{}/{} (93)", "{}/{}/72"])
def test_a_pair_in_one_cell_is_one_measurement(name: str, form: str) -> None:
    one, other = form.format(120, 80), form.format(131, 85)
    recording = read(
        f"Time,{name},HR,SpO2\n2026-03-01T09:00:00Z,{one},70,97\n2026-03-01T09:05:00Z,,71,98\n"
        f"2026-03-01T09:10:00Z,{other},72,99\n"
    )
    assert cuff(recording.readings) == EXPECTED
    assert [r.value for r in recording.readings if r.signal == "HR"] == [70, 71, 72]
    assert [r.value for r in recording.readings if r.signal == "SPO2"] == [97, 98, 99]
    receipts = [r.received for r in recording.readings if r.signal.startswith("NIBP_")]
    assert receipts[0] == receipts[1] != receipts[2] == receipts[3]
    told = any("what follows systolic and diastolic" in notice.text for notice in recording.notices)
    assert told == ("93" in form or "72" in form)


def test_what_is_no_pair_is_refused_and_counted() -> None:
    recording = read(
        "Time,HR,BP\n2026-03-01T09:00:00Z,70,120/80\n2026-03-01T09:05:00Z,71,118\n2026-03-01T09:06:00Z,72,--/--\n"
        "2026-03-01T09:10:00Z,73,131/85\n"
    )
    assert cuff(recording.readings) == EXPECTED
    assert recording.counts.refused == {"cells that are no number": 1}
    assert any("'118' is not systolic/diastolic" in notice.text for notice in recording.notices)


def test_numbers_under_such_a_name_stay_left_out() -> None:
    recording = read("Time,HR,BP\n2026-03-01T09:00:00Z,70,93\n2026-03-01T09:05:00Z,71,95\n")
    assert {r.signal for r in recording.readings} == {"HR"}
    assert any(notice.text == "columns left out: BP" for notice in recording.notices)
    with pytest.raises(RecordingError, match="no known signal"):
        read("Time,BP\n2026-03-01T09:00:00Z,93\n")


def test_kilopascals_and_decimal_commas() -> None:
    recording = read("Time;RR (kPa)\n2026-03-01T09:00:00Z;16,0/10,6\n2026-03-01T09:10:00Z;17,5/11,0\n")
    assert cuff(recording.readings) == [
        (0, "NIBP_SYS", 120.00992), (0, "NIBP_DIA", 79.506572), (10, "NIBP_SYS", 131.26085), (10, "NIBP_DIA", 82.50682)
    ]  # fmt: skip


def test_pairs_in_another_unit_than_their_columns_are_refused(tmp_path: Path) -> None:
    text = "Time,BP (kPa)\n2026-03-01T09:00:00Z,16/10\n2026-03-01T09:05:00Z,16/10\n2026-03-01T09:10:00Z,120/80 mmHg\n"
    path = tmp_path / "table.csv"
    path.write_text(text)
    differences(path, {})
    recording = read(text)
    assert cuff(recording.readings)[-1] == (5, "NIBP_DIA", 75.0062)
    assert any("'120/80 mmHg' is not systolic/diastolic" in notice.text for notice in recording.notices)


def test_a_cut_last_cell_is_not_used() -> None:
    text = "Time,HR,BP\n2026-03-01T09:00:00Z,70,120/80\n2026-03-01T09:05:00Z,70,121/80\n2026-03-01T09:10:00Z,72,131/8"
    assert ("NIBP_DIA", 8) not in [(r.signal, r.value) for r in read(text).readings]


def test_beside_columns_of_their_own_they_are_refused_or_left_out() -> None:
    with pytest.raises(RecordingError, match="hold the same cuff value"):
        read("Time,NIBP,NIBP Sys,NIBP Dia\n2026-03-01T09:00:00Z,120/80,121,81\n")
    both = read("Time,HR,BP,NIBP Sys,NIBP Dia\n2026-03-01T09:00:00Z,70,120/80,121,81\n")
    assert cuff(both.readings) == [(0, "NIBP_SYS", 121), (0, "NIBP_DIA", 81)]
    told = read("Time,HR,BP\n2026-03-01T09:00:00Z,70,120/80\n", mapping={"BP": ""})
    assert {r.signal for r in told.readings} == {"HR"}


def test_a_long_table_of_pairs() -> None:
    recording = read(
        "Time,Parameter,Value\n2026-03-01T09:00:00Z,Blood Pressure,120/80\n2026-03-01T09:00:00Z,HR,70\n"
        "2026-03-01T09:10:00Z,Blood Pressure,131/85\n"
    )
    assert cuff(recording.readings) == EXPECTED
    assert (recording.counts.rows, recording.counts.used) == (3, 3)


def test_in_a_wide_table_of_many_columns_and_in_series(tmp_path: Path) -> None:
    more = ",".join(f"X{i}" for i in range(80))
    rows = "".join(
        f"2026-03-01T09:{m:02d}:00Z,7{m // 10},{bp},{'1,' * 79}1\n" for m, bp in ((0, "120/80"), (10, "131/85"))
    )
    path = tmp_path / "wide.csv"
    path.write_text(f"Time,HR,BP,{more}\n{rows}")
    recording = read_recording(path)
    assert cuff(recording.readings) == EXPECTED
    series = {one.signal: one.numbers.tolist() for one in read_series(path).series}
    assert series == {"HR": [70, 71], "NIBP_SYS": [120, 131], "NIBP_DIA": [80, 85]}


def test_in_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    times = ["2026-03-01T09:00:00Z", "2026-03-01T09:10:00Z"]
    pq.write_table(
        pa.table({"Time": times, "Ward": ["a", "a"], "BP": ["120/80", "131/85"], "HR": [70, 71]}),
        tmp_path / "p.parquet",
    )
    assert cuff(read_recording(tmp_path / "p.parquet").readings) == EXPECTED


def test_the_method_can_be_said() -> None:
    rows = "".join(f"2026-03-01T09:00:{s:02d}Z,{120 + s}/80\n" for s in range(20))
    assert {r.signal for r in read("Time,BP\n" + rows).readings} == {"ABP_SYS", "ABP_DIA"}
    said = Overrides(columns={"BP sys": "NIBP_SYS", "BP dia": "NIBP_DIA"})
    found = read("Time,BP\n" + rows, overrides=said, mapping=dict(said.columns)).readings
    assert len(found) == 40
    assert {r.signal for r in found} == {"NIBP_SYS", "NIBP_DIA"}
