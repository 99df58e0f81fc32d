"""How well what was found fits what was true (clinical definition 7): counts, errors, delays, and their spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct, field

from dashboard.evaluation.truth import Event
from dashboard.rises.matching import Span, match
from devices.instant import MINUTE, SECOND

HR_TOLERANCE = 30 * SECOND
RESAMPLES = 1_000
MISSED, FALSE = "missed", "false"
"""Outcomes of what has no counterpart, in the confusion matrix."""


class Pair(Struct, frozen=True):
    """A true event and what was found of it; one of the two may be None.

    Attributes:
        session: place of the session. between_cuffs: true on the curve, but no cuff measured it: a limit of sampling.
    """

    session: int
    true: Event | None
    found: Event | None
    between_cuffs: bool = False

    @property
    def event(self) -> Event:
        event = self.true or self.found
        assert event is not None
        return event


def paired(
    session: int,
    true: Sequence[Event],
    found: Sequence[Event],
    cycle_min: float,
    end: int,
    seen: Sequence[Event] | None = None,
) -> list[Pair]:
    """True and found events of one session, one to one per signal and level.

    Two match if they overlap and their onsets differ by one cuff cycle at most (heart rate: 30 s); the nearest first.

    Args:
        seen: true events of the sampled curve; a true pressure event that is not matched and overlaps none of them
            lay between two cuffs.
    """
    pairs = []
    for signal, level in sorted({(each.signal, each.level) for each in (*true, *found)}):
        ours = [each for each in found if (each.signal, each.level) == (signal, level)]
        theirs = [each for each in true if (each.signal, each.level) == (signal, level)]
        tolerance = HR_TOLERANCE if signal == "HR" else round(cycle_min * MINUTE)
        spans = [Span(each.onset, each.until(end)) for each in theirs]
        matched = dict(match(spans, [Span(each.onset, each.until(end)) for each in ours], tolerance))
        for place, each in enumerate(theirs):
            if place in matched:
                pairs.append(Pair(session, each, ours[matched[place]]))
            else:
                visible = signal == "HR" or seen is None or any(
                    (other.signal, other.level) == (signal, level)
                    and spans[place].overlaps(Span(other.onset, other.until(end)))
                    for other in seen
                )  # fmt: skip
                pairs.append(Pair(session, each, None, not visible))
        taken = set(matched.values())
        pairs += [Pair(session, None, each) for place, each in enumerate(ours) if place not in taken]
    return pairs


class Score(Struct, frozen=True):
    """Counts of one contender against one truth. Times in seconds, pressures mmHg, rates 1/min; None: nothing to tell.

    Attributes:
        sessions, hours: watched. between_cuffs: missed because no cuff measured them; not counted as missed.
        recall, precision, f1: with a 95 % interval by resampling sessions.
        onset_error, peak_error, return_error: found minus true: median and the 95th percentile of the absolute value.
        alarm_delay: found confirmed minus true onset: median and 95th percentile.
        classes: true outcome, found outcome, how often. challenge: the score of PhysioNet's challenge of 2015 over
            sessions and detectors, 100 (TP + TN) / (TP + TN + FP + 5 FN).
    """

    sessions: int
    hours: float
    true: int
    found: int
    matched: int
    missed: int
    false: int
    between_cuffs: int
    recall: tuple[float, float, float] | None
    precision: tuple[float, float, float] | None
    f1: tuple[float, float, float] | None
    onset_error: tuple[float, float] | None
    alarm_delay: tuple[float, float] | None
    peak_error: tuple[float, float] | None
    return_error: tuple[float, float] | None
    false_per_hour: float
    false_per_session: float
    challenge: float | None
    classes: dict[str, dict[str, int]] = field(default_factory=dict)


def score(pairs: Sequence[Pair], sessions: Sequence[int], hours: float, detectors: int, seed: int) -> Score:
    """The score of `pairs`.

    Args:
        sessions: places of all sessions, also of those without any event. hours: watched in them.
        detectors: signals and levels that could have fired in each session. seed: of the resampling.
    """
    matched = [(each.true, each.found) for each in pairs if each.true is not None and each.found is not None]
    missed = [each for each in pairs if each.found is None and not each.between_cuffs]
    false = [each for each in pairs if each.true is None]
    between = sum(each.between_cuffs for each in pairs)
    counts = _by_session(pairs, sessions)
    recall, precision, f1 = _with_intervals(counts, seed)
    returned = [(true.back, found.back) for true, found in matched if true.back is not None and found.back is not None]
    return Score(
        sessions=len(sessions),
        hours=hours,
        true=len(matched) + len(missed) + between,
        found=len(matched) + len(false),
        matched=len(matched),
        missed=len(missed),
        false=len(false),
        between_cuffs=between,
        recall=recall,
        precision=precision,
        f1=f1,
        onset_error=_error([(found.onset - true.onset) / SECOND for true, found in matched]),
        alarm_delay=_delay([(found.confirmed - true.onset) / SECOND for true, found in matched]),
        peak_error=_error([found.peak - true.peak for true, found in matched]),
        return_error=_error([(found - true) / SECOND for true, found in returned]),
        false_per_hour=len(false) / hours if hours else 0.0,
        false_per_session=len(false) / len(sessions) if sessions else 0.0,
        challenge=_challenge(pairs, len(sessions) * detectors),
        classes=_classes(pairs),
    )


def _by_session(pairs: Iterable[Pair], sessions: Sequence[int]) -> np.ndarray:
    """Matched, missed and false, a row a session."""
    rows = {session: row for row, session in enumerate(sessions)}
    counts = np.zeros((len(rows), 3))
    for each in pairs:
        if not each.between_cuffs:
            kind = 2 if each.true is None else 1 if each.found is None else 0
            counts[rows[each.session], kind] += 1
    return counts


def _with_intervals(counts: np.ndarray, seed: int) -> list[tuple[float, float, float] | None]:
    """Recall, precision and F1 of all, each with the 2.5th and 97.5th percentile of resampled sessions."""
    if not len(counts):
        return [None, None, None]
    draw = np.random.default_rng(seed)
    weights = draw.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), RESAMPLES)
    found: list[tuple[float, float, float] | None] = []
    for parts in ((1,), (2,), (1, 2)):
        hit, share = counts[:, 0], 0.5 if len(parts) == 2 else 1.0
        wrong = counts[:, list(parts)].sum(axis=1) * share
        total = hit.sum() + wrong.sum()
        if not total:
            found.append(None)
            continue
        hits, all_ = weights @ hit, weights @ (hit + wrong)
        shares = hits[all_ > 0] / all_[all_ > 0]
        low, high = np.percentile(shares, [2.5, 97.5]).tolist()
        found.append((float(hit.sum() / total), low, high))
    return found


def _error(errors: Sequence[float]) -> tuple[float, float] | None:
    if not errors:
        return None
    return float(np.median(errors)), float(np.percentile(np.abs(errors), 95))


def _delay(delays: Sequence[float]) -> tuple[float, float] | None:
    return (float(np.median(delays)), float(np.percentile(delays, 95))) if delays else None


def _challenge(pairs: Iterable[Pair], labels: int) -> float | None:
    """By session and detector: was there an event, was one found, wherever in the session."""
    true = {
        (each.session, each.event.signal, each.event.level)
        for each in pairs
        if each.true is not None and not each.between_cuffs
    }
    found = {(each.session, each.event.signal, each.event.level) for each in pairs if each.found is not None}
    if not labels:
        return None
    hit, false, missed = len(true & found), len(found - true), len(true - found)
    correct = labels - false - missed
    assert correct >= hit
    return 100 * correct / (correct + false + 5 * missed)


def _classes(pairs: Iterable[Pair]) -> dict[str, dict[str, int]]:
    counted = Counter(
        (FALSE if each.true is None else each.true.outcome, MISSED if each.found is None else each.found.outcome)
        for each in pairs
        if not each.between_cuffs
    )
    table: dict[str, dict[str, int]] = {}
    for (true, found), count in sorted(counted.items()):
        table.setdefault(true, {})[found or "none given"] = count
    return table
