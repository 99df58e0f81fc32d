"""What a replay can be moved to: flags, and what the file or people say happened, each a step away. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from devices import instant
from devices.reading import Notice

LONGEST = 80
"""Characters of a mark's words."""

MOST_EVENTS = 500
"""So many events of a file are offered as steps; a sleep recording has some thousands, which nobody steps through."""


class MarkKind(StrEnum):
    """What a mark stands for."""

    FLAG = "flag"
    EVENT = "event"


AGAIN = 3 * instant.SECOND
"""Who steps back within so much watching after a mark wants the one before it (µs)."""

LEAD = {MarkKind.FLAG: instant.MINUTE, MarkKind.EVENT: 10 * instant.SECOND}
"""A step lands this long before its mark, so that it is seen to happen (µs)."""


class Mark(Struct, frozen=True, order=True):
    """One of them. `time`: a flag's onset, an event's instant, on the recording's clock. `level`: of a flag, else 0."""

    time: int
    kind: MarkKind
    words: str
    level: int = 0

    @property
    def landing(self) -> int:
        """Where a step to it leads."""
        return self.time - LEAD[self.kind]

    def to_row(self) -> list[Any]:
        return [self.time, self.kind.value, self.words, self.level]

    @staticmethod
    def of_row(row: Sequence[Any]) -> Mark:
        return Mark(int(row[0]), MarkKind(row[1]), str(row[2]), int(row[3]))


def flag_mark(signal: str, level: int, onset: int) -> Mark:
    return Mark(onset, MarkKind.FLAG, f"{signal} level {level}", level)


def events_of(notices: Iterable[Notice], until: int) -> list[Mark]:
    """What a file says happened up to the instant `until`."""
    said = [each for each in notices if each.kind == "device-event" and each.text and each.time <= until]
    return [Mark(each.time, MarkKind.EVENT, each.text[:LONGEST]) for each in said[:MOST_EVENTS]]


def merged(*sources: Iterable[Mark]) -> list[Mark]:
    """The marks of all sources by time, each once."""
    return sorted({mark for source in sources for mark in source})


def step(marks: Iterable[Mark], at: int, kind: MarkKind, *, back: bool, speed: float) -> int | None:
    """Where a step from the instant `at` to the next mark of `kind` leads (an instant), or to the one before it.

    None if there is none. `speed`: seconds of the recording a second, 0 while it stands still.
    """
    landings = (each.landing for each in marks if each.kind is kind)
    if not back:
        return min((each for each in landings if each > at), default=None)
    before = at - round(AGAIN * speed)
    return max((each for each in landings if each < before), default=None)


def to_answer(marks: Iterable[Mark]) -> dict[str, Any]:
    """As the watch answers an "open" command with them."""
    return {"marks": [each.to_row() for each in marks]}


def of_answer(answer: Mapping[str, Any] | None) -> list[Mark]:
    return [Mark.of_row(row) for row in (answer or {}).get("marks", [])]
