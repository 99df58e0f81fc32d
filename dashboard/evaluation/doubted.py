"""What the marks of 3.6 are worth on made sessions: double counting, and ECG and pulse apart.

A mark holds no alarm back, so it changes no score; but a rise that a person sees marked is another one to him.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from dashboard.evaluation.contenders import OXIMETER
from dashboard.evaluation.score import Pair
from dashboard.evaluation.truth import Event
from dashboard.rises.arrays import rates
from dashboard.rises.epoch_medians import epoch_medians
from dashboard.rises.epochs import EPOCH
from dashboard.rises.prepare import ECG, Sample
from dashboard.rises.suspect import Doubts
from devices.instant import SECOND
from devices.reading import Notice, Status
from devices.virtual.cohort import T0, Artefact, MadeSession

MARKED, UNMARKED, BLIND = "marked suspect", "not marked", "no pulse rate to compare"
BESIDE = 2 * EPOCH
"""A mark belongs to a rise if its stretch began so shortly before the onset, or up to the confirmation."""
LONG_ENOUGH_S = 10.0
"""A stretch of double counting fills at least one whole span of 5 s if it is this long."""


class Rises(Struct):
    """Heart-rate rises of the detector: `matched` as the score has it; `overlapping` a true one of their level whose
    onset lies more than 30 s away; `false`: there was none."""

    matched: int = 0
    overlapping: int = 0
    false: int = 0


class Marks(Struct):
    """Of one session, or of all together.

    Attributes:
        rises: by MARKED, UNMARKED and BLIND. doubled: stretches of double counting beside a pulse rate; doubled_told:
            those that were marked. stray: marks outside all labelled artefacts. hours: with a pulse rate.
    """

    rises: dict[str, Rises] = field(default_factory=lambda: {each: Rises() for each in (MARKED, UNMARKED, BLIND)})
    doubled: int = 0
    doubled_told: int = 0
    stray: int = 0
    hours: float = 0.0


def marks(session: MadeSession, true: Sequence[Event], pairs: Iterable[Pair], hours: float) -> Marks:
    """The marks of `session`, and what they stand at.

    Args:
        true: the events of the sampled curve. pairs: of the detector against them.
    """
    found = Marks()
    told = doubts(session)
    for pair in pairs:
        if pair.found is None or pair.found.signal != "HR":
            continue
        counts = found.rises[_kind(session, pair.found, told)]
        if pair.true is not None:
            counts.matched += 1
        elif any(_overlap(pair.found, each, session.end) for each in true):
            counts.overlapping += 1
        else:
            counts.false += 1
    if not len(session.pulse):
        return found
    found.hours = hours
    lost = [each for each in session.artefacts if each.kind in ("dropout", "motion")]
    for each in session.artefacts:
        if each.kind == "hr-doubling" and each.end_s - each.start_s >= LONG_ENOUGH_S and not _meets(each, lost):
            found.doubled += 1
            found.doubled_told += any(
                notice.kind == "suspect-double-counting" and _within(notice, each, session) for notice in told
            )
    found.stray = sum(not any(_within(notice, each, session) for each in session.artefacts) for notice in told)
    return found


def total(given: Iterable[Marks]) -> Marks:
    found = Marks()
    for each in given:
        for kind, counts in each.rises.items():
            mine = found.rises[kind]
            mine.matched += counts.matched
            mine.overlapping += counts.overlapping
            mine.false += counts.false
        found.doubled += each.doubled
        found.doubled_told += each.doubled_told
        found.stray += each.stray
        found.hours += each.hours
    return found


def doubts(session: MadeSession) -> list[Notice]:
    """What the watch would have told of the two rates, from the start of the drug."""
    if not len(session.pulse):
        return []
    # One value a span and source: the medians that are compared, found as the detector finds its epochs.
    items = []
    for rank, name, times, values in (
        (ECG, "HR", session.rate_time, session.rate),
        (OXIMETER, "PR", session.pulse_time, session.pulse),
    ):
        number, median = epoch_medians(rates(times, values), T0, session.end)
        for at, value in zip((T0 + number * EPOCH).tolist(), median.tolist(), strict=True):
            items.append(Sample(at, at, name, value, Status.OK, True, rank))
    machine = Doubts()
    told = machine.push(items) + machine.advance(session.end)
    return [each for each in told if each.time >= T0 - BESIDE]


def _kind(session: MadeSession, rise: Event, told: Sequence[Notice]) -> str:
    if any(rise.onset - BESIDE <= each.time <= rise.confirmed for each in told):
        return MARKED
    return UNMARKED if len(session.pulse) else BLIND


def _overlap(rise: Event, true: Event, end: int) -> bool:
    same = (rise.signal, rise.level) == (true.signal, true.level)
    return same and rise.onset < true.until(end) and true.onset < rise.until(end)


def _within(notice: Notice, artefact: Artefact, session: MadeSession) -> bool:
    """The clock's step moves what comes after it; what is near its edges counts as within."""
    moved = 0.0
    for each in session.artefacts:
        if each.kind == "clock-step" and artefact.start_s >= each.start_s:
            moved = session.clock_step_s
    at = (notice.time - T0) / SECOND - moved
    return artefact.start_s - 10 <= at <= artefact.end_s + 10


def _meets(artefact: Artefact, others: Iterable[Artefact]) -> bool:
    return any(each.start_s < artefact.end_s and artefact.start_s < each.end_s for each in others)
