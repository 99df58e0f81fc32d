"""What a virtual monitor is: the device's side of one protocol, sans-I/O, showing what a bedside observes."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from msgspec import Struct


class Cuff(Struct, frozen=True):
    """The cuff as a monitor knows it.

    Attributes:
        measuring: a determination is in progress.
        time: the instant the last determination ended, None before the first.
        sys, dia, mean: its result in mmHg, None if it failed. `pulse`: its pulse rate, /min.
        failure: "" or the reason a determination failed (``timeout``, ``leak``, ``motion``, ``overpressure``).
        count: determinations ended so far; a change means a new one.
    """

    measuring: bool = False
    time: int | None = None
    sys: int | None = None
    dia: int | None = None
    mean: int | None = None
    pulse: int | None = None
    failure: str = ""
    count: int = 0


class Observation(Struct, frozen=True):
    """What the sensors give at one instant; None where a sensor is off. hr, pr, rr: /min; spo2: %; temp: degC."""

    hr: int | None
    pr: int | None
    spo2: int | None
    rr: int | None
    temp: float | None
    cuff: Cuff
    abp: tuple[int, int, int] | None = None
    """Arterial line sys, dia, mean in mmHg; None without a line."""


@runtime_checkable
class Bedside(Protocol):
    """A patient with sensors: `observe` may be called with any non-decreasing instants."""

    def observe(self, at: int) -> Observation: ...

    def start_cuff(self, at: int) -> None: ...

    def cancel_cuff(self, at: int) -> None: ...


@runtime_checkable
class VirtualDevice(Protocol):
    """The device's side of one protocol. Built as ``Device(bedside)``."""

    def receive(self, data: bytes, at: int) -> bytes:
        """Bytes from the host; returns what the device answers at once."""

    def tick(self, at: int) -> bytes:
        """What the device sends of its own accord up to `at` (called several times a second)."""


@runtime_checkable
class SpeaksDatagrams(Protocol):
    """A virtual device that is met on UDP as well: each of its frames, as `split` cuts them, is a datagram there.

    Attributes:
        by_datagram: it hangs on UDP; set before it is first used.
    """

    by_datagram: bool

    def split(self, data: bytes) -> list[bytes]:
        """The frames in `data`."""


@runtime_checkable
class Paced(Protocol):
    """A virtual device that waits for its host: what it waits is in the host's time.

    Attributes:
        pace: seconds of the device's time per second of the host's; set before it is first used.
    """

    pace: float


@runtime_checkable
class CallsListener(Protocol):
    """A virtual device that can call its listener too, instead of being called by it. `calls_listener` is true."""

    calls_listener: bool
