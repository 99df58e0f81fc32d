"""The evaluation: made sessions, three truths, three contenders, and the splits of the scores (clinical 7).

What comes out says how the rules behave on made data. It is no clinical performance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from msgspec import Struct

from dashboard.evaluation.contenders import CONTENDERS, columns_of
from dashboard.evaluation.doubted import Marks, marks, total
from dashboard.evaluation.score import Pair, Score, paired, score
from dashboard.evaluation.truth import TRUTHS, Truth
from dashboard.rises.epochs import EPOCH
from dashboard.rises.thresholds import ThresholdSet
from devices.instant import HOUR, MINUTE, SECOND
from devices.virtual.cohort import T0, MadeSession, made

LOST_RATE = 30 * SECOND
PARTS = ("held-out", "development")
"""Two cohorts of one mix, drawn apart. Whoever changes a rule looks at the second alone; the first is for reports."""

NOT_CLINICAL = (
    "These results are of made (synthetic) sessions. They show how the rules behave and are not clinical performance."
)


class Tried(Struct, frozen=True):
    """What is kept of one session.

    Attributes:
        valid: share of watched time with a valid value, by "HR" and "NIBP". technical: how many technical alarms.
        has_pulse: an oximeter gave a pulse rate too. marks: of suspect rates.
    """

    kind: str
    noise: str
    cycle_min: float
    classes: tuple[str, ...]
    hours: float
    valid: Mapping[str, float]
    technical: int
    pairs: Mapping[tuple[str, Truth], Sequence[Pair]]
    has_pulse: bool
    marks: Marks


class Evaluation(Struct, frozen=True):
    """All scores.

    Attributes:
        mix: how many sessions of each kind, noise level, cuff cycle and artefact class.
        scores: by contender, truth, split (such as "signal") and its value (such as "SBP"); ("all", "all") is all.
        valid: mean share of watched time with a valid value. technical_per_hour: technical alarms of 3.7.
        marks: of suspect rates, and which heart-rate rises they stand at.
    """

    thresholds: ThresholdSet
    part: str
    seed: int
    sessions: int
    hours: float
    mix: Mapping[str, Mapping[str, int]]
    valid: Mapping[str, float]
    technical_per_hour: float
    scores: Mapping[tuple[str, Truth, str, str], Score]
    marks: Marks


def trials(count: int, seed: int, part: str, thresholds: ThresholdSet) -> Iterator[Tried]:
    """Tries every contender on session after session."""
    for number in range(count):
        yield _tried(made(seed, part, number), thresholds)


def evaluation(tried: Sequence[Tried], seed: int, part: str, thresholds: ThresholdSet) -> Evaluation:
    """The scores of what was tried."""
    hours = sum(each.hours for each in tried)
    scores = {
        (contender, truth, split, value): found
        for contender in CONTENDERS
        for truth in Truth
        for split, value, found in _scores(contender, truth, tried, seed, thresholds)
    }
    return Evaluation(
        thresholds=thresholds,
        part=part,
        seed=seed,
        sessions=len(tried),
        hours=hours,
        mix={
            split: dict(sorted(Counter(value for each in tried for value in of(each)).items()))
            for split, of in _SPLITS.items()
        },
        valid={name: float(np.mean([each.valid[name] for each in tried])) for name in ("HR", "NIBP")} if tried else {},
        technical_per_hour=sum(each.technical for each in tried) / hours if hours else 0.0,
        scores=scores,
        marks=total(each.marks for each in tried),
    )


def _scores(
    contender: str, truth: Truth, tried: Sequence[Tried], seed: int, thresholds: ThresholdSet
) -> Iterator[tuple[str, str, Score]]:
    """The scores of all, by signal, by level, and by what the sessions were."""
    pairs = [pair for each in tried for pair in each.pairs[contender, truth]]
    everyone, hours = range(len(tried)), sum(each.hours for each in tried)
    yield "all", "all", score(pairs, everyone, hours, len(thresholds.level), seed)
    for signal, count in Counter(each.signal for each in thresholds.level).items():
        kept = [pair for pair in pairs if pair.event.signal == signal]
        yield "signal", signal, score(kept, everyone, hours, count, seed)
    for level, count in sorted(Counter(each.level for each in thresholds.level).items()):
        kept = [pair for pair in pairs if pair.event.level == level]
        yield "level", str(level), score(kept, everyone, hours, count, seed)
    for split, of in _SPLITS.items():
        for value in sorted({value for each in tried for value in of(each)}):
            places = [place for place, each in enumerate(tried) if value in of(each)]
            kept = [pair for place in places for pair in tried[place].pairs[contender, truth]]
            watched = sum(tried[place].hours for place in places)
            yield split, value, score(kept, places, watched, len(thresholds.level), seed)


_SPLITS: Mapping[str, Callable[[Tried], tuple[str, ...]]] = {
    "kind": lambda each: (each.kind,),
    "cuff cycle": lambda each: (f"{each.cycle_min:04.1f} min",),
    "artefact": lambda each: each.classes,
    "noise": lambda each: (each.noise,),
    "pulse rate": lambda each: ("beside the ECG" if each.has_pulse else "none",),
}


def _tried(session: MadeSession, thresholds: ThresholdSet) -> Tried:
    truths = {truth: find(session, thresholds) for truth, find in TRUTHS.items()}
    pairs = {}
    for name, contender in CONTENDERS.items():
        found = contender(session, thresholds)
        for truth, true in truths.items():
            seen = truths[Truth.SAMPLED] if truth is Truth.LATENT else None
            pairs[name, truth] = paired(session.number, true, found, session.cycle_min, session.end, seen)
    valid, technical = _coverage(session)
    hours = (session.end - T0) / HOUR
    marked = marks(session, truths[Truth.SAMPLED], pairs["detector", Truth.SAMPLED], hours)
    has_pulse = len(session.pulse) > 0
    return Tried(
        session.kind, session.noise, session.cycle_min, session.classes, hours, valid, technical, pairs, has_pulse,
        marked,
    )  # fmt: skip


def _coverage(session: MadeSession) -> tuple[dict[str, float], int]:
    """Share of watched time with a valid value (a cuff's result is one until its cycle and 2 min have passed), and how
    often a value would have been called lost (3.7: rate 30 s, cuff twice its cycle and 2 min)."""
    columns = columns_of(session)
    epochs = (session.end - T0) // EPOCH
    numbers = columns.rate_number[(columns.rate_number >= 0) & (columns.rate_number < epochs)]
    missing = np.diff(np.concatenate(([-1], numbers, [epochs]))) - 1
    cycle = round(session.cycle_min * MINUTE)
    times = columns.cuff_time[columns.cuff_time < session.end]
    until = np.append(times[1:], session.end)
    covered = np.minimum(until, times + cycle + 2 * MINUTE) - np.maximum(times, T0)
    lost = (until - times > 2 * cycle + 2 * MINUTE) & (until > T0)
    technical = int((missing * EPOCH > LOST_RATE).sum() + lost.sum())
    share = float(np.maximum(covered, 0).sum()) / (session.end - T0)
    return {"HR": len(numbers) / epochs, "NIBP": share}, technical
