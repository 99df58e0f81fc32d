"""What is still to be looked at in a session: hand-over begins with it (clinical definition 6). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.rises.episodes import Episode
from dashboard.store.records import Alarm, StoredRise


def open_items(rises: Iterable[StoredRise | Episode], alarms: Iterable[Alarm]) -> list[str]:
    """Rises that are not back, and alarms that nobody has acknowledged."""
    found = [
        f"{each.signal} level {each.level} not back to {each.clear:g} since {each.signal} passed {each.threshold:g}"
        for each in rises
        if each.return_time is None and not each.present_at_baseline
    ]
    unseen = [each for each in alarms if each.acknowledged is None and each.priority >= 2 and not each.silent]
    return found + [f"never acknowledged: {each.text}" for each in unseen]
