"""The driver of Masimo oximeters: lines read by key, the exceptions mask, alarms, its clock, lines from memory."""

from __future__ import annotations

import pytest

from devices import instant
from devices.protocols.masimo.driver import Masimo
from devices.reading import Notice, Reading

S = instant.SECOND
NOW = instant.parse("2024-03-04T10:15:21Z")
LINE_1 = (
    b"03/04/24 10:15:20 SN=0000012345 SPO2=096% BPM=071 PI=02.15% SPCO=--.-% SPMET=--.-% DESAT=-- PIDELTA=+--"
    b" ALARM=0000 EXC=000800"
)
LINE_2 = (
    b"03/04/24 10:15:21 SN=0000012345 SPO2=095% BPM=104 PI=--.--% SPCO=--.-% SPMET=--.-% DESAT=-- PIDELTA=+--"
    b" ALARM=0010 EXC=000824"
)
LINE_3 = (
    b"03/04/24 10:15:22 SN=---------- SPO2=097% BPM=088 PI=00.41 SPCO=--% SPMET=--.-% SPHB=--.- SPOC=-- RESVD=---"
    b" DESAT=-- PIDELTA=+-- PVI=--- ALARM=000000 EXC=0000C00 EXC1=00000000"
)
LINE_4 = (
    b"03/04/24 10:15:23 SN=0000012345 SPO2=---% BPM=--- PI=--.--% SPCO=--.-% SPMET=--.-% DESAT=-- PIDELTA=+--"
    b" ALARM=0000 EXC=000000"
)
ROOT = (
    b"08/19/26 14:02:37 SN=2000000000  CHAN=0005 sysALARM=00000000 SPO2=093% BPM=092 PI=003.50 SPHB=014.4 SPOC=018.0"
    b" DESAT=000 PIDELTA=+-- PVI=030 ALARM=000000 ALARM1=00000000 ACSALARM=0000 EXC=1000800 EXC1=00000020 EXC2=00000000"
    b" ACSEXC=00000000 eegPSI=094 eegEMG=047% eegSR=000% eegSEFL=024.4Hz eegSEFR=---.-Hz eegARTF=000%"
    b" eegALARM=00000002 eegEXC=00000000"
)
"""As captured from a Root (public: UrielCandelasMeza/OpenICE_RaspberryPi_Implementation)."""

END = b"\r\n\r\n"


def readings(items):
    return [(item.signal, item.value, item.status.value, item.source) for item in items if isinstance(item, Reading)]


def values(items):
    return [each[:3] for each in readings(items)]


def notices(items):
    return [(item.kind, item.code) for item in items if isinstance(item, Notice)]


def told(items, kind):
    return [item for item in items if isinstance(item, Notice) and item.kind == kind]


def with_mask(mask):
    return LINE_1.replace(b"EXC=000800", b"EXC=" + mask) + END


def test_the_worked_lines_say_what_the_sheet_says():
    driver = Masimo()
    items = driver.receive(LINE_1 + END, NOW)
    items += driver.receive(LINE_2 + END, NOW + S)
    items += driver.receive(LINE_3 + END, NOW + 2 * S)
    items += driver.receive(LINE_4 + END, NOW + 3 * S)
    assert readings(items) == [
        ("SPO2", 96.0, "unverified", "masimo:spo2"),
        ("PR", 71.0, "unverified", "masimo:spo2.pr"),
        ("SPO2", None, "off", "masimo:spo2"),
        ("PR", None, "off", "masimo:spo2.pr"),
        ("SPO2", 97.0, "questionable", "masimo:spo2"),
        ("PR", 88.0, "questionable", "masimo:spo2.pr"),
        ("SPO2", None, "invalid", "masimo:spo2"),
        ("PR", None, "invalid", "masimo:spo2.pr"),
    ]
    assert notices(items) == [
        ("clock-offset", "-1"),
        ("device-event", "0000012345"),
        ("device-event", "0010"),
        ("probe-off", "020"),
        ("signal-poor", "400"),
    ]
    assert [item.time for item in items if isinstance(item, Reading)][::2] == [NOW + each * S for each in range(4)]
    assert (driver.counters.frames, driver.counters.rejected, driver.counters.bytes_skipped) == (4, 0, 0)


def test_a_line_of_a_root_with_all_its_fields():
    items = Masimo().receive(ROOT + END, None)
    assert values(items) == [("SPO2", 93.0, "unverified"), ("PR", 92.0, "unverified")]
    assert [each[1] for each in notices(items)] == ["", "2000000000", "EXC 1000000"]
    off = Masimo().receive(ROOT.replace(b"1000800", b"1000820") + END, None)
    assert values(off) == [("SPO2", None, "off"), ("PR", None, "off")]


@pytest.mark.parametrize(
    ("mask", "status"),
    [
        (b"000000", "unverified"),
        (b"000800", "unverified"),
        (b"800", "unverified"),
        (b"000001", "off"),
        (b"000801", "off"),
        (b"000820", "off"),
        (b"000828", "off"),
        (b"000002", "invalid"),
        (b"000080", "invalid"),
        (b"000040", "invalid"),
        (b"000008", "searching"),
        (b"000808", "searching"),
        (b"00084C", "searching"),
        (b"000804", "questionable"),
        (b"000C00", "questionable"),
        (b"000c00", "questionable"),
        (b"000810", "questionable"),
    ],
)
def test_the_mask_decides_what_a_plausible_number_is_worth(mask, status):
    kept = status in ("unverified", "questionable")
    assert values(Masimo().receive(with_mask(mask), NOW)) == [
        ("SPO2", 96.0 if kept else None, status),
        ("PR", 71.0 if kept else None, status),
    ]


def test_a_bit_that_is_not_known_is_told_once_with_its_line():
    items = Masimo().receive(with_mask(b"000900") * 2, NOW)
    (unknown,) = told(items, "unknown-parameter")
    assert (unknown.code, unknown.raw) == ("EXC 100", with_mask(b"000900").strip())


def test_a_line_that_does_not_say_whether_the_sensor_is_on_is_doubtful():
    line = LINE_1.partition(b" ALARM")[0] + END
    assert values(Masimo().receive(line, NOW)) == [("SPO2", 96.0, "questionable"), ("PR", 71.0, "questionable")]


@pytest.mark.parametrize(
    ("spo2", "pulse", "expected"),
    [
        (b"---", b"---%", [("SPO2", None, "invalid"), ("PR", None, "invalid")]),
        (b"-", b"-----", [("SPO2", None, "invalid"), ("PR", None, "invalid")]),
        (b"000%", b"000", [("SPO2", None, "zero"), ("PR", None, "zero")]),
        (b"100", b"187", [("SPO2", 100.0, "unverified"), ("PR", 187.0, "unverified")]),
        (b"020%", b"019", [("SPO2", 20.0, "range"), ("PR", 19.0, "range")]),
    ],
)
def test_numbers_and_dashes(spo2, pulse, expected):
    line = LINE_1.replace(b"SPO2=096%", b"SPO2=" + spo2).replace(b"BPM=071", b"BPM=" + pulse)
    assert values(Masimo().receive(line + END, NOW)) == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (LINE_1.replace(b"096%", b"96%"), "no SPO2 in three digits or dashes"),
        (LINE_1.replace(b"BPM=071", b"BPM=07"), "no BPM in three digits or dashes"),
        (LINE_1.replace(b"BPM=071", b"BPM=07x"), "no BPM in three digits or dashes"),
        (LINE_1.replace(b"SPO2=096% ", b""), "no SPO2 in three digits or dashes"),
        (LINE_1.replace(b"BPM=071 ", b""), "no BPM in three digits or dashes"),
        (LINE_1.replace(b"096%", b"101%"), "a number no oximeter shows"),
        (LINE_1.replace(b"BPM=071", b"BPM=800"), "a number no oximeter shows"),
        (LINE_1.replace(b"03/04", b"13/04"), "a date that does not exist"),
        (LINE_1 + b" SPO2=097%", "a field that comes twice"),
        (LINE_1.replace(b"EXC=000800", b"EXC=0008x0"), "EXC is no mask"),
        (LINE_1.replace(b"PI=02.15%", b"PI 02.15%"), "not the form of a line"),
        (b"SpO2   PR   PI", "no line of ASCII 1"),
    ],
)
def test_what_is_no_line_is_refused_with_its_bytes(line, reason):
    driver = Masimo()
    (refused,) = driver.receive(line + END, NOW)
    assert (refused.kind, refused.code, refused.raw) == ("frame-rejected", reason, line)
    assert driver.counters.by_reason == {reason: 1}


def test_fields_in_another_order_and_unknown_ones_are_borne():
    line = b"03/04/24 10:15:20 BPM=071 EXC=000800 ORI=0.12 SPO2=096%"
    items = Masimo().receive((line + END) * 2, NOW)
    assert values(items)[:2] == [("SPO2", 96.0, "unverified"), ("PR", 71.0, "unverified")]
    assert [(item.code, item.raw) for item in told(items, "unknown-parameter")] == [("ORI", line)]


def test_only_so_many_unknown_names_are_told():
    driver = Masimo()
    items = []
    for number in range(200):
        items += driver.receive(LINE_1 + f" X{number}=1".encode() + END, NOW)
    assert len(told(items, "unknown-parameter")) == 50


@pytest.mark.parametrize("keep", [5, 60, len(LINE_1) - 2, len(LINE_1)])
def test_a_line_that_lost_its_end_costs_no_other(keep):
    driver = Masimo()
    items = driver.receive(LINE_1[:keep] + LINE_3 + END, NOW)
    assert values(items) == [("SPO2", 97.0, "questionable"), ("PR", 88.0, "questionable")]
    assert driver.counters.rejected + driver.counters.bytes_skipped > 0


def test_an_alarm_is_told_when_it_changes():
    driver = Masimo()
    items = []
    for alarm in (b"0000", b"0000", b"0020", b"0020", b"0032", b"0000", b"0020"):
        items += driver.receive(LINE_1.replace(b"ALARM=0000", b"ALARM=" + alarm) + END, NOW)
    assert [item.code for item in told(items, "device-event")][1:] == ["0020", "0032", "0020"]


def test_another_serial_number_is_another_monitor():
    driver = Masimo()
    items = driver.receive(LINE_1 + END + LINE_3 + END + LINE_1.replace(b"12345", b"99999") + END, NOW)
    assert [item.code for item in told(items, "device-event")] == ["0000012345", "0000099999"]


def test_without_stamps_the_monitors_own_clock_is_read_in_its_zone():
    driver = Masimo(zone="America/New_York")
    items = driver.receive(LINE_1 + END, None)
    assert {item.time for item in items} == {instant.parse("2024-03-04T15:15:20Z")}
    assert ("time-assumed", "") in notices(items)
    assert not driver.needs_start


TREND = (
    b"09/21/08 09:56:08 SpO2=000 PR=000 PI=00.00 EXC=820:OffPat,SET\r\n"
    b"09/21/08 09:56:10 SpO2=000 PR=000 PI=00.00 EXC=828:Search,OffPat,SET\r\n"
    b"09/21/08 09:56:12 SpO2=097 PR=069 PI=04.69 EXC=800:SET\r\n"
    b"09/21/08 09:56:14 SpO2=096 PR=074 PI=02.28 EXC=C00:LowSigIQ,SET\r\n"
    b"09/21/08 09:56:18 SpO2=000 PR=000 PI=00.00 EXC=800:SET\r\n"
)


def test_lines_from_memory_are_read_from_a_file():
    items = Masimo().receive(TREND, None)
    assert [value for value in values(items) if value[0] == "SPO2"] == [
        ("SPO2", None, "off"),
        ("SPO2", None, "off"),
        ("SPO2", 97.0, "unverified"),
        ("SPO2", 96.0, "questionable"),
        ("SPO2", None, "zero"),
    ]
    assert [item.time for item in items if isinstance(item, Reading)][-1] == instant.parse("2008-09-21T09:56:18Z")


def test_lines_from_memory_are_not_current_values():
    driver = Masimo()
    items = driver.receive(TREND, NOW)
    assert readings(items) == []
    assert notices(items) == [("ignored", "trend")]
    assert driver.counters.frames == 5


def test_nothing_is_ever_sent():
    driver = Masimo()
    driver.opened(NOW)
    assert driver.send(NOW) == b""
    assert driver.wake() is None
