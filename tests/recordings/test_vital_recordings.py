"""`.vital` recordings against the vitaldb package, the sheet's traps, and hostile or cut files."""

from __future__ import annotations

import gzip
import random
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from recording_bytes import T, device, header, number, packet, save, text, track, wave

from dashboard.resources import sample_data
from devices import instant
from devices.errors import ChoiceNeeded
from devices.instant import SECOND
from devices.recordings import inflating
from devices.recordings.base import Limits, Recording, RecordingError, read_recording, read_series

MIMIC = sample_data() / "reencoded" / "mimic3wdb-s25047.vital"


def told(recording: Recording) -> list[tuple[float, str, float | None, str, str]]:
    return [
        (r.time / SECOND - T, r.signal, r.value, r.status.value, r.source.partition(":")[2]) for r in recording.readings
    ]


def test_every_value_is_the_vitaldb_packages() -> None:
    import vitaldb

    theirs = vitaldb.VitalFile(str(MIMIC))
    ours = read_recording(MIMIC)
    held = {(r.source.removeprefix("vital:"), r.time / SECOND): r.value for r in ours.readings}
    count = 0
    for name, found in theirs.trks.items():
        for record in found.recs:
            count += 1
            value = held[name, record["dt"]]
            assert value == (None if record["val"] == 0 else pytest.approx(record["val"], abs=1e-4))
    assert count == len(held) == len(ours.readings)


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_written_by_the_vitaldb_package(tmp_path: Path, packed: bool) -> None:
    import vitaldb

    rng = random.Random(5)
    made = vitaldb.VitalFile()
    hr = [{"dt": T + second, "val": rng.randint(60, 120) / 1.0} for second in range(300)]
    rr = [{"dt": T + second + 0.25, "val": rng.randint(80, 200) / 10} for second in range(0, 300, 2)]
    ecg = [{"dt": T + second, "val": np.zeros(500, dtype=np.float32)} for second in range(300)]
    made.add_track("Solar8000/ECG_II", ecg, srate=500, unit="mV")
    made.add_track("Solar8000/HR", hr, unit="/min")
    made.add_track("Solar8000/RR", rr, unit="/min")
    made.to_vital(str(tmp_path / "made.vital"), packed=packed)
    recording = read_recording(tmp_path / "made.vital")
    got = {signal: [] for signal in ("HR", "RR")}
    for reading in recording.readings:
        got[reading.signal].append((reading.time / SECOND, reading.value))
    assert got["HR"] == [(record["dt"], record["val"]) for record in hr]
    assert got["RR"] == [(record["dt"], record["val"]) for record in rr]
    assert any("ECG_II" in notice.text for notice in recording.notices)


def test_times_are_utc_whatever_the_bias_says(tmp_path: Path) -> None:
    recording = read_recording(
        save(tmp_path / "a.vital", device(1, "Solar8000"), track(1, "HR"), number(1, T + 0.5, 70))
    )
    assert instant.format(recording.first) == "2026-03-01T09:00:00.500Z"
    assert recording.readings[0].source == "vital:Solar8000/HR"
    assert recording.notices == []


def test_a_cuff_value_sent_again_within_ten_seconds_is_one_measurement(tmp_path: Path) -> None:
    sent = [(60, 120, 80), (62, 120, 80), (69, 120, 80), (79, 120, 80), (89.5, 120, 80), (91, 121, 80), (600, 121, 80)]
    packets = [number(n, T + time, value) for time, *pair in sent for n, value in enumerate(pair, 1)]
    recording = read_recording(
        save(
            tmp_path / "a.vital",
            device(1, "Solar8000"),
            track(1, "NIBP_SBP", unit="mmHg"),
            track(2, "NIBP_DBP", unit="mmHg"),
            track(3, "HR"),
            number(3, T, 70),
            *packets,
        )
    )
    assert [(t, v) for t, signal, v, _, _ in told(recording) if signal == "NIBP_SYS"] == [
        (60, 120),
        (89.5, 120),
        (91, 121),
        (600, 121),
    ]
    assert recording.counts.repeats == 3
    assert {status for *_, status, _ in told(recording)} == {"ok"}


def test_cuff_values_a_moment_apart_are_one_measurement(tmp_path: Path) -> None:
    names = ("NIBP_MBP", "NIBP_DBP", "NIBP_SBP")
    recording = read_recording(
        save(
            tmp_path / "a.vital",
            device(1, "Infinity"),
            *(track(n, name) for n, name in enumerate(names)),
            *(number(n, T + n / 4, value) for n, value in enumerate((93, 80, 120))),
        )
    )
    assert told(recording) == [
        (0, "NIBP_SYS", 120, "ok", "Infinity/NIBP_SBP"),
        (0, "NIBP_DIA", 80, "ok", "Infinity/NIBP_DBP"),
        (0, "NIBP_MEAN", 93, "ok", "Infinity/NIBP_MBP"),
    ]
    assert len({reading.received for reading in recording.readings}) == 1


def test_values_sent_at_moments_of_their_own_are_one_measurement_not_many(tmp_path: Path) -> None:
    sent = [(time, n) for time in range(60, 90, 3) for n in (1, 2)] + [(time + 1.5, 3) for time in range(60, 90, 3)]
    values = {1: 120, 2: 80, 3: 93}
    recording = read_recording(
        save(
            tmp_path / "a.vital",
            device(1, "A"),
            *(track(n, name) for n, name in enumerate(("HR", "NIBP_SBP", "NIBP_DBP", "NIBP_MBP"))),
            number(0, T, 70),
            *(number(n, T + time, values[n]) for time, n in sorted(sent)),
        )
    )
    assert [(t, signal, v) for t, signal, v, _, _ in told(recording)[1:]] == [
        (60, "NIBP_SYS", 120),
        (60, "NIBP_DIA", 80),
        (60, "NIBP_MEAN", 93),
    ]


def test_a_cuff_value_shown_when_recording_began_is_of_unknown_age(tmp_path: Path) -> None:
    packets = [number(n, T + time, value) for time in (0, 5, 10) for n, value in ((1, 120), (2, 80))]
    later = [number(n, T + 300, value) for n, value in ((1, 130), (2, 85))]
    path = save(tmp_path / "a.vital", device(1, "A"), track(1, "NIBP_SBP"), track(2, "NIBP_DBP"), *packets, *later)
    assert [(t, v, status) for t, signal, v, status, _ in told(read_recording(path)) if signal == "NIBP_SYS"] == [
        (0, 120, "age_unknown"),
        (300, 130, "ok"),
    ]


def test_vital_recorders_own_meaning_goes_before_the_name(tmp_path: Path) -> None:
    meanings = {2: "HR", 5: "ABP_SYS", 6: "ABP_DIA", 7: "ABP_MEAN", 9: "PR", 10: "SPO2", 12: "RR", 16: "NIBP_SYS"}
    meanings |= {17: "NIBP_DIA", 18: "NIBP_MEAN", 19: "TEMP"}
    recording = read_recording(
        save(
            tmp_path / "a.vital",
            device(1, "X"),
            *(track(montype, f"T{montype}", montype=montype) for montype in meanings),
            track(101, "HR", montype=9),
            track(102, "RR_CO2", montype=14),
            track(103, "CO2_CONC", montype=15),
            *(number(montype, T, 36) for montype in [*meanings, 101, 102, 103]),
        )
    )
    named = {f"vital:X/T{montype}": signal for montype, signal in meanings.items()}
    assert {r.source: r.signal for r in recording.readings} == named | {"vital:X/HR": "PR", "vital:X/RR_CO2": "RR"}


def test_two_devices_stay_two_sources_and_the_demo_device_is_no_patient(tmp_path: Path) -> None:
    recording = read_recording(
        save(
            tmp_path / "a.vital",
            device(1, "Solar8000"),
            device(2, "Infinity"),
            device(3, "Demo"),
            track(1, "HR", device=1),
            track(2, "HR", device=2),
            track(3, "HR", device=3),
            track(4, "NIBP_SBP", device=3),
            *(number(n, T, 70 + n) for n in (1, 2, 3, 4)),
        )
    )
    assert told(recording) == [
        (0, "HR", 71, "ok", "Solar8000/HR"),
        (0, "HR", 72, "ok", "Infinity/HR"),
        (0, "HR", 73, "demo", "Demo/HR"),
        (0, "NIBP_SYS", 74, "demo", "Demo/NIBP_SBP"),
    ]


def test_zero_units_floats_and_other_sample_codes(tmp_path: Path) -> None:
    recording = read_recording(
        save(
            tmp_path / "a.vital",
            device(1, "A"),
            track(1, "HR", code=5),
            track(2, "ART_SBP", unit="kPa"),
            track(3, "BT", unit="degF", code=2),
            track(4, "PLETH_SPO2", unit="mmHg"),
            track(5, "RR", code=7),
            track(6, "PLETH_HR"),
            number(1, T, 0, "<h"),
            number(1, T + 1, 71, "<h"),
            number(2, T + 1, 16),
            number(3, T + 1, 98.6, "<d"),
            number(4, T + 1, 97),
            number(5, T + 1, 12, "<i"),
            number(6, T + 1, 101.3),
            number(6, T + 2, float("nan")),
            number(6, float("inf"), 70),
            number(77, T, 70),
        )
    )
    values = {(t, signal): value for t, signal, value, _, _ in told(recording)}
    assert values == {
        (0, "HR"): None,
        (1, "HR"): 71,
        (1, "ABP_SYS"): pytest.approx(120.00992),
        (1, "TEMP"): pytest.approx(37.0),
        (1, "RR"): 12,
        (1, "PR"): 101.3,
    }
    assert recording.counts.refused == {"without a time": 1}


def test_unknown_packets_longer_headers_and_waves_are_passed_over(tmp_path: Path) -> None:
    recording = read_recording(
        save(
            tmp_path / "a.vital",
            packet(42, b"whatever"),
            device(1, "A"),
            track(1, "HR"),
            track(2, "ECG", kind=1, code=5),
            track(3, "EVENT", kind=5),
            wave(2, T, 700_000),
            packet(1, struct.pack("<HdHI", 10, T, 3, 0) + text("intubation")),
            number(1, T, 70),
            wave(2, T + 1, 0),
            number(1, T + 1, 71),
            packet(6, b"\x05\x00\x00"),
            head=header(40),
        )
    )
    assert [reading.value for reading in recording.readings] == [70, 71]


def test_long_runs_and_single_packets_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(7)
    packets = [device(1, "A"), track(1, "HR"), track(2, "RR"), track(3, "ECG", kind=1), track(4, "Unused")]
    expected = []
    for second in range(4000):
        for n in (1, 2, 4):
            value = rng.randint(10, 3000) / 10
            packets.append(number(n, T + second, value))
            if n != 4:
                expected.append((second, value))
        if rng.random() < 0.02:
            packets.append(wave(3, T + second, rng.randint(0, 4000)))
        if rng.random() < 0.01:
            packets.append(packet(11, bytes(rng.randint(0, 40))))
    path = save(tmp_path / "a.vital", *packets)
    found = [(t, v) for t, _, v, _, _ in told(read_recording(path))]
    assert found == expected
    whole = read_recording(path)
    for piece in (211, 1013, 40_000):
        monkeypatch.setattr(inflating, "PIECE", piece)
        assert read_recording(path) == whole


def test_a_bomb_is_stopped(tmp_path: Path) -> None:
    path = save(tmp_path / "a.vital", packet(42, bytes(3_000_000)))
    assert path.stat().st_size < 10_000
    with pytest.raises(RecordingError, match="unpacks to more"):
        read_recording(path, limits=Limits(unpacked_bytes=1_000_000))
    path = save(tmp_path / "b.vital", track(1, "HR", device=0), *(number(1, T + n, 70) for n in range(50)))
    with pytest.raises(RecordingError, match="more than 40 values"):
        read_recording(path, limits=Limits(readings=40))


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b", b"hello", b"VITA" + bytes(50), gzip.compress(b"time,HR\n", mtime=0), bytes(99)]
)
def test_what_is_no_vital_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.vital"
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        read_recording(path)
    assert "\n" not in str(caught.value)


def test_cut_anywhere_it_gives_its_beginning_and_says_so(tmp_path: Path) -> None:
    data = MIMIC.read_bytes()
    whole = read_recording(MIMIC)
    known = {(r.time, r.signal): r.value for r in whole.readings}
    path = tmp_path / "cut.vital"
    most = 0
    for size in [*range(200), *range(200, len(data) - 200, 5), *range(len(data) - 200, len(data))]:
        path.write_bytes(data[:size])
        try:
            recording = read_recording(path)
        except RecordingError:
            assert most == 0
            continue
        assert "incomplete" in [notice.kind for notice in recording.notices], size
        assert all(known[r.time, r.signal] == r.value for r in recording.readings)
        assert len(recording.readings) >= most
        most = len(recording.readings)
    assert most > 300


def test_a_flipped_bit_never_gives_a_traceback_nor_passes_for_whole(tmp_path: Path) -> None:
    data = bytearray(MIMIC.read_bytes())
    whole = read_recording(MIMIC)
    path = tmp_path / "bad.vital"
    rng = random.Random(3)
    for _ in range(300):
        place, bit = rng.randrange(20, len(data)), 1 << rng.randrange(8)
        data[place] ^= bit
        path.write_bytes(data)
        data[place] ^= bit
        try:
            recording = read_recording(path)
        except RecordingError:
            continue
        recording = replace(recording, explanation=whole.explanation)  # it names the file
        assert recording == whole or "incomplete" in [notice.kind for notice in recording.notices]


def test_packets_of_any_content_never_give_a_traceback(tmp_path: Path) -> None:
    rng = random.Random(11)
    for _ in range(200):
        body = b"".join(
            packet(rng.choice((0, 1, 6, 9, 200)), rng.randbytes(rng.randrange(60))) for _ in range(rng.randrange(20))
        )
        recording = read_recording(
            save(tmp_path / "a.vital", track(1, "HR", device=0), body, rng.randbytes(rng.randrange(8)))
        )
        assert recording.format == "vital"


def test_a_start_or_a_patient_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="--start"):
        read_recording(MIMIC, start=0)
    with pytest.raises(RecordingError, match="--patient"):
        read_recording(MIMIC, patient="A")


def test_a_small_file_with_a_wrong_checksum_is_called_damaged_not_cut(tmp_path: Path) -> None:
    path = save(tmp_path / "a.vital", track(1, "HR"), number(1, T, 70))
    path.write_bytes(path.read_bytes()[:-8] + bytes(8))
    with pytest.raises(RecordingError, match="damaged"):
        read_recording(path)


def test_zero_is_no_signal_in_any_unit(tmp_path: Path) -> None:
    path = save(tmp_path / "a.vital", track(1, "BT", unit="degF"), number(1, T, 98.6), number(1, T + 1, 0))
    assert told(read_recording(path)) == [
        (0, "TEMP", pytest.approx(37.0), "ok", "BT"),
        (1, "TEMP", None, "zero", "BT"),
    ]


def test_records_out_of_order_are_told(tmp_path: Path) -> None:
    path = save(tmp_path / "a.vital", track(1, "HR"), *(number(1, T + time, 70 + time) for time in (5, 0, 6)))
    recording = read_recording(path)
    assert [value for _, _, value, _, _ in told(recording)] == [70, 75, 76]
    assert [notice.kind for notice in recording.notices] == ["out-of-order"]


def test_two_tracks_of_one_cuff_value_are_not_mixed(tmp_path: Path) -> None:
    tracks = device(1, "A"), track(1, "NIBP_SBP"), track(2, "NIBP_SYS"), track(3, "NIBP_DBP")
    path = save(tmp_path / "a.vital", *tracks, number(1, T, 120), number(2, T, 121), number(3, T, 80))
    with pytest.raises(RecordingError, match="--mapping"):
        read_recording(path)
    chosen = read_recording(path, mapping={"A/NIBP_SYS": ""})
    assert [(value, name) for _, _, value, _, name in told(chosen)] == [(120, "A/NIBP_SBP"), (80, "A/NIBP_DBP")]


def test_two_tracks_of_one_name_at_the_same_time_are_asked_about(tmp_path: Path) -> None:
    twice = device(1, "A"), device(2, "A"), track(1, "HR"), track(2, "HR", device=2)
    records = [number(n, T + second, 60 + 30 * n) for second in range(3) for n in (1, 2)]
    path = save(tmp_path / "a.vital", *twice, *records)
    with pytest.raises(
        ChoiceNeeded, match=r"'A/HR' and give HR .* \(#1: about 90, #2: about 120\).*'#1' or '#2'"
    ) as asked:
        read_recording(path)
    assert (asked.value.option, list(asked.value.among)) == ("column", ["#1", "#2"])
    for leave, kept in (("#1", 120), ("#2", 90)):
        assert [value for _, _, value, _, _ in told(read_recording(path, mapping={leave: ""}))] == [kept] * 3
    assert [value for _, _, value, _, _ in told(read_recording(path, mapping={"#2": "PR"}))] == [90, 120] * 3


def test_a_cuffs_track_that_goes_on_under_another_number_is_one(tmp_path: Path) -> None:
    for unit, value in (("", 130), ("kPa", 17.332)):
        packets = device(1, "A"), track(1, "NIBP_SBP"), number(1, T, 120), track(2, "NIBP_SBP", unit=unit)
        recording = read_recording(save(tmp_path / "a.vital", *packets, number(2, T + 300, value)))
        assert [(time, round(each or 0)) for time, _, each, _, _ in told(recording)] == [
            (0, 120),
            (300, 130),
        ]
        assert [len(each.values) for each in read_series(tmp_path / "a.vital").series] == [2]


def test_an_unpacked_file_is_named(tmp_path: Path) -> None:
    path = save(tmp_path / "a.vital", device(1, "A"), track(1, "HR"), number(1, T, 70))
    path.write_bytes(gzip.decompress(path.read_bytes()))
    with pytest.raises(RecordingError, match="without its packing, which is not read: pack it again by gzip"):
        read_recording(path)
    (tmp_path / "a.csv").write_text("VITALS of a bed\ntime,HR\n2026-03-01T09:00:00Z,70\n")
    assert len(read_recording(tmp_path / "a.csv").readings) == 1


def test_a_number_that_becomes_infinite_in_our_unit_is_none(tmp_path: Path) -> None:
    path = save(tmp_path / "a.vital", track(1, "ART_SBP", unit="kPa", code=2), number(1, T, 1e308, "<d"))
    assert read_recording(path).readings == []


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is told by Linux alone")
def test_what_unpacks_to_256_megabytes_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.vital"
    with gzip.open(path, "wb", 1) as file:
        file.write(header() + device(1, "A") + track(1, "HR") + number(1, T, 70))
        for _ in range(8):
            file.write(struct.pack("<BI", 42, 32 << 20) + bytes(32 << 20))
        file.write(number(1, T + 1, 71))
    code = (
        "import sys; from devices.recordings.base import read_recording, read_series\n"
        "peak = lambda: int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
        "import numpy, devices.recordings.vital.reader; before = peak()\n"
        "values = [one.value for one in read_recording(sys.argv[1]).readings]\n"
        "assert read_series(sys.argv[1]).series[0].values.tolist() == values == [70, 71]\n"
        "print(peak() - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 16_384  # KiB
