"""What a session came to: the highest of each signal after the start of the drug, and when. Pure.

What counts is what the detector counts: cuff measurements that are valid as a whole (3.6), and epochs of the heart
rate (3.1), so that no peak in a summary can differ from the one in a rise.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from dashboard.rises.arrays import Recording, Samples, recording_of
from dashboard.rises.epoch_medians import epoch_medians
from dashboard.rises.epochs import EPOCH
from devices.reading import Reading


class Extreme(Struct, frozen=True):
    """The highest value of SBP, DBP, HR (the lowest of SPO2) and when; of equals the first.

    Attributes:
        time: of the cuff measurement, or the start of the epoch. n: how many values it was found among.
    """

    signal: str
    value: float
    time: int
    n: int


class Curves(Struct, frozen=True):
    """A session's valid values after its start and in the half hour before, by time in minutes from the start.

    Attributes:
        each a list of (minutes, value), ascending: cuffs are points, HR and SPO2 epochs of 5 s.
    """

    sbp: tuple[tuple[float, float], ...]
    dbp: tuple[tuple[float, float], ...]
    hr: tuple[tuple[float, float], ...]
    spo2: tuple[tuple[float, float], ...]


def columns(readings: Iterable[Reading], end: int) -> Recording:
    """The readings up to `end` (inclusive), sorted and judged valid or not."""
    return recording_of(readings, end)


def extremes(given: Recording, t0: int, end: int) -> dict[str, Extreme]:
    """By SBP, DBP, HR and SPO2; a signal without a valid value after `t0` (HR, SPO2: at or after) is not there."""
    found = {}
    after = given.cuffs.valid & (given.cuffs.time > t0) & (given.cuffs.time <= end)
    for signal, values in (("SBP", given.cuffs.sbp), ("DBP", given.cuffs.dbp)):
        times, chosen = given.cuffs.time[after], values[after]
        if len(chosen):
            at = int(chosen.argmax())
            found[signal] = Extreme(signal, float(chosen[at]), int(times[at]), len(chosen))
    for signal, samples, highest in (("HR", given.rates, True), ("SPO2", given.saturations, False)):
        number, value = epoch_medians(samples, t0, end)
        number, value = number[number >= 0], value[number >= 0]
        if len(value):
            at = int(value.argmax() if highest else value.argmin())
            found[signal] = Extreme(signal, float(value[at]), t0 + int(number[at]) * EPOCH, len(value))
    return found


def aligned(given: Recording, t0: int, end: int, before_min: float = 30.0) -> Curves:
    """The session's curves on a time axis that begins with the drug: what two infusions are compared by.

    Args:
        t0: start of the drug. end: of what is shown. before_min: minutes shown before the start.
    """
    start = t0 - round(before_min * 60_000_000)
    cuffs = given.cuffs
    kept = cuffs.valid & (cuffs.time >= start) & (cuffs.time <= end)
    minutes = ((cuffs.time[kept] - t0) / 60_000_000).tolist()

    def epochs(samples: Samples) -> tuple[tuple[float, float], ...]:
        number, value = epoch_medians(samples, t0, end)
        inside = number * EPOCH >= start - t0
        at = (number[inside] * (EPOCH / 60_000_000)).tolist()
        return tuple(zip(at, value[inside].tolist(), strict=True))

    return Curves(
        sbp=tuple(zip(minutes, cuffs.sbp[kept].tolist(), strict=True)),
        dbp=tuple(zip(minutes, cuffs.dbp[kept].tolist(), strict=True)),
        hr=epochs(given.rates),
        spo2=epochs(given.saturations),
    )
