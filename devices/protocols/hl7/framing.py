"""Cutting bytes into HL7 messages: MLLP blocks, and plain files of messages (HL7 sheet, section 3).

A block is ``0x0B message 0x1C [0x0D]``. What comes out depends on the bytes alone, not on the pieces they come in. An
empty block after an unfinished message says that its sender has gone: its whole segments are used. No sender writes
that; `devices.links.listening` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devices.protocols.framing import RAW_KEPT, Frame, Piece, Refused, Skipped
from devices.protocols.hl7.parting import parted

START, END = 0x0B, 0x1C
_START, _END = b"\x0b", b"\x1c"

LONGEST = 1 << 20
"""Bytes of the longest message that is taken."""

JUNK_FIRST, JUNK_GROWTH = 1_024, 4
"""Bytes outside any message are told of after so many, then after so many times more at a time."""

_BLOCK_MOST = 65_536
"""So much of a block that holds no message is refused as one."""

_LEAD_MOST = 8
"""Bytes that may stand between a block's begin and its ``MSH`` (line ends, a byte order mark)."""

_BEGIN = re.compile(rb"[^0-9A-Za-z\x0b\x1c]{0,8}MSH[^0-9A-Za-z\r\n]")
_BLOCK_BEGIN = re.compile(rb"[^0-9A-Za-z\x0b\x1c]{0,8}(?:MSH|FHS|BHS)[^0-9A-Za-z\r\n]")
_BATCH = re.compile(rb"[^0-9A-Za-z\x0b\x1c]{0,8}(?:FHS|BHS|BTS|FTS)(?:[^0-9A-Za-z]|$)")
_BLANK = b" \t\r\n\0"
_LINE_ENDS = re.compile(rb"[\r\n\x1c]")


class Unended(Frame, frozen=True):
    """A message whose sender stopped: `data` holds its whole segments, `rest` the one without an end (may be empty).

    `plain`: it is the end of a file, not of a connection.
    """

    rest: bytes = b""
    plain: bool = False


class Messages:
    """Finds messages in a stream of MLLP blocks; in a file also plain ones, one line a segment.

    Attributes:
        begun: how many blocks have begun: changes when another one does.
    """

    def __init__(self) -> None:
        self.begun = 0
        self._held = bytearray()
        self._inside = False  # held begins with the 0x0B of a message
        self._scanned = 0
        self._plain = bytearray()
        self._junk = bytearray()
        self._junk_count = 0
        self._junk_limit = JUNK_FIRST
        self._is_block = False  # the junk is a block that holds no message

    @property
    def is_unfinished(self) -> bool:
        """A block has begun and has not ended."""
        return self._inside

    def feed(self, data: bytes, plain: bool = False) -> Iterator[Piece]:
        """What is complete with `data`; `plain`: messages without a block around them are taken too.

        The iterator must be used up before the next call.
        """
        self._held += data
        return self._scan(plain, last=False)

    def end(self) -> Iterator[Piece]:
        """What is left when no more bytes come."""
        if self._inside and _begins(self._held) is not True:
            yield from self._leave()
        if self._inside:
            yield from self._unended()
        # Only where plain messages are taken are bytes outside a block still held.
        yield from self._scan(plain=True, last=True)
        if self._plain:
            yield from self._plain_message()
        yield from self._tell_junk()

    def give_up(self) -> Iterator[Piece]:
        """The unfinished block has taken too long: it is refused, and what follows it looked at anew."""
        if self._inside:
            data = bytes(self._held)
            self._drop(len(data))
            yield Refused(data, "unfinished for too long")

    def _drop(self, count: int) -> None:
        del self._held[:count]
        self._inside, self._scanned = False, 0

    def _scan(self, plain: bool, last: bool) -> Iterator[Piece]:
        while self._held:
            if self._inside:
                before = len(self._held)
                yield from self._block()
                if self._inside and len(self._held) == before:
                    return
                continue
            start = self._held.find(_START)
            if start != 0:
                stop = len(self._held) if start < 0 else start
                taken, pieces = self._outside(stop, plain, last or start >= 0)
                yield from pieces
                del self._held[:taken]
                if taken < stop and taken:
                    continue
                if start < 0:
                    return
            if self._plain:
                yield from self._plain_message()
            self._inside, self._scanned = True, 1
            self.begun += 1

    def _block(self) -> Iterator[Piece]:
        """Looks at the block that begins the held bytes; leaves it as it is when more bytes are needed."""
        held = self._held
        if self._scanned == 1:
            begins = _begins(held)
            if begins is None:
                return
            if not begins:
                yield from self._leave()
                return
            yield from self._tell_junk()
        end = held.find(_END, self._scanned, LONGEST)
        again = held.find(_START, self._scanned, LONGEST if end < 0 else end)
        if again >= 0:
            follower = held[again + 1 : again + 2]
            if not follower:
                self._scanned = max(self._scanned, again)
                return
            if follower == _END:
                yield from self._unended(again)
            else:
                data = bytes(held[:again])
                self._drop(again)
                yield Refused(data, "cut: another message began")
        elif end >= 0:
            data = bytes(held[1:end])
            self._drop(end + 1)
            yield from parted(data)
        elif len(held) >= LONGEST:
            data = bytes(held[:LONGEST])
            self._drop(LONGEST)
            yield Refused(data, "longer than 1 MiB")
        else:
            self._scanned = max(2, len(held))

    def _leave(self) -> Iterator[Piece]:
        """The held 0x0B begins no message. An empty block, or a 0x0B sent twice, is nothing at all."""
        held = self._held
        if held[1:2] in (_END, _START):
            self._drop(2 if held[1] == END else 1)
            return
        yield from self._tell_junk()
        self._drop(1)
        self._is_block = True
        yield from self._skip(_START)

    def _unended(self, stop: int | None = None) -> Iterator[Piece]:
        data = bytes(self._held[: len(self._held) if stop is None else stop])
        self._drop(len(data))
        yield from _without_end(data.removesuffix(_START), 1, plain=False)

    # -- outside blocks ----------------------------------------------------------------------------------------

    def _outside(self, stop: int, plain: bool, ended: bool) -> tuple[int, list[Piece]]:
        """What the held bytes before `stop` say, and how many of them were used up."""
        region = bytes(self._held[:stop])
        if self._is_block:
            end = region.find(_END) + 1
            pieces = list(self._skip(region[: end or stop]))
            return end or stop, [*pieces, *(self._tell_junk() if end else ())]
        if not plain and not self._plain:
            return stop, list(self._skip(region))
        pieces = []
        place = 0
        while place < len(region):
            found = _LINE_ENDS.search(region, place)
            if found is None:
                if not ended and len(region) - place <= LONGEST:
                    break
                pieces += self._line(region[place:])
                place = len(region)
                break
            pieces += self._line(region[place : found.end()])
            place = found.end()
        return place, pieces

    def _line(self, line: bytes) -> Iterator[Piece]:
        """One line of a plain file, with its end."""
        is_begin = _BEGIN.match(line) is not None
        if self._plain and (is_begin or _BATCH.match(line) or len(self._plain) + len(line) > LONGEST):
            yield from self._plain_message()
        if is_begin:
            yield from self._tell_junk()
            self._plain += line
        elif self._plain:
            self._plain += line.replace(_END, b"\r")
            if line.endswith(_END):
                yield from self._plain_message()
        elif not _BATCH.match(line):
            yield from self._skip(line.replace(_END, b""))

    def _plain_message(self) -> Iterator[Piece]:
        data = bytes(self._plain)
        self._plain.clear()
        yield from parted(data) if data.endswith((b"\r", b"\n")) else _without_end(data, 0, plain=True)

    def _skip(self, data: bytes) -> Iterator[Piece]:
        """Bytes outside any message; line ends and blanks alone are nothing."""
        while data:
            if not self._junk_count:
                # After what was just told as well, as if the rest came in a piece of its own.
                data = data.lstrip(_BLANK + _END)
            taken = data[: self._junk_limit - self._junk_count]
            data = data[len(taken) :]
            self._junk += taken[: RAW_KEPT - len(self._junk)]
            self._junk_count += len(taken)
            if self._junk_count >= self._junk_limit and self._is_block and self._junk_limit < _BLOCK_MOST:
                self._junk_limit = _BLOCK_MOST
            elif self._junk_count >= self._junk_limit:
                limit = self._junk_limit * JUNK_GROWTH
                yield from self._tell_junk()
                self._junk_limit = limit

    def _tell_junk(self) -> Iterator[Piece]:
        if self._junk_count:
            raw, count = bytes(self._junk), self._junk_count
            yield Refused(raw, "no MSH") if self._is_block else Skipped(raw, count)
            self._junk.clear()
            self._junk_count = 0
        self._is_block = False
        self._junk_limit = JUNK_FIRST


def _begins(held: bytearray) -> bool | None:
    """Whether the block that begins `held` holds a message; None while more bytes are needed to tell."""
    if _BLOCK_BEGIN.match(held, 1):
        return True
    lead = 1
    while lead < len(held) and lead <= _LEAD_MOST and not held[lead : lead + 1].isalnum():
        if held[lead] in (START, END):
            return False
        lead += 1
    rest = bytes(held[lead : lead + 4])
    return None if len(rest) < 4 and any(name.startswith(rest[:3]) for name in (b"MSH", b"FHS", b"BHS")) else False


def _without_end(data: bytes, start: int, plain: bool) -> Iterator[Piece]:
    """A message that nothing ended: its whole segments can be used, if it has any."""
    cut = max(data.rfind(b"\r"), data.rfind(b"\n")) + 1
    if not cut:
        yield Refused(data, "cut at the end")
        return
    *others, last = parted(data[start:cut])
    yield from others
    yield Unended(last.data, data[cut:], plain)
