"""Flowsheets as hospitals export them, a row a value, with pressures as 120/80: each number is right or refused.

Each specimen is made: the layout is theirs (Epic's public tables of its export, MIMIC's and MOVER's documentation), the
numbers are not.
"""

from __future__ import annotations

import pytest
from export_reading import read, told, values

from devices.recordings.base import ChoiceNeeded, DateOrder, Overrides, Recording, RecordingError

FAHRENHEIT = Overrides(units={"Temp": "degF", "TEMPERATURE": "degF"})


def refused(recording: Recording) -> list[str]:
    return [notice.text for notice in recording.notices if notice.kind == "row-refused"]


def pairs(*cells: str) -> str:
    """A table of these cells, one a minute, and of one rate."""
    rows = "".join(f"2026-03-21T09:{minute:02d}:00Z,BP,{cell}\n" for minute, cell in enumerate(cells))
    return f"Time,Name,Value\n{rows}2026-03-21T09:59:00Z,HR,72\n"


# -- The columns and names of a hospital's programs --------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("Recorded Time,Flowsheet Measure Name,Value", "{time},{name},{value}"),
        ("FSD_ID,LINE,FLO_MEAS_ID_DISP_NAME,RECORDED_TIME,MEAS_VALUE", "7,1,{name},{time},{value}"),
        ("PAT_ENC_CSN_ID,DISP_NAME,MEAS_VALUE,RECORDED_TIME,ENTRY_TIME", "7,{name},{value},{time},{time}"),
        ("MRN,FlowsheetMeasureNM,RecordedDTS,MeasureTXT,UnitsCD", "7,{name},{time},{value},"),
        ("Date/Time,Vital,Result,Units", "{time},{name},{value},"),
    ],
)
def test_a_flowsheet_by_its_hospitals_columns(head: str, row: str) -> None:
    cells = [
        ("03/21/2026 09:15", "BP", "120/80"), ("03/21/2026 09:15", "Pulse", "72"), ("03/21/2026 09:15", "Resp", "16"),
        ("03/21/2026 09:15", "Temp", "98.6"), ("03/21/2026 09:15", "SpO2", "98 %"),
        ("03/21/2026 13:30", "BP", "131/85"),
    ]  # fmt: skip
    text = "\n".join([head, *(row.format(time=time, name=name, value=value) for time, name, value in cells)]) + "\n"
    with pytest.raises(ChoiceNeeded, match="'Temp' does not say its unit"):
        read(text)
    assert told(read(text, overrides=FAHRENHEIT)) == {
        "NIBP_SYS": [("2026-03-21T09:15:00", 120), ("2026-03-21T13:30:00", 131)],
        "NIBP_DIA": [("2026-03-21T09:15:00", 80), ("2026-03-21T13:30:00", 85)],
        "PR": [("2026-03-21T09:15:00", 72)],
        "RR": [("2026-03-21T09:15:00", 16)],
        "TEMP": [("2026-03-21T09:15:00", pytest.approx(37))],
        "SPO2": [("2026-03-21T09:15:00", 98)],
    }


def test_claritys_names_of_rows() -> None:
    recording = read(
        "PAT_ENC_CSN_ID,FLO_MEAS_ID,FLO_MEAS_NAME,DISP_NAME,MEAS_VALUE,RECORDED_TIME\n"
        "1,5,BLOOD PRESSURE,BP,120/80,2026-03-21 09:15:00\n1,8,PULSE,Pulse,72,2026-03-21 09:15:00\n"
        "1,9,RESPIRATIONS,Resp,16,2026-03-21 09:15:00\n1,10,PULSE OXIMETRY,SpO2,98,2026-03-21 09:15:00\n"
        "1,301360,R ARTERIAL LINE BLOOD PRESSURE,Arterial Line BP,128/79,2026-03-21 09:15:00\n"
    )
    assert values(recording) == {
        "NIBP_SYS": [120], "NIBP_DIA": [80], "PR": [72], "RR": [16], "SPO2": [98], "ABP_SYS": [128], "ABP_DIA": [79],
    }  # fmt: skip


def test_a_cuff_an_arterial_line_and_a_pressure_of_neither() -> None:
    recording = read(
        "Time,Name,Value\n2026-03-21T09:00:00Z,Non-Invasive BP,122/82\n2026-03-21T09:00:00Z,Arterial Line BP,123/83\n"
        "2026-03-21T09:00:00Z,BP Location,Left arm\n2026-03-21T09:00:00Z,Blood Pressure Standing,99/66\n"
    )
    assert values(recording) == {"NIBP_SYS": [122], "NIBP_DIA": [82], "ABP_SYS": [123], "ABP_DIA": [83]}
    assert "quantities left out: BP Location, Blood Pressure Standing" in [one.text for one in recording.notices]


@pytest.mark.parametrize("column", ["PAT_ENC_CSN_ID", "PAT_MRN_ID", "ENCNTR_ID", "MRN"])
def test_several_patients_are_asked_about(column: str) -> None:
    text = (
        f"{column},Recorded Time,Name,Value\nA,2026-03-21 09:00,BP,120/80\nB,2026-03-21 09:00,BP,150/90\n"
        "A,2026-03-21 09:05,BP,121/81\nB,2026-03-21 09:05,HR,90\n"
    )
    with pytest.raises(ChoiceNeeded, match="2 patients or cases: say --patient, one of A, B"):
        read(text)
    assert values(read(text, patient="A")) == {"NIBP_SYS": [120, 121], "NIBP_DIA": [80, 81]}


def test_beside_pressures_a_result_is_no_value() -> None:
    recording = read(
        "Date/Time,Name,BP,Result\n2026-03-21 09:00,Anna,120/80,Normal\n2026-03-21 09:05,Anna,150/95,High\n"
    )
    assert values(recording) == {"NIBP_SYS": [120, 150], "NIBP_DIA": [80, 95]}


# -- Their times -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["03/21/26", "03/21/2026", "2026-03-21", "21 Mar 2026"])
def test_hours_and_minutes_without_a_colon(day: str) -> None:
    recording = read(f"Date/Time,Name,Value\n{day} 0915,HR,70\n{day} 2030,HR,71\n", date_order=DateOrder.MDY)
    assert told(recording) == {"HR": [("2026-03-21T09:15:00", 70), ("2026-03-21T20:30:00", 71)]}


def test_what_may_be_minutes_of_the_day_is_no_clock() -> None:
    recording = read("Date,Time,Name,Value\n03/21/2026,0915,HR,70\n03/21/2026,1015,HR,71\n03/21/2026,11:00,HR,72\n")
    assert told(recording) == {"HR": [("2026-03-21T11:00:00", 72)]}
    assert refused(recording)[0] == "row 1: '0915 (no colon)' is not a time of day such as 14:05:30"
    text = "Date/Time,Name,Value\n03/21/2026 11:00,HR,72\n03/21/2026 915,HR,70\n03/21/2026 2460,HR,70\n"
    assert told(read(text)) == {"HR": [("2026-03-21T11:00:00", 72)]}


# -- What stands in a cell of pressures --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell", ["180/110", "(!) 180/110", "(!)180/110", "180 / 110", "180/110 mmHg", "180/110 mm Hg", "(!) 180/110 (133)"]
)
def test_a_pressure_that_is_not_normal_is_read(cell: str) -> None:
    recording = read(pairs("120/80", cell))
    assert values(recording) == {"NIBP_SYS": [120, 180], "NIBP_DIA": [80, 110], "HR": [72]}
    assert recording.counts.sentence() == "3 rows read, 3 used, 0 refused"
    left_out = "BP: what follows systolic and diastolic in its cells was left out"
    assert (left_out in [one.text for one in recording.notices]) == ("133" in cell)


@pytest.mark.parametrize("cell", ["(!) 112", "(!)112", "(!) 112 bpm", "(!)  112"])
def test_a_number_that_is_not_normal_is_read(cell: str) -> None:
    rows = f"2026-03-21T09:00:00Z,HR,70\n2026-03-21T09:05:00Z,HR,{cell}\n"
    assert values(read(f"Time,Name,Value\n{rows}")) == {"HR": [70, 112]}
    rows = rows.replace(",", ";").replace("70", "70,5").replace("112", "112,5")
    assert values(read(f"Time;Name;Value\n{rows}")) == {"HR": [70.5, 112.5]}


@pytest.mark.parametrize(
    "cell",
    [
        "120/80!", "120/80 *", "120/80 H", "H 120/80", ">300", ">300/150", "see comment", "118", "21-Mar", "120/palp",
        "120\\80", "16/10.6 kPa", "1200/80", "-120/80", "120/80/93/72", "(!)", "(!) (!) 120/80",
    ],
)  # fmt: skip
def test_what_is_no_pair_is_refused_with_its_row(cell: str) -> None:
    recording = read(pairs("120/80", cell))
    assert values(recording) == {"NIBP_SYS": [120], "NIBP_DIA": [80], "HR": [72]}
    assert refused(recording) == [f"row 2: {cell!r} is not systolic/diastolic"]
    assert recording.counts.sentence() == "3 rows read, 2 used, 1 refused (1 not readable)"
    (notice,) = (one for one in recording.notices if one.kind == "row-refused")
    assert notice.raw == f"2026-03-21T09:01:00Z,BP,{cell}".encode()
    assert "quantities left out" not in " ".join(one.text for one in recording.notices)


@pytest.mark.parametrize("cell", ["", "--/--", "---", "-/-", "NaN", "/"])
def test_a_pressure_that_was_not_taken_is_none(cell: str) -> None:
    recording = read(pairs("120/80", cell, "131/85"))
    assert values(recording) == {"NIBP_SYS": [120, 131], "NIBP_DIA": [80, 85], "HR": [72]}
    assert recording.counts.sentence() == "4 rows read, 3 used, 0 refused"


def test_half_a_pair_is_that_half() -> None:
    recording = read(pairs("120/80", "121/", "/82", "122/--"))
    assert told(recording)["NIBP_SYS"] == [(f"2026-03-21T09:0{n}:00", v) for n, v in ((0, 120), (1, 121), (3, 122))]
    assert told(recording)["NIBP_DIA"] == [(f"2026-03-21T09:0{n}:00", v) for n, v in ((0, 80), (2, 82))]
    assert recording.counts.used == 5


def test_parts_of_two_measurements_at_one_time_are_not_mixed() -> None:
    rows = "".join(f"2026-03-21T09:00:00Z,{name},{value}\n" for name, value in (("BP", "/80"), ("BP", "131/85")))
    recording = read(f"Time,Name,Value\n{rows}2026-03-21T09:05:00Z,BP,120/70\n")
    held = [(one.received, one.signal, one.value) for one in recording.readings]
    assert held == [
        (0, "NIBP_DIA", 80), (1, "NIBP_SYS", 131), (1, "NIBP_DIA", 85), (2, "NIBP_SYS", 120), (2, "NIBP_DIA", 70)
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "signal"), [("NBP", "NIBP_MEAN"), ("RR", "RR")])
def test_a_number_among_pairs_is_not_taken_for_what_its_name_says_too(name: str, signal: str) -> None:
    """NBP is a mean and RR a rate of breathing, but for where Riva-Rocci's or a cuff's pairs stand under that name."""
    text = pairs("120/80", "118", "131/85").replace("BP", name)
    assert signal not in values(read(text))
    assert refused(read(text)) == ["row 2: '118' is not systolic/diastolic"]
    text = pairs("66", "68", "120/80").replace("BP", name)
    assert values(read(text)) == {signal: [66, 68], "HR": [72]}
    assert refused(read(text)) == ["row 3: '120/80' is not a number"]


# -- Their units -------------------------------------------------------------------------------------------------


def test_the_unit_of_pairs_by_their_name_their_column_and_a_person() -> None:
    kilopascals = {"NIBP_SYS": [120.00992], "NIBP_DIA": [79.506572], "HR": [72]}
    bare = pairs("16/10.6")
    assert values(read(bare.replace("BP", "BP (kPa)"))) == kilopascals
    assert values(
        read(bare.replace("Value\n", "Value,Unit\n").replace("10.6", "10.6,kPa").replace("72", "72,bpm"))
    ) == (kilopascals)
    for said in ({"BP": "kPa"}, {"BP sys": "kPa", "BP dia": "kPa"}):
        assert values(read(bare, overrides=Overrides(units=said))) == kilopascals
    with pytest.raises(ChoiceNeeded, match=r"'BP sys' does not say its unit.*kPa or mmHg"):
        read(bare)


def test_a_pair_that_says_another_unit_than_its_column_is_refused() -> None:
    recording = read(
        "Time,Name,Value,Unit\n2026-03-21T09:00:00Z,BP,16/10,kPa\n2026-03-21T09:05:00Z,BP,120/80 mmHg,kPa\n"
        "2026-03-21T09:10:00Z,BP,120/80 mmHg,mmHg\n2026-03-21T09:15:00Z,BP,120/80,cm\n"
    )
    assert values(recording)["NIBP_SYS"] == [120.00992, 120]
    assert refused(recording) == [
        "row 2: '120/80 mmHg' says mmHg, and its column or its name another unit",
        "row 4: 'cm' is no unit of BP sys",
    ]
    assert recording.counts.sentence() == "4 rows read, 2 used, 2 refused (2 not readable)"


# -- What a person says of them ----------------------------------------------------------------------------------


def test_pairs_are_left_out_by_their_name_or_by_their_parts() -> None:
    text = pairs("120/80", "121/81")
    assert values(read(text, mapping={"BP": ""})) == {"HR": [72]}
    assert values(read(text, mapping={"BP dia": ""})) == {"NIBP_SYS": [120, 121], "HR": [72]}
    assert read(text, mapping={"BP sys": "", "BP dia": ""}).counts.refused == {"of other quantities": 2}
    said = {"BP sys": "ABP_SYS", "BP dia": "ABP_DIA"}
    assert values(read(text, mapping=said)) == {"ABP_SYS": [120, 121], "ABP_DIA": [80, 81], "HR": [72]}
    assert values(read(pairs("120/80", "n.d."), overrides=Overrides(missing=("n.d.",))))["NIBP_SYS"] == [120]


def test_two_cuffs_in_one_table_are_refused_until_one_is_left_out() -> None:
    text = pairs("120/80", "121/81") + "2026-03-21T09:05:00Z,Blood Pressure,130/90\n"
    with pytest.raises(RecordingError, match="'BP sys' and 'Blood Pressure sys' hold the same cuff value"):
        read(text)
    assert values(read(text, mapping={"Blood Pressure": ""}))["NIBP_SYS"] == [120, 121]


# -- The end and the middle of the file --------------------------------------------------------------------------


def test_a_last_pair_without_a_line_end_may_be_cut() -> None:
    text = pairs("120/80", "121/81")
    whole = values(read(text + "2026-03-21T10:00:00Z,BP,182/108"))
    assert (whole["NIBP_SYS"], whole["NIBP_DIA"]) == ([120, 121, 182], [80, 81])
    cut = values(read(text + "2026-03-21T10:00:00Z,BP,182/8"))
    assert (cut["NIBP_SYS"], cut["NIBP_DIA"]) == ([120, 121, 182], [80, 81])
    assert refused(read(text + "2026-03-21T10:00:00Z,BP,18")) == ["row 4: '18' is not systolic/diastolic"]


def test_a_header_with_other_columns_in_the_middle() -> None:
    recording = read(
        "Time,Name,Value,Unit\n2026-03-21T09:00:00Z,HR,70,bpm\n"
        "Time,Name,Value\n2026-03-21T09:01:00Z,HR,71\n"
        "Time,Value,Name\n2026-03-21T09:02:00Z,72,HR\n2026-03-21T09:02:00Z,120/80,BP\n"
    )
    assert values(recording) == {"HR": [70, 71, 72], "NIBP_SYS": [120], "NIBP_DIA": [80]}
