"""The shipped recordings read as their README says, and alike in every encoding."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from dashboard.resources import sample_data
from devices import instant
from devices.instant import MINUTE, SECOND
from devices.reading import Reading, Status
from devices.recordings.base import ChoiceNeeded, Recording, read_recording

MIMIC = sample_data() / "mimic3wdb" / "s25047-2704-05-04-10-44n.hea"
ENCODINGS = (
    MIMIC,
    sample_data() / "reencoded" / "mimic3wdb-s25047.csv",
    sample_data() / "reencoded" / "mimic3wdb-s25047.vital",
    sample_data() / "reencoded" / "mimic3wdb-s25047.edf",
    sample_data() / "reencoded" / "mimic3wdb-s25047-wide.parquet",
)


def by_minute(recording: Recording) -> dict[str, dict[int, Reading]]:
    found: dict[str, dict[int, Reading]] = defaultdict(dict)
    for reading in recording.readings:
        minute, rest = divmod(reading.time - recording.first, MINUTE)
        assert rest == 0
        found[reading.signal][minute] = reading
    return found


def test_the_readme_of_the_samples_names_licence_and_source_of_every_file() -> None:
    text = (sample_data() / "README.md").read_text()
    for path in sample_data().rglob("*"):
        if path.is_file() and path.name != "README.md":
            assert path.name in text or path.stem.removesuffix(".truth") in text, path
    for licence in ("ODbL 1.0", "ODC-By 1.0", "MIT"):
        assert licence in text


@pytest.mark.parametrize("path", ENCODINGS, ids=lambda path: path.suffix)
def test_every_encoding_gives_the_facts_of_the_readme(path: Path) -> None:
    held = by_minute(read_recording(path))
    hr = held["HR"]
    assert set(hr) == set(range(72))
    assert hr[0].value == 101.3
    assert hr[44].value == 61.6
    assert sum(reading.status is Status.OK for reading in hr.values()) == 44
    silent = {minute for minute, reading in hr.items() if reading.status is Status.ZERO}
    assert silent == {6, *range(45, 72)}
    assert all(hr[minute].value is None for minute in silent)
    assert len(held["NIBP_SYS"]) == 18
    assert min(held["NIBP_SYS"]) == 2
    assert held["NIBP_SYS"][2].value == 87
    assert max(held["NIBP_SYS"]) == 57
    assert len(held["NIBP_MEAN"]) == 21
    assert max(reading.value or 0 for reading in held["PR"].values()) == 277.0
    assert max(reading.value or 0 for reading in held["RR"].values()) == 55.7


def test_the_encodings_agree() -> None:
    first, *others = (by_minute(read_recording(path)) for path in ENCODINGS)
    for other in others:
        assert other.keys() == first.keys()
        for signal, column in first.items():
            assert other[signal].keys() == column.keys()
            for minute, reading in column.items():
                assert other[signal][minute].status is reading.status
                assert other[signal][minute].value == reading.value


def test_times_of_the_wfdb_record_are_whole_minutes_in_the_year_2704() -> None:
    recording = read_recording(MIMIC)
    assert not recording.relative
    assert instant.format(recording.first) == "2704-05-04T10:44:18.529Z"
    assert recording.last - recording.first == 71 * MINUTE
    assert {notice.kind for notice in recording.notices} == {"time-assumed", "file-gap"}


def test_local_times_are_in_the_zone_that_was_said() -> None:
    berlin = read_recording(ENCODINGS[1], zone=instant.zone_named("Europe/Berlin"))
    assert instant.format(berlin.first) == "2004-05-04T08:44:18.000Z"


def test_a_cuff_measurement_is_three_readings_side_by_side() -> None:
    for path in ENCODINGS:
        readings = read_recording(path).readings
        place = next(index for index, reading in enumerate(readings) if reading.signal == "NIBP_SYS")
        event = readings[place : place + 3]
        assert [reading.signal for reading in event] == ["NIBP_SYS", "NIBP_DIA", "NIBP_MEAN"]
        assert len({(reading.time, reading.received) for reading in event}) == 1
        assert [reading.value for reading in event] == [87, 46, 62]


def test_a_mean_without_sys_and_dia_stays_a_measurement_of_its_own() -> None:
    held = by_minute(read_recording(MIMIC))
    assert held["NIBP_MEAN"][5].value == 94
    assert 5 not in held["NIBP_SYS"]


@pytest.mark.parametrize(
    ("name", "hr", "sys", "abp"), [("132539", 36, 33, 0), ("137529", 84, 79, 0), ("138221", 101, 49, 101)]
)
def test_challenge_files_keep_cuff_and_line_apart(name: str, hr: int, sys: int, abp: int) -> None:
    recording = read_recording(sample_data() / "challenge2012" / f"{name}.txt")
    assert recording.relative
    assert recording.patients == (name,)
    counts = defaultdict(int)
    for reading in recording.readings:
        counts[reading.signal] += 1
    assert (counts["HR"], counts["NIBP_SYS"], counts["ABP_SYS"]) == (hr, sys, abp)


def test_hours_beyond_a_day_are_hours_since_the_start() -> None:
    recording = read_recording(sample_data() / "challenge2012" / "132539.txt")
    assert recording.readings[0].time == 7 * MINUTE
    assert recording.last == (47 * 60 + 37) * MINUTE
    anchored = read_recording(sample_data() / "challenge2012" / "132539.txt", start=1_000 * SECOND)
    assert not anchored.relative
    assert anchored.first == 1_000 * SECOND + 7 * MINUTE


def test_a_monitor_that_shows_its_cuff_value_for_minutes_has_measured_once() -> None:
    recording = read_recording(sample_data() / "vscapture" / "AS3ExportData.csv", date_order="mdy")
    cuff = [reading for reading in recording.readings if reading.signal.startswith("NIBP_")]
    assert [(reading.value, reading.status) for reading in cuff] == [
        (121, Status.AGE_UNKNOWN),
        (78, Status.AGE_UNKNOWN),
        (90, Status.AGE_UNKNOWN),
    ]
    assert instant.format(cuff[0].time) == "2026-03-04T12:32:02.000Z"
    assert recording.counts.repeats == 41
    # The minute averages (75, 67 and 63 at whole minutes) are no values of an instant.
    assert not any(reading.time % MINUTE == 0 for reading in recording.readings)
    assert sum(reading.signal == "HR" for reading in recording.readings) == 26


def test_a_date_that_could_be_two_days_is_asked_about() -> None:
    with pytest.raises(ChoiceNeeded, match="--date-order"):
        read_recording(sample_data() / "vscapture" / "AS3ExportData.csv")
    other = read_recording(sample_data() / "vscapture" / "AS3ExportData.csv", date_order="dmy")
    assert instant.format(other.first).startswith("2026-04-03")


def test_the_worked_examples_hold_what_the_definition_lists() -> None:
    t0 = instant.parse("2026-03-01T09:00:00Z")
    a = read_recording(sample_data() / "worked-example-a.csv")
    sys = {(reading.time - t0) / MINUTE: reading.value for reading in a.readings if reading.signal == "NIBP_SYS"}
    assert len(sys) == 24
    assert (sys[-25], sys[0], sys[25], sys[27], sys[40], sys[95]) == (138, 116, 146, 152, 184, 124)
    assert 80 not in sys
    b = read_recording(sample_data() / "worked-example-b.csv")
    hr = {(reading.time - t0) // SECOND: reading.value for reading in b.readings}
    assert min(hr) == -300
    assert max(hr) == 5995
    assert (hr[630], hr[640], hr[1800], hr[1805], hr[1810], hr[2520]) == (88, 93, 131, 131, 98, 79)
    assert not set(hr) & {675, 680, 705, 710, 715}
