"""Virtual Berry devices: a PM6750 board, silent until it is enabled, and a finger oximeter in either of its formats."""

from __future__ import annotations

import math
import struct

from devices.instant import SECOND
from devices.protocols import bci
from devices.protocols.berry_pm6750 import board, enabling, frames
from devices.protocols.berry_pm6750.cuff import FINISHED, INITIALISED, INITIALISING, MEASURING
from devices.protocols.each_second import NO_PULSE, NO_SPO2
from devices.protocols.framing import Frame, Scanner
from devices.virtual.device import Bedside, Cuff, Observation
from devices.virtual.streaming import StreamingDevice

_ECG_WAVE_EVERY, _WAVE_EVERY = SECOND // 250, SECOND // 50
_CUFF_EVERY = SECOND // 2
_STARTS_FOR = 2 * SECOND
"""So long the cuff module initialises, once the board speaks."""

_FAILURES = {"timeout": 5, "leak": 4, "motion": 7, "overpressure": 3, "cancelled": 2}
_ADULT, _MONITOR_MODE, _GAIN_1 = 0x00, 0x10, 0x08
_SOFTWARE, _HARDWARE = b"V2.3", b"PM6750-1"
_SHORTEST_COMMAND = 4


class BerryDevice:
    """A board with all its modules and one temperature sensor. A start of the cuff by command is obeyed."""

    def __init__(self, bedside: Bedside) -> None:
        self._bedside = bedside
        self._scanner = Scanner(frames.examine_board, frames.LONGEST + 2, frames.MARK)
        self._on: set[int] = set()
        self._waves = {enabling.ECG_WAVE, enabling.PLETH_WAVE, enabling.RESPIRATION_WAVE}
        self._start: int | None = None
        self._due: dict[int, int] = {}

    def receive(self, data: bytes, at: int) -> bytes:
        return b"".join(self._command(piece.data, at) for piece in self._scanner.feed(data) if isinstance(piece, Frame))

    def tick(self, at: int) -> bytes:
        """All that fell due up to `at`, in its order; nothing while no parameter is enabled."""
        if not self._on:
            self._due.clear()
            return b""
        if self._start is None:
            self._start = at
        said: list[tuple[int, int, bytes]] = []
        streams = self._streams(at)
        self._due = {kind: due for kind, due in self._due.items() if kind in streams}
        for kind, every in streams.items():
            due = self._due.setdefault(kind, at)
            while due <= at:
                said.append((due, kind, self._packet(kind, due)))
                due += every
            self._due[kind] = due
        return b"".join(packet for _, _, packet in sorted(said))

    def split(self, data: bytes) -> list[bytes]:
        """The packets in `data`."""
        found, place = [], 0
        while place < len(data):
            end = place + data[place + 2] + 2
            found.append(data[place:end])
            place = end
        return found

    def damage(self, frame: bytes) -> bytes:
        """A wrong bit in the last byte before the sum."""
        return frame[:-2] + bytes((frame[-2] ^ 0x01, frame[-1]))

    def _command(self, frame: bytes, at: int) -> bytes:
        if len(frame) < _SHORTEST_COMMAND + 2:
            return b""
        kind, argument = frame[3], frame[4]
        if kind == enabling.NIBP:
            (self._bedside.start_cuff if argument else self._bedside.cancel_cuff)(at)
        elif kind in (enabling.ECG, enabling.SPO2, enabling.TEMPERATURE):
            (self._on.add if argument else self._on.discard)(kind)
        elif kind in (enabling.ECG_WAVE, enabling.PLETH_WAVE, enabling.RESPIRATION_WAVE):
            (self._waves.add if argument else self._waves.discard)(kind)
        elif kind in (enabling.SOFTWARE, enabling.HARDWARE):
            return frames.encode(kind, _SOFTWARE if kind == enabling.SOFTWARE else _HARDWARE)
        return b""

    def _streams(self, at: int) -> dict[int, int]:
        """What is sent now: type and every how many microseconds."""
        streams = {board.NIBP: _CUFF_EVERY}
        if enabling.ECG in self._on:
            heart = self._bedside.observe(at).hr
            streams[board.ECG] = SECOND
            if enabling.ECG_WAVE in self._waves:
                streams[board.ECG_WAVE] = _ECG_WAVE_EVERY
            if enabling.RESPIRATION_WAVE in self._waves:
                streams[board.RESPIRATION_WAVE] = _WAVE_EVERY
            if heart:
                streams[board.ECG_BEAT] = 60 * SECOND // heart
        if enabling.SPO2 in self._on:
            streams[board.SPO2] = SECOND
            if enabling.PLETH_WAVE in self._waves:
                streams[board.PLETH_WAVE] = _WAVE_EVERY
        if enabling.TEMPERATURE in self._on:
            streams[board.TEMPERATURE] = SECOND
        return streams

    def _packet(self, kind: int, at: int) -> bytes:
        seen = self._bedside.observe(at)
        match kind:
            case board.ECG:
                state = _MONITOR_MODE | _GAIN_1 | (0x02 if seen.hr is None else 0)
                rr = 0 if seen.hr is None else seen.rr or 0
                data = bytes((state, min(seen.hr or 0, 250), rr, 0, 0 if seen.hr is None else 1))
            case board.NIBP:
                data = self._cuff(seen.cuff, at)
            case board.SPO2:
                trouble = 2 if seen.spo2 is None else 0
                pulse = _pulse(seen.pr)
                data = bytes((trouble, NO_SPO2 if seen.spo2 is None else seen.spo2, pulse))
            case board.TEMPERATURE:
                tenths = round((seen.temp or 0) * 10)
                data = bytes((0x03 if seen.temp is None else 0x02, *divmod(tenths, 10)))
            case board.ECG_WAVE:
                level = _wave(at, seen.hr)
                data = bytes((128 + level, 128 + level // 2, 128, 128 - level, 128, 128 + level // 3, 128))
            case board.ECG_BEAT:
                data = b""
            case _:
                rate = seen.pr if kind == board.PLETH_WAVE else seen.rr
                data = bytes((50 + _wave(at, rate) // 2,))
        return frames.encode(kind, data)

    def _cuff(self, cuff: Cuff, at: int) -> bytes:
        pressure, values = 0, (0, 0, 0)
        if self._start is not None and at < self._start + _STARTS_FOR:
            result = INITIALISING if at < self._start + _STARTS_FOR // 2 else INITIALISED
        elif cuff.measuring:
            result, pressure = MEASURING, 75
        elif cuff.failure:
            result = _FAILURES.get(cuff.failure, 6)
        else:
            result, values = FINISHED, (cuff.sys or 0, cuff.mean or 0, cuff.dia or 0)
        return bytes((result << 2 | _ADULT, pressure, *values))


class BerryOximeter(StreamingDevice):
    """A finger oximeter that streams 100 frames a second.

    Args:
        output: ``bci`` or ``berry``.
    """

    interval = SECOND // 100

    def __init__(self, bedside: Bedside, output: str = frames.BCI) -> None:
        super().__init__(bedside)
        self._output = output
        self._index = 0

    def sample(self, seen: Observation, at: int) -> bytes:
        pleth = 64 + _wave(at, seen.pr) // 2
        if self._output == frames.BCI:
            return bci.encode(seen.spo2, seen.pr, pleth)
        spo2, pulse = NO_SPO2 if seen.spo2 is None else seen.spo2, _pulse(seen.pr)
        state = 0x02 if seen.spo2 is None else 0
        values = (self._index, state, spo2, spo2, pulse, pulse, 0, 20, 20, pleth, pleth * 1_000, 88, 100)
        self._index = (self._index + 1) % 256
        return frames.encode_berry(struct.pack("<6BH3BI2B", *values))


def _pulse(pulse: int | None) -> int:
    return NO_PULSE if pulse is None else min(pulse, 250)


def _wave(at: int, rate: int | None) -> int:
    """A wave of this rate, -60 to 60; flat without one."""
    return 0 if rate is None else round(60 * math.sin(2 * math.pi * at * rate / (60 * SECOND)))
