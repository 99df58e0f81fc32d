"""An analysis in the machine-readable form of ``flag --json``, the same wherever rises are handed out."""

from __future__ import annotations

from typing import Any

from dashboard.rises.analysis import Analysis, Rise
from devices import instant
from devices.reading import Notice


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
