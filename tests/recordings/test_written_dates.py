"""Dates as databases and spreadsheets write them, and columns by further names, beside those of other files."""

from __future__ import annotations

import pytest
from export_reading import read, told, values

from devices.recordings.base import ChoiceNeeded, DateOrder, RecordingError


@pytest.mark.parametrize(
    "written",
    ["21-MAR-26 09.00.01.500000000 AM", "21-Mar-26 09:00:01.5", "21MAR26:09:00:01.5", "21 March 26 9:00:01.5 AM"],
)
def test_a_year_of_two_digits_beside_a_month_by_name_is_asked(written: str) -> None:
    text = f"CHARTTIME,HR\n{written},71\n"
    with pytest.raises(ChoiceNeeded, match="is the year: say --date-order dmy or ymd") as asked:
        read(text)
    assert (asked.value.option, asked.value.among) == ("date_order", ("dmy", "ymd"))
    assert [one.time for one in read(text, date_order=DateOrder.DMY).readings] == [1_774_083_601_500_000]
    assert told(read(text, date_order=DateOrder.YMD))["HR"] == [("2021-03-26T09:00:01", 71)]
    with pytest.raises(RecordingError):
        read(text, date_order=DateOrder.MDY)


def test_what_only_looks_like_a_month_is_no_date() -> None:
    with pytest.raises(RecordingError, match="no times that are understood"):
        read("Time,HR\n21-abc-26 09:00,71\n")


def test_a_chinese_date_says_its_own_order() -> None:
    text = "时间,心率\n2026年3月21日 9:00:00,71\n2026年12月1日 21:00:01,72\n"
    assert told(read(text))["HR"] == [("2026-03-21T09:00:00", 71), ("2026-12-01T21:00:01", 72)]


def test_german_cuffs_and_synthea_and_fhir_by_their_names() -> None:
    cuff = "Datum;Uhrzeit;Systole;Diastole;Puls\n21.03.2026;09:00;128;82;71\n"
    assert values(read(cuff)) == {"NIBP_SYS": [128], "NIBP_DIA": [82], "PR": [71]}
    synthea = "DATE,PATIENT,CODE,DESCRIPTION,VALUE,UNITS\n2026-03-21T09:00:00Z,p1,8867-4,Heart rate,71,/min\n"
    assert values(read(synthea)) == {"HR": [71]}
    fhir = (
        "effectiveDateTime,code,display,value,unit\n2026-03-21T09:00:00+01:00,8867-4,Heart rate,71,/min\n"
        "2026-03-21T09:00:00+01:00,29463-7,Body weight,70,kg\n"
    )
    assert told(read(fhir)) == {"HR": [("2026-03-21T08:00:00", 71)]}


def test_delimiters_behind_the_header_and_every_row_hold_no_decimals() -> None:
    """An oximeter's file (O2Ring): Motion has single digits, and each line a comma more than columns."""
    rows = "2026-03-21 22:13:04,96,71,0,0,\n2026-03-21 22:13:08,96,70,3,0,\n"
    assert values(read(f"Time,SpO2(%),Pulse Rate(bpm),Motion,Reminder,\n{rows}")) == {"SPO2": [96, 96], "PR": [71, 70]}
    with pytest.raises(ChoiceNeeded, match="decimal commas"):
        read(f"Time,SpO2(%),Pulse Rate(bpm),Motion,Reminder\n{rows}")
