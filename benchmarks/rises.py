"""D1 to D4: finding rises, in a whole recording and as it happens, beside pandas, deques and a drift detector.

D1: 24 h of heart rate and pressure tuples at 1 Hz to rises, from columns, against pandas doing less: medians of 5 s,
`rolling(n).min()` and rising edges for nine thresholds, without return, gaps, validity or peaks. D2: the same data
against our own live form, same rises. D3: one second of a session, pushed into nine detectors. D4: one detector.

Made with a fixed seed. Before timing every contender's result is compared: pandas' rising edges with a plain loop over
the same medians, the batch form with the live form, to the last bit.
Run: python benchmarks/rises.py [--only D1,D2,D3,D4] [--rounds 7] [--hours 24]
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas
import side_by_side

from dashboard.rises import arrays, batch
from dashboard.rises.analysis import Rise
from dashboard.rises.detector import Detector
from dashboard.rises.episodes import Scope
from dashboard.rises.live import SessionDetector
from dashboard.rises.prepare import ECG, Sample
from dashboard.rises.rules import rise_rules
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from dashboard.rises.validity import Cuff, rate_is_valid
from devices.instant import MINUTE, SECOND
from devices.reading import Status

PANDAS = f"pandas {side_by_side.version_of('pandas')}"
PYTHON = "the standard library's"
RIVER = side_by_side.version_of("river")

T0 = 1_772_359_200 * SECOND
BEFORE = 1800
"""Seconds of the data that lie before the start of the drug."""
SET = preset("adult-iv")
SIGNALS = ("HR", "SBP", "DBP")

OURS, LIVE, ROLLING, FLOOR = "ours, batch", "ours, live", "pandas, rolling min", "comparisons and medians alone"


def unrest(made: np.random.Generator, count: int, spread: float) -> np.ndarray:
    """Noise with a memory of some 20 s, as a monitor's averages have it."""
    weights = np.exp(-np.arange(120) / 20)
    return np.convolve(made.normal(0, spread, count + 119), weights / np.sqrt((weights**2).sum()), "valid")


class Data:
    """`hours` of one session: whole numbers with noise, and a rise through all levels every one and a half hours."""

    def __init__(self, hours: float) -> None:
        made, count = np.random.default_rng(3), round(hours * 3600)
        second = np.arange(count)
        swell = np.clip(np.sin(second / 900) * 1.4, 0, 1) * (second > BEFORE)
        self.time = T0 + (second - BEFORE) * SECOND
        self.values = {
            "HR": np.round(70 + 65 * swell + unrest(made, count, 2)),
            "SBP": np.round(120 + 65 * swell + unrest(made, count, 3)),
            "DBP": np.round(75 + 38 * swell + unrest(made, count, 2)),
        }
        self.mean = np.round((self.values["SBP"] + 2 * self.values["DBP"]) / 3)
        self.timeline = Timeline(T0, T0 + 40 * MINUTE, None, int(self.time[-1]) + SECOND)

    def judged(self) -> batch.Judged:
        """From bare columns to rises: validity, epochs, baselines, nine detectors and five low limits, outcomes."""
        measured = arrays.cuffs(self.time, self.values["SBP"], self.values["DBP"], self.mean)
        rates = arrays.rates(self.time, self.values["HR"])
        none = arrays.saturations([], [])
        return batch.judge(arrays.Recording(measured, rates, none, int(self.time[-1])), self.timeline, SET)

    def items(self) -> list[Cuff | Sample]:
        """The same as the live form takes it."""
        found: list[Cuff | Sample] = []
        columns = [self.time, *(self.values[name] for name in SIGNALS), self.mean]
        for when, rate, sbp, dbp, mean in zip(*(column.tolist() for column in columns), strict=True):
            found.append(Cuff(when, when, sbp, dbp, mean, Status.OK))
            found.append(Sample(when, when, "HR", rate, Status.OK, True, 0))
        return found


def live(data: Data, items: list[Cuff | Sample]) -> tuple[object, ...]:
    """The rises of the live form, fed all at once."""
    detector = SessionDetector(data.timeline, SET)
    detector.feed(items)
    end = data.timeline.session_end
    assert end is not None
    detector.finish(end)
    rises = tuple(Rise(each, detector.outcome(each, end)) for each in detector.episodes(Scope.RISE))
    return rises, tuple(detector.episodes(Scope.LOW)), tuple(detector.episodes(Scope.BEFORE_START)), detector.baselines


def rolling(series: dict[str, pandas.Series], limits: list[tuple[str, float, int]]) -> list[np.ndarray]:
    """Where `n` values in a row have come to reach each limit: the usual way in pandas."""
    values = dict(series)
    values["HR"] = series["HR"].resample("5s").median()
    found = []
    for signal, threshold, n_on in limits:
        reached = values[signal].rolling(n_on).min() >= threshold
        found.append(reached.index[reached & ~reached.shift(1, fill_value=False)])
    return found


def edges_plainly(data: Data, limits: list[tuple[str, float, int]]) -> list[int]:
    """How many rising edges there are, counted in a loop."""
    medians = np.median(data.values["HR"][: len(data.time) // 5 * 5].reshape(-1, 5), axis=1).tolist()
    counts = []
    for signal, threshold, n_on in limits:
        run = count = 0
        for value in medians if signal == "HR" else data.values[signal].tolist():
            run = run + 1 if value >= threshold else 0
            count += run == n_on
        counts.append(count)
    return counts


def floor(data: Data) -> None:
    """Six comparisons over every tuple, and the medians of five: what no way of finding rises can leave out."""
    for signal in ("SBP", "DBP"):
        for threshold in (140.0, 160.0, 180.0):
            np.flatnonzero(data.values[signal] >= threshold)
    np.median(data.values["HR"][: len(data.time) // 5 * 5].reshape(-1, 5), axis=1)


def cpu(run: Callable[[], object], times: int = 1) -> float:
    """Seconds of CPU time of one of `times` runs."""
    begun = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - begun) / times


def limits_of(judged: batch.Judged) -> list[tuple[str, float, int]]:
    """Signal, threshold and n_on of the nine levels at the data's baselines."""
    return [
        (signal, rule.limit.threshold, rule.n_on)
        for signal in SIGNALS
        for rule in rise_rules(SET, signal, judged.baselines[signal].value)
    ]


def whole(hours: float, rounds: int, only: list[str]) -> bool:
    """D1 and D2."""
    data = Data(hours)
    judged, items = data.judged(), data.items()
    limits = limits_of(judged)
    index = pandas.DatetimeIndex(data.time * 1000)
    series = {name: pandas.Series(values, index=index) for name, values in data.values.items()}
    if live(data, items) != (judged.rises, judged.low, judged.before_start, dict(judged.baselines)):
        raise SystemExit("the batch and the live form differ")
    if [len(each) for each in rolling(series, limits)] != edges_plainly(data, limits):
        raise SystemExit("pandas' rising edges are not those of a plain loop")
    workload = f"{hours:g} h of 1 Hz heart rate and pressure tuples, {len(limits)} detectors, {len(judged.rises)} rises"
    reached = True
    if "D1" in only:
        costs = side_by_side.measure(
            {
                OURS: lambda: cpu(data.judged, 5),
                ROLLING: lambda: cpu(lambda: rolling(series, limits)),
                FLOOR: lambda: cpu(lambda: floor(data), 5),
            },
            rounds,
        )
        reached &= side_by_side.report("D1", workload, costs, OURS, {ROLLING: (4.0, PANDAS), FLOOR: (1 / 3, "numpy")})
    if "D2" in only:
        costs = side_by_side.measure(
            {OURS: lambda: cpu(data.judged, 5), LIVE: lambda: cpu(lambda: live(data, items))}, rounds
        )
        reached &= side_by_side.report("D2", workload, costs, OURS, {LIVE: (25.0, "this")})
    return reached


# -- as it happens -----------------------------------------------------------------------------------------------------


def nothing_of_three(_time: int, _value: float, _known: int) -> None: ...


def nothing_of_four(_time: int, _sbp: float, _dbp: float, _mean: float) -> None: ...


def bare_deques(limits: list[tuple[str, float, int]]) -> Callable[[float, float, float], list[bool]]:
    """The usual way: the last n values of each detector, and whether the least of them reaches the limit.

    The heart rate comes once a second, so that its n epochs of 5 s are five times n values.
    """
    numbers = [(signal, threshold, n_on * (5 if signal == "HR" else 1)) for signal, threshold, n_on in limits]
    held = [
        (SIGNALS.index(signal), threshold, number, deque[float](maxlen=number)) for signal, threshold, number in numbers
    ]

    def push(rate: float, sbp: float, dbp: float) -> list[bool]:
        values = (rate, sbp, dbp)
        found = []
        for place, threshold, number, newest in held:
            newest.append(values[place])
            found.append(len(newest) == number and min(newest) >= threshold)
        return found

    return push


def second_by_second(rounds: int) -> bool:
    """D3: two pushes a second, as numbers; epochs closed as they end. Beside it the same as the watch hands it on: as
    measurements and samples that have been made before."""
    data = Data(4.0)
    judged, items = data.judged(), data.items()
    pairs = list(zip(items[1::2], items[::2], strict=True))
    columns = (data.time, *(data.values[name] for name in SIGNALS), data.mean)
    seconds = list(zip(*(column.tolist() for column in columns), strict=True))
    values = list(zip(*(data.values[name].tolist() for name in SIGNALS), strict=True))
    limits = limits_of(judged)

    def ours() -> float:
        detector = SessionDetector(data.timeline, SET)

        def run() -> None:
            rate_passes, cuff_passes, push_cuff = detector.rate_passes, detector.cuff_passes, detector.push_cuff
            for number, (at, rate, sbp, dbp, mean) in enumerate(seconds):
                if not rate_passes(at, rate, ECG):
                    detector.feed((Sample(at, at, "HR", rate, Status.OK, rate_is_valid(rate, Status.OK), ECG),))
                if not cuff_passes(at, sbp, dbp, mean):
                    push_cuff(at, sbp, dbp, mean)
                if number % 5 == 0:
                    detector.advance(at)

        spent = cpu(run)
        detector.finish(data.timeline.session_end or 0)
        if tuple(detector.episodes(Scope.RISE)) != tuple(rise.episode for rise in judged.rises):
            raise SystemExit("the live form differs from the batch form")
        return spent / len(seconds) * 1e9

    def as_objects() -> float:
        detector = SessionDetector(data.timeline, SET)

        def run() -> None:
            for number, pair in enumerate(pairs):
                detector.feed(pair)
                if number % 5 == 0:
                    detector.advance(pair[0].time)

        return cpu(run) / len(pairs) * 1e9

    def deques() -> float:
        push = bare_deques(limits)
        return cpu(lambda: [push(*each) for each in values]) / len(values) * 1e9

    def empty() -> float:
        def run() -> None:
            for number, (at, rate, sbp, dbp, mean) in enumerate(seconds):
                nothing_of_three(at, rate, ECG)
                nothing_of_four(at, sbp, dbp, mean)
                if number % 5 == 0:
                    pass

        return cpu(run, 5) / len(seconds) / 2 * 1e9

    contenders = {"ours, live": ours, "ours, live, from objects": as_objects, "deque and min": deques}
    costs = side_by_side.measure({**contenders, "an empty call": empty}, rounds)
    goals = {"deque and min": (4.0, PYTHON), "an empty call": (1 / 15, PYTHON)}
    workload = "one second of a session: a rate and a pressure tuple, 9 detectors and 4 low limits, 4 h"
    return side_by_side.report("D3", workload, costs, "ours, live", goals, "ns CPU")


def one_detector(rounds: int) -> bool:
    """D4: values that mostly stay below the limit."""
    chance = random.Random(4)
    values = [(number, float(round(chance.gauss(128, 6))), number) for number in range(50_000)]

    def ours() -> float:
        push = Detector(140, 130, 2, 2).push
        return timed(lambda: [None for each in values if push(*each)])

    def empty() -> float:
        return timed(lambda: [None for each in values if nothing_of_three(*each)])

    def timed(run: Callable[[], object]) -> float:
        return cpu(run) / len(values) * 1e9

    contenders = {"ours": ours, "an empty call": empty}
    goals = {"an empty call": (1 / 3, PYTHON), "river's ADWIN": (1.0, f"river {RIVER}")}
    if RIVER:
        from river.drift import ADWIN

        def adwin() -> float:
            update = ADWIN().update
            return timed(lambda: [update(value) for _, value, _ in values])

        contenders["river's ADWIN"] = adwin
    costs = side_by_side.measure(contenders, rounds)
    return side_by_side.report("D4", "one limit, one value; 50,000 values", costs, "ours", goals, "ns CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="D1,D2,D3,D4")
    parser.add_argument("--rounds", type=int, default=side_by_side.ROUNDS)
    parser.add_argument("--hours", type=float, default=24.0)
    options = parser.parse_args()
    only = options.only.split(",")
    reached = True
    if "D1" in only or "D2" in only:
        reached &= whole(options.hours, options.rounds, only)
    if "D3" in only:
        reached &= second_by_second(options.rounds)
    if "D4" in only:
        reached &= one_detector(options.rounds)
    side_by_side.end(reached)


if __name__ == "__main__":
    main()
