"""A virtual Nellcor N-560: a row every 2 s, a header every 25 lines, XON and XOFF heeded."""

from __future__ import annotations

from devices.instant import SECOND
from devices.virtual.device import Bedside, Observation
from devices.virtual.streaming import StreamingDevice
from devices.virtual.weak_clock import WeakClock

HEADER_EVERY = 25
"""Lines between the beginnings of two headers, the header's own three among them."""

_HEADER = (
    "N-560    VERSION 1.61.00    CRC:XXXX  SpO2 Limit: 90-100%    PR Limit: 50-170BPM",
    "                             ADULT            0SAT-S ",
    "TIME                 %SpO2   BPM     PA     Status",
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LOWEST_SPO2, _SLOWEST, _FASTEST = 90, 50, 170
_XON, _XOFF = 0x11, 0x13


class NellcorDevice(StreamingDevice):
    """The monitor's side of the protocol ``nellcor``.

    Args:
        bedside: who lies there.
        waits: it sends nothing until it has got an XON.
    """

    interval = 2 * SECOND

    def __init__(self, bedside: Bedside, waits: bool = False) -> None:
        super().__init__(bedside)
        self._clock = WeakClock()
        self._paused = waits
        self._line = 0

    def receive(self, data: bytes, at: int) -> bytes:
        for byte in data:
            if byte in (_XON, _XOFF):
                self._paused = byte == _XOFF
        return b""

    def sample(self, seen: Observation, at: int) -> bytes:
        if self._paused:
            return b""
        lines = [*_HEADER] if self._line == 0 else []
        lines.append(self._row(seen, at))
        self._line = (self._line + len(lines)) % HEADER_EVERY
        return "".join(f"{line}\r\n" for line in lines).encode("ascii")

    def _row(self, seen: Observation, at: int) -> str:
        now = self._clock.shows(at)
        stamp = f"{now.day:02d}-{_MONTHS[now.month - 1]}-{now.year % 100:02d} {now:%H:%M:%S}"
        if seen.spo2 is None or seen.pr is None:
            return f"{stamp}   ---     ---     ---    SD               "
        low = seen.spo2 < _LOWEST_SPO2
        beyond = "PH" if seen.pr > _FASTEST else "PL" if seen.pr < _SLOWEST else "  "
        spo2 = f"{seen.spo2:3d}{'*' if low else ' '}"
        pulse = f"{seen.pr:3d}{'*' if beyond.strip() else ' '}"
        amplitude = 20 + at // SECOND % 40
        return f"{stamp}   {spo2}    {pulse}    {amplitude:3d}       {'SL' if low else '  '} {beyond}       "

    # No checksum guards a row: what is spoilt is its form.

    def split(self, data: bytes) -> list[bytes]:
        return data.splitlines(keepends=True)

    def damage(self, frame: bytes) -> bytes:
        """One bit of the first letter or digit wrong, so that it is no date any more."""
        return bytes([frame[0] ^ 0x40]) + frame[1:]
