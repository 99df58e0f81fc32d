"""Which format a Nonin sends is found by its bytes, never guessed from too few, and found anew when it changes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nonin_bytes import packet, packet_values, second, spot_check

from devices import catalogue, instant
from devices.errors import SettingError
from devices.protocols.nonin.driver import Nonin
from devices.reading import Notice, Reading
from devices.virtual.device import Cuff, Observation
from devices.virtual.nonin import NoninDevice

S = instant.SECOND
NOW = instant.parse("2024-03-04T10:15:25Z")
FORMATS = ("2", "7", "8", "1", "13", "ascii")
DATE = bytes([20, 24, 3, 4, 10, 15, 20, 50])
SAMPLES = {
    "2": second("2", pulse=187, spo2=91) * 4,
    "7": second("7", pulse=187, spo2=91) * 4,
    "8": bytes.fromhex("813B5B00") * 12,
    "1": bytes.fromhex("813B5B") * 12,
    "13": spot_check(DATE, 0x0200, 187, 91) * 4,
    "ascii": b"SPO2=091 HR=187\r\n" * 12,
}


class Bed:
    def __init__(self, seen):
        self.seen = seen

    def observe(self, at):
        return self.seen


def values(items):
    return {(item.signal, item.value) for item in items if isinstance(item, Reading)}


def kinds(items):
    return {item.kind for item in items if isinstance(item, Notice)}


@pytest.mark.parametrize("data_format", FORMATS)
def test_each_format_is_found(data_format):
    driver = Nonin()
    items = driver.receive(SAMPLES[data_format], NOW)
    assert values(items) == {("PR", 187.0), ("SPO2", 91.0)}
    assert driver.counters.rejected == driver.counters.bytes_skipped == 0
    told = [item for item in items if isinstance(item, Notice) and item.code.startswith("format")]
    assert [item.code for item in told] == [f"format {data_format}"]


@pytest.mark.parametrize("data_format", FORMATS)
def test_each_format_is_read_when_it_is_named(data_format):
    items = catalogue.create("nonin", {"data_format": data_format}).receive(SAMPLES[data_format], NOW)
    assert values(items) == {("PR", 187.0), ("SPO2", 91.0)}


@pytest.mark.parametrize("data_format", FORMATS)
def test_the_virtual_oximeter_speaks_each_format_and_shows_what_its_bedside_shows(data_format):
    bed = Bed(Observation(187, 187, 91, None, None, Cuff()))
    device, driver = NoninDevice(bed, data_format), Nonin()
    items = []
    for tenth in range(400):
        items += driver.receive(device.tick(NOW + tenth * S // 10), NOW + tenth * S // 10)
        if tenth == 200:
            bed.seen = Observation(187, None, None, None, None, Cuff())
    shown = [(item.signal, item.value) for item in items if isinstance(item, Reading)]
    assert shown[:2] == [("SPO2", 91.0), ("PR", 187.0)]
    assert shown[-2:] == [("SPO2", None), ("PR", None)]
    assert len(shown) in ((8,) if data_format == "13" else range(76, 83))
    assert driver.counters.rejected == driver.counters.bytes_skipped == 0


@pytest.mark.parametrize("size", [1, 3, 7, 64, 1000])
@pytest.mark.parametrize("data_format", FORMATS)
def test_what_is_found_does_not_hang_on_how_the_bytes_come(data_format, size):
    noise = random.Random(3).randbytes(700)
    data = SAMPLES[data_format] + noise + SAMPLES["2"] + SAMPLES[data_format]
    one, many = Nonin(), Nonin()
    whole = one.receive(data, NOW) + one.finish(NOW)
    pieces = []
    for place in range(0, len(data), size):
        pieces += many.receive(data[place : place + size], NOW)
    assert pieces + many.finish(NOW) == whole
    assert one.counters == many.counters


@pytest.mark.parametrize("after", FORMATS)
@pytest.mark.parametrize("before", FORMATS)
def test_a_format_that_is_changed_is_found_anew(before, after):
    driver = Nonin()
    driver.receive(SAMPLES[before], NOW)
    changed = {
        "2": second("2", pulse=140, spo2=97) * 20,
        "7": second("7", pulse=140, spo2=97) * 20,
        "8": bytes.fromhex("810C6100") * 900,
        "1": bytes.fromhex("810C61") * 1_200,
        "13": spot_check(DATE, 0x0200, 140, 97) * 200,
        "ascii": b"SPO2=097 HR=140\r\n" * 300,
    }
    items = driver.receive(changed[after], NOW)
    assert ("PR", 140.0) in values(items)
    if before not in ("1", "8"):
        # Nothing guards those: the first bytes of another format may look like one more record.
        assert values(items) <= {("PR", 140.0), ("SPO2", 97.0), ("PR", 187.0), ("SPO2", 91.0)}


def test_live_another_format_is_found_within_seconds():
    driver = Nonin()
    driver.receive(SAMPLES["2"], NOW)
    items = []
    for turn in range(1, 16):
        items += driver.receive(bytes.fromhex("810C6100"), NOW + turn * S)
    assert values(items) == {("PR", 140.0), ("SPO2", 97.0)}
    assert driver.counters.frames > 300


def test_silence_is_no_reason_to_doubt_the_format():
    driver = Nonin()
    driver.receive(SAMPLES["2"] + SAMPLES["2"][:3], NOW)
    assert values(driver.receive(SAMPLES["2"][3:505], NOW + 60 * S)) == {("PR", 187.0), ("SPO2", 91.0)}


def test_after_a_new_connection_the_format_is_open_again():
    driver = Nonin()
    driver.receive(SAMPLES["8"], NOW)
    driver.opened(NOW)
    assert values(driver.receive(SAMPLES["2"], NOW)) == {("PR", 187.0), ("SPO2", 91.0)}


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_never_taken_for_a_format_with_values(seed):
    driver = Nonin()
    items = driver.receive(random.Random(seed).randbytes(20_000), NOW)
    assert values(items) == set()
    assert driver.counters.frames == 0


@pytest.mark.parametrize(
    "stream",
    [
        # Other oximeters: five bytes with a mark in bit 7 of the first; text of a Masimo, of a Nellcor.
        bytes([0x85, 0x20, 0x07, 0x4A, 0x61] * 400),
        b"03/04/24 10:15:20 SN=0000012345 SPO2=096% BPM=071 PI=02.15% EXC=000800\r\n\r\n" * 30,
        b"14-Mar-24 10:15:20    97      72      34\r\n" * 30,
        b"\x80" * 3_000,
        b"\x00" * 3_000,
        bytes(range(256)) * 10,
    ],
)
def test_what_others_send_is_not_taken_for_a_nonin(stream):
    driver = Nonin()
    items = driver.receive(stream, NOW) + driver.finish(NOW)
    assert values(items) == set()
    assert driver.counters.frames == 0
    assert driver.counters.bytes_skipped == len(stream)
    assert kinds(items) == {"bytes-skipped"}


def test_one_packet_is_too_little():
    driver = Nonin()
    items = driver.receive(packet(), NOW) + driver.finish(NOW)
    assert values(items) == set()
    assert kinds(items) == {"bytes-skipped"}


def test_sync_bits_that_are_not_25_frames_apart_are_no_packets():
    driver = Nonin()
    items = driver.receive(packet(packet_values()[:24]) * 20, NOW) + driver.finish(NOW)
    assert values(items) == set()


def test_a_format_that_does_not_exist_is_one_sentence():
    with pytest.raises(SettingError, match="cannot be '3': there are auto, ascii, 1, 2, 7, 8, 13"):
        catalogue.create("nonin", {"data_format": 3})


def test_a_zone_that_does_not_exist_is_one_sentence():
    with pytest.raises(SettingError, match="the setting 'zone'"):
        catalogue.create("nonin", {"zone": "Mars/Olympus"})


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_any_mixture_raises_nothing_and_is_counted(data):
    part = st.one_of(st.binary(max_size=60), st.sampled_from([SAMPLES[each][:300] for each in FORMATS]))
    pieces = data.draw(st.lists(part, max_size=8))
    named = data.draw(st.sampled_from(["auto", *FORMATS]))
    driver = Nonin(named)
    items = []
    for piece in pieces:
        items += driver.receive(piece, NOW)
    items += driver.finish(NOW)
    assert driver.counters.bytes_in == sum(map(len, pieces))
    assert all(item.time == NOW for item in items)
