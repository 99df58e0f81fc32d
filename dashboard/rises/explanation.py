"""Why a rise was flagged: everything it rests on, from the baseline's readings to the run that returned it.

One call for all who ask: `flag --explain`, the bed's page, the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from msgspec import Struct

from dashboard.errors import RisewatchError
from dashboard.rises.analysis import Analysis, Rise
from dashboard.rises.annotations import Annotations, annotate
from dashboard.rises.baseline import BaselineStatus
from dashboard.rises.continuous import Point
from dashboard.rises.criteria import EQUAL, Criterion, at_least, at_most, criteria, decisive
from dashboard.rises.episodes import Episode
from dashboard.rises.epochs import BRIDGED, EPOCH
from dashboard.rises.evidence import Evidence
from dashboard.rises.outcomes import deadline
from dashboard.rises.thresholds import CUFF_SIGNALS, Combine
from dashboard.rises.validity import explain as explain_rejection
from devices.reading import USED, Notice


class NotExplained(RisewatchError):
    """The readings at hand do not give the rise that was asked for."""


class BaselineShown(Struct, frozen=True):
    """What the rise was measured from.

    Attributes:
        value: None without a baseline (then only an absolute limit counts). points: the readings or epochs it is the
            median of; none if it was entered by hand. author, reason: then of the person, as far as recorded.
    """

    value: float | None
    status: BaselineStatus
    points: tuple[Point, ...]
    author: str = ""
    reason: str = ""


class SetShown(Struct, frozen=True):
    """The threshold set that decided. `version`: its number in the store, if it is there. `since`: None if it counted
    from the beginning, else when it came to count, by whom and why."""

    name: str
    hash: str
    version: int | None = None
    since: int | None = None
    author: str = ""
    reason: str = ""


class Refused(Struct, frozen=True):
    """Readings on the way that did not count. `count` of them, all for one reason, from `first` to `last`."""

    count: int
    first: int
    last: int
    said: str
    why: str


class Explanation(Struct, frozen=True):
    """Why one rise was flagged. Values in the signal's unit.

    Attributes:
        criteria: those of the level that are on. decided_by: the one that set the threshold.
        clear_is_baseline: the high-baseline rule of 3.3 set the clear level, not the hysteresis.
        confirming: the run that confirmed it. needed: how long that had to be.
        peak: the highest value; `reached_again`: later values that equal it.
        returning: the run that returned it, or the values at or below the clear level at the end, too few to do so.
        refused: from the last valid value before the onset until the return was declared, or the end.
        gaps: stretches (since, until) on the way that broke pending runs. doubts: marks of suspect readings.
        deadline: until when a return makes it transient.
    """

    rise: Rise
    baseline: BaselineShown
    thresholds: SetShown
    combine: Combine
    criteria: tuple[Criterion, ...]
    decided_by: Criterion
    hysteresis: float
    clear_is_baseline: bool
    confirming: tuple[Point, ...]
    needed: int
    peak: Point
    reached_again: tuple[Point, ...]
    returning: tuple[Point, ...]
    needed_back: int
    last: Point
    refused: tuple[Refused, ...]
    gaps: tuple[tuple[int, int], ...]
    doubts: tuple[Notice, ...]
    deadline: int
    annotations: Annotations


def explain(analysis: Analysis, rise: Rise, versions: Mapping[str, int] | None = None) -> Explanation:
    """Explains `rise`, one of `analysis.rises`.

    Args:
        versions: the number in the store of a threshold set, by its hash.

    Raises:
        NotExplained: the rise is not one of this analysis.
    """
    if rise not in analysis.rises:
        raise NotExplained("that rise does not follow from these readings, so it cannot be explained by them")
    episode, evidence = rise.episode, analysis.evidence
    thresholds = analysis.set_of(episode.thresholds)
    level = next(each for each in thresholds.levels_of(episode.signal) if each.level == episode.level)
    found = criteria(level, episode.baseline)
    hysteresis = thresholds.hysteresis_of(episode.signal)
    end = episode.declared if episode.declared is not None else evidence.end
    before = evidence.before(episode.signal, episode.onset)
    since = before.known if before is not None else evidence.t0
    confirming = _known_by(evidence, episode, episode.onset, episode.confirmed)
    until = episode.return_time if episode.return_time is not None else evidence.end + 1
    values = evidence.between(episode.signal, episode.onset, until)
    longest = thresholds.max_gap if episode.signal in CUFF_SIGNALS else (BRIDGED + 1) * EPOCH
    peak = next(each for each in values if each.time == episode.peak_time)
    until_when = deadline(episode.onset, analysis.timeline.infusion_end, thresholds.x_off)
    assert until_when is not None  # looked back upon, the infusion has an end
    return Explanation(
        rise=rise,
        baseline=_baseline(analysis, episode),
        thresholds=_set_shown(analysis, episode.thresholds, versions or {}),
        combine=thresholds.combine,
        criteria=tuple(found),
        decided_by=decisive(found, thresholds.combine),
        hysteresis=hysteresis,
        clear_is_baseline=episode.clear > episode.threshold - hysteresis + EQUAL,
        confirming=confirming,
        needed=level.n_on,
        peak=peak,
        reached_again=tuple(each for each in values if each.time > peak.time and at_least(each.value, peak.value)),
        returning=(
            _known_by(evidence, episode, episode.return_time, end)
            if episode.return_time is not None
            else _going_back(values[len(confirming) :], episode.clear, longest, evidence.end)
        ),
        needed_back=thresholds.n_off_of(episode.signal),
        last=values[-1],
        refused=_refused(analysis, episode.signal, since, end),
        gaps=_gaps(evidence, episode, longest, end),
        doubts=tuple(
            each
            for each in analysis.notices
            if each.kind.startswith("suspect-") and each.signal == _family(episode.signal) and since < each.time <= end
        ),
        deadline=until_when,
        annotations=annotate(episode, evidence, thresholds.max_gap),
    )


def _known_by(evidence: Evidence, episode: Episode, first: int, known: int) -> tuple[Point, ...]:
    """The values from `first` on that were known at `known`."""
    return tuple(each for each in evidence.between(episode.signal, first, known + 1) if each.known <= known)


def _going_back(values: Sequence[Point], clear: float, longest: int, end: int) -> tuple[Point, ...]:
    """The values at the end that are at or below the clear level, in a row that no gap has broken."""
    run: list[Point] = []
    following = end
    for each in reversed(values):
        if not at_most(each.value, clear) or following - each.time > longest:
            break
        run.insert(0, each)
        following = each.time
    return tuple(run)


def _gaps(evidence: Evidence, episode: Episode, longest: int, end: int) -> tuple[tuple[int, int], ...]:
    """Where two valid values lie too far apart for one run."""
    values = evidence.between(episode.signal, episode.onset, end + 1)
    ends = [*(each.time for each in values[1:]), *([end] if episode.declared is None else [])]
    return tuple(
        (value.known, later) for value, later in zip(values, ends, strict=False) if later - value.time > longest
    )


def _baseline(analysis: Analysis, episode: Episode) -> BaselineShown:
    signal, value = episode.signal, episode.baseline
    if value is None:
        return BaselineShown(None, BaselineStatus.NONE, ())
    for change in reversed(analysis.changes):
        if change.at < episode.confirmed and (change.baselines or {}).get(signal) == value:
            return BaselineShown(value, BaselineStatus.MANUAL, (), change.author, change.reason)
    if analysis.manual.get(signal) == value:
        return BaselineShown(value, BaselineStatus.MANUAL, ())
    measured = analysis.measured[signal]
    times = set(measured.times)
    first, last = min(times), max(times)
    points = analysis.evidence.between(signal, first, last + 1)
    return BaselineShown(value, measured.status, tuple(each for each in points if each.time in times))


def _set_shown(analysis: Analysis, hash: str, versions: Mapping[str, int]) -> SetShown:
    thresholds, number = analysis.set_of(hash), versions.get(hash)
    if analysis.thresholds.hash == hash:
        return SetShown(thresholds.name, hash, number)
    change = next(each for each in analysis.changes if each.thresholds is not None and each.thresholds.hash == hash)
    return SetShown(thresholds.name, hash, number, change.at, change.author, change.reason)


def _refused(analysis: Analysis, signal: str, since: int, until: int) -> tuple[Refused, ...]:
    """What on the way did not count: rejected, doubled and late readings."""
    found = list(_rejected_cuffs(analysis.evidence, since, until) if signal in CUFF_SIGNALS else ())
    if signal not in CUFF_SIGNALS:
        found += _rejected_rates(analysis.evidence, since, until)
    family = ("NIBP",) if signal in CUFF_SIGNALS else ("HR", "PR")
    whys = {"late": "it came after later readings had been processed", "conflict": "another one of its time came later"}
    found += [
        Refused(1, each.time, each.time, each.text, whys[each.kind])
        for each in analysis.notices
        if each.kind in whys and each.signal in family and since < each.time <= until
    ]
    return tuple(sorted(found, key=lambda each: (each.first, each.why)))


def _rejected_cuffs(evidence: Evidence, since: int, until: int) -> list[Refused]:
    return [
        Refused(1, cuff.time, cuff.time, str(cuff), explain_rejection(cuff, why))
        for cuff, why in evidence.cuffs
        if why is not None and since < cuff.time <= until
    ]


def _rejected_rates(evidence: Evidence, since: int, until: int) -> list[Refused]:
    """Rate samples that do not count, those of one reason together: there may be thousands."""
    refused = [
        ("outside 20 to 250 /min" if each.status in USED else f"the monitor marks it {each.status.value}", each)
        for each in evidence.rates.refused(since, until)
    ]
    found = []
    for why, group in groupby(sorted(refused, key=lambda pair: (pair[0], pair[1].time)), key=lambda pair: pair[0]):
        samples = [each for _, each in group]
        values = [each.value for each in samples if each.value is not None]
        said = "no value" if not values else f"{min(values):g}" + (f" to {max(values):g}" if len(values) > 1 else "")
        found.append(Refused(len(samples), samples[0].time, samples[-1].time, said, why))
    return found


def _family(signal: str) -> str:
    return "NIBP" if signal in CUFF_SIGNALS else "HR"
