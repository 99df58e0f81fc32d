"""A stored session as a document to write: its readings and infusion events, and nothing that names a person."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from dashboard.sessions.events import corrected
from dashboard.sessions.marks import text_of
from dashboard.store.material import Material
from devices.recordings.writing.document import Document, Event, document
from devices.recordings.writing.formats import write_recording

SUFFIXES = {"csv": "csv", "tidy": "csv", "parquet": "parquet", "vital": "vital", "edf": "edf"}


@dataclass(frozen=True, slots=True)
class Exported:
    """`left`: how many notes and settings are not in it."""

    document: Document
    left: int


def exported(found: Material) -> Exported:
    """Readings and infusion events of a session; identifiers, notes and settings stay in the store."""
    events = [(event.time, text_of(event.kind)) for event in corrected(found.events)]
    told = [Event(time, text) for time, text in events if text is not None]
    return Exported(document(found.readings, told), len(events) - len(told))


def as_bytes(found: Exported, form: str) -> tuple[bytes, list[str]]:
    """The file, and what the form could not hold.

    Raises:
        WritingError: it cannot be written in this form.
    """
    with tempfile.TemporaryDirectory(prefix="risewatch-export-") as folder:
        path = Path(folder) / f"session.{SUFFIXES[form]}"
        said = write_recording(path, found.document, form)
        return path.read_bytes(), said
