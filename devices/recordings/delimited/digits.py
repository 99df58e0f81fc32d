"""The digits of a text table's cells in numpy: whole numbers, and how many of their digits stand behind a decimal mark.

A whole number divided by a power of ten, both exact, is the very number that its text means.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from devices.recordings.delimited.blocks import AHEAD, LONG, OF_NUMBERS, Block
from devices.recordings.delimited.unfit import Unfit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes

    Wholes = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.uint32] | NDArray[np.uint64]
    Decimals = int | NDArray[np.uint8]

EXACT = 15
"""So many digits fit a double, and a 64-bit whole number, whatever they are."""
FINEST = 6
"""Digits of a fraction of a second that count: microseconds."""

LONGEST = 24
"""Bytes of the longest cell whose digits are worked out: a double has 17."""
_ZERO, _NINE = np.uint8(48), np.uint8(57)
_POINT, _COMMA = ord("."), ord(",")


class DecimalMark:
    """Which mark the numbers of one table have: the first that is seen, of `texts.decimal_mark`; no other is read.

    `said` by a person, or by what stands between the cells: ``,`` or ``.``, "" if a table's numbers must show it.
    """

    def __init__(self, said: str) -> None:
        self.byte = ord(said) if said else 0
        self.is_said = bool(said)
        self._is_sure = False

    def see(self, cells: Iterable[bytes]) -> bool:
        """Looks for it in `cells`; whether it is known now.

        Raises:
            Unfit: both are there.
        """
        if self.byte:
            return True
        found = {mark for cell in cells if self.is_open(cell) for mark in (_POINT, _COMMA) if mark in cell}
        if len(found) > 1:
            raise Unfit
        self.byte = found.pop() if found else 0
        return bool(self.byte)

    def is_open(self, cell: bytes) -> bool:
        """Whether `cell` may show which mark it is, where that is not said: with another character it is no number."""
        return not self.is_said and (b"." in cell or b"," in cell) and not cell.translate(None, OF_NUMBERS)

    def count(self, decimals: Decimals) -> None:
        """Notes how many digits stand behind it: three could be thousands."""
        if not self.is_said and not self._is_sure:
            found = (
                {decimals} if isinstance(decimals, int) else set(np.bincount(decimals.ravel()).nonzero()[0].tolist())
            )
            self._is_sure = not found <= {0, 3}

    @property
    def found(self) -> str:
        """As `texts.decimal_mark`, "" if there is none.

        Raises:
            Unfit: its digits do not show it.
        """
        if self.byte == _POINT and not self.is_said and not self._is_sure:
            raise Unfit
        return chr(self.byte) if self.byte else ""

    @property
    def is_comma(self) -> bool:
        return self.byte == _COMMA


class Digits:
    """Reads the digits of some columns of one table, whose numbers have the decimal `mark`."""

    def __init__(self, mark: DecimalMark) -> None:
        self._mark = mark
        self._varied = False  # numbers are written in more ways than one
        self._are_texts = False  # there are other cells, too

    def read(self, block: Block, ends: Places, sizes: Sizes) -> tuple[Any, Decimals, NDArray[np.bool_] | None]:
        """Of the cells before `ends` the digits as whole numbers, how many of them stand behind the decimal mark, and
        which cells are anything but digits and at most one mark (None: none is). Empty cells are 0.

        The whole numbers of cells with more than `EXACT` digits are not right.

        Raises:
            Unfit: a cell is too long to be looked at.
        """
        most = sizes.max()
        if most >= LONG:
            raise Unfit
        if most <= LONGEST and not self._are_texts:
            return self._read(block, ends, sizes)
        text = block.before(ends, 1) > _NINE
        text &= sizes > 0
        text |= sizes > LONGEST
        if not text.any():
            return self._read(block, ends, sizes)
        whole, decimals, odd = self._read(block, ends, np.where(text, np.uint8(0), sizes))
        return whole, decimals, text if odd is None else odd | text

    def _read(self, block: Block, ends: Places, sizes: Sizes) -> tuple[Any, Decimals, NDArray[np.bool_] | None]:
        """As `read`, of cells that are not too long."""
        if not self._varied and (alike := self._alike(block, ends, sizes)) is not None:
            return *alike, None
        found = self._various(block, ends, sizes)
        self._varied = found[2] is None or self._are_texts
        self._are_texts = self._are_texts or found[2] is not None
        return found

    def _alike(self, block: Block, ends: Places, sizes: Sizes) -> tuple[Any, int] | None:
        """Whole numbers and decimals, if all cells have their mark at one place or none has one."""
        most, point = int(sizes.max()), self._place(block, ends, sizes)
        if point:
            there = block.before(ends, point) == self._mark.byte
            there &= sizes >= max(point, 2)  # a mark alone is no number
            there |= sizes == 0
            if not there.all() or (point == 1 and self._mark.is_comma):
                return None
        places = [place for place in range(most, 0, -1) if place != point]
        whole: Any = np.zeros(ends.shape, np.uint8) if not places else None
        # Two digits fit a byte, and bytes are reckoned with fastest.
        for first in range(-(len(places) % 2), len(places), 2):
            two: Any = None
            for place in places[max(0, first) : first + 2]:
                digit = _digits(block, ends, sizes, place)
                if digit.max() > 9:
                    return None
                two = digit if two is None else _next(two, 10, digit)
            whole = two if whole is None else _next(whole.astype(_kind(len(places)), copy=False), 100, two)
        if point:
            self._mark.count(point - 1)
        return whole, max(point - 1, 0)

    def _various(self, block: Block, ends: Places, sizes: Sizes) -> tuple[Any, Decimals, NDArray[np.bool_] | None]:
        most = int(sizes.max())
        whole = np.zeros(ends.shape, _kind(most))
        odd, behind = np.zeros((2, *ends.shape), np.bool_)
        decimals = np.zeros(ends.shape, np.uint8)
        for place in range(most, 0, -1):
            digit = _digits(block, ends, sizes, place)
            decimals += behind
            other = digit > 9
            if other.any():
                point = digit == np.uint8((self._mark.byte - 48) & 0xFF) if self._mark.byte else np.zeros_like(other)
                odd |= other ^ point
                odd |= point & (behind | (sizes == 1))
                if place == 1 and self._mark.is_comma:
                    odd |= point
                behind |= point
                digit *= ~other
                whole *= np.uint8(10) - np.uint8(9) * point
            else:
                whole *= 10
            whole += digit
        if not self._mark.byte and odd.any() and self._mark.see(set(block.texts(ends[odd], sizes[odd]).tolist())):
            return self._various(block, ends, sizes)
        whole *= ~odd
        decimals *= ~odd
        self._mark.count(decimals)
        return whole, decimals, odd if odd.any() else None

    def _place(self, block: Block, ends: Places, sizes: Sizes) -> int:
        """Where the mark of the longest cell stands, counted from its end; 0 if it has none."""
        longest = int(sizes.argmax())
        size, until = int(sizes.ravel()[longest]), AHEAD + int(ends.ravel()[longest])
        cell = block.octets[until - size : until].tobytes()
        at = cell.find(self._mark.byte) if self._mark.see([cell]) else -1
        return size - at if at >= 0 else 0


def _kind(digits: int) -> type[np.uint16] | type[np.uint32] | type[np.uint64]:
    """What so many digits fit."""
    return np.uint16 if digits <= 4 else np.uint32 if digits <= 9 else np.uint64


def _next(whole: Any, factor: int, digits: Any) -> Any:
    """`whole` with further `digits` behind it."""
    whole *= factor
    whole += digits
    return whole


def _digits(block: Block, ends: Places, sizes: Sizes, place: int) -> NDArray[np.uint8]:
    """The digits that stand `place` before `ends`, 0 where the cell begins behind that; more than 9: it is none."""
    digit = block.before(ends, place)
    digit -= _ZERO
    digit *= (sizes >= place).view(np.uint8)
    return digit
