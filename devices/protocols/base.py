"""What a protocol driver is: bytes in, Readings and Notices out, bytes to send when due. It knows no port.

A driver is given its time: `at` is an instant (`devices.instant`) of the machine's clock when live, or the stamp
of a capture. Without any (`at` None, a bare dump of bytes) a driver stamps by the clock in the bytes, if the
protocol has one, else by `assumed_start` and the nominal interval, and says so in a `time-assumed` notice.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Protocol, runtime_checkable

from msgspec import Struct, field

from devices.reading import Item


class Counters(Struct):
    """What a driver has seen since it was made. `frames` are whole and verified ones."""

    frames: int = 0
    rejected: int = 0
    bytes_in: int = 0
    bytes_skipped: int = 0
    by_reason: dict[str, int] = field(default_factory=dict)

    def reject(self, reason: str) -> None:
        """Counts one refused frame under `reason`."""
        self.rejected += 1
        self.by_reason[reason] = self.by_reason.get(reason, 0) + 1


@runtime_checkable
class Driver(Protocol):
    """One protocol, sans-I/O. State after n bytes depends on those bytes and their times alone, not on chunking."""

    name: str
    counters: Counters
    quiet_after: int
    """Microseconds without a whole frame after which the monitor counts as quiet."""
    cuff_dating: int
    """How exactly a cuff measurement is dated (microseconds): two datings of one lie no further apart."""
    zone: tzinfo
    """Zone of the device's clock, for bytes without stamps."""
    assumed_start: int | None
    """For bytes without stamps: the instant at which they began, as a person said; None if nobody did."""
    needs_start: bool
    """Bytes without stamps came, they carry no time either, and nobody said when they began."""
    is_relative: bool
    """Bytes without stamps came, and their times count from their own beginning."""

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        """What the bytes say. Any bytes are taken: nothing raises; bad frames come back as Notices.

        Called without bytes after a `send` that was due, for what the passing of time alone has to say.
        """

    def send(self, at: int) -> bytes:
        """What is to be written to the port at `at`, b"" if nothing is due. Never acts on a patient."""

    def wake(self) -> int | None:
        """The instant at which `send` is to be called next, in the past for at once; None while nothing is to be sent.

        It is called then and not before: what `receive` has made worth saying must show here.
        """

    def opened(self, at: int) -> None:
        """The port was (re-)opened: forget half frames and pending requests, keep what was measured."""

    def finish(self, at: int | None) -> list[Item]:
        """The bytes have ended (a capture): reports what is left half read."""


@runtime_checkable
class SaysFarewell(Protocol):
    """A driver whose monitor is to be told that nobody listens any more."""

    def closing(self) -> bytes:
        """What to send before the port is closed for good. Never acts on a patient."""


@runtime_checkable
class ServesPlaces(Driver, Protocol):
    """A driver of a port that several monitors share, each known by the place it stands at."""

    def watch(self, place: str) -> None:
        """What is measured at `place` is kept for `take` from now on; what belongs to no such place is refused."""

    def take(self, place: str) -> list[Item]:
        """What was measured at `place` since last asked. `receive` gives only what concerns the port as a whole."""

    def counters_of(self, place: str) -> Counters:
        """What came for `place`. Refused bytes are nobody's: they are counted in `counters`."""


@runtime_checkable
class LeavesChoice(Protocol):
    """A driver whose bytes may leave open what only a person can say, such as which of several patients is meant."""

    @property
    def choice(self) -> str:
        """One sentence naming what is open and the setting that says it, "" if nothing is."""
