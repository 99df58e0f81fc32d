"""A recording read with its readings as a list and in columns: nobody may be able to tell which it is."""

from __future__ import annotations

import pickle
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from devices.reading import Reading
from devices.recordings.base import Recording, RecordingError, read_recording
from devices.recordings.edf import columns as edf_columns
from devices.recordings.parquet import columns as parquet_columns
from devices.recordings.readings.lazy import LazyReadings
from devices.recordings.readings.packed import PackedReadings
from devices.recordings.vital import reader as vital
from devices.recordings.wfdb import reader as wfdb_numerics

MODULES = (vital, edf_columns, parquet_columns, wfdb_numerics)


def read(path: Path, least: int, **options: Any) -> Recording | str:
    """The recording, in columns where it has `least` readings; or how it was refused."""
    patches = [patch.object(module, "MANY", least) for module in MODULES]
    for each in patches:
        each.start()
    try:
        return read_recording(path, **options)
    except RecordingError as error:
        return f"{type(error)} {error}"
    finally:
        for each in patches:
            each.stop()


def both_ways(path: Path, **options: Any) -> Recording | str:
    """The recording with its readings as a list, once it is the same in columns; or how it was refused."""
    listed, in_columns = (read(path, least, **options) for least in (1 << 60, 0))
    if isinstance(listed, str) or isinstance(in_columns, str):
        assert in_columns == listed
        return listed
    assert list(in_columns.readings) == list(listed.readings)
    for name in ("notices", "counts", "mapping", "explanation"):
        assert getattr(in_columns, name) == getattr(listed, name)
    assert in_columns == listed
    assert in_columns.streams() == listed.streams()
    assert (in_columns.first, in_columns.last) == (listed.first, listed.last)
    return listed


def look_at(readings: LazyReadings, expected: Sequence[Reading], rng: random.Random) -> None:
    """Any look at `readings`, handed on to another process or not, shows what is in the list `expected`."""
    handed_on = pickle.loads(pickle.dumps(readings))
    assert list(readings) == list(handed_on) == expected
    for _ in range(5):
        start, stop = rng.randint(-5, len(expected) + 5), rng.randint(-5, len(expected) + 5)
        assert readings[start:stop] == handed_on[start:stop] == expected[start:stop]
    assert [readings[place] for place in (0, -1) if expected] == [expected[place] for place in (0, -1) if expected]
    for at in ((rng.choice(expected).time if expected else 0) + rng.choice([-1, 0, 0, 1]) for _ in range(5)):
        assert readings.upto(at) == sum(each.time <= at for each in expected)
        assert list(readings.through(at)) == [each for each in expected if each.time <= at]
        row = rng.randint(-1, 1 + max((each.received for each in expected), default=0))
        before = [each for each in expected if (each.time, each.received) <= (at, row)]
        assert readings.upto(at, row) == len(before)
    assert list(in_batches(readings)) == expected

    def backwards(signal: str, source: str) -> tuple[int, ...]:
        return tuple(-ord(char) for char in signal + source)

    assert list(readings.ordered(backwards)) == list(PackedReadings(expected).ordered(backwards))


def in_batches(readings: LazyReadings) -> list[Reading]:
    """What the batches hold, none of which may be empty or begin amid an instant."""
    found: list[Reading] = []
    for batch in readings.batches():
        assert len(batch)
        assert not found or found[-1].time < int(batch.times[0])
        columns = (column.tolist() for column in (batch.times, batch.received, batch.values, batch.which))
        for time, received, value, which in zip(*columns, strict=True):
            signal, unit, status, source, has_value = readings.kinds[which]
            assert has_value or value == 0
            found.append(Reading(time, received, signal, value if has_value else None, unit, status, source))
    return found
