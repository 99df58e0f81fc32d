"""EDF and EDF+ against pyEDFlib and edfio, the sheet's traps, and hostile or cut files."""

from __future__ import annotations

import gzip
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from recording_bytes import Signal, edf

from dashboard.resources import sample_data
from devices import instant
from devices.errors import ChoiceNeeded
from devices.instant import MINUTE, SECOND
from devices.reading import Status
from devices.recordings.base import Limits, Recording, RecordingError, ask_source, read_recording, read_series
from devices.recordings.codes import values_of
from devices.recordings.edf.annotations import read_lists
from devices.recordings.edf.columns import physical, themselves
from devices.recordings.edf.header import EdfSignal

SAMPLE = sample_data() / "reencoded" / "mimic3wdb-s25047.edf"
T0 = instant.parse("2026-03-01T10:00:00Z")
FULL = "Startdate 01-MAR-2026 X X X"


def seen(recording: Recording, signal: str = "HR") -> list[tuple[float, float | None]]:
    return [((r.time - T0) / SECOND, r.value) for r in recording.readings if r.signal == signal]


def texts(recording: Recording, kind: str) -> list[str]:
    return [notice.text for notice in recording.notices if notice.kind == kind]


def test_every_value_of_the_sample_is_pyedflibs_and_edfios() -> None:
    import edfio
    import pyedflib

    ours = read_recording(SAMPLE)
    held = {(r.source.partition(":")[2], (r.time - ours.first) // MINUTE): r.value for r in ours.readings}
    theirs = edfio.read_edf(SAMPLE)
    count = 0
    with pyedflib.EdfReader(str(SAMPLE)) as reader:
        for place, signal in enumerate(theirs.signals):
            values = reader.readSignal(place)
            assert np.allclose(values, signal.data, atol=1e-9)
            for row, value in enumerate(values):
                if value < -0.99:
                    assert (signal.label, row) not in held
                    continue
                count += 1
                # Rounded to what the codes tell apart, so that 101.3011 is the 101.3 that was written.
                shown = held[signal.label, row]
                assert (shown or 0) == pytest.approx(value, abs=0.005)
    assert count == len(held) == 345


@pytest.mark.parametrize("writer", ["pyedflib", "edfio"])
def test_files_written_by_others_with_rates_of_their_own_and_annotations(tmp_path: Path, writer: str) -> None:
    hr = np.arange(60, 100, dtype=float)
    sys = np.array([120.0, 131.0])
    wave = np.sin(np.arange(40 * 64)) * 90 + 100
    path = tmp_path / "w.edf"
    if writer == "edfio":
        import edfio

        signals = [
            edfio.EdfSignal(hr, 1, label="HR", physical_dimension="bpm", physical_range=(-1, 300)),
            edfio.EdfSignal(sys, 0.05, label="NIBP Sys", physical_dimension="mmHg", physical_range=(-1, 300)),
            edfio.EdfSignal(wave, 64, label="RESP", physical_dimension="", physical_range=(-1, 300)),
        ]
        made = edfio.Edf(
            signals,
            data_record_duration=20,
            recording=edfio.Recording(startdate=date(2026, 3, 1)),
            starttime=time(10),
            annotations=[edfio.EdfAnnotation(12.5, 3, "infusion started"), edfio.EdfAnnotation(30, None, "café")],
        )
        made.write(path)
    else:
        import pyedflib

        with pyedflib.EdfWriter(str(path), 3, file_type=pyedflib.FILETYPE_EDFPLUS) as out:
            out.setStartdatetime(datetime(2026, 3, 1, 10))  # noqa: DTZ001
            out.setDatarecordDuration(20)
            common = {"physical_min": -1, "physical_max": 300, "digital_min": -32768, "digital_max": 32767}
            out.setSignalHeaders(
                [
                    {"label": "HR", "dimension": "bpm", "sample_frequency": 1, "prefilter": "", **common},
                    {"label": "NIBP Sys", "dimension": "mmHg", "sample_frequency": 0.05, "prefilter": "", **common},
                    {"label": "RESP", "dimension": "", "sample_frequency": 64, "prefilter": "", **common},
                ]
            )
            out.writeSamples([hr, sys, wave])
            out.writeAnnotation(12.5, 3, "infusion started")
            out.writeAnnotation(30, -1, "café")
    recording = read_recording(path)
    assert seen(recording) == [(float(second), 60.0 + second) for second in range(40)]
    assert seen(recording, "NIBP_SYS") == [(0, 120), (20, 131)]
    assert {r.signal for r in recording.readings} == {"HR", "NIBP_SYS"}
    assert "RESP (64 samples a second, so a waveform)" in texts(recording, "ignored")[0]
    events = [n for n in recording.notices if n.kind == "device-event"]
    assert [((n.time - T0) / SECOND, n.text.partition(" (for 3")[0]) for n in events] == [
        (12.5, "infusion started"),
        (30, "café"),
    ]
    assert "(for 3" in events[0].text


def test_missing_is_the_lowest_code_minus_one_or_a_code_out_of_range(tmp_path: Path) -> None:
    codes = [[70], [-1], [0], [-100], [201], [-101], [200]]
    path = edf(tmp_path, [("HR", "bpm", codes)], scale=(-100, 200, -100, 200))
    assert seen(read_recording(path)) == [(0, 70), (2, None), (6, 200)]
    assert [r.status for r in read_recording(path).readings] == [Status.OK, Status.ZERO, Status.OK]


def test_which_numbers_stand_for_no_value_is_a_setting(tmp_path: Path) -> None:
    path = edf(tmp_path, [("HR", "bpm", [[70], [-1], [199], [0]])], scale=(-100, 200, -100, 200))
    assert seen(read_recording(path, missing=[199])) == [(0, 70), (1, -1), (3, None)]
    assert seen(read_recording(path, missing=[-1, 0])) == [(0, 70), (2, 199)]
    columns = read_series(path, missing=[199, 70]).series[0].present
    assert (columns.seconds.tolist(), columns.values.tolist()) == ([1, 3], [-1, 0])


def test_a_coarse_scale_gives_back_what_was_written(tmp_path: Path) -> None:
    gain = 328.67 / 65535
    codes = [[round((value + 1) / gain) - 32768] for value in (160.0, 159.99, 0.0, 95.7)]
    path = edf(tmp_path, [("HR", "/min", codes)], scale=(-1, 327.67, -32768, 32767))
    assert [value for _, value in seen(read_recording(path))] == [160.0, 159.99, None, 95.7]


@pytest.mark.parametrize(
    ("scale", "unit", "written"),
    [
        ((0, 100, 0, 200), "%", [98.5, 98.0, 93.5, 0.5]),
        ((20, 45, 0, 100), "degC", [36.75, 37.0, 37.25, 36.5]),
        ((0, 1000, 0, 32767), "mmHg", [120.0, 119.94, 159.95, 160.0]),
        ((0, 300, -2048, 2047), "/min", [70.0, 71.4, 150.0]),
    ],
)
def test_no_scale_moves_a_value_by_a_whole_step(
    tmp_path: Path, scale: tuple[float, ...], unit: str, written: list[float]
) -> None:
    low, high, lowest, highest = scale
    step = (high - low) / (highest - lowest)
    codes = [[round((value - low) / step) + lowest] for value in written]
    label, signal = {"%": ("SpO2", "SPO2"), "degC": ("Temp", "TEMP"), "mmHg": ("ART Sys", "ABP_SYS")}.get(
        unit, ("HR", "HR")
    )
    path = edf(tmp_path, [(label, unit, codes)], scale=scale)  # type: ignore[arg-type]
    found = [value for _, value in seen(read_recording(path), signal)]
    exact = [(code - lowest) * step + low for (code,) in codes]
    assert all(abs(value - meant) < step for value, meant in zip(found, exact, strict=True))
    assert [round(value, 2) for value in found] == written


def test_a_range_written_upside_down_and_one_that_makes_no_numbers(tmp_path: Path) -> None:
    path = edf(tmp_path, [("HR", "bpm", [[-70], [-71]])], scale=(1000, -1000, -1000, 1000))
    assert seen(read_recording(path)) == [(0, 70), (1, 71)]
    for scale in ((0, 0, -1, 1), (0, 100, 5, 5), (0, 100, 9, 5), ("x", 100, 0, 5), (0, 1, 0, 99999), (0, 1, "", "")):
        recording = read_recording(edf(tmp_path, [("HR", "bpm", [[1], [2]])], scale=scale))
        assert recording.readings == []
        assert "its range makes no numbers" in texts(recording, "ignored")[0]


def test_interrupted_records_have_times_of_their_own(tmp_path: Path) -> None:
    tals = [b"+0.25\x14\x14", b"+100.25\x14\x14\x00+100.5\x15 2\x14bad\x14\x00", b"+5\x14\x14+6\x152\x14lead off\x14"]
    tals[2] = b"+50\x14\x14\x00+50.5\x152\x14lead off\x14check\x14\x00"
    hr = [[70, 71], [72, 73], [74, 75]]
    recording = read_recording(edf(tmp_path, [("HR", "bpm", hr)], tals=tals, kind="EDF+D", recording=FULL))
    assert seen(recording) == [(0.25, 70), (0.75, 71), (50, 74), (50.5, 75), (100.25, 72), (100.75, 73)]
    events = [((n.time - T0) / SECOND, n.text) for n in recording.notices if n.kind == "device-event"]
    assert events == [(50.5, "lead off (for 2 s)"), (50.5, "check (for 2 s)")]
    assert texts(recording, "out-of-order")
    assert recording.counts.refused == {"annotations that are not understood": 1}


def test_an_interrupted_record_without_its_time_is_refused(tmp_path: Path) -> None:
    tals = [b"+0\x14\x14", b"garbage", b"+2\x14\x14"]
    path = edf(tmp_path, [("HR", "", [[70], [71], [72]])], tals=tals, kind="EDF+D", recording=FULL)
    recording = read_recording(path)
    assert seen(recording) == [(0, 70), (2, 72)]
    assert recording.counts.refused["without a time"] == 1
    with pytest.raises(RecordingError, match="when its records begin"):
        read_recording(edf(tmp_path, [("HR", "", [[70]])], kind="EDF+D", recording=FULL))


def test_a_pause_in_records_that_are_announced_without_one_is_kept_and_told(tmp_path: Path) -> None:
    def made(*onsets: str) -> Path:
        tals = [f"+{onset}\x14\x14".encode() for onset in onsets]
        hr = [("HR", "", [[70 + place] for place in range(len(onsets))])]
        return edf(tmp_path, hr, tals=tals, kind="EDF+C", recording=FULL)

    recording = read_recording(made("0", "1", "3600", "3601"))
    assert seen(recording) == [(0, 70), (1, 71), (3600, 72), (3601, 73)]
    assert any("1 of them say times after a pause" in text for text in texts(recording, "time-assumed"))
    for even in (("0", "1.001", "2.05", "3"), ("0", "0", "0", "0")):
        assert seen(read_recording(made(*even))) == [(0, 70), (1, 71), (2, 72), (3, 73)]
    for torn in (("0", "1", "0", "1"), ("0", "0.5", "1", "1.5")):
        with pytest.raises(RecordingError, match="overlap or go back: which holds cannot be told"):
            read_recording(made(*torn))


def test_the_fraction_of_a_second_is_in_the_first_list(tmp_path: Path) -> None:
    tals = [b"+0.5\x14\x14", b"+1.5\x14\x14"]
    path = edf(tmp_path, [("HR", "", [[70], [71]])], tals=tals, kind="EDF+C", recording=FULL)
    assert seen(read_recording(path)) == [(0.5, 70), (1.5, 71)]


@pytest.mark.parametrize(
    ("day", "recording", "first"),
    [
        ("01.03.26", "", "2026-03-01"),
        ("01.03.84", "", "2084-03-01"),
        ("01.03.85", "", "1985-03-01"),
        ("31.12.99", "", "1999-12-31"),
        ("01.03.yy", "Startdate 01-MAR-2085 X X X", "2085-03-01"),
        ("01.03.04", "Startdate 01-mar-2704 X X X", "2704-03-01"),
        ("01-03-26", "", "2026-03-01"),
    ],
)
def test_the_start_date_has_four_digits_in_the_recording_field(
    tmp_path: Path, day: str, recording: str, first: str
) -> None:
    found = read_recording(edf(tmp_path, [("HR", "", [[70]])], begins=day, recording=recording))
    assert not found.relative
    assert instant.format(found.first) == f"{first}T10:00:00.000Z"
    assert len(texts(found, "time-assumed")) == 1


@pytest.mark.parametrize(
    ("day", "recording"), [("01.01.85", ""), ("01.01.85", "Startdate X X X X"), ("        ", ""), ("01.03.yy", "")]
)
def test_a_date_that_was_taken_out_is_not_invented(tmp_path: Path, day: str, recording: str) -> None:
    path = edf(tmp_path, [("HR", "", [[70]])], begins=day, recording=recording)
    found = read_recording(path)
    assert found.relative
    assert found.first == 0
    assert "--start" in texts(found, "time-assumed")[0]
    assert read_recording(path, start=T0).first == T0
    assert not read_recording(path, start=T0).relative


def test_two_dates_that_differ_are_told_and_impossible_ones_refused(tmp_path: Path) -> None:
    found = read_recording(edf(tmp_path, [("HR", "", [[70]])], begins="02.03.26", recording=FULL))
    assert found.first == T0
    assert any("two start dates" in text for text in texts(found, "time-assumed"))
    for day, clock in (("31.02.26", "10.00.00"), ("01.03.26", "25.00.00"), ("01.03.26", "noon")):
        with pytest.raises(RecordingError, match="cannot be"):
            read_recording(edf(tmp_path, [("HR", "", [[70]])], begins=day, clock=clock))
    with pytest.raises(RecordingError, match="leave --start out"):
        read_recording(edf(tmp_path, [("HR", "", [[70]])]), start=T0)
    with pytest.raises(RecordingError, match="leave --patient out"):
        read_recording(edf(tmp_path, [("HR", "", [[70]])]), patient="X")


def test_local_times_are_in_the_zone_that_was_said(tmp_path: Path) -> None:
    path = edf(tmp_path, [("HR", "", [[70]])])
    assert read_recording(path, zone=instant.zone_named("Europe/Berlin")).first == T0 - 3600 * SECOND
    night = edf(tmp_path, [("HR", "", [[70]])], begins="25.10.26", clock="02.30.00")
    with pytest.raises(ChoiceNeeded, match=r"Europe/Berlin has twice .*: say --timezone \+02:00 or \+01:00") as asked:
        read_recording(night, zone=instant.zone_named("Europe/Berlin"))
    assert (asked.value.option, asked.value.among) == ("timezone", ("+02:00", "+01:00"))
    assert read_recording(night, zone=instant.zone_named("+01:00")).first == instant.parse("2026-10-25T01:30:00Z")


def test_names_units_and_bytes_that_are_no_ascii(tmp_path: Path) -> None:
    signals: list[Signal] = [
        ("Temp", "°C", [[37]]),
        ("SaO2", "%", [[97]]),
        ("H.R.", "BPM", [[70]]),
        ("NIBP Sys", "kPa", [[16]]),
        ("PR", "uV", [[1]]),
        ("EEG Fpz-Cz", "uV", [[1]]),
    ]
    recording = read_recording(edf(tmp_path, signals, patient="Müller".encode("latin-1")))
    assert {r.signal: r.value for r in recording.readings} == {
        "TEMP": 37,
        "SPO2": 97,
        "HR": 70,
        "NIBP_SYS": pytest.approx(120.01, abs=0.01),
    }
    assert texts(recording, "ignored") == [
        "signals left out: PR (uV is no unit of PR), EEG Fpz-Cz (its name is not known)"
    ]
    assert "ller" not in repr(recording)


def test_a_mapping_says_more_than_the_names(tmp_path: Path) -> None:
    path = edf(tmp_path, [("Chan 1", "bpm", [[70] * 8]), ("HR", "", [[1] * 8])])
    recording = read_recording(path, mapping={"Chan 1": "HR", "HR": ""})
    assert [r.source for r in recording.readings] == ["edf:Chan 1"] * 8
    with pytest.raises(RecordingError, match="hold the same cuff value"):
        read_recording(edf(tmp_path, [("NIBPs", "", [[120]]), ("NIBP Sys", "", [[120]])]))


def test_two_signals_of_one_label_are_two_sources_and_may_be_said_by_their_numbers(tmp_path: Path) -> None:
    tals = [b"+0\x14\x14"]
    path = edf(tmp_path, [("HR", "bpm", [[70]]), ("SpO2", "%", [[97]]), ("HR", "bpm", [[90]])], tals=tals, kind="EDF+C")

    def found(mapping: dict[str, str]) -> list[tuple[str, float | None]]:
        return [(each.source, each.value) for each in read_recording(path, mapping=mapping).readings]

    assert found({}) == [("edf:HR", 70), ("edf:SpO2", 97), ("edf:HR#3", 90)]
    assert found({"#3": "", "#2": ""}) == found({"HR#3": "", "SpO2": ""}) == [("edf:HR", 70)]
    assert found({"HR": "", "#3": "PR"}) == [("edf:SpO2", 97), ("edf:HR#3", 90)]
    with pytest.raises(ChoiceNeeded, match="'HR' and 'HR#3' both give HR"):
        ask_source(read_recording(path))


def test_a_cuff_value_held_for_seconds_was_measured_once(tmp_path: Path) -> None:
    sys = [[-32768]] * 2 + [[120]] * 5 + [[131]] * 3
    recording = read_recording(edf(tmp_path, [("HR", "", [[70]] * 10), ("NIBP Sys", "mmHg", sys)]))
    assert seen(recording, "NIBP_SYS") == [(2, 120), (7, 131)]
    assert recording.counts.repeats == 6
    unknown = read_recording(edf(tmp_path, [("HR", "", [[70]] * 30), ("SBP", "mmHg", [[120], *[[-1]] * 29])]))
    assert seen(unknown, "NIBP_SYS") == [(0, 120)]
    assert texts(unknown, "method-assumed")


def test_a_writer_that_died_leaves_the_number_of_records_open(tmp_path: Path) -> None:
    path = edf(tmp_path, [("HR", "", [[70], [71], [72]])], records=-1)
    path.write_bytes(path.read_bytes()[:-1])
    recording = read_recording(path)
    assert seen(recording) == [(0, 70), (1, 71)]
    assert "2 held" in texts(recording, "incomplete")[0]


def test_more_than_was_announced_is_not_read(tmp_path: Path) -> None:
    recording = read_recording(edf(tmp_path, [("HR", "", [[70], [71], [72]])], records=2))
    assert seen(recording) == [(0, 70), (1, 71)]
    assert "goes on behind" in texts(recording, "ignored")[0]


def test_cut_anywhere_it_gives_its_whole_records_or_a_sentence(tmp_path: Path) -> None:
    whole = read_recording(SAMPLE)
    data = SAMPLE.read_bytes()
    path = tmp_path / "cut.edf"
    # Every byte of the first records and the last; between them each place within a record of 14 bytes.
    ends = [*range(2040, 2090), *range(2090, len(data) - 28, 9), *range(len(data) - 28, len(data))]
    for size in [*range(0, 2040, 23), *ends]:
        path.write_bytes(data[:size])
        rows = (size - 2048) // 14
        if rows < 1:
            with pytest.raises(RecordingError) as caught:
                read_recording(path)
            assert "\n" not in str(caught.value)
            continue
        recording = read_recording(path)
        assert "incomplete" in {notice.kind for notice in recording.notices}
        silent = {column.name for column in recording.mapping if not column.signal}
        kept = [r for r in whole.readings if r.received < rows]
        assert recording.readings == [r for r in kept if r.source.partition(":")[2] not in silent]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"header_bytes": "99999999"}, "it is damaged"),
        ({"duration": "0"}, "records of 0 seconds"),
        ({"duration": "-1"}, "duration"),
        ({"duration": "1e-300"}, "duration"),
        ({"duration": "1e99999"}, "duration"),
        ({"duration": "nan"}, "duration"),
        ({"samples": ["99999999"]}, "no whole record"),
        ({"samples": ["-1"]}, "it is damaged"),
        ({"samples": ["0"]}, "records without samples"),
        ({"samples": ["1.5"]}, "not an EDF file that is understood"),
        ({"records": "many"}, "not an EDF file that is understood"),
        ({"records": 0}, "no record"),
    ],
)
def test_absurd_numbers_are_refused_in_a_sentence(tmp_path: Path, wrong: dict[str, object], said: str) -> None:
    path = edf(tmp_path, [("HR", "", [[70], [71]])], **wrong)  # type: ignore[arg-type]
    with pytest.raises(RecordingError, match=said) as caught:
        read_recording(path)
    assert "\n" not in str(caught.value)


def test_absurd_counts_are_refused_before_memory_is_taken(tmp_path: Path) -> None:
    path = edf(tmp_path, [("HR", "", [[70]])], records=99999999)
    assert "1 of the 99999999 records" in texts(read_recording(path), "incomplete")[0]
    data = bytearray(path.read_bytes())
    for count in (b"9999", b"-1  ", b"0   ", b"x   "):
        data[252:256] = count
        path.write_bytes(data)
        with pytest.raises(RecordingError):
            read_recording(path)
    path = edf(tmp_path, [("HR", "", [[70], [71], [72]])])
    with pytest.raises(RecordingError, match="more than the 2 that are read"):
        read_recording(path, limits=Limits(rows=2))
    with pytest.raises(RecordingError, match="which cannot be"):
        read_recording(edf(tmp_path, [("HR", "", [[70]] * 9)], duration="9e8"))


def test_packed_or_misnamed_files_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "r.edf"
    plain = read_recording(SAMPLE).readings
    path.write_bytes(gzip.compress(SAMPLE.read_bytes()))
    assert read_recording(path).readings == plain
    with zipfile.ZipFile(path, "w") as packed:
        packed.write(SAMPLE)
    assert read_recording(path).readings == plain
    path.write_bytes(bytes(range(256)) * 4)
    with pytest.raises(RecordingError, match=r"though its name says \.edf"):
        read_recording(path)
    path.write_bytes(b"")
    with pytest.raises(RecordingError, match="is empty"):
        read_recording(path)


def test_damaged_bytes_never_end_in_anything_but_a_sentence(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    tals = [b"+%d\x14\x14\x00+%d\x151\x14note\x14" % (second, second) for second in range(5)]
    path = edf(tmp_path, [("HR", "", [[70]] * 5)], tals=tals, kind="EDF+D", recording=FULL)
    whole = path.read_bytes()
    for _ in range(1500):
        data = bytearray(whole)
        for place in rng.integers(0, len(data), rng.integers(1, 6)):
            data[place] = rng.choice([rng.integers(0, 256), *b" 09-+.e\x14\x00\x15"])
        path.write_bytes(data)
        try:
            read_recording(path)
        except RecordingError as error:
            assert "\n" not in str(error)


def test_lists_that_are_not_understood() -> None:
    assert list(read_lists(b"+1\x14\x14\x00x\x14\x00+2\x00+99999999999\x14a\x14\x00-3.5\x14\xff\x14")) == [
        *read_lists(b"+1\x14\x14"),
        None,
        None,
        None,
        *read_lists(b"-3.5\x14\xff\x14"),
    ]


def test_the_command_the_detector_and_the_replay_page_take_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from dashboard.cli import main
    from dashboard.importing.choices import Choices
    from dashboard.views.recordings import opening, recordings_in

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as left:
            main([*arguments])
        assert left.value.code == 0
        return capsys.readouterr().out

    out = run("read", str(SAMPLE))
    assert "2004-05-04T10:44:18.000Z,HR,101.3,/min,ok,edf:HR\n" in out
    copy = tmp_path / "copy.csv"
    copy.write_text(out)
    again, first = (read_recording(path).readings for path in (copy, SAMPLE))
    assert [replace(r, received=0) for r in again] == [replace(r, received=0) for r in first]
    assert "5 rises" in run("flag", str(SAMPLE), "--infusion-start", "2004-05-04T11:00")
    assert SAMPLE in recordings_in([sample_data()])
    asked = opening(SAMPLE, Choices(), infusion_start="2004-05-04T11:00", infusion_end="")
    assert asked["infusion_start"] == instant.parse("2004-05-04T11:00:00Z")


@pytest.mark.parametrize("missing", [(-1.0,), (), (0.0, 40.0), (2.5,), (99_999.0,)])
@pytest.mark.parametrize(("lowest", "highest"), [(-32768, 32767), (0, 300), (-5, 200), (32766, 32767)])
def test_codes_that_are_their_own_values_are_so_in_every_way(lowest: int, highest: int, missing: tuple[float]) -> None:
    one = EdfSignal("HR", "bpm", 1, 0, 1.0, 0.0, lowest, highest)
    codes = np.arange(-32768, 32768).astype(np.int16)
    found = values_of(codes, lambda different: physical(one, different, missing), themselves(one, missing))
    assert np.array_equal(found, physical(one, codes.astype(np.int64), missing), equal_nan=True)
    assert (themselves(one, missing) is None) == (missing == (2.5,))
