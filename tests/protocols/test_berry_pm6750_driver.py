"""The Berry board: worked packets, states, sums, versions, waves between, what is sent and when."""

from __future__ import annotations

import random

import pytest

from devices.errors import SettingError
from devices.protocols.berry_pm6750 import frames
from devices.protocols.berry_pm6750.driver import Berry
from devices.reading import Notice, Reading

S = 1_000_000
NOW = 1_770_000_000 * S
WAVE = bytes.fromhex("55AA0A018C91857283 8B8052")


def sheet(text: str) -> bytes:
    return bytes.fromhex(text)


def packet(kind: int, *data: int) -> bytes:
    """A packet with the sum of the sheet: NOT (N + A1 + ... + An), low 8 bits."""
    body = bytes((len(data) + 3, kind, *data))
    return b"\x55\xaa" + body + bytes((~sum(body) & 0xFF,))


def readings(items):
    return [
        (item.signal, item.value, item.status.value, item.source.partition(":")[2], (item.time - NOW) / S)
        for item in items
        if isinstance(item, Reading)
    ]


def values(items):
    return [each[:3] for each in readings(items)]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


def heard(*packets: bytes, at: int = NOW):
    driver = Berry()
    return driver.receive(b"".join(packets), at), driver


@pytest.mark.parametrize(
    ("worked", "says", "tells"),
    [
        (
            "55AA0802584A10000142",
            [("HR", 74.0, "ok", "ecg.hr", 0.0), ("RR", 16.0, "ok", "ecg.rr", 0.0)],
            [],
        ),
        (
            "55AA08025A000000009B",
            [("HR", None, "off", "ecg.hr", 0.0), ("RR", None, "off", "ecg.rr", 0.0)],
            [("lead-off", "5A")],
        ),
        ("55AA0803044B000000A5", [], []),
        (
            "55AA08030000765A4CD8",
            [
                ("NIBP_SYS", 118.0, "age_unknown", "nibp", 0.0),
                ("NIBP_DIA", 76.0, "age_unknown", "nibp", 0.0),
                ("NIBP_MEAN", 90.0, "age_unknown", "nibp", 0.0),
            ],
            [],
        ),
        ("55AA08031000000000E4", [], [("cuff-failed", "4")]),
        ("55AA08031400000000E0", [], [("cuff-failed", "5")]),
        ("55AA060400624A49", [("SPO2", 98.0, "ok", "spo2", 0.0), ("PR", 74.0, "ok", "spo2.pr", 0.0)], []),
        (
            "55AA0604017FFF76",
            [("SPO2", None, "off", "spo2", 0.0), ("PR", None, "off", "spo2.pr", 0.0)],
            [("probe-off", "1")],
        ),
        ("55AA0605022406C8", [("TEMP", 36.6, "ok", "temp.t1", 0.0)], []),
        ("55AA0A018080808080808074", [], []),
        ("55AA0A018C918572838B8052", [], []),
    ],
)
def test_the_worked_packets_say_what_the_sheet_says(worked, says, tells):
    items, driver = heard(sheet(worked))
    assert readings(items) == says
    assert notices(items) == tells
    assert (driver.counters.frames, driver.counters.rejected, driver.counters.bytes_skipped) == (1, 0, 0)


@pytest.mark.parametrize(
    ("data", "spo2", "pulse", "tells"),
    [
        ((0, 91, 187), (91.0, "ok"), (187.0, "ok"), []),
        ((0, 100, 128), (100.0, "ok"), (128.0, "ok"), []),
        ((0, 127, 72), (None, "invalid"), (72.0, "ok"), []),
        ((0, 98, 255), (98.0, "ok"), (None, "invalid"), []),
        ((0, 0, 0), (None, "zero"), (None, "zero"), []),
        ((0, 101, 12), (101.0, "range"), (12.0, "range"), []),
        ((2, 127, 255), (None, "off"), (None, "off"), [("probe-off", "2")]),
        ((3, 127, 255), (None, "searching"), (None, "searching"), [("signal-poor", "3")]),
        ((4, 127, 255), (None, "invalid"), (None, "invalid"), [("signal-poor", "4")]),
        ((9, 98, 72), (None, "invalid"), (None, "invalid"), [("signal-poor", "9")]),
        # A state that says "off" beats numbers that still stand there.
        ((1, 98, 72), (None, "off"), (None, "off"), [("probe-off", "1")]),
    ],
)
def test_the_oximeters_states_and_values(data, spo2, pulse, tells):
    items, _ = heard(packet(4, *data))
    assert values(items) == [("SPO2", *spo2), ("PR", *pulse)]
    assert notices(items) == tells


def test_a_probe_that_is_off_is_told_once_and_again_after_it_was_on():
    off, on = packet(4, 1, 127, 255), packet(4, 0, 98, 74)
    items, _ = heard(on, off, off, off, on, off)
    assert notices(items) == [("probe-off", "1"), ("probe-off", "1")]


@pytest.mark.parametrize(
    ("data", "says", "tells"),
    [
        ((0x58, 187, 22, 0, 1), [("HR", 187.0, "ok"), ("RR", 22.0, "ok")], []),
        ((0x58, 0, 0, 0, 0), [("HR", None, "zero"), ("RR", None, "zero")], []),
        ((0x59, 80, 16, 0xF0, 1), [("HR", 80.0, "ok"), ("RR", 16.0, "ok")], [("signal-poor", "59")]),
        ((0x5B, 80, 16, 0, 1), [("HR", None, "off"), ("RR", None, "off")], [("lead-off", "5B")]),
        # Older boards leave out what follows the rates.
        ((0x58, 80, 16), [("HR", 80.0, "ok"), ("RR", 16.0, "ok")], []),
        ((0x58, 80), [("HR", 80.0, "ok")], []),
        ((0x58, 80, 16, 0, 7), [("HR", 80.0, "ok"), ("RR", 16.0, "ok")], [("device-event", "7")]),
    ],
)
def test_the_ecgs_numbers(data, says, tells):
    items, _ = heard(packet(2, *data))
    assert values(items) == says
    assert notices(items) == tells


def test_a_code_of_the_rhythm_is_noted_once_and_not_called_an_alarm():
    items, _ = heard(*[packet(2, 0x58, 80, 16, 0, code) for code in (1, 7, 1, 7, 0, 2, 2)])
    told = [item for item in items if isinstance(item, Notice)]
    assert [(item.kind, item.code) for item in told] == [("device-event", "7"), ("device-event", "2")]
    assert all("noted, not judged" in item.text for item in told)


@pytest.mark.parametrize(
    ("data", "says", "tells"),
    [
        ((0, 36, 6, 37, 1), [(37.1, "ok", "temp.t2"), (36.6, "ok", "temp.t1")], []),
        ((2, 36, 6, 0, 0), [(36.6, "ok", "temp.t1")], []),
        ((1, 0, 0, 37, 1), [(None, "off", "temp.t1"), (37.1, "ok", "temp.t2")], [("probe-off", "01")]),
        ((3, 0, 0), [(None, "off", "temp.t1")], [("probe-off", "03")]),
        ((2, 0, 0), [(None, "zero", "temp.t1")], [("probe-off", "02")]),
        ((2, 21, 4), [(21.4, "range", "temp.t1")], []),
    ],
)
def test_temperatures(data, says, tells):
    items, _ = heard(packet(5, *data))
    assert [(value, status, own) for _, value, status, own, _ in readings(items)] == says
    assert notices(items) == tells


def test_a_second_temperature_that_comes_off_is_told_before_the_first_that_measures():
    items, _ = heard(packet(5, 0, 36, 6, 37, 1), packet(5, 2, 36, 6, 0, 0))
    assert [each[1:4] for each in readings(items)[2:]] == [(None, "off", "temp.t2"), (36.6, "ok", "temp.t1")]


def test_waves_and_beats_say_nothing_and_count():
    beats = packet(0x30), packet(0x30, 0), packet(0x31)
    waves = packet(0xFE, 100), packet(0xFF, 250), WAVE, packet(0xFE, 0), packet(0xFF, 0)
    items, driver = heard(*beats, *waves)
    assert items == []
    assert driver.counters.frames == 8


def test_a_wave_that_holds_the_mark_of_a_frame_loses_nothing():
    tricky = packet(1, 0x55, 0xAA, 0x06, 0x04, 0x00, 0x62, 0x4A)
    items, driver = heard(tricky, sheet("55AA060400624A49"), tricky * 20)
    assert values(items) == [("SPO2", 98.0, "ok"), ("PR", 74.0, "ok")]
    assert (driver.counters.frames, driver.counters.rejected) == (22, 0)


def test_versions_are_told_once():
    items, _ = heard(packet(0xFC, *b"V3.2"), packet(0xFD, *b"PM6750\0"), packet(0xFC, *b"V3.2"))
    assert notices(items) == [("device-event", "V3.2"), ("device-event", "PM6750")]
    assert items[0].text == "the board's software is V3.2"


def test_what_is_not_known_is_told_once_with_its_bytes():
    items, driver = heard(packet(0x40, 1, 2), packet(0x40, 3, 4))
    assert notices(items) == [("unknown-parameter", "40")]
    assert items[0].raw == packet(0x40, 1, 2)
    assert driver.counters.frames == 2


@pytest.mark.parametrize("kind", [2, 3, 4, 5])
def test_a_packet_shorter_than_its_type_is_refused(kind):
    items, driver = heard(packet(kind))
    assert notices(items) == [("frame-rejected", "too short")]
    assert driver.counters.frames == 0


def test_a_wrong_sum_is_refused_and_the_packet_inside_it_is_found():
    inner = sheet("55AA060400624A49")
    bad = b"\x55\xaa\x14\x01" + inner + bytes(10)
    items, driver = heard(bad + inner)
    assert values(items) == [("SPO2", 98.0, "ok"), ("PR", 74.0, "ok")] * 2
    assert driver.counters.by_reason["checksum"] == 1


def test_commands_that_come_back_are_no_answer():
    driver = Berry()
    driver.opened(NOW)
    items = driver.receive(driver.send(NOW), NOW)
    assert notices(items)[0] == ("ignored", "01")
    assert readings(items) == []


# -- what is sent --------------------------------------------------------------------------------------------------

ECG, SPO2, TEMPERATURE = sheet("55AA040101F9"), sheet("55AA040301F7"), sheet("55AA040401F6")
NO_WAVES = sheet("55AA04FB0000 55AA04FE00FD 55AA04FF00FC")
VERSIONS = sheet("55AA04FC00FF 55AA04FD00FE")


def test_a_board_is_enabled_at_once_and_the_rest_when_it_answers():
    driver = Berry()
    driver.opened(NOW)
    assert driver.wake() == NOW
    assert driver.send(NOW) == ECG + SPO2 + NO_WAVES
    assert driver.send(NOW + S) == b""
    driver.receive(sheet("55AA060400624A49"), NOW + S)
    assert driver.send(NOW + S) == TEMPERATURE + VERSIONS
    driver.receive(sheet("55AA060400624A49"), NOW + 2 * S)
    assert driver.wake() == NOW + 5 * S
    assert driver.send(NOW + 5 * S - 1) == b""


def test_where_a_person_said_that_it_is_a_board_all_is_enabled_at_once():
    driver = Berry(output="board")
    driver.opened(NOW)
    assert driver.send(NOW) == ECG + SPO2 + NO_WAVES + TEMPERATURE + VERSIONS


def test_nothing_that_an_oximeter_would_obey_is_sent_before_a_board_is_there():
    """F6 would stop it, E0, E1 and F0 to F5 would change what it sends."""
    driver = Berry()
    driver.opened(NOW)
    sent = b"".join(driver.send(NOW + each * S) for each in range(60))
    assert not {0xE0, 0xE1, *range(0xF0, 0xF7)} & set(sent)


def test_a_silent_board_is_asked_every_3_s_and_that_is_said():
    driver = Berry()
    driver.opened(NOW)
    asked, items = [], []
    for tenth in range(150):
        at = NOW + tenth * S // 10
        if driver.send(at):
            asked.append(tenth / 10)
        items += driver.receive(b"", at)
    assert asked == [0, 3, 6, 9, 12]
    assert notices(items) == [("not-answering", "")]
    items = driver.receive(sheet("55AA060400624A49"), NOW + 15 * S)
    assert notices(items) == [("device-event", "")]


def test_a_board_that_was_switched_off_and_on_is_enabled_anew_with_all():
    driver = Berry()
    driver.opened(NOW)
    driver.send(NOW)
    driver.receive(sheet("55AA060400624A49"), NOW)
    driver.send(NOW)
    assert driver.send(NOW + 3 * S) == ECG + SPO2 + NO_WAVES + TEMPERATURE + VERSIONS
    assert notices(driver.receive(b"", NOW + 3 * S)) == [("quiet", "enabled")]
    assert driver.send(NOW + 6 * S)
    assert driver.receive(b"", NOW + 6 * S) == []
    assert notices(driver.receive(sheet("55AA060400624A49"), NOW + 7 * S)) == [("device-event", "")]


def test_nothing_is_sent_to_an_oximeter():
    driver = Berry(output="bci")
    driver.opened(NOW)
    assert driver.wake() is None
    assert driver.send(NOW + 60 * S) == b""


def test_the_start_of_a_cuff_is_there_for_a_person_and_as_the_sheet_has_it():
    assert Berry.start_cuff() == sheet("55AA040201F8")
    assert Berry.stop_cuff() == sheet("55AA040200F9")


def test_an_output_that_does_not_exist_is_refused_in_words():
    with pytest.raises(SettingError, match="'output' cannot be 'usb': give auto, board, bci, berry"):
        Berry(output="usb")


# -- bytes without stamps ------------------------------------------------------------------------------------------


def test_without_stamps_a_packet_of_a_kind_that_comes_again_begins_the_next_second():
    driver = Berry(assumed_start=NOW)
    second = packet(2, 0x58, 80, 16, 0, 1) + WAVE * 5 + packet(4, 0, 98, 79)
    items = driver.receive(second * 3, None)
    assert [(each[0], each[4]) for each in readings(items)] == [
        (signal, second) for second in (0.0, 1.0, 2.0) for signal in ("HR", "RR", "SPO2", "PR")
    ]
    assert notices(items) == [("time-assumed", "")]
    assert not driver.needs_start


def test_without_stamps_and_without_a_start_a_person_is_asked():
    driver = Berry()
    driver.receive(packet(4, 0, 98, 79), None)
    assert driver.needs_start


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1_000, 4_096, 1_000_000])
def test_a_dense_stream_says_the_same_in_any_pieces(size):
    chance = random.Random(size)
    data = b""
    for second in range(20):
        for _ in range(250):
            data += packet(1, *(chance.randrange(251) for _ in range(7)))
            data += packet(0xFE, chance.randrange(101)) if chance.random() < 0.2 else b""
        data += packet(2, 0x58, 60 + second, 16, 0, 1) + packet(4, 0, 98, 60 + second)
        data += chance.randbytes(9) if second % 5 == 0 else b""
    driver, items = Berry(assumed_start=NOW), []
    for at in range(0, len(data), size):
        items += driver.receive(data[at : at + size], None)
    items += driver.finish(None)
    whole = Berry(assumed_start=NOW)
    assert items == whole.receive(data, None) + whole.finish(None)
    assert driver.counters == whole.counters
    assert [value for signal, value, _ in values(items) if signal == "HR"] == [60.0 + each for each in range(20)]


def test_the_sums_of_the_sheets_commands_hold():
    for text in ("55AA040503F3", "55AA040901F1", "55AA040A4BA6", "55AA040502F4"):
        command = sheet(text)
        assert frames.encode(command[3], command[4:5]) == command
