"""The virtual IVY 450C, Omron cuff and Dräger device: what they send, to the byte, and how they behave to a host."""

from __future__ import annotations

from datetime import UTC

import pytest
from msgspec.structs import replace

from devices import catalogue
from devices.protocols.draeger_medibus.frames import ESC, Framer, Message, command, response
from devices.protocols.ivy_ansarb.frames import TEXT
from devices.reading import Notice
from devices.virtual.device import Cuff, Observation
from devices.virtual.draeger_medibus import DraegerMedibusDevice
from devices.virtual.faults import FrameShape
from devices.virtual.ivy_ansarb import IvyAnsarbDevice
from devices.virtual.omron_hbp import OmronHbpDevice

S = 1_000_000
NOW = 1_783_760_720 * S  # 2026-07-11T09:05:20Z
DONE = Cuff(time=NOW, sys=118, dia=76, mean=90, pulse=71, count=1)
SEEN = Observation(hr=72, pr=72, spo2=97, rr=14, temp=36.8, cuff=DONE, abp=(131, 72, 92))


class Still:
    """A bedside that shows what it is told to."""

    def __init__(self, seen=SEEN):
        self.seen = seen

    def observe(self, at):
        return self.seen


def test_an_ivy_sends_the_message_of_the_sheet_each_second():
    device = IvyAnsarbDevice(Still())
    message = device.tick(NOW)
    assert message[:9] == b"\xffANSAR-B "
    assert max(message[9:TEXT]) < 0xFC
    assert message[TEXT:].split(b"\r") == [
        b"HR=1;72;ECG-II-MON;", b"RR=1;14;APNEA: 20 SEC;", b"ETCO2=1;;;", b"SPO2=1;97;PR=72 ;",
        b"NIBP=4;118;76;90;71;;", b"P1=1;131;72;92;ART;", b"P2=3;;;;NO TRANSDUCER;", b"T1=1;36.8;;", b"T2=1;;;",
        b"\xfe",
    ]  # fmt: skip
    assert device.tick(NOW + S // 2) == b""
    assert len(device.split(device.tick(NOW + 3 * S))) == 3


def test_an_ivy_shows_what_is_off_and_a_cuff_that_measures_or_failed():
    off = replace(SEEN, hr=None, spo2=None, pr=None, abp=None, cuff=Cuff(failure="leak", time=NOW, count=2))
    text = IvyAnsarbDevice(Still(off)).tick(NOW)[TEXT:]
    for line in (b"HR=3;;ECG-II-MON;LEAD OFF;", b"SPO2=3;;PR= ;SENSOR OFF;", b"P1=3;;;;NO TRANSDUCER;"):
        assert line in text
    assert b"NIBP=4;;;;;;LEAK;" in text
    measuring = replace(SEEN, cuff=replace(DONE, measuring=True))
    assert b"NIBP=4;;;;;;\r" in IvyAnsarbDevice(Still(measuring)).tick(NOW)


def test_an_omron_sends_one_line_when_a_measurement_has_ended():
    bedside = Still(replace(SEEN, cuff=Cuff()))
    device = OmronHbpDevice(bedside, UTC)
    assert device.tick(NOW) == b""
    bedside.seen = SEEN
    assert device.tick(NOW + S) == b"2026,07,11,09,05,00000000000000000042,0,118,076,071,0\r\n"
    assert device.tick(NOW + 2 * S) == b""
    bedside.seen = replace(SEEN, cuff=Cuff(time=NOW + 60 * S, failure="timeout", count=2))
    assert device.tick(NOW + 60 * S) == b"2026,07,11,09,06,00000000000000000042,1,   ,   ,   ,0\r\n"


def ask(device, data, at=NOW):
    return device.receive(data, at) + device.tick(at) + device.tick(at + 50_000)


def test_a_draeger_device_calls_every_three_seconds_until_it_is_answered():
    device = DraegerMedibusDevice(Still())
    calls = [at for at in range(100) if device.tick(NOW + at * S // 10) == command(0x51)]
    assert calls == [0, 30, 60, 90]
    assert ask(device, response(0x51), NOW + 10 * S) == command(0x52)


def test_a_draeger_device_answers_and_leaves_out_what_it_does_not_measure():
    bedside = Still(replace(SEEN, abp=None))
    device = DraegerMedibusDevice(bedside)
    assert ask(device, command(0x51)).endswith(response(0x51) + command(0x52))
    assert ask(device, command(0x24))[3:] == response(
        0x24, b"7D 24 78  5 F0 40 D6 14 EB 97 E1 72 DC 72 C336.896118 8C 76 91 90 92  0 "
    )
    assert ask(device, command(0x4A, b"$EBE1DC")) == response(0x4A)
    assert ask(device, command(0x24))[3:] == response(0x24, b"EB 97 E1 72 DC 72 ")
    bedside.seen = replace(SEEN, spo2=None, pr=None)
    assert ask(device, command(0x24))[3:] == response(0x24, b"DC 72 ")
    assert ask(device, command(0x27)) == response(0x27, b"A35SPO2SEN DISC")
    assert ask(device, command(0x6A)) == response(0x6A)
    assert ask(device, b"\x1b$00\r") == response(0x15)
    assert ask(device, command(0x55)) == response(0x55)
    assert ask(device, command(0x24)) == b""


def test_a_draeger_device_goes_when_it_is_not_answered():
    device = DraegerMedibusDevice(Still())
    ask(device, command(0x51))
    said = b"".join(ask(device, command(0x30), NOW + at * S) for at in range(1, 30))
    commands = [piece.code for piece in Framer().feed(said) if isinstance(piece, Message) and piece.is_command]
    assert commands[:3] == [0x30, 0x30, 0x51]


def test_a_draeger_device_puts_a_command_into_the_middle_of_an_answer():
    device = DraegerMedibusDevice(Still())
    ask(device, command(0x51))
    answer = b""
    for second in range(1, 6):
        answer += ask(device, command(0x24), NOW + second * S)
    assert any(b"\x01$" in part and ESC in part for part in device.split(answer))


@pytest.mark.parametrize("name", ["ivy-ansarb", "omron-hbp", "draeger-medibus"])
def test_damage_is_noticed_by_the_driver(name):
    bedside = Still(replace(SEEN, cuff=Cuff()))
    device, driver = catalogue.create_device(name, bedside), catalogue.create(name)
    assert isinstance(device, FrameShape)
    device.tick(NOW - 30 * S)
    bedside.seen = SEEN
    device.receive(command(0x51), NOW)
    frames = device.split(device.tick(NOW + S))
    assert frames
    for frame in frames:
        items = driver.receive(device.damage(frame), NOW + S) + driver.finish(NOW + S)
        assert [item.kind for item in items if isinstance(item, Notice)] == ["frame-rejected"]
    assert driver.counters.rejected == len(frames)
