"""What a fuzzed input means: how a driver is set up, and bytes in pieces with times and calls in between.

An input is bytes, so that a coverage-guided fuzzer can change it: two of set-up, then pieces parted by `MARK` and one
byte that says what is done with the piece that follows and how much later. A mark that is lost or made by chance only
joins or parts pieces, and text stays readable in the corpus.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from devices.instant import HOUR, MINUTE, SECOND

MARK = b"\xc0\xc1"
"""Never in UTF-8, and in no frame but by chance."""

CUTS = (1, 16, 64, 5, 256, 2, 3, 7)
"""Sizes of the pieces in which an input is given a second time."""

STEPS = (
    0, 1, 1_000, 10_000, SECOND // 10, SECOND // 5, 3 * SECOND // 10, SECOND // 2, 8 * SECOND // 10, SECOND,
    3 * SECOND // 2, 2 * SECOND, 3 * SECOND, 4 * SECOND, 5 * SECOND, 8 * SECOND, 10 * SECOND, 12 * SECOND,
    15 * SECOND, 20 * SECOND, 30 * SECOND, MINUTE, 90 * SECOND, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 6 * HOUR, 24 * HOUR, 240 * HOUR,
)  # fmt: skip
"""How much later a piece comes, microseconds."""


class Act(IntEnum):
    """What is done with a piece."""

    HEAR = 0
    POLL = 1  # it is received, then sent, as a port is served
    WAIT = 2  # the same, not before the driver wants to be woken
    OPENED = 3  # the port was opened anew before it
    FINISH = 4  # the bytes end after it
    SEALED_HEAR = 5  # as HEAR, with the check of its frame put right
    SEALED_POLL = 6
    SEALED_WAIT = 7


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece: what is done with `data`, `step` microseconds after the one before."""

    act: Act
    step: int
    data: bytes

    def written(self) -> bytes:
        """With its mark, as it stands in an input."""
        return MARK + bytes((STEPS.index(self.step) << 3 | self.act,)) + self.data


@dataclass(frozen=True, slots=True)
class Setup:
    """How the driver is made.

    Attributes:
        variant: which of its settings. stamped: the bytes come with times.
        started: without them, a person said when they began. cut: the size of pieces, one of CUTS.
    """

    variant: int = 0
    stamped: bool = True
    started: bool = False
    cut: int = 1

    def written(self) -> bytes:
        return bytes((self.variant, (not self.stamped) | self.started << 1 | CUTS.index(self.cut) << 2))


def parse(data: bytes) -> tuple[Setup, list[Piece]]:
    """Any bytes mean something."""
    head = data[:2].ljust(2, b"\0")
    setup = Setup(head[0], not head[1] & 1, bool(head[1] & 2), CUTS[head[1] >> 2 & 7])
    return setup, list(_pieces(data[2:]))


def _pieces(data: bytes) -> Iterator[Piece]:
    first, *others = data.split(MARK)
    if first:
        yield Piece(Act.HEAR, 0, first)
    for other in others:
        told = other[0] if other else 0
        yield Piece(Act(told & 7), STEPS[told >> 3], other[1:])


def written(setup: Setup, pieces: list[Piece]) -> bytes:
    """The input that means this."""
    return setup.written() + b"".join(piece.written() for piece in pieces)


def steps_for(wait: int) -> list[int]:
    """Steps that make up `wait` as exactly as they can, the longest first."""
    found = []
    for step in reversed(STEPS[1:]):
        count, wait = divmod(wait, step)
        found += [step] * min(count, 8)
        if wait < 1_000:
            break
    return found
