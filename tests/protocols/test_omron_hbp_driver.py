"""The arm-in cuffs' driver: worked lines, errors, whose number it was, two clocks, repeats, other makers' blocks."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from devices import instant
from devices.errors import SettingError
from devices.protocols.omron_hbp.driver import OmronHbp
from devices.reading import Notice, Reading

S = 1_000_000
MINUTE = 60 * S
NOW = instant.parse("2026-07-11T09:05:20Z")
SUBJECT = "12345678901234567890"
GOOD = b"2026,07,11,09,05,12345678901234567890,0,120,080,072,0\r\n"
FAILED = b"2026,07,11,09,05,12345678901234567890,2,   ,   ,   ,0\r\n"
HBP_9020 = b"bp,00000000000000000001,2024/03/14,10:15,132,101,086,074,1\r\n"
TERUMO = b"\x02R1,000000000,210427,153000,128,097,082,084,0000,0000,00000,000\x03\xe6"
AND = b"\x02" + b"\x1e".join([b"A", b"B", b"C", b"D", b"E", b"S128", b"M97", b"D082", b"P 84"]) + b"\x03?"


def line(clock="2026,07,11,09,05", subject=SUBJECT, error=0, sys="120", dia="080", pulse="072", moved=0):
    return f"{clock},{subject},{error},{sys},{dia},{pulse},{moved}\r\n".encode()


def readings(items):
    return [(item.signal, item.value, item.status.value) for item in items if isinstance(item, Reading)]


def times(items):
    return {(item.time, item.received) for item in items if isinstance(item, Reading)}


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


def test_the_worked_line_says_what_the_sheet_says():
    driver = OmronHbp()
    items = driver.receive(GOOD, NOW)
    assert readings(items) == [
        ("NIBP_SYS", 120.0, "unverified"),
        ("NIBP_DIA", 80.0, "unverified"),
        ("PR", 72.0, "unverified"),
    ]
    assert [item.source for item in items] == ["omron-hbp:nibp", "omron-hbp:nibp", "omron-hbp:nibp.pr"]
    assert times(items) == {(NOW, NOW)}
    assert notices(items) == []
    assert (driver.counters.frames, driver.counters.rejected) == (1, 0)


def test_a_line_with_an_error_is_a_notice_and_no_value():
    items = OmronHbp().receive(FAILED, NOW)
    assert readings(items) == []
    assert notices(items) == [("cuff-failed", "2")]
    assert items[0].signal == "NIBP"
    with_numbers = OmronHbp().receive(line(error=7), NOW)
    assert readings(with_numbers) == []
    assert notices(with_numbers) == [("cuff-failed", "7")]


def test_the_worked_line_of_the_hbp_9020_has_the_mean_before_the_diastolic():
    driver = OmronHbp()
    items = driver.receive(HBP_9020, None)
    assert readings(items) == [
        ("NIBP_SYS", 132.0, "unverified"),
        ("NIBP_DIA", 86.0, "unverified"),
        ("NIBP_MEAN", 101.0, "unverified"),
        ("PR", 74.0, "unverified"),
    ]
    assert notices(items) == [("time-assumed", ""), ("signal-poor", "1")]
    at = instant.parse("2024-03-14T10:15:00Z")
    assert times(items) == {(at, at)}
    assert not driver.needs_start
    assert not driver.is_relative


@pytest.mark.parametrize("blank", [b"   ,   ,   ,   ", b"000,000,000,000"])
def test_a_line_of_the_hbp_9020_without_pressures_is_a_failure(blank):
    items = OmronHbp().receive(HBP_9020.replace(b"132,101,086,074", blank), NOW)
    assert readings(items) == []
    assert ("cuff-failed", "no values") in notices(items)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"sys": "231", "pulse": "187"}, [(231.0, "unverified"), (80.0, "unverified"), (187.0, "range")]),
        ({"sys": "265"}, [(265.0, "range"), (80.0, "unverified"), (72.0, "unverified")]),
        ({"sys": "260", "dia": "215"}, [(260.0, "unverified"), (215.0, "unverified"), (72.0, "unverified")]),
        ({"sys": "080", "dia": "120"}, [(80.0, "range"), (120.0, "range"), (72.0, "unverified")]),
        ({"pulse": "000"}, [(120.0, "unverified"), (80.0, "unverified"), (None, "zero")]),
        ({"pulse": "   "}, [(120.0, "unverified"), (80.0, "unverified")]),
    ],
)  # fmt: skip
def test_values_outside_the_device_s_range_are_kept_and_marked(fields, expected):
    assert [each[1:] for each in readings(OmronHbp().receive(line(**fields), NOW))] == expected


def test_movements_are_told():
    items = OmronHbp().receive(line(moved=3), NOW)
    assert notices(items) == [("signal-poor", "3")]
    assert len(readings(items)) == 3


@pytest.mark.parametrize(
    "bad",
    [
        b"2026,07,11,09,05,1234567890123456789,0,120,080,072,0",
        b"2026,07,11,09,05,12345678901234567890,0,120,080,72,0",
        b"2026,07,11,09,05,12345678901234567890,0,120;080,072,0",
        b"2026,07,11,09,05,12345678901234567890,0,12O,080,072,0",
        b"2026,13,11,09,05,12345678901234567890,0,120,080,072,0",
        b"2026,02,30,09,05,12345678901234567890,0,120,080,072,0",
        b"2026,07,11,24,05,12345678901234567890,0,120,080,072,0",
        b"2026,07,11,09,05,12345678901234567890,0,   ,   ,   ,0",
        b"2026,07,11,09,05,12345678901234567890,E,120,080,072,0",
        b"2026,07,11,09,05,1234567890,234567890,0,120,080,072,0",
        b"bp,00000000000000000001,2024/03/14,10:15,132,101,086,074",
        b"bp,0000000000000000001,2024/03/14,10:15,132,101,086,074,1",
        b"MMBP203N",
        b"ID99999999B26/07/11/09:05 120 080 072 ",
    ],
)
def test_a_line_of_another_shape_is_refused(bad):
    driver = OmronHbp()
    items = driver.receive(bad + b"\r\n" + GOOD, NOW)
    assert notices(items)[0][0] == "frame-rejected"
    assert len(readings(items)) == 3
    assert (driver.counters.frames, driver.counters.rejected) == (1, 1)


def test_another_output_format_is_named():
    items = OmronHbp().receive(b"MMBP203N\r2026.07.11\r120\r080\r072\r", NOW)
    assert items[0].code == "another output format: set item 32 to 5"


@pytest.mark.parametrize("before", [b"\x00\xffnoise", b"\x02\x9a", b"2026,07,11,09,0", GOOD[:-2], b"\x02\x02,,"])
def test_what_stands_before_a_line_costs_no_measurement(before):
    driver = OmronHbp()
    items = driver.receive(before + line(sys="150"), NOW)
    assert readings(items)[0] == ("NIBP_SYS", 150.0, "unverified")
    assert notices(items)[0][0] == "frame-rejected"


# -- whose number it was ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("salt", ["", "pepper"])
def test_the_subject_s_number_goes_nowhere(salt):
    driver = OmronHbp(salt=salt)
    pieces = [
        GOOD, FAILED, HBP_9020, TERUMO, GOOD[:-9] + b"\r\n", GOOD[20:], b"x" * 30 + GOOD, GOOD[5:-2] + GOOD[9:],
        b"7890,0,120,080,072,0\r\n", b"\x02" + GOOD[7:], (SUBJECT * 40).encode() + b"\r\n", b"ID99999999B26/07\r\n",
        b"bp,0000000000000000000", b"\r\n", GOOD[:30],
    ]  # fmt: skip
    items = [item for piece in pieces for item in driver.receive(piece, NOW)] + driver.finish(NOW)
    said = repr(items) + repr(driver.counters) + repr(vars(driver))
    for part in (SUBJECT[:5], SUBJECT[-4:], "7890", "99999999", "000000001", "345678"):
        assert part not in said


def test_a_change_of_subject_is_told_without_saying_whose():
    driver = OmronHbp()
    items = [item for moment, who in enumerate("AABB ") for item in driver.receive(
        line(clock=f"2026,07,11,09,{moment:02d}", subject=who.ljust(20)), NOW + moment * MINUTE)]  # fmt: skip
    changes = [item for item in items if isinstance(item, Notice) and item.source.endswith("subject")]
    assert [item.time for item in changes] == [NOW + 2 * MINUTE, NOW + 4 * MINUTE]
    assert {item.code for item in changes} == {""}


def test_with_a_secret_word_the_number_is_told_as_a_code():
    def codes(salt, *subjects):
        driver = OmronHbp(salt=salt)
        items = []
        for moment, who in enumerate(subjects):
            items += driver.receive(line(clock=f"2026,07,11,09,{moment:02d}", subject=who.ljust(20)), NOW)
        return [code for kind, code in notices(items) if kind == "device-event"]

    first, second = codes("pepper", "7", "8")
    assert len(first) == len(second) == 12
    assert first != second
    assert codes("pepper", "8") == [second]
    assert codes("other", "7") != [first]


# -- when ------------------------------------------------------------------------------------------------------


def test_a_dump_is_dated_by_the_cuff_s_clock_in_the_zone():
    driver = OmronHbp()
    driver.zone = ZoneInfo("Europe/Berlin")
    items = driver.receive(GOOD, None)
    at = instant.parse("2026-07-11T07:05:00Z")
    assert times(items) == {(at, at)}
    assert notices(items) == [("time-assumed", "")]
    assert OmronHbp(zone="Europe/Berlin").receive(GOOD, None)[1].time == at


def test_what_was_refused_before_any_time_is_told_with_the_first_line():
    driver = OmronHbp()
    assert driver.receive(b"noise\r\n", None) == []
    assert driver.counters.rejected == 1
    items = driver.receive(GOOD, None)
    assert notices(items) == [("frame-rejected", "no line of this protocol"), ("time-assumed", "")]
    assert {item.time for item in items} == {instant.parse("2026-07-11T09:05:00Z")}
    silent = OmronHbp()
    silent.receive(b"noise\r\n", None)
    assert notices(silent.finish(None)) == [("frame-rejected", "no line of this protocol")]


def test_live_the_arrival_dates_it_and_a_wrong_clock_is_told_once():
    driver = OmronHbp()
    first = driver.receive(line(clock="2026,07,11,11,05"), NOW)
    second = driver.receive(line(clock="2026,07,11,11,10"), NOW + 5 * MINUTE)
    assert times(first) == {(NOW, NOW)}
    assert times(second) == {(NOW + 5 * MINUTE, NOW + 5 * MINUTE)}
    assert notices(first + second) == [("clock-offset", str(2 * 3600 - 20))]


@pytest.mark.parametrize("seconds", [0, 59, 75, -20])
def test_a_clock_within_its_minute_is_not_wrong(seconds):
    at = instant.parse("2026-07-11T09:05:00Z") + seconds * S
    assert notices(OmronHbp().receive(GOOD, at)) == []


def test_a_line_that_was_held_up_is_dated_by_the_cuff_moved_by_the_offset():
    driver = OmronHbp()
    driver.receive(line(clock="2026,07,11,09,35"), NOW)  # the cuff is half an hour ahead
    items = driver.receive(line(clock="2026,07,11,09,40", sys="130"), NOW + 9 * MINUTE)
    assert times(items) == {(NOW + 5 * MINUTE, NOW + 9 * MINUTE)}
    items = driver.receive(line(clock="2026,07,11,09,45", sys="131"), NOW + 10 * MINUTE)
    assert times(items) == {(NOW + 10 * MINUTE, NOW + 10 * MINUTE)}


def test_a_minute_s_resolution_is_no_delay():
    driver = OmronHbp()
    driver.receive(line(clock="2026,07,11,09,05"), instant.parse("2026-07-11T09:05:01Z"))
    late = instant.parse("2026-07-11T09:11:25Z")
    assert times(driver.receive(line(clock="2026,07,11,09,10"), late)) == {(late, late)}


@pytest.mark.parametrize("clock", ["2026,07,11,09,00", "2026,07,11,08,10", "2025,07,11,09,10"])
def test_a_clock_that_was_set_back_moves_no_measurement(clock):
    driver = OmronHbp()
    driver.receive(GOOD, NOW)
    items = driver.receive(line(clock=clock), NOW + 5 * MINUTE)
    assert times(items) == {(NOW + 5 * MINUTE, NOW + 5 * MINUTE)}


def test_a_clock_that_stays_late_was_set_and_is_believed_from_the_second_line_on():
    driver = OmronHbp()
    driver.receive(GOOD, NOW)
    driver.receive(line(clock="2026,07,11,09,10"), NOW + 10 * MINUTE)
    items = driver.receive(line(clock="2026,07,11,09,15"), NOW + 15 * MINUTE)
    assert times(items) == {(NOW + 15 * MINUTE, NOW + 15 * MINUTE)}


def test_a_line_that_waited_at_the_port_has_an_unknown_age():
    driver = OmronHbp()
    driver.opened(NOW)
    assert {each[2] for each in readings(driver.receive(line(clock="2026,07,11,09,02"), NOW + S))} == {"age_unknown"}
    fresh = OmronHbp()
    fresh.opened(NOW)
    assert {each[2] for each in readings(fresh.receive(GOOD, NOW + S))} == {"unverified"}
    assert {each[2] for each in readings(fresh.receive(AND, NOW + S))} == {"age_unknown"}
    later = driver.receive(line(clock="2026,07,11,09,06"), NOW + 60 * S)
    assert {each[2] for each in readings(later)} == {"unverified"}


def test_a_clock_that_was_never_set_leaves_the_arrival():
    items = OmronHbp().receive(line(clock="0000,00,00,00,00"), NOW)
    assert times(items) == {(NOW, NOW)}
    undated = OmronHbp()
    undated.receive(line(clock="0000,00,00,00,00"), None)
    assert undated.needs_start
    started = OmronHbp(assumed_start=NOW)
    assert times(started.receive(line(clock="0000,00,00,00,00"), None)) == {(NOW, NOW)}
    assert not started.needs_start


def test_the_same_line_again_is_the_same_measurement():
    driver = OmronHbp()
    items = driver.receive(GOOD * 3, NOW) + driver.receive(GOOD, NOW + 30 * S) + driver.receive(FAILED * 2, NOW)
    assert len(readings(items)) == 3
    assert notices(items) == [("cuff-failed", "2")]
    assert len(readings(driver.receive(line(clock="2026,07,11,09,06"), NOW + 60 * S))) == 3


def test_a_zone_that_is_none_is_refused_in_words():
    with pytest.raises(SettingError, match="the setting 'zone'"):
        OmronHbp(zone="Mars")


# -- other makers ----------------------------------------------------------------------------------------------


def test_a_terumo_s_block_is_verified_by_its_sum():
    items = OmronHbp().receive(TERUMO, None)
    assert readings(items) == [
        ("NIBP_SYS", 128.0, "ok"),
        ("NIBP_DIA", 82.0, "ok"),
        ("NIBP_MEAN", 97.0, "ok"),
        ("PR", 84.0, "ok"),
    ]
    at = instant.parse("2021-04-27T15:30:00Z")
    assert times(items) == {(at, at)}


def test_a_check_byte_that_is_no_sum_is_doubted_until_sums_were_seen():
    driver = OmronHbp()
    wrong = TERUMO[:-1] + b"?"
    items = driver.receive(wrong, NOW)
    assert {each[2] for each in readings(items)} == {"unverified"}
    assert ("device-event", "") in notices(items)
    driver.receive(TERUMO.replace(b"128", b"129")[:-1] + b"\xe7", NOW)
    assert notices(driver.receive(wrong, NOW)) == [("frame-rejected", "checksum")]


def test_an_and_block_has_letters_before_its_numbers_and_no_clock():
    driver = OmronHbp()
    items = driver.receive(AND, NOW)
    assert readings(items) == [
        ("NIBP_SYS", 128.0, "unverified"),
        ("NIBP_DIA", 82.0, "unverified"),
        ("PR", 84.0, "unverified"),
    ]
    assert times(items) == {(NOW, NOW)}
    assert readings(driver.receive(AND, NOW + S)) == []
    assert len(readings(driver.receive(AND, NOW + 300 * S))) == 3


@pytest.mark.parametrize(
    "bad", [b"\x02R1,\x03?", b"\x02R2,1\x03?", AND.replace(b"S128", b"X128"), b"\x02\x03?", b"\x02" + b"A" * 300]
)
def test_a_block_of_another_shape_is_refused(bad):
    driver = OmronHbp()
    items = driver.receive(bad + b"\r\n" + GOOD, NOW)
    assert len(readings(items)) == 3
    assert notices(items)[0][0] == "frame-rejected"
