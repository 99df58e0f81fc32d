"""New readings of a fast replay, thinned to what a screen can show: a stream that runs at 600 times its speed would
send each screen 600 times the bytes. Pure. Nothing is lost: the store has every reading, and so has the series."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from dashboard.live.snapshot import millis, reading_row
from devices import instant
from devices.reading import Reading
from devices.signals import NIBP

MOST = 4
"""More readings of one source than these at once are thinned to their extremes and the last."""

GAP = "gap"
"""The status of a row that is no reading: the source was silent after this instant, and a line breaks there."""

_SHORTEST_GAP = 10 * instant.SECOND

Row = list[Any]


def thinned(
    readings: Sequence[Reading],
    before: Mapping[tuple[str, str], int | None],
    interval: Callable[[str, str], int | None],
) -> list[Row] | None:
    """Rows of the `readings` event, by time; None if there are not too many readings to be sent as they are.

    Args:
        before: when a source (signal, source) spoke last before these. interval: its own interval, as far as known.
    """
    sources: dict[tuple[str, str], list[Reading]] = {}
    for each in readings:
        sources.setdefault((each.signal, each.source), []).append(each)
    if all(signal in NIBP or len(found) <= MOST for (signal, _), found in sources.items()):
        return None
    rows: list[tuple[int, Row]] = []
    for (signal, source), found in sources.items():
        if signal in NIBP:
            rows += [(each.time, reading_row(each)) for each in found]
            continue
        found.sort(key=lambda each: (each.time, each.received))
        rows += [(each.time, reading_row(each)) for each in _kept(found)]
        longest = max(_SHORTEST_GAP, 3 * (interval(signal, source) or 0))
        last = before.get((signal, source))
        times = [*([last] if last is not None else []), *(each.time for each in found)]
        rows += [
            (earlier + 1_000, [signal, millis(earlier + 1_000), None, GAP, source])
            for earlier, later in pairwise(times)
            if later - earlier > longest
        ]
    rows.sort(key=lambda each: each[0])
    return [row for _, row in rows]


def _kept(found: Sequence[Reading]) -> list[Reading]:
    """The lowest, the highest and the last of one source's readings, in their order."""
    if len(found) <= MOST:
        return list(found)
    valued = [place for place, each in enumerate(found) if each.value is not None]
    places = {len(found) - 1}
    if valued:
        places |= {min(valued, key=lambda at: found[at].value or 0), max(valued, key=lambda at: found[at].value or 0)}
    return [found[place] for place in sorted(places)]
