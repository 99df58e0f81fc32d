"""What a file is known by: its name, size and SHA-256; a record of several files by all of theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from dashboard.errors import SessionError
from devices.recordings.archives import unpacked
from devices.recordings.files import files_of
from devices.recordings.options import Limits

_PIECE = 1 << 20


class Origin(Struct, frozen=True):
    """A recording's files, unpacked. `sha256`: of its one file, else of its files' hashes, joined in their order.

    `name`: as a person named it, with the archive that it is in.
    """

    name: str
    size: int
    sha256: str
    files: tuple[Mapping[str, Any], ...]


def origin_of(
    path: Path,
    progress: Callable[[float], None] = lambda done: None,
    *,
    member: str | None = None,
    also: Sequence[Path] = (),
) -> Origin:
    """Hashes the recording at `path`, and the further files `also` of the same session.

    A packed one is known by what is in it: it is the same recording, packed or not.

    Args:
        progress: told how much is done, from 0 to 1. member: which recording of a ZIP archive with several.

    Raises:
        RecordingError: it is no recording. SessionError: a file of it cannot be read.
    """
    files: list[Mapping[str, Any]] = []
    name = path.name
    paths = [path, *sorted(also)]
    for place, each in enumerate(paths):
        try:
            with unpacked(each, member, Limits()) as plain:
                if plain.member and each is path:
                    name = f"{plain.member} in {path.name}"
                files += _hashed(files_of(plain.path), lambda done, at=place: progress((at + done) / len(paths)))  # type: ignore[misc]
        except OSError as error:
            raise SessionError(f"{each} cannot be read: {error.strerror or error}") from None
    hashes = [str(each["sha256"]) for each in files]
    joined = hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
    return Origin(name, sum(int(each["size"]) for each in files), joined, tuple(files))


def _hashed(paths: Sequence[Path], progress: Callable[[float], None]) -> list[Mapping[str, Any]]:
    total = sum(each.stat().st_size for each in paths) or 1
    done = 0
    found: list[Mapping[str, Any]] = []
    for each in paths:
        digest, size = hashlib.sha256(), 0
        with each.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                progress((done + size) / total)
        done += size
        found.append({"name": each.name, "size": size, "sha256": digest.hexdigest()})
    return found
