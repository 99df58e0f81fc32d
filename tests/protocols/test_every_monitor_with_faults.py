"""Every protocol's virtual monitor, listened to as at a bed, with each fault in turn: told rightly, nothing wrong, data
resume. Monitor, driver and device are the real ones; time is made."""

from __future__ import annotations

from functools import cache

import pytest
from protocol_cases import cases

from devices import catalogue, instant
from devices.errors import LinkError
from devices.links.line import LineSettings
from devices.monitor import Monitor
from devices.reading import USED, Item, Notice, Reading
from devices.signals import NIBP
from devices.virtual.bedside import PatientBedside
from devices.virtual.faults import Fault, FaultyBedside, FrameShape, LineFaults
from devices.virtual.patient import named

S = instant.SECOND
START = 1_770_000_000 * S
STEP = S // 10
SECONDS = 170
BEGIN, LASTING = 50, 20
CASES = cases()
FIRST_CUFF_S, CYCLE_S = 10.0, 60.0


def patient() -> PatientBedside:
    return PatientBedside(named("typical", 3), START, START - 600 * S, cycle_s=CYCLE_S, first_cuff_after_s=FIRST_CUFF_S)


@cache
def truth() -> list[dict[str, float | None]]:
    """What the patient's signals are at each second."""
    bedside = patient()
    found = []
    for second in range(SECONDS + 1):
        seen = bedside.observe(START + second * S)
        found.append({"HR": seen.hr, "PR": seen.pr, "SPO2": seen.spo2, "RR": seen.rr})
    return found


@cache
def cuffs() -> list[dict[str, int]]:
    """The cuff measurements that end within the time, in order."""
    bedside, found, count = patient(), [], 0
    for tenth in range(SECONDS * 10):
        cuff = bedside.observe(START + tenth * STEP).cuff
        if cuff.count != count:
            count = cuff.count
            found.append({"NIBP_SYS": cuff.sys, "NIBP_DIA": cuff.dia, "NIBP_MEAN": cuff.mean, "time": cuff.time})
    return found


class Cable:
    """A port whose other end is a virtual monitor with line faults. Time is what the test says it is."""

    def __init__(self, protocol: str, faults: list[Fault], in_mid_frame: bool = False) -> None:
        self.now = START
        self.in_mid_frame = in_mid_frame
        self.faults = faults
        self.sent = b""
        self._line = LineFaults(faults, START)
        bedside = FaultyBedside(patient(), faults, START)
        self._make = lambda: catalogue.create_device(protocol, bedside)
        self._device = self._make()
        self._restarts = [START + round(fault.start_s * S) for fault in faults if fault.name == "counter-jump"]
        self._waiting = b""

    def open(self, url: str, line: object) -> Cable:
        if self._line.on("unplug", self.now):
            raise LinkError("the cable is out")
        self._waiting = b""
        if hasattr(self._device, "opened"):
            self._say(self._device.opened(self.now))
        return self

    def pass_time(self) -> None:
        self.now += STEP
        said = self._device.tick(self.now)
        if self._restarts and self.now >= self._restarts[0] and (said or not self.in_mid_frame):
            self._restarts.pop(0)
            self._device = self._make()
            if self.in_mid_frame:
                self._waiting += said[: len(said) // 2]
            said = self._device.tick(self.now)
        self._say(said)

    def _say(self, data: bytes) -> None:
        shape = self._device if isinstance(self._device, FrameShape) else None
        if data and not self._line.on("unplug", self.now):
            self._waiting += self._line.spoil(data, self.now, shape)

    def read(self) -> bytes:
        if self._line.on("unplug", self.now):
            raise LinkError("the cable was pulled out")
        data, self._waiting = self._waiting, b""
        return data

    def write(self, data: bytes) -> None:
        self.sent += data
        if not self._line.on("silence", self.now):
            self._say(self._device.receive(data, self.now))

    def fileno(self) -> int:
        return -1

    def unsent(self) -> int:
        return 0

    def wants_write(self) -> bool:
        return False

    def close(self) -> None: ...


def listened(protocol: str, *faults: Fault, in_mid_frame: bool = False) -> list[Item]:
    cable = Cable(protocol, list(faults), in_mid_frame)
    driver = catalogue.create(protocol, CASES[protocol].settings)
    monitor = Monitor("Bed 1", "/dev/x", driver, LineSettings(), open_port=cable.open)
    items: list[Item] = []
    while cable.now < START + SECONDS * S:
        cable.pass_time()
        items += monitor.poll(cable.now)
    assert CASES[protocol].harmful(cable.sent) == []
    return items


def told(items: list[Item], *kinds: str) -> list[Notice]:
    return [item for item in items if isinstance(item, Notice) and item.kind in kinds]


def valued(items: list[Item]) -> list[Reading]:
    return [item for item in items if isinstance(item, Reading) and item.value is not None]


def check_values(protocol: str, items: list[Item]) -> None:
    """Each number is one the patient had when, or shortly before, it was received."""
    for item in valued(items):
        if item.signal in ("HR", "PR", "SPO2", "RR") and "nibp" not in item.source:
            second = (item.received - START) // S
            near = [each[item.signal] for each in truth()[max(0, second - 8) : second + 2]]
            assert min(near) - 1 <= item.value <= max(near) + 1, item
    pressures = {(signal, cuff[signal]) for cuff in cuffs() for signal in NIBP}
    assert {(item.signal, item.value) for item in valued(items) if item.signal in NIBP} <= pressures


def check_resumed(protocol: str, items: list[Item]) -> None:
    case = CASES[protocol]
    end = START + (BEGIN + LASTING + 40) * S
    for signal in ([case.rate] if case.rate else []) + (["SPO2"] if case.spo2 else []):
        assert [item for item in valued(items) if item.signal == signal and item.time > end], signal
    if case.cuff:
        # the last measurement ends well after the fault
        last = {(item.signal, item.value) for item in valued(items) if item.signal in NIBP}
        assert {("NIBP_SYS", cuffs()[-1]["NIBP_SYS"]), ("NIBP_DIA", cuffs()[-1]["NIBP_DIA"])} <= last


def check_cuffs_once(items: list[Item]) -> None:
    systolic = [item.value for item in valued(items) if item.signal == "NIBP_SYS"]
    assert systolic == sorted(systolic, key=[cuff["NIBP_SYS"] for cuff in cuffs()].index)
    assert len(systolic) == len(set(systolic))


@pytest.mark.parametrize("protocol", CASES)
def test_without_faults_everything_is_heard(protocol: str) -> None:
    items = listened(protocol)
    check_values(protocol, items)
    check_resumed(protocol, items)
    check_cuffs_once(items)
    case = CASES[protocol]
    if case.cuff:
        assert [item.value for item in valued(items) if item.signal == "NIBP_SYS" and item.status in USED][-2:] == [
            cuff["NIBP_SYS"] for cuff in cuffs()
        ][-2:]
    assert not told(items, "frame-rejected", "bytes-skipped", "quiet", "link-down")
    assert len(told(items, "connected")) == 1


@pytest.mark.parametrize("fault", ["noise", "bad-checksum", "cut-frame"])
@pytest.mark.parametrize("protocol", CASES)
def test_spoilt_bytes_are_told_and_no_wrong_number_comes_of_them(protocol: str, fault: str) -> None:
    # One that speaks only after measuring is noticed to have been cut when it speaks again.
    speaks_always = CASES[protocol].items >= 20
    items = listened(protocol, Fault(fault, BEGIN, LASTING if speaks_always else LASTING + 5))
    until = BEGIN + LASTING + 6 if speaks_always else SECONDS
    within = [
        each
        for each in told(items, "frame-rejected", "bytes-skipped")
        if START + BEGIN * S <= each.received <= START + until * S
    ]
    assert within
    assert all(each.raw for each in within)
    check_values(protocol, items)
    check_cuffs_once(items)
    check_resumed(protocol, items)


@pytest.mark.parametrize("protocol", CASES)
def test_a_silent_monitor_is_told_and_heard_again(protocol: str) -> None:
    items = listened(protocol, Fault("silence", BEGIN, 40))
    check_values(protocol, items)
    check_cuffs_once(items)
    if CASES[protocol].items >= 20:
        assert told(items, "quiet", "not-answering")
        check_resumed(protocol, items)


@pytest.mark.parametrize("protocol", CASES)
def test_a_cable_pulled_out_and_put_back(protocol: str) -> None:
    items = listened(protocol, Fault("unplug", BEGIN, LASTING))
    assert len(told(items, "link-down")) == 1
    assert len(told(items, "link-up")) == 2
    check_values(protocol, items)
    check_cuffs_once(items)
    check_resumed(protocol, items)


@pytest.mark.parametrize("protocol", [name for name, case in CASES.items() if case.spo2])
def test_a_probe_that_falls_off(protocol: str) -> None:
    items = listened(protocol, Fault("probe-off", BEGIN, LASTING))
    assert [each.signal for each in told(items, "probe-off")] == ["SPO2"]
    off = [
        item
        for item in items
        if isinstance(item, Reading)
        and item.signal == "SPO2"
        and START + (BEGIN + 8) * S < item.received < START + (BEGIN + LASTING) * S
    ]
    assert off
    assert all(item.value is None for item in off)
    check_values(protocol, items)
    check_resumed(protocol, items)


@pytest.mark.parametrize("protocol", [name for name, case in CASES.items() if case.cuff and case.cuff_failure])
def test_a_cuff_that_fails(protocol: str) -> None:
    items = listened(protocol, Fault("cuff-failure", BEGIN, LASTING + 5))
    failed = told(items, "cuff-failed")
    assert len(failed) == 1
    assert failed[0].code
    check_values(protocol, items)
    check_cuffs_once(items)
    check_resumed(protocol, items)


@pytest.mark.parametrize("in_mid_frame", [False, True], ids=["between", "in_mid_frame"])
@pytest.mark.parametrize("protocol", CASES)
def test_a_monitor_switched_off_and_on(protocol: str, in_mid_frame: bool) -> None:
    items = listened(protocol, Fault("counter-jump", BEGIN), in_mid_frame=in_mid_frame)
    check_values(protocol, items)
    check_resumed(protocol, items)
    check_cuffs_once(items)


@pytest.mark.parametrize("protocol", CASES)
def test_values_that_stand_still_are_handed_on_as_they_are(protocol: str) -> None:
    case = CASES[protocol]
    items = listened(protocol, Fault("stuck-value", BEGIN, LASTING))
    for signal in ([case.rate] if case.rate else []) + (["SPO2"] if case.spo2 else []):
        during = {
            item.value
            for item in valued(items)
            if item.signal == signal
            and "nibp" not in item.source
            and START + (BEGIN + 8) * S < item.received < START + (BEGIN + LASTING) * S
        }
        assert len(during) == 1
    check_resumed(protocol, items)
