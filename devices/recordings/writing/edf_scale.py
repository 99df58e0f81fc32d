"""Which 16-bit code stands for which value of a signal of an EDF file that is written, by exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from devices.errors import WritingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOWEST, HIGHEST = -32768, 32767
"""The codes that there are; the lowest is "no value"."""

_HALFWAY = 1e-3
"""So near to the middle between two codes a value's place is reckoned exactly; what doubles err is far less."""


class Scale(Struct, frozen=True):
    """The codes of a signal.

    Attributes:
        values: its different values, ascending. codes: of each. is_rounded: whether the code stands for another value.
        steps: codes in one unit. lowest, highest: what the first and the last code stand for, as a header writes it.
    """

    values: NDArray[np.float64]
    codes: NDArray[np.int16]
    is_rounded: NDArray[np.bool_]
    steps: Fraction
    lowest: str
    highest: str


def scale_of(distinct: NDArray[np.float64]) -> Scale:
    """The codes of a signal's different values, ascending. They keep up to 3 decimals, as far as 16 bits reach.

    Raises:
        WritingError: a value is beyond what a header can hold.
    """
    decimals = next((d for d in range(4) if all(round(value, d) == value for value in map(float, distinct))), 3)
    low, high = (float(distinct[0]), float(distinct[-1])) if len(distinct) else (0.0, 0.0)
    while (high - low) * 10.0**decimals > HIGHEST - LOWEST - 2:
        decimals -= 1
    steps = Fraction(10) ** decimals
    # Where 0 and all values fit, the code is the value; else the range is moved to the values.
    middle = Fraction((low + high) / 2)
    around = Fraction(0 if max(abs(low), abs(high)) * 10.0**decimals < HIGHEST else round(middle))
    if any(abs(round((Fraction(end) - around) * steps)) > HIGHEST for end in (low, high)):
        around = round(middle * steps) / steps
    lowest, highest = (_fixed(Fraction(end) / steps + around) for end in (LOWEST, HIGHEST))
    # Doubles tell what a value is rounded to, unless it lies about halfway between two codes.
    near = (distinct - float(around)) * float(steps)
    codes = np.rint(near).astype(np.int64)
    for place in np.flatnonzero(abs(near - np.floor(near) - 0.5) < _HALFWAY).tolist():
        codes[place] = round((Fraction(float(distinct[place])) - around) * steps)
    # The quotient of two whole numbers is the nearest double.
    shown = (codes * steps.denominator + int(around * steps.numerator)) / steps.numerator
    return Scale(distinct, codes.astype(np.int16), shown != distinct, steps, lowest, highest)


def _fixed(value: Fraction) -> str:
    text = f"{float(value):.3f}".rstrip("0").rstrip(".")
    if len(text) > 8:
        raise WritingError(f"a value near {float(value):g} is beyond what an EDF header can hold")
    return text
