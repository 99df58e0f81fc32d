"""Monitors that print a row with their own date and time: the rows found, and dated by our clock or by theirs.

Such a clock is set by hand and often wrong. So live, and in captures with stamps, a row carries the instant it
came at, and how far the monitor's clock is from ours is told; without stamps its own date and time is all there is.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from devices import instant
from devices.errors import SettingError
from devices.instant import SECOND
from devices.protocols.base import Counters
from devices.protocols.framing import RAW_KEPT, Frame, Lines, Piece, Refused, Skipped
from devices.protocols.speech import Speech
from devices.reading import Item, Notice

OFFSET_TOLD = 30 * SECOND
"""A clock that has moved against ours by more than this since that was told, is told again."""

APART = SECOND
"""Rows that come closer together were held up on the way: they say nothing of the clocks."""

BACK = 2 * SECOND
"""A clock that goes back by more was set, or the monitor was switched off and on."""

_WAITING = 100
"""Notices held back at most until a row tells the time."""

Make = Callable[[int], Notice]


class DatedRows(ABC):
    """A driver of such a monitor. A concrete one says what a row is and reads it.

    Args:
        zone: zone of the monitor's clock, a zone or its name.
        longest: characters of a line at most.

    Raises:
        SettingError: no such zone.
    """

    name: str
    stamp: re.Pattern[bytes]
    """What every row begins with: its date and time."""
    quiet_after = 10 * SECOND
    cuff_dating = SECOND
    is_relative = False
    needs_start = False

    def __init__(self, zone: str | tzinfo = UTC, longest: int = 512) -> None:
        try:
            self.zone: tzinfo = instant.zone_named(zone) if isinstance(zone, str) else zone
        except ValueError as error:
            raise SettingError(f"the setting 'zone': {error}") from None
        self.counters = Counters()
        self.assumed_start: int | None = None
        self.speech = Speech(self.name, self.counters)
        self._lines = Lines(longest)
        self._waiting: list[Make] = []
        self._seen: int | None = None  # the instant of the last row
        self._clock: int | None = None  # what the monitor's clock showed last, as an instant
        self._offset: int | None = None  # as told, monitor's minus ours
        self._came: int | None = None  # when the last row came

    @abstractmethod
    def read_row(self, row: bytes, at: int | None) -> list[Item] | str:
        """What a row says that begins with its date and time; or the reason why it is none."""

    @abstractmethod
    def read_other(self, line: bytes, at: int | None) -> list[Item] | str:
        """What a line says that holds no date and time; or the reason why it is refused."""

    def receive(self, data: bytes, at: int | None) -> list[Item]:
        """What the bytes say; see `devices.protocols.base.Driver`."""
        self.counters.bytes_in += len(data)
        items: list[Item] = []
        for piece in self._lines.feed(data):
            items += self._piece(piece, at)
        return items

    def finish(self, at: int | None) -> list[Item]:
        """The bytes have ended: a row without its end is refused, and what waits for a time is told."""
        items: list[Item] = []
        for piece in self._lines.end():
            items += self._piece(piece, at)
        return items + self._told(at if at is not None else self._seen or self.assumed_start or 0)

    def send(self, at: int) -> bytes:
        return b""

    def wake(self) -> int | None:
        return None

    def opened(self, at: int) -> None:
        """The port is open: half a line from before is forgotten."""
        self._lines.clear()

    # -- lines -------------------------------------------------------------------------------------------------

    def _piece(self, piece: Piece, at: int | None) -> list[Item]:
        if isinstance(piece, Refused):
            return self.refuse(piece, at)
        if isinstance(piece, Skipped):
            self.counters.bytes_skipped += piece.count
            return self.tell(lambda when: self._skipped(piece, when), at)
        line = piece.data.strip(b"\0\x11\x13")
        found = list(self.stamp.finditer(line))
        if not found:
            return self._answer(self.read_other(line, at), piece, at)
        # Of several rows in one line all but the last have lost their ends.
        items: list[Item] = []
        begin = 0
        for each in found:
            items += self._before(line[begin : each.start()], at)
            begin = each.start()
        return items + self._answer(self.read_row(line[begin:], at), Frame(line[begin:]), at)

    def _before(self, part: bytes, at: int | None) -> list[Item]:
        if self.stamp.match(part):
            return self.refuse(Refused(part[:RAW_KEPT], "cut"), at)
        if not part:
            return []
        self.counters.bytes_skipped += len(part)
        return self.tell(lambda when: self._skipped(Skipped(part[:RAW_KEPT], len(part)), when), at)

    def _answer(self, said: list[Item] | str, line: Frame, at: int | None) -> list[Item]:
        return self.refuse(Refused(line.data[:RAW_KEPT], said), at) if isinstance(said, str) else said

    def _skipped(self, piece: Skipped, at: int) -> Notice:
        return self.speech.notice(
            "bytes-skipped", f"{piece.count} bytes outside any row were left out", at, raw=piece.data
        )

    def refuse(self, piece: Refused, at: int | None) -> list[Item]:
        """Counts a refused line and tells of it."""
        self.counters.reject(piece.reason)
        text = f"a line of {len(piece.data)} bytes was refused: {piece.reason}"
        return self.tell(
            lambda when: self.speech.notice("frame-rejected", text, when, code=piece.reason, raw=piece.data), at
        )

    # -- time --------------------------------------------------------------------------------------------------

    def tell(self, make: Make, at: int | None) -> list[Item]:
        """A notice of something that carries no time of its own; held back while nothing has told the time."""
        when = at if at is not None else self._seen
        if when is not None:
            return [make(when)]
        self._waiting.append(make)
        return self._told(self.assumed_start or 0) if len(self._waiting) >= _WAITING else []

    def _told(self, when: int) -> list[Item]:
        waiting, self._waiting = self._waiting, []
        return [make(when) for make in waiting]

    def moment(self, written: datetime, at: int | None) -> tuple[int, list[Item]]:
        """The instant of a row whose monitor wrote this local time, and what is to be said of the two clocks."""
        clock = self._instant(written)
        when = clock if at is None else at
        self._seen = when
        items = self._told(when)
        before, self._clock = self._clock, clock
        if before is not None and clock < before - BACK:
            passed = (before - clock) // SECOND
            self._offset = None
            text = f"the monitor's clock went back by {passed} s: it was set, or switched off and on"
            items.append(self.speech.notice("device-restarted", text, when, code=str(-passed)))
        if at is None:
            text = f"the bytes carry no times: the monitor's own clock was taken, read in {self.zone}"
            return when, items + self.speech.once("time", self.speech.notice("time-assumed", text, when))
        return when, items + self._offset_notice(clock - at, at)

    def _offset_notice(self, offset: int, at: int) -> list[Item]:
        came, self._came = self._came, at
        is_late = came is not None and at - came < APART
        if self._offset is not None and (is_late or abs(offset - self._offset) <= OFFSET_TOLD):
            return []
        self._offset = offset
        seconds = round(offset / SECOND)
        way = f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} this machine's" if seconds else "as ours"
        text = f"the monitor's clock, read in {self.zone}, is {way}; ours is used"
        return [self.speech.notice("clock-offset", text, at, code=str(seconds))]

    def _instant(self, written: datetime) -> int:
        """Of an hour that comes twice, the first is meant; one that the zone skips is counted on from before it."""
        try:
            return instant.from_datetime(instant.localize(written, self.zone))
        except ValueError:
            return instant.from_datetime(written.replace(tzinfo=self.zone))
