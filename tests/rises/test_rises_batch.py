"""The batch form and the live form find the same, to the bit: on adversarial series, at every split of the input.

RISEWATCH_SERIES=5000 tries so many adversarial series instead of the 500 of every run.
"""

import os
import pickle
import random
from functools import partial

import numpy as np
import pytest
from rise_sessions import EXAMPLE_A, EXAMPLE_B, T0, at, cuffs, rate, rates
from ticklish_series import Series, ticklish

from dashboard.rises import arrays
from dashboard.rises.analysis import Rise, analyse
from dashboard.rises.baseline import Baseline
from dashboard.rises.batch import Judged, judge
from dashboard.rises.episodes import Episode, Scope
from dashboard.rises.epoch_medians import epoch_medians
from dashboard.rises.epochs import EPOCH, Epochs
from dashboard.rises.live import SessionDetector
from dashboard.rises.prepare import Sample, prepare
from dashboard.rises.threshold_files import PRESETS, preset
from dashboard.rises.timeline import Timeline
from dashboard.rises.validity import HR_RANGE, Cuff, rejection
from devices.instant import SECOND
from devices.reading import Status

SERIES, CHUNK = int(os.environ.get("RISEWATCH_SERIES", "500")), 50
Item = Cuff | Sample


def batch(series: Series) -> Judged:
    return judge(series.recording(), series.timeline, series.thresholds, series.manual)


def live(series: Series) -> SessionDetector:
    closed = series.timeline.closed(series.last)
    timeline = Timeline(series.timeline.t0, closed.infusion_end, None, closed.session_end)
    return SessionDetector(timeline, series.thresholds, series.manual)


def items_of(series: Series) -> list[Item]:
    """What the live form is fed with, in order of time."""
    end = series.timeline.closed(series.last).session_end
    prepared = prepare(reading for reading in series.readings if reading.time <= end)
    items: list[Item] = [*prepared.cuffs, *prepared.rates, *prepared.saturations]
    return sorted(items, key=lambda item: item.time)


def finished(detector: SessionDetector, series: Series) -> Judged:
    closed = series.timeline.closed(series.last)
    detector.finish(closed.session_end)
    rises = detector.episodes(Scope.RISE)
    return Judged(
        timeline=closed,
        baselines=detector.baselines,
        rises=tuple(Rise(each, detector.outcome(each, closed.session_end)) for each in rises),
        before_start=tuple(detector.episodes(Scope.BEFORE_START)),
        low=tuple(detector.episodes(Scope.LOW)),
    )


def as_numbers(detector: SessionDetector, items: list[Item]) -> None:
    """The short way for what passes, the long one for the rest."""
    for item in items:
        if not (item.status is Status.OK and _passes(detector, item)):
            detector.feed([item])


def _passes(detector: SessionDetector, item: Item) -> bool:
    if isinstance(item, Cuff):
        given = item.sbp is not None and item.dbp is not None
        if given and not detector.cuff_passes(item.time, item.sbp, item.dbp, item.mean):
            detector.push_cuff(item.time, item.sbp, item.dbp, item.mean)
        return given
    given = item.signal != "SPO2" and item.value is not None
    return given and detector.rate_passes(item.time, item.value, item.rank)


def in_pieces(series: Series, items: list[Item], rng: random.Random) -> Judged:
    """One by one or in chunks, the clock now and then in between, the detector pickled or made anew at any reading."""
    detector, place, longest = live(series), 0, rng.choice([1, 1, 3, 20, 200])
    while place < len(items):
        upto = min(place + rng.randint(1, longest), len(items))
        feed = detector.feed if rng.random() < 0.5 else partial(as_numbers, detector)
        feed(items[place:upto])
        place = upto
        act = rng.random()
        if act < 0.3:
            detector.advance(items[min(place, len(items) - 1) if act < 0.15 else place - 1].time)
        elif act < 0.32:
            detector = pickle.loads(pickle.dumps(detector))
        elif act < 0.33:
            detector = live(series)
            detector.feed(items[:place])
    return finished(detector, series)


def bits(found: Judged) -> tuple[object, ...]:
    """All of it, numbers by their bits; live a number may be an int where it was given as one."""

    def of(value: object) -> object:
        if isinstance(value, Episode | Baseline):
            names = value.__struct_fields__
            numbers = {"threshold", "clear", "baseline", "peak", "value"}
            return [(name, _hex(getattr(value, name)) if name in numbers else getattr(value, name)) for name in names]
        raise TypeError(type(value))

    def _hex(number: float | None) -> str | None:
        return None if number is None else float(number).hex()

    return (
        found.timeline,
        {signal: of(baseline) for signal, baseline in found.baselines.items()},
        [(of(rise.episode), rise.outcome) for rise in found.rises],
        [of(each) for each in found.before_start],
        [of(each) for each in found.low],
    )


@pytest.mark.parametrize("first", range(0, SERIES, CHUNK))
def test_batch_and_live_find_the_same_on_adversarial_series(first: int) -> None:
    for seed in range(first, first + CHUNK):
        series, rng = ticklish(seed), random.Random(seed)
        ours, items = bits(batch(series)), items_of(series)
        at_once = live(series)
        at_once.feed(items)
        assert ours == bits(finished(at_once, series)), f"seed {seed}"
        assert ours == bits(in_pieces(series, items, rng)), f"seed {seed}"


def test_batch_and_live_find_the_same_where_there_are_many_cuff_measurements() -> None:
    rises = 0
    for seed in range(1000, 1040):
        series = ticklish(seed, cuffs=500)
        ours, at_once = batch(series), live(series)
        at_once.feed(items_of(series))
        assert bits(ours) == bits(finished(at_once, series)), f"seed {seed}"
        rises += sum(rise.episode.signal != "HR" for rise in ours.rises)
    assert rises > 1000


def test_epochs_are_the_same_from_columns_and_one_by_one() -> None:
    rng, five = random.Random(5), 0
    for case in range(400):
        count, first = rng.randint(1, 40), T0 + rng.randint(-20_000_000, 5_000_000)
        times = [first + place * SECOND for place in range(count)]
        if rng.random() < 0.4:  # one that comes early or late, or not at all
            place = rng.randrange(count)
            times[place : place + 1] = [times[place] + rng.choice([-1, 1, 400_000])] if rng.random() < 0.5 else []
        values = [rng.choice([70.0, 71.0, 70.5, 90.0, 300.0]) if rng.random() < 0.2 else 70.0 for _ in times]
        until = first + rng.randint(0, 45) * SECOND
        columns = epoch_medians(arrays.rates(times, values), T0, until)
        epochs = Epochs(T0, HR_RANGE)
        for time, value in zip(times, values, strict=True):
            epochs.push(Sample(time, time, "HR", value, Status.OK, value < 300, 0))
        spans = [span for span in epochs.close(until) if span.value is not None]
        expected = [((span.start - T0) // EPOCH, span.value) for span in spans]
        assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected, f"case {case}"
        five += len(expected) > 2
    assert five > 200


@pytest.mark.parametrize("first", range(0, 12, 4))
def test_every_split_point_of_the_input_gives_the_same(first: int) -> None:
    for seed in range(first, first + 4):
        series = ticklish(seed, short=True)
        ours, items = bits(batch(series)), items_of(series)
        growing = live(series)
        for place, item in enumerate(items, 1):
            growing.feed([item])
            other = pickle.loads(pickle.dumps(growing))
            other.advance(item.time)
            other.feed(items[place:])
            assert ours == bits(finished(other, series)), f"seed {seed}, split after {place}"


def test_the_series_hold_enough_of_everything() -> None:
    seen: dict[str, int] = {}

    def count(**what: bool | int) -> None:
        for name, times in what.items():
            seen[name] = seen.get(name, 0) + int(times)

    names = set()
    for seed in range(SERIES):
        series = ticklish(seed)
        found = batch(series)
        names.add(series.thresholds.name)
        count(rise=len(found.rises), before=len(found.before_start), low=len(found.low))
        count(none=any(each.value is None for each in found.baselines.values()))
        count(combine_all=series.thresholds.combine == "all")
        count(percent=any(each.rise_percent is not None for each in series.thresholds.level))
        for rise in found.rises:
            count(**{rise.outcome.value: 1}, gap=rise.episode.gap, present=rise.episode.present_at_baseline)
    assert names >= {preset(each).name for each in PRESETS}
    least = {"rise": 2500, "before": 50, "low": 1000, "none": 50, "combine_all": 25, "percent": 25, "gap": 500}
    least |= {"present": 100, "transient": 500, "sustained_returned": 100, "unresolved": 100}
    assert {name: seen.get(name, 0) for name, times in least.items() if seen.get(name, 0) < times} == {}, seen


def test_the_worked_examples() -> None:
    for readings in (cuffs(EXAMPLE_A), rates(EXAMPLE_B)):
        timeline = Timeline(T0, at(40), None, at(100))
        series = Series(readings, timeline, preset("adult-iv"), {})
        assert batch(series).rises == analyse(readings, timeline, series.thresholds).rises


def test_a_cuff_row_is_valid_where_the_measurement_is() -> None:
    edges = [39, 40, 99, 100, 101, 149, 150, 151, 199, 200, 201, 270, 271]
    ticks = [0, 1e-9, -1e-9, 5e-10, -5e-10, 2e-9, -2e-9]
    rows = [
        (sbp + tick, sbp + tick - pressure - other, mean)
        for sbp in edges for tick in ticks for pressure in (9, 10, 15, 30, 50, 70) for other in ticks
        for mean in (None, sbp - 5, sbp + tick, sbp + tick - pressure)
    ]  # fmt: skip
    rows += [(None, 80.0, None), (120.0, None, 90.0), (None, None, None)]
    expected = [rejection(Cuff(0, 0, *row, Status.OK)) is None for row in rows]
    columns = (np.array([row[place] for row in rows], np.float64) for place in range(3))
    whole = list(columns)
    assert arrays.cuffs_are_valid(*whole).tolist() == expected
    # A few rows at a time their extremes alone may tell: no row may become valid or invalid by the company it is in.
    for size in (1, 4):
        pieces = (tuple(column[at : at + size] for column in whole) for at in range(0, len(rows), size))
        assert [each for piece in pieces for each in arrays.cuffs_are_valid(*piece).tolist()] == expected
    assert 500 < sum(expected) < len(rows) - 500


def test_rows_of_one_time_are_resolved_as_readings_are() -> None:
    found = arrays.cuffs([5, 3, 5, 5], [120, 110, 130, np.nan], [80, 70, 80, 80])
    assert (found.time.tolist(), found.valid.tolist()) == ([3, 5], [True, False])
    one = arrays.rates([1, 1, 1], [70, 80, 80 + 5e-10], [0, 1, 1])
    assert one.value.tolist() == [70, 80]  # the nearly equal one says nothing new


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        arrays.cuffs([1, 2], [120], [80])
    with pytest.raises(ValueError, match="one length"):
        arrays.rates([1, 2], [70, 70], usable=[True])


def test_a_session_without_a_start_is_refused() -> None:
    with pytest.raises(ValueError, match="start of the drug"):
        judge(arrays.recording(prepare([rate(0, 70)])), Timeline(), preset("adult-iv"))


def test_an_empty_session_has_nothing() -> None:
    found = judge(arrays.recording(prepare([])), Timeline(T0), preset("adult-iv"))
    assert (found.rises, found.before_start, found.low) == ((), (), ())
    assert {each.value for each in found.baselines.values()} == {None}
