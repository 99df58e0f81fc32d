"""Whether the last number of a file without a line end is whole: of 98 a cut leaves 9, of 101 it leaves 10."""

from __future__ import annotations

from collections.abc import Sequence

from devices.reading import Status
from devices.recordings.names import PLAIN
from devices.recordings.recording import judge
from devices.recordings.texts import is_missing

NEAR = 0.3
"""A whole value differs from the one before it by no more than this part."""


def is_whole(cell: str, value: float, above: Sequence[str], before: float | None, signal: str) -> bool:
    """Whether `cell`, read as `value` of `signal`, may be used.

    Args:
        above: the cells above it. before: the last value of the same column, None without one.
    """
    longest = max((len(each) for each in above if not is_missing(each)), default=0)
    if before is not None:
        return len(cell) >= longest and abs(value - before) <= NEAR * abs(before)
    known = f"NIBP_{PLAIN[signal]}" if signal in PLAIN else signal
    return judge(known, value)[1] is Status.OK
