"""Nonin's formats 2 and 7: worked frames, values above 127, missing and held ones, status bits, lost frames."""

from __future__ import annotations

import pytest
from nonin_bytes import MISSING_PULSE, MISSING_SPO2, frame2, packet, packet_values, second

from devices import instant
from devices.protocols.nonin.driver import Nonin
from devices.reading import Notice, Reading, Status

S = instant.SECOND
NOW = 1_770_000_000 * S
SYNC_2 = b"\x01\x81\x00\x00\x82"


def readings(items):
    return [(item.signal, item.value, item.status.value) for item in items if isinstance(item, Reading)]


def told(items, kind):
    return [item for item in others(items) if item.kind == kind]


def others(items):
    """Notices but that of the format, which the tests of the recognition look at."""
    return [item for item in items if isinstance(item, Notice) and not item.code.startswith("format")]


def kinds(items):
    return [item.kind for item in others(items)]


def after_start(data, **settings):
    """What `data` says to a driver that has read whole packets, their samples told."""
    driver = Nonin(**settings)
    driver.receive(packet() * 3, NOW)
    return driver, driver.receive(data, NOW)


def test_the_worked_frames_are_whole_ones():
    driver = Nonin(data_format="2")
    assert driver.receive(bytes.fromhex("01 81 49 00 CB  01 80 41 4C 0E  01 80 44 60 25"), NOW) == []
    assert (driver.counters.frames, driver.counters.rejected, driver.counters.bytes_skipped) == (3, 0, 0)


def test_the_worked_frames_and_the_rest_of_two_packets_are_a_pulse_of_76_and_a_saturation_of_96():
    begun = bytes.fromhex("01 81 49 00 CB  01 80 41 4C 0E  01 80 44 60 25")
    rest = b"".join(frame2(0x80, value) for value in packet_values(76, 96)[3:])
    driver = Nonin()
    items = driver.receive((begun + rest) * 2 + SYNC_2, NOW)
    assert [item for item in items if isinstance(item, Reading)] == [
        Reading(NOW, NOW, "SPO2", 96.0, "%", Status.OK, "nonin:spo2"),
        Reading(NOW, NOW, "PR", 76.0, "/min", Status.OK, "nonin:spo2.pr"),
    ]


@pytest.mark.parametrize("data_format", ["2", "7"])
@pytest.mark.parametrize("pulse", [18, 76, 127, 128, 140, 187, 255, 256, 299])
def test_pulse_rates_of_nine_bits(data_format, pulse):
    items = Nonin().receive(second(data_format, pulse=pulse), NOW)
    assert ("PR", float(pulse), "range" if pulse < 20 else "ok") in readings(items)
    assert ("SPO2", 96.0, "ok") in readings(items)


@pytest.mark.parametrize("data_format", ["2", "7"])
def test_bits_kept_free_in_the_values_are_no_part_of_them(data_format):
    values = packet_values(140, 96)
    values[0] |= 0x7C
    values[19] |= 0x7C
    assert readings(Nonin().receive(packet(values, 0, data_format) * 3, NOW))[:2] == [
        ("SPO2", 96.0, "ok"),
        ("PR", 140.0, "ok"),
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # Displayed values precede the averaged ones.
        (packet_values(140, 96, 141, 97), [("SPO2", 97.0, "ok"), ("PR", 141.0, "ok")]),
        # Models without displayed values send 0 there.
        (packet_values(140, 96, 0, 0), [("SPO2", 96.0, "ok"), ("PR", 140.0, "ok")]),
        (packet_values(140, 96, MISSING_PULSE, MISSING_SPO2), [("SPO2", 96.0, "ok"), ("PR", 140.0, "ok")]),
        (packet_values(MISSING_PULSE, MISSING_SPO2), [("SPO2", None, "invalid"), ("PR", None, "invalid")]),
        (packet_values(MISSING_PULSE, 96), [("SPO2", 96.0, "ok"), ("PR", None, "invalid")]),
        (packet_values(0, 0), [("SPO2", None, "zero"), ("PR", None, "zero")]),
        # Without a new beat the oximeter goes on showing the last values for 10 s: they are not measured now.
        (
            packet_values(MISSING_PULSE, MISSING_SPO2, 76, 96),
            [("SPO2", 96.0, "questionable"), ("PR", 76.0, "questionable")],
        ),
        (packet_values(400, 105), [("SPO2", 105.0, "range"), ("PR", 400.0, "range")]),
    ],
)
def test_displayed_averaged_and_missing_values(values, expected):
    _, items = after_start(packet(values) * 3 + SYNC_2)
    assert readings(items)[-2:] == expected


@pytest.mark.parametrize(
    ("flags", "status", "kind", "code"),
    [
        (0x40, "off", "probe-off", "sensor disconnected"),
        (0x08, "off", "probe-off", "sensor alarm"),
        (0x10, "questionable", "signal-poor", "out of track"),
        (0x20, "questionable", "signal-poor", "artifact"),
        (0x04, "questionable", "signal-poor", "low perfusion"),
        (0x02, "ok", "", ""),
        (0x06, "ok", "", ""),
    ],
)
@pytest.mark.parametrize("data_format", ["2", "7"])
def test_status_bits_decide_what_the_values_are_worth(data_format, flags, status, kind, code):
    driver = Nonin()
    driver.receive(second(data_format), NOW)
    items = driver.receive(second(data_format, flags) * 2, NOW)
    kept = status != "off"
    assert readings(items)[-2:] == [("SPO2", 96.0 if kept else None, status), ("PR", 76.0 if kept else None, status)]
    assert [(item.kind, item.code) for item in others(items)] == ([(kind, code)] if kind else [])


def test_without_values_out_of_track_is_searching():
    _, items = after_start(second(flags=0x10, pulse=MISSING_PULSE, spo2=MISSING_SPO2) * 2)
    assert readings(items)[-2:] == [("SPO2", None, "searching"), ("PR", None, "searching")]


def test_an_artifact_in_any_frame_of_the_second_counts():
    frames = bytearray(packet())
    frames[25:30] = frame2(0x80 | 0x20, packet_values()[5])
    _, items = after_start(packet() * 2 + bytes(frames) + packet() * 3)
    assert ("SPO2", 96.0, "questionable") in readings(items)


def test_one_sample_a_second():
    driver = Nonin()
    items = driver.receive(packet() * 3 * 60, NOW)
    assert len(readings(items)) == 2 * 60
    assert driver.counters.frames == 75 * 60


def test_without_stamps_samples_are_a_second_apart_from_the_start_on():
    driver = Nonin()
    items = driver.receive(packet() * 3 * 4, None)
    assert driver.needs_start
    assert [item.time for item in items if isinstance(item, Reading)][::2] == [0, S, 2 * S, 3 * S]
    driver = Nonin()
    driver.assumed_start = NOW
    items = driver.receive(packet() * 3 * 4, None)
    assert not driver.needs_start
    assert kinds(items) == ["time-assumed"]
    assert [item.time for item in items if isinstance(item, Reading)][-1] == NOW + 3 * S


def test_no_value_before_two_whole_packets_in_a_row():
    driver = Nonin()
    assert readings(driver.receive(packet()[60:] + packet() + packet()[:-5], NOW)) == []
    items = driver.receive(packet()[-5:] + SYNC_2, NOW)
    assert len(readings(items)) == 2


def test_a_stream_that_begins_within_a_frame():
    driver = Nonin()
    items = driver.receive(packet()[3:] + packet() * 4, NOW)
    assert readings(items)[:2] == [("SPO2", 96.0, "ok"), ("PR", 76.0, "ok")]
    assert driver.counters.bytes_skipped == 2


def test_a_short_dump_has_one_sample_where_two_sync_bits_are_25_frames_apart():
    driver = Nonin()
    driver.assumed_start = NOW
    items = driver.receive(packet()[50:] + packet() + packet()[:40], None) + driver.finish(None)
    assert readings(items) == [("SPO2", 96.0, "ok"), ("PR", 76.0, "ok")]
    for single in (packet(), packet()[5:] * 2):
        driver = Nonin()
        assert readings(driver.receive(single, NOW) + driver.finish(NOW)) == []
    driver = Nonin("2")
    assert readings(driver.receive(packet(), NOW) + driver.finish(NOW)) == []


def test_the_last_packet_of_a_capture_counts():
    driver = Nonin()
    assert readings(driver.receive(packet() * 2, NOW)) == []
    assert len(readings(driver.finish(NOW))) == 2


def test_a_frame_with_a_wrong_sum_is_refused_and_its_packet_gives_no_value():
    bad = bytearray(packet(packet_values(pulse=200)))
    bad[7] ^= 0x10
    driver, items = after_start(bytes(bad) * 3 + packet())
    # What is told is of the last whole packet before.
    assert readings(items) == [("SPO2", 96.0, "ok"), ("PR", 76.0, "ok")]
    assert driver.counters.by_reason == {"checksum": 3}
    assert all(item.raw == bytes(bad[5:10]) for item in told(items, "frame-rejected"))


def test_a_packet_that_lost_a_frame_gives_no_value_and_is_told():
    short = packet(packet_values(pulse=200))[:-5]
    driver, items = after_start(short + packet() * 6)
    assert [item.code for item in told(items, "sequence-gap")] == ["24"]
    assert ("PR", 200.0, "ok") not in readings(items)
    assert driver.counters.rejected == 0


def test_noise_between_frames_costs_no_frame_and_is_told_together():
    frames = packet() * 6
    noisy = b"".join(b"\xfe\x07" + frames[place : place + 5] for place in range(0, len(frames), 5))
    driver, items = after_start(noisy)
    assert len(readings(items)) >= 4
    assert driver.counters.bytes_skipped == 2 * 150
    skipped = told(items, "bytes-skipped")
    assert len(skipped) <= 8
    assert skipped[0].raw == b"\xfe\x07"
    assert "in 25 places" in skipped[1].text


def numbered(first: int, count: int) -> bytes:
    return b"".join(packet(packet_values(timer=number % 16_384)) for number in range(first, first + count))


def test_packets_that_were_lost_are_known_by_the_oximeters_count():
    driver = Nonin()
    driver.receive(numbered(16_380, 9), NOW)
    items = driver.receive(numbered(16_384 + 14, 6), NOW)
    assert [(item.kind, item.code) for item in others(items)] == [("sequence-gap", "9")]


def test_without_stamps_lost_packets_are_time_that_has_passed():
    driver = Nonin()
    driver.assumed_start = NOW
    items = driver.receive(numbered(0, 30), None) + driver.receive(numbered(60, 30), None)
    # 90 packets of a third of a second began 30 s ago, when the last is over.
    assert [item.time for item in items if isinstance(item, Reading)][-1] in (NOW + 28 * S, NOW + 29 * S)


def test_a_count_that_begins_anew_is_a_restart():
    driver = Nonin()
    driver.receive(numbered(100, 9), NOW)
    items = driver.receive(numbered(0, 9), NOW)
    assert kinds(items) == ["device-restarted"]
    assert len(readings(items)) == 6


def test_a_count_that_stands_still_says_nothing():
    driver = Nonin()
    items = driver.receive(packet(packet_values(timer=5)) * 30, NOW)
    assert kinds(items) == []


def test_after_a_new_connection_no_gap_is_made_up():
    driver = Nonin()
    driver.receive(numbered(100, 9), NOW)
    driver.opened(NOW)
    items = driver.receive(numbered(9_000, 9), NOW)
    assert kinds(items) == []
    assert len(readings(items)) == 6


def test_firmware_and_battery_are_told_when_they_change():
    driver = Nonin()
    items = driver.receive(second(firmware=33) * 2 + second(firmware=33, second=0x21) * 3, NOW)
    assert [item.code for item in told(items, "device-event")] == ["33", "low battery"]
