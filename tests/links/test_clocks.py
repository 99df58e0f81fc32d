"""Bed clocks, and a machine's clock that somebody sets."""

from __future__ import annotations

from devices.clock import LIVE, BedClock, WatchClock

NOW = 1_770_000_000_123_457


def test_the_live_clock_is_the_machines_to_the_microsecond():
    assert LIVE.now(NOW) == NOW


def test_a_replay_runs_at_its_rate_from_where_it_was_started():
    clock = BedClock(at=5_000_000, wall=NOW, rate=20.0)
    assert clock.now(NOW) == 5_000_000
    assert clock.now(NOW + 3_000_000) == 65_000_000


def test_a_paused_replay_stands_still():
    assert BedClock(5_000_000, NOW, 0.0).now(NOW + 10**9) == 5_000_000


def test_the_watch_clock_goes_evenly_and_tells_when_it_was_set():
    wall, steady = [1_000_000_000], [50]
    clock = WatchClock(lambda: wall[0], lambda: steady[0])
    wall[0] += 700_000
    steady[0] += 500_000
    assert clock.read() == (1_000_500_000, 0)  # a fifth of a second apart: not followed
    wall[0] += 3_600_000_000
    assert clock.read() == (4_600_700_000, 3_600_200_000)
    steady[0] += 1
    wall[0] += 1
    assert clock.read() == (4_600_700_001, 0)
