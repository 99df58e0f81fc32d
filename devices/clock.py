"""Clocks: what time it is at a bed, and a clock of this machine from which durations may be taken.

A live bed is on the watch's clock. A replayed bed is somewhere else in time, at some rate, or stands still.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec import Struct

from devices import instant

STEP = instant.SECOND
"""A wall clock that moves this far from the steady one has been set by someone."""


class BedClock(Struct, frozen=True):
    """The time at a bed as a line through one point: at the machine's `wall` it was `at`, and runs at `rate`.

    A live bed is ``BedClock(0, 0, 1.0)``; a paused replay has rate 0. Instants in microseconds.
    """

    at: int
    wall: int
    rate: float

    def now(self, wall: int) -> int:
        """The bed's time when the machine's clock reads `wall`."""
        passed = wall - self.wall
        # The live case stays whole numbers: a product of floats would cost microseconds far from 1970.
        return self.at + (passed if self.rate == 1.0 else round(passed * self.rate))


LIVE = BedClock(0, 0, 1.0)


# CLOCK_BOOTTIME counts suspended time too: a machine that slept did not watch, and its ages must say so.
_BOOT: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def _since_boot() -> int:
    return (time.monotonic_ns() if _BOOT is None else time.clock_gettime_ns(_BOOT)) // 1_000


class WatchClock:
    """UTC that runs evenly: durations measured on it stay right while somebody sets the machine's clock.

    It follows the wall clock, and when that is set (by more than STEP) it says by how much, so that whoever
    keeps instants can move them along.
    """

    def __init__(self, wall: Callable[[], int] = instant.now, steady: Callable[[], int] = _since_boot) -> None:
        self._wall = wall
        self._steady = steady
        self._offset = wall() - steady()

    def read(self) -> tuple[int, int]:
        """The instant now, and by how many microseconds the clock was set since the last call (0: it was not)."""
        steady = self._steady()
        offset = self._wall() - steady
        stepped = offset - self._offset
        if -STEP < stepped < STEP:
            return steady + self._offset, 0
        self._offset = offset
        return steady + offset, stepped
