"""What fuzzing found wrong in drivers (tests/fuzz), each as small as it can be shown."""

from __future__ import annotations

import pytest
from nonin_bytes import spot_check
from test_driver_contract import held

from devices import catalogue, instant
from devices.protocols.dinamap import frames as dinamap
from devices.protocols.draeger_medibus.frames import command, response
from devices.protocols.framing import RAW_KEPT
from devices.protocols.ge_dri.driver import GeDri
from devices.protocols.ivy_ansarb import frames as ivy
from devices.protocols.line import frames as line
from devices.reading import Item, Notice

AT = 1_770_000_000 * instant.SECOND

FIRST_DAY, LAST_DAY = bytes((0, 1, 1, 1, 0, 0, 0, 0)), bytes((99, 99, 12, 31, 23, 59, 59, 0))
BLOCK = bytes(16) + b"\xff\xff"
"""A whole block of the PRO 1000."""


def hear(protocol: str, data: bytes, at: int | None = AT, size: int = 0) -> list[Item]:
    driver = catalogue.create(protocol)
    pieces = [data[place : place + size] for place in range(0, len(data), size)] if size else [data]
    return [item for piece in pieces for item in driver.receive(piece, at)] + driver.finish(at)


def texts(items: list[Item]) -> list[str]:
    return [text for item in items if isinstance(item, Notice) for text in (item.text, item.code, item.source)]


@pytest.mark.parametrize("at", [AT, None], ids=["dated", "undated"])
@pytest.mark.parametrize(
    ("protocol", "data"),
    [
        ("draeger-medibus", response(0x28, b"00:00:00 01-JAN-0001")),
        ("draeger-medibus", response(0x28, b"23:59:59 31-DEC-9999")),
        ("nonin", spot_check(FIRST_DAY, 0, 60, 97)),
        ("nonin", spot_check(LAST_DAY, 0, 60, 97)),
        ("omron-hbp", b"0001,01,01,00,00," + b" " * 20 + b",0,120,080,070,0\r\n"),
        ("omron-hbp", b"9999,12,31,23,59," + b" " * 20 + b",0,120,080,070,0\r\n"),
    ],
)
def test_a_date_at_an_end_of_the_calendar_is_told_and_raises_nothing(
    protocol: str, data: bytes, at: int | None
) -> None:
    told = [item for item in hear(protocol, data, at) if isinstance(item, Notice)]
    assert {item.kind for item in told} & {"frame-rejected", "bytes-skipped"}


@pytest.mark.parametrize("size", [0, 1, 10, 11])
def test_a_frame_before_what_looks_like_a_block_makes_it_text_in_any_pieces(size: int) -> None:
    """In one piece with it, the block used to win over the frame before it."""
    items = hear("dinamap", dinamap.encode("RA2071") + BLOCK, size=size)
    assert [(item.kind, item.raw) if isinstance(item, Notice) else item.value for item in items] == [
        71.0,
        ("frame-rejected", BLOCK.strip(b"\0")),
    ]


@pytest.mark.parametrize("size", [0, 1, 5])
def test_the_end_of_a_communication_is_told_before_what_comes_after_it(size: int) -> None:
    """In one piece with it, what came after was told first."""
    driver = catalogue.create("draeger-medibus")
    driver.opened(AT)
    data = command(0x55) + b"\0\x01"
    pieces = [data[place : place + size] for place in range(0, len(data), size)] if size else [data]
    told = [item for piece in pieces for item in driver.receive(piece, AT)]
    assert [item.kind for item in told if isinstance(item, Notice)] == ["device-event", "bytes-skipped"]


@pytest.mark.parametrize(
    ("protocol", "data"),
    [
        ("line", line.encode("E", "1,1000,\x1b[2J,the screen is \x1b[2Jcleared")),
        ("line", line.encode("N", "1,1000,,,,,\x1b[2J")),
        ("line", b'{"flags": ["\\ud800", "NIBP_FAIL\\u0000"], "hr": 70}\n'),
        ("draeger-medibus", response(0x2A, b"01\x33a\x07b\x03")),
        ("draeger-medibus", response(0x27, b"1F0" + b"a\x07b".ljust(12))),
        ("nellcor", b"N-600x VERSION 1\x1b[2J CRC:XXXX SpO2 Limit: 85-100% PR Limit: 40-170BPM\r\n"),
    ],
)
def test_what_a_device_says_is_shown_without_control_characters(protocol: str, data: bytes) -> None:
    """They would act on a terminal, and half a surrogate pair or a NUL cannot be stored."""
    said = texts(hear(protocol, data))
    assert any("\ufffd" in text for text in said)
    assert all(text.isprintable() for text in said)


def test_many_alarms_at_once_do_not_each_carry_all_of_them() -> None:
    alarms = b"".join(b"1%02X" % code + b"a phrase".ljust(12) for code in range(256))
    items = hear("draeger-medibus", response(0x27, alarms))
    assert len(items) == 256
    assert all(len(item.raw) <= RAW_KEPT for item in items if isinstance(item, Notice))


def test_names_that_are_not_known_do_not_fill_the_memory() -> None:
    driver = catalogue.create("ivy-ansarb")
    told: list[Item] = []
    for number in range(5_000):
        told += driver.receive(ivy.MARKER + bytes(ivy.WAVES) + b"X%d=00;\r" % number + ivy.END, AT)
    assert 100 < len(told) < 1_000
    assert held(driver) < 40_000


def test_refused_frames_without_any_time_do_not_fill_the_memory() -> None:
    """They wait for a record that tells the time, which may never come."""
    driver = GeDri()
    told = [item for _ in range(5_000) for item in driver.receive(b"~1234567890~", None)]
    assert held(driver) < 40_000
    told += driver.finish(None)
    assert len(told) == driver.counters.rejected >= 5_000
