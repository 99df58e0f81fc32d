"""Where a bed's items come from, whatever it is: a monitor on a port, a share of one, a recording played."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, runtime_checkable

from msgspec import Struct

from devices.clock import BedClock
from devices.reading import Item


class State(StrEnum):
    """How a monitor stands, as in ``risewatch status``."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    QUIET = "quiet"
    LOST = "lost"


class MonitorState(Struct, frozen=True):
    """How a source stands at one instant.

    Attributes:
        protocol, port: what it speaks and where.
        state: `connecting` (no whole frame yet), `connected`, `quiet` (the port is open, nothing understandable
            comes), `lost` (the port could not be opened, or went away).
        quiet_s: seconds since the last whole frame; before the first, since the port was first asked for.
        frames, rejected, bytes_in: counts since the source was made.
        text: one sentence for a person.
    """

    protocol: str
    port: str
    state: State
    quiet_s: float
    frames: int
    rejected: int
    bytes_in: int
    text: str


@runtime_checkable
class Source(Protocol):
    """Where a bed's items come from: a monitor, or a recording played."""

    @property
    def name(self) -> str: ...

    @property
    def clock(self) -> BedClock:
        """The bed's time against the machine's. Instants given to the methods below are the machine's."""

    def poll(self, now: int) -> list[Item]:
        """All that has come up to `now`. Never waits."""

    def wake(self, now: int) -> int | None:
        """The instant at which `poll` will next have something to do, None if only bytes can bring it."""

    def state(self, now: int) -> MonitorState: ...

    def close(self) -> None: ...
