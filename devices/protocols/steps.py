"""Frames of one length that no checksum guards: believed where several follow one another, refused where one is off.

Their shape alone is found in noise, and in the bytes of other monitors, again and again; a row of them is not.
"""

from __future__ import annotations

from collections.abc import Callable

from devices.protocols.framing import Bad, Look

IN_A_ROW = 3
"""So many frames one after another make a stream of them."""

Shape = Callable[[bytes, int], bool | None]
"""Whether a frame stands at a place; None: it may, as far as its bytes came."""

Agreement = Callable[[bytes, bytes], bool]
"""Whether two frames that come so soon after each other can be of one monitor."""


class Steps:
    """Where such frames begin (an `Examine`).

    Args:
        length: of each. is_frame: their shape. begins: whether a byte can be a frame's first; no other byte of a frame
            can.
        in_a_row: so many make a stream; the weaker the shape, the more. agree: what of them has to hold besides, as
            garbage at a wrong speed has any shape some time.

    Attributes:
        longest: so many bytes are looked at, at most.
        in_step: the bytes just before were a frame.
        ending: no more bytes come, set before the last look: the frames of a short recording need no successors.
    """

    def __init__(
        self,
        length: int,
        is_frame: Shape,
        begins: Callable[[int], bool],
        in_a_row: int = IN_A_ROW,
        agree: Agreement | None = None,
    ) -> None:
        self.longest = in_a_row * length + 1
        self.in_step = False
        self.ending = False
        self._length = length
        self._is_frame = is_frame
        self._begins = begins
        self._in_a_row = in_a_row
        self._agree = agree
        self._last = b""
        self._clean = True

    def examine(self, held: bytes, place: int, is_known: bool = False) -> int | Look | Bad:
        """What begins at `place`. `is_known`: frames of this shape came before, so one is enough if another begins
        after it."""
        if is_known and not self.in_step:
            return self._one(held, place)
        # In step one frame is enough, unless its values jump: then it may be the first of what comes instead.
        goes_on = self.in_step and (self._agree is None or self._agrees(self._last, self._cut(held, place)))
        for ahead in range(1 if goes_on else self._in_a_row):
            at = place + ahead * self._length
            is_whole = self._is_frame(held, at)
            if is_whole is None:
                if self.ending and self._clean and ahead:
                    break
                return Look.WAIT
            if not is_whole or (
                ahead and self._agree is not None and not self._agrees(self._cut(held, place), self._cut(held, at))
            ):
                return self._no_frame(held, place)
        return self._found(held, place)

    def _cut(self, held: bytes, place: int) -> bytes:
        return bytes(held[place : place + self._length])

    def _found(self, held: bytes, place: int) -> int:
        self.in_step = True
        if self._agree is not None:
            self._last = self._cut(held, place)
        return self._length

    def _agrees(self, first: bytes, other: bytes) -> bool:
        # What has not come whole yet is waited for.
        return self._agree is None or len(other) < self._length or self._agree(first, other)

    def lost(self) -> None:
        """Something else than a frame stands here."""
        self.in_step = self._clean = False

    def _one(self, held: bytes, place: int) -> int | Look | Bad:
        is_whole, after = self._is_frame(held, place), place + self._length
        if is_whole is None or (is_whole and len(held) <= after and not self.ending):
            return Look.WAIT
        if not is_whole or (len(held) > after and not self._begins(held[after])):
            return self._no_frame(held, place)
        return self._found(held, place)

    def _no_frame(self, held: bytes, place: int) -> Look | Bad:
        """Where the next frame was due, it is called bad: damaged where the one after it is in its place."""
        if not self.in_step:
            self.lost()
            return Look.NOTHING
        after = place + self._length
        if len(held) <= after and not self.ending:
            return Look.WAIT
        self.lost()
        if len(held) > after and self._begins(held[after]):
            return Bad(self._length, "shape")
        next_ones = [at for at in range(place + 1, min(after, len(held))) if self._begins(held[at])]
        if not self._begins(held[place]) or not next_ones:
            return Look.NOTHING
        return Bad(next_ones[0] - place, "cut short")
