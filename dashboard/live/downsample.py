"""Fewer points for a screen, every true extreme kept.

A monitor must not hide a peak: each bucket of samples is drawn by its lowest and its highest one, at their own
times, so the lowest and highest value of any window are on the screen (LTTB and its kin do not promise that).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Instants: TypeAlias = NDArray[np.int64]
Values: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]


def extremes(values: Values, points: int) -> Indices:
    """Indices, rising, of at most `points` samples that stand for `values`.

    The first and last sample and every bucket's minimum and maximum (the earliest of equals) are among them. NaN
    marks a sample without a value; it is left out here (`with_gaps` draws it).

    Args:
        values: the samples in time order.
        points: at least 4.

    Raises:
        ValueError: fewer than 4 points asked for.
    """
    if points < 4:
        raise ValueError(f"{points} points cannot show a window's first, last, lowest and highest value: ask for 4")
    there: Indices = np.flatnonzero(~np.isnan(values)).astype(np.int64)
    if len(there) <= points:
        return there
    kept = values if len(there) == len(values) else values[there]
    buckets = (points - 2) // 2
    size = -(-len(kept) // buckets)
    whole = len(kept) // size
    rows = kept[: whole * size].reshape(whole, size)
    starts = np.arange(whole, dtype=np.int64) * size
    found = [starts + rows.argmin(axis=1), starts + rows.argmax(axis=1), np.array([0, len(kept) - 1])]
    rest = kept[whole * size :]
    if len(rest):
        found.append(np.array([rest.argmin(), rest.argmax()]) + whole * size)
    chosen: Indices = there[np.unique(np.concatenate(found))]
    return chosen


def breaks(times: Instants, values: Values, longest: int) -> NDArray[np.bool_]:
    """True at each sample before which the line must break: after a longer silence, or after samples without value.

    Args:
        longest: the longest silence, in microseconds, that a line may cross.
    """
    broken = np.zeros(len(times), dtype=np.bool_)
    if len(times) > 1:
        broken[1:] = (np.diff(times) > longest) | np.isnan(values[:-1])
    return broken


def with_gaps(times: Instants, values: Values, points: int, longest: int) -> tuple[list[int], list[float | None]]:
    """Times and values to draw: at most `points` of them, None where the line must break.

    Args:
        times: microseconds, rising. values: NaN where a sample has no value.
        points: at least 8. longest: as in `breaks`.
    """
    broken = breaks(times, values, longest)
    # Breaks count as points too. With more breaks than half of the points (a source that stutters all the time)
    # the longest silences keep theirs, so that the answer stays bounded.
    at = np.flatnonzero(broken & ~np.isnan(values))
    room = points // 2
    if len(at) > room:
        silence = times[at] - times[at - 1]
        at = np.sort(at[np.argsort(silence, kind="stable")[-room:]])
    chosen = extremes(values, points - len(at))
    where = np.searchsorted(chosen, at)
    out_times: list[int] = times[chosen].tolist()
    out_values: list[float | None] = values[chosen].tolist()
    for position, sample in zip(reversed(where.tolist()), reversed(at.tolist()), strict=True):
        if 0 < position < len(chosen):
            out_times.insert(position, int(times[sample - 1]) + 1)
            out_values.insert(position, None)
    return out_times, out_values
