"""A virtual BedPal, for `risewatch simulate bedpal` and for tests."""

from __future__ import annotations

from devices.instant import SECOND
from devices.virtual.device import Observation
from devices.virtual.streaming import StreamingDevice
from risewatch_bedpal.driver import checksum


class BedPalDevice(StreamingDevice):
    """Says a line a second, whoever listens."""

    interval = SECOND

    def sample(self, seen: Observation, at: int) -> bytes:
        rate = "OFF" if seen.pr is None else f"{seen.pr:03d}"
        saturation = "OFF" if seen.spo2 is None else f"{seen.spo2:03d}"
        text = f"PR={rate} SPO2={saturation}".encode()
        return text + b"*" + checksum(text) + b"\r\n"
