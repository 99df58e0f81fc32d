"""Where a report, which knows all readings and the corrected start, differs from what was flagged live (3.7, 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dashboard.rises.analysis import Analysis
from dashboard.rises.episodes import Episode
from dashboard.rises.matching import Span, match
from dashboard.store.records import StoredRise

Moment = Callable[[int | None], str]


def differences(analysis: Analysis, watched: Sequence[StoredRise], moment: Moment) -> list[str]:
    """One sentence for each rise that only one of the two has, or has otherwise."""
    found: list[str] = []
    end = analysis.timeline.session_end
    episodes = [rise.episode for rise in analysis.rises]
    for key in dict.fromkeys([*map(_key, watched), *map(_key, episodes)]):
        live = [each for each in watched if _key(each) == key]
        now = [each for each in episodes if _key(each) == key]
        found += _of_one(key, live, now, end, moment)
    return found


def _of_one(
    key: tuple[str, int], live: Sequence[StoredRise], now: Sequence[Episode], end: int, moment: Moment
) -> Iterator[str]:
    name = f"{key[0]} level {key[1]}"
    pairs = match([_span(each, end) for each in live], [_span(each, end) for each in now])
    for one, other in pairs:
        changed = _changed(live[one], now[other], moment)
        if changed:
            yield f"{name} flagged live from {moment(live[one].onset)} is another one by all readings: {changed}."
    for place in sorted(set(range(len(live))) - {one for one, _ in pairs}):
        each = live[place]
        yield f"{name} flagged live from {moment(each.onset)} (peak {each.peak:g}) does not follow from all readings."
    for place in sorted(set(range(len(now))) - {other for _, other in pairs}):
        rise = now[place]
        yield f"{name} from {moment(rise.onset)} (peak {rise.peak:g}) was not flagged live."


def _changed(live: StoredRise, now: Episode, moment: Moment) -> str:
    times = (
        ("onset", live.onset, now.onset),
        ("confirmed", live.confirmed, now.confirmed),
        ("peak at", live.peak_time, now.peak_time),
        ("return", live.return_time, now.return_time),
    )
    numbers = (("threshold", live.threshold, now.threshold), ("peak", live.peak, now.peak))
    parts = [f"{what} {moment(now)}, not {moment(then)}" for what, then, now in times if then != now]
    parts += [f"{what} {now:g}, not {then:g}" for what, then, now in numbers if abs(then - now) > 1e-9]
    return "; ".join(parts)


def _key(each: StoredRise | Episode) -> tuple[str, int]:
    return each.signal, each.level


def _span(each: StoredRise | Episode, end: int) -> Span:
    until = each.return_time if each.return_time is not None else end
    return Span(each.onset, max(until, each.onset + 1))
