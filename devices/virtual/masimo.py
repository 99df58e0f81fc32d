"""A virtual Masimo Rad-8: a line of ASCII 1 every second, and an empty one after it."""

from __future__ import annotations

from devices.instant import SECOND
from devices.virtual.device import Bedside, Observation
from devices.virtual.streaming import StreamingDevice
from devices.virtual.weak_clock import WeakClock

_SERIAL = "0000012345"
_SENSOR_OFF, _NORMAL = 0x020, 0x800
_LOWEST_SPO2 = 90


class MasimoDevice(StreamingDevice):
    """The monitor's side of the protocol ``masimo``."""

    interval = SECOND

    def __init__(self, bedside: Bedside) -> None:
        super().__init__(bedside)
        self._clock = WeakClock()

    def sample(self, seen: Observation, at: int) -> bytes:
        off = seen.spo2 is None or seen.pr is None
        spo2 = "---" if off else f"{seen.spo2:03d}"
        pulse = "---" if off else f"{seen.pr:03d}"
        perfusion = "--.--" if off else f"{2 + at // SECOND % 7 / 10:05.2f}"
        alarm = "0000" if off or (seen.spo2 or 0) >= _LOWEST_SPO2 else "0010"
        exceptions = _NORMAL | (_SENSOR_OFF if off else 0)
        text = (
            f"{self._clock.shows(at):%m/%d/%y %H:%M:%S} SN={_SERIAL} SPO2={spo2}% BPM={pulse} PI={perfusion}%"
            f" SPCO=--.-% SPMET=--.-% DESAT=-- PIDELTA=+-- ALARM={alarm} EXC={exceptions:06X}\r\n\r\n"
        )
        return text.encode("ascii")

    # No checksum guards a line: what is spoilt is its form.

    def split(self, data: bytes) -> list[bytes]:
        return [line + b"\r\n\r\n" for line in data.split(b"\r\n\r\n") if line]

    def damage(self, frame: bytes) -> bytes:
        """One bit of a digit of the saturation wrong, so that it is no digit any more."""
        place = frame.find(b"SPO2=") + 6
        return frame[:place] + bytes([frame[place] ^ 0x40]) + frame[place + 1 :]
