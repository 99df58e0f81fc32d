"""Fakes for the parts around a monitor: a driver of one-letter frames, and a port made of lists."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from devices.errors import LinkError
from devices.protocols.base import Counters
from devices.reading import Item, Reading, Status

S = 1_000_000


class LetterDriver:
    """Each ``A`` is a whole frame with one heart rate; anything else is refused. Asks ``?`` every `period`."""

    name = "letters"
    quiet_after = 3 * S

    def __init__(self, period: int | None = None) -> None:
        self.counters = Counters()
        self.period = period
        self.due: int | None = None
        self.openings: list[int] = []

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        items: list[Item] = []
        for byte in data:
            if byte == ord("!"):
                raise ValueError("a driver that breaks its promise")
            if byte == ord("A"):
                self.counters.frames += 1
                items.append(Reading(at or 0, at or 0, "HR", 72.0, "/min", Status.OK, "letters:hr"))
            else:
                self.counters.reject("not a letter A")
        return items

    def send(self, at: int) -> bytes:
        if self.period is None or self.due is None or at < self.due:
            return b""
        self.due = at + self.period
        return b"?"

    def wake(self) -> int | None:
        return self.due

    def opened(self, at: int) -> None:
        self.openings.append(at)
        if self.period is not None:
            self.due = at

    def finish(self, at: int | None) -> list[Item]:
        return []


@dataclass
class ListLink:
    """A port whose bytes are put into `incoming`; an exception there is raised."""

    incoming: list[bytes | LinkError] = field(default_factory=list)
    written: list[bytes] = field(default_factory=list)
    closed: bool = False
    stuck: int = 0

    def fileno(self) -> int:
        return -1

    def read(self) -> bytes:
        if not self.incoming:
            return b""
        first = self.incoming.pop(0)
        if isinstance(first, LinkError):
            raise first
        return first

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def unsent(self) -> int:
        return self.stuck

    def wants_write(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def letters() -> type[LetterDriver]:
    return LetterDriver


@pytest.fixture
def list_link() -> type[ListLink]:
    return ListLink
