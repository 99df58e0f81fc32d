"""A bed's raw capture: bounded on the disk, never in the way of the readings, and replayed to the same readings."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

from devices import catalogue, instant
from devices.captures.reading import read_capture
from devices.captures.writing import RollingCapture
from devices.reading import Reading
from devices.recordings.base import read_recording
from devices.virtual.bedside import PatientBedside
from devices.virtual.patient import named

S = instant.SECOND
START = instant.parse("2026-03-01T09:00:00Z")


def bytes_in(folder: Path) -> bytes:
    files = sorted(folder.iterdir())
    return b"".join(piece.data for file in files for piece in read_capture(file, UTC).pieces)


def test_files_are_of_bounded_size_and_the_oldest_goes(tmp_path: Path) -> None:
    capture = RollingCapture(tmp_path / "captures", "Bed 1/A", "line", file_bytes=2_000, files=3)
    for second in range(200):
        capture.write("RX", f"line {second:04d}\n".encode(), START + second * S)
    capture.close()
    files = sorted((tmp_path / "captures").iterdir())
    assert len(files) == 3
    assert all(file.name.startswith("bed-1-a-20260301T09") for file in files)
    assert all(file.stat().st_size <= 2_200 for file in files)
    kept = bytes_in(tmp_path / "captures")
    assert kept.endswith(b"line 0199\n")
    first = int(kept[5:9])
    assert kept == b"".join(f"line {n:04d}\n".encode() for n in range(first, 200))
    assert 0 < first < 190


def test_two_beds_do_not_remove_each_others_files(tmp_path: Path) -> None:
    one = RollingCapture(tmp_path, "Bed 1", "line", file_bytes=10, files=1)
    other = RollingCapture(tmp_path, "Bed 1 1", "line", file_bytes=10, files=1)
    for second in range(5):
        one.write("RX", b"a", START + second * S)
        other.write("RX", b"b", START + second * S)
    assert sorted(file.name.split("-2026")[0] for file in tmp_path.iterdir()) == ["bed-1", "bed-1-1"]


def test_a_folder_that_cannot_be_written_ends_the_capture_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "captures").write_text("a file where the folder should be")
    capture = RollingCapture(tmp_path / "captures", "Bed 1", "line")
    capture.write("RX", b"x", START)
    assert capture.fault
    capture.write("RX", b"y", START + S)


def test_a_capture_is_a_recording_with_the_readings_of_the_live_port(tmp_path: Path) -> None:
    capture = RollingCapture(tmp_path, "Bed 1", "dinamap", "/dev/x", {"temperature": True, "baud": 9600})
    bedside = PatientBedside(named("typical", 1), START, None, cycle_s=60.0)
    driver = catalogue.create("dinamap", {"temperature": True})
    device = catalogue.create_device("dinamap", bedside)
    driver.opened(START)
    live: list[Reading] = []
    for tenth in range(900):
        now = START + tenth * S // 10
        asked = driver.send(now)
        if asked:
            capture.write("TX", asked, now)
        heard = (device.receive(asked, now) if asked else b"") + device.tick(now)
        if heard:
            capture.write("RX", heard, now)
        live += [item for item in driver.receive(heard, now) if isinstance(item, Reading)]
    capture.close()
    (file,) = tmp_path.iterdir()
    recording = read_recording(file)
    assert recording.format == "capture"
    told = {(each.signal, each.value, each.status, each.source) for each in recording.readings}
    assert told == {(each.signal, each.value, each.status, each.source) for each in live}
    assert len(recording.readings) == len(live) > 200
    # The capture's own steady clock ran with the test's machine, so its times lie within the second the test took.
    assert recording.readings[0].time - live[0].time < 60 * S
