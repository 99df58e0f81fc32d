"""Which of two lists of events are the same one: two threshold sets compared, or found against true (clinical 7)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Span(Struct, frozen=True):
    """An event's time: from `onset` to before `end` (its return, or the end of watching), instants."""

    onset: int
    end: int

    def overlaps(self, other: Span) -> bool:
        return self.onset < other.end and other.onset < self.end


def match(first: Sequence[Span], second: Sequence[Span], tolerance: int | None = None) -> list[tuple[int, int]]:
    """Pairs of places (in `first`, in `second`), one to one, ascending by the first.

    Two may be one event if their spans overlap and their onsets differ by no more than `tolerance` (µs; None: any
    difference). Of all such pairs the one with the least difference is taken first, of equal ones the earlier onset
    in `first`, then in `second`.
    """
    pairs = sorted(
        (abs(one.onset - other.onset), one.onset, other.onset, place, index)
        for place, one in enumerate(first)
        for index, other in enumerate(second)
        if one.overlaps(other) and (tolerance is None or abs(one.onset - other.onset) <= tolerance)
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, _, place, index in pairs:
        if place not in found and index not in taken:
            found[place] = index
            taken.add(index)
    return sorted(found.items())
