"""The cells of Parquet columns as the text that a CSV file would hold.

Units: times become ISO 8601, in UTC if the column has a zone; durations become seconds. A float of 32 bits is written
with the digits it was made of (101.3, not 101.30000305).
Errors: a column of a kind that has no text raises pyarrow's own; the reader makes a sentence of it.
Source: the recorded-files sheet, section 5.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from devices.errors import RecordingError
from devices.recordings.printable import one_line
from devices.recordings.tables.times import LONGEST

if TYPE_CHECKING:
    import pyarrow as pa

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}

_SANE = (100_000_000, 17_000_000_000)
"""Unix seconds from 1973 to 2508. Times a thousandfold finer are far outside, so that numbers show their unit."""

_YEARS = (-62_135_596_800, 253_402_300_799)
"""Unix seconds of the years 1 to 9999."""

_LIMIT = 9_000_000_000_000_000_000


class Cells(Struct):
    """Makes text of columns.

    Attributes:
        whole: numbers in a time column may be Unix times (its name does not say minutes or hours).
        times: the names of the time columns.
        said: what was assumed of them, "" if nothing was.
    """

    whole: bool
    times: frozenset[str] = frozenset()
    said: str = ""
    _units: dict[str, str] = field(default_factory=dict)

    def of(self, name: str, column: pa.Array) -> list[str]:
        """The cells of a piece of the column `name`: "" where there is no value."""
        import pyarrow as pa
        import pyarrow.compute as pc

        kind = column.type
        if pa.types.is_dictionary(kind):
            # Each different text is there once, however often it stands in the column.
            known = [*self.of(name, column.dictionary), ""]
            none = int64s([len(known) - 1])[0].cast(column.indices.type)
            return [known[index] for index in pc.fill_null(column.indices, none).to_pylist()]
        if pa.types.is_timestamp(kind) and self._beside_a_clock(name, kind) and _are_days(column):
            column = pc.cast(column, pa.date32(), safe=False)
        elif pa.types.is_timestamp(kind):
            column = _moments(pc.cast(column, pa.int64()), kind.unit, "UTC" if kind.tz else None)
        elif pa.types.is_duration(kind):
            return _spans(pc.cast(column, pa.int64()).to_pylist(), _PER_SECOND[kind.unit])
        elif name in self.times and self.whole and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
            column = self._dated(name, column)
        return [one_line(cell or "") for cell in pc.cast(column, pa.string()).to_pylist()]

    def _beside_a_clock(self, name: str, kind: pa.DataType) -> bool:
        """Whether the column `name` of local times is one of two that say when."""
        return not kind.tz and name in self.times and len(self.times) > 1

    def _dated(self, name: str, column: pa.Array) -> pa.Array:
        """A column of Unix times as times; any other numbers as they are."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if name not in self._units:
            values = pc.drop_null(column).to_pylist()
            self._units[name] = _unit(values)
            if (unit := self._units[name]) and (pa.types.is_float32(column.type) or pa.types.is_float16(column.type)):
                raise RecordingError(
                    f"the times in {name!r} are Unix times in {unit} as floats of {column.type.bit_width} bits, which"
                    " are minutes off: write them as a time type, or as whole numbers"
                )
            if unit:
                self.said = f"the numbers in {name!r} were taken for Unix times in {unit} (write a time type if not)"
        unit = self._units[name]
        if not unit:
            return column
        if pa.types.is_floating(column.type):
            column = pc.round(pc.multiply(pc.cast(column, pa.float64()), 1e6 / _PER_SECOND[unit]))
            unit = "us"
        return _moments(column, unit, "UTC")


def int64s(values: Sequence[int]) -> pa.Array:
    """`values` as an array.

    pyarrow looks whether what it is given is pandas', and imports that for it: so not by ``pa.array`` or ``pa.scalar``.
    """
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(array("q", values))])


def _moments(numbers: pa.Array, unit: str, zone: str | None) -> pa.Array:
    """Unix times in `unit` as times in microseconds, none where a number is no time from the years 1 to 9999.

    Nanoseconds lose what no monitor measures; with any zone the numbers themselves are UTC.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    per_second = _PER_SECOND[unit]
    lowest, highest = _span_of(numbers.type)
    ends = [max(lowest, min(year * per_second, highest)) for year in _YEARS]
    # Of a type of their own: pyarrow compares floats with no whole number that a float cannot hold.
    first, last = int64s(ends).cast(numbers.type, safe=False)
    sane = pc.and_(pc.greater_equal(numbers, first), pc.less_equal(numbers, last))
    whole = pc.cast(pc.if_else(sane, numbers, pa.nulls(1, numbers.type)[0]), pa.int64())
    return pc.cast(pc.cast(whole, pa.timestamp(unit)), pa.timestamp("us", zone), safe=unit != "ns")


def _span_of(kind: pa.DataType) -> tuple[int, int]:
    """The lowest and the highest number of a type that may be a time."""
    import pyarrow as pa

    if not pa.types.is_integer(kind):
        return -_LIMIT, _LIMIT
    if pa.types.is_unsigned_integer(kind):
        return 0, min((1 << kind.bit_width) - 1, _LIMIT)
    half = 1 << (kind.bit_width - 1)
    return max(-half, -_LIMIT), min(half - 1, _LIMIT)


def _are_days(column: pa.Array) -> bool:
    """Whether times without a zone are all at midnight, so that they say the day alone."""
    import pyarrow as pa
    import pyarrow.compute as pc

    days = pc.cast(column, pa.date32(), safe=False)
    return bool(pc.all(pc.equal(pc.cast(days, column.type, safe=False), column)).as_py())


def _spans(values: Sequence[int | None], per_second: int) -> list[str]:
    """Durations as seconds from the start, to the microsecond."""
    cells = []
    for value in values:
        if value is None:
            cells.append("")
            continue
        whole, rest = divmod(abs(value), per_second)
        cells.append(f"{'-' if value < 0 else ''}{whole}.{rest * 1_000_000 // per_second:06d}")
    return cells


def _unit(values: Sequence[Any]) -> str:
    """The unit in which most of `values` are Unix times, "" if they are none."""
    far = [value for value in values if abs(value) > LONGEST]
    if len(far) * 2 < len(values) or not far:
        return ""
    for unit, per_second in _PER_SECOND.items():
        if sum(_SANE[0] <= value / per_second <= _SANE[1] for value in far) * 2 > len(far):
            return unit
    return ""
