"""The forms in which readings are written: which there are, which a file's name asks for, and the one way to write.

A form's module is imported only when it is written.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from devices.errors import WritingError
from devices.recordings.writing.document import Document, Losses
from devices.recordings.writing.whole_file import whole_file

FORMS: dict[str, str] = {
    "csv": "devices.recordings.writing.session_table",
    "tidy": "devices.recordings.writing.tidy",
    "parquet": "devices.recordings.writing.parquet",
    "vital": "devices.recordings.writing.vital",
    "edf": "devices.recordings.writing.edf",
}
"""Form -> the module whose `write` writes it."""

SUFFIXES = {".csv": "tidy", ".parquet": "parquet", ".pq": "parquet", ".vital": "vital", ".edf": "edf"}
"""How a file's name ends, in lower case -> the form that it asks for."""


def form_of(path: Path) -> str | None:
    """The form that the name of `path` asks for, None if it asks for none."""
    return SUFFIXES.get(path.suffix.lower())


def write_recording(path: Path, document: Document, form: str) -> list[str]:
    """Writes `document` to `path`, whole or not at all; returns what it could not hold, one sentence a kind.

    Raises:
        WritingError: it cannot be written, or the format cannot hold it at all.
    """
    if form not in FORMS:
        raise WritingError(f"{form!r} is no form that is written; there are {', '.join(FORMS)}")
    write = cast(Callable[[BinaryIO, Document, Losses], None], importlib.import_module(FORMS[form]).write)
    losses = Losses()
    with whole_file(path) as file:
        write(file, document, losses)
    return losses.sentences()
