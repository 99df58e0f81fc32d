"""A recording read as columns, as `batch` takes it: the same rows that its readings would give through `prepare`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dashboard.rises import arrays
from dashboard.rises.prepare import ECG, RANKS
from devices.recordings.series import Series, SeriesRecording
from devices.signals import NIBP, pulse_origin


def session(recording: SeriesRecording) -> arrays.Recording:
    """The cuff measurements, heart rates and saturations of `recording`, judged valid or not."""
    rates: list[tuple[Series, int]] = []
    saturations: list[tuple[Series, int]] = []
    cuffs: dict[int, dict[str, Series]] = {}
    for one in recording.series:
        if one.cuff >= 0:
            cuffs.setdefault(one.cuff, {})[one.signal] = one
        elif one.signal == "HR":
            rates.append((one, ECG))
        elif one.signal == "PR" and (origin := pulse_origin(one.source)) in RANKS:
            rates.append((one, RANKS[origin]))
        elif one.signal == "SPO2":
            saturations.append((one, 0))
    time, value, rank, usable = _samples(recording, rates)
    saturation_time, saturation, _, saturation_usable = _samples(recording, saturations)
    # The recording's end is its last value of any kind: a cuff's rows hold one each.
    ends = [int(times[-1]) for one in recording.series if len(times := recording.instants(one.present))]
    return arrays.Recording(
        _cuffs(recording, list(cuffs.values())),
        arrays.rates(time, value, rank, usable),
        arrays.saturations(saturation_time, saturation, saturation_usable),
        max(ends, default=None),
    )


def _samples(
    recording: SeriesRecording, found: Sequence[tuple[Series, int]]
) -> tuple[arrays.Instants, arrays.Values, arrays.Instants, arrays.Mask]:
    """Times, values (NaN for "no signal"), ranks and whether each is vouched for, in order of receipt."""
    parts = []
    for one, rank in found:
        there = one.present
        values = there.numbers
        if not values.all():
            values = np.where(values == 0, np.nan, values)
        usable = np.broadcast_to(np.True_, len(values)) if there.usable is None else there.usable
        ranks = np.broadcast_to(np.int64(rank), len(values))
        parts.append((recording.instants(there), values, ranks, usable, _places(there)))
    if not parts:
        none = np.empty(0)
        return none.astype(np.int64), none, none.astype(np.int64), none.astype(np.bool_)
    if len(parts) == 1:
        return parts[0][:-1]
    time, value, ranks, vouched, place = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((place, time))
    return time[order], value[order], ranks[order], vouched[order]


def _cuffs(recording: SeriesRecording, found: Sequence[dict[str, Series]]) -> arrays.Cuffs:
    parts = []
    for cuff in found:
        first = next(iter(cuff.values()))
        count = len(first.seconds)
        columns = [cuff[signal].numbers if signal in cuff else np.full(count, np.nan) for signal in NIBP]
        usable = np.ones(count, np.bool_) if first.usable is None else first.usable
        parts.append((recording.instants(first), *columns, usable, _places(first)))
    if not parts:
        return arrays.cuffs([], [], [], [])
    if len(parts) == 1:
        return arrays.cuffs(*parts[0][:-1])
    *columns, place = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((place, columns[0]))
    return arrays.cuffs(*(column[order] for column in columns))


def _places(one: Series) -> NDArray[np.int64] | NDArray[np.int32]:
    return np.arange(len(one.seconds)) if one.place is None else one.place
