"""Tables of loggers at the bedside in columns: each is the recording that its rows are, or is left to these."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from capture_writings import DATEX, in_columns, left_to_rows, of, philips, queensland, told, vscapture
from table_writings import BERLIN, damaged, differences

from dashboard.resources import sample_data
from devices import instant
from devices.instant import SECOND
from devices.recordings.base import ChoiceNeeded, read_recording
from devices.recordings.delimited import utf8 as table_bytes

VSCAPTURE = f"VitalSignsCapture v1.004\nDatex AS3 Monitor\n{DATEX}\n"
MP = "Time,RelativeTime,NOM_ECG_CARD_BEAT_RATE,NOM_PULS_OXIM_SAT_O2"


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
    found = in_columns(path, head + "".join(rows) + datex("12:50:59", "74")[:-6] + "\n")
    assert found.counts.refused == {"of another length": 1}


def test_an_oximeters_mark_in_an_average_is_counted(tmp_path: Path) -> None:
    rows = [
        datex("12:51:00", "90", saturation="127", tail="0.1"),
        *(datex(f"12:51:{second:02d}", str(60 + second)) for second in range(1, 30)),
    ]
    refused = in_columns(tmp_path / "vscapture.csv", VSCAPTURE + "".join(rows)).counts.refused
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
        f"{MP},NOM_RESP_RATE",
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
