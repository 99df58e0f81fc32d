"""A session as columns, as `batch` takes it: sorted, without doubles, each row judged valid or not (3.6, 3.11.4-5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from dashboard.rises.criteria import EQUAL, at_least, at_most
from dashboard.rises.prepare import Prepared, Sample, ordered, pieces, prepare_ordered
from dashboard.rises.timeline import AFTER_ALL
from dashboard.rises.validity import (
    DBP_RANGE,
    HIGHEST_PULSE_PRESSURE,
    HR_RANGE,
    LOW_SBP,
    LOW_SBP_PULSE_PRESSURE,
    PULSE_PRESSURES,
    SBP_RANGE,
    SPO2_RANGE,
    Cuff,
    least_pulse_pressure,
)
from devices.reading import USED, Reading

Instants = NDArray[np.int64]
Values = NDArray[np.float64]
Mask = NDArray[np.bool_]
PIECE = 16384
"""Rows worked on at once where much is in between: what stays small stays in the cache and needs no new memory."""
Kind = TypeVar("Kind", np.float64, np.int64, np.bool_)


class Cuffs(Struct, frozen=True):
    """Cuff measurements, ascending in time, one a time; all columns of one length.

    Attributes:
        time: instants. sbp, dbp: mmHg, NaN where absent. valid: by 3.6, of the measurement as a whole.
    """

    time: Instants
    sbp: Values
    dbp: Values
    valid: Mask


class Samples(Struct, frozen=True):
    """Samples of the heart rate (1/min) or of SpO2 (%), ascending in time, one a rank and time; columns of one length.

    Attributes:
        time: instants. value: NaN where absent. valid: by 3.6. rank: of the source, see `dashboard.rises.prepare.ECG`.
    """

    time: Instants
    value: Values
    valid: Mask
    rank: NDArray[np.int64]


class Recording(Struct, frozen=True):
    """A whole session. `last`: time of the last reading of any signal, also of those no detector looks at; or None."""

    cuffs: Cuffs
    rates: Samples
    saturations: Samples
    last: int | None


def cuffs(
    time: ArrayLike, sbp: ArrayLike, dbp: ArrayLike, mean: ArrayLike | None = None, usable: ArrayLike = True
) -> Cuffs:
    """Cuff measurements in order of receipt, judged.

    Args:
        time: instants. sbp, dbp, mean: mmHg, NaN where absent. usable: the monitor vouches for the measurement.

    Raises:
        ValueError: the columns are not of one length.
    """
    times, systolic, diastolic = np.asarray(time, np.int64), np.asarray(sbp, np.float64), np.asarray(dbp, np.float64)
    middle = _column(np.nan if mean is None else mean, times, np.float64)
    vouched = _column(usable, times, np.bool_)
    _check((times, systolic, diastolic, middle, vouched))

    def same(one: int, other: int) -> bool:
        pairs = ((column[one], column[other]) for column in (systolic, diastolic, middle))
        return bool(vouched[one] == vouched[other]) and all(_same(*pair) for pair in pairs)

    kept = _without_doubles(times, times, same)
    if kept is not None:
        times, systolic, diastolic, middle = times[kept], systolic[kept], diastolic[kept], middle[kept]
        vouched = vouched[kept]
    return Cuffs(times, systolic, diastolic, vouched & cuffs_are_valid(systolic, diastolic, middle))


def rates(time: ArrayLike, value: ArrayLike, rank: ArrayLike = 0, usable: ArrayLike = True) -> Samples:
    """Heart or pulse rate samples (1/min) in order of receipt, judged; as `cuffs`."""
    return _samples(time, value, rank, usable, HR_RANGE)


def saturations(time: ArrayLike, value: ArrayLike, usable: ArrayLike = True) -> Samples:
    """SpO2 samples (%) in order of receipt, judged; as `cuffs`."""
    return _samples(time, value, 0, usable, SPO2_RANGE)


def recording(prepared: Prepared) -> Recording:
    """Readings that were sorted and cleared by `dashboard.rises.prepare.prepare`, as columns."""
    return Recording(
        _of_cuffs(prepared.cuffs), _of_samples(prepared.rates), _of_samples(prepared.saturations), prepared.last
    )


def recording_of(readings: Iterable[Reading], until: int = AFTER_ALL) -> Recording:
    """Readings in any order up to the instant `until` (inclusive), sorted and cleared piece by piece, as columns."""
    parts = [recording(prepare_ordered(piece)) for piece, _ in pieces(ordered(readings), 0, 1, until)]
    if not parts:
        return recording(Prepared())
    measured, rated, saturated = ([getattr(part, name) for part in parts] for name in ("cuffs", "rates", "saturations"))
    return Recording(
        Cuffs(*(np.concatenate([getattr(each, name) for each in measured]) for name in Cuffs.__struct_fields__)),
        Samples(*(np.concatenate([getattr(each, name) for each in rated]) for name in Samples.__struct_fields__)),
        Samples(*(np.concatenate([getattr(each, name) for each in saturated]) for name in Samples.__struct_fields__)),
        parts[-1].last,
    )


def cuffs_are_valid(sbp: Values, dbp: Values, mean: Values) -> Mask:
    """Rules 1 to 4 of 3.6 but for the status: what `validity.rejection` says, of every row. NaN is absent."""
    found = np.empty(len(sbp), np.bool_)
    for start in range(0, len(sbp), PIECE):
        rows = slice(start, start + PIECE)
        found[rows] = _piece_is_valid(sbp[rows], dbp[rows], mean[rows])
    return found


def _piece_is_valid(sbp: Values, dbp: Values, mean: Values) -> Mask | bool:
    pressure = sbp - dbp
    # Mostly the extremes say all: the least pulse pressure grows with the systolic one, and an absent value is none.
    highest = sbp.max()
    if (
        sbp.min() >= SBP_RANGE[0]
        and highest <= SBP_RANGE[1]
        and dbp.min() >= DBP_RANGE[0]
        and dbp.max() <= DBP_RANGE[1]
        and pressure.min() >= least_pulse_pressure(highest)
    ):
        if (mean - dbp).min() > 2 * EQUAL and (sbp - mean).min() > 2 * EQUAL:
            return True
        return _mean_is_valid(sbp, dbp, mean)
    believed = at_least(pressure, HIGHEST_PULSE_PRESSURE)
    # The least pulse pressure grows with the systolic one, so that any band the row lies in or below may vouch for it.
    for highest, least in PULSE_PRESSURES:
        believed |= at_most(sbp, highest) & at_least(pressure, least)
    believed |= ~at_least(sbp, LOW_SBP) & at_least(pressure, LOW_SBP_PULSE_PRESSURE)
    believed &= _within(sbp, SBP_RANGE) & _within(dbp, DBP_RANGE)
    believed &= _mean_is_valid(sbp, dbp, mean)
    return believed


def _mean_is_valid(sbp: Values, dbp: Values, mean: Values) -> Mask:
    return np.isnan(mean) | ((dbp + EQUAL < mean) & (mean < sbp - EQUAL))


def _samples(
    time: ArrayLike, value: ArrayLike, rank: ArrayLike, usable: ArrayLike, limits: tuple[float, float]
) -> Samples:
    times, values = np.asarray(time, np.int64), np.asarray(value, np.float64)
    ranks, vouched = _column(rank, times, np.int64), _column(usable, times, np.bool_)
    _check((times, values, ranks, vouched))
    valid = vouched
    if len(values) and not limits[0] <= values.min() <= values.max() <= limits[1]:
        valid = vouched & _within(values, limits)

    def same(one: int, other: int) -> bool:
        if np.isnan(values[one]) or np.isnan(values[other]):
            return bool(np.isnan(values[one]) and np.isnan(values[other]))
        return bool(valid[one] == valid[other]) and _same(values[one], values[other])

    kept = _without_doubles(times, ranks, same)
    if kept is not None:
        times, values, valid, ranks = times[kept], values[kept], valid[kept], ranks[kept]
    return Samples(times, values, valid, ranks)


def _column(given: ArrayLike, time: Instants, kind: type[Kind]) -> NDArray[Kind]:
    """`given` as a column; a single value stands in every row."""
    column = np.asarray(given, kind)
    return np.broadcast_to(column, time.shape) if column.ndim == 0 else column


def _check(columns: Sequence[NDArray[np.generic]]) -> None:
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise ValueError("the columns must be one-dimensional and of one length")


def _without_doubles(time: Instants, key: Instants, same: Callable[[int, int], bool]) -> Instants | None:
    """The rows that count, ascending in time: of several with one time and key the last that says something new.

    Returns:
        Row numbers; None if all rows count and stand in order already.
    """
    if (time[1:] > time[:-1]).all():
        return None
    order = np.lexsort((key, time))  # stable: what is equal stays in order of receipt
    times, keys = time[order], key[order]
    doubled = np.flatnonzero((times[1:] == times[:-1]) & (keys[1:] == keys[:-1])) + 1
    kept = np.ones(len(order), np.bool_)
    for place in doubled.tolist():
        if same(int(order[place - 1]), int(order[place])):
            order[place] = order[place - 1]
        kept[place - 1] = False
    return order[kept]


def _same(one: float, other: float) -> bool:
    return bool(np.isnan(one) and np.isnan(other)) or abs(one - other) <= EQUAL


def _within(values: Values, limits: tuple[float, float]) -> Mask:
    return at_least(values, limits[0]) & at_most(values, limits[1])


def _of_cuffs(found: Sequence[Cuff]) -> Cuffs:
    time = np.array([cuff.time for cuff in found], np.int64)
    usable = np.array([cuff.status in USED for cuff in found], np.bool_)
    sbp, dbp, mean = (
        np.array([getattr(cuff, name) for cuff in found], np.float64) for name in ("sbp", "dbp", "mean")
    )  # None becomes NaN
    return cuffs(time, sbp, dbp, mean, usable)


def _of_samples(found: Sequence[Sample]) -> Samples:
    order = sorted(found, key=lambda sample: sample.time)
    return Samples(
        np.array([sample.time for sample in order], np.int64),
        np.array([sample.value for sample in order], np.float64),
        np.array([sample.valid for sample in order], np.bool_),
        np.array([sample.rank for sample in order], np.int64),
    )
