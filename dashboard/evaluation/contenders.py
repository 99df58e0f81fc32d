"""Who is tried: the detector, and the two baselines it has to beat (clinical definition 7).

The baselines do what a monitor's plain limits do: every number given counts, without validity, hysteresis, or a run.
They are given the same limits, at the detector's own baseline, so that only the way of looking differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np

from dashboard.evaluation.truth import Event, limits
from dashboard.rises import arrays, batch
from dashboard.rises.columns import Columns, reduce
from dashboard.rises.prepare import ECG, RANKS
from dashboard.rises.thresholds import ThresholdSet
from dashboard.rises.timeline import Timeline
from devices.instant import SECOND
from devices.signals import PulseOrigin
from devices.virtual.cohort import T0, MadeSession

OXIMETER = RANKS[PulseOrigin.OXIMETER]
DELAY = 15 * SECOND
"""Of the second baseline: so long the limit must be passed."""


def columns_of(session: MadeSession) -> Columns:
    """What the monitor gave, as the detector takes it."""
    both = np.concatenate((session.rate_time, session.pulse_time)), np.concatenate((session.rate, session.pulse))
    ranks = np.repeat([ECG, OXIMETER], [len(session.rate), len(session.pulse)])
    recording = arrays.Recording(
        arrays.cuffs(session.cuff_time, session.cuff_sbp, session.cuff_dbp),
        arrays.rates(*both, ranks),
        arrays.saturations([], []),
        session.end,
    )
    return reduce(recording, Timeline(T0, session.infusion_end, None, session.end))


def detector(session: MadeSession, thresholds: ThresholdSet) -> list[Event]:
    """The rises of the product, those present at baseline left out."""
    (found,) = batch.rises(columns_of(session), [thresholds])
    return [
        Event(
            signal=rise.episode.signal,
            level=rise.episode.level,
            onset=rise.episode.onset,
            confirmed=rise.episode.confirmed,
            back=rise.episode.return_time,
            peak=rise.episode.peak,
            outcome=rise.outcome.value,
        )
        for rise in found
        if not rise.episode.present_at_baseline
    ]


def bare(session: MadeSession, thresholds: ThresholdSet) -> list[Event]:
    """The first number at or above the limit is an alarm, the first below it ends it."""
    return _plain(session, thresholds, 0)


def delayed(session: MadeSession, thresholds: ThresholdSet) -> list[Event]:
    """The same once the limit has been passed for 15 s; a cuff's result stands until the next one."""
    return _plain(session, thresholds, DELAY)


def _plain(session: MadeSession, thresholds: ThresholdSet, delay: int) -> list[Event]:
    judged = batch.judge_columns(columns_of(session), thresholds)
    baseline = {signal: each.value for signal, each in judged.baselines.items()}
    found = []
    for limit in limits(thresholds, baseline):
        if limit.signal == "HR":
            time, value = session.rate_time, session.rate
        else:
            time, value = session.cuff_time, session.cuff_sbp if limit.signal == "SBP" else session.cuff_dbp
        given = ~np.isnan(value) & (time > T0) & (time <= session.end)
        order = np.argsort(time[given], kind="stable")
        when, numbers = time[given][order], value[given][order]
        passed = numbers >= limit.threshold
        edges = [0, *(np.flatnonzero(passed[1:] != passed[:-1]) + 1).tolist(), len(passed)]
        for start, after in pairwise(edges):
            if start == after or not passed[start]:
                continue
            onset, back = int(when[start]), int(when[after]) if after < len(when) else None
            if (back if back is not None else session.end) - onset < delay:
                continue
            peak = float(numbers[start:after].max())
            found.append(Event(limit.signal, limit.level, onset, onset + delay, back, peak, ""))
    return found


CONTENDERS: Mapping[str, Callable[[MadeSession, ThresholdSet], list[Event]]] = {
    "detector": detector,
    "bare threshold": bare,
    "threshold and 15 s": delayed,
}
