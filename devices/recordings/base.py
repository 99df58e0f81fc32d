"""The door to recordings: what others need of this folder, in one place."""

from devices.errors import ChoiceNeeded, RecordingError
from devices.recordings.explanation import Explanation
from devices.recordings.formats import FORMATS, Format, detect, read_recording, read_series
from devices.recordings.options import DateOrder, Limits
from devices.recordings.overrides import Overrides
from devices.recordings.recording import Column, Counts, Recording
from devices.recordings.sources import ask_source

__all__ = [
    "FORMATS",
    "ChoiceNeeded",
    "Column",
    "Counts",
    "DateOrder",
    "Explanation",
    "Format",
    "Limits",
    "Overrides",
    "Recording",
    "RecordingError",
    "ask_source",
    "detect",
    "read_recording",
    "read_series",
]
