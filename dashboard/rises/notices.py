"""What the detector has to say besides rises, as notices: one sentence each (clinical definition 3.2, 3.6, 3.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from dashboard.rises import suspect
from dashboard.rises.baseline import Baseline, BaselineStatus
from dashboard.rises.criteria import EQUAL, at_least
from dashboard.rises.episodes import PRIORITIES, Episode, Mark, Scope
from dashboard.rises.ladder import Rule
from dashboard.rises.rules import rise_rules
from dashboard.rises.thresholds import SIGNALS, ThresholdSet
from dashboard.rises.timeline import ClosedTimeline
from dashboard.rises.validity import Cuff, Rejection, explain
from devices.instant import MINUTE, SECOND
from devices.reading import Notice

KINDS: dict[str, str] = suspect.KINDS | {
    "limit-before-start": "a level 3 limit was passed before the drug",
    "limit-at-baseline": "the baseline itself is at or above a limit",
    "level-order": "at this baseline a higher level comes before a lower one",
    "pre-dose": "the baseline pressure is at or above the set's pre-dose limit",
    "no-baseline": "rises cannot be judged, only absolute limits",
    "provisional-baseline": "the baseline rests on one reading",
    "high-but-rejected": "a rejected cuff reading was high: repeat the cuff",
    "reading-rejected": "a cuff reading does not count",
    "rejections": "three cuff readings in a row do not count",
    "rates-rejected": "heart or pulse rate samples outside the believed range",
    "conflict": "two different readings of one signal at one time",
    "late": "a reading came after a later one was processed",
    "gap": "values were missing for so long that runs were broken",
    "unconfirmed": "the last run was too short to be confirmed",
    "not-evaluable": "a signal does not come, or too seldom to be judged",
    "assumed-end": "an end was not recorded and was assumed",
    "low-limit": "a low limit was passed",
    "not-flagged": "a signal that is stored and shown, but not flagged",
}
"""Kind -> what it means."""

UNITS = {"SBP": "mmHg", "DBP": "mmHg", "HR": "/min", "SPO2": "%"}
_NAMES = {"SPO2": "SpO2"}


def at_start(t0: int, signal: str, baseline: Baseline, rules: Sequence[Rule], thresholds: ThresholdSet) -> list[Notice]:
    """What is worth knowing of a signal's baseline and limits when the drug starts."""
    if signal not in ("SBP", "DBP", "HR"):
        return []
    unit = UNITS[signal]
    if baseline.value is None:
        if not thresholds.levels_of(signal):
            return []
        what = (
            "no valid cuff reading in the 30 min" if signal != "HR" else "fewer than 12 epochs with a rate in the 5 min"
        )
        text = f"No {signal} baseline ({what} before the start): rises cannot be judged, absolute limits stay on"
        return [_notice(t0, "no-baseline", signal, text)]
    found = []
    if baseline.status is BaselineStatus.PROVISIONAL:
        text = f"Provisional {signal} baseline {baseline.value:g} {unit}: it rests on a single reading"
        found.append(_notice(t0, "provisional-baseline", signal, text))
    for rule in rules:
        if rule.limit.present_at_baseline:
            text = (
                f"{signal} baseline {baseline.value:g} {unit} is already at or above the level {rule.level} limit "
                f"{rule.limit.threshold:g}"
            )
            found.append(_notice(t0, "limit-at-baseline", signal, text))
    for lower, higher in pairwise(rules):
        if higher.limit.threshold <= lower.limit.threshold + EQUAL:
            text = (
                f"At the {signal} baseline {baseline.value:g} {unit} level {higher.level} ({higher.limit.threshold:g}) "
                f"does not lie above level {lower.level} ({lower.limit.threshold:g}) and comes first"
            )
            found.append(_notice(t0, "level-order", signal, text))
    pre_dose = thresholds.pre_dose.get(signal)
    if pre_dose is not None and at_least(baseline.value, pre_dose):
        text = f"{signal} baseline {baseline.value:g} {unit} is at or above the pre-dose limit {pre_dose:g}"
        found.append(_notice(t0, "pre-dose", signal, text))
    return found


def before_start_notes(thresholds: ThresholdSet, baselines: Mapping[str, Baseline]) -> list[str]:
    """What a person should know before the drug is started, at the baselines as they are now (3.10).

    Args:
        baselines: by signal; one that is not there has no readings yet.
    """
    found: list[str] = []
    for signal in SIGNALS:
        baseline = baselines.get(signal, Baseline(None, 0, BaselineStatus.NONE))
        rules = rise_rules(thresholds, signal, baseline.value)
        found += [notice.text for notice in at_start(0, signal, baseline, rules, thresholds)]
    return found


def rejected(cuff: Cuff, why: Rejection) -> Notice:
    return _notice(cuff.time, "reading-rejected", "NIBP", f"Cuff reading {cuff} does not count: {explain(cuff, why)}")


def high_but_rejected(cuff: Cuff, why: Rejection) -> Notice:
    text = f"Implausible high reading {cuff}, repeat cuff now: {explain(cuff, why)}"
    return _notice(cuff.time, "high-but-rejected", "NIBP", text)


def rejected_in_a_row(cuff: Cuff, count: int) -> Notice:
    return _notice(cuff.time, "rejections", "NIBP", f"{count} cuff readings in a row do not count: look at the cuff")


def rates_rejected(time: int, count: int) -> Notice:
    text = f"{count} heart or pulse rate samples lie outside 20 to 250 /min and do not count"
    return _notice(time, "rates-rejected", "HR", text)


def late(time: int, received: int, signal: str, what: str) -> Notice:
    text = f"Late: {what} was measured before readings already processed; it is stored, not flagged live"
    return Notice(time, received, "late", text, signal)


def cuff_gap(since: int, until: int) -> Notice:
    return _notice(since, "gap", "NIBP", f"No valid cuff reading for {span(until - since)}: runs were broken")


def epoch_gap(signal: str, since: int, until: int) -> Notice:
    text = f"No valid {_NAMES.get(signal, signal)} for {span(until - since)}: runs were broken"
    return _notice(since, "gap", signal, text)


def not_evaluable(time: int, signal: str, has_any: bool) -> Notice:
    why = "its values come more than 15 s apart, so no run completes" if has_any else "there is no valid value"
    return _notice(time, "not-evaluable", signal, f"{_NAMES.get(signal, signal)} not evaluable: {why}")


def no_cuff(time: int) -> Notice:
    text = "Blood pressure not evaluable: there is no valid cuff reading after the start"
    return _notice(time, "not-evaluable", "NIBP", text)


def unconfirmed(mark: Mark) -> Notice:
    unit = "readings" if mark.signal in ("SBP", "DBP") else "epochs"
    text = (
        f"Unconfirmed last run: {mark.signal} at or above the level {mark.level} limit {mark.threshold:g} "
        f"for {mark.count} of {mark.needed} {unit} when the session ended"
    )
    return _notice(mark.since, "unconfirmed", mark.signal, text)


def before_start(episode: Episode) -> Notice:
    text = (
        f"{episode.signal} {episode.peak:g} {UNITS[episode.signal]} before the start, "
        f"level {episode.level} limit {episode.threshold:g}"
    )
    return _notice(episode.onset, "limit-before-start", episode.signal, text)


def low_limit(episode: Episode) -> Notice:
    name, unit = _NAMES.get(episode.signal, episode.signal), UNITS[episode.signal]
    lasted = "until the end" if episode.return_time is None else f"for {span(episode.return_time - episode.onset)}"
    text = (
        f"Low limit, {PRIORITIES[episode.level]}: {name} at or below {episode.threshold:g} {unit} {lasted}, "
        f"lowest {episode.peak:g}"
    )
    return _notice(episode.onset, "low-limit", episode.signal, text)


def assumed_ends(closed: ClosedTimeline) -> list[Notice]:
    """What of the timeline was not recorded."""
    found = []
    if closed.session_end_assumed:
        text = "The session's end was not recorded: the last reading is taken for it"
        found.append(_notice(closed.session_end, "assumed-end", "", text))
    if closed.infusion_end_assumed:
        stand_in = "planned end" if closed.timeline.planned_end is not None else "session's end"
        text = f"The infusion's end was not recorded: the {stand_in} is taken for it"
        found.append(_notice(closed.infusion_end, "assumed-end", "", text))
    return found


def of_episode(episode: Episode) -> Notice | None:
    """The notice of an episode that is no rise; None of a rise."""
    match episode.scope:
        case Scope.BEFORE_START:
            return before_start(episode)
        case Scope.LOW:
            return low_limit(episode)
        case Scope.RISE:
            return None


def span(duration: int) -> str:
    """A duration for a person."""
    if duration < 2 * MINUTE:
        return f"{duration / SECOND:g} s"
    return f"{duration / MINUTE:.1f} min".replace(".0 ", " ")


def _notice(time: int, kind: str, signal: str, text: str) -> Notice:
    return Notice(time, time, kind, text, signal)
