"""A whole recorded session judged at once, in numpy: the same rises as the live machine finds, much faster.

Baselines, limits, validity and outcomes are those of the live form; only the search for runs is another (`runs`), and
the tests hold the two equal to the bit. Changes made during a session are not known here: `analysis` takes those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from dashboard.rises import low
from dashboard.rises.arrays import Instants, Recording, Values
from dashboard.rises.baseline import (
    CUFF_READINGS,
    CUFF_WINDOW,
    RATE_WINDOW,
    Baseline,
    cuff_baseline,
    manual_baseline,
    rate_baseline,
)
from dashboard.rises.columns import Columns, reduce
from dashboard.rises.episodes import Episode, Scope, listing_order
from dashboard.rises.epochs import BRIDGED, EPOCH
from dashboard.rises.outcomes import Rise, outcome
from dashboard.rises.rules import before_start_rules, rise_rules
from dashboard.rises.runs import Series, find
from dashboard.rises.thresholds import ThresholdSet
from dashboard.rises.timeline import ClosedTimeline, Timeline


class Judged(Struct, frozen=True):
    """What a session was, without its notices; the fields as in `analysis.Analysis`."""

    timeline: ClosedTimeline
    baselines: Mapping[str, Baseline]
    rises: tuple[Rise, ...]
    before_start: tuple[Episode, ...]
    low: tuple[Episode, ...]


class _Signal(Struct, frozen=True):
    """One signal throughout a session.

    Attributes:
        start: place of its first value after the start of the drug. broken_at_start: runs break between the two.
        baseline: the computed one.
    """

    name: str
    whole: Series
    start: int
    broken_at_start: bool
    baseline: Baseline | None

    @property
    def before(self) -> Series:
        return self.whole.part(0, self.start, self.broken_at_start)

    @property
    def after(self) -> Series:
        return self.whole.part(self.start, len(self.whole.time), self.whole.broken_at_end)


def judge(
    recording: Recording,
    timeline: Timeline,
    thresholds: ThresholdSet,
    manual_baseline: Mapping[str, float] | None = None,
) -> Judged:
    """Judges a session. What lies after its end is left out.

    Args:
        timeline: with t0. manual_baseline: by SBP, DBP, HR; replaces the computed one.

    Raises:
        ValueError: the timeline has no t0.
    """
    return judge_columns(reduce(recording, timeline, manual_baseline), thresholds)


def judge_columns(columns: Columns, thresholds: ThresholdSet) -> Judged:
    """Judges a session that was reduced to its columns before."""
    signals = [
        *_cuff_signals(columns, thresholds),
        _epoch_signal("HR", columns.rate_number, columns.rate_value, columns),
        _epoch_signal("SPO2", columns.saturation_number, columns.saturation_value, columns),
    ]
    baselines = _baselines(signals, columns.manual)
    before_start: list[Episode] = []
    below: list[Episode] = []
    for each in signals:
        if each.name in baselines:
            before_start += find(Scope.BEFORE_START, each.name, before_start_rules(thresholds, each.name), each.before)
        below += find(Scope.LOW, each.name, low.rules(thresholds, each.name), each.whole, sign=-1)
    return Judged(
        timeline=columns.timeline,
        baselines=baselines,
        rises=_rises(columns, thresholds, signals, baselines),
        before_start=tuple(sorted(before_start, key=listing_order)),
        low=tuple(sorted(below, key=listing_order)),
    )


def rises(columns: Columns, sets: Sequence[ThresholdSet]) -> list[tuple[Rise, ...]]:
    """The rises alone by each of `sets`, as `judge_columns` finds them, in the order of 3.11.10."""
    rate = _epoch_signal("HR", columns.rate_number, columns.rate_value, columns)
    found = []
    for thresholds in sets:
        signals = [*_cuff_signals(columns, thresholds), rate]
        found.append(_rises(columns, thresholds, signals, _baselines(signals, columns.manual)))
    return found


def _rises(
    columns: Columns, thresholds: ThresholdSet, signals: Sequence[_Signal], baselines: Mapping[str, Baseline]
) -> tuple[Rise, ...]:
    found: list[Episode] = []
    for each in signals:
        if each.name in baselines:
            rules = rise_rules(thresholds, each.name, baselines[each.name].value)
            if not rules:
                continue
            found += find(Scope.RISE, each.name, rules, each.after)
    closed, x_off = columns.timeline, thresholds.x_off
    return tuple(
        Rise(each, outcome(each.onset, each.return_time, closed.infusion_end, x_off, closed.session_end))
        for each in sorted(found, key=listing_order)
    )


def _baselines(signals: Sequence[_Signal], manual: Mapping[str, float]) -> dict[str, Baseline]:
    return {
        each.name: manual_baseline(manual[each.name]) if each.name in manual else each.baseline
        for each in signals
        if each.baseline is not None
    }


def _cuff_signals(columns: Columns, thresholds: ThresholdSet) -> list[_Signal]:
    """SBP and DBP."""
    time, t0 = columns.cuff_time, columns.t0
    breaks = np.flatnonzero(time[1:] - time[:-1] > thresholds.max_gap) + 1
    start = int(np.searchsorted(time, t0, "right"))
    window = slice(max(int(np.searchsorted(time, t0 - CUFF_WINDOW)), start - CUFF_READINGS), start)
    found = []
    for name, values in (("SBP", columns.sbp), ("DBP", columns.dbp)):
        baseline = cuff_baseline(_rows(time[window], values[window]))
        found.append(_Signal(name, Series(time, values, 0, breaks), start, False, baseline))
    return found


def _epoch_signal(name: str, number: Instants, value: Values, columns: Columns) -> _Signal:
    """A continuous signal in its epochs that are over at the session's end; SpO2 has no baseline."""
    limit = (columns.timeline.session_end - columns.t0) // EPOCH
    breaks = np.flatnonzero(number[1:] - number[:-1] > BRIDGED + 1) + 1
    start = int(np.searchsorted(number, 0))
    time = columns.t0 + number * EPOCH
    whole = Series(time, value, EPOCH, breaks, _is_broken(number, limit))
    window = slice(int(np.searchsorted(time, columns.t0 - RATE_WINDOW)), start)
    return _Signal(
        name,
        whole,
        start,
        broken_at_start=_is_broken(number[:start], min(limit, 0)),
        baseline=rate_baseline(_rows(time[window], value[window])) if name == "HR" else None,
    )


def _is_broken(number: Instants, limit: int) -> bool:
    """Whether so many epochs are missing between the last of `number` and epoch `limit` that runs break."""
    return bool(len(number)) and limit - int(number[-1]) > BRIDGED + 1


def _rows(time: Instants, value: Values) -> list[tuple[int, float]]:
    return list(zip(time.tolist(), value.tolist(), strict=True))
