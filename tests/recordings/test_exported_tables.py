"""Other programs' exports: their names, units, layouts, repeated cuff values and traps."""

from __future__ import annotations

import time

import pytest

from devices import instant
from devices.instant import MINUTE, SECOND
from devices.reading import Status
from devices.recordings.base import ChoiceNeeded, DateOrder, Recording, RecordingError
from devices.recordings.delimited.reader import read_text
from devices.recordings.names import signal_of
from devices.recordings.options import Options

T = instant.parse("2026-03-01T09:00:00Z")


def read(text: str, **options: object) -> Recording:
    return read_text(text, Options(**options), "export.csv")  # type: ignore[arg-type]


def told(recording: Recording) -> list[tuple[float, str, float | None, str]]:
    return [((r.time - T) / SECOND, r.signal, r.value, r.status.value) for r in recording.readings]


@pytest.mark.parametrize(
    ("name", "signal"),
    [
        ("HR", "HR"),
        ("heart_rate", "HR"),
        ("Heart Rate(/min)", "HR"),
        ("heart_rate_bpm", "HR"),
        ("Solar8000/HR", "HR"),
        ("Intellivue/ECG_HR", "HR"),
        ("NOM_ECG_CARD_BEAT_RATE", "HR"),
        ("HR [bpm]", "HR"),
        ("FC", "HR"),
        ("PULSE", "PR"),
        ("Pulse(Beats/Min)", "PR"),
        ("Intellivue/ABP_HR", "PR"),
        ("NOM_PLETH_PULS_RATE", "PR"),
        ("NBPSys", "NIBP_SYS"),
        ("NBP Sys", "NIBP_SYS"),
        ("NBP (Sys)", "NIBP_SYS"),
        ("NBPs", "NIBP_SYS"),
        ("NISysABP", "NIBP_SYS"),
        ("Systolic BP(mmHg)", "NIBP_SYS"),
        ("nibp_sbp_mmhg", "NIBP_SYS"),
        ("NOM_PRESS_BLD_NONINV_SYS", "NIBP_SYS"),
        ("nibp_sys", "NIBP_SYS"),
        ("NBP (Dia)", "NIBP_DIA"),
        ("NBPDias", "NIBP_DIA"),
        ("NIMAP", "NIBP_MEAN"),
        ("NBP", "NIBP_MEAN"),
        ("ABPSys", "ABP_SYS"),
        ("art_sbp_mmhg", "ABP_SYS"),
        ("SysABP", "ABP_SYS"),
        ("ARTd", "ABP_DIA"),
        ("Solar8000/ART_MBP", "ABP_MEAN"),
        ("NOM_PRESS_BLD_ART_ABP_MEAN", "ABP_MEAN"),
        ("SpO2(%)", "SPO2"),
        ("sp02", "SPO2"),
        ("%SpO2", "SPO2"),
        ("RESP", "RR"),
        ("Temp", "TEMP"),
        ("SBP", "BP_SYS"),
        ("SYS(mmHg)", "BP_SYS"),
        ("error_sbp_mmhg", ""),
        ("NBP (Time Remaining)", ""),
        ("PPeak", ""),
        ("Pulse pressure", ""),
        ("", ""),
    ],
)
def test_the_names_of_the_nomenclature_sheet_are_known(name: str, signal: str) -> None:
    assert signal_of(name) == signal


def test_a_cuff_value_shown_again_is_one_measurement_until_it_changes() -> None:
    rows = (
        [(0, "")]
        + [(second, "120,80,93") for second in (5, 10, 15, 20)]
        + [(25, "121,80,93"), (30, ""), (35, "121,80,93")]
    )
    text = "Time,HR,NBPSys,NBPDias,NBPMean\n" + "".join(
        f"{instant.format(T + s * SECOND)},70,{cuff or ',,'}\n" for s, cuff in rows
    )
    cuff = [(t, v) for t, signal, v, _ in told(read(text)) if signal == "NIBP_SYS"]
    assert cuff == [(5, 120), (25, 121)]
    assert read(text).counts.repeats == 4


def test_equal_cuff_values_minutes_apart_are_two_measurements() -> None:
    text = "Time,NBPSys,NBPDias\n" + "".join(f"{instant.format(T + m * MINUTE)},120,80\n" for m in range(4))
    assert sum(reading.signal == "NIBP_SYS" for reading in read(text).readings) == 4


def test_a_value_on_the_screen_when_recording_began_is_of_unknown_age() -> None:
    text = "Time,NBPSys,NBPDias\n" + "".join(
        f"{instant.format(T + s * SECOND)},{'120,80' if s < 30 else '150,95'}\n" for s in range(60)
    )
    assert [(t, signal, status) for t, signal, _, status in told(read(text))] == [
        (0, "NIBP_SYS", "age_unknown"),
        (0, "NIBP_DIA", "age_unknown"),
        (30, "NIBP_SYS", "ok"),
        (30, "NIBP_DIA", "ok"),
    ]


def test_a_column_that_is_zero_throughout_was_not_connected() -> None:
    recording = read("Time,HR,ABPSys\n2026-03-01T09:00:00Z,70,0\n2026-03-01T09:01:00Z,0,0\n")
    assert told(recording) == [(0, "HR", 70, "ok"), (60, "HR", None, "zero")]
    assert [(notice.kind, notice.signal) for notice in recording.notices] == [("ignored", "ABP_SYS")]
    assert next(column for column in recording.mapping if column.name == "ABPSys").signal == ""


def test_units_are_converted_or_refused_never_ignored() -> None:
    recording = read("Time,NIBP Sys (kPa),NIBP Dia (kPa),Temp (degF),SpO2 (mmHg)\n2026-03-01T09:00:00Z,16,10,98.6,97\n")
    values = {reading.signal: reading.value for reading in recording.readings}
    assert values["NIBP_SYS"] == pytest.approx(120.00992)
    assert values["NIBP_DIA"] == pytest.approx(75.0062)
    assert values["TEMP"] == pytest.approx(37.0)
    assert "SPO2" not in values
    assert any("SpO2" in notice.text for notice in recording.notices)


def test_a_units_row_under_the_header_is_read() -> None:
    recording = read("Time,HR,NIBP Sys,NIBP Dia\nhh:mm,bpm,kPa,kPa\n2026-03-01T09:00:00Z,70,16,10\n")
    assert [reading.value for reading in recording.readings] == [70, pytest.approx(120.00992), pytest.approx(75.0062)]
    assert recording.counts.rows == 1


def test_a_heart_rate_in_hertz_is_not_bradycardia() -> None:
    text = "Time,Heart Rate\n" + "".join(f"{instant.format(T + s * SECOND)},1.{s}\n" for s in range(4))
    recording = read(text)
    assert [reading.value for reading in recording.readings] == [pytest.approx(60 + 6 * s) for s in range(4)]
    assert "method-assumed" in [notice.kind for notice in recording.notices]


def test_a_pressure_of_unknown_method_is_judged_by_how_it_behaves() -> None:
    every_second = "".join(f"{instant.format(T + s * SECOND)},70,{110 + s % 7},{70 + s % 5}\n" for s in range(120))
    line = read("Time,HR,SBP,DBP\n" + every_second)
    assert {reading.signal for reading in line.readings} == {"HR", "ABP_SYS", "ABP_DIA"}
    now_and_then = "".join(
        f"{instant.format(T + s * SECOND)},70,{'120,80' if s % 60 == 30 else ','}\n" for s in range(180)
    )
    cuff = read("Time,HR,SBP,DBP\n" + now_and_then)
    assert [t for t, signal, _, _ in told(cuff) if signal == "NIBP_SYS"] == [30, 90, 150]
    shown_on = "".join(f"{instant.format(T + s * SECOND)},70,{120 + s // 120},80\n" for s in range(360))
    held = read("Time,HR,SBP,DBP\n" + shown_on)
    assert [t for t, signal, _, _ in told(held) if signal == "NIBP_SYS"] == [0, 120, 240]
    for recording in (line, cuff, held):
        assert [notice.kind for notice in recording.notices] == ["method-assumed"]
    chosen = read("Time,HR,SBP,DBP\n" + now_and_then, mapping={"SBP": "ABP_SYS", "DBP": ""})
    assert {reading.signal for reading in chosen.readings} == {"HR", "ABP_SYS"}


def test_a_home_cuff_and_its_own_pulse() -> None:
    recording = read(
        "Date,Time,SYS(mmHg),DIA(mmHg),Pulse(Beats/Min),Note\n"
        '"Dec 31, 2025",07:04,131,84,66,\n"Jan 1, 2026",19:30,131,84,66,after walk\n'
    )
    assert [(instant.format(r.time), r.signal, r.value, r.source) for r in recording.readings[:3]] == [
        ("2025-12-31T07:04:00.000Z", "NIBP_SYS", 131, "csv:SYS(mmHg)"),
        ("2025-12-31T07:04:00.000Z", "NIBP_DIA", 84, "csv:DIA(mmHg)"),
        ("2025-12-31T07:04:00.000Z", "PR", 66, "csv:nibp.Pulse(Beats/Min)"),
    ]
    assert len(recording.readings) == 6


@pytest.mark.parametrize(
    ("dates", "order", "first"),
    [
        (("15/05/2016,12:50:56",), None, "2016-05-15T12:50:56"),
        (("05/15/2016,12:50:56 PM",), None, "2016-05-15T12:50:56"),
        (("3/4/2026,12:05:00 AM", "3/14/2026,1:00:00 PM"), None, "2026-03-04T00:05:00"),
        (("3/4/2026,12:05:00 PM",), "dmy", "2026-04-03T12:05:00"),
        (("3/4/2026,12:05:00 PM",), "mdy", "2026-03-04T12:05:00"),
        (("23-09-2023,10:05:24.480",), None, "2023-09-23T10:05:24.480"),
        (("2023/09/23,10:05",), None, "2023-09-23T10:05:00"),
        (("2023-09-23,10:05",), None, "2023-09-23T10:05:00"),
    ],
)
def test_dates_in_two_columns(dates: tuple[str, ...], order: str | None, first: str) -> None:
    from devices.recordings.base import DateOrder

    rows = "".join(f"{date},70\n" for date in dates)
    recording = read("Date,Time,HR\n" + rows, date_order=DateOrder(order) if order else None)
    assert instant.format(recording.first).startswith(first)
    if order is not None:
        with pytest.raises(ChoiceNeeded, match="--date-order"):
            read("Date,Time,HR\n" + rows)


def test_a_preamble_is_passed_over_and_a_new_header_begins_a_new_segment() -> None:
    recording = read(
        "Logger 1.2\nBed,5\nTime,HR,NBPSys,NBPDias\n2026-03-01T09:00:00Z,70,120,80\n"
        "Time,HR,SpO2,NBPSys,NBPDias\n2026-03-01T09:10:00Z,71,97,140,90\n"
    )
    assert told(recording) == [
        (0, "HR", 70, "ok"),
        (0, "NIBP_SYS", 120, "ok"),
        (0, "NIBP_DIA", 80, "ok"),
        (600, "HR", 71, "ok"),
        (600, "NIBP_SYS", 140, "ok"),
        (600, "NIBP_DIA", 90, "ok"),
        (600, "SPO2", 97, "ok"),
    ]
    assert "device-event" in [notice.kind for notice in recording.notices]


def test_rows_packed_to_the_left_do_not_become_a_false_systolic() -> None:
    recording = read("Time,HR,NBPs,NBPd,NBPm\n2026-03-01T09:00:00Z,70,120,80,93\n2026-03-01T09:00:01Z,70,93\n")
    assert [reading.value for reading in recording.readings if reading.signal == "NIBP_SYS"] == [120]
    assert recording.counts.refused == {"cut": 1} or recording.counts.refused == {"of another length": 1}


def test_vscapture_rows_of_another_length_keep_only_their_leading_fields() -> None:
    recording = read(
        "VitalSignsCapture v1.004\nDatex AS3 Monitor\n"
        "Date,Time,Heart Rate(/min),Systolic BP(mmHg),Diastolic BP(mmHg),Mean BP(mmHg),SpO2(%), RR,T1\n"
        "15/05/2016,12:50:56,78,121,78,90,98,1.5,2.5,12,36.6\n"
    )
    assert [(r.signal, r.value) for r in recording.readings] == [
        ("HR", 78),
        ("NIBP_SYS", 121),
        ("NIBP_DIA", 78),
        ("NIBP_MEAN", 90),
        ("SPO2", 98),
    ]


def test_two_columns_for_one_cuff_value_are_not_chosen_between() -> None:
    with pytest.raises(RecordingError, match="--mapping"):
        read("Time,NBPSys,nibp_sys\n2026-03-01T09:00:00Z,120,121\n")
    chosen = read("Time,NBPSys,nibp_sys\n2026-03-01T09:00:00Z,120,121\n", mapping={"nibp_sys": ""})
    assert [reading.value for reading in chosen.readings] == [120]


def test_several_cases_with_relative_time_are_read_one_by_one() -> None:
    text = (
        "measurement_id,patient_key,case_key,time_key,nibp_sbp_mmhg,nibp_dbp_mmhg,art_mbp_mmhg,heart_rate_bpm,error_sbp_mmhg\n"
        "M1,P1,C1,687,102.0,70.0,81.0,79.0,-10\nM2,P1,C2,90,137.0,84.0,28.0,82.0,4\n"
    )
    with pytest.raises(ChoiceNeeded, match="C1, C2"):
        read(text)
    with pytest.raises(ChoiceNeeded, match="C1, C2"):
        read(text, patient="P1")
    recording = read(text, patient="C2")
    assert recording.relative
    assert [(r.time // SECOND, r.signal, r.value) for r in recording.readings] == [
        (90, "NIBP_SYS", 137),
        (90, "NIBP_DIA", 84),
        (90, "ABP_MEAN", 28),
        (90, "HR", 82),
    ]


def test_one_row_a_value_makes_one_measurement_of_equal_times() -> None:
    recording = read(
        "Time,Parameter,Value\n00:00,Weight,-1\n00:10,NISysABP,120\n00:10,HR,-1\n00:10,NIDiasABP,80\n00:20,HR,0\n00:20,MAP,75\n00:30,HR,70\n"
    )
    assert [(r.time // MINUTE, r.signal, r.value, r.status) for r in recording.readings] == [
        (10, "NIBP_SYS", 120, Status.OK),
        (10, "NIBP_DIA", 80, Status.OK),
        (20, "HR", None, Status.ZERO),
        (20, "ABP_MEAN", 75, Status.OK),
        (30, "HR", 70, Status.OK),
    ]


def test_times_of_day_without_a_date_are_not_taken_for_hours_since_the_start() -> None:
    with pytest.raises(RecordingError, match="without a date"):
        read("Time,HR\n09:00,70\n09:05,71\n")


def test_zero_is_no_signal_in_any_unit() -> None:
    recording = read("Time,Temp (degF)\n2026-03-01T09:00:00Z,98.6\n2026-03-01T09:00:01Z,0\n")
    assert told(recording) == [(0, "TEMP", pytest.approx(37.0), "ok"), (1, "TEMP", None, "zero")]


def test_a_date_order_that_the_file_contradicts_is_refused() -> None:
    text = "Date,Time,HR\n3/12/2026,23:59:00,80\n3/13/2026,00:00:00,81\n"
    with pytest.raises(RecordingError, match="leave --date-order out"):
        read(text, date_order=DateOrder.DMY)
    assert [r.value for r in read(text, date_order=DateOrder.MDY).readings] == [80, 81]
    odd = read(text.replace("3/12/2026", "13/45/2026"))
    assert [r.value for r in odd.readings] == [81]
    assert odd.counts.refused == {"without a time": 1}


@pytest.mark.parametrize(("date", "order"), [("01.03.26", "dmy"), ("3/1/26", "mdy"), ("26-03-01", "ymd")])
def test_a_year_of_two_digits_needs_the_date_order(date: str, order: str) -> None:
    text = f"Date,Time,HR\n{date},09:00:00,80\n"
    with pytest.raises(ChoiceNeeded, match="--date-order dmy, mdy or ymd"):
        read(text)
    assert told(read(text, date_order=DateOrder(order))) == [(0, "HR", 80, "ok")]


def test_queensland_rows_end_in_texts_with_commas() -> None:
    header = "Time,RelativeTimeMilliseconds,Clock,HR,SpO2,NBP (Sys),NBP (Dia)\n"
    recording = read(header + "0:00:00,0,14:23:58,80,97,,,Alarm: high, low, off\n0:00:01,1000,14:23:59,81,97,120,80\n")
    assert [(r.time / SECOND, r.value) for r in recording.readings if r.signal == "HR"] == [(0, 80), (1, 81)]
    assert recording.counts.refused == {}


def test_a_clock_that_passes_midnight_is_no_time_since_the_start() -> None:
    with pytest.raises(RecordingError, match="times of day without a date"):
        read("Time,HR\n23:59,80\n00:01,81\n")


def test_hours_in_intensive_care_are_a_time() -> None:
    recording = read("HR|O2Sat|Temp|SBP|ICULOS\n80|97|NaN|120|1\nNaN|98|36.5|NaN|2\n")
    assert [(r.time / MINUTE, r.signal, r.value) for r in recording.readings] == [
        (60, "HR", 80),
        (60, "SPO2", 97),
        (60, "NIBP_SYS", 120),
        (120, "SPO2", 98),
        (120, "TEMP", 36.5),
    ]


def test_of_category_and_name_in_a_long_table_the_category_counts() -> None:
    header = "recorded_dttm,vital_name,vital_category,vital_value\n"
    recording = read(
        header + "2026-03-01T09:00:00Z,Non Invasive BP systolic,sbp,120\n2026-03-01T09:00:00Z,Pulse,heart_rate,70\n"
    )
    assert told(recording) == [(0, "NIBP_SYS", 120, "ok"), (0, "HR", 70, "ok")]


def test_a_number_that_becomes_infinite_in_our_unit_is_none() -> None:
    recording = read("Time,NBPSys(kPa),HR\n2026-03-01T09:00:00Z,1e308,80\n")
    assert told(recording) == [(0, "HR", 80, "ok")]
    assert recording.counts.refused == {"cells that are no number": 1}


def test_a_hostile_name_is_passed_over_at_once() -> None:
    name = "[" * 30_000 + "x]" + "y"
    began = time.perf_counter()
    read(f"Time,HR,{name}\n2026-03-01T09:00:00Z,80,1\n")
    assert time.perf_counter() - began < 1.0
