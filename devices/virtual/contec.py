"""Virtual Contec oximeters: one of the new generation, silent until started, and one of the old that streams."""

from __future__ import annotations

import math

from devices.instant import SECOND
from devices.protocols import bci
from devices.protocols.contec import frames
from devices.protocols.each_second import NO_PULSE
from devices.virtual.device import Bedside, Observation
from devices.virtual.streaming import StreamingDevice

INTERVAL = SECOND // 60
STAYS_ALIVE = 30 * SECOND
"""Without a sign of life from its host for so long it stops its live data."""

_COMMAND = 9
_MODEL, _MAKER, _USER = 0xA8, 0xA9, 0xAA


class ContecDevice(StreamingDevice):
    """The new generation: 9-byte frames."""

    interval = INTERVAL

    def __init__(self, bedside: Bedside) -> None:
        super().__init__(bedside)
        self._heard = bytearray()
        self._alive: int | None = None

    def receive(self, data: bytes, at: int) -> bytes:
        self._heard += data
        said = b""
        while len(self._heard) >= _COMMAND:
            if not self._heard.startswith(b"\x7d\x81"):
                del self._heard[0]
                continue
            said += self._command(self._heard[2], at)
            del self._heard[:_COMMAND]
        return said

    def sample(self, seen: Observation, at: int) -> bytes:
        if self._alive is None or at >= self._alive + STAYS_ALIVE:
            return b""
        if seen.spo2 is None:
            return frames.pack(frames.LIVE, bytes((0x84, 0x40, 0x10, 0, 0, 0xFF, 0xFF)))
        pulse = NO_PULSE if seen.pr is None else min(seen.pr, NO_PULSE - 1)
        level = _pleth(at, seen.pr)
        return frames.pack(frames.LIVE, bytes((0x05, level, 0x10 | level >> 3, pulse, seen.spo2, 0xFF, 0xFF)))

    def split(self, data: bytes) -> list[bytes]:
        """The answers in `data`: each begins with its only byte below 80."""
        begins = [at for at, byte in enumerate(data) if byte < 0x80]
        return [data[a:b] for a, b in zip(begins, [*begins[1:], len(data)], strict=True)]

    def damage(self, frame: bytes) -> bytes:
        """Bit 7 of a byte in the middle is gone; nothing else guards these frames."""
        middle = len(frame) // 2
        return frame[:middle] + bytes((frame[middle] & 0x7F,)) + frame[middle + 1 :]

    def _command(self, code: int, at: int) -> bytes:
        match code:
            case frames.START | frames.ALIVE:
                if code == frames.START or self._alive is not None:
                    self._alive = at
                return b""
            case frames.STOP:
                self._alive = None
                return bytes((frames.DONE, 0x80))
            case frames.STOP_STORED:
                return bytes((frames.DONE, 0x80))
            case _ if code == _MODEL:
                first, rest = frames.pack(frames.MODEL, b"\0CMS50D"), frames.pack(frames.MODEL, b"\xff+     ")
                return first + rest
            case _ if code == _MAKER:
                return frames.pack(frames.MAKER, b"CONTEC ")
            case _ if code == _USER:
                return frames.pack(frames.USER, b"user   ")
        return b""


class OldContecDevice(StreamingDevice):
    """The old generation: 5-byte frames, whatever is sent to it."""

    interval = INTERVAL

    def sample(self, seen: Observation, at: int) -> bytes:
        return bci.encode(seen.spo2, seen.pr, _pleth(at, seen.pr))

    def split(self, data: bytes) -> list[bytes]:
        """The frames in `data`."""
        return [data[at : at + bci.LENGTH] for at in range(0, len(data), bci.LENGTH)]

    def damage(self, frame: bytes) -> bytes:
        """Bit 7 of a byte in the middle is set; nothing else guards these frames."""
        return frame[:2] + bytes((frame[2] | 0x80,)) + frame[3:]


def _pleth(at: int, rate: int | None) -> int:
    """A wave of this rate, 4 to 124; half way up without one."""
    return 64 if rate is None else 64 + round(60 * math.sin(2 * math.pi * at * rate / (60 * SECOND)))
