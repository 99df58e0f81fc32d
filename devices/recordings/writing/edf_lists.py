"""The annotation signal of an EDF+ file: each record's own time, then what happened.

Units: microseconds from the start of the file in the header. Source: EDF+ specification, time-stamped annotation lists.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import chain

from devices import instant


def record_lists(onsets: Sequence[int], events: Sequence[tuple[int, str]]) -> tuple[list[bytes], int]:
    """Each record's list, all equally long, and how long that is (bytes, even).

    An event stands in the record of its time, or in the next one that has room: the lists of all records are as long
    as the longest, so that a thousand events in one minute must not make all of them long.

    Args:
        onsets: when each record begins, rising. events: (when, what).
    """
    lists = [f"{_stamp(onset)}\x14\x14\x00".encode() for onset in onsets]
    longest_own = max(len(each) for each in lists)
    written = [f"{_stamp(at)}\x14{text}\x14\x00".encode() for at, text in events if text]
    room = max((len(each) for each in written), default=0) + 2 * -(-sum(map(len, written)) // len(lists))
    width = longest_own + room
    width += width % 2
    for (at, _), data in zip([event for event in events if event[1]], written, strict=True):
        first = max(0, bisect_right(onsets, at) - 1)
        place = next(
            place
            for place in chain(range(first, len(lists)), range(first - 1, -1, -1))
            if len(lists[place]) + len(data) <= width
        )
        lists[place] += data
    return [each.ljust(width, b"\x00") for each in lists], width


def _stamp(at: int) -> str:
    whole, rest = divmod(abs(at), instant.SECOND)
    return f"{'-' if at < 0 else '+'}{whole}.{rest:06d}".rstrip("0").rstrip(".")
