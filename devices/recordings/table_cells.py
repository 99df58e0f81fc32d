"""The numbers of a text table in numpy.

Plain numbers are worked out digit by digit for all cells of a block at once. Any other cell is read by the rules that
read it row by row (`texts`, `stamps`), so that no number can come out otherwise. What these rules would refuse, or what
does not fit here, is `Unfit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from devices.recordings.series import DIGITS, doubles
from devices.recordings.table_blocks import AHEAD, WORD, Block, Unfit
from devices.recordings.texts import is_missing, number
from devices.recordings.wide import BELOW_0

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.header import Field
    from devices.recordings.table_blocks import Places, Sizes, Words

    Values = NDArray[np.float32] | NDArray[np.float64]
    Wholes = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.uint32]

_ZERO = np.uint8(48)
_POINT = (46 - 48) & 0xFF
_TENS = 10.0 ** np.arange(WORD + 1)
_EXACT = 1024
"""Below it, a 32-bit float tells numbers of four decimals apart."""
_FEW = 64
_REMEMBERED = 100_000


class TooLong(Unfit):
    """A number that 32 bits do not tell."""


class Numbers:
    """The numbers of all signal columns. `kind`: of what they are given as; 32 bits only while these tell them all."""

    def __init__(self, fields: Sequence[Field], kind: type[np.float32] | type[np.float64]) -> None:
        self._fields = fields
        self._kind = kind
        self._varied = False  # cells are written in more ways than one
        self._known: list[dict[int, float]] = [{} for _ in fields]

    def read(self, block: Block, ends: Places, sizes: Sizes, into: Values) -> None:
        """The values of the cells before `ends`, as (column, row), in the signals' units, NaN where there is none.

        Raises:
            Unfit: a cell that is refused; TooLong: one that 32 bits do not tell.
        """
        if sizes.max() > WORD:
            raise Unfit
        odd = self._plain(block, ends, sizes, into)
        into[np.divmod((sizes == 0).ravel().nonzero()[0], sizes.shape[1])] = np.nan
        if odd is not None:
            for column in np.flatnonzero(odd.any(axis=1)).tolist():
                rows = odd[column].nonzero()[0]
                words = block.short(ends[column, rows], sizes[column, rows])
                into[column, rows] = self._fitting(self._look_up(column, words))
        for column, field in enumerate(self._fields):
            if field.convert.note:
                different, which = np.unique(doubles(into[column]), return_inverse=True)
                into[column] = self._fitting(np.array(list(map(field.convert.apply, different.tolist()))))[which]

    def _plain(self, block: Block, ends: Places, sizes: Sizes, into: Values) -> NDArray[np.bool_] | None:
        """The numbers of cells of nothing but digits and at most one point; which cells are no such, None: all are.

        A whole number divided by a power of ten, both exact, is the very number that its text means.
        """
        if not self._varied:
            if self._alike(block, ends, sizes, into):
                return None
            self._varied = True
        return self._various(block, ends, sizes, into)

    def _alike(self, block: Block, ends: Places, sizes: Sizes, into: Values) -> bool:
        """The numbers, if all have their point at one place or none has one; else False."""
        most, point = int(sizes.max()), _point_of(block, ends, sizes)
        if point:
            there = block.before(ends, point) == ord(".")
            there &= sizes >= max(point, 2)  # a point alone is no number
            there |= sizes == 0
            if not there.all():
                return False
        places = [place for place in range(most, 0, -1) if place != point]
        whole: Any = None
        # Two digits fit a byte, and bytes are reckoned with fastest.
        for first in range(-(len(places) % 2), len(places), 2):
            two: Any = None
            for place in places[max(0, first) : first + 2]:
                digit = _digits(block, ends, sizes, place)
                if digit.max() > 9:
                    return False
                two = digit if two is None else _next(two, 10, digit)
            kind = np.uint16 if len(places) <= 4 else np.uint32
            whole = two if whole is None else _next(whole.astype(kind, copy=False), 100, two)
        if point:
            self._tenths(whole, point - 1, into)
        else:
            # Seven digits are told by 32 bits.
            into[...] = whole if most < WORD else self._fitting(whole)
        return True

    def _various(self, block: Block, ends: Places, sizes: Sizes, into: Values) -> NDArray[np.bool_] | None:
        most = int(sizes.max())
        whole = np.zeros(ends.shape, np.uint16 if most <= 4 else np.uint32)
        odd, behind = np.zeros((2, *ends.shape), np.bool_)
        decimals = np.zeros(ends.shape, np.uint8)
        for place in range(most, 0, -1):
            digit = _digits(block, ends, sizes, place)
            decimals += behind
            other = digit > 9
            if other.any():
                point = digit == _POINT
                odd |= other ^ point
                odd |= point & (behind | (sizes == 1))
                behind |= point
                digit *= ~other
                whole *= np.uint8(10) - np.uint8(9) * point
            else:
                whole *= 10
            whole += digit
        whole *= ~odd
        most = int(decimals.max())
        none = odd if odd.any() else None
        if np.count_nonzero(decimals == most) == np.count_nonzero(sizes):  # an empty cell has none, and becomes NaN
            self._tenths(whole, most, into)
            return none
        wide = whole / _TENS.take(decimals)
        into[...] = wide if most <= DIGITS and wide.max() < _EXACT else self._fitting(wide)
        return none

    def _tenths(self, whole: Wholes, decimals: int, into: Values) -> None:
        """The numbers whose digits are `whole`, of which `decimals` stand behind the point."""
        if decimals <= DIGITS and whole.max() < _EXACT * 10**decimals:
            np.divide(whole, self._kind(_TENS[decimals]), dtype=self._kind, out=into)
        else:
            into[...] = self._fitting(whole / _TENS[decimals])

    def _fitting(self, exact: NDArray[np.float64] | Wholes) -> Values:
        """`exact` as given: as 32-bit floats where these tell the very same numbers."""
        wide = exact.astype(np.float64, copy=False)
        if self._kind is np.float64:
            return wide
        with np.errstate(over="ignore"):
            short = wide.astype(np.float32)
        if not np.array_equal(doubles(short), wide, equal_nan=True):
            raise TooLong
        return short

    def _look_up(self, column: int, words: Words) -> NDArray[np.float64]:
        """The values as written of cells that are no plain numbers."""
        if len(words) < _FEW:
            return np.array([self._worth(column, word) for word in words.tolist()])
        different, which = np.unique(words, return_inverse=True)
        return np.array([self._worth(column, word) for word in different.tolist()])[which]

    def _worth(self, column: int, word: int) -> float:
        known = self._known[column]
        value = known.get(word)
        if value is None:
            if len(known) > _REMEMBERED:
                known.clear()
            value = known[word] = self._read(column, word)
        return value

    def _read(self, column: int, word: int) -> float:
        try:
            cell = word.to_bytes(WORD, "little").rstrip(b"\x00").decode("ascii").strip()
            if is_missing(cell):
                return np.nan
            value = number(cell)
        except ValueError:
            raise Unfit from None
        if value < 0 and self._fields[column].signal not in BELOW_0:
            raise Unfit
        return value


def _next(whole: Any, factor: int, digits: Any) -> Any:
    """`whole` with further `digits` behind it."""
    whole *= factor
    whole += digits
    return whole


def _point_of(block: Block, ends: Places, sizes: Sizes) -> int:
    """Where the point of the longest cell stands, counted from its end; 0 if it has none."""
    longest = int(sizes.argmax())
    until = AHEAD + int(ends.ravel()[longest])
    size = int(sizes.ravel()[longest])
    at = block.octets[until - size : until].tobytes().find(b".")
    return size - at if at >= 0 else 0


def _digits(block: Block, ends: Places, sizes: Sizes, place: int) -> NDArray[np.uint8]:
    """The digits that stand `place` before `ends`, 0 where the cell begins behind that; more than 9: it is none."""
    digit = block.before(ends, place)
    digit -= _ZERO
    digit *= (sizes >= place).view(np.uint8)
    return digit
