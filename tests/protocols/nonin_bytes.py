"""Bytes of a Nonin oximeter, made by hand from the sheet's tables (text oximeters sheet, section A)."""

from __future__ import annotations

MISSING_PULSE, MISSING_SPO2 = 511, 127


def frame2(status: int, value: int, pleth: int = 0x44) -> bytes:
    body = bytes([0x01, status, pleth, value])
    return body + bytes([sum(body) % 256])


def frame7(status: int, value: int, pleth: int = 0x1234) -> bytes:
    body = bytes([status, pleth // 256, pleth % 256, value])
    return body + bytes([sum(body) % 256])


def packet_values(
    pulse: int = 76,
    spo2: int = 96,
    shown_pulse: int | None = None,
    shown_spo2: int | None = None,
    *,
    timer: int = 0,
    firmware: int = 0,
    second: int = 0,
    others: int = 0,
) -> list[int]:
    """The 25 values of a packet; the displayed ones are the averaged ones unless given."""
    shown_pulse = pulse if shown_pulse is None else shown_pulse
    shown_spo2 = spo2 if shown_spo2 is None else shown_spo2
    values = [others] * 25
    values[0], values[1], values[2], values[3] = pulse // 128, pulse % 128, spo2, firmware
    values[5], values[6], values[7], values[8] = timer // 128, timer % 128, second, shown_spo2
    values[19], values[20] = shown_pulse // 128, shown_pulse % 128
    return values


def packet(values: list[int] | None = None, flags: int = 0, data_format: str = "2") -> bytes:
    """A packet of 25 frames; the first has the sync bit, all have `flags`."""
    make = frame2 if data_format == "2" else frame7
    filled = packet_values() if values is None else values
    return b"".join(make(0x80 | flags | (place == 0), value) for place, value in enumerate(filled))


def second(data_format: str = "2", flags: int = 0, **values: int) -> bytes:
    """Three equal packets."""
    return packet(packet_values(**values), flags, data_format) * 3


def spot_check(date: bytes, status: int, pulse: int, spo2: int, more: bytes = b"") -> bytes:
    """A record of format 13; `date` is century, year, month, day, hour, minute, second, fraction."""
    data = date + status.to_bytes(2, "big") + pulse.to_bytes(2, "big") + b"\x00" + bytes([spo2]) + more
    return b"\x00\x02\x00\x0d" + len(data).to_bytes(2, "big") + data + bytes([sum(data) % 256, 0x03])
