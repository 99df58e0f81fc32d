"""Sessions for the tests of this folder, written in minutes (cuff) and seconds (rates) from the start of the drug."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dashboard.rises.analysis import Analysis, analyse
from dashboard.rises.threshold_files import preset
from dashboard.rises.thresholds import ThresholdSet, threshold_set
from dashboard.rises.timeline import Timeline
from devices.instant import MINUTE, SECOND
from devices.reading import Reading, Status

T0 = 1_772_359_200 * SECOND  # 2026-03-01T10:00:00Z

Row = tuple[float, float | None, float | None] | tuple[float, float | None, float | None, float | None]


def at(minutes: float) -> int:
    """The instant so many minutes after the start."""
    return T0 + round(minutes * MINUTE)


def at_s(seconds: float) -> int:
    """The instant so many seconds after the start."""
    return T0 + round(seconds * SECOND)


def minutes(instant: int | None) -> float | None:
    return None if instant is None else (instant - T0) / MINUTE


def seconds(instant: int | None) -> float | None:
    return None if instant is None else (instant - T0) / SECOND


def cuff(
    minute: float,
    sbp: float | None,
    dbp: float | None,
    mean: float | None = None,
    *,
    received: int | None = None,
    status: Status = Status.OK,
) -> list[Reading]:
    """The readings of one cuff measurement; None is absent."""
    time = at(minute)
    got = time if received is None else received
    values = (("NIBP_SYS", sbp), ("NIBP_DIA", dbp), ("NIBP_MEAN", mean))
    return [
        Reading(time, got, signal, value, "mmHg", status, f"csv:{signal}")
        for signal, value in values
        if value is not None
    ]


def cuffs(rows: Iterable[Row]) -> list[Reading]:
    """Readings of rows of minute, systolic, diastolic and optionally mean."""
    return [reading for number, row in enumerate(rows) for reading in cuff(*row, received=number)]


def rate(
    second: float, value: float | None, signal: str = "HR", *, source: str | None = None, status: Status | None = None
) -> Reading:
    """One sample of a continuous signal."""
    time = at_s(second)
    unit = "%" if signal == "SPO2" else "/min"
    told = status if status is not None else Status.OK if value is not None else Status.INVALID
    return Reading(time, time, signal, value, unit, told, source or f"csv:{signal}")


def rates(spans: Iterable[tuple[int, int, float | None]], step: int = 1, signal: str = "HR") -> list[Reading]:
    """Samples every `step` seconds of spans (from second, to second, value); None is a hole."""
    return [
        rate(second, value, signal)
        for start, end, value in spans
        if value is not None
        for second in range(start, end, step)
    ]


def judged(
    readings: Sequence[Reading],
    thresholds: ThresholdSet | str = "adult-iv",
    *,
    infusion_end: float | None = 40,
    session_end: float | None = 100,
    manual: dict[str, float] | None = None,
) -> Analysis:
    """The analysis of a session; ends in minutes from the start."""
    timeline = Timeline(
        T0,
        None if infusion_end is None else at(infusion_end),
        None,
        None if session_end is None else at(session_end),
    )
    chosen = preset(thresholds) if isinstance(thresholds, str) else thresholds
    return analyse(readings, timeline, chosen, manual)


def changed(thresholds: ThresholdSet | str, **values: object) -> ThresholdSet:
    """A set with some keys set otherwise."""
    base = preset(thresholds) if isinstance(thresholds, str) else thresholds
    return threshold_set({**{key: value for key, value in base.canonical.items() if value is not None}, **values})


def cuff_levels(levels: list[dict[str, object]], **values: object) -> ThresholdSet:
    """A set of the given levels, one reading on and off, generous gap."""
    plain: dict[str, object] = {
        "name": "made",
        "cycle_min": 5,
        "max_gap_min": 12,
        "x_off_min": 90,
        "n_off": {"SBP": 1, "DBP": 1, "HR": 1},
        "level": [{"n_on": 1, **level} for level in levels],
    }
    return threshold_set({**plain, **values})


def told(analysis: Analysis) -> dict[tuple[str, int], tuple[float | str | None, ...]]:
    """By signal and level: onset, confirmed, peak, peak time, return, declared (minutes) and outcome."""
    return {
        (rise.episode.signal, rise.episode.level): (
            minutes(rise.episode.onset),
            minutes(rise.episode.confirmed),
            rise.episode.peak,
            minutes(rise.episode.peak_time),
            minutes(rise.episode.return_time),
            minutes(rise.episode.declared),
            rise.outcome.value,
        )
        for rise in analysis.rises
    }


def kinds(analysis: Analysis) -> list[str]:
    return [notice.kind for notice in analysis.notices]


EXAMPLE_A: list[Row] = [
    (-25, 138, 88), (-15, 126, 80), (-10, 124, 78), (-5, 120, 76), (0, 116, 74),
    (5, 132, 82), (10, 141, 88), (15, 138, 90), (20, 140, 91), (25, 146, 140),
    (27, 152, 96), (30, 160, 99), (35, 168, 101), (40, 184, 104), (45, 184, 98),
    (50, 171, 95), (55, 158, 94), (60, 149, 90), (65, 151, 87), (70, 142, 86),
    (75, 136, 84), (85, 130, 80), (90, 128, 78), (95, 124, 76),
]  # fmt: skip
"""Worked example A (clinical definition 3.12); the cuff at 80 min failed and left no values."""

EXAMPLE_B: list[tuple[int, int, float | None]] = [
    (-300, 0, 70), (0, 600, 76), (600, 630, 92), (630, 640, 88), (640, 675, 93), (675, 685, None), (685, 705, 94),
    (705, 720, None), (720, 900, 95), (900, 930, 104), (930, 1800, 99), (1800, 1810, 131), (1810, 2400, 98),
    (2400, 2460, 90), (2460, 2520, 84), (2520, 6000, 79),
]  # fmt: skip
"""Worked example B (3.13): heart rate, seconds from the start, half-open spans."""
