"""What is worked apart for a replay: reading its recording, and looking for what lies ahead in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from dashboard.apart.shared import Shared
from dashboard.errors import ConfigurationError
from dashboard.rises.streams import Change
from dashboard.rises.thresholds import ThresholdSet
from dashboard.rises.timeline import Timeline
from dashboard.sessions.replay_marks import Mark, events_of, flag_mark, merged
from devices import instant
from devices.recordings.base import DateOrder, read_recording
from devices.recordings.overrides import parse
from devices.recordings.readings.lazy import LazyReadings
from devices.recordings.readings.packed import PackedReadings
from devices.recordings.score import Score

MEMORY = 2 << 30
"""Bytes that it may take, so that live beds keep theirs: a month of seconds takes a tenth of it."""

LONGEST_S = 300.0
"""A recording that takes longer to read is not opened."""


class Question(Struct, frozen=True):
    """What decides the flags of a replay's session. `timeline`: with the replay's end."""

    timeline: Timeline
    thresholds: ThresholdSet
    changes: tuple[Change, ...]


def read(detail: Mapping[str, Any], progress: Callable[[float], None]) -> Shared[Score]:
    """The recording that an "open" command names, as it is to be played, by what was said about it.

    Raises:
        RecordingError: it cannot be read. ConfigurationError: it holds nothing. KeyError, TypeError, ValueError: the
        command is not complete.
    """
    order, said = detail.get("date_order"), detail.get("mapping")
    zone = instant.zone_named(detail.get("timezone") or "UTC")
    recording = read_recording(
        Path(detail["recording"]),
        zone=zone if detail.get("timezone_said") else None,
        assumed_zone=zone,
        start=detail.get("start"),
        date_order=None if order is None else DateOrder(order),
        patient=detail.get("patient_id"),
        mapping=None if said is None else parse(said, "what was said of the file"),
        member=detail.get("member"),
        device=detail.get("device"),
    )
    if not recording.readings:
        raise ConfigurationError(f"{Path(detail['recording']).name} holds no reading that can be replayed")
    if not isinstance(recording.readings, LazyReadings):
        recording = replace(recording, readings=PackedReadings(recording.readings))
    return Shared.of(Score(recording))


def marks(shared: Shared[Score], question: Question, progress: Callable[[float], None]) -> list[Mark]:
    """What a replay can be moved to: its flags, found by looking back upon the file as `flag` does, and its events."""
    from dashboard.rises.analysis import analyse  # it takes longer to load than most recordings to read

    recording, timeline = shared.value().recording, question.timeline
    assert timeline.session_end is not None  # the replay's
    flags: Sequence[Mark] = ()
    if timeline.t0 is not None:
        found = analyse(recording.readings, timeline, question.thresholds, None, question.changes).counted
        flags = [flag_mark(each.episode.signal, each.episode.level, each.episode.onset) for each in found]
    return merged(flags, events_of(recording.notices, timeline.session_end))
