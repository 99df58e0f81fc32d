"""What is played of a recording, however its readings are held: every item in its order, a reading before a notice of
the same row."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from devices.reading import Item, Notice, Reading, Status
from devices.recordings.delimited.reader import read_text
from devices.recordings.options import Options
from devices.recordings.readings.packed import PackedReadings
from devices.recordings.score import Score

EMPTY = read_text("time,HR\n", Options(), "empty")


def made(rng: random.Random) -> tuple[list[Reading], list[Notice]]:
    """Readings and notices with few different times and rows, each kind in order."""

    def moment() -> tuple[int, int]:
        return rng.randint(0, 12), rng.randint(0, 3)

    readings = []
    for number in range(rng.choice([0, 1, 20, 90])):
        value = rng.choice([None, 0.0, -0.0, 71.5])
        status = Status.INVALID if value is None else rng.choice([Status.OK, Status.RANGE])
        readings.append(Reading(*moment(), rng.choice(["HR", "SPO2"]), value, "/min", status, f"made:{number % 3}"))
    notices = [Notice(*moment(), "device-event", str(number)) for number in range(rng.choice([0, 1, 9]))]
    for each in (readings, notices):
        each.sort(key=lambda item: (item.time, item.received))
    return readings, notices


@pytest.mark.parametrize("seed", range(80))
def test_every_item_in_its_order_and_how_many_are_due(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    readings, notices = made(rng)
    for module in ("readings.packed", "score"):
        monkeypatch.setattr(f"devices.recordings.{module}.AT_ONCE", rng.choice([1, 4, 1000]))
    said: list[Item] = [*readings, *notices]
    expected = sorted(said, key=lambda item: (item.time, item.received, isinstance(item, Notice)))
    for held in (readings, PackedReadings(readings)):
        score = Score(replace(EMPTY, readings=held, notices=notices))
        assert list(score) == expected == score
        assert len(score) == len(expected)
        assert [repr(each) for each in score] == [repr(each) for each in expected]  # -0.0 is not 0.0
        for time in range(-1, 14):
            assert score.upto(time) == sum(item.time <= time for item in expected)
        for _ in range(9):
            start, stop, step = rng.randint(-30, 30), rng.randint(-30, 30), rng.choice([None, 1, 2, -1])
            assert score[start:stop:step] == expected[start:stop:step]
        if expected:
            place = rng.randrange(-len(expected), len(expected))
            assert score[place] == expected[place]
        with pytest.raises(IndexError):
            score[len(expected)]
