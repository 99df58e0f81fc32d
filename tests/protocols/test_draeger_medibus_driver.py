"""What the MEDIBUS driver reads: worked frames, values and none, cuff events, alarms, clocks, damage."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from devices import instant
from devices.errors import SettingError
from devices.protocols.draeger_medibus.driver import DraegerMedibus
from devices.protocols.draeger_medibus.frames import command, response
from devices.reading import Notice, Reading

S = 1_000_000
MINUTE = 60 * S
NOW = 1_770_000_000 * S


def hexed(text):
    return bytes.fromhex(text)


ICC = hexed("1B 51 36 43 0D")
BOTH = hexed("01 24 45 42 20 39 38 20 45 31 20 37 30 20 37 41 0D")
NOTHING = hexed("01 24 32 35 0D")
SPO2_ALONE = hexed("01 24 45 42 20 39 38 20 35 44 0D")
VENTILATED = hexed("01 24 37 44 20 32 34 20 45 31 20 37 32 20 45 42 20 39 37 20 39 43 0D")
CLOCK = hexed("01 28 31 31 3A 31 31 3A 31 39 31 31 2D 4E 4F 56 2D 39 33 45 36 0D")


def data(**values):
    """An answer with measured data: code and value of each, as ``EB=98``, in the format ``XXX_``."""
    return response(0x24, "".join(f"{code.strip('_')}{value:>3} "[:6] for code, value in values.items()).encode())


def nibp(sys=118, dia=76, mean=90, age=None):
    values = {"_96": sys, "_8C": dia, "_91": mean, "_92": age}
    return data(**{code: value for code, value in values.items() if value is not None})


def alarms(*entries):
    return "".join(f"{priority}{code}{phrase:<12}" for priority, code, phrase in entries).encode()


def readings(items):
    return [
        (item.signal, item.value, item.status.value, item.source.partition(":")[2])
        for item in items
        if isinstance(item, Reading)
    ]


def cuff(items):
    return [
        (item.signal, item.value, item.status.value, (item.time - NOW) / S)
        for item in items
        if isinstance(item, Reading) and item.signal.startswith("NIBP")
    ]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


@pytest.mark.parametrize(
    ("made", "bytes_"),
    [
        (command(0x51), "1B 51 36 43 0D"),
        (response(0x51), "01 51 35 32 0D"),
        (command(0x30), "1B 30 34 42 0D"),
        (response(0x30), "01 30 33 31 0D"),
        (command(0x52), "1B 52 36 44 0D"),
        (
            response(0x52, b"0161'My PC'01.00:03.00"),
            "01 52 30 31 36 31 27 4D 79 20 50 43 27 30 31 2E 30 30 3A 30 33 2E 30 30 46 43 0D",
        ),
        (response(0x52), "01 52 35 33 0D"),
        (command(0x24), "1B 24 33 46 0D"),
        (command(0x4A, b"$EB"), "1B 4A 24 45 42 31 30 0D"),
        (response(0x4A), "01 4A 34 42 0D"),
        (response(0x15), "01 15 31 36 0D"),
        (command(0x55), "1B 55 37 30 0D"),
        (response(0x55), "01 55 35 36 0D"),
    ],
)
def test_frames_are_made_as_the_sheet_has_them(made, bytes_):
    assert made == hexed(bytes_)


def test_the_worked_answers_say_what_the_sheet_says():
    driver = DraegerMedibus()
    assert readings(driver.receive(BOTH, NOW)) == [
        ("PR", 70.0, "ok", "spo2.pr"),
        ("SPO2", 98.0, "ok", "spo2"),
    ]
    assert readings(driver.receive(SPO2_ALONE, NOW + S)) == [
        ("PR", None, "invalid", "spo2.pr"),
        ("SPO2", 98.0, "ok", "spo2"),
    ]
    items = driver.receive(VENTILATED, NOW + 2 * S)
    assert readings(items) == [("PR", 72.0, "ok", "spo2.pr"), ("SPO2", 97.0, "ok", "spo2")]
    assert notices(items) == [("ignored", "other")]
    assert {(item.time, item.received) for item in items} == {(NOW + 2 * S, NOW + 2 * S)}
    assert (driver.counters.frames, driver.counters.rejected) == (3, 0)


def test_what_is_not_sent_is_not_there_and_what_is_no_longer_sent_has_no_value():
    driver = DraegerMedibus()
    assert driver.receive(NOTHING, NOW) == []
    driver.receive(BOTH, NOW + S)
    for second in (2, 3):
        assert readings(driver.receive(NOTHING, NOW + second * S)) == [
            ("PR", None, "invalid", "spo2.pr"),
            ("SPO2", None, "invalid", "spo2"),
        ]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (b"EB 98 ", ("SPO2", 98.0, "ok", "spo2")),
        (b"EB98  ", ("SPO2", 98.0, "ok", "spo2")),
        (b"EB  98", ("SPO2", 98.0, "ok", "spo2")),
        (b"EB  0 ", ("SPO2", None, "zero", "spo2")),
        (b"E1187 ", ("PR", 187.0, "ok", "spo2.pr")),
        (b"DF 65 ", ("PR", 65.0, "ok", "derived.pr")),
        (b"DC240 ", ("HR", 240.0, "ok", "hr")),
        (b"DC310 ", ("HR", 310.0, "range", "hr")),
        (b"D6 14 ", ("RR", 14.0, "ok", "rr")),
        (b"C336.8", ("TEMP", 36.8, "ok", "t1")),
        (b"BE36.8", ("TEMP", 36.8, "ok", "t2")),
        (b"D2131 ", ("ABP_SYS", 131.0, "ok", "art")),
        (b"C8 72 ", ("ABP_DIA", 72.0, "ok", "art")),
        (b"CD 92 ", ("ABP_MEAN", 92.0, "ok", "art")),
        (b"C3 -5 ", ("TEMP", -5.0, "range", "t1")),
        (b"CD-  4", ("ABP_MEAN", -4.0, "range", "art")),  # so an Atlan pads what it says of its curves
    ],
)
def test_a_value_is_four_characters_padded_on_either_side(record, expected):
    assert readings(DraegerMedibus().receive(response(0x24, record), NOW)) == [expected]


def test_what_is_no_number_is_left_out_and_told_once():
    driver = DraegerMedibus()
    items = driver.receive(response(0x24, b"EB -- E1 7O DC    "), NOW)
    again = driver.receive(response(0x24, b"EB -- E1 7O DC    "), NOW + S)
    assert readings(items) == readings(again) == []
    assert notices(items) == [("value-refused", "EB value"), ("value-refused", "E1 value")]
    assert notices(again) == []


def test_an_unknown_code_is_told_once_with_its_bytes_and_other_pressures_are_no_arterial_ones():
    driver = DraegerMedibus()
    answer = response(0x24, b"02 12 32120 AB 25 A1 12 ")
    items = driver.receive(answer, NOW) + driver.receive(answer, NOW + S)
    assert readings(items) == []
    assert notices(items) == [("unknown-parameter", "02"), ("ignored", "other")]
    assert items[0].raw == answer


def test_the_same_codes_in_page_2_are_something_else():
    items = DraegerMedibus().receive(response(0x2B, b"EB 98 E1 70 "), NOW)
    assert readings(items) == []
    assert notices(items) == [("ignored", "2B")]


# -- the cuff --------------------------------------------------------------------------------------------------


def test_a_result_found_on_connecting_without_an_age_has_an_unknown_one():
    driver = DraegerMedibus()
    items = driver.receive(nibp(), NOW) + driver.receive(nibp(), NOW + S)
    assert cuff(items) == [
        ("NIBP_SYS", 118.0, "age_unknown", 0.0),
        ("NIBP_DIA", 76.0, "age_unknown", 0.0),
        ("NIBP_MEAN", 90.0, "age_unknown", 0.0),
    ]
    assert {item.received for item in items} == {NOW}


def test_a_result_found_on_connecting_is_as_old_as_the_device_says():
    items = DraegerMedibus().receive(nibp(age=4), NOW)
    assert [each[2:] for each in cuff(items)] == [("ok", -240.0)] * 3


def test_numbers_that_change_while_watched_are_of_now():
    driver = DraegerMedibus()
    driver.receive(nibp(), NOW)
    items = driver.receive(nibp(sys=231, dia=141, mean=171), NOW + S)
    assert cuff(items) == [
        ("NIBP_SYS", 231.0, "ok", 1.0),
        ("NIBP_DIA", 141.0, "ok", 1.0),
        ("NIBP_MEAN", 171.0, "ok", 1.0),
    ]


def test_a_result_is_told_once_while_its_age_grows():
    driver = DraegerMedibus()
    items = [item for second in range(600) for item in driver.receive(nibp(age=second // 60), NOW + second * S)]
    assert len(cuff(items)) == 3


def test_the_same_numbers_are_new_when_their_age_goes_back_and_stays_so():
    driver = DraegerMedibus()
    ages = [5, 5, 0, 0, 0, 0]
    items = [item for second, age in enumerate(ages) for item in driver.receive(nibp(age=age), NOW + second * S)]
    assert [each[2:] for each in cuff(items)[3:]] == [("ok", 2.0)] * 3


def test_an_age_that_runs_ahead_of_its_numbers_makes_no_second_measurement():
    driver = DraegerMedibus()
    shows = [(118, 5), (118, 0), (131, 0), (131, 0), (131, 0), (131, 0)]
    items = [item for n, (sys, age) in enumerate(shows) for item in driver.receive(nibp(sys=sys, age=age), NOW + n * S)]
    assert [each[1] for each in cuff(items) if each[0] == "NIBP_SYS"] == [118.0, 131.0]
    driver = DraegerMedibus()
    shows = [(118, 5), (131, 5), (131, 0), (131, 0), (131, 0), (131, 0)]
    items = [item for n, (sys, age) in enumerate(shows) for item in driver.receive(nibp(sys=sys, age=age), NOW + n * S)]
    assert [each[1:] for each in cuff(items) if each[0] == "NIBP_SYS"] == [(118.0, "ok", -300.0), (131.0, "ok", 1.0)]


def test_what_was_measured_while_nobody_looked_is_dated_by_its_age_or_unknown():
    driver = DraegerMedibus()
    driver.receive(nibp(age=1), NOW)
    items = driver.receive(nibp(age=3), NOW + 10 * MINUTE)
    assert [each[2:] for each in cuff(items)] == [("ok", 7 * 60.0)] * 3
    unaged = DraegerMedibus()
    unaged.receive(nibp(), NOW)
    assert [each[2] for each in cuff(unaged.receive(nibp(sys=119), NOW + 10 * MINUTE))] == ["age_unknown"] * 3
    assert cuff(unaged.receive(nibp(sys=119), NOW + 20 * MINUTE)) == []


def test_an_age_that_stands_still_at_its_end_makes_nothing_new():
    driver = DraegerMedibus()
    items = [item for minute in range(120) for item in driver.receive(nibp(age=99), NOW + minute * 5 * S)]
    assert len(cuff(items)) == 3


def test_half_a_result_and_one_out_of_order():
    driver = DraegerMedibus()
    driver.receive(NOTHING, NOW)
    assert [each[:3] for each in cuff(driver.receive(nibp(dia=None, mean=None), NOW + S))] == [
        ("NIBP_SYS", 118.0, "ok"),
        ("NIBP_DIA", None, "invalid"),
    ]
    assert [each[2] for each in cuff(driver.receive(nibp(sys=76, dia=118), NOW + 2 * S))] == ["range"] * 3


@pytest.mark.parametrize(("kind", "code"), [(0x2E, "01"), (0x2E, "03"), (0x2E, "07"), (0x2E, "0B"), (0x27, "4A")])
def test_an_alarm_of_the_cuff_is_a_failed_measurement_told_once(kind, code):
    driver = DraegerMedibus()
    answer = response(kind, alarms(("C", code, "NBP NO RSLT")))
    items = driver.receive(answer, NOW) + driver.receive(answer, NOW + S)
    assert [(each[0], each[1][2:]) for each in notices(items)] == [("cuff-failed", code)]
    assert items[0].signal == "NIBP"
    driver.receive(response(kind), NOW + 2 * S)
    assert len(driver.receive(answer, NOW + 3 * S)) == 1


# -- alarms, texts, identity, clock ----------------------------------------------------------------------------


def test_a_sensor_that_is_off_is_the_reason_for_no_value():
    driver = DraegerMedibus()
    driver.receive(data(EB=98, E1=70, DC=71), NOW)
    off = alarms(("C", "35", "SPO2SEN DISC"), ("C", "92", "ECG ELECTROD"), ("1", "10", "PAW HIGH"))
    items = driver.receive(response(0x27, off), NOW + S)
    assert notices(items) == [("probe-off", "1:35"), ("lead-off", "1:92"), ("device-event", "1:10")]
    assert "PAW HIGH" in items[2].text
    assert readings(driver.receive(NOTHING, NOW + 2 * S)) == [
        ("HR", None, "off", "hr"),
        ("PR", None, "off", "spo2.pr"),
        ("SPO2", None, "off", "spo2"),
    ]


def test_texts_and_identity_are_told_when_they_change():
    driver = DraegerMedibus()
    text = response(0x2A, b"1E7STANDBY\x030A4CPAP\x03")
    items = driver.receive(text, NOW) + driver.receive(text, NOW + S)
    assert notices(items) == [("device-event", "1E"), ("device-event", "0A")]
    identity = response(0x52, b"8240'EVITA 4'04.02:04.00")
    items = driver.receive(identity, NOW) + driver.receive(identity, NOW)
    assert [item.text for item in items] == ["the device is EVITA 4 (Evita 4, 8240), software 04.02, MEDIBUS 04.00"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"11:11:1911-NOV-93", "1993-11-11T11:11:19Z"),
        (b" 9: 5: 1 1-MAI-26", "2026-05-01T09:05:01Z"),
        (b"09:05:0101-DEZ-26", "2026-12-01T09:05:01Z"),
        (b"09:05:0101-OKT-2026", "2026-10-01T09:05:01Z"),
        (b"09:05:0101-OCT-26", "2026-10-01T09:05:01Z"),
        (b"09:05:0101-mrz-26", "2026-03-01T09:05:01Z"),
        # Forms for which a public program has tests (mdpnp/mdpnp, TestMedibus).
        (b" 9:33 7-OCT-14", "2014-10-07T09:33:00Z"),
        (b" 9:33:00 7-OKT-14", "2014-10-07T09:33:00Z"),
        (b"09:33 07-OKT-14", "2014-10-07T09:33:00Z"),
    ],
)
def test_bytes_without_stamps_are_dated_by_the_device_s_clock(text, expected):
    driver = DraegerMedibus()
    items = driver.receive(response(0x28, text) + BOTH * 3, None)
    times = [item.time for item in items if isinstance(item, Reading) and item.signal == "SPO2"]
    assert times == [instant.parse(expected) + second * S for second in range(3)]
    assert notices(items) == [("time-assumed", "")]
    assert not driver.needs_start


def test_the_worked_clock_is_read_in_the_zone():
    driver = DraegerMedibus(zone="Europe/Berlin")
    items = driver.receive(CLOCK + BOTH, None)
    assert items[-1].time == instant.parse("1993-11-11T10:11:19Z")
    later = DraegerMedibus()
    later.zone = ZoneInfo("Europe/Berlin")
    assert later.receive(CLOCK + BOTH, None)[-1].time == instant.parse("1993-11-11T10:11:19Z")


def test_without_any_time_somebody_must_say_when_it_began():
    driver = DraegerMedibus(interval_s=5)
    items = driver.receive(BOTH * 2, None)
    assert driver.needs_start
    started = DraegerMedibus(interval_s=5, assumed_start=NOW)
    items = started.receive(BOTH * 2, None)
    assert not started.needs_start
    assert [item.time for item in items if isinstance(item, Reading) and item.signal == "PR"] == [NOW, NOW + 5 * S]
    junk = DraegerMedibus()
    junk.receive(b"nothing of this kind\r\n", None)
    assert not junk.needs_start


def test_a_clock_that_is_wrong_is_told_once_and_ours_is_used():
    driver = DraegerMedibus()
    items = driver.receive(CLOCK, NOW) + driver.receive(CLOCK, NOW + S) + driver.receive(BOTH, NOW + 2 * S)
    assert [each[0] for each in notices(items)] == ["clock-offset"]
    assert readings(items)
    assert items[-1].time == NOW + 2 * S


# -- damage ----------------------------------------------------------------------------------------------------


# Bytes of a real Atlan A350 (its log is in the public project UrielCandelasMeza/OpenICE_RaspberryPi_Implementation).
ATLAN = [
    "01 51 35 32 0D",
    "01 53 30 30 20 20 20 32 30 30 30 30 2D 20 20 32 31 20 20 31 32 31 46 46 46 30 31 20 20 20 32 30 30 30 30 2D 20 31"
    "38 31 20 20 31 38 31 46 46 46 30 35 20 20 20 32 30 30 30 30 20 20 20 20 30 20 20 31 30 30 46 46 46 30 36 20 20 20"
    "32 30 30 30 30 20 20 20 20 30 20 20 31 32 30 46 46 46 30 37 20 20 20 32 30 30 30 30 20 20 20 20 30 20 20 20 32 30"
    "46 46 46 30 38 20 20 20 32 30 30 30 30 20 20 20 20 30 20 20 31 30 30 46 46 46 30 41 20 20 20 32 30 30 30 30 20 20"
    "20 20 30 20 20 20 32 30 46 46 46 32 41 20 20 20 32 30 30 30 30 20 20 20 20 30 20 20 20 32 30 46 46 46 46 33 0D",
    "01 54 35 35 0D",
    "D0 C6 C0 C0 C0 DF A3 92 BE A3 B6 BF 80 80 DF A6 92 BE",
    "01 52 35 35 35 35 27 41 33 58 58 27 30 32 2E 31 30 3A 30 1B 52 36 44 0D",  # its own command within its answer
    "36 2E 30 30 42 38 0D",
    "01 15 31 36 0D",
    "01 28 31 35 3A 32 37 3A 31 32 32 31 2D 41 55 47 2D 32 36 44 31 0D",
    "01 24 32 35 0D",
]


def test_what_an_atlan_was_seen_to_send_is_understood_whole():
    driver = DraegerMedibus(zone="America/Mexico_City")
    items = [item for part in ATLAN for item in driver.receive(hexed(part), None)]
    assert notices(items)[:2] == [("ignored", "53"), ("device-event", "")]
    assert items[1].text == "the device is A3XX (5555), software 02.10, MEDIBUS 06.00"
    assert notices(items)[2:] == [("time-assumed", "")]
    assert items[-1].time == instant.parse("2026-08-21T21:27:12Z")
    assert (driver.counters.frames, driver.counters.rejected, driver.counters.bytes_skipped) == (8, 0, 0)


def test_what_a_babyleo_was_seen_to_send_is_known():
    # A real Babyleo TN500 with nobody's oximeter: numbers of ventilation and temperature, which are left out.
    driver = DraegerMedibus()
    items = driver.receive(b"\x01$6530.86631.66C 18 6D33.36E   0C2 0.8E4 176EC  55F1   5F3 101C6\r", NOW)
    assert notices(items) == [("ignored", "other")]
    assert not readings(items)


@pytest.mark.parametrize("place", [2, 5, 8, 11])
def test_a_command_within_an_answer_and_real_time_bytes_anywhere_cost_nothing(place):
    driver = DraegerMedibus()
    real_time = bytes(byte for pair in zip(BOTH, b"\xd1\x85\xbf" * 9, strict=False) for byte in pair)
    items = driver.receive(BOTH[:place] + ICC + BOTH[place:], NOW) + driver.receive(real_time, NOW + S)
    assert readings(items) == [("PR", 70.0, "ok", "spo2.pr"), ("SPO2", 98.0, "ok", "spo2")] * 2
    assert (driver.counters.frames, driver.counters.rejected, driver.counters.bytes_skipped) == (3, 0, 0)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (BOTH.replace(b"98", b"89"), None),
        (BOTH.replace(b"98", b"99"), "checksum"),
        (BOTH[:-3] + b"7a\r", "checksum"),
        (b"\x01\r", "too short"),
        (response(0x24, b"EB 98"), "length"),
        (response(0x24, b"xx 98 "), "code"),
        (response(0x27, b"A35SPO2"), "length"),
        (response(0x2A, b"1E9STANDBY\x03"), "length"),
        (response(0x28, b"11:11:1931-FEB-93"), "date"),
        (response(0x28, b"11:11:1911-XYZ-93"), "date"),
        (response(0x52, b"8240 EVITA"), "identification"),
        (b"\x01$" + b"EB 98 " * 700 + b"\r", "too long"),
    ],
)
def test_a_frame_that_is_not_what_it_should_be_is_refused_whole(bad, reason):
    driver = DraegerMedibus()
    items = driver.receive(bad + SPO2_ALONE, NOW)
    # A sum does not notice two digits that changed places.
    if reason is not None:
        assert notices(items)[0] == ("frame-rejected", reason)
        assert readings(items) == [("SPO2", 98.0, "ok", "spo2")]
        assert driver.counters.by_reason == {reason: 1}


def test_garbage_before_a_frame_is_left_out_and_told():
    driver = DraegerMedibus()
    items = driver.receive(b"8 70 7A\rjunk" + BOTH, NOW)
    assert notices(items) == [("bytes-skipped", ""), ("bytes-skipped", "")]
    assert [item.raw for item in items[:2]] == [b"8 70 7A", b"junk"]
    assert len(readings(items)) == 2


def test_a_cut_answer_costs_itself_alone():
    driver = DraegerMedibus()
    items = driver.receive(BOTH[:9] + BOTH, NOW)
    assert notices(items) == [("frame-rejected", "cut short")]
    assert len(readings(items)) == 2


def test_the_end_of_a_capture_tells_of_what_is_half_read():
    driver = DraegerMedibus()
    driver.receive(BOTH[:9] + ICC[:2], NOW)
    assert notices(driver.finish(NOW)) == [("frame-rejected", "cut at the end")] * 2


def test_an_answer_to_nothing_known_is_told_once():
    driver = DraegerMedibus()
    items = driver.receive(response(0x6A, b"1") * 2 + response(0x29, b"01 40  ") + response(0x25, b"96 80  "), NOW)
    assert notices(items) == [("unknown-parameter", "6A"), ("ignored", "29"), ("ignored", "25")]


@pytest.mark.parametrize("settings", [{"interval_s": 0}, {"interval_s": 6}, {"zone": "Mars"}])
def test_settings_that_cannot_be_are_refused_in_words(settings):
    with pytest.raises(SettingError, match="the setting"):
        DraegerMedibus(**settings)
