"""WFDB records in every storage format, with several samples a frame and skewed: each value is the wfdb package's."""

from __future__ import annotations

import math
from datetime import date, time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from devices.instant import SECOND
from devices.recordings.base import RecordingError, read_recording, read_series
from devices.recordings.wfdb import samples as wfdb_samples

BITS = {8: 8, 16: 16, 24: 24, 32: 32, 61: 16, 80: 8, 160: 16, 212: 12, 310: 10, 311: 10}


def packed(code: int, samples: list[int], width: int, initial: list[int]) -> bytes:
    """Samples as signal(5) of the WFDB manual says, bit by bit; nothing of the reader is used."""
    if code == 8:
        last, out = list(initial), bytearray()
        for place, sample in enumerate(samples):
            out.append((sample - last[place % width]) & 0xFF)
            last[place % width] = sample
        return bytes(out)
    if code in (16, 24, 32):
        return b"".join(sample.to_bytes(code // 8, "little", signed=True) for sample in samples)
    if code == 61:
        return b"".join(sample.to_bytes(2, "big", signed=True) for sample in samples)
    if code in (80, 160):
        size = 1 if code == 80 else 2
        return b"".join((sample + (1 << (8 * size - 1))).to_bytes(size, "little") for sample in samples)
    out = bytearray()
    if code == 212:
        for at in range(0, len(samples), 2):
            one, two = ((each & 0xFFF) for each in (*samples[at : at + 2], 0)[:2])
            out += bytes((one & 0xFF, one >> 8 | two >> 8 << 4, two & 0xFF))
        return bytes(out if len(samples) % 2 == 0 else out[:-1])
    for at in range(0, len(samples), 3):
        one, two, three = ((each & 0x3FF) for each in (*samples[at : at + 3], 0, 0)[:3])
        if code == 310:
            words = one << 1 | (three & 0x1F) << 11, two << 1 | three >> 5 << 11
        else:
            whole = one | two << 10 | three << 20
            words = whole & 0xFFFF, whole >> 16
        out += words[0].to_bytes(2, "little") + words[1].to_bytes(2, "little")
    return bytes(out)


def made(folder: Path, code: int, frames: int, spf: list[int], skew: list[int], offset: int = 0) -> Path:
    """A record of HR, SpO2 and RESP (gains and baselines of their own), and its samples from a fixed seed."""
    rng = np.random.default_rng(code * 1000 + frames)
    half = min(1 << (BITS[code] - 1), 30_000)
    names = ["HR bpm 1.5(-7)", "SpO2 % 2(3)", "RESP pm 0.5"][: len(spf)]
    step = 60 if code == 8 else half // 2
    columns = [rng.integers(-step, step, frames * count).tolist() for count in spf]
    if code != 8:
        for column in columns:
            column[len(column) // 2] = -(1 << (BITS[code] - 1))  # the code for no value
    flat = [
        each
        for frame in range(frames)
        for column, count in zip(columns, spf, strict=True)
        for each in column[frame * count : (frame + 1) * count]
    ]
    initial = [column[0] for column in columns]
    if code == 8:
        flat_bytes = _differences(columns, spf, frames, initial)
    else:
        flat_bytes = packed(code, flat, sum(spf), initial)
    (folder / "r.dat").write_bytes(bytes(offset) + flat_bytes)
    lines = [f"r {len(spf)} 1 {frames} 10:00:00 01/03/2026"]
    for name, column, count, late, first in zip(names, columns, spf, skew, initial, strict=True):
        label, unit, gain = name.split()
        stored = f"{code}{f'x{count}' if count > 1 else ''}{f':{late}' if late else ''}{f'+{offset}' if offset else ''}"
        checksum = (sum(column) + 32768) % 65536 - 32768
        lines.append(f"r.dat {stored} {gain}/{unit} {BITS[code]} 0 {first} {checksum} 0 {label}")
    (folder / "r.hea").write_text("\n".join(lines) + "\n")
    return folder / "r.hea"


def _differences(columns: list[list[int]], spf: list[int], frames: int, initial: list[int]) -> bytes:
    out, last = bytearray(), list(initial)
    for frame in range(frames):
        for place, (column, count) in enumerate(zip(columns, spf, strict=True)):
            for sample in column[frame * count : (frame + 1) * count]:
                out.append((sample - last[place]) & 0xFF)
                last[place] = sample
    return bytes(out)


def oracle(path: Path, skew: list[int] | None = None) -> dict[tuple[str, Fraction], float]:
    """(name, seconds) -> value, as the wfdb package reads the record. With `skew` (frames) that is taken off here: the
    package fails on records with skewed signals."""
    import wfdb

    read = wfdb.rdrecord(str(path.with_suffix("")), smooth_frames=False, ignore_skew=skew is not None)
    found = {}
    for number, (name, values, count) in enumerate(
        zip(read.sig_name, read.e_p_signal, read.samps_per_frame, strict=True)
    ):
        for place, value in enumerate(values.tolist()[skew[number] * count if skew else 0 :]):
            if not math.isnan(value):
                found[name, Fraction(place, count)] = value
    return found


def ours(path: Path) -> dict[tuple[str, Fraction], float]:
    from devices import instant

    recording = read_recording(path)
    begins = instant.parse("2026-03-01T10:00:00Z")
    return {
        (each.source.partition(":")[2], Fraction(each.time - begins, SECOND)): each.value or 0.0
        for each in recording.readings
    }


def agree(path: Path, skew: list[int] | None = None) -> None:
    mine, theirs = ours(path), oracle(path, skew)
    assert mine.keys() == {(name, Fraction(round(at * SECOND), SECOND)) for name, at in theirs}
    for (name, at), value in theirs.items():
        assert mine[name, Fraction(round(at * SECOND), SECOND)] == pytest.approx(value, abs=1e-9)
    series = {one.source.partition(":")[2]: one.present for one in read_series(path).series}
    for name, one in series.items():
        held = dict(zip((one.seconds * SECOND).round().astype(int).tolist(), one.numbers.tolist(), strict=True))
        assert held == {round(at * SECOND): value for (label, at), value in mine.items() if label == name}


@pytest.mark.parametrize("code", list(BITS))
@pytest.mark.parametrize("frames", [1, 2, 5, 60])
def test_every_format_and_every_number_of_samples(tmp_path: Path, code: int, frames: int) -> None:
    for width in (1, 2, 3):
        path = made(tmp_path, code, frames, [1] * width, [0] * width)
        agree(path)
        assert not [each for each in read_recording(path).notices if each.kind == "checksum-differs"]


@pytest.mark.parametrize("code", list(BITS))
def test_several_samples_a_frame_are_at_their_own_rate(tmp_path: Path, code: int) -> None:
    agree(made(tmp_path, code, 31, [1, 4, 3], [0, 0, 0]))


@pytest.mark.parametrize("code", [16, 212, 311])
def test_a_skewed_signal_is_moved_and_an_offset_is_passed_over(tmp_path: Path, code: int) -> None:
    agree(made(tmp_path, code, 20, [1, 1, 1], [0, 3, 5]), [0, 3, 5])
    agree(made(tmp_path, code, 20, [1, 2, 1], [0, 3, 5]), [0, 3, 5])
    agree(made(tmp_path, code, 20, [1, 2, 1], [0, 0, 0], offset=36))


def test_pieces_of_any_size_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for code in BITS:
        path = made(tmp_path, code, 50, [1, 3, 1], [0, 1, 0])
        whole = ours(path)
        monkeypatch.setattr(wfdb_samples, "_PIECE", 40)
        assert ours(path) == whole
        monkeypatch.undo()


def test_a_record_written_by_the_package(tmp_path: Path) -> None:
    import wfdb

    values = np.array([[70, 98], [71, 97], [72, 96], [90, 95], [100, 94]], float)
    for code in ("80", "212", "16", "24", "32"):
        wfdb.wrsamp(
            "w", fs=1, units=["bpm", "%"], sig_name=["HR", "SpO2"], p_signal=values, fmt=[code] * 2,
            write_dir=str(tmp_path), base_time=time(10), base_date=date(2026, 3, 1),
        )  # fmt: skip
        agree(tmp_path / "w.hea")


def test_a_waveform_beside_the_numbers_is_left_out_and_said(tmp_path: Path) -> None:
    path = made(tmp_path, 16, 10, [1, 125, 1], [0, 0, 0])
    recording = read_recording(path)
    assert {each.signal for each in recording.readings} == {"HR", "RR"}
    assert [(each.name, each.note) for each in recording.mapping if not each.signal] == [("SpO2", "a waveform")]
    theirs = {key: value for key, value in oracle(path).items() if key[0] != "SpO2"}
    assert ours(path) == pytest.approx(theirs)


@pytest.mark.parametrize("code", [508, 516, 524, 7])
def test_what_is_compressed_or_unknown_is_refused_by_name(tmp_path: Path, code: int) -> None:
    path = made(tmp_path, 16, 3, [1], [0])
    path.write_text(path.read_text().replace("r.dat 16 ", f"r.dat {code} "))
    with pytest.raises(
        RecordingError, match=f"stored in format {code}, {'which is not known' if code == 7 else 'compressed by FLAC'}"
    ):
        read_recording(path)


def test_a_changed_sample_is_told_by_the_checksum_in_every_format(tmp_path: Path) -> None:
    for code in BITS:
        path = made(tmp_path, code, 12, [1, 1], [0, 0])
        data = path.with_suffix(".dat")
        content = bytearray(data.read_bytes())
        content[0] ^= 0x04
        data.write_bytes(content)
        assert [each.kind for each in read_recording(path).notices if each.kind == "checksum-differs"], code


def test_cut_anywhere_each_format_gives_its_beginning_and_says_so(tmp_path: Path) -> None:
    for code in BITS:
        path = made(tmp_path, code, 9, [1, 2], [0, 0])
        whole, data = ours(path), path.with_suffix(".dat")
        content = data.read_bytes()
        for length in range(len(content)):
            data.write_bytes(content[:length])
            try:
                found = read_recording(path)
            except RecordingError as error:
                assert "holds no whole sample" in str(error)
                continue
            assert "incomplete" in [each.kind for each in found.notices]
            assert ours(path).items() <= whole.items()


@pytest.mark.parametrize("stored", ["16x0", "16x9999999", "16:9999999", "16x1048576", "212:3"])
def test_absurd_frames_and_skews_are_refused(tmp_path: Path, stored: str) -> None:
    path = made(tmp_path, 16, 3, [1], [0])
    path.write_text(path.read_text().replace("r.dat 16 ", f"r.dat {stored} "))
    with pytest.raises(RecordingError):
        read_recording(path)
