"""Session tables and tidy tables: cells as written, every cuff row a measurement, nothing guessed."""

from __future__ import annotations

import codecs
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import instant
from devices.instant import SECOND
from devices.reading import Reading, Status
from devices.recordings.base import ChoiceNeeded, Limits, Recording, RecordingError, read_recording
from devices.recordings.delimited.reader import read_text
from devices.recordings.options import Options
from devices.recordings.texts import decode
from devices.signals import NIBP, SIGNALS

T = instant.parse("2026-03-01T09:00:00Z")


def read(text: str, **options: object) -> Recording:
    return read_text(text, Options(**options), "session.csv")  # type: ignore[arg-type]


def told(recording: Recording) -> list[tuple[float, str, float | None, str]]:
    return [((r.time - T) / SECOND, r.signal, r.value, r.status.value) for r in recording.readings]


def test_every_cell_is_a_reading_and_every_empty_cell_is_none() -> None:
    recording = read(
        "time,HR,NIBP_SYS,NIBP_DIA,NIBP_MEAN,SPO2\n"
        "2026-03-01T09:00:00Z,72,,,,98\n"
        "2026-03-01T10:00:05+01:00,73,120,80,93,\n"
        "2026-03-01T09:00:10.250Z,,,,,\n"
    )
    assert told(recording) == [
        (0, "HR", 72, "ok"),
        (0, "SPO2", 98, "ok"),
        (5, "HR", 73, "ok"),
        (5, "NIBP_SYS", 120, "ok"),
        (5, "NIBP_DIA", 80, "ok"),
        (5, "NIBP_MEAN", 93, "ok"),
    ]
    assert [reading.source for reading in recording.readings[:2]] == ["csv:HR", "csv:SPO2"]
    assert [reading.unit for reading in recording.readings[:2]] == ["/min", "%"]
    assert recording.counts.rows == 3
    assert recording.counts.used == 2
    assert recording.notices == []
    assert not recording.relative


def test_columns_may_come_in_any_order_and_the_cuff_stays_sys_dia_mean() -> None:
    recording = read("NIBP_DIA,SPO2,NIBP_SYS,time\n80,97,120,2026-03-01T09:00:00Z\n")
    assert [reading.signal for reading in recording.readings] == ["NIBP_SYS", "NIBP_DIA", "SPO2"]


def test_equal_cuff_rows_are_as_many_measurements_as_rows() -> None:
    rows = "".join(f"2026-03-01T09:00:{second:02d}Z,120,80\n" for second in (0, 2, 2, 4))
    recording = read("time,NIBP_SYS,NIBP_DIA\n" + rows)
    events = {(reading.time, reading.received) for reading in recording.readings}
    assert len(events) == 4
    assert recording.counts.repeats == 0


def test_a_cuff_row_without_dia_is_still_handed_on() -> None:
    recording = read("time,NIBP_SYS,NIBP_DIA\n2026-03-01T09:00:00Z,190,\n2026-03-01T09:05:00Z,,90\n")
    assert told(recording) == [(0, "NIBP_SYS", 190, "ok"), (300, "NIBP_DIA", 90, "ok")]


def test_zero_is_no_signal_and_out_of_range_is_kept_and_marked() -> None:
    recording = read("time,HR,SPO2\n2026-03-01T09:00:00Z,0,0.0\n2026-03-01T09:00:05Z,19,101\n")
    assert told(recording) == [
        (0, "HR", None, "zero"),
        (0, "SPO2", None, "zero"),
        (5, "HR", 19, "range"),
        (5, "SPO2", 101, "range"),
    ]


def test_rows_out_of_order_are_sorted_and_equal_times_keep_the_files_order() -> None:
    recording = read(
        "time,HR\n2026-03-01T09:00:10Z,1e2\n2026-03-01T09:00:00Z,70\n2026-03-01T09:00:10Z,90\n2026-03-01T09:00:00Z,70\n"
    )
    assert told(recording) == [(0, "HR", 70, "ok"), (0, "HR", 70, "ok"), (10, "HR", 100, "ok"), (10, "HR", 90, "ok")]
    assert [reading.received for reading in recording.readings] == [1, 3, 0, 2]
    assert [notice.kind for notice in recording.notices] == ["out-of-order", "same-time"]


def test_what_is_no_number_is_refused_alone_and_told_with_its_row() -> None:
    recording = read("time,HR,NIBP_SYS,NIBP_DIA\n2026-03-01T09:00:00Z,abc,120,80\n2026-03-01T09:00:05Z,1_0,,\n")
    assert [reading.signal for reading in recording.readings] == ["NIBP_SYS", "NIBP_DIA"]
    assert [(notice.kind, notice.signal, notice.raw) for notice in recording.notices] == [
        ("value-refused", "HR", b"abc"),
        ("value-refused", "HR", b"1_0"),
    ]
    assert "row 1, HR" in recording.notices[0].text
    assert recording.counts.refused == {"cells that are no number": 2}


@pytest.mark.parametrize("cell", ["", "-", "-?-", "NaN", "NA", "NULL", "None", "#N/A", "---"])
def test_marks_for_no_value_are_no_reading(cell: str) -> None:
    recording = read(f"time,HR,SPO2\n2026-03-01T09:00:00Z,{cell},97\n")
    assert told(recording) == [(0, "SPO2", 97, "ok")]
    assert recording.notices == []


@pytest.mark.parametrize(
    "row",
    [
        "yesterday,70,97",
        "2026-13-01T09:00:00Z,70,97",
        ",70,97",
        "2026-03-01T09:00:05Z,70",
        "2026-03-01T09:00:05Z,70,97,5",
        '2026-03-01T09:00:05Z,"70,97',
        "2026-03-01T09:00:05Z,7\x000,97",
        "+5,70,97",
    ],
)
def test_a_row_that_cannot_be_understood_is_refused_whole_and_counted(row: str) -> None:
    recording = read(f"time,HR,SPO2\n2026-03-01T09:00:00Z,70,98\n{row}\n2026-03-01T09:00:10Z,71,98\n")
    assert told(recording) == [(0, "HR", 70, "ok"), (0, "SPO2", 98, "ok"), (10, "HR", 71, "ok"), (10, "SPO2", 98, "ok")]
    assert [notice.kind for notice in recording.notices] == ["row-refused"]
    assert sum(recording.counts.refused.values()) == 1
    assert "row 2" in recording.notices[0].text


def test_a_cut_last_row_is_no_row() -> None:
    recording = read("time,HR,SPO2\n2026-03-01T09:00:00Z,70,98\n2026-03-01T09:00:05Z,1")
    assert len(recording.readings) == 2
    assert [notice.kind for notice in recording.notices] == ["incomplete"]


def test_trailing_delimiters_are_no_fields() -> None:
    assert len(read("time,HR\n2026-03-01T09:00:00Z,70,\n2026-03-01T09:00:05Z,70,,\n").readings) == 2


def test_seconds_make_a_relative_recording_unless_its_start_is_said() -> None:
    text = "time,HR\n0,70\n2.5,71\n-5,69\n"
    recording = read(text)
    assert recording.relative
    assert [reading.time for reading in recording.readings] == [-5 * SECOND, 0, 2_500_000]
    anchored = read(text, start=T)
    assert not anchored.relative
    assert told(anchored) == [(-5, "HR", 69, "ok"), (0, "HR", 70, "ok"), (2.5, "HR", 71, "ok")]


def test_a_start_for_dated_times_is_refused() -> None:
    with pytest.raises(RecordingError, match="--start"):
        read("time,HR\n2026-03-01T09:00:00Z,70\n", start=T)


@pytest.mark.parametrize(
    "times", [("1772355600", "1772355605"), ("20260301", "20260302"), ("45352.4", "45352.5", "45352.6")]
)
def test_numbers_that_are_no_seconds_are_not_taken_for_them(times: tuple[str, ...]) -> None:
    with pytest.raises(RecordingError, match="time"):
        read("time,HR\n" + "".join(f"{time},70\n" for time in times))


def test_times_without_an_offset_are_in_the_zone_and_a_notice_says_so() -> None:
    text = "time,HR\n2026-07-01T09:00:00,70\n2026-07-01 09:00:05,71\n"
    assert instant.format(read(text).first) == "2026-07-01T09:00:00.000Z"
    recording = read(text, zone=ZoneInfo("Europe/Berlin"))
    assert instant.format(recording.first) == "2026-07-01T07:00:00.000Z"
    assert [notice.kind for notice in recording.notices] == ["time-assumed"]
    assert "Europe/Berlin" in recording.notices[0].text


def test_the_hour_that_a_zone_has_twice_or_not_at_all_is_not_chosen_silently() -> None:
    recording = read(
        "time,HR\n2026-10-25T01:59:00,70\n2026-10-25T02:30:00,71\n2026-03-29T02:30:00,72\n2026-10-25T03:00:00,73\n",
        zone=ZoneInfo("Europe/Berlin"),
    )
    assert [reading.value for reading in recording.readings] == [70, 73]
    refused = [notice.text for notice in recording.notices if notice.kind == "row-refused"]
    assert any("twice" in text for text in refused)
    assert any("does not exist" in text for text in refused)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-8", b""),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_marks_encodings_line_ends_and_delimiters(encoding: str, mark: bytes, end: str, delimiter: str) -> None:
    text = f"time,HR,SPO2{end}2026-03-01T09:00:00Z,70,98{end}".replace(",", delimiter)
    recording = read(decode(mark + text.encode(encoding)))
    assert told(recording) == [(0, "HR", 70, "ok"), (0, "SPO2", 98, "ok")]


def test_a_decimal_comma_between_commas_is_one_in_quotes_where_it_can_be_no_thousands() -> None:
    assert read("time;SPO2\n2026-03-01T09:00:00Z;97,5\n").readings[0].value == 97.5
    assert read('time,SPO2\n2026-03-01T09:00:00Z,"97,5"\n').readings[0].value == 97.5
    open_ = read('time,SPO2\n2026-03-01T09:00:00Z,"1,234"\n')
    assert open_.readings == []
    assert open_.notices[0].kind == "value-refused"


def test_several_patients_are_a_choice() -> None:
    text = "patient,time,HR\nA,2026-03-01T09:00:00Z,70\nB,2026-03-01T09:00:00Z,90\nA,2026-03-01T09:00:05Z,71\n"
    with pytest.raises(ChoiceNeeded, match="--patient, one of A, B"):
        read(text)
    recording = read(text, patient="A")
    assert [reading.value for reading in recording.readings] == [70, 71]
    assert recording.patients == ("A", "B")
    assert recording.counts.refused == {"of other patients": 1}
    with pytest.raises(RecordingError, match="no patient 'C'"):
        read(text, patient="C")
    with pytest.raises(RecordingError, match="--patient out"):
        read("time,HR\n2026-03-01T09:00:00Z,70\n", patient="A")


def test_a_table_without_rows_is_a_recording_without_readings() -> None:
    recording = read("time,HR,NIBP_SYS\n")
    assert recording.readings == []
    assert recording.counts.rows == 0


@pytest.mark.parametrize("text", ["hello\nworld\n", "a,b,c\n1,2,3\n", "time,colour\n1,2\n", "HR,SPO2\n70,98\n"])
def test_what_is_no_vital_table_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(RecordingError, match=r"session\.csv is not a table") as caught:
        read(text)
    assert "\n" not in str(caught.value)


def test_limits_hold() -> None:
    rows = "2026-03-01T09:00:00Z,70\n" * 11
    with pytest.raises(RecordingError, match="more than 10 rows"):
        read("time,HR\n" + rows, limits=Limits(rows=10))
    with pytest.raises(RecordingError, match="more than 10 values"):
        read("time,HR\n" + rows, limits=Limits(readings=10))
    with pytest.raises(RecordingError, match="columns"):
        read("time,HR" + ",x" * 20 + "\n", limits=Limits(columns=10))


def test_a_million_bad_rows_do_not_make_a_million_notices() -> None:
    recording = read("time,HR\n" + "x,70\n" * 1000 + "2026-03-01T09:00:00Z,70\n")
    assert recording.counts.refused == {"without a time": 1000}
    assert len(recording.notices) == 101
    assert sum("900 more" in notice.text for notice in recording.notices) == 1


def tidy(readings: list[Reading], relative: bool = False) -> str:
    """The tidy table as the design's contract writes it, made here independently of the command."""
    lines = ["time,signal,value,unit,status,source"]
    for r in readings:
        value = "" if r.value is None else repr(r.value)
        lines.append(f"{instant.format(r.time, relative)},{r.signal},{value},{r.unit},{r.status.value},{r.source}")
    return "\n".join(lines) + "\n"


ROWS = st.lists(
    st.tuples(
        st.integers(0, 7200),
        st.dictionaries(
            st.sampled_from(["HR", "PR", "SPO2", "ABP_SYS", "RR", "TEMP"]),
            st.one_of(st.integers(0, 400), st.floats(0, 400, allow_nan=False).map(lambda value: round(value, 2))),
        ),
        st.one_of(
            st.just({}),
            st.fixed_dictionaries({"NIBP_SYS": st.integers(0, 320), "NIBP_DIA": st.integers(0, 220)}),
            st.fixed_dictionaries({signal: st.integers(1, 300) for signal in NIBP}),
        ),
    ),
    max_size=12,
)


@given(rows=ROWS, relative=st.booleans())
def test_a_session_table_and_the_tidy_table_of_it_give_the_same_readings(
    rows: list[tuple[int, dict[str, float], dict[str, float]]], relative: bool
) -> None:
    names = list(SIGNALS)
    lines = ["time," + ",".join(names)]
    for second, values, cuff in rows:
        time = str(second) if relative else instant.format(T + second * SECOND)
        held = values | cuff
        lines.append(time + "," + ",".join(repr(held[name]) if name in held else "" for name in names))
    recording = read("\n".join(lines) + "\n")
    assert len(recording.readings) == sum(len(values) + len(cuff) for _, values, cuff in rows)
    for reading in recording.readings:
        assert (reading.value is None) == (reading.status is Status.ZERO)
    again = read(tidy(recording.readings, relative))
    assert again.relative is (relative and bool(recording.readings))
    assert {notice.kind for notice in again.notices} <= {"file-gap", "same-time"}
    plain = [(r.time, r.signal, r.value, r.unit, r.status, r.source) for r in recording.readings]
    assert [(r.time, r.signal, r.value, r.unit, r.status, r.source) for r in again.readings] == plain

    def events(found: Recording) -> list[list[tuple[str, float | None]]]:
        keys = dict.fromkeys((r.time, r.received) for r in found.readings if r.signal in NIBP)
        return [
            [(r.signal, r.value) for r in found.readings if (r.time, r.received) == key and r.signal in NIBP]
            for key in keys
        ]

    assert events(again) == events(recording)


@pytest.mark.parametrize(
    "row",
    [
        "2026-03-01T09:00:00.000Z,XX,70,/min,ok,csv:HR",
        "2026-03-01T09:00:00.000Z,HR,70,mmHg,ok,csv:HR",
        "2026-03-01T09:00:00.000Z,HR,70,/min,fine,csv:HR",
        "2026-03-01T09:00:00.000Z,HR,,/min,ok,csv:HR",
        "2026-03-01T09:00:00.000Z,HR,70,/min,off,csv:HR",
        "2026-03-01T09:00:00.000Z,HR,seventy,/min,ok,csv:HR",
    ],
)
def test_a_tidy_row_that_contradicts_itself_is_refused(row: str) -> None:
    recording = read(f"time,signal,value,unit,status,source\n{row}\n")
    assert recording.readings == []
    assert [notice.kind for notice in recording.notices] == ["row-refused"]


def test_a_tidy_zero_that_was_a_measurement_stays_one() -> None:
    row = "2026-03-01T09:00:00.000Z,HR,0,/min,ok,ge-dri:ecg.hr"
    assert told(read(f"time,signal,value,unit,status,source\n{row}\n")) == [(0, "HR", 0, "ok")]


def test_a_file_is_read_from_disk_as_from_text(tmp_path: Path) -> None:
    from devices.recordings.base import read_recording

    path = tmp_path / "session.vital"  # content decides before the suffix
    path.write_text("time,HR\n2026-03-01T09:00:00Z,70\n")
    assert told(read_recording(path)) == [(0, "HR", 70, "ok")]


@pytest.mark.parametrize(
    "time", ["9999-12-31T23:59:59-05:00", "9999-12-31T23:59:59.9996Z", "0001-01-01T00:00:00+05:00"]
)
def test_a_time_that_no_calendar_holds_costs_only_its_row(time: str) -> None:
    recording = read(f"time,HR\n{time},80\n2026-03-01T09:00:00Z,81\n")
    assert told(recording) == [(0, "HR", 81, "ok")]
    assert recording.counts.refused == {"without a time": 1}


def test_a_start_from_which_the_recording_runs_out_of_the_calendar_is_refused() -> None:
    with pytest.raises(RecordingError, match="out of the years"):
        read("time,HR\n0,80\n9000000,81\n", start=instant.LATEST)


def test_own_columns_are_taken_as_written_whatever_stands_beside_them() -> None:
    rows = "".join(f"2026-03-01T09:00:{second:02}Z,0,120,80,1.2,70\n" for second in (0, 5, 10))
    header = "time,HR,NIBP_SYS,NIBP_DIA,PR,Odd name\n"
    for recording in (
        read(header.replace("Odd name", "Pulse") + rows),
        read(header + rows, mapping={"Odd name": "PR"}),
    ):
        assert [one for one in told(recording) if one[1] == "NIBP_SYS"] == [
            (s, "NIBP_SYS", 120, "ok") for s in (0, 5, 10)
        ]
        assert [one for one in told(recording) if one[1] == "HR"] == [(s, "HR", None, "zero") for s in (0, 5, 10)]
        assert [one.value for one in recording.readings if one.source == "csv:PR"] == [1.2, 1.2, 1.2]


def test_a_logger_that_is_restarted_with_a_vendors_column_goes_on() -> None:
    first = "time,HR\n2026-03-01T09:00:00Z,80\n"
    recording = read(first + "time,HR,Pulse\n2026-03-01T09:01:00Z,81,82\n")
    assert told(recording) == [(0, "HR", 80, "ok"), (60, "HR", 81, "ok"), (60, "PR", 82, "ok")]


def test_two_different_values_at_one_time_are_told_and_kept() -> None:
    rows = "2026-03-01T09:00:00Z,80\n" * 2 + "2026-03-01T09:00:05Z,81\n2026-03-01T09:00:05Z,82\n"
    recording = read("time,HR\n" + rows)
    assert [r.value for r in recording.readings] == [80, 80, 81, 82]
    assert [(n.kind, n.signal, (n.time - T) / SECOND) for n in recording.notices] == [("same-time", "HR", 5)]


def test_a_name_in_the_mapping_that_is_nowhere_in_the_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "session.csv"
    path.write_text("time,HR\n2026-03-01T09:00:00Z,80\ntime,HR,Odd\n2026-03-01T09:00:01Z,80,81\n")
    recording = read_recording(path, mapping={"Odd": "PR", "Old": "PR"})
    assert [r.signal for r in recording.readings] == ["HR", "HR", "PR"]
    assert [n.text for n in recording.notices if "mapping" in n.text] == [
        "the mapping names 'Old', which the recording does not have"
    ]


@pytest.mark.parametrize("damaged", ["99999999999", "1" * 400, "1" * 5000])
def test_a_damaged_number_of_seconds_costs_only_its_row(damaged: str) -> None:
    recording = read(f"time,HR\n{damaged},80\n3,81\n4,82\n")
    assert [(r.time / SECOND, r.value) for r in recording.readings] == [(3, 81), (4, 82)]
    assert recording.counts.refused == {"without a time": 1}
