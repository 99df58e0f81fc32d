"""Faults on the line of the virtual oximeters: told for what they are, no wrong number, and readings come again."""

from __future__ import annotations

import math
import random

import pytest

from devices import catalogue, instant
from devices.reading import Notice, Reading
from devices.virtual.device import Cuff, Observation
from devices.virtual.faults import Fault, LineFaults
from devices.virtual.masimo import MasimoDevice
from devices.virtual.nellcor import NellcorDevice
from devices.virtual.nonin import NoninDevice

S = instant.SECOND
NOW = 1_770_000_000 * S
SEEN = Observation(72, 131, 97, None, None, Cuff())
DEVICES = {
    "masimo": ("masimo", MasimoDevice),
    "nellcor": ("nellcor", NellcorDevice),
    **{
        f"nonin {each}": ("nonin", lambda bed, each=each: NoninDevice(bed, each)) for each in ("2", "7", "8", "1", "13")
    },
    "nonin ascii": ("nonin", lambda bed: NoninDevice(bed, "ascii")),
}
UNGUARDED = {"nonin 8", "nonin 1"}


class Bed:
    def observe(self, at):
        return SEEN


def run(name: str, fault: str, seconds: int = 60):
    """A minute with the fault from 20 s to 30 s: the items, and the driver."""
    protocol, make = DEVICES[name]
    device, driver = make(Bed()), catalogue.create(protocol)
    line = LineFaults([Fault(fault, 20, 10)], NOW)
    driver.opened(NOW)
    items = []
    for turn in range(seconds * 20):
        at = NOW + turn * S // 20
        items += driver.receive(line.spoil(device.tick(at), at, device), at)
    return items, driver


def readings(items, begin, end):
    return [item for item in items if isinstance(item, Reading) and begin <= (item.time - NOW) / S < end]


@pytest.mark.parametrize("fault", ["noise", "bad-checksum", "cut-frame", "silence"])
@pytest.mark.parametrize("name", DEVICES)
def test_a_fault_on_the_line(name, fault):
    items, driver = run(name, fault)
    assert readings(items, 0, 20)
    assert readings(items, 42, 60), "no reading came after the fault"
    if name not in UNGUARDED or fault != "noise":
        shown = {(item.signal, item.value) for item in items if isinstance(item, Reading)}
        assert shown == {("SPO2", 97.0), ("PR", 131.0)}
    refusals = [item for item in items if isinstance(item, Notice) and item.kind in ("frame-rejected", "bytes-skipped")]
    assert bool(refusals) == (fault != "silence")
    assert all(item.raw and 19 < (item.time - NOW) / S < 45 for item in refusals)
    if fault in ("bad-checksum", "cut-frame"):
        assert driver.counters.rejected > 0
        assert not readings(items, 22, 29)


@pytest.mark.parametrize("name", ["masimo", "nellcor", "nonin 2", "nonin 7"])
def test_a_device_that_is_switched_off_and_on_is_told(name):
    protocol, make = DEVICES[name]
    driver = catalogue.create(protocol)
    items = []
    for begin in (0, 20):
        device = make(Bed())
        for turn in range(begin * 20, (begin + 20) * 20):
            items += driver.receive(device.tick(NOW + turn * S // 20), NOW + turn * S // 20)
    assert [item.kind for item in items if isinstance(item, Notice)].count("device-restarted") == 1
    assert readings(items, 25, 40)


def _nonin_2(count: int) -> bytes:
    """Frames of Nonin's data format 2: pulse 74, saturation 97, a pulse wave."""
    values = {1: 74, 2: 97, 8: 97, 9: 97, 10: 97, 14: 74, 15: 97, 16: 97, 20: 74, 22: 74}
    frames = bytearray()
    for number in range(count):
        place = number % 25
        wave = 128 + round(100 * math.sin(number / 11))
        frame = bytes((1, 0x81 if not place else 0x80, wave, values.get(place, 0)))
        frames += frame + bytes((sum(frame) & 0xFF,))
    return bytes(frames)


@pytest.mark.parametrize("protocol", ["contec", "berry-pm6750"])
@pytest.mark.parametrize("what", ["at a wrong speed", "of a Nonin"])
def test_bytes_without_a_checksum_are_not_found_in_those_of_something_else(protocol: str, what: str) -> None:
    """Five bytes of which the first is high are met in any garbage, three times in a row every few seconds."""
    data = random.Random(3).randbytes(200_000) if what == "at a wrong speed" else _nonin_2(3_000)
    driver = catalogue.create(protocol)
    items = [
        item for at in range(0, len(data), 960) for item in driver.receive(data[at : at + 960], (at // 960 + 1) * S)
    ]
    assert [item for item in items if isinstance(item, Reading) and item.value is not None] == []
