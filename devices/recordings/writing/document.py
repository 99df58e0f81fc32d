"""What is written to a file: readings, what happened, and an account of what the file's format cannot hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from devices.reading import Reading
from devices.recordings.readings.lazy import LazyReadings
from devices.recordings.recording import LONGEST_TEXT, Recording
from devices.signals import NIBP


class Event(Struct, frozen=True):
    """Something that happened: when (an instant), and what, such as ``infusion start``."""

    time: int
    text: str


class Document(Struct, frozen=True):
    """What is to be written. `readings` and `events` are by time (readings then by receipt); see `document`."""

    readings: LazyReadings
    events: Sequence[Event]
    relative: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last instant, (0, 0) if there is nothing."""
        held: Sequence[Sequence[Reading | Event]] = [each for each in (self.readings, self.events) if each]
        if not held:
            return 0, 0
        return min(each[0].time for each in held), max(each[-1].time for each in held)


def document(readings: Iterable[Reading], events: Iterable[Event] = (), relative: bool = False) -> Document:
    """A document of `readings` and `events` in any order; a cuff's readings come to stand together."""
    if not isinstance(readings, LazyReadings):
        from devices.recordings.readings.packed import PackedReadings

        readings = PackedReadings(readings if isinstance(readings, Sequence) else list(readings))
    return Document(
        readings.ordered(_place),
        sorted((Event(each.time, one_line(each.text)) for each in events), key=lambda each: each.time),
        relative,
    )


def _place(signal: str, source: str) -> tuple[int, str, int]:
    """Where readings stand among those of their time and receipt: cuffs first, each as sys, dia, mean."""
    if signal not in NIBP:
        return 1, "", 0
    return 0, cuff_of(source), NIBP.index(signal)


def cuff_of(source: str) -> str:
    """What the three readings of one cuff share of their source: its protocol or format."""
    return source.partition(":")[0]


def of_recording(recording: Recording) -> Document:
    """What a recording held: its readings, and the events it told of."""
    told = [Event(each.time, each.text) for each in recording.notices if each.kind == "device-event"]
    return document(recording.readings, told, recording.relative)


def one_line(text: str) -> str:
    """`text` without line ends and control characters, cut to what is read back."""
    return "".join(char if char.isprintable() else " " for char in text).strip()[:LONGEST_TEXT]


class Losses(Struct):
    """What was not written as it was, counted by what it is."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, count: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + count

    def sentences(self) -> list[str]:
        """One sentence a kind of loss, such as ``12 readings of status off: left out``."""
        return [f"{count} {what}" for what, count in self.counts.items() if count]
