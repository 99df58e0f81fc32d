"""Messages of the Data Export protocol: association, remote operations, polls (Philips sheet, sections 4 and 8).

All numbers are big-endian and structures packed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum

from msgspec import Struct

LARGEST = 4_096
"""Bytes of the largest message that is believed: monitors send up to 1500."""

DATA = bytes.fromhex("e1000002")
"""How every data message begins: session and presentation context."""


class Link(IntEnum):
    """The first byte of a message about the association itself."""

    REQUEST = 0x0D
    ACCEPT = 0x0E
    REFUSE = 0x0C
    RELEASE = 0x09
    RELEASED = 0x0A
    ABORT = 0x19


class Kind(IntEnum):
    """The type of a remote operation."""

    INVOKE = 1
    RESULT = 2
    ERROR = 3
    LINKED = 5


CONFIRMED_EVENT, CONFIRMED_ACTION = 1, 7
MDS_CREATE = 0x0D06
SINGLE_POLL, EXTENDED_POLL = 0x0C16, 0xF13B
NUMERICS, WAVES, SYSTEM, PATIENT, ALERTS = 0x0006, 0x0009, 0x0021, 0x002A, 0x0036
ALL_GROUPS, OBSERVED_VALUES = 0x0000, 0x0803
PERIOD = 0xF13E

_SYSTEM_OBJECT = struct.pack(">3H", SYSTEM, 0, 0)
_SIGNATURES: dict[int, tuple[bytes, ...]] = {
    Link.REQUEST: (bytes.fromhex("0508130100160102"),),
    Link.ACCEPT: (bytes.fromhex("0508130100160102"),),
    Link.RELEASE: (b"\xc1\x16\x61\x80", b"\x16\x61\x80"),
    Link.RELEASED: (b"\xc1\x16\x61\x80", b"\x16\x61\x80"),
    Link.ABORT: (b"\x11\x01\x03",),
    Link.REFUSE: (b"\x05", b"\x11\x01", b"\x14\x02", b"\x16\x01", b"\x32", b"\xc1"),
}
"""What follows the length of an association message, for telling it from chance bytes."""


class ShapeError(Exception):
    """Lengths inside a message contradict each other."""


class Association(Struct, frozen=True):
    """A message about the association."""

    link: Link
    data: bytes


class Operation(Struct, frozen=True):
    """A remote operation: what is asked, told or answered.

    `command` is the error's code where `kind` is ERROR; `last` is false for the parts of a linked result, whose end
    is a plain result.
    """

    kind: Kind
    invoke: int
    command: int
    body: bytes

    @property
    def last(self) -> bool:
        return self.kind is not Kind.LINKED


Message = Association | Operation


class PollResult(Struct, frozen=True):
    """The answer to a poll, or a part of it. `ticks`: the monitor's relative time; `absolute`: eight bytes, BCD."""

    action: int
    sequence: int | None
    ticks: int
    absolute: bytes
    object_class: int
    group: int
    list: bytes


class Observation(Struct, frozen=True):
    """What one object says: its attributes by id."""

    context: int
    handle: int
    attributes: dict[int, bytes]


# Reading.


def bare_length(held: bytes, place: int) -> int | None:
    """How long the bare message at `place` is, 0 if more bytes are needed to tell, None if none begins there."""
    first = held[place]
    if first == DATA[0]:
        begin = held[place : place + 8]
        if not DATA.startswith(begin[:4]):
            return None
        if len(begin) < 8:
            return 0
        kind, rest = struct.unpack_from(">HH", begin, 4)
        return 8 + rest if kind in (1, 2, 3, 5) and 6 <= rest <= LARGEST else None
    signatures = _SIGNATURES.get(first)
    if signatures is None:
        return None
    if len(held) - place < 2:
        return 0
    size, start = held[place + 1], place + 2
    if size == 0xFF:
        if len(held) - place < 4:
            return 0
        size, start = int.from_bytes(held[place + 2 : place + 4]), place + 4
    begin = held[start : start + 8]
    if any(begin.startswith(signature) for signature in signatures):
        return start - place + size if 2 <= size <= LARGEST else None
    return 0 if any(signature.startswith(begin) for signature in signatures) else None


def is_whole(data: bytes) -> bool:
    """Whether `data` is one message whose inner lengths all agree."""
    try:
        message = read_message(data)
        if isinstance(message, Operation) and (result := read_poll(message)) is not None:
            for _ in read_list(result.list):
                pass
    except ShapeError:
        return False
    return True


def read_message(data: bytes) -> Message:
    """The message in `data`.

    Raises:
        ShapeError: it is none.
    """
    if data[:4] != DATA:
        if not data or data[0] not in tuple(Link):
            raise ShapeError
        return Association(Link(data[0]), data)
    if len(data) < 14:
        raise ShapeError
    kind, length = struct.unpack_from(">HH", data, 4)
    if kind not in tuple(Kind) or length != len(data) - 8:
        raise ShapeError
    start = 10 if kind == Kind.LINKED else 8
    if len(data) < start + 6:
        raise ShapeError
    invoke, command, rest = struct.unpack_from(">3H", data, start)
    if rest != len(data) - start - 6:
        raise ShapeError
    return Operation(Kind(kind), invoke, command, data[start + 6 :])


def read_poll(operation: Operation) -> PollResult | None:
    """The poll result in an answer, None if it is an answer to something else.

    Raises:
        ShapeError: it is cut.
    """
    if operation.kind not in (Kind.RESULT, Kind.LINKED) or operation.command != CONFIRMED_ACTION:
        return None
    body = operation.body
    if len(body) < 10:
        raise ShapeError
    action, length = struct.unpack_from(">HH", body, 6)
    if length != len(body) - 10:
        raise ShapeError
    if action not in (SINGLE_POLL, EXTENDED_POLL):
        return None
    start, sequence = 12, None
    if action == EXTENDED_POLL:
        start, sequence = 14, int.from_bytes(body[12:14])
    if len(body) < start + 18:
        raise ShapeError
    (ticks,) = struct.unpack_from(">I", body, start)
    _, object_class, group = struct.unpack_from(">3H", body, start + 12)
    return PollResult(action, sequence, ticks, body[start + 4 : start + 12], object_class, group, body[start + 18 :])


def read_list(data: bytes) -> Iterator[Observation]:
    """The observations in the list of a poll result.

    Raises:
        ShapeError: its lengths contradict each other.
    """
    contexts = _counted(data, 0, len(data))
    place, end = contexts
    while place < end:
        context = _number(data, place, end)
        inner, inner_end = _counted(data, place + 2, end)
        while inner < inner_end:
            handle = _number(data, inner, inner_end)
            start, stop = _counted(data, inner + 2, inner_end)
            yield Observation(context, handle, dict(_attributes(data, start, stop)))
            inner = stop
        place = inner_end


def read_attributes(data: bytes) -> dict[int, bytes]:
    """The attribute list that `data` begins with.

    Raises:
        ShapeError: its lengths contradict each other.
    """
    return dict(_attributes(data, *_counted(data, 0, len(data))))


def read_records(data: bytes, size: int) -> Iterator[bytes]:
    """The records, `size` bytes each, of a counted list.

    Raises:
        ShapeError: its length is no multiple of that.
    """
    start, end = _counted(data, 0, len(data))
    if (end - start) % size:
        raise ShapeError
    for place in range(start, end, size):
        yield data[place : place + size]


def _number(data: bytes, place: int, end: int) -> int:
    if place + 2 > end:
        raise ShapeError
    return int.from_bytes(data[place : place + 2])


def _counted(data: bytes, place: int, end: int) -> tuple[int, int]:
    """Begin and end of what follows a count and a length at `place`; the length decides."""
    if place + 4 > end:
        raise ShapeError
    length = int.from_bytes(data[place + 2 : place + 4])
    if place + 4 + length > end:
        raise ShapeError
    return place + 4, place + 4 + length


def _attributes(data: bytes, place: int, end: int) -> Iterator[tuple[int, bytes]]:
    while place < end:
        if place + 4 > end:
            raise ShapeError
        name, length = struct.unpack_from(">HH", data, place)
        place += 4
        if place + length > end:
            raise ShapeError
        yield name, data[place : place + length]
        place += length


# Writing.


def operation(kind: Kind, invoke: int, command: int, body: bytes, link: bytes = b"") -> bytes:
    """A data message; `link` are the two bytes of state and count of a linked result."""
    inner = link + struct.pack(">3H", invoke, command, len(body)) + body
    return DATA + struct.pack(">HH", kind, len(inner)) + inner


def create_result(invoke: int) -> bytes:
    """The confirmation of an MDS Create Event (section 8.2)."""
    body = _SYSTEM_OBJECT + struct.pack(">IHH", 0, MDS_CREATE, 0)
    return operation(Kind.RESULT, invoke, CONFIRMED_EVENT, body)


def single_poll(invoke: int, object_class: int, group: int = ALL_GROUPS) -> bytes:
    """A poll that is answered once (section 8.3)."""
    return _poll(invoke, SINGLE_POLL, struct.pack(">4H", 1, 1, object_class, group))


def extended_poll(invoke: int, object_class: int, period: int, group: int = ALL_GROUPS) -> bytes:
    """A poll that is answered again and again for `period`, in 1/8 ms (section 8.4)."""
    asked = struct.pack(">4H", 1, 1, object_class, group) + struct.pack(">4HI", 1, 8, PERIOD, 4, period)
    return _poll(invoke, EXTENDED_POLL, asked)


def _poll(invoke: int, action: int, asked: bytes) -> bytes:
    body = _SYSTEM_OBJECT + struct.pack(">IHH", 0, action, len(asked)) + asked
    return operation(Kind.INVOKE, invoke, CONFIRMED_ACTION, body)


def attribute(name: int, value: bytes) -> bytes:
    return struct.pack(">HH", name, len(value)) + value


def counted(items: list[bytes]) -> bytes:
    """A count, a length and the items."""
    inner = b"".join(items)
    return struct.pack(">HH", len(items), len(inner)) + inner
