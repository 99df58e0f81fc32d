"""An analysis in the machine-readable form of ``flag --json``, the same wherever rises are handed out."""

from __future__ import annotations

from typing import Any

from dashboard.rises.analysis import Analysis, Rise
from dashboard.rises.annotations import Annotations, annotate
from dashboard.rises.coverage import Spell
from dashboard.rises.episodes import PRIORITIES, Episode
from dashboard.rises.notices import UNITS
from devices import instant
from devices.instant import MINUTE
from devices.reading import Notice

_MARKS = {"SBP": "steep", "HR": "rapid"}


def as_json(analysis: Analysis, relative: bool = False) -> dict[str, Any]:
    """Plain values for JSON: numbers not rounded, times ISO 8601 UTC with milliseconds.

    Args:
        relative: the recording has no date; times are ``+SECONDS.mmm`` from its start.
    """
    return {
        "baseline": {
            signal: {"value": baseline.value, "n": baseline.n, "status": baseline.status.value}
            for signal, baseline in analysis.baselines.items()
        },
        "rises": [rise_as_json(rise, relative) for rise in analysis.rises],
        "notices": [notice_as_json(notice, relative) for notice in analysis.notices],
        # Beside the rises, in their order: those keep the keys that other programs know.
        "annotations": [annotations_of(analysis, rise, relative) for rise in analysis.rises],
        "low_limits": [low_limit_as_json(episode, relative) for episode in analysis.low],
        "spans": [spell_as_json(spell, relative) for spell in analysis.spells],
        "thresholds": {"name": analysis.thresholds.name, "hash": analysis.thresholds.hash},
    }


def rise_as_json(rise: Rise, relative: bool = False) -> dict[str, Any]:
    """One rise; ``return`` and ``declared`` are null while it has not returned."""
    episode = rise.episode
    return {
        "signal": episode.signal,
        "level": episode.level,
        "threshold": episode.threshold,
        "clear": episode.clear,
        "baseline": episode.baseline,
        "onset": instant.format(episode.onset, relative),
        "confirmed": instant.format(episode.confirmed, relative),
        "peak": episode.peak,
        "peak_time": instant.format(episode.peak_time, relative),
        "return": None if episode.return_time is None else instant.format(episode.return_time, relative),
        "declared": None if episode.declared is None else instant.format(episode.declared, relative),
        "outcome": rise.outcome.value,
        "present_at_baseline": episode.present_at_baseline,
    }


def notice_as_json(notice: Notice, relative: bool = False) -> dict[str, Any]:
    """One notice; ``signal`` is null where it concerns none."""
    return {
        "time": instant.format(notice.time, relative),
        "kind": notice.kind,
        "signal": notice.signal or None,
        "text": notice.text,
    }


def annotations_of(analysis: Analysis, rise: Rise, relative: bool = False) -> dict[str, Any]:
    """The annotations of a rise of `analysis`."""
    episode = rise.episode
    max_gap = analysis.set_of(episode.thresholds).max_gap
    return annotations_as_json(episode.signal, annotate(episode, analysis.evidence, max_gap), relative)


def annotations_as_json(signal: str, notes: Annotations, relative: bool = False) -> dict[str, Any]:
    """Times in minutes, the area in the signal's unit times minutes; ``mark`` is steep, rapid or null."""
    steepest = notes.steepest
    mark = _MARKS.get(signal) if steepest is not None and steepest.is_marked else None
    return {
        "over_baseline": notes.over_baseline,
        "onset_to_peak_min": notes.onset_to_peak / MINUTE,
        "start_to_peak_min": notes.start_to_peak / MINUTE,
        "time_above_min": notes.time_above / MINUTE,
        "area_above": notes.area,
        "area_unit": f"{UNITS[signal]} min",
        "fastest": None
        if steepest is None
        else {
            "per_min": steepest.rate,
            "since": instant.format(steepest.since, relative),
            "until": instant.format(steepest.until, relative),
        },
        "mark": mark,
    }


def low_limit_as_json(episode: Episode, relative: bool = False) -> dict[str, Any]:
    """A low limit that was passed; ``until`` is null while it goes on."""
    return {
        "signal": episode.signal,
        "priority": PRIORITIES[episode.level],
        "limit": episode.threshold,
        "clear": episode.clear,
        "since": instant.format(episode.onset, relative),
        "confirmed": instant.format(episode.confirmed, relative),
        "lowest": episode.peak,
        "time": instant.format(episode.peak_time, relative),
        "until": None if episode.return_time is None else instant.format(episode.return_time, relative),
    }


def spell_as_json(spell: Spell, relative: bool = False) -> dict[str, Any]:
    """A time in which the cuff was overdue or a signal could not be judged."""
    return {
        "kind": spell.lack.value,
        "signal": spell.signal,
        "since": instant.format(spell.since, relative),
        "until": instant.format(spell.until, relative),
    }
