"""What an open episode of the detector says as an alarm condition. Pure."""

from __future__ import annotations

from dashboard.alarms.conditions import Category, Condition
from dashboard.rises.episodes import Episode, Scope
from dashboard.rises.notices import UNITS

_LABELS = {"SPO2": "SpO2"}


def condition_of(episode: Episode) -> Condition:
    """The condition that holds while `episode` is open."""
    label, unit = _LABELS.get(episode.signal, episode.signal), UNITS[episode.signal]
    match episode.scope:
        case Scope.RISE:
            key = f"rise {episode.signal}"
            text = f"{label} up to {episode.peak:g}, limit {episode.threshold:g} {unit}"
        case Scope.LOW:
            key = f"low {episode.signal}"
            text = f"{label} down to {episode.peak:g}, low limit {episode.threshold:g} {unit}"
        case Scope.BEFORE_START:
            key = f"before-start {episode.signal}"
            text = f"{label} {episode.peak:g} before the start, limit {episode.threshold:g} {unit}"
    return Condition(
        key=key,
        category=Category.PHYSIOLOGICAL,
        priority=episode.level,
        text=text,
        since=episode.onset,
        signal=episode.signal,
        value=episode.peak,
        threshold=episode.threshold,
        unit=unit,
    )
