"""A stored session as a document to write: its readings and what happened, and nothing that names a person."""

from __future__ import annotations

import tempfile
from pathlib import Path

from msgspec import Struct

from dashboard.sessions.events import corrected
from dashboard.sessions.marks import told
from dashboard.store.material import Material
from devices import instant
from devices.recordings.writing.document import Document, Event, document
from devices.recordings.writing.formats import write_recording

SUFFIXES = {"csv": "csv", "tidy": "csv", "parquet": "parquet", "vital": "vital", "edf": "edf"}


class Exported(Struct, frozen=True):
    """`left`: how many notes and settings are not in it."""

    document: Document
    left: int


def exported(found: Material) -> Exported:
    """Readings, infusion events, scores, plan and risk of a session, in fixed words and numbers.

    Identifiers, everything in a person's own words and settings stay in the store.
    """
    day = instant.to_datetime(found.session.started).date()
    events = [(event.time, told(event, day)) for event in corrected(found.events)]
    written = [Event(time, text) for time, text in events if text is not None]
    return Exported(document(found.readings, written), len(events) - len(written))


def as_bytes(found: Exported, form: str) -> tuple[bytes, list[str]]:
    """The file, and what the form could not hold.

    Raises:
        WritingError: it cannot be written in this form.
    """
    with tempfile.TemporaryDirectory(prefix="risewatch-export-") as folder:
        path = Path(folder) / f"session.{SUFFIXES[form]}"
        said = write_recording(path, found.document, form)
        return path.read_bytes(), said
