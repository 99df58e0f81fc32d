"""Berry oximeters at the same port: BCI and BERRY output, recognised by their bytes; one sample a second."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from msgspec.structs import replace

from devices.protocols.berry_pm6750.driver import Berry
from devices.reading import Notice, Reading
from devices.virtual.berry_pm6750 import BerryOximeter
from devices.virtual.device import Cuff, Observation

S = 1_000_000
NOW = 1_770_000_000 * S
SEEN = Observation(hr=72, pr=140, spo2=97, rr=14, temp=36.8, cuff=Cuff())
VERSION = bytes.fromhex("FFAA5356312E30342E30302E333600000000003A")


class Still:
    def __init__(self, seen=SEEN):
        self.seen = seen

    def observe(self, at):
        return self.seen


def berry(index=0, status=0, spo2=97, pulse=140, rate=100):
    """A BERRY frame: index, status, SpO2 twice, PR twice, RR, PI twice, pleth, ADC, battery, rate, sum."""
    body = bytes((0xFF, 0xAA, index, status, spo2, 90, pulse, 91, 86, 0, 20, 20, 64, 1, 2, 3, 4, 88, rate))
    return body + bytes((sum(body) & 0xFF,))


def readings(items):
    return [
        (item.signal, item.value, item.status.value, (item.time - NOW) / S)
        for item in items
        if isinstance(item, Reading)
    ]


def values(items):
    return [each[:3] for each in readings(items)]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


def of_bytes(data, **settings):
    driver = Berry(assumed_start=NOW, **settings)
    return driver.receive(data, None) + driver.finish(None), driver


def streamed(output, seconds, seen=SEEN):
    device, data = BerryOximeter(Still(seen), output), b""
    for tenth in range(seconds * 10):
        data += device.tick(NOW + tenth * S // 10)
    return data


@pytest.mark.parametrize("setting", ["auto", "bci"])
def test_bci_gives_a_sample_a_second_unverified(setting):
    items, driver = of_bytes(streamed("bci", 10), output=setting)
    assert values(items) == [("SPO2", 97.0, "unverified"), ("PR", 140.0, "unverified")] * 10
    assert driver.counters.frames == 991
    assert notices(items) == [("time-assumed", "")]


@pytest.mark.parametrize("setting", ["auto", "berry"])
def test_berry_gives_a_sample_a_second_verified_by_its_sum(setting):
    items, driver = of_bytes(streamed("berry", 10), output=setting)
    assert values(items) == [("SPO2", 97.0, "ok"), ("PR", 140.0, "ok")] * 10
    assert driver.counters.frames == 991


def test_live_samples_are_a_second_apart():
    driver, device, items = Berry(), BerryOximeter(Still(), "bci"), []
    for tick in range(400):
        at = NOW + tick * S // 20
        items += driver.receive(device.tick(at), at)
    times = [each[3] for each in readings(items) if each[0] == "PR"]
    assert len(times) == 19
    assert all(abs(later - earlier - 1) < 0.051 for earlier, later in pairwise(times))


def test_the_averaged_values_are_taken_not_those_of_one_beat():
    items, _ = of_bytes(berry(spo2=97, pulse=140))
    assert values(items) == [("SPO2", 97.0, "ok"), ("PR", 140.0, "ok")]


@pytest.mark.parametrize(
    ("frame", "spo2", "pulse", "tells"),
    [
        (berry(status=8), (97.0, "ok"), (140.0, "ok"), []),
        (berry(status=1), (None, "off"), (None, "off"), [("probe-off", "1")]),
        (berry(status=2), (None, "off"), (None, "off"), [("probe-off", "2")]),
        (berry(status=4), (None, "invalid"), (None, "invalid"), [("signal-poor", "4")]),
        (berry(spo2=127, pulse=255), (None, "invalid"), (None, "invalid"), []),
        (berry(spo2=0, pulse=0), (None, "zero"), (None, "zero"), []),
        # An index that is the letter S makes no version of a sample.
        (berry(index=0x53, status=0), (97.0, "ok"), (140.0, "ok"), []),
    ],
)
def test_berry_states_and_values(frame, spo2, pulse, tells):
    items, _ = of_bytes(frame)
    assert values(items) == [("SPO2", *spo2), ("PR", *pulse)]
    assert [each for each in notices(items) if each[0] != "time-assumed"] == tells


@pytest.mark.parametrize(
    ("frame", "spo2", "pulse", "tells"),
    [
        ("85400A4862", (98.0, "unverified"), (72.0, "unverified"), []),
        ("C533460C61", (97.0, "unverified"), (140.0, "unverified"), []),
        ("8F00507F7F", (None, "off"), (None, "off"), [("probe-off", "byte 2 bit 4")]),
        ("A5400A4862", (None, "off"), (None, "off"), [("probe-off", "byte 0 bit 5")]),
        ("95400A4862", (None, "invalid"), (None, "invalid"), [("signal-poor", "byte 0 bit 4")]),
        ("85402A4862", (None, "searching"), (None, "searching"), [("signal-poor", "byte 2 bit 5")]),
        ("85400A487F", (None, "invalid"), (72.0, "unverified"), []),
        ("85404A7F62", (98.0, "unverified"), (None, "invalid"), []),
        ("85400A0000", (None, "zero"), (None, "zero"), []),
        ("85404A7E62", (98.0, "unverified"), (254.0, "unverified"), []),
        ("85400A4865", (101.0, "range"), (72.0, "unverified"), []),
    ],
)
def test_bci_states_and_values(frame, spo2, pulse, tells):
    items, _ = of_bytes(bytes.fromhex(frame) * 4)
    assert values(items) == [("SPO2", *spo2), ("PR", *pulse)]
    assert [each for each in notices(items) if each[0] != "time-assumed"] == tells


def test_a_version_is_told_and_is_no_sample_in_either_output():
    for output in ("bci", "berry"):
        data = streamed(output, 2)
        half = len(data) // 2 // 100 * 100
        items, driver = of_bytes(data[:half] + VERSION + data[half:])
        assert notices(items) == [("time-assumed", ""), ("device-event", "SV1.04.00.36")]
        assert {value for signal, value, _ in values(items) if signal == "PR"} == {140.0}
        assert driver.counters.bytes_skipped == driver.counters.rejected == 0


def test_lost_frames_are_counted_by_their_index_and_took_their_time():
    data = b"".join(berry(index=at % 256) for at in range(600) if not 255 <= at < 305)
    items, _ = of_bytes(data)
    assert [each for each in notices(items) if each[0] == "sequence-gap"] == [("sequence-gap", "50")]
    assert max(each[3] for each in readings(items)) == pytest.approx(5.99)


def test_the_rate_in_the_frame_is_its_time():
    items, _ = of_bytes(b"".join(berry(index=at, rate=1) for at in range(5)))
    assert [each[3] for each in readings(items) if each[0] == "PR"] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_a_wrong_sum_is_refused():
    bad = bytearray(berry(index=1))
    bad[6] ^= 4
    items, driver = of_bytes(berry(index=0) + bytes(bad) + berry(index=2))
    assert driver.counters.by_reason == {"checksum": 1}
    assert {value for signal, value, _ in values(items) if signal == "PR"} == {140.0}


def test_what_streams_there_is_not_asked_for_more():
    driver, device = Berry(), BerryOximeter(Still(), "bci")
    driver.opened(NOW)
    driver.send(NOW)
    device.tick(NOW)
    driver.receive(device.tick(NOW + S), NOW + S)
    assert driver.wake() is None


def test_an_oximeter_that_is_told_to_change_its_output_is_followed():
    items, _ = of_bytes(streamed("bci", 3) + streamed("berry", 3))
    assert {status for _, _, status in values(items)} == {"unverified", "ok"}
    items, _ = of_bytes(streamed("berry", 3) + bytes(1_200) + streamed("bci", 3))
    assert {status for _, _, status in values(items)} == {"unverified", "ok"}


@pytest.mark.parametrize("output", ["bci", "berry"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1_000])
def test_any_pieces_say_the_same(output, size):
    chance = random.Random(5)
    data = streamed(output, 4)
    data = data[:501] + chance.randbytes(300) + data[780:] + streamed(output, 2, replace(SEEN, spo2=None, pr=None))
    whole, one = of_bytes(data)
    driver = Berry(assumed_start=NOW)
    items = [item for at in range(0, len(data), size) for item in driver.receive(data[at : at + size], None)]
    assert items + driver.finish(None) == whole
    assert driver.counters == one.counters


def test_noise_between_all_frames_gives_no_wrong_number():
    """Where nothing guards a frame but bit 7, one alone is not believed."""
    chance = random.Random(9)
    data = streamed("bci", 60)
    noisy = b"".join(chance.randbytes(chance.randint(1, 24)) + data[at : at + 5] for at in range(1_000, len(data), 5))
    items, _ = of_bytes(data[:1_000] + noisy)
    wrong = [value for signal, value, _ in values(items) if signal == "PR" and value not in (140.0, None)]
    assert len(wrong) <= 1


def test_a_frame_cut_short_costs_itself_alone():
    data = streamed("bci", 2)
    _, driver = of_bytes(data[:500] + data[500:503] + data[505:])
    assert driver.counters.by_reason == {"cut short": 1}
    assert driver.counters.frames == len(data) // 5 - 1


def test_a_damaged_frame_is_refused_whole():
    data = bytearray(streamed("bci", 2))
    data[502] |= 0x80
    _, driver = of_bytes(bytes(data))
    assert driver.counters.by_reason == {"shape": 1}
    assert driver.counters.frames == len(data) // 5 - 1


def test_garbage_that_has_the_shape_of_one_frame_is_not_told():
    """Within a stream every thirtieth five bytes of noise pass for a frame; a jump that lasts is told."""
    data = streamed("bci", 3)
    fake, other = bytes((0x85, 64, 10, 8, 80)), bytes((0x85, 64, 10, 72, 90))
    items, driver = of_bytes(data + fake + data, output="bci")
    assert {value for _, value, _ in values(items) if value is not None} == {97.0, 140.0}
    assert driver.counters.rejected == 1
    items, driver = of_bytes(data + other * 200, output="bci")
    assert {value for _, value, _ in values(items) if value is not None} == {97.0, 140.0, 90.0, 72.0}
    assert driver.counters.rejected == 0
