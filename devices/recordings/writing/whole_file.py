"""A file that is there whole or not at all: written beside its place, made durable, then put there in one step."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from devices.errors import WritingError


def is_regular(path: Path) -> bool:
    """`path` is a plain file or will be one; a pipe or a device (``/dev/stdout``) is written as it comes."""
    return not path.is_relative_to("/dev") and (path.is_file() or not path.exists())


def part_of(path: Path) -> Path:
    """Where `path` is written until it is whole: in the same folder, so that putting it in place is one step."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def put_in_place(part: Path, place: Path) -> None:
    """Puts the closed file `part` at `place`, with the rights of the file it takes the place of.

    Raises:
        OSError: that cannot be.
    """
    with part.open("rb") as file:
        os.fsync(file.fileno())
    if place.exists():
        shutil.copymode(place, part)
    part.replace(place)
    with suppress(OSError):  # not every file system lets a folder be synced
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write bytes to, put at `path` when the block is left, and removed if it raises.

    Raises:
        WritingError: it cannot be written; the sentence says why.
    """
    part = None
    try:
        if not is_regular(path):
            with path.open("wb") as file:
                yield file
            return
        path = path.resolve()  # a link stays one
        part = part_of(path)
        with part.open("wb") as file:
            yield file
        put_in_place(part, path)
    except OSError as error:
        raise WritingError(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        if part is not None:
            with suppress(OSError):
                part.unlink(missing_ok=True)


@contextmanager
def as_text(file: BinaryIO) -> Iterator[TextIO]:
    """`file` to write UTF-8 text to; it stays open."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        yield text
    finally:
        text.detach()  # what is still held is written, and the wrapper closes nothing
