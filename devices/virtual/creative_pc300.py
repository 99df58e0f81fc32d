"""A virtual PC-300 and a virtual PC-60FW, as the PC-300 sheet describes them (sections 3 and 4)."""

from __future__ import annotations

import math

from devices.instant import SECOND
from devices.protocols.creative_pc300.frames import LONGEST, MARK, encode, examine, opened
from devices.protocols.framing import Frame, Scanner
from devices.virtual.device import Bedside, Cuff, Observation
from devices.virtual.streaming import StreamingDevice

NAME = b"PC_300SNT"

WAVE_EVERY = SECOND // 25
"""Two pulse samples a frame, 50 a second."""

PRESSURE_EVERY = SECOND // 2
TEMPERATURE_EVERY = 30 * SECOND

_FAILURES = {"overpressure": 0x02, "motion": 0x04, "leak": 0x06, "timeout": 0x8C}
_INVALID = 0x05
_PROBE_OFF, _GOOD = 0x02, 0x00
_FLOWS, _FLOWS_PROBE_OFF = 0x20, 0x08


class Framed:
    """How frames are told apart and spoilt, for the faults of a line."""

    def split(self, data: bytes) -> list[bytes]:
        scanner = Scanner(examine, LONGEST, MARK)
        return [piece.data for piece in (*scanner.feed(data), *scanner.end())]

    def damage(self, frame: bytes) -> bytes:
        """One bit of the last byte that the CRC covers is wrong: the frame keeps its length."""
        return frame[:-2] + bytes((frame[-2] ^ 1, frame[-1]))


class Pc300Device(Framed):
    """The monitor's side. Its oximeter's frames flow once they were asked for; the cuff's come by themselves."""

    def __init__(self, bedside: Bedside) -> None:
        self._bedside = bedside
        self._scanner = Scanner(examine, LONGEST, MARK)
        self._flows = False
        self._start: int | None = None
        self._due: dict[str, int] = {}
        self._cuffs = 0
        self._running_since: int | None = None

    def receive(self, data: bytes, at: int) -> bytes:
        said = b""
        for piece in self._scanner.feed(data):
            if isinstance(piece, Frame):
                said += self._answer(piece.data, at)
        return said

    def tick(self, at: int) -> bytes:
        seen = self._bedside.observe(at)
        if self._start is None:
            self._start = at
            self._cuffs = seen.cuff.count
            self._due = dict.fromkeys(("wave", "numbers", "temperature"), at)
        said = self._cuff(seen.cuff, at)
        while at >= self._due["wave"]:
            said += self._wave(self._due["wave"], seen)
            self._due["wave"] += WAVE_EVERY
        if at >= self._due["numbers"]:
            self._due["numbers"] += SECOND
            said += _numbers(0x53, seen) if self._flows else b""
        if at >= self._due["temperature"]:
            self._due["temperature"] += TEMPERATURE_EVERY
            said += _temperature(seen.temp)
        return said

    def _answer(self, frame: bytes, at: int) -> bytes:
        message = opened(frame)
        match message.token, message.kind:
            case 0xFF, 0x01:
                return encode(0xFF, 0x01, NAME)
            case (0xFF, 0x02) | (0x51, 0x01):
                return encode(message.token, message.kind, b"\x21\x10\x03")
            case 0x50, 0x02 if message.data:
                self._flows = message.data == b"\x01"
                probe_off = self._bedside.observe(at).spo2 is None
                state = self._flows * _FLOWS | probe_off * _FLOWS_PROBE_OFF
                return encode(0x51, 0x02, bytes((state,)))
            case 0x40, 0x01:
                self._bedside.start_cuff(at)
                return frame
            case 0x40, 0x02:
                self._bedside.cancel_cuff(at)
                return frame
            case 0x41, 0x01:
                return encode(0x41, 0x01, bytes((self._bedside.observe(at).cuff.measuring,)))
            case 0x43, 0x01:
                return _result(self._bedside.observe(at).cuff)
        return b""

    def _cuff(self, cuff: Cuff, at: int) -> bytes:
        said = b""
        if cuff.count != self._cuffs:
            self._cuffs = cuff.count
            said += _result(cuff)
        if not cuff.measuring:
            self._running_since = None
            return said
        if self._running_since is None:
            self._running_since = self._due["pressure"] = at
        while at >= self._due["pressure"]:
            passed = (self._due["pressure"] - self._running_since) / SECOND
            pressure = min(180, round(60 * passed)) if passed < 4 else max(20, round(180 - 6 * (passed - 4)))
            said += encode(0x42, 0x01, bytes((0x10 * (passed > 4), pressure)))
            self._due["pressure"] += PRESSURE_EVERY
        return said

    def _wave(self, at: int, seen: Observation) -> bytes:
        if not self._flows:
            return b""
        return encode(0x52, 0x01, bytes(_pulse(at + part * WAVE_EVERY // 2, seen) for part in range(2)))


class Pc60fwDevice(Framed, StreamingDevice):
    """An oximeter that streams by itself: each second numbers, battery, state and ten frames of five pulse samples."""

    interval = SECOND

    def sample(self, seen: Observation, at: int) -> bytes:
        step = SECOND // 50
        waves = (
            encode(0x0F, 0x02, bytes(_pulse(at + (frame * 5 + place) * step, seen) for place in range(5)))
            for frame in range(10)
        )
        own = encode(0xF0, 0x03, b"\x03") + encode(0x0F, 0x21, b"\x02\x00\x00\x00")
        return _numbers(0x0F, seen, b"\xc0") + b"".join(waves) + own


def _numbers(token: int, seen: Observation, more: bytes = b"") -> bytes:
    if seen.spo2 is None:
        return encode(token, 0x01, bytes((0, 0, 0, 0, _PROBE_OFF)) + more)
    pulse = seen.pr or 0
    return encode(token, 0x01, bytes((seen.spo2, pulse & 0xFF, pulse >> 8, 30, _GOOD)) + more)


def _pulse(at: int, seen: Observation) -> int:
    """A sample of the pulse wave, 0 to 127; 0 without a finger."""
    if seen.spo2 is None or not seen.pr:
        return 0
    return round(50 + 45 * math.sin(math.tau * (at / SECOND) * seen.pr / 60))


def _temperature(value: float | None) -> bytes:
    if value is None:
        return encode(0x72, 0x01, b"\x50\x00\x00")
    return encode(0x72, 0x01, b"\x40" + round((value - 30) * 100).to_bytes(2, "big"))


def _result(cuff: Cuff) -> bytes:
    if cuff.failure:
        return encode(0x43, 0x02, bytes((_FAILURES.get(cuff.failure, _INVALID),)))
    if cuff.sys is None:
        return b""
    numbers = (cuff.sys & 0xFF, cuff.mean or 0, cuff.dia or 0, cuff.pulse or 0)
    return encode(0x43, 0x01, bytes((cuff.sys >> 8, *(min(number, 255) for number in numbers))))
