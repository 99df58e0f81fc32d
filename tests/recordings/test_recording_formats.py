"""What a file is, told by its content; what is refused before it is read; damage of any kind."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.resources import sample_data
from devices.instant import MINUTE, SECOND
from devices.recordings.base import FORMATS, Limits, RecordingError, detect, read_recording
from devices.recordings.delimited.reader import read_text
from devices.recordings.options import Options


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("mimic3wdb/s25047-2704-05-04-10-44n.hea", "wfdb"),
        ("mimic3wdb/3234460n.dat", "wfdb"),
        ("reencoded/mimic3wdb-s25047.csv", "csv"),
        ("reencoded/mimic3wdb-s25047.vital", "vital"),
        ("reencoded/mimic3wdb-s25047.edf", "edf"),
        ("reencoded/mimic3wdb-s25047-wide.parquet", "parquet"),
        ("clif_mimic4demo/clif_vitals_5stays.parquet", "parquet"),
        ("challenge2012/132539.txt", "csv"),
        ("vscapture/AS3ExportData.csv", "csv"),
        ("worked-example-a.csv", "csv"),
    ],
)
def test_content_decides_whatever_the_name_says(tmp_path: Path, path: str, name: str) -> None:
    assert detect(sample_data() / path).name == name
    if not path.endswith(".dat"):  # bare samples have no content to be known by
        disguised = tmp_path / "recording.csv"
        disguised.write_bytes((sample_data() / path).read_bytes())
        assert detect(disguised).name == name


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (bytes(500), "is empty"),
        (b"PAR1" + bytes(100) + b"PAR1", "cut or damaged, or not a Parquet file"),
        (b"PARE" + bytes(100) + b"PARE", "encrypted Parquet file"),
        (b"0       " + b" " * 300, "not an EDF file that is understood"),
        (b"\xffBIOSEMI" + b" " * 300, "convert it to EDF"),
        (b"MSH", "is not a table that is understood"),
        (b"\x0bMSH|^~", "none in it is whole"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "save the sheet as CSV"),
        (b"BZh91AY", "unpack it first"),
        (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "a MATLAB file, which is not read"),
        (b'\n<?xml version="1.0"?><HealthData/>', "an XML or HTML document, which is not read"),
        (b"<!DOCTYPE html><table>", "an XML or HTML document, which is not read"),
        (b'{"time": "2026-03-21T09:00:00Z", "HR": 71}\n', "a JSON document, which is not read"),
        (b'[{"bpm": 71}]', "a JSON document, which is not read"),
        (b"\xfd7zXZ\x00" + bytes(9), "unpack it first"),
        (b'{"version": 1, "protocol": "dinamap"}\n', "risewatch decode"),
        (b"PK\x03\x04" + bytes(100), "cut or damaged"),
        (gzip.compress(gzip.compress(b"time,HR\n", mtime=0), mtime=0), "an archive in an archive"),
        (bytes(range(256)) * 4, "of no format that is read"),
        (b"just some words\nand more of them\n", "is not a table that is understood"),
    ],
)
def test_what_is_not_read_is_refused_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        read_recording(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_file_a_folder_and_what_never_ends(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="there is no file"):
        read_recording(tmp_path / "none.csv")
    with pytest.raises(RecordingError, match="is a folder"):
        read_recording(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RecordingError, match="is not a file"):
        read_recording(tmp_path / "pipe")
    with pytest.raises(RecordingError, match="is not a file"):
        read_recording("/dev/zero")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("time,HR\n")
    path.chmod(0)
    with pytest.raises(RecordingError, match="cannot be read"):
        read_recording(path)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(5_000_000)
    with pytest.raises(RecordingError, match="more than the 1000000"):
        read_recording(path, limits=Limits(file_bytes=1_000_000))
    path.write_text("time,HR\n" + "2026-03-01T09:00:00Z,70\n" * 100)
    with pytest.raises(RecordingError, match="more than the 1000 "):
        read_recording(path, limits=Limits(text_bytes=1_000))


def test_a_table_cut_anywhere_gives_its_beginning_or_a_sentence(tmp_path: Path) -> None:
    data = (sample_data() / "worked-example-a.csv").read_bytes()
    whole = read_recording(sample_data() / "worked-example-a.csv").readings
    path = tmp_path / "cut.csv"
    for size in range(len(data)):
        path.write_bytes(data[:size])
        try:
            found = read_recording(path).readings
        except RecordingError:
            assert size <= data.index(b"\n")
            continue
        rows = data[:size].count(b"\n") - 1
        # The rows before the cut are whole; only the cut row itself may be there in part.
        assert [r for r in found if r.received < rows] == [r for r in whole if r.received < rows]
        assert {r.received for r in found} <= set(range(rows + 1))


def test_a_power_loss_costs_only_the_rows_it_hit() -> None:
    text = "time,HR\n2026-03-01T09:00:00Z,70\n2026-03-01T09:0" + "\x00" * 4096 + "\n2026-03-01T09:00:10Z,72\n"
    recording = read_text(text, Options(), "hit.csv")
    assert [reading.value for reading in recording.readings] == [70, 72]
    assert recording.counts.refused == {"with NUL bytes": 1}


def test_interruptions_are_told_once_a_source() -> None:
    rows = [*range(0, 100, 5), *range(700, 800, 5), *range(830, 900, 5)]
    text = "time,HR,NIBP_SYS,NIBP_DIA\n" + "".join(f"{second},70,120,80\n" for second in rows)
    gaps = [notice for notice in read_text(text, Options(), "x").notices if notice.kind == "file-gap"]
    assert [(notice.signal, notice.time) for notice in gaps] == [("HR", 95 * SECOND), ("NIBP_SYS", 95 * SECOND)]
    assert "2 times, longest for 10 min" in gaps[0].text
    steady = "time,HR\n" + "".join(f"{minute * 60},70\n" for minute in (0, 1, 2, 5, 6, 7))
    assert read_text(steady, Options(), "x").notices == []
    assert read_text(steady, Options(), "x").last == 7 * MINUTE


def test_every_format_has_a_reader() -> None:
    import importlib

    for found in FORMATS.values():
        assert callable(importlib.import_module(found.module).read)


HEAVY = ("numpy", "pandas", "pyarrow", "wfdb", "vitaldb", "edfio", "pyedflib", "streamlit", "sqlalchemy", "pydantic")


@pytest.mark.parametrize("form", ["read_recording", "read_series"])
@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("worked-example-a.csv", set()),
        ("made/typical.csv", set()),
        ("reencoded/mimic3wdb-s25047.vital", {"numpy"}),
        ("mimic3wdb/s25047-2704-05-04-10-44n.hea", {"numpy"}),
        ("reencoded/mimic3wdb-s25047.edf", {"numpy"}),
        ("reencoded/mimic3wdb-s25047-wide.parquet", {"numpy", "pyarrow"}),
    ],
)
def test_reading_imports_only_what_the_format_needs(path: str, needed: set[str], form: str) -> None:
    code = (
        f"import sys; from devices.recordings.base import {form}; from dashboard.resources import sample_data;"
        f"{form}(sample_data() / {path!r}); print(*(name for name in {HEAVY} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == needed | ({"numpy"} if form == "read_series" else set())


def test_judging_a_vital_file_imports_numpy_alone() -> None:
    """The command line's library imports pydantic; a program that judges recordings by itself need not wait for it."""
    code = (
        "import sys; from dashboard.resources import sample_data; from dashboard.rises import batch, recorded\n"
        "from dashboard.rises.threshold_files import preset; from dashboard.rises.timeline import Timeline\n"
        "from devices.recordings.base import read_series\n"
        "read = read_series(sample_data() / 'reencoded/mimic3wdb-s25047.vital')\n"
        "timeline = Timeline(read.begins, None, None, None)\n"
        "batch.judge(recorded.session(read), timeline, preset('adult-iv'))\n"
        f"print(*(name for name in {HEAVY} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["numpy"]


def test_flagging_a_vital_file_imports_neither_pandas_nor_streamlit() -> None:
    code = (
        "import sys; from dashboard.cli import main; from dashboard.resources import sample_data\n"
        "try: main(['flag', str(sample_data() / 'reencoded/mimic3wdb-s25047.vital'),"
        " '--infusion-start', '2004-05-04T10:50:00Z', '--json'])\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print(*(name for name in ('pandas', 'pyarrow', 'streamlit', 'vitaldb', 'wfdb') if name in sys.modules),"
        " file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are counted in /proc")
@pytest.mark.parametrize("module", ["devices.recordings.series", "dashboard.rises.arrays"])
def test_numpy_starts_no_threads(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    code = f"import {module}, os; print(len(os.listdir('/proc/self/task')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 1
