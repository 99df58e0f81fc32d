"""Packed recordings give what they give unpacked; bombs, archives in archives and names that lead elsewhere do not."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tempfile
import zipfile
from pathlib import Path

import pytest

from dashboard.resources import sample_data
from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings import archives
from devices.recordings.base import Limits, read_recording, read_series

TABLE = b"time,HR\n2026-03-01T09:00:00Z,70\n2026-03-01T09:00:10Z,72\n"
SAMPLES = [
    "reencoded/mimic3wdb-s25047.csv",
    "reencoded/mimic3wdb-s25047.edf",
    "reencoded/mimic3wdb-s25047-wide.parquet",
    "reencoded/mimic3wdb-s25047.vital",
    "vscapture/AS3ExportData.csv",
]
HEADER, DATA = "mimic3wdb/s25047-2704-05-04-10-44n.hea", "mimic3wdb/3234460n.dat"


def zipped(path: Path, *files: tuple[str | zipfile.ZipInfo, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in files:
            archive.writestr(name, content, compress_type=how)
    return path


def refused(path: Path, **options: object) -> str:
    with pytest.raises(RecordingError) as caught:
        read_recording(path, **options)  # type: ignore[arg-type]
    said = str(caught.value)
    assert "\n" not in said
    assert tempfile.gettempdir() + "/risewatch-" not in said
    assert not [each for each in Path(tempfile.gettempdir()).glob("risewatch-*") if each.stat().st_uid == os.getuid()]
    return said


@pytest.fixture(autouse=True)
def _own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is unpacked goes where each test can see that nothing stays."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("unpacked")))


@pytest.mark.parametrize("sample", [each for each in SAMPLES if not each.endswith(".vital")])
def test_gzip_gives_the_same(tmp_path: Path, sample: str) -> None:
    order = "mdy" if "AS3" in sample else None
    plain = read_recording(sample_data() / sample, date_order=order)
    packed = tmp_path / f"{Path(sample).name}.gz"
    packed.write_bytes(gzip.compress((sample_data() / sample).read_bytes()))
    found = read_recording(packed, date_order=order)
    assert (found.readings, found.counts, found.mapping) == (plain.readings, plain.counts, plain.mapping)
    assert found.explanation.files == (f"{Path(sample).name} in {packed.name}",)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_zip_archive_gives_the_same(tmp_path: Path, sample: str) -> None:
    order = "mdy" if "AS3" in sample else None
    papers = [("README.txt", b"about"), ("LICENSE", b"MIT"), ("__MACOSX/._x.csv", b"x"), (".DS_Store", b"x")]
    path = zipped(tmp_path / "a.zip", *papers, (f"data/{Path(sample).name}", (sample_data() / sample).read_bytes()))
    plain = read_recording(sample_data() / sample, date_order=order)
    assert read_recording(path, date_order=order).readings == plain.readings


def test_a_wfdb_record_and_the_parts_of_a_case_are_one_recording(tmp_path: Path) -> None:
    files = [(f"rec/{Path(each).name}", (sample_data() / each).read_bytes()) for each in (DATA, HEADER)]
    found = read_recording(zipped(tmp_path / "record.zip", *files))
    assert found.readings == read_recording(sample_data() / HEADER).readings
    head = "Time,RelativeTimeMilliseconds,Clock,HR\n"
    parts = [
        (
            f"case/uq_vsd_case01_fulldata_{number:02}.csv",
            f"{head}x,{number * 1000},10:00:0{number},{70 + number}\n".encode(),
        )
        for number in (2, 1)
    ]
    joined = read_recording(zipped(tmp_path / "case.zip", *parts))
    assert [each.value for each in joined.readings] == [71, 72]


def test_of_several_recordings_one_is_asked_for_never_a_mixture(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", ("bed 1.csv", TABLE), ("x/bed 2.csv", TABLE.replace(b"70", b"90")))
    with pytest.raises(ChoiceNeeded, match=r"holds 2 recordings: say --member, one of bed 1\.csv, x/bed 2\.csv"):
        read_recording(path)
    assert [each.value for each in read_recording(path, member="bed 2.csv").readings] == [90, 72]
    assert [each.value for each in read_recording(path, member="x\\bed 2.csv").readings] == [90, 72]
    assert read_series(path, member="bed 1.csv").series[0].values.tolist() == [70, 72]
    assert "no file 'bed 3.csv': say --member, one of" in refused(path, member="bed 3.csv")
    both = zipped(tmp_path / "b.zip", ("a/bed.csv", TABLE), ("b/bed.csv", TABLE))
    assert "2 files called 'bed.csv'" in refused(both, member="bed.csv")


def test_member_is_said_of_archives_only(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TABLE)
    assert "a.csv is no ZIP archive: leave --member out" in refused(path, member="x")


def _link() -> zipfile.ZipInfo:
    link = zipfile.ZipInfo("b.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return link


@pytest.mark.parametrize(
    "name", ["../b.csv", "/etc/b.csv", "x/../../b.csv", "..\\b.csv", "C:\\b.csv", "b\x1b[31m.csv", "b.csv\x00.txt"]
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    info = zipfile.ZipInfo("b.csv")
    info.filename = info.orig_filename = name
    assert "leads elsewhere" in refused(zipped(tmp_path / "a.zip", ("a.csv", TABLE), (info, TABLE)))


def test_links_and_doubles_are_refused(tmp_path: Path) -> None:
    assert "which is a link and no file" in refused(
        zipped(tmp_path / "a.zip", ("a.csv", TABLE), (_link(), b"/etc/passwd"))
    )
    with pytest.warns(UserWarning, match="Duplicate"):
        path = zipped(tmp_path / "b.zip", ("a.csv", TABLE), ("a.csv", TABLE))
    assert "two files called 'a.csv'" in refused(path)


def test_archives_in_archives_are_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", TABLE)
    for content in (inner.getvalue(), gzip.compress(TABLE), b"BZh91AY", b"7z\xbc\xaf\x27\x1c"):
        path = zipped(tmp_path / "a.zip", ("a.csv", content))
        assert "holds an archive in an archive (a.csv)" in refused(path)
        packed = tmp_path / "b.gz"
        packed.write_bytes(gzip.compress(content))
        assert "holds an archive in an archive (b)" in refused(packed)


def test_bombs_are_stopped_by_ratio_by_size_and_by_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "FREELY", 1 << 20)
    many = b"0" * (4 << 20)
    bomb = tmp_path / "a.csv.gz"
    bomb.write_bytes(gzip.compress(many))
    for path in (bomb, zipped(tmp_path / "a.zip", ("a.csv", many))):
        assert "unpacks to more than 200 times its" in refused(path)
        assert "unpacks to more than the 500000 bytes that are read" in refused(path, limits=Limits(file_bytes=500_000))
        assert "took longer than -1 s" in refused(path, limits=Limits(seconds=-1))


def test_what_unpacks_to_a_gigabyte_is_given_up_early(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(256):
            file.write(bytes(1 << 20))
    assert "unpacks to more than 200 times its" in refused(path)


def test_too_many_files_are_refused_before_their_list_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", *((f"{number}.csv", b"") for number in range(archives.MEMBERS + 1)))
    assert "holds more than 2000 files" in refused(path)


def test_what_is_packed_in_another_way_is_refused(tmp_path: Path) -> None:
    assert "packed in a way that is not read" in refused(
        zipped(tmp_path / "a.zip", ("a.csv", TABLE), how=zipfile.ZIP_LZMA)
    )
    path = zipped(tmp_path / "b.zip", ("a.csv", TABLE))
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "protected by a password" in refused(path)
    sheet = zipped(tmp_path / "c.zip", ("[Content_Types].xml", b"<x/>"), ("xl/a.xml", b"<x/>"))
    assert "save the sheet as CSV" in refused(sheet)
    assert "holds no recording" in refused(zipped(tmp_path / "d.zip", ("README.md", b"x"), ("a.png", b"x")))


def test_a_zip_archive_cut_or_changed_anywhere_is_a_sentence_or_right(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "a.zip", ("a.csv", TABLE)).read_bytes()
    values = [each.value for each in read_recording(tmp_path / "a.zip").readings]
    path = tmp_path / "b.zip"
    for length in range(4, len(whole) - 1, 5):
        path.write_bytes(whole[:length])
        refused(path)
    for at in range(4, len(whole), 3):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            found = [each.value for each in read_recording(path).readings]
        except RecordingError:
            continue
        assert found == values


def test_a_gzip_file_that_is_cut_or_changed_anywhere_is_refused_or_right(tmp_path: Path) -> None:
    rows = "".join(f"2026-03-01T09:00:{at:02}Z,{60 + at}\n" for at in range(30))
    whole = gzip.compress(f"time,HR\n{rows}".encode())
    path = tmp_path / "a.csv.gz"
    for length in range(20, len(whole), 7):
        path.write_bytes(whole[:length])
        assert "the file is cut; ask for another copy" in refused(path)
    for at in range(2, len(whole), 2):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x21]) + whole[at + 1 :])
        try:
            found = [each.value for each in read_recording(path).readings]
        except RecordingError:
            continue
        assert found == [60 + each for each in range(30)]
