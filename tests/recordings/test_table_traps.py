"""Each trap that the recorded-files sheet names for text tables: no file may give a wrong number or a wrong time."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from devices import instant
from devices.instant import HOUR, MINUTE, SECOND
from devices.reading import Status
from devices.recordings.base import ChoiceNeeded, Limits, Overrides, Recording, RecordingError, read_recording
from devices.recordings.delimited.reader import read_text
from devices.recordings.options import Options

T = instant.parse("2026-03-01T09:00:00Z")
BERLIN = ZoneInfo("Europe/Berlin")


def read(text: str, **options: object) -> Recording:
    return read_text(text, Options(**options), "export.csv")  # type: ignore[arg-type]


def values(recording: Recording, signal: str) -> list[float | None]:
    return [reading.value for reading in recording.readings if reading.signal == signal]


def seconds(recording: Recording, signal: str, zero: int = T) -> list[float]:
    return [(reading.time - zero) / SECOND for reading in recording.readings if reading.signal == signal]


def told(recording: Recording, kind: str) -> list[str]:
    return [notice.text for notice in recording.notices if notice.kind == kind]


# -- VSCapture ---------------------------------------------------------------------------------------------------

NAMES = (
    "Date,Time,Heart Rate(/min),Systolic BP(mmHg),Diastolic BP(mmHg),Mean BP(mmHg),SpO2(%), ETCO2(mmhg), CO2 FI(mmhg),"
    " ETO2(%), O2 FI(%), ETN2O(%), N2O FI(%), ET Agent(%), Agent FI(%), Agent, MAC, RR,T1,T2,P1 HR, P1 Sys,P1 Dia,"
    " P1 Mean,P2 HR, P2 Sys,P2 Dia, P2 Mean,PPeak,PPlat,TV Exp,TV Insp,PEEP,MV Exp,Compliance,RR,ST II(mm),ST V5(mm),"
    "ST aVL(mm),SE,RE,BIS,BSR,EMG"
)
PREAMBLE = "VitalSignsCapture v1.004\nDatex AS3 Monitor\n" + NAMES + "\n"


def datex(time: str, hr: str, bp: str = "-,-,-", fields: int = 44, tail: str = "-", date: str = "15/05/2016") -> str:
    """A row of VSCapture, with the comma at its end."""
    row = [date, time, hr, *bp.split(","), "98", *["-"] * (fields - 7)]
    row[15] = "None"
    row[17] = "12"
    row[-9:] = [tail] * 9
    return ",".join(row) + ",\n"


def test_vscapture_rows_of_45_fields_under_44_names_are_not_shifted() -> None:
    assert len(NAMES.split(",")) == 44
    recording = read(PREAMBLE + datex("12:50:56", "78", "121,78,90"))
    assert {r.signal: r.value for r in recording.readings} == {
        "HR": 78, "NIBP_SYS": 121, "NIBP_DIA": 78, "NIBP_MEAN": 90, "SPO2": 98, "RR": 12,
    }  # fmt: skip
    assert instant.format(recording.first) == "2016-05-15T12:50:56.000Z"


def test_vscapture_of_two_columns_rr_only_the_first_is_read_and_that_is_said() -> None:
    recording = read(PREAMBLE + datex("12:50:56", "78").replace(",-,-,-,-,-,-,-,-,-,\n", ",33,-,-,-,-,-,-,-,-,\n"))
    assert values(recording, "RR") == [12]
    assert [(c.signal, c.note) for c in recording.mapping if c.name == "RR"] == [
        ("RR", ""),
        ("", "a second column of this name (#36 in a mapping)"),
    ]


def test_vscapture_47_fields_keep_the_leading_seven_only() -> None:
    recording = read(PREAMBLE + datex("12:50:56", "78", "121,78,90", fields=47))
    assert sorted({r.signal for r in recording.readings}) == ["HR", "NIBP_DIA", "NIBP_MEAN", "NIBP_SYS", "SPO2"]


def test_vscapture_a_row_that_was_cut_keeps_nothing() -> None:
    row = datex("12:50:56", "78", "121,78,90")
    for end in range(len(row) - 1):
        recording = read(PREAMBLE + datex("12:50:51", "77") + row[:end])
        assert values(recording, "HR") in ([77], [77, 78])
        assert values(recording, "SPO2") in ([98], [98, 98])
        assert values(recording, "NIBP_SYS") in ([], [121])
        assert len(values(recording, "NIBP_SYS")) == len(values(recording, "NIBP_DIA"))


def test_vscapture_minute_averages_are_left_out_also_with_a_module_that_shows_0_in_every_row() -> None:
    rows = [("12:50:55", "70", "-"), ("12:51:00", "90", "0"), ("12:51:05", "71", "-"), ("12:51:10", "71", "-")]
    recording = read(PREAMBLE + "".join(datex(time, hr, tail=tail) for time, hr, tail in rows))
    assert values(recording, "HR") == [70, 71, 71]
    assert recording.counts.refused == {"minute averages": 1}
    always = read(PREAMBLE + "".join(datex(time, hr, tail="0") for time, hr, _ in rows))
    assert values(always, "HR") == [70, 90, 71, 71]


def test_vscapture_nibp_repeated_every_5_s_is_one_measurement() -> None:
    shown = "".join(
        datex(f"12:5{i // 12}:{i % 12 * 5:02d}", "70", "121,78,90" if 3 <= i < 20 else "-,-,-") for i in range(30)
    )
    recording = read(PREAMBLE + shown)
    assert values(recording, "NIBP_SYS") == [121]
    assert recording.counts.repeats == 16


def test_vscapture_dates_with_days_up_to_12_are_asked_about() -> None:
    text = PREAMBLE + datex("12:32:02 PM", "70", date="3/4/2026")
    with pytest.raises(ChoiceNeeded, match="--date-order dmy or mdy"):
        read(text)


# -- VSCaptureMP -------------------------------------------------------------------------------------------------

MP = (
    "Time,RelativeTime,SystemLocalTime,NOM_ECG_CARD_BEAT_RATE,NOM_PRESS_BLD_NONINV_SYS,NOM_PRESS_BLD_NONINV_DIA,"
    "NOM_PRESS_BLD_NONINV_MEAN\n"
)


def test_vscapturemp_packed_rows_are_refused_and_counted() -> None:
    rows = ["70,120,80,93", "70,80,93", "70,93", "71,125,82,96", "71,125,82,96,3"]
    text = MP + "".join(f"23-09-2023 10:05:{24 + i}.480,{8192 * i},x,{row}\n" for i, row in enumerate(rows))
    recording = read(text)
    assert values(recording, "NIBP_SYS") == [120, 125]
    assert recording.counts.refused == {"of another length": 3}
    assert recording.counts.sentence().startswith("5 rows read, 2 used, 3 refused (3 of another length)")


def test_vscapturemp_a_new_header_in_the_middle_has_columns_of_its_own(tmp_path: Path) -> None:
    later = MP.replace("RATE,", "RATE,NOM_PULS_OXIM_SAT_O2,")
    text = (
        "\ufeff" + MP + "08/14/2020 19:42:33,8192,x,70,120,80,93\n"
        "\ufeff" + later + "08/16/2020 19:42:33,4096,x,72,97,130,85,99\n"
    )
    path = tmp_path / "MPDataExport.csv"
    path.write_text(text, encoding="utf-8")
    recording = read_recording(path)
    assert values(recording, "HR") == [70, 72]
    assert values(recording, "NIBP_SYS") == [120, 130]
    assert values(recording, "SPO2") == [97]
    assert recording.last - recording.first == 48 * HOUR
    assert any("restarted" in text for text in told(recording, "device-event"))
    assert told(recording, "device-restarted") != []


def test_vscapturemp_relative_time_spaces_rows_stamped_in_whole_seconds() -> None:
    start = datetime(2020, 8, 14, 19, 42, 33, tzinfo=UTC)
    rows = []
    for i in range(60):
        passed = 0.25 + i * 1.024  # the PC's stamp leaves the fraction out
        rows.append(f"{start + timedelta(seconds=int(passed)):%m/%d/%Y %H:%M:%S},{100 + i * 8192},x,70,-,-,-\n")
    recording = read(MP + "".join(rows))
    times = seconds(recording, "HR")
    steps = {round(b - a, 6) for a, b in pairwise(times)}
    assert steps == {1.024}
    stamps = [instant.from_datetime(datetime.strptime(r[:19] + "Z", "%m/%d/%Y %H:%M:%S%z")) for r in rows]
    assert [r.time // SECOND * SECOND for r in recording.readings] == stamps


def test_vscapturemp_a_counter_that_falls_is_a_restart_and_stamps_hold() -> None:
    text = MP + "08/14/2020 19:42:33,800000,x,70,-,-,-\n08/14/2020 19:42:50,8192,x,70,-,-,-\n"
    recording = read(text)
    assert [r.time % SECOND for r in recording.readings] == [0, 0]
    assert len(told(recording, "device-restarted")) == 1


def test_the_java_variants_ist_is_asked_and_its_zeros_are_no_values() -> None:
    text = (
        "Time,RelativeTime,NOM_ECG_CARD_BEAT_RATE,NOM_PRESS_BLD_NONINV_SYS\n"
        "Thu Apr 29 01:21:35 IST 2021,8192,70.0,0.0\nThu Apr 29 01:21:36 IST 2021,16384,0.0,0.0\n"
    )
    with pytest.raises(ChoiceNeeded, match=r"IST.*--timezone"):
        read(text)
    india = read(text, zone=ZoneInfo("Asia/Kolkata"), zone_said=True)
    assert [(instant.format(r.time), r.signal, r.value) for r in india.readings] == [
        ("2021-04-28T19:51:35.000Z", "HR", 70)
    ]
    ireland = read(text, zone=ZoneInfo("Europe/Dublin"), zone_said=True)
    assert instant.format(ireland.first) == "2021-04-29T00:21:35.000Z"
    with pytest.raises(RecordingError, match="not used in Europe/Berlin"):
        read(text, zone=BERLIN, zone_said=True)
    assert instant.format(read(text.replace("IST", "GMT+05:30")).first) == "2021-04-28T19:51:35.000Z"


def test_a_java_programs_zone_tells_the_two_hours_of_autumn() -> None:
    text = (
        "Time,HR\nSun Oct 26 02:30:00 CEST 2025,70\nSun Oct 26 02:30:00 CET 2025,71\nSun Oct 26 12:30:00 CET 2025,72\n"
    )
    recording = read(text, zone=BERLIN, zone_said=True)
    assert [instant.format(r.time)[11:16] for r in recording.readings] == ["00:30", "01:30", "11:30"]


# -- University of Queensland --------------------------------------------------------------------------------------

UQ = (
    "Time,RelativeTimeMilliseconds,Clock,HR,ST-II,Pulse,SpO2,Perf,etCO2,imCO2,awRR,NBP (Sys),NBP (Dia),NBP (Mean),"
    "NBP (Pulse),NBP (Time Remaining),ART (Sys),ART (Dia),ART (Mean)\n"
)


def uq(milliseconds: int, hr: int, cuff: str = ",,,", clock: str = "23:59:59", alarm: str = "") -> str:
    return f"0:00:00,{milliseconds},{clock},{hr},,{hr},97,,,,12,{cuff},,,,{alarm}\n"


def test_queensland_the_time_is_in_milliseconds_whatever_the_clock_says_at_midnight() -> None:
    recording = read("\ufeff" + UQ + uq(0, 80) + uq(1000, 81, clock="00:00:00") + uq(2500, 82, clock="00:00:01"))
    assert recording.relative
    assert seconds(recording, "HR", 0) == [0, 1, 2.5]


def test_queensland_alarm_texts_with_commas_are_cut_off_at_the_right() -> None:
    recording = read(UQ + uq(0, 80, alarm=",,HR high, 120, 99, 88") + uq(1000, 81))
    assert values(recording, "HR") == [80, 81]
    assert {r.signal for r in recording.readings} == {"HR", "PR", "SPO2", "RR"}
    assert recording.counts.refused == {}


def test_queensland_the_cuffs_pulse_comes_once_a_measurement() -> None:
    rows = uq(0, 80) + "".join(uq(1000 * i, 80, "120,80,93,79") for i in range(1, 20)) + uq(21_000, 80, "140,90,107,85")
    recording = read(UQ + rows)
    assert values(recording, "NIBP_SYS") == [120, 140]
    assert [r.value for r in recording.readings if r.source == "csv:nibp.NBP (Pulse)"] == [79, 85]


def test_queensland_parts_are_joined_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        (tmp_path / f"uq_vsd_case01_fulldata_{number}.csv").write_text(
            "\ufeff" + UQ + uq(number * 1000, 60 + number) + uq(number * 1000 + 10, 60 + number), encoding="utf-8"
        )
    (tmp_path / "uq_vsd_case02_fulldata_3.csv").write_text(UQ + uq(0, 200))
    recording = read_recording(tmp_path / "uq_vsd_case01_fulldata_10.csv")
    assert values(recording, "HR") == [61, 61, 62, 62, 70, 70]
    assert recording.explanation.files == tuple(f"uq_vsd_case01_fulldata_{number}.csv" for number in (1, 2, 10))
    assert any("3, 4, 5, 6, 7, 8, 9" in text for text in told(recording, "incomplete"))
    (tmp_path / "uq_vsd_case01_fulldata_2.csv").write_text(UQ + uq(0, 62))
    with pytest.raises(RecordingError, match="do not follow each other"):
        read_recording(tmp_path / "uq_vsd_case01_fulldata_10.csv")


# -- hospital tables -----------------------------------------------------------------------------------------------


def test_mimic_chartevents_by_item_number_in_the_unit_of_the_item() -> None:
    header = "subject_id,hadm_id,stay_id,charttime,itemid,value,valuenum,valueuom,error\n"
    rows = [
        "1,2,3,2180-07-23 12:36:00,220179,121,121,mmHg,0",
        "1,2,3,2180-07-23 12:36:00,220180,80,80,mmHg,0",
        "1,2,3,2180-07-23 12:36:00,220045,91,91,bpm,0",
        "1,2,3,2180-07-23 12:36:00,223761,98.6,98.6,,0",
        "1,2,3,2180-07-23 13:36:00,220045,300,300,bpm,1",
        "1,2,3,2180-07-23 13:36:00,226253,60,60,bpm,0",
    ]
    recording = read(header + "\n".join(rows) + "\n")
    assert [(r.signal, r.value) for r in recording.readings] == [
        ("NIBP_SYS", 121),
        ("NIBP_DIA", 80),
        ("HR", 91),
        ("TEMP", pytest.approx(37.0)),
    ]
    assert instant.format(recording.first) == "2180-07-23T12:36:00.000Z"
    assert recording.counts.refused == {"marked as errors": 1, "of other quantities": 1}


def test_eicu_minutes_from_admission_may_be_negative() -> None:
    periodic = (
        "vitalperiodicid,patientunitstayid,observationoffset,temperature,sao2,heartrate,systemicsystolic\n"
        "1,141168,-5,,93,140,\n2,141168,0,36.5,93,141,120\n"
    )
    recording = read(periodic)
    assert seconds(recording, "HR", 0) == [-300, 0]
    assert values(recording, "ABP_SYS") == [120]
    aperiodic = (
        "vitalaperiodicid,patientunitstayid,observationoffset,noninvasivesystolic,noninvasivediastolic,"
        "noninvasivemean\n1,141168,119,100,70,83\n"
    )
    assert [(r.time // MINUTE, r.signal, r.value) for r in read(aperiodic).readings] == [
        (119, "NIBP_SYS", 100),
        (119, "NIBP_DIA", 70),
        (119, "NIBP_MEAN", 83),
    ]


def test_challenge_2019_has_bars_and_nan() -> None:
    text = "HR|O2Sat|Temp|SBP|MAP|DBP|Resp|ICULOS\nNaN|NaN|NaN|NaN|NaN|NaN|NaN|1\n97|95|NaN|98|75.33|NaN|19|2\n"
    recording = read(text)
    assert [(r.time // HOUR, r.signal, r.value) for r in recording.readings] == [
        (2, "HR", 97),
        (2, "SPO2", 95),
        (2, "NIBP_SYS", 98),
        (2, "NIBP_MEAN", 75.33),
        (2, "RR", 19),
    ]


def test_challenge_2012_minus_1_is_unknown_and_counted() -> None:
    recording = read("Time,Parameter,Value\n00:00,RecordID,132539\n00:07,HR,-1\n47:59,HR,80\n")
    assert seconds(recording, "HR", 0) == [47 * 3600 + 59 * 60]
    assert recording.counts.refused["unknown (-1)"] == 1


# -- several patients ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column",
    [
        "patient_id",
        "MRN",
        "ID",
        "id",
        "Name",
        "bed",
        "RecordID",
        "animal_id",
        "Pat",
        "Pt",
        "Nr",
        "ID Number",
        "Location",
        "USUBJID",
        "Patienten-ID",
        "Bettplatz",
        "Habitación",
    ],
)
def test_seven_patients_in_one_file_are_never_mixed(column: str) -> None:
    rows = [f"2026-03-01T09:00:{s:02d}Z,P{p},{60 + p}" for s in range(20) for p in range(7)]
    text = f"Time,{column},HR\n" + "\n".join(rows) + "\n"
    with pytest.raises(ChoiceNeeded, match="7 patients or cases: say --patient, one of P0, P1"):
        read(text)
    one = read(text, patient="P3")
    assert set(values(one, "HR")) == {63}
    assert one.counts.refused == {"of other patients": 120}


def test_patients_in_a_column_of_any_name_are_never_mixed() -> None:
    rows = [f"2026-03-01T09:00:{s:02d}Z,P{p},{60 + p}" for s in range(20) for p in range(7)]
    text = "Time,Wer,HR\n" + "\n".join(rows) + "\n"
    with pytest.raises(ChoiceNeeded, match="rows of one time differ in the column 'Wer', which may name 7 patients"):
        read(text)
    told = Overrides(patient_column="Wer")
    assert set(values(read(text, overrides=told, patient="P3"), "HR")) == {63}
    assert len(read(text, mapping={"Wer": ""}).readings) == 140


def in_blocks(names: str, starts: list[int], step: int = 5) -> str:
    """A table of 20 rows for each of `names`, which begin so many minutes after nine; a row each `step` seconds."""
    rows = []
    for number, (name, start) in enumerate(zip(names, starts, strict=True)):
        for row in range(20):
            second = 60 * start + step * row + number
            rows.append(
                f"2026-03-01T{9 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z,{name},{60 + row}"
            )
    return "Time,Wer,HR\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize("starts", [[0, 0], [0, 1, 0], [60, 0, 30], [0, 150, 0, 400]])
def test_patients_one_after_the_other_who_share_no_time_are_never_mixed(starts: list[int]) -> None:
    names = "ABCD"[: len(starts)]
    text = in_blocks(names, starts, 60 * 7)
    with pytest.raises(ChoiceNeeded, match="times go back where the column 'Wer' changes, which may name") as asked:
        read(text)
    assert asked.value.option == "patient_column"
    assert len(read(text, overrides=Overrides(patient_column="Wer"), patient="B").readings) == 20
    assert len(read(text, mapping={"Wer": ""}).readings) == 20 * len(names)


@pytest.mark.parametrize(
    ("names", "starts"),
    [("AB", [0, 30]), ("ABA", [0, 30, 60]), ("AAB", [0, 0, 30]), ("ABAB", [0, 10, 5, 20])],
)
def test_what_changes_while_the_times_go_on_is_one_patients(names: str, starts: list[int]) -> None:
    assert len(read(in_blocks(names, starts)).readings) == 20 * len(names)


def test_rows_of_one_minute_with_other_columns_are_of_one_patient() -> None:
    # Twelve rows a minute, written without seconds: what differs among them counts or measures.
    rows = [f"2026-03-01 09:{i // 12:02d},{60 + i % 3},{i},{30 + i % 5},0.{i % 12:02d}" for i in range(120)]
    recording = read("Time,HR,Count,etCO2,ST-II\n" + "\n".join(rows) + "\n")
    assert len(values(recording, "HR")) == 120


def test_numbers_of_rows_are_no_patients() -> None:
    rows = "".join(f"{i},2026-03-01T09:00:{i:02d}Z,{60 + i}\n" for i in range(50))
    assert len(read("id,time,HR\n" + rows).readings) == 50


def test_a_patient_who_is_moved_to_another_bed_stays_one() -> None:
    text = "patient,bed,time,HR\nA,1,2026-03-01T09:00:00Z,60\nA,2,2026-03-01T09:00:01Z,61\n"
    assert values(read(text), "HR") == [60, 61]


# -- numbers, units, encodings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_decimal_commas_in_every_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "export.csv"
    text = "Zeit;HF;Temp (°C);Bemerkung\r\n01.03.2026 09:00:00;70;36,8;für\r\n13.03.2026 09:00:01;71;36,95;\r\n"
    path.write_bytes(text.replace(";", delimiter).encode(encoding))
    recording = read_recording(path)
    assert values(recording, "TEMP") == [36.8, 36.95]
    assert values(recording, "HR") == [70, 71]
    assert recording.explanation.decimal_mark == ","


def test_beside_decimal_commas_a_point_is_no_decimal_mark() -> None:
    recording = read("Time;HR;Temp\n2026-03-01T09:00:00Z;97,5;36,8\n2026-03-01T09:00:01Z;1.234;1.236,8\n")
    assert values(recording, "HR") == [97.5]
    assert values(recording, "TEMP") == [36.8]
    assert recording.counts.refused == {"cells that are no number": 2}


def test_two_decimal_marks_in_one_file_are_asked_about() -> None:
    text = "Time;HR;Temp\n2026-03-01T09:00:00Z;97,5;36.8\n"
    with pytest.raises(ChoiceNeeded, match=r"values\.decimal_mark"):
        read(text)
    chosen = read(text, overrides=Overrides(decimal_mark="."))
    assert [(r.signal, r.value) for r in chosen.readings] == [("TEMP", 36.8)]


@pytest.mark.parametrize("cell", ['"1,234"', "1'234", "1 234", "1_234", "0x48", "７０", "=70", "70*"])
def test_what_is_no_plain_number_is_no_value(cell: str) -> None:
    recording = read(f"Time,HR\n2026-03-01T09:00:00Z,{cell}\n")
    assert recording.readings == []
    assert recording.counts.refused == {"cells that are no number": 1}


@pytest.mark.parametrize(
    ("column", "cells", "asked"),
    [
        ("NBPSys", ("16", "17.5"), "kPa or mmHg"),
        ("MAP", ("12", "13"), "kPa or mmHg"),
        ("Temp", ("98.6", "99"), "degF or degC"),
        ("SpO2", ("0.97", "0.98"), "fraction or %"),
    ],
)
def test_a_unit_that_values_leave_open_is_asked_and_a_mapping_says_it(
    column: str, cells: tuple[str, ...], asked: str
) -> None:
    text = f"Time,{column}\n" + "".join(f"2026-03-01T09:0{i}:00Z,{cell}\n" for i, cell in enumerate(cells))
    with pytest.raises(ChoiceNeeded, match=asked):
        read(text)
    said = {"NBPSys": "kPa", "MAP": "kPa", "Temp": "degF", "SpO2": "fraction"}[column]
    first = read(text, overrides=Overrides(units={column: said})).readings[0].value
    assert first == pytest.approx({"NBPSys": 120.01, "MAP": 90.007, "Temp": 37.0, "SpO2": 97.0}[column], abs=0.01)


@pytest.mark.parametrize("unit", ["kPa", "[kPa]", "(kPa)"])
def test_a_units_row_is_read_in_any_brackets_and_an_unknown_unit_leaves_its_column_out(unit: str) -> None:
    recording = read(f"Time,HR,NBPSys,NBPDias\n[hh:mm],[bpm],{unit},[cmH2O]\n2026-03-01T09:00:00Z,70,16,10\n")
    assert [(r.signal, r.value) for r in recording.readings] == [("HR", 70), ("NIBP_SYS", pytest.approx(120.00992))]
    assert next(c.note for c in recording.mapping if c.name == "NBPDias") == "[cmH2O] is no unit of NIBP_DIA"


# -- times ---------------------------------------------------------------------------------------------------------


def test_32_hours_over_a_clock_change_in_utf16_with_decimal_commas(tmp_path: Path) -> None:
    """Written by a logger that knows nothing of zones; what can be known is checked against zoneinfo's own clock."""
    begin = datetime(2025, 10, 25, 12, 0, tzinfo=BERLIN)
    moments = [(begin.astimezone(ZoneInfo("UTC")) + timedelta(minutes=i)) for i in range(32 * 60)]
    lines = ["Datum;Uhrzeit;HF;SpO2"]
    lines += [f"{m.astimezone(BERLIN):%d.%m.%Y;%H:%M:%S};{70 + i % 7},5;97" for i, m in enumerate(moments)]
    path = tmp_path / "Nacht.csv"
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("utf-16"))
    with pytest.raises(ChoiceNeeded, match=r"go back from 02:59:00 to 02:00:00.*--timezone"):
        read_recording(path)
    recording = read_recording(path, zone=BERLIN)
    expected = {
        instant.from_datetime(m): 70.5 + i % 7
        for i, m in enumerate(moments)
        if m.astimezone(BERLIN).replace(fold=0).utcoffset() == m.astimezone(BERLIN).replace(fold=1).utcoffset()
    }
    assert {r.time: r.value for r in recording.readings if r.signal == "HR"} == expected
    assert recording.counts.refused == {"in the hour of a clock change": 120}
    assert any("120 rows lie in an hour" in text for text in told(recording, "row-refused"))


def test_the_hour_that_spring_skips_is_refused_and_a_fixed_offset_reads_it() -> None:
    text = "Time,HR\n2026-03-29 02:30:00,70\n2026-03-29 04:30:00,71\n"
    recording = read(text, zone=BERLIN, zone_said=True)
    assert values(recording, "HR") == [71]
    assert recording.counts.refused == {"in the hour of a clock change": 1}
    fixed = read(text, zone=instant.zone_named("+01:00"), zone_said=True)
    assert instant.format(fixed.first) == "2026-03-29T01:30:00.000Z"


@pytest.mark.parametrize("year", ["2180", "2704", "2896", "9990"])
def test_years_far_ahead_are_read(year: str) -> None:
    assert instant.format(read(f"Time,HR\n{year}-03-01 09:00:00,70\n").first) == f"{year}-03-01T09:00:00.000Z"


def test_a_spreadsheets_day_numbers_are_asked_about_and_read_once_said() -> None:
    text = "Time,HR\n45352.4,70\n45352.40625,71\n"
    with pytest.raises(ChoiceNeeded, match=r"time\.unit"):
        read(text)
    recording = read(text, overrides=Overrides(time_unit="excel"))
    assert [instant.format(r.time) for r in recording.readings] == [
        "2024-03-01T09:36:00.000Z",
        "2024-03-01T09:45:00.000Z",
    ]


def test_unix_times_are_refused_until_said() -> None:
    text = "Time,HR\n1700000000.25,70\n1700000001,71\n"
    with pytest.raises(RecordingError, match=r"time\.unit"):
        read(text)
    recording = read(text, overrides=Overrides(time_unit="unix"))
    assert [r.time for r in recording.readings] == [1_700_000_000_250_000, 1_700_000_001_000_000]


@pytest.mark.parametrize("time", ["1e999999999", "1e9", "1700000002e17"])
def test_a_damaged_unix_time_of_any_size_is_refused_in_its_row(time: str) -> None:
    recording = read(f"Time,HR\n1700000000,70\n{time},71\n1700000002,72\n", overrides=Overrides(time_unit="unix"))
    assert values(recording, "HR")[-1] == 72
    assert recording.counts.refused == ({} if time == "1e9" else {"without a time": 1})


def test_equal_times_keep_the_order_of_the_file_and_are_told() -> None:
    recording = read("Time,HR\n01:30,71\n01:30,70\n01:31,70\n00:00,69\n")
    assert values(recording, "HR") == [69, 71, 70, 70]
    assert len(told(recording, "same-time")) == 1
    assert len(told(recording, "out-of-order")) == 1


# -- damage --------------------------------------------------------------------------------------------------------


def test_rows_shorter_than_their_header_give_nothing() -> None:
    recording = read(
        "Time,HR,SpO2,NBPSys,NBPDias\n2026-03-01T09:00:00Z,80\n2026-03-01T09:00:01Z,80,97\n"
        "2026-03-01T09:00:02Z,81,97,120,80\n2026-03-01T09:00:03Z,97,120,80\n"
    )
    assert values(recording, "HR") == [81]
    assert recording.counts.refused == {"of another length": 3}


@pytest.mark.parametrize("whole", ["98", "101", "36.5", "7"])
def test_a_number_cut_at_the_end_of_the_file_is_not_a_smaller_one(whole: str) -> None:
    rows = "".join(f"2026-03-01T09:00:0{i}Z,80,{whole}\n" for i in range(3))
    for end in range(1, len(whole)):
        recording = read("Time,HR,SpO2\n" + rows + f"2026-03-01T09:00:09Z,81,{whole[:end]}")
        assert values(recording, "SPO2") == [float(whole)] * 3
        assert values(recording, "HR") == [80, 80, 80, 81]
        assert len(told(recording, "incomplete")) == 1
    kept = read("Time,HR,SpO2\n" + rows + f"2026-03-01T09:00:09Z,81,{whole}")
    assert values(kept, "SPO2") == [float(whole)] * 4


def test_a_value_cut_at_the_end_of_a_long_table_and_a_cut_time_are_not_used() -> None:
    rows = "00:10,HR,101\n00:11,HR,99\n"
    assert values(read("Time,Parameter,Value\n" + rows + "00:12,HR,10"), "HR") == [101, 99]
    assert seconds(read("HR|ICULOS\n80|10\n81|11\n82|1"), "HR", 0) == [36_000, 39_600]


def test_a_second_header_with_its_columns_in_another_order_is_followed() -> None:
    recording = read("HR,seconds\n70,0\n71,1\nseconds,HR\n2,72\n3,73\n")
    assert [(r.time // SECOND, r.value) for r in recording.readings] == [(0, 70), (1, 71), (2, 72), (3, 73)]


def test_two_columns_of_one_name_for_a_cuff_value_are_asked_about() -> None:
    text = "Time,NBPSys,NBPSys\n2026-03-01T09:00:00Z,120,130\n"
    with pytest.raises(RecordingError, match="'#3'"):
        read(text)
    assert values(read(text, mapping={"#2": ""}), "NIBP_SYS") == [130]


def test_formula_cells_are_text_and_never_reach_a_table_that_is_written(tmp_path: Path) -> None:
    recording = read("Time,HR,=cmd|'/c calc'!A0\n2026-03-01T09:00:00Z,=1+1,@SUM(1)\n2026-03-01T09:00:01Z,70,x\n")
    assert values(recording, "HR") == [70]


def test_a_line_without_an_end_is_refused_before_memory_is(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"time,HR\n" + b"7" * 3_000_000)
    with pytest.raises(RecordingError, match="line 2 is longer than"):
        read_recording(path)


def test_reading_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(RecordingError, match="took longer than 0 s"):
        read("time,HR\n0,70\n", limits=Limits(seconds=0.0))


def test_a_table_is_what_the_csv_module_finds_in_it(tmp_path: Path) -> None:
    """An independent reading of a made export of an hour, row by row, with gaps and marks of every kind."""
    marks = ["", "-", "-?-", "NaN", "NULL", "None", "#N/A", "n/a"]
    path = tmp_path / "export.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(["Time", "HR", "sp02", "ART (Sys)"])
        for i in range(3600):
            row = [60 + i % 40, 90 + i % 10 + 0.5, 100 + i % 60]
            cells = [marks[(i + k) % 8] if (i + k) % 11 == 0 else value for k, value in enumerate(row)]
            writer.writerow([f"2026-03-01T{9 + i // 3600:02d}:{i // 60 % 60:02d}:{i % 60:02d}+01:00", *cells])
    with path.open(newline="") as file:
        expected = [
            (datetime.fromisoformat(row["Time"]), signal, float(row[name]))
            for row in csv.DictReader(file)
            for name, signal in (("HR", "HR"), ("sp02", "SPO2"), ("ART (Sys)", "ABP_SYS"))
            if row[name] not in marks
        ]
    recording = read_recording(path)
    got = [(instant.to_datetime(r.time), r.signal, r.value) for r in recording.readings]
    assert got == expected
    assert all(r.status is Status.OK for r in recording.readings)


def test_of_a_table_with_many_columns_each_value_stays_in_its_column() -> None:
    names = [f"c{n}" for n in range(300)]
    names[7], names[120], names[299], names[250] = "HR", "Time", "SpO2", "patient"
    rows = []
    for second in range(5):
        cells = [str(1000 + n) for n in range(300)]
        cells[7], cells[299], cells[250] = str(70 + second), "97", "AB"[second % 2]
        cells[120] = f"2026-03-01T09:00:0{second}Z"
        rows.append(",".join(cells))
    recording = read(",".join(names) + "\n" + "\n".join(rows) + "\n", patient="A")
    assert [(r.time - T, r.signal, r.value) for r in recording.readings] == [
        (second * SECOND, signal, value)
        for second in (0, 2, 4)
        for signal, value in (("HR", 70 + second), ("SPO2", 97))
    ]


def test_mimic4_numerics_count_ticks_which_are_no_seconds() -> None:
    rows = "".join(f"{5000 + row * 1024},{70 + row},{120 if row == 3 else ''},97\n" for row in range(9))
    text = f"time,HR [bpm],NBPs [mmHg],SpO2 [%]\n{rows}"
    with pytest.raises(ChoiceNeeded, match="may count a monitor's ticks or seconds") as asked:
        read(text)
    assert asked.value.option == "time_unit"
    ticks = read(text, overrides=Overrides(time_unit="1024.0"))
    assert [round(each.time / 1e6, 3) for each in ticks.readings if each.signal == "HR"] == [
        round(5000 / 1024 + row, 3) for row in range(9)
    ]
    assert ticks.readings[-1].time < 15 * SECOND
    assert read(text, overrides=Overrides(time_unit="s")).readings[-1].time == 13_192 * SECOND
