"""The layouts in which devices, data sets and spreadsheets of several countries write vital signs.

Each specimen is made: the layout is theirs, the numbers are not.
"""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from export_reading import read, told, values

from devices import instant
from devices.recordings.base import ChoiceNeeded, DateOrder, Recording, RecordingError, read_recording
from devices.recordings.names import signal_of
from devices.recordings.overrides import Overrides


def why(recording: Recording, name: str) -> str:
    return next(column.note for column in recording.mapping if column.name == name)


@pytest.mark.parametrize(
    ("name", "signal"),
    [
        ("Oxygen Level(%)", "SPO2"),
        ("Blood Oxygen Saturation (%)", "SPO2"),
        ("SpO2 pulse", "PR"),
        ("PR(SpO2)", "PR"),
        ("Pouls", "PR"),
        ("Systolisch (mmHg)", "BP_SYS"),
        ("Diastolique", "BP_DIA"),
        ("Presión arterial sistólica", "BP_SYS"),
        ("Systolic Blood Pressure", "BP_SYS"),
        ("SysBP", "BP_SYS"),
        ("Mean Arterial Pressure", "BP_MEAN"),
        ("Arterial Blood Pressure diastolic", "ABP_DIA"),
        ("Invasive BP Systolic", "ABP_SYS"),
        ("Non-Invasive BP Diastolic", "NIBP_DIA"),
        ("Fréquence cardiaque", "HR"),
        ("Hartfrequentie", "HR"),
        ("Niet invasieve bloeddruk systolisch", "NIBP_SYS"),
        ("Körpertemperatur (°C)", "TEMP"),
        ("Respiratory Rate (count/min)", "RR"),
        ("Puls/min", "PR"),
        ("SpO₂ (%)", "SPO2"),
        ("心率", "HR"),
        ("收缩压(mmHg)", "BP_SYS"),
        ("最高血圧", "BP_SYS"),
        ("Пульс", "PR"),
        ("平均HR", ""),
        ("最高SpO2", ""),
        ("HR max", ""),
        ("Heart Rate [Avg] (bpm)", ""),
        ("Resting Heart Rate (bpm)", ""),
        ("RR-interval [ms]", ""),
        ("PR (ms)", ""),
        ("Pulse Rate Variability", ""),
        ("HR/SBP", ""),
        ("SpO2/FiO2", ""),
        ("LF/HF", ""),
    ],
)
def test_names_of_exports_are_known_and_what_only_resembles_them_is_not(name: str, signal: str) -> None:
    assert signal_of(name) == signal


@pytest.mark.parametrize(
    ("header", "cells", "name", "word"),
    [
        ("HR,PR,QRS,QT,QTc", "66,160,90,400,420", "PR", "interval of the ECG"),
        ("HR,LF,HF", "66,1200,80", "HF", "spectrum"),
        ("HR,RMSSD,RR", "66,32,91", "RR", "between two beats"),
        ("HR,BPS,BPD,BPM", "66,120,80,93", "BPM", "mean pressure"),
        ("HR,NIBP Sys,NIBP Dia,PAS", "66,120,80,45", "PAS", "pulmonary artery"),
        ("HR,AF", "66,1", "AF", "atrial fibrillation"),
        ("HR,MAP,PEEP,PIP", "66,31,5,18", "MAP", "airway"),
        ("HR,TOF,T1,T2", "66,90,38,37", "T1", "muscle"),
    ],
)
def test_a_short_name_that_means_something_else_beside_others_is_left_out(
    header: str, cells: str, name: str, word: str
) -> None:
    recording = read(f"Time,{header}\n2026-03-01T09:00:00Z,{cells}\n")
    assert word in why(recording, name)
    assert any(name in one.text and word in one.text for one in recording.notices)
    assert values(recording)["HR"] == [66]
    assert all(f":{name}" not in reading.source for reading in recording.readings)


def test_the_same_short_names_count_in_a_table_of_their_language() -> None:
    french = read("Date et heure;FC (bpm);PAS (mmHg);PAD (mmHg);FR\n14/07/2023 08:00;72;120;80;16\n")
    assert values(french) == {"HR": [72], "NIBP_SYS": [120], "NIBP_DIA": [80], "RR": [16]}
    german = read("Datum;Uhrzeit;Sys;MAD;Dia;HF;AF\n20.05.2023;10:00;128;97;82;66;15\n")
    assert values(german) == {"NIBP_SYS": [128], "NIBP_DIA": [82], "NIBP_MEAN": [97], "HR": [66], "RR": [15]}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Datum;Uhrzeit;Systolisch (mmHg);Diastolisch (mmHg);Puls (1/min)", "14.07.2023;08:10;121;79;73"),  # Beurer
        ("Datum;Tid;Systoliskt;Diastoliskt;Puls", "2023-07-14;08:10;121;79;73"),
        ("Date;Heure;Pression systolique;Pression diastolique;Pouls", "14/07/2023;08:10;121;79;73"),
        ("Fecha;Hora;Sistólica;Diastólica;Pulso", "14/07/2023;8:10;121;79;73"),
        ("No.;Date;Time;SYS;DIA;PULSE;PP", "1;2023/07/14;08:10;121;79;73;42"),  # Microlife
    ],
)
def test_home_cuffs_of_several_countries(header: str, row: str) -> None:
    recording = read(f"{header}\n{row}\n")
    when = "2023-07-14T08:10:00"
    assert told(recording) == {"NIBP_SYS": [(when, 121)], "NIBP_DIA": [(when, 79)], "PR": [(when, 73)]}


def test_a_unicode_text_of_excel_with_a_sep_line_above_and_commas(tmp_path: Path) -> None:
    text = "sep=\t\r\nZeit\tHF\tSpO2\tRR\r\n14.07.2023 01:58:00\t72\t97,5\t120/80\r\n14.07.2023 02:10:00\t73\t\t\r\n"
    path = tmp_path / "trend.txt"
    path.write_bytes(text.encode("utf-16"))
    recording = read_recording(path)
    assert values(recording) == {"HR": [72, 73], "SPO2": [97.5], "NIBP_SYS": [120], "NIBP_DIA": [80]}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("23:59:56 19/09/2026", "00:00:00 20/09/2026"),  # Viatom, Wellue
        ("11:59:56 PM Sep 19 2026", "12:00:00 AM Sep 20 2026"),
        ("19/09/2026 23:59:56", "20/09/2026 00:00:00"),
        ("2026-09-19 11:59:56 PM", "2026-09-20 12:00:00 AM"),
        ("2026-09-19 23:59:56 UTC", "2026-09-20 00:00:00 UTC"),  # BigQuery
        ("2026-09-20 01:59:56 +0200", "2026-09-20 02:00:00 +0200"),  # Apple Health
        ('"9/19/2026, 11:59:56\u202fPM"', '"9/20/2026, 12:00:00\u202fAM"'),  # browsers
    ],
)
def test_ways_to_write_midnight(first: str, second: str) -> None:
    recording = read(f"Time,Oxygen Level,Pulse Rate,Motion\n{first},96,64,0\n{second},97,58,0\n")
    assert told(recording)["SPO2"] == [("2026-09-19T23:59:56", 96), ("2026-09-20T00:00:00", 97)]


def test_hours_without_a_leading_zero_after_others_with_two_digits() -> None:
    recording = read("Timestamp,HR\n2023-05-06 10:11:58,66\n2023-05-07 9:12:58,67\n")
    assert told(recording)["HR"] == [("2023-05-06T10:11:58", 66), ("2023-05-07T09:12:58", 67)]


def test_an_offset_that_is_none_is_no_time() -> None:
    recording = read("Timestamp,HR\n2023/05/06 10:11:58 +99:00,66\n2023/05/06 10:12:58 +02:00,67\n")
    assert told(recording)["HR"] == [("2023-05-06T08:12:58", 67)]


@pytest.mark.parametrize("header", ["Date", "timestamp", "Measurement Date"])
@pytest.mark.parametrize("date", ["2023-05-16", "05/16/2023", "May 16, 2023"])
def test_dates_without_a_clock_are_no_midnights(header: str, date: str) -> None:
    with pytest.raises(RecordingError, match="without a clock"):
        read(f'{header},SYS,DIA,Pulse\n"{date}",120,80,66\n')


def test_a_midnight_written_as_a_date_beside_others_with_a_clock_is_one() -> None:
    recording = read("timestamp,HR\n2023-05-16 00:00:01,66\n2023-05-17,67\n")
    assert told(recording)["HR"] == [("2023-05-16T00:00:01", 66), ("2023-05-17T00:00:00", 67)]


def test_date_and_clock_in_one_column_called_date() -> None:
    recording = read('Date,"Heart rate",Systolic,Diastolic,Comments\n"2023-05-06 07:12:00",66,128,82,\n')  # Withings
    assert told(recording)["NIBP_SYS"] == [("2023-05-06T07:12:00", 128)]


def test_a_zone_in_a_column_beside_the_times_is_asked_for() -> None:
    header = "Measurement Date,Time Zone,Systolic (mmHg),Diastolic (mmHg)\n"  # Omron
    text = header + "2023/05/06 07:12,America/New_York,128,82\n2023/05/07 07:30,America/New_York,131,85\n"
    with pytest.raises(ChoiceNeeded, match=r"America/New_York.*--timezone") as asked:
        read(text)
    assert asked.value.option == "timezone"
    recording = read(text, zone=ZoneInfo("America/New_York"), zone_said=True)
    assert told(recording)["NIBP_SYS"] == [("2023-05-06T11:12:00", 128), ("2023-05-07T11:30:00", 131)]
    with pytest.raises(RecordingError, match="several zones"):
        read(text + "2023/05/08 07:30,Europe/Berlin,130,84\n", zone=ZoneInfo("America/New_York"), zone_said=True)
    unsaid = text.replace("America/New_York", "N/A")
    assert told(read(unsaid))["NIBP_SYS"] == [("2023-05-06T07:12:00", 128), ("2023-05-07T07:30:00", 131)]
    dated = text.replace("07:12", "07:12:00Z").replace("07:30", "07:30:00Z")
    assert told(read(dated))["NIBP_SYS"] == [("2023-05-06T07:12:00", 128), ("2023-05-07T07:30:00", 131)]


@pytest.mark.parametrize("header", ["Time,HR,NIBP Sys", "time,HR,SBP", "Elapsed time,HR,NIBP Sys"])
def test_numbers_that_do_not_say_what_they_count_are_asked_about(header: str) -> None:
    text = f"{header}\n0,70,120\n5,72,118\n10,75,115\n"
    with pytest.raises(ChoiceNeeded, match=r"0, 5, 10.*time\.unit") as asked:
        read(text)
    assert asked.value.among == ("s", "min", "h", "ms")
    assert [when for when, _ in told(read(text, overrides=Overrides(time_unit="min")))["HR"]] == ["0", "300", "600"]


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("Time [s],HR\n0,70\n60,71\n", ["0", "60"]),
        ("Time (min),HR\n0,70\n1,71\n", ["0", "60"]),
        ("Time,HR\n[s],[bpm]\n0,70\n60,71\n", ["0", "60"]),
        ("Time,HR\nmin,bpm\n0,70\n1,71\n", ["0", "60"]),
        ("time,HR\n0,70\n60,71\n", ["0", "60"]),  # this program's session table
        ("Time,Solar8000/HR\n0.5,70\n60.5,71\n", ["0.5", "60.5"]),  # VitalDB
    ],
)
def test_numbers_whose_unit_a_name_or_a_row_of_units_says(text: str, times: list[str]) -> None:
    assert told(read(text))["HR"] == list(zip(times, (70, 71), strict=True))


def test_a_clock_cut_into_columns_is_not_its_minutes() -> None:
    with pytest.raises(RecordingError, match="'hour', 'minutes'"):
        read("hour,minutes,SYS(mmHg),DIA(mmHg)\n10,20,120,80\n10,40,121,81\n")  # Spacelabs


def test_a_temperature_called_t_behind_a_signal_is_no_time() -> None:
    with pytest.raises(RecordingError, match="not a table that is understood"):
        read("HR,SpO2,T\n70,97,36.5\n71,97,36.6\n")


def test_a_row_of_units_in_brackets_is_no_header_and_every_column_stays() -> None:
    recording = read("Time [s],HR,SpO2,NIBP\n[s],[bpm],[%],[mmHg]\n0,66,97,120/80(93)\n60,67,98,\n")
    assert values(recording) == {"HR": [66, 67], "SPO2": [97, 98], "NIBP_SYS": [120], "NIBP_DIA": [80]}
    assert recording.counts.rows == 2


def test_a_row_of_units_under_a_second_header_counts_for_what_follows() -> None:
    head = "Time,HR,NBPSys,NBPDias\n"
    recording = read(f"{head}2026-03-01T09:00:00Z,66,120,80\n{head},bpm,kPa,kPa\n2026-03-01T09:10:00Z,67,16,10\n")
    assert values(recording)["NIBP_SYS"] == [120, pytest.approx(120.00992)]
    assert recording.counts.refused == {}


@pytest.mark.parametrize(("saturation", "pulse"), [(127, 255), (127, 511), (255, 255), (255, 65535)])
def test_an_oximeters_marks_for_no_signal_are_no_values(saturation: int, pulse: int) -> None:
    recording = read(
        "Time,Pulse,SpO2\n2023/05/20 22:14:01,255,97\n"
        f"2023/05/20 22:14:02,{pulse},{saturation}\n2023/05/20 22:14:03,64,96\n"
    )
    assert values(recording) == {"PR": [255, 64], "SPO2": [97, 96]}
    assert recording.counts.refused == {"of an oximeter without a signal": 2}


def test_a_pulse_with_all_bits_set_beside_a_saturation_of_0_is_none() -> None:
    recording = read("Timestamp,hr,spo2\n2023-05-20 22:14:01,255,0\n2023-05-20 22:14:02,64,96\n")
    assert values(recording) == {"HR": [64], "SPO2": [None, 96]}


def test_an_oximeters_marks_are_none_in_a_large_table_either(tmp_path: Path) -> None:
    rows = [f"2026-03-01T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z,{60 + n % 9},97" for n in range(12_000)]
    rows[6000] = rows[6000].rpartition("Z")[0] + "Z,255,127"
    path = tmp_path / "night.csv"
    path.write_text("Time,Pulse,SpO2\n" + "".join(f"{row}\n" for row in rows))
    recording = read_recording(path)
    assert max(one.value for one in recording.readings if one.value is not None) == 97
    assert len(recording.readings) == 2 * 11_999


def test_a_pressure_called_systolic_bp_that_runs_on_is_an_arterial_lines() -> None:
    rows = "".join(f"2026-03-01T09:00:{s:02d}Z,{120 + s % 5},{80 + s % 3},{93 + s % 2}\n" for s in range(60))
    recording = read("Time,Systolic BP,Diastolic BP,Mean BP\n" + rows)
    assert set(values(recording)) == {"ABP_SYS", "ABP_DIA", "ABP_MEAN"}
    assert len(recording.readings) == 180


def test_mimics_breaths_are_in_insp_a_minute() -> None:
    recording = read(
        "subject_id,stay_id,charttime,itemid,value,valuenum,valueuom\n"
        "1,2,2180-07-23 22:00:00,220210,20,20,insp/min\n1,2,2180-07-23 22:00:00,220045,94,94,bpm\n"
    )
    assert values(recording) == {"RR": [20], "HR": [94]}


def test_amsterdams_items_are_named_and_in_milliseconds() -> None:
    recording = read(
        "admissionid,itemid,item,tag,value,unitid,unit,comment,measuredat,registeredat,registeredby\n"
        "7,6640,Hartfrequentie,,86,15,/min,,540000,545000,System\n"
        "7,6641,ABP systolisch,,121,22,mmHg,,540000,545000,System\n"
        "7,6678,Niet invasieve bloeddruk systolisch,,125,22,mmHg,,600000,605000,System\n"
    )
    assert told(recording) == {"HR": [("540", 86)], "ABP_SYS": [("540", 121)], "NIBP_SYS": [("600", 125)]}


def test_inspires_times_are_minutes_and_its_operations_are_told_apart() -> None:
    text = "op_id,subject_id,chart_time,item_name,value\n41,9,1990,hr,77\n41,9,1995,nibp_sbp,120\n42,9,5000,hr,80\n"
    with pytest.raises(ChoiceNeeded, match="41, 42"):
        read(text)
    assert told(read(text, patient="41")) == {"HR": [("119400", 77)], "NIBP_SYS": [("119700", 120)]}


def test_eicus_nurse_charting_by_the_name_in_the_row() -> None:
    recording = read(
        "nursingchartid,patientunitstayid,nursingchartoffset,nursingchartcelltypevallabel,nursingchartcelltypevalname,"
        "nursingchartvalue\n"
        "1,5,-10,Heart Rate,Heart Rate,88\n2,5,-10,Non-Invasive BP,Non-Invasive BP Systolic,120\n"
        "3,5,20,Temperature,Temperature (F),98.6\n4,5,20,Pain Score,Pain Score,3\n"
    )
    assert told(recording) == {
        "HR": [("-600", 88)],
        "NIBP_SYS": [("-600", 120)],
        "TEMP": [("1200", pytest.approx(37.0))],
    }


def test_two_who_share_a_home_cuff_are_asked_about() -> None:
    header = "User,Date,Time,SYS,DIA,PULSE\n"
    text = header + "A,2023/05/06,07:12,128,82,66\nB,2023/05/06,07:15,151,95,80\nA,2023/05/07,07:30,131,85,64\n"
    with pytest.raises(ChoiceNeeded, match="A, B"):
        read(text)
    assert values(read(text, patient="A"))["NIBP_SYS"] == [128, 131]


def test_columns_that_number_the_rows_are_not_shown_as_patients() -> None:
    recording = read("ID,Time,Pulse,SpO2\n1,2023/05/20 22:14:01,65,97\n2,2023/05/20 22:14:02,64,96\n")
    assert why(recording, "ID") == "it numbers the rows"
    assert recording.patients == ()


def test_rows_of_statistics_at_the_end_are_no_measurements() -> None:
    recording = read(
        "Reading,Date,Time,SYS,DIA,MAP,HR,Code\n1,5/20/2023,10:00,128,82,97,66,\n2,5/20/2023,10:20,0,0,0,0,EC 02\n"
        "Min,,,128,82,97,66,\nMean,,,128.0,82.0,97.0,66,\n"
    )
    assert values(recording)["NIBP_SYS"] == [128, None]
    assert recording.counts.refused == {"of statistics": 2}


def test_order_of_day_and_month_is_asked_for_an_american_year_of_two_digits() -> None:
    text = "Date,Time,SpO2,PR,PI\n05/20/23,22:14:01,97,65,2.3\n05/20/23,22:14:03,--,--,--\n"  # Masimo
    with pytest.raises(ChoiceNeeded, match="--date-order"):
        read(text)
    assert told(read(text, date_order=DateOrder.MDY))["SPO2"] == [("2023-05-20T22:14:01", 97)]


def test_the_next_part_of_a_report_under_columns_of_its_own_is_not_read_as_the_first() -> None:
    recording = read(
        "Time,HR,SpO2\n2023-05-06 10:00:00,66,97\n\nActivity\nTimestamp,Steps,Calories\n2023-05-06 10:02:00,80,98\n"
        "Time,HR,SpO2\n2023-05-06 10:05:00,68,96\n"
    )
    assert values(recording) == {"HR": [66, 68], "SPO2": [97, 96]}
    assert recording.counts.refused["of another table"] == 2


def test_one_quantity_and_time_of_two_devices_in_a_long_table_is_asked_about() -> None:
    rows = "".join(
        f"2023-05-06 10:0{minute}:00,{device},{name},{value + minute}\n"
        for minute in range(6)
        for device, value in (("M1", 60), ("M2", 90))
        for name in ("HR", "SpO2")
    )
    text = "Timestamp,DeviceID,Parameter,Value\n" + rows
    with pytest.raises(ChoiceNeeded, match=r"DeviceID.*2 patients"):
        read(text)
    chosen = read(text, overrides=Overrides(patient_column="DeviceID"), patient="M2")
    assert values(chosen)["HR"] == [90, 91, 92, 93, 94, 95]


def test_patients_under_an_unknown_name_in_a_long_table_are_never_mixed() -> None:
    rows = "".join(
        f"2023-05-06 10:0{n}:00,{key},HR,{value + n}\n" for n in range(6) for key, value in (("x", 60), ("y", 90))
    )
    with pytest.raises(ChoiceNeeded, match=r"column 'Key'.*2 patients"):
        read("Timestamp,Key,Parameter,Value\n" + rows)


def test_devices_of_one_patient_that_each_give_other_quantities_are_one_recording() -> None:
    recording = read(
        "Timestamp,Device,Parameter,Value\n2023-05-06 10:00:00,ECG,HR,66\n2023-05-06 10:00:00,Oximeter,SpO2,97\n"
        "2023-05-06 10:01:00,ECG,HR,67\n2023-05-06 10:01:00,Oximeter,SpO2,98\n"
    )
    assert values(recording) == {"HR": [66, 67], "SPO2": [97, 98]}


def test_rows_that_name_no_patient_beside_one_that_is_named_are_asked_about() -> None:
    text = "MRN,Time,HR\n1,2023-05-06 10:00:00,66\n,2023-05-06 10:01:00,67\n"
    with pytest.raises(ChoiceNeeded, match="1 rows do not say whose they are: say --patient 1"):
        read(text)
    assert values(read(text, patient="1")) == {"HR": [66]}


def test_a_clock_with_points_needs_its_seconds() -> None:
    recording = read("Date;Time;HR\n16.05.2023;07.12.30;66\n16.05.2023;07.13;67\n16.05.2023;0.30;68\n")
    assert told(recording) == {"HR": [("2023-05-16T07:12:30", 66)]}
    assert recording.counts.refused == {"without a time": 2}


def test_a_unit_behind_the_number_in_a_cell_counts_and_one_of_another_quantity_is_refused() -> None:
    wide = read(
        "Time,HR,SpO2,Temp,NIBP Sys\n2023-05-06 07:12:00,66 bpm,97%,98.6 F,16 kPa\n"
        "2023-05-06 07:13:00,67 %,97 bpm,36.6°C,<40 mmHg\n2023-05-06 07:14:00,68*,98,(36.7),120mmHg\n"
    )
    assert values(wide) == {
        "HR": [66],
        "SPO2": [97, 98],
        "TEMP": [pytest.approx(37.0), 36.6],
        "NIBP_SYS": [pytest.approx(120.00992), 120],
    }
    assert wide.counts.refused == {"cells that are no number": 5}
    long = read(
        "Time,Parameter,Value,Unit\n2023-05-06 07:12:00,HR,66 bpm,\n2023-05-06 07:12:00,HR,66 %,bpm\n"
        "2023-05-06 07:13:00,Temp,98.6 °F,C\n"
    )
    assert values(long) == {"HR": [66], "TEMP": [pytest.approx(37.0)]}


def test_hours_and_minutes_from_the_start_are_told_as_taken_so() -> None:
    recording = read("Time,HR\n00:00,66\n00:05,67\n")
    assert told(recording)["HR"] == [("0", 66), ("300", 67)]
    assert any("hours and minutes" in notice.text for notice in recording.notices)
    assert not read("Time,HR\n0:00:00,66\n0:05:00,67\n").notices


@pytest.mark.parametrize("line", ["Patient: {}\n", "Patient ID,{}\n", "MRN,{},\n", "Bed: {},,\n"])
def test_reports_of_several_patients_one_under_the_other_are_refused(line: str) -> None:
    first = line.format("A") + "Time,HR,SpO2\n2023-05-06 10:00:00,66,97\n"
    second = line.format("B") + "Time,HR,SpO2\n2023-05-06 11:00:00,90,95\n"
    with pytest.raises(RecordingError, match=r"several patients.*A and B"):
        read(first + second)
    assert values(read(first + second.replace("B", "A")))["HR"] == [66, 90]
    assert values(read(first + "Printed by: nurse,,\n"))["HR"] == [66]
    with pytest.raises(RecordingError, match=r"several patients.*A and B"):
        read(line.format("A") + line.format("B") + "Time,HR,SpO2\n2023-05-06 10:00:00,66,97\n")
    assert values(read('A "vital" sign\n' + first))["HR"] == [66]


def test_a_long_report_above_whose_header_stand_two_patients_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    rows = "".join(f"{second},{60 + second % 30}\n" for second in range(40_000))
    path.write_text(f"Patient: A\nPatient: B\nseconds,HR\n{rows}")
    assert path.stat().st_size > 1 << 18
    with pytest.raises(RecordingError, match=r"several patients.*A and B"):
        read_recording(path)
    path.write_text(f"Patient: A\nseconds,HR\n{rows}")
    assert len(read_recording(path).readings) == 40_000


def test_a_row_of_texts_under_a_month_by_name_is_a_row() -> None:
    recording = read('Time,HR\n"May 6, 2023 10:00",66\n"May 6, 2023 10:01",LOW\n"May 6, 2023 10:02",68\n')
    assert values(recording) == {"HR": [66, 68]}
    assert recording.counts.refused == {"cells that are no number": 1}


def test_a_row_of_groups_above_the_header_says_whose_systolic_it_is() -> None:
    head = ",,ECG,ART,,,NIBP,,,PA,,SpO2\nDate,Time,HR,Sys,Dia,Mean,Sys,Dia,Mean,Sys,Dia,%\n"
    row = "14/07/2023,08:10:00,72,121,81,94,118,79,92,30,12,97\n"
    recording = read(head + row)
    assert values(recording) == {
        "HR": [72],
        "ABP_SYS": [121],
        "ABP_DIA": [81],
        "ABP_MEAN": [94],
        "NIBP_SYS": [118],
        "NIBP_DIA": [79],
        "NIBP_MEAN": [92],
        "SPO2": [97],
    }
    assert why(recording, "PA Sys") == "its name is not known"
    lower = head.split("\n")[1] + "\n"
    for again in (head, lower):
        later = read(head + row + again + row.replace("08:10", "08:20"))
        assert values(later)["ABP_SYS"] == [121, 121]
        assert "PA Sys" not in {reading.source for reading in later.readings}
        assert set(values(later)) == set(values(recording))


def test_a_title_above_the_header_is_no_group() -> None:
    recording = read("Report,,,,\nDate,Time,HR,Sys,Dia\n14/07/2023,08:10:00,72,121,81\n")
    assert values(recording) == {"HR": [72], "NIBP_SYS": [121], "NIBP_DIA": [81]}


def test_spanish_halves_of_the_day() -> None:
    recording = read("Fecha;Hora;FC\n14/07/2023;8:10:00 a. m.;72\n14/07/2023;8:10:00 p.\u00a0m.;73\n")
    assert told(recording)["HR"] == [("2023-07-14T08:10:00", 72), ("2023-07-14T20:10:00", 73)]


def test_the_curve_of_breathing_is_no_rate_of_breathing(tmp_path: Path) -> None:
    rows = [f"{n / 125:.3f},{0.2 + n % 250 / 500:.3f},66,97" for n in range(1000)]  # BIDMC's signals: 125 Hz
    recording = read("Time [s],RESP,HR,SpO2\n" + "".join(f"{row}\n" for row in rows))
    assert set(values(recording)) == {"HR", "SPO2"}
    assert "curve" in why(recording, "RESP")
    slow = read("Time [s], HR, PULSE, RESP, SpO2\n0, 94, 93, 25, 97\n1, NaN, 94, 26, 97\n2, 94, 93, 24, 97\n")
    assert values(slow)["RR"] == [25, 26, 24]
    held = read("Time [s],RESP\n" + "".join(f"{n / 100:.2f},{14 + n // 300}\n" for n in range(900)))
    assert set(values(held)["RR"]) == {14, 15, 16}
    times = (instant.format(instant.parse("2026-03-01T09:00:00Z") + n * 8000) for n in range(12_000))
    path = tmp_path / "signals.csv"
    path.write_text("Time,RESP,HR\n" + "".join(f"{time},{n % 250},66\n" for n, time in enumerate(times)))
    assert {reading.signal for reading in read_recording(path).readings} == {"HR"}


def test_milliseconds_between_beats_called_rr_are_no_breaths(tmp_path: Path) -> None:
    recording = read("time [s];HR;rr\n0;66;910\n1;67;895\n2;67;900\n")  # Polar
    assert set(values(recording)) == {"HR"}
    assert "between two beats" in why(recording, "rr")
    odd = read("time [s];HR;rr\n0;66;14\n1;67;950\n2;67;15\n")
    assert values(odd)["RR"] == [14, 950, 15]
    times = (instant.format(instant.parse("2026-03-01T09:00:00Z") + n * instant.SECOND) for n in range(12_000))
    path = tmp_path / "beats.csv"
    path.write_text("Timestamp,RR,HR\n" + "".join(f"{time},{900 + n % 9},66\n" for n, time in enumerate(times)))
    assert {reading.signal for reading in read_recording(path).readings} == {"HR"}
