"""What a file is known by: its name, size and SHA-256; a record of several files by all of theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.errors import SessionError
from devices.recordings.files import files_of

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Origin:
    """A recording's files. `sha256` is that of its one file, else of its files' hashes, joined in their order."""

    name: str
    size: int
    sha256: str
    files: tuple[Mapping[str, Any], ...]


def origin_of(path: Path, progress: Callable[[float], None] = lambda done: None) -> Origin:
    """Hashes the recording at `path`. `progress` is told how much is done, from 0 to 1.

    Raises:
        RecordingError: it is no recording. SessionError: a file of it cannot be read.
    """
    found = files_of(path)
    try:
        total = sum(each.stat().st_size for each in found) or 1
        done = 0
        files = []
        for each in found:
            digest, size = hashlib.sha256(), 0
            with each.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
                    progress((done + size) / total)
            done += size
            files.append({"name": each.name, "size": size, "sha256": digest.hexdigest()})
    except OSError as error:
        raise SessionError(f"{path} cannot be read: {error.strerror}") from None
    hashes = [str(each["sha256"]) for each in files]
    joined = hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()
    return Origin(path.name, done, joined, tuple(files))
