"""``risewatch decode``: captured bytes of any kind to one tidy table, what was refused told, choices named."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from dashboard.cli import main
from devices import instant
from devices.captures.writing import CaptureWriter
from devices.protocols.dinamap.frames import encode

S = instant.SECOND
START = instant.parse("2026-03-01T23:59:58Z")
LEVEL_9 = Path(__file__).parent.parent / "captures" / "ge-dri_level9.raw"
HEADER = "time,signal,value,unit,status,source"
ROUND = [encode("NA1100012118076090"), encode("RA2074"), encode("OA1098512")]
ROWS = [
    "NIBP_SYS,118,mmHg,ok,dinamap:nibp",
    "NIBP_DIA,76,mmHg,ok,dinamap:nibp",
    "NIBP_MEAN,90,mmHg,ok,dinamap:nibp",
    "PR,74,/min,ok,dinamap:spo2.pr",
    "SPO2,98,%,ok,dinamap:spo2",
]


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = 0
    try:
        main(["decode", *(str(argument) for argument in arguments)])
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 0
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return status, out, err


def rows(out: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out)))


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "v100.raw"
    path.write_bytes(b"".join(ROUND))
    return path


def test_raw_bytes_are_dated_from_the_start_that_was_said(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "dinamap", raw, "--start", "2026-03-01T10:00:00Z")
    assert status == 0
    times = ["2026-03-01T09:59:48.000Z"] * 3 + ["2026-03-01T10:00:00.000Z"] * 2
    assert out.splitlines() == [HEADER, *(f"{time},{row}" for time, row in zip(times, ROWS, strict=True))]
    assert "time-assumed" in err
    assert err.splitlines()[-1].startswith("45 bytes, 3 frames understood, 0 refused")
    assert "5 readings" in err.splitlines()[-1]


def test_a_start_without_offset_is_in_the_zone(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "dinamap", raw, "--start", "2026-03-01T10:00:00", "--timezone", "Europe/Berlin")
    assert status == 0
    assert rows(out)[-1]["time"] == "2026-03-01T09:00:00.000Z"


def test_bytes_without_any_time_name_the_option(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "dinamap", raw)
    assert status == 1
    assert out == ""
    assert "--start" in err.splitlines()[-1]


def test_our_own_capture_with_a_cut_last_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bed.capture"
    steady = iter((1.0, 1.04, 1.1, 1.14, 1.2, 1.24))
    with CaptureWriter(path, "dinamap", steady=lambda: next(steady)) as writer:
        for item, reply in zip(("NA", "RA", "OA"), ROUND, strict=True):
            writer.write("TX", encode(item), START)
            writer.write("RX", reply, START + 40_000)
    path.write_bytes(path.read_bytes()[:-20])
    status, out, err = run(capsys, "dinamap", path)
    assert status == 0
    assert [",".join(row.values()).split(",", 1)[1] for row in rows(out)] == ROWS[:4]
    assert rows(out)[0]["time"] == "2026-03-01T23:59:46.040Z"
    assert rows(out)[3]["time"] == "2026-03-01T23:59:58.140Z"
    assert "cut or damaged" in err


def test_a_terminal_log_over_midnight(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "terminal.log"
    hexed = [reply.hex(" ").upper() for reply in ROUND]
    path.write_text(
        f"23:59:59.900  TX  {encode('NA').hex(' ')}\n23:59:59.950  RX  {hexed[0]}\n"
        f"00:00:00.010  TX  {encode('RA').hex(' ')}\n00:00:00.050  RX  {hexed[1]}\n00:00:00.150  RX  {hexed[2]}\n"
    )
    status, out, _ = run(capsys, "dinamap", path, "--start", "2026-03-01")
    assert status == 0
    assert [row["time"] for row in rows(out)[2:]] == [
        "2026-03-01T23:59:47.950Z",
        "2026-03-02T00:00:00.050Z",
        "2026-03-02T00:00:00.150Z",
    ]
    status, out, _ = run(capsys, "dinamap", path)
    assert status == 0
    assert rows(out)[-1]["time"] == "+86400.150"


def test_hex_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "dump.txt"
    path.write_text(b"".join(ROUND).hex(" "))
    status, out, _ = run(capsys, "dinamap", path, "--hex", "--start", "2026-03-01T10:00:00Z")
    assert status == 0
    assert len(rows(out)) == 5


def test_line_protocol_bytes_count_from_the_boards_own_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "board.vsl"
    path.write_text(
        "$VS1,H,dev=DIY-01,fw=1.2,rate=1,fields=t|hr|spo2|pr|sys|dia|map|nibp_t|flags*5B\r\n"
        "$VS1,D,17,61234,74,98,74,,,,,*69\r\n"
        "$VS1,D,18,62234,75,98,75,118,76,90,62100,*60"
    )
    status, out, _ = run(capsys, "line", path)
    assert status == 0
    assert out.splitlines() == [
        HEADER,
        "+61.234,HR,74,/min,ok,line:hr",
        "+61.234,PR,74,/min,ok,line:pr",
        "+61.234,SPO2,98,%,ok,line:spo2",
        "+62.100,NIBP_SYS,118,mmHg,ok,line:nibp",
        "+62.100,NIBP_DIA,76,mmHg,ok,line:nibp",
        "+62.100,NIBP_MEAN,90,mmHg,ok,line:nibp",
        "+62.234,HR,75,/min,ok,line:hr",
        "+62.234,PR,75,/min,ok,line:pr",
        "+62.234,SPO2,98,%,ok,line:spo2",
    ]


def test_a_real_monitors_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "ge-dri", LEVEL_9)
    assert status == 0
    heart = [row for row in rows(out) if row["signal"] == "HR"]
    assert {row["value"] for row in heart} == {"78"}
    assert heart[0]["time"] == "2021-07-03T03:14:19.000Z"
    assert instant.parse(heart[0]["time"]) == 1625282059 * S
    assert "123 frames understood, 2 refused" in err.splitlines()[-1]
    assert err.count("frame-rejected") == 2


def test_a_monitors_clock_is_read_in_the_zone(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "ge-dri", LEVEL_9, "--timezone", "Europe/Berlin")
    assert rows(out)[0]["time"] == "2021-07-03T01:14:19.000Z"


def test_notices_go_to_a_file_too_with_their_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, told, table = tmp_path / "v100.raw", tmp_path / "notices.csv", tmp_path / "table.csv"
    path.write_bytes(ROUND[0] + b" RA2074#G\r" + ROUND[2])
    status, out, err = run(capsys, "dinamap", path, "--start", "2026-03-01T10:00:00Z", "--notices", told, "-o", table)
    assert status == 0
    assert out == ""
    assert len(rows(table.read_text())) == 4
    found = rows(told.read_text())
    assert list(found[0]) == ["time", "kind", "signal", "code", "text", "bytes"]
    refused = [row for row in found if row["kind"] == "frame-rejected"]
    assert [(row["code"], row["bytes"]) for row in refused] == [("checksum", "20 52 41 32 30 37 34 23 47")]
    assert "1 refused (1 checksum)" in err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("dynamap", "{raw}"), 1, "there is no protocol 'dynamap'"),
        (("dinamap", "{raw}", "--set", "temprature=true"), 1, "no setting 'temprature'"),
        (("dinamap", "{raw}", "--set", "temperature"), 1, "is not KEY=VALUE"),
        (("dinamap", "{folder}/none.raw"), 1, "cannot be read"),
        (("dinamap", "{folder}"), 1, "cannot be read"),
        (("dinamap", "{folder}/empty.raw"), 1, "is empty"),
        (("line", "{raw}"), 1, "nothing in"),
        (("dinamap", "{raw}", "--hex"), 1, "is not hex text"),
        (("dinamap", "{raw}", "--start", "yesterday"), 2, "--start"),
        (("dinamap", "{raw}", "--timezone", "Mars/Olympus"), 2, "--timezone"),
        (("dinamap",), 2, "Missing argument"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    raw: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, says: str
) -> None:
    (raw.parent / "empty.raw").touch()
    given = [argument.format(raw=raw, folder=raw.parent) for argument in arguments]
    left, out, err = run(capsys, *given)
    assert left == status
    assert out == ""
    assert says in err


def test_a_table_that_cannot_be_written_is_a_sentence(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("-o", "--notices"):
        status, _, err = run(capsys, "dinamap", raw, "--start", "2026-03-01T10:00:00Z", option, "/dev/full")
        assert status == 1
        assert "/dev/full cannot be written: No space left on device" in err


def test_a_table_goes_to_no_file_whose_name_asks_for_another_form(
    raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("o.parquet", "o.PQ", "o.vital", "o.edf"):
        status, out, err = run(capsys, "dinamap", raw, "--start", "2026-03-01T10:00:00Z", "-o", tmp_path / name)
        assert (status, out) == (2, "")
        assert f"only a tidy table is written here, and {name} asks for" in err
        assert "such as o.csv" in err
        assert not (tmp_path / name).exists()
    for name in ("o.csv", "o.CSV", "o.txt", "o"):
        run(capsys, "dinamap", raw, "--start", "2026-03-01T10:00:00Z", "-o", tmp_path / name)
        assert (tmp_path / name).read_text().startswith(HEADER)


def test_the_capture_is_never_overwritten_by_its_own_table(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = raw.read_bytes()
    for option in ("-o", "--notices"):
        status, _, err = run(capsys, "dinamap", raw, "--start", "2026-03-01T10:00:00Z", option, raw)
        assert status == 1
        assert "is the capture itself" in err
        assert raw.read_bytes() == before


def test_bytes_of_which_nothing_is_understood_are_not_asked_for_their_start(tmp_path, capsys):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"no monitor wrote this")
    with pytest.raises(SystemExit) as ended:
        main(["decode", "contec", str(path)])
    assert ended.value.code == 1
    assert "is a whole contec frame" in capsys.readouterr().err
