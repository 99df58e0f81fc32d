"""One limit over a whole series: what `detector.Detector` finds value by value, found by run lengths (3.14)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from dashboard.rises.arrays import Instants, Mask, Values
from dashboard.rises.criteria import EQUAL
from dashboard.rises.detector import Detector, Step
from dashboard.rises.episodes import Episode, Scope
from dashboard.rises.ladder import Rule, episode_of

SHORT = 150
"""So few values are given to the detector one by one: numpy would take longer to begin than it takes to end."""

_Runs = tuple[list[int], list[int]]
"""First and after-last places, ascending; runs do not overlap."""

_Events = tuple[list[int], list[int]]
"""The places of one rule's onsets and of the returns, ascending; the last onset may have none."""


class Series(Struct, frozen=True):
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
    count = len(series.value)
    if not rules or not count:
        return []
    highest = series.value.max() if sign > 0 else -series.value.min()
    passed = [rule for rule in rules if highest >= sign * rule.limit.threshold - EQUAL]
    if count <= SHORT:
        return [each for rule in passed for each in _step_by_step(scope, signal, rule, series, sign)]
    if not passed:
        return []
    value = -series.value if sign < 0 else series.value
    around = np.zeros(count + 2, np.bool_)  # so that every run begins and ends somewhere
    mask = around[1:-1]
    events: list[tuple[Rule, _Events]] = []
    for rule in passed:
        np.greater_equal(value, sign * rule.limit.threshold - EQUAL, out=mask)
        runs = _runs(around, series.breaks, rule.n_on)
        if runs[0]:
            np.less_equal(value, sign * rule.limit.clear + EQUAL, out=mask)
            back = _runs(around, series.breaks, rule.n_off)
            events.append((rule, _walk(runs, back, rule.n_on, rule.n_off)))
    return _episodes(scope, signal, series, value, events)


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
    scope: Scope, signal: str, series: Series, value: Values, events: Sequence[tuple[Rule, _Events]]
) -> list[Episode]:
    """The episodes at the places that were found, looked up all together."""
    count = len(value)
    rules = [rule for rule, (onsets, _) in events for _ in onsets]
    onsets = [place for _, (onsets, _) in events for place in onsets]
    backs = [place for _, (onsets, returns) in events for place in (*returns, count)[: len(onsets)]]
    confirmed = [place + rule.n_on - 1 for place, rule in zip(onsets, rules, strict=True)]
    declared = [min(place + rule.n_off - 1, count) for place, rule in zip(backs, rules, strict=True)]
    peaks = _peaks(value, events)
    gaps = _gaps(series, confirmed, declared)
    places = np.array((onsets, confirmed, peaks, backs, declared), np.int64)
    places[places == count] = 0  # of an open event, and not looked at
    started, known, topped, returned, told = series.time[places].tolist()
    rows = zip(
        rules, started, known, series.value[places[2]].tolist(), topped, backs, returned, told, gaps, strict=True
    )
    return [
        Episode(
            scope,
            signal,
            rule.level,
            rule.limit.threshold,
            rule.limit.clear,
            rule.limit.baseline,
            onset,
            at + series.known,
            peak,
            peak_time,
            back if place < count else None,
            end + series.known if place < count else None,
            rule.limit.present_at_baseline,
            gap,
            rule.thresholds,
        )
        for rule, onset, at, peak, peak_time, place, back, end, gap in rows
    ]


def _runs(around: Mask, breaks: Instants, least: int) -> _Runs:
    """First and after-last places of the runs that have `least` members or more, split at `breaks`.

    Args:
        around: whether each place belongs to a run, with a place that does not before the first and after the last.
    """
    edges = np.flatnonzero(around[1:] != around[:-1])
    starts, ends = edges[::2], edges[1::2]
    if len(breaks):
        splits = breaks[around[breaks] & around[breaks + 1]]
        if len(splits):
            starts, ends = np.sort(np.concatenate((starts, splits))), np.sort(np.concatenate((ends, splits)))
    if least > 1:
        enough = ends - starts >= least
        starts, ends = starts[enough], ends[enough]
    return starts.tolist(), ends.tolist()


def _walk(on: _Runs, off: _Runs, n_on: int, n_off: int) -> _Events:
    """From each confirmed run to the return run after it, and on from where that was declared."""
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


def _peaks(value: Values, events: Sequence[tuple[Rule, _Events]]) -> list[int]:
    """The place of each event's peak: the earliest that no later value exceeds, where nearly equal is equal."""
    found: list[int] = []
    before: list[tuple[int, int, int]] = []  # the rule before: begin, end and peak of its events; -1: not a plain one
    for _, (onsets, returns) in events:
        current = []
        for start, after in zip(onsets, (*returns, len(value)), strict=False):
            place = bisect_right(before, start, key=_begin) - 1
            _, end, peak = before[place] if place >= 0 else (0, 0, -1)
            if after <= end and start <= peak < after:
                plain = peak  # of an event that holds this one, and lies in this one: its peak too
            else:
                peak, plain = _peak(value, start, after)
            found.append(peak)
            current.append((start, after, plain))
        before = current
    return found


def _begin(span: tuple[int, int, int]) -> int:
    return span[0]


def _peak(value: Values, start: int, after: int) -> tuple[int, int]:
    """The place of the peak from `start` to before `after`; the same again, or -1 if nearly equal values made it."""
    inside = value[start:after]
    place = int(inside.argmax())
    if place == 0 or inside[:place].max() < inside[place] - 3 * EQUAL:
        return start + place, start + place
    return start + _peak_step_by_step(inside), -1


def _peak_step_by_step(value: Values) -> int:
    """The place of the peak as the detector finds it, each value compared with the peak so far."""
    place, peak = 0, float(value[0])
    for index, each in enumerate(value.tolist()):
        if each > peak + EQUAL:
            place, peak = index, each
    return place


def _gaps(series: Series, confirmed: Sequence[int], declared: Sequence[int]) -> list[bool]:
    """Whether a run break fell between each confirmation and the declared return (the end of the series if none)."""
    count, breaks = len(series.value), series.breaks
    if len(breaks):
        since, until = (np.searchsorted(breaks, places, "right") for places in (confirmed, declared))
        gaps: list[bool] = (since < until).tolist()
    else:
        gaps = [False] * len(confirmed)
    if series.broken_at_end:
        gaps = [gap or place == count for gap, place in zip(gaps, declared, strict=True)]
    return gaps
