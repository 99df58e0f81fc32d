"""Cuff values in columns to measurements in columns: `cuffs.measurements` for whole recordings at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from devices.recordings.cuffs import RESENT, Measured, Shown, measurements

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Measurements(Struct, frozen=True):
    """Measurements by time; all columns of one length.

    Attributes:
        time: instants when first shown. row: the row or packet of that.
        values: by signal, NaN where absent. repeats, stayed: as in `Measured`.
    """

    time: NDArray[np.int64]
    row: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]
    repeats: NDArray[np.int64]
    stayed: NDArray[np.bool_]


def measured(
    time: NDArray[np.int64], row: NDArray[np.int64], values: dict[str, NDArray[np.float64]], within: int = RESENT
) -> Measurements:
    """The measurements behind cuff values that were shown at `time` (ascending), NaN where one was not.

    `values` is empty afterwards: a whole day's columns are not held twice.

    Where each row shows the same of sys, dia and mean, equal neighbours are one measurement; any other case is left
    to `cuffs.measurements`, which knows what may join what.
    """
    there = {signal: ~np.isnan(column) for signal, column in values.items()}
    shown = np.logical_or.reduce(list(there.values()))
    if not all(np.array_equal(one, shown) or not one.any() for one in there.values()):
        return of_shown(_rows(time, row, values, np.flatnonzero(shown)), tuple(values), within)
    if not shown.all():
        time, row = time[shown], row[shown]
        for signal in values:
            values[signal] = values[signal][shown]
    new = np.ones(len(time), np.bool_)
    new[1:] = time[1:] - time[:-1] > within
    for signal, column in values.items():
        if there[signal].any():
            new[1:] |= column[1:] != column[:-1]
    first = np.flatnonzero(new)
    which = slice(None) if len(first) == len(time) else first  # a slice copies nothing
    kept = {signal: values.pop(signal)[which] for signal in tuple(values)}
    last = np.empty_like(first)
    last[:-1], last[-1:] = first[1:], len(time)
    last -= 1
    stayed = time[last] > time[which]
    last -= first
    return Measurements(time[which], row[which], kept, last, stayed)


def of_shown(shown: Sequence[Shown], signals: Sequence[str], within: int = RESENT) -> Measurements:
    """The measurements behind `shown`, as columns of `signals`."""
    found: list[Measured] = measurements(shown, within)
    return Measurements(
        np.array([one.shown.time for one in found], np.int64),
        np.array([one.shown.row for one in found], np.int64),
        {signal: np.array([one.shown.values.get(signal, np.nan) for one in found]) for signal in signals},
        np.array([one.repeats for one in found], np.int64),
        np.array([one.stayed for one in found], np.bool_),
    )


def _rows(
    time: NDArray[np.int64],
    row: NDArray[np.int64],
    values: Mapping[str, NDArray[np.float64]],
    places: NDArray[np.int64],
) -> list[Shown]:
    columns = [column[places].tolist() for column in values.values()]
    found = []
    for when, number, cells in zip(
        time[places].tolist(), row[places].tolist(), zip(*columns, strict=True), strict=True
    ):
        held = {signal: value for signal, value in zip(values, cells, strict=True) if value == value}
        found.append(Shown(when, number, held))
    return found
