"""What is heard is what was shown: every protocol, byte by byte through its driver, and over real ports."""

from __future__ import annotations

import importlib.util
import time

import pytest

from devices import catalogue, instant
from devices.hub import Hub
from devices.monitor import Monitor
from devices.reading import Notice, Reading
from devices.source import State
from devices.virtual.bedside import PatientBedside
from devices.virtual.faults import Fault, FaultyBedside, LineFaults
from devices.virtual.history import fast_forward
from devices.virtual.patient import named
from devices.virtual.server import VirtualMonitor

S = instant.SECOND
START = 1_770_000_000 * S
PROTOCOLS = (
    "dinamap",
    pytest.param(
        "ge-dri",
        marks=pytest.mark.skipif(
            importlib.util.find_spec("devices.virtual.ge_dri") is None, reason="this build has no virtual GE monitor"
        ),
    ),
    "line",
)
RATE = {"dinamap": "PR", "ge-dri": "HR", "line": "HR"}


class Witness:
    """A bedside that writes down what it showed."""

    def __init__(self, bedside):
        self.bedside = bedside
        self.shown = []

    def observe(self, at):
        seen = self.bedside.observe(at)
        self.shown.append((at, seen))
        return seen

    def start_cuff(self, at):
        raise AssertionError("nobody may start a cuff")

    cancel_cuff = start_cuff

    def cuffs(self):
        return {seen.cuff.count: seen.cuff for _, seen in self.shown if seen.cuff.count}


def talk(protocol, seconds, faults=(), name="typical"):
    """The witness and all items of `seconds` of talk between a virtual monitor and its driver."""
    bedside = PatientBedside(named(name), START, START + 60 * S)
    witness = Witness(FaultyBedside(bedside, faults, START))
    device, driver = catalogue.create_device(protocol, witness), catalogue.create(protocol, {})
    items = list(fast_forward(device, driver, START, START + seconds * S))
    return witness, items, driver


def values(items, signal):
    return [item.value for item in items if isinstance(item, Reading) and item.signal == signal]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_cuff_result_is_heard_once_with_its_numbers_and_its_time(protocol):
    witness, items, driver = talk(protocol, 310)
    shown = [cuff for cuff in witness.cuffs().values() if cuff.sys is not None]
    assert len(shown) == 5
    assert values(items, "NIBP_SYS") == [cuff.sys for cuff in shown]
    assert values(items, "NIBP_DIA") == [cuff.dia for cuff in shown]
    assert values(items, "NIBP_MEAN") == [cuff.mean for cuff in shown]
    times = [item.time for item in items if isinstance(item, Reading) and item.signal == "NIBP_SYS"]
    assert all(abs(heard - cuff.time) <= 6 * S for heard, cuff in zip(times, shown, strict=True))
    assert driver.counters.rejected == 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_heart_rate_and_saturation_heard_are_those_that_were_shown(protocol):
    witness, items, _ = talk(protocol, 120)
    for signal, kind in ((RATE[protocol], RATE[protocol].lower()), ("SPO2", "spo2")):
        heard = [item for item in items if isinstance(item, Reading) and item.signal == signal and item.value]
        assert len(heard) >= 20
        for reading in heard:
            near = {getattr(seen, kind) for at, seen in witness.shown if abs(at - reading.received) <= 2 * S}
            if "nibp" not in reading.source:
                assert reading.value in near


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_probe_that_is_off_is_no_number(protocol):
    _, items, _ = talk(protocol, 90, [Fault("probe-off", 30, 30)])
    off = [item for item in items if isinstance(item, Reading) and item.signal == "SPO2" and item.value is None]
    during = [
        item
        for item in items
        if isinstance(item, Reading) and item.signal == "SPO2" and START + 36 * S < item.received < START + 60 * S
    ]
    assert all(item.value is None for item in during)
    assert off or any(isinstance(item, Notice) and item.kind == "probe-off" for item in items)
    assert values(items, "SPO2")[-1] is not None


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_failed_cuff_is_never_a_number(protocol):
    witness, items, _ = talk(protocol, 200, [Fault("cuff-failure", 60, 30)])
    good = [cuff.sys for cuff in witness.cuffs().values() if cuff.sys is not None]
    assert len(good) == 3
    assert [value for value in values(items, "NIBP_SYS") if value is not None] == good


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", ["bad-checksum", "cut-frame", "noise"])
def test_a_spoilt_line_gives_refusals_and_no_wrong_number(protocol, name):
    witness = Witness(PatientBedside(named("typical"), START, START + 60 * S))
    device, driver = catalogue.create_device(protocol, witness), catalogue.create(protocol, {})
    line = LineFaults([Fault(name, 30, 60)], START)

    class Cable:
        def receive(self, data, at):
            return line.spoil(device.receive(data, at), at)

        def tick(self, at):
            return line.spoil(device.tick(at), at)

    items = list(fast_forward(Cable(), driver, START, START + 150 * S))
    during = [item for item in items if START + 30 * S <= item.received <= START + 100 * S]
    told = {"frame-rejected", "bytes-skipped", "not-answering"}
    assert any(isinstance(item, Notice) and item.kind in told for item in during)
    shown = {getattr(seen, RATE[protocol].lower()) for _, seen in witness.shown}
    shown |= {cuff.pulse for cuff in witness.cuffs().values()}
    assert set(values(items, RATE[protocol])) - {None} <= shown
    assert set(values(items, "NIBP_SYS")) - {None} <= {cuff.sys for cuff in witness.cuffs().values()}
    after = [item for item in items if isinstance(item, Reading) and item.received > START + 120 * S]
    assert values(after, RATE[protocol])


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("link", ["pty", "tcp"])
def test_over_a_real_port_the_same_numbers_come(protocol, link):
    witness = Witness(PatientBedside(named("typical"), instant.now()))
    virtual = VirtualMonitor(lambda: catalogue.create_device(protocol, witness), link, name=protocol).start()
    settings, line = catalogue.split_settings(protocol, {})
    monitor = Monitor("Bed 1", virtual.url, catalogue.create(protocol, settings), line)
    hub = Hub([monitor])
    heard = []
    end = time.monotonic() + 8
    while time.monotonic() < end and not [v for v in values(heard, RATE[protocol]) if v]:
        for _, items in hub.wait(0.5):
            heard += items
    assert monitor.state(hub.now).state is State.CONNECTED
    hub.close()
    virtual.stop()
    numbers = {value for value in values(heard, RATE[protocol]) if value}
    assert numbers
    assert numbers <= {getattr(seen, RATE[protocol].lower()) for _, seen in witness.shown}
