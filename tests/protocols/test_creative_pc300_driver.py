"""The PC-300's frames: worked frames of the sheet, frames of real monitors, no-value codes, damage, times."""

from __future__ import annotations

import pytest

from devices.protocols.creative_pc300.driver import CreativePc300
from devices.protocols.creative_pc300.frames import crc8, encode
from devices.reading import Notice, Reading
from devices.virtual.creative_pc300 import Pc60fwDevice
from devices.virtual.device import Cuff, Observation

S = 1_000_000
NOW = 1_770_000_000 * S


def frame(text: str) -> bytes:
    return bytes.fromhex(text)


def heard(text: str, driver: CreativePc300 | None = None, at: int | None = NOW):
    return (driver or CreativePc300()).receive(frame(text), at)


def readings(items):
    return [
        (item.signal, item.value, item.status.value, item.source.partition(":")[2])
        for item in items
        if isinstance(item, Reading)
    ]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


GOOD = [("SPO2", 98.0, "ok", "spo2"), ("PR", 74.0, "ok", "spo2.pr")]
CUFF = [
    ("NIBP_SYS", 118.0, "ok", "nibp"),
    ("NIBP_DIA", 76.0, "ok", "nibp"),
    ("NIBP_MEAN", 90.0, "ok", "nibp"),
    ("PR", 74.0, "ok", "nibp.pr"),
]


def off(status: str):
    return [("SPO2", None, status, "spo2"), ("PR", None, status, "spo2.pr")]


WORKED = {
    "AA 55 53 07 01 62 4A 00 1E 00 0A": (GOOD, []),
    "AA 55 53 07 01 00 00 00 00 02 EF": (off("off"), [("probe-off", "off")]),
    "AA 55 43 07 01 00 76 5A 4C 4A 59": (CUFF, []),
    "AA 55 43 07 01 80 76 5A 4C 4A 92": (CUFF, [("device-event", "irregular-pulse")]),
    "AA 55 43 03 02 01 97": ([], [("cuff-failed", "1")]),
    "AA 55 43 03 02 83 A7": ([], [("cuff-failed", "131")]),
    "AA 55 42 04 01 00 96 35": ([], []),
    "AA 55 0F 08 01 61 4A 00 1E 00 C0 88": ([("SPO2", 97.0, "ok", "spo2"), ("PR", 74.0, "ok", "spo2.pr")], []),
    "AA 55 0F 08 01 5F 8C 00 28 00 C0 C7": ([("SPO2", 95.0, "ok", "spo2"), ("PR", 140.0, "ok", "spo2.pr")], []),
    "AA 55 0F 08 01 00 00 00 00 02 C0 07": (off("off"), [("probe-off", "off")]),
    "AA 55 72 05 01 40 02 94 18": ([("TEMP", 36.6, "ok", "temp")], []),
}
"""The sheet's section 5."""

REAL = {
    # Frames of real monitors, as published in comments and notes: PC-300 and its boards, then PC-60FW and KS-60FW.
    "AA 55 53 07 01 61 43 00 25 00 D9": [("SPO2", 97.0, "ok", "spo2"), ("PR", 67.0, "ok", "spo2.pr")],
    "AA 55 53 07 01 62 6B 00 94 00 3D": [("SPO2", 98.0, "ok", "spo2"), ("PR", 107.0, "ok", "spo2.pr")],
    "AA 55 52 03 01 00 2B": [],
    "AA 55 51 03 02 08 34": off("off"),
    "AA 55 72 05 01 40 02 61 53": [("TEMP", 36.09, "ok", "temp")],
    "AA 55 73 05 01 00 00 38 83": [],
    "AA 55 0F 08 01 60 3E 00 0D 00 C0 63": [("SPO2", 96.0, "ok", "spo2"), ("PR", 62.0, "ok", "spo2.pr")],
    "AA 55 0F 08 01 61 40 00 51 00 C0 5B": [("SPO2", 97.0, "ok", "spo2"), ("PR", 64.0, "ok", "spo2.pr")],
    "AA 55 0F 08 01 5F 55 00 57 00 C0 DA": [("SPO2", 95.0, "ok", "spo2"), ("PR", 85.0, "ok", "spo2.pr")],
    "AA 55 0F 07 02 5A 57 D2 4C 45 A7": [],
    "AA 55 0F 06 21 02 00 00 00 45": [],
    "AA 55 F0 03 03 03 F6": [],
}


@pytest.mark.parametrize("text", WORKED)
def test_the_worked_frames_say_what_the_sheet_says(text):
    driver = CreativePc300()
    items = heard(text, driver)
    assert (readings(items), notices(items)) == WORKED[text]
    assert {(item.time, item.received) for item in items} <= {(NOW, NOW)}
    assert (driver.counters.frames, driver.counters.rejected, driver.counters.bytes_skipped) == (1, 0, 0)


@pytest.mark.parametrize("text", REAL)
def test_frames_of_real_monitors_hold_and_are_read(text):
    driver = CreativePc300()
    items = heard(text, driver)
    assert readings(items) == REAL[text]
    assert not [kind for kind, _ in notices(items) if kind in ("frame-rejected", "unknown-parameter")]
    assert (driver.counters.frames, driver.counters.rejected) == (1, 0)


@pytest.mark.parametrize(
    "text", ["AA 55 FF 02 01 CA", "AA 55 40 02 01 29", "AA 55 50 03 02 01 27", "AA 55 50 03 02 00 79"]
)
def test_the_sheets_requests_are_made_as_it_has_them(text):
    data = frame(text)
    assert encode(data[2], data[4], data[5:-1]) == data
    assert crc8(data[:-1]) == data[-1]


# -- oximeter --------------------------------------------------------------------------------------------------


def oximeter(spo2: int, pulse: int, status: int = 0, token: int = 0x53) -> bytes:
    return encode(token, 1, bytes((spo2, pulse & 0xFF, pulse >> 8, 30, status)))


@pytest.mark.parametrize("token", [0x53, 0x0F])
@pytest.mark.parametrize(
    ("spo2", "pulse", "status", "expected"),
    [
        (91, 187, 0, [("SPO2", 91.0, "ok"), ("PR", 187.0, "ok")]),
        (99, 256 + 20, 0, [("SPO2", 99.0, "ok"), ("PR", 276.0, "ok")]),
        (99, 511, 0, [("SPO2", 99.0, "ok"), ("PR", 511.0, "range")]),
        (127, 60, 0, [("SPO2", 127.0, "range"), ("PR", 60.0, "ok")]),
        (0, 0, 0, [("SPO2", None, "zero"), ("PR", None, "zero")]),
        (97, 0, 0, [("SPO2", 97.0, "ok"), ("PR", None, "zero")]),
        (98, 74, 2, [("SPO2", None, "off"), ("PR", None, "off")]),
        (98, 74, 4, [("SPO2", None, "searching"), ("PR", None, "searching")]),
        (98, 74, 6, [("SPO2", None, "off"), ("PR", None, "off")]),
        (98, 74, 0x40, [("SPO2", 98.0, "ok"), ("PR", 74.0, "ok")]),
    ],
)
def test_an_oximeter_says_its_numbers_or_why_it_has_none(token, spo2, pulse, status, expected):
    items = CreativePc300().receive(oximeter(spo2, pulse, status, token), NOW)
    assert [each[:3] for each in readings(items)] == expected


def test_a_sensor_that_comes_off_is_told_once_and_again_after_it_was_on():
    driver = CreativePc300()
    said = [
        oximeter(98, 74),
        oximeter(0, 0, 2),
        oximeter(0, 0, 2),
        oximeter(0, 0, 4),
        oximeter(98, 74),
        oximeter(0, 0, 2),
    ]
    told = [notices(driver.receive(each, NOW + n * S)) for n, each in enumerate(said)]
    assert told == [[], [("probe-off", "off")], [], [("signal-poor", "searching")], [], [("probe-off", "off")]]


def test_a_pc_100_says_that_the_probe_is_off_in_a_frame_of_its_own():
    items = heard("AA 55 50 02 02 81")
    assert (readings(items), notices(items)) == (off("off"), [("probe-off", "off")])
    assert heard("AA 55 50 03 02 01 27") == []  # the reply to asking for the flow


# -- thermometer -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("40 02 94", [("TEMP", 36.6, "ok", "temp")]),
        ("C0 03 98", [("TEMP", 39.2, "ok", "temp")]),
        ("40 05 14", [("TEMP", 43.0, "ok", "temp")]),
        ("40 05 19", [("TEMP", 43.05, "range", "temp")]),
        ("40 05 20", [("TEMP", None, "invalid", "temp")]),
        ("40 F0 00", [("TEMP", None, "invalid", "temp")]),
        ("20 02 94", [("TEMP", None, "measuring", "temp")]),
        ("60 02 94", [("TEMP", None, "invalid", "temp")]),
        ("50 02 94", [("TEMP", None, "off", "temp")]),
        ("00 00 00", []),
    ],
)
def test_a_temperature_counts_only_when_its_measurement_is_done(data, expected):
    assert readings(CreativePc300().receive(encode(0x72, 1, frame(data)), NOW)) == expected


# -- ECG -------------------------------------------------------------------------------------------------------


def block(sequence: int, rate: int, flags: int = 0) -> bytes:
    return encode(0x32, 1, bytes((sequence,)) + b"\x80\x10" * 25 + bytes((rate, flags)))


def test_the_rate_of_ecg_blocks_is_told_once_a_second_with_the_newest():
    driver = CreativePc300()
    items = []
    for number in range(18):
        items += driver.receive(block(number + 1, 60 + number), NOW + number * S // 6)
    assert readings(items) == [("HR", rate, "ok", "ecg.hr") for rate in (60.0, 66.0, 72.0)]


def test_an_ecg_without_electrodes_or_rate_has_no_value():
    driver = CreativePc300()
    items = driver.receive(block(0, 74, 0x80), NOW) + driver.receive(block(0, 74, 0x80), NOW + S)
    assert readings(items) == [("HR", None, "off", "ecg.hr")] * 2
    assert notices(items) == [("lead-off", "off")]
    assert readings(driver.receive(block(0, 0), NOW + 2 * S)) == [("HR", None, "zero", "ecg.hr")]


def test_lost_ecg_blocks_are_counted_by_their_sequence():
    driver = CreativePc300()
    told = []
    for sequence in (0, 0, 1, 2, 5, 5, 255, 0, 1, 3):
        told += notices(driver.receive(block(sequence, 70), NOW))
    assert told == [("sequence-gap", "2"), ("sequence-gap", "249"), ("sequence-gap", "1")]


def test_the_result_of_an_ecg_has_its_rate_in_the_third_byte():
    assert readings(CreativePc300().receive(encode(0x33, 1, b"\x00\x00\x9b"), NOW)) == [("HR", 155.0, "ok", "ecg.hr")]
    poor = CreativePc300().receive(encode(0x33, 1, b"\xff\x00\x9b"), NOW)
    assert readings(poor) == [("HR", 155.0, "questionable", "ecg.hr")]


# -- the monitor itself ----------------------------------------------------------------------------------------


def test_what_the_monitor_says_of_itself_is_told_when_it_changes():
    driver = CreativePc300()
    name, version, empty = encode(0xFF, 1, b"PC_300SNT\0"), encode(0xFF, 4, b"\x21\x05\x10\x03"), encode(0xF0, 3, b"\0")
    items = driver.receive(name * 2 + version * 2 + empty * 2, NOW)
    assert notices(items) == [("device-event", "PC_300SNT"), ("device-event", "version"), ("device-event", "battery")]
    assert items[1].text == "the monitor's software is 2.1.0.5, its hardware 1.0"
    assert notices(driver.receive(encode(0xD0, 1), NOW)) == [("device-event", "power-off")]


def test_a_frame_that_is_not_known_is_told_once_with_its_bytes():
    driver = CreativePc300()
    strange = encode(0x99, 0x07, b"\x01\x02")
    (told,) = driver.receive(strange * 3, NOW)
    assert (told.kind, told.code, told.raw) == ("unknown-parameter", "99/07", strange)
    assert driver.counters.frames == 3


def test_glucose_is_left_out_aloud_and_once():
    driver = CreativePc300()
    assert notices(driver.receive(encode(0x73, 1, b"\x00\x00\x38") * 2, NOW)) == [("device-event", "glucose")]


# -- damage ----------------------------------------------------------------------------------------------------


def test_frames_edited_by_hand_with_a_wrong_crc_are_refused():
    """One that circulates in public code comments: 141/90 without its mean and pulse."""
    driver = CreativePc300()
    items = heard("AA 55 43 07 01 00 8D 00 60 00 0E", driver)
    assert notices(items) == [("frame-rejected", "checksum")]
    assert items[0].raw == frame("AA 55 43 07 01 00 8D 00 60 00 0E")
    assert (driver.counters.frames, driver.counters.rejected) == (0, 1)


def test_data_may_hold_the_mark():
    data = encode(0x43, 1, bytes((0, 0xAA, 0x55, 0x50, 0x4A)))
    assert [each[1] for each in readings(CreativePc300().receive(data, NOW))] == [170.0, 80.0, 85.0, 74.0]


def test_a_frame_that_is_too_short_for_its_kind_is_refused():
    driver = CreativePc300()
    assert notices(driver.receive(encode(0x53, 1, b"\x62\x4a"), NOW)) == [("frame-rejected", "length")]
    assert (driver.counters.frames, driver.counters.rejected) == (0, 1)


@pytest.mark.parametrize("length", [0, 1, 65, 255])
def test_a_length_that_cannot_be_holds_nothing_up(length):
    driver = CreativePc300()
    items = driver.receive(frame("AA 55 53") + bytes((length,)) + oximeter(98, 74), NOW)
    assert readings(items) == GOOD
    assert notices(items) == [("bytes-skipped", "")]


def test_requests_in_the_bytes_are_no_frames_of_the_monitor():
    driver = CreativePc300()
    assert (
        heard("AA 55 FF 02 01 CA AA 55 FF 02 02 28 AA 55 43 02 01 CD AA 55 41 02 01 82 AA 55 51 02 01 C8", driver) == []
    )
    assert driver.counters.rejected == 0


# -- times -----------------------------------------------------------------------------------------------------


def times(items):
    return [(item.signal, (item.time - NOW) // S) for item in items if isinstance(item, Reading)]


def test_without_stamps_each_frame_of_the_oximeter_opens_a_second():
    driver = CreativePc300(assumed_start=NOW)
    cuff = frame("AA 55 43 07 01 00 76 5A 4C 4A 59")
    items = driver.receive(encode(0x52, 1, b"\1\2") + oximeter(98, 74) + cuff + oximeter(97, 75) * 2, None)
    assert times(items) == [
        ("SPO2", 0), ("PR", 0), ("NIBP_SYS", 0), ("NIBP_DIA", 0), ("NIBP_MEAN", 0), ("PR", 0),
        ("SPO2", 1), ("PR", 1), ("SPO2", 2), ("PR", 2),
    ]  # fmt: skip
    assert notices(items) == [("time-assumed", "")]
    assert not driver.needs_start


def test_without_stamps_or_an_oximeter_six_ecg_blocks_are_a_second():
    driver = CreativePc300(assumed_start=NOW)
    items = driver.receive(b"".join(block(n + 1, 60 + n) for n in range(18)), None)
    assert times(items) == [("HR", 0), ("HR", 1), ("HR", 2)]
    both = CreativePc300(assumed_start=NOW)
    second = oximeter(98, 74) + b"".join(block(0, 80) for _ in range(6))
    assert [time for signal, time in times(both.receive(second * 3, None)) if signal == "HR"] == [0, 1, 2]


def test_a_single_cuff_result_without_stamps_needs_a_start():
    driver = CreativePc300()
    items = heard("AA 55 43 07 01 00 76 5A 4C 4A 59", driver, at=None)
    assert driver.needs_start
    assert notices(items) == [("time-assumed", "")]


def test_a_streaming_oximeter_is_only_listened_to():
    class Bedside:
        def observe(self, at):
            return Observation(hr=72, pr=131, spo2=98, rr=14, temp=36.8, cuff=Cuff())

    driver, device = CreativePc300(), Pc60fwDevice(Bedside())
    driver.opened(NOW)
    sent, items = b"", []
    for tenth in range(100):
        at = NOW + tenth * S // 10
        sent += driver.send(at)
        items += driver.receive(device.tick(at), at)
    assert sent == frame("AA 55 FF 02 01 CA")
    assert driver.wake() is None
    assert driver.closing() == b""
    assert readings(items) == [("SPO2", 98.0, "ok", "spo2"), ("PR", 131.0, "ok", "spo2.pr")] * 10
    assert notices(items) == []
