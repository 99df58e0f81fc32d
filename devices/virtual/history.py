"""The past of a virtual monitor: what its driver would have said of it, had it been listening all along."""

from __future__ import annotations

from collections.abc import Iterator

from devices import instant
from devices.protocols.base import Driver
from devices.reading import Item
from devices.virtual.device import VirtualDevice

STEP = instant.SECOND // 5


def fast_forward(device: VirtualDevice, driver: Driver, start: int, end: int, step: int = STEP) -> Iterator[Item]:
    """Lets `device` and `driver` talk from `start` up to `end` as fast as they can, and yields what was said.

    Every byte goes both ways as it would on a cable; times are those of the past. Afterwards the same two can go
    on live: the driver still knows which cuff measurement it told last.
    """
    driver.opened(start)
    at = start
    while at < end:
        request = driver.send(at)
        answer = device.receive(request, at) if request else b""
        answer += device.tick(at)
        if answer:
            yield from driver.receive(answer, at)
        at = min(end, at + step)
