"""The virtual PC-300 and SunTech board, held to what a host may rely on: a cuff started, stopped, and its result."""

from __future__ import annotations

import pytest

from devices import instant
from devices.protocols.creative_pc300.driver import CreativePc300
from devices.protocols.creative_pc300.frames import encode
from devices.protocols.suntech import frames
from devices.protocols.suntech.driver import Suntech
from devices.reading import Notice, Reading
from devices.virtual.bedside import PatientBedside
from devices.virtual.creative_pc300 import Pc300Device
from devices.virtual.faults import FrameShape
from devices.virtual.patient import named
from devices.virtual.suntech import SuntechDevice

S = instant.SECOND
NOW = 1_770_000_000 * S


class Host:
    """A person at a driver and a virtual monitor whose cuff is started by hand only."""

    def __init__(self, driver, make_device) -> None:
        self.driver = driver
        self.device = make_device(PatientBedside(named("typical", 1), NOW, cycle_s=None))
        self.now = NOW
        self.heard = b""
        driver.opened(NOW)

    def act(self, request: bytes) -> list:
        answer = self.device.receive(request, self.now)
        self.heard += answer
        return self.driver.receive(answer, self.now)

    def go_on(self, seconds: float) -> list:
        items = []
        for _ in range(round(seconds * 20)):
            request = self.driver.send(self.now)
            answer = (self.device.receive(request, self.now) if request else b"") + self.device.tick(self.now)
            self.heard += answer
            items += self.driver.receive(answer, self.now)
            self.now += S // 20
        return items


HOSTS = pytest.mark.parametrize(
    ("driver", "device"), [(CreativePc300, Pc300Device), (Suntech, SuntechDevice)], ids=["creative-pc300", "suntech"]
)


def cuffs(items):
    return [(item.signal, item.status.value) for item in items if isinstance(item, Reading) and "nibp" in item.source]


@HOSTS
def test_a_cuff_that_a_person_starts_gives_one_result(driver, device):
    host = Host(driver(), device)
    assert cuffs(host.go_on(5)) == []
    items = host.act(driver.start_cuff()) + host.go_on(45)
    assert cuffs(items) == [(signal, "ok") for signal in ("NIBP_SYS", "NIBP_DIA", "NIBP_MEAN", "PR")]
    assert host.driver.counters.rejected == 0


@HOSTS
def test_a_cuff_that_a_person_stops_gives_none(driver, device):
    host = Host(driver(), device)
    host.go_on(5)
    items = host.act(driver.start_cuff()) + host.go_on(8) + host.act(driver.cancel_cuff()) + host.go_on(10)
    assert cuffs(items) == []
    assert {item.kind for item in items if isinstance(item, Notice)} & {"cuff-failed", "device-event"}


@HOSTS
def test_its_frames_are_told_apart_and_spoilt_one_by_one(driver, device):
    host = Host(driver(), device)
    host.go_on(5)
    shape = host.device
    assert isinstance(shape, FrameShape)
    pieces = shape.split(host.heard)
    assert len(pieces) == host.driver.counters.frames
    assert b"".join(pieces) == host.heard
    spoilt = driver()
    for piece in pieces:
        spoilt.receive(shape.damage(piece), NOW)
    assert (spoilt.counters.frames, spoilt.counters.rejected) == (0, len(pieces))


def test_a_pc_300_sends_its_oximeter_only_when_it_was_asked_to():
    host = Host(CreativePc300(), Pc300Device)
    assert b"\xaa\x55\x52" not in host.device.tick(NOW) + host.device.tick(NOW + S)
    host.now = NOW + S
    host.go_on(3)
    assert host.heard.count(b"\xaa\x55\x52") > 50
    before = len(host.heard)
    host.device.receive(host.driver.closing(), host.now)
    host.heard += host.device.tick(host.now + S)
    assert b"\xaa\x55\x53" not in host.heard[before:]


def test_a_suntech_board_says_that_it_is_busy_and_that_it_is_done():
    host = Host(Suntech(), SuntechDevice)
    host.go_on(1)
    host.act(frames.START)
    host.go_on(5)
    host.act(frames.START)
    host.go_on(40)
    letters = [piece[2:3] for piece in host.device.split(host.heard) if len(piece) == frames.LETTER]
    assert letters == [b"O", b"B", b"K"]


def test_a_pc_300_answers_what_its_host_may_ask():
    device = Pc300Device(PatientBedside(named("typical", 1), NOW))
    assert device.receive(encode(0xFF, 1), NOW) == encode(0xFF, 1, b"PC_300SNT")
    assert device.receive(encode(0x41, 1), NOW)[:5] == b"\xaa\x55\x41\x03\x01"
    assert device.receive(encode(0x43, 1), NOW) == b""
    assert device.receive(b"noise", NOW) == b""
