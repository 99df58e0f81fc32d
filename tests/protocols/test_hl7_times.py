"""When things were measured: zones, clocks that differ, clocks that were never set, messages that come late."""

from __future__ import annotations

import pytest
from hl7_bytes import AT, BPM, DIA, HR, MMHG, SYS, S, block, heard, message, notices, readings, row, seconds, values

from devices import instant
from devices.errors import SettingError
from devices.protocols.hl7.driver import Hl7
from devices.protocols.hl7.stamps import Stamp, Stamps, parse, resolve

BERLIN = instant.zone_named("Europe/Berlin")
HOUR = 3_600 * S


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260302091500.0000+0100", "2026-03-02T08:15:00Z"),
        ("20260302091500+0100", "2026-03-02T08:15:00Z"),
        ("20260302091500.25-0330", "2026-03-02T12:45:00.250Z"),
        ("202603020915+0000", "2026-03-02T09:15:00Z"),
        ("20260302091500Z", "2026-03-02T09:15:00Z"),
    ],
)
def test_times_with_an_offset(text, expected):
    stamp = parse(text)
    assert stamp is not None
    assert stamp.local - stamp.offset == instant.parse(expected)


@pytest.mark.parametrize(
    "text", ["", "00000000000000", "20260230101010", "20261302101010", "20260302", "2026030225", "now",
             "20260302256000", "2026030209150", "20260302091500+01"],
)  # fmt: skip
def test_what_is_no_time_exact_to_the_minute(text):
    assert parse(text) is None


def test_times_read_one_after_the_other_are_those_read_alone():
    remembered = Stamps()
    for tail in ("", "+0100", ".25+0100", "Z"):
        for minute in ("202603020915", "202603020916", "20260302091", "202613020916"):
            for second in ("00", "07", "59", "60", "0", "", "x1", "-1", "９９", "٣٣"):
                assert remembered.parse(minute + second + tail) == parse(minute + second + tail), (minute, second, tail)


def test_an_hour_that_comes_twice_is_the_one_near_what_is_known():
    stamp = parse("20261025023000")
    first, second = instant.parse("2026-10-25T00:30:00Z"), instant.parse("2026-10-25T01:30:00Z")
    assert resolve(stamp, BERLIN) == first
    assert resolve(stamp, BERLIN, first + 60 * S) == first
    assert resolve(stamp, BERLIN, second + 60 * S) == second
    assert resolve(Stamp(stamp.local, 0, stamp.local), BERLIN) == stamp.local


def test_times_without_a_zone_are_read_in_the_setting_s_and_that_is_said():
    data = message(row(HR, "72", BPM), sent="20260302091500")
    (reading,) = readings(heard(data, at=None, driver=Hl7(zone="Europe/Berlin")))
    assert reading.time == AT
    items = heard(data, at=None)
    assert seconds(items) == [("HR", 3_600)]
    assert [(notice.kind, "UTC" in notice.text) for notice in notices(items)] == [("time-assumed", True)]


def test_a_time_without_a_zone_is_of_the_zone_its_message_states():
    items = heard(message(row(HR, "72", BPM, time="20260302091430")), at=None)
    assert seconds(items) == [("HR", -30)]
    assert notices(items) == []


def test_a_clock_put_back_between_two_messages_without_a_zone():
    """The cuff measured at 02:50 summer time; the message was sent at 02:10 winter time, twenty minutes later."""
    sent = instant.parse("2026-10-25T01:10:00Z")
    rows = [row(SYS, "120", MMHG, time="20261025025000"), row(DIA, "80", MMHG, time="20261025025000")]
    driver = Hl7(zone="Europe/Berlin")
    heard(message(*rows, sent="20261025025500"), at=sent - 15 * 60 * S, driver=driver)
    items = driver.receive(message(row(HR, "72", BPM, time="20261025021000"), *rows, sent="20261025021000",
                                   control="2"), sent)  # fmt: skip
    assert seconds(items, sent) == [("HR", 0)]
    driver = Hl7(zone="Europe/Berlin")
    items = heard(message(*rows, sent="20261025025500"), message(row(HR, "72", BPM), sent="20261025021000"), at=None,
                  driver=driver)  # fmt: skip
    assert seconds(items, sent) == [("NIBP_SYS", -1_200), ("NIBP_DIA", -1_200), ("HR", 0)]


def test_live_a_value_is_moved_by_the_difference_of_the_clocks_and_a_large_one_is_told():
    at = AT + 100 * S
    rows = [row(HR, "72", BPM, time="20260302091450+0100"), row(SYS, "120", MMHG, time="20260302090500+0100")]
    items = heard(message(*rows), at=at)
    assert seconds(items, at)[:2] == [("HR", -10), ("NIBP_SYS", -600)]
    (notice,) = notices(items)
    assert (notice.kind, notice.code) == ("clock-offset", "-100")


def test_a_clock_that_was_never_set_only_shifts():
    rows = [row(HR, "72", BPM, time="20130101000500"), row(SYS, "120", MMHG, time="20130101000000")]
    items = heard(message(*rows, sent="20130101000500"))
    assert seconds(items)[:2] == [("HR", 0), ("NIBP_SYS", -300)]
    assert values(items)[1] == ("NIBP_SYS", 120.0, "ok")
    assert [notice.kind for notice in notices(items)] == ["clock-offset"]


@pytest.mark.parametrize("time", ["20130101000000+0100", "19700101000000+0000", "20260302101500+0100"])
def test_a_time_that_its_message_contradicts_is_not_used(time):
    rows = [row(HR, "72", BPM, time=time), row(SYS, "120", MMHG, time=time), row(DIA, "80", MMHG, time=time)]
    items = heard(message(*rows))
    assert seconds(items) == [("HR", 0), ("NIBP_SYS", 0), ("NIBP_DIA", 0)]
    assert [status for _, _, status in values(items)] == ["ok", "age_unknown", "age_unknown"]
    assert [notice.kind for notice in notices(items)] == ["clock-offset"]


def test_a_value_a_little_ahead_of_its_message_is_of_now():
    items = heard(message(row(HR, "72", BPM, time="20260302091520+0100")))
    assert seconds(items) == [("HR", 0)]


def test_rows_take_the_time_of_their_group():
    header = r"MSH|^~\&|NK||||20260302091500+0100||ORU^R01|1|P|2.4"
    items = heard(block(header, "OBR|1|||VITAL|||20260302091400+0100", row(HR, "72", BPM)))
    assert seconds(items) == [("HR", -60)]
    # A group dated years before its message is dated by a clock that was never set.
    items = heard(block(header, "OBR|1|||VITAL|||20121109160900", row(HR, "72", BPM)))
    assert seconds(items) == [("HR", 0)]


def test_where_nothing_else_has_a_time_that_of_the_group_s_receipt_is_used():
    # OBR-14, as in public example messages of Philips monitors.
    def timed(sent="", began=""):
        header = rf"MSH|^~\&||Philips|||{sent}||ORU^R01|HP1|P|2.3"
        group = f"OBR|||||||{began}|||||||20260302091400"
        return seconds(heard(block(header, "PV1||I|^^Bed7", group, row(HR, "72", BPM)), at=None), since=0)

    fourteen = instant.parse("2026-03-02T09:14:00Z") / S
    assert timed() == [("HR", fourteen)]
    assert timed(sent="20260302091500") == timed(began="20260302091500") == [("HR", fourteen + 60)]


def test_a_sample_shown_again_with_its_old_time_is_told_once():
    rows = [row(HR, "72", BPM, time="20260302091430+0100")]
    items = heard(message(*rows), message(*rows, control="2", sent="20260302091510+0100"))
    assert seconds(items) == [("HR", -30)]


def clocked(driver, steps):
    """HR times (seconds since AT) of messages sent and come at these seconds."""
    found = []
    for number, (sent, came) in enumerate(steps):
        stamp = instant.to_datetime(AT + sent * S).strftime("%Y%m%d%H%M%S+0000")
        data = message(row(HR, "72", BPM), sent=stamp, control=str(1000 + number))
        found += [round(when, 3) for _, when in seconds(driver.receive(data, AT + round(came * S)))]
    return found


def test_what_a_sender_kept_while_it_was_cut_off_keeps_its_times():
    steps = [(0, 0), (1, 1), (2, 2), (3, 60), (4, 60.01), (30, 60.02), (59, 60.03), (60, 60.04), (61, 61)]
    assert clocked(Hl7(), steps) == [0, 1, 2, 3, 4, 30, 60.03, 60.04, 61]


def test_a_clock_that_is_set_back_or_forward_or_stands_still_moves_nothing():
    set_back = [(0, 0), (1, 1), (-3_598, 2), (-3_597, 3)]
    assert clocked(Hl7(), set_back) == [0, 1, 2, 3]
    set_forward = [(0, 0), (1, 1), (3_602, 2), (3_603, 3)]
    assert clocked(Hl7(), set_forward) == [0, 1, 2, 3]
    still = [(0, second) for second in range(100)]
    assert clocked(Hl7(), still) == list(range(100))


def test_a_monitor_that_was_off_and_has_lost_its_clock_is_believed_soon():
    steps = [(0, 0), (1, 1), (300, 600), (301, 601), (302, 602), (303, 603), (304, 604)]
    assert clocked(Hl7(), steps)[-1] == 604


def test_messages_without_any_time_need_a_start():
    data = block(r"MSH|^~\&|||||||ORU^R01|1|P|2.3.1", "OBX||NM|101^HR|2101|60||||||F")
    driver = Hl7()
    items = heard(data, data, at=None, driver=driver)
    assert driver.needs_start
    assert [notice.kind for notice in notices(items)] == ["time-assumed"]
    driver = Hl7()
    driver.assumed_start = AT
    assert seconds(heard(data, data, at=None, driver=driver)) == [("HR", 0), ("HR", 60)]
    assert not driver.needs_start
    driver = Hl7()
    assert seconds(heard(data, driver=driver)) == [("HR", 0)]
    assert not driver.needs_start


def test_a_zone_that_does_not_exist_is_refused():
    with pytest.raises(SettingError, match="the setting 'zone'"):
        Hl7(zone="Mars/Olympus")


def test_silence_is_judged_by_the_sender_s_own_pace():
    driver = Hl7()
    assert driver.quiet_after == 90 * S
    for second in range(5):
        driver.receive(message(row(HR, "72", BPM), control=str(second)), AT + second * S)
    assert driver.quiet_after == 10 * S
    slow = Hl7()
    for minute in range(5):
        slow.receive(message(row(HR, "72", BPM), control=str(minute)), AT + minute * 60 * S)
    assert slow.quiet_after == 180 * S
    assert slow.quiet_after < HOUR
