"""When a Nonin oximeter's samples were taken: by our stamps, by its own clock (format 13), or by counting seconds."""

from __future__ import annotations

from datetime import UTC, tzinfo

from devices import instant
from devices.instant import SECOND
from devices.protocols.nonin.spot_check import SpotCheck
from devices.protocols.speech import Speech
from devices.protocols.undated import NominalClock
from devices.reading import Item


class Times:
    """Dates what is read.

    Args:
        speech: of the driver. source: its name.
        zone: of the oximeter's clock.

    Attributes:
        assumed_start: for bytes without stamps: when they began, as a person said.
        is_nominal: samples without a stamp came that carry no time either.
    """

    def __init__(self, speech: Speech, source: str, zone: tzinfo = UTC) -> None:
        self.zone = zone
        self.assumed_start: int | None = None
        self.is_nominal = False
        self._speech = speech
        self._clock = NominalClock(source, SECOND)
        self._seen: int | None = None
        self._offset_told = False

    def tick(self, at: int | None) -> list[Item]:
        """Another second has passed, for bytes that nothing dates."""
        self.is_nominal |= at is None
        return self._clock.tick(at, self.assumed_start)

    def when(self, at: int | None) -> int:
        """The instant of what is being read."""
        if at is not None:
            return at
        return self._clock.moment(None, self.assumed_start) if self._seen is None else self._seen

    def dated(self, found: SpotCheck, at: int | None) -> tuple[int, list[Item]]:
        """The instant of a spot check, and what is to be said of the oximeter's clock."""
        if found.written is None:
            items = self.tick(at)
            return self.when(at), items
        try:
            clock = instant.from_datetime(instant.localize(found.written, self.zone))
        except ValueError:
            clock = instant.from_datetime(found.written.replace(tzinfo=self.zone))
        if at is None:
            self._seen = clock
            text = f"the bytes carry no times: the oximeter's own clock was taken, read in {self.zone}"
            return clock, self._speech.once("time", self._speech.notice("time-assumed", text, clock))
        if found.from_memory or self._offset_told:
            return at, []
        self._offset_told = True
        seconds = round((clock - at) / SECOND)
        way = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} this machine's" if seconds else "as ours"
        text = f"the oximeter's clock, read in {self.zone}, is {way}; ours is used"
        return at, [self._speech.notice("clock-offset", text, at, code=str(seconds))]
