"""A driver whose every letter A is a heart rate, for virtual monitors that are not about a protocol."""

from __future__ import annotations

import pytest

from devices.protocols.base import Counters
from devices.reading import Item, Reading, Status


class LetterDriver:
    name = "letters"
    quiet_after = 60_000_000

    def __init__(self) -> None:
        self.counters = Counters()

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        when = at or 0
        count = data.count(b"A")
        self.counters.frames += count
        return [Reading(when, when, "HR", 72.0, "/min", Status.OK, "letters:hr")] * count

    def send(self, at: int) -> bytes:
        return b""

    def wake(self) -> int | None:
        return None

    def opened(self, at: int) -> None:
        pass

    def finish(self, at: int | None) -> list[Item]:
        return []


@pytest.fixture
def letters_driver() -> type[LetterDriver]:
    return LetterDriver
