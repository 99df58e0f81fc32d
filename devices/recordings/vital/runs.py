"""Packets of a `.vital` file that stand in a regular order, found and checked all at once.

A numeric record of four bytes is always 21 bytes long, so a run of them is a strided array. Between waves the same
few packets follow each other second by second: where each has the header of the one a period before, walking them one
by one could not come to another result. Whatever is not exactly so is left to the walk.
"""

from __future__ import annotations

import struct
from collections.abc import Container
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKET = struct.Struct("<BI")
AHEAD = struct.Struct("<BIHdH")
"""A packet's header and, of a record, its own: length of that, time, track."""
TRACKINFO, RECORD, DEVICE = 0, 1, 9
SIZE = 21
"""Bytes of a numeric record of four bytes, packet header and all."""
BEGINNING = struct.pack("<BIH", RECORD, SIZE - 5, 10)
"""How each of these begins: kind, length, length of its own header."""

_MOST = 256
"""A period has no more packets."""


def run_length(data: bytes, at: int) -> int:
    """How many records of four bytes follow each other in `data` from `at` on."""
    import numpy as np

    most = (len(data) - at) // SIZE
    run, size = 0, 128
    while run < most:
        size = min(size, most - run)
        # Eight bytes at once, of which seven count.
        seen = np.ndarray(size, "<u8", data, at + run * SIZE, (SIZE,)) & np.uint64((1 << 56) - 1)
        good = seen == np.uint64(int.from_bytes(BEGINNING, "little"))
        if not good.all():
            return run + int(np.argmin(good))
        run += size
        size *= 16
    return run


def run_of(data: bytes, at: int, count: int) -> NDArray[np.void]:
    """The `count` records from `at` on, as found by `run_length`."""
    import numpy as np

    return np.ndarray(count, _form(), data, at)


def records_at(data: bytes, places: NDArray[np.int64]) -> NDArray[np.void]:
    """The records of four bytes that begin at `places`; each must lie wholly in `data`."""
    import numpy as np

    return np.ndarray(len(data) - SIZE + 1, _form(), data, 0, (1,))[places]


class Period(Struct, frozen=True):
    """Packets that come again and again in the same order.

    Attributes:
        size: bytes of all. packets: how many there are.
        heads: what must stand where, from the period's beginning. columns, octets: the same for each single byte.
        numbers: where records of four bytes begin. which: the places of these among the packets.
    """

    size: int
    packets: int
    heads: tuple[tuple[int, bytes], ...]
    columns: NDArray[np.int64]
    octets: NDArray[np.uint8]
    numbers: NDArray[np.int64]
    which: NDArray[np.int64]

    def often(self, data: bytes, at: int) -> int:
        """How often in a row it stands in `data` from `at` on, each packet with the very same header."""
        import numpy as np

        # The next two are looked at alone: most tries end there.
        starts, later = data.startswith, at + self.size
        for place, wanted in self.heads:
            if not starts(wanted, at + place) or not starts(wanted, later + place):
                return 0
        most = (len(data) - at) // self.size
        rows = np.frombuffer(data, np.uint8, most * self.size, at).reshape(most, self.size)
        good = (rows[:, self.columns] == self.octets).all(axis=1)
        return most if good.all() else int(good.argmin())


def period_of(data: bytes, first: int, end: int, known: Container[int]) -> Period | None:
    """The packets from `first` up to `end` as a period; None if there is anything among them that must be looked at.

    That is: anything but records of four bytes, records of tracks that are not `known`, and packets of unknown kinds.
    At least the 17 bytes from `end` on must be there.
    """
    import numpy as np

    begin, packets = first, 0
    heads: list[tuple[int, bytes]] = []
    numbers: list[int] = []
    which: list[int] = []
    while first < end and packets < _MOST:
        kind, length, head, _, track = AHEAD.unpack_from(data, first)
        place = first - begin
        if kind == RECORD and length == SIZE - 5 and head == 10:
            heads.append((place, BEGINNING))
            numbers.append(place)
            which.append(packets)
        elif kind in (TRACKINFO, DEVICE) or (kind == RECORD and (track in known or length < AHEAD.size - 5)):
            return None
        else:
            heads.append((place, data[first : first + 5]))
            if kind == RECORD:
                heads.append((place + 15, data[first + 15 : first + 17]))
        first += 5 + length
        packets += 1
    if first != end:
        return None
    return Period(
        end - begin,
        packets,
        tuple(heads),
        np.concatenate([np.arange(place, place + len(wanted)) for place, wanted in heads]),
        np.frombuffer(b"".join(wanted for _, wanted in heads), np.uint8),
        np.array(numbers, np.int64),
        np.array(which, np.int64),
    )


def _form() -> np.dtype[np.void]:
    import numpy as np

    return np.dtype(
        [("kind", "u1"), ("size", "<u4"), ("head", "<u2"), ("time", "<f8"), ("track", "<u2"), ("value", "<f4")]
    )


class Waiting:
    """Records of four bytes that were found one by one and not yet taken, in their order, with their packets' numbers.

    `leave` copies those of a piece of the file out of it, so that they may wait for more: a few at a time are slow.
    """

    def __init__(self) -> None:
        self.where: list[int] = []
        self.number: list[int] = []
        self.count = 0
        self._here: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        self._left: list[tuple[NDArray[np.void], NDArray[np.int64]]] = []

    def add(self, where: NDArray[np.int64], number: NDArray[np.int64]) -> None:
        """Many of this piece at once, behind those that wait already."""
        self._settle()
        self._here.append((where, number))

    def leave(self, data: bytes) -> None:
        """The piece `data` ends here. What was found in it lies wholly in it, as was seen when it was found."""
        import numpy as np

        self._settle()
        if self._here:
            where, number = (np.concatenate(column) for column in zip(*self._here, strict=True))
            self._left.append((records_at(data, where), number))
            self.count += len(number)
            self._here.clear()

    def taken(self) -> tuple[NDArray[np.void], NDArray[np.int64]] | None:
        """All that was left, in order; nothing waits any more."""
        import numpy as np

        if not self._left:
            return None
        records, number = (np.concatenate(column) for column in zip(*self._left, strict=True))
        self._left.clear()
        self.count = 0
        return records, number

    def _settle(self) -> None:
        import numpy as np

        if self.where:
            self._here.append((np.array(self.where), np.array(self.number)))
            self.where.clear()
            self.number.clear()
