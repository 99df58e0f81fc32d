"""What is told besides a rise, by hand: area, times, fastest rise, low limits, and when nobody was looking."""

import json

import pytest
from rise_sessions import (
    EXAMPLE_A,
    EXAMPLE_B,
    T0,
    Row,
    changed,
    cuff_levels,
    cuffs,
    judged,
    minutes,
    rate,
    rates,
    seconds,
)

from dashboard.rises.analysis import Analysis
from dashboard.rises.annotations import Annotations, annotate
from dashboard.rises.written import as_json
from devices.instant import MINUTE, SECOND
from devices.reading import Status


def notes(analysis: Analysis, signal: str, level: int) -> Annotations:
    rise = next(each for each in analysis.rises if (each.episode.signal, each.episode.level) == (signal, level))
    return annotate(rise.episode, analysis.evidence, analysis.set_of(rise.episode.thresholds).max_gap)


def test_example_a_by_hand() -> None:
    analysis = judged(cuffs(EXAMPLE_A))
    found = notes(analysis, "SBP", 1)
    assert (found.over_baseline, found.onset_to_peak, found.start_to_peak) == (64, 20 * MINUTE, 40 * MINUTE)
    # 140 stands 7 min (the reading at 25 does not count), 152 3 min, then 5 min each; 136 at 75 is below.
    assert found.time_above == 55 * MINUTE
    assert found.area == 0 * 7 + 12 * 3 + 5 * (20 + 28 + 44 + 44 + 31 + 18 + 9 + 11 + 2)
    assert found.steepest is not None
    assert (found.steepest.rate, found.steepest.is_marked) == (16 / 5, False)
    assert (minutes(found.steepest.since), minutes(found.steepest.until)) == (35, 40)
    assert notes(analysis, "DBP", 1).area == 0 * 7 + 5 * 3 + 5 * (8 + 10 + 13 + 7 + 4 + 3)
    assert notes(analysis, "SBP", 3).area == 5 * (4 + 4)


def test_example_b_by_hand() -> None:
    analysis = judged(rates(EXAMPLE_B, 5))
    found = notes(analysis, "HR", 1)
    # From 720 to 2520: 95 for 180 s, 104 for 30, 99 for 870, 131 for 10, 98 for 590, 90 for 60, 84 below.
    assert found.time_above == (180 + 30 + 870 + 10 + 590 + 60) * SECOND
    assert found.area == pytest.approx((5 * 180 + 14 * 30 + 9 * 870 + 41 * 10 + 8 * 590) / 60)
    assert (found.over_baseline, seconds(found.onset_to_peak + T0)) == (61, 1080)
    assert found.steepest is not None and (found.steepest.rate, found.steepest.is_marked) == (32, True)
    assert (seconds(found.steepest.since), seconds(found.steepest.until)) == (1740, 1800)


RESTING: list[Row] = [(-10, 120, 76), (-5, 120, 76)]


@pytest.mark.parametrize(
    ("rows", "rate_", "mark"),
    [
        ([(5, 140, 80), (10, 160, 85)], 4.0, True),  # 20 in 5 min
        ([(5, 140, 80), (10, 159.9, 85)], 3.98, False),
        ([(5, 140, 80), (5.9, 170, 85)], 4.0 / 2, False),  # under 1 min: only -5 to 5 counts
        ([(5, 140, 80), (6, 170, 85)], 30.0, True),
        ([(10, 140, 80), (25, 210, 85)], 70 / 15, True),
        ([(10.1, 140, 80), (25.2, 210, 85)], None, None),  # over 15 min both
    ],
)
def test_a_steep_rise_is_four_a_minute_between_readings_one_to_fifteen_minutes_apart(
    rows: list[Row], rate_: float | None, mark: bool | None
) -> None:
    thresholds = cuff_levels([{"signal": "SBP", "level": 1, "rise": 20}], max_gap_min=60)
    found = notes(judged(cuffs(RESTING + rows), thresholds), "SBP", 1).steepest
    if rate_ is None:
        assert found is None
    else:
        assert found is not None and (found.rate, found.is_marked) == (pytest.approx(rate_, abs=1e-9), mark)


def test_a_fast_fall_or_a_rise_after_the_peak_is_not_the_way_to_it() -> None:
    rows: list[Row] = [(5, 150, 80), (10, 165, 80), (12, 145, 80), (14, 160, 80)]
    found = notes(judged(cuffs(RESTING + rows), cuff_levels([{"signal": "SBP", "level": 1, "rise": 20}])), "SBP", 1)
    assert found.steepest is not None and (found.steepest.rate, found.steepest.is_marked) == (3.0, False)


def test_a_reading_stands_for_max_gap_at_most_and_not_past_the_end() -> None:
    thresholds = cuff_levels([{"signal": "SBP", "level": 1, "rise": 20}], max_gap_min=12)
    rows: list[Row] = [*RESTING, (5, 150, 80), (35, 145, 80)]
    found = notes(judged(cuffs(rows), thresholds, session_end=38), "SBP", 1)
    assert (found.time_above, found.area) == (15 * MINUTE, 10 * 12 + 5 * 3)


def test_a_rapid_heart_rate_is_twenty_above_the_epoch_a_minute_before() -> None:
    def rapid(*spans: tuple[int, int, float | None]) -> tuple[float, bool | None] | None:
        thresholds = cuff_levels([{"signal": "HR", "level": 1, "absolute": 90}])
        found = notes(judged(rates([(-300, 0, 70), *spans], 5), thresholds), "HR", 1).steepest
        return None if found is None else (found.rate, found.is_marked)

    assert rapid((0, 60, 70), (60, 120, 90)) == (20, True)
    assert rapid((0, 60, 70.5), (60, 120, 90)) == (19.5, False)
    assert rapid((0, 60, None), (60, 120, 90)) is None  # both must be there


LISTED = ("signal", "priority", "limit", "since", "lowest", "time", "until")


def test_low_limits_are_listed_apart_also_before_the_start() -> None:
    readings = cuffs([(-10, 88, 50), (-5, 96, 55), (5, 100, 60), (10, 79, 45), (15, 85, 50), (20, 95, 55)])
    readings += rates([(-300, -100, 70), (-100, -40, 49), (-40, 100, 70)], 5)
    readings += rates([(0, 30, 89), (30, 60, 91), (60, 90, 93)], 5, "SPO2")
    analysis = judged(readings, session_end=30)
    found = [
        tuple(str(each[key])[-13:-5] if key in ("since", "time", "until") else each[key] for key in LISTED)
        for each in as_json(analysis)["low_limits"]
    ]
    assert found == [
        ("SBP", "medium", 90, "09:50:00", 88, "09:50:00", "09:55:00"),
        ("HR", "medium", 50, "09:58:20", 49, "09:58:20", "09:59:20"),
        ("SPO2", "medium", 90, "10:00:00", 89, "10:00:00", "10:01:00"),  # 91 is not back, 92 would be
        ("SBP", "high", 80, "10:10:00", 79, "10:10:00", "10:15:00"),
        ("SBP", "medium", 90, "10:10:00", 79, "10:10:00", "10:20:00"),  # 85 is over for 80 + 5, not for 90 + 5
    ]
    assert analysis.rises == ()


def test_low_limits_that_are_switched_off_are_not_looked_for() -> None:
    thresholds = changed("adult-iv", low=[], low_off=dict.fromkeys(("SBP", "HR", "SPO2"), "arterial line watched"))
    assert as_json(judged(cuffs([(5, 70, 40)]), thresholds))["low_limits"] == []


def spells(analysis: Analysis, kind: str, signal: str) -> list[tuple[float | None, float | None]]:
    return [
        (minutes(each.since), minutes(each.until))
        for each in analysis.spells
        if (each.lack, each.signal) == (kind, signal)
    ]


def test_a_cuff_is_overdue_two_minutes_after_its_cycle() -> None:
    rows: list[Row] = [(-5, 120, 76), (3, 120, 76), (10, 120, 76), (17.5, 120, 76), (20, 120, 110), (40, 120, 76)]
    analysis = judged(cuffs(rows), session_end=50)  # cycle 5; the rejected one at 20 was measured all the same
    assert spells(analysis, "cuff-overdue", "NIBP") == [(2, 3), (17, 17.5), (27, 40), (47, 50)]
    assert spells(analysis, "not-evaluable", "NIBP") == [(29.5, 40)]  # max_gap 12 after the last valid one


def test_without_any_cuff_the_start_is_what_counts() -> None:
    analysis = judged(rates([(-300, 1800, 70)], 5), session_end=30)
    assert spells(analysis, "cuff-overdue", "NIBP") == [(7, 30)]
    assert spells(analysis, "not-evaluable", "NIBP") == [(12, 30)]
    failed = judged([*rates([(-300, 1800, 70)], 5), rate(300, None)], session_end=30)
    assert spells(failed, "cuff-overdue", "NIBP") == [(7, 30)]


def test_a_heart_rate_is_not_evaluable_where_more_than_two_epochs_are_missing() -> None:
    analysis = judged(rates([(-300, 60, 70), (75, 120, 70), (130, 1800, 70)], 5), session_end=30)
    assert spells(analysis, "not-evaluable", "HR") == [(1, 1.25)]
    late = judged(rates([(-300, -100, 70), (100, 1000, 70)], 5), session_end=30)
    assert spells(late, "not-evaluable", "HR") == [(0, 100 / 60), (1000 / 60, 30)]
    slow = judged(rates([(-300, 1800, 70)], 60), session_end=30)
    assert spells(slow, "not-evaluable", "HR") == [(0, 30)]
    questionable = [rate(second, 70, status=Status.QUESTIONABLE) for second in range(0, 1800, 5)]
    assert spells(judged(questionable, session_end=30), "not-evaluable", "HR") == [(0, 30)]


def test_the_written_form_keeps_the_contracts_keys_in_front() -> None:
    written = as_json(judged(cuffs(EXAMPLE_A)))
    assert list(written) == ["baseline", "rises", "notices", "annotations", "low_limits", "spans", "thresholds"]
    assert list(written["rises"][0]) == [
        "signal", "level", "threshold", "clear", "baseline", "onset", "confirmed", "peak", "peak_time", "return",
        "declared", "outcome", "present_at_baseline",
    ]  # fmt: skip
    assert len(written["annotations"]) == len(written["rises"])
    assert written["annotations"][0] == {
        "over_baseline": 64,
        "onset_to_peak_min": 20,
        "start_to_peak_min": 40,
        "time_above_min": 55,
        "area_above": 1071,
        "area_unit": "mmHg min",
        "fastest": {"per_min": 3.2, "since": "2026-03-01T10:35:00.000Z", "until": "2026-03-01T10:40:00.000Z"},
        "mark": None,
    }
    assert written["spans"][-1] == {
        "kind": "cuff-overdue",
        "signal": "NIBP",
        "since": "2026-03-01T11:22:00.000Z",
        "until": "2026-03-01T11:25:00.000Z",
    }  # fmt: skip
    assert json.loads(json.dumps(written)) == written
