"""``risewatch read`` and ``risewatch formats``: the table, the notices, the exit status."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.cli import main
from dashboard.commands._tidy import TidyWriter
from dashboard.resources import sample_data

MIMIC = sample_data() / "mimic3wdb" / "s25047-2704-05-04-10-44n.hea"


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = 0
    try:
        main([str(argument) for argument in arguments])
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 0
    out, err = capsys.readouterr()
    return status, out, err


def test_a_session_table_comes_out_tidy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "session.csv"
    path.write_text(
        "time,HR,NIBP_SYS,NIBP_DIA,NIBP_MEAN,SPO2\n"
        "2026-03-01T10:00:05+01:00,72.50,121,80,,0\n"
        "2026-03-01T09:00:00Z,70,,,,98\n"
        "2026-03-01T09:00:00Z,70,,,,98\n"
    )
    status, out, err = run(capsys, "read", path)
    assert status == 0
    assert out == (
        "time,signal,value,unit,status,source\n"
        "2026-03-01T09:00:00.000Z,HR,70,/min,ok,csv:HR\n"
        "2026-03-01T09:00:00.000Z,SPO2,98,%,ok,csv:SPO2\n"
        "2026-03-01T09:00:00.000Z,HR,70,/min,ok,csv:HR\n"
        "2026-03-01T09:00:00.000Z,SPO2,98,%,ok,csv:SPO2\n"
        "2026-03-01T09:00:05.000Z,HR,72.5,/min,ok,csv:HR\n"
        "2026-03-01T09:00:05.000Z,NIBP_SYS,121,mmHg,ok,csv:NIBP_SYS\n"
        "2026-03-01T09:00:05.000Z,NIBP_DIA,80,mmHg,ok,csv:NIBP_DIA\n"
        "2026-03-01T09:00:05.000Z,SPO2,,%,zero,csv:SPO2\n"
    )
    assert err.splitlines()[-1] == "session.csv (csv): 3 rows read, 3 used, 0 refused; 8 readings"
    assert "out-of-order" in err


def test_tables_and_notices_go_to_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, notices = tmp_path / "out.csv", tmp_path / "notices.csv"
    status, out, _ = run(capsys, "read", MIMIC, "-o", table, "--notices", notices)
    assert (status, out) == (0, "")
    rows = list(csv.DictReader(table.open()))
    assert len(rows) == 345
    assert rows[0] == {
        "time": "2704-05-04T10:44:18.529Z",
        "signal": "HR",
        "value": "101.3",
        "unit": "/min",
        "status": "ok",
        "source": "wfdb:HR",
    }
    assert sum(row["signal"] == "HR" and row["status"] == "zero" and row["value"] == "" for row in rows) == 28
    told = list(csv.DictReader(notices.open()))
    assert list(told[0]) == ["time", "kind", "signal", "code", "text", "bytes"]
    assert told[0]["kind"] == "time-assumed"
    status, again, _ = run(capsys, "read", table)
    assert (status, again) == (0, table.read_text())


def test_relative_times_stay_relative_unless_the_start_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    path = sample_data() / "challenge2012" / "132539.txt"
    _, out, _ = run(capsys, "read", path)
    assert out.splitlines()[1] == "+420.000,HR,73,/min,ok,csv:HR"
    _, out, _ = run(capsys, "read", path, "--start", "2026-07-01T09:00", "--timezone", "Europe/Berlin")
    assert out.splitlines()[1] == "2026-07-01T07:07:00.000Z,HR,73,/min,ok,csv:HR"


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        ("time,HR\n", 0, "0 readings"),
        ("time,HR\n2026-03-01T09:00:00Z,\n", 0, "0 readings"),
        ("", 1, "is empty"),
        ("colour,shape\nred,round\n", 1, "not a table"),
        ("patient,time,HR\nA,0,70\nB,0,71\n", 1, "--patient"),
        ("Date,Time,HR\n3/4/2026,12:00,70\n", 1, "--date-order"),
    ],
)
def test_exit_status(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, status: int, said: str) -> None:
    path, table = tmp_path / "file.csv", tmp_path / "out.csv"
    path.write_text(content)
    found, out, err = run(capsys, "read", path, "-o", table)
    assert found == status
    assert said in err
    assert out == ""
    assert table.exists() is (status == 0)
    if status == 1:
        assert err.startswith("risewatch: ")
        assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("read",),
        ("read", str(MIMIC), "--no-such-option"),
        ("read", str(MIMIC), "--date-order", "ydm"),
        ("read", str(MIMIC), "--timezone", "Mars"),
        ("read", str(MIMIC), "--start", "soon"),
        ("read", str(MIMIC), "--start", "9999-12-31T23:59:59-14:00"),
        ("flag", str(MIMIC), "--infusion-start", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_wrong_usage_is_status_2(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    status, out, err = run(capsys, *arguments)
    assert status == 2
    assert "Traceback" not in err
    assert out == ""


def test_the_recording_itself_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in MIMIC.parent.iterdir():
        shutil.copy(path, tmp_path)
    for name in (MIMIC.name, "3234460n.dat"):
        before = (tmp_path / name).read_bytes()
        status, _, err = run(capsys, "read", tmp_path / MIMIC.name, "-o", tmp_path / name)
        assert status == 1
        assert "never written over" in err
        assert (tmp_path / name).read_bytes() == before
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('"PULSE" = "PR"\n')
    for recording, out in (
        (tmp_path / MIMIC.stem, tmp_path / MIMIC.name),
        (tmp_path / "3234460n.dat", tmp_path / MIMIC.name),
        (tmp_path / MIMIC.name, mapping),
    ):
        before = out.read_bytes()
        status, _, err = run(capsys, "read", recording, "--mapping", mapping, "-o", out)
        assert status == 1
        assert "never written over" in err
        assert out.read_bytes() == before


@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.pq", "out.vital", "out.edf"])
def test_the_name_of_the_file_chooses_the_form(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    recording, out = sample_data() / "worked-example-a.csv", tmp_path / name
    _, as_read, _ = run(capsys, "read", recording)
    status, nothing, err = run(capsys, "read", recording, "-o", out)
    assert (status, nothing) == (0, "")
    assert err.splitlines()[-1] == "worked-example-a.csv (csv): 25 rows read, 24 used, 0 refused; 48 readings"
    _, again, _ = run(capsys, "read", out)
    assert [row.split(",")[:3] for row in again.splitlines()] == [row.split(",")[:3] for row in as_read.splitlines()]


@pytest.mark.parametrize("name", ["out.xyz", "out", "out.csv.gz", "out.", "-"])
def test_a_name_that_says_no_form_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    # The recording is not there: nobody looked for it.
    status, out, err = run(capsys, "read", "none.csv", "-o", name)
    assert (status, out) == (2, "")
    assert "Invalid value for -o" in err
    endings = (".csv", ".parquet", ".pq", ".vital", ".edf", "--as", "csv, tidy, parquet, vital, edf")
    for said in ("/dev/stdout",) if name == "-" else (name, *endings):
        assert said in err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_refused_as_a_file_to_write_whatever_the_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out.csv").mkdir()
    for arguments in ((), ("--as", "tidy")):
        status, _, err = run(capsys, "read", "none.csv", "-o", tmp_path / "out.csv", *arguments)
        assert status == 2
        assert "out.csv is a folder: name a file in it" in err


def test_the_form_that_is_said_goes_to_a_file_of_any_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = sample_data() / "worked-example-a.csv"
    for name, form, begins in (
        ("out.xyz", "tidy", b"time,signal,"), ("out.CSV", None, b"time,signal,"), ("out", "parquet", b"PAR1"),
        ("out.Parquet", None, b"PAR1"), ("out.csv", "edf", b"0       "), ("out.edf", "csv", b"time,HR,"),
    ):  # fmt: skip
        out = tmp_path / name
        assert run(capsys, "read", recording, "-o", out, *(("--as", form) if form else ()))[:2] == (0, "")
        assert out.read_bytes().startswith(begins)
        out.unlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_a_pipe_without_an_ending_gets_the_tidy_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording, pipe = sample_data() / "worked-example-a.csv", tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run(capsys, "read", recording, "-o", pipe)[:2] == (0, "")
        assert os.read(reader, 1 << 16).decode() == run(capsys, "read", recording)[1]
    finally:
        os.close(reader)


def test_what_a_form_cannot_hold_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out, notices = tmp_path / "session.csv", tmp_path / "session.edf", tmp_path / "notices.csv"
    path.write_text("time,HR\n2026-03-01T09:00:00Z,70\n2026-03-01T09:00:01.1Z,71\n2026-03-01T09:00:02.3Z,72\n")
    tidy = tmp_path / "tidy.csv"
    run(capsys, "read", path, "-o", tidy)
    tidy.write_text(tidy.read_text().replace("71,/min,ok", "71,/min,questionable"))
    status, _, err = run(capsys, "read", tidy, "-o", out, "--notices", notices)
    assert status == 0
    assert "not-written: 1 readings of status questionable: left out, the format has no statuses" in err
    assert [row["kind"] for row in csv.DictReader(notices.open())] == ["not-written"]
    status, _, err = run(capsys, "read", tidy, "-o", out, "--notices", out)
    assert status == 1
    assert "cannot hold both" in err


@pytest.mark.parametrize("arguments", [("--as", "xlsx"), ("--as", "edf")])
def test_a_form_that_cannot_be_is_status_2(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    status, out, err = run(capsys, "read", MIMIC, *arguments)
    assert (status, out) == (2, "")
    assert "--as" in err or "-o" in err


def test_a_table_is_put_in_place_whole_or_not_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("what was there before")
    status, _, err = run(capsys, "read", MIMIC, "-o", out, "--notices", tmp_path / "no-such-folder" / "n.csv")
    assert (status, out.read_text()) == (1, "what was there before")
    assert "n.csv cannot be written" in err
    status, _, err = run(capsys, "read", MIMIC, "-o", out, "--notices", out)
    assert (status, out.read_text()) == (1, "what was there before")
    assert "name two files" in err

    def stop(self: TidyWriter, reading: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(TidyWriter, "_row", stop)
        main(["read", str(MIMIC), "-o", str(out)])
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert out.read_text() == "what was there before"


def test_a_link_to_the_table_stays_a_link_and_keeps_its_files_mode(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out.csv").touch(mode=0o600)
    link = tmp_path / "link.csv"
    link.symlink_to("out.csv")
    assert run(capsys, "read", MIMIC, "-o", link)[0] == 0
    assert link.is_symlink()
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "out.csv").read_text().startswith("time,signal,")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_full_disk_behind_standard_output_is_a_sentence(buffered: str) -> None:
    command = [sys.executable, "-c", "from dashboard.cli import main; main()", "read", str(MIMIC)]
    with Path("/dev/full").open("w") as full:
        found = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": buffered}
        )
    assert found.returncode == 1
    assert found.stderr.splitlines()[-1] == "risewatch: standard output cannot be written: No space left on device"
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize("line", ['"HR" = ["HR"]', '"HR" = 5', "HR = {a = 1}", '"HR" = "pulse"'])
def test_a_mapping_to_what_is_no_signal_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    (tmp_path / "mapping.toml").write_text(line + "\n")
    status, _, err = run(capsys, "read", MIMIC, "--mapping", tmp_path / "mapping.toml")
    assert status == 1
    assert "is no signal" in err


def test_explain_says_what_became_of_every_column(capsys: pytest.CaptureFixture[str]) -> None:
    path = sample_data() / "vscapture" / "AS3ExportData.csv"
    status, out, _ = run(capsys, "read", path, "--date-order", "mdy", "--explain")
    assert status == 0
    said = [line.split(maxsplit=1) for line in out.splitlines() if line]
    assert any(line[0] == "Date" and line[1].endswith("the time") for line in said)
    assert any(line.split() == ["Systolic", "BP(mmHg)", "NIBP_SYS", "mmHg", "1"] for line in out.splitlines())
    assert any(line.startswith("BIS SQI") and "left out" in line for line in out.splitlines())


def test_a_mapping_overrides_the_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, mapping = tmp_path / "file.csv", tmp_path / "mapping.toml"
    path.write_text("Time,Odd name,HR\n2026-03-01T09:00:00Z,71,70\n")
    mapping.write_text('"Odd name" = "PR"\nHR = ""\n')
    _, out, _ = run(capsys, "read", path, "--mapping", mapping)
    assert out.splitlines()[1:] == ["2026-03-01T09:00:00.000Z,PR,71,/min,ok,csv:Odd name"]


def test_formats_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "formats")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == [
        "csv",
        "vital",
        "wfdb",
        "edf",
        "parquet",
        "hl7",
        "capture",
    ]
    status, out, _ = run(capsys, "formats", "--json")
    assert [entry["name"] for entry in json.loads(out)] == ["csv", "vital", "wfdb", "edf", "parquet", "hl7", "capture"]
