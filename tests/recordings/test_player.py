"""A recording played at a bed: every item once, in order, on a clock that only the given time moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.resources import sample_data
from devices.errors import SettingError
from devices.instant import MINUTE, SECOND
from devices.reading import Reading
from devices.recordings.base import read_recording
from devices.recordings.delimited.reader import read_text
from devices.recordings.options import Options
from devices.recordings.player import Player, items_of
from devices.source import Source, State

MIMIC = read_recording(sample_data() / "mimic3wdb" / "s25047-2704-05-04-10-44n.hea")
WALL = 1_800_000_000 * SECOND


def player() -> Player:
    return Player("Bed 4", MIMIC, "s25047")


def test_it_is_a_source() -> None:
    assert isinstance(player(), Source)


def test_it_stands_still_until_it_is_played() -> None:
    one = player()
    assert one.clock.rate == 0
    first = one.poll(WALL)
    assert {item.time for item in first} == {MIMIC.first}
    assert one.poll(WALL + 3600 * SECOND) == []
    assert one.position(WALL + 3600 * SECOND) == MIMIC.first
    assert one.wake(WALL) is None


def test_time_passes_at_the_speed_that_was_said() -> None:
    one = player()
    one.play(WALL, 60)
    assert one.position(WALL + 2 * SECOND) == MIMIC.first + 2 * MINUTE
    assert one.clock.now(WALL + 2 * SECOND) == MIMIC.first + 2 * MINUTE
    one.set_speed(10, WALL + 2 * SECOND)
    assert one.position(WALL + 8 * SECOND) == MIMIC.first + 3 * MINUTE
    one.pause(WALL + 8 * SECOND)
    assert one.position(WALL + 80 * SECOND) == MIMIC.first + 3 * MINUTE
    one.set_speed(2, WALL + 80 * SECOND)
    assert not one.playing
    one.play(WALL + 100 * SECOND)
    assert one.position(WALL + 130 * SECOND) == MIMIC.first + 4 * MINUTE


@pytest.mark.parametrize("speed", [0, 0.49, 601, -1, float("nan"), float("inf")])
def test_speeds_beyond_the_bounds_are_refused(speed: float) -> None:
    with pytest.raises(SettingError):
        player().play(WALL, speed)


@given(
    pauses=st.lists(st.integers(0, 40 * SECOND), max_size=30),
    speeds=st.lists(st.floats(0.5, 600), min_size=1, max_size=5),
)
def test_however_it_is_polled_the_items_are_the_same(pauses: list[int], speeds: list[float]) -> None:
    one = player()
    now = WALL
    got = []
    one.play(now, speeds[0])
    for place, pause in enumerate(pauses):
        now += pause
        got += one.poll(now)
        assert all(item.time <= one.position(now) for item in got)
        if place % 3 == 0 and one.playing:
            one.set_speed(speeds[place % len(speeds)], now)
        if place % 7 == 5:
            one.pause(now)
            now += pause
            one.play(now)
    one.play(now, 600)
    got += one.poll(now + 3600 * SECOND)
    assert got == items_of(MIMIC)


def test_items_are_ordered_and_cuff_readings_stay_together() -> None:
    items = items_of(MIMIC)
    assert len(items) == len(MIMIC.readings) + len(MIMIC.notices)
    keys = [(item.time, item.received) for item in items]
    assert keys == sorted(keys)
    readings = [item for item in items if isinstance(item, Reading)]
    assert readings == MIMIC.readings


def test_waking_at_the_said_instant_finds_the_next_item() -> None:
    one = player()
    one.play(WALL, 7)
    now = WALL
    times = []
    while one.playing:
        due = one.wake(now)
        assert due is not None
        assert due >= now
        now = due
        times += [item.time for item in one.poll(now)]
    assert times == [item.time for item in items_of(MIMIC)]
    assert one.wake(now) is None


def test_at_its_end_it_stands_still_at_the_last_reading() -> None:
    one = player()
    one.play(WALL, 600)
    one.poll(WALL + 3600 * SECOND)
    assert not one.playing
    assert one.clock.rate == 0
    assert one.position(WALL + 7200 * SECOND) == MIMIC.last == one.end
    assert one.state(WALL).text.endswith("at its end")
    one.play(WALL + 7200 * SECOND)
    assert not one.playing


def test_seeking_forward_gives_what_lies_between_and_back_gives_all_anew() -> None:
    one = player()
    one.poll(WALL)
    assert not one.goes_back(MIMIC.first + 10 * MINUTE)
    one.seek(MIMIC.first + 10 * MINUTE, WALL)
    between = one.poll(WALL)
    assert {item.time for item in between} == {MIMIC.first + minute * MINUTE for minute in range(1, 11)}
    assert one.goes_back(MIMIC.first + 3 * MINUTE)
    one.seek(MIMIC.first + 3 * MINUTE, WALL)
    again = one.poll(WALL)
    assert again == [item for item in items_of(MIMIC) if item.time <= MIMIC.first + 3 * MINUTE]
    assert one.goes_back(MIMIC.first - MINUTE)
    one.seek(MIMIC.first - MINUTE, WALL)
    assert one.position(WALL) == MIMIC.first
    one.seek(MIMIC.last + 99 * MINUTE, WALL)
    assert one.position(WALL) == one.end


def test_it_never_says_that_it_is_live() -> None:
    one = player()
    texts = [one.state(WALL).text]
    one.play(WALL, 10)
    state = one.state(WALL)
    texts.append(state.text)
    one.poll(WALL + 3600 * SECOND)
    texts.append(one.state(WALL + 3600 * SECOND).text)
    assert all(text.startswith("replay of s25047") for text in texts)
    assert len(set(texts)) == 3
    assert state.protocol == "replay"
    assert state.state is State.CONNECTED
    assert one.progress == {"recording": "s25047", "start": MIMIC.first, "end": one.end, "speed": 10, "playing": False}


def test_a_recording_without_readings_can_be_played_too() -> None:
    one = Player("Bed 1", read_text("time,HR\n", Options(), "empty"), "empty")
    one.play(WALL)
    assert one.poll(WALL + SECOND) == []
    assert one.poll(WALL + 60 * SECOND) == []
    assert not one.playing


def test_a_part_is_played_from_what_lies_before_it_to_its_end() -> None:
    since, until = MIMIC.first + 20 * MINUTE, MIMIC.first + 25 * MINUTE
    one = Player("Bed 4", MIMIC, "s25047", since, until)
    assert (one.position(WALL), one.end) == (since, until)
    first = one.poll(WALL)
    assert first == [item for item in items_of(MIMIC) if item.time <= since]
    one.play(WALL, 600)
    rest = one.poll(WALL + 3600 * SECOND)
    assert first + rest == [item for item in items_of(MIMIC) if item.time <= until]
    assert one.heard == until
    one.seek(MIMIC.first, WALL + 3600 * SECOND)
    assert one.position(WALL + 3600 * SECOND) == since


@pytest.mark.parametrize(("since", "until"), [(MINUTE, 0), (99 * MINUTE, None), (None, -MINUTE)])
def test_a_part_that_holds_nothing_is_refused(since: int | None, until: int | None) -> None:
    part = [None if each is None else MIMIC.first + each for each in (since, until)]
    with pytest.raises(SettingError, match="holds nothing"):
        Player("Bed 4", MIMIC, "s25047", *part)


def test_a_jump_over_much_is_given_in_pieces_and_the_clock_stands_until_all_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("devices.recordings.player.PIECE", 10)
    one = player()
    one.play(WALL, 600)
    one.seek(MIMIC.last - MINUTE, WALL)
    got, heard = [], []
    now = WALL
    while one.heard < MIMIC.last - MINUTE:
        assert one.position(now) == MIMIC.last - MINUTE
        assert one.wake(now) == now
        now += SECOND
        piece = one.poll(now)
        got += piece
        heard.append(one.heard)
        assert (
            max(item.time for item in piece)
            <= one.heard
            < min((item.time for item in items_of(MIMIC)[len(got) :]), default=one.end + 1)
        )
    assert heard == sorted(heard)
    assert len(heard) > 10
    assert got == [item for item in items_of(MIMIC) if item.time <= MIMIC.last - MINUTE]
    assert one.clock.rate == 600


def test_a_clock_that_runs_away_from_what_can_be_given_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.recordings.player.PIECE", 5)
    one = player()
    one.play(WALL, 600)
    one.poll(WALL + 6 * SECOND)  # an hour of the recording has passed
    assert one.position(WALL + 6 * SECOND) == one.heard < MIMIC.first + 10 * MINUTE
    assert one.playing
