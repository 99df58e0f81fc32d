"""A virtual device that streams of its own accord: so many samples a second, whether anybody listens or not."""

from __future__ import annotations

from abc import ABC, abstractmethod

from devices.virtual.device import Bedside, Observation


class StreamingDevice(ABC):
    """Says one sample every `interval` (microseconds of its own time), beginning when it is first looked at.

    Not built to be told anything: what the host sends is taken without an answer.
    """

    interval: int

    def __init__(self, bedside: Bedside) -> None:
        self.bedside = bedside
        self._due: int | None = None

    def receive(self, data: bytes, at: int) -> bytes:
        return b""

    def tick(self, at: int) -> bytes:
        if self._due is None:
            self._due = at
        said = b""
        while at >= self._due:
            said += self.sample(self.bedside.observe(self._due), self._due)
            self._due += self.interval
        return said

    @abstractmethod
    def sample(self, seen: Observation, at: int) -> bytes:
        """The bytes of one sample: what is `seen` at the instant `at`."""
