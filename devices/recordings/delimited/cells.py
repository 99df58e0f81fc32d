"""The numbers of a text table in numpy.

Plain numbers are worked out digit by digit for all cells of a block at once. Any other cell is read by the rules that
read it row by row (`texts`), so that no number can come out otherwise. What these rules would refuse, or what does not
fit here, is `Unfit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from devices.recordings.delimited.blocks import WORD, Block
from devices.recordings.delimited.digits import EXACT, LONGEST, DecimalMark, Digits
from devices.recordings.delimited.unfit import Unfit
from devices.recordings.names import conversion, cut_unit
from devices.recordings.series import DIGITS, doubles
from devices.recordings.tables.wide import BELOW_0
from devices.recordings.texts import is_missing, marked_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from devices.recordings.delimited.blocks import Places, Sizes, Texts
    from devices.recordings.delimited.digits import Decimals, Wholes
    from devices.recordings.delimited.refused import Refusals
    from devices.recordings.tables.header import Field

    Values = NDArray[np.float32] | NDArray[np.float64]

_TENS = 10.0 ** np.arange(LONGEST)
_EXACT = 1024
"""Below it, a 32-bit float tells numbers of four decimals apart."""
_FEW = 64
_LOOKED_AT = 1000
"""In so many rows a column's unit is seen, if it has one."""
_SPARSE = 4
"""Where but one of so many rows holds anything, the others are not read."""
_REMEMBERED = 100_000


class TooLong(Unfit):
    """A number that 32 bits do not tell."""


class Numbers:
    """The numbers of all signal columns.

    `kind`: of what they are given as; 32 bits only while these tell them all. `refused`: takes the cells that are
    refused; without it they are `Unfit`. `is_guessed`: as `TableBytes` says. `with_units`: numbers are also read with
    their column's unit behind them.
    """

    def __init__(
        self,
        fields: Sequence[Field],
        mark: DecimalMark,
        kind: type[np.float32] | type[np.float64],
        refused: Refusals | None = None,
        is_guessed: bool = True,
        with_units: bool = False,
    ) -> None:
        self._fields, self._refused, self._is_guessed, self._with_units = fields, refused, is_guessed, with_units
        self._kind = kind
        self._mark = mark
        self._digits = Digits(mark)
        self._known: list[dict[bytes, float]] = [{} for _ in fields]
        self._behind: list[bytes] | None = None
        """What stands behind each column's numbers, as far as it is their unit."""

    def read(self, block: Block, ends: Places, sizes: Sizes, into: Values) -> None:
        """The values of the cells before `ends`, as (column, row), in the signals' units, NaN where there is none.

        Raises:
            Unfit: a cell that is refused; TooLong: one that 32 bits do not tell.
        """
        rows = _few(sizes)
        if rows is None:
            self._read(block, ends, sizes, None, into)
            return
        into[...] = np.nan
        if len(rows):
            found: Values = np.empty((len(into), len(rows)), self._kind)  # type: ignore[assignment]
            self._read(block, ends[:, rows], sizes[:, rows], rows, found)
            into[:, rows] = found

    def _read(self, block: Block, ends: Places, sizes: Sizes, numbers: NDArray[np.int64] | None, into: Values) -> None:
        """As `read`, of the rows of the block with these `numbers`; None: of all."""
        until, lengths = self._without_units(block, ends, sizes)
        whole, decimals, odd = self._digits.read(block, until, lengths)
        self._take(whole, decimals, lengths, into)
        if lengths.max() > EXACT:
            self._take_long(block, until, lengths, decimals, odd, into)
        _empty(sizes, into)
        if odd is not None:
            for column in np.flatnonzero(odd.any(axis=1)).tolist():
                rows = odd[column].nonzero()[0]
                texts = block.texts(ends[column, rows], sizes[column, rows])
                values = self._look_up(column, texts)
                if self._refused is not None:
                    self._refuse(column, rows if numbers is None else numbers[rows], texts, values, self._refused)
                into[column, rows] = self._fitting(values)
        for column, field in enumerate(self._fields):
            if field.convert.note:
                into[column] = self._fitting(field.convert.apply_to(doubles(into[column])))

    def _without_units(self, block: Block, ends: Places, sizes: Sizes) -> tuple[Places, Sizes]:
        """The cells without what stands behind the first number of their column, where it is their unit."""
        if not (self._with_units and self._mark.is_said):
            return ends, sizes
        if self._behind is None:
            self._behind = [self._unit_of(block, at, ends[at], sizes[at]) for at in range(len(ends))]
        if not any(self._behind):
            return ends, sizes
        ends, sizes = ends.copy(), sizes.copy()
        for column, behind in enumerate(self._behind):
            there = sizes[column] > len(behind)
            for place, byte in enumerate(reversed(behind), 1):
                there &= block.before(ends[column], place) == byte
            ends[column] -= there * len(behind)
            sizes[column] -= there.view(np.uint8) * np.uint8(len(behind))
        return ends, sizes

    def _unit_of(self, block: Block, column: int, ends: Places, sizes: Sizes) -> bytes:
        """What stands behind the first number of a column, if it is the unit that its numbers are in; soon or never."""
        there = sizes[:_LOOKED_AT].nonzero()[0]
        cell = block.cell(int(ends[there[0]]), int(sizes[there[0]])) if len(there) else b""
        if not cell.isascii() or not (text := cell.decode()).isprintable():
            return b""
        number, unit = cut_unit(text)
        if not unit or text.strip() != text or not self._is_usual(unit, text, self._fields[column]):
            return b""
        return cell[len(number) :]

    def _take(self, whole: Wholes, decimals: Decimals, sizes: Sizes, into: Values) -> None:
        """The numbers whose digits are `whole`, of which `decimals` stand behind the mark."""
        if not isinstance(decimals, int):
            most = int(decimals.max())
            if np.count_nonzero(decimals == most) == np.count_nonzero(sizes):  # an empty cell has none, and becomes NaN
                decimals = most
        if not isinstance(decimals, int):
            wide = whole / _TENS.take(decimals)
            into[...] = wide if decimals.max() <= DIGITS and wide.max() < _EXACT else self._fitting(wide)
        elif decimals:
            self._tenths(whole, decimals, into)
        else:
            # Seven digits are told by 32 bits.
            into[...] = whole if sizes.max() < WORD else self._fitting(whole)

    def _take_long(
        self, block: Block, ends: Places, sizes: Sizes, decimals: Decimals, odd: NDArray[np.bool_] | None, into: Values
    ) -> None:
        """The numbers of the cells with more digits than whole numbers hold."""
        long = sizes > EXACT + (np.asarray(decimals) > 0)
        if odd is not None:
            long &= ~odd
        if long.any():
            texts = block.texts(ends[long], sizes[long])
            texts = np.char.replace(texts, b",", b".") if self._mark.is_comma else texts
            into[long] = self._fitting(texts.astype(np.float64))

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

    def _refuse(
        self, column: int, rows: NDArray[np.int64], texts: Texts, values: NDArray[np.float64], refused: Refusals
    ) -> None:
        """Takes from the `values` of a column those that are refused."""
        none = np.isneginf(values)
        if none.any():
            refused.no_numbers(column, rows[none], texts[none])
            values[none] = np.nan
        if self._fields[column].signal not in BELOW_0 and (below := values < 0).any():
            refused.below(values[below])
            values[below] = np.nan

    def _look_up(self, column: int, texts: Texts) -> NDArray[np.float64]:
        """The values as written of cells that are no plain numbers."""
        if len(texts) < _FEW:
            return np.array([self._worth(column, text) for text in texts.tolist()])
        one_word = texts.itemsize == WORD  # words are put in order much faster
        different, which = np.unique(texts.view("<u8") if one_word else texts, return_inverse=True)
        return np.array([self._worth(column, text) for text in different.view(texts.dtype).tolist()])[which]

    def _worth(self, column: int, text: bytes) -> float:
        known = self._known[column]
        value = known.get(text)
        if value is None:
            value = self._value(column, text)
            if len(known) > _REMEMBERED:
                known.clear()
            if len(text) <= LONGEST:
                known[text] = value
        return value

    def _value(self, column: int, text: bytes) -> float:
        """The number in a cell, NaN if it says that there is none, minus infinity if it is none and refused."""
        try:
            cell = text.decode("ascii" if self._is_guessed else "utf-8")
        except UnicodeDecodeError:
            raise Unfit from None
        if not cell.isascii() and not cell.isprintable():
            raise Unfit
        cell = cell.strip()
        if is_missing(cell):
            return np.nan
        number, unit = cut_unit(cell)
        if unit and not self._is_usual(unit, cell, self._fields[column]):
            raise Unfit
        if not cell.isprintable() or (len(text) > LONGEST and self._mark.is_open(text)):
            raise Unfit
        try:
            value = marked_number(number, "," if self._mark.is_comma else ".")
        except ValueError:
            if unit or self._refused is None or self._mark.is_open(text):
                raise Unfit from None
            return -np.inf
        if self._refused is None and value < 0 and self._fields[column].signal not in BELOW_0:
            raise Unfit
        return value

    def _is_usual(self, unit: str, cell: str, field: Field) -> bool:
        """Whether a `unit` behind the number in a `cell` is the column's, and the decimal mark of that is known."""
        if not self._with_units or not (cell[-1].isalpha() or cell[-1] == "%"):
            return False
        is_read = bool(self._mark.byte) or not ("." in cell or "," in cell)
        return is_read and conversion(unit, field.signal) == field.convert


def _empty(sizes: Sizes, into: Values) -> None:
    """Makes NaN of the values of cells in which nothing stands."""
    empty = sizes == 0
    if _SPARSE * np.count_nonzero(empty) < empty.size:
        into[np.divmod(empty.ravel().nonzero()[0], empty.shape[1])] = np.nan
    else:
        np.copyto(into, np.nan, where=empty)


def _few(sizes: Sizes) -> NDArray[np.int64] | None:
    """The rows of cells with these `sizes`, as (column, row), that hold anything, if they are few; None if not."""
    count = sizes.shape[1]
    if _SPARSE * np.count_nonzero(sizes[0]) >= count:
        return None
    rows = np.flatnonzero(sizes.any(axis=0))
    return rows if _SPARSE * len(rows) < count else None
