"""Suspect readings (clinical definition 3.6): marked and told of, and nothing else changes."""

import random
from collections.abc import Iterable

import pytest
from made_sessions import made
from rise_sessions import T0, at, at_s, cuff, cuffs, judged, rate, rates

from dashboard.rises import suspect
from dashboard.rises.analysis import analyse
from dashboard.rises.prepare import assemble, in_order
from dashboard.rises.suspect import Doubts
from dashboard.rises.timeline import Timeline
from devices.reading import Notice, Reading, Status

Rows = list[tuple[float, float | None, float | None]]


def found(readings: list[Reading], kind: str, **ends: float) -> list[int]:
    return [each.time for each in judged(readings, **ends).notices if each.kind == f"suspect-{kind}"]


@pytest.mark.parametrize(
    ("rows", "minutes"),
    [
        ([(-5, 120, 76), (5, 159, 80)], []),
        ([(-5, 120, 76), (5, 160, 80)], [5]),  # exactly 40, also across the start
        ([(5, 160, 80), (10, 120, 76)], [10]),  # downwards as well
        ([(5, 120, 76), (8, 160, 155), (10, 160, 80)], [10]),  # against the last valid one: 160/155 is none
        ([(5, 120, 76), (400, 160, 80)], [400]),  # however long ago
        ([(5, 160, 80)], []),
    ],
)
def test_a_jump_is_forty_from_the_previous_valid_systolic(rows: Rows, minutes: list[float]) -> None:
    assert found(cuffs(rows), "jump", session_end=500) == [at(minute) for minute in minutes]


@pytest.mark.parametrize(
    ("rows", "minutes"),
    [
        ([(5, 120, 76), (10, 165, 80), (15, 135, 76)], [10]),  # back within exactly 15
        ([(5, 120, 76), (10, 165, 80), (15, 135.5, 76)], []),
        ([(5, 120, 76), (10, 165, 80), (20, 120, 76)], [10]),  # after exactly 10 min
        ([(5, 120, 76), (10, 165, 80), (20.01, 120, 76)], []),
        ([(5, 120, 76), (10, 165, 80), (12, 120, 110), (15, 120, 76)], [10]),  # the next valid one
        ([(5, 120, 76), (10, 165, 80)], []),  # not known yet
        ([(5, 120, 76), (10, 159, 80), (15, 120, 76)], []),  # no jump
    ],
)
def test_an_isolated_jump_is_known_by_the_next_valid_reading(rows: Rows, minutes: list[float]) -> None:
    assert found(cuffs(rows), "isolated") == [at(minute) for minute in minutes]


@pytest.mark.parametrize(
    ("ecg", "pulse", "doubled"),
    [(140, 70, True), (126, 70, True), (154, 70, True), (125.9, 70, False), (154.1, 70, False), (70, 70, False)],
)
def test_an_ecg_rate_within_a_tenth_of_twice_the_pulse_is_doubted(ecg: float, pulse: float, doubled: bool) -> None:
    readings = [rate(2, ecg), rate(3, pulse, "PR", source="ge:spo2.pr")]
    assert found(readings, "double-counting") == ([T0] if doubled else [])


def pair(spans: list[tuple[int, int, float | None, float | None]]) -> list[Reading]:
    """ECG and pulse once in 5 s over spans (from second, to second, ECG, pulse)."""
    return [
        each
        for start, end, ecg, pulse in spans
        for each in (
            *([] if ecg is None else rates([(start, end, ecg)], 5)),
            *([] if pulse is None else [rate(second, pulse, "PR", source="x:spo2") for second in range(start, end, 5)]),
        )
    ]


@pytest.mark.parametrize(
    ("spans", "seconds"),
    [
        ([(0, 30, 100, 79.9)], []),  # 30 s is not more than 30 s
        ([(0, 35, 100, 79.9)], [0]),
        ([(0, 300, 100, 80)], []),  # 20 is not more than 20
        ([(0, 300, 60, 85)], [0]),  # told once
        ([(0, 20, 100, 70), (20, 25, 100, 100), (25, 60, 100, 70)], [25]),  # agreement ends a stretch
        ([(0, 20, 100, 70), (20, 30, 100, None), (30, 35, 100, 70)], [0]),  # two spans without a pulse are bridged
        ([(0, 20, 100, 70), (20, 35, 100, None), (35, 60, 100, 70)], []),  # three are not
        ([(0, 20, 100, 70), (35, 75, 100, 70)], [35]),
    ],
)
def test_rates_apart_for_more_than_thirty_seconds(
    spans: list[tuple[int, int, float, float]], seconds: list[int]
) -> None:
    assert found(pair(spans), "rates-apart") == [at_s(second) for second in seconds]


def test_of_two_pulses_the_arterial_lines_is_compared_and_the_cuffs_never() -> None:
    def told(*pulses: tuple[float, str]) -> list[int]:
        readings = [rate(2, 140), *(rate(3, value, "PR", source=source) for value, source in pulses)]
        return found(readings, "double-counting")

    assert told((138, "ge:art.pr"), (70, "ge:spo2.pr")) == []
    assert told((70, "ge:art.pr"), (138, "ge:spo2.pr")) == [T0]
    assert told((70, "ge:nibp.pr")) == []


def test_samples_that_do_not_count_are_not_compared() -> None:
    readings = [rate(2, 140), rate(3, 70, "PR", source="x:spo2", status=Status.QUESTIONABLE)]
    assert found(readings, "double-counting") == []


def test_what_is_doubted_counts_all_the_same() -> None:
    analysis = judged(cuffs([(-10, 120, 76), (-5, 120, 76), (5, 185, 90), (10, 122, 78)]))
    assert {each.kind for each in analysis.notices} >= {"suspect-jump", "suspect-isolated"}
    assert [(each.episode.signal, each.episode.level) for each in analysis.rises] == [("SBP", 3)]


@pytest.mark.parametrize("seed", range(25))
def test_live_tells_of_the_same_doubts_in_any_slices_and_never_of_isolation(seed: int) -> None:
    session, rng = made(seed, conflicts=False), random.Random(seed)
    timeline = Timeline(T0, session.infusion_end, None, session.session_end)
    whole = analyse(session.readings, timeline, session.thresholds)
    end = whole.timeline.session_end
    live = Doubts()
    told: list[Notice] = []
    batch: list[Reading] = []
    for each in in_order(each for each in session.readings if each.time <= end):
        if batch and rng.random() < 0.3 and (each.time, each.received) != (batch[-1].time, batch[-1].received):
            told += [*live.push(assemble(batch)), *(live.advance(batch[-1].time) if rng.random() < 0.5 else [])]
            batch = []
        batch.append(each)
    told += [*live.push(assemble(batch)), *live.advance(end)]

    def doubts(notices: Iterable[Notice], kinds: set[str]) -> list[tuple[int, str, str]]:
        return sorted((each.time, each.kind, each.text) for each in notices if each.kind in kinds)

    live_kinds = set(suspect.KINDS) - {"suspect-isolated"}
    assert doubts(told, set(suspect.KINDS)) == doubts(whole.notices, live_kinds)


def test_a_late_cuff_reading_is_no_previous_one() -> None:
    live = Doubts()
    rows = ((10, 120, 76), (5, 165, 80), (15, 125, 78))
    assert [live.push(assemble(cuff(*row))) for row in rows] == [[], [], []]
