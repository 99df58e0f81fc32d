"""The driver of Nellcor oximeters: rows, headers, codes, its clock against ours, XON, a real capture."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboard.cli import main
from devices import catalogue, instant
from devices.errors import SettingError
from devices.protocols.nellcor.driver import XON_AGAIN, Nellcor
from devices.reading import Notice, Reading
from devices.virtual.device import Cuff, Observation
from devices.virtual.nellcor import NellcorDevice

S = instant.SECOND
NOW = instant.parse("2024-03-14T10:15:25Z")
CAPTURE = Path(__file__).parent.parent / "captures" / "nellcor-n560.txt"
HEADER = (
    b"N-560    VERSION 1.56.00    CRC:XXXX  SpO2 Limit: 90-100%    PR Limit: 60-170BPM\r\n"
    b"                             ADULT            0SAT-S \r\n"
    b"TIME                 %SpO2   BPM     PA     Status\r\n"
)
ROW_1 = b"14-Mar-24 10:15:20    97      72      34                     \r\n"
ROW_2 = b"14-Mar-24 10:15:34    88*     73     120    MO SL            \r\n"
ROW_3 = b"14-Mar-24 10:16:06   ---     ---     ---    SD          AS   \r\n"
ROW_4 = b"14-Mar-24 10:16:40     0       0     ---    PS               \r\n"


def readings(items):
    return [(item.signal, item.value, item.status.value, item.source) for item in items if isinstance(item, Reading)]


def values(items):
    return [each[:3] for each in readings(items)]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


def told(items, kind):
    return [item for item in items if isinstance(item, Notice) and item.kind == kind]


def row(spo2="97", pulse="72", codes="", clock="10:15:20", amplitude="34"):
    return f"14-Mar-24 {clock}   {spo2}   {pulse}    {amplitude}    {codes}  \r\n".encode()


def test_the_worked_rows_say_what_the_sheet_says():
    driver = Nellcor()
    items = driver.receive(HEADER + ROW_1 + ROW_2 + ROW_3 + ROW_4, NOW)
    assert readings(items) == [
        ("SPO2", 97.0, "unverified", "nellcor:spo2"),
        ("PR", 72.0, "unverified", "nellcor:spo2.pr"),
        ("SPO2", 88.0, "questionable", "nellcor:spo2"),
        ("PR", 73.0, "questionable", "nellcor:spo2.pr"),
        ("SPO2", None, "off", "nellcor:spo2"),
        ("PR", None, "off", "nellcor:spo2.pr"),
        ("SPO2", None, "searching", "nellcor:spo2"),
        ("PR", None, "searching", "nellcor:spo2.pr"),
    ]
    assert notices(items) == [
        ("device-event", "N-560"),
        ("device-event", "ADULT 0SAT-S"),
        ("clock-offset", "-5"),
        ("signal-poor", "MO"),
        ("device-event", "AS"),
        ("probe-off", "SD"),
    ]
    assert (driver.counters.frames, driver.counters.rejected, driver.counters.bytes_skipped) == (5, 0, 0)


def test_live_a_row_carries_the_instant_it_came_at():
    items = Nellcor().receive(ROW_1, NOW)
    assert {(item.time, item.received) for item in items} == {(NOW, NOW)}


def test_without_stamps_the_monitors_own_clock_is_read_in_its_zone():
    driver = Nellcor(zone="Europe/Berlin")
    items = driver.receive(ROW_1, None)
    assert {item.time for item in items} == {instant.parse("2024-03-14T09:15:20Z")}
    assert notices(items) == [("time-assumed", "")]
    assert not driver.needs_start
    assert not driver.is_relative


def test_an_hour_that_comes_twice_or_never_still_gets_a_time():
    driver = Nellcor()
    driver.zone = ZoneInfo("Europe/Berlin")
    twice = driver.receive(ROW_1.replace(b"14-Mar-24 10", b"27-Oct-24 02"), None)
    assert twice[-1].time == instant.parse("2024-10-27T00:15:20Z")
    never = driver.receive(ROW_1.replace(b"14-Mar-24 10", b"30-Mar-25 02"), None)
    assert never[-1].time == instant.parse("2025-03-30T01:15:20Z")


def test_a_zone_that_does_not_exist_is_one_sentence():
    with pytest.raises(SettingError, match="the setting 'zone': 'Europe/Berlyn' is not a time zone"):
        catalogue.create("nellcor", {"zone": "Europe/Berlyn"})


@pytest.mark.parametrize(
    ("codes", "status", "kept"),
    [
        ("", "unverified", True),
        ("AO", "unverified", True),
        ("LB", "unverified", True),
        ("SL PH", "unverified", True),
        ("MO", "questionable", True),
        ("SD", "off", False),
        ("SO", "off", False),
        ("PS", "searching", False),
        ("LP", "invalid", False),
        ("LM", "invalid", False),
        ("MO SD", "off", False),
        ("MO PS", "searching", False),
    ],
)
def test_codes_decide_what_a_number_is_worth(codes, status, kept):
    expected = (97.0, 72.0) if kept else (None, None)
    assert values(Nellcor().receive(row(codes=codes), NOW)) == [
        ("SPO2", expected[0], status),
        ("PR", expected[1], status),
    ]


@pytest.mark.parametrize(
    ("spo2", "pulse", "expected"),
    [
        ("---", "---", [("SPO2", None, "invalid"), ("PR", None, "invalid")]),
        ("0", "0", [("SPO2", None, "zero"), ("PR", None, "zero")]),
        ("97", "---", [("SPO2", 97.0, "unverified"), ("PR", None, "invalid")]),
        ("100", "187*", [("SPO2", 100.0, "unverified"), ("PR", 187.0, "unverified")]),
        ("20*", "15*", [("SPO2", 20.0, "range"), ("PR", 15.0, "range")]),
    ],
)
def test_numbers_without_a_code(spo2, pulse, expected):
    assert values(Nellcor().receive(row(spo2, pulse), NOW)) == expected


def test_a_code_that_is_not_known_is_told_once_with_its_row():
    items = Nellcor().receive(row(codes="ZZ") + row(codes="ZZ"), NOW)
    (unknown,) = told(items, "unknown-parameter")
    assert (unknown.code, unknown.raw) == ("ZZ", row(codes="ZZ").rstrip(b"\r\n"))
    assert len(readings(items)) == 4


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"14-Mar-24 10:15:20    97      72", "not the form of a row"),
        (b"14-Mar-24 10:15:20    9x      72      34", "not the form of a row"),
        (b"14-Mar-24 10:15:20    97      72      34   M", "not the form of a row"),
        (b"14-Mar-24 10:15:20    -7      72      34", "not the form of a row"),
        (b"31-Feb-24 10:15:20    97      72      34", "a date that does not exist"),
        (b"14-Mrz-24 10:15:20    97      72      34", "a date that does not exist"),
        (b"14-Mar-24 10:15:61    97      72      34", "a date that does not exist"),
        (b"14-Mar-24 10:15:20   101      72      34", "a number no oximeter shows"),
        (b"14-Mar-24 10:15:20    97     999      34", "a number no oximeter shows"),
        (b"s\xc3\xb3me garb\xc3\xa4ge first", "neither a row nor a header"),
    ],
)
def test_what_is_no_row_is_refused_with_its_bytes(line, reason):
    driver = Nellcor()
    (refused,) = driver.receive(line + b"\r\n", NOW)
    assert (refused.kind, refused.code, refused.raw) == ("frame-rejected", reason, line)
    assert driver.counters.by_reason == {reason: 1}


def test_a_row_that_lost_its_end_costs_no_other():
    driver = Nellcor()
    items = driver.receive(ROW_1[:31] + ROW_2, NOW)
    assert values(items) == [("SPO2", 88.0, "questionable"), ("PR", 73.0, "questionable")]
    (refused,) = told(items, "frame-rejected")
    assert refused.raw == ROW_1[:31]


def test_noise_before_a_row_is_counted_and_the_row_is_read():
    driver = Nellcor()
    items = driver.receive(b"\xff\x07x" + ROW_1, NOW)
    assert len(readings(items)) == 2
    (skipped,) = told(items, "bytes-skipped")
    assert skipped.raw == b"\xff\x07x"
    assert driver.counters.bytes_skipped == 3


def test_flow_control_bytes_of_the_monitor_are_no_part_of_a_row():
    driver = Nellcor()
    assert len(readings(driver.receive(b"\x11" + ROW_1 + b"\x13", NOW))) == 2
    assert driver.counters.rejected == 0


def test_a_header_is_told_when_it_is_another_than_before():
    driver = Nellcor()
    items = driver.receive(HEADER + ROW_1 + HEADER + ROW_1, NOW)
    assert [item.text for item in told(items, "device-event")] == [
        "N-560, version 1.56.00, alarm limits SpO2 90-100 %, pulse 60-170 /min",
        "the oximeter's mode is ADULT 0SAT-S",
    ]
    items = driver.receive(HEADER.replace(b"60-170", b"50-150"), NOW)
    assert [item.text for item in told(items, "device-event")] == [
        "N-560, version 1.56.00, alarm limits SpO2 90-100 %, pulse 50-150 /min"
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"NPB-290 VERSION 1.0.0.1 CRC: XXXX SpO2 Limit: 30-100% PR Limit: 100-180BPM\r\n",
        b"N-600x   VERSION 1.00.00    CRC:XXXX  SpO2 Limit: 85-100%    PR Limit: 40-170BPM\r\n",
        b"N-595    VERSION 2.3.00    CRC:AB12  SpO2 Limit:  85-100%    PR Limit:  40-170BPM\r\n",
        b"NPB-595 VERSION 1.5.00 INFO CRC:AB12 SEC:12 / 34\r\n",
        b"NPB-190 Version 1.0.0 CRC XXXX SpO2 Limit: 30-100% PR Limit: 100-180 bpm\r\n",
    ],
)
def test_headers_of_its_kin_are_known(line):
    items = Nellcor().receive(line + b"TIME %SPO2 BPM PA Status\r\n" + ROW_1, NOW)
    assert [item.code for item in told(items, "device-event")] == [line.split()[0].decode()]
    assert told(items, "frame-rejected") == []


def test_the_response_mode_of_an_n_595_and_its_menu():
    driver = Nellcor()
    lines = b"                             NEO              10SAT-S       SPO2 RESP MODE: FAST\r\n"
    lines += (
        b"NPB-595   Interactive Mode\r\n    1) Dump Instrument Info\r\n    0) Exit Interactive Mode\r\n    Command?\r\n"
    )
    items = driver.receive(lines, NOW)
    assert [item.code for item in told(items, "device-event")] == ["NEO 10SAT-S, response FAST", "menu"]
    assert driver.counters.rejected == 0


def test_the_difference_of_the_clocks_is_told_once_and_again_when_it_changes():
    driver = Nellcor()
    items = []
    for second in range(0, 40, 2):
        items += driver.receive(row(clock=f"09:15:{second:02d}"), NOW + second * S)
    assert [(item.code, item.text) for item in told(items, "clock-offset")] == [
        ("-3625", "the monitor's clock, read in UTC, is 3625 s behind this machine's; ours is used")
    ]
    items = driver.receive(row(clock="10:16:05"), NOW + 40 * S)
    assert notices(items) == [("clock-offset", "0")]


def test_a_clock_that_goes_back_is_told():
    driver = Nellcor()
    driver.receive(row(clock="10:15:20"), NOW)
    items = driver.receive(row(clock="10:00:00"), NOW + 2 * S)
    assert notices(items) == [("device-restarted", "-920"), ("clock-offset", "-927")]


def test_rows_from_memory_are_not_current_values():
    trend = b"N-560    VERSION 1.56.00 TREND SpO2 Limit: 90-100%    PR Limit: 60-170BPM\r\nTIME %SPO2 BPM PA\r\n"
    old = b"13-MAR-24 02:00:05 100 120 150\r\n"
    live = Nellcor()
    items = live.receive(trend + old * 3 + b"Output Complete\r\n" + ROW_1, NOW)
    assert values(items) == [("SPO2", 97.0, "unverified"), ("PR", 72.0, "unverified")]
    assert notices(told(items, "ignored")) == [("ignored", "TREND")]
    # A file of them is what it is: each row has its time.
    items = Nellcor().receive(trend + old, None)
    assert {item.time for item in items if isinstance(item, Reading)} == {instant.parse("2024-03-13T02:00:05Z")}


def test_a_signal_that_flickers_is_told_once():
    driver = Nellcor()
    items = []
    for turn in range(8):
        items += driver.receive(row(codes="MO" if turn % 2 else ""), NOW + turn * S)
    assert [item.code for item in told(items, "signal-poor")] == ["MO"]
    for turn in range(8, 20):
        items += driver.receive(row(), NOW + turn * S)
    items += driver.receive(row(codes="MO"), NOW + 20 * S)
    assert [item.code for item in told(items, "signal-poor")] == ["MO", "MO"]


def test_xon_is_sent_on_opening_and_again_while_nothing_comes():
    driver = Nellcor()
    assert driver.wake() is None
    driver.opened(NOW)
    assert driver.wake() == NOW
    assert driver.send(NOW) == b"\x11"
    assert driver.send(NOW + S) == b""
    driver.receive(ROW_1, NOW + 4 * S)
    assert driver.send(NOW + XON_AGAIN) == b""
    assert driver.wake() == NOW + 4 * S + XON_AGAIN
    assert driver.send(NOW + 4 * S + XON_AGAIN) == b"\x11"


def test_a_monitor_that_was_paused_goes_on():
    class Bed:
        def observe(self, at):
            return Observation(72, 72, 98, None, None, Cuff())

    device, driver = NellcorDevice(Bed(), waits=True), Nellcor()
    assert device.tick(NOW) == b""
    driver.opened(NOW)
    device.receive(driver.send(NOW), NOW)
    assert values(driver.receive(device.tick(NOW + 2 * S), NOW + 2 * S)) == [
        ("SPO2", 98.0, "unverified"),
        ("PR", 72.0, "unverified"),
    ]
    device.receive(b"\x13", NOW)
    assert device.tick(NOW + 4 * S) == b""


def test_a_header_comes_every_25_lines():
    class Bed:
        def observe(self, at):
            return Observation(72, 72, 98, None, None, Cuff())

    lines = NellcorDevice(Bed()).tick(NOW)
    device = NellcorDevice(Bed())
    device.tick(NOW)
    lines += b"".join(device.tick(NOW + second * S) for second in range(2, 200, 2))
    places = [number for number, line in enumerate(lines.splitlines()) if line.startswith(b"N-560")]
    assert places[:3] == [0, 25, 50]


def test_half_a_row_at_the_end_is_refused():
    driver = Nellcor()
    driver.receive(ROW_1 + ROW_2[:-2], NOW)
    (refused,) = driver.finish(NOW)
    assert refused.kind == "frame-rejected"


def test_garbage_without_any_row_is_told_at_the_end():
    driver = Nellcor()
    assert driver.receive(b"hello\r\n", None) == []
    driver.assumed_start = NOW
    (refused,) = driver.finish(None)
    assert (refused.kind, refused.time) == ("frame-rejected", NOW)


def test_the_capture_of_a_real_monitor_gives_what_it_holds(capsys):
    with pytest.raises(SystemExit) as left:
        main(["decode", "nellcor", str(CAPTURE)])
    assert left.value.code in (0, None)
    out, err = capsys.readouterr()
    table = list(csv.DictReader(io.StringIO(out)))
    assert len(table) == 2 * 76
    assert Counter((line["signal"], line["status"]) for line in table if line["signal"] == "SPO2") == {
        ("SPO2", "unverified"): 14,
        ("SPO2", "questionable"): 24,
        ("SPO2", "off"): 29,
        ("SPO2", "searching"): 9,
    }
    assert all((line["value"] == "") == (line["status"] in ("off", "searching")) for line in table)
    spo2 = [line["value"] for line in table if line["signal"] == "SPO2"]
    assert spo2[:10] == ["99", "99", "99", "99", "99", "99", "99", "89", "83", "79"]
    # Desaturation to 73, sensor off, zeros while searching, recovery from 94 to 97; the last row searches again.
    assert min(int(value) for value in spo2 if value) == 73
    assert spo2[22:60] == ["73"] + [""] * 37
    assert " ".join(spo2[60:]) == "94 94 94 94 95 95 95 95 96 97 97 97 97 97 96 "
    assert (table[0]["time"], table[-1]["time"]) == ("2017-12-29T07:18:43.000Z", "2017-12-29T07:21:13.000Z")
    assert {line["source"] for line in table} == {"nellcor:spo2", "nellcor:spo2.pr"}
    assert "79 frames understood, 1 refused" in err.splitlines()[-1]
    assert "N-560, version 1.56.00, alarm limits SpO2 90-100 %, pulse 60-170 /min" in err
