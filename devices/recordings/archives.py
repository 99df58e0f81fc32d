"""Recordings packed by gzip, or in a ZIP archive: unpacked into a folder of their own, within limits, and read there.

An archive's names lead nowhere: each file is written under its bare name. Of several recordings one must be chosen;
what belongs to it (a WFDB record's data, a case's other parts) comes with it.
"""

from __future__ import annotations

import errno
import re
import stat
import struct
import time
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.inflating import inflate
from devices.recordings.kinds import HEAD, PART, is_vital, kinds_suffixes
from devices.recordings.options import Limits
from devices.recordings.printable import one_line

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"

RATIO, FREELY = 200, 64 << 20
"""What unpacks to more than so many times its size is no recording, once it has unpacked to so many bytes."""

MEMBERS = 2_000
"""So many files an archive may hold."""

_DIRECTORY = 1 << 20
"""Bytes of an archive's list of files that are read."""

_ARCHIVES = (GZIP, ZIP, b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!")
_DAMAGE = (zlib.error, struct.error, ValueError, OSError, EOFError, OverflowError, NotImplementedError)
"""What the standard library says of an archive that is damaged, beside its own error."""
_OFFICE = ("[Content_Types].xml", "mimetype")
_PAPERS = re.compile(r"(readme|licen[cs]e|changelog|notice|records|sha\d*sums?|md5sums?|copying)\b.*", re.IGNORECASE)
_PIECE = 1 << 20
_HEADER = 1 << 16
"""So many bytes of a WFDB header are looked at for its segments."""


class Unpacked(Struct, frozen=True):
    """A recording as a file that can be read.

    Attributes:
        path: where it is. member: its name in the archive, "" if it was not packed.
        head: what the file begins with, None if it was not looked at.
    """

    path: Path
    member: str = ""
    head: bytes | None = None


@contextmanager
def unpacked(path: Path, member: str | None, limits: Limits) -> Iterator[Unpacked]:
    """The recording at `path`, within the block as a plain file: `path` itself if it is not packed.

    Args:
        member: which recording of a ZIP archive with several, by its name there or the last part of it.

    Raises:
        ChoiceNeeded: an archive holds several recordings, and none was named.
        RecordingError: an archive that is damaged, leads out of its folder, holds archives, or is a bomb.
        OSError: it cannot be read, or there is no room to unpack it.
    """
    head = _head(path)
    is_zip = head.startswith(ZIP)
    if member is not None and not is_zip:
        raise RecordingError(f"{path.name} is no ZIP archive: leave --member out")
    if not is_zip and (not head.startswith(GZIP) or is_vital(head, path)):
        yield Unpacked(path, head=head or None)
        return
    if path.stat().st_size > limits.file_bytes:
        raise RecordingError(f"{path} has {path.stat().st_size} bytes, more than the {limits.file_bytes} that are read")
    import tempfile  # it brings a dozen modules, which a plain file does without

    with tempfile.TemporaryDirectory(prefix="risewatch-") as folder:
        unpack = _of_zip(path, member, Path(folder), limits) if is_zip else _of_gzip(path, Path(folder), limits)
        if _head(unpack.path).startswith(_ARCHIVES) and not is_vital(_head(unpack.path), unpack.path):
            raise RecordingError(
                f"{path.name} holds an archive in an archive ({unpack.member}), which is not read: unpack it first"
            )
        try:
            yield unpack
        except RecordingError as error:
            # Who reads it sees the archive, not the folder that is gone by then.
            error.args = (str(error).replace(str(unpack.path), f"{unpack.member} in {path.name}"),)
            raise


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""  # what it is instead is said by who reads it
    with path.open("rb", buffering=0) as file:
        return file.read(HEAD)


def _of_gzip(path: Path, folder: Path, limits: Limits) -> Unpacked:
    name = path.stem if path.suffix.lower() in (".gz", ".gzip") and path.stem else path.name
    problems: list[str] = []

    def ended(whole: bool, why: str) -> None:
        if not whole:
            problems.append(why)

    with _guarded(path, folder / name, path.stat().st_size, limits) as out:
        for piece in inflate(path, limits.file_bytes, ended):
            out.write(piece)
    if problems:
        # What was unpacked so far is not checked by anything: the sum of all of it stands at the end.
        raise RecordingError(f"{path.name}: {problems[0]}; ask for another copy")
    return Unpacked(folder / name, name)


class _Guard:
    """Writes what is unpacked, and gives up what grows out of all proportion or takes too long."""

    def __init__(self, what: str, file: BinaryIO, packed: int, limits: Limits) -> None:
        self._what, self._file, self._packed, self._limits = what, file, packed, limits
        self._ends = time.monotonic() + limits.seconds
        self._count = 0

    def write(self, piece: bytes) -> None:
        self._count += len(piece)
        if self._count > self._limits.file_bytes:
            raise RecordingError(f"{self._what} unpacks to more than the {self._limits.file_bytes} bytes that are read")
        if self._count > FREELY and self._count > RATIO * self._packed:
            raise RecordingError(
                f"{self._what} unpacks to more than {RATIO} times its {self._packed} bytes, as no recording does: not"
                " read"
            )
        if time.monotonic() > self._ends:
            raise RecordingError(
                f"unpacking {self._what} took longer than {self._limits.seconds:g} s and was given up: unpack it first"
            )
        self._file.write(piece)


@contextmanager
def _guarded(archive: Path, target: Path, packed: int, limits: Limits) -> Iterator[_Guard]:
    with target.open("xb") as file:
        yield _Guard(archive.name, file, max(packed, 1), limits)


def _of_zip(path: Path, member: str | None, folder: Path, limits: Limits) -> Unpacked:
    import zipfile

    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            held = _members(path, archive)
            chosen = _chosen(path, list(held), member, _segments(archive, held))
            for name in [chosen, *_companions(chosen, list(held))]:
                _extract(path, archive, held[name], folder / PurePosixPath(name).name, limits)
    except RecordingError:
        raise
    except (zipfile.BadZipFile, *_DAMAGE) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # what a place outside the file gives
            raise
        why = one_line(getattr(error, "strerror", None) or str(error))
        raise RecordingError(f"{path.name} is a damaged ZIP archive ({why}): ask for another copy") from None
    return Unpacked(folder / PurePosixPath(chosen).name, chosen)


def _check_directory(path: Path) -> None:
    """Refuses an archive whose list of files would not fit, before it is read: it is read whole."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 66_000))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(tail):
        raise RecordingError(f"{path.name} is a ZIP archive that is cut or damaged: ask for another copy")
    count = int.from_bytes(tail[at + 10 : at + 12], "little")
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    if count > MEMBERS or size > _DIRECTORY:
        raise RecordingError(
            f"{path.name} holds more than {MEMBERS} files, which is more than is read: unpack it first"
        )


def _members(path: Path, archive: ZipFile) -> dict[str, ZipInfo]:
    """The files of `archive` by name, with ``/`` between folders.

    Raises:
        RecordingError: a name that leads elsewhere or comes twice, a link, or what cannot be unpacked.
    """
    found: dict[str, ZipInfo] = {}
    for info in archive.infolist():
        name = info.orig_filename.replace("\\", "/")
        parts = name.split("/")
        kind = stat.S_IFMT(info.external_attr >> 16)
        # A folder's own entry ends in a slash; everything else that is odd was made so on purpose.
        if not name.isprintable() or name.startswith("/") or ".." in parts or ":" in parts[0]:
            raise RecordingError(
                f"{path.name} holds a file called {one_line(name)[:80]!r}, which leads elsewhere: not read"
            )
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise RecordingError(f"{path.name} holds {name[:80]!r}, which is a link and no file: not read")
        if info.is_dir() or name.endswith("/"):
            continue
        if name in found:
            raise RecordingError(f"{path.name} holds two files called {name[:80]!r}: unpack it first")
        if name in _OFFICE:
            raise RecordingError(f"{path.name} is a spreadsheet or a document: save the sheet as CSV")
        found[name] = info
    return found


def _segments(archive: ZipFile, held: Mapping[str, ZipInfo]) -> set[str]:
    """The headers of segments, by those of the WFDB records that join them: no recordings of their own."""
    found: set[str] = set()
    for name, info in held.items():
        if PurePosixPath(name).suffix.lower() != ".hea" or info.flag_bits & 1 or info.compress_type not in (0, 8):
            continue
        with archive.open(info) as file:
            lines = file.read(_HEADER).decode("latin-1").splitlines()
        lines = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if lines and "/" in lines[0].split()[0]:
            found.update(str(PurePosixPath(name).parent / f"{line.split()[0]}.hea") for line in lines[1:])
    return found


def _chosen(path: Path, names: Sequence[str], member: str | None, segments: Collection[str] = ()) -> str:
    """The recording to be read; `segments` are parts of others."""
    recordings = [name for name in _recordings(names) if name not in segments]
    if member is not None:
        wanted = member.replace("\\", "/")
        named = [name for name in names if name == wanted] or [
            name for name in names if PurePosixPath(name).name == wanted
        ]
        if len(named) == 1:
            return named[0]
        which = f"{len(named)} files called" if named else "no file"
        raise RecordingError(f"{path.name} holds {which} {member[:80]!r}: say --member, one of {_shown(recordings)}")
    if not recordings:
        raise RecordingError(f"{path.name} holds no recording (see risewatch formats)")
    if len(recordings) > 1:
        raise ChoiceNeeded(
            f"{path.name} holds {len(recordings)} recordings: say --member, one of {_shown(recordings)}",
            "member",
            recordings,
        )
    return recordings[0]


def _shown(names: Sequence[str]) -> str:
    return ", ".join(name[:80] for name in names[:8]) + (", ..." if len(names) > 8 else "")


def _recordings(names: Sequence[str]) -> list[str]:
    """Those of `names` that are recordings of their own: no papers, no data of a record, no later part of a case."""
    found = []
    cases = set()
    records = {PurePosixPath(name).parent for name in names if name.lower().endswith(".hea")}
    for name in sorted(names):
        each = PurePosixPath(name)
        if each.name.startswith(".") or "__MACOSX" in each.parts or _PAPERS.fullmatch(each.name):
            continue
        if each.suffix.lower() not in kinds_suffixes() or (each.suffix.lower() == ".dat" and each.parent in records):
            continue
        if part := PART.fullmatch(each.name):
            case = each.parent, part["case"]
            if case in cases:
                continue
            cases.add(case)
        found.append(name)
    return found


def _companions(chosen: str, names: Sequence[str]) -> list[str]:
    """What belongs to the recording `chosen`: it stands in the same folder."""
    mine = PurePosixPath(chosen)
    beside = [name for name in names if name != chosen and PurePosixPath(name).parent == mine.parent]
    if mine.suffix.lower() in (".hea", ".dat"):
        return [name for name in beside if PurePosixPath(name).suffix.lower() in (".hea", ".dat")]
    if part := PART.fullmatch(mine.name):
        others = [(name, PART.fullmatch(PurePosixPath(name).name)) for name in beside]
        return [name for name, other in others if other and other["case"] == part["case"]]
    return []


def _extract(path: Path, archive: ZipFile, info: ZipInfo, target: Path, limits: Limits) -> None:
    if info.flag_bits & 1:
        raise RecordingError(f"{path.name} is protected by a password: unpack it first")
    if info.compress_type not in (0, 8):
        raise RecordingError(f"{path.name} is packed in a way that is not read: unpack it first")
    with _guarded(path, target, info.compress_size, limits) as out, archive.open(info) as file:
        while piece := file.read(_PIECE):
            out.write(piece)
