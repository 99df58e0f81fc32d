"""A virtual board that speaks the line protocol: a header, a sample a second, cuff events, heartbeats, flags."""

from __future__ import annotations

from devices.instant import SECOND
from devices.protocols.line.frames import SEQUENCES, encode
from devices.virtual.device import Bedside

HEADER_EVERY = 30 * SECOND
HEARTBEAT_EVERY = 5 * SECOND
_FIELDS = "t|hr|spo2|pr|sys|dia|map|nibp_t|rr|temp|flags"
_FAILURES = {"timeout": "4", "leak": "6", "motion": "7", "overpressure": "8"}


class LineDevice:
    """Streams without being asked. Its clock counts milliseconds since it was first looked at."""

    def __init__(self, bedside: Bedside) -> None:
        self._bedside = bedside
        self._start: int | None = None
        self._sample = self._header = self._beat = 0
        self._sequence = 0
        self._cuffs = 0
        self._cuff_at: int | None = None

    def receive(self, data: bytes, at: int) -> bytes:
        return b""

    def opened(self, at: int) -> bytes:
        """A listener came: it is given the header at once, as a board does that restarts with its port."""
        return b"" if self._start is None else self._head()

    def tick(self, at: int) -> bytes:
        if self._start is None:
            self._start = self._sample = self._header = self._beat = at
            self._cuffs = self._bedside.observe(at).cuff.count
        said = b""
        if at >= self._header:
            said += self._head()
            self._header += HEADER_EVERY
        while at >= self._sample:
            said += self._line_of(self._sample)
            self._sample += SECOND
        if at >= self._beat:
            said += encode("B", f"{self._next()},{self._device(at)}")
            self._beat += HEARTBEAT_EVERY
        return said

    @staticmethod
    def _head() -> bytes:
        return encode("H", f"dev=VIRTUAL-1,fw=1.0,rate=1,fields={_FIELDS}")

    def _line_of(self, at: int) -> bytes:
        seen = self._bedside.observe(at)
        cuff, said = seen.cuff, b""
        if cuff.count != self._cuffs and cuff.time is not None:
            self._cuffs, self._cuff_at = cuff.count, self._device(cuff.time)
            numbers = ",".join(
                "" if each is None else str(each) for each in (cuff.sys, cuff.dia, cuff.mean, cuff.pulse)
            )
            status = f"NIBP_FAIL_{_FAILURES.get(cuff.failure, '3')}" if cuff.failure else "OK"
            said += encode("N", f"{self._next()},{self._cuff_at},{numbers},{status}")
        flags = []
        if seen.spo2 is None:
            flags.append("SPO2_OFF")
        if seen.hr is None:
            flags.append("LEAD_OFF")
        if cuff.measuring:
            flags.append("NIBP_BUSY")
        shown = self._cuff_at is not None and cuff.sys is not None
        values = (
            self._device(at),
            seen.hr,
            seen.spo2,
            seen.pr if seen.spo2 is not None else None,
            cuff.sys if shown else None,
            cuff.dia if shown else None,
            cuff.mean if shown else None,
            self._cuff_at if shown else None,
            seen.rr,
            seen.temp,
            "|".join(flags),
        )
        text = ",".join("" if each is None else str(each) for each in values)
        return said + encode("D", f"{self._next()},{text}")

    def _device(self, at: int) -> int:
        assert self._start is not None
        return max(0, at - self._start) // 1_000

    def _next(self) -> int:
        sequence, self._sequence = self._sequence, (self._sequence + 1) % SEQUENCES
        return sequence
