"""The recordings a person may choose from: the samples of the program, the data folder's, and uploaded ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from msgspec.structs import replace

import dashboard
from dashboard.apart import apart
from dashboard.errors import SessionError
from dashboard.importing.choices import Choices
from dashboard.importing.looking import said_time
from devices import instant
from devices.recordings.base import Recording
from devices.recordings.overrides import as_toml

SUFFIXES = (
    ".csv", ".tsv", ".psv", ".txt", ".parquet", ".pq", ".vital", ".hea", ".edf", ".hl7", ".msg", ".capture", ".cap",
    ".jsonl", ".gz", ".zip",
)  # fmt: skip
"""Files that are a recording's entry; the other files of a recording (WFDB's .dat) stand beside it."""

_COMPANIONS = (".dat",)


def sample_folder() -> Path:
    """The sample data: inside the installed package, or beside it in a checkout."""
    package = Path(dashboard.__file__).parent
    installed = package / "_sample_data"
    return installed if installed.is_dir() else package.parent / "sample_data"


def recordings_in(folders: Iterable[Path]) -> list[Path]:
    """Every recording in these folders and below, by folder and name."""
    found: list[Path] = []
    for folder in folders:
        if folder.is_dir():
            found += sorted(each for each in folder.rglob("*") if each.is_file() and each.suffix.lower() in SUFFIXES)
    return found


def shown_name(recording: Path, folders: Sequence[Path]) -> str:
    """The path within the folder it was found in, with that folder's name."""
    for folder in folders:
        if recording.is_relative_to(folder):
            return f"{folder.name.strip('_')}/{recording.relative_to(folder)}"
    return recording.name


def keep_upload(folder: Path, files: Sequence[tuple[str, bytes]], now: int, together: bool = False) -> Path:
    """Writes uploaded files (name, content) into a folder of their own and returns the recording's entry.

    `together`: several recordings of one kind may come, as files of one session; the first by name is returned.

    Raises:
        SessionError: none of them is a recording, or more than one is, or the folder cannot be written.
    """
    names = [_safe(name) for name, _ in files]
    entries = [name for name in names if Path(name).suffix.lower() in SUFFIXES]
    alike = together and len({Path(name).suffix.lower() for name in entries}) == 1 and len(set(names)) == len(names)
    if len(entries) != 1 and not alike:
        raise SessionError(f"upload one recording ({', '.join(SUFFIXES)}; with .hea also its .dat), not {len(entries)}")
    stray = [name for name in names if name not in entries and Path(name).suffix.lower() not in _COMPANIONS]
    if stray or len(set(names)) < len(names):
        raise SessionError(f"{', '.join(stray) or 'two files of one name'} cannot belong to one recording")
    target = folder / "uploaded" / instant.to_datetime(now).strftime("%Y%m%dT%H%M%S%f")
    try:
        target.mkdir(parents=True)
        for name, (_, content) in zip(names, files, strict=True):
            (target / name).write_bytes(content)
    except OSError as error:
        raise SessionError(f"the upload cannot be kept in {folder}: {error.strerror}") from None
    return target / min(entries)


def _safe(name: str) -> str:
    """The bare file name with nothing in it that leads elsewhere."""
    bare = re.sub(r"[^\w.\- ]", "_", name.replace("\\", "/").rsplit("/", 1)[-1]).lstrip(".")
    return bare or "recording"


def resolved_time(text: str, what: str, recording: Recording, zone: tzinfo) -> int | None:
    """The instant meant by a time as typed, on the recording's clock; None if empty.

    Args:
        text: ISO 8601 (without an offset: in `zone`), or seconds from the recording's first reading as ``+600``.

    Raises:
        SessionError: neither, a date for a recording without dates, or a time outside the recording.
    """
    first, last = recording.readings[0].time, recording.readings[-1].time
    return said_time(text, what, first, last, recording.relative, zone)


def ends_of(path: Path, choices: Choices, progress: Callable[[float], None]) -> Recording:
    """The recording with its first and its last reading alone. Raises as `Choices.read`."""
    recording = choices.read(path)
    return replace(recording, readings=[recording.readings[0], recording.readings[-1]], notices=[])


def opening(
    path: Path,
    choices: Choices,
    *,
    infusion_start: str,
    infusion_end: str,
    part: tuple[str, str] = ("", ""),
    waiting: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """What the watch must know of a recording to replay it: an "open" command's detail but for thresholds and speed.

    Args:
        infusion_start, infusion_end, part: times as typed, see `resolved_time`; `part`: from and to where it is played.
        waiting: called some times a second while the recording is read, in a process of its own.

    Raises:
        SessionError: a time that cannot be. RecordingError: the file cannot be read, or leaves a choice open.
    """
    recording = apart(ends_of, path, choices, waiting=waiting)
    zone = instant.zone_named(choices.zone)
    start = resolved_time(infusion_start, "infusion start", recording, zone)
    if start is None:
        raise SessionError("say when the infusion started; without it nothing can be compared with a baseline")
    end = resolved_time(infusion_end, "infusion end", recording, zone)
    if end is not None and end <= start:
        raise SessionError("the infusion ends before it starts; correct one of the two")
    since, until = (
        resolved_time(text, what, recording, zone)
        for text, what in zip(part, ("time to replay from", "time to replay to"), strict=True)
    )
    if since is not None and until is not None and until <= since:
        raise SessionError("the part to be replayed ends before it starts; correct one of the two")
    if until is not None and until <= start:
        raise SessionError("the part to be replayed ends before the infusion starts: nothing in it could be flagged")
    return {
        "recording": str(path),
        "infusion_start": start,
        "infusion_end": end,
        "from": since,
        "to": until,
        "timezone": choices.zone,
        "timezone_said": choices.zone_said,
        "start": instant.parse(choices.start, zone) if choices.start else None,
        "patient_id": choices.patient or None,
        "member": choices.member or None,
        "device": choices.device or None,
        "date_order": choices.date_order or None,
        "mapping": as_toml(choices.mapping) or None,
    }
