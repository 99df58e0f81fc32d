"""When the things in a message were measured, on our clock or, in a file, on the sender's (HL7 sheet, section 4)."""

from __future__ import annotations

from datetime import UTC, tzinfo

from devices.instant import HOUR, MINUTE, SECOND
from devices.protocols.hl7.clock import SenderClock
from devices.protocols.hl7.message import Message, Row
from devices.protocols.hl7.stamps import Stamp, resolve

OLDEST = 24 * HOUR
"""A time further before its message is no measuring time but a clock that was never set (µs)."""

AHEAD = MINUTE
"""How far a time may lie after its message: by more it is wrong (µs)."""

NOMINAL = MINUTE
"""What passes between two messages that carry no time at all, in bytes without stamps (µs)."""


class Timing:
    """The times of one sender's messages, one message after the other.

    Attributes:
        sent: when the message in hand was sent, on its own clock; None if it does not say.
        received: when it came; in bytes without stamps when it was sent.
        has_no_zone: a time without zone was read in `zone`, in bytes without stamps.
        needs_start: a message without any time came in bytes without stamps, and nobody said when they began.
        jumped: the difference of the clocks, if it is to be told now; else None.
    """

    def __init__(self) -> None:
        self.zone: tzinfo = UTC
        self.assumed_start: int | None = None
        self.sent: int | None = None
        self.received = 0
        self.has_no_zone = False
        self.is_assumed = False
        self.needs_start = False
        self.jumped: int | None = None
        self._clock = SenderClock()
        self._offset: int | None = None
        self._zone_of_message: int | None = None
        self._last: int | None = None
        self._is_live = False

    def begin(self, message: Message, at: int | None) -> None:
        """Takes the message in hand: `at` is when it came, None in bytes without stamps."""
        self._is_live = at is not None
        self._zone_of_message = message.time.offset if message.time is not None else None
        stamp = message.time or _latest(message)
        self.sent = None if stamp is None else self._resolve(stamp, self._last if at is None else self._expected(at))
        self.jumped = None
        if at is not None:
            self.received, self._offset = at, None
            if self.sent is not None:
                self._offset = self._clock.take(self.sent, at)
                if self._clock.is_news(self._offset):
                    self.jumped = -self._offset
        elif self.sent is not None:
            self.received = self._last = self.sent
        else:
            if self._last is None:
                self.needs_start = self.assumed_start is None
                self._last = self.assumed_start or 0
            else:
                self._last += NOMINAL
            self.is_assumed = True
            self.received = self._last

    @staticmethod
    def peek(message: Message, zone: tzinfo) -> int | None:
        """When `message` was sent, on its sender's clock; None if it does not say."""
        stamp = message.time or _latest(message)
        return None if stamp is None else resolve(stamp, zone)

    def now(self) -> int:
        """The instant of what is measured as the message in hand is sent."""
        return self.ours(self.sent) if self.sent is not None else self.received

    def row(self, row: Row, message: Message) -> int | None:
        """When `row` was measured, on the sender's clock: its OBX-14, else its group's OBR-7, else the message's."""
        if row.time is not None:
            return self._resolve(row.time, self.sent)
        group = self.group(row, message)
        return group if group is not None and self.is_believable(group) else self.sent

    def group(self, row: Row, message: Message) -> int | None:
        """The OBR-7 of the group in which `row` stands."""
        stamp = message.groups[row.group - 1].time if row.group else None
        return None if stamp is None else self._resolve(stamp, self.sent)

    def is_believable(self, device: int) -> bool:
        """Whether a time on the sender's clock can be that of something in the message in hand."""
        return self.sent is None or -AHEAD <= self.sent - device <= OLDEST

    def is_now(self, device: int) -> bool:
        """Whether it is the message's own time."""
        return self.sent is not None and abs(self.sent - device) <= SECOND

    def ours(self, device: int) -> int:
        """A time of the sender's clock on ours, never later than the receipt; as it is in bytes without stamps."""
        if not self._is_live:
            return device
        return min(self.received, device + self._offset) if self._offset is not None else self.received

    def _expected(self, at: int) -> int | None:
        return at - (self._offset or 0)

    def _resolve(self, stamp: Stamp, near: int | None) -> int:
        if stamp.offset is None:
            if self._zone_of_message is not None:
                return stamp.local - self._zone_of_message
            self.has_no_zone |= not self._is_live
        return resolve(stamp, self.zone, near)


def _latest(message: Message) -> Stamp | None:
    """The best clock of a message without MSH-7: the latest of its groups' times, else of its rows'."""
    stamps = [group.time for group in message.groups if group.time is not None]
    stamps = stamps or [row.time for row in message.rows if row.time is not None]
    return max(stamps, key=lambda stamp: stamp.local - (stamp.offset or 0), default=None)
