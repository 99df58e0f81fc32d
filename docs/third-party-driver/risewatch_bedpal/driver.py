"""The BedPal's lines, ``PR=072 SPO2=098*2A``: one a second, ended by CR LF, with the XOR of all before the star."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from functools import reduce
from operator import xor

from devices.instant import SECOND
from devices.protocols.base import Counters
from devices.protocols.framing import Frame, Lines, Refused, Skipped
from devices.protocols.speech import Speech
from devices.protocols.undated import NominalClock
from devices.reading import Item, Status

_LINE = re.compile(rb"PR=(?P<PR>\w{3}) SPO2=(?P<SPO2>\w{3})\*(?P<sum>[0-9A-F]{2})")


def checksum(text: bytes) -> bytes:
    """The two hex digits that follow the star."""
    return b"%02X" % reduce(xor, text, 0)


class BedPal:
    """Driver of the protocol ``bedpal``. It never sends: the monitor streams."""

    name = "bedpal"
    quiet_after = 5 * SECOND
    cuff_dating = 0
    zone: tzinfo = UTC
    is_relative = False

    def __init__(self, probe_word: str = "OFF") -> None:
        self.counters = Counters()
        self.assumed_start: int | None = None
        self._off = probe_word.encode()
        self._lines = Lines(longest=80)
        self._speech = Speech(self.name, self.counters)
        self._clock = NominalClock(self.name, SECOND)

    @property
    def needs_start(self) -> bool:
        return self._clock.needs_start

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        return [item for piece in self._lines.feed(data) for item in self._said(piece, at)]

    def finish(self, at: int | None) -> list[Item]:
        return [item for piece in self._lines.end() for item in self._said(piece, at)]

    def send(self, at: int) -> bytes:
        return b""

    def wake(self) -> int | None:
        return None

    def opened(self, at: int) -> None:
        self._lines.clear()

    def _said(self, piece: Frame | Refused | Skipped, at: int | None) -> list[Item]:
        now = self._clock.moment(at, self.assumed_start)
        if isinstance(piece, Skipped):
            return [self._speech.skipped(piece, now)]
        if isinstance(piece, Refused):
            return [self._speech.refused(piece, now)]
        found = _LINE.fullmatch(piece.data)
        if found is None or checksum(piece.data.rpartition(b"*")[0]) != found["sum"]:
            return [self._speech.refused(Refused(piece.data, "shape" if found is None else "checksum"), now)]
        self.counters.frames += 1
        items = self._clock.tick(at, self.assumed_start)
        now = self._clock.moment(at, self.assumed_start)
        for signal in ("PR", "SPO2"):
            items.append(self._value(signal, found[signal], now))
        if self._speech.changed("probe", "off" if found["SPO2"] == self._off else ""):
            items.append(self._speech.notice("probe-off", "the probe is off", now, signal="SPO2", own="spo2"))
        return items

    def _value(self, signal: str, text: bytes, now: int) -> Item:
        own = "spo2" if signal == "SPO2" else "spo2.pr"
        if text == self._off:
            return self._speech.reading(signal, None, Status.OFF, now, own)
        if not text.isdigit() or int(text) == 0:
            return self._speech.reading(signal, None, Status.INVALID, now, own)
        return self._speech.number(signal, int(text), now, own)
