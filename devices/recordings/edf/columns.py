"""The signals of an EDF file as columns, and what was noted beside them.

Source: the recorded-files sheet, section 4. Codes become values by a table, for a signal has few different ones.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct

from devices import instant
from devices.recordings.codes import Themselves, values_of
from devices.recordings.edf.annotations import Annotation
from devices.recordings.edf.header import EdfHead, EdfSignal
from devices.recordings.readings.in_columns import ColumnReadings
from devices.recordings.readings.lazy import MANY
from devices.recordings.recording import Builder, Recording
from devices.recordings.series import SeriesRecording
from devices.recordings.tables.header import Field
from devices.recordings.tables.judging_columns import are_plain
from devices.recordings.tables.rows import steps_back
from devices.recordings.tables.wide_columns import Regular, read_columns, series_in

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from devices.recordings.tables.wide_columns import Values


_SPARSEST = 30
"""Places for each sample beyond which columns would be nearly empty, and take more memory than the readings."""


class Decoded(Struct, frozen=True):
    """An EDF file, read but for what its values mean.

    Attributes:
        fields: the wanted signals by their place in the header, as (name, field). codes: theirs, as (record, sample).
        onsets: when each record begins, in microseconds from the start; None where that is not known.
        begins: the start. noted: the annotations, None for one that is not understood. missing: values that are none.
    """

    into: Builder
    head: EdfHead
    fields: dict[int, tuple[str, Field]]
    codes: dict[int, NDArray[np.int16]]
    onsets: Sequence[int | None]
    begins: int
    noted: Sequence[Annotation | None]
    missing: Sequence[float]

    def regular(self, index: int) -> Regular | None:
        """When the samples of one signal were taken, if the records follow each other without a break."""
        count = self.head.signals[index].samples
        step = self.head.duration * instant.SECOND / count
        if not isinstance(self.onsets, range) or step * count != self.onsets.step or step.denominator != 1:
            return None
        return Regular(self.begins + self.onsets.start, step.numerator, count * len(self.onsets))

    def times(self, index: int) -> NDArray[np.int64]:
        """When the samples of one signal were taken; records without a time are left out."""
        import numpy as np

        if regular := self.regular(index):
            return regular.instants()
        count = self.head.signals[index].samples
        step = self.head.duration * instant.SECOND / count
        starts = self.begins + np.array([onset for onset in self.onsets if onset is not None], dtype="i8")
        if step.denominator == 1:
            within = np.arange(count, dtype="i8") * step.numerator
        else:
            within = np.array([round(Fraction(place) * step) for place in range(count)], dtype="i8")
        return (starts[:, None] + within).ravel()  # type: ignore[no-any-return]

    def values(self, index: int) -> NDArray[np.float64] | NDArray[np.float32]:
        """The samples of one signal in its house's unit, NaN where there is none; as `times`."""
        codes = self.codes[index]
        # A range holds no None, and would compare each of its numbers to find that.
        if not isinstance(self.onsets, range) and None in self.onsets:
            codes = codes[[place for place, onset in enumerate(self.onsets) if onset is not None]]
        one, convert = self.head.signals[index], self.fields[index][1].convert
        return values_of(
            codes.ravel(),
            lambda different: convert.apply_to(physical(one, different, self.missing)),
            None if convert.note else themselves(one, self.missing),
        )

    def note(self, times: Sequence[int]) -> None:
        """Tells what was noted, each with the row that was read when it happened; `times`: those of the rows."""
        for one in self.noted:
            if one is not None and one.text:
                lasts = f" (for {one.lasts} s)" if one.lasts.strip("0.") else ""
                time = self.begins + one.onset
                self.into.event(time, f"{one.text}{lasts}", bisect_left(times, time))
        if lost := list(self.noted).count(None):
            self.into.counts.refuse("annotations that are not understood", lost)
            self.into.notice("row-refused", f"{lost} annotations are not understood and were refused")
        if isinstance(self.onsets, range):
            return  # by the header alone: they cannot go back
        if back := steps_back([onset for onset in self.onsets if onset is not None]):
            text = f"the records go back {back} times; values were put in the order of their times"
            self.into.notice("out-of-order", text)


def physical(one: EdfSignal, codes: NDArray[np.int64], missing: Sequence[float] = (-1.0,)) -> NDArray[np.float64]:
    """The values of `codes` in the signal's unit, NaN where there is none or one that is `missing`.

    Rounded to the decimals that the codes can tell apart, which gives back what was written: a pressure of 160 stored
    as 159.998 must not miss a threshold of 160, and a 0 stored as -0.002 is a 0. Where that is a whole step away or
    more, something else was written (some writers cut what others round): in steps of 0.25 a 36.75 is not 37.
    """
    import numpy as np

    step = abs(one.gain)
    value = codes * np.float64(one.gain) + one.offset
    if 1e-9 < step <= 1:
        decimals = math.floor(-math.log10(step) + 1e-9)
        rounded = np.round(value, decimals)
        value = np.where(np.abs(rounded - value) < step * 0.999_999, rounded, np.round(value, decimals + 2))
    value[np.abs(value) <= step / 2] = 0.0
    none = (codes <= one.lowest) | (codes > one.highest)
    for said in missing:
        none |= np.abs(value - said) <= step / 2
    value[none] = np.nan
    return value


def themselves(one: EdfSignal, missing: Sequence[float] = (-1.0,)) -> Themselves | None:
    """How the codes are their own values, as `physical` would say too; None if they are not."""
    if one.gain != 1 or one.offset != 0 or any(said % 1 for said in missing):
        return None
    return Themselves(one.lowest, one.highest, tuple(map(int, missing)))


def in_columns(found: Decoded) -> SeriesRecording | None:
    """The recording in columns; None where its signals must be judged by their values, or records overlap."""
    if (plain := _plain(found)) is None:
        return None
    columns, times = plain
    _count(found, times)
    return read_columns(columns, times, found.begins, found.into)


def readings_in_columns(found: Decoded) -> Recording | None:
    """The same with its readings in columns; None also where there are few."""
    if _held(found) < MANY or (plain := _plain(found)) is None:
        return None
    columns, times = plain
    _count(found, times)
    series = series_in(columns, times, found.begins, found.into)
    found.into.keep(ColumnReadings(times.instants() if isinstance(times, Regular) else times, series))
    return found.into.build()


def _held(found: Decoded) -> int:
    return sum(codes.size for codes in found.codes.values())


def _plain(found: Decoded) -> tuple[list[tuple[Field, Values]], NDArray[np.int64] | Regular] | None:
    """The signals side by side and the times of their rows, if none must be judged by its values."""
    first = {found.head.signals[index].samples: index for index in reversed(found.fields)}
    if len(first) > 1:
        return _side_by_side(found, {samples: found.times(index) for samples, index in first.items()})
    for index in first.values():
        times = found.regular(index) or found.times(index)
        columns = [(field, found.values(place)) for place, (_, field) in found.fields.items()]
        ascend = isinstance(times, Regular) or bool((times[1:] > times[:-1]).all())
        return (columns, times) if len(times) and ascend and are_plain(columns) else None
    return None


def _side_by_side(
    found: Decoded, times: dict[int, NDArray[np.int64]]
) -> tuple[list[tuple[Field, Values]], NDArray[np.int64]] | None:
    """The same of signals that differ in rate, NaN where one has no sample; `times` by samples a record."""
    import numpy as np

    if any((each[1:] <= each[:-1]).any() for each in times.values()):
        return None
    rows = np.unique(np.concatenate(list(times.values())))
    if len(rows) * len(found.fields) > _SPARSEST * _held(found):
        return None
    places = {samples: np.searchsorted(rows, each) for samples, each in times.items()}
    columns: list[tuple[Field, Values]] = []
    for index, (_, field) in found.fields.items():
        values = found.values(index)
        column = np.full(len(rows), np.nan, values.dtype)
        column[places[found.head.signals[index].samples]] = values
        columns.append((field, column))
    return (columns, rows) if len(rows) and are_plain(columns) else None


def _count(found: Decoded, times: NDArray[np.int64] | Regular) -> None:
    found.into.counts.rows += len(times)
    found.note((times.instants() if isinstance(times, Regular) else times).tolist() if found.noted else ())
