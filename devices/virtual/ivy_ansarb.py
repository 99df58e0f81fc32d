"""A virtual IVY 450C: a message each second with waves, text lines and alarm texts (other devices sheet, section A)."""

from __future__ import annotations

import math

from devices.instant import SECOND
from devices.protocols.ivy_ansarb.frames import END, MARKER
from devices.virtual.device import Cuff, Observation
from devices.virtual.streaming import StreamingDevice

_ECG_RATE, _WAVE_RATE = 200, 50
_BEAT = (100, 108, 112, 108, 100, 100, 96, 180, 235, 150, 88, 100, 104, 110, 116, 118, 112, 104)
"""One heart beat's ECG, 100 is the line at rest; bytes stay below the marks."""


class IvyAnsarbDevice(StreamingDevice):
    """Streams without being asked. While the cuff measures, its fields are empty; a failure is an alarm text."""

    interval = SECOND

    def sample(self, seen: Observation, at: int) -> bytes:
        lines = (
            _rate(seen),
            f"RR=1;{_shown(seen.rr)};APNEA: 20 SEC;",
            "ETCO2=1;;;",
            "SPO2=3;;PR= ;SENSOR OFF;" if seen.spo2 is None else f"SPO2=1;{seen.spo2};PR={_shown(seen.pr)} ;",
            _cuff(seen.cuff),
            _arterial(seen.abp),
            "P2=3;;;;NO TRANSDUCER;",
            f"T1=1;{_shown(seen.temp)};;",
            "T2=1;;;",
        )
        text = "".join(f"{line}\r" for line in lines).encode("ascii")
        return MARKER + _waves(seen, at) + text + END

    def split(self, data: bytes) -> list[bytes]:
        """The messages in `data`."""
        return [MARKER + message for message in data.split(MARKER) if message]

    def damage(self, frame: bytes) -> bytes:
        """There is no checksum: the high bit of one byte of the text is wrong."""
        place = frame.rfind(b"=")
        return frame[:place] + bytes([frame[place] | 0x80]) + frame[place + 1 :]


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value}"


def _rate(seen: Observation) -> str:
    return "HR=3;;ECG-II-MON;LEAD OFF;" if seen.hr is None else f"HR=1;{seen.hr};ECG-II-MON;"


def _cuff(cuff: Cuff) -> str:
    if cuff.measuring or cuff.time is None:
        return "NIBP=4;;;;;;"
    if cuff.failure:
        return f"NIBP=4;;;;;;{cuff.failure.upper()};"
    return f"NIBP=4;{cuff.sys};{cuff.dia};{cuff.mean};{_shown(cuff.pulse)};;"


def _arterial(abp: tuple[int, int, int] | None) -> str:
    return "P1=3;;;;NO TRANSDUCER;" if abp is None else f"P1=1;{abp[0]};{abp[1]};{abp[2]};ART;"


def _waves(seen: Observation, at: int) -> bytes:
    """A second of waves: 200 ECG, then 50 each of respiration, pleth and the two pressures."""
    ecg = bytearray([100]) * _ECG_RATE
    if seen.hr:
        beat = 60 * _ECG_RATE // seen.hr
        begin = at // (SECOND // _ECG_RATE)
        for place in range(_ECG_RATE):
            step = (begin + place) % beat
            ecg[place] = _BEAT[step] if step < len(_BEAT) else 100
    breath = (seen.rr or 0) / 60 * 2 * math.pi
    resp = bytes(128 + round(40 * math.sin(breath * (at / SECOND + i / _WAVE_RATE))) for i in range(_WAVE_RATE))
    flat = bytes([0xFB]) * _WAVE_RATE
    if seen.pr is None or seen.spo2 is None:
        return bytes(ecg) + resp + flat * 3
    pulse = seen.pr / 60 * 2 * math.pi
    pleth = bytes(86 + round(30 * math.sin(pulse * (at / SECOND + i / _WAVE_RATE))) for i in range(_WAVE_RATE))
    return bytes(ecg) + resp + pleth + flat * 2
