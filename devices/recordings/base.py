"""The door to recordings: what others need of this folder, in one place."""

from devices.recordings.formats import FORMATS, Format, detect, read_recording
from devices.recordings.recording import Column, Counts, DateOrder, Limits, Recording

__all__ = [
    "FORMATS",
    "Column",
    "Counts",
    "DateOrder",
    "Format",
    "Limits",
    "Recording",
    "detect",
    "read_recording",
]
