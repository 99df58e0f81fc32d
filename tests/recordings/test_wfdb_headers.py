"""WFDB headers as others write them: letters beyond ASCII, tabs, names twice or none, signals without samples."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from devices import instant
from devices.errors import ChoiceNeeded
from devices.recordings.base import Recording, RecordingError, ask_source, read_recording
from devices.recordings.files import files_of

BERLIN = ZoneInfo("Europe/Berlin")


def made(folder: Path, header: str, rows: list[list[int]], encoding: str = "utf-8") -> Path:
    (folder / "r.dat").write_bytes(np.array(rows, "<i2").tobytes())
    (folder / "r.hea").write_bytes(header.encode(encoding))
    return folder / "r.hea"


def values(recording: Recording) -> dict[str, list[float | None]]:
    found: dict[str, list[float | None]] = {}
    for each in recording.readings:
        found.setdefault(f"{each.signal} {each.source}", []).append(each.value)
    return found


TWO = "r 2 1 2{}\nr.dat 16 1/{} 16 0 0 0 0 {}\nr.dat 16 1/{} 16 0 0 0 0 {}\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_letters_beyond_ascii_in_names_and_comments(tmp_path: Path, encoding: str) -> None:
    header = TWO.format("", "bpm", "ЧСС", "%", "SpO2").replace("\n", "\n# Åse, Größe 1…2\n", 1)
    assert values(read_recording(made(tmp_path, header, [[70, 98], [71, 97]], encoding))) == {
        "HR wfdb:ЧСС": [70, 71],
        "SPO2 wfdb:SpO2": [98, 97],
    }


def test_windows_letters_stay_readable(tmp_path: Path) -> None:
    header = TWO.format("", "bpm", "HR", "%", "Sättigung")
    found = read_recording(made(tmp_path, header, [[70, 98], [71, 97]], "latin-1"))
    assert [each.name for each in found.mapping] == ["HR", "Sättigung"]


def test_fields_apart_by_tabs_or_several_blanks(tmp_path: Path) -> None:
    header = TWO.format("", "bpm", "HR", "%", "SpO2").replace("r 2 1 2", "r   2\t1  2").replace(" 16 ", "\t16  ")
    assert values(read_recording(made(tmp_path, header, [[70, 98], [71, 97]]))) == {
        "HR wfdb:HR": [70, 71],
        "SPO2 wfdb:SpO2": [98, 97],
    }


def test_data_that_look_like_text_are_known_by_the_header_beside_them(tmp_path: Path) -> None:
    made(tmp_path, TWO.format("", "bpm", "HR", "%", "SpO2"), [[70, 98], [71, 97]])
    assert values(read_recording(tmp_path / "r.dat"))["HR wfdb:HR"] == [70, 71]


def test_two_signals_of_one_name_are_two_sources_and_one_is_asked_for(tmp_path: Path) -> None:
    path = made(tmp_path, TWO.format("", "bpm", "HR", "bpm", "HR"), [[70, 98], [71, 97]])
    found = read_recording(path)
    assert values(found) == {"HR wfdb:HR": [70, 71], "HR wfdb:HR#2": [98, 97]}
    assert not [each for each in found.notices if each.kind == "same-time"]
    with pytest.raises(ChoiceNeeded, match="'HR' and 'HR#2' both give HR") as asked:
        ask_source(found)
    assert asked.value.among == ("HR", "HR#2")
    assert values(read_recording(path, mapping={"HR#2": ""})) == {"HR wfdb:HR": [70, 71]}
    assert values(read_recording(path, mapping={"#2": ""})) == {"HR wfdb:HR": [70, 71]}
    assert values(read_recording(path, mapping={"HR": ""})) == {"HR wfdb:HR#2": [98, 97]}


def test_two_cuff_values_of_one_name_are_refused_by_names_that_a_mapping_can_say(tmp_path: Path) -> None:
    path = made(tmp_path, TWO.format("", "mmHg", "NBPSys", "mmHg", "NBPSys"), [[120, 130], [121, 131]])
    with pytest.raises(RecordingError, match=r"'NBPSys' and 'NBPSys#2' hold NIBP_SYS: leave one out with --mapping"):
        read_recording(path)
    assert values(read_recording(path, mapping={"NBPSys#2": ""})) == {"NIBP_SYS wfdb:NBPSys": [120, 121]}


def test_signals_without_names_are_said_by_their_numbers(tmp_path: Path) -> None:
    path = made(tmp_path, "r 2 1 2\nr.dat 16 1/bpm\nr.dat 16 1/%\n", [[70, 98], [71, 97]])
    assert values(read_recording(path)) == {}
    found = read_recording(path, mapping={"#1": "HR"})
    assert values(found) == {"HR wfdb:#1": [70, 71]}
    assert [each.text for each in found.notices] == ["the signal '#2' was left out: its name is not known"]


def test_a_signal_of_format_0_has_no_samples(tmp_path: Path) -> None:
    path = made(tmp_path, TWO.format("", "bpm", "HR", "%", "SpO2").replace("\nr.dat 16 1/%", "\n~ 0 1/%"), [[70], [71]])
    found = read_recording(path)
    assert values(found) == {"HR wfdb:HR": [70, 71]}
    assert [(each.name, each.note) for each in found.mapping] == [("HR", ""), ("SpO2", "it has no samples")]
    assert [each.name for each in files_of(path)] == ["r.hea", "r.dat"]


@pytest.mark.parametrize("gain", ["", " 0", " 0/bpm", " 0(0)/bpm 16 0 0 0 0 HR"])
def test_a_number_without_a_gain_is_left_out_and_said(tmp_path: Path, gain: str) -> None:
    path = made(tmp_path, f"r 2 1 2\nr.dat 16{gain}\nr.dat 16 1/% 16 0 0 0 0 SpO2\n", [[70, 98], [71, 97]])
    found = read_recording(path, mapping={"#1": "HR"})
    assert values(found) == {"SPO2 wfdb:SpO2": [98, 97]}
    assert "it is not calibrated (it has no gain)" in found.notices[0].text


@pytest.mark.parametrize(("unit", "value"), [("deg_C", 37.0), ("deg_F", 2.777778), ("Deg_C", 37.0)])
def test_blanks_in_units_are_written_as_underscores(tmp_path: Path, unit: str, value: float) -> None:
    found = read_recording(made(tmp_path, f"r 1 1 1\nr.dat 16 1/{unit} 16 0 0 0 0 Temp\n", [[37]]))
    assert values(found) == {"TEMP wfdb:Temp": [pytest.approx(value)]}


@pytest.mark.parametrize(
    ("day", "said", "among"),
    [("25/10/2026", "has twice", ("+02:00", "+01:00")), ("29/03/2026", "skips", ("+01:00", "+02:00"))],
)
def test_a_start_in_the_hour_of_a_clock_change_is_asked_about(
    tmp_path: Path, day: str, said: str, among: tuple[str, str]
) -> None:
    path = made(tmp_path, TWO.format(f" 02:30:00 {day}", "bpm", "HR", "%", "SpO2"), [[70, 98], [71, 97]])
    with pytest.raises(ChoiceNeeded, match=f"Europe/Berlin {said}") as asked:
        read_recording(path, zone=BERLIN)
    assert (asked.value.option, tuple(asked.value.among)) == ("timezone", among)
    year, month, date = day[6:], day[3:5], day[:2]
    for offset in among:
        found = read_recording(path, zone=instant.zone_named(offset))
        assert found.first == instant.parse(f"{year}-{month}-{date}T02:30:00{offset}")
