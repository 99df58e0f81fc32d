"""Samples to readings: a cuff's values once a measurement, its own pulse with them, all else as it stands."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from devices.reading import Status
from devices.recordings.cuffs import SHORTEST, Shown, measurements, reach
from devices.recordings.names import CUFF_PULSE, plain, split_unit
from devices.recordings.recording import Builder
from devices.recordings.tables.header import Field
from devices.recordings.tables.judging import Sample, leave_out_silent, settle_hertz
from devices.recordings.tables.methods import settle_method


def read_samples(fields: dict[str, Field], samples: list[Sample], into: Builder, collapse: bool | None = None) -> None:
    """Hands `samples` on as readings, and empties them: own columns as written, those of others as their sheets say.

    Args:
        collapse: whether a cuff value shown again is no new measurement; None: in others' columns it is none.
    """
    leave_out_silent(fields, samples, into)
    settle_method(fields, samples, into)
    settle_hertz(fields, samples, into)
    _emit(list(fields.values()), samples, into, collapse)


def _emit(fields: Sequence[Field], samples: list[Sample], into: Builder, collapse: bool | None) -> None:
    cuff = {one.signal: one.name for one in fields if one.signal.startswith("NIBP_")}
    as_written = all(one.own for one in fields if one.signal in cuff) if collapse is None else not collapse
    measured = _cuffs(cuff, samples, as_written, into)
    counted = {one.name for one in fields if one.signal == "PR" and not one.own and is_the_cuffs(one.name)}
    pulse = counted or _cuff_pulse(fields, samples, cuff)
    samples.reverse()
    while samples:
        sample = samples.pop()  # one by one: all samples beside all readings would not fit
        done = False
        for one in fields:
            if one.signal.startswith("NIBP_"):
                if not done and sample.row in measured:
                    values, status = measured[sample.row]
                    into.add_cuff(sample.time, sample.row, values, cuff, status)
                done = True
            elif one.name in sample.values:
                if cuff and one.name in counted and sample.row not in measured:
                    continue  # it is shown again as long as the measurement that it came from
                name = f"nibp.{one.name}" if one.name in pulse else one.name
                into.add(sample.time, sample.row, one.signal, sample.values[one.name], name)


def _cuffs(
    cuff: dict[str, str], samples: Sequence[Sample], as_written: bool, into: Builder
) -> dict[int, tuple[dict[str, float], Status | None]]:
    shown = []
    for sample in samples:
        values = {signal: sample.values[name] for signal, name in cuff.items() if name in sample.values}
        if values:
            shown.append(Shown(sample.time, sample.row, values))
    if as_written:
        return {one.row: (dict(one.values), None) for one in shown}
    shown.sort(key=lambda one: (one.time, one.row))
    times = sorted({sample.time for sample in samples})
    found = measurements(shown, reach(times))
    into.counts.repeats = sum(one.repeats for one in found)
    measured: dict[int, tuple[dict[str, float], Status | None]] = {}
    for one in found:
        # On the screen when recording began, and shown again since: nobody knows how old it is.
        old = one.stayed and one.shown.time == times[0]
        measured[one.shown.row] = (dict(one.shown.values), Status.AGE_UNKNOWN if old else None)
    return measured


def is_the_cuffs(name: str) -> bool:
    """Whether a pulse rate called `name` is the cuff's own."""
    return plain(split_unit(name)[0].rpartition("/")[2]) in CUFF_PULSE


def _cuff_pulse(fields: Sequence[Field], samples: Sequence[Sample], cuff: dict[str, str]) -> set[str]:
    """Pulse columns that come with the cuff's values and only then: a home cuff's own pulse, never an epoch's."""
    if not cuff or any(one.signal in ("HR", "SPO2") for one in fields):
        return set()
    alone = {name for one in fields if one.signal == "PR" and not one.own for name in (one.name,)}
    for sample in samples:
        if not any(name in sample.values for name in cuff.values()):
            alone -= sample.values.keys()
    times = sorted({sample.time for sample in samples})
    steps = sorted(later - earlier for earlier, later in itertools.pairwise(times))
    return alone if steps and steps[len(steps) // 2] >= SHORTEST else set()
