"""A whole session looked back upon: baseline, rises, notices. The report, `flag` and what-if all ask here.

It sorts and clears the readings (3.11.4-5) and feeds the live machine, so that no number is computed twice; piece by
piece, so that a recording of weeks takes no more memory than its columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from dashboard.rises import notices
from dashboard.rises.baseline import Baseline
from dashboard.rises.coverage import Spell, spells
from dashboard.rises.episodes import Episode, Scope
from dashboard.rises.epochs import EPOCH
from dashboard.rises.evidence import Evidence
from dashboard.rises.ladder import Rule
from dashboard.rises.live import SessionDetector
from dashboard.rises.outcomes import Rise as Rise
from dashboard.rises.prepare import ordered, pieces, prepare_ordered
from dashboard.rises.streams import Change, Event
from dashboard.rises.suspect import Doubts, isolated
from dashboard.rises.thresholds import CUFF_SIGNALS, ThresholdSet
from dashboard.rises.timeline import ClosedTimeline, Timeline
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
    given, changes = ordered(readings), tuple(sorted(changes, key=lambda each: each.at))
    closed = timeline.closed(given[-1].time if given else timeline.t0)
    decided = replace(closed.timeline, infusion_end=closed.infusion_end)
    detector, doubts = SessionDetector(decided, thresholds, manual_baseline, changes), Doubts()
    evidence = Evidence(timeline.t0, closed.session_end)
    events: list[Event] = []
    doubted: list[Notice] = []
    cleared: list[Notice] = []
    for piece, until in pieces(given, timeline.t0, EPOCH, closed.session_end):
        prepared = prepare_ordered(piece)
        events += detector.feed([*prepared.cuffs, *prepared.rates, *prepared.saturations])
        events += detector.advance(until)
        doubted += [*doubts.push([*prepared.cuffs, *prepared.rates]), *doubts.advance(until)]
        cleared += prepared.notices
        evidence.take(prepared, until)
    events += detector.finish(closed.session_end)
    doubted += doubts.advance(closed.session_end)
    rises = detector.episodes(Scope.RISE)
    before_start, low = detector.episodes(Scope.BEFORE_START), detector.episodes(Scope.LOW)
    told = [event for event in events if isinstance(event, Notice)]
    told += [*doubted, *isolated(cuff for cuff, _ in evidence.cuffs)]
    told += [*_once(cleared), *notices.assumed_ends(closed), *_about_coverage(evidence, thresholds)]
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


def _once(cleared: Iterable[Notice]) -> list[Notice]:
    """What preparing all readings at once would tell: that arterial pressure is not looked at is said once."""
    found, is_said = [], False
    for notice in cleared:
        if notice.kind == "not-flagged":
            if is_said:
                continue
            is_said = True
        found.append(notice)
    return found


def _about_coverage(evidence: Evidence, thresholds: ThresholdSet) -> list[Notice]:
    """Whether the signals can be judged at all, and how many rate samples were not believed."""
    found, t0 = [], evidence.t0
    has_cuff_levels = any(thresholds.levels_of(signal) for signal in CUFF_SIGNALS)
    if has_cuff_levels and not any(cuff.time > t0 and why is None for cuff, why in evidence.cuffs):
        found.append(notices.no_cuff(t0))
    for signal, samples in (("HR", evidence.rates), ("SPO2", evidence.saturations)):
        is_expected = samples.heard if signal == "SPO2" else bool(thresholds.levels_of(signal))
        if is_expected and not samples.is_evaluable:
            found.append(notices.not_evaluable(t0, signal, bool(samples.valid_since)))
    refused = [each.time for each in evidence.rates.refused() if each.value is not None and each.status in USED]
    if refused:
        found.append(notices.rates_rejected(refused[0], len(refused)))
    return found
