"""Contec oximeters: worked frames of both generations, states, what is sent, captured bytes, damage without a sum."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from msgspec.structs import replace

from dashboard.cli import main
from devices.protocols.contec.driver import Contec
from devices.reading import Notice, Reading
from devices.virtual.contec import ContecDevice, OldContecDevice
from devices.virtual.device import Cuff, Observation

S = 1_000_000
NOW = 1_770_000_000 * S
CAPTURE = Path(__file__).parents[1] / "captures" / "contec-cms50_live.hex.txt"
SEEN = Observation(hr=72, pr=140, spo2=97, rr=14, temp=36.8, cuff=Cuff())
OFF = replace(SEEN, spo2=None, pr=None)


def request(code):
    return bytes((0x7D, 0x81, code)) + b"\x80" * 6


START, STOP, STOP_STORED, ALIVE = request(0xA1), request(0xA2), request(0xA7), request(0xAF)


class Still:
    def __init__(self, seen=SEEN):
        self.seen = seen

    def observe(self, at):
        return self.seen


def readings(items):
    return [
        (item.signal, item.value, item.status.value, item.source.partition(":")[2])
        for item in items
        if isinstance(item, Reading)
    ]


def values(items):
    return [each[:3] for each in readings(items)]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice) and item.kind != "time-assumed"]


def of_bytes(data):
    driver = Contec(assumed_start=NOW)
    return driver.receive(data, None) + driver.finish(None), driver


def streamed(kind, seconds, seen=SEEN):
    device, data = kind(Still(seen)), b""
    device.receive(START, NOW)
    for tenth in range(seconds * 10):
        data += device.receive(ALIVE, NOW + tenth * S // 10) + device.tick(NOW + tenth * S // 10)
    return data


@pytest.mark.parametrize(
    ("frame", "spo2", "pulse", "tells"),
    [
        ("85400A4862", (98.0, "unverified"), (72.0, "unverified"), []),
        ("C533460C61", (97.0, "unverified"), (140.0, "unverified"), []),
        ("8F00507F7F", (None, "off"), (None, "off"), [("probe-off", "byte 2 bit 4")]),
        ("95400A4862", (None, "off"), (None, "off"), [("probe-off", "byte 0 bit 4")]),
        ("85402A4862", (None, "searching"), (None, "searching"), [("signal-poor", "byte 2 bit 5")]),
        # "Saturation dropping" is no reason not to show it.
        ("A5400A4858", (88.0, "unverified"), (72.0, "unverified"), []),
        ("85400A487F", (None, "invalid"), (72.0, "unverified"), []),
        ("85404A7F62", (98.0, "unverified"), (None, "invalid"), []),
        ("85400A0062", (98.0, "unverified"), (None, "zero"), []),
        ("85404A7A62", (98.0, "unverified"), (250.0, "unverified"), []),
    ],
)
def test_old_frames(frame, spo2, pulse, tells):
    for copies in (1, 3, 9):
        items, driver = of_bytes(bytes.fromhex(frame) * copies)
        assert readings(items) == [("SPO2", *spo2, "spo2"), ("PR", *pulse, "spo2.pr")]
        assert notices(items) == tells
        assert driver.counters.frames == copies


@pytest.mark.parametrize(
    ("frame", "spo2", "pulse", "tells"),
    [
        ("01E085C08AC8E2FFFF", (98.0, "unverified"), (72.0, "unverified"), []),
        ("01E885B3968CE1FFFF", (97.0, "unverified"), (140.0, "unverified"), []),
        ("01E18080808080FFFF", (None, "off"), (None, "off"), [("probe-off", "E1")]),
        # As captured from an oximeter without a finger in it.
        ("01E184C0908080FFFF", (None, "off"), (None, "off"), [("probe-off", "E1")]),
        ("01E285C08AC8E2FFFF", (None, "invalid"), (None, "invalid"), [("signal-poor", "E2")]),
        ("01F085C08AC8E2FFFF", (None, "invalid"), (None, "invalid"), [("signal-poor", "F0")]),
        ("01E085C0AAC8E2FFFF", (None, "searching"), (None, "searching"), [("signal-poor", "searching")]),
        ("01E085C08AC880FFFF", (None, "zero"), (72.0, "unverified"), []),
        ("01E085C08AC8FFFFFF", (None, "invalid"), (72.0, "unverified"), []),
        ("01E885C08AFFE2FFFF", (98.0, "unverified"), (None, "invalid"), []),
        ("01E085C08A80E2FFFF", (98.0, "unverified"), (None, "zero"), []),
        ("01E885C08AFAE2FFFF", (98.0, "unverified"), (250.0, "unverified"), []),
    ],
)
def test_new_frames(frame, spo2, pulse, tells):
    items, driver = of_bytes(bytes.fromhex(frame) * 2)
    assert readings(items) == [("SPO2", *spo2, "spo2"), ("PR", *pulse, "spo2.pr")]
    assert notices(items) == tells
    assert driver.counters.frames == 2


@pytest.mark.parametrize("kind", [ContecDevice, OldContecDevice])
def test_one_sample_a_second_of_sixty_frames(kind):
    items, driver = of_bytes(streamed(kind, 20))
    assert values(items) == [("SPO2", 97.0, "unverified"), ("PR", 140.0, "unverified")] * 20
    assert driver.counters.rejected == driver.counters.bytes_skipped == 0


def test_of_a_second_the_newest_frame_with_a_value_is_told():
    good, newer, off = (
        bytes.fromhex(each) for each in ("01E085C08AC8E2FFFF", "01E885B3968CE1FFFF", "01E18080808080FFFF")
    )
    items, _ = of_bytes(good * 10 + newer * 10 + off * 40 + off * 60)
    assert values(items) == [
        ("SPO2", 97.0, "unverified"),
        ("PR", 140.0, "unverified"),
        ("SPO2", None, "off"),
        ("PR", None, "off"),
    ]
    assert next(item.time - NOW for item in items if isinstance(item, Reading)) == 19 * 16_667


def test_the_captured_bytes_say_what_their_readme_says(tmp_path):
    out = tmp_path / "out.csv"
    with pytest.raises(SystemExit) as left:
        main(["decode", "contec", str(CAPTURE), "--hex", "--start", "2026-03-01T10:00:00Z", "-o", str(out)])
    assert left.value.code in (0, None)
    rows = list(csv.DictReader(out.open()))
    assert [(row["signal"], row["value"], row["status"]) for row in rows] == [
        ("SPO2", "97", "unverified"),
        ("PR", "65", "unverified"),
    ]
    for line in CAPTURE.read_text().splitlines():
        items, _ = of_bytes(bytes.fromhex(line))
        assert values(items) == [("SPO2", 97.0, "unverified"), ("PR", 65.0, "unverified")]


def test_captured_bytes_without_a_start_are_asked_for_one(capsys):
    with pytest.raises(SystemExit) as left:
        main(["decode", "contec", str(CAPTURE), "--hex"])
    assert left.value.code == 1
    assert "--start" in capsys.readouterr().err


# -- answers -------------------------------------------------------------------------------------------------------


def test_answers_of_a_whole_session_are_known():
    """As captured: stop, greetings, model in two parts, user name, maker, then live data."""
    said = bytes.fromhex(
        "0C80 0C80 06808087 118081818080808080 0E8081 138080808080808080 148080808080808080"
        "028080B5B0C4A8C1A9 0281FFABA0A0A0A0A0 0480F5F3E5F2A0A0A0 0380A0A0A0A0A0A0A0 01E085B396C1E1FFFF"
    )
    items, driver = of_bytes(said)
    assert values(items) == [("SPO2", 97.0, "unverified"), ("PR", 65.0, "unverified")]
    assert notices(items) == [("device-event", "50D(A)+"), ("ignored", "04")]
    assert driver.counters.bytes_skipped == 0


def test_in_a_capture_of_both_directions_the_commands_are_no_answers():
    # The order and the bytes of a logged session of a CMS60C (public: InfantLab/Contec-Pulse-Oximeter-in-Matlab).
    commands = START + ALIVE + request(0x82) + request(0x81) + request(0x80)
    said = commands + bytes.fromhex("028080C3CDD3B6B0C3 0281FFD78080808080") + ALIVE
    none, live = bytes.fromhex("01EA84DE9BFFFFFFFF"), bytes.fromhex("01E085BB97D2E2FFFF")
    items, driver = of_bytes(said + none * 3 + ALIVE + live * 3)
    assert values(items) == [("SPO2", 98.0, "unverified"), ("PR", 82.0, "unverified")]
    assert notices(items) == [("device-event", "CMS60CW")]
    assert (driver.counters.frames, driver.counters.bytes_skipped) == (6, 0)


def test_the_users_name_goes_nowhere():
    name = bytes.fromhex("0480F2EFEFEDB1A0A0")
    items, _ = of_bytes(name + bytes.fromhex("01E085B396C1E1FFFF"))
    assert notices(items) == [("ignored", "04")]
    assert not any(b"room1" in bytes(each & 0x7F for each in item.raw) or "room1" in item.text for item in items[:1])


def test_an_answer_that_is_not_known_is_told_once():
    live, other = bytes.fromhex("01E085B396C1E1FFFF"), bytes.fromhex("2A8081828384858687")
    items, _ = of_bytes(live * 3 + other + live + other + live)
    assert notices(items) == [("unknown-parameter", "2A")]


def test_stored_data_are_left_out():
    items, _ = of_bytes(bytes.fromhex("0F80E2C6E2C6E2C6") * 5 + bytes.fromhex("01E085B396C1E1FFFF"))
    assert values(items) == [("SPO2", 97.0, "unverified"), ("PR", 65.0, "unverified")]
    assert notices(items) == [("ignored", "0F")]


# -- what is sent --------------------------------------------------------------------------------------------------


def test_a_new_one_is_stopped_started_and_kept_alive():
    driver, device = Contec(), ContecDevice(Still())
    driver.opened(NOW)
    sent, items = {}, []
    for tick in range(-2, 200):
        at = NOW + max(tick, 0) * S // 20
        data = driver.send(at)
        if data:
            sent[max(tick, 0) / 20] = data
        items += driver.receive(device.receive(data, at) + device.tick(at), at)
    assert sent == {0.0: STOP_STORED + STOP, 0.5: START} | {1.5 + each: ALIVE for each in range(9)}
    assert values(items)[:2] == [("SPO2", 97.0, "unverified"), ("PR", 140.0, "unverified")]
    assert driver.closing() == STOP


def test_it_goes_on_for_as_long_as_it_is_kept_alive():
    driver, device = Contec(), ContecDevice(Still())
    driver.opened(NOW)
    items = []
    for tick in range(1_200):
        at = NOW + tick * S // 10
        items += driver.receive(device.receive(driver.send(at), at) + device.tick(at), at)
    assert len([each for each in values(items) if each[0] == "PR"]) == 119


def test_an_old_one_is_left_alone():
    driver, device = Contec(), OldContecDevice(Still())
    driver.opened(NOW)
    assert driver.send(NOW) == STOP_STORED + STOP
    device.tick(NOW)
    driver.receive(device.tick(NOW + S // 4), NOW + S // 4)
    assert driver.wake() is None
    assert driver.send(NOW + 10 * S) == b""
    assert driver.closing() == b""


def test_one_that_does_not_answer_is_started_again_and_that_is_said_once():
    driver = Contec()
    driver.opened(NOW)
    sent, items = [], []
    for tick in range(600):
        at = NOW + tick * S // 20
        sent.append(driver.send(at))
        items += driver.receive(b"", at)
    assert 7 <= sent.count(STOP_STORED + STOP) <= 10
    assert sent.count(START) in (sent.count(STOP_STORED + STOP), sent.count(STOP_STORED + STOP) - 1)
    assert notices(items) == [("not-answering", "")]
    items = driver.receive(bytes.fromhex("01E085B396C1E1FFFF") * 3, NOW + 30 * S)
    assert notices(items) == [("device-event", "")]


def test_one_that_was_switched_off_and_on_is_started_anew():
    driver, device, items = Contec(), ContecDevice(Still()), []
    driver.opened(NOW)
    for tick in range(400):
        at = NOW + tick * S // 20
        device = ContecDevice(Still()) if tick == 200 else device
        items += driver.receive(device.receive(driver.send(at), at) + device.tick(at), at)
    assert notices(items) == [("quiet", "started"), ("device-event", "")]
    assert values(items)[-1] == ("PR", 140.0, "unverified")


def test_nothing_but_these_four_is_ever_sent():
    for device in (ContecDevice(Still()), OldContecDevice(Still()), ContecDevice(Still(OFF))):
        driver, sent = Contec(), b""
        for tick in range(2_000):
            at = NOW + tick * S // 20
            if tick % 700 == 0:
                driver.opened(at)
            data = driver.send(at)
            sent += data
            driver.receive(device.receive(data, at) + device.tick(at), at)
        assert {sent[at : at + 9] for at in range(0, len(sent), 9)} <= {START, STOP, STOP_STORED, ALIVE}


# -- damage --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ContecDevice, OldContecDevice])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1_000])
def test_any_pieces_say_the_same(kind, size):
    chance = random.Random(3)
    data = streamed(kind, 4)
    data = data[:501] + chance.randbytes(600) + data[780:] + streamed(kind, 2, OFF)
    whole, one = of_bytes(data)
    driver = Contec(assumed_start=NOW)
    items = [item for at in range(0, len(data), size) for item in driver.receive(data[at : at + size], None)]
    assert items + driver.finish(None) == whole
    assert driver.counters == one.counters


@pytest.mark.parametrize("kind", [ContecDevice, OldContecDevice])
def test_noise_between_all_frames_gives_no_wrong_number(kind):
    chance = random.Random(4)
    device = kind(Still())
    frames = device.split(streamed(kind, 60))
    noisy = b"".join(chance.randbytes(chance.randint(1, 24)) + frame for frame in frames)
    items, _ = of_bytes(b"".join(frames[:200]) + noisy)
    wrong = [value for signal, value, _ in values(items) if signal == "PR" and value not in (140.0, None)]
    assert len(wrong) <= 1


@pytest.mark.parametrize("kind", [ContecDevice, OldContecDevice])
def test_a_damaged_frame_is_refused_and_those_around_it_are_kept(kind):
    device = kind(Still())
    frames = device.split(streamed(kind, 3))
    items, driver = of_bytes(b"".join([*frames[:60], device.damage(frames[60]), *frames[61:]]))
    assert driver.counters.by_reason == {"shape": 1}
    assert driver.counters.frames == len(frames) - 1
    assert [item.raw for item in items if isinstance(item, Notice) and item.raw] == [device.damage(frames[60])]


@pytest.mark.parametrize("kind", [ContecDevice, OldContecDevice])
@pytest.mark.parametrize("kept", [1, 2, 3, 4])
def test_a_frame_cut_short_costs_itself_alone(kind, kept):
    frames = kind(Still()).split(streamed(kind, 3))
    _, driver = of_bytes(b"".join([*frames[:60], frames[60][:kept], *frames[61:]]))
    assert driver.counters.frames == len(frames) - 1
    assert driver.counters.rejected + driver.counters.bytes_skipped == 1 if kept == 1 else driver.counters.rejected == 1


@pytest.mark.parametrize("kind", [ContecDevice, OldContecDevice])
def test_a_stream_begun_in_the_middle_of_a_frame(kind):
    data = streamed(kind, 3)
    for begin in range(1, 9):
        items, _ = of_bytes(data[begin:])
        assert {value for signal, value, _ in values(items) if signal == "PR"} == {140.0}


def test_another_generation_may_come_to_the_same_port():
    driver = Contec()
    driver.opened(NOW)
    driver.receive(streamed(OldContecDevice, 2), NOW)
    driver.opened(NOW + 60 * S)
    items = driver.receive(streamed(ContecDevice, 2), NOW + 60 * S) + driver.finish(NOW + 60 * S)
    assert values(items)[-1] == ("PR", 140.0, "unverified")
    assert driver.wake() is not None
