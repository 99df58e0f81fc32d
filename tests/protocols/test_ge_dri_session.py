"""A session with a GE monitor: what is asked and when, clocks, counters, and a capture of a real one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ge_dri_bytes import S, T, aux, basic, frame, shown, sub

from devices import instant
from devices.errors import SettingError
from devices.protocols.base import Driver
from devices.protocols.ge_dri.driver import GeDri
from devices.protocols.ge_dri.frames import request_frame
from devices.protocols.ge_dri.records import Request
from devices.reading import Notice, Reading

AT = T * S
CAPTURE = Path(__file__).parent.parent / "captures" / "ge-dri_level9.raw"
HEART = {"ecg": (0x0B, 0, 72, 0, 0, 0, 14)}
STOPS = [Request(1, 0), Request(2, 0), Request(3, 0)]


def wire(*requests):
    return b"".join(request_frame(request) for request in requests)


def notices(items, *kinds):
    return [item for item in items if isinstance(item, Notice) and item.kind in kinds]


def opened(**settings):
    driver = GeDri(**settings)
    driver.opened(AT)
    return driver


def test_it_is_a_driver():
    driver = GeDri()
    assert isinstance(driver, Driver)
    assert (driver.name, driver.quiet_after, driver.zone) == ("ge-dri", 15 * S, UTC)
    assert (driver.needs_start, driver.is_relative) == (False, False)
    assert GeDri(interval_s=60).quiet_after == 180 * S


@pytest.mark.parametrize(
    "settings", [{"interval_s": 4}, {"interval_s": 3_601}, {"interval_s": -1}, {"zone": "Mars/Base"}]
)
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(SettingError, match=next(iter(settings))):
        GeDri(**settings)


def test_nothing_is_sent_before_the_port_is_open():
    driver = GeDri()
    assert (driver.wake(), driver.send(AT)) == (None, b"")


def test_on_opening_old_requests_are_ended_and_ours_are_made():
    driver = opened()
    assert driver.wake() == AT
    assert driver.send(AT) == wire(*STOPS, Request(1, 5), Request(4, 5))
    assert driver.send(AT) == b""
    assert driver.wake() == AT + 15 * S
    without = opened(interval_s=10, aux=False)
    assert without.send(AT) == wire(*STOPS, Request(1, 10))


def test_closing_ends_what_was_asked_for():
    assert opened().closing() == wire(Request(1, 0), Request(4, 0))
    assert opened(aux=False).closing() == wire(Request(1, 0))


def test_a_silent_monitor_is_asked_again_and_after_three_times_that_is_said():
    driver = opened()
    sent = {}
    for second in range(100):
        data = driver.send(AT + second * S)
        if data:
            sent[second] = data
    again = wire(Request(1, 5), Request(4, 5))
    assert {second: data for second, data in sent.items() if second} == dict.fromkeys(
        (15, 30, 45, 55, 65, 75, 85, 95), again
    )
    items = driver.receive(b"", AT + 100 * S)
    assert [(item.time - AT) / S for item in notices(items, "not-answering")] == [45]
    assert driver.receive(b"", AT + 100 * S) == []
    items = driver.receive(shown(0, T + 101, **HEART), AT + 101 * S)
    assert [item.text for item in notices(items, "device-event")] == ["the monitor answers again, after 56 s"]
    assert driver.wake() == AT + 116 * S
    assert driver.receive(shown(1, T + 106, **HEART), AT + 106 * S)[0].signal == "HR"


def test_records_put_the_next_question_off():
    driver = opened()
    driver.send(AT)
    for second in range(5, 100, 5):
        driver.receive(shown(second // 5, T + second, **HEART), AT + second * S)
        assert driver.send(AT + second * S) == b""
    assert driver.wake() == AT + (95 + 15) * S
    assert driver.send(AT + 110 * S) == wire(Request(1, 5), Request(4, 5))


def test_records_without_displayed_values_are_no_answer():
    driver = opened()
    driver.send(AT)
    driver.receive(frame([(4, aux(0))], 0, T + 10), AT + 10 * S)
    driver.receive(frame([(1, bytes(30))], 1, T + 11, main=1), AT + 11 * S)
    assert driver.send(AT + 15 * S) == wire(Request(1, 5), Request(4, 5))


def test_opened_again_it_forgets_half_a_frame_and_asks_anew():
    driver = opened()
    driver.send(AT)
    driver.receive(shown(9, T, **HEART)[:100], AT)
    driver.opened(AT + S)
    assert driver.send(AT + S) == wire(*STOPS, Request(1, 5), Request(4, 5))
    items = driver.receive(shown(200, T + 5, **HEART), AT + 5 * S)
    assert notices(items, "frame-rejected", "sequence-gap", "device-restarted", "bytes-skipped") == []


def test_live_readings_carry_our_time_and_the_clocks_difference_is_told_once():
    driver = opened()
    items = []
    for step in range(4):
        items += driver.receive(shown(step, T + 7_200 + 5 * step, **HEART), AT + 5 * step * S)
    assert [item.time for item in items if isinstance(item, Reading) and item.signal == "HR"] == [
        AT + 5 * step * S for step in range(4)
    ]
    assert [(item.code, item.text) for item in notices(items, "clock-offset")] == [
        ("7200", "the monitor's clock, read in UTC, is 7200 s ahead of this machine's; ours is used")
    ]


@pytest.mark.parametrize(("seconds", "told"), [(30, 0), (31, 1), (-30, 0), (-31, 1)])
def test_thirty_seconds_of_difference_are_borne(seconds, told):
    items = opened().receive(shown(0, T + seconds, **HEART), AT)
    assert len(notices(items, "clock-offset")) == told


def test_a_clock_in_its_own_zone_does_not_differ():
    # 2023-11-14 22:13:20 UTC is 23:13:20 in Berlin.
    items = opened(zone="Europe/Berlin").receive(shown(0, T + 3_600, **HEART), AT)
    assert notices(items, "clock-offset") == []


def test_bytes_without_times_are_dated_by_the_monitors_clock_in_its_zone():
    driver = GeDri(zone="Europe/Berlin")
    items = driver.receive(shown(0, T, **HEART) + shown(1, T + 5, **HEART), None)
    first = instant.from_datetime(datetime(2023, 11, 14, 21, 13, 20, tzinfo=UTC))
    assert [item.time for item in items if isinstance(item, Reading) and item.signal == "HR"] == [first, first + 5 * S]
    assert [item.text for item in notices(items, "time-assumed")] == [
        "the bytes carry no times: the monitor's own clock was taken, read in Europe/Berlin"
    ]
    later = GeDri()
    later.zone = instant.zone_named("Europe/Berlin")
    assert later.receive(shown(0, T, **HEART), None)[-1].time == first


def test_an_hour_that_the_clock_skips_or_has_twice_is_still_a_time():
    for local in (datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)):  # noqa: DTZ001 - wall clock
        seconds = int((local - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001
        items = GeDri(zone="Europe/Berlin").receive(shown(0, seconds, **HEART), None)
        times = {item.time for item in items if isinstance(item, Reading)}
        assert len(times) == 1
        assert abs(times.pop() - seconds * S) <= 2 * 3_600 * S


def test_any_time_in_the_header_is_borne():
    for seconds in (0, 1, 2**31, 2**32 - 1):
        for zone in ("UTC", "Pacific/Auckland", "America/New_York"):
            assert GeDri(zone=zone).receive(shown(0, seconds, **HEART), None)


ORDER = {
    "in order": ([(0, 0), (1, 5), (2, 10)], []),
    "around": ([(255, 0), (0, 5)], []),
    "two lost": ([(10, 0), (13, 15)], [("sequence-gap", "2")]),
    "a pause of two minutes": ([(14, 0), (38, 120)], [("sequence-gap", "23")]),
    "switched off and on": ([(120, 0), (0, 20)], [("device-restarted", "0")]),
    "started in the past": ([(120, 0), (0, -86_400)], [("device-restarted", "-86400")]),
    "clock set back": ([(7, 0), (8, -3_600)], [("clock-offset", "-3600")]),
    "clock set forward": ([(7, 0), (8, 3_600)], []),
}


@pytest.mark.parametrize("case", ORDER)
def test_what_the_record_numbers_say(case):
    steps, expected = ORDER[case]
    driver = GeDri()
    items = [item for number, time in steps for item in driver.receive(shown(number, T + time, **HEART), None)]
    found = notices(items, "sequence-gap", "device-restarted", "clock-offset")
    assert [(item.kind, item.code) for item in found] == expected
    assert driver.counters.rejected == 0


@pytest.mark.parametrize(
    "numbers", [((0, 1), (2, 3), (4, 5)), ((0, 0), (1, 1), (2, 2)), ((0, 100), (1, 101), (2, 102))]
)
def test_two_kinds_of_record_make_no_gaps_however_they_are_counted(numbers):
    driver = GeDri()
    items = []
    for step, (one, other) in enumerate(numbers):
        time = T + 5 * step
        items += driver.receive(frame([(1, sub(basic(**HEART)))], one, time) + frame([(4, aux(0))], other, time), None)
    assert notices(items, "sequence-gap", "device-restarted") == []


def captured():
    driver = GeDri()
    items = driver.receive(CAPTURE.read_bytes(), None)
    return items + driver.finish(None), driver


def test_the_capture_of_a_real_monitor():
    items, driver = captured()
    assert (driver.counters.frames, driver.counters.rejected, driver.counters.bytes_in) == (123, 2, 108_282)
    assert driver.counters.by_reason == {"checksum": 2}
    assert [len(item.raw) for item in notices(items, "frame-rejected")] == [113, 286]
    rates = [item for item in items if isinstance(item, Reading) and item.signal == "HR"]
    assert [(item.value, str(item.status), item.source) for item in rates] == [(78.0, "ok", "ge-dri:ecg.hr")] * 123
    assert rates[0].time == 1_625_282_059 * S
    valued = Counter(item.signal for item in items if isinstance(item, Reading) and item.value is not None)
    assert set(valued) == {"HR"}
    without = Counter(
        (item.source, str(item.status)) for item in items if isinstance(item, Reading) and item.value is None
    )
    assert without["ge-dri:spo2.spo2", "invalid"] == 123
    assert without["ge-dri:spo2.pr", "invalid"] == 123
    assert without["ge-dri:t1.temp", "invalid"] == 123
    assert without["ge-dri:p1.sys", "off"] == 123
    assert not [source for source, _ in without if "nibp" in source]
    assert len(notices(items, "time-assumed")) == 1
    assert [item.text for item in notices(items, "lead-off")] == ["ECG channel 2 is off", "ECG channel 3 is off"]


def test_the_capture_without_its_stuffing_says_the_same():
    raw = CAPTURE.read_bytes()
    bare = raw.replace(b"\x7d\x5e", b"\x7e").replace(b"\x7d\x5d", b"\x7d")
    assert len(bare) < len(raw)
    driver = GeDri()
    items = driver.receive(bare, None) + driver.finish(None)
    whole, before = captured()
    assert driver.counters.frames == before.counters.frames
    readings = [item for item in whole if isinstance(item, Reading)]
    assert [item for item in items if isinstance(item, Reading)] == readings


@pytest.mark.parametrize("size", [1, 7, 64])
def test_the_capture_says_the_same_in_pieces(size):
    raw = CAPTURE.read_bytes()[: 40 * 876]
    whole = GeDri()
    expected = whole.receive(raw, None) + whole.finish(None)
    driver = GeDri()
    items = [item for start in range(0, len(raw), size) for item in driver.receive(raw[start : start + size], None)]
    assert items + driver.finish(None) == expected


def test_a_clock_that_drifts_away_is_told_once_for_each_opening():
    driver = opened()
    items = [item for n in range(9) for item in driver.receive(shown(n, T + 60 * n, **HEART), AT + 5 * n * S)]
    assert [item.code for item in notices(items, "clock-offset")] == ["55"]
    driver.opened(AT + 50 * S)
    items = driver.receive(shown(9, T + 600, **HEART), AT + 50 * S)
    assert [item.code for item in notices(items, "clock-offset")] == ["550"]
