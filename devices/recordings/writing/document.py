"""What is written to a file: readings, what happened, and an account of what the file's format cannot hold.

A format without statuses holds a reading if reading the file back gives a value the detector uses, or its 0. All else
(a doubtful value, a lead that was off) would come back as something it was not, and is left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from devices.reading import USED, Reading, Status
from devices.recordings.recording import LONGEST_TEXT, Recording, judge
from devices.signals import NIBP


class Event(Struct, frozen=True):
    """Something that happened: when (an instant), and what, such as ``infusion start``."""

    time: int
    text: str


class Document(Struct, frozen=True):
    """What is to be written. `readings` and `events` are by time (readings then by receipt); see `document`."""

    readings: Sequence[Reading]
    events: Sequence[Event]
    relative: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last instant, (0, 0) if there is nothing."""
        times = [each.time for held in (self.readings, self.events) for each in (held[:1] or ())]
        ends = [each.time for held in (self.readings, self.events) for each in (held[-1:] or ())]
        return (min(times), max(ends)) if times else (0, 0)


def document(readings: Iterable[Reading], events: Iterable[Event] = (), relative: bool = False) -> Document:
    """A document of `readings` and `events` in any order; a cuff's readings come to stand together."""
    return Document(
        sorted(readings, key=lambda each: (each.time, each.received, _place(each))),
        sorted((Event(each.time, one_line(each.text)) for each in events), key=lambda each: each.time),
        relative,
    )


def _place(reading: Reading) -> tuple[int, str, int]:
    """Where a reading stands among those of its time and receipt: cuffs first, each as sys, dia, mean."""
    if reading.signal not in NIBP:
        return 1, "", 0
    return 0, reading.source.partition(":")[0], NIBP.index(reading.signal)


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


def carried(readings: Sequence[Reading], losses: Losses) -> Iterator[Reading]:
    """The readings that a format without statuses can hold. What is not, or changes its status, goes to `losses`.

    A cuff measurement is held whole or not at all: without its doubtful part the rest would pass for a good one.
    """
    broken = {_measurement(each) for each in readings if each.signal in NIBP and not _is_held(each)}
    for each in readings:
        if each.status not in _HELD:
            losses.add(f"readings of status {each.status}: left out, the format has no statuses")
        elif each.signal in NIBP and _measurement(each) in broken:
            losses.add("readings of cuff measurements that the format cannot hold whole: left out")
        else:
            back = judge(each.signal, number_of(each))[1]
            if back is not each.status:
                losses.add(f"readings of status {each.status}: written, they read back as {back}")
            yield each


_HELD = USED | {Status.ZERO}


def _is_held(reading: Reading) -> bool:
    """Whether a cuff's reading comes back as what it is worth: a measured 0 would come back as no value."""
    return reading.status in _HELD and (reading.value != 0)


def _measurement(reading: Reading) -> tuple[int, int, str]:
    return reading.time, reading.received, reading.source.partition(":")[0]


def number_of(reading: Reading) -> float:
    """The number that stands for a reading in a format without statuses: a `zero` is the 0 that it was."""
    return 0.0 if reading.value is None else reading.value
