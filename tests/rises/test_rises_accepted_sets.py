"""No set that is accepted can fail to fire (hazard 14), and noise at a limit makes one event at most (hazard 16)."""

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rise_sessions import T0, at_s, cuff, judged, rate

from dashboard.errors import ThresholdError
from dashboard.rises.analysis import Analysis
from dashboard.rises.rules import limit_of
from dashboard.rises.thresholds import LIMIT_RANGES, Level, ThresholdSet, threshold_set
from devices.instant import MINUTE
from devices.reading import Reading

HIGHEST = {"SBP": 270, "DBP": 200, "HR": 250}
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    """Mostly whole and half numbers, also the ends."""
    return st.integers(int(2 * low), int(2 * high)).map(lambda value: value / 2) | st.sampled_from([low, high])


@st.composite
def levels(draw: st.DrawFn, signal: str) -> list[dict[str, Any]]:
    low, high = LIMIT_RANGES[signal]
    found = []
    for level in draw(st.sets(st.integers(1, 3), max_size=2)):
        entry: dict[str, Any] = {
            "signal": signal,
            "level": level,
            "n_on": draw(st.integers(1, 12 if signal == "HR" else 4)),
        }
        criteria = draw(st.sets(st.sampled_from(["absolute", "rise", "rise_percent"]), min_size=1))
        bounds = {"absolute": (low, high), "rise": (5, 60), "rise_percent": (1, 50)}
        entry |= {name: draw(numbers(*bounds[name])) for name in sorted(criteria)}
        found.append(entry)
    return found


@st.composite
def given_sets(draw: st.DrawFn) -> dict[str, Any]:
    """Keys of a threshold file; about every second one is accepted, many of them just so."""
    values: dict[str, Any] = {
        "name": "drawn",
        "x_off_min": 90.0,
        "combine": draw(st.sampled_from(["any", "all"])),
        "hysteresis": {signal: draw(numbers(0.5, 12)) for signal in ("SBP", "DBP", "HR")},
        "n_off": {signal: draw(st.integers(1, 3)) for signal in ("SBP", "DBP", "HR")},
        "level": draw(levels("SBP")) + draw(levels("DBP")) + draw(levels("HR")),
    }
    if draw(st.integers(0, 3)):
        longest = values["cycle_min"] = draw(st.sampled_from([2.5, 3.0, 5.0, 10.0, 15.0, 30.0, 60.0]))
    else:
        steps = draw(st.lists(st.integers(1, 60), min_size=3, max_size=6))
        longest = max(steps)
        values["due_min"] = [float(sum(steps[:place])) for place in range(len(steps) + 1)]
    values["max_gap_min"] = longest * draw(st.sampled_from([0.9, 1.0, 1.99, 2.0, 2.0, 2.4, 3.0]))
    return values


def accepted(values: dict[str, Any]) -> ThresholdSet:
    try:
        return threshold_set(values)
    except ThresholdError:
        assume(False)
        raise


def due(thresholds: ThresholdSet, count: int) -> list[float]:
    """The minutes after the start at which the cuff measures."""
    if thresholds.due_min is not None:
        return [each for each in thresholds.due_min if each > 0]
    assert thresholds.cycle_min is not None
    return [thresholds.cycle_min * (place + 1) for place in range(count)]


def measured(minute: float, signal: str, value: float) -> list[Reading]:
    """A valid cuff measurement whose `signal` has this value."""
    if signal == "SBP":
        return cuff(minute, value, max(20.0, min(90.0, value - 60)))
    return cuff(minute, value + 65, value)


def fired(analysis: Analysis, level: Level) -> bool:
    return any((each.episode.signal, each.episode.level) == (level.signal, level.level) for each in analysis.rises)


def chosen(data: st.DataObject, thresholds: ThresholdSet) -> tuple[Level, float, dict[str, float]]:
    """A level, its threshold, and the baseline (by hand) at which it is that; none that nothing valid reaches."""
    level = data.draw(st.sampled_from(thresholds.level))
    low = LIMIT_RANGES[level.signal][0]
    baseline = (
        data.draw(st.none() | st.floats(low, 1.6 * low))
        if level.absolute is not None
        else data.draw(st.floats(low, 1.6 * low))
    )
    limit = limit_of(thresholds, level, baseline)
    assume(limit is not None)
    assert limit is not None
    assume(limit.threshold <= HIGHEST[level.signal] and limit.threshold >= 45)
    return level, limit.threshold, {} if baseline is None else {level.signal: baseline}


@FEW
@given(given_sets(), st.data())
def test_what_stays_above_its_limit_fires_at_its_own_cycle(values: dict[str, Any], data: st.DataObject) -> None:
    thresholds = accepted(values)
    level, threshold, manual = chosen(data, thresholds)
    if level.signal == "HR":
        second, readings = data.draw(st.floats(0, 4.9)), []
        while second < 15 * level.n_on + 20:
            readings.append(rate(second, threshold))
            second += data.draw(st.floats(1, 15) | st.just(15.0))
        end = second
    else:
        # One failed measurement in the middle is tolerated where more than one is needed.
        times = due(thresholds, level.n_on + 1)
        spare = len(times) > level.n_on > 1
        failed = data.draw(st.integers(1, level.n_on - 1)) if spare and data.draw(st.booleans()) else None
        readings = [
            each
            for place, minute in enumerate(times)
            if place != failed
            for each in measured(minute, level.signal, threshold)
        ]
        end = times[-1] * 60
    assert fired(judged(readings, thresholds, session_end=end / 60 + 1, manual=manual), level)


@FEW
@given(given_sets(), st.data())
def test_what_has_fired_can_end_and_fire_again(values: dict[str, Any], data: st.DataObject) -> None:
    thresholds = accepted(values)
    level, threshold, manual = chosen(data, thresholds)
    limit = limit_of(thresholds, level, manual.get(level.signal))
    assert limit is not None
    assume(limit.clear >= 45)  # where the other pressure of a valid measurement still finds room
    n_off = thresholds.n_off_of(level.signal)
    run = [threshold] * level.n_on + [limit.clear] * n_off
    if level.signal == "HR":
        readings = [rate(5 * place, value) for place, value in enumerate(run * 2)]
        end = 10 * len(run) / 60
    else:
        cycle = thresholds.longest_interval_min
        rows = [(cycle * (place + 1), value) for place, value in enumerate(run * 2)]
        readings = [each for minute, value in rows for each in measured(minute, level.signal, value)]
        end = rows[-1][0]
    analysis = judged(readings, thresholds, session_end=end, manual=manual)
    ended = [
        each.episode
        for each in analysis.rises
        if (each.episode.signal, each.episode.level) == (level.signal, level.level)
    ]
    assert len(ended) == 2 and all(each.return_time is not None for each in ended)


@FEW
@given(given_sets(), st.data())
def test_noise_at_a_limit_makes_one_event_at_most(values: dict[str, Any], data: st.DataObject) -> None:
    thresholds = accepted(values)
    level, threshold, manual = chosen(data, thresholds)
    limit = limit_of(thresholds, level, manual.get(level.signal))
    assert limit is not None
    assume(47 <= threshold <= HIGHEST[level.signal] - 1)
    # Plus or minus 1; less where the clear level lies nearer, as a hysteresis under 1 or a baseline just below asks.
    amplitude = min(1.0, 0.999 * (threshold - limit.clear))
    noise = st.sampled_from([-1.0, 1.0, 0.0]) | st.floats(-1, 1)
    run = [threshold + amplitude * each for each in data.draw(st.lists(noise, min_size=10, max_size=40))]
    if level.signal == "HR":
        readings = [rate(5 * place, value) for place, value in enumerate(run)]
    else:
        cycle = thresholds.longest_interval_min
        readings = [
            each for place, value in enumerate(run) for each in measured(cycle * (place + 1), level.signal, value)
        ]
    end = max((each.time for each in readings), default=at_s(0)) + 5 * MINUTE
    analysis = judged(readings, thresholds, session_end=(end - T0) / MINUTE, manual=manual)
    assert [(each.episode.signal, each.episode.level) for each in analysis.rises].count(
        (level.signal, level.level)
    ) <= 1


@st.composite
def low_limits(draw: st.DrawFn) -> dict[str, Any]:
    signal = draw(st.sampled_from(["SBP", "HR", "SPO2"]))
    return {
        "signal": signal,
        "priority": draw(st.sampled_from(["medium", "high"])),
        "limit": draw(numbers(*LIMIT_RANGES[signal])),
        "n_on": draw(st.integers(1, 6)),
        "hysteresis": draw(numbers(0.5, 12)),
        "n_off": draw(st.integers(1, 3)),
    }


@FEW
@given(low_limits(), st.sampled_from([10.0, 12.0, 5.0]), st.booleans())
def test_a_low_limit_that_is_accepted_fires_and_ends_before_the_start_and_after(
    low: dict[str, Any], max_gap: float, before_start: bool
) -> None:
    off = {signal: "tested elsewhere" for signal in ("SBP", "HR", "SPO2") if signal != low["signal"]}
    level = {"signal": "SBP", "level": 1, "n_on": 1, "absolute": 180.0}
    thresholds = accepted(
        {"name": "drawn", "cycle_min": 5.0, "max_gap_min": max_gap, "x_off_min": 90.0, "level": [level],
         "n_off": {"SBP": 1}, "low": [low], "low_off": off}
    )  # fmt: skip
    limit, over = low["limit"], low["limit"] + low["hysteresis"]
    run = [limit] * low["n_on"] + [over] * low["n_off"]
    step = 5 * 60 if low["signal"] == "SBP" else 5
    first = -step * (len(run) + 1) if before_start else step
    readings = [
        each
        for place, value in enumerate(run)
        for each in (
            measured((first + step * place) / 60, "SBP", value)
            if low["signal"] == "SBP"
            else [rate(first + step * place, value, low["signal"])]
        )
    ]
    analysis = judged(readings, thresholds, session_end=len(run) * step / 60 + 10)
    (found,) = analysis.low
    assert (found.peak, found.onset, found.return_time) == (limit, at_s(first), at_s(first + step * low["n_on"]))
