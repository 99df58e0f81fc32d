"""Readings as columns of numbers, some ten thousands at once: what writes millions of them need not make them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from devices.reading import Status

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 1 << 15
"""About so many readings are in a batch; more only where more are of one instant."""

Kind = tuple[str, str, Status, str, bool]
"""What many readings share: signal, unit, status, source, and whether they have a value."""


class Batch(Struct, frozen=True):
    """Readings by time, then receipt; all columns of one length.

    Attributes:
        times, received: as in a Reading.
        values: 0 where there is none.
        which: the number of each one's kind among the `kinds` of those that the batch is of.
    """

    times: NDArray[np.int64]
    received: NDArray[np.int64]
    values: NDArray[np.float64]
    which: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.times)

    def select(self, rows: NDArray[Any] | slice) -> Batch:
        """Those at `rows`: a slice, places, or True where one is wanted."""
        return Batch(self.times[rows], self.received[rows], self.values[rows], self.which[rows])


def spans(times: NDArray[np.int64], most: int) -> Iterator[tuple[int, int]]:
    """Where batches of about `most` rows begin and end: the rows of one instant are in one batch.

    Args:
        times: ascending.
    """
    start = 0
    while start < len(times):
        end = min(start + most, len(times))
        end = int(times.searchsorted(times[end - 1], "right"))
        yield start, end
        start = end
