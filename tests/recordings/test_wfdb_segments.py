"""WFDB records of several segments, fixed and variable: each value is the wfdb package's, at its time."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import numpy as np
import pytest

from devices.instant import SECOND, parse
from devices.recordings.base import Limits, RecordingError, read_recording, read_series
from devices.recordings.files import files_of

LABELS = {"HR": "bpm", "NBP Sys": "mmHg", "NBP Dias": "mmHg", "SpO2": "%"}
SIGNALS = {"HR": "HR", "NBP Sys": "NIBP_SYS", "NBP Dias": "NIBP_DIA", "SpO2": "SPO2"}


def segment(folder: Path, name: str, labels: list[str], length: int, gain: float, base: int) -> None:
    """A record written by the wfdb package, of values from a fixed seed; a cuff every seventh sample."""
    import wfdb

    rng = np.random.default_rng(length)
    columns = []
    for label in labels:
        column = np.round(rng.uniform(60, 120, length), 1)
        column[length // 2] = np.nan
        if "BP" in label:
            column[np.arange(length) % 7 != 3] = np.nan
        columns.append(column)
    wfdb.wrsamp(
        name, fs=1, units=[LABELS[label] for label in labels], sig_name=labels, p_signal=np.column_stack(columns),
        fmt=["16"] * len(labels), adc_gain=[gain] * len(labels), baseline=[base] * len(labels), write_dir=str(folder),
    )  # fmt: skip


def master(folder: Path, lines: list[str], count: int, length: int, name: str = "m1") -> Path:
    path = folder / f"{name}.hea"
    path.write_text(f"{name}/{len(lines)} {count} 1 {length} 23:59:30 28/02/2896\n" + "\n".join(lines) + "\n")
    return path


def fixed(folder: Path) -> Path:
    segment(folder, "m1_1", list(LABELS), 40, 10, 5)
    segment(folder, "m1_2", list(LABELS), 25, 20, -300)
    return master(folder, ["m1_1 40", "m1_2 25"], 4, 65)


def variable(folder: Path) -> Path:
    layout = "".join(f"~ 0 10/{unit} 16 0 0 0 0 {label}\n" for label, unit in LABELS.items())
    (folder / "m1_layout.hea").write_text(f"m1_layout 4 1 0\n{layout}")
    segment(folder, "m1_1", ["HR", "SpO2"], 30, 10, 0)
    segment(folder, "m1_2", ["SpO2", "NBP Sys", "NBP Dias", "HR"], 41, 10, 0)
    return master(folder, ["m1_layout 0", "m1_1 30", "~ 17", "m1_2 41"], 4, 88)


@pytest.mark.parametrize("make", [fixed, variable])
def test_every_value_is_the_wfdb_packages(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    import wfdb

    path = make(tmp_path)
    theirs = wfdb.rdrecord(str(path.with_suffix("")), m2s=True)
    ours, begins = read_recording(path), parse("2896-02-28T23:59:30Z")
    held = {(r.signal, (r.time - begins) / SECOND): r.value for r in ours.readings}
    expected = {
        (SIGNALS[name], row): pytest.approx(value, abs=1e-9)
        for place, name in enumerate(theirs.sig_name)
        for row, value in enumerate(theirs.p_signal[:, place])
        if not math.isnan(value)
    }
    assert held == expected
    assert len(held) == len(ours.readings)
    assert ours.counts.rows == theirs.sig_len
    series = {
        (one.signal, float(second)): value
        for one in (each.present for each in read_series(path).series)
        for second, value in zip(one.seconds, one.numbers.tolist(), strict=True)
    }
    assert series == held


def test_its_files_are_all_of_them_and_an_archive_holds_them(tmp_path: Path) -> None:
    path = variable(tmp_path)
    assert {each.name for each in files_of(path)} == {
        "m1.hea", "m1_layout.hea", "m1_1.hea", "m1_1.dat", "m1_2.hea", "m1_2.dat"
    }  # fmt: skip
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        for each in files_of(path):
            archive.write(each, each.name)
    assert read_recording(tmp_path / "m.zip", member="m1.hea").readings == read_recording(path).readings


def test_another_unit_in_a_segment_is_converted(tmp_path: Path) -> None:
    fixed(tmp_path)
    header = tmp_path / "m1_2.hea"
    header.write_text(header.read_text().replace("/mmHg", "/kPa").replace("20.0(", "200(").replace("20(", "200("))
    ours = [r for r in read_recording(tmp_path / "m1.hea").readings if r.signal == "NIBP_SYS"]
    assert all(40 < (r.value or 0) < 125 for r in ours)
    header.write_text(header.read_text().replace("/kPa", "/bpm"))
    with pytest.raises(RecordingError, match="in the segment m1_2 bpm is no unit of NBP Sys"):
        read_recording(tmp_path / "m1.hea")


@pytest.mark.parametrize(
    ("lines", "length", "said"),
    [
        (["m1_1 40", "m1_2 25"], 70, "announces 70 samples, and its segments have 65"),
        (["m1_1 41", "m1_2 25"], 66, "m1_1 has 40 samples, and m1.hea says 41"),
        (["m1_1 40", "gone 25"], 65, "needs the data file gone.hea"),
        (["m1_1 40", "../m1_2 25"], 65, "no plain name"),
        (["m1_1 40", "m1 65"], 105, "a segment that has segments"),
        (["m1_1 40", "~ 99999999"], 100000039, "more than the"),
        (["m1_1 40", "m1_2"], 65, "not a WFDB header that is understood"),
        (["~ 5"], 5, "no"),
    ],
)
def test_segments_that_do_not_fit_are_refused(tmp_path: Path, lines: list[str], length: int, said: str) -> None:
    fixed(tmp_path)
    with pytest.raises(RecordingError, match=said):
        recording = read_recording(master(tmp_path, lines, 4, length), limits=Limits())
        assert not recording.readings
        raise RecordingError("no readings")


def test_a_segment_of_another_frequency_or_whose_data_is_cut(tmp_path: Path) -> None:
    path = fixed(tmp_path)
    data = tmp_path / "m1_1.dat"
    data.write_bytes(data.read_bytes()[:160])
    cut = read_recording(path)
    assert any("holds 20 of the 40 samples" in notice.text for notice in cut.notices)
    times = [(r.time - parse("2896-02-28T23:59:30Z")) // SECOND for r in cut.readings if r.signal == "HR"]
    assert [t for t in times if t < 40] == list(range(20))
    assert min(t for t in times if t >= 20) == 40
    header = tmp_path / "m1_2.hea"
    header.write_text(header.read_text().replace("m1_2 4 1 ", "m1_2 4 2 "))
    with pytest.raises(RecordingError, match="another sampling frequency"):
        read_recording(path)


def test_segments_of_waveforms_alone_are_refused(tmp_path: Path) -> None:
    (tmp_path / "w1.hea").write_text("w1 1 125 100\nw1.dat 16 200/mV 16 0 0 0 0 II\n")
    (tmp_path / "w1.dat").write_bytes(bytes(200))
    (tmp_path / "w.hea").write_text("w/2 1 125 150\nw1 100\n~ 50\n")
    with pytest.raises(RecordingError, match="hold waveforms, not numbers"):
        read_recording(tmp_path / "w.hea")


@pytest.mark.parametrize("folder", ["", "ward 3/"])
def test_in_an_archive_the_record_is_read_and_not_one_of_its_segments(tmp_path: Path, folder: str) -> None:
    (tmp_path / "record").mkdir()
    path = fixed(tmp_path / "record")
    packed = tmp_path / "record.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for each in (tmp_path / "record").iterdir():
            archive.write(each, f"{folder}{each.name}")
    assert read_recording(packed).readings == read_recording(path).readings
    part = read_recording(packed, member="m1_2.hea")
    assert part.readings == read_recording(path.with_name("m1_2.hea")).readings
