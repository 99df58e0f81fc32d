"""Captures: ours survives being cut and continued, other tools' logs pass midnight, damage is said."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import instant
from devices.captures.reading import read_capture
from devices.captures.writing import CaptureWriter
from devices.errors import CaptureError, LinkError

S = instant.SECOND
START = instant.parse("2026-03-01T23:59:58Z")


class Steady:
    """A steady clock set by hand."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def pieces(path: Path, **options) -> list[tuple[bytes, int | None]]:
    return [(piece.data, piece.at) for piece in read_capture(path, UTC, **options).pieces]


def test_what_is_written_is_read_with_its_times_and_only_what_was_received(tmp_path: Path) -> None:
    path, steady = tmp_path / "bed.capture", Steady(100.0)
    with CaptureWriter(path, "dinamap", "/dev/ttyUSB0", {"baud": 9600}, steady=steady) as writer:
        writer.write("TX", b" NA!2\r", START)
        steady.now = 100.040
        writer.write("RX", bytes(range(256)), START + 40_000)
        steady.now = 103.5
        writer.write("RX", b"\x00", START + 3_500_000)
    capture = read_capture(path, UTC)
    assert [(piece.data, piece.at) for piece in capture.pieces] == [
        (bytes(range(256)), START + 40_000),
        (b"\x00", START + 3_500_000),
    ]
    assert capture.sent == 6
    assert capture.header["protocol"] == "dinamap"
    assert capture.header["port"] == "/dev/ttyUSB0"
    assert capture.header["settings"] == {"baud": 9600}
    assert not capture.damage
    assert capture.is_stamped
    assert not capture.relative


def test_the_file_is_one_object_a_line_with_utc_in_microseconds(tmp_path: Path) -> None:
    path = tmp_path / "bed.capture"
    with CaptureWriter(path, "line", steady=Steady(7.25)) as writer:
        writer.write("RX", b"\x02\x31", START)
    first, second = (json.loads(line) for line in path.read_text().splitlines())
    assert first["risewatch_capture"] == 1
    assert second == {"t": "2026-03-01T23:59:58.000000Z", "mono": 7.25, "dir": "rx", "hex": "0231"}


def test_a_wall_clock_that_is_set_in_between_moves_nothing(tmp_path: Path) -> None:
    path, steady = tmp_path / "bed.capture", Steady(5.0)
    with CaptureWriter(path, "line", steady=steady) as writer:
        writer.write("RX", b"a", START)
        steady.now = 6.0
        writer.write("RX", b"b", START - 3_600 * S)
    assert pieces(path) == [(b"a", START), (b"b", START + S)]


def test_a_machine_that_writes_late_moves_nothing(tmp_path: Path) -> None:
    path, steady = tmp_path / "bed.capture", Steady(5.0)
    came = [START, START + 300_000, START + 300_000, START + 1_000_001, START + 2_000_000]
    late = [0.0, 0.31, 0.35, 1.7, 2.0]
    with CaptureWriter(path, "line", steady=steady) as writer:
        for at, seconds in zip(came, late, strict=True):
            steady.now = 5.25 + seconds
            writer.write("RX", b"a", at)
    assert [at for _, at in pieces(path)] == came


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_cut_last_line_loses_that_line_alone(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "bed.capture"
    with CaptureWriter(path, "line", steady=Steady(1.0)) as writer:
        writer.write("RX", b"first", START)
        writer.write("RX", b"second", START)
    path.write_bytes(path.read_bytes()[: -cut - 1])
    capture = read_capture(path, UTC)
    assert [piece.data for piece in capture.pieces] == [b"first"]
    assert [text for _, text in capture.damage] == ["line 3 of the capture is cut or damaged and was left out"]


def test_a_run_that_continues_a_cut_capture_is_read_by_its_own_clock(tmp_path: Path) -> None:
    path = tmp_path / "bed.capture"
    with CaptureWriter(path, "line", steady=Steady(9_000.0)) as writer:
        writer.write("RX", b"before", START)
        writer.write("RX", b"cut", START)
    path.write_bytes(path.read_bytes()[:-9])
    with CaptureWriter(path, "line", steady=Steady(3.0)) as writer:
        writer.write("RX", b"after", START + 60 * S)
    capture = read_capture(path, UTC)
    assert [(piece.data, piece.at) for piece in capture.pieces] == [(b"before", START), (b"after", START + 60 * S)]
    assert len(capture.damage) == 1


@pytest.mark.parametrize(
    "line",
    [
        '{"t": 5, "mono": 1, "dir": "rx", "hex": "00"}',
        '{"t": "2026-03-01T10:00:00Z", "mono": NaN, "dir": "rx", "hex": "00"}',
        '{"t": "2026-03-01T10:00:00Z", "mono": Infinity, "dir": "rx", "hex": "00"}',
        '{"t": "2026-03-01T10:00:00Z", "mono": 1, "dir": "rx", "hex": 0}',
        '{"t": "2026-03-01T10:00:00Z", "mono": 1, "dir": "sideways", "hex": "00"}',
        '{"t": "2026-03-01T10:00:00Z", "mono": 1, "dir": "rx", "hex": "0"}',
        "[1]",
        "7",
        '"risewatch"',
        "\x00\x00\x00",
    ],
)
def test_a_damaged_line_is_said_and_the_rest_is_read(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bed.capture"
    with CaptureWriter(path, "line", steady=Steady(1.0)) as writer:
        writer.write("RX", b"good", START)
    with path.open("a") as file:
        file.write(line + "\n")
    capture = read_capture(path, UTC)
    assert [piece.data for piece in capture.pieces] == [b"good"]
    assert [text for _, text in capture.damage] == ["line 3 of the capture is cut or damaged and was left out"]


def test_a_capture_of_a_later_format_is_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "later.capture"
    path.write_text('{"risewatch_capture": 2, "protocol": "line"}\n')
    with pytest.raises(CaptureError, match="the version that wrote it"):
        read_capture(path, UTC)


def test_a_capture_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="cannot be written"):
        CaptureWriter(tmp_path / "none" / "bed.capture", "line")


def test_a_full_disk_is_one_sentence() -> None:
    with pytest.raises(LinkError, match="No space left on device"):
        CaptureWriter(Path("/dev/full"), "line")


LOG = """\
23:59:58.500  TX  20 4E 41 21 32 0D
23:59:58.540  RX  20 4E
[23:59:59,250] RX: 41 31
this is a remark
00:00:01.000  RX  0D
00:00:02.000  RX  0d
"""


def test_a_log_of_a_terminal_program_passes_midnight(tmp_path: Path) -> None:
    path = tmp_path / "terminal.log"
    path.write_text(LOG)
    day = instant.parse("2026-03-01T00:00:00Z")
    capture = read_capture(path, UTC, start=START)
    assert [(piece.data, piece.at) for piece in capture.pieces] == [
        (b" N", day + 86_398_540_000),
        (b"A1", day + 86_399_250_000),
        (b"\r", day + 86_401_000_000),
        (b"\r", day + 86_402_000_000),
    ]
    assert capture.sent == 6
    assert [text for _, text in capture.damage] == ["line 4 is no line of a log and was left out"]
    assert not capture.relative


def test_a_log_without_a_day_counts_from_its_first_midnight(tmp_path: Path) -> None:
    path = tmp_path / "terminal.log"
    path.write_text(LOG)
    capture = read_capture(path, UTC)
    assert capture.relative
    assert capture.pieces[0].at == 86_398_540_000


def test_hex_text_is_bytes_without_times(tmp_path: Path) -> None:
    path = tmp_path / "dump.txt"
    path.write_text("0x20 0x4e\n41:31, 0D")
    assert pieces(path, is_hex=True) == [(b" NA1\r", None)]


def test_half_a_byte_of_hex_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dump.txt"
    path.write_text("20 4")
    with pytest.raises(CaptureError, match="half a byte"):
        read_capture(path, UTC, is_hex=True)


@pytest.mark.parametrize("what", ["missing", "folder", "empty"])
def test_a_file_that_gives_nothing_is_one_sentence(tmp_path: Path, what: str) -> None:
    path = tmp_path / what
    if what == "folder":
        path.mkdir()
    if what == "empty":
        path.touch()
    with pytest.raises(CaptureError, match=r"cannot be read|is empty"):
        read_capture(path, UTC)


@given(st.binary(min_size=1, max_size=300))
def test_any_other_file_is_taken_as_raw_bytes_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.raw"
    path.write_bytes(data)
    # What is text may be another program's log or dump: that alone may be read otherwise, or refused.
    is_text = sum(byte in b"\t\r\n" or 32 <= byte < 127 for byte in data) > len(data) / 2
    try:
        assert pieces(path) == [(data, None)] or is_text
    except CaptureError as error:
        assert is_text
        assert "\n" not in str(error)


@given(st.binary(max_size=200))
def test_any_damage_to_a_capture_is_said_or_harmless(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.capture"
    path.write_bytes(b'{"risewatch_capture": 1, "protocol": "line"}\n' + data)
    capture = read_capture(path, UTC)
    lines = [line for line in data.split(b"\n") if line.strip()]
    assert len(capture.damage) == len(lines)
    assert capture.pieces == []
