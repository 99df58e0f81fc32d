"""The virtual GE monitor keeps the habits of a real one, read here byte by byte without the product's reader."""

from __future__ import annotations

import struct
from datetime import timedelta, timezone

import pytest
from msgspec.structs import replace

from devices import instant
from devices.protocols.ge_dri.driver import GeDri
from devices.protocols.ge_dri.frames import request_frame
from devices.protocols.ge_dri.records import Request
from devices.reading import Notice, Reading
from devices.virtual.device import Bedside, Cuff, Observation, VirtualDevice
from devices.virtual.ge_dri import GeDriDevice
from devices.virtual.history import fast_forward

S = instant.SECOND
AT = 1_770_000_000 * S
UTC = timezone.utc  # noqa: UP017 - beside the other zones made here
SEEN = Observation(hr=72, pr=71, spo2=97, rr=14, temp=36.6, cuff=Cuff())
RESULT = Cuff(time=AT + 10 * S, sys=128, dia=76, mean=93, pulse=70, count=1)


class Bed:
    """A bedside that shows what the test put there."""

    def __init__(self, seen=SEEN):
        self.seen = seen

    def observe(self, at):
        return self.seen

    def start_cuff(self, at):
        raise AssertionError("nobody may start a cuff")

    cancel_cuff = start_cuff


def records(wire):
    """Each record in `wire`, unescaped, its sum checked and taken off."""
    assert wire == b"" or (wire[:1] == wire[-1:] == b"\x7e")
    found = []
    for body in wire.split(b"\x7e"):
        if not body:
            continue
        whole = body.replace(b"\x7d\x5e", b"\x7e").replace(b"\x7d\x5d", b"\x7d")
        assert sum(whole[:-1]) % 256 == whole[-1]
        assert struct.unpack_from("<h", whole)[0] == len(whole) - 1
        found.append(whole[:-1])
    return found


def asked(*requests, seen=SEEN, zone=UTC, at=AT):
    device = GeDriDevice(Bed(seen), zone)
    sent = device.receive(b"".join(request_frame(request) for request in requests), at)
    return device, sent + device.tick(at)


def seconds_of(device, span, at=AT):
    """Seconds after `at` at which records came, with the records."""
    came = []
    for tenth in range(span * 10):
        for record in records(device.tick(at + tenth * S // 10)):
            came.append((tenth / 10, record))
    return came


def test_it_is_a_virtual_device():
    assert isinstance(GeDriDevice(Bed()), VirtualDevice)
    assert isinstance(Bed(), Bedside)


def test_it_says_nothing_until_asked():
    device = GeDriDevice(Bed())
    assert seconds_of(device, 30) == []
    assert device.receive(b"anything at all", AT) == b""


@pytest.mark.parametrize("damage", [lambda wire: wire[:-3] + b"\x00\x7e", lambda wire: wire[:20] + wire[21:]])
def test_a_damaged_request_is_not_heard(damage):
    device = GeDriDevice(Bed())
    device.receive(damage(request_frame(Request(1, 5))), AT)
    assert seconds_of(device, 12) == []


@pytest.mark.parametrize(("interval", "expected"), [(5, [0, 5, 10, 15]), (7, [0, 7, 14]), (4, []), (1, [])])
def test_displayed_values_come_at_the_interval_asked_for(interval, expected):
    device = GeDriDevice(Bed())
    device.receive(request_frame(Request(1, interval)), AT)
    assert [second for second, _ in seconds_of(device, 18)] == expected


def test_zero_ends_them():
    device, _ = asked(Request(1, 5))
    device.receive(request_frame(Request(1, 0)), AT + S)
    assert seconds_of(device, 20) == []


def test_single_requests_are_heard_at_most_every_five_seconds():
    device = GeDriDevice(Bed())
    once = request_frame(Request(1, -1))
    came = [second for second in range(12) if device.receive(once, AT + second * S)]
    assert came == [0, 5, 10]
    assert seconds_of(device, 20, AT + 20 * S) == []


def test_trends_come_only_beside_displayed_values():
    alone = GeDriDevice(Bed())
    alone.receive(request_frame(Request(2, 10)), AT)
    assert seconds_of(alone, 30) == []
    device = GeDriDevice(Bed())
    device.receive(request_frame(Request(1, 5)) + request_frame(Request(2, 1)) + request_frame(Request(3, 1)), AT)
    types = [(second, record[18]) for second, record in seconds_of(device, 61)]
    assert [second for second, type in types if type == 2] == [0, 10, 20, 30, 40, 50, 60]
    assert [second for second, type in types if type == 3] == [0, 60]


@pytest.mark.parametrize(
    ("classes", "expected"), [(0, [0]), (1, []), (2, [0, 1]), (0x0E, [0, 1, 2, 3]), (0x0D, [2, 3]), (8, [0, 3])]
)
def test_the_classes_asked_for_come_and_no_others(classes, expected):
    _, wire = asked(Request(1, 5, classes))
    (record,) = records(wire)
    found = []
    for entry in range(8):
        offset, type = struct.unpack_from("<hB", record, 16 + 3 * entry)
        if type == 0xFF:
            assert record[16 + 3 * entry : 40] == b"\xbd\xbd\xff" * (8 - entry)
            break
        assert type == 1
        found.append(struct.unpack_from("<H", record, 40 + offset + 276)[0])
    assert found == [kind << 8 | 0xA1 for kind in expected]
    assert len(record) == 40 + 278 * len(expected)


def test_the_numbers_sit_where_a_host_looks_for_them():
    seen = replace(SEEN, cuff=RESULT, abp=(131, 72, 92))
    (record,) = records(asked(Request(1, 5), seen=seen, at=AT + 11 * S)[1])
    at = lambda form, place: struct.unpack_from("<" + form, record, place)  # noqa: E731
    assert at("IHh", 44) == (0x0B, 0x2200, 72)
    assert at("h", 58) == (14,)
    assert at("IHhhhh", 60) == (3, 1, 13_100, 7_200, 9_200, 71)
    assert at("IHhhhh", 116) == (3, 0, 12_800, 7_600, 9_300, 70)
    assert at("IHh", 130) == (3, 11, 3_660)
    assert at("IHhh", 162) == (3, 0, 9_700, 71)
    assert at("hhh", 270) == (72, 72, 72)


def test_a_sensor_that_is_off_exists_without_being_active():
    nothing = Observation(hr=None, pr=None, spo2=None, rr=None, temp=None, cuff=Cuff())
    (record,) = records(asked(Request(1, 5), seen=nothing)[1])
    for place in (44, 130, 162):
        assert struct.unpack_from("<I", record, place)[0] & 3 == 1
        assert struct.unpack_from("<h", record, place + 6)[0] == -32766
    assert struct.unpack_from("<I", record, 60)[0] == 0


@pytest.mark.parametrize(
    ("cuff", "after", "label", "sys"),
    [
        (Cuff(), 0, 0, -32767),
        (Cuff(measuring=True), 5, 1 << 5, -32767),
        (RESULT, 10, 0, 12_800),
        (RESULT, 70, 0, 12_800),
        (RESULT, 71, 1 << 8, 12_800),
        (replace(RESULT, measuring=True), 100, 1 << 5, -32767),
        (Cuff(time=AT + 10 * S, failure="leak", count=2), 12, 0, -32767),
    ],
)
def test_the_cuffs_bits_and_numbers(cuff, after, label, sys):
    (record,) = records(asked(Request(1, 5), seen=replace(SEEN, cuff=cuff), at=AT + after * S)[1])
    assert struct.unpack_from("<IHh", record, 116) == (3, label, sys)


def test_the_cuffs_time_stamp_is_on_the_monitors_own_clock():
    _, wire = asked(Request(4, 5), seen=replace(SEEN, cuff=RESULT), zone=timezone(timedelta(hours=2)), at=AT + 30 * S)
    (record,) = records(wire)
    assert (record[18], len(record)) == (4, 154)
    assert struct.unpack_from("<I", record, 6)[0] == 1_770_000_030 + 7_200
    assert struct.unpack_from("<I", record, 40)[0] == 1_770_000_010 + 7_200
    (record,) = records(asked(Request(4, 5))[1])
    assert struct.unpack_from("<I", record, 40)[0] == 0


def test_flags_and_escapes_occur_in_time_number_and_sum():
    device, _ = asked(Request(1, 5))
    escaped = {"time": 0, "number": 0, "sum": 0}
    for step in range(1, 600):
        wire = device.tick(AT + 5 * step * S)
        (record,) = records(wire)
        assert record[2] == step % 256
        escaped["time"] += any(byte in (0x7D, 0x7E) for byte in record[6:10])
        escaped["number"] += record[2] in (0x7D, 0x7E)
        escaped["sum"] += wire[-3] == 0x7D
    assert all(escaped.values())


def talk(steps, zone=UTC, **settings):
    """What a driver hears while a bedside shows `steps`: pairs of seconds and what is seen from then on."""
    bed = Bed(steps[0][1])
    device, driver = GeDriDevice(bed, zone), GeDri(**settings)
    items = []
    for (start, seen), (end, _) in zip(steps, [*steps[1:], (steps[-1][0] + 20, None)], strict=True):
        bed.seen = seen
        items += list(
            fast_forward(_Plugged(device), driver if not items else _Open(driver), AT + start * S, AT + end * S)
        )
    return items, driver


class _Plugged:
    def __init__(self, device):
        self.receive, self.tick = device.receive, device.tick


class _Open:
    """A driver whose port stays open from one part of the talk to the next."""

    def __init__(self, driver):
        self.receive, self.send = driver.receive, driver.send

    def opened(self, at):
        pass


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-7))])
@pytest.mark.parametrize("aux", [True, False])
def test_what_is_shown_is_heard(zone, aux):
    ended = Cuff(time=AT + 22 * S, sys=141, dia=83, mean=102, pulse=77, count=2)
    steps = [
        (0, SEEN),
        (11, replace(SEEN, cuff=replace(RESULT, time=AT + 10 * S))),
        (16, replace(SEEN, cuff=replace(RESULT, measuring=True), hr=90)),
        (22, replace(SEEN, cuff=ended, hr=None, abp=(150, 90, 110))),
        (40, replace(SEEN, cuff=Cuff(time=AT + 39 * S, failure="leak", count=3), spo2=None, pr=None)),
    ]
    items, driver = talk(steps, zone, aux=aux)
    assert driver.counters.rejected == 0
    heard = [item for item in items if isinstance(item, Reading)]
    sys = [(item.value, item.time) for item in heard if item.signal == "NIBP_SYS"]
    times = (AT + 10 * S, AT + 22 * S) if aux else (AT + 15 * S, AT + 25 * S)
    assert sys == [(128.0, times[0]), (141.0, times[1])]
    rates = [(item.value, str(item.status)) for item in heard if item.signal == "HR"]
    assert rates == [(72.0, "ok")] * 4 + [(90.0, "ok")] + [(None, "off")] * 3 + [(72.0, "ok")] * 4
    lines = [item.value for item in heard if item.signal == "ABP_SYS"]
    assert lines == [150.0] * 3
    saturation = [item.value for item in heard if item.signal == "SPO2"]
    assert saturation == [97.0] * 8 + [None] * 4
    assert [item.kind for item in items if isinstance(item, Notice) and item.kind == "probe-off"] == ["probe-off"]


def test_a_failed_measurement_is_heard_as_one():
    steps = [
        (0, replace(SEEN, cuff=Cuff(measuring=True))),
        (12, replace(SEEN, cuff=Cuff(time=AT + 12 * S, failure="motion", count=1))),
    ]
    items, _ = talk(steps)
    assert [item.kind for item in items if isinstance(item, Notice)] == ["cuff-failed"]
    assert not [item for item in items if isinstance(item, Reading) and "nibp" in item.source]


def test_a_monitor_switched_off_and_on_is_asked_again():
    driver = GeDri()
    first, second = GeDriDevice(Bed(), UTC), GeDriDevice(Bed(replace(SEEN, hr=88)), UTC)
    items = list(fast_forward(first, driver, AT, AT + 60 * S))
    items += list(fast_forward(second, _Open(driver), AT + 60 * S, AT + 100 * S))
    rates = [item.value for item in items if isinstance(item, Reading) and item.signal == "HR"]
    assert rates[:12] == [72.0] * 12
    assert set(rates[12:]) == {88.0}
    assert len(rates[12:]) >= 5
    assert [item.kind for item in items if isinstance(item, Notice) and item.kind == "device-restarted"] == [
        "device-restarted"
    ]
