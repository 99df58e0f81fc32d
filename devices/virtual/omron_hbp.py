"""A virtual Omron HBP-9030: a format 5 line when a measurement has ended (other devices sheet, section B)."""

from __future__ import annotations

from datetime import tzinfo

from devices import instant
from devices.virtual.device import Bedside, Cuff

SUBJECT = "00000000000000000042"
_ERRORS = {"timeout": 1, "leak": 2, "motion": 5, "overpressure": 8}
"""Made up: what the digits mean is not public, but that 0 is good."""


class OmronHbpDevice:
    """Says nothing but a line for each measurement that has ended since it was switched on.

    Args:
        bedside: who lies there.
        zone: zone of its clock; None: this machine's own, as a cuff's clock shows the clinic's time.
    """

    def __init__(self, bedside: Bedside, zone: tzinfo | None = None) -> None:
        self._bedside = bedside
        self._zone = zone
        self._count: int | None = None

    def receive(self, data: bytes, at: int) -> bytes:
        return b""

    def tick(self, at: int) -> bytes:
        cuff = self._bedside.observe(at).cuff
        if cuff.count == self._count or self._count is None or cuff.time is None:
            self._count = cuff.count
            return b""
        self._count = cuff.count
        return self._line(cuff, cuff.time)

    def _line(self, cuff: Cuff, ended: int) -> bytes:
        clock = instant.to_datetime(ended)
        local = clock.astimezone(self._zone) if self._zone else clock.astimezone()
        if cuff.failure or cuff.sys is None or cuff.dia is None:
            values = f"{_ERRORS.get(cuff.failure, 9)},   ,   ,   "
        else:
            values = f"0,{cuff.sys:03d},{cuff.dia:03d},{cuff.pulse or 0:03d}"
        return f"{local:%Y,%m,%d,%H,%M},{SUBJECT},{values},0\r\n".encode("ascii")

    def split(self, data: bytes) -> list[bytes]:
        """The lines in `data`."""
        return data.splitlines(keepends=True)

    def damage(self, frame: bytes) -> bytes:
        """There is no checksum: one bit of a comma is wrong."""
        place = frame.rfind(b",")
        return frame[:place] + b"-" + frame[place + 1 :]
