"""One limit over a whole series: what `detector.Detector` finds value by value, found by run lengths (3.14)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np

from dashboard.rises.arrays import Instants, Mask, Values
from dashboard.rises.criteria import EQUAL
from dashboard.rises.episodes import Episode, Scope
from dashboard.rises.ladder import Rule


@dataclass(frozen=True, slots=True)
class Series:
    """Valid values of one signal in order, and where too much is missing between two of them.

    Attributes:
        time: of the readings or of the epochs' starts. known: how much later than `time` a value is known, µs.
        breaks: places (ascending, none of them 0) with a run break just before them.
        broken_at_end: values were missing for too long after the last one.
    """

    time: Instants
    value: Values
    known: int
    breaks: Instants
    broken_at_end: bool = False

    def part(self, first: int, after: int, broken_at_end: bool = False) -> Series:
        """The values from place `first` to before `after`."""
        inside = self.breaks[np.searchsorted(self.breaks, first, "right") : np.searchsorted(self.breaks, after)]
        return Series(self.time[first:after], self.value[first:after], self.known, inside - first, broken_at_end)


def find(scope: Scope, signal: str, rules: list[Rule], series: Series, sign: int = 1) -> list[Episode]:
    """The episodes of every rule, by rule and time; with ``sign = -1`` of low values."""
    if not rules or not len(series.value):
        return []
    value = series.value if sign > 0 else -series.value
    highest = value.max()
    found: list[Episode] = []
    for rule in rules:
        exceeds, below = sign * rule.limit.threshold - EQUAL, sign * rule.limit.clear + EQUAL
        if highest < exceeds:
            continue
        runs = _runs(value >= exceeds, series.breaks, rule.n_on)
        if runs[1]:
            found += _walk(scope, signal, rule, series, value, runs, _runs(value <= below, series.breaks, rule.n_off))
    return found


def _runs(mask: Mask, breaks: Instants, least: int) -> tuple[list[int], list[int]]:
    """First and after-last places of the runs in `mask`, split at `breaks`, that have `least` members or more."""
    edges = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    first, after = (edges[1::2], edges[::2]) if mask[0] else (edges[::2], edges[1::2])
    splits = breaks[mask[breaks] & mask[breaks - 1]]
    head, tail = [0] if mask[0] else [], [len(mask)] if mask[-1] else []
    starts = np.concatenate((head, first, splits)).astype(np.int64)
    ends = np.concatenate((after, splits, tail)).astype(np.int64)
    if len(splits):
        starts.sort()
        ends.sort()
    enough = ends - starts >= least
    return starts[enough].tolist(), ends[enough].tolist()


def _walk(
    scope: Scope,
    signal: str,
    rule: Rule,
    series: Series,
    value: Values,
    on: tuple[list[int], list[int]],
    off: tuple[list[int], list[int]],
) -> list[Episode]:
    """From each confirmed run to the return run after it, and on from where that was declared."""
    found = []
    place = 0  # of the next value that may belong to a run
    while (start := _next(on, place, rule.n_on)) is not None:
        confirmed = start + rule.n_on - 1
        back = _next(off, confirmed + 1, rule.n_off)
        after = len(value) if back is None else back
        declared = None if back is None else back + rule.n_off - 1
        peak = start + _peak(value[start:after])
        place = len(value) if declared is None else declared + 1
        found.append(
            Episode(
                scope=scope,
                signal=signal,
                level=rule.level,
                threshold=rule.limit.threshold,
                clear=rule.limit.clear,
                baseline=rule.limit.baseline,
                onset=int(series.time[start]),
                confirmed=int(series.time[confirmed]) + series.known,
                peak=float(series.value[peak]),
                peak_time=int(series.time[peak]),
                return_time=None if back is None else int(series.time[back]),
                declared=None if declared is None else int(series.time[declared]) + series.known,
                present_at_baseline=rule.limit.present_at_baseline,
                gap=_is_broken(series, confirmed, declared),
                thresholds=rule.thresholds,
            )
        )
        if declared is None:
            break
    return found


def _next(runs: tuple[list[int], list[int]], place: int, least: int) -> int | None:
    """Where the first run of `least` values that all lie at or after `place` begins."""
    starts, ends = runs
    index = bisect_left(ends, place + least)
    return max(starts[index], place) if index < len(ends) else None


def _peak(value: Values) -> int:
    """The place of the peak: the value no later one exceeds by more than EQUAL, each compared with the peak so far."""
    place = int(value.argmax())
    highest = value[place]
    if place and value[:place].max() >= highest - 3 * EQUAL:  # nearly equal ones before it: as the detector goes
        place, so_far = 0, float(value[0])
        for index, each in enumerate(value.tolist()):
            if each > so_far + EQUAL:
                place, so_far = index, each
    return place


def _is_broken(series: Series, confirmed: int, declared: int | None) -> bool:
    """Whether a run break fell between a confirmation and the declared return."""
    breaks = series.breaks
    if declared is None:
        return series.broken_at_end or bool(len(breaks) and breaks[-1] > confirmed)
    return bisect_right(breaks, confirmed) < bisect_right(breaks, declared)
