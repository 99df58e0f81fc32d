"""``risewatch decode hl7``: plain files and captures of messages, and what must be chosen first."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "protocols"))

from devices.capture import CaptureWriter
from hl7_bytes import PCD, PHILIPS, block, message, row

from dashboard.cli import main
from devices import instant

EXPECTED = [
    "time,signal,value,unit,status,source",
    "2026-03-02T08:05:12.000Z,NIBP_SYS,164,mmHg,ok,hl7:nibp.sys",
    "2026-03-02T08:05:12.000Z,NIBP_DIA,96,mmHg,ok,hl7:nibp.dia",
    "2026-03-02T08:15:00.000Z,HR,118,/min,ok,hl7:ecg.hr",
    "2026-03-02T08:15:00.000Z,SPO2,97,%,ok,hl7:spo2",
]
S = instant.SECOND


def run(capsys, *arguments):
    status = 0
    try:
        main(["decode", "hl7", *(str(argument) for argument in arguments)])
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 0
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return status, out.splitlines(), err


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_a_plain_file_has_its_times_in_its_messages(tmp_path, capsys, end):
    path = tmp_path / "messages.hl7"
    path.write_bytes((end.join(PCD) + end).encode())
    status, out, err = run(capsys, path)
    assert (status, out) == (0, EXPECTED)
    assert "1 frames understood, 0 refused" in err
    assert "time-assumed" not in err


def test_blocks_and_hex_text(tmp_path, capsys):
    path = tmp_path / "messages.raw"
    path.write_bytes(block(*PCD))
    assert run(capsys, path)[1] == EXPECTED
    path.write_text(block(*PCD).hex(" "))
    assert run(capsys, path, "--hex")[1] == EXPECTED


def test_times_without_a_zone_are_read_in_the_one_that_is_said(tmp_path, capsys):
    path = tmp_path / "philips.hl7"
    path.write_text("\r\n".join(PHILIPS) + "\r\n")
    status, out, err = run(capsys, path, "--timezone", "Europe/Berlin")
    assert status == 0
    assert "2026-03-02T08:15:00.000Z,HR,118,/min,ok,hl7:ecg.hr" in out
    assert "no zone: they were read in Europe/Berlin" in err
    assert "** HR 124 > 120" in err


def test_a_capture_is_dated_by_its_stamps(tmp_path, capsys):
    path = tmp_path / "capture.jsonl"
    at = instant.parse("2026-03-02T08:20:00Z")
    steady = iter((0.0, 1.0))
    with CaptureWriter(path, "hl7", steady=lambda: next(steady)) as writer:
        writer.write("RX", block(*PCD)[:300], at)
        writer.write("RX", block(*PCD)[300:], at + S)
    status, out, err = run(capsys, path)
    assert status == 0
    assert "2026-03-02T08:20:01.000Z,HR,118,/min,ok,hl7:ecg.hr" in out
    assert "2026-03-02T08:10:13.000Z,NIBP_SYS,164,mmHg,ok,hl7:nibp.sys" in out
    assert "clock is 301 s behind this machine's" in err


def test_several_locations_must_be_chosen_from(tmp_path, capsys):
    path = tmp_path / "ward.hl7"
    heart_rate = "147842^MDC_ECG_HEART_RATE^MDC"
    path.write_bytes(
        message(row(heart_rate, "70", "bpm"), location="Ward^3^7")
        + message(row(heart_rate, "120", "bpm"), location="Ward^3^8")
    )
    status, out, err = run(capsys, path)
    assert (status, out) == (1, [])
    assert "several locations (Ward^3^7, Ward^3^8): name one with --set location=LOCATION" in err
    status, out, _ = run(capsys, path, "--set", "location=Ward^3^8")
    assert status == 0
    assert [line.split(",")[2] for line in out[1:]] == ["120"]


def test_messages_without_any_time_need_a_start(tmp_path, capsys):
    path = tmp_path / "old.hl7"
    path.write_text("MSH|^~\\&|||||||ORU^R01|204|P|2.3.1|\rOBX||NM|101^HR|2101|60||||||F\r")
    status, out, err = run(capsys, path)
    assert (status, out) == (1, [])
    assert "--start" in err
    status, out, _ = run(capsys, path, "--start", "2026-03-02T08:15:00Z")
    assert (status, out[1:]) == (0, ["2026-03-02T08:15:00.000Z,HR,60,/min,ok,hl7:ecg.hr"])


@pytest.mark.parametrize("content", [b"hello\n", b"\x00\x01\x02" * 50, b"\x0bMSI|x\x1c\r", b"MSH"])
def test_what_is_no_message_is_said_in_one_sentence(tmp_path, capsys, content):
    path = tmp_path / "other.bin"
    path.write_bytes(content)
    status, out, err = run(capsys, path)
    assert (status, out) == (1, [])
    assert "is a whole hl7 frame" in err
