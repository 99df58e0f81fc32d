"""GE DRI frames: flags, byte stuffing and the 8-bit sum (GE DRI sheet, section 3).

A frame is ``7E``, the stuffed bytes of a record and its sum, ``7E``. Inside, 7E is sent as 7D 5E and 7D as 7D 5D;
a receiver drops 7D and sets bit 5 of the next byte. The sum, modulo 256, is of the unescaped record.

Recordings of other programs exist whose stuffing was removed when they were written, so that a flag is no longer
always a flag. `Framer` finds that out: a frame that fails between its flags, but whose own length leads to a good
sum and a flag, is one of those, and from then on frames are taken by length first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from zlib import adler32

from msgspec import Struct

from devices.protocols.ge_dri.records import HEADER, LARGEST, Record, Request, read_record, request_record

FLAG = b"\x7e"
ESCAPE = b"\x7d"
LONGEST = 2 * (LARGEST + 1)
"""Bytes between two flags if every one of the largest record and its sum is escaped."""

_AT_ONCE = 65_536

_EXACT = 256
"""Of so many bytes the low half of an Adler-32 that begins with 0 is their plain sum; of more, what is left of it by
the prime."""
_PRIME = 65_521
_BIT_5 = [bytes((byte | 0x20,)) for byte in range(256)]
_ESCAPED = re.compile(rb"\x7d(.)", re.DOTALL)


class Good(Struct, frozen=True):
    """A whole frame with a good sum and shape."""

    record: Record


class Refused(Struct, frozen=True):
    """Bytes between flags that are no frame: the reason in one word and the bytes as they came."""

    reason: str
    raw: bytes


class Skipped(Struct, frozen=True):
    """`count` bytes outside any frame; `raw` is the beginning of them."""

    count: int
    raw: bytes


Piece = Good | Refused | Skipped


class Stuffing(Enum):
    """What is known of the bytes: as on the wire, stuffing removed by a recorder, or not yet told."""

    UNKNOWN = "unknown"
    WIRE = "wire"
    REMOVED = "removed"


def wrap(record: bytes) -> bytes:
    """The frame that carries `record`: its sum added, both escaped, between two flags."""
    whole = record + bytes((sum(record) & 0xFF,))
    return FLAG + whole.replace(ESCAPE, b"\x7d\x5d").replace(FLAG, b"\x7d\x5e") + FLAG


def request_frame(request: Request) -> bytes:
    """The bytes that ask a monitor for `request`."""
    return wrap(request_record(request))


def cut(data: bytes) -> tuple[list[bytes], list[bytes | str], int]:
    """Takes `data`, which begins inside a frame or at a flag, apart at its flags.

    Returns what stands between them as it came, the record of each or why there is none (see `opened`), and where the
    last flag is. Nothing at all where there is no flag, or more between two than in any frame.
    """
    between = data.split(FLAG)
    used = len(data) - len(between.pop()) - 1
    between = list(filter(None, between))
    escapes = ESCAPE in data
    found: list[bytes | str] = []
    for whole in between:
        if _EXACT < len(whole) <= 2 * _EXACT and not (escapes and ESCAPE in whole):
            # What `verified` does, without calls: they would be half of what a frame costs. The sum of what is beyond
            # the exact part is exact too, and tells whether that of all has gone past the prime.
            total = adler32(whole, 0) & 0xFFFF
            if total < adler32(whole[_EXACT:], 0) & 0xFFFF:
                total += _PRIME
            found.append(whole[:-1] if not (total - 2 * whole[-1]) & 0xFF else "checksum")
        elif len(whole) > LONGEST:
            return [], [], 0
        else:
            found.append(opened(whole))
    return between, found, max(used, 0)


def unescape(body: bytes) -> bytes | None:
    """The bytes between two flags without their escapes; None if the frame was aborted in the middle of one."""
    if ESCAPE not in body:
        return body
    first, *others = body.split(ESCAPE)
    if b"" in others:
        # An escape of an escape, as no sender writes it. They pair up from the left, so one is left alone exactly
        # where an odd number of them ends the bytes.
        if (len(body) - len(body.rstrip(ESCAPE))) % 2:
            return None
        return _ESCAPED.sub(_set_bit_5, body)
    for other in others:
        first += _BIT_5[other[0]] + other[1:]
    return first


def _set_bit_5(found: re.Match[bytes]) -> bytes:
    return _BIT_5[found.group(1)[0]]


def verified(whole: bytes) -> bytes | str:
    """The bytes of the record in `whole` (record and sum, unescaped), or why there is none: length, checksum."""
    size = len(whole)
    if size <= HEADER:
        return "length"
    # The low byte of each part's plain sum is that of its Adler-32; what stands above is not looked at.
    total = sum(adler32(whole[at : at + _EXACT], 0) for at in range(0, size, _EXACT))
    last = whole[-1]
    # The sum itself was added, too.
    return whole[:-1] if (total - last) & 0xFF == last else "checksum"


def opened(between: bytes) -> bytes | str:
    """The bytes of the record in the bytes between two flags, or why there is none."""
    whole = unescape(between)
    return "aborted-escape" if whole is None else verified(whole)


def open_frame(whole: bytes) -> Record | str:
    """The record in `whole` (record and sum, unescaped), or why there is none: length, checksum, subrecord."""
    record = verified(whole)
    return record if isinstance(record, str) else read_record(record)


class Framer:
    """Cuts a stream into frames. What comes out depends on the bytes, not on the pieces they come in.

    Args:
        stuffing: WIRE where the bytes are known to come from a port; UNKNOWN finds out.
    """

    def __init__(self, stuffing: Stuffing = Stuffing.UNKNOWN) -> None:
        self.stuffing = stuffing
        self._held = bytearray()
        self._inside = False
        self._skipped = 0
        self._skipped_raw = b""

    def feed(self, data: bytes) -> Iterator[Piece]:
        """What is complete with `data`. The iterator must be used up before the next call."""
        self._held += data
        yield from self._cut(last=False)

    def end(self) -> Iterator[Piece]:
        """What is left when no more bytes come: a frame without its last flag, a frame cut off, stray bytes."""
        yield from self._cut(last=True)
        if self._held:
            rest = bytes(self._held)
            verdict = open_frame(unescape(rest) or b"")
            yield Good(verdict) if isinstance(verdict, Record) else Refused("cut-off", rest)
        self._held.clear()
        yield from self._tell_skipped()
        self._inside = False

    def _cut(self, last: bool) -> Iterator[Piece]:
        held = self._held
        while held:
            if self._inside and self.stuffing is Stuffing.WIRE:
                # On the wire a flag is always a flag: many frames are cut at once.
                pieces, found, used = cut(bytes(held if len(held) <= _AT_ONCE else held[:_AT_ONCE]))
                del held[:used]
                for between, data in zip(pieces, found, strict=True):
                    verdict = data if isinstance(data, str) else read_record(data)
                    yield Good(verdict) if isinstance(verdict, Record) else Refused(verdict, between)
            if not self._inside:
                at = held.find(FLAG)
                stray = at if at >= 0 else len(held)
                self._skip(held[:stray])
                del held[:stray]
                if at < 0:
                    return
                yield from self._tell_skipped()
                self._inside = True
            flags = 0
            while flags < len(held) and held[flags] == FLAG[0]:
                flags += 1
            del held[:flags]
            if not held:
                return
            if self.stuffing is Stuffing.REMOVED:
                record, waits = self._by_length(last)
                if waits:
                    return
                if record is not None:
                    used = self._length() + 1
                    del held[:used]
                    yield Good(record)
                    continue
            end = held.find(FLAG, 0, LONGEST + 1)
            if end < 0:
                if len(held) <= LONGEST:
                    return
                self._inside = False
                raw = bytes(held[:LONGEST])
                del held[:LONGEST]
                yield Refused("too-long", raw)
                continue
            piece, used = self._judge(end, last)
            if piece is None:
                return
            del held[:used]
            yield piece

    def _judge(self, end: int, last: bool) -> tuple[Piece | None, int]:
        """What the bytes before the flag at `end` are, and how many it takes; None: more bytes are needed to tell."""
        between = bytes(self._held[:end])
        verdict = _open_between(between)
        if isinstance(verdict, Record):
            if ESCAPE in between and self.stuffing is Stuffing.UNKNOWN:
                self.stuffing = Stuffing.WIRE
            return Good(verdict), end
        if self.stuffing is Stuffing.UNKNOWN:
            record, waits = self._by_length(last)
            if waits:
                return None, 0
            if record is not None:
                self.stuffing = Stuffing.REMOVED
                return Good(record), self._length() + 1
        return Refused(verdict, between), end

    def _length(self) -> int:
        return int.from_bytes(self._held[:2], "little")

    def _by_length(self, last: bool) -> tuple[Record | None, bool]:
        """The frame that its own length field makes, if it does; and whether more bytes are needed to tell."""
        held = self._held
        length = self._length()
        if len(held) >= 2 and not HEADER <= length <= LARGEST:
            return None, False
        if len(held) <= length + 1:
            # At the very end the last flag may be missing.
            if not last:
                return None, True
            if len(held) < length + 1:
                return None, False
        elif held[length + 1] != FLAG[0]:
            return None, False
        record = open_frame(bytes(held[: length + 1]))
        return (record, False) if isinstance(record, Record) else (None, False)

    def _skip(self, data: bytearray) -> None:
        self._skipped += len(data)
        room = LONGEST - len(self._skipped_raw)
        if room > 0:
            self._skipped_raw += bytes(data[:room])

    def _tell_skipped(self) -> Iterator[Piece]:
        """What stood before the first flag: the rest of a frame, or a whole one of which only the flag is lost."""
        if self._skipped:
            whole = unescape(self._skipped_raw) if self._skipped == len(self._skipped_raw) else None
            verdict = open_frame(whole or b"")
            yield Good(verdict) if isinstance(verdict, Record) else Skipped(self._skipped, self._skipped_raw)
            self._skipped, self._skipped_raw = 0, b""


def _open_between(between: bytes) -> Record | str:
    """The record in the bytes between two flags, or why there is none."""
    record = opened(between)
    return record if isinstance(record, str) else read_record(record)
