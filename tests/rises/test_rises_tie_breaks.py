"""Every tie-break of clinical definition 3.11, and the edges of 3.2 to 3.5, by name."""

import pytest
from rise_sessions import (
    T0,
    at,
    at_s,
    changed,
    cuff,
    cuff_levels,
    cuffs,
    judged,
    kinds,
    minutes,
    rate,
    rates,
    seconds,
    told,
)

from dashboard.rises.analysis import Analysis, analyse
from dashboard.rises.threshold_files import preset
from dashboard.rises.timeline import Timeline
from devices.reading import Reading, Status

REST = cuffs([(-10, 120, 76), (-5, 120, 76)])
ONE = cuff_levels([{"signal": "SBP", "level": 1, "rise": 20}])


def sbp(*rows: tuple[float, float]) -> list[Reading]:
    """Cuff readings with a diastolic pressure that passes nothing."""
    return cuffs([(minute, value, 76) for minute, value in rows])


def spans(readings: list[Reading], **options: object) -> list[tuple[float | None, float | None]]:
    """Onset and return in minutes of what ONE finds."""
    analysis = judged(readings, ONE, **options)  # type: ignore[arg-type]
    return [(minutes(r.episode.onset), minutes(r.episode.return_time)) for r in analysis.rises]


def not_evaluable(analysis: Analysis) -> list[str]:
    return [notice.signal for notice in analysis.notices if notice.kind == "not-evaluable"]


# 3.11.1
def test_a_reading_at_t0_is_baseline_not_detection() -> None:
    assert spans(sbp((-5, 120), (0, 160), (5, 125))) == []
    assert judged(sbp((-5, 120), (0, 160), (5, 125)), ONE).baselines["SBP"].value == 140


def test_a_reading_half_an_hour_before_t0_is_in_the_window_and_an_older_one_is_not() -> None:
    assert judged(sbp((-30, 120), (5, 130))).baselines["SBP"].n == 1
    older = Reading(at(-30) - 1, 0, "NIBP_SYS", 120, "mmHg", Status.OK, "csv:s")
    partner = Reading(at(-30) - 1, 0, "NIBP_DIA", 70, "mmHg", Status.OK, "csv:d")
    assert judged([older, partner, *sbp((5, 130))]).baselines["SBP"].n == 0


# 3.11.2
def test_a_value_at_the_threshold_exceeds() -> None:
    assert spans(REST + sbp((5, 140), (10, 120))) == [(5, 10)]
    assert spans(REST + sbp((5, 139.999), (10, 120))) == []


def test_values_within_a_billionth_are_equal() -> None:
    assert spans(REST + sbp((5, 140 - 9e-10), (10, 130 + 9e-10))) == [(5, 10)]
    assert spans(REST + sbp((5, 140 - 1.1e-9), (10, 130))) == []
    assert spans(REST + sbp((5, 140), (10, 130 + 1.1e-9))) == [(5, None)]


def test_a_value_at_the_clear_level_clears() -> None:
    assert spans(REST + sbp((5, 140), (10, 131), (15, 130))) == [(5, 15)]


def test_a_return_at_the_deadline_is_transient_and_a_millisecond_later_is_not() -> None:
    for late, expected in ((0, "transient"), (1 / 60000, "sustained_returned")):
        readings = REST + sbp((5, 140), (10, 140), (130 + late, 120))
        assert [r.outcome for r in judged(readings, ONE, session_end=200).rises] == [expected]


def test_a_session_ending_at_the_deadline_leaves_the_rise_unresolved() -> None:
    for late, expected in ((0, "unresolved"), (1 / 60000, "sustained_unresolved")):
        readings = REST + sbp((5, 140), (10, 140))
        assert [r.outcome for r in judged(readings, ONE, session_end=130 + late).rises] == [expected]


def test_the_deadline_counts_from_an_onset_after_the_infusion() -> None:
    readings = REST + sbp((50, 140), (140, 120))
    assert [r.outcome for r in judged(readings, ONE, session_end=200).rises] == ["transient"]
    readings = REST + sbp((50, 140), (140.01, 120))
    assert [r.outcome for r in judged(readings, ONE, session_end=200).rises] == ["sustained_returned"]


# 3.11.3
def test_a_gap_equal_to_the_limit_does_not_break_a_run_and_a_longer_one_does() -> None:
    two = cuff_levels([{"signal": "SBP", "level": 1, "rise": 20, "n_on": 2}])
    for gap, found in ((12, 1), (12 + 1 / 60000, 0)):
        analysis = judged(REST + sbp((5, 145), (5 + gap, 145)), two)
        assert len(analysis.rises) == found
        assert ("gap" in kinds(analysis)) == (found == 0)


def test_a_gap_breaks_a_pending_return_but_not_the_open_rise() -> None:
    readings = REST + sbp((5, 145), (10, 145), (15, 125), (28, 125), (30, 125))
    analysis = judged(readings)
    assert [(minutes(r.episode.return_time), r.episode.gap) for r in analysis.rises] == [(28, True)]


def test_a_gap_is_measured_between_valid_readings() -> None:
    readings = REST + sbp((5, 145)) + cuff(11, 145, 140) + sbp((17.1, 145))
    assert judged(readings).rises == ()


def test_the_gap_from_the_last_reading_before_t0_breaks_nothing() -> None:
    assert len(judged(cuffs([(-29, 120, 76), (-28, 120, 76), (5, 145, 76), (10, 145, 76)])).rises) == 1


# 3.11.4
def test_an_identical_reading_counts_once() -> None:
    readings = REST + cuff(5, 145, 80, received=5) + cuff(5, 145, 80, received=6)
    analysis = judged(readings)
    assert analysis.rises == () and "conflict" not in kinds(analysis)


def test_of_two_different_readings_the_one_received_last_counts() -> None:
    first, last = cuff(5, 145, 80, received=6), cuff(5, 120, 76, received=7)
    for readings in (first + last, last + first):
        analysis = judged(REST + readings, ONE)
        assert analysis.rises == () and kinds(analysis).count("conflict") == 1


def test_the_conflict_is_settled_for_the_whole_tuple() -> None:
    readings = cuff(5, 145, 80, 100, received=1) + cuff(5, 145, None, received=2)
    analysis = judged(REST + readings, ONE)
    assert analysis.rises == ()  # the later one lacks its diastolic, which is not borrowed from the earlier
    assert "reading-rejected" in kinds(analysis)


def test_an_invalid_reading_received_last_replaces_a_valid_one() -> None:
    readings = cuff(5, 145, 80, received=1) + cuff(5, 145, 140, received=2)
    assert judged(REST + readings, ONE).rises == ()


def test_of_two_samples_of_one_time_the_one_received_last_counts() -> None:
    level = cuff_levels([{"signal": "HR", "level": 1, "absolute": 100}])
    one = Reading(at_s(1), 1, "HR", 120, "/min", Status.OK, "csv:HR")
    two = Reading(at_s(1), 2, "HR", 90, "/min", Status.OK, "csv:HR")
    assert judged([two, one, rate(60, 80)], level).rises == ()
    gone = Reading(at_s(1), 2, "HR", None, "/min", Status.OFF, "csv:HR")
    assert judged([gone, one, rate(60, 80)], level).rises == ()


def test_pulse_rates_of_line_and_oximeter_are_no_conflict() -> None:
    readings = [rate(1, 80, "PR", source="ge:art.pr"), rate(1, 84, "PR", source="ge:spo2.pr")]
    assert "conflict" not in kinds(judged(readings))


# 3.11.5
def test_rows_out_of_order_are_sorted_by_measurement_time() -> None:
    readings = REST + sbp((5, 145), (10, 145), (15, 128), (20, 128))
    assert told(judged(readings[::-1])) == told(judged(readings)) != {}


# 3.11.6
def test_of_equal_peaks_the_earliest_is_named() -> None:
    analysis = judged(REST + sbp((5, 150), (10, 160), (15, 160), (20, 120)), ONE)
    assert minutes(analysis.rises[0].episode.peak_time) == 10


def test_the_peak_may_lie_in_the_qualifying_run() -> None:
    analysis = judged(REST + sbp((5, 170), (10, 141), (15, 145), (20, 120), (25, 120)))
    assert told(analysis)["SBP", 1][2:4] == (170, 5)


def test_the_median_of_an_even_count_is_the_mean_of_the_middle_two() -> None:
    assert judged(sbp((-10, 121), (-5, 124), (5, 100))).baselines["SBP"].value == 122.5
    level = changed("adult-iv", name="x")
    epochs = rates([(-60, -30, 70), (-30, 0, 73)], 5)
    assert judged(epochs, level).baselines["HR"].value == 71.5
    assert judged([rate(-1, 70), rate(-2, 75), *rates([(-300, -5, 60)])]).baselines["HR"].value == 60


# 3.11.7
def test_an_invalid_reading_neither_counts_nor_resets() -> None:
    readings = REST + sbp((5, 145)) + cuff(7, 145, 140) + sbp((10, 145))
    assert told(judged(readings))["SBP", 1][:2] == (5, 10)
    readings = REST + sbp((5, 145)) + cuff(7, 120, 115) + sbp((10, 145))
    assert told(judged(readings))["SBP", 1][:2] == (5, 10)


# 3.11.8
def test_readings_before_t0_belong_to_no_run() -> None:
    assert told(judged(sbp((-20, 120), (-15, 120), (-10, 120), (0, 145), (5, 145), (10, 118)))) == {}
    readings = rates([(-300, -10, 70), (-10, 50, 95), (50, 100, 70)])
    assert judged(readings).rises == ()  # 10 epochs after the start, 12 with those before it


# 3.11.9
def test_a_new_run_starts_after_the_reading_that_declared_the_return() -> None:
    base = cuffs([(-10, 158, 90), (-5, 158, 90)])  # T 165, C 158
    readings = base + cuffs([(5, 166, 90), (10, 166, 90), (15, 158, 90), (20, 158, 90), (25, 170, 90), (30, 170, 90)])
    found = judged(readings).rises
    assert [(minutes(r.episode.onset), minutes(r.episode.return_time)) for r in found] == [(5, 15), (25, None)]


# 3.11.10
def test_simultaneous_rises_are_listed_by_priority_then_signal() -> None:
    both = cuff_levels(
        [
            {"signal": "DBP", "level": 2, "absolute": 100},
            {"signal": "SBP", "level": 1, "absolute": 140},
            {"signal": "SBP", "level": 2, "absolute": 150},
            {"signal": "DBP", "level": 3, "absolute": 102},
            {"signal": "HR", "level": 2, "absolute": 100},
        ]
    )
    readings = REST + cuff(5, 160, 105) + rates([(295, 300, 120)])
    assert [(r.episode.signal, r.episode.level) for r in judged(readings, both).rises] == [
        ("DBP", 3), ("SBP", 2), ("DBP", 2), ("HR", 2), ("SBP", 1),
    ]  # fmt: skip


# 3.11.11-12
def test_without_a_recorded_stop_the_planned_end_counts_and_is_marked_assumed() -> None:
    readings = REST + sbp((5, 145), (130, 120), (200, 120))
    planned = analyse(readings, Timeline(T0, None, at(40), at(200)), ONE)
    assert planned.timeline.infusion_end == at(40) and planned.timeline.infusion_end_assumed
    assert [r.outcome for r in planned.rises] == ["transient"]
    assert kinds(planned).count("assumed-end") == 1


def test_without_a_stop_or_a_plan_the_session_end_counts() -> None:
    readings = REST + sbp((5, 145), (130, 120), (200, 120))
    analysis = analyse(readings, Timeline(T0), ONE)
    assert analysis.timeline.infusion_end == analysis.timeline.session_end == at(200)
    assert kinds(analysis).count("assumed-end") == 2


# 3.1
def test_a_reading_at_the_session_end_counts_and_a_later_one_does_not() -> None:
    readings = REST + sbp((50, 145))
    assert len(judged(readings, ONE, session_end=50).rises) == 1
    assert len(judged(readings, ONE, session_end=50 - 1 / 60000).rises) == 0


def test_an_epoch_not_complete_at_the_session_end_is_not_used() -> None:
    readings = rates([(-300, 0, 70), (0, 15, 140)])
    assert len(judged(readings, session_end=15 / 60).rises) == 1
    assert len(judged(readings, session_end=14.999 / 60).rises) == 0
    assert len(judged(readings, session_end=None).rises) == 0  # the last reading, at 14 s, is the session's end


def test_a_sample_on_a_boundary_belongs_to_the_later_epoch() -> None:
    level = cuff_levels([{"signal": "HR", "level": 1, "absolute": 100}])
    analysis = judged([rate(5, 120), rate(10, 80), rate(20, 80)], level)
    assert [(seconds(r.episode.onset), seconds(r.episode.return_time)) for r in analysis.rises] == [(5, 10)]


def test_an_epoch_with_any_valid_ecg_rate_takes_no_pulse() -> None:
    level = cuff_levels([{"signal": "HR", "level": 1, "absolute": 100}])
    pulse = [rate(second, 130, "PR") for second in range(5)]
    assert judged([*pulse, rate(2, 80), rate(60, 80)], level).rises == ()
    assert len(judged([*pulse, rate(2, 19), rate(60, 80)], level).rises) == 1  # 19 is not believed
    line = [rate(second, 90, "PR", source="ge:art.pr") for second in range(5)]
    assert judged([*pulse, *line, rate(60, 80)], level).rises == ()
    own = [rate(second, 130, "PR", source="ge:nibp.pr") for second in range(5)]
    assert judged([*own, rate(60, 80)], level).rises == ()


# 3.2
def test_the_last_three_valid_readings_make_the_baseline() -> None:
    rows = cuffs([(-25, 150, 90), (-20, 128, 80), (-15, 124, 78), (-10, 124, 120), (-5, 126, 70)])
    analysis = judged(rows)
    assert (analysis.baselines["SBP"].value, analysis.baselines["DBP"].value) == (126, 78)
    assert analysis.baselines["SBP"].times == (at(-20), at(-15), at(-5))


@pytest.mark.parametrize(("count", "status"), [(0, "none"), (1, "provisional"), (2, "ok"), (3, "ok"), (5, "ok")])
def test_how_many_cuff_readings_make_a_baseline(count: int, status: str) -> None:
    analysis = judged(sbp(*((-1 - n, 120) for n in range(count)), (5, 100)))
    assert (analysis.baselines["SBP"].status, analysis.baselines["SBP"].n) == (status, min(count, 3))
    assert ("provisional-baseline" in kinds(analysis)) == (count == 1)
    assert ("no-baseline" in kinds(analysis)) is True  # of the heart rate in any case


@pytest.mark.parametrize(("epochs", "status"), [(11, "none"), (12, "ok")])
def test_twelve_epochs_make_a_heart_rate_baseline(epochs: int, status: str) -> None:
    baseline = judged(rates([(-5 * epochs, 0, 70)])).baselines["HR"]
    assert (baseline.status, baseline.n) == (status, epochs)
    assert (baseline.value is None) == (status == "none")


def test_the_heart_rate_window_is_300_s_without_its_end() -> None:
    assert judged(rates([(-400, 30, 70)])).baselines["HR"].n == 60


def test_without_a_baseline_only_absolute_limits_stay_on() -> None:
    found = judged(sbp((5, 170), (10, 181), (15, 181))).rises
    assert [(r.episode.level, r.episode.threshold, r.episode.baseline) for r in found] == [
        (3, 180, None),
        (2, 165, None),
    ]


# 3.3
def test_all_takes_the_highest_criterion() -> None:
    level = {"signal": "SBP", "level": 1, "absolute": 130, "rise": 20, "rise_percent": 15}
    for combine, threshold in (("any", 130), ("all", 140)):
        found = judged(REST + sbp((5, 150)), cuff_levels([level], combine=combine)).rises
        assert [r.episode.threshold for r in found] == [threshold]


def test_a_per_cent_rise_is_of_the_baseline() -> None:
    rules = cuff_levels([{"signal": "SBP", "level": 1, "rise_percent": 15}])
    assert [r.episode.threshold for r in judged(REST + sbp((5, 138)), rules).rises] == [138]
    assert judged(REST + sbp((5, 137.9)), rules).rises == ()


def test_a_baseline_at_the_limit_makes_a_limit_notice_and_no_counted_rise() -> None:
    base = cuffs([(-10, 165, 90), (-5, 165, 90)])
    analysis = judged(base + cuffs([(5, 165, 90), (10, 165, 90), (15, 155, 90), (20, 155, 90)]))
    (rise,) = analysis.rises
    assert rise.episode.present_at_baseline and rise.episode.clear == 155
    assert minutes(rise.episode.return_time) == 15
    assert analysis.counted == ()
    assert "limit-at-baseline" in kinds(analysis)


def test_a_baseline_just_below_the_limit_clears_at_the_baseline() -> None:
    base = cuffs([(-10, 164, 90), (-5, 164, 90)])
    (rise,) = judged(base + cuffs([(5, 165, 90), (10, 165, 90)])).rises
    assert (rise.episode.clear, rise.episode.present_at_baseline) == (164, False)
    base = cuffs([(-10, 155, 90), (-5, 155, 90)])
    (rise,) = judged(base + cuffs([(5, 165, 90), (10, 165, 90)])).rises
    assert rise.episode.clear == 155


# 3.4
def test_two_missing_epochs_are_bridged_and_three_reset() -> None:
    for hole, found in ((10, 1), (15, 0)):
        readings = rates([(-300, 0, 70), (0, 30, 95), (30 + hole, 60 + hole, 95), (60 + hole, 120, 70)])
        assert len([r for r in judged(readings).rises if r.episode.level == 1]) == found


def test_a_run_of_one_is_confirmed_at_its_onset() -> None:
    episode = judged(REST + sbp((5, 150)), ONE).rises[0].episode
    assert episode.onset == episode.confirmed == at(5)


def test_a_run_not_confirmed_when_the_session_ends_is_told_and_no_rise() -> None:
    analysis = judged(REST + sbp((5, 145)))
    assert analysis.rises == ()
    assert [(n.kind, n.time) for n in analysis.notices if n.kind == "unconfirmed"] == [("unconfirmed", at(5))]


# 3.7
def test_a_heart_rate_slower_than_15_s_is_not_evaluable() -> None:
    for step, expected in ((15, False), (16, True), (60, True)):
        assert ("HR" in not_evaluable(judged(rates([(-300, 900, 70)], step)))) is expected
    assert "HR" not in not_evaluable(judged(REST, "clinic-165-100"))  # it has no level of the heart rate


def test_a_slow_saturation_is_told_once_and_an_absent_one_not_at_all() -> None:
    slow = judged(rates([(-300, 900, 97)], 60, "SPO2"))
    assert "SPO2" in not_evaluable(slow)
    assert [notice for notice in slow.notices if notice.kind == "gap" and notice.signal == "SPO2"] == []
    assert "SPO2" not in not_evaluable(judged(REST))


def test_without_a_cuff_reading_after_the_start_the_pressure_is_not_evaluable() -> None:
    late = cuff(5, 120, 115)  # rejected
    for readings, expected in ((REST + late, True), (REST + late + sbp((10, 120)), False)):
        assert ("NIBP" in not_evaluable(judged(readings))) is expected


def test_noise_at_the_limit_makes_one_rise() -> None:
    wobble = sbp(*((5 + n, 139 + n % 3) for n in range(60)))
    assert len(judged(REST + wobble, ONE).rises) == 1


def test_limits_before_the_start_are_listed_apart() -> None:
    analysis = judged(sbp((-20, 185), (-10, 150), (-5, 150), (0, 150), (5, 150)))
    assert [e.level for e in analysis.before_start] == [3]
    assert analysis.rises == ()
    assert "limit-before-start" in kinds(analysis)


def test_a_set_with_pre_dose_limits_says_so_before_the_start() -> None:
    for value, expected in ((140, False), (141, True)):
        analysis = judged(cuffs([(-10, value, 80), (-5, value, 80), (5, 120, 70)]), preset("trial-limits"))
        assert ("pre-dose" in kinds(analysis)) is expected
