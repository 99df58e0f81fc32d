"""Whether the messages of a file were sent as their values were measured, or long after, as an export made later is.

A monitor whose clock was never set dates its values years before its gateway's messages, too: but then both go on at
one pace. A time that stays the same for days, as that of a stay's beginning, measures nothing. Source: the HL7 sheet,
section 4.
"""

from __future__ import annotations

from datetime import timedelta, timezone, tzinfo

from msgspec import Struct, field

from devices import instant
from devices.protocols.hl7.message import Message
from devices.protocols.hl7.stamps import Stamp, resolve
from devices.protocols.hl7.timing import OLDEST

_MSH_7 = 6
"""Its place among the fields of a header, for the first delimiter is one of them."""


class Sent(Struct):
    """What the messages say of when they were sent.

    Attributes:
        late: so many were sent more than a day after what they hold was measured. steps: from how many of them to the
            next one of the same sender what they hold went on; uneven: in how many of these by another time than what
            passed between the messages.
    """

    late: int = 0
    steps: int = 0
    uneven: int = 0
    _last: dict[object, tuple[int, int]] = field(default_factory=dict)

    def add(self, message: Message, whose: object, zone: tzinfo) -> None:
        """The next message, of the patient `whose`; times without an offset are read in `zone`."""
        measured = _measured(message, zone)
        if message.time is None or measured is None:
            return
        sent = resolve(message.time, zone)
        if sent - measured <= OLDEST:
            return
        self.late += 1
        before = self._last.get(whose)
        self._last[whose] = sent, measured
        if before is None or measured == before[1]:
            return
        passed, went_on = sent - before[0], measured - before[1]
        self.steps += 1
        self.uneven += abs(passed - went_on) * 2 > abs(went_on)

    @property
    def is_export(self) -> bool:
        """The messages were made long after, from what was kept: the times of their values count."""
        return self.uneven * 2 > self.steps

    @property
    def sentence(self) -> str:
        """What a person is told of it, "" if nothing."""
        if not self.late:
            return ""
        many = f"{self.late} messages were sent more than a day after they say that their values were measured"
        if self.is_export:
            return f"{many}, as in an export made later: the times of the values were taken"
        return f"{many}, as by a clock that was never set: the times of the messages were taken"


def sent_as_measured(data: bytes, message: Message, zone: tzinfo) -> bytes:
    """The bytes `data` of `message` as if it had been sent when the last of its values was measured."""
    measured = _measured(message, zone)
    header, end, rest = data.partition(b"\r")
    fields = header.split(data[3:4])
    if measured is None or message.time is None or len(fields) <= _MSH_7:
        return data
    # In its own zone, which is that of its other times too where they name none.
    offset = message.time.offset
    named = zone if offset is None else timezone(timedelta(microseconds=offset))
    moment = instant.to_datetime(measured).astimezone(named)
    fields[_MSH_7] = f"{moment:%Y%m%d%H%M%S.%f}{'' if offset is None else f'{moment:%z}'}".encode("ascii")
    return data[3:4].join(fields) + end + rest


def _measured(message: Message, zone: tzinfo) -> int | None:
    """When the last of the values of `message` was measured, None if it does not say, read as the driver reads it."""
    stamps = [cell[3] for cell in message.cells] + [group.time for group in message.groups]
    offset = message.time.offset if message.time is not None else None
    return max((_instant(each, offset, zone) for each in stamps if each is not None), default=None)


def _instant(stamp: Stamp, offset: int | None, zone: tzinfo) -> int:
    return stamp.local - offset if stamp.offset is None and offset is not None else resolve(stamp, zone)
