"""The times of a text table that are numbers, in numpy: from a start, or since 1970."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from devices import instant
from devices.errors import RecordingError
from devices.recordings.delimited.blocks import AHEAD, Block
from devices.recordings.delimited.digits import EXACT, FINEST, DecimalMark, Digits
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.options import Options
from devices.recordings.tables.stamps import Kind
from devices.recordings.tables.times import LONGEST, TimeReader, time_reader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes
    from devices.recordings.tables.header import Header

_SHOWN = 3
_MINUS = ord("-")


class NumberTimes:
    """Times that are numbers: from a start, or since 1970."""

    def __init__(self, header: Header, options: Options, mark: DecimalMark) -> None:
        self._header, self._options, self._mark = header, options, mark
        self._digits = Digits(mark)
        self._shown: list[str] = []

    def read(self, block: Block, ends: Places, sizes: Sizes, into: NDArray[np.int64]) -> None:
        """The numbers, in millionths.

        Raises:
            Unfit: one is none, or finer.
        """
        rows = [*range(len(into))[:_SHOWN], -1]
        self._shown += [text.decode() for text in block.texts(ends[0, rows], sizes[0, rows]).tolist()]
        below = (block.octets[AHEAD:].take(ends - sizes) == _MINUS) if block.holds(b"-") else None
        if below is not None:
            sizes = sizes - below
        if sizes.max() > EXACT or not sizes.all():
            raise Unfit
        whole, decimals, odd = self._digits.read(block, ends, sizes)
        most = int(np.max(decimals))
        if odd is not None or most > FINEST or int(whole.max()) * 10**FINEST > np.iinfo(np.int64).max:
            raise Unfit
        into[...] = whole[0]
        into *= (
            10 ** (FINEST - decimals) if isinstance(decimals, int) else 10 ** (FINEST - decimals[0].astype(np.int64))
        )
        if below is not None:
            np.negative(into, out=into, where=below[0])

    def finish(self, into: NDArray[np.int64]) -> TimeReader:
        """Makes instants, or microseconds from the start, of the numbers.

        Raises:
            Unfit: it is open what they count, or they are finer than microseconds.
        """
        # Of all numbers only their ends, how many there are and whether one is a fraction decide what they count.
        fractional = (into % instant.SECOND != 0).nonzero()[0]
        rows = [int(into.argmin()), int(into.argmax()), *fractional[:1].tolist()]
        shown = [*self._shown, *(str(into[row] / instant.SECOND) for row in rows)]
        try:
            reader = time_reader(
                self._header.time_name, shown, self._options,
                scale=self._header.scale if self._header.says_scale else None, decimal_comma=self._mark.is_comma,
            )  # fmt: skip
        except (ValueError, OverflowError, RecordingError):
            raise Unfit from None
        if reader.kind is Kind.UNIX:
            _divide(into, round(reader.scale))
        elif reader.kind is Kind.SECONDS:
            if reader.scale >= 1 and reader.scale % 1 == 0:
                into *= round(reader.scale)
            elif (parts := 1 / reader.scale) % 1 == 0:
                _divide(into, round(parts))
            else:
                raise Unfit
            if max(int(into.max()), -int(into.min())) > LONGEST * instant.SECOND:
                raise Unfit
            if self._options.start is not None:
                into += self._options.start
        else:
            raise Unfit
        return reader

    @property
    def first(self) -> str:
        """The first time as written."""
        return self._shown[0]


def _divide(into: NDArray[np.int64], parts: int) -> None:
    if parts > 1 and (into % parts).any():
        raise Unfit
    into //= parts
