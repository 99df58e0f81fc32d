"""An explanation in plain sentences, and as values for JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dashboard.rises.baseline import BaselineStatus
from dashboard.rises.continuous import Point
from dashboard.rises.criteria import Criterion, Kind
from dashboard.rises.explanation import BaselineShown, Explanation, Refused
from dashboard.rises.notices import UNITS, span
from dashboard.rises.outcomes import Outcome
from dashboard.rises.thresholds import CUFF_SIGNALS, Combine
from dashboard.rises.written import annotations_as_json, rise_as_json
from devices import instant

Moment = Callable[[int], str]
"""How an instant is written: minutes from the start, or the clock on the wall."""

_SHOWN = 4
"""A run of more values than this is told by its first, lowest, highest and last one."""

_OUTCOMES = {
    Outcome.TRANSIENT: "back by {deadline}, so it was transient",
    Outcome.SUSTAINED_RETURNED: "back only after {deadline}, so it was sustained",
    Outcome.SUSTAINED_UNRESOLVED: "not back, though watched past {deadline}: sustained, unresolved",
    Outcome.UNRESOLVED: "not back when watching ended, before {deadline}: unresolved",
}


def headline(explanation: Explanation) -> str:
    """``SBP level 1: 184 mmHg at the peak, limit 140``."""
    episode = explanation.rise.episode
    unit = UNITS[episode.signal]
    return f"{episode.signal} level {episode.level}: {episode.peak:g} {unit} at the peak, limit {episode.threshold:g}"


def sentences(explanation: Explanation, moment: Moment, going_on: bool = False) -> list[str]:
    """The explanation, one fact a sentence.

    Args:
        going_on: the session has not ended, so an open rise has no class yet.
    """
    found = [
        _baseline_text(explanation, moment),
        *_threshold_texts(explanation, moment),
        _confirmed_text(explanation, moment),
        _peak_text(explanation, moment),
        _return_text(explanation, moment, going_on),
        *(_refused_text(each, moment) for each in explanation.refused),
        *(
            f"From {moment(since)} to {moment(until)} no valid value came: runs were broken, the rise stayed open."
            for since, until in explanation.gaps
        ),
        *(f"{each.text} ({moment(each.time)})." for each in explanation.doubts),
        *_annotation_texts(explanation, moment),
        _set_text(explanation, moment),
    ]
    return [each for each in found if each]


def as_json(explanation: Explanation, relative: bool = False) -> dict[str, Any]:
    """Plain values for JSON, times as in ``flag --json``."""

    def at(time: int) -> str:
        return instant.format(time, relative)

    def points(values: Sequence[Point]) -> list[dict[str, Any]]:
        return [{"time": at(each.time), "value": each.value} for each in values]

    shown, thresholds = explanation.baseline, explanation.thresholds
    return {
        "rise": rise_as_json(explanation.rise, relative),
        "baseline": {
            "value": shown.value,
            "status": shown.status.value,
            "readings": points(shown.points),
            "author": shown.author or None,
            "reason": shown.reason or None,
        },
        "combine": explanation.combine.value,
        "criteria": [
            {
                "criterion": each.kind.value,
                "setting": each.setting,
                "gives": each.gives,
                "decided": each == explanation.decided_by,
            }
            for each in explanation.criteria
        ],
        "clear_rule": "baseline" if explanation.clear_is_baseline else "threshold - hysteresis",
        "hysteresis": explanation.hysteresis,
        "confirmed_by": points(explanation.confirming),
        "n_on": explanation.needed,
        "peak": {"time": at(explanation.peak.time), "value": explanation.peak.value},
        "peak_reached_again": points(explanation.reached_again),
        "returned_by": points(explanation.returning),
        "n_off": explanation.needed_back,
        "rejected": [
            {
                "count": each.count,
                "first": at(each.first),
                "last": at(each.last),
                "reading": each.said,
                "reason": each.why,
            }
            for each in explanation.refused
        ],
        "gaps": [{"since": at(since), "until": at(until)} for since, until in explanation.gaps],
        "suspect": [{"time": at(each.time), "kind": each.kind, "text": each.text} for each in explanation.doubts],
        "deadline": at(explanation.deadline),
        "annotations": annotations_as_json(explanation.rise.episode.signal, explanation.annotations, relative),
        "thresholds": {
            "name": thresholds.name,
            "version": thresholds.version,
            "hash": thresholds.hash,
            "since": None if thresholds.since is None else at(thresholds.since),
            "author": thresholds.author or None,
            "reason": thresholds.reason or None,
        },
    }


def _baseline_text(explanation: Explanation, moment: Moment) -> str:
    shown, signal = explanation.baseline, explanation.rise.episode.signal
    if shown.value is None:
        return f"There was no {signal} baseline, so only the absolute limit counts."
    said = f"Baseline {shown.value:g} {UNITS[signal]}"
    if shown.status is BaselineStatus.MANUAL:
        by = f" by {shown.author}" if shown.author else ""
        return f"{said}, entered by hand{by}{_because(shown.reason)}."
    if shown.status is BaselineStatus.PROVISIONAL:
        return f"{said}, provisional: the single reading of {moment(shown.points[0].time)}."
    return f"{said}: the median of {_baseline_points(shown, signal, moment)}."


def _baseline_points(shown: BaselineShown, signal: str, moment: Moment) -> str:
    points = shown.points
    if signal in CUFF_SIGNALS:
        return _listed(points, moment)
    values = [each.value for each in points]
    return (
        f"{len(points)} epochs of 5 s from {moment(points[0].time)} to {moment(points[-1].known)}, "
        f"{min(values):g} to {max(values):g}"
    )


def _threshold_texts(explanation: Explanation, moment: Moment) -> list[str]:
    episode, decided = explanation.rise.episode, explanation.decided_by
    unit = UNITS[episode.signal]
    text = f"Threshold {episode.threshold:g} {unit}: {_criterion(decided)}"
    others = [each for each in explanation.criteria if each != decided]
    if others:
        which = "lowest" if explanation.combine is Combine.ANY else "highest"
        rest = " and ".join(f"{_criterion(each)} = {each.gives:g}" for each in others)
        text += f", the {which} of its criteria (the other: {rest})"
    found = [f"{text}."]
    if explanation.clear_is_baseline:
        found.append(
            f"Back at or below {episode.clear:g}: the baseline, which lies above {explanation.hysteresis:g} below the "
            "threshold."
        )
    else:
        found.append(f"Back at or below {episode.clear:g}: {explanation.hysteresis:g} below the threshold.")
    if episode.present_at_baseline:
        found.append("The baseline itself was at or above the threshold: a limit notice, not counted as a rise.")
    return found


def _confirmed_text(explanation: Explanation, moment: Moment) -> str:
    episode, run = explanation.rise.episode, explanation.confirming
    return (
        f"Onset {moment(episode.onset)}, confirmed {moment(episode.confirmed)} by {_counted(run, episode.signal)} "
        f"at or above {episode.threshold:g} ({explanation.needed} needed): {_listed(run, moment)}."
    )


def _peak_text(explanation: Explanation, moment: Moment) -> str:
    peak = explanation.peak
    text = f"Peak {peak.value:g} at {moment(peak.time)}"
    if explanation.reached_again:
        again = ", ".join(moment(each.time) for each in explanation.reached_again[:_SHOWN])
        text += f" (reached again {again}: of equal ones the earliest counts)"
    return f"{text}."


def _return_text(explanation: Explanation, moment: Moment, going_on: bool) -> str:
    episode, run = explanation.rise.episode, explanation.returning
    if episode.return_time is not None and episode.declared is not None:
        outcome = _OUTCOMES[explanation.rise.outcome].format(deadline=moment(explanation.deadline))
        return (
            f"Returned {moment(episode.return_time)}, declared {moment(episode.declared)} by "
            f"{_counted(run, episode.signal)} at or below {episode.clear:g} ({explanation.needed_back} needed): "
            f"{_listed(run, moment)}; {outcome}."
        )
    last = f"the last value was {explanation.last.value:g} at {moment(explanation.last.time)}"
    if run:
        last += f", {len(run)} of {explanation.needed_back} at or below {episode.clear:g} in a row"
    if going_on:
        return f"The rise goes on: {last}."
    return f"{last[:1].upper()}{last[1:]}; {_OUTCOMES[explanation.rise.outcome]}.".format(
        deadline=moment(explanation.deadline)
    )


def _refused_text(each: Refused, moment: Moment) -> str:
    if each.count == 1:
        return f"Not counted: {each.said} at {moment(each.first)}, {each.why}."
    return (
        f"Not counted: {each.count} samples from {moment(each.first)} to {moment(each.last)} ({each.said}): {each.why}."
    )


def _annotation_texts(explanation: Explanation, moment: Moment) -> list[str]:
    episode, notes = explanation.rise.episode, explanation.annotations
    unit = UNITS[episode.signal]
    over = "" if notes.over_baseline is None else f"{notes.over_baseline:g} {unit} over the baseline at the peak, "
    found = [
        f"{over}{span(notes.onset_to_peak)} from onset to peak, {span(notes.time_above)} at or above the threshold, "
        f"area above it {notes.area:.1f} {unit}·min."
    ]
    steepest = notes.steepest
    if steepest is not None:
        marks = {"SBP": "steep", "HR": "rapid"}
        mark = f" ({marks[episode.signal]})" if steepest.is_marked else ""
        rate = f"{steepest.rate:.1f} mmHg per minute" if episode.signal != "HR" else f"{steepest.rate:g} /min in 60 s"
        found.append(f"Fastest rise {rate}{mark}, from {moment(steepest.since)} to {moment(steepest.until)}.")
    return found


def _set_text(explanation: Explanation, moment: Moment) -> str:
    shown = explanation.thresholds
    number = "" if shown.version is None else f", version {shown.version}"
    text = f"Thresholds {shown.name}{number} ({shown.hash[:8]})"
    if shown.since is not None:
        by = f" by {shown.author}" if shown.author else ""
        text += f", in force from {moment(shown.since)}{by}{_because(shown.reason)}"
    return f"{text}."


def _criterion(each: Criterion) -> str:
    match each.kind:
        case Kind.ABSOLUTE:
            return "the absolute limit"
        case Kind.RISE:
            return f"baseline + {each.setting:g}"
        case Kind.RISE_PERCENT:
            return f"baseline + {each.setting:g} %"


def _counted(run: Sequence[Point], signal: str) -> str:
    unit = "reading" if signal in CUFF_SIGNALS else "epoch"
    return f"{len(run)} {unit}" + ("s in a row" if len(run) != 1 else "")


def _listed(run: Sequence[Point], moment: Moment) -> str:
    if len(run) <= _SHOWN:
        return ", ".join(f"{each.value:g} ({moment(each.time)})" for each in run)
    values = [each.value for each in run]
    first, last = run[0], run[-1]
    return (
        f"{first.value:g} ({moment(first.time)}) to {last.value:g} ({moment(last.time)}), "
        f"lowest {min(values):g}, highest {max(values):g}"
    )


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""
