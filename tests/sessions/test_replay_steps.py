"""Steps from mark to mark of a replay, worked out by hand. Times in minutes after the recording's beginning."""

import pytest

from dashboard.sessions.replay_marks import Mark, MarkKind, step
from devices.instant import MINUTE, SECOND

FLAG, EVENT = MarkKind.FLAG, MarkKind.EVENT
MARKS = [Mark(20 * MINUTE, FLAG, "a", 1), Mark(20 * MINUTE, FLAG, "b", 1), Mark(35 * MINUTE, FLAG, "c", 2),
         Mark(30 * MINUTE, EVENT, "d")]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "back", "speed", "to"),
    [
        (0, False, 60, 19),  # a minute before the flag, to see it come
        (18.99, False, 0, 19),
        (19, False, 0, 34),  # two flags at one time are one step
        (34, False, 0, None),
        (50, False, 0, None),
        (50, True, 0, 34),
        (34, True, 0, 19),
        (19, True, 0, None),
        (36.5, True, 60, 19),  # two and a half seconds of watching after the last landing: the one before it
        (37.5, True, 60, 34),  # three and a half: the last
        (36.5, True, 0, 34),  # standing still, nobody is watching on
    ],
)
def test_a_step_from_flag_to_flag(at, back, speed, to):
    found = step(MARKS, round(at * MINUTE), FLAG, back=back, speed=speed)
    assert found == (to if to is None else to * MINUTE)


def test_a_step_to_an_event_lands_ten_seconds_before_it():
    assert step(MARKS, 0, EVENT, back=False, speed=0) == 30 * MINUTE - 10 * SECOND
    assert step(MARKS[:3], 0, EVENT, back=False, speed=0) is None
