"""The proof that a recording as columns is the recording as readings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from both_ways import both_ways

from dashboard.rises import arrays, batch, recorded
from dashboard.rises.prepare import prepare
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from devices.reading import USED, Status
from devices.recordings.base import Recording, read_series
from devices.recordings.series import SeriesRecording


def from_readings(recording: Recording) -> dict[tuple[str, str], list[tuple[int, int, float, bool]]]:
    found: dict[tuple[str, str], list[tuple[int, int, float, bool]]] = {}
    for one in recording.readings:
        zero = one.status is Status.ZERO
        row = one.time, one.received, 0.0 if one.value is None else one.value, zero or one.status in USED
        found.setdefault((one.signal, one.source), []).append(row)
    return found


def from_columns(recording: SeriesRecording) -> dict[tuple[str, str], list[tuple[int, int, float, bool]]]:
    found: dict[tuple[str, str], list[tuple[int, int, float, bool]]] = {}
    for one in (each.present for each in recording.series):
        place = np.arange(len(one.seconds)) if one.place is None else one.place
        usable = [True] * len(one.seconds) if one.usable is None else one.usable.tolist()
        columns = recording.instants(one).tolist(), place.tolist(), one.numbers.tolist(), usable
        if len(one.seconds):
            found.setdefault((one.signal, one.source), []).extend(zip(*columns, strict=True))
    for rows in found.values():
        rows.sort(key=lambda row: row[:2])  # a track described anew is a second series of one source
    return found


def usable_of_cuffs(rows: dict[tuple[str, str], list[tuple[int, int, float, bool]]]) -> None:
    """A cuff measurement is vouched for as a whole."""
    doubted = {row[:2] for (signal, _), each in rows.items() if signal.startswith("NIBP") for row in each if not row[3]}
    for (signal, _), each in rows.items():
        if signal.startswith("NIBP"):
            each[:] = [(*row[:3], row[:2] not in doubted) for row in each]


def check(path: Path, **options: object) -> None:
    """The columns are the readings, and the rises of the one are those of the other."""
    readings, columns = both_ways(path, **options), read_series(path, **options)  # type: ignore[arg-type]
    assert not isinstance(readings, str)
    expected, found = from_readings(readings), from_columns(columns)
    for each in (expected, found):
        usable_of_cuffs(each)
    assert found == expected
    assert columns.mapping == readings.mapping
    assert columns.counts == readings.counts
    assert columns.relative == readings.relative
    judged_by_readings = ("file-gap", "same-time")
    told = [
        {(notice.kind, notice.text) for notice in each.notices if notice.kind not in judged_by_readings}
        for each in (readings, columns)
    ]
    assert told[0] == told[1]
    if not readings.readings:
        return
    timeline = Timeline(readings.first + (readings.last - readings.first) // 4, None, None, None)
    one = batch.judge(arrays.recording(prepare(readings.readings)), timeline, preset("adult-iv"))
    assert batch.judge(recorded.session(columns), timeline, preset("adult-iv")) == one
