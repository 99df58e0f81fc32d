"""The formats of recordings: which there are, what a file is, and the one way to read any of them.

Content decides before the suffix. A format's module is imported only when a file of it is read.
"""

from __future__ import annotations

import gzip
import importlib
import re
import stat
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, cast

from devices import instant
from devices.errors import RecordingError
from devices.reading import Notice
from devices.recordings.explanation import Explanation
from devices.recordings.options import DateOrder, Limits, Options
from devices.recordings.overrides import Overrides
from devices.recordings.recording import Recording

if TYPE_CHECKING:
    from devices.recordings.series import SeriesRecording

_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Format:
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
            "devices.recordings.delimited",
            (".csv", ".tsv", ".txt", ".psv"),
            "Text tables: session tables, tidy tables, exports of monitors and loggers",
        ),
        Format("vital", "devices.recordings.vital", (".vital",), "Vital Recorder: the numbers of all devices"),
        Format("wfdb", "devices.recordings.wfdb_numerics", (".hea", ".dat"), "PhysioNet WFDB numerics, format 16"),
        Format("edf", "devices.recordings.edf", (".edf",), "EDF and EDF+: the numbers among the signals, annotations"),
        Format("parquet", "devices.recordings.parquet", (".parquet", ".pq"), "Parquet tables, wide, long and tidy"),
        Format(
            "hl7", "devices.recordings.hl7_files", (".hl7", ".msg"), "HL7 v2 results: blocks, batches, plain messages"
        ),
        Format("capture", "devices.recordings.captured", (".capture",), "Our own captures of a monitor's port"),
    )
}

_NOT_READ = (
    (b"PARE", "an encrypted Parquet file, which is not read"),
    (b"\xffBIOSEMI", "a BDF file of 24-bit samples, which is not read: convert it to EDF"),
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
)
_EDF = b"0       "
"""An EDF header begins with its version, which is 0 and fills a field of eight."""

_HL7 = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x0b\x1c\x00]*(?:MSH|FHS|BHS)[^0-9A-Za-z\s,;_.()-]")
_BINARY = (".vital", ".edf", ".parquet", ".pq")
_CAPTURE = re.compile(rb'\s*\{[^\n]*"(?:protocol|hex)"\s*:')
_RECORD_LINE = re.compile(r"\S+ \d+( \S+)*\s*")
_SIGNAL_LINE = re.compile(r"\S+ \d+(x\d+)?(:\d+)?(\+\d+)?( \S+)*.*")


def read_recording(
    path: Path | str,
    *,
    zone: tzinfo | None = None,
    start: int | None = None,
    date_order: DateOrder | str | None = None,
    patient: str | None = None,
    mapping: Mapping[str, str] | Overrides | None = None,
    limits: Limits | None = None,
    missing: Sequence[float] = (-1.0,),
) -> Recording:
    """Reads the recording at `path`, whatever its format.

    Args:
        zone: the zone of times that carry no offset; None: UTC is assumed, and what only a zone can say is asked.
        start: the instant at which a recording with relative time began; without it, it stays relative.
        date_order: ``dmy``, ``mdy`` or ``ymd``, where dates leave it open.
        patient: which patient of a file with several.
        mapping: column or track name -> signal ("" leaves it out), over what the names say; or all that a mapping
            file says. The other arguments come before it.
        limits: what is refused; the defaults suit a recording of weeks.
        missing: numbers that stand for no value in a format without a code for that (EDF), in the file's unit.

    Raises:
        ChoiceNeeded: the file leaves something open; the message names the option.
        RecordingError: there is no such file, it is of no format that is read, damaged or too large.
    """
    options = _options(zone, start, date_order, patient, mapping, limits, missing)
    return cast(Recording, _read(Path(path), options, "read"))


def read_series(
    path: Path | str,
    *,
    zone: tzinfo | None = None,
    start: int | None = None,
    date_order: DateOrder | str | None = None,
    patient: str | None = None,
    mapping: Mapping[str, str] | Overrides | None = None,
    limits: Limits | None = None,
    missing: Sequence[float] = (-1.0,),
    places: bool = True,
) -> SeriesRecording:
    """As `read_recording`, with the values in columns: the same numbers at the same times, read faster.

    `places`: as in `Options`.
    """
    options = _options(zone, start, date_order, patient, mapping, limits, missing, places)
    found = _read(Path(path), options, "read_series")
    if isinstance(found, Recording):
        from devices.recordings.series import series_of

        return series_of(found)
    return found


def _options(
    zone: tzinfo | None,
    start: int | None,
    date_order: DateOrder | str | None,
    patient: str | None,
    mapping: Mapping[str, str] | Overrides | None,
    limits: Limits | None,
    missing: Sequence[float],
    places: bool = True,
) -> Options:
    said = mapping if isinstance(mapping, Overrides) else Overrides(columns=dict(mapping or {}))
    order = date_order or said.date_order
    zone = zone or (instant.zone_named(said.zone) if said.zone else None)
    return Options(
        zone=zone or UTC,
        zone_said=zone is not None,
        start=start,
        date_order=DateOrder(order) if order else None,
        patient=patient,
        mapping=said.columns,
        overrides=said,
        limits=limits or Limits(),
        missing=tuple(missing),
        places=places,
    )


def _read(path: Path, options: Options, form: str) -> Recording | SeriesRecording:
    """In the form `form` of the format's module if it has that, else as readings."""
    said = options.overrides
    try:
        known = detect(path, options.limits)
        options = _for_format(known, options)
        module = importlib.import_module(known.module)
        read = cast("Callable[[Path, Options], Recording | SeriesRecording]", getattr(module, form, module.read))
        found = read(path, options)
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror or error}") from None
    if isinstance(found, Recording) and not found.explanation.files:
        found = replace(found, explanation=_explained(path, found, options))
    _tell_unused({**said.columns, **said.units}, found)
    return found


_TIMES = {
    "vital": "UTC, by the recorder's clock",
    "wfdb": "by the header's start and the number of the sample",
    "edf": "by the header's start and the records",
    "capture": "as the bytes came, or as they say",
}


def _explained(path: Path, recording: Recording, options: Options) -> Explanation:
    """What can be said of any format whose reader says no more: the file, and how its times were understood."""
    naive = any(each.kind == "time-assumed" and str(options.zone) in each.text for each in recording.notices)
    how = recording.explanation
    return replace(
        how,
        files=(path.name,),
        layout=how.layout or FORMATS[recording.format].text,
        times=how.times or _TIMES.get(recording.format, ""),
        zone=how.zone or (str(options.zone) if naive and not recording.relative else ""),
        zone_said=options.zone_said,
    )


def _for_format(found: Format, options: Options) -> Options:
    """`options` as they are for this format.

    Raises:
        RecordingError: a mapping says something of cells and columns where the file has none.
    """
    said = options.overrides
    if found.name in ("csv", "parquet", "hl7"):
        return options
    keys = [
        *said.tables_only,
        *(("units",) if said.units else ()),
        *(("cuff.repeats",) if said.collapse is not None else ()),
    ]
    if found.name == "edf" and said.missing:
        # EDF has no code for "no value": here it is numbers that the mapping names.
        keys.remove("values.missing")
        try:
            options = replace(options, missing=tuple(sorted(float(each) for each in said.missing)))
        except ValueError:
            raise RecordingError(
                f"values.missing = {sorted(said.missing)} in the mapping: in an EDF recording only numbers can stand"
                " for no value, in the file's unit"
            ) from None
    if keys:
        raise RecordingError(f"{keys[0]} in the mapping is for tables; this is a {found.name} recording: leave it out")
    return options


def _tell_unused(mapping: Mapping[str, str], recording: Recording | SeriesRecording) -> None:
    held = {column.name for column in recording.mapping}
    held |= {f"#{place + 1}" for place in range(len(recording.mapping))}
    if unused := [name for name in mapping if name not in held]:
        text = f"the mapping names {', '.join(map(repr, unused))}, which the recording does not have"
        recording.notices.insert(0, Notice(recording.first, 0, "ignored", text, source=recording.format))


def detect(path: Path, limits: Limits | None = None) -> Format:
    """The format of the file at `path`, by its content first.

    Raises:
        RecordingError: no such file, or of no format that is read.
    """
    limits = limits or Limits()
    if not path.exists() and path.with_name(f"{path.name}.hea").is_file():
        return FORMATS["wfdb"]  # a WFDB record is called by its name without a suffix
    try:
        found = path.stat()
    except FileNotFoundError:
        raise RecordingError(f"there is no file {path}") from None
    if stat.S_ISDIR(found.st_mode):
        raise RecordingError(f"{path} is a folder: name the recording in it")
    if not stat.S_ISREG(found.st_mode):
        raise RecordingError(f"{path} is not a file")
    if found.st_size > limits.file_bytes:
        raise RecordingError(f"{path} has {found.st_size} bytes, more than the {limits.file_bytes} that are read")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return _by_content(path, head)


def _by_content(path: Path, head: bytes) -> Format:
    if not head.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        if path.suffix.lower() == ".dat":
            return FORMATS["wfdb"]
        raise RecordingError(f"{path} is empty")
    if head.startswith(b"\x1f\x8b"):
        if _unpacked(head).startswith(b"VITA") or (len(head) < 100 and path.suffix.lower() == ".vital"):
            return FORMATS["vital"]
        raise RecordingError(f"{path} is a gzip file that is no .vital recording: unpack it first")
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
    if path.suffix.lower() == ".dat" and _is_binary(head):
        return FORMATS["wfdb"]
    if _is_wfdb_header(head):
        return FORMATS["wfdb"]
    if _is_binary(head):
        hint = f", though its name says {path.suffix.lower()}" if path.suffix.lower() in _BINARY else ""
        raise RecordingError(f"{path} is of no format that is read{hint} (see risewatch formats)")
    return FORMATS["csv"]


def _unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 16)
    except (zlib.error, gzip.BadGzipFile):
        return b""


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    # A power loss leaves a block of NUL bytes in a text file; everything else below a blank is no text.
    odd = sum(head.count(byte) for byte in range(1, 32) if byte not in (9, 10, 11, 12, 13, 27))
    return odd * 100 > len(head) or head.count(0) * 2 > len(head)


def _is_wfdb_header(head: bytes) -> bool:
    lines = [line for line in head.decode("latin-1").splitlines() if line.strip() and not line.startswith("#")]
    if not lines or not _RECORD_LINE.fullmatch(lines[0]) or "," in lines[0] or ";" in lines[0]:
        return False
    parts = lines[0].split()
    return len(lines) == 1 or int(parts[1]) == 0 or _SIGNAL_LINE.fullmatch(lines[1]) is not None
