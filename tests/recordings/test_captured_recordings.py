"""Our own captures as recordings: read, flagged, refused with a reason."""

import json

import pytest

from dashboard.cli import main
from devices.captures.writing import CaptureWriter
from devices.errors import RecordingError
from devices.instant import SECOND, parse
from devices.protocols.line.frames import encode
from devices.recordings.base import read_recording

START = parse("2026-03-01T09:00:00Z")


@pytest.fixture
def steady():
    """A steady clock that goes on by a second with each piece."""
    passed = iter(range(1_000_000))
    return lambda: float(next(passed))


def captured(path, steady, seconds=40, protocol="line", settings=None):
    with CaptureWriter(path, protocol, "/dev/x", settings, steady=steady) as writer:
        writer.write("RX", encode("H", "dev=A,fw=1,rate=1,fields=t|hr|spo2"), START)
        for second in range(1, seconds):
            writer.write("RX", encode("D", f"{second},{second * 1000},{70 + second},98"), START + second * SECOND)
    return path


def test_every_reading_at_its_time(tmp_path, steady):
    recording = read_recording(captured(tmp_path / "bed.capture", steady))
    rates = [(each.time, each.value) for each in recording.readings if each.signal == "HR"]
    assert rates == [(START + second * SECOND, 70.0 + second) for second in range(1, 40)]
    assert {each.source for each in recording.readings} == {"line:hr", "line:spo2"}
    assert not recording.relative
    assert recording.counts.used == 40


def test_it_is_flagged_like_any_recording(tmp_path, steady, capsys):
    path = captured(tmp_path / "bed.capture", steady, 200)
    with pytest.raises(SystemExit) as ended:
        main(["flag", str(path), "--infusion-start", "2026-03-01T09:00:00Z", "--json"])
    assert ended.value.code == 0
    rises = json.loads(capsys.readouterr().out)["rises"]
    assert [(each["signal"], each["level"], each["onset"]) for each in rises] == [
        ("HR", 2, "2026-03-01T09:00:40.000Z"),
        ("HR", 3, "2026-03-01T09:01:00.000Z"),
    ]


def test_its_settings_are_those_of_the_port(tmp_path, steady):
    path = tmp_path / "bed.capture"
    with CaptureWriter(path, "line", "/dev/x", {"loose": True, "baud": 9600}, steady=steady) as writer:
        writer.write("RX", b"SYS:120,DIA:80,PUL:75\n", START)
    assert {each.signal: each.value for each in read_recording(path).readings} == {
        "NIBP_SYS": 120.0,
        "NIBP_DIA": 80.0,
        "PR": 75.0,
    }


@pytest.mark.parametrize(
    ("protocol", "sentence"),
    [("", "does not say which protocol its bytes speak"), ("lime", "there is no protocol 'lime'"),
     ("dinamap", "is a whole dinamap frame")],
)  # fmt: skip
def test_what_cannot_be_decoded_is_refused_in_a_sentence(tmp_path, steady, protocol, sentence):
    path = captured(tmp_path / "bed.capture", steady, protocol=protocol)
    with pytest.raises(RecordingError, match=sentence):
        read_recording(path)


def test_a_cut_last_line_costs_itself_alone(tmp_path, steady):
    path = captured(tmp_path / "bed.capture", steady)
    path.write_bytes(path.read_bytes()[:-20])
    recording = read_recording(path)
    assert max(each.time for each in recording.readings) == START + 38 * SECOND
    assert any(each.kind == "incomplete" for each in recording.notices)
