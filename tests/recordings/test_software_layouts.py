"""Tables as programs in hospitals, at home and in laboratories write them, where a wrong number is near.

Each specimen is made: the layout is theirs (looked up in public examples), the numbers are not.
"""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from export_reading import read, told, values

from devices import instant
from devices.recordings.base import ChoiceNeeded, DateOrder, Recording, RecordingError, read_recording
from devices.recordings.delimited import reader
from devices.recordings.overrides import Overrides


def times(recording: Recording, signal: str = "HR") -> list[str]:
    return [when for when, _ in told(recording)[signal]]


# -- What sums readings up is no reading -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows",
    [
        "Mean,1,72\nSD,1,2\nMax,2,74\n",
        "Average,1,72\n",
        "24h mean,1,72\n",
        "Mean of all,1,72\nSD,1,2\n",
        "平均,1,72\n",
        "Mean,1,72\n50%,1,72\n",
    ],
)
def test_rows_of_statistics_that_bear_a_time_are_no_readings(rows: str) -> None:
    recording = read(f"Row,Time (min),HR\n1,0,70\n2,1,72\n3,2,74\n{rows}")
    assert told(recording) == {"HR": [("0", 70), ("60", 72), ("120", 74)]}
    assert recording.counts.refused == {"of statistics": rows.count("\n")}


def test_a_long_table_that_ends_with_its_maximum_is_read_without_it(tmp_path: Path) -> None:
    rows = "".join(f"{n},{n},{60 + n % 9},97\n" for n in range(20_000))
    path = tmp_path / "night.csv"
    path.write_text(f"Row,Time (s),HR,SpO2\n{rows}Mean,19999,64,97\nMax,19999,68,97\n")
    recording = read_recording(path)
    assert len(recording.readings) == 40_000
    assert recording.counts.refused == {"of statistics": 2}


@pytest.mark.parametrize(
    "text",
    [
        ",Time (s),HR\ncount,3.0,3.0\nmean,1.0,72.0\nstd,1.0,2.0\nmin,0.0,70.0\n25%,0.5,71.0\nmax,2.0,74.0\n",  # pandas
        "Time,Type,HR\n2023-05-13 10:00,Min,60\n2023-05-13 10:00,Mean,70\n2023-05-13 10:00,Max,80\n",
        "Time,Parameter,Statistic,Value\n2023-05-13 10:00,HR,min,60\n2023-05-13 10:00,HR,mean,70\n",
    ],
)
def test_a_table_of_nothing_but_statistics_is_refused(text: str) -> None:
    with pytest.raises(RecordingError, match="all rows of the table are statistics"):
        read(text)


def test_what_only_sounds_like_a_statistic_is_read() -> None:
    averages = "Type,Time,HR\nAverage,2023-05-13 10:00,70\nAverage,2023-05-13 10:01,71\n"
    assert values(read(averages)) == {"HR": [70, 71]}  # a trend of averages is all that there is
    phases = "Phase,Time,HR\n5 min,2023-05-13 10:05,70\n10 min,2023-05-13 10:10,71\nMax,2023-05-13 10:15,150\n"
    assert values(read(phases)) == {"HR": [70, 71, 150]}
    notes = "Note,Time,HR\nmean cuff pain,2023-05-13 10:05,70\nAverage sleeper,2023-05-13 10:10,71\n"
    assert values(read(notes)) == {"HR": [70, 71]}
    wards = "Ward,Time,HR\nSD,2023-05-13 10:05,70\nICU,2023-05-13 10:10,71\n"
    assert values(read(wards)) == {"HR": [70, 71]}
    pages = "Time,HR\n2023-05-13 10:05,70\nSummary report\nTime,HR\n2023-05-13 10:10,71\n"
    assert values(read(pages)) == {"HR": [70, 71]}
    users = "User,Date,Time,Sys,Dia\nMax,13/05/2023,10:00,128,80\nAnna,13/05/2023,10:10,118,70\n"
    with pytest.raises(ChoiceNeeded, match="Anna, Max"):
        read(users)


def test_hourly_averages_behind_an_ambulatory_monitors_readings_are_not_read() -> None:
    head = "Date,Time,Sys,Dia,HR\n"
    recording = read(
        f"{head}13/05/2023,10:00,130,80,70\n13/05/2023,10:20,132,84,71\n"
        f"Hourly averages\n{head}13/05/2023,10:00,131,82,70.5\n"
    )
    assert values(recording) == {"NIBP_SYS": [130, 132], "NIBP_DIA": [80, 84], "HR": [70, 71]}
    assert recording.counts.refused["of another table"] == 1


def test_a_summary_above_the_readings_does_not_say_how_times_are_written() -> None:
    recording = read(
        "Period,Time,Sys,Dia,HR\nDay,07:00,131,82,72\nNight,00:00,118,70,62\n\n"
        "No,Date,Time,Sys,Dia,HR\n1,13.05.2023,10:00,130,80,70\n2,13.05.2023,10:20,132,84,71\n"
    )
    assert told(recording)["NIBP_SYS"] == [("2023-05-13T10:00:00", 130), ("2023-05-13T10:20:00", 132)]
    assert recording.counts.refused == {"without a time": 2}


@pytest.mark.parametrize("groups", ["Min,,Max,", "Alarm limits,,Measured,", "Bed 1,,Bed 2,", "Mean,,SD,"])
def test_what_stands_under_a_statistic_a_limit_or_several_beds_is_not_taken_for_the_patients(groups: str) -> None:
    head = f",{groups},NIBP,\nTime,HR,SpO2,HR,SpO2,Sys,Dia\n"
    recording = read(f"{head}2023-05-13 10:00,50,90,120,100,121,80\n")
    assert values(recording) == {"NIBP_SYS": [121], "NIBP_DIA": [80]}


def test_a_group_of_one_device_changes_no_rate() -> None:
    recording = read(",ECG,Pleth,,\nTime,HR,SpO2,PR,Perf\n2023-05-13 10:00,72,97,73,2\n")
    assert values(recording) == {"HR": [72], "SPO2": [97], "PR": [73]}


@pytest.mark.parametrize("size", [1, 20_000])
def test_a_row_under_the_header_that_names_statistics_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "agg.csv"
    path.write_text("Time (s),HR,HR,HR\n,min,mean,max\n" + "".join(f"{n},60,70,80\n" for n in range(size)))
    with pytest.raises(RecordingError, match=r"columns are statistics \(min"):
        read_recording(path)


def test_the_empty_number_of_a_last_row_makes_no_patients_of_the_others() -> None:
    recording = read("Nr.;Datum;Zeit;Sys;Dia\n1;13.05.2023;10:00;128;82\n2;13.05.2023;10:20;129;84\n;;;128;83\n")
    assert values(recording) == {"NIBP_SYS": [128, 129], "NIBP_DIA": [82, 84]}


# -- Whose time a value has --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    ["Time (s),HR,Time (s),NIBP Sys,NIBP Dia", "Time (s),HR,Time (s).1,NIBP Sys,NIBP Dia"],
)
def test_two_tables_side_by_side_are_not_read_by_the_first_ones_times(header: str) -> None:
    text = f"{header}\n0,72,100,120,80\n1,73,400,121,81\n"
    with pytest.raises(RecordingError, match=r"columns 1 and 3 are both called 'Time \(s\)'.*'#3'"):
        read(text)
    mapping = {"#3": "", "NIBP Sys": "", "NIBP Dia": ""}
    assert told(read(text, mapping=mapping)) == {"HR": [("0", 72), ("1", 73)]}


def test_a_second_recording_behind_the_first_is_asked_about() -> None:
    first = "".join(f"{10 * n},{70 + n}\n" for n in range(8))
    second = "".join(f"{10 * n},{100 + n}\n" for n in range(8))
    for between in ("", "Time (s),HR\n"):
        text = f"Time (s),HR\n{first}{between}{second}"
        with pytest.raises(ChoiceNeeded, match=r"begin anew in row 9 \(70 s, then 0 s\)") as asked:
            read(text)
        assert asked.value.option == "patient_column"
        assert len(read(text, overrides=Overrides(one_patient=True)).readings) == 16


def test_times_that_begin_anew_with_each_quantity_are_one_recording() -> None:
    text = "seconds,name,value\n" + "".join(
        f"{10 * n},{name},{value + n}\n" for name, value in (("HR", 70), ("SpO2", 90)) for n in range(8)
    )
    assert times(read(text)) == times(read(text), "SPO2") == [str(10 * n) for n in range(8)]


def test_late_rows_of_one_recording_are_put_in_order() -> None:
    text = "Time (s),HR\n0,70\n10,71\n30,73\n40,74\n20,72\n50,75\n"
    assert values(read(text)) == {"HR": [70, 71, 72, 73, 74, 75]}


@pytest.mark.parametrize("head", ["Date,Time,HR", "Timestamp,HR"])
def test_a_clock_of_twelve_hours_without_am_and_pm_is_refused(head: str) -> None:
    mark = " " if head.startswith("T") else ","
    rows = [f"2026-03-13{mark}{clock}:00,70\n" for clock in ("11:40", "11:50", "12:00", "12:50", "01:00", "01:10")]
    for order in (rows, rows[::-1]):
        with pytest.raises(RecordingError, match="clock of twelve hours"):
            read(f"{head}\n{''.join(order)}")
    whole = "".join([*rows[:4], rows[4].replace("01:", "13:"), rows[1].replace("11:50", "12:55")])
    assert times(read(f"{head}\n{whole}"))[-1] == "2026-03-13T13:00:00"  # a row that came late


def test_minutes_and_seconds_are_not_taken_for_hours_and_minutes() -> None:
    text = "Time,HR,SBP,DBP\n" + "".join(f"00:{n:02d},72,{120 + n % 5},{75 + n % 3}\n" for n in range(50))
    with pytest.raises(ChoiceNeeded, match="00:01 are hours and minutes") as asked:
        read(text)
    assert (asked.value.option, asked.value.among) == ("time_unit", ("h", "min"))
    assert times(read(text, overrides=Overrides(time_unit="min")))[-1] == "49"
    assert set(values(read(text, overrides=Overrides(time_unit="min")))) == {"HR", "ABP_SYS", "ABP_DIA"}
    assert times(read(text, overrides=Overrides(time_unit="h")))[-1] == "2940"
    assert times(read("Time (mm:ss),HR\n00:00,72\n01:05,73\n")) == ["0", "65"]
    assert times(read("Time (m:s),HR\n00:00,72\n00:01,73\n")) == ["0", "1"]
    assert times(read("Time [hh:mm],HR\n00:00,72\n00:01,73\n")) == ["0", "60"]


def test_a_date_without_its_clock_is_no_midnight() -> None:
    recording = read("Date,Time,HR\n2023-05-13,07:12,72\n2023-05-14,,73\n2023-05-15,08:00,74\n")
    assert told(recording) == {"HR": [("2023-05-13T07:12:00", 72), ("2023-05-15T08:00:00", 74)]}
    assert recording.counts.refused == {"without a time": 1}


def test_a_date_that_stands_once_a_day_is_that_of_the_rows_below_it_until_the_clock_goes_back() -> None:
    head = "Date,Time,SYS,DIA\n13/05/2023,9:50 AM,128,82\n,10:10 PM,129,83\n"
    recording = read(f"{head},11:40 PM,130,84\n14/05/2023,12:20 AM,119,73\n,12:50 AM,118,72\n")
    assert times(recording, "NIBP_SYS") == [
        "2023-05-13T09:50:00", "2023-05-13T22:10:00", "2023-05-13T23:40:00", "2023-05-14T00:20:00",
        "2023-05-14T00:50:00",
    ]  # fmt: skip
    assert any("date above" in notice.text for notice in recording.notices)
    passed = read(f"{head},12:20 AM,119,73\n,10:30 PM,118,72\n")
    assert values(passed)["NIBP_SYS"] == [128, 129]
    assert passed.counts.refused == {"without a time": 2}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Date,Time,HR", "2023-05-13 00:00:00,07:12:00,72"),  # pandas
        ("Date,Time,HR", "5/13/2023 0:00:00,12/30/1899 7:12:00,72"),  # Access
        ("Date,Time,HR", "5/13/2023 12:00:00 AM,7:12:00 AM,72"),
        ("datetime,HR", "13MAY2023:07:12:00,72"),  # SAS
        ("time,HR", "13may2023 07:12:00,72"),  # Stata
        ("时间,心率", "2023/5/13 上午 07:12:00,72"),
        ("日時,心拍数", "2023/05/13 午前7:12:00,72"),
        ("Time,HR", "2023-05-13 오전 7:12:00,72"),
        ("测量时间,心率（次/分）", "2023-05-13 07:12,72"),
    ],
)
def test_times_as_spreadsheets_databases_and_statistics_programs_write_them(header: str, row: str) -> None:
    assert told(read(f"{header}\n{row}\n")) == {"HR": [("2023-05-13T07:12:00", 72)]}


def test_noon_and_midnight_of_a_chinese_spreadsheet() -> None:
    recording = read("时间,HR\n2023/5/13 上午 12:01:00,70\n2023/5/13 下午 12:01:00,71\n2023/5/13 下午 1:01:00,72\n")
    assert times(recording) == ["2023-05-13T00:01:00", "2023-05-13T12:01:00", "2023-05-13T13:01:00"]


def test_the_order_of_dates_that_a_columns_name_says_is_not_asked() -> None:
    text = "Date (dd/mm/yyyy),Time (hh:mm:ss),HR\n05/06/2023,07:12:00,72\n"
    assert times(read(text)) == ["2023-06-05T07:12:00"]
    assert times(read(text.replace("dd/mm", "mm/dd"))) == ["2023-05-06T07:12:00"]
    assert times(read(text, date_order=DateOrder.MDY)) == ["2023-05-06T07:12:00"]  # a person knows better
    assert times(read("Date [dd.mm.yy],Time,HR\n05.06.23,07:12:00,72\n")) == ["2023-06-05T07:12:00"]


@pytest.mark.parametrize("name", ["Time (UTC)", "timestamp_utc", "Time UTC", "Time (GMT)"])
def test_times_that_their_columns_name_says_are_in_utc_are_not_read_in_the_clinics_zone(
    tmp_path: Path, name: str
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    rows = [f"2023-05-13 {n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d},{60 + n % 9}\n" for n in range(20_000)]
    for count in (2, 20_000):
        path = tmp_path / f"{count}.csv"
        path.write_text(f"{name},HR\n{''.join(rows[:count])}")
        recording = read_recording(path, assumed_zone=berlin)
        assert instant.format(recording.readings[1].time)[:19] == "2023-05-13T00:00:01"
        with pytest.raises(RecordingError, match=r"in UTC.*leave --timezone out"):
            read_recording(path, zone=berlin)
    dated = path.with_name("dated.csv")
    dated.write_text(f"{name},HR\n2023-05-13T00:00:01Z,70\n")
    assert len(read_recording(dated, zone=berlin).readings) == 1


def test_an_offset_beside_the_times_may_be_theirs_or_not() -> None:
    text = "timestamp,time_offset,HR\n2023-05-13 07:12:00,UTC+0200,72\n"  # Samsung's are in UTC
    with pytest.raises(ChoiceNeeded, match="in UTC or have this offset") as asked:
        read(text)
    assert asked.value.option == "timezone"
    assert times(read(text, zone_said=True)) == ["2023-05-13T07:12:00"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Date,Hours,HR\n13/05/2023,23,72\n14/05/2023,0,74\n", "'Date', 'Hours'"),
        ("Date,Time,AM/PM,HR\n13/05/2023,9:50,PM,72\n", "'Date', 'Time', 'AM/PM'"),
        ("Time,AM/PM,Parameter,Value\n13/05/2023 9:50,PM,HR,72\n", "'Time', 'AM/PM'"),
    ],
)
def test_a_time_in_parts_is_not_read_by_one_of_them(text: str, shown: str) -> None:
    with pytest.raises(RecordingError, match=f"cut into the columns {shown}"):
        read(text)


def test_a_minute_beside_date_and_clock_is_no_part_of_the_time() -> None:
    assert times(read("Date,Time,Minutes,HR\n13/05/2023,10:00,0,72\n")) == ["2023-05-13T10:00:00"]


def test_clocks_of_several_days_without_dates_are_no_hours_since_a_start() -> None:
    with pytest.raises(RecordingError, match="times of day without a date"):
        read("Day,Time,HR\n1,00:30,72\n1,08:00,73\n1,20:00,74\n2,09:00,80\n2,10:00,81\n")


# -- What a value is ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "units"),
    [
        ("Temperature", "98.6", ("degF", "degC")),
        ("SpO2", "0.97", ("fraction", "%")),
        ("NIBP Sys", "16.1", ("kPa", "mmHg")),
        ("NIBP Dia", "10.1", ("kPa", "mmHg")),
    ],
)
def test_an_empty_cell_in_the_column_of_units_says_no_unit(name: str, value: str, units: tuple[str, str]) -> None:
    text = f"charttime,name,value,unit\n2026-03-01 09:00,Heart Rate,72,bpm\n2026-03-01 09:00,{name},{value},\n"
    with pytest.raises(ChoiceNeeded, match=f"{name}.*does not say its unit") as asked:
        read(text)
    assert asked.value.among == units
    assert len(read(text, overrides=Overrides(units={name: units[0]})).readings) == 2


def test_empty_cells_of_units_are_asked_about_in_a_long_table_as_in_a_short_one(tmp_path: Path) -> None:
    rows = "".join(
        f"2026-03-{1 + n // 1440:02d} {n // 60 % 24:02d}:{n % 60:02d},{name},{value},{unit}\n"
        for n in range(5000)
        for name, value, unit in (("HR", 72, "bpm"), ("Temp", 98.6 if n % 3 else 37, "" if n % 3 else "degC"))
    )
    path = tmp_path / "flowsheet.csv"
    path.write_text(f"charttime,name,value,unit\n{rows}")
    with pytest.raises(ChoiceNeeded, match="'Temp' does not say its unit"):
        read_recording(path)


def test_both_pressures_in_kpa_are_asked_for_their_unit() -> None:
    text = "Time,NIBP Sys,NIBP Dia\n2023-05-13 07:12,16.1,10.2\n2023-05-13 07:20,16.3,10.1\n"
    with pytest.raises(ChoiceNeeded, match="NIBP Dia"):
        read(text, overrides=Overrides(units={"NIBP Sys": "kPa"}))


@pytest.mark.parametrize(
    ("name", "counted", "not_counted"),
    [("Excluded", "No", "Yes"), ("Edit Status", "", "Omitted"), ("valid", "true", "False"), ("artifact", "0", "1")],
)
def test_a_row_that_somebody_left_out_is_no_reading(name: str, counted: str, not_counted: str) -> None:
    wide = f"Date,Time,Sys,Dia,{name}\n13/05/2023,10:00,128,82,{counted}\n13/05/2023,10:20,188,122,{not_counted}\n"
    long = f"Time,Parameter,Value,{name}\n2023-05-13 10:00,HR,70,{counted}\n2023-05-13 10:01,HR,170,{not_counted}\n"
    assert values(read(wide)) == {"NIBP_SYS": [128], "NIBP_DIA": [82]}
    assert values(read(long)) == {"HR": [70]}
    assert read(wide).counts.refused == {"marked as not to be counted": 1}
    assert values(read(wide, mapping={name: ""}))["NIBP_SYS"] == [128, 188]


def test_rows_left_out_are_so_in_a_large_table_too(tmp_path: Path) -> None:
    rows = "".join(f"{n},{60 + n % 9},97,{'no' if n == 15_000 else 'yes'}\n" for n in range(20_000))
    path = tmp_path / "night.csv"
    path.write_text(f"Time (s),HR,SpO2,Valid\n{rows}")
    assert len(read_recording(path).readings) == 2 * 19_999


@pytest.mark.parametrize("said", [{"BP": "kPa"}, {"BP sys": "kPa", "BP dia": "kPa"}])
def test_the_unit_of_pressures_in_one_cell_is_asked_and_taken(said: dict[str, str]) -> None:
    text = "Time,BP\n2023-05-13 07:12,16.1/10.2\n2023-05-13 07:20,16.3/10.1\n"
    with pytest.raises(ChoiceNeeded) as asked:
        read(text)
    assert asked.value.column == "BP sys"
    recording = read(text, overrides=Overrides(units=said))
    assert values(recording)["NIBP_DIA"] == [pytest.approx(76.506, abs=0.001), pytest.approx(75.756, abs=0.001)]


def test_units_above_the_header_count_as_those_under_it() -> None:
    rows = "2023-05-13 10:00,72,30.5,18.5\n2023-05-13 10:05,72,31.5,18.5\n"
    for text in (
        f",bpm,kPa,\nTime,HR,NIBP Sys,Comment\n{rows}",
        f",[bpm],[kPa],[kPa]\nTime,HR,SBP,DBP\n{rows}",
    ):
        assert values(read(text))["NIBP_SYS"] == [pytest.approx(228.769, abs=0.001), pytest.approx(236.269, abs=0.001)]


def test_a_row_of_units_under_names_that_are_not_known_is_no_header() -> None:
    text = "Sel Start\tSel End\tMAP\tHR\ns\ts\tmmHg\tBPM\n0\t60\t90\t72\n60\t120\t91\t73\n"  # LabChart
    with pytest.raises(RecordingError, match="not a table that is understood"):
        read(text)
    recording = read(text, overrides=Overrides(time_columns=("Sel Start",)))
    assert told(recording)["HR"] == [("0", 72), ("60", 73)]
    assert set(values(recording)) == {"HR", "NIBP_MEAN"}
    assert times(read("s,BPM\n0,72\n60,73\n")) == ["0", "60"]


def test_seconds_between_beats_called_rr_are_no_breaths(tmp_path: Path) -> None:
    rows = [f"{n},{72 + n % 4},{0.8 + 0.01 * (n % 4):.2f}\n" for n in range(20_000)]
    assert set(values(read(f"Time (s),HR,RR\n{''.join(rows[:40])}"))) == {"HR"}
    path = tmp_path / "beats.csv"
    path.write_text(f"Time (s),HR,RR\n{''.join(rows)}")
    recording = read_recording(path)
    assert path.stat().st_size > 1 << 18
    assert {one.signal for one in recording.readings} == {"HR"}
    assert any("time between two beats" in column.note for column in recording.mapping)


@pytest.mark.parametrize(
    ("name", "signal"),
    [
        ("SPO2-%", "SPO2"),  # GE CARESCAPE, by BedMaster
        ("SPO2-R", "PR"),
        ("AR1-S", "ABP_SYS"),
        ("AR1-D", "ABP_DIA"),
        ("AR1-M", "ABP_MEAN"),
        ("SYS_ART", "ABP_SYS"),  # HemoSphere
        ("map_art", "ABP_MEAN"),
        ("dbp_cuff", "NIBP_DIA"),
        ("beats per minute", "HR"),  # Fitbit
        ("PUL", "PR"),  # Microlife
        ("Temp(℃)", "TEMP"),  # Mindray
        ("SpO2（%）", "SPO2"),
    ],
)
def test_names_of_monitors_exports(name: str, signal: str) -> None:
    assert list(values(read(f"Time,{name}\n2023-05-13 10:00:00,37\n"))) == [signal]


def test_mimic3s_degrees_whose_sign_was_lost() -> None:
    recording = read(
        "SUBJECT_ID,ITEMID,CHARTTIME,VALUENUM,VALUEUOM\n2,223761,2180-07-23 22:00:00,98.6,?F\n"
        "2,678,2180-07-23 23:00:00,98.6,Deg. F\n"
    )
    assert values(recording) == {"TEMP": [pytest.approx(37), pytest.approx(37)]}


@pytest.mark.parametrize("cell", ["\\N", "(null)", "<NA>", "NaT"])
def test_what_databases_and_pandas_write_for_no_value_is_none(cell: str) -> None:
    recording = read(f"Time,HR,SpO2\n2023-05-13 10:00:00,72,{cell}\n2023-05-13 10:00:01,73,97\n")
    assert values(recording) == {"HR": [72, 73], "SPO2": [97]}
    assert recording.counts.refused == {}


# -- Files of several tables, and those that are none ------------------------------------------------------------


def test_omrons_report_ends_with_the_headers_of_empty_tables() -> None:
    recording = read(
        "Date,Time,Systolic (mmHg),Diastolic (mmHg),Pulse (bpm),Symptoms,Notes\n"
        '"Nov 13, 2023","7:45 am",128,82,66,-,-\n"Nov 12, 2023","9:05 pm",131,84,70,-,"a, b"\n\n'
        '"Date","Total steps","Total distance (mi)"\n"Date","Weight (lb)"\n'
    )
    assert told(recording)["NIBP_SYS"] == [("2023-11-12T21:05:00", 131), ("2023-11-13T07:45:00", 128)]


def test_of_beurers_parts_the_one_with_weights_is_left_out() -> None:
    recording = read(
        "Blood pressure\nDate;Time;Systolic;Diastolic;Pulse\n26.05.2023;07:12;128;82;66\n\n"
        "Weight\nDate;Time;kg;BMI;Body fat\n26.05.2023;07:20;80;24.5;20\n\n"
        "Pulse oximeter\nDate;Time;SpO2;Pulse\n26.05.2023;07:30;97;65\n"
    )
    assert values(recording) == {"NIBP_SYS": [128], "NIBP_DIA": [82], "PR": [66, 65], "SPO2": [97]}


def test_epics_flowsheet_by_the_name_of_its_rows() -> None:
    recording = read(
        "PAT_ENC_CSN_ID,RECORDED_TIME,FLO_MEAS_NAME,MEAS_VALUE\n1,05/13/2023 10:00,BP,120/80\n"
        "1,05/13/2023 10:00,PULSE,72\n1,05/13/2023 10:00,R ARTERIAL LINE BP,121/70\n"
    )
    assert values(recording) == {"NIBP_SYS": [120], "NIBP_DIA": [80], "PR": [72], "ABP_SYS": [121], "ABP_DIA": [70]}


def test_a_header_whose_names_break_in_their_cells_is_read() -> None:
    text = 'Clinic\n"Date","Time\n(hh:mm)","Sys\n(mmHg)","Dia\n(mmHg)"\n13/05/2023,10:00,128,82\n'
    recording = read(text)
    assert told(recording)["NIBP_SYS"] == [("2023-05-13T10:00:00", 128)]
    assert recording.counts.rows == 1


def test_rs_names_of_rows_shift_no_column() -> None:
    text = '"seconds","HR","SpO2"\n"1",0,72,97\n"2",60,73,98\n'
    assert told(read(text)) == {"HR": [("0", 72), ("60", 73)], "SPO2": [("0", 97), ("60", 98)]}
    assert read(text.replace('"1"', "1").replace('"2"', "2")).counts.refused == {"of another length": 2}


def test_a_table_in_a_chinese_encoding_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "trend.csv"
    path.write_bytes("时间,心率\n2023-05-13 10:00:00,72\n".encode("gb18030"))
    with pytest.raises(RecordingError, match="save it as UTF-8"):
        read_recording(path)


def test_columns_that_stand_apart_by_blanks_are_refused_with_what_to_do() -> None:
    with pytest.raises(RecordingError, match=r"apart by blanks.*commas, semicolons or tabs"):
        read("Time        HR    SpO2\n10:00:00    72    97\n")


# -- Large tables, which are read in columns ---------------------------------------------------------------------

_CLIMB = "".join(f"{10 * n},{70 + n}\n" for n in range(8))
_NOON = "".join(f"2026-03-13 {clock}:00,70\n" for clock in ("11:40", "11:50", "12:00", "12:50", "01:00", "01:10"))


@pytest.mark.parametrize(
    "text",
    [
        f"Time (s),HR\n{_CLIMB}{_CLIMB}",
        f"Time (s),HR\n{_CLIMB}Time (s),HR\n{_CLIMB}",
        f"Time (s),HR\n{_CLIMB}35,75\n",
        f"seconds,name,value\n{_CLIMB.replace(',', ',HR,')}{_CLIMB.replace(',', ',SpO2,')}",
        f"Timestamp,HR\n{_NOON}",
        f"Time (s),HR\n{_CLIMB}Hourly averages\nTime (s),HR\n80,71\n",
        f"Time (s),HR\n{_CLIMB}Time (s),Steps\n80,71\n",
        "Row,Time (s),HR\n1,0,70\n2,1,71\nMean,1,70.5\nMax,1,71\n",
        "Time (s),HR,Valid\n0,70,1\n1,71,0\n",
        "Date,Time,HR\n2023-05-13,07:12,72\n,07:13,73\n2023-05-14,,74\n",
        "Date,Time,HR\n2023-05-13 00:00:00,07:12:00,72\n2023-05-13 00:00:00,07:13:00,73\n",
        "Date,HR,Time\n2023-05-13,72,07:12\n,73,07:13\n2023-05-14,74,\n",
        "Date,HR,Time\n2023-05-13 00:00:00,72,07:12:00\n2023-05-13 00:00:00,73,07:13:00\n",
        "Date,HR,Time\n2023-05-13,72,1899-12-30 07:12:00\n2023-05-13,73,1899-12-30 07:13:00\n",
        "Time,HR\n00:00,72\n00:01,73\n00:02,74\n",
        "Time (UTC),HR\n2023-05-13 01:50:00,72\n2023-05-13 03:10:00,73\n",
        "Time (s),HR,RR\n0,70,0.8\n1,71,0.9\n2,72,0\n",
        "Time (s),HR,RR\n0,70,800\n1,71,900\n2,72,0\n",
        "Time,BP\n2023-05-13 07:12:00,16.1/10.2\n2023-05-13 07:20:00,16.3/10.1\n",
        '"seconds","HR","SpO2"\n"1",0,72,97\n"2",60,73,98\n',
        ",bpm,kPa,kPa\nTime (s),HR,NIBP Sys,NIBP Dia\n0,70,16,10\n400,71,16.5,10.5\n",
    ],
)
def test_a_table_is_read_alike_in_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)

    def found() -> Recording | str:
        try:
            return read_recording(path)
        except RecordingError as error:
            return f"{type(error)} {error}"

    by_rows = found()
    monkeypatch.setattr(reader, "_LONG", 0)
    in_columns = found()
    if isinstance(by_rows, str) or isinstance(in_columns, str):
        assert in_columns == by_rows
        return
    assert list(in_columns.readings) == list(by_rows.readings)
    for name in ("notices", "counts", "mapping", "explanation"):
        assert getattr(in_columns, name) == getattr(by_rows, name)
