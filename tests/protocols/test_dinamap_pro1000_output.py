"""The binary output of the DINAMAP PRO 1000: blocks, their check bytes, the heart rate and the clock of a second."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices import instant
from devices.protocols.dinamap.driver import Dinamap
from devices.protocols.dinamap.pro1000 import crc8, is_block, samples
from devices.reading import Notice, Reading

S = instant.SECOND
NOW = 1_770_000_000 * S
EMPTY = bytes.fromhex("000E802008020080200802000000 00EF10FF".replace(" ", ""))
RATE_74 = bytes.fromhex("5D0E802008020080200802000000 4AB847A2".replace(" ", ""))


def block(sequence, record=b"\0\0\0", status=0x0E):
    """A block made from the sheet's own check: a bitwise CRC, not the driver's table."""
    body = bytes([status]) + bytes.fromhex("8020080200" * 2) + record
    crc = 0
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA1 if crc & 1 else 0)
    return bytes([sequence]) + body + bytes([crc, crc ^ 0xFF, sequence ^ 0xFF])


def second(number, rate, clock=(11, 24, 26, 16, 30, 5)):
    """50 blocks: second `number` of the four that the sequence counts through."""
    record = bytearray(150)
    record[130:132] = rate.to_bytes(2, "big")
    record[137:143] = bytes(clock)
    return b"".join(block((number % 4) * 50 + place, bytes(record[3 * place : 3 * place + 3])) for place in range(50))


def rates(items):
    return [(item.signal, item.value, item.status.value, item.time) for item in items if isinstance(item, Reading)]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


def test_the_worked_blocks_hold_together():
    assert is_block(EMPTY)
    assert is_block(RATE_74)
    assert block(0) == EMPTY
    assert block(93, b"\x00\x00\x4a") == RATE_74
    assert crc8(EMPTY[1:15]) == 0xEF
    assert samples(EMPTY[2:7]) == (512, 512, 512, 512)
    assert samples(bytes.fromhex("FFC00FFC01")) == (1023, 0, 1023, 1)


def test_the_worked_block_says_74():
    driver = Dinamap()
    items = driver.receive(RATE_74, NOW)
    assert rates(items) == [("HR", 74.0, "ok", NOW)]
    assert items[-1].source == "dinamap:ecg.hr"
    assert (driver.counters.frames, driver.counters.rejected) == (1, 0)


def test_bytes_without_times_carry_the_monitors_clock():
    driver = Dinamap()
    items = driver.receive(second(0, 74) + second(1, 75, (11, 24, 26, 16, 30, 6)), None) + driver.finish(None)
    first = instant.parse("2026-11-24T16:30:05Z")
    assert rates(items) == [("HR", 74.0, "ok", first), ("HR", 75.0, "ok", first + S)]
    assert notices(items) == [("time-assumed", "")]
    assert not driver.needs_start


def test_the_monitors_clock_is_read_in_the_zone_that_was_given():
    driver = Dinamap()
    driver.zone = timezone(timedelta(hours=2))
    assert rates(driver.receive(second(0, 74), None))[0][-1] == instant.parse("2026-11-24T14:30:05Z")


def test_a_year_before_2000_is_understood():
    assert rates(Dinamap().receive(second(0, 74, (2, 28, 99, 1, 2, 3)), None))[0][-1] == instant.parse(
        "1999-02-28T01:02:03Z"
    )


def test_without_a_clock_a_record_a_second_is_assumed_from_the_start():
    no_clock = (0, 0, 0, 0, 0, 0)
    data = second(0, 74, no_clock) + second(1, 75, no_clock)
    given_start = Dinamap(assumed_start=NOW)
    items = given_start.receive(data, None) + given_start.finish(None)
    assert [each[-1] for each in rates(items)] == [NOW, NOW + S]
    nobody_said = Dinamap()
    nobody_said.receive(data, None)
    nobody_said.finish(None)
    assert nobody_said.needs_start


def test_a_first_second_that_is_still_empty_is_dated_back_from_the_next():
    driver = Dinamap()
    data = b"x" + second(0, 0, (0, 0, 0, 0, 0, 0)) + second(1, 60, (12, 10, 3, 9, 28, 2)) + second(2, 61)
    items = driver.receive(data, None) + driver.finish(None)
    at = instant.parse("2003-12-10T09:28:02Z")
    assert rates(items)[:2] == [("HR", None, "zero", at - S), ("HR", 60.0, "ok", at)]
    assert not driver.needs_start
    assert [(item.kind, item.time) for item in items if isinstance(item, Notice)] == [
        ("bytes-skipped", at - 2 * S),
        ("time-assumed", at),
    ]


@pytest.mark.parametrize(
    ("rate", "value", "status"),
    [(0, None, "zero"), (24, 24.0, "range"), (25, 25.0, "ok"), (300, 300.0, "ok"), (301, 301.0, "range")],
)
def test_a_rate_is_judged(rate, value, status):
    assert [each[1:3] for each in rates(Dinamap().receive(second(0, rate), NOW))] == [(value, status)]


@pytest.mark.parametrize("place", range(18))
def test_a_block_with_any_byte_wrong_is_refused_and_told(place):
    driver = Dinamap()
    driver.receive(second(0, 74), NOW)
    bad = bytearray(block(50, b"\0\0\0"))
    bad[place] ^= 0x04
    items = driver.receive(bytes(bad) + block(51), NOW)
    assert notices(items) == [("frame-rejected", "checksum"), ("sequence-gap", "1")]
    assert items[0].raw == bytes(bad)
    assert driver.counters.rejected == 1


def test_noise_between_blocks_is_skipped_and_told():
    driver = Dinamap()
    items = driver.receive(b"\x01\x02" + second(0, 74)[: 18 * 20] + b"noise" + second(0, 74)[18 * 20 :], NOW)
    assert [(item.kind, item.raw) for item in items if isinstance(item, Notice)] == [
        ("bytes-skipped", b"\x01\x02"),
        ("bytes-skipped", b"noise"),
    ]
    assert [each[1] for each in rates(items)] == [74.0]


def test_the_monitors_alarm_bits_are_told_when_they_change():
    items = Dinamap().receive(block(0) + block(1, status=0x2E) + block(2, status=0x6E) + block(3), NOW)
    assert notices(items) == [("device-event", "warning"), ("device-event", "crisis"), ("device-event", "none")]


def test_a_rate_whose_clock_was_lost_is_told_all_the_same():
    data = second(0, 74)
    driver = Dinamap()
    items = driver.receive(data[: 18 * 45] + second(1, 75), None) + driver.finish(None)
    assert [each[1] for each in rates(items)] == [74.0, 75.0]


@settings(max_examples=30)
@given(st.lists(st.integers(1, 400), max_size=40), st.booleans())
def test_any_pieces_give_the_same_items(cuts, is_stamped):
    at = NOW if is_stamped else None
    data = b"xx" + second(0, 74) + b"junk" + second(1, 75)[:-7]
    whole, sliced = Dinamap(), Dinamap()
    expected = whole.receive(data, at) + whole.finish(at)
    items, start = [], 0
    for cut in [*cuts, len(data)]:
        items += sliced.receive(data[start : start + cut], at)
        start += cut
    assert items + sliced.finish(at) == expected
    assert sliced.counters == whole.counters


def test_a_port_opened_anew_neither_joins_halves_nor_counts_what_came_between_as_lost():
    driver = Dinamap()
    driver.receive(second(0, 74) + second(1, 75)[:9], NOW)
    driver.opened(NOW + 5 * S)
    items = driver.receive(second(3, 76), NOW + 6 * S)
    assert rates(items) == [("HR", 76.0, "ok", NOW + 6 * S)]
    assert notices(items) == []
