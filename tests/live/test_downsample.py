"""Fewer points, but every true extreme of the window, and every gap open."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.live.downsample import breaks, extremes, with_gaps

S = 1_000_000


def test_few_samples_are_kept_all():
    assert extremes(np.array([3.0, 1.0, 2.0]), 4).tolist() == [0, 1, 2]


def test_a_single_peak_of_a_day_is_on_the_screen():
    values = np.full(86_400, 70.0)
    values[51_234] = 188.0
    values[7] = 31.0
    chosen = extremes(values, 2_000)
    assert len(chosen) <= 2_000
    assert {7, 51_234, 0, 86_399} <= set(chosen.tolist())


def test_samples_without_a_value_are_left_out():
    values = np.array([np.nan, 1.0, np.nan, 2.0, np.nan])
    assert extremes(values, 4).tolist() == [1, 3]
    assert extremes(np.full(10, np.nan), 4).tolist() == []


def test_fewer_than_four_points_are_refused():
    with pytest.raises(ValueError, match="ask for 4"):
        extremes(np.zeros(9), 3)


@given(
    st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), max_size=300),
    st.integers(4, 60),
)
def test_every_bucket_keeps_its_lowest_and_highest(samples, points):
    values = np.array(samples, dtype=np.float64)
    chosen = extremes(values, points)
    assert len(chosen) <= points or len(chosen) <= np.count_nonzero(~np.isnan(values)) <= points
    assert (np.diff(chosen) > 0).all()
    there = values[~np.isnan(values)]
    assert not np.isnan(values[chosen]).any()
    if len(there):
        assert values[chosen].max() == there.max()
        assert values[chosen].min() == there.min()
        # By an independent route: each bucket's own extremes are among the chosen values.
        kept = np.flatnonzero(~np.isnan(values))
        if len(kept) > points:
            size = -(-len(kept) // ((points - 2) // 2))
            for at in range(0, len(kept), size):
                bucket = values[kept[at : at + size]]
                assert {bucket.min(), bucket.max()} <= set(values[chosen].tolist())


def test_a_line_breaks_after_silence_and_after_a_value_that_was_not_there():
    times = np.array([0, 1, 2, 20, 21, 22], dtype=np.int64) * S
    values = np.array([1.0, 2.0, 3.0, 4.0, np.nan, 6.0])
    assert breaks(times, values, 10 * S).tolist() == [False, False, False, True, False, True]
    out_times, out_values = with_gaps(times, values, 50, 10 * S)
    assert out_values == [1.0, 2.0, 3.0, None, 4.0, None, 6.0]
    assert out_times == sorted(out_times)


def test_a_source_that_stutters_all_the_time_stays_bounded():
    times = np.arange(10_000, dtype=np.int64) * 20 * S
    values = np.sin(np.arange(10_000))
    out_times, out_values = with_gaps(times, values, 200, 10 * S)
    assert len(out_times) == len(out_values) <= 200
    assert max(each for each in out_values if each is not None) == values.max()


@given(
    st.lists(st.tuples(st.integers(1, 40), st.one_of(st.none(), st.floats(0, 300))), max_size=200), st.integers(8, 80)
)
def test_points_are_bounded_and_in_order(steps, points):
    times = np.cumsum([step for step, _ in steps], dtype=np.int64) * S
    values = np.array([np.nan if value is None else value for _, value in steps], dtype=np.float64)
    out_times, out_values = with_gaps(times, values, points, 10 * S)
    assert len(out_times) == len(out_values) <= points
    assert out_times == sorted(out_times)
