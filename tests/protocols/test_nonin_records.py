"""Nonin's formats 1, 8 and 13 and its text lines: worked examples, missing values, marks, dates, damage."""

from __future__ import annotations

import pytest
from nonin_bytes import spot_check

from devices import instant
from devices.protocols.nonin.driver import Nonin
from devices.reading import Notice, Reading

S = instant.SECOND
NOW = instant.parse("2024-03-04T10:15:25Z")
DATE = bytes([20, 24, 3, 4, 10, 15, 20, 50])


def readings(items):
    return [(item.signal, item.value, item.status.value) for item in items if isinstance(item, Reading)]


def told(items, kind):
    return [item for item in others(items) if item.kind == kind]


def others(items):
    """Notices but that of the format, which the tests of the recognition look at."""
    return [item for item in items if isinstance(item, Notice) and not item.code.startswith("format")]


def notices(items):
    return [(item.kind, item.code) for item in others(items)]


# -- format 8 -----------------------------------------------------------------------------------------------------


def test_the_worked_records_of_format_8():
    driver = Nonin()
    items = driver.receive(bytes.fromhex("804A6100 810C6000 A37F7F08"), NOW) + driver.finish(NOW)
    assert readings(items) == [
        ("SPO2", 97.0, "unverified"),
        ("PR", 74.0, "unverified"),
        ("SPO2", 96.0, "unverified"),
        ("PR", 140.0, "unverified"),
        ("SPO2", None, "off"),
        ("PR", None, "off"),
    ]
    assert notices(items) == [("probe-off", "sensor alarm")]


def test_a_single_record_of_a_format_that_was_named():
    driver = Nonin(data_format="8")
    assert readings(driver.receive(bytes.fromhex("804A6100"), NOW)) == [
        ("SPO2", 97.0, "unverified"),
        ("PR", 74.0, "unverified"),
    ]


@pytest.mark.parametrize(
    ("record", "spo2", "pulse", "status"),
    [
        ("C0 4A 61 00", None, None, "off"),
        ("A0 4A 61 00", 97.0, 74.0, "questionable"),
        ("A3 7F 7F 00", None, None, "searching"),
        ("90 4A 61 00", 97.0, 74.0, "questionable"),
        ("88 4A 61 00", 97.0, 74.0, "unverified"),
        ("84 4A 61 00", 97.0, 74.0, "questionable"),
        ("80 4A 61 20", 97.0, 74.0, "unverified"),
        ("83 7F 7F 00", None, None, "invalid"),
        ("82 2C 61 00", 97.0, 300.0, "unverified"),
    ],
)
def test_status_bits_of_format_8(record, spo2, pulse, status):
    items = Nonin(data_format="8").receive(bytes.fromhex(record), NOW)
    assert readings(items) == [("SPO2", spo2, status), ("PR", pulse, status)]


def test_a_missing_pulse_beside_a_saturation():
    items = Nonin(data_format="8").receive(bytes.fromhex("837F6100"), NOW)
    assert readings(items) == [("SPO2", 97.0, "unverified"), ("PR", None, "invalid")]


def test_a_low_battery_is_told_once():
    items = Nonin(data_format="8").receive(bytes.fromhex("804A6101") * 5, NOW)
    assert notices(items) == [("device-event", "low battery")]


def test_after_a_cut_record_four_in_a_row_are_needed_again():
    driver = Nonin()
    record = bytes.fromhex("804A6100")
    assert driver.receive(record * 3, NOW) == []
    assert len(readings(driver.receive(record, NOW))) == 8
    items = driver.receive(record[:2] + record * 3, NOW)
    assert readings(items) == []
    items = driver.receive(record, NOW)
    assert readings(items) == [("SPO2", 97.0, "unverified"), ("PR", 74.0, "unverified")] * 4
    assert driver.counters.by_reason == {"not the form of a record": 1}


def test_without_stamps_records_are_a_second_apart():
    driver = Nonin(data_format="8")
    driver.assumed_start = NOW
    items = driver.receive(bytes.fromhex("804A6100 810C6000 A37F7F08"), None)
    assert [item.time - NOW for item in items if isinstance(item, Reading)] == [0, 0, S, S, 2 * S, 2 * S]
    assert told(items, "time-assumed")


# -- format 1 -----------------------------------------------------------------------------------------------------


def test_format_1_is_recognised_by_six_records():
    driver = Nonin()
    assert driver.receive(bytes.fromhex("804A61" * 5), NOW) == []
    assert readings(driver.receive(bytes.fromhex("810C60"), NOW)) == [
        *[("SPO2", 97.0, "unverified"), ("PR", 74.0, "unverified")] * 5,
        ("SPO2", 96.0, "unverified"),
        ("PR", 140.0, "unverified"),
    ]


def test_what_was_held_while_the_format_was_open_keeps_the_times_it_came_at():
    driver = Nonin()
    items = [item for turn in range(6) for item in driver.receive(bytes.fromhex("804A61"), NOW + turn * S)]
    assert [item.time - NOW for item in items if isinstance(item, Reading)][::2] == [turn * S for turn in range(6)]


# -- format 13 ----------------------------------------------------------------------------------------------------


def test_a_spot_check_is_dated_by_the_oximeter_where_the_bytes_have_no_stamps():
    driver = Nonin(zone="Europe/Berlin")
    items = driver.receive(spot_check(DATE, 0x0200, 140, 96), None)
    assert readings(items) == [("SPO2", 96.0, "ok"), ("PR", 140.0, "ok")]
    assert {item.time for item in items} == {instant.parse("2024-03-04T09:15:20.5Z")}
    assert not driver.needs_start
    assert notices(items) == [("time-assumed", "")]


def test_live_a_spot_check_carries_the_instant_it_came_at():
    driver = Nonin()
    items = driver.receive(spot_check(DATE, 0x0200, 140, 96) * 2, NOW)
    assert {item.time for item in items} == {NOW}
    assert notices(items) == [("clock-offset", "-4")]


@pytest.mark.parametrize(
    ("status", "pulse", "spo2", "expected"),
    [
        (0x0100, 511, 127, [("SPO2", None, "invalid"), ("PR", None, "invalid")]),
        (0x0000, 511, 127, [("SPO2", None, "invalid"), ("PR", None, "invalid")]),
        (0x0010, 74, 97, [("SPO2", 97.0, "age_unknown"), ("PR", 74.0, "age_unknown")]),
        (0x0001, 74, 97, [("SPO2", 97.0, "ok"), ("PR", 74.0, "ok")]),
    ],
)
def test_states_of_a_spot_check(status, pulse, spo2, expected):
    items = Nonin().receive(spot_check(DATE, status, pulse, spo2), NOW)
    assert readings(items) == expected
    assert bool(told(items, "device-event")) == bool(status & 1)


def test_a_longer_record_is_read_by_what_is_known_of_it():
    items = Nonin().receive(spot_check(DATE, 0x0200, 74, 97, more=b"\x01\x02\x03"), NOW)
    assert readings(items) == [("SPO2", 97.0, "ok"), ("PR", 74.0, "ok")]


def test_a_spot_check_with_a_wrong_sum_is_refused():
    driver = Nonin()
    bad = bytearray(spot_check(DATE, 0x0200, 74, 97))
    bad[19] ^= 1
    items = driver.receive(spot_check(DATE, 0x0200, 74, 97) + bytes(bad), NOW)
    assert len(readings(items)) == 2
    assert driver.counters.by_reason == {"checksum": 1}
    assert told(items, "frame-rejected")[0].raw == bytes(bad)


# -- text lines ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "spo2", "pulse"),
    [
        (b"SPO2=098 HR=074", 98.0, 74.0),
        (b"SPO2=098 HR=140", 98.0, 140.0),
        (b"SPO2=089 HR=074 *", 89.0, 74.0),
        (b"SPO2=089 HR=074*", 89.0, 74.0),
        (b"SPO2=098 HR=074 F", 98.0, 74.0),
        (b"10:15:20 SPO2=098 HR=074 B", 98.0, 74.0),
        (b"SPO2=098   HR=074  ", 98.0, 74.0),
    ],
)
def test_text_lines(line, spo2, pulse):
    driver = Nonin()
    items = driver.receive(line + b"\r\n", NOW)
    assert readings(items) == [("SPO2", spo2, "unverified"), ("PR", pulse, "unverified")]
    assert driver.counters.rejected == 0


def test_dashes_are_no_value():
    items = Nonin().receive(b"SPO2=--- HR=---\r\nSPO2=097 HR=---\r\nSPO2=000 HR=000\r\n", NOW)
    assert readings(items) == [
        ("SPO2", None, "invalid"),
        ("PR", None, "invalid"),
        ("SPO2", 97.0, "unverified"),
        ("PR", None, "invalid"),
        ("SPO2", None, "zero"),
        ("PR", None, "zero"),
    ]


def test_a_mark_is_told_when_it_appears_and_an_unknown_one_once():
    items = Nonin().receive(b"SPO2=098 HR=074 *\r\n" * 3 + b"SPO2=098 HR=074 Q\r\n" * 2, NOW)
    assert notices(items) == [("device-event", "*"), ("unknown-parameter", "Q")]


def test_the_header_at_power_up_is_no_refusal():
    driver = Nonin()
    items = driver.receive(b"NONIN 7500FO\r\n03/04/24 10:15\r\nSPO2=098 HR=074\r\n", NOW)
    assert [item.text for item in told(items, "device-event")] == [
        "the oximeter prints a header, as it does when it is switched on: NONIN 7500FO",
        "the oximeter prints a header, as it does when it is switched on",
    ]
    assert (driver.counters.frames, driver.counters.rejected) == (1, 0)


@pytest.mark.parametrize(
    "line",
    [
        b"SPO2=098 HR=07",
        b"SPO2=98 HR=074",
        b"SPO2=098 HR=0745",
        b"SPO2=0x8 HR=074",
        b"SPO2=101 HR=074",
        b"SPO2=098 HR=999",
        b"SPO2=098",
        b"\xff\xfe\x80",
    ],
)
def test_what_is_no_line_is_refused_with_its_bytes(line):
    driver = Nonin(data_format="ascii")
    items = driver.receive(line + b"\r\n", NOW)
    assert [(item.kind, item.raw) for item in items] == [("frame-rejected", line)]
    assert driver.counters.rejected == 1


def test_a_line_that_lost_its_end_costs_no_other():
    driver = Nonin()
    driver.receive(b"SPO2=098 HR=074\r\n", NOW)
    items = driver.receive(b"SPO2=098 HR=0SPO2=091 HR=187\r\n\xf0\x07SPO2=092 HR=188\r\n", NOW)
    assert readings(items) == [
        ("SPO2", 91.0, "unverified"),
        ("PR", 187.0, "unverified"),
        ("SPO2", 92.0, "unverified"),
        ("PR", 188.0, "unverified"),
    ]
    assert [item.raw for item in told(items, "frame-rejected")] == [b"SPO2=098 HR=0"]
    assert [item.raw for item in told(items, "bytes-skipped")] == [b"\xf0\x07"]
