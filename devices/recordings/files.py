"""The files of a recording: one, or a WFDB record's header and the data that it names."""

from __future__ import annotations

from pathlib import Path

from devices.errors import RecordingError
from devices.recordings.formats import detect


def files_of(path: Path) -> tuple[Path, ...]:
    """The files that reading the recording `path` reads, each once; the header of a WFDB record first.

    Raises:
        RecordingError: it is no recording, or a header that cannot be read.
    """
    try:
        if detect(path).name != "wfdb":
            return (path,)
        from devices.recordings.wfdb.reader import files

        return files(path)
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror or error}") from None
