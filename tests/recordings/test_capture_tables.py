"""Tables of loggers at the bedside in columns: each is the recording that its rows are, or is left to these."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from capture_writings import DATEX, philips, queensland, vscapture
from table_writings import BERLIN, damaged, differences

from dashboard.resources import sample_data
from devices import instant
from devices.instant import SECOND
from devices.recordings.base import ChoiceNeeded, Recording, RecordingError, read_recording
from devices.recordings.delimited import reader as delimited
from devices.recordings.delimited import utf8 as table_bytes
from devices.recordings.readings.lazy import LazyReadings

UQ = "Time,RelativeTimeMilliseconds,Clock,HR,Pulse,SpO2,NBP (Sys),NBP (Dia),NBP (Pulse),ART (Mean)"
VSCAPTURE = f"VitalSignsCapture v1.004\nDatex AS3 Monitor\n{DATEX}\n"
MP = "Time,RelativeTime,NOM_ECG_CARD_BEAT_RATE,NOM_PULS_OXIM_SAT_O2"


def in_columns(path: Path, text: str | None = None, **say: Any) -> Recording:
    """The recording, which is read in columns and is the same row by row."""
    if text is not None:
        path.write_bytes(text.encode())
    assert differences(path, say)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_LONG", 0)
        found = read_recording(path, **say)
    assert isinstance(found.readings, LazyReadings)
    return found


def left_to_rows(path: Path, text: str, **say: Any) -> None:
    path.write_bytes(text.encode())
    assert not differences(path, say)


def told(recording: Recording, kind: str) -> list[str]:
    return [each.text for each in recording.notices if each.kind == kind]


def of(recording: Recording, source: str) -> list[tuple[int, float | None]]:
    """The rows and the values of a source."""
    return [(each.received, each.value) for each in recording.readings if each.source == f"csv:{source}"]


# -- University of Queensland ----------------------------------------------------------------------------------------


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
    odd = table(10).replace(",80,104,,", ",80,255,0,")
    left_to_rows(tmp_path / "trenddata.csv", odd)  # a mark beside no saturation
    assert read_recording(tmp_path / "trenddata.csv").counts.refused == {"of an oximeter without a signal": 1}


def test_pressures_of_one_text_are_left_to_the_rows_and_a_curve_of_that_name_is_not(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    left_to_rows(path, "Time,HR,RR\n" + "".join(f"2026-03-01T09:00:{n:02d}Z,70,120/80\n" for n in range(30)))
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


# -- VSCapture -------------------------------------------------------------------------------------------------------


def datex(at: str, rate: str, cuff: str = "-,-,-", saturation: str = "98", tail: str = "-", more: str = "") -> str:
    """A row of VSCapture; `more` stands behind the saturation in longer ones."""
    cells = ["15/05/2016", at, rate, *cuff.split(","), saturation + more, *["-"] * 27, *[tail] * 10]
    return ",".join(cells) + ",\n"


def test_rows_of_vscapture_without_its_minute_averages(tmp_path: Path) -> None:
    rows = [
        datex("12:50:55", "70", "121,78,90"),
        datex("12:51:00", "90", tail="0.1"),
        datex("12:51:00.5", "71", "121,78,90"),
        datex("12:51:05", "72", "121,78,90"),
        datex("12:52:00", "73", "130,80,95", tail="0.1"),  # it has cuff values
        datex("12:53:00", "74"),  # it has no more than others
    ]
    rows = [row.replace("12:51:00.5", "12:51:01") for row in rows]
    found = in_columns(tmp_path / "vscapture.csv", VSCAPTURE + "".join(rows))
    assert of(found, "Heart Rate(/min)") == [(0, 70), (2, 71), (3, 72), (4, 73), (5, 74)]
    assert of(found, "Systolic BP(mmHg)") == [(0, 121), (4, 130)]
    assert (found.counts.rows, found.counts.used, found.counts.repeats) == (6, 5, 2)
    assert found.counts.refused == {"minute averages": 1}
    text = "1 rows are averages over a minute, not values of an instant, and were left out"
    assert text in told(found, "ignored")


def test_only_leading_fields_of_longer_rows_are_used(tmp_path: Path) -> None:
    path = tmp_path / "vscapture.csv"
    head = VSCAPTURE.replace(" ETCO2(mmhg)", " RR").replace("RR,T1", "X,T1")
    rows = [
        datex("12:50:55", "70").replace(",98,-,", ",98,12,"),
        datex("12:50:56", "71", more=",7,8,9").replace(",98,7,", ",98,13,"),
        datex("12:50:57", "72").replace(",98,-,", ",98,14,")[:-1] + " \n",  # nothing but a space more
        datex("12:50:58", "73", more=",7,8,9")[:-1] + ",,\n",
    ]
    found = in_columns(path, head + "".join(rows))
    assert of(found, "RR") == [(0, 12), (2, 14)]
    assert of(found, "Heart Rate(/min)") == [(0, 70), (1, 71), (2, 72), (3, 73)]
    assert of(found, "SpO2(%)") == [(row, 98) for row in range(4)]
    left_to_rows(path, head + "".join(rows) + datex("12:50:59", "74")[:-6] + "\n")


def test_an_oximeters_mark_in_an_average_is_left_to_the_rows(tmp_path: Path) -> None:
    rows = [
        datex("12:51:00", "90", saturation="127", tail="0.1"),
        *(datex(f"12:51:{second:02d}", str(60 + second)) for second in range(1, 30)),
    ]
    left_to_rows(tmp_path / "vscapture.csv", VSCAPTURE + "".join(rows))
    refused = read_recording(tmp_path / "vscapture.csv").counts.refused
    assert refused == {"minute averages": 1, "of an oximeter without a signal": 1}


def test_what_stands_beside_averages_tells_no_patients_apart(tmp_path: Path) -> None:
    """The averages have another name in a column that is not read, and other values. In the rows they do not count;
    a name in the others, with which their values jump, is asked about."""
    head = VSCAPTURE.replace(" ETCO2(mmhg)", "Label")

    def table(names: Sequence[str]) -> str:
        """`names`: of the averages, and in turn of the other rows."""
        rows = []
        for second in range(3600):
            at, turn = f"{9 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}", second // 60 % 2
            if second % 60 == 0:
                rows.append(datex(at, "150", tail="0.1").replace(",98,-,", f",98,{names[0]},"))
            else:
                rows.append(datex(at, str(60 + 70 * turn)).replace(",98,-,", f",98,{names[1 + turn]},"))
        return head + "".join(rows)

    path = tmp_path / "vscapture.csv"
    assert in_columns(path, table(["P2", "P1", "P1"])).counts.refused == {"minute averages": 60}
    left_to_rows(path, table(["P1", "P1", "P2"]))
    with pytest.raises(ChoiceNeeded, match="Label"):
        read_recording(path)


def test_the_sample_of_vscapture_is_read_in_columns() -> None:
    path = sample_data() / "vscapture" / "AS3ExportData.csv"
    found = in_columns(path, date_order="mdy")
    assert found.counts.rows == 90


def test_a_day_of_the_samples_rows_is_read_in_columns(tmp_path: Path) -> None:
    """Its minute and a half over and over, with averages at whole minutes."""
    lines = (sample_data() / "vscapture" / "AS3ExportData.csv").read_text().splitlines(keepends=True)
    head, rows = lines[:3], [line.split(",", 2) for line in lines[3:]]
    again = []
    for number in range(60):
        for date, clock, rest in rows:
            hour, minute, second = clock.split(" ")[0].split(":")
            passed = int(hour) % 12 * 3600 + int(minute) * 60 + int(second) + 480 * number
            again.append(f"{date},{passed // 3600 + 1}:{passed // 60 % 60:02d}:{passed % 60:02d} AM,{rest}")
    found = in_columns(tmp_path / "vscapture.csv", "".join([*head, *again]), date_order="mdy")
    assert found.counts.rows == 60 * 90


# -- VSCaptureMP -----------------------------------------------------------------------------------------------------


def test_rows_of_vscapturemp_are_spaced_by_the_monitors_ticks(tmp_path: Path) -> None:
    """Stamps in whole seconds of rows 1.024 s apart; then the monitor is restarted, and a stamp stays."""
    seconds = [33, 34, 35, 36, 37, 50, 51]
    ticks = [80_000 + 8192 * n for n in range(5)] + [8192, 16_384]
    rows = [f"08/14/2020 19:42:{s},{t},{70 + s},97\n" for s, t in zip(seconds, ticks, strict=True)]
    found = in_columns(tmp_path / "mp.csv", f"{MP}\n" + "".join(rows))
    begins = instant.parse("2020-08-14T19:42:33Z")
    # Of the first five, 33.000 is the latest beginning that no stamp contradicts; of the last two, 50.000 is.
    expected = [begins + n * 1_024_000 for n in range(5)] + [begins + 17 * SECOND, begins + 18_024_000]
    assert [each.time for each in found.readings if each.signal == "HR"] == expected
    assert [(each.received, each.text) for each in found.notices if each.kind == "device-restarted"] == [
        (5, "the monitor's counter began again: it was restarted")
    ]


@pytest.mark.parametrize(
    "odd",
    [
        "08/14/2020 19:42:40,{t},70",  # a row of another length
        f"{MP},NOM_RESP_RATE",
        MP,
        "08/14/2020 19:42:40,-,70,97",
        "08/14/2020 19:42:40,{t}.5,70,97",
    ],
)
def test_what_is_no_plain_row_of_vscapturemp_is_left_to_the_rows(tmp_path: Path, odd: str) -> None:
    rows = [f"08/14/2020 19:42:{40 + n},{8000 * n},70,97" for n in range(9)]
    left_to_rows(tmp_path / "mp.csv", "\n".join([MP, rows[0], odd.format(t=4000), *rows[1:], ""]))


@pytest.mark.parametrize("names", ["AAAA", "ABAB"])
def test_rows_stamped_with_one_second_may_tell_patients_apart(tmp_path: Path, names: str) -> None:
    """Two rows a second, which the ticks space: values of two persons of one time are asked about by their stamps."""
    rows = []
    for second in range(30):
        for half in range(2):
            ticks, name = 8000 * second + 4000 * half, names[half]
            rows.append(f"08/14/2020 19:42:{second:02d},{ticks},{60 + 70 * (name == 'B')},97,{name}")
    path, text = tmp_path / "mp.csv", "\n".join([f"{MP},Module", *rows, ""])
    if names == "ABAB":
        left_to_rows(path, text)
        with pytest.raises(ChoiceNeeded, match="the rows of one time differ in the column 'Module'"):
            read_recording(path)
        return
    times = [each.time for each in in_columns(path, text).readings if each.signal == "HR"]
    assert [later - earlier for earlier, later in pairwise(times)] == [500_000] * 59


# -- any table -------------------------------------------------------------------------------------------------------


def one_file(write: Callable[[random.Random], tuple[bytes, dict[str, Any]]]) -> Callable[[random.Random], Any]:
    def files(rng: random.Random) -> tuple[Sequence[bytes], dict[str, Any]]:
        data, say = write(rng)
        return [data], say | ({"zone": BERLIN} if rng.random() < 0.3 else {})

    return files


def several(rng: random.Random) -> tuple[Sequence[bytes], dict[str, Any]]:
    return queensland(rng), {"start": 10**15} if rng.random() < 0.2 else {}


WRITERS = {"queensland": several, "vscapture": one_file(vscapture), "philips": one_file(philips)}


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("kind", list(WRITERS))
def test_any_table_is_read_alike_by_columns_and_by_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, part: int
) -> None:
    taken = 0
    for seed in range(part * 30, part * 30 + 30):
        rng = random.Random(f"{kind} {seed}")
        files, say = WRITERS[kind](rng)
        if rng.random() < 0.25:
            files = [damaged(rng, data) for data in files]
        folder = tmp_path / f"{seed}"
        folder.mkdir()
        for number, data in enumerate(files):
            (folder / f"case_fulldata_{number}.csv").write_bytes(data)
        monkeypatch.setattr(table_bytes, "_BLOCK", rng.choice([1, 100, 1000, 1 << 19]))
        try:
            taken += differences(folder / "case_fulldata_0.csv", say)
        except AssertionError as error:
            raise AssertionError(f"{kind} {seed}") from error
    assert taken >= 6  # else this would be a comparison of rows with rows


def test_a_refusal_names_the_case_as_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_LONG", 0)
    path = parts(tmp_path, f"{UQ}\n0:00:02,2000,,70,,,,,,\n", f"{UQ}\n0:00:00,0,,70,,,,,,\n")
    with pytest.raises(RecordingError, match=r"fulldata_2.csv, .*_9.csv do not follow each other"):
        read_recording(path)
