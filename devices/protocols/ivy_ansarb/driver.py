"""IVY 450C, output ANSAR-B: a message of waves and text lines each second, never asked for (other devices sheet, A).

The messages carry no time: live they are dated by their arrival, a dump by its start and a second for each. Nothing
guards them but their shape, so that every value is `unverified`.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

from devices.errors import SettingError
from devices.instant import SECOND
from devices.protocols.base import Counters
from devices.protocols.framing import Frame, Piece, Refused, Scanner
from devices.protocols.ivy_ansarb import frames
from devices.protocols.ivy_ansarb.vitals import Vitals
from devices.protocols.speech import Speech
from devices.protocols.undated import NominalClock
from devices.reading import Item

INTERVAL = SECOND
GAP = 5 * SECOND
"""A cuff result that changed while nothing was heard for so long has an unknown age."""


class IvyAnsarb:
    """Driver of the protocol ``ivy-ansarb``. It never sends.

    Args:
        arterial: the channel that is the arterial line, ``P1`` or ``P2``, where the monitor gives it no label.
        assumed_start: for bytes without stamps: when they began.

    Raises:
        SettingError: `arterial` is no channel.
    """

    name = "ivy-ansarb"
    quiet_after = GAP
    cuff_dating = GAP
    zone: tzinfo = UTC
    is_relative = False

    def __init__(self, arterial: str = "", assumed_start: int | None = None) -> None:
        if arterial.upper() not in ("", "P1", "P2"):
            raise SettingError(f"the setting 'arterial' cannot be {arterial!r}: give P1 or P2")
        self.counters = Counters()
        self.assumed_start = assumed_start
        self._scanner = Scanner(frames.examine, frames.LONGEST, frames.MARKER)
        self._speech = Speech(self.name, self.counters)
        self._vitals = Vitals(self._speech, arterial.upper())
        self._clock = NominalClock(self.name, INTERVAL)
        self._last: int | None = None
        self._reopened = False

    @property
    def needs_start(self) -> bool:
        return self._clock.needs_start

    def opened(self, at: int) -> None:
        self._scanner.clear()
        self._reopened = self._last is not None

    def wake(self) -> int | None:
        return None

    def send(self, at: int) -> bytes:
        return b""

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        self.counters.bytes_in += len(data)
        return [item for piece in self._scanner.feed(data) for item in self._piece(piece, at)]

    def finish(self, at: int | None) -> list[Item]:
        return [item for piece in self._scanner.end() for item in self._piece(piece, at)]

    def _piece(self, piece: Piece, at: int | None) -> list[Item]:
        if not isinstance(piece, Frame):
            known = self._last if self._last is not None else self.assumed_start
            when = at if at is not None else known or 0
            if isinstance(piece, Refused):
                return [self._speech.refused(piece, when)]
            return [self._speech.skipped(piece, when)]
        self.counters.frames += 1
        items = self._clock.tick(at, self.assumed_start)
        moment = self._clock.moment(at, self.assumed_start)
        after_gap = self._reopened or (self._last is not None and moment - self._last > GAP)
        self._last, self._reopened = moment, False
        for line in frames.lines(piece.data):
            items += self._vitals.read(line, moment, after_gap)
        return items
