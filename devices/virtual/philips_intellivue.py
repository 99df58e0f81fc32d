"""A virtual IntelliVue monitor: silent until a client associates, then answers its polls (Philips sheet, section 7).

It has the habits a client must bear: it repeats what was not confirmed, spreads a long answer over linked results,
adds the static context of one object in turn, shows the last cuff result with its own time again and again, ends the
association when it hears nothing, and holds one association at a time.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import tzinfo

from msgspec import Struct

from devices import instant
from devices.instant import MINUTE, SECOND
from devices.protocols.framing import Frame
from devices.protocols.philips_intellivue import association, messages
from devices.protocols.philips_intellivue.association import TICK, Terms
from devices.protocols.philips_intellivue.clock import write_absolute
from devices.protocols.philips_intellivue.frames import Framer, Transport, unwrap, wrap
from devices.protocols.philips_intellivue.messages import (
    ALERTS,
    ALL_GROUPS,
    CONFIRMED_ACTION,
    CONFIRMED_EVENT,
    EXTENDED_POLL,
    MDS_CREATE,
    NUMERICS,
    SINGLE_POLL,
    SYSTEM,
    Association,
    Kind,
    Link,
    Operation,
    ShapeError,
    attribute,
    bare_length,
    counted,
    read_attributes,
    read_message,
)
from devices.virtual.device import Bedside
from devices.virtual.philips_numerics import shown

RESULT_PERIOD = 1_024_000
"""Between two answers to an extended poll of numerics, microseconds."""

TERMS = Terms(period=500_000, mtu=996, extensions=0x8E000000)
"""What a captured monitor answered."""

CREATE_REPEATED = 3 * SECOND
CREATE_GIVEN_UP = 10 * SECOND

_SPARED = 160
"""Of the largest message agreed to so many bytes stay free: of 996, at most 892 were seen in use with the headers."""

_HOST = struct.pack(">3H", SYSTEM, 0, 0)
_MONITORING = 0x4000
_NO_TIME = b"\xff" * 8


class _Poll(Struct):
    """An extended poll that is being answered."""

    invoke: int
    number: int
    group: int
    until: int
    due: int
    sequence: int = 0


class PhilipsIntellivueDevice:
    """The monitor's side of the protocol ``philips-intellivue``.

    Args:
        bedside: who lies there.
        zone: zone of the monitor's clock; None: this machine's own, as a monitor's clock shows the clinic's time.
        terms: what it accepts. mode: its operating mode. others: so many further objects, which none of us knows.

    Attributes:
        by_datagram: its messages are bare, one a datagram; else framed.
        pace: how much faster its time passes than its host's.
    """

    def __init__(
        self,
        bedside: Bedside,
        zone: tzinfo | None = None,
        terms: Terms = TERMS,
        mode: int = _MONITORING,
        others: int = 4,
    ) -> None:
        self._bedside = bedside
        self._zone = zone
        self._terms = terms
        self._mode = mode
        self._others = others
        self.by_datagram = False
        self.pace = 1.0
        self._framer = Framer(Transport.SERIAL, live=True)
        self._started: int | None = None
        self._associated = False
        self._heard = 0
        self._create_due: int | None = None
        self._create_until = 0
        self._poll: _Poll | None = None
        self._turn = 0

    # Frames.

    def split(self, data: bytes) -> list[bytes]:
        """The frames, or bare messages, in `data`."""
        if not self.by_datagram:
            return [frame + b"\xc1" for frame in data.split(b"\xc1") if frame]
        found, place = [], 0
        while place < len(data):
            length = bare_length(data, place) or len(data) - place
            found.append(data[place : place + length])
            place += length
        return found

    def damage(self, frame: bytes) -> bytes:
        """`frame` with one bit wrong; a bare one in a length inside, as its network would drop it for any other."""
        if self.by_datagram:
            inner = 15 if frame[4:6] == b"\0\5" else 13
            place = inner if frame.startswith(messages.DATA) else 2
        else:
            place = len(frame) // 2
            while frame[place] & 0xFC in (0xC0, 0x7C, 0xE0, 0x5C):
                place += 1
        return frame[:place] + bytes((frame[place] ^ 2,)) + frame[place + 1 :]

    def _carry(self, message: bytes) -> bytes:
        return message if self.by_datagram else wrap(message)

    # What comes in.

    def receive(self, data: bytes, at: int) -> bytes:
        self._start(at)
        answers: list[bytes] = []
        for heard in [data] if self.by_datagram else self._unframed(data):
            try:
                message = read_message(heard)
                if isinstance(message, Association):
                    answers += self._about_association(message, at)
                else:
                    answers += self._asked(message, at)
            except (ShapeError, struct.error):
                continue
        return b"".join(map(self._carry, answers))

    def _unframed(self, data: bytes) -> Iterator[bytes]:
        for piece in self._framer.feed(data):
            if isinstance(piece, Frame):
                yield unwrap(piece.data)

    def _about_association(self, message: Association, at: int) -> list[bytes]:
        if message.link is Link.REQUEST:
            if self._associated:
                # Its inner bytes are not public; only the first one matters.
                return [bytes((Link.REFUSE, 3)) + b"\x32\x01\x00"]
            self._associated, self._heard, self._poll = True, at, None
            self._create_due = at + self._waited(CREATE_REPEATED)
            self._create_until = at + self._waited(CREATE_GIVEN_UP)
            return [association.response(self._terms), self._create(at)]
        if message.link is Link.RELEASE:
            self._end()
            return [association.RELEASE_RESPONSE]
        if message.link is Link.ABORT:
            self._end()
        return []

    def _waited(self, span: int) -> int:
        """So much of its own time it waits where the protocol says `span`."""
        return round(span * self.pace)

    def _end(self) -> None:
        self._associated, self._create_due, self._poll = False, None, None

    def _asked(self, message: Operation, at: int) -> list[bytes]:
        if not self._associated:
            return []
        self._heard = at
        if message.kind is Kind.RESULT and message.command == CONFIRMED_EVENT:
            self._create_due = None
            return []
        if message.kind is not Kind.INVOKE or message.command != CONFIRMED_ACTION or self._create_due is not None:
            return []
        action, _ = struct.unpack_from(">HH", message.body, 10)
        number, _, object_class, group = struct.unpack_from(">4H", message.body, 14)
        if object_class not in (NUMERICS, SYSTEM, ALERTS):
            return [messages.operation(Kind.ERROR, message.invoke, 0, b"")]
        if action == EXTENDED_POLL and object_class == NUMERICS and self._terms.sends_by_itself:
            asked = read_attributes(message.body[22:])
            period = int.from_bytes(asked.get(messages.PERIOD, b"")) * TICK
            due = at if self._poll is None else self._poll.due
            self._poll = _Poll(message.invoke, number, group, at + self._waited(period or MINUTE), due)
            return []
        if action != SINGLE_POLL:
            return [messages.operation(Kind.ERROR, message.invoke, 9, b"")]
        objects = [self._system(at)] if object_class == SYSTEM else []
        if object_class == NUMERICS:
            objects = list(self._numerics(at, group, whole=True))
        head = struct.pack(">HI", number, self._ticks(at)) + _NO_TIME + struct.pack(">3H", 1, object_class, group)
        return list(self._results(message.invoke, SINGLE_POLL, head, objects))

    # What goes out by itself.

    def tick(self, at: int) -> bytes:
        self._start(at)
        if not self._associated:
            return b""
        if (self._create_due is not None and at >= self._create_until) or at - self._heard >= self._waited(
            self._terms.timeout
        ):
            self._end()
            return self._carry(association.ABORT)
        said: list[bytes] = []
        if self._create_due is not None and at >= self._create_due:
            self._create_due += self._waited(CREATE_REPEATED)
            said.append(self._create(at))
        poll = self._poll
        if poll is not None and at >= poll.until:
            self._poll = None
        elif poll is not None and at >= poll.due:
            when = poll.due
            poll.due += RESULT_PERIOD * ((at - poll.due) // RESULT_PERIOD + 1)
            head = struct.pack(">HHI", poll.number, poll.sequence, self._ticks(when)) + _NO_TIME
            head += struct.pack(">3H", 1, NUMERICS, poll.group)
            objects = list(self._numerics(when, poll.group, whole=poll.sequence == 0))
            poll.sequence = (poll.sequence + 1) % 0x10000
            said += self._results(poll.invoke, EXTENDED_POLL, head, objects)
        return b"".join(map(self._carry, said))

    def _results(self, invoke: int, action: int, head: bytes, objects: list[bytes]) -> Iterator[bytes]:
        """One result, or linked ones that end with an empty one where it would be longer than agreed."""
        parts: list[list[bytes]] = [[]]
        room = self._terms.mtu - _SPARED
        for one in objects:
            if parts[-1] and sum(map(len, parts[-1])) + len(one) > room:
                parts.append([])
            parts[-1].append(one)
        if len(parts) == 1:
            yield self._result(Kind.RESULT, invoke, action, head, parts[0])
            return
        for number, part in enumerate(parts, 1):
            state = 1 if number == 1 else 3 if number == len(parts) else 2
            yield self._result(Kind.LINKED, invoke, action, head, part, bytes((state, number & 0xFF)))
        yield self._result(Kind.RESULT, invoke, action, head, [])

    @staticmethod
    def _result(kind: Kind, invoke: int, action: int, head: bytes, objects: list[bytes], link: bytes = b"") -> bytes:
        contexts = counted([struct.pack(">H", 0) + counted(objects)] if objects else [])
        body = _HOST + struct.pack(">HH", action, len(head) + len(contexts)) + head + contexts
        return messages.operation(kind, invoke, CONFIRMED_ACTION, body, link)

    # What it shows.

    def _start(self, at: int) -> None:
        if self._started is None:
            self._started = at

    def _ticks(self, at: int) -> int:
        return (at - (self._started or at)) // TICK % (1 << 32)

    def _wall(self, at: int) -> bytes:
        moment = instant.to_datetime(at)
        offset = moment.astimezone(self._zone).utcoffset()
        return write_absolute(at + (0 if offset is None else round(offset.total_seconds()) * SECOND))

    def _describe(self, at: int) -> list[bytes]:
        model = b"".join(struct.pack(">H", len(text)) + text for text in (b"Philips\0", b"M8000\0"))
        label = "BED 1".encode("utf-16-be").ljust(34, b"\0")
        return [
            attribute(0x0984, bytes.fromhex("00060009fb09c0c1")),
            attribute(0x0986, bytes.fromhex("0001114d")),
            attribute(0x0928, model),
            attribute(0x0946, struct.pack(">H", self._mode)),
            attribute(0x091E, struct.pack(">H", len(label)) + label),
            attribute(0x0987, self._wall(at)),
            attribute(0x098F, struct.pack(">I", self._ticks(at))),
        ]

    def _create(self, at: int) -> bytes:
        inner = _HOST + counted(self._describe(at))
        body = _HOST + struct.pack(">IHH", self._ticks(at), MDS_CREATE, len(inner)) + inner
        return messages.operation(Kind.INVOKE, 1, CONFIRMED_EVENT, body)

    def _system(self, at: int) -> bytes:
        return struct.pack(">H", 1) + counted(self._describe(at))

    def _numerics(self, at: int, group: int, whole: bool) -> Iterator[bytes]:
        """The observations of all numerics; `whole`: with the static context of each, else of one in turn."""
        objects = list(shown(self._bedside.observe(at), self._wall, self._others))
        self._turn = (self._turn + 1) % len(objects)
        for number, one in enumerate(objects):
            yield one.observation(group == ALL_GROUPS and (whole or number == self._turn))
