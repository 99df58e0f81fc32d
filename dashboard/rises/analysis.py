"""A whole session looked back upon: baseline, rises, notices. The report, `flag` and what-if all ask here.

It sorts and clears the readings (3.11.4-5), then feeds the live machine, so that no number is computed twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from dashboard.rises import notices
from dashboard.rises.baseline import RATE_WINDOW, Baseline
from dashboard.rises.coverage import Spell, spells
from dashboard.rises.episodes import Episode, Scope
from dashboard.rises.epochs import is_evaluable
from dashboard.rises.evidence import Evidence
from dashboard.rises.ladder import Rule
from dashboard.rises.live import SessionDetector
from dashboard.rises.outcomes import Rise as Rise
from dashboard.rises.prepare import Prepared, Sample, prepare
from dashboard.rises.streams import Change
from dashboard.rises.suspect import Doubts, isolated
from dashboard.rises.thresholds import CUFF_SIGNALS, ThresholdSet
from dashboard.rises.timeline import ClosedTimeline, Timeline
from dashboard.rises.validity import rejection
from devices.reading import USED, Notice, Reading


class Analysis(Struct, frozen=True):
    """What a session was.

    Attributes:
        timeline: with both ends, recorded or assumed.
        thresholds: those the session began with. baselines: of SBP, DBP, HR.
        rules: the limits in force at the end, by signal.
        rises: in the order of 3.11.10. before_start, low: episodes that are no rises.
        notices: by time. spells: when the cuff was overdue or a signal could not be judged.
        evidence: the readings all this rests on. measured: the baselines they give, whatever was entered by hand.
        manual: baselines entered by hand before the session began. changes: made in it, by time.
    """

    timeline: ClosedTimeline
    thresholds: ThresholdSet
    baselines: Mapping[str, Baseline]
    rules: Mapping[str, Sequence[Rule]]
    rises: tuple[Rise, ...]
    before_start: tuple[Episode, ...]
    low: tuple[Episode, ...]
    notices: tuple[Notice, ...]
    spells: tuple[Spell, ...]
    evidence: Evidence
    measured: Mapping[str, Baseline]
    manual: Mapping[str, float]
    changes: tuple[Change, ...]

    def set_of(self, hash: str) -> ThresholdSet:
        """The threshold set of that hash, one of those that were in force."""
        return next(each for each in in_force(self.thresholds, self.changes) if each.hash == hash)

    @property
    def counted(self) -> tuple[Rise, ...]:
        """The rises without those already present at baseline."""
        return tuple(rise for rise in self.rises if not rise.episode.present_at_baseline)


def analyse(
    readings: Iterable[Reading],
    timeline: Timeline,
    thresholds: ThresholdSet,
    manual_baseline: Mapping[str, float] | None = None,
    changes: Iterable[Change] = (),
) -> Analysis:
    """Judges a session.

    Args:
        readings: in any order. Readings after the session's end are left out.
        timeline: with t0. manual_baseline: by SBP, DBP, HR; replaces the computed one. changes: made in the session.

    Raises:
        ValueError: the timeline has no t0.
    """
    if timeline.t0 is None:
        raise ValueError("a session without a start of the drug has no rises to judge")
    given, changes = list(readings), tuple(sorted(changes, key=lambda each: each.at))
    last = max((reading.time for reading in given), default=timeline.t0)
    closed = timeline.closed(last)
    prepared = prepare(each for each in given if each.time <= closed.session_end)
    decided = replace(closed.timeline, infusion_end=closed.infusion_end)
    detector = SessionDetector(decided, thresholds, manual_baseline, changes)
    events = detector.feed([*prepared.cuffs, *prepared.rates, *prepared.saturations])
    events += detector.finish(closed.session_end)
    rises = detector.episodes(Scope.RISE)
    before_start, low = detector.episodes(Scope.BEFORE_START), detector.episodes(Scope.LOW)
    evidence = Evidence(prepared, timeline.t0, closed.session_end)
    told = [event for event in events if isinstance(event, Notice)]
    told += _doubts(prepared, closed.session_end)
    told += [*prepared.notices, *notices.assumed_ends(closed), *_about_coverage(prepared, timeline.t0, thresholds)]
    told += [notice for each in (*before_start, *low) if (notice := notices.of_episode(each)) is not None]
    silent = {notice.signal for notice in told if notice.kind == "not-evaluable"} - {"NIBP"}
    # What comes too seldom has a gap between any two values: the one notice says it all.
    told = [notice for notice in told if notice.kind != "gap" or notice.signal not in silent]
    return Analysis(
        timeline=closed,
        thresholds=thresholds,
        baselines=detector.baselines,
        rules=detector.rules,
        rises=tuple(Rise(each, detector.outcome(each, closed.session_end)) for each in rises),
        before_start=tuple(before_start),
        low=tuple(low),
        notices=tuple(sorted(told, key=lambda notice: (notice.time, notice.kind, notice.signal))),
        spells=tuple(spells(evidence, lambda at: _in_force_at(at, thresholds, changes))),
        evidence=evidence,
        measured=detector.measured,
        manual=dict(manual_baseline or {}),
        changes=changes,
    )


def in_force(first: ThresholdSet, changes: Iterable[Change]) -> list[ThresholdSet]:
    """The threshold sets of a session in the order in which they came to count."""
    return [first, *(each.thresholds for each in changes if each.thresholds is not None)]


def _in_force_at(at: int, first: ThresholdSet, changes: Iterable[Change]) -> ThresholdSet:
    """The set that counts for a reading at the instant `at`."""
    return in_force(first, [each for each in changes if each.at < at])[-1]


def _doubts(prepared: Prepared, end: int) -> list[Notice]:
    """The marks of suspect readings, also those that only looking back gives."""
    doubts = Doubts()
    return [*doubts.push([*prepared.cuffs, *prepared.rates]), *doubts.advance(end), *isolated(prepared.cuffs)]


def _about_coverage(prepared: Prepared, t0: int, thresholds: ThresholdSet) -> list[Notice]:
    """Whether the signals can be judged at all, and how many rate samples were not believed."""
    found = []
    has_cuff_levels = any(thresholds.levels_of(signal) for signal in CUFF_SIGNALS)
    if has_cuff_levels and not any(cuff.time > t0 and rejection(cuff) is None for cuff in prepared.cuffs):
        found.append(notices.no_cuff(t0))
    for signal, samples in (("HR", prepared.rates), ("SPO2", prepared.saturations)):
        used = sorted(sample.time for sample in samples if sample.valid and sample.time >= t0 - RATE_WINDOW)
        is_expected = bool(samples) if signal == "SPO2" else bool(thresholds.levels_of(signal))
        if is_expected and not is_evaluable(used):
            found.append(notices.not_evaluable(t0, signal, bool(used)))
    refused = [sample for sample in prepared.rates if _is_out_of_range(sample)]
    if refused:
        found.append(notices.rates_rejected(min(sample.time for sample in refused), len(refused)))
    return found


def _is_out_of_range(sample: Sample) -> bool:
    return sample.value is not None and not sample.valid and sample.status in USED
