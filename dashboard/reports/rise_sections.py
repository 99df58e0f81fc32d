"""Sections of a report on what was measured and flagged. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from dashboard.reports.differences import differences
from dashboard.reports.document import Block, Details, Section, Text, table, texts
from dashboard.reports.moments import DASH, Moments
from dashboard.reports.subject import Subject
from dashboard.rises.analysis import Analysis, Rise
from dashboard.rises.annotations import annotate
from dashboard.rises.baseline import Baseline, BaselineStatus
from dashboard.rises.continuous import Point
from dashboard.rises.episodes import PRIORITIES, Episode
from dashboard.rises.explanation import explain
from dashboard.rises.explanation_words import headline, sentences
from dashboard.rises.notices import UNITS, span
from dashboard.rises.outcomes import outcome_words
from dashboard.rises.suspect import KINDS as SUSPECTS
from dashboard.rises.thresholds import CUFF_SIGNALS, SIGNALS
from dashboard.rises.validity import explain as explain_rejection
from dashboard.sessions.summary import columns, extremes

NAMES = {"SBP": "SBP", "DBP": "DBP", "HR": "HR", "SPO2": "SpO2", "NIBP": "NIBP"}


class Flagged(Struct, frozen=True):
    """The sections that rest on the analysis of `subject`; none where the drug was not started."""

    subject: Subject
    moments: Moments

    def baseline(self) -> Iterator[Section]:
        if self.subject.analysis is not None:
            yield Section("Baseline", tuple(_baseline(self.subject.analysis, self.moments)))

    def extremes(self) -> Iterator[Section]:
        if self.subject.analysis is not None:
            yield Section("Highest and lowest values after the start", (_extremes(self.subject, self.moments),))

    def rises(self) -> Iterator[Section]:
        if self.subject.analysis is not None:
            yield Section("Rises", tuple(_rises(self.subject, self.subject.analysis, self.moments)))

    def not_looked_at(self) -> Iterator[Section]:
        if self.subject.analysis is not None:
            yield Section("Not looked at", tuple(_gaps(self.subject.analysis, self.moments)))

    def low_limits(self) -> Iterator[Section]:
        analysis = self.subject.analysis
        if analysis is None:
            return
        yield Section("Low limits", (_low(analysis.low, self.moments),))
        if analysis.before_start:
            yield Section("Limits passed before the start", (_before_start(analysis.before_start, self.moments),))

    def explanations(self) -> Iterator[Section]:
        analysis = self.subject.analysis
        if analysis is not None and analysis.rises:
            yield Section("Why each rise was flagged", tuple(_why(self.subject, analysis, self.moments)))

    def doubts(self) -> Iterator[Section]:
        analysis = self.subject.analysis
        if analysis is not None:
            title = "Readings to be doubted, and readings that do not count"
            yield Section(title, tuple(_doubts(self.subject, analysis, self.moments)))


def _baseline(analysis: Analysis, moments: Moments) -> Iterator[Block]:
    found = []
    for signal in SIGNALS:
        measured, used = analysis.measured.get(signal), analysis.baselines[signal]
        value = DASH if used.value is None else f"{used.value:g} {UNITS[signal]}"
        found.append((signal, value, used.status.value, _rests_on(analysis, signal, measured or used, moments)))
    yield table(("Signal", "Baseline", "Status", "Rests on"), found, numeric=(1,))
    by_hand = [
        f"From {moments.at(each.at)} the {signal} baseline is {value:g} {UNITS[signal]}, entered by hand"
        f"{f' by {each.author}' if each.author else ''}{f': {each.reason}' if each.reason else ''}."
        for each in analysis.changes
        for signal, value in (each.baselines or {}).items()
    ]
    wanted = ("no-baseline", "provisional-baseline", "limit-at-baseline", "level-order", "pre-dose")
    yield texts(*by_hand, *(f"{each.text}." for each in analysis.notices if each.kind in wanted))


def _rests_on(analysis: Analysis, signal: str, measured: Baseline, moments: Moments) -> str:
    if measured.status is BaselineStatus.MANUAL:
        return "entered by hand"
    times = set(measured.times)
    points: Sequence[Point] = (
        [each for each in analysis.evidence.between(signal, min(times), max(times) + 1) if each.time in times]
        if times
        else []
    )
    if not points:
        return "no valid reading in the time before the start"
    if signal in CUFF_SIGNALS:
        return "median of " + ", ".join(f"{each.value:g} ({moments.clock(each.time)})" for each in points)
    values = [each.value for each in points]
    what = "median of" if measured.status is BaselineStatus.OK else "too few:"
    return (
        f"{what} {len(points)} epochs of 5 s from {moments.clock(points[0].time)} to "
        f"{moments.clock(points[-1].known)}, {min(values):g} to {max(values):g}"
    )


def _rises(subject: Subject, analysis: Analysis, moments: Moments) -> Iterator[Block]:
    yield texts(_rise_count(analysis))
    if analysis.rises:
        yield _rise_table(subject, analysis, moments)
        yield _annotations(analysis)
    if subject.watched is not None and not subject.goes_on:
        told = differences(analysis, subject.watched, moments.clock)
        yield texts(*(told or ["The rises flagged live are the same."]))


def _rise_count(analysis: Analysis) -> str:
    count = len(analysis.counted)
    if not analysis.rises:
        return "No rise was flagged with these thresholds; in the times listed as not looked at none could be."
    at_baseline = len(analysis.rises) - count
    extra = f"; {at_baseline} more present at baseline, listed but not counted" if at_baseline else ""
    return f"{count} rise{'s' if count != 1 else ''} by these thresholds{extra}."


def _extremes(subject: Subject, moments: Moments) -> Block:
    t0, analysis = subject.course.t0, subject.analysis
    assert t0 is not None and analysis is not None  # asked only then
    found = extremes(columns(subject.readings, subject.until), t0, subject.until)
    lines = []
    for signal in (*SIGNALS, "SPO2"):
        each, base = found.get(signal), analysis.baselines.get(signal)
        if each is None:
            lines.append((NAMES[signal], "no valid value after the start", "", "", "0"))
            continue
        away = "" if base is None or base.value is None else f"{each.value - base.value:+g}"
        what = "lowest" if signal == "SPO2" else "highest"
        when = moments.at(each.time)
        lines.append((NAMES[signal], f"{what} {each.value:g} {UNITS[signal]}", away, when, str(each.n)))
    return table(("Signal", "Value", "From baseline", "When", "Valid values"), lines, numeric=(2, 4))


def _outcome(subject: Subject, rise: Rise) -> str:
    if subject.goes_on and rise.episode.return_time is None:
        said = "rise in progress"
    else:
        said = outcome_words(rise.outcome)
    return f"{said}; present at baseline, not counted" if rise.episode.present_at_baseline else said


def _rise_table(subject: Subject, analysis: Analysis, moments: Moments) -> Block:
    lines = [
        (
            str(number), episode.signal, str(episode.level), f"{episode.threshold:g}", moments.at(episode.onset),
            moments.clock(episode.confirmed), f"{episode.peak:g}", moments.at(episode.peak_time),
            moments.at(episode.return_time), moments.clock(episode.declared), _outcome(subject, rise),
        )
        for number, rise in enumerate(analysis.rises, 1)
        for episode in (rise.episode,)
    ]  # fmt: skip
    columns = ("No.", "Signal", "Level", "Limit", "Onset", "Confirmed", "Peak", "At", "Return", "Declared", "Outcome")
    return table(columns, lines, numeric=(0, 2, 3, 6))


def _annotations(analysis: Analysis) -> Block:
    lines = []
    for number, rise in enumerate(analysis.rises, 1):
        episode, unit = rise.episode, UNITS[rise.episode.signal]
        notes = annotate(episode, analysis.evidence, analysis.set_of(episode.thresholds).max_gap)
        fastest = ""
        if notes.steepest is not None:
            mark = {"SBP": ", steep", "HR": ", rapid"}.get(episode.signal, "") if notes.steepest.is_marked else ""
            per = "mmHg/min" if episode.signal in CUFF_SIGNALS else "/min in 60 s"
            fastest = f"{notes.steepest.rate:.1f} {per}{mark}"
        lasted = DASH if episode.return_time is None else span(episode.return_time - episode.onset)
        over = DASH if notes.over_baseline is None else f"{notes.over_baseline:+g} {unit}"
        lines.append(
            (str(number), over, span(notes.onset_to_peak), lasted, span(notes.time_above),
             f"{notes.area:.1f} {unit}·min", fastest)
        )  # fmt: skip
    columns = ("No.", "Over baseline", "Onset to peak", "Duration", "At or above limit", "Area above", "Fastest rise")
    return table(columns, lines, numeric=(0, 1))


def _why(subject: Subject, analysis: Analysis, moments: Moments) -> Iterator[Block]:
    numbers = {hash: version.version for hash, version in subject.versions.items()}
    for number, rise in enumerate(analysis.rises, 1):
        explanation = explain(analysis, rise, numbers)
        told = sentences(explanation, moments.clock, subject.goes_on)
        yield Details(f"{number}. {headline(explanation)}", tuple(told))


def _low(episodes: Sequence[Episode], moments: Moments) -> Block:
    if not episodes:
        return texts("No low limit was passed by a valid value.")
    lines = [
        (NAMES[each.signal], PRIORITIES[each.level], f"{each.threshold:g} {UNITS[each.signal]}",
         moments.at(each.onset), f"{each.peak:g} at {moments.at(each.peak_time)}", moments.at(each.return_time))
        for each in episodes
    ]  # fmt: skip
    return table(("Signal", "Priority", "Limit", "Since", "Lowest", "Until"), lines, numeric=(2,))


def _before_start(episodes: Sequence[Episode], moments: Moments) -> Block:
    lines = [
        (each.signal, str(each.level), f"{each.threshold:g}", moments.at(each.onset), f"{each.peak:g}")
        for each in episodes
    ]
    return table(("Signal", "Level", "Limit", "Since", "Highest"), lines, numeric=(1, 2, 4))


def _doubts(subject: Subject, analysis: Analysis, moments: Moments) -> Iterator[Block]:
    suspects = [(moments.at(each.time), each.text) for each in analysis.notices if each.kind in SUSPECTS]
    rejected = [
        (moments.at(cuff.time), f"{cuff}: {explain_rejection(cuff, why)}")
        for cuff, why in analysis.evidence.cuffs
        if why is not None
    ]
    others = [
        (moments.at(each.time), each.text)
        for each in analysis.notices
        if each.kind in ("conflict", "rates-rejected", "high-but-rejected", "rejections", "not-flagged", "unconfirmed")
    ]
    late = [(moments.at(each.time), each.text) for each in subject.late]
    for title, found in (
        ("Suspect, counted", suspects),
        ("Rejected cuff readings", rejected),
        ("Came late; they count in this report, not in the flags of that day", late),
        ("Other", others),
    ):
        if found:
            yield texts(f"{title}:")
            yield table(("When", "What"), found)
    if not (suspects or rejected or late or others):
        yield texts("None was told.")


def _gaps(analysis: Analysis, moments: Moments) -> Iterator[Block]:
    lines = [
        (NAMES[each.signal], each.lack.value.replace("-", " "), moments.at(each.since), moments.at(each.until),
         span(each.until - each.since))
        for each in analysis.spells
    ]  # fmt: skip
    if lines:
        yield table(("Signal", "What", "From", "To", "For"), lines, numeric=(4,))
    wanted = ("gap", "not-evaluable", "assumed-end")
    told = [f"{moments.at(each.time)}: {each.text}." for each in analysis.notices if each.kind in wanted]
    yield Text(tuple(told) if told or lines else ("No such time between the start of the drug and the end.",))
