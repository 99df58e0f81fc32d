"""What can go wrong with a monitor, made to go wrong: on its line, at its sensors, in its clockwork.

Written ``NAME[:START_S[:SECONDS]]``, in seconds of the virtual monitor's own time since it was switched on.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from msgspec import Struct
from msgspec.structs import replace

from devices import instant
from devices.errors import SettingError, UnknownName
from devices.virtual.device import Bedside, Cuff, Observation
from devices.virtual.noise import seed_of

FAULTS: dict[str, str] = {
    "unplug": "the cable is out: the port is gone, and comes back under the same name",
    "noise": "random bytes between the frames",
    "bad-checksum": "one bit of every frame is wrong",
    "cut-frame": "every frame ends half way",
    "silence": "the monitor neither hears nor speaks",
    "stuck-value": "the numbers stand still while frames go on",
    "cuff-failure": "cuff measurements fail: those that end in this time, and in any case the next one",
    "probe-off": "the oximeter's sensor is off the finger",
    "counter-jump": "the monitor is switched off and on: its clock and counters start again (SECONDS has no meaning)",
}

START_S = 30.0
SECONDS = 30.0


class Fault(Struct, frozen=True):
    """One fault, from `start_s` for `seconds`."""

    name: str
    start_s: float = START_S
    seconds: float = SECONDS

    @classmethod
    def parse(cls, text: str) -> Fault:
        """The fault written in `text` as ``NAME[:START_S[:SECONDS]]``.

        Raises:
            UnknownName: no such fault.
            SettingError: a time that is not a number of seconds, zero or more.
        """
        name, *times = text.split(":")
        if name not in FAULTS:
            raise UnknownName(f"there is no fault {name!r}; there are {', '.join(FAULTS)}")
        try:
            numbers = [float(time) for time in times]
        except ValueError:
            numbers = [-1.0]
        if len(numbers) > 2 or any(not 0 <= number < float("inf") for number in numbers):
            raise SettingError(f"{text!r}: a fault is written {name}[:START_S[:SECONDS]], such as {name}:30:10")
        return cls(name, *numbers)

    def active(self, at: int, start: int) -> bool:
        """Whether it is on at the instant `at`, for a monitor switched on at `start`."""
        begin = start + instant.seconds(self.start_s)
        return begin <= at < begin + instant.seconds(self.seconds)

    def begun(self, at: int, start: int) -> bool:
        """Whether its time has come by `at`."""
        return at >= start + instant.seconds(self.start_s)


def any_active(faults: Iterable[Fault], name: str, at: int, start: int) -> bool:
    return any(fault.name == name and fault.active(at, start) for fault in faults)


class FaultyBedside:
    """A Bedside whose sensors have faults: `stuck-value`, `cuff-failure`, `probe-off`. Others are not its matter."""

    def __init__(self, bedside: Bedside, faults: Iterable[Fault], start: int) -> None:
        self._bedside = bedside
        self._faults = tuple(faults)
        self._start = start
        self._stuck: Observation | None = None
        self._failed: dict[int, bool] = {}
        self._spent: set[Fault] = set()

    def observe(self, at: int) -> Observation:
        seen = self._bedside.observe(at)
        seen = replace(seen, cuff=self._cuff(seen.cuff))
        if any_active(self._faults, "stuck-value", at, self._start):
            self._stuck = self._stuck or seen
            return self._stuck
        self._stuck = None
        if any_active(self._faults, "probe-off", at, self._start):
            seen = replace(seen, pr=None, spo2=None)
        return seen

    def start_cuff(self, at: int) -> None:
        self._bedside.start_cuff(at)

    def cancel_cuff(self, at: int) -> None:
        self._bedside.cancel_cuff(at)

    def _cuff(self, cuff: Cuff) -> Cuff:
        if cuff.time is None or not self._fails(cuff.time, cuff.count):
            return cuff
        reason = ("motion", "leak", "timeout", "overpressure")[cuff.count % 4]
        return Cuff(cuff.measuring, cuff.time, failure=cuff.failure or reason, count=cuff.count)

    def _fails(self, ended: int, count: int) -> bool:
        if count not in self._failed:
            hit = False
            for fault in self._faults:
                if fault.name != "cuff-failure" or not fault.begun(ended, self._start):
                    continue
                # A short fault between two measurements would otherwise do nothing at all.
                if fault.active(ended, self._start) or fault not in self._spent:
                    hit = True
                self._spent.add(fault)
            self._failed = {count: hit}
        return self._failed[count]


@runtime_checkable
class FrameShape(Protocol):
    """A virtual device whose frames are not simply lines, or one a tick; or which has no checksum to spoil."""

    def split(self, data: bytes) -> list[bytes]:
        """The frames in `data`."""

    def damage(self, frame: bytes) -> bytes:
        """`frame` as `bad-checksum` makes it: wrong in a way that its receiver can notice."""


class LineFaults:
    """Faults on the bytes a monitor sends: `noise`, `bad-checksum`, `cut-frame`, `silence`."""

    def __init__(self, faults: Iterable[Fault], start: int, seed: int = 0) -> None:
        self._faults = tuple(faults)
        self._start = start
        self._draw = random.Random(seed_of("line", seed))

    def on(self, name: str, at: int) -> bool:
        return any_active(self._faults, name, at, self._start)

    def spoil(self, data: bytes, at: int, shape: FrameShape | None = None) -> bytes:
        """What arrives of `data`, sent at `at`. `data` holds whole frames, cut and damaged as `shape` says."""
        if not data or self.on("silence", at):
            return b""
        frames = split_frames(data) if shape is None else shape.split(data)
        if self.on("bad-checksum", at):
            damage = flip_bit if shape is None else shape.damage
            frames = [damage(frame) for frame in frames]
        if self.on("cut-frame", at):
            frames = [frame[: len(frame) // 2] for frame in frames]
        if self.on("noise", at):
            frames = [self._draw.randbytes(self._draw.randint(1, 24)) + frame for frame in frames]
        return b"".join(frames)


def split_frames(data: bytes) -> list[bytes]:
    """The frames in `data`: lines of a text protocol, else all of it as one."""
    if any(byte >= 0x7F or (byte < 0x20 and byte not in b"\r\n\t") for byte in data):
        return [data]
    return data.splitlines(keepends=True)


def flip_bit(frame: bytes) -> bytes:
    """`frame` with one bit in its middle wrong, chosen so that no delimiter appears or goes."""
    middle = len(frame) // 2
    for place in sorted(range(len(frame)), key=lambda at: abs(at - middle)):
        byte = frame[place]
        letter = bytes([byte]).isalnum() and bytes([byte ^ 1]).isalnum()
        binary = (byte < 0x20 or byte > 0x7F) and byte not in b"\r\n" and byte ^ 1 not in b"\r\n"
        if letter or (binary and 0 < place < len(frame) - 1):
            return frame[:place] + bytes([byte ^ 1]) + frame[place + 1 :]
    return frame
