"""Which formats of recordings there are, and what a file is: content decides before the suffix."""

from __future__ import annotations

import re
import stat
import zlib
from pathlib import Path

from msgspec import Struct

from devices.errors import RecordingError
from devices.recordings.options import Limits

HEAD = 65_536
"""So many bytes from a file's beginning tell what it is."""


class Format(Struct, frozen=True):
    """A recording format that is read: its name, the module that reads it, its usual suffixes, a line about it."""

    name: str
    module: str
    suffixes: tuple[str, ...]
    text: str


FORMATS: dict[str, Format] = {
    entry.name: entry
    for entry in (
        Format(
            "csv",
            "devices.recordings.delimited.reader",
            (".csv", ".tsv", ".txt", ".psv"),
            "Text tables: session tables, tidy tables, exports of monitors and loggers",
        ),
        Format("vital", "devices.recordings.vital.reader", (".vital",), "Vital Recorder: the numbers of all devices"),
        Format(
            "wfdb",
            "devices.recordings.wfdb.reader",
            (".hea", ".dat"),
            "PhysioNet WFDB numerics, in all formats that are not compressed",
        ),
        Format(
            "edf",
            "devices.recordings.edf.reader",
            (".edf",),
            "EDF and EDF+: numbers among the signals, annotations",
        ),
        Format("parquet", "devices.recordings.parquet.reader", (".parquet", ".pq"), "Parquet tables: wide, long, tidy"),
        Format(
            "hl7", "devices.recordings.hl7_files", (".hl7", ".msg"), "HL7 v2 results: blocks, batches, plain messages"
        ),
        Format("capture", "devices.recordings.captured", (".capture",), "Our own captures of a monitor's port"),
    )
}

_NOT_READ = (
    (b"PARE", "an encrypted Parquet file, which is not read"),
    (b"\xffBIOSEMI", "a BDF file of 24-bit samples, which is not read: convert it to EDF"),
    (b"VITA\x03\x00\x00\x00", "a .vital recording without its packing, which is not read: pack it again by gzip"),
    (b"\x1f\x8b", "a compressed file (gzip): unpack it first"),
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet: unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old workbook of a spreadsheet: save the sheet as CSV"),
    (b"BZh", "a compressed file (bzip2): unpack it first"),
    (b"\xfd7zXZ\x00", "a compressed file (xz): unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a compressed file (zstd): unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it first"),
    (b"{\\rtf", "a text document (RTF), not a recording: save the table as CSV"),
    (b"%PDF", "a PDF document, not a recording"),
    (b"\x89HDF", "an HDF5 file, which is not read: convert it to CSV"),
    (b"SQLite format 3", "a database, not a recording"),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file, which is not read: write its table as CSV"),
    (b"\x93NUMPY", "a numpy file, which is not read: write its table as CSV"),
)
_MARKED_UP = (
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|html)", re.IGNORECASE), "an XML or HTML document"),
    (re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*"|\[\s*\{)'), "a JSON document"),
)
PART = re.compile(r"(?P<case>.+_fulldata_)(?P<number>\d{1,4})(?P<suffix>\.csv)", re.IGNORECASE)
"""Names of the University of Queensland's part files, which are one recording."""

_EDF = b"0       "
"""An EDF header begins with its version, which is 0 and fills a field of eight."""

_HL7 = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x0b\x1c\x00]*(?:MSH|FHS|BHS)[^0-9A-Za-z\s,;_.()-]")
_BINARY = (".vital", ".edf", ".parquet", ".pq")
_CAPTURE = re.compile(rb'\s*\{[^\n]*"(?:protocol|hex)"\s*:')
_RECORD_LINE = re.compile(r"\S+ \d+( \S+)*\s*")
_ODD = bytes(set(range(1, 32)) - {9, 10, 11, 12, 13, 27})
_FIRST = 2_048
"""In so many bytes the first lines of a WFDB header mostly stand."""
_SIGNAL_LINE = re.compile(r"\S+ \d+(x\d+)?(:\d+)?(\+\d+)?( \S+)*.*")


def kinds_suffixes() -> frozenset[str]:
    """The suffixes, in lower case, that recordings usually have."""
    return frozenset(suffix for known in FORMATS.values() for suffix in known.suffixes)


def detect(path: Path, limits: Limits | None = None, head: bytes | None = None) -> Format:
    """The format of the file at `path`, by its content first. `head`: its first `HEAD` bytes, where they are known.

    Raises:
        RecordingError: no such file, or of no format that is read.
    """
    limits = limits or Limits()
    try:
        found = path.stat()
    except FileNotFoundError:
        if path.with_name(f"{path.name}.hea").is_file():
            return FORMATS["wfdb"]  # a WFDB record is called by its name without a suffix
        raise RecordingError(f"there is no file {path}") from None
    if stat.S_ISDIR(found.st_mode):
        raise RecordingError(f"{path} is a folder: name the recording in it")
    if not stat.S_ISREG(found.st_mode):
        raise RecordingError(f"{path} is not a file")
    if found.st_size > limits.file_bytes:
        raise RecordingError(f"{path} has {found.st_size} bytes, more than the {limits.file_bytes} that are read")
    if head is None:
        with path.open("rb") as file:
            head = file.read(HEAD)
    return _by_content(path, head)


def _by_content(path: Path, head: bytes) -> Format:
    if not head.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        if path.suffix.lower() == ".dat":
            return FORMATS["wfdb"]
        raise RecordingError(f"{path} is empty")
    if is_vital(head, path):
        return FORMATS["vital"]
    for magic, what in _NOT_READ:
        if head.startswith(magic):
            raise RecordingError(f"{path} is {what}")
    if head.startswith(b"PAR1"):
        return FORMATS["parquet"]
    if head.startswith(_EDF) and (len(head) >= 256 or path.suffix.lower() == ".edf"):
        return FORMATS["edf"]
    if _CAPTURE.match(head):
        return FORMATS["capture"]
    if _HL7.match(head):
        return FORMATS["hl7"]
    if path.suffix.lower() == ".dat" and (_is_binary(head) or path.with_suffix(".hea").is_file()):
        return FORMATS["wfdb"]
    if _is_wfdb_header(head, path.suffix.lower() == ".hea"):
        return FORMATS["wfdb"]
    for begins, what in _MARKED_UP:
        if begins.match(head):
            raise RecordingError(f"{path} is {what}, which is not read: write its table as CSV")
    if _is_binary(head):
        hint = f", though its name says {path.suffix.lower()}" if path.suffix.lower() in _BINARY else ""
        raise RecordingError(f"{path} is of no format that is read{hint} (see risewatch formats)")
    return FORMATS["csv"]


def is_vital(head: bytes, path: Path) -> bool:
    """The file `path`, which begins with `head`, is a `.vital` recording, which is a gzip file itself."""
    if not head.startswith(b"\x1f\x8b"):
        return False
    return _inflated(head).startswith(b"VITA") or (len(head) < 100 and path.suffix.lower() == ".vital")


def _inflated(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 16)
    except zlib.error:
        return b""


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    # A power loss leaves a block of NUL bytes in a text file; everything else below a blank is no text.
    odd = len(head) - len(head.translate(None, _ODD))
    return odd * 100 > len(head) or head.count(0) * 2 > len(head)


def _is_wfdb_header(head: bytes, named: bool) -> bool:
    """`named`: the file is called as headers are, which may have tabs or several blanks where tables have cells."""
    lines = _lines(head[:_FIRST])
    if len(lines) < 3:  # the last may be cut
        lines = _lines(head)
    if named:
        lines = [" ".join(line.split()) for line in lines[:2]]
    if not lines or not _RECORD_LINE.fullmatch(lines[0]) or "," in lines[0] or ";" in lines[0]:
        return False
    parts = lines[0].split()
    return len(lines) == 1 or int(parts[1]) == 0 or _SIGNAL_LINE.fullmatch(lines[1]) is not None


def _lines(head: bytes) -> list[str]:
    lines = head.removeprefix(b"\xef\xbb\xbf").decode("latin-1").replace("\r", "\n").split("\n")
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
