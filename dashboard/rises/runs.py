"""One limit over a whole series: what `detector.Detector` finds value by value, found by run lengths (3.14)."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from dashboard.rises.arrays import Instants, Mask, Values
from dashboard.rises.criteria import EQUAL
from dashboard.rises.detector import Detector, Step
from dashboard.rises.episodes import Episode, Scope
from dashboard.rises.ladder import Rule, episode_of

SHORT = 150
"""So few values are given to the detector one by one: numpy would take longer to begin than it takes to end."""

_Runs = tuple[list[int], list[int]]
"""First and after-last places, ascending; runs do not overlap."""


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
    highest = series.value.max() if sign > 0 else -series.value.min()
    passed = [rule for rule in rules if highest >= sign * rule.limit.threshold - EQUAL]
    value = -series.value if sign < 0 and passed and len(series.value) > SHORT else series.value
    found: list[Episode] = []
    for rule in passed:
        if len(value) <= SHORT:
            found += _step_by_step(scope, signal, rule, series, sign)
            continue
        exceeds, below = sign * rule.limit.threshold - EQUAL, sign * rule.limit.clear + EQUAL
        runs = _runs(value >= exceeds, series.breaks, rule.n_on)
        if runs[1]:
            back = _runs(value <= below, series.breaks, rule.n_off)
            found += _episodes(scope, signal, rule, series, value, *_walk(runs, back, rule.n_on, rule.n_off))
    return found


def _step_by_step(scope: Scope, signal: str, rule: Rule, series: Series, sign: int) -> list[Episode]:
    """The episodes of one rule in a short series, by the live machine itself."""
    limit, known = rule.limit, series.known
    detector = Detector(limit.threshold, limit.clear, rule.n_on, rule.n_off, sign)
    breaks = set(series.breaks.tolist())
    found: list[Episode] = []
    gap = False

    for place, (time, value) in enumerate(zip(series.time.tolist(), series.value.tolist(), strict=True)):
        if place in breaks:
            detector.break_runs()
            gap = True
        step = detector.push(time, value, time + known)
        if step is Step.CONFIRMED:
            gap = False
        elif step is Step.RETURNED:
            found.append(episode_of(scope, signal, rule, detector, gap))
    if detector.is_open:
        gap = gap or series.broken_at_end
        found.append(episode_of(scope, signal, rule, detector, gap))
    return found


def _episodes(
    scope: Scope, signal: str, rule: Rule, series: Series, value: Values, starts: list[int], returns: list[int]
) -> list[Episode]:
    """The episodes that begin at the places `starts` and return at `returns`, looked up all together."""
    time, end, limit = series.time, len(value), rule.limit
    is_open = len(starts) > len(returns)
    onsets = np.array(starts, np.int64)
    confirmed = onsets + (rule.n_on - 1)
    backs = np.array(returns, np.int64)
    declared = backs + (rule.n_off - 1)
    open_end = [end] if is_open else []
    peaks = _peaks(value, onsets, np.append(backs, open_end).astype(np.int64))
    gaps = _gaps(series, confirmed, np.append(declared, open_end).astype(np.int64))
    rows = zip(
        time[onsets].tolist(),
        (time[confirmed] + series.known).tolist(),
        series.value[peaks].tolist(),
        time[peaks].tolist(),
        [*time[backs].tolist(), *([None] if is_open else [])],
        [*(time[declared] + series.known).tolist(), *([None] if is_open else [])],
        gaps.tolist(),
        strict=True,
    )
    return [
        Episode(
            scope=scope,
            signal=signal,
            level=rule.level,
            threshold=limit.threshold,
            clear=limit.clear,
            baseline=limit.baseline,
            onset=onset,
            confirmed=known,
            peak=peak,
            peak_time=peak_time,
            return_time=back,
            declared=told,
            present_at_baseline=limit.present_at_baseline,
            gap=gap,
            thresholds=rule.thresholds,
        )
        for onset, known, peak, peak_time, back, told, gap in rows
    ]


def _runs(mask: Mask, breaks: Instants, least: int) -> _Runs:
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


def _walk(on: _Runs, off: _Runs, n_on: int, n_off: int) -> tuple[list[int], list[int]]:
    """From each confirmed run to the return run after it, and on from where that was declared.

    Returns:
        The places of the onsets and of the returns; the last onset may have none.
    """
    (on_starts, on_ends), (off_starts, off_ends) = on, off
    onsets, returns = [], []
    place = 0  # of the next value that may belong to a run
    while (index := bisect_left(on_ends, place + n_on)) < len(on_ends):
        onset = max(on_starts[index], place)
        onsets.append(onset)
        index = bisect_left(off_ends, onset + n_on + n_off)
        if index == len(off_ends):
            break
        back = max(off_starts[index], onset + n_on)
        returns.append(back)
        place = back + n_off
    return onsets, returns


def _peaks(value: Values, onsets: Instants, afters: Instants) -> Instants:
    """The place of each event's peak: the earliest that no later value exceeds, where nearly equal is equal."""
    spans = list(zip(onsets.tolist(), afters.tolist(), strict=True))
    peaks = np.array([start + int(value[start:after].argmax()) for start, after in spans], np.int64)
    earlier = np.maximum.reduceat(value, np.column_stack((onsets, peaks)).ravel())[::2]
    for index in np.flatnonzero((peaks > onsets) & (earlier >= value[peaks] - 3 * EQUAL)).tolist():
        start, after = spans[index]
        peaks[index] = start + _peak_step_by_step(value[start:after])
    return peaks


def _peak_step_by_step(value: Values) -> int:
    """The place of the peak as the detector finds it, each value compared with the peak so far."""
    place, peak = 0, float(value[0])
    for index, each in enumerate(value.tolist()):
        if each > peak + EQUAL:
            place, peak = index, each
    return place


def _gaps(series: Series, confirmed: Instants, declared: Instants) -> Mask:
    """Whether a run break fell between each confirmation and the declared return (the end of the series if none)."""
    gaps = np.searchsorted(series.breaks, confirmed, "right") < np.searchsorted(series.breaks, declared, "right")
    gaps[len(gaps) - 1] |= series.broken_at_end and declared[-1] == len(series.value)
    return gaps
