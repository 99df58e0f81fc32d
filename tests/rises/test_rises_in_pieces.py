"""A session looked back upon piece by piece: the same however it is cut, and never all of its readings at once."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest
from made_sessions import made
from msgspec.structs import replace
from rise_sessions import T0

from dashboard.rises import arrays, prepare
from dashboard.rises.analysis import analyse
from dashboard.rises.annotations import annotate
from dashboard.rises.explanation import explain
from dashboard.rises.timeline import Timeline
from devices.instant import SECOND
from devices.reading import Reading
from devices.recordings.readings.packed import PackedReadings


def received_as_it_came(seed: int, rng: random.Random) -> list[Reading]:
    """A made session, some of it said twice, some once more with another value or much later, in any order."""
    readings = list(made(seed, minutes=rng.choice([3, 5, 20, 60])).readings)
    for one in rng.choices(readings, k=rng.choice([0, 10, 40])):
        received = one.received + rng.choice([0, 1, 90 * SECOND])
        value = None if one.value is None else one.value + rng.choice([0, 0, 3, 300])
        readings.append(replace(one, received=received, value=value))
    rng.shuffle(readings)
    return readings


@pytest.mark.parametrize("seed", range(60))
def test_what_is_found_does_not_depend_on_how_the_readings_are_held_or_cut(seed, monkeypatch):
    rng, session = random.Random(seed), made(seed)
    readings = received_as_it_came(seed, rng)
    timeline = Timeline(T0, session.infusion_end, None, rng.choice([session.session_end, None]))
    end = timeline.session_end if timeline.session_end is not None else max(each.time for each in readings)
    whole = analyse(readings, timeline, session.thresholds)
    columns = arrays.recording(prepare.prepare(each for each in readings if each.time <= end))
    in_columns = PackedReadings(prepare.in_order(readings))
    for piece in (1, 7, 60, 1_000):
        monkeypatch.setattr(prepare, "PIECE", piece)
        for held in (readings, iter(readings), in_columns):
            found = analyse(held, timeline, session.thresholds)
            assert found == whole
            assert [explain(found, each) for each in found.rises] == [explain(whole, each) for each in whole.rises]
            said = [
                [annotate(each.episode, one.evidence, session.thresholds.max_gap) for each in one.rises]
                for one in (found, whole)
            ]
            assert said[0] == said[1]
        again = arrays.recording_of(in_columns, end)
        for part in ("cuffs", "rates", "saturations"):
            for name in type(getattr(again, part)).__struct_fields__:
                one, other = (getattr(getattr(each, part), name) for each in (again, columns))
                assert np.array_equal(one, other, equal_nan=one.dtype == np.float64)


GROWS = """
import resource
import sys

import numpy as np

from dashboard.rises.analysis import analyse
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from devices.recordings.readings.in_columns import ColumnReadings
from devices.recordings.series import Series

hours, watched = map(int, sys.argv[1:])
count = hours * 3_600
second = np.arange(count)
rate, saturation = 70 + second // 120 % 60, 95 + second // 7 % 4


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def columns(count):
    series = [
        Series(signal, "csv:" + signal, second[:count] / 1.0, values[:count] / 1.0)
        for signal, values in (("HR", rate), ("SPO2", saturation), ("ABP_SYS", rate), ("ABP_DIA", saturation))
    ]
    return ColumnReadings(second[:count] * 1_000_000, series)


def judged(readings, until):
    return analyse(readings, Timeline(3_600_000_000, None, None, until), preset("adult-iv"))


judged(columns(9_000), None)  # all that is loaded and kept once
readings = columns(count)
before = peak()
found = judged(readings, watched * 3_600_000_000)
assert found.rises
print((peak() - before) // 1024)
"""


@pytest.mark.parametrize(("hours", "watched"), [(24 * 20, 3), (30, 30)])
def test_judging_holds_little_more_than_the_columns(hours, watched):
    """As lists, all readings of 20 d took 795 MB, and those of 30 h with all that was made of them 104 MB."""
    ran = subprocess.run(
        [sys.executable, "-c", GROWS, str(hours), str(watched)], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) < 30
