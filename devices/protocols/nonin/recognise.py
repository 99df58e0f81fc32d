"""Which data format an oximeter sends, found by its bytes: no guess is made before several frames agree."""

from __future__ import annotations

from collections import deque

from devices.protocols.framing import RAW_KEPT, Skipped
from devices.protocols.nonin import spot_check, text_line
from devices.protocols.nonin.shapes import ALWAYS, MARK, PER_PACKET, SHAPES, SYNC, Check, is_frame_2, is_frame_7

HELD = 1_024
"""Bytes that are kept while nothing is recognised."""

_ROW = (PER_PACKET + 1) * 5
_FEWEST = 2
_FIRST = ALWAYS | SYNC

Part = tuple[bytes, int | None]
"""Bytes, and when they came."""


class Recogniser:
    """Looks at every byte as it comes, so that what is found does not depend on how they are cut."""

    def __init__(self) -> None:
        self._held = b""
        self._came: deque[tuple[int, int | None]] = deque()  # how many of the held bytes came when

    def feed(self, data: bytes, at: int | None) -> tuple[str, int, list[Skipped]]:
        """The format recognised ("": none yet), how many bytes of `data` were looked at, and what was given up."""
        given_up: list[Skipped] = []
        for used in range(1, len(data) + 1):
            held = self._held = self._held + data[used - 1 : used]
            self._note(at)
            found = _format_at_end(held)
            if found:
                # What has no mark begins where the row of frames does that it is known by.
                before = len(held) - SHAPES[found].row if found in ("1", "8") else 0
                return found, used, [*given_up, self._give_up(before)] if before else given_up
            if len(held) >= HELD:
                given_up.append(self._give_up(HELD // 2))
        return "", len(data), given_up

    def only(self) -> str:
        """The format of which all that is held is nothing but two records or more; "" if it is not.

        For the end of a short dump: a stream is known by more, since among other bytes two are found by chance.
        """
        for name in ("8", "1"):
            shape = SHAPES[name]
            count, rest = divmod(len(self._held), shape.length)
            if count >= _FEWEST and not rest and shape.stand_at(self._held, 0, count):
                return name
        return ""

    def take(self) -> list[Part]:
        """All that is held, with the instants it came at; nothing is held afterwards."""
        parts: list[Part] = []
        place = 0
        for count, at in self._came:
            parts.append((self._held[place : place + count], at))
            place += count
        self._held = b""
        self._came.clear()
        return parts

    def _note(self, at: int | None) -> None:
        if self._came and self._came[-1][1] == at:
            self._came[-1] = (self._came[-1][0] + 1, at)
        else:
            self._came.append((1, at))

    def _give_up(self, count: int) -> Skipped:
        skipped = Skipped(self._held[: min(count, RAW_KEPT)], count)
        self._held = self._held[count:]
        while count:
            first, at = self._came.popleft()
            if first > count:
                self._came.appendleft((first - count, at))
            count -= min(first, count)
        return skipped


def _format_at_end(held: bytes) -> str:
    """The format of which enough frames in a row end with the last byte."""
    last, size = held[-1], len(held)
    if last in b"\r\n" and text_line.stands_at_end(held):
        return "ascii"
    if last == 0x03 and spot_check.stands_at_end(held):
        return "13"
    if size >= _ROW and held[size - 5] == MARK[0] and _from_sync_to_sync(held, size, 1, is_frame_2):
        return "2"
    if size >= _ROW and _from_sync_to_sync(held, size, 0, is_frame_7):
        return "7"
    if last < ALWAYS:
        for name in ("8", "1"):
            shape = SHAPES[name]
            begin = size - shape.in_a_row * shape.length
            if begin >= 0 and held[begin] >= ALWAYS and shape.stand_at(held, begin, shape.in_a_row):
                return name
    return ""


def _from_sync_to_sync(held: bytes, size: int, status: int, check: Check) -> bool:
    """Whether 26 frames end here, the first and the last of them with the sync bit, the others without."""
    begin = size - _ROW
    if held[begin + status] & _FIRST != _FIRST or held[size - 5 + status] & _FIRST != _FIRST:
        return False
    return all(
        check(held, place) and bool(held[place + status] & SYNC) == (place in (begin, size - 5))
        for place in range(begin, size, 5)
    )
