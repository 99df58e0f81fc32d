"""What is worth knowing of a rise besides its record (clinical definition 3.3): never an alarm by itself.

Area and time above the threshold take each value as it was measured: an epoch stands for its 5 s, a cuff reading until
the next valid one, for `max_gap` at most. Nothing is interpolated: between two cuff readings nobody has measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

from msgspec import Struct

from dashboard.rises.continuous import Point
from dashboard.rises.criteria import at_least
from dashboard.rises.episodes import Episode
from dashboard.rises.evidence import Evidence, held
from dashboard.rises.thresholds import CUFF_SIGNALS
from devices.instant import MINUTE, SECOND

SHORTEST, LONGEST = MINUTE, 15 * MINUTE
"""Two cuff readings nearer or further apart than these, ends included, give no rate of rise."""
STEEP = 4.0
"""mmHg per minute of SBP from which a rise is steep: +20 in a 5 min cycle."""
RAPID = 20.0
RAPID_OVER = 60 * SECOND
"""A heart rate so many /min above that of the epoch 60 s earlier rises rapidly."""


class Steepest(Struct, frozen=True):
    """The fastest rise on the way to the peak.

    Attributes:
        rate: mmHg per minute; of HR the change over 60 s, which is /min per minute as well.
        since, until: times of the two values. is_marked: steep (SBP) or rapid (HR); None for DBP, which has no mark.
    """

    rate: float
    since: int
    until: int
    is_marked: bool | None


class Annotations(Struct, frozen=True):
    """Of one rise.

    Attributes:
        over_baseline: peak minus baseline, in the signal's unit; None without a baseline.
        onset_to_peak, start_to_peak: µs, the second one from the start of the drug.
        time_above: µs with a value at or above the threshold, from the onset to the return or the session's end.
        area: (value - threshold) over that time, in the signal's unit times minutes.
        steepest: None if no two values on the way to the peak can be compared.
    """

    over_baseline: float | None
    onset_to_peak: int
    start_to_peak: int
    time_above: int
    area: float
    steepest: Steepest | None


def annotate(episode: Episode, evidence: Evidence, max_gap: int) -> Annotations:
    """The annotations of `episode`. `max_gap`: of its threshold set, µs."""
    end = episode.return_time if episode.return_time is not None else evidence.end + 1
    values = evidence.between(episode.signal, episode.onset, end)
    following = chain(values[1:], [evidence.after(episode.signal, values[-1].time)]) if values else ()
    time_above, area = 0, 0.0
    for point, after in zip(values, following, strict=True):
        if at_least(point.value, episode.threshold):
            span = held(point, after, episode.signal, max_gap, evidence.end)
            time_above += span
            area += max(0.0, point.value - episode.threshold) * span / MINUTE
    way = evidence.between(episode.signal, episode.onset, episode.peak_time + 1)
    before = evidence.before(episode.signal, episode.onset)
    return Annotations(
        over_baseline=None if episode.baseline is None else episode.peak - episode.baseline,
        onset_to_peak=episode.peak_time - episode.onset,
        start_to_peak=episode.peak_time - evidence.t0,
        time_above=time_above,
        area=area,
        steepest=(
            _steepest_cuff([*([before] if before is not None else []), *way], episode.signal)
            if episode.signal in CUFF_SIGNALS
            else _steepest_rate(way, evidence)
        ),
    )


def _steepest_cuff(values: Sequence[Point], signal: str) -> Steepest | None:
    rates = [
        ((later.value - earlier.value) / ((later.time - earlier.time) / MINUTE), earlier.time, later.time)
        for earlier, later in pairwise(values)
        if SHORTEST <= later.time - earlier.time <= LONGEST
    ]
    if not rates:
        return None
    rate, since, until = max(rates, key=lambda each: each[0])
    return Steepest(rate, since, until, at_least(rate, STEEP) if signal == "SBP" else None)


def _steepest_rate(values: Sequence[Point], evidence: Evidence) -> Steepest | None:
    if not values:
        return None
    earlier = {
        point.time: point.value
        for point in evidence.between("HR", values[0].time - RAPID_OVER, values[-1].time - RAPID_OVER + 1)
    }
    changes = [
        (point.value - earlier[point.time - RAPID_OVER], point.time)
        for point in values
        if point.time - RAPID_OVER in earlier
    ]
    if not changes:
        return None
    change, until = max(changes, key=lambda each: each[0])
    return Steepest(change, until - RAPID_OVER, until, at_least(change, RAPID))
