"""WFDB numerics against the wfdb package, the sheet's traps, and hostile or cut files."""

from __future__ import annotations

import math
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dashboard.resources import sample_data
from devices import instant
from devices.instant import MINUTE, SECOND
from devices.recordings.base import Limits, Recording, RecordingError, read_recording
from devices.recordings.wfdb.header import parse_header

MIMIC = sample_data() / "mimic3wdb"
HEA, DAT = MIMIC / "s25047-2704-05-04-10-44n.hea", MIMIC / "3234460n.dat"


def record(
    folder: Path,
    columns: dict[str, list[int]],
    *,
    first: str = "{name} {count} 1 {length} 10:00:00 01/03/2026",
    signal: str = "{name}.dat 16 1/{unit} 16 0 0 {sum} 0 {label}",
    units: dict[str, str] | None = None,
    name: str = "r1n",
) -> Path:
    samples = np.array(list(columns.values()), dtype="<i2").T
    (folder / f"{name}.dat").write_bytes(samples.tobytes())
    lines = [first.format(name=name, count=len(columns), length=len(samples))]
    for label, values in columns.items():
        unit = (units or {}).get(label, "mmHg" if "BP" in label else "bpm")
        lines.append(signal.format(name=name, unit=unit, sum=sum(values) % 65536, label=label))
    (folder / f"{name}.hea").write_text("\n".join(lines) + "\n")
    return folder / f"{name}.hea"


def test_every_value_is_the_wfdb_packages(tmp_path: Path) -> None:
    import wfdb

    ours = read_recording(HEA)
    theirs = wfdb.rdrecord(str(HEA.with_suffix("")))
    held = {(r.source.partition(":")[2], (r.time - ours.first) // MINUTE): r.value for r in ours.readings}
    assert len(held) == len(ours.readings)
    count = 0
    for place, name in enumerate(theirs.sig_name):
        for row, value in enumerate(theirs.p_signal[:, place]):
            if math.isnan(value):
                assert (name, row) not in held
                continue
            count += 1
            assert held[name, row] == (None if value == 0 else pytest.approx(value, abs=1e-12))
    assert count == len(held)


def test_a_record_written_by_the_wfdb_package(tmp_path: Path) -> None:
    import wfdb

    hr = np.array([70.0, 71.5, np.nan, 72.0, 0.0])
    sys = np.array([np.nan, 120.0, np.nan, np.nan, 131.0])
    dia = np.array([np.nan, 80.0, np.nan, np.nan, 85.0])
    wfdb.wrsamp(
        "w1n",
        fs=0.2,
        units=["bpm", "mmHg", "mmHg"],
        sig_name=["HR", "NBPSys", "NBPDias"],
        p_signal=np.array([hr, sys, dia]).T,
        fmt=["16"] * 3,
        adc_gain=[10, 1, 1],
        baseline=[0, 0, 0],
        write_dir=str(tmp_path),
    )
    recording = read_recording(tmp_path / "w1n.hea")
    assert recording.relative
    assert recording.notices == []
    assert [(r.time // SECOND, r.signal, r.value) for r in recording.readings] == [
        (0, "HR", 70),
        (5, "HR", 71.5),
        (5, "NIBP_SYS", 120),
        (5, "NIBP_DIA", 80),
        (15, "HR", 72),
        (20, "HR", None),
        (20, "NIBP_SYS", 131),
        (20, "NIBP_DIA", 85),
    ]
    anchored = read_recording(tmp_path / "w1n.hea", start=instant.parse("2026-03-01T09:00:00Z"))
    assert instant.format(anchored.first) == "2026-03-01T09:00:00.000Z"


def test_it_may_be_named_by_header_data_or_record() -> None:
    for path in (HEA, DAT, HEA.with_suffix("")):
        assert len(read_recording(path).readings) == 345


def test_the_header_chooses_the_data_file_and_a_missing_one_is_named(tmp_path: Path) -> None:
    shutil.copy(HEA, tmp_path)
    with pytest.raises(RecordingError, match=r"3234460n\.dat"):
        read_recording(tmp_path / HEA.name)
    shutil.copy(DAT, tmp_path / "alone.dat")
    with pytest.raises(RecordingError, match=r"\.hea"):
        read_recording(tmp_path / "alone.dat")


@pytest.mark.parametrize(
    "name", ["../secret.dat", "/etc/passwd", "..", "a/b.dat", "..\\secret.dat", "C:x.dat", "-", "~", "a%2fb"]
)
def test_a_header_cannot_reach_out_of_its_folder(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.dat").write_bytes(b"\x46\x00" * 10)
    (inside / "r.hea").write_text(f"r 1 1 10 10:00:00 01/03/2026\n{name} 16 1/bpm 16 0 70 700 0 HR\n")
    with pytest.raises(RecordingError, match="not read"):
        read_recording(inside / "r.hea")


def test_nor_by_a_link(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.dat").write_bytes(b"\x46\x00" * 10)
    (inside / "link.dat").symlink_to(tmp_path / "secret.dat")
    (inside / "r.hea").write_text("r 1 1 10 10:00:00 01/03/2026\nlink.dat 16 1/bpm 16 0 70 700 0 HR\n")
    with pytest.raises(RecordingError, match="out of its folder"):
        read_recording(inside / "r.hea")


@pytest.mark.parametrize(
    ("frequency", "period"),
    [
        ("0.0166666666667/125", Fraction(60)),
        ("0.016667", Fraction(60)),
        ("0.0166666666667", Fraction(60)),
        ("1", Fraction(1)),
        ("1/1.0(0)", Fraction(1)),
        ("0.2", Fraction(5)),
        ("0.00333333333", Fraction(300)),
        ("0.9766", Fraction(10000, 9766)),
        ("2", Fraction(1, 2)),
    ],
)
def test_a_rounded_frequency_is_a_whole_period(frequency: str, period: Fraction) -> None:
    head = parse_header(f"r 1 {frequency} 3\nr.dat 16 1/bpm 16 0 0 0 0 HR\n", "r.hea")
    assert head.period == period


def test_a_waveform_record_is_refused_though_its_names_are_those_of_numbers(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="waveforms"):
        read_recording(record(tmp_path, {"RESP": [1, 2], "ABP": [3, 4]}, first="{name} {count} 125 {length}"))


def test_a_record_whose_segments_are_missing_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "m.hea").write_text("m/3 2 125 1000\nm_layout 0\nm_0001 500\n~ 500\n")
    with pytest.raises(RecordingError, match=r"needs the data file m_layout\.hea"):
        read_recording(tmp_path / "m.hea")


def test_baseline_gain_and_offset_of_the_header_hold(tmp_path: Path) -> None:
    path = record(tmp_path, {"HR": [1400, -32768, 1000]}, signal="{name}.dat 16+2 20(-600)/{unit} 16 0 0 0 0 {label}")
    data = path.with_suffix(".dat")
    data.write_bytes(b"\xff\xff" + data.read_bytes())
    recording = read_recording(path)
    assert [(r.time - recording.first, r.value) for r in recording.readings] == [(0, 100.0), (2 * SECOND, 80.0)]


def test_a_signal_that_is_zero_throughout_is_absent(tmp_path: Path) -> None:
    recording = read_recording(record(tmp_path, {"HR": [70, 0], "ABPSys": [0, 0], "NBPSys": [-32768, -32768]}))
    assert {reading.signal for reading in recording.readings} == {"HR"}
    assert any("ABPSys" in notice.text for notice in recording.notices)


def test_a_wrong_unit_or_name_is_left_out_and_said(tmp_path: Path) -> None:
    path = record(tmp_path, {"HR": [70], "NBPSys": [120], "": [1]}, units={"NBPSys": "bpm"})
    recording = read_recording(path)
    assert {reading.signal for reading in recording.readings} == {"HR"}
    assert sum(notice.kind == "ignored" for notice in recording.notices) == 2


def test_kilopascal_becomes_mmhg(tmp_path: Path) -> None:
    recording = read_recording(record(tmp_path, {"NBPSys": [16]}, units={"NBPSys": "kPa"}))
    assert recording.readings[0].value == pytest.approx(120.00992)


def test_a_wrong_checksum_is_said(tmp_path: Path) -> None:
    path = record(tmp_path, {"HR": [70, 71]}, signal="{name}.dat 16 1/{unit} 16 0 0 5 0 {label}")
    assert "checksum-differs" in [notice.kind for notice in read_recording(path).notices]


def test_a_year_that_nanoseconds_cannot_hold(tmp_path: Path) -> None:
    recording = read_recording(
        record(tmp_path, {"HR": [70, 71]}, first="{name} {count} 1 {length} 23:59:59.5 31/12/2896")
    )
    assert [instant.format(r.time) for r in recording.readings] == [
        "2896-12-31T23:59:59.500Z",
        "2897-01-01T00:00:00.500Z",
    ]


def test_a_length_that_is_not_said_is_taken_from_the_file(tmp_path: Path) -> None:
    assert len(read_recording(record(tmp_path, {"HR": [70, 71, 72]}, first="{name} {count} 1")).readings) == 3


def test_a_record_of_one_sample(tmp_path: Path) -> None:
    assert len(read_recording(record(tmp_path, {"HR": [70]})).readings) == 1


def test_limits_hold_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="more than the 10"):
        read_recording(record(tmp_path, {"HR": [70] * 11}), limits=Limits(rows=10))
    path = record(tmp_path, {"HR": [70] * 3}, first="{name} {count} 1 999999999999 10:00:00 01/03/2026")
    recording = read_recording(path)
    assert len(recording.readings) == 3
    assert "incomplete" in [notice.kind for notice in recording.notices]


def read_or_refuse(path: Path) -> Recording | None:
    try:
        return read_recording(path)
    except RecordingError as error:
        assert "\n" not in str(error)
        return None


def test_cut_anywhere_the_data_give_their_beginning_and_say_so(tmp_path: Path) -> None:
    whole = read_recording(HEA)
    data = DAT.read_bytes()
    shutil.copy(HEA, tmp_path)
    # Every byte of the first rows and the last; between them each place within a row of 14 bytes comes again and again.
    for size in [*range(42), *range(42, len(data) - 28, 9), *range(len(data) - 28, len(data))]:
        (tmp_path / DAT.name).write_bytes(data[:size])
        recording = read_or_refuse(tmp_path / HEA.name)
        rows = size // 14
        if recording is None:
            assert rows == 0
            continue
        assert "incomplete" in [notice.kind for notice in recording.notices]
        kept = [r for r in whole.readings if r.received < rows]
        zeroed = {column.name for column in recording.mapping if not column.signal}
        assert recording.readings == [r for r in kept if r.source.partition(":")[2] not in zeroed]


def test_cut_anywhere_the_header_gives_nothing_false(tmp_path: Path) -> None:
    whole = {(r.signal, r.received): r.value for r in read_recording(HEA).readings}
    header = HEA.read_bytes()
    shutil.copy(DAT, tmp_path)
    for size in range(len(header)):
        (tmp_path / "cut.hea").write_bytes(header[:size])
        recording = read_or_refuse(tmp_path / "cut.hea")
        if recording is not None:
            found = {(r.signal, r.received): r.value for r in recording.readings}
            assert all(whole[key] == value for key, value in found.items())


@pytest.mark.parametrize(
    "header",
    [
        "r -1 1 3\n",
        "r 1 0 3\nr.dat 16 1/bpm 16 0 0 0 0 HR\n",
        "r 1 nan 3\nr.dat 16 1/bpm 16 0 0 0 0 HR\n",
        "r 1 1e999 3\nr.dat 16 1/bpm 16 0 0 0 0 HR\n",
        "r 1 1 3 25:00:00 01/03/2026\nr.dat 16 1/bpm 16 0 0 0 0 HR\n",
        "r 1 1 3 10:00:00 31/02/2026\nr.dat 16 1/bpm 16 0 0 0 0 HR\n",
        "r 9999999999 1 3\nr.dat 16 1/bpm 16 0 0 0 0 HR\n",
        "r 1 1 3\nr.dat 16x4 1/bpm 16 0 0 0 0 HR\n",
        "r 1 1 3\nr.dat 16+999999999999 1/bpm 16 0 0 0 0 HR\n",
        "r 1 1 3\nr.dat\n",
    ],
)
def test_hostile_headers_are_refused_in_a_sentence(tmp_path: Path, header: str) -> None:
    (tmp_path / "r.hea").write_text(header)
    (tmp_path / "r.dat").write_bytes(b"\x46\x00" * 3)
    with pytest.raises(RecordingError):
        read_recording(tmp_path / "r.hea")


@pytest.mark.parametrize("begins", ["23:59:59 31/12/9999", "00:00:00 01/01/0001"])
def test_a_record_at_the_end_of_the_calendar_is_refused_in_a_sentence(tmp_path: Path, begins: str) -> None:
    path = record(tmp_path, {"HR": [80, 81]}, first="{name} {count} 1 {length} " + begins)
    with pytest.raises(RecordingError, match="the years 1 to 9999"):
        read_recording(path)


def test_a_cuff_value_held_for_seconds_was_measured_once(tmp_path: Path) -> None:
    none = -32768
    path = record(
        tmp_path,
        {
            "HR": [80] * 8,
            "NBPSys": [120, 120, 120, none, none, 131, 131, 131],
            "NBPDias": [80, 80, 80, none, none, 82, 82, 82],
        },
    )
    recording = read_recording(path)
    start = recording.first
    assert [
        ((r.time - start) / SECOND, r.value, r.status.value) for r in recording.readings if r.signal == "NIBP_SYS"
    ] == [(0, 120, "age_unknown"), (5, 131, "ok")]
    assert recording.counts.repeats == 4
    minutes = record(tmp_path, {"NBPSys": [120, 120], "NBPDias": [80, 80]}, first="{name} {count} 0.0166667 {length}")
    assert [r.time / MINUTE for r in read_recording(minutes).readings if r.signal == "NIBP_SYS"] == [0, 1]


def test_zero_is_no_signal_in_any_unit(tmp_path: Path) -> None:
    recording = read_recording(record(tmp_path, {"TEMP": [98, 0]}, units={"TEMP": "degF"}))
    assert [(r.value, r.status.value) for r in recording.readings] == [
        (pytest.approx(36.67, abs=0.01), "ok"),
        (None, "zero"),
    ]


@pytest.mark.parametrize("frequency", ["1e999999999", "1e-999999999", "0." + "0" * 5000 + "1"])
def test_a_frequency_of_any_length_is_refused_at_once(frequency: str) -> None:
    with pytest.raises(RecordingError, match="not a WFDB header"):
        parse_header(f"r1n 1 {frequency} 1\nr1n.dat 16 1/bpm 16 0 0 0 0 HR\n", "r1n.hea")


@pytest.mark.parametrize("gain", ["1e-320/bpm", "1e400/bpm", f"1({10**400})/bpm", f"1({10**12})/bpm"])
def test_a_gain_that_makes_no_numbers_is_refused(gain: str) -> None:
    with pytest.raises(RecordingError, match="not a gain"):
        parse_header(f"r1n 1 1 1\nr1n.dat 16 {gain} 16 0 0 0 0 HR\n", "r1n.hea")
