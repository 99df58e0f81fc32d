"""What is true of a made session, three times over (clinical definition 7), by a program of its own.

(a) *latent*: the noiseless curve, second by second. (b) *sampled*: the same curve where the cuff measured, and in
epochs of 5 s. (c) *readings*: the written rule applied to the readings that are valid. Rules are read off the
definition as a search for patterns in a string of symbols; nothing of the detector is used, so that an error in the
one does not hide in the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from dashboard.rises.thresholds import ThresholdSet
from devices.instant import MINUTE, SECOND
from devices.virtual.cohort import T0, MadeSession

Values = NDArray[np.float64]
SIGNALS = ("SBP", "DBP", "HR")
_TINY = 1e-9
_EPOCH_S = 5


class Truth(StrEnum):
    LATENT = "latent"
    SAMPLED = "sampled"
    READINGS = "readings"


class Event(Struct, frozen=True):
    """A rise as it was, or as a contender says it was. Instants; `back` None if it did not return.

    Attributes:
        confirmed: when it was known (of a truth: when it could have been).
        outcome: as in clinical definition 3.5; "" where a contender has none.
    """

    signal: str
    level: int
    onset: int
    confirmed: int
    back: int | None
    peak: float
    outcome: str

    def until(self, end: int) -> int:
        return self.back if self.back is not None else max(end, self.onset + 1)


class Limit(Struct, frozen=True):
    """T and C of one level at a baseline, and for how long in a row (3.3, 3.4)."""

    signal: str
    level: int
    threshold: float
    clear: float
    n_on: int
    n_off: int


def limits(thresholds: ThresholdSet, baseline: dict[str, float | None]) -> list[Limit]:
    """The levels that are on; those already passed at baseline are no rises and are left out."""
    found = []
    for level in thresholds.level:
        base = baseline[level.signal]
        wanted = [] if level.absolute is None else [level.absolute]
        if base is not None:
            wanted += [] if level.rise is None else [base + level.rise]
            wanted += [] if level.rise_percent is None else [base + base * level.rise_percent / 100]
        if not wanted:
            continue
        threshold = (min if thresholds.combine == "any" else max)(wanted)
        clear = threshold - thresholds.hysteresis_of(level.signal)
        if base is not None:
            if base >= threshold - _TINY:
                continue
            clear = max(clear, base)
        n_off = thresholds.n_off_of(level.signal)
        found.append(Limit(level.signal, level.level, threshold, clear, level.n_on, n_off))
    return found


def latent(session: MadeSession, thresholds: ThresholdSet) -> list[Event]:
    """(a): the curve is at or above T for as long as the rule asks of a heart rate, for any time of a pressure."""
    curves = {"SBP": session.sbp, "DBP": session.dbp, "HR": session.hr}
    start = int(np.searchsorted(session.second, 0.0))
    time = _instants(session.second[start:])
    found: list[Event] = []
    for limit in limits(thresholds, _latent_baseline(session)):
        n_on = limit.n_on * _EPOCH_S if limit.signal == "HR" else 1
        dense = Limit(limit.signal, limit.level, limit.threshold, limit.clear, n_on, 1)
        found += _events(dense, time, curves[limit.signal][start:], [], 0)
    return _with_outcomes(found, session, thresholds)


def sampled(session: MadeSession, thresholds: ThresholdSet) -> list[Event]:
    """(b): the rule on the curve as the cuff's times and the epochs show it."""
    base = _latent_baseline(session)
    place = (session.measured_s - session.second[0]).astype(int)
    times = _instants(session.measured_s)
    after = (session.measured_s > 0) & (times <= session.end)
    breaks = _gaps(times[after], thresholds.max_gap)
    start = int(np.searchsorted(session.second, 0.0))
    whole = (len(session.second) - start) // _EPOCH_S * _EPOCH_S
    epochs = np.median(session.hr[start : start + whole].reshape(-1, _EPOCH_S), axis=1)
    series = {
        "SBP": (times[after], session.sbp[place][after], breaks, 0),
        "DBP": (times[after], session.dbp[place][after], breaks, 0),
        "HR": (T0 + np.arange(len(epochs)) * _EPOCH_S * SECOND, epochs, [], _EPOCH_S * SECOND),
    }
    found = [event for limit in limits(thresholds, base) for event in _events(limit, *series[limit.signal])]
    return _with_outcomes(found, session, thresholds)


def readings(session: MadeSession, thresholds: ThresholdSet) -> list[Event]:
    """(c): the rule on the valid readings, sorted, the last of two at one time."""
    cuffs = {int(at): pair for at, *pair in zip(session.cuff_time, session.cuff_sbp, session.cuff_dbp, strict=True)}
    valid = sorted((at, float(sbp), float(dbp)) for at, (sbp, dbp) in cuffs.items() if _is_valid(sbp, dbp))
    before = [row for row in valid if T0 - 30 * MINUTE <= row[0] <= T0][-3:]
    after = [row for row in valid if T0 < row[0] <= session.end]
    numbers, medians = _epochs(session)
    early = medians[(numbers >= -60) & (numbers < 0)]
    base: dict[str, float | None] = {
        "SBP": float(np.median([row[1] for row in before])) if before else None,
        "DBP": float(np.median([row[2] for row in before])) if before else None,
        "HR": float(np.median(early)) if len(early) >= 12 else None,
    }
    inside = (numbers >= 0) & ((numbers + 1) * _EPOCH_S * SECOND + T0 <= session.end)
    numbers, medians = numbers[inside], medians[inside]
    times = np.array([row[0] for row in after], np.int64)
    breaks = _gaps(times, thresholds.max_gap)
    holes = (np.flatnonzero(numbers[1:] - numbers[:-1] > 3) + 1).tolist()
    series = {
        "SBP": (times, np.array([row[1] for row in after]), breaks, 0),
        "DBP": (times, np.array([row[2] for row in after]), breaks, 0),
        "HR": (T0 + numbers * _EPOCH_S * SECOND, medians, holes, _EPOCH_S * SECOND),
    }
    found = [event for limit in limits(thresholds, base) for event in _events(limit, *series[limit.signal])]
    return _with_outcomes(found, session, thresholds)


def _events(limit: Limit, time: NDArray[np.int64], value: Values, breaks: Sequence[int], known: int) -> list[Event]:
    """The rule as patterns: E exceeds, C is clear, - is neither, | breaks a run (3.4)."""
    symbols = np.full(len(value), ord("-"), np.uint8)
    symbols[value <= limit.clear + _TINY] = ord("C")
    symbols[value >= limit.threshold - _TINY] = ord("E")
    said = np.insert(symbols, breaks, ord("|")).tobytes().decode("ascii")
    places = np.insert(np.arange(len(value)), breaks, breaks)
    on, off = re.compile("E" * limit.n_on), re.compile("C" * limit.n_off)
    found, at = [], 0
    while (begun := on.search(said, at)) is not None:
        onset, confirmed = int(places[begun.start()]), int(places[begun.end() - 1])
        ended = off.search(said, begun.end())
        back = None if ended is None else int(places[ended.start()])
        peak = float(value[onset:back].max())
        told = int(time[back]) if back is not None else None
        start = int(time[onset])
        found.append(Event(limit.signal, limit.level, start, int(time[confirmed]) + known, told, peak, ""))
        if ended is None:
            break
        at = ended.end()
    return found


def _with_outcomes(events: Iterable[Event], session: MadeSession, thresholds: ThresholdSet) -> list[Event]:
    found = []
    for each in events:
        deadline = max(each.onset, session.infusion_end) + thresholds.x_off
        if each.back is not None:
            outcome = "transient" if each.back <= deadline else "sustained_returned"
        else:
            outcome = "sustained_unresolved" if session.end > deadline else "unresolved"
        found.append(Event(each.signal, each.level, each.onset, each.confirmed, each.back, each.peak, outcome))
    return found


def _latent_baseline(session: MadeSession) -> dict[str, float | None]:
    """What the curves are when the drug starts."""
    place = int(np.searchsorted(session.second, 0.0))
    return {"SBP": float(session.sbp[place]), "DBP": float(session.dbp[place]), "HR": float(session.hr[place])}


def _epochs(session: MadeSession) -> tuple[NDArray[np.int64], Values]:
    """Numbers and medians of the epochs with a valid sample: the ECG's, where it has none the oximeter's (3.1, 3.6)."""
    ecg, pulse = (_medians(*each) for each in ((session.rate_time, session.rate), (session.pulse_time, session.pulse)))
    found = pulse | ecg
    numbers = sorted(found)
    return np.array(numbers, np.int64), np.array([found[number] for number in numbers])


def _medians(time: NDArray[np.int64], value: Values) -> dict[int, float]:
    kept: dict[int, list[float]] = {}
    for at, each in dict(zip(time.tolist(), value.tolist(), strict=True)).items():
        if 20 - _TINY <= each <= 250 + _TINY:
            kept.setdefault((at - T0) // (_EPOCH_S * SECOND), []).append(each)
    return {number: float(np.median(values)) for number, values in kept.items()}


def _is_valid(sbp: float, dbp: float) -> bool:
    """Rules 1 to 3 of 3.6; made cuffs have no mean."""
    if not (40 <= sbp <= 270 and 20 <= dbp <= 200):
        return False
    least = 10 if sbp < 100 else 15 if sbp <= 150 else 30 if sbp <= 200 else 50
    return bool(sbp - dbp >= least)


def _gaps(time: NDArray[np.int64], most: int) -> list[int]:
    return [place for place in range(1, len(time)) if time[place] - time[place - 1] > most]


def _instants(seconds: Values) -> NDArray[np.int64]:
    return T0 + (seconds * SECOND).astype(np.int64)


TRUTHS = {Truth.LATENT: latent, Truth.SAMPLED: sampled, Truth.READINGS: readings}
