"""What fuzzing of the binary recordings starts from, and what it found, keeps every promise of a reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from recording_checks import FORMATS, check, seeds, written

from devices.recordings.base import RecordingError, read_recording, read_series

SEEDS = [(form, name) for form in FORMATS for name in seeds(form)]


@pytest.mark.parametrize(("form", "name"), SEEDS)
def test_seeds_keep_every_promise(form: str, name: str, tmp_path: Path) -> None:
    check(form, seeds(form)[name], tmp_path)


@pytest.mark.parametrize("form", FORMATS)
def test_seeds_hold_readings(form: str, tmp_path: Path) -> None:
    found = [check(form, seed, tmp_path) for seed in seeds(form).values()]
    assert any(each is not None and each.readings for each in found)


@pytest.mark.parametrize("form", FORMATS)
def test_cut_at_any_byte_and_with_any_byte_changed(form: str, tmp_path: Path) -> None:
    seed = min(seeds(form).values(), key=len)
    step = max(1, len(seed) // 20)
    for place in range(0, len(seed), step):
        check(form, seed[:place], tmp_path)
        for change in (0x00, 0x1B, 0xFF):
            check(form, seed[:place] + bytes((seed[place] ^ change or change,)) + seed[place + 1 :], tmp_path)


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [
        ("vital", b"PLETH_SPO2", b"PLETH_SP\x1b[2"),
        ("vital", b"Solar8000", b"Solar\n800"),
        ("wfdb", b"NBPSys", b"NBP\x1b[2J"),
        ("wfdb", b"1/mmHg 16", b"1/m\x9bHg 16"),
        ("edf", b"NIBP Sys", b"NIBP\x1b[2J"),
        ("csv", b"SpO2 (%)", b"SpO2\x1b[2J"),
        ("csv", b"NIBP_SYS", b"NIBP\x1b[2J"),
        ("csv", b"patient", b"pat\x1b[2J"),
    ],
)
def test_names_and_units_go_to_terminals_without_escapes(form: str, old: bytes, new: bytes, tmp_path: Path) -> None:
    for seed in seeds(form).values():
        check(form, seed.replace(old, new), tmp_path)


def test_a_sentence_of_pyarrow_that_holds_a_control_character(tmp_path: Path) -> None:
    """Found by fuzzing: thrift tells a type it does not know as the raw byte."""
    seed = next(iter(seeds("parquet").values()))
    for place in range(len(seed) - 400, len(seed) - 8, 3):
        check("parquet", seed[:place] + b"\x0f" + seed[place + 1 :], tmp_path)


def test_a_column_that_lost_its_rows_is_damage(tmp_path: Path) -> None:
    """Found by fuzzing: pyarrow, asked for pieces, gave none and said nothing."""
    data = (Path(__file__).parent / "recordings_corpus" / "parquet" / "found-01").read_bytes()
    path = written("parquet", data, tmp_path)
    for read in (read_recording, read_series):
        with pytest.raises(RecordingError, match="damaged"):
            read(path)


CORPUS = sorted(path for path in (Path(__file__).parent / "recordings_corpus").glob("*/*"))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_corpus_keeps_every_promise(path: Path, tmp_path: Path) -> None:
    check(path.parent.name, path.read_bytes(), tmp_path)
