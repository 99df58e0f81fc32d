"""A capture, read: what the monitor sent, in pieces, and what is to be said of the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field


class Piece(Struct, frozen=True):
    """Bytes received together. `at`: the instant, None in a dump without times."""

    data: bytes
    at: int | None


class Capture(Struct):
    """A capture, read: what the monitor sent, in pieces. `sent` counts the bytes of the other direction.

    `relative` is true where the times count from the capture's first midnight or its beginning, for want of a date.
    `damage` is what could not be read of it, as kind of notice and sentence; `header` is what our own format says of
    the port.
    """

    pieces: list[Piece]
    sent: int = 0
    relative: bool = False
    damage: list[tuple[str, str]] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=dict)

    @property
    def is_stamped(self) -> bool:
        return any(piece.at is not None for piece in self.pieces)


def of_two_sides(parts: Iterable[tuple[str, Piece]]) -> Capture:
    """The capture of a line whose sides are told apart but not said which is the monitor: the one that sent more.

    A monitor's answers are longer than what they answer; and drivers take no request for an answer, so that a wrong
    choice gives nothing rather than something wrong. `parts`: the name of a side and what it sent, in order.
    """
    sides: dict[str, list[Piece]] = {}
    for side, piece in parts:
        sides.setdefault(side, []).append(piece)
    sizes = {side: sum(len(piece.data) for piece in pieces) for side, pieces in sides.items()}
    if not sides:
        return Capture([])
    monitor = max(sizes, key=lambda side: sizes[side])
    capture = Capture(sides[monitor], sent=sum(sizes.values()) - sizes[monitor])
    if len(sides) > 1:
        others = " and ".join(repr(side) for side in sides if side != monitor)
        capture.damage.append((
            "ignored",
            f"the file does not say which side is the monitor: {monitor!r} was taken, which sent more "
            f"({sizes[monitor]} bytes) than {others} ({capture.sent})",
        ))  # fmt: skip
    return capture
