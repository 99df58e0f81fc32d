"""A virtual Nonin oximeter: an Xpod that streams data format 2, or one set to another format or to text lines."""

from __future__ import annotations

import math

from devices import instant
from devices.instant import SECOND
from devices.virtual.device import Bedside, Observation

FRAMES_A_SECOND = 75
PER_PACKET = 25
HOLDS = 10 * SECOND
"""So long the displayed values stay without a beat."""

_NO_PULSE, _NO_SPO2 = 511, 127
_FIRMWARE = 33
_GREEN, _SENSOR_ALARM, _OUT_OF_TRACK = 0x02, 0x08, 0x10
_COLOURED = 12
"""Frames after each beat that show how strong it was."""

_EVERY = {"ascii": 1, "1": 1, "8": 1, "13": 10}
"""Seconds between two lines or records."""


class NoninDevice:
    """The oximeter's side of the protocol ``nonin``. It takes no commands and begins when it is first looked at.

    Args:
        bedside: who lies there.
        data_format: ``2``, ``7``, ``8``, ``1``, ``13`` or ``ascii``.
    """

    def __init__(self, bedside: Bedside, data_format: str = "2") -> None:
        self._bedside = bedside
        self._format = data_format
        self._start: int | None = None
        self._sent = 0
        self._values = bytes(PER_PACKET)
        self._is_off = False
        self._pulse = 60
        self._displayed = (_NO_SPO2, _NO_PULSE)
        self._beat_at: int | None = None

    def receive(self, data: bytes, at: int) -> bytes:
        return b""

    def tick(self, at: int) -> bytes:
        said = b""
        if self._start is None:
            self._start = at
            said = b"NONIN 7500   SPO2 HR\r\n" if self._format == "ascii" else b""
        a_second = FRAMES_A_SECOND if self._format in ("2", "7") else 1
        every = _EVERY.get(self._format, 1)
        due = (at - self._start) * a_second // (SECOND * every) + 1
        while self._sent < due:
            moment = self._start + self._sent * SECOND * every // a_second
            said += self._frame(moment) if a_second > 1 else self._record(self._bedside.observe(moment), moment)
            self._sent += 1
        return said

    # -- formats 2 and 7 ---------------------------------------------------------------------------------------

    def _frame(self, at: int) -> bytes:
        place = self._sent % PER_PACKET
        if place == 0:
            self._values = self._packet(self._bedside.observe(at), at, self._sent // PER_PACKET)
        since_beat = self._sent % max(1, FRAMES_A_SECOND * 60 // self._pulse)
        status = 0x80 | (place == 0)
        if self._is_off:
            status |= _SENSOR_ALARM | _OUT_OF_TRACK
        elif since_beat < _COLOURED:
            status |= _GREEN
        height = 0.0 if self._is_off else 0.5 - 0.4 * math.cos(since_beat * 2 * math.pi * self._pulse / 60 / 75)
        if self._format == "7":
            body = bytes([status]) + round(height * 0xFFFF).to_bytes(2, "big")
        else:
            body = bytes([0x01, status, round(height * 0xFF)])
        body += self._values[place : place + 1]
        return body + bytes([sum(body) & 0xFF])

    def _packet(self, seen: Observation, at: int, number: int) -> bytes:
        spo2, pulse = _numbers(seen)
        self._is_off = spo2 == _NO_SPO2
        if not self._is_off:
            self._pulse, self._displayed, self._beat_at = max(20, pulse), (spo2, pulse), at
        elif self._beat_at is None or at - self._beat_at > HOLDS:
            self._displayed = (_NO_SPO2, _NO_PULSE)
        shown_spo2, shown_pulse = self._displayed
        timer = number % (1 << 14)
        values = bytearray(PER_PACKET)
        values[0:4] = (*_nine_bits(pulse), spo2, _FIRMWARE)
        values[5:11] = (timer >> 7, timer & 0x7F, 0x00 if self._is_off else 0x20, shown_spo2, spo2, spo2)
        values[13:17] = (*_nine_bits(pulse), spo2, shown_spo2)
        values[19:23] = (*_nine_bits(shown_pulse), *_nine_bits(shown_pulse))
        return bytes(values)

    # -- the others --------------------------------------------------------------------------------------------

    def _record(self, seen: Observation, at: int) -> bytes:
        spo2, pulse = _numbers(seen)
        off = spo2 == _NO_SPO2
        if self._format == "ascii":
            return b"SPO2=--- HR=---\r\n" if off else f"SPO2={spo2:03d} HR={pulse:03d}\r\n".encode()
        if self._format == "13":
            return _spot_check(spo2, pulse, at)
        high, low = _nine_bits(pulse)
        record = bytes([0x80 | (0x20 if off else 0) | high, low, spo2])
        return record if self._format == "1" else record + bytes([_SENSOR_ALARM if off else 0x20])

    # What faults must know of its frames.

    def split(self, data: bytes) -> list[bytes]:
        length = {"2": 5, "7": 5, "8": 4, "1": 3}.get(self._format)
        if length is None:
            return [data] if self._format == "13" else data.splitlines(keepends=True)
        return [data[place : place + length] for place in range(0, len(data), length)]

    def damage(self, frame: bytes) -> bytes:
        """Where there is a sum one bit is wrong; where there is none, the form."""
        place = {"2": 2, "7": 2, "13": 19, "8": 1, "1": 1}.get(self._format, 5)
        bit = {"8": 0x80, "1": 0x80, "ascii": 0x40}.get(self._format, 0x04)
        return frame[:place] + bytes([frame[place] ^ bit]) + frame[place + 1 :]


def _numbers(seen: Observation) -> tuple[int, int]:
    if seen.spo2 is None or seen.pr is None:
        return _NO_SPO2, _NO_PULSE
    return seen.spo2, seen.pr


def _nine_bits(pulse: int) -> tuple[int, int]:
    return pulse >> 7, pulse & 0x7F


def _spot_check(spo2: int, pulse: int, at: int) -> bytes:
    now = instant.to_datetime(at)
    status = 0x0100 if spo2 == _NO_SPO2 else 0x0200
    date = (now.year // 100, now.year % 100, now.month, now.day, now.hour, now.minute, now.second, 0)
    data = bytes([*date, *status.to_bytes(2, "big"), *pulse.to_bytes(2, "big"), 0, spo2])
    return b"\x00\x02\x00\x0d" + len(data).to_bytes(2, "big") + data + bytes([sum(data) & 0xFF, 0x03])
